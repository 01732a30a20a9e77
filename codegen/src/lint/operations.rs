//! Operations and callbacks: ids, paths, recovery, references between them.

use crate::diagnostic::{Diagnostics, Where, suggestion};
use crate::resolve::{Api, Kind, Segment, TypeRef};
use crate::source::Place;
use crate::spec::RecoveryClass;
use std::collections::HashMap;

pub fn lint(api: &Api, diagnostics: &mut Diagnostics) {
    let ids: Vec<&str> = api.operations.iter().map(|op| op.id.as_str()).collect();
    let mut seen: HashMap<&str, Place> = HashMap::new();
    let named = api
        .operations
        .iter()
        .map(|op| (op.id.as_str(), Place::top(op.file).at("operation")))
        .chain(api.callbacks.iter().map(|c| (c.id.as_str(), Place::top(c.file).at("callback"))));
    for (id, place) in named {
        if let Some(first) = seen.get(id) {
            let diagnostic =
                diagnostics.report("duplicate-operation", place.clone(), format!("`{id}` is described twice"));
            diagnostic.also = Some((Where::Place(first.clone()), "the first".into()));
        }
        seen.entry(id).or_insert(place);
    }
    let mut routes: HashMap<(String, String), Place> = HashMap::new();
    for op in &api.operations {
        let top = Place::top(op.file);
        let method = format!("{:?}", op.method).to_lowercase();
        let route = (method.clone(), op.template.clone());
        if let Some(first) = routes.get(&route) {
            let diagnostic = diagnostics.report(
                "duplicate-route",
                top.at(&method),
                format!("another operation has the same method and path `{}`", op.template),
            );
            diagnostic.also = Some((Where::Place(first.clone()), "the first".into()));
        }
        routes.entry(route).or_insert(top.at(&method));
        for segment in &op.segments {
            if let Segment::Parameter(name) = segment
                && !op.path.iter().any(|field| field.wire == *name)
            {
                diagnostics
                    .report("dangling-parameter", top.at(&method), format!("`{{{name}}}` is not described"))
                    .hint = Some(format!("add `{name}` under `path:`"));
            }
        }
        for field in &op.path {
            if !op.segments.iter().any(|s| matches!(s, Segment::Parameter(name) if *name == field.wire)) {
                diagnostics.report(
                    "dangling-parameter",
                    field.place.clone().key(),
                    format!("the path has no `{{{}}}`", field.wire),
                );
            }
        }
        let recovery = &op.spec.recovery;
        match (&recovery.with, recovery.class) {
            (Some(with), _) if !api.lost && !ids.contains(&with.as_str()) => {
                diagnostics
                    .report(
                        "dangling-operation",
                        top.at("recovery").at("with"),
                        format!("there is no operation `{with}`"),
                    )
                    .hint = suggestion(with, ids.iter().copied());
            }
            (None, RecoveryClass::AskFirst) => {
                diagnostics
                    .report("recovery", top.at("recovery"), "`ask_first` does not say which operation to ask")
                    .hint = Some("add `with:`".into());
            }
            _ => {}
        }
        if op.spec.examples.is_empty() {
            diagnostics.report("no-example", top.at("operation"), format!("`{}` has no example", op.id)).hint =
                Some("examples become tests; add one under `examples:`".into());
        }
    }
    for callback in &api.callbacks {
        callbacks(api, callback, &ids, diagnostics);
    }
}

fn callbacks(api: &Api, callback: &crate::resolve::Callback, ids: &[&str], diagnostics: &mut Diagnostics) {
    let top = Place::top(callback.file);
    let to = &callback.spec.to;
    let target = to.split_once('.').and_then(|(op, field)| {
        api.operations.iter().find(|o| o.id == op).map(|o| o.request.iter().any(|f| f.wire == field))
    });
    // What could not be read may have been the field.
    if target != Some(true) && !api.incomplete {
        diagnostics.report("dangling-field", top.at("to"), format!("`{to}` is not a field of a request")).hint =
            Some("write `operation.field`: the request field that holds the URL".into());
    }
    if let Some(with) = &callback.spec.believe.confirm_with
        && !api.lost
        && !ids.contains(&with.as_str())
    {
        diagnostics
            .report(
                "dangling-operation",
                top.at("believe").at("confirm_with"),
                format!("there is no operation `{with}`"),
            )
            .hint = suggestion(with, ids.iter().copied());
    }
    if let Some(header) = &callback.spec.believe.header {
        proof(api, callback, header, diagnostics);
    }
    for field in &callback.body {
        if let Some(version) = &field.spec.only_in
            && !callback.spec.encodings.contains_key(version)
        {
            diagnostics
                .report(
                    "dangling-version",
                    field.place.at("only_in"),
                    format!("the callback has no version `{version}`"),
                )
                .hint = suggestion(version, callback.spec.encodings.keys().map(String::as_str));
        }
    }
    for (n, example) in callback.spec.examples.iter().enumerate() {
        if let Some(version) = &example.version
            && !callback.spec.encodings.contains_key(version)
        {
            diagnostics
                .report(
                    "dangling-version",
                    top.at("examples").item(n).at("version"),
                    format!("the callback has no version `{version}`"),
                )
                .hint = suggestion(version, callback.spec.encodings.keys().map(String::as_str));
        }
    }
}

/// The header that proves a callback: hashed by the API, sent with the callback, and of parts that can be had.
fn proof(api: &Api, callback: &crate::resolve::Callback, header: &str, diagnostics: &mut Diagnostics) {
    let top = Place::top(callback.file);
    let place = top.at("believe").at("header");
    let Some((_, definition)) = api.spec.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(header)) else {
        diagnostics.report("dangling-header", place, format!("the API has no header `{header}`")).hint =
            suggestion(header, api.spec.headers.keys().map(String::as_str));
        return;
    };
    let Some(parts) = &definition.sha256 else {
        diagnostics
            .report("unproven-callback", place, format!("the API does not derive `{header}`, so it proves nothing"))
            .hint = Some("name a header with `sha256:`; without one, say `confirm_with:` only".into());
        return;
    };
    if !callback.headers.iter().any(|field| field.wire.eq_ignore_ascii_case(header)) {
        diagnostics
            .report("unproven-callback", place.clone(), format!("the callback does not come with `{header}`"))
            .hint = Some(match callback.headers.is_empty() {
            true => format!("list it under `headers:`, as the page does: `{header}`"),
            false => suggestion(header, callback.headers.iter().map(|field| field.wire.as_str())).unwrap_or_default(),
        });
    }
    for parameter in parts.iter().filter_map(|part| part.strip_prefix('{').and_then(|part| part.strip_suffix('}'))) {
        let member = callback.body.iter().find(|field| field.wire == parameter);
        if let Some(member) = member
            && !matches!(member.kind, Kind::One(TypeRef::String | TypeRef::Scalar(_)) | Kind::Broken)
        {
            let message = format!("`{header}` is made of `{parameter}`, which is no text here");
            diagnostics.report("unproven-callback", member.place.clone().key(), message).hint =
                Some("give it the type that it has in the path".into());
        }
    }
}
