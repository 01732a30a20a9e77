//! Reads JSON, and rejects an object that repeats a member. Otherwise the reader would have to choose, for example,
//! between two amounts.

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use std::fmt;

/// JSON value without repeated members at any depth.
pub(crate) struct UniqueKeys(pub Value);

impl<'de> Deserialize<'de> for UniqueKeys {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Any)
    }
}

struct Any;

macro_rules! plain {
    ($($visit:ident: $of:ty),*) => { $(
        fn $visit<E>(self, value: $of) -> Result<UniqueKeys, E> {
            Ok(UniqueKeys(value.into()))
        }
    )* };
}

impl<'de> Visitor<'de> for Any {
    type Value = UniqueKeys;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    plain!(visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_f64: f64, visit_str: &str, visit_string: String);

    fn visit_unit<E>(self) -> Result<UniqueKeys, E> {
        Ok(UniqueKeys(Value::Null))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<UniqueKeys, A::Error> {
        let mut items = Vec::new();
        while let Some(UniqueKeys(item)) = seq.next_element()? {
            items.push(item);
        }
        Ok(UniqueKeys(Value::Array(items)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<UniqueKeys, A::Error> {
        let mut members = Map::new();
        while let Some((name, UniqueKeys(value))) = map.next_entry::<String, UniqueKeys>()? {
            if members.contains_key(&name) {
                return Err(A::Error::custom(twice(&name)));
            }
            members.insert(name, value);
        }
        Ok(UniqueKeys(Value::Object(members)))
    }
}

/// Returns the error message for a repeated member. A name may be any text, so it is shown only if it looks like an
/// identifier.
pub(crate) fn twice(name: &str) -> String {
    let is_plain = name.len() <= 40 && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if is_plain { format!("`{name}` is repeated") } else { "a member is repeated".to_owned() }
}
