//! Schemas of enumerations. A closed enumeration allows only the listed values. An open enumeration lists the known
//! values as examples, and allows other values.

use super::super::{JsonObject, vocabulary};
use crate::names::camel;
use crate::resolved::Named;
use crate::spec::{Coding, Enum};
use serde_json::{Value, json};

pub(super) fn schema(definition: &Named<Enum>, closed: bool) -> Value {
    let of = &definition.spec;
    let integer = of.coded_as == Coding::Integer;
    let wire = |text: &String| match text.parse::<i64>() {
        Ok(number) if integer => json!(number),
        _ => json!(text),
    };
    let values: Vec<Value> = of.values.keys().map(wire).collect();
    let mut description = vec![vocabulary::plain(&of.doc), String::new()];
    description
        .extend(of.values.iter().map(|(wire, value)| format!("- `{wire}`: {}", vocabulary::plain(&value.means))));
    if !closed {
        description.extend([String::new(), "Other values are possible.".into()]);
    }
    if of.any_case {
        description.extend([String::new(), "In replies, upper and lower case have the same meaning.".into()]);
    }
    let mut schema = json!({
        "type": if integer { "integer" } else { "string" },
        "description": description.join("\n"),
    });
    if closed {
        schema["enum"] = Value::Array(values);
        let names: Vec<String> =
            of.values.iter().map(|(wire, value)| camel(value.name.as_deref().unwrap_or(wire))).collect();
        schema["x-enum-varnames"] = names.into();
    } else {
        schema["examples"] = Value::Array(values.clone());
        schema["x-extensible-enum"] = Value::Array(values);
    }
    let transitions: JsonObject = of
        .values
        .iter()
        .filter_map(|(wire, value)| {
            let next = value.next.as_ref()?;
            let allows = value.allows.as_deref().unwrap_or_default();
            Some((wire.clone(), json!({ "next": next, "allows": allows, "initial": value.initial })))
        })
        .collect();
    if !transitions.is_empty() {
        schema["x-transitions"] = Value::Object(transitions);
    }
    schema
}
