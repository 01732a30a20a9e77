//! Strict check of the sandbox's output against the spec. Every member must be documented, have a value of its type,
//! and not exceed its limit. The generated clients are more lenient.

use codegen::resolved::{Api, Field, Kind, TypeRef};
use codegen::spec::{Coding, Limit, Unit};
use serde_json::Value;

/// Violations, each with the path of the member.
#[derive(Debug, Default)]
pub struct Broken(pub Vec<String>);

impl Broken {
    fn report(&mut self, path: &str, what: &str) {
        self.0.push(format!("{path}: {what}"));
    }
}

/// Checks the answer to an operation. Returns the violations.
pub fn answer(api: &Api, operation: &str, body: &str) -> Vec<String> {
    let mut broken = Broken::default();
    let Some(operation) = api.operations.iter().find(|own| own.id == operation) else {
        return vec![format!("there is no operation {operation}")];
    };
    let Ok(value) = serde_json::from_str::<Value>(body) else { return vec!["the body is not JSON".into()] };
    let envelope = &api.spec.envelope;
    match &envelope.payload {
        None => {
            let members = known(api, &operation.reply);
            let success = envelope.success.path().unwrap_or_default();
            let common = [success, &envelope.code, &envelope.message];
            object(api, &members, &value, "", &mut broken, &|name| common.contains(&name));
            required(&value, success, &mut broken);
        }
        Some(payload) => {
            let members: Vec<&Field> = api.envelope.iter().collect();
            object(api, &members, &value, "", &mut broken, &|name| name == payload);
            for field in &api.envelope {
                required(&value, &field.wire, &mut broken);
            }
            let inner = &value[payload];
            let list = operation.reply.iter().find(|field| field.wire == "[]");
            match (list, inner) {
                (_, Value::Null) => {}
                (Some(field), inner) => check(api, field, inner, payload, &mut broken),
                (None, inner) => {
                    object(api, &known(api, &operation.reply), inner, payload, &mut broken, &|_| false);
                }
            }
        }
    }
    broken.0
}

/// Checks the body of a callback. Returns the violations.
pub fn callback(api: &Api, callback: &str, body: &Value) -> Vec<String> {
    let mut broken = Broken::default();
    match api.callbacks.iter().find(|own| own.id == callback) {
        Some(own) => object(api, &known(api, &own.body), body, "", &mut broken, &|_| false),
        None => broken.report(callback, "there is no such callback"),
    }
    broken.0
}

fn required(value: &Value, member: &str, broken: &mut Broken) {
    if value.get(member).is_none() {
        broken.report(member, "is missing");
    }
}

/// Returns the fields. A field that includes a group is replaced by the fields of the group, and a `OneOf` field by its
/// alternatives.
fn known<'a>(api: &'a Api, fields: &'a [Field]) -> Vec<&'a Field> {
    let mut all = Vec::new();
    for field in fields {
        match &field.kind {
            Kind::Include(n) => all.extend(listed(api, field, *n)),
            Kind::OneOf(alternatives) => all.extend(alternatives),
            _ => all.push(field),
        }
    }
    all
}

/// Returns the fields of a group. `place` is the field that includes the group. If this field lists names, only the
/// fields of the group with these names are returned.
fn listed<'a>(api: &'a Api, place: &Field, group: usize) -> Vec<&'a Field> {
    let is_listed = |own: &&Field| place.spec.fields.as_ref().is_none_or(|names| names.contains(&own.wire));
    known(api, &api.objects[group].fields).into_iter().filter(is_listed).collect()
}

fn object(
    api: &Api,
    fields: &[&Field],
    value: &Value,
    path: &str,
    broken: &mut Broken,
    elsewhere: &dyn Fn(&str) -> bool,
) {
    let Some(members) = value.as_object() else { return broken.report(path, "is not an object") };
    for (name, value) in members {
        let path = format!("{path}.{name}");
        match fields.iter().find(|field| field.wire == *name) {
            Some(field) => check(api, field, value, &path, broken),
            None if elsewhere(name) => {}
            None => broken.report(&path, "is not documented"),
        }
    }
}

fn check(api: &Api, field: &Field, value: &Value, path: &str, broken: &mut Broken) {
    match (&field.kind, value) {
        (Kind::List(of), Value::Array(items)) => {
            items.iter().enumerate().for_each(|(n, item)| one(api, field, *of, item, &format!("{path}[{n}]"), broken));
        }
        (Kind::List(_), _) => broken.report(path, "is not a list"),
        (Kind::One(of), value) => one(api, field, *of, value, path, broken),
        _ => broken.report(path, "is not allowed here"),
    }
}

fn one(api: &Api, field: &Field, of: TypeRef, value: &Value, path: &str, broken: &mut Broken) {
    let is_text = value.is_string();
    if value.is_null() && field.spec.nullable {
        return;
    }
    let ok = match of {
        TypeRef::String => is_text,
        TypeRef::Instant | TypeRef::Date | TypeRef::Time(_) => is_text,
        TypeRef::Decimal => is_text || value.is_number(),
        TypeRef::Integer | TypeRef::Amount(_) => value.is_i64(),
        TypeRef::Boolean => value.is_boolean(),
        // These types are not checked. Neither API has lists of lists, maps or unions.
        TypeRef::Json | TypeRef::Union(_) | TypeRef::Composite(_) => true,
        TypeRef::Scalar(n) => {
            limit(value, api.scalars[n].spec.max, path, broken);
            is_text || value.is_i64()
        }
        TypeRef::Enum(n) => {
            let spec = &api.enums[n].spec;
            let wire = match spec.coded_as {
                Coding::Integer => value.as_i64().map(|code| code.to_string()),
                Coding::Text => value.as_str().map(Into::into),
            };
            wire.is_some_and(|wire| spec.values.contains_key(&wire))
        }
        TypeRef::Object(n) => {
            object(api, &listed(api, field, n), value, path, broken, &|_| false);
            true
        }
    };
    if !ok {
        broken.report(path, &format!("`{value}` is not a value of its type"));
    }
    limit(value, field.spec.max, path, broken);
}

fn limit(value: &Value, max: Option<Limit>, path: &str, broken: &mut Broken) {
    let Some(Limit { count, unit: Some(unit) }) = max else { return };
    let size = match (unit, value) {
        (Unit::Characters, Value::String(text)) => text.chars().count(),
        (Unit::Digits, Value::Number(number)) => number.to_string().trim_start_matches('-').len(),
        (Unit::Items, Value::Array(items)) => items.len(),
        _ => return,
    };
    if i64::try_from(size).is_ok_and(|size| size > count) {
        broken.report(path, &format!("{size} exceeds the limit of {count}"));
    }
}
