//! Callbacks as webhooks: the message that the service sends, and the response of the receiver.

use super::schemas::{Direction, Schemas, flat};
use super::{JsonObject, add_quirks, operations, replies, vocabulary};
use crate::analysis::to_json;
use crate::names::camel;
use crate::resolved::{Api, Callback};
use crate::spec::{Encoding, Sender, Verify};
use serde_json::{Value, json};

/// Returns the path item of a callback.
pub(super) fn webhook(api: &Api, schemas: &mut Schemas<'_>, callback: &Callback) -> Value {
    let spec = &callback.spec;
    let mut operation = json!({
        "operationId": callback.id,
        "tags": [api.name],
        "summary": vocabulary::plain(&spec.summary),
        "description": description(callback),
        "security": [],
    });
    let mut parameters: Vec<Value> = callback
        .headers
        .iter()
        .map(|field| {
            operations::parameter(field, "header", true, schemas.without_null(field, Direction::Received), Vec::new())
        })
        .collect();
    if spec.encodings.values().any(|encoding| *encoding == Encoding::Query) {
        for field in flat(api, &callback.body) {
            let schema = schemas.without_null(field, Direction::Received);
            parameters.push(operations::parameter(field, "query", false, schema, examples(callback, &field.wire)));
        }
    }
    if !parameters.is_empty() {
        operation["parameters"] = Value::Array(parameters);
    }
    let content = content(api, schemas, callback);
    if !content.is_empty() {
        operation["requestBody"] = json!({ "required": !spec.opaque_body, "content": content });
    }
    operation["responses"] = Value::Object(replies::answers(spec.answer.as_ref(), &spec.http_statuses));
    operation["x-page"] = json!({ "section": spec.page.section, "version": spec.page.version });
    operation["x-sent-to"] = spec.to.as_str().into();
    if let Some(resend) = &spec.resend {
        operation["x-resend"] = json!({ "times": resend.times, "within-seconds": resend.within.seconds });
    }
    if let Some(proof) = proof(api, &spec.verify) {
        operation["x-proof"] = proof;
    }
    if let Some(confirm) = &spec.confirm {
        operation["x-confirm-with"] = confirm.with.as_str().into();
    }
    add_quirks(&mut operation, &spec.quirks);
    json!({ vocabulary::method(spec.method): operation })
}

/// Describes the proof of a message's origin: its header or member, the computed value that the proof must equal, and
/// the tolerance for the time of signing. Returns `None` for a message without a proof.
fn proof(api: &Api, verify: &Verify) -> Option<Value> {
    let equals = verify.equals.as_ref()?;
    let mut proof = match (&verify.header, &verify.member) {
        (Some(header), _) => json!({ "header": header }),
        (None, Some(member)) => json!({ "member": member }),
        (None, None) => return None,
    };
    for (key, text) in [("prefix", &verify.prefix), ("separator", &verify.separator)] {
        if let Some(text) = text {
            proof[key] = text.as_str().into();
        }
    }
    proof["equals"] = equals.as_str().into();
    proof["made-of"] = api.spec.computed.get(equals).map(|value| value.in_short()).into();
    if let (Some(time), Some(within)) = (&verify.time, verify.within) {
        proof["time"] = time.as_str().into();
        proof["within-seconds"] = within.seconds.into();
    }
    Some(proof)
}

fn description(callback: &Callback) -> String {
    let spec = &callback.spec;
    let from = match spec.from {
        Sender::Service => "the service",
        Sender::Browser => "the browser",
    };
    let mut words: Vec<String> = spec.doc.as_deref().map(vocabulary::plain).into_iter().collect();
    words.push(format!("Sent by {from} {}.", spec.sent_to()));
    words.push(format!("How to verify the message: {}", vocabulary::plain(&spec.verify.doc)));
    if let Some(resend) = &spec.resend {
        words.push(format!(
            "Sent again up to {} times within {} until it is acknowledged.",
            resend.times, resend.within
        ));
    }
    words.extend(vocabulary::notes(&spec.notes));
    words.join("\n\n")
}

/// Returns the content by media type. Versions of the message that have the same encoding are alternatives of one
/// schema.
fn content(api: &Api, schemas: &mut Schemas<'_>, callback: &Callback) -> JsonObject {
    let spec = &callback.spec;
    let one = spec.encodings.len() == 1;
    let mut content = JsonObject::new();
    for encoding in [Encoding::Json, Encoding::Form] {
        let versions: Vec<&String> = spec.encodings.iter().filter(|(_, e)| **e == encoding).map(|(v, _)| v).collect();
        if versions.is_empty() {
            continue;
        }
        let mut bodies: Vec<Value> = versions.iter().map(|v| body(api, schemas, callback, v, one)).collect();
        let schema = if bodies.len() == 1 { bodies.remove(0) } else { json!({ "anyOf": bodies }) };
        let mut media = json!({ "schema": schema });
        let mut fields = flat(api, &callback.body);
        fields.retain(|field| field.spec.only_in.as_ref().is_none_or(|own| versions.contains(&own)));
        let objects = operations::in_json(api, &fields);
        if encoding == Encoding::Form && !objects.is_empty() {
            media["encoding"] = Value::Object(objects);
        }
        let fitting = spec.examples.iter().filter(|e| e.version.as_ref().is_none_or(|v| versions.contains(&v)));
        let examples: JsonObject = fitting.map(|e| vocabulary::example(&e.title, to_json(&e.body))).collect();
        if !examples.is_empty() {
            media["examples"] = Value::Object(examples);
        }
        content.insert(vocabulary::media_type(encoding).into(), media);
    }
    content
}

fn body(api: &Api, schemas: &mut Schemas<'_>, callback: &Callback, version: &str, only: bool) -> Value {
    if callback.spec.opaque_body {
        return json!({ "description": "Not documented." });
    }
    let name = if only { camel(&callback.id) } else { format!("{}{}", camel(&callback.id), camel(version)) };
    schemas.named(&name, |schemas| {
        let mut fields = flat(api, &callback.body);
        fields.retain(|field| field.spec.only_in.as_deref().is_none_or(|own| own == version));
        let mut schema = schemas.object(&fields, Direction::Received);
        schema["description"] = vocabulary::plain(&callback.spec.summary).into();
        if let Some(select) = &callback.select {
            // An unknown case may have any members.
            let mut kinds: Vec<Value> = select
                .cases
                .iter()
                .map(|(value, n)| {
                    let mut kind = schemas.object(&flat(api, &api.objects[*n].fields), Direction::Received);
                    kind["properties"][&select.spec.by] = json!({ "const": value });
                    kind
                })
                .collect();
            kinds.push(json!({ "type": "object" }));
            schema["anyOf"] = Value::Array(kinds);
        }
        schema
    })
}

fn examples<'c>(callback: &'c Callback, wire: &str) -> Vec<(&'c str, Value)> {
    let given = callback.spec.examples.iter();
    given.filter_map(|e| Some((e.title.as_str(), to_json(e.body.get(wire)?)))).collect()
}
