//! Encodes messages as a service sends them, for tests of receivers.

use crate::decode::object::{Members, serialize_members};
use serde::Serializer;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// Value that is serialized as an object, member by member.
pub(crate) struct AsObject<'a, T>(pub(crate) &'a T);

impl<T: Members> serde::Serialize for AsObject<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serialize_members(self.0, serializer)
    }
}

/// Returns a message in JSON.
pub fn message_json(message: &impl Members) -> String {
    // Members have text names and JSON values, so this cannot fail.
    serde_json::to_string(&AsObject(message)).unwrap_or_default()
}

/// Returns a message as a form or query. Null is left out, and so are lists and objects, because a form cannot
/// represent them.
pub fn message_form(message: &impl Members) -> String {
    form_of(&message_json(message))
}

/// Converts a JSON object to a form. This is a separate function, so that it is compiled once, and not for each message
/// type.
fn form_of(json: &str) -> String {
    let mut form = form_urlencoded::Serializer::new(String::new());
    // `message_json` has written an object, so parsing succeeds.
    let members: BTreeMap<String, &RawValue> = serde_json::from_str(json).unwrap_or_default();
    for (name, value) in members {
        match value.get() {
            "null" => continue,
            nested if nested.starts_with(['[', '{']) => continue,
            text if text.starts_with('"') => {
                form.append_pair(&name, &serde_json::from_str::<String>(text).unwrap_or_default())
            }
            word => form.append_pair(&name, word),
        };
    }
    form.finish()
}
