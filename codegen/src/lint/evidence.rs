//! Lints of `evidence:`. They check the members that bind a success to its request, and the fields that identify a
//! request.

use super::comparison::{compare, environment, find_in, fixed, own_field, single, sums, weak_step, whole_amount};
use crate::analysis::{field_at, field_paths, field_way, is_supplied};
use crate::diagnostic::Diagnostics;
use crate::lint_registry::Lint;
use crate::resolved::{Api, Field, Kind, Operation, TypeRef};
use crate::source::Place;
use crate::spec::Binding;

pub(super) fn lint(api: &Api, diagnostics: &mut Diagnostics) {
    // A field, or its type, may be in a part of the spec that could not be read.
    if !api.lost {
        api.operations.iter().for_each(|op| binding(api, op, diagnostics));
    }
}

fn binding(api: &Api, op: &Operation, diagnostics: &mut Diagnostics) {
    let evidence = &op.spec.evidence;
    let place = Place::top(op.file).at("evidence");
    let names_members = !evidence.binds.is_empty() || !evidence.sums.is_empty() || evidence.environment.is_some();
    if evidence.repeats_nothing && names_members {
        let message = "a success that repeats no value of its request has no members to bind";
        diagnostics.report(Lint::KeyCombination, place.at("repeats_nothing").key(), message);
    }
    if evidence.repeats_nothing && evidence.doc.is_none() {
        let message = "no member binds a success to the request, and the spec gives no reason";
        diagnostics
            .report(Lint::UnboundAnswer, place.at("repeats_nothing").key(), message)
            .help("add `doc:` with the reason");
    }
    if evidence.moves_money && evidence.binds.is_empty() && !evidence.repeats_nothing {
        let message = "the operation moves money, but no member binds a success to the request";
        diagnostics
            .report(Lint::UnboundAnswer, place.at("moves_money").key(), message)
            .help("under `binds:`, add members of the reply, each with the field of the request that it repeats");
    }
    members(api, op, &place, diagnostics);
    sums(api, op, (&evidence.sums, Some(&op.reply)), &place.at("sums"), diagnostics);
    let names = evidence.binds.values().filter_map(Binding::field);
    if evidence.moves_money && !evidence.binds.is_empty() && !names.into_iter().any(|own| is_name(api, op, own)) {
        let message = "no identifier binds a success, but another payment may have the same values";
        diagnostics
            .report(Lint::UnboundAnswer, place.at("binds").key(), message)
            .help("also bind a member that identifies the payment or the request");
    }
    identity(api, op, &place, diagnostics);
    environment(api, &op.reply, evidence.environment.as_ref(), &place, diagnostics);
}

/// Checks the members under `binds:`.
fn members(api: &Api, op: &Operation, place: &Place, diagnostics: &mut Diagnostics) {
    for (name, binding) in &op.spec.evidence.binds {
        let place = place.at("binds").at(name);
        let found = find_in(api, &op.reply, name, place.clone().key(), diagnostics);
        if let Binding::Fixed(value) = binding {
            fixed(api, name, value, found, &place, diagnostics);
        }
        let Some(from) = binding.field() else { continue };
        let own = own_field(api, op, from, place.clone(), diagnostics);
        compare(found, own, from, name, &place, diagnostics);
        single(found, own, from, &place, diagnostics);
        whole_amount(found, name, &place, diagnostics);
        if let (Binding::Magnitude(_), Some(found)) = (binding, found)
            && !matches!(found.kind, Kind::One(TypeRef::Amount(_) | TypeRef::Integer))
        {
            diagnostics.report(Lint::MemberType, place, format!("`{name}` is not a number, so it has no magnitude"));
        }
    }
}

fn identity(api: &Api, op: &Operation, place: &Place, diagnostics: &mut Diagnostics) {
    let evidence = &op.spec.evidence;
    for (n, name) in evidence.identity.iter().enumerate() {
        let place = place.at("identity").item(n);
        match identifying(api, op, name) {
            None => {
                let members = op.path.iter().map(|field| field.wire.clone()).chain(field_paths(api, &op.request));
                let given = op.headers.iter().filter(|field| !is_supplied(api, field));
                let headers = given.map(|field| format!("header.{}", field.wire));
                let names: Vec<String> = members.chain(headers).collect();
                diagnostics
                    .report(
                        Lint::DanglingField,
                        place,
                        format!("callers do not pass `{name}` in the path, the headers or the body"),
                    )
                    .suggest(name, names.iter().map(String::as_str));
            }
            Some(way) => {
                if let Some((field, why)) = weak_step(&way) {
                    let message = match way.as_slice() {
                        [_] => format!("`{name}` {why}"),
                        _ => format!("`{name}` may be absent: `{}` {why}", field.wire),
                    };
                    diagnostics
                        .report(Lint::WeakIdentity, place, message)
                        .help("list only fields that each request has");
                }
            }
        }
    }
    let is_given =
        |name: &String| op.path.iter().any(|field| field.wire == *name) || field_at(api, &op.request, name).is_some();
    let is_figure = |name: &String| is_given(name) && !is_name(api, op, name);
    if !evidence.identity.is_empty() && evidence.identity.iter().all(is_figure) {
        diagnostics
            .report(
                Lint::WeakIdentity,
                place.at("identity").key(),
                "no identifier is among the fields that identify the request",
            )
            .help("add a text that identifies the request; two requests with equal amounts or times may be different");
    }
}

/// Returns the objects that contain a field under `identity:`, followed by the field itself. `None` if callers pass no
/// such field.
fn identifying<'a>(api: &'a Api, op: &'a Operation, name: &str) -> Option<Vec<&'a Field>> {
    if let Some(header) = name.strip_prefix("header.") {
        let given = op.headers.iter().find(|field| field.wire.eq_ignore_ascii_case(header) && !is_supplied(api, field));
        return given.map(|field| vec![field]);
    }
    let in_path = op.path.iter().find(|field| field.wire == name);
    in_path.map(|field| vec![field]).or_else(|| field_way(api, &op.request, name))
}

/// Returns `true` if the request has this field, and the field can be an identifier: its type is `string` or a named
/// scalar. A field of unknown type counts as an identifier too.
fn is_name(api: &Api, op: &Operation, name: &str) -> bool {
    let plain = [&op.path, &op.query, &op.headers].into_iter().flatten().find(|field| field.wire == name);
    let found = plain.or_else(|| field_at(api, &op.request, name));
    found.is_some_and(|field| matches!(field.kind, Kind::One(TypeRef::String | TypeRef::Scalar(_)) | Kind::Broken))
}
