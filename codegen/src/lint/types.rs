//! Lints of named types. Each type must be used, and each enumeration must have values. No group may contain itself,
//! and no prefix may mark both valid and mistaken values.

use crate::analysis::{FieldsOf, field_lists, follow, follow_type, is_integer_coded};
use crate::diagnostic::Diagnostics;
use crate::lint_registry::Lint;
use crate::resolved::{Api, BUILT_IN, Field, TypeRef};
use std::collections::HashSet;

pub(super) fn lint(api: &Api, diagnostics: &mut Diagnostics) {
    let mut used: HashSet<TypeRef> = HashSet::new();
    for (part, fields) in field_lists(api) {
        if part != FieldsOf::Object {
            follow(api, fields, &mut used);
        }
    }
    for (_, n) in api.callbacks.iter().flat_map(|callback| &callback.select).flat_map(|select| &select.cases) {
        follow_type(api, TypeRef::Object(*n), &mut used);
    }
    for credential in api.spec.credentials.values() {
        used.extend(api.scalars.iter().position(|s| s.name == credential.of).map(TypeRef::Scalar));
    }
    // If a part of the spec is unreadable, a type may be used there.
    let named = api
        .scalars
        .iter()
        .enumerate()
        .map(|(n, s)| (TypeRef::Scalar(n), &s.name, &s.place))
        .chain(api.enums.iter().enumerate().map(|(n, e)| (TypeRef::Enum(n), &e.name, &e.place)))
        .chain(api.objects.iter().enumerate().map(|(n, o)| (TypeRef::Object(n), &o.name, &o.place)))
        .chain(
            api.amounts.iter().enumerate().filter_map(|(n, a)| Some((TypeRef::Amount(n), &a.name, a.place.as_ref()?))),
        )
        .chain(api.times.iter().enumerate().map(|(n, t)| (TypeRef::Time(n), &t.name, &t.place)))
        .chain(api.unions.iter().enumerate().map(|(n, u)| (TypeRef::Union(n), &u.name, &u.place)));
    // A repeated name refers to the first definition. Another lint reports the second definition.
    let predefined = api.amounts.iter().filter(|amount| amount.place.is_none()).map(|amount| amount.name.as_str());
    let mut names: HashSet<&str> = BUILT_IN.iter().map(|(name, _)| *name).chain(predefined).collect();
    for (of, name, place) in named.filter(|(_, name, _)| names.insert(name)) {
        if !used.contains(&of) && !api.incomplete {
            diagnostics
                .report(Lint::UnusedType, place.clone().key(), format!("nothing uses the type `{name}`"))
                .help("use it, or remove it");
        }
    }
    for definition in &api.enums {
        if definition.spec.values.is_empty() && !diagnostics.is_silent(&definition.place.at("values")) {
            diagnostics.report(
                Lint::EmptyEnum,
                definition.place.clone().key(),
                format!("`{}` has no values", definition.name),
            );
        }
        if is_integer_coded(&definition.spec) {
            for (wire, value) in &definition.spec.values {
                let place = definition.place.at("values").at(wire);
                if wire.parse::<i64>().is_err() {
                    diagnostics.report(Lint::EnumCoding, place.key(), format!("`{wire}` is not an integer"));
                } else if value.name.is_none() {
                    diagnostics.report(Lint::EnumCoding, place.key(), format!("{wire} needs a `name:`"));
                }
            }
        }
    }
    recursion(api, diagnostics);
    for definition in &api.scalars {
        for (prefix, _) in &definition.spec.mistaken {
            if definition.spec.prefixes.contains_key(prefix) {
                diagnostics.report(
                    Lint::Prefix,
                    definition.place.at("mistaken").at(prefix).key(),
                    format!("`{prefix}` is also a prefix of valid values"),
                );
            }
        }
    }
}

/// Reports groups that contain themselves, directly or through other groups. Generated code does not support recursive
/// types.
fn recursion(api: &Api, diagnostics: &mut Diagnostics) {
    for (n, object) in api.objects.iter().enumerate() {
        let mut found = HashSet::new();
        follow(api, &object.fields, &mut found);
        if found.contains(&TypeRef::Object(n)) {
            diagnostics.report(
                Lint::RecursiveObject,
                object.place.clone().key(),
                format!("`{}` contains itself", object.name),
            );
        }
    }
}

/// Returns the message for two compared fields with different types.
pub(super) fn another_type(from: &str, own: &Field, name: &str, found: &Field) -> String {
    format!("`{from}` ({}) has another type than `{name}` ({})", in_words(own), in_words(found))
}

/// Describes the type of a field.
fn in_words(field: &Field) -> String {
    let spec = &field.spec;
    match (&spec.list, &spec.map, &spec.of) {
        (Some(of), _, _) => format!("a list of `{of}`"),
        (None, Some(of), _) => format!("a map of `{of}`"),
        (None, None, Some(of)) => format!("`{of}`"),
        (None, None, None) if spec.one_of.is_some() => "one of several fields".to_owned(),
        (None, None, None) => "`string`".to_owned(),
    }
}
