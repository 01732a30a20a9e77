//! Bodies in form encoding.

use crate::json_members::{members, text};
use serde_json::value::RawValue;
use zeroize::Zeroizing;

/// Converts a JSON object to a form. A list becomes one pair per entry, null is left out, and an object is written as
/// JSON.
pub(crate) fn of_json(body: &[u8]) -> Zeroizing<Vec<u8>> {
    let members = members(body);
    let mut pairs = Vec::new();
    for (name, written) in &members {
        let entries = match written.starts_with('[') {
            true => {
                let entries: Vec<&RawValue> = serde_json::from_str(written).unwrap_or_default();
                entries.into_iter().map(RawValue::get).collect()
            }
            false => vec![*written],
        };
        pairs.extend(entries.into_iter().filter(|entry| *entry != "null").map(|entry| (name, entry)));
    }
    // A byte needs up to three characters. Growing the buffer would leave copies of its secrets in memory.
    let capacity = pairs.iter().map(|(name, entry)| 3 * (name.len() + entry.len()) + 2).sum();
    let mut form = Zeroizing::new(String::with_capacity(capacity));
    for (name, entry) in pairs {
        if !form.is_empty() {
            form.push('&');
        }
        form.extend(form_urlencoded::byte_serialize(name.as_bytes()));
        form.push('=');
        form.extend(form_urlencoded::byte_serialize(text(entry).as_bytes()));
    }
    Zeroizing::new(std::mem::take(&mut *form).into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_has_the_members_in_their_order() {
        let body =
            r#"{"type":"Refund","msg":"취소 &","price":1000,"all":true,"gone":null,"ids":["a","b"],"data":{"x":[1]}}"#;
        let form =
            "type=Refund&msg=%EC%B7%A8%EC%86%8C+%26&price=1000&all=true&ids=a&ids=b&data=%7B%22x%22%3A%5B1%5D%7D";
        assert_eq!(String::from_utf8_lossy(&of_json(body.as_bytes())), form);
    }
}
