//! Lints of an API as a whole: its name, stages, credentials, headers, HTTP statuses, error codes and flow.

use crate::diagnostic::Diagnostics;
use crate::lint_registry::Lint;
use crate::resolved::Api;
use crate::source::Place;
use crate::spec::status_range;
use std::collections::HashMap;

pub(super) fn lint(api: &Api, diagnostics: &mut Diagnostics) {
    let top = Place::top(api.file);
    let spec = &api.spec;
    if spec.api != api.name {
        diagnostics
            .report(
                Lint::ApiName,
                top.at("api"),
                format!("the API has the name `{}`, but its folder is `{}`", spec.api, api.name),
            )
            .help("give the API and its folder the same name, which is also the name of the module");
    }
    // A stage that seems to be missing may be in a part of the file that could not be read.
    if !spec.base_urls.contains_key(&spec.default_stage) && !diagnostics.is_silent(&top.at("base_urls")) {
        diagnostics
            .report(Lint::DefaultStage, top.at("default_stage"), format!("there is no stage `{}`", spec.default_stage))
            .suggest(&spec.default_stage, spec.base_urls.keys().map(String::as_str));
    }
    for (name, credential) in &spec.credentials {
        if !api.lost && !api.scalars.iter().any(|s| s.name == credential.of) {
            diagnostics
                .report(
                    Lint::DanglingCredential,
                    top.at("credentials").at(name).at("type"),
                    format!("there is no scalar `{}`", credential.of),
                )
                .suggest(&credential.of, api.scalars.iter().map(|s| s.name.as_str()));
        }
    }
    headers(api, &top, diagnostics);
    for status in spec.http_statuses.keys() {
        status_key(&top.at("http_statuses").at(status), status, false, diagnostics);
    }
    for callback in &api.callbacks {
        for status in callback.spec.http_statuses.keys() {
            status_key(&Place::top(callback.file).at("http_statuses").at(status), status, true, diagnostics);
        }
    }
    codes(api, diagnostics);
    flow(api, &top, diagnostics);
}

/// Checks that each step of the flow is an operation or a callback.
fn flow(api: &Api, top: &Place, diagnostics: &mut Diagnostics) {
    let ids = || {
        let operations = api.operations.iter().map(|op| op.id.as_str());
        operations.chain(api.callbacks.iter().map(|callback| callback.id.as_str())).collect::<Vec<_>>()
    };
    for step in api.spec.flow.keys() {
        if !api.lost && !ids().contains(&step.as_str()) {
            let message = format!("there is no operation or callback `{step}`");
            diagnostics.report(Lint::DanglingOperation, top.at("flow").at(step).key(), message).suggest(step, ids());
        }
    }
}

fn headers(api: &Api, top: &Place, diagnostics: &mut Diagnostics) {
    for (name, header) in &api.spec.headers {
        let place = top.at("headers").at(name);
        let values = [header.constant.is_some(), header.credential.is_some(), header.computed.is_some()];
        if values.iter().filter(|given| **given).count() != 1 {
            diagnostics
                .report(Lint::HeaderValue, place.clone().key(), format!("`{name}` needs exactly one value"))
                .help("write one of `constant:`, `credential:` or `computed:`");
        }
        let unread = diagnostics.is_silent(&top.at("credentials"));
        let mut known = |credential: &str, place: Place| {
            if !api.spec.credentials.contains_key(credential) && !unread {
                diagnostics
                    .report(Lint::DanglingCredential, place, format!("there is no credential `{credential}`"))
                    .suggest(credential, api.spec.credentials.keys().map(String::as_str));
            }
        };
        if let Some(credential) = &header.credential {
            known(credential, place.at("credential"));
        }
    }
}

/// Checks that a key under `http_statuses:` is a status such as `404`, or a range such as `50x` or `4xx`. In a
/// callback, the key `xxx` is allowed too, and means any answer that is not listed. In an API, `xxx` would say nothing
/// about the outcome of a request.
fn status_key(place: &Place, status: &str, is_answer: bool, diagnostics: &mut Diagnostics) {
    let plain = status.len() == 3 && status.chars().all(|c| c.is_ascii_digit() || c == 'x');
    let digits_first = !status.trim_end_matches('x').contains('x');
    let is_possible = (is_answer && status == "xxx") || status_range(status).is_some();
    if !plain || !digits_first || !is_possible {
        diagnostics
            .report(Lint::HttpStatus, place.clone().key(), format!("`{status}` is not an HTTP status"))
            .help("write `404`, or `50x` for a range");
    }
}

fn codes(api: &Api, diagnostics: &mut Diagnostics) {
    let mut seen: HashMap<(Option<&str>, &str), &Place> = HashMap::new();
    let mut named: HashMap<&str, (&str, &Place)> = HashMap::new();
    for code in &api.codes {
        // An operation may define another meaning of an error code. The entry under `codes:` applies to all operations
        // that do not define one.
        if let Some(first) = seen.insert((code.operation.as_deref(), &code.code), &code.place) {
            diagnostics
                .report(
                    Lint::DuplicateCode,
                    code.place.clone().key(),
                    format!("the code `{}` is defined twice", code.code),
                )
                .also(first.clone().key(), "the first");
            continue;
        }
        let Some(name) = code.spec.name.as_deref() else { continue };
        match named.get(code.code.as_str()) {
            Some((first, place)) if *first != name => {
                diagnostics
                    .report(
                        Lint::DuplicateCode,
                        code.place.at("name"),
                        format!("the code `{}` has two different names", code.code),
                    )
                    .also((*place).clone().key(), "the first")
                    .help("keep one name, because an error code becomes one Rust variant for all operations");
            }
            _ => drop(named.insert(&code.code, (name, &code.place))),
        }
    }
}
