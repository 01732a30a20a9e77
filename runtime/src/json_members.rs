//! Members of a JSON object one by one, exactly as written. Used for hashes over single members, for proofs of
//! callbacks, and for forms.

use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

/// Returns the names of a JSON object's members and their values as written, in order. Returns an empty list for any
/// other JSON.
pub(crate) fn members(body: &[u8]) -> Vec<(Cow<'_, str>, &str)> {
    let mut json = serde_json::Deserializer::from_slice(body);
    json.deserialize_map(InOrder).unwrap_or_default()
}

struct InOrder;

impl<'de> Visitor<'de> for InOrder {
    type Value = Vec<(Cow<'de, str>, &'de str)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(name) = map.next_key::<Cow<'de, str>>()? {
            members.push((name, map.next_value::<&RawValue>()?.get()));
        }
        Ok(members)
    }
}

/// Returns a value as text: a JSON text without its quotes, any other value as written.
pub(crate) fn text(written: &str) -> Cow<'_, str> {
    match serde_json::from_str::<String>(written) {
        Ok(text) => Cow::Owned(text),
        Err(_) => Cow::Borrowed(written),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_is_read_as_written() {
        let body = br#"{"a":"\uac00\n","b":{"y":1,"x":2},"c":1.50}"#;
        let read: Vec<_> = members(body).into_iter().map(|(name, written)| (name, text(written))).collect();
        let expected = [("a", "가\n"), ("b", r#"{"y":1,"x":2}"#), ("c", "1.50")];
        assert!(read.iter().map(|(name, text)| (&**name, &**text)).eq(expected), "{read:?}");
    }
}
