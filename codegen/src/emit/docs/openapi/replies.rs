//! Responses of an operation: the schema of a success, the schemas of failures, and the meaning of each HTTP status.
//! This module also creates the responses that the receiver of a callback may send.

use super::schemas::{Direction, Schemas, flat, require};
use super::{JsonObject, vocabulary};
use crate::analysis::{envelope_names, envelope_of, has_several_meanings, is_kept, to_json};
use crate::names::camel;
use crate::resolved::{Api, CodeEntry, Field, Operation};
use crate::spec::{
    Answer, Coding, Envelope, ErrorShape, HttpStatus, Literal, Map, PATIENCE, StatusOutcome, status_range,
};
use serde_json::{Value, json};

pub(super) fn responses(api: &Api, schemas: &mut Schemas<'_>, op: &Operation) -> JsonObject {
    let envelope = envelope_of(api, op);
    let success = schemas.named(&format!("{}Reply", camel(&op.id)), |schemas| success(api, schemas, op));
    let of_own = op.spec.envelope.as_ref().map(|_| camel(&op.id)).unwrap_or_default();
    let mut failed = |status: &str| {
        let fitting = || envelope.errors.iter().enumerate().filter(|(_, shape)| fits(&shape.status, status));
        let mut one = |shape: Option<(usize, &ErrorShape)>| {
            let suffix = shape.map(|(n, shape)| {
                let before = envelope.errors[..n].iter().filter(|own| own.status == shape.status).count();
                camel(&shape.status) + &"Other".repeat(before)
            });
            let name = schemas.free(format!("{of_own}Failure{}", suffix.unwrap_or_default()));
            schemas.named(&name, |_| failure(api, envelope, shape.map(|(_, shape)| shape)))
        };
        match fitting().count() {
            0 => one(None),
            1 => one(fitting().next()),
            _ => json!({ "anyOf": fitting().map(|shape| one(Some(shape))).collect::<Vec<_>>() }),
        }
    };
    let codes: Vec<String> = op
        .spec
        .errors
        .iter()
        .map(|(code, of)| format!("- `{code}`: {} ({})", vocabulary::plain(&of.means), vocabulary::advice(of.advice)))
        .collect();
    let by_status = envelope.success.status.is_some();
    // An example without a status is listed under each status that a success can have.
    let examples = |status: &str, may_succeed: bool| -> JsonObject {
        let replies = op.spec.examples.iter().filter_map(|e| Some((e, to_json(e.reply.as_ref()?))));
        let fitting = replies.filter(|(e, _)| match e.status {
            Some(given) => fits(status, &given.to_string()),
            None => may_succeed,
        });
        fitting.map(|(e, value)| vocabulary::example(&e.title, value)).collect()
    };
    let mut responses = JsonObject::new();
    for (status, rule) in &api.spec.http_statuses {
        let mut content = json!({ "schema": failed(status) });
        let mut description = vocabulary::plain(&rule.means);
        let examples = examples(status, rule.outcome_at(status).is_none());
        if rule.outcome_at(status).is_none() {
            content = match by_status {
                true => json!({ "schema": success }),
                false => json!({ "schema": { (either(envelope)): [success, failed(status)] } }),
            };
            if !codes.is_empty() {
                description = format!("{description}\n\nCodes of failures:\n\n{}", codes.join("\n"));
            }
        }
        if !examples.is_empty() {
            content["examples"] = Value::Object(examples);
        }
        add(&mut responses, status, rule, description, Some(content));
    }
    if op.spec.recovery.with.is_some() {
        for status in PATIENCE {
            if let Some(response) = responses.get_mut(&status.to_string()) {
                response["x-outcome"] = "unknown".into();
            }
        }
    }
    if !responses.keys().any(|key| key.starts_with('4')) {
        let description = "The page does not document this status. A body is read like that of any other reply.";
        responses.insert(
            "4XX".into(),
            json!({ "description": description, "content": { "application/json": { "schema": failed("4xx") } } }),
        );
    }
    responses
}

/// Returns the keyword that combines the schemas of success and failure. No reply matches both schemas. However, some
/// generators of clients ignore boolean constants. For a client from such a generator, a reply can match both schemas,
/// which `oneOf` forbids. With `anyOf`, such a client selects the success if the payload is present.
fn either(envelope: &Envelope) -> &'static str {
    match envelope.success.equals.0.first() {
        Some(Literal::Integer(_) | Literal::Text(_)) => "oneOf",
        Some(Literal::Bool(_)) | None => "anyOf",
    }
}

/// Returns `true` if `within` contains `status`. Each of the two is a status, such as `404`, or a range of statuses,
/// such as `4xx`.
fn fits(within: &str, status: &str) -> bool {
    let (Some(outer), Some(inner)) = (status_range(within), status_range(status)) else { return false };
    outer.0 <= inner.0 && inner.1 <= outer.1
}

/// Returns the responses that the receiver of a callback may send. Only the acknowledgment may have a body.
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
        responses.insert("default".into(), json!({ "description": "The page does not document the response." }));
    }
    responses
}

/// Adds a response. The key for `50x` is `5XX`, and the description keeps the narrower range. The key for a text that
/// is not a status is `default`.
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
    match rule.outcome_at(status) {
        None => {}
        Some(StatusOutcome::Rejected) => response["x-outcome"] = "rejected".into(),
        Some(StatusOutcome::Unknown) => response["x-outcome"] = "unknown".into(),
    }
    responses.insert(key, response);
}

fn success(api: &Api, schemas: &mut Schemas<'_>, op: &Operation) -> Value {
    let envelope = envelope_of(api, op);
    let mut root = match &envelope.payload {
        None => match op.reply.iter().find(|field| field.wire == "[]") {
            Some(list) => return schemas.field(list, Direction::Received),
            None => schemas.object(&flat(api, &op.reply), Direction::Received),
        },
        Some(path) => {
            let mut root = json!({ "type": "object", "additionalProperties": true });
            for member in [&envelope.code, &envelope.message] {
                put(&mut root, member, text_of(api, envelope, &op.reply, member), false);
            }
            let always = op.reply.iter().any(|field| field.spec.always);
            if let Some(payload) = payload(api, schemas, op) {
                put(&mut root, path, payload, always);
            }
            root
        }
    };
    root["description"] = format!("The reply of `{}` after a success.", op.id).into();
    // If several values mean success, the member that shows success is also a field of the reply. The schema of this
    // field is then already in `root`.
    let is_typed = |member: &String| {
        op.reply.iter().any(|field| field.wire == *member && envelope.payload.is_none() && is_kept(envelope, field))
    };
    match &envelope.success.member {
        Some(member) if is_typed(member) => require(&mut root, member),
        Some(member) => put(&mut root, member, constant(api, envelope, &op.reply, member, true), true),
        None => {}
    }
    if let Some(has) = envelope.success.has.as_ref().filter(|has| !has.contains('.')) {
        require(&mut root, has);
    }
    root
}

/// Returns the schema of the payload, or `None` if the reply has no members.
fn payload(api: &Api, schemas: &mut Schemas<'_>, op: &Operation) -> Option<Value> {
    if op.reply.is_empty() {
        return None;
    }
    Some(match op.reply.iter().find(|field| field.wire == "[]") {
        Some(list) => schemas.field(list, Direction::Received),
        None => schemas.object(&flat(api, &op.reply), Direction::Received),
    })
}

fn failure(api: &Api, envelope: &Envelope, shape: Option<&ErrorShape>) -> Value {
    let (code_at, message_at) =
        shape.map_or((&envelope.code, &envelope.message), |shape| (&shape.code, &shape.message));
    let mut root = json!({
        "type": "object",
        "description": "The reply of an operation that failed.",
        "additionalProperties": true,
    });
    match (&envelope.success.member, shape) {
        (Some(member), None) => put(&mut root, member, constant(api, envelope, &[], member, false), true),
        // The body may lack the member, but the member never has a value that means success.
        (Some(member), Some(_)) => {
            put(&mut root, member, json!({ "not": literals(&envelope.success.equals.0) }), false)
        }
        (None, _) => {}
    }
    let mut code = text_of(api, envelope, &[], code_at);
    if envelope.coded_as == Coding::Integer {
        code["type"] = json!(["integer", "null"]);
    }
    let mut seen = Vec::new();
    let mut codes = JsonObject::new();
    for entry in &api.codes {
        if !seen.contains(&&entry.code) {
            seen.push(&entry.code);
            codes.insert(entry.code.clone(), meaning(api, entry));
        }
    }
    if !codes.is_empty() {
        let written = |code: &String| match code.parse::<i64>() {
            Ok(number) if envelope.coded_as == Coding::Integer => json!(number),
            _ => json!(code),
        };
        code["examples"] = seen.iter().map(|code| written(code)).collect();
        code["x-error-codes"] = Value::Object(codes);
    }
    if envelope.success.member.as_ref() == Some(code_at) {
        // If one member is both the error code and the member that shows success, every value that does not mean
        // success is an error code.
        match shape {
            Some(_) => code["not"] = literals(&envelope.success.equals.0),
            None => {
                if let Value::Object(more) = constant(api, envelope, &[], code_at, false) {
                    more.into_iter().for_each(|(key, value)| code[key] = value);
                }
            }
        }
    }
    put(&mut root, code_at, code, false);
    put(&mut root, message_at, text_of(api, envelope, &[], message_at), false);
    root
}

/// Returns the meaning of an error code. If operations give the code different meanings, the result has one meaning for
/// each of these operations.
fn meaning(api: &Api, entry: &CodeEntry) -> Value {
    let described = |entry: &CodeEntry| {
        json!({
            "means": vocabulary::plain(&entry.spec.means),
            "advice": vocabulary::advice(entry.spec.advice),
        })
    };
    if !has_several_meanings(api, &entry.code) {
        return described(entry);
    }
    let entries = || api.codes.iter().filter(|other| other.code == entry.code);
    let mut whole = entries().find(|other| other.operation.is_none()).map_or_else(|| json!({}), described);
    let own = entries().filter_map(|other| Some((other.operation.clone()?, described(other))));
    whole["operations"] = Value::Object(own.collect());
    whole
}

/// Returns the field that describes a member of the envelope. The field comes from `reply`, otherwise from the envelope
/// of the API, otherwise from the reply of any operation.
fn row<'a>(api: &'a Api, envelope: &Envelope, reply: &'a [Field], member: &str) -> Option<&'a Field> {
    let inline = envelope_names(envelope);
    let of_any = api.operations.iter().flat_map(|op| &op.reply).filter(|field| inline.contains(&field.wire));
    reply.iter().filter(|f| inline.contains(&f.wire)).chain(&api.envelope).chain(of_any).find(|f| f.wire == member)
}

fn text_of(api: &Api, envelope: &Envelope, reply: &[Field], member: &str) -> Value {
    let mut schema = json!({ "type": ["string", "null"] });
    if let Some(field) = row(api, envelope, reply, member) {
        schema["description"] = vocabulary::describe(api, field, false).into();
    }
    schema
}

/// Returns the schema of the member that shows success. The schema is for a success if `is_success` is `true`, and for
/// a failure otherwise. Without documented values for failure, every value that does not mean success means failure.
fn constant(api: &Api, envelope: &Envelope, reply: &[Field], member: &str, is_success: bool) -> Value {
    let success = &envelope.success;
    let kind = |value: &Literal| match value {
        Literal::Bool(_) => "boolean",
        Literal::Integer(_) => "integer",
        Literal::Text(_) => "string",
    };
    let values = if is_success { success.equals.0.as_slice() } else { success.failures() };
    let mut kinds: Vec<&str> = success.equals.0.iter().chain(values).map(kind).collect();
    kinds.dedup();
    let mut schema = match (kinds.as_slice(), values) {
        // A boolean constant has no `type` here. If a schema also has `type: boolean`, some generators of clients
        // ignore the constant. Others generate code that expects a string.
        (_, [Literal::Bool(_)]) => json!({}),
        ([kind], _) => json!({ "type": kind }),
        (kinds, _) => json!({ "type": kinds }),
    };
    match values {
        [] => schema["not"] = literals(&success.equals.0),
        values => {
            if let Value::Object(more) = literals(values) {
                more.into_iter().for_each(|(key, value)| schema[key] = value);
            }
        }
    }
    if let Some(field) = row(api, envelope, reply, member) {
        schema["description"] = vocabulary::describe(api, field, false).into();
    }
    schema
}

/// Returns the schema of a member whose value is one of `values`.
fn literals(values: &[Literal]) -> Value {
    let json = |value: &Literal| match value {
        Literal::Bool(value) => json!(value),
        Literal::Integer(value) => json!(value),
        Literal::Text(value) => json!(value),
    };
    match values {
        [value] => json!({ "const": json(value) }),
        values => json!({ "enum": values.iter().map(json).collect::<Vec<_>>() }),
    }
}

/// Adds a schema at a dotted path, and creates the objects and lists on the path. The lists may be null. The objects
/// may be null unless `required` is set.
fn put(root: &mut Value, path: &str, schema: Value, required: bool) {
    let (name, rest) = path.split_once('.').map_or((path, None), |(name, rest)| (name, Some(rest)));
    if let Some(name) = name.strip_suffix("[]") {
        let place = &mut root["properties"][name];
        if place.is_null() {
            *place = json!({ "type": ["array", "null"], "items": {} });
        }
        let entry = &mut place["items"];
        match rest {
            None => *entry = schema,
            Some(rest) => {
                if entry.get("type").is_none() {
                    *entry = json!({ "type": ["object", "null"], "additionalProperties": true });
                }
                put(entry, rest, schema, false);
            }
        }
        return;
    }
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
