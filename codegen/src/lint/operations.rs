//! Lints of operations and callbacks: ids, paths, recovery, and the references between operations and callbacks.

use crate::constraints::PathSegment;
use crate::diagnostic::Diagnostics;
use crate::lint_registry::Lint;
use crate::resolved::{Api, Callback, Kind, Operation, TypeRef};
use crate::source::Place;
use crate::spec::{Encoding, REGISTERED, RecoveryClass};
use std::collections::HashMap;

pub(super) fn lint(api: &Api, diagnostics: &mut Diagnostics) {
    let ids: Vec<&str> = api.operations.iter().map(|op| op.id.as_str()).collect();
    duplicates(api, diagnostics);
    for op in &api.operations {
        path_parameters(op, diagnostics);
        recovery(api, op, &ids, diagnostics);
        if op.spec.examples.is_empty() {
            diagnostics
                .report(Lint::NoExample, Place::top(op.file).at("operation"), format!("`{}` has no example", op.id))
                .help("examples become tests; add one under `examples:`");
        }
    }
    for callback in &api.callbacks {
        callbacks(api, callback, &ids, diagnostics);
    }
}

/// Checks that each id, and each combination of method and path, occurs only once.
fn duplicates(api: &Api, diagnostics: &mut Diagnostics) {
    let mut seen: HashMap<&str, Place> = HashMap::new();
    let named = api
        .operations
        .iter()
        .map(|op| (op.id.as_str(), Place::top(op.file).at("operation")))
        .chain(api.callbacks.iter().map(|c| (c.id.as_str(), Place::top(c.file).at("callback"))));
    for (id, place) in named {
        if let Some(first) = seen.get(id) {
            diagnostics
                .report(Lint::DuplicateOperation, place.clone(), format!("`{id}` is described twice"))
                .also(first.clone(), "the first");
        }
        seen.entry(id).or_insert(place);
    }
    let mut routes: HashMap<(&str, String), Place> = HashMap::new();
    for op in &api.operations {
        let place = Place::top(op.file).at(op.method.as_str());
        // The names of parameters do not distinguish paths.
        let text = |segment: &PathSegment| match segment {
            PathSegment::Literal(text) => text.clone(),
            PathSegment::Parameter(_) | PathSegment::Credential(_) => "{}".to_owned(),
        };
        let route = (op.method.as_str(), op.segments.iter().map(text).collect());
        if let Some(first) = routes.get(&route) {
            let message = format!("another operation has the same method and path `{}`", op.template);
            diagnostics.report(Lint::DuplicateRoute, place.clone(), message).also(first.clone(), "the first");
        }
        routes.entry(route).or_insert(place);
    }
}

/// Checks that `path:` describes exactly the parameters that the path has in braces.
fn path_parameters(op: &Operation, diagnostics: &mut Diagnostics) {
    let method = Place::top(op.file).at(op.method.as_str());
    for segment in &op.segments {
        if let PathSegment::Parameter(name) = segment
            && !op.path.iter().any(|field| field.wire == *name)
        {
            diagnostics
                .report(Lint::DanglingParameter, method.clone(), format!("`{{{name}}}` is not described"))
                .help(format!("add `{name}` under `path:`"));
        }
    }
    for field in &op.path {
        if !op.segments.iter().any(|s| matches!(s, PathSegment::Parameter(name) if *name == field.wire)) {
            diagnostics.report(
                Lint::DanglingParameter,
                field.place.clone().key(),
                format!("the path has no `{{{}}}`", field.wire),
            );
        }
    }
}

/// Checks that the operation under `with:` exists, and that the class `ask_first` has `with:`.
fn recovery(api: &Api, op: &Operation, ids: &[&str], diagnostics: &mut Diagnostics) {
    let top = Place::top(op.file);
    let recovery = &op.spec.recovery;
    match (&recovery.with, recovery.class) {
        (Some(with), _) if !api.lost && !ids.contains(&with.as_str()) => {
            diagnostics
                .report(
                    Lint::DanglingOperation,
                    top.at("recovery").at("with"),
                    format!("there is no operation `{with}`"),
                )
                .suggest(with, ids.iter().copied());
        }
        (None, RecoveryClass::AskFirst) => {
            diagnostics
                .report(Lint::QueryOperation, top.at("recovery"), "`ask_first` needs an operation to ask")
                .help("add `with:`");
        }
        _ => {}
    }
}

fn callbacks(api: &Api, callback: &Callback, ids: &[&str], diagnostics: &mut Diagnostics) {
    let top = Place::top(callback.file);
    let to = &callback.spec.to;
    let target = to.split_once('.').and_then(|(op, field)| {
        api.operations.iter().find(|o| o.id == op).map(|o| o.request.iter().any(|f| f.wire == field))
    });
    // The field may be in a part of the spec that could not be read.
    if target != Some(true) && to != REGISTERED && !api.incomplete {
        diagnostics
            .report(Lint::DanglingField, top.at("to"), format!("`{to}` is not a field of a request"))
            .help("write `registered`, or the request field that contains the URL, in the form `operation.field`");
    }
    if let Some(with) = callback.spec.confirm.as_ref().map(|confirm| &confirm.with)
        && !api.lost
        && !ids.contains(&with.as_str())
    {
        diagnostics
            .report(Lint::DanglingOperation, top.at("confirm").at("with"), format!("there is no operation `{with}`"))
            .suggest(with, ids.iter().copied());
    }
    select(api, callback, diagnostics);
    if callback.spec.opaque_body && (!callback.body.is_empty() || callback.select.is_some()) {
        diagnostics
            .report(Lint::MisplacedKey, top.at("opaque_body").key(), "the message has documented members")
            .help("remove `opaque_body:`, or the members");
    }
    for field in &callback.body {
        if let Some(version) = &field.spec.only_in
            && !callback.spec.encodings.contains_key(version)
        {
            diagnostics
                .report(
                    Lint::DanglingVersion,
                    field.place.at("only_in"),
                    format!("the callback has no version `{version}`"),
                )
                .suggest(version, callback.spec.encodings.keys().map(String::as_str));
        }
    }
    for (n, example) in callback.spec.examples.iter().enumerate() {
        if let Some(version) = &example.version
            && !callback.spec.encodings.contains_key(version)
        {
            diagnostics
                .report(
                    Lint::DanglingVersion,
                    top.at("examples").item(n).at("version"),
                    format!("the callback has no version `{version}`"),
                )
                .suggest(version, callback.spec.encodings.keys().map(String::as_str));
        }
    }
}

/// Checks `select:`, which describes the members of a message that depend on the value of another member.
fn select(api: &Api, callback: &Callback, diagnostics: &mut Diagnostics) {
    let Some(select) = &callback.select else { return };
    let place = Place::top(callback.file).at("select");
    let member = callback.body.iter().find(|field| field.wire == select.spec.by);
    match member.map(|field| &field.kind) {
        None => {
            diagnostics
                .report(Lint::DanglingField, place.at("by"), format!("the message has no member `{}`", select.spec.by))
                .suggest(&select.spec.by, callback.body.iter().map(|field| field.wire.as_str()));
        }
        Some(Kind::One(TypeRef::String | TypeRef::Scalar(_)) | Kind::Broken) => {}
        Some(Kind::One(TypeRef::Enum(n))) => {
            let values = &api.enums[*n].spec.values;
            for value in select.spec.cases.keys().filter(|value| !values.contains_key(*value)) {
                diagnostics
                    .report(
                        Lint::DanglingValue,
                        place.at("cases").at(value).key(),
                        format!("there is no value `{value}`"),
                    )
                    .suggest(value, values.keys().map(String::as_str));
            }
        }
        Some(_) => {
            let message = format!("`{}` selects members of the message, but is not a text", select.spec.by);
            diagnostics
                .report(Lint::Union, place.at("by"), message)
                .help("give it the type `string`, or make it an enumeration of texts");
        }
    }
    if callback.spec.encodings.values().any(|encoding| *encoding != Encoding::Json) {
        diagnostics
            .report(Lint::Union, place.clone().key(), "only a message in JSON can have `select:`")
            .help("describe all members under `body:`");
    }
    if select.cases.is_empty() && select.spec.cases.is_empty() {
        diagnostics
            .report(Lint::Union, place.at("cases").key(), "`select:` has no cases")
            .help("write `cases: { VALUE: Object }`");
    }
    for (value, n) in &select.cases {
        for field in &api.objects[*n].fields {
            if let Some(own) = callback.body.iter().find(|own| own.wire == field.wire) {
                let message = format!("`{}` is both in the message and in `{}`", field.wire, api.objects[*n].name);
                diagnostics
                    .report(Lint::DuplicateField, place.at("cases").at(value), message)
                    .also(own.place.clone().key(), "in the message");
            }
        }
    }
    if let Some(own) =
        callback.body.iter().find(|own| crate::names::snake(own.spec.name.as_deref().unwrap_or(&own.wire)) == "payload")
    {
        diagnostics
            .report(Lint::ReservedName, own.place.clone().key(), "`select:` already has the name `payload` in Rust")
            .help("give this member another `name:`");
    }
}
