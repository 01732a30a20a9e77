//! Responses: the envelope with its payload, the failure, and the meaning of each HTTP status.

use super::schemas::{Direction, Schemas, flat, require};
use super::{JsonObject, vocabulary};
use crate::analysis::{envelope_names, is_success, to_json};
use crate::names::camel;
use crate::resolved::{Api, Field, Operation};
use crate::spec::{HttpStatus, Literal, Map, StatusOutcome};
use serde_json::{Value, json};

/// Returns the responses of an operation.
pub(super) fn responses(api: &Api, schemas: &mut Schemas<'_>, op: &Operation) -> JsonObject {
    let success = schemas.named(&format!("{}Reply", camel(&op.id)), |schemas| success(api, schemas, op));
    let failure = schemas.named(&schemas.free("Failure".into()), |_| failure(api));
    let codes: Vec<String> = op
        .spec
        .errors
        .iter()
        .map(|(code, of)| format!("- `{code}`: {} ({})", vocabulary::plain(&of.means), vocabulary::advice(of.advice)))
        .collect();
    let examples = |wanted: bool| -> JsonObject {
        let replies = op.spec.examples.iter().filter_map(|e| Some((&e.title, to_json(e.reply.as_ref()?))));
        let fitting = replies.filter(|(_, reply)| wanted || !is_success(api, reply));
        fitting.map(|(title, value)| vocabulary::example(title, value)).collect()
    };
    let mut responses = JsonObject::new();
    for (status, rule) in &api.spec.http_statuses {
        let mut content = json!({ "schema": failure });
        let mut description = vocabulary::plain(&rule.means);
        if rule.outcome.is_none() {
            content = json!({ "schema": { (either(api)): [success, failure] } });
            let examples = examples(true);
            if !examples.is_empty() {
                content["examples"] = Value::Object(examples);
            }
            if !codes.is_empty() {
                description = format!("{description}\n\nCodes of failures:\n\n{}", codes.join("\n"));
            }
        }
        add(&mut responses, status, rule, description, Some(content));
    }
    if !responses.keys().any(|key| key.starts_with('4')) {
        let description = "The page does not document this status. A body is read like any other reply.";
        responses.insert(
            "4XX".into(),
            json!({ "description": description, "content": { "application/json": { "schema": failure } } }),
        );
    }
    responses
}

/// Returns the keyword that combines success and failure. They exclude each other, but some generators ignore boolean
/// constants and find that both match. `oneOf` forbids that; `anyOf` selects success if its payload is present.
fn either(api: &Api) -> &'static str {
    match api.spec.envelope.success.equals {
        Literal::Bool(_) => "anyOf",
        Literal::Integer(_) | Literal::Text(_) => "oneOf",
    }
}

/// Returns the responses of a receiver, which are statuses only.
pub(super) fn answers(answer: Option<u16>, statuses: &Map<HttpStatus>) -> JsonObject {
    let mut responses = JsonObject::new();
    for (status, rule) in statuses {
        add(&mut responses, status, rule, vocabulary::plain(&rule.means), None);
    }
    if let Some(answer) = answer {
        responses.entry(answer.to_string()).or_insert_with(|| json!({ "description": "Received." }));
    }
    if responses.is_empty() {
        responses.insert("default".into(), json!({ "description": "The sender ignores the response." }));
    }
    responses
}

/// Adds a response. `50x` becomes `5XX`, and the description keeps the narrower range. Text that is not a number
/// becomes `default`.
fn add(responses: &mut JsonObject, status: &str, rule: &HttpStatus, mut description: String, content: Option<Value>) {
    let exact = status.len() == 3 && status.chars().all(|c| c.is_ascii_digit());
    let key = match status.chars().next() {
        Some(_) if exact => status.to_owned(),
        Some(first @ '1'..='5') => format!("{first}XX"),
        _ => "default".into(),
    };
    if !exact && key != "default" && !status.ends_with("xx") {
        description = format!("{status}: {description}");
    }
    if let Some(before) = responses.get_mut(&key) {
        let both = format!("{}\n\n{description}", before["description"].as_str().unwrap_or_default());
        before["description"] = both.into();
        return;
    }
    let mut response = json!({ "description": description });
    if let Some(content) = content {
        response["content"] = json!({ "application/json": content });
    }
    match rule.outcome {
        None => {}
        Some(StatusOutcome::Rejected) => response["x-outcome"] = "rejected".into(),
        Some(StatusOutcome::Unknown) => response["x-outcome"] = "unknown".into(),
    }
    responses.insert(key, response);
}

fn success(api: &Api, schemas: &mut Schemas<'_>, op: &Operation) -> Value {
    let envelope = &api.spec.envelope;
    let mut root = match &envelope.payload {
        None => schemas.object(&flat(api, &op.reply), Direction::Received),
        Some(path) => {
            let mut root = json!({ "type": "object", "additionalProperties": true });
            for member in [&envelope.code, &envelope.message] {
                put(&mut root, member, text_of(api, &op.reply, member), false);
            }
            let always = op.reply.iter().any(|field| field.spec.always);
            if let Some(payload) = payload(api, schemas, op) {
                put(&mut root, path, payload, always);
            }
            root
        }
    };
    root["description"] = format!("The reply of `{}` after a success.", op.id).into();
    let said = constant(api, &op.reply, &envelope.success.member, Some(&envelope.success.equals));
    put(&mut root, &envelope.success.member, said, true);
    root
}

/// Returns the schema of the envelope's payload member.
fn payload(api: &Api, schemas: &mut Schemas<'_>, op: &Operation) -> Option<Value> {
    if op.reply.is_empty() {
        return None;
    }
    Some(match op.reply.iter().find(|field| field.wire == "[]") {
        Some(list) => schemas.field(list, Direction::Received),
        None => schemas.object(&flat(api, &op.reply), Direction::Received),
    })
}

fn failure(api: &Api) -> Value {
    let envelope = &api.spec.envelope;
    let mut root = json!({
        "type": "object",
        "description": "The reply of an operation that failed.",
        "additionalProperties": true,
    });
    put(&mut root, &envelope.success.member, constant(api, &[], &envelope.success.member, None), true);
    let mut code = text_of(api, &[], &envelope.code);
    let mut seen = Vec::new();
    let mut codes = JsonObject::new();
    for entry in &api.codes {
        if !seen.contains(&&entry.code) {
            seen.push(&entry.code);
            codes.insert(
                entry.code.clone(),
                json!({ "means": vocabulary::plain(&entry.spec.means), "advice": vocabulary::advice(entry.spec.advice) }),
            );
        }
    }
    if !codes.is_empty() {
        code["examples"] = seen.iter().map(|code| json!(code)).collect();
        code["x-error-codes"] = Value::Object(codes);
    }
    put(&mut root, &envelope.code, code, false);
    put(&mut root, &envelope.message, text_of(api, &[], &envelope.message), false);
    root
}

/// Returns a row that describes the envelope, from the operation or from the API.
fn row<'a>(api: &'a Api, reply: &'a [Field], member: &str) -> Option<&'a Field> {
    let inline = envelope_names(api);
    let of_any = api.operations.iter().flat_map(|op| &op.reply).filter(|field| inline.contains(&field.wire));
    reply.iter().filter(|f| inline.contains(&f.wire)).chain(&api.envelope).chain(of_any).find(|f| f.wire == member)
}

fn text_of(api: &Api, reply: &[Field], member: &str) -> Value {
    let mut schema = json!({ "type": ["string", "null"] });
    if let Some(field) = row(api, reply, member) {
        schema["description"] = vocabulary::describe(api, field, false).into();
    }
    schema
}

/// Returns the schema of the success member. Without a documented value for failure, every other value means failure.
fn constant(api: &Api, reply: &[Field], member: &str, success: Option<&Literal>) -> Value {
    let envelope = &api.spec.envelope.success;
    let of = |value: &Literal| match value {
        Literal::Bool(value) => ("boolean", json!(value)),
        Literal::Integer(value) => ("integer", json!(value)),
        Literal::Text(value) => ("string", json!(value)),
    };
    let (kind, _) = of(&envelope.equals);
    let mut schema = json!({ "type": kind });
    let said = success.or(envelope.failure.as_ref());
    if matches!(said, Some(Literal::Bool(_))) {
        // The constant suffices. If a type is present too, generators of clients ignore the constant or check for a
        // text.
        schema = json!({});
    }
    match said {
        Some(value) => schema["const"] = of(value).1,
        None => schema["not"] = json!({ "const": of(&envelope.equals).1 }),
    }
    if let Some(field) = row(api, reply, member) {
        schema["description"] = vocabulary::describe(api, field, false).into();
    }
    schema
}

/// Adds a schema at a dotted path, and creates the objects on it. Optional members may be null at each level.
fn put(root: &mut Value, path: &str, schema: Value, required: bool) {
    let (name, rest) = path.split_once('.').map_or((path, None), |(name, rest)| (name, Some(rest)));
    if required {
        require(root, name);
    }
    if root.get("properties").is_none() {
        root["properties"] = json!({});
    }
    let place = &mut root["properties"][name];
    let Some(rest) = rest else {
        *place = schema;
        return;
    };
    if place.is_null() {
        *place = json!({ "type": ["object", "null"], "additionalProperties": true });
    }
    if required {
        place["type"] = "object".into();
    }
    put(place, rest, schema, required);
}
