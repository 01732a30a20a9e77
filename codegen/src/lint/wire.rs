//! Lints of values that are sent as the spec writes them: URLs, paths, and names and values of headers. The module also
//! checks encodings and time limits.

use crate::analysis::has_body;
use crate::constraints::PathSegment;
use crate::diagnostic::Diagnostics;
use crate::lint_registry::Lint;
use crate::resolved::{Api, Operation};
use crate::source::Place;
use crate::spec::{Duration, Encoding};
use rules::is_http_url;
use std::collections::HashMap;

pub(super) fn lint(api: &Api, diagnostics: &mut Diagnostics) {
    let top = Place::top(api.file);
    for (stage, base) in &api.spec.base_urls {
        base_url(&base.url, &top.at("base_urls").at(stage).at("url"), diagnostics);
    }
    let names = api.spec.headers.keys().map(|name| (name.as_str(), top.at("headers").at(name)));
    header_names(names.clone(), diagnostics);
    connection_headers(names, diagnostics);
    for (name, header) in &api.spec.headers {
        for (key, value) in [("constant", &header.constant), ("prefix", &header.prefix)] {
            let Some(value) = value else { continue };
            if value.chars().any(|c| c != ' ' && !c.is_ascii_graphic()) {
                let message = format!("`{}` is not allowed in a header", value.escape_debug());
                diagnostics
                    .report(Lint::HeaderValue, top.at("headers").at(name).at(key), message)
                    .help("a header can have only printable ASCII characters");
            }
        }
    }
    bodies(&api.spec.bodies, &top, diagnostics);
    timeouts(api, &top.at("timeouts"), diagnostics);
    for (name, value) in &api.spec.computed {
        if let Some(time) = value.token.as_ref().and_then(|token| token.valid_for) {
            let place = top.at("computed").at(name).at("token").at("valid_for");
            some_time(time, MAX_DURATION_SECONDS, &place, diagnostics);
        }
    }
    for op in &api.operations {
        let method = op.method.as_str();
        path(&op.template, &op.segments, &Place::top(op.file).at(method), diagnostics);
        own_bodies(op, diagnostics);
        let names = op.headers.iter().map(|field| (field.wire.as_str(), field.place.clone()));
        header_names(names.clone(), diagnostics);
        connection_headers(names.clone(), diagnostics);
        content_type(names, diagnostics);
        if let Some(resolve) = &op.spec.recovery.resolve {
            let place = Place::top(op.file).at("recovery").at("resolve").at("within");
            some_time(resolve.within, MAX_DURATION_SECONDS, &place, diagnostics);
        }
    }
    for callback in &api.callbacks {
        let top = Place::top(callback.file);
        let names = callback.headers.iter().map(|field| (field.wire.as_str(), field.place.clone()));
        header_names(names, diagnostics);
        if callback.spec.encodings.is_empty() {
            diagnostics
                .report(Lint::Encoding, top.at("encodings").key(), "`encodings:` is empty")
                .help("write `any: json`, or an encoding for each version");
        }
        if callback.spec.answer.as_ref().is_some_and(|answer| !(200..=299).contains(&answer.status())) {
            diagnostics.report(
                Lint::HttpStatus,
                top.at("answer"),
                "the answer to a callback must be a status from 200 to 299",
            );
        }
        if let Some(time) = callback.spec.verify.within {
            some_time(time, MAX_DURATION_SECONDS, &top.at("verify").at("within"), diagnostics);
        }
        if let Some(resend) = &callback.spec.resend {
            some_time(resend.within, MAX_DURATION_SECONDS, &top.at("resend").at("within"), diagnostics);
            if resend.times == 0 {
                let place = top.at("resend").at("times");
                diagnostics
                    .report(Lint::Duration, place, "`times: 0` means no repetition")
                    .help("remove `resend:` if there are no repetitions");
            }
        }
    }
}

fn bodies(encodings: &[Encoding], top: &Place, diagnostics: &mut Diagnostics) {
    if !encodings.iter().any(|of| matches!(of, Encoding::Json | Encoding::Form)) {
        diagnostics
            .report(Lint::Encoding, top.at("bodies"), "the client sends JSON or forms, and `bodies:` lists neither")
            .help("add `json` or `form`");
    }
}

fn own_bodies(op: &Operation, diagnostics: &mut Diagnostics) {
    let top = Place::top(op.file);
    match &op.spec.bodies {
        Some(own) if has_body(op) => bodies(own, &top, diagnostics),
        Some(_) => {
            diagnostics
                .report(Lint::Encoding, top.at("bodies").key(), "requests of this operation have no body")
                .help("remove `bodies:`, or add the members of the body under `request:`");
        }
        None => {}
    }
}

fn base_url(url: &str, place: &Place, diagnostics: &mut Diagnostics) {
    let wrong = if !url.starts_with("https://") {
        Some((
            "the base URL does not begin with `https://`",
            "credentials must be encrypted in transit; use `https://`",
        ))
    } else if url.contains(['?', '#']) {
        Some(("the base URL has a query or a fragment", "remove them, because paths are appended to the base URL"))
    } else if !url.is_ascii() {
        Some((
            "the base URL has a character that is not ASCII",
            "encode it, as in `%EA%B0%80`; in a host, write the form that begins with `xn--`",
        ))
    } else if !is_http_url(url) {
        Some(("the base URL has no valid host", "write it like `https://api.shop.example`"))
    } else if url["https://".len()..].split('/').next().is_some_and(|authority| authority.contains('@')) {
        Some(("the base URL has a user name", "remove it, and describe credentials under `credentials:`"))
    } else if url["https://".len()..].trim_end_matches('/').split('/').any(|part| matches!(part, "" | "." | "..")) {
        Some(("the path of the base URL has an empty segment, `.` or `..`", "write the path without them"))
    } else {
        None
    };
    if let Some((message, hint)) = wrong {
        diagnostics.report(Lint::BaseUrl, place.clone(), message).help(hint);
    }
}

fn path(template: &str, segments: &[PathSegment], place: &Place, diagnostics: &mut Diagnostics) {
    let mut report = |message: String, hint: &str| {
        diagnostics.report(Lint::PathTemplate, place.clone(), message).help(hint);
    };
    let mut literal = template.to_owned();
    let mut seen: Vec<&str> = Vec::new();
    for segment in segments {
        let PathSegment::Parameter(name) = segment else { continue };
        literal = literal.replacen(&format!("{{{name}}}"), "p", 1);
        if name.is_empty() {
            report("a parameter of the path has no name".into(), "write `{shopId}`, and describe it under `path:`");
        } else if seen.contains(&name.as_str()) {
            report(format!("`{{{name}}}` is in the path twice"), "give each parameter a distinct name");
        }
        seen.push(name);
    }
    if let Some(c) = literal.chars().find(|c| !c.is_ascii_alphanumeric() && !"/-._~!$&'()*+,;=:@{}".contains(*c)) {
        report(
            format!("`{}` is not allowed in a path", c.escape_debug()),
            "use Latin letters, digits and `/-._~`; describe the query under `query:`",
        );
    } else if literal.contains('}') {
        report("a `}` of the path has no `{`".into(), "write parameters like `{shopId}`");
    } else if literal.split('/').skip(1).any(|part| matches!(part, "." | "..")) {
        report(
            "the path has a segment `.` or `..`, which leads to another path".into(),
            "write the path that it leads to",
        );
    } else if literal.contains("//") {
        report("a segment of the path is empty".into(), "remove it, or write its text");
    }
}

/// Checks that header names are valid HTTP tokens, and distinct regardless of case.
fn header_names<'a>(names: impl Iterator<Item = (&'a str, Place)>, diagnostics: &mut Diagnostics) {
    let mut seen: HashMap<String, Place> = HashMap::new();
    for (name, place) in names {
        let token =
            !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c));
        if !token {
            diagnostics
                .report(Lint::HeaderName, place.key(), format!("`{name}` is not a valid header name"))
                .help("use Latin letters, digits and `-`");
        } else if let Some(first) = seen.get(&name.to_lowercase()) {
            diagnostics
                .report(Lint::HeaderName, place.key(), format!("header names ignore case, so `{name}` is listed twice"))
                .also(first.clone().key(), "the first");
        } else {
            seen.insert(name.to_lowercase(), place);
        }
    }
}

/// Reports headers that the HTTP library sets for the connection, such as `content-length`. With a wrong value, the
/// service could read a different body.
fn connection_headers<'a>(names: impl Iterator<Item = (&'a str, Place)>, diagnostics: &mut Diagnostics) {
    const OWN: [&str; 7] = ["connection", "content-length", "host", "te", "trailer", "transfer-encoding", "upgrade"];
    for (name, place) in names.filter(|(name, _)| OWN.iter().any(|own| name.eq_ignore_ascii_case(own))) {
        diagnostics
            .report(Lint::HeaderName, place.key(), format!("`{name}` is a header of the connection"))
            .help("remove it, because the HTTP library sets it");
    }
}

/// Reports a `Content-Type` header, because the encoding of the body determines its value.
fn content_type<'a>(names: impl Iterator<Item = (&'a str, Place)>, diagnostics: &mut Diagnostics) {
    for (_, place) in names.filter(|(name, _)| name.eq_ignore_ascii_case("content-type")) {
        diagnostics
            .report(Lint::HeaderName, place.key(), "the encoding of the body determines the content type")
            .help("remove the header, and write the encoding under `bodies:`");
    }
}

/// Longest plausible time limit of a call.
const MAX_CALL_SECONDS: u64 = 3600;

/// Longest plausible duration. If a duration is longer, its unit is probably wrong.
const MAX_DURATION_SECONDS: u64 = 366 * 24 * 3600;

fn timeouts(api: &Api, place: &Place, diagnostics: &mut Diagnostics) {
    let timeouts = &api.spec.timeouts;
    let all = [("connect", timeouts.connect), ("attempt", timeouts.attempt), ("warn_below", timeouts.warn_below)];
    for (key, time) in all {
        some_time(time, MAX_CALL_SECONDS, &place.at(key), diagnostics);
        if key != "attempt" && time.seconds > timeouts.attempt.seconds && timeouts.attempt.seconds > 0 {
            let message = format!("{time} is longer than the limit of an attempt, {}", timeouts.attempt);
            diagnostics.report(Lint::Duration, place.at(key), message);
        }
    }
    let optional = [
        ("total", timeouts.total),
        ("accepted_within", timeouts.accepted_within),
        ("shown_within", timeouts.shown_within),
    ];
    for (key, time) in optional {
        if let Some(time) = time {
            some_time(time, MAX_DURATION_SECONDS, &place.at(key), diagnostics);
        }
    }
}

fn some_time(time: Duration, most: u64, place: &Place, diagnostics: &mut Diagnostics) {
    if time.seconds == 0 {
        diagnostics.report(Lint::Duration, place.clone(), "the duration is zero").help("write `3 s`, for example");
    } else if time.seconds > most {
        let message = format!("{time} is longer than {}", Duration { seconds: most });
        diagnostics.report(Lint::Duration, place.clone(), message);
    }
}

/// Checks `within:` of a field. Generated code enforces this limit in whole minutes.
pub(super) fn within(time: Duration, place: &Place, diagnostics: &mut Diagnostics) {
    some_time(time, MAX_DURATION_SECONDS, place, diagnostics);
    if !time.seconds.is_multiple_of(60) {
        diagnostics
            .report(Lint::Duration, place.clone(), format!("{time} is not a whole number of minutes"))
            .help("write whole minutes, such as `60 min`");
    }
}
