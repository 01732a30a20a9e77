//! What comes back: the envelope with its payload, the failure, and what each HTTP status means.

use super::schemas::{Direction, Schemas, flat, require};
use super::{JsonObject, vocabulary};
use crate::analysis::{envelope_names, is_success, to_json};
use crate::names::camel;
use crate::resolved::{Api, Field, Operation};
use crate::spec::{Answer, HttpStatus, Literal, Map, StatusOutcome};
use serde_json::{Value, json};

/// The responses of an operation.
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
        let description = "The page tells of no such status. The body, if there is one, is read like any other reply.";
        responses.insert(
            "4XX".into(),
            json!({ "description": description, "content": { "application/json": { "schema": failure } } }),
        );
    }
    responses
}

/// How success and failure are told apart. They exclude each other; but generators of clients that do not read a
/// boolean constant find that both fit, which `oneOf` forbids and `anyOf` allows: success where it has its payload.
fn either(api: &Api) -> &'static str {
    match api.spec.envelope.success.equals {
        Literal::Bool(_) => "anyOf",
        Literal::Integer(_) | Literal::Text(_) => "oneOf",
    }
}

/// What a receiver may answer, in statuses alone.
pub(super) fn answers(answer: Option<&Answer>, statuses: &Map<HttpStatus>) -> JsonObject {
    let mut responses = JsonObject::new();
    for (status, rule) in statuses {
        add(&mut responses, status, rule, vocabulary::plain(&rule.means), None);
    }
    if let Some(answer) = answer {
        let response =
            responses.entry(answer.status().to_string()).or_insert_with(|| json!({ "description": "Received." }));
        if let Some(body) = answer.body() {
            response["content"] = json!({ "text/plain": { "schema": { "type": "string", "const": body } } });
        }
    }
    if responses.is_empty() {
        responses.insert("default".into(), json!({ "description": "The sender does not look at it." }));
    }
    responses
}

/// `50x` is written `5XX` in a document; the words keep the narrower range. What is no number is everything else.
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
    root["description"] = format!("The reply of `{}` when it succeeded.", op.id).into();
    let said = constant(api, &op.reply, &envelope.success.member, Some(&envelope.success.equals));
    put(&mut root, &envelope.success.member, said, true);
    root
}

/// What stands under the envelope's payload member.
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
        "description": "The reply of any operation when it failed.",
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

/// The rows that describe the envelope: those of the operation, or those that stand apart.
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

/// The member that tells success from failure. Without a documented value of failure, any other value means it.
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
        // The constant says it all. Generators of clients pass over it, or check for a text, where a type stands beside.
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

/// Puts a schema at a dotted path; objects on the way come to be. What is not required may be null on the way, too.
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
