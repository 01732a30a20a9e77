//! Lints of envelopes. An envelope must have exactly one criterion of success, valid paths of its members, and
//! different values for success and failure. The fields of a reply must not conflict with the envelope.

use crate::analysis::{code_of, envelope_of, is_kept, steps};
use crate::diagnostic::Diagnostics;
use crate::lint_registry::Lint;
use crate::resolved::{Api, Field, Kind, Operation, TypeRef};
use crate::source::Place;
use crate::spec::{Envelope, EnvelopeSuccess, ErrorShape, status_range};

pub(super) fn lint(api: &Api, diagnostics: &mut Diagnostics) {
    envelope(&api.spec.envelope, &Place::top(api.file).at("envelope"), diagnostics);
    for op in &api.operations {
        let place = Place::top(op.file).at("envelope");
        if let Some(own) = &op.spec.envelope {
            envelope(own, &place, diagnostics);
            for field in own.fields.keys() {
                diagnostics
                    .report(
                        Lint::Envelope,
                        place.at("fields").at(field).key(),
                        "the envelope of an operation cannot have `fields:`",
                    )
                    .help("describe the member in `api.yaml`, or as a field of the reply");
            }
        }
        list(api, op, diagnostics);
        present(api, op, diagnostics);
        let mut rows = Vec::new();
        beside(api, &op.reply, &mut Vec::new(), &mut rows);
        shared(api, op, &rows, diagnostics);
        states(api, op, diagnostics);
        left_out(api, op, diagnostics);
    }
}

fn envelope(envelope: &Envelope, place: &Place, diagnostics: &mut Diagnostics) {
    let success = place.at("success");
    criterion(&envelope.success, &success, diagnostics);
    let single = [
        (envelope.success.member.as_ref(), success.at("member")),
        (envelope.success.has.as_ref(), success.at("has")),
        (envelope.payload.as_ref(), place.at("payload")),
    ];
    for (path, place) in single.into_iter().filter_map(|(path, place)| Some((path?, place))) {
        member(path, &place, false, diagnostics);
    }
    member(&envelope.code, &place.at("code"), true, diagnostics);
    member(&envelope.message, &place.at("message"), true, diagnostics);
    for (n, shape) in envelope.errors.iter().enumerate() {
        let at = place.at("errors").item(n);
        member(&shape.code, &at.at("code"), true, diagnostics);
        member(&shape.message, &at.at("message"), true, diagnostics);
        status(&shape.status, &at.at("status"), diagnostics);
        let Some((from, to)) = status_range(&shape.status) else { continue };
        let covers = |earlier: &&ErrorShape| {
            earlier.code == shape.code && status_range(&earlier.status).is_some_and(|own| own.0 <= from && to <= own.1)
        };
        if let Some(earlier) = envelope.errors[..n].iter().find(covers) {
            diagnostics
                .report(
                    Lint::Envelope,
                    at.at("status"),
                    format!(
                        "this entry never applies, because the earlier entry for `{}` has the same `code:`",
                        earlier.status
                    ),
                )
                .help("remove it, or put it before the other entry");
        }
    }
    for failure in envelope.success.failures() {
        if envelope.success.equals.0.contains(failure) {
            diagnostics.report(Lint::Envelope, success.at("failure"), "success and failure have the same value");
        }
    }
}

/// Checks the path of a member. Only the error code and the error message may be in the entries of a list.
fn member(path: &str, place: &Place, may_be_in_list: bool, diagnostics: &mut Diagnostics) {
    const NOTATION: &str = "write names with dots between them, such as `result.code`; `details[].issue` is the member \
                            `issue` of each entry of the list `details`";
    let names = path.split('.').map(|part| part.strip_suffix("[]").unwrap_or(part));
    let is_name = |name: &&str| {
        name.chars().all(|c| c.is_alphanumeric() || "_-$@:#/".contains(c)) && !name.chars().all(|c| c.is_ascii_digit())
    };
    if path.split('.').any(|name| name.trim() != name || name.is_empty()) {
        diagnostics
            .report(Lint::Envelope, place.clone(), "a name in this path is empty, or begins or ends with a blank")
            .help("write the name, or a dotted path such as `result.code`");
    } else if let Some(name) = names.clone().find(|name| !is_name(name)) {
        diagnostics
            .report(Lint::Envelope, place.clone(), format!("`{name}` cannot be the name of a member"))
            .help(NOTATION);
    } else if !may_be_in_list && path.contains("[]") {
        diagnostics
            .report(Lint::Envelope, place.clone(), "only `code` and `message` may be in the entries of a list")
            .help("use a member outside of a list");
    }
}

/// Checks that there is exactly one criterion of success, with the keys that it needs.
fn criterion(success: &EnvelopeSuccess, place: &Place, diagnostics: &mut Diagnostics) {
    let ways = [success.member.is_some(), success.status.is_some(), success.has.is_some()];
    if ways.iter().filter(|given| **given).count() != 1 {
        diagnostics
            .report(Lint::Envelope, place.clone().key(), "an envelope needs exactly one criterion of success")
            .help("write `member:` with `equals:`, `status: 2xx` or `has:`");
        return;
    }
    if success.member.is_some() && success.equals.0.is_empty() {
        diagnostics
            .report(Lint::Envelope, place.clone().key(), "no value of the member means success")
            .help("add `equals:` with one value or a list");
    }
    if success.member.is_none() {
        for (key, values) in [("equals", &success.equals), ("failure", &success.failure)] {
            if !values.0.is_empty() {
                diagnostics
                    .report(Lint::Envelope, place.at(key).key(), format!("`{key}` has no effect without `member`"))
                    .help("remove it: without `member`, a reply with an error code is a failure");
            }
        }
    }
    if let Some(text) = &success.status {
        status(text, &place.at("status"), diagnostics);
    }
}

fn status(text: &str, place: &Place, diagnostics: &mut Diagnostics) {
    let is_status = text.len() == 3 && !text.trim_end_matches('x').contains('x') && status_range(text).is_some();
    if !is_status {
        diagnostics
            .report(Lint::HttpStatus, place.clone(), format!("`{text}` is not an HTTP status"))
            .help("write `200`, or `2xx` for a class");
    }
}

/// Reports a reply that is a list if a member of the reply shows success, because a list has no members.
fn list(api: &Api, op: &Operation, diagnostics: &mut Diagnostics) {
    let envelope = envelope_of(api, op);
    if envelope.payload.is_none()
        && envelope.success.status.is_none()
        && let Some(field) = op.reply.iter().find(|field| field.wire == "[]")
    {
        diagnostics
            .report(
                Lint::Envelope,
                field.place.clone().key(),
                "a reply that is a list has no member that shows success",
            )
            .help("write `success: { status: 2xx }`, or write the member that contains the list under `payload:`");
    }
}

/// Checks that a member whose presence shows success is a single value, because an empty list is present too.
fn present(api: &Api, op: &Operation, diagnostics: &mut Diagnostics) {
    let envelope = envelope_of(api, op);
    let Some(has) = &envelope.success.has else { return };
    let Some(field) = op.reply.iter().find(|field| field.wire == *has) else { return };
    if !matches!(field.kind, Kind::One(of) if !matches!(of, TypeRef::Object(_) | TypeRef::Json)) {
        diagnostics
            .report(
                Lint::Envelope,
                field.place.clone().key(),
                format!("the presence of `{has}` shows success, but `{has}` is not a single value"),
            )
            .help("use a text or a number that only a success has");
    }
}

/// Collects the fields of a reply, including the fields of included groups.
fn beside<'a>(api: &'a Api, fields: &'a [Field], included: &mut Vec<usize>, rows: &mut Vec<&'a Field>) {
    for field in fields {
        match field.kind {
            Kind::Include(n) if !included.contains(&n) => {
                included.push(n);
                beside(api, &api.objects[n].fields, included, rows);
                included.pop();
            }
            Kind::Include(_) => {}
            _ => rows.push(field),
        }
    }
}

/// Checks that a field with the name of an envelope member is a single value, because the reply has only one member
/// with this name. Also reports envelope members that are inside the payload.
fn shared(api: &Api, op: &Operation, rows: &[&Field], diagnostics: &mut Diagnostics) {
    let envelope = envelope_of(api, op);
    if let Some(payload) = &envelope.payload {
        let success = envelope.success.path();
        let inside = |path: &&str| path.strip_prefix(payload.as_str()).is_some_and(|rest| rest.starts_with('.'));
        for path in success.into_iter().chain([envelope.code.as_str(), envelope.message.as_str()]).filter(inside) {
            diagnostics
                .report(
                    Lint::Envelope,
                    Place::top(op.file).at("operation"),
                    format!("the envelope member `{path}` is inside the payload `{payload}`"),
                )
                .help("remove `payload:`, and describe the members of the whole reply");
        }
        return;
    }
    let paths = envelope.success.path().into_iter().chain([envelope.code.as_str(), envelope.message.as_str()]);
    for (name, rest) in paths.map(|path| path.split_once('.').map_or((path, None), |(name, rest)| (name, Some(rest)))) {
        let name = steps(name)[0];
        let Some(field) = rows.iter().find(|field| field.wire == name) else { continue };
        let is_single = matches!(field.kind, Kind::One(of) if of.is_single()) || matches!(field.kind, Kind::Broken);
        match rest {
            Some(rest) => diagnostics
                .report(
                    Lint::Envelope,
                    field.place.clone().key(),
                    format!("`{name}` contains `{rest}` of the envelope, so its other members would not be read"),
                )
                .help("describe it under `fields:` of the envelope in `api.yaml`, or change the path in the envelope"),
            None if !is_single && envelope.success.has.as_deref() != Some(name) => diagnostics
                .report(
                    Lint::Envelope,
                    field.place.clone().key(),
                    format!("`{name}` is a member of the envelope, but not a single value here"),
                )
                .help("make it a text, a number, a boolean or an enumeration"),
            None => continue,
        };
    }
}

/// Checks that each value of the success member means success, means failure, or is an error code.
fn states(api: &Api, op: &Operation, diagnostics: &mut Diagnostics) {
    let envelope = envelope_of(api, op);
    // With `failure: other`, every other value means failure. If the member is also the error code, the value is a code
    // that must be listed.
    let is_code = envelope.success.member.as_ref() == Some(&envelope.code);
    if envelope.success.fails_otherwise() && !is_code {
        return;
    }
    let Some(member) = envelope.success.member.as_ref().filter(|_| envelope.payload.is_none()) else { return };
    let row = op.reply.iter().find(|field| field.wire == *member && is_kept(envelope, field));
    let Some(Kind::One(TypeRef::Enum(n))) = row.map(|field| &field.kind) else { return };
    let is_documented = |value: &String| {
        let values = envelope.success.equals.0.iter().chain(envelope.success.failures());
        values.map(ToString::to_string).any(|own| own == *value) || code_of(api, op, value).is_some()
    };
    for value in api.enums[*n].spec.values.keys().filter(|value| !is_documented(value)) {
        diagnostics
            .report(
                Lint::Envelope,
                row.map(|field| field.place.at("type")).unwrap_or_else(|| Place::top(op.file).at("reply")),
                format!(
                    "a reply in which `{member}` is `{value}` of `{}` counts as an unknown failure",
                    api.enums[*n].name
                ),
            )
            .help("for a success, add the value to `equals:`; for a failure, list it under `failure:` or `errors:`");
    }
}

/// Checks `evidence:`, `pages:`, `resolve:` and `confirm:`. They must not name an envelope member that the reply's type
/// does not have.
fn left_out(api: &Api, op: &Operation, diagnostics: &mut Diagnostics) {
    let envelope = envelope_of(api, op);
    let left_out: Vec<&Field> = op.reply.iter().filter(|field| !is_kept(envelope, field)).collect();
    if left_out.is_empty() {
        return;
    }
    let mut named: Vec<(&str, Place)> = Vec::new();
    let evidence = &op.spec.evidence;
    let place = Place::top(op.file).at("evidence");
    named.extend(evidence.binds.keys().map(|name| (name.as_str(), place.at("binds").at(name).key())));
    named.extend(evidence.environment.iter().map(|name| (name.as_str(), place.at("environment"))));
    if let Some(pages) = &op.spec.pages {
        let place = Place::top(op.file).at("pages");
        named.push((&pages.next, place.at("next")));
        named.extend(pages.end.keys().map(|name| (name.as_str(), place.at("end").at(name).key())));
    }
    for other in api.operations.iter().filter(|other| other.spec.recovery.with.as_ref() == Some(&op.id)) {
        let Some(resolve) = &other.spec.recovery.resolve else { continue };
        let place = Place::top(other.file).at("recovery").at("resolve");
        let one = [
            ("by", &resolve.by),
            ("environment", &resolve.environment),
            ("not_before", &resolve.not_before),
            ("remaining", &resolve.remaining),
        ];
        named.extend(one.into_iter().filter_map(|(key, name)| Some((name.as_deref()?, place.at(key)))));
        named.extend(resolve.binds.keys().map(|name| (name.as_str(), place.at("binds").at(name).key())));
        for (key, list) in [("expect", &resolve.expect), ("look_at", &resolve.look_at)] {
            named.extend(list.iter().enumerate().map(|(n, name)| (name.as_str(), place.at(key).item(n))));
        }
        for (a, b) in &resolve.unchanged {
            named.extend([(a.as_str(), place.at("unchanged").at(a).key()), (b, place.at("unchanged").at(a))]);
        }
        named.extend(resolve.in_full.iter().map(|full| (full.amount.as_str(), place.at("in_full").at("amount"))));
    }
    for callback in &api.callbacks {
        let Some(confirm) = callback.spec.procedure().filter(|confirm| confirm.with == op.id) else { continue };
        let place = Place::top(callback.file).at("confirm");
        let one = [("by", &confirm.by), ("environment", &confirm.environment), ("not_before", &confirm.not_before)];
        named.extend(one.into_iter().filter_map(|(key, name)| Some((name.as_deref()?, place.at(key)))));
        named.extend(confirm.equal.keys().map(|name| (name.as_str(), place.at("equal").at(name).key())));
        named.extend(confirm.expect.iter().enumerate().map(|(n, name)| (name.as_str(), place.at("expect").item(n))));
    }
    for (name, place) in named {
        if left_out.iter().any(|field| field.wire == name) {
            diagnostics
                .report(
                    Lint::Envelope,
                    place,
                    format!("`{name}` is a member of the envelope, and the reply type of `{}` does not have it", op.id),
                )
                .help("use a member of the payload");
        }
    }
}
