//! Whether two JSON values are equal, and whether one value contradicts itself, for messages that have a member more
//! than once.

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use std::fmt;

/// Whether two JSON texts have equal values: white space, escapes, the order of members and the notation of a number
/// make no difference. Of a text that cannot be read this says nothing, which is `true`: reading it fails elsewhere.
pub(crate) fn json(first: &str, second: &str) -> bool {
    let read = |text| serde_json::from_str::<Consistent>(text);
    match (read(first), read(second)) {
        _ if first == second => true,
        (Ok(first), Ok(second)) => equal(&first.value, &second.value),
        _ => true,
    }
}

/// Whether no object in a JSON text has a member with two different values. `true` of a text that cannot be read.
pub(crate) fn is_consistent(text: &str) -> bool {
    // Most values are scalars, and need no second look.
    !text.starts_with(['{', '['])
        || serde_json::from_str::<Consistent>(text).map_or(true, |read| read.conflict.is_none())
}

/// A JSON text in which each member comes once, where those that came several times have equal values. `None` for a
/// text that cannot be read.
///
/// # Errors
///
/// Returns the name of a member that comes with two different values.
pub(crate) fn unrepeated(text: &str) -> Result<Option<String>, String> {
    match serde_json::from_str::<Consistent>(text) {
        Ok(Consistent { conflict: Some(name), .. }) => Err(name),
        Ok(Consistent { value, conflict: None }) => Ok(Some(value.to_string())),
        Err(_) => Ok(None),
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

/// Beyond 2^53 a float stands for several integers, so that two of them prove nothing.
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

/// A value, of repeated members the last, as readers take them.
struct Consistent {
    value: Value,
    /// The first member that came with two different values.
    conflict: Option<String>,
}

impl From<Value> for Consistent {
    fn from(value: Value) -> Self {
        Self { value, conflict: None }
    }
}

impl<'de> Deserialize<'de> for Consistent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Any)
    }
}

struct Any;

macro_rules! plain {
    ($($visit:ident: $of:ty),*) => { $(
        fn $visit<E>(self, value: $of) -> Result<Consistent, E> {
            Ok(Value::from(value).into())
        }
    )* };
}

impl<'de> Visitor<'de> for Any {
    type Value = Consistent;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    plain!(visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_f64: f64, visit_str: &str, visit_string: String);

    fn visit_unit<E>(self) -> Result<Consistent, E> {
        Ok(Value::Null.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Consistent, A::Error> {
        let (mut items, mut conflict) = (Vec::new(), None);
        while let Some(item) = seq.next_element::<Consistent>()? {
            conflict = conflict.or(item.conflict);
            items.push(item.value);
        }
        Ok(Consistent { value: Value::Array(items), conflict })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Consistent, A::Error> {
        let (mut members, mut conflict) = (Map::new(), None);
        while let Some((name, item)) = map.next_entry::<String, Consistent>()? {
            let differs = members.get(&name).is_some_and(|first| !equal(first, &item.value));
            conflict = conflict.or(item.conflict).or_else(|| differs.then(|| name.clone()));
            members.insert(name, item.value);
        }
        Ok(Consistent { value: Value::Object(members), conflict })
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
            assert!(json(first, second), "{first} {second}");
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
            assert!(!json(first, second), "{first} {second}");
        }
    }

    #[test]
    fn a_contradiction_is_found_at_any_depth() {
        assert!(is_consistent(r#"{"a":[{"b":1,"b":1.0}]}"#));
        assert!(!is_consistent(r#"{"a":[{"b":1,"b":2}]}"#));
        assert!(is_consistent(r#"{"a":"#));
    }
}
