//! Fields of an API: lists of fields, look-up by path, and the fields whose values callers do not pass.

use crate::resolved::{Api, Field, Kind, TypeRef};

/// Part of an API that has a list of fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FieldsOf {
    Path,
    Query,
    /// Headers of one operation.
    OwnHeader,
    Request,
    Reply,
    /// Body of a callback.
    Callback,
    /// Headers of a callback.
    Header,
    Object,
    /// Fields that the spec lists under `envelope:`.
    Envelope,
}

/// Returns every list of fields of an API. `attach_rules` relies on the order of the lists.
pub(crate) fn field_lists(api: &Api) -> Vec<(FieldsOf, &[Field])> {
    let mut lists: Vec<(FieldsOf, &[Field])> = vec![(FieldsOf::Envelope, &api.envelope)];
    for op in &api.operations {
        lists.push((FieldsOf::Path, &op.path));
        lists.push((FieldsOf::Query, &op.query));
        lists.push((FieldsOf::OwnHeader, &op.headers));
        lists.push((FieldsOf::Request, &op.request));
        lists.push((FieldsOf::Reply, &op.reply));
    }
    for callback in &api.callbacks {
        lists.push((FieldsOf::Header, &callback.headers));
        lists.push((FieldsOf::Callback, &callback.body));
    }
    lists.extend(api.objects.iter().map(|object| (FieldsOf::Object, object.fields.as_slice())));
    lists
}

/// Calls `visit` with every field of a list, and with every alternative under `one_of:`.
pub(crate) fn each_field<'a>(fields: &'a [Field], visit: &mut dyn FnMut(&'a Field)) {
    for field in fields {
        visit(field);
        if let Kind::OneOf(choices) = &field.kind {
            each_field(choices, visit);
        }
    }
}

/// Calls `visit` with every field of every message and group, and with every alternative under `one_of:`. Fields of the
/// envelope are left out.
pub(crate) fn each_message_field<'a>(api: &'a Api, visit: &mut dyn FnMut(&'a Field)) {
    for (_, fields) in field_lists(api).into_iter().filter(|(of, _)| *of != FieldsOf::Envelope) {
        each_field(fields, visit);
    }
}

/// Value of `supplied_by:` for a field that the client fills with a credential.
const CLIENT: &str = "client";

/// Returns the index of the credential with which the client fills a field.
pub(crate) fn supplied_by_client(api: &Api, field: &Field) -> Option<usize> {
    field.spec.supplied_by.as_ref().filter(|by| *by == CLIENT)?;
    let of = field.spec.of.as_deref()?;
    api.spec.credentials.values().position(|c| c.of == of)
}

/// Returns the index of the computed value with which the client fills a field.
pub(crate) fn supplied_by_value(api: &Api, field: &Field) -> Option<usize> {
    api.spec.computed.get_index_of(field.spec.supplied_by.as_ref()?)
}

/// Returns `true` if the caller passes no value for a field, because the value is fixed or the client supplies it.
pub(crate) fn is_supplied(api: &Api, field: &Field) -> bool {
    field.spec.fixed.is_some() || supplied_by_client(api, field).is_some() || supplied_by_value(api, field).is_some()
}

/// Returns the field with this name, or the field at this dotted path through objects. An included group is not a step
/// of the path.
pub(crate) fn field_at<'a>(api: &'a Api, fields: &'a [Field], path: &str) -> Option<&'a Field> {
    if let Some(field) = fields.iter().find(|field| field.wire == path) {
        return Some(field);
    }
    let nested = path.split_once('.').and_then(|(name, rest)| {
        let field = fields.iter().find(|field| field.wire == name)?;
        let Kind::One(TypeRef::Object(n)) = field.kind else { return None };
        field_at(api, &api.objects[n].fields, rest)
    });
    nested.or_else(|| {
        fields.iter().find_map(|field| match field.kind {
            Kind::Include(n) => field_at(api, &api.objects[n].fields, path),
            _ => None,
        })
    })
}

/// Splits a path at its first list. Returns the path of the list, and the path of the field inside an entry of the
/// list. In a path such as `[].amount`, the payload itself is the list, and `[]` is the path of the list. `None` if the
/// path leads into no list.
pub(crate) fn at_list(path: &str) -> Option<(&str, &str)> {
    let (list, rest) = path.split_once("[].")?;
    Some((if list.is_empty() { "[]" } else { list }, rest))
}

/// Returns the field at a path, as [`field_at`] does. The path may also lead into lists: `cards[].amount` is the field
/// `amount` of each entry of `cards`.
pub(crate) fn field_in<'a>(api: &'a Api, fields: &'a [Field], path: &str) -> Option<&'a Field> {
    let Some((list, rest)) = at_list(path) else { return field_at(api, fields, path) };
    let Kind::List(TypeRef::Object(n)) = field_at(api, fields, list)?.kind else { return None };
    field_in(api, &api.objects[n].fields, rest)
}

/// Returns the objects on a dotted path, followed by the field at the end of the path.
pub(crate) fn field_way<'a>(api: &'a Api, fields: &'a [Field], path: &str) -> Option<Vec<&'a Field>> {
    if let Some(field) = fields.iter().find(|field| field.wire == path) {
        return Some(vec![field]);
    }
    let (name, rest) = path.split_once('.')?;
    let field = fields.iter().find(|field| field.wire == name)?;
    let Kind::One(TypeRef::Object(n)) = field.kind else { return None };
    let mut way = vec![field];
    way.extend(field_way(api, &api.objects[n].fields, rest)?);
    Some(way)
}

/// Largest number of groups on a path that [`fields_in`] returns. A limit is needed because an object may contain
/// itself.
const DEEPEST_PATH: usize = 4;

/// Returns the paths at which [`field_at`] finds a field. Error messages suggest these paths.
pub(crate) fn field_paths(api: &Api, fields: &[Field]) -> Vec<String> {
    let paths = fields_in(api, fields).into_iter().map(|(path, _)| path);
    paths.filter(|path| at_list(path).is_none()).collect()
}

/// Returns the fields that [`field_in`] finds, each with its path. The depth is limited to [`DEEPEST_PATH`].
pub(crate) fn fields_in<'a>(api: &'a Api, fields: &'a [Field]) -> Vec<(String, &'a Field)> {
    let mut found = Vec::new();
    collect(api, fields, "", DEEPEST_PATH, &mut found);
    found
}

fn collect<'a>(api: &'a Api, fields: &'a [Field], before: &str, depth: usize, found: &mut Vec<(String, &'a Field)>) {
    for field in fields {
        let path = format!("{before}{}", field.wire);
        match field.kind {
            Kind::Include(n) if depth > 0 => collect(api, &api.objects[n].fields, before, depth - 1, found),
            Kind::One(TypeRef::Object(n)) if depth > 0 => {
                collect(api, &api.objects[n].fields, &format!("{path}."), depth - 1, found);
                found.push((path, field));
            }
            Kind::List(TypeRef::Object(n)) if depth > 0 => {
                let inside = format!("{}[].", path.strip_suffix("[]").unwrap_or(&path));
                collect(api, &api.objects[n].fields, &inside, depth - 1, found);
                found.push((path, field));
            }
            _ => found.push((path, field)),
        }
    }
}

/// Returns the currency code of an amount, or the name of the field that contains the code. The result is the value of
/// the field's own `currency:` key. Without this key, the result is the currency of the field's type, but only if that
/// currency has minor units such as cents.
pub(crate) fn currency_of<'a>(api: &'a Api, field: &'a Field) -> Option<&'a str> {
    let has_parts = |code: &&str| rules::Currency::new(code).is_some_and(|currency| currency.exponent() > 0);
    let of_type = match field.kind {
        Kind::One(TypeRef::Amount(n)) => Some(api.amounts[n].spec.currency.as_str()).filter(has_parts),
        _ => None,
    };
    field.spec.currency.as_deref().or(of_type)
}
