//! Rules between the members of a request: dependencies and exclusions.

use super::super::JsonObject;
use super::literal;
use crate::resolved::{Api, Field};
use crate::spec::Literal;
use serde_json::{Value, json};

/// Returns the rule that exactly one of these members is present. If `mandatory` is `false`, all of these members may
/// be absent instead.
pub(super) fn exactly_one(choices: &[Field], mandatory: bool) -> Value {
    let with = |c: &Field| json!({ "properties": { &c.wire: {} }, "required": [c.wire], "additionalProperties": true });
    let mut alternatives: Vec<Value> = choices.iter().map(with).collect();
    if !mandatory {
        let any: Vec<Value> = choices.iter().map(with).collect();
        alternatives.push(json!({ "not": { "anyOf": any } }));
    }
    json!({ "oneOf": alternatives })
}

/// Returns the rules of `mandatory_when`, one for each condition (a field and its value).
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
            // The members are declared again, without a type, for tools that read only this subschema.
            let again: JsonObject = demanded.iter().map(|wire| ((*wire).to_owned(), json!({}))).collect();
            let mut holds = json!({ "properties": { name: { "const": literal(api, &other.kind, value) } } });
            // Without `required`, an absent member satisfies the condition too. That is right if the value is the
            // default.
            if other.spec.default.as_ref() != Some(value) {
                holds["required"] = json!([name]);
            }
            Some(json!({
                "if": holds,
                "then": { "properties": again, "required": demanded, "additionalProperties": true },
            }))
        })
        .collect()
}
