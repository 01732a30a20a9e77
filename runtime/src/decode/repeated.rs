//! Comparison of JSON values, and detection of documented members that are repeated with different values.

use crate::json::Json;
use serde_json::Value;
use std::collections::BTreeMap;

/// Returns `true` if two JSON texts have equal values, regardless of white space, escapes, order of members and
/// notation of numbers. Also returns `true` if either text is invalid JSON, because another check reports that.
pub(crate) fn is_same_json(first: &str, second: &str) -> bool {
    let read = |text| Json::parse(text).map(|value| Walk::new(&mut |_| false).distinct(value));
    match (read(first), read(second)) {
        (Ok(first), Ok(second)) => first.is_same(&second),
        // `Json` refuses an object that poses as a number. It differs from any other value.
        _ => match (serde_json::from_str::<Value>(first), serde_json::from_str::<Value>(second)) {
            (Ok(first), Ok(second)) => first == second,
            _ => true,
        },
    }
}

/// Returns a JSON text in which each member occurs once, with its last value. Returns `None` for invalid JSON.
///
/// A documented member must not have two different values. This function does not know which members are documented.
/// For a member with two values, it calls `has_repeated` with a small JSON text in which that member occurs twice at
/// its path. `has_repeated` reads this text, and returns `true` if the member is documented.
///
/// # Errors
///
/// Returns the name of a documented member that occurs with two different values.
pub(crate) fn unrepeated(text: &str, has_repeated: &mut dyn FnMut(&str) -> bool) -> Result<Option<String>, String> {
    let Ok(value) = Json::parse(text) else { return Ok(None) };
    let mut walk = Walk::new(has_repeated);
    let value = walk.distinct(value);
    match walk.conflict {
        Some(name) => Err(name),
        None => Ok(Some(value.to_string())),
    }
}

/// Largest length, in bytes, of a member's name that is probed. The limit bounds the cost of a probe. A longer name
/// counts as undocumented.
const LONGEST_NAME: usize = 256;

/// State of the walk through a text.
struct Walk<'a> {
    has_repeated: &'a mut dyn FnMut(&str) -> bool,
    path: Vec<Step>,
    /// First documented member with two different values.
    conflict: Option<String>,
}

/// Step on the path to a value.
enum Step {
    Entry,
    Member {
        name: String,
        /// Set if the member is documented. `None` until the member is probed.
        is_known: Option<bool>,
    },
}

impl<'a> Walk<'a> {
    fn new(has_repeated: &'a mut dyn FnMut(&str) -> bool) -> Self {
        Self { has_repeated, path: Vec::new(), conflict: None }
    }

    /// Returns the value in which each member occurs once, with its last value.
    fn distinct(&mut self, value: Json) -> Json {
        match value {
            Json::List(entries) => {
                self.path.push(Step::Entry);
                let entries = entries.into_iter().map(|entry| self.distinct(entry)).collect();
                self.path.pop();
                Json::List(entries)
            }
            Json::Object(members) => Json::Object(self.distinct_members(members)),
            scalar => scalar,
        }
    }

    fn distinct_members(&mut self, members: Vec<(String, Json)>) -> Vec<(String, Json)> {
        let mut distinct: Vec<(String, Json)> = Vec::new();
        let mut positions = BTreeMap::new();
        for (name, value) in members {
            self.path.push(Step::Member { name: name.clone(), is_known: None });
            let value = self.distinct(value);
            let position = *positions.entry(name.clone()).or_insert(distinct.len());
            match distinct.get_mut(position) {
                Some((_, kept)) => {
                    if !kept.is_same(&value) {
                        self.conflicts();
                    }
                    *kept = value;
                }
                None => distinct.push((name, value)),
            }
            self.path.pop();
        }
        distinct
    }

    /// Handles the member at the end of the path, whose value differs from that of its previous occurrence. If the
    /// member is documented, it becomes the conflict.
    fn conflicts(&mut self) {
        if self.conflict.is_none()
            && self.is_documented()
            && let Some(Step::Member { name, .. }) = self.path.last()
        {
            self.conflict = Some(name.clone());
        }
    }

    /// Returns `true` if each name on the path, from the outermost, is documented.
    fn is_documented(&mut self) -> bool {
        for end in 0..self.path.len() {
            let Step::Member { name, is_known } = &self.path[end] else { continue };
            let is_known = match *is_known {
                Some(is_known) => is_known,
                None => name.len() <= LONGEST_NAME && (self.has_repeated)(&probe(&self.path[..end], name)),
            };
            if let Step::Member { is_known: known, .. } = &mut self.path[end] {
                *known = Some(is_known);
            }
            if !is_known {
                return false;
            }
        }
        true
    }
}

/// Returns a JSON text in which the member `name` occurs twice, inside the objects and lists of `path`.
fn probe(path: &[Step], name: &str) -> String {
    let quoted = |name: &str| Value::from(name).to_string();
    let mut text = String::new();
    for step in path {
        text += &match step {
            Step::Entry => "[".to_owned(),
            Step::Member { name, .. } => format!("{{{}:", quoted(name)),
        };
    }
    text += &format!("{{{0}:null,{0}:null}}", quoted(name));
    text.extend(path.iter().rev().map(|step| if matches!(step, Step::Entry) { ']' } else { '}' }));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_may_be_written_differently() {
        for (first, second) in [
            ("1000", "1000"),
            ("1000", "1000.0"),
            ("1e3", "1000"),
            ("-0", "0"),
            (r#""a""#, r#""a""#),
            ("[1, 2]", "[1,2]"),
            (r#"{"a":1,"b":2}"#, r#"{"b":2,"a":1}"#),
            ("1e300", "1e300"),
            ("0.12345678901234567890", "0.1234567890123456789"),
            (r#""\"1\\""#, r#""\u00221\\""#),
            ("null", "null"),
        ] {
            assert!(is_same_json(first, second), "{first} {second}");
        }
    }

    #[test]
    fn different_values_are_not_equal() {
        for (first, second) in [
            ("1000", "1001"),
            ("1000", r#""1000""#),
            ("null", "0"),
            ("true", "1"),
            (r#"{"$serde_json::private::Number":"x"}"#, "1"),
            (r#"{"$serde_json::private::Number":"1"}"#, "1"),
            ("[1,2]", "[2,1]"),
            ("[1]", "[1,1]"),
            (r#"{"a":1}"#, r#"{"a":1,"b":null}"#),
            ("18446744073709551615", "18446744073709551614"),
            ("123456789012345678901", "123456789012345678902"),
            ("0.12345678901234567", "0.12345678901234568"),
            (r#"["\"-1\\",1.5]"#, r#"["\"-1\\",2.5]"#),
        ] {
            assert!(!is_same_json(first, second), "{first} {second}");
        }
    }

    /// Returns the conflict in a text. The documented members are `a` and, inside `a`, `b`.
    fn conflict(text: &str) -> Option<String> {
        let mut probes = Vec::new();
        let known = [r#"{"a":null,"a":null}"#, r#"{"a":{"b":null,"b":null}}"#, r#"{"a":[{"b":null,"b":null}]}"#];
        let mut has_repeated = |probe: &str| {
            probes.push(probe.to_owned());
            known.contains(&probe)
        };
        let found = unrepeated(text, &mut has_repeated).err();
        assert!(probes.len() < 10, "{text}: {probes:?}");
        found
    }

    #[test]
    fn a_contradiction_of_a_known_member_is_found_at_any_depth() {
        assert_eq!(conflict(r#"{"a":[{"b":1,"b":1.0}]}"#), None);
        assert_eq!(conflict(r#"{"a":[{"b":1},{"b":1,"b":2}]}"#).as_deref(), Some("b"));
        assert_eq!(conflict(r#"{"a":{"b":{},"b":[]}}"#).as_deref(), Some("b"));
        assert_eq!(conflict(r#"{"a":1,"\u0061":2}"#).as_deref(), Some("a"));
        assert_eq!(conflict(r#"{"a":"#), None);
    }

    #[test]
    fn a_contradiction_of_an_unknown_member_decides_nothing_and_costs_little() {
        assert_eq!(conflict(r#"{"x":1,"x":2}"#), None);
        assert_eq!(conflict(r#"{"x":{"b":1,"b":2}}"#), None);
        assert_eq!(conflict(r#"{"a":{"b":{"x":1,"x":2}}}"#), None);
        let many = r#"{"b":1,"b":2},"#.repeat(1_000);
        assert_eq!(conflict(&format!(r#"{{"x":[{many}0]}}"#)), None);
        let long = "x".repeat(1_000);
        assert_eq!(conflict(&format!(r#"{{"{long}":1,"{long}":2}}"#)), None);
    }
}
