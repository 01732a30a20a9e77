//! Writes messages as a service would send them, for tests of whoever receives them.

use crate::object::{Members, serialize_members};
use serde::Serializer;
use serde_json::Value;

struct Written<'a, T>(&'a T);

impl<T: Members> serde::Serialize for Written<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serialize_members(self.0, serializer)
    }
}

/// A message in JSON.
pub fn message_json(message: &impl Members) -> String {
    // Members have text names, and values that JSON has.
    serde_json::to_string(&Written(message)).unwrap_or_default()
}

/// A message in the form of a form, or of a query. Lists and objects have no place there and are left out.
pub fn message_form(message: &impl Members) -> String {
    form_of(&message_json(message))
}

fn form_of(json: &str) -> String {
    let mut form = form_urlencoded::Serializer::new(String::new());
    if let Ok(Value::Object(members)) = serde_json::from_str(json) {
        for (name, value) in members {
            match value {
                Value::String(text) => form.append_pair(&name, &text),
                Value::Bool(_) | Value::Number(_) => form.append_pair(&name, &value.to_string()),
                Value::Null | Value::Array(_) | Value::Object(_) => continue,
            };
        }
    }
    form.finish()
}
