//! Rules between the members of a request: which demand which, and which exclude each other.

use super::super::JsonObject;
use super::literal;
use crate::resolved::{Api, Field};
use crate::spec::Literal;
use serde_json::{Value, json};

/// Exactly one of these members; when it is not mandatory, at most one.
pub(super) fn exactly_one(choices: &[Field], mandatory: bool) -> Value {
    let with = |c: &Field| json!({ "properties": { &c.wire: {} }, "required": [c.wire], "additionalProperties": true });
    let mut alternatives: Vec<Value> = choices.iter().map(with).collect();
    if !mandatory {
        let any: Vec<Value> = choices.iter().map(with).collect();
        alternatives.push(json!({ "not": { "anyOf": any } }));
    }
    json!({ "oneOf": alternatives })
}

/// `mandatory_when`, one rule for each field and value that demand others.
pub(super) fn conditions(api: &Api, fields: &[&Field]) -> Vec<Value> {
    let mut found: Vec<(&str, &Literal, Vec<&str>)> = Vec::new();
    for field in fields {
        for (other, value) in field.spec.mandatory_when.iter().flatten() {
            match found.iter_mut().find(|(name, of, _)| name == other && *of == value) {
                Some((_, _, demanded)) => demanded.push(&field.wire),
                None => found.push((other, value, vec![&field.wire])),
            }
        }
    }
    found
        .into_iter()
        .filter_map(|(name, value, demanded)| {
            let other = fields.iter().find(|f| f.wire == name)?;
            // Declared again, and open, for readers who look at this part alone.
            let again: JsonObject = demanded.iter().map(|wire| ((*wire).to_owned(), json!({}))).collect();
            Some(json!({
                "if": {
                    "properties": { name: { "const": literal(api, &other.kind, value) } },
                    "required": [name],
                },
                "then": { "properties": again, "required": demanded, "additionalProperties": true },
            }))
        })
        .collect()
}
