//! Comparison of JSON values, and detection of documented members that are repeated with different values.

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use std::fmt;

/// Returns `true` if two JSON texts have equal values, regardless of white space, escapes, order of members and
/// notation of numbers. Also returns `true` if either text is invalid JSON, because another check reports that.
pub(crate) fn is_same_json(first: &str, second: &str) -> bool {
    let read = |text| serde_json::from_str::<Value>(text);
    match (read(first), read(second)) {
        _ if first == second => true,
        (Ok(first), Ok(second)) => equal(&first, &second),
        _ => true,
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
    let mut walk = Walk { has_repeated, path: Vec::new(), conflict: None };
    let mut json = serde_json::Deserializer::from_str(text);
    let value = Unrepeated(&mut walk).deserialize(&mut json).and_then(|value| json.end().map(|()| value));
    match (walk.conflict, value) {
        (Some(name), Ok(_)) => Err(name),
        (None, Ok(value)) => Ok(Some(value.to_string())),
        (_, Err(_)) => Ok(None),
    }
}

fn equal(first: &Value, second: &Value) -> bool {
    match (first, second) {
        (Value::Number(first), Value::Number(second)) => equal_numbers(first, second),
        (Value::Array(first), Value::Array(second)) => {
            first.len() == second.len() && first.iter().zip(second).all(|(first, second)| equal(first, second))
        }
        (Value::Object(first), Value::Object(second)) => {
            first.len() == second.len()
                && first.iter().all(|(name, value)| second.get(name).is_some_and(|other| equal(value, other)))
        }
        _ => first == second,
    }
}

/// From 2^53 on, several integers are rounded to the same float, so equal floats do not prove equal numbers.
const EXACT: f64 = 9_007_199_254_740_992.0;

fn equal_numbers(first: &Number, second: &Number) -> bool {
    if let (Some(first), Some(second)) = (first.as_i64(), second.as_i64()) {
        return first == second;
    }
    if let (Some(first), Some(second)) = (first.as_u64(), second.as_u64()) {
        return first == second;
    }
    match (first.as_f64(), second.as_f64()) {
        (Some(first), Some(second)) => first == second && first.abs() < EXACT,
        _ => false,
    }
}

/// Largest length, in bytes, of a member's name that is probed. The limit bounds the cost of a probe. No documented
/// name is longer.
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

impl Walk<'_> {
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

/// Reads a value. Of a repeated member, the last value is kept, as in serde_json's own maps.
struct Unrepeated<'w, 'a>(&'w mut Walk<'a>);

impl<'de> DeserializeSeed<'de> for Unrepeated<'_, '_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

macro_rules! plain {
    ($($visit:ident: $of:ty),*) => { $(
        fn $visit<E>(self, value: $of) -> Result<Value, E> {
            Ok(Value::from(value))
        }
    )* };
}

impl<'de> Visitor<'de> for Unrepeated<'_, '_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    plain!(visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_f64: f64, visit_str: &str, visit_string: String);

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        self.0.path.push(Step::Entry);
        while let Some(item) = seq.next_element_seed(Unrepeated(self.0))? {
            items.push(item);
        }
        self.0.path.pop();
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut members = Map::new();
        while let Some(name) = map.next_key::<String>()? {
            self.0.path.push(Step::Member { name: name.clone(), is_known: None });
            let value = map.next_value_seed(Unrepeated(self.0))?;
            if members.get(&name).is_some_and(|first| !equal(first, &value)) {
                self.0.conflicts();
            }
            self.0.path.pop();
            members.insert(name, value);
        }
        Ok(Value::Object(members))
    }
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
            ("[1,2]", "[2,1]"),
            ("[1]", "[1,1]"),
            (r#"{"a":1}"#, r#"{"a":1,"b":null}"#),
            ("18446744073709551615", "18446744073709551614"),
            ("123456789012345678901", "123456789012345678902"),
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
