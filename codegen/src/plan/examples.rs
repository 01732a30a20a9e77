//! Plans examples: values of the spec as calls on a builder and as JSON.

use super::fields::rust_name;
use crate::analysis::{envelope_names, is_success, scalar_rules, supplied_by_client, to_json};
use crate::model::{Argument, ExampleModel, MessageExampleModel, Setter, TextRules};
use crate::names::{camel, snake};
use crate::resolved::{Api, Callback, Field, Kind, Operation, TypeRef};
use crate::spec::{Coding, Sends};
use crate::times;
use serde_json::Value as Json;
use serde_yaml::Value as Yaml;

/// Returns the examples of an operation.
pub(super) fn exchanges(api: &Api, op: &Operation) -> Vec<ExampleModel> {
    op.spec
        .examples
        .iter()
        .map(|example| {
            let given = example.request.is_some()
                || !example.path.is_empty()
                || !example.query.is_empty()
                || (op.path.is_empty() && op.query.is_empty() && op.request.is_empty());
            let reply_json = example.reply.as_ref().map(to_json);
            ExampleModel {
                name: snake(&example.title),
                request: given.then(|| {
                    let mut setters = Vec::new();
                    let lookup = |map: &crate::spec::Map<Yaml>, wire: &str| map.get(wire).cloned();
                    setters.extend(fill(api, &op.path, &|wire| lookup(&example.path, wire)));
                    setters.extend(fill(api, &op.query, &|wire| lookup(&example.query, wire)));
                    let body = example.request.clone().unwrap_or(Yaml::Null);
                    setters.extend(fill(api, &op.request, &|wire| body.get(wire).cloned()));
                    setters
                }),
                request_json: example.request.as_ref().map(to_json),
                payload_json: reply_json
                    .as_ref()
                    .map(|reply| known(api, &op.reply, payload(api, reply), &envelope_names(api))),
                success: reply_json.as_ref().is_some_and(|reply| is_success(api, reply)),
                reply_json,
            }
        })
        .collect()
}

/// Returns the examples of a callback.
pub(super) fn messages(api: &Api, callback: &Callback) -> Vec<MessageExampleModel> {
    callback
        .spec
        .examples
        .iter()
        .map(|example| {
            let json = to_json(&example.body);
            MessageExampleModel { name: snake(&example.title), known: known(api, &callback.body, &json, &[]), json }
        })
        .collect()
}

/// Returns the payload of a reply.
fn payload<'a>(api: &Api, reply: &'a Json) -> &'a Json {
    match &api.spec.envelope.payload {
        Some(path) => reply.pointer(&format!("/{}", path.replace('.', "/"))).unwrap_or(&Json::Null),
        None => reply,
    }
}

/// Returns the envelope's names that a group beside it cannot have: those of objects. Other values are read into both.
fn inside(api: &Api, left_out: &[String]) -> Vec<String> {
    let envelope = &api.spec.envelope;
    let paths = [&envelope.success.member, &envelope.code, &envelope.message];
    left_out.iter().filter(|name| !paths.contains(name)).cloned().collect()
}

/// Returns a value after reading it and writing it again: only documented members. Nulls stay if they are documented,
/// and mandatory lists are written even if they are empty.
fn known(api: &Api, fields: &[Field], value: &Json, left_out: &[String]) -> Json {
    // A payload that is a list is read into the member `[]`.
    if let (Json::Array(_), Some(field)) = (value, fields.iter().find(|f| f.wire == "[]")) {
        return serde_json::json!({ "[]": known_value(api, field, value) });
    }
    let mut map = serde_json::Map::new();
    for field in fields.iter().filter(|f| !left_out.contains(&f.wire)) {
        if let Kind::Include(n) = field.kind
            && let Json::Object(inner) = known(api, &api.objects[n].fields, value, &inside(api, left_out))
        {
            map.extend(inner);
            continue;
        }
        let inner = match value.get(&field.wire).filter(|inner| !inner.is_null()) {
            Some(inner) => known_value(api, field, inner),
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
        (Kind::One(of), value) => known_single(api, *of, value),
        _ => value.clone(),
    }
}

fn known_single(api: &Api, of: TypeRef, value: &Json) -> Json {
    match (of, value) {
        (TypeRef::Object(n), Json::Object(_)) => known(api, &api.objects[n].fields, value, &[]),
        // Read regardless of case, and written in the page's spelling.
        (TypeRef::Enum(n), Json::String(text)) if api.enums[n].spec.any_case => {
            let spelled = api.enums[n].spec.values.keys().find(|wire| wire.eq_ignore_ascii_case(text));
            Json::String(spelled.unwrap_or(text).clone())
        }
        // Read in several forms, and written in one.
        (TypeRef::KstDateTime | TypeRef::CivilDateTime, Json::String(text)) => {
            Json::String(times::as_written(text, of).unwrap_or_else(|| text.clone()))
        }
        _ => value.clone(),
    }
}

/// Returns the calls that set every field with a value, and the named choices of fields without one.
fn fill(api: &Api, fields: &[Field], value_of: &dyn Fn(&str) -> Option<Yaml>) -> Vec<Setter> {
    let mut setters = Vec::new();
    for field in fields {
        if supplied_by_client(api, field).is_some() {
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

/// Returns a value that may be null. A text includes its type, because `Option` does not convert it.
fn maybe(api: &Api, of: TypeRef, value: Option<Argument>) -> Argument {
    Argument::Maybe(value.map(|value| {
        Box::new(match (value, of) {
            (Argument::Text(text), TypeRef::Scalar(n)) => Argument::Typed(camel(&api.scalars[n].name), text),
            (Argument::Text(text), _) => Argument::Typed("String".into(), text),
            (value, _) => value,
        })
    }))
}

fn single(api: &Api, of: TypeRef, value: &Yaml) -> Option<Argument> {
    let text = || match value {
        Yaml::String(text) => Some(text.clone()),
        Yaml::Number(number) => Some(number.to_string()),
        _ => None,
    };
    match of {
        TypeRef::String | TypeRef::Scalar(_) => text().map(Argument::Text),
        TypeRef::Integer | TypeRef::Won => value.as_i64().map(Argument::Integer),
        TypeRef::Boolean => value.as_bool().map(Argument::Bool),
        TypeRef::KstDateTime => text().map(Argument::Kst),
        TypeRef::CivilDateTime => text().map(Argument::Civil),
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

/// Returns a request with every mandatory field, with values of the first example or generated within the rules.
pub(super) fn sample(api: &Api, op: &Operation) -> Option<Vec<Setter>> {
    let parts = [(&op.path, 0), (&op.query, 1), (&op.request, 2)];
    let mut setters = Vec::new();
    for (fields, part) in parts {
        let value_of = |wire: &str| {
            op.spec.examples.iter().find_map(|example| match part {
                0 => example.path.get(wire).cloned(),
                1 => example.query.get(wire).cloned(),
                _ => example.request.as_ref().and_then(|body| body.get(wire)).cloned(),
            })
        };
        for field in fields {
            if !field.spec.mandatory || supplied_by_client(api, field).is_some() {
                continue;
            }
            let one = std::slice::from_ref(field);
            let mut given = match &field.kind {
                // Only the first alternative in an example, because setting two does not compile.
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

fn made_up(api: &Api, field: &Field) -> Option<Yaml> {
    let of = match field.kind {
        Kind::One(of) => of,
        Kind::List(of) => return Some(Yaml::Sequence(vec![single_made_up(api, field, of)?])),
        _ => return None,
    };
    single_made_up(api, field, of)
}

fn single_made_up(api: &Api, field: &Field, of: TypeRef) -> Option<Yaml> {
    let rules = field.rules.clone();
    match of {
        TypeRef::String | TypeRef::Scalar(_) => {
            let rules = match (of, rules.text) {
                (_, Some(own)) => own,
                (TypeRef::Scalar(n), None) => scalar_rules(&api.scalars[n].spec),
                _ => TextRules::default(),
            };
            Some(Yaml::String(rules.text_of_length(rules.min.max(1))))
        }
        TypeRef::Integer | TypeRef::Won => {
            let least = rules.integer.and_then(|r| r.min).unwrap_or(1);
            Some(Yaml::from(least.max(1)))
        }
        TypeRef::Boolean => Some(Yaml::Bool(true)),
        TypeRef::Enum(n) => {
            let (wire, _) = api.enums[n].spec.values.first()?;
            Some(Yaml::String(wire.clone()))
        }
        TypeRef::KstDateTime => Some(Yaml::String("2030-01-01 00:00:00".into())),
        TypeRef::CivilDateTime => Some(Yaml::String("2030-01-01T00:00:00".into())),
        TypeRef::Json | TypeRef::Object(_) => None,
    }
}
