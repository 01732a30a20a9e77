//! Lints of callback proofs. A proof is a header or member that equals a computed value. The value must be computed
//! from a secret credential. It can also be computed from parts of the message, such as the time of signing.

use crate::analysis::{ProofParts, all_parts, field_of_part, made_of, proof_parts, signed_notation};
use crate::diagnostic::{Diagnostics, suggestion};
use crate::lint_registry::Lint;
use crate::resolved::{Api, Callback, Kind, TypeRef};
use crate::source::Place;
use crate::spec::{Computation, Encoding, Part, Sensitivity, Verify};

pub(super) fn lint(api: &Api, diagnostics: &mut Diagnostics) {
    for callback in &api.callbacks {
        keys(&callback.spec.verify, callback, diagnostics);
        let verify = &callback.spec.verify;
        place(callback, diagnostics);
        if let Some(equals) = &verify.equals
            && (verify.header.is_some() || verify.member.is_some())
        {
            value(api, callback, equals, diagnostics);
            time(api, callback, diagnostics);
        }
    }
}

fn at(callback: &Callback) -> Place {
    Place::top(callback.file).at("verify")
}

/// Checks that the keys under `verify:` fit together.
fn keys(verify: &Verify, callback: &Callback, diagnostics: &mut Diagnostics) {
    let top = at(callback);
    let mut report = |place: Place, message: &str, hint: &str| {
        diagnostics.report(Lint::UnprovenCallback, place, message).help(hint);
    };
    let has_place = verify.header.is_some() || verify.member.is_some();
    if verify.header.is_some() && verify.member.is_some() {
        report(top.at("member"), "the proof is in a header and in a member", "write one of `header:` and `member:`");
    }
    if has_place && verify.equals.is_none() {
        let at = if verify.header.is_some() { "header" } else { "member" };
        report(
            top.at(at),
            "`equals:` is missing, so the proof is not compared with anything",
            "add `equals:` with the name of a computed value, or remove the proof and use only `confirm:`",
        );
    }
    let others = [
        ("equals", verify.equals.is_some()),
        ("prefix", verify.prefix.is_some()),
        ("separator", verify.separator.is_some()),
        ("time", verify.time.is_some()),
        ("within", verify.within.is_some()),
    ];
    for (key, _) in others.into_iter().filter(|(_, given)| *given && !has_place) {
        report(top.at(key), "neither `header:` nor `member:` names the proof", "add `header:` or `member:`");
    }
    if verify.separator.as_deref() == Some("") {
        report(
            top.at("separator"),
            "the separator of the proofs is empty",
            "write the text between two proofs, or remove `separator:`",
        );
    }
    match (&verify.time, &verify.within) {
        (Some(_), None) => report(
            top.at("time"),
            "`time:` needs a tolerance",
            "add `within:` with the tolerance that the page states, such as `within: 5 min`",
        ),
        (None, Some(_)) => report(top.at("within"), "`within:` needs a time", "add `time: header.NAME`"),
        _ => {}
    }
    if has_place && callback.spec.encodings.values().any(|encoding| *encoding == Encoding::Query) {
        report(
            Place::top(callback.file).at("encodings").key(),
            "a proof covers a body, but this message is a query",
            "remove the proof, and use `confirm:`",
        );
    }
}

/// Checks that the message has the header or the member with the proof.
fn place(callback: &Callback, diagnostics: &mut Diagnostics) {
    let top = at(callback);
    if let Some(header) = &callback.spec.verify.header
        && field_of_part(callback, &Part::Header(header.clone())).is_none()
    {
        diagnostics
            .report(Lint::DanglingHeader, top.at("header"), format!("the callback has no header `{header}`"))
            .help(match callback.headers.is_empty() {
                true => format!("list `{header}` under `headers:` of the callback"),
                false => {
                    suggestion(header, callback.headers.iter().map(|field| field.wire.as_str())).unwrap_or_default()
                }
            });
    }
    let Some(member) = &callback.spec.verify.member else { return };
    match callback.body.iter().find(|field| field.wire == *member).map(|field| &field.kind) {
        None => {
            diagnostics
                .report(Lint::DanglingField, top.at("member"), format!("the message has no member `{member}`"))
                .suggest(member, callback.body.iter().map(|field| field.wire.as_str()));
        }
        Some(Kind::One(TypeRef::String | TypeRef::Scalar(_)) | Kind::Broken) => {}
        Some(_) => {
            diagnostics
                .report(Lint::UnprovenCallback, top.at("member"), format!("`{member}` is not a text"))
                .help("give it the type `string`, because a proof is a text");
        }
    }
}

/// Checks the computed value that the proof must equal. One of its parts must be a secret credential. Its parts from
/// the message must exist, and must not contain the proof itself.
fn value(api: &Api, callback: &Callback, equals: &str, diagnostics: &mut Diagnostics) {
    let place = at(callback).at("equals");
    if !api.spec.computed.contains_key(equals) {
        super::computed::known(api, equals, &place, diagnostics);
        return;
    }
    let parts = all_parts(api, equals);
    let is_credential = |part: &Part| match part {
        Part::Name(name) => api.spec.credentials.get(name).is_some_and(|own| is_secret(api, &own.of)),
        _ => false,
    };
    let makers = made_of(api, equals).into_iter().filter_map(|name| Some((name, api.spec.computed.get(name)?)));
    let is_of_client = |value: &Computation| value.now.is_some() || value.random.is_some() || value.token.is_some();
    for (name, _) in makers.filter(|(_, value)| is_of_client(value)) {
        diagnostics
            .report(
                Lint::UnprovenCallback,
                place.clone(),
                format!("`{equals}` is computed from `{name}`, which only a client can compute"),
            )
            .help("use parts of the message instead, such as `header.x` or `body.x`");
    }
    if !parts.iter().any(is_credential) {
        diagnostics
            .report(
                Lint::UnprovenCallback,
                place.clone(),
                format!("`{equals}` is computed without a secret credential, so any sender can compute it"),
            )
            .help("to the parts of this value, add a credential whose type has `sensitivity: secret`");
    }
    let verify = &callback.spec.verify;
    for part in &parts {
        let lacks = |what: &str| format!("`{equals}` is computed from {what}, which the callback does not have");
        match part {
            Part::WholePath | Part::WholeQuery | Part::Query(_) => {
                diagnostics
                    .report(
                        Lint::UnprovenCallback,
                        place.clone(),
                        format!(
                            "`{equals}` is computed from the path or the query, which the receiver of a callback \
                            chooses"
                        ),
                    )
                    .help(
                        "besides credentials and constant texts, use only `raw_body`, `body.x`, `header.x`, `method` \
                         and `path.x`",
                    );
            }
            Part::Header(name) | Part::Body(name) if field_of_part(callback, part).is_none() && !api.incomplete => {
                let (what, key) = match part {
                    Part::Header(_) => (format!("the header `{name}`"), "headers:"),
                    _ => (format!("the member `{name}` of the body"), "body:"),
                };
                diagnostics
                    .report(Lint::DanglingPart, place.clone(), lacks(&what))
                    .help(format!("describe it under `{key}`, or use another computed value"));
            }
            Part::Path(name) => parameter(callback, equals, name, diagnostics),
            _ => {}
        }
    }
    let of_itself = match (&verify.header, &verify.member) {
        (Some(header), _) => parts.iter().any(|p| matches!(p, Part::Header(name) if name.eq_ignore_ascii_case(header))),
        (None, Some(member)) => parts.iter().any(|p| *p == Part::RawBody || *p == Part::Body(member.clone())),
        (None, None) => false,
    };
    if of_itself {
        diagnostics
            .report(Lint::UnprovenCallback, place, format!("`{equals}` is computed from the proof itself"))
            .help("list only the parts that the proof covers");
    }
}

/// Returns `true` if values of the scalar `of` are secret. Personal data, such as a phone number, is known to others. A
/// scalar that does not exist counts as secret, because another lint reports it.
fn is_secret(api: &Api, of: &str) -> bool {
    let scalar = api.scalars.iter().find(|scalar| scalar.name == of);
    scalar.is_none_or(|scalar| scalar.spec.sensitivity == Some(Sensitivity::Secret))
}

/// If the body has a member with the name of a path parameter, checks that the member is a text.
fn parameter(callback: &Callback, equals: &str, name: &str, diagnostics: &mut Diagnostics) {
    let member = callback.body.iter().find(|field| field.wire == name);
    if let Some(member) = member
        && !matches!(member.kind, Kind::One(TypeRef::String | TypeRef::Scalar(_)) | Kind::Broken)
    {
        let message = format!("`{equals}` is computed from `path.{name}`, but this member is not a text");
        diagnostics
            .report(Lint::UnprovenCallback, member.place.clone().key(), message)
            .help("give it the type `string`, because a path parameter is a text");
    }
}

/// Checks that the message has the part that `time:` names, that the type of this part is a moment, and that the proof
/// covers this part.
fn time(api: &Api, callback: &Callback, diagnostics: &mut Diagnostics) {
    let Some(time) = &callback.spec.verify.time else { return };
    let place = at(callback).at("time");
    let part = Part::read(time);
    if !matches!(part, Part::Header(_) | Part::Body(_)) {
        diagnostics
            .report(Lint::UnsignedTime, place, format!("`{time}` does not name a part of the message"))
            .help("write `header.NAME` or `body.NAME`");
        return;
    }
    let Some(field) = field_of_part(callback, &part) else {
        if !api.incomplete {
            diagnostics
                .report(Lint::DanglingPart, place, format!("the callback has no `{time}`"))
                .help("describe it under `headers:` or `body:`");
        }
        return;
    };
    if !matches!(field.kind, Kind::Broken) && signed_notation(api, field).is_none() {
        let is_proof = match (&part, &callback.spec.verify.header) {
            (Part::Header(name), Some(header)) => name.eq_ignore_ascii_case(header),
            _ => false,
        };
        // A header such as `t=1700000000,v1=…` cannot have a moment as its type.
        let hint = match is_proof {
            true => {
                "the spec language cannot describe a time inside the header of the proof; leave only `doc:` under \
                 `verify:`, and add `confirm:`"
            }
            false => "give it the type `instant`, or one under `times:` such as `{ written: unix_seconds }`",
        };
        diagnostics
            .report(Lint::UnsignedTime, field.place.clone().key(), format!("the type of `{time}` is not a moment"))
            .help(hint)
            .also(place.clone(), "this time is compared with the receiver's clock");
        if is_proof {
            return;
        }
    }
    let ProofParts { signed_headers, members, raw_body, .. } = proof_parts(api, callback);
    let is_signed = match &part {
        Part::Header(name) => signed_headers.iter().any(|signed| signed.eq_ignore_ascii_case(name)),
        Part::Body(name) => raw_body || members.contains(name),
        _ => false,
    };
    let is_known = callback.spec.verify.equals.as_ref().is_some_and(|equals| api.spec.computed.contains_key(equals));
    if is_known && !is_signed {
        diagnostics
            .report(
                Lint::UnsignedTime,
                place,
                format!("the proof does not cover `{time}`, so any sender can write the current time there"),
            )
            .help("add it to the parts of the computed value, or remove `time:` and `within:`");
    }
}
