//! How replies say success: one way to tell, members that can be named, and values that exclude each other.

use crate::analysis::envelope_of;
use crate::diagnostic::Diagnostics;
use crate::lint_registry::Lint;
use crate::resolved::{Api, Kind, Operation, TypeRef};
use crate::source::Place;
use crate::spec::{Envelope, EnvelopeSuccess, status_range};

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
                        "an operation describes no rows of its envelope",
                    )
                    .help("describe the row in `api.yaml`, or as a field of the reply");
            }
        }
        list(api, op, diagnostics);
        present(api, op, diagnostics);
    }
}

fn envelope(envelope: &Envelope, place: &Place, diagnostics: &mut Diagnostics) {
    let success = place.at("success");
    told(&envelope.success, &success, diagnostics);
    let mut members = vec![
        (envelope.success.member.as_ref(), success.at("member")),
        (envelope.success.has.as_ref(), success.at("has")),
        (Some(&envelope.code), place.at("code")),
        (Some(&envelope.message), place.at("message")),
        (envelope.payload.as_ref(), place.at("payload")),
    ];
    for (n, shape) in envelope.errors.iter().enumerate() {
        let at = place.at("errors").item(n);
        members.extend([(Some(&shape.code), at.at("code")), (Some(&shape.message), at.at("message"))]);
        status(&shape.status, &at.at("status"), diagnostics);
    }
    for (path, place) in members {
        if path.is_some_and(|path| path.split('.').any(|name| name.trim() != name || name.is_empty())) {
            diagnostics
                .report(Lint::Envelope, place, "a part of this member's name is empty")
                .help("write the name, or the names on the way to it with dots between");
        }
    }
    for failure in envelope.success.failures() {
        if envelope.success.equals.0.contains(failure) {
            diagnostics.report(Lint::Envelope, success.at("failure"), "success and failure have the same value");
        }
    }
}

/// There is one way to tell success from failure.
fn told(success: &EnvelopeSuccess, place: &Place, diagnostics: &mut Diagnostics) {
    let ways = [success.member.is_some(), success.status.is_some(), success.has.is_some()];
    if ways.iter().filter(|given| **given).count() != 1 {
        diagnostics
            .report(Lint::Envelope, place.clone().key(), "there is not exactly one way to tell success from failure")
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
                    .report(Lint::Envelope, place.at(key).key(), format!("`{key}` says something about a `member`"))
                    .help("without a member, a failure is what has an error code; leave it out");
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

/// A whole reply can be a list only where no member of it shows success.
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
            .help("say `success: { status: 2xx }`, or name the member that has the list under `payload:`");
    }
}

/// A member that shows success by being there is a single value: an empty list is there, too.
fn present(api: &Api, op: &Operation, diagnostics: &mut Diagnostics) {
    let envelope = envelope_of(api, op);
    let Some(has) = &envelope.success.has else { return };
    let Some(field) = op.reply.iter().find(|field| field.wire == *has) else { return };
    if !matches!(field.kind, Kind::One(of) if !matches!(of, TypeRef::Object(_) | TypeRef::Json)) {
        diagnostics
            .report(Lint::Envelope, field.place.clone().key(), format!("`{has}` shows success and is no single value"))
            .help("name a text or a number that only a success has");
    }
}
