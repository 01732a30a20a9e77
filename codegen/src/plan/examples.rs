//! Planning of examples. Their values become calls of a builder's setters, and JSON.

mod made_up;

use super::fields::rust_name;
use crate::analysis::{
    code_in, envelope_names, envelope_of, example_status, in_notation, is_success, is_supplied, time_notation, to_json,
};
use crate::model::{Argument, ExampleModel, MessageExampleModel, Setter};
use crate::names::{camel, snake};
use crate::resolved::{Api, Callback, Composite, Field, Kind, Operation, TypeRef};
use crate::spec::{Coding, Envelope, Literal, Sends};
use made_up::made_up;
use serde_json::Value as Json;
use serde_yaml::Value as Yaml;

pub(super) fn exchanges(api: &Api, op: &Operation) -> Vec<ExampleModel> {
    op.spec
        .examples
        .iter()
        .map(|example| {
            let given = example.request.is_some()
                || !example.path.is_empty()
                || !example.query.is_empty()
                || !example.headers.is_empty()
                || [&op.path, &op.query, &op.headers, &op.request].iter().all(|fields| fields.is_empty());
            let envelope = envelope_of(api, op);
            let reply_json = example.reply.as_ref().map(to_json);
            let success = |reply: &Json| is_success(envelope, example.status, reply);
            ExampleModel {
                name: snake(&example.title),
                request: given.then(|| {
                    let mut setters = Vec::new();
                    let lookup = |map: &crate::spec::Map<Yaml>, wire: &str| map.get(wire).cloned();
                    setters.extend(fill(api, &op.path, &|wire| lookup(&example.path, wire)));
                    setters.extend(fill(api, &op.query, &|wire| lookup(&example.query, wire)));
                    setters.extend(fill(api, &op.headers, &|wire| lookup(&example.headers, wire)));
                    let body = example.request.clone().unwrap_or(Yaml::Null);
                    setters.extend(fill(api, &op.request, &|wire| body.get(wire).cloned()));
                    setters
                }),
                request_json: example.request.as_ref().map(|request| with_fixed(api, &op.request, to_json(request))),
                payload_json: reply_json.as_ref().map(|reply| kept(api, op, envelope, reply)),
                status: example_status(envelope, example),
                success: reply_json.as_ref().is_some_and(success),
                code: reply_json.as_ref().and_then(|reply| code_in(api, op, example.status, reply)),
                reply_json,
            }
        })
        .collect()
}

/// Adds the members with a fixed value to the body of a request, because examples may lack them.
fn with_fixed(api: &Api, fields: &[Field], mut body: Json) -> Json {
    let Some(members) = body.as_object_mut() else { return body };
    for field in fields {
        if let Some(value) = &field.spec.fixed {
            members.entry(field.wire.clone()).or_insert_with(|| match value {
                Literal::Bool(value) => (*value).into(),
                Literal::Integer(value) => (*value).into(),
                Literal::Text(text) => text.as_str().into(),
            });
            continue;
        }
        let (Kind::One(of) | Kind::List(of)) = &field.kind else { continue };
        if let (TypeRef::Object(n), Some(value)) = (api.innermost(*of), members.get_mut(&field.wire)) {
            fixed_inside(api, &api.objects[n].fields, value, matches!(of, TypeRef::Object(_)));
        }
    }
    body
}

/// Adds the members with a fixed value to the groups in a value, including the groups in lists and maps. With
/// `is_group`, an object is a group. Otherwise, an object is a map whose values are groups.
fn fixed_inside(api: &Api, fields: &[Field], value: &mut Json, is_group: bool) {
    match value {
        Json::Array(entries) => entries.iter_mut().for_each(|entry| fixed_inside(api, fields, entry, is_group)),
        Json::Object(_) if is_group => *value = with_fixed(api, fields, value.take()),
        Json::Object(members) => members.values_mut().for_each(|entry| fixed_inside(api, fields, entry, true)),
        _ => {}
    }
}

pub(super) fn messages(api: &Api, callback: &Callback) -> Vec<MessageExampleModel> {
    callback
        .spec
        .examples
        .iter()
        .map(|example| {
            let json = to_json(&example.body);
            let mut documented = known(api, &callback.body, &json);
            let selected = callback.select.as_ref().and_then(|select| {
                let discriminator = json.get(&select.spec.by)?.as_str()?;
                select.cases.iter().find(|(case, _)| case == discriminator)
            });
            if let (Some((_, n)), Some(members)) = (selected, documented.as_object_mut())
                && let Json::Object(inner) = known(api, &api.objects[*n].fields, &json)
            {
                members.extend(inner);
            }
            MessageExampleModel { name: snake(&example.title), known: documented, json }
        })
        .collect()
}

fn payload<'a>(envelope: &Envelope, reply: &'a Json) -> &'a Json {
    match &envelope.payload {
        Some(path) => reply.pointer(&format!("/{}", path.replace('.', "/"))).unwrap_or(&Json::Null),
        None => reply,
    }
}

/// Returns a reply's payload as it is after decoding and encoding. Members of the envelope are left out if they are
/// absent or null. The member that shows success is also left out if only one value means success.
fn kept(api: &Api, op: &Operation, envelope: &Envelope, reply: &Json) -> Json {
    let payload = payload(envelope, reply);
    let mut kept = known(api, &op.reply, payload);
    let Some(members) = kept.as_object_mut() else { return kept };
    let only = match (&envelope.success.member, envelope.success.equals.0.as_slice()) {
        (Some(member), [_]) => Some(member),
        _ => None,
    };
    for name in envelope_names(envelope) {
        let is_row = op.reply.iter().any(|field| field.wire == name);
        if is_row && (only == Some(&name) || payload.get(&name).is_none_or(Json::is_null)) {
            members.shift_remove(&name);
        }
    }
    kept
}

/// Returns an object as it is after decoding and encoding. Only documented members stay. An absent list becomes an
/// empty list, or an empty text if the list is written as one text. An absent value that may be null becomes `null`.
fn known(api: &Api, fields: &[Field], value: &Json) -> Json {
    // If the payload itself is a list, the field `[]` contains it.
    if let (Json::Array(_), Some(field)) = (value, fields.iter().find(|f| f.wire == "[]")) {
        return serde_json::json!({ "[]": known_value(api, field, value) });
    }
    let mut map = serde_json::Map::new();
    for field in fields {
        if let Kind::Include(n) = field.kind
            && let Json::Object(inner) = known(api, &api.objects[n].fields, value)
        {
            map.extend(inner);
            continue;
        }
        let inner = match value.get(&field.wire).filter(|inner| !inner.is_null()) {
            Some(inner) => known_value(api, field, inner),
            None if field.spec.joined.is_some() => Json::String(String::new()),
            None if matches!(field.kind, Kind::List(_)) => Json::Array(Vec::new()),
            None if field.spec.nullable && matches!(field.kind, Kind::One(_)) => Json::Null,
            None => continue,
        };
        map.insert(field.wire.clone(), inner);
    }
    Json::Object(map)
}

fn known_value(api: &Api, field: &Field, value: &Json) -> Json {
    match (&field.kind, value) {
        (Kind::List(of), Json::Array(items)) => {
            Json::Array(items.iter().map(|item| known_single(api, *of, item)).collect())
        }
        // Generated code decodes both a number and a text, but encodes only the notation of the field.
        (Kind::One(TypeRef::Decimal), Json::Number(number)) if field.spec.quoted => Json::String(number.to_string()),
        (Kind::One(TypeRef::Decimal), Json::String(text)) if !field.spec.quoted => {
            serde_json::from_str(text).unwrap_or_else(|_| value.clone())
        }
        (Kind::One(of), value) => known_single(api, *of, value),
        _ => value.clone(),
    }
}

fn known_single(api: &Api, of: TypeRef, value: &Json) -> Json {
    match (of, value) {
        (TypeRef::Object(n), Json::Object(_)) => known(api, &api.objects[n].fields, value),
        (TypeRef::Union(n), Json::Object(_)) => {
            let union = &api.unions[n];
            let discriminator =
                value.get(&union.spec.by).map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned));
            match union.cases.iter().find(|(case, _)| Some(case) == discriminator.as_ref()) {
                Some((case, n)) => {
                    let mut known = known(api, &api.objects[*n].fields, value);
                    if let Some(members) = known.as_object_mut() {
                        members.entry(union.spec.by.clone()).or_insert_with(|| case.as_str().into());
                    }
                    known
                }
                None => value.clone(),
            }
        }
        (TypeRef::Composite(n), value) => match (api.composites[n], value) {
            (Composite::List(of), Json::Array(items)) => {
                Json::Array(items.iter().map(|item| known_single(api, of, item)).collect())
            }
            (Composite::Map(of), Json::Object(members)) => {
                Json::Object(members.iter().map(|(name, value)| (name.clone(), known_single(api, of, value))).collect())
            }
            _ => value.clone(),
        },
        // Generated code also accepts a number in place of a text, because some services send identifiers as numbers.
        (TypeRef::String | TypeRef::Scalar(_), Json::Number(number)) => Json::String(number.to_string()),
        (TypeRef::Instant, Json::String(text)) => {
            Json::String(text.parse::<rules::OffsetDateTime>().map_or_else(|_| text.clone(), |time| time.to_string()))
        }
        // Generated code decodes several notations of a time, but encodes only one.
        (TypeRef::Time(n), Json::String(text)) => {
            let notation = time_notation(&api.times[n].spec).ok();
            Json::String(notation.and_then(|notation| in_notation(&notation, text)).unwrap_or_else(|| text.clone()))
        }
        // Generated code ignores case when it decodes a value, and encodes the spelling of the page.
        (TypeRef::Enum(n), Json::String(text)) if api.enums[n].spec.any_case => {
            let spelled = api.enums[n].spec.values.keys().find(|wire| wire.eq_ignore_ascii_case(text));
            Json::String(spelled.unwrap_or(text).clone())
        }
        _ => value.clone(),
    }
}

/// Returns the calls that set the fields to the values of an example. If an example lacks a mandatory field, the field
/// is set to the named choice that sends nothing, if there is one.
fn fill(api: &Api, fields: &[Field], value_of: &dyn Fn(&str) -> Option<Yaml>) -> Vec<Setter> {
    let mut setters = Vec::new();
    for field in fields {
        if is_supplied(api, field) {
            continue;
        }
        if let Kind::OneOf(alternatives) = &field.kind {
            for choice in alternatives {
                if let (Some(value), Kind::One(TypeRef::Scalar(n))) = (value_of(&choice.wire), &choice.kind) {
                    setters.push(Setter {
                        wire: field.wire.clone(),
                        method: rust_name(field),
                        argument: value
                            .as_str()
                            .map(|text| Argument::Typed(camel(&api.scalars[*n].name), text.to_owned())),
                    });
                }
            }
            continue;
        }
        let value = value_of(&field.wire);
        let sends = match &value {
            None if field.spec.mandatory => Some(Sends::Absent),
            None => continue,
            Some(Yaml::Null) => Some(Sends::Null),
            Some(Yaml::Bool(b)) => Some(Sends::Bool(*b)),
            Some(_) => None,
        };
        let choice = field.spec.choices.iter().find(|(_, c)| Some(c.sends) == sends);
        let setter = match (choice, value) {
            (Some((name, _)), _) => Setter { wire: field.wire.clone(), method: snake(name), argument: None },
            (None, Some(value)) => {
                let Some(argument) = argument(api, field, &value) else { continue };
                Setter { wire: field.wire.clone(), method: rust_name(field), argument: Some(argument) }
            }
            (None, None) => continue,
        };
        setters.push(setter);
    }
    setters
}

fn argument(api: &Api, field: &Field, value: &Yaml) -> Option<Argument> {
    if let (Some(separator), Kind::List(_), Yaml::String(text)) = (&field.spec.joined, &field.kind, value) {
        let entries = text.split(separator.as_str()).map(Yaml::from).collect();
        return argument(api, field, &Yaml::Sequence(entries));
    }
    match (&field.kind, value) {
        (Kind::List(of), Yaml::Sequence(items)) => {
            let nullable = field.spec.nullable;
            let items = items.iter().map(|item| {
                let inner = if item.is_null() { None } else { single(api, *of, item) };
                if nullable { Some(maybe(api, *of, inner)) } else { inner }
            });
            Some(Argument::List(items.collect::<Option<_>>()?))
        }
        (Kind::One(of), value) => {
            let inner = if value.is_null() { None } else { single(api, *of, value) };
            let nullable = field.spec.nullable && field.spec.choices.is_empty();
            if nullable { Some(maybe(api, *of, inner)) } else { inner }
        }
        _ => None,
    }
}

/// Returns an argument that may be null. A text is written with its type, because a setter does not convert the content
/// of an `Option`.
fn maybe(api: &Api, of: TypeRef, value: Option<Argument>) -> Argument {
    Argument::Maybe(value.map(|value| {
        Box::new(match (value, of) {
            (Argument::Text(text), TypeRef::Scalar(n)) => Argument::Typed(camel(&api.scalars[n].name), text),
            (Argument::Text(text), _) => Argument::Typed("String".into(), text),
            (value, _) => value,
        })
    }))
}

/// Adds the type to an argument that is a text, because a setter does not convert the entries of lists and maps.
fn typed(api: &Api, of: TypeRef, value: Argument) -> Option<Argument> {
    match maybe(api, of, Some(value)) {
        Argument::Maybe(value) => value.map(|value| *value),
        other => Some(other),
    }
}

fn single(api: &Api, of: TypeRef, value: &Yaml) -> Option<Argument> {
    let text = || match value {
        Yaml::String(text) => Some(text.clone()),
        Yaml::Number(number) => Some(number.to_string()),
        _ => None,
    };
    match of {
        TypeRef::String | TypeRef::Scalar(_) => text().map(Argument::Text),
        TypeRef::Integer | TypeRef::Amount(_) => {
            value.as_i64().or_else(|| value.as_str()?.parse().ok()).map(Argument::Integer)
        }
        TypeRef::Decimal => text().map(Argument::Decimal),
        TypeRef::Instant => text().map(|text| Argument::ParsedBuiltIn("OffsetDateTime", text)),
        TypeRef::Date => text().map(|text| Argument::ParsedBuiltIn("CalendarDate", text)),
        TypeRef::Time(n) => text().map(|text| Argument::Parsed(camel(&api.times[n].name), text)),
        TypeRef::Union(n) => {
            let union = &api.unions[n];
            let (kind, group) = union.case_of(value)?;
            let object = single(api, TypeRef::Object(group), value)?;
            Some(Argument::Case(camel(&union.name), camel(kind), Box::new(object)))
        }
        TypeRef::Composite(n) => match (api.composites[n], value) {
            (Composite::List(of), Yaml::Sequence(items)) => Some(Argument::Vector(
                items.iter().map(|item| typed(api, of, single(api, of, item)?)).collect::<Option<_>>()?,
            )),
            (Composite::Map(of), Yaml::Mapping(members)) => {
                let member = |(name, value): (&Yaml, &Yaml)| {
                    Some((name.as_str()?.to_owned(), typed(api, of, single(api, of, value)?)?))
                };
                Some(Argument::Map(members.iter().map(member).collect::<Option<_>>()?))
            }
            _ => None,
        },
        TypeRef::Boolean => value.as_bool().map(Argument::Bool),
        TypeRef::Json => Some(Argument::Json(to_json(value).to_string())),
        TypeRef::Enum(n) => {
            let (definition, wire) = (&api.enums[n], text()?);
            let name = camel(&definition.name);
            Some(match (definition.spec.values.get(&wire), value.as_i64()) {
                (Some(known), _) => Argument::Variant(name, camel(known.name.as_deref().unwrap_or(&wire))),
                (None, Some(number)) if definition.spec.coded_as == Coding::Integer => {
                    Argument::OtherNumber(name, number)
                }
                (None, _) => Argument::OtherText(name, wire),
            })
        }
        TypeRef::Object(n) => {
            let object = &api.objects[n];
            let setters = fill(api, &object.fields, &|wire| value.get(wire).cloned());
            Some(Argument::Built(camel(&object.name), setters))
        }
    }
}

/// Returns a request with every mandatory field. The value of a field is from the first example that has the field. If
/// no example has the field, the value is generated. `None` if a value cannot be generated.
pub(super) fn sample(api: &Api, op: &Operation) -> Option<Vec<Setter>> {
    let parts = [(&op.path, 0), (&op.query, 1), (&op.headers, 2), (&op.request, 3)];
    let mut setters = Vec::new();
    for (fields, part) in parts {
        let value_of = |wire: &str| {
            op.spec.examples.iter().find_map(|example| match part {
                0 => example.path.get(wire).cloned(),
                1 => example.query.get(wire).cloned(),
                2 => example.headers.get(wire).cloned(),
                _ => example.request.as_ref().and_then(|body| body.get(wire)).cloned(),
            })
        };
        for field in fields {
            if !field.spec.mandatory || is_supplied(api, field) {
                continue;
            }
            let one = std::slice::from_ref(field);
            let mut given = match &field.kind {
                // If examples have several alternatives, only the first is set, because code that sets two of them does
                // not compile.
                Kind::OneOf(_) => fill(api, one, &value_of).into_iter().take(1).collect(),
                _ => fill(api, one, &value_of),
            };
            if given.is_empty() {
                let value = made_up(api, field)?;
                given = fill(api, one, &|_| Some(value.clone()));
            }
            setters.extend(given);
        }
    }
    Some(setters)
}
