//! Operations: the parameters, the body, and the recovery after a lost answer.

use super::schemas::{Direction, Schemas, flat, is_required};
use super::{JsonObject, add_quirks, replies, security, vocabulary};
use crate::analysis::{bodies_of, scalar_rules, supplied_by_client, to_json};
use crate::names::camel;
use crate::resolved::{Api, Composite, Field, Kind, Operation, TypeRef};
use crate::spec::{Encoding, RecoveryClass};
use serde_json::{Value, json};

pub(super) fn operation(api: &Api, schemas: &mut Schemas<'_>, op: &Operation) -> Value {
    let spec = &op.spec;
    let mut operation = json!({
        "operationId": op.id,
        "tags": [api.name],
        "summary": vocabulary::plain(&spec.summary),
        "description": description(op),
    });
    let mut parameters: Vec<Value> = op.path.iter().map(|f| path_parameter(schemas, op, f)).collect();
    for field in op.query.iter().filter(|field| field.spec.supplied_by.is_none()) {
        match &field.kind {
            Kind::OneOf(choices) => parameters.extend(choices.iter().map(|f| query_parameter(schemas, op, f))),
            _ => parameters.push(query_parameter(schemas, op, field)),
        }
    }
    let given = op.headers.iter().filter(|field| field.spec.supplied_by.is_none());
    parameters.extend(given.map(|field| header_parameter(schemas, op, field)));
    parameters.extend(security::constant_headers(api, op));
    if !parameters.is_empty() {
        operation["parameters"] = Value::Array(parameters);
    }
    if !op.request.is_empty() {
        operation["requestBody"] = body(api, schemas, op);
    }
    if let Some(own) = security::own_requirement(api, op) {
        operation["security"] = own;
    }
    operation["responses"] = Value::Object(replies::responses(api, schemas, op));
    operation["x-page"] = json!({ "section": spec.page.section, "version": spec.page.version });
    if let Some(pages) = &spec.pages {
        let end: JsonObject = pages.end.iter().map(|(name, value)| (name.clone(), value.to_string().into())).collect();
        operation["x-pages"] = json!({ "items": pages.items, "send": pages.send, "next": pages.next, "end": end });
    }
    operation["x-recovery"] = json!({ "class": class(op), "with": spec.recovery.with });
    add_quirks(&mut operation, &spec.quirks);
    operation
}

fn header_parameter(schemas: &mut Schemas<'_>, op: &Operation, field: &Field) -> Value {
    let values = op.spec.examples.iter().filter_map(|e| Some((e.title.as_str(), to_json(e.headers.get(&field.wire)?))));
    parameter(
        field,
        "header",
        is_required(field, Direction::Sent),
        schemas.field(field, Direction::Sent),
        values.collect(),
    )
}

fn description(op: &Operation) -> String {
    let recovery = &op.spec.recovery;
    let mut words: Vec<String> = op.spec.doc.as_deref().map(vocabulary::plain).into_iter().collect();
    let lost = match (recovery.class, &recovery.with) {
        (RecoveryClass::Resend, _) => "When the answer is lost, the request may be sent again.".to_owned(),
        (RecoveryClass::AskFirst, Some(with)) => {
            format!("When the answer is lost, ask `{with}` before sending again.")
        }
        _ => "When the answer is lost, the request is not sent again.".into(),
    };
    words.push(match &recovery.doc {
        Some(doc) => format!("{lost} {}", vocabulary::plain(doc)),
        None => lost,
    });
    words.extend(op.spec.rules.iter().map(|rule| vocabulary::plain(&rule.doc)));
    words.extend(vocabulary::notes(&op.spec.notes));
    words.join("\n\n")
}

fn class(op: &Operation) -> &'static str {
    match op.spec.recovery.class {
        RecoveryClass::Resend => "resend",
        RecoveryClass::AskFirst => "ask_first",
        RecoveryClass::Never => "never",
    }
}

fn path_parameter(schemas: &mut Schemas<'_>, op: &Operation, field: &Field) -> Value {
    let values = op.spec.examples.iter().filter_map(|e| Some((e.title.as_str(), to_json(e.path.get(&field.wire)?))));
    parameter(field, "path", true, schemas.field(field, Direction::Sent), values.collect())
}

/// Returns a query parameter. In a query, null is the text `null`. A list without `joined:` is a repeated parameter.
fn query_parameter(schemas: &mut Schemas<'_>, op: &Operation, field: &Field) -> Value {
    let mut schema = schemas.field(field, Direction::Sent);
    if field.spec.nullable {
        match schema.get_mut("items") {
            Some(entry) => null_as_text(entry),
            None => null_as_text(&mut schema),
        }
    }
    let values = op.spec.examples.iter().filter_map(|e| {
        let value = to_json(e.query.get(&field.wire)?);
        Some((e.title.as_str(), as_query(field, value)))
    });
    parameter(field, "query", is_required(field, Direction::Sent), schema, values.collect())
}

/// Replaces null in a schema by the text `null`. An empty schema allows this text already.
fn null_as_text(schema: &mut Value) {
    let written = json!({ "type": "string", "const": "null" });
    let alternatives = schema.as_object_mut().and_then(|schema| schema.shift_remove("oneOf"));
    if let Some(mut alternatives) = alternatives {
        // The value may be the text `null` too, so several alternatives may fit.
        schema["anyOf"] = json!([alternatives[0].take(), written]);
    } else if let Some(of) = schema.pointer_mut("/type/0").map(Value::take) {
        // As in a body, `type` is a list of two names: the type of the value, and `null`. Only the first name stays.
        schema["type"] = of;
        *schema = json!({ "anyOf": [schema.take(), written] });
    }
}

/// Converts an example value to the type in the schema of the parameter. Null becomes the text `null`. A number becomes
/// a text if the parameter is a text.
fn as_query(field: &Field, value: Value) -> Value {
    let text =
        matches!(field.kind, Kind::One(of) | Kind::List(of) if matches!(of, TypeRef::String | TypeRef::Scalar(_)));
    match value {
        Value::Null => "null".into(),
        Value::Array(items) => items.into_iter().map(|item| as_query(field, item)).collect(),
        Value::Number(number) if text => number.to_string().into(),
        other => other,
    }
}

/// Returns the object of a parameter. The description moves from the schema to the parameter, where tools show it.
pub(super) fn parameter(
    field: &Field,
    place: &str,
    required: bool,
    mut schema: Value,
    examples: Vec<(&str, Value)>,
) -> Value {
    let mut parameter = json!({ "name": field.wire, "in": place });
    if required {
        parameter["required"] = true.into();
    }
    if let Some(description) = schema.as_object_mut().and_then(|schema| schema.shift_remove("description")) {
        parameter["description"] = description;
    }
    parameter["schema"] = schema;
    if !examples.is_empty() {
        let examples: JsonObject =
            examples.into_iter().map(|(title, value)| vocabulary::example(title, value)).collect();
        parameter["examples"] = Value::Object(examples);
    }
    parameter
}

fn body(api: &Api, schemas: &mut Schemas<'_>, op: &Operation) -> Value {
    let schema = schemas.named(&camel(&op.id), |schemas| {
        let mut schema = schemas.request(&camel(&op.id), &op.request);
        schema["description"] = format!("The request of `{}`.", op.id).into();
        let sums: Vec<Value> = op
            .spec
            .rules
            .iter()
            .map(|rule| {
                json!({
                    "parts": rule.parts,
                    "total": rule.total,
                    "exact-when": rule.exact_when,
                    "means": vocabulary::plain(&rule.doc),
                })
            })
            .collect();
        if !sums.is_empty() {
            schema["x-sums"] = Value::Array(sums);
        }
        schema
    });
    let mut content = json!({ "schema": schema });
    let examples: JsonObject = op
        .spec
        .examples
        .iter()
        .filter_map(|example| {
            let mut value = to_json(example.request.as_ref()?);
            for field in op.request.iter().filter(|field| supplied_by_client(api, field).is_some()) {
                value[&field.wire] = credential(api, field);
            }
            for (field, name) in op.request.iter().filter_map(|field| Some((field, computed(api, field)?))) {
                let most = field.rules.text.as_ref().and_then(|rules| rules.max).unwrap_or(usize::MAX);
                value[&field.wire] = name.chars().take(most).collect::<String>().into();
            }
            Some(vocabulary::example(&example.title, value))
        })
        .collect();
    if !examples.is_empty() {
        content["examples"] = Value::Object(examples);
    }
    // Only one encoding is listed, because some tools choose an unsuitable encoding if several are listed.
    let (used, others) = bodies_of(api, op).split_first().unwrap_or((&Encoding::Json, &[]));
    let encoding = in_json(api, &flat(api, &op.request));
    if *used == Encoding::Form && !encoding.is_empty() {
        content["encoding"] = Value::Object(encoding);
    }
    let mut request = json!({ "required": true, "content": { vocabulary::media_type(*used): content } });
    let others: Vec<&str> = others.iter().map(|e| vocabulary::media_type(*e)).collect();
    if !others.is_empty() {
        request["description"] = format!("The service also accepts the body as {}.", others.join(" and ")).into();
        request["x-other-encodings"] = json!(others);
    }
    request
}

/// Returns the `encoding` object for the members of a form that are objects, maps, or lists of objects or maps. Without
/// `encoding`, tools that read OpenAPI 3.0 write the members of an object as members of the form.
pub(super) fn in_json(api: &Api, fields: &[&Field]) -> JsonObject {
    let is_object = |of: TypeRef| match of {
        TypeRef::Object(_) => true,
        TypeRef::Composite(n) => matches!(api.composites[n], Composite::Map(_)),
        _ => false,
    };
    let fields = fields.iter().filter(|field| match field.kind {
        Kind::One(of) | Kind::List(of) => is_object(of),
        _ => false,
    });
    fields.map(|field| (field.wire.clone(), json!({ "contentType": "application/json" }))).collect()
}

/// Returns the name of the computed value that the client sends in a field, if the field is a text. Examples of
/// requests contain this name in place of the value.
fn computed<'a>(api: &Api, field: &'a Field) -> Option<&'a str> {
    let is_text = matches!(field.kind, Kind::One(TypeRef::String | TypeRef::Scalar(_)));
    field.spec.supplied_by.as_deref().filter(|name| is_text && api.spec.computed.contains_key(*name))
}

/// Returns an example credential that follows the rules of the field's type.
fn credential(api: &Api, field: &Field) -> Value {
    let Kind::One(TypeRef::Scalar(n)) = field.kind else { return "example".into() };
    let scalar = &api.scalars[n].spec;
    let rules = scalar_rules(scalar);
    let prefix = scalar.prefixes.keys().next().map_or("", String::as_str);
    let telling = format!("{prefix}example");
    let allowed = rules.characters.as_ref().is_none_or(|set| telling.chars().all(|c| set.set().allows(c)));
    if allowed && telling.len() >= rules.min && rules.max.is_none_or(|max| telling.len() <= max) {
        return telling.into();
    }
    rules.text_of_length(rules.min.max(1)).into()
}
