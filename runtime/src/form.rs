//! Members of a body one by one, as written in JSON. Used for hashes over single members, and for bodies in form
//! encoding.

use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;
#[cfg(feature = "client")]
use zeroize::Zeroizing;

/// Returns the members of a JSON object in order, each as written. Returns none for any other JSON.
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

/// Converts a JSON object to a form. A list becomes one pair per entry, null is left out, and an object is written as
/// JSON.
#[cfg(feature = "client")]
pub(crate) fn of_json(body: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut form = Zeroizing::new(String::with_capacity(body.len() * 2));
    for (name, written) in members(body) {
        let entries = match written.starts_with('[') {
            true => {
                serde_json::from_str::<Vec<&RawValue>>(written).unwrap_or_default().iter().map(|v| v.get()).collect()
            }
            false => vec![written],
        };
        for entry in entries.into_iter().filter(|entry| *entry != "null") {
            if !form.is_empty() {
                form.push('&');
            }
            form.extend(form_urlencoded::byte_serialize(name.as_bytes()));
            form.push('=');
            form.extend(form_urlencoded::byte_serialize(text(entry).as_bytes()));
        }
    }
    Zeroizing::new(std::mem::take(&mut *form).into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(feature = "client")]
    #[test]
    fn a_form_has_the_members_in_their_order() {
        let body =
            r#"{"type":"Refund","msg":"취소 &","price":1000,"all":true,"gone":null,"ids":["a","b"],"data":{"x":[1]}}"#;
        let form =
            "type=Refund&msg=%EC%B7%A8%EC%86%8C+%26&price=1000&all=true&ids=a&ids=b&data=%7B%22x%22%3A%5B1%5D%7D";
        assert_eq!(String::from_utf8_lossy(&of_json(body.as_bytes())), form);
    }

    #[test]
    fn a_member_is_taken_as_it_is_written() {
        let body = br#"{"a":"\uac00\n","b":{"y":1,"x":2},"c":1.50}"#;
        let read: Vec<_> = members(body).into_iter().map(|(name, written)| (name, text(written))).collect();
        let expected = [("a", "가\n"), ("b", r#"{"y":1,"x":2}"#), ("c", "1.50")];
        assert!(read.iter().map(|(name, text)| (&**name, &**text)).eq(expected), "{read:?}");
    }
}
