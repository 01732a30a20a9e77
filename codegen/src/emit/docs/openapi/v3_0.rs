//! Converts a document from OpenAPI 3.1 to 3.0, for tools that do not read 3.1.
//!
//! Schemas become equivalent schemas of 3.0: `nullable` replaces the type `null`, `enum` replaces `const`, `anyOf` with
//! `not` replaces a condition (`if`), and a boolean beside `minimum` or `maximum` marks an exclusive bound. Keywords
//! without an equivalent move to `x-json-schema`, and webhooks move to `x-webhooks`.

use super::JsonObject;
use serde_json::{Value, json};

/// Keywords of a schema in 3.0, without extensions.
const KEYWORDS: [&str; 35] = [
    "$ref",
    "title",
    "multipleOf",
    "maximum",
    "exclusiveMaximum",
    "minimum",
    "exclusiveMinimum",
    "maxLength",
    "minLength",
    "pattern",
    "maxItems",
    "minItems",
    "uniqueItems",
    "maxProperties",
    "minProperties",
    "required",
    "enum",
    "type",
    "not",
    "allOf",
    "oneOf",
    "anyOf",
    "items",
    "properties",
    "additionalProperties",
    "description",
    "format",
    "default",
    "nullable",
    "discriminator",
    "readOnly",
    "writeOnly",
    "example",
    "externalDocs",
    "deprecated",
];

pub(super) fn document(mut document: Value) -> Value {
    document["openapi"] = "3.0.3".into();
    if let Some(info) = document["info"].as_object_mut() {
        info.shift_remove("summary");
        if let Some(license) = info.get_mut("license").and_then(Value::as_object_mut) {
            license.shift_remove("identifier");
        }
    }
    if let Some(webhooks) = document.as_object_mut().and_then(|members| members.shift_remove("webhooks")) {
        document["x-webhooks"] = webhooks;
        let before = document["info"]["description"].as_str().unwrap_or_default();
        let place = "OpenAPI 3.0 has no webhooks. `x-webhooks` has the messages that the service sends, as path items.";
        document["info"]["description"] = format!("{before}\n\n{place}").into();
    }
    for key in ["paths", "x-webhooks"] {
        if let Some(items) = document.get_mut(key) {
            outside(items);
        }
    }
    if let Some(Value::Object(schemas)) = document["components"].get_mut("schemas") {
        schemas.values_mut().for_each(|of| *of = schema(of.take()));
    }
    document
}

/// Converts all schemas below a value, except for those in examples and extensions.
fn outside(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (key, member) in members {
                match key.as_str() {
                    "schema" => *member = schema(member.take()),
                    "example" | "examples" => {}
                    extension if extension.starts_with("x-") => {}
                    _ => outside(member),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(outside),
        _ => {}
    }
}

fn schema(from: Value) -> Value {
    let mut of = match from {
        Value::Object(of) => of,
        // The schema `false` allows nothing, and the schema `true` allows everything.
        Value::Bool(false) => return json!({ "not": {} }),
        _ => return json!({}),
    };
    for key in ["properties"] {
        if let Some(Value::Object(schemas)) = of.get_mut(key) {
            schemas.values_mut().for_each(|inner| *inner = schema(inner.take()));
        }
    }
    for key in ["items", "not", "if", "then", "else"] {
        if let Some(inner) = of.get_mut(key) {
            *inner = schema(inner.take());
        }
    }
    if let Some(inner) = of.get_mut("additionalProperties").filter(|inner| inner.is_object()) {
        *inner = schema(inner.take());
    }
    for key in ["allOf", "oneOf", "anyOf"] {
        choices(&mut of, key);
    }
    constant(&mut of);
    types(&mut of);
    conditions(&mut of);
    bounds(&mut of);
    if let Some(Value::Array(examples)) = of.shift_remove("examples")
        && let Some(first) = examples.into_iter().next()
    {
        of.insert("example".into(), first);
    }
    reference(&mut of);
    leave_out(&mut of);
    Value::Object(of)
}

/// Converts the alternatives that the keyword `key` (such as `oneOf`) lists. If an alternative is the type `null`, this
/// alternative is removed, and the schema becomes nullable.
fn choices(of: &mut JsonObject, key: &str) {
    let Some(Value::Array(forms)) = of.shift_remove(key) else { return };
    let is_null = |form: &Value| *form == json!({ "type": "null" });
    let (nulls, forms): (Vec<Value>, Vec<Value>) = forms.into_iter().partition(is_null);
    let forms: Vec<Value> = forms.into_iter().map(schema).collect();
    if nulls.is_empty() {
        of.insert(key.into(), forms.into());
        return;
    }
    of.insert("nullable".into(), true.into());
    match forms.len() {
        0 => {
            of.insert("enum".into(), json!([null]));
        }
        // Generators turn `allOf` with one schema into an optional value. They would turn `oneOf` or `anyOf` with one
        // schema into a union with an unnamed case.
        1 => all_of(of, forms),
        _ => {
            of.insert(key.into(), forms.into());
        }
    }
}

fn constant(of: &mut JsonObject) {
    if let Some(value) = of.shift_remove("const") {
        if !of.contains_key("type") {
            let name = match &value {
                Value::String(_) => Some("string"),
                Value::Bool(_) => Some("boolean"),
                Value::Number(number) if number.is_f64() => Some("number"),
                Value::Number(_) => Some("integer"),
                _ => None,
            };
            if let Some(name) = name {
                of.insert("type".into(), name.into());
            }
        }
        if value.is_null() {
            of.insert("nullable".into(), true.into());
        }
        of.insert("enum".into(), json!([value]));
    }
}

/// Converts a list of types. The type `null` becomes `nullable`. If several types remain, they become alternatives of
/// `anyOf`.
fn types(of: &mut JsonObject) {
    let Some(types) = of.get("type") else { return };
    let types: Vec<Value> = match types {
        Value::Array(types) => types.clone(),
        one => vec![one.clone()],
    };
    let (nulls, types): (Vec<Value>, Vec<Value>) = types.into_iter().partition(|name| name == "null");
    if !nulls.is_empty() {
        of.insert("nullable".into(), true.into());
    }
    match types.as_slice() {
        [] => {
            of.shift_remove("type");
            of.insert("enum".into(), json!([null]));
        }
        [one] => {
            of.insert("type".into(), one.clone());
        }
        several => {
            of.shift_remove("type");
            let nullable = !nulls.is_empty();
            let forms = several.iter().map(|name| match nullable {
                true => json!({ "type": name, "nullable": true }),
                false => json!({ "type": name }),
            });
            let forms: Vec<Value> = forms.collect();
            any_of(of, forms);
        }
    }
}

/// Converts conditions: "if A, then B" becomes "not A, or B".
fn conditions(of: &mut JsonObject) {
    let (then, otherwise) = (of.shift_remove("then"), of.shift_remove("else"));
    if let Some(condition) = of.shift_remove("if") {
        if let Some(then) = then {
            all_of(of, vec![json!({ "anyOf": [{ "not": condition.clone() }, then] })]);
        }
        if let Some(otherwise) = otherwise {
            all_of(of, vec![json!({ "anyOf": [condition, otherwise] })]);
        }
    }
    if let Some(Value::Object(needs)) = of.shift_remove("dependentRequired") {
        let forms = needs
            .into_iter()
            .map(|(key, others)| json!({ "anyOf": [{ "not": { "required": [key] } }, { "required": others }] }));
        all_of(of, forms.collect());
    }
}

/// Converts an exclusive bound to a bound and a boolean, unless an inclusive bound is stricter.
fn bounds(of: &mut JsonObject) {
    for (exclusive, inclusive, is_stricter) in [
        ("exclusiveMinimum", "minimum", (|bound, other| bound >= other) as fn(f64, f64) -> bool),
        ("exclusiveMaximum", "maximum", |bound, other| bound <= other),
    ] {
        let Some(bound) = of.shift_remove(exclusive) else { continue };
        let Some(number) = bound.as_f64() else { continue };
        if of.get(inclusive).and_then(Value::as_f64).is_none_or(|other| is_stricter(number, other)) {
            of.insert(inclusive.into(), bound);
            of.insert(exclusive.into(), true.into());
        }
    }
}

/// Moves `$ref` into `allOf` if the schema has other keywords, because OpenAPI 3.0 ignores keywords beside `$ref`.
fn reference(of: &mut JsonObject) {
    if of.len() > 1
        && let Some(to) = of.shift_remove("$ref")
    {
        all_of(of, vec![json!({ "$ref": to })]);
    }
}

fn all_of(of: &mut JsonObject, forms: Vec<Value>) {
    match of.get_mut("allOf") {
        Some(Value::Array(before)) => before.extend(forms),
        _ => {
            of.insert("allOf".into(), forms.into());
        }
    }
}

fn any_of(of: &mut JsonObject, forms: Vec<Value>) {
    match of.contains_key("anyOf") {
        true => all_of(of, vec![json!({ "anyOf": forms })]),
        false => {
            of.insert("anyOf".into(), forms.into());
        }
    }
}

/// Moves the keywords that are not part of OpenAPI 3.0 to `x-json-schema`.
fn leave_out(of: &mut JsonObject) {
    let unknown: Vec<String> =
        of.keys().filter(|key| !key.starts_with("x-") && !KEYWORDS.contains(&key.as_str())).cloned().collect();
    let aside: JsonObject =
        unknown.into_iter().filter_map(|key| of.shift_remove(&key).map(|value| (key, value))).collect();
    if !aside.is_empty() {
        of.insert("x-json-schema".into(), Value::Object(aside));
    }
}
