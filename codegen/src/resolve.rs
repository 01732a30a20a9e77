//! Replaces the names of types in a spec by references to the types.
//!
//! This step reports what it cannot resolve, such as an unknown type name, an invalid path template, or a field without
//! a type. `lint` checks everything else.

mod names;

use crate::analysis::attach_rules;
use crate::constraints::PathSegment;
use crate::diagnostic::{Diagnostics, Where};
use crate::lint_registry::Lint;
use crate::parse::ParsedApi;
use crate::resolved::{Api, Callback, CodeEntry, Object, Operation, PlacedNote, PlacedQuirk};
use crate::source::{FileId, Place};
use crate::spec;
use names::Names;
use std::mem::take;

/// Resolves the references of one API. Returns `None` if the API has no `api:` file that could be read.
pub fn resolve(mut parsed: ParsedApi, diagnostics: &mut Diagnostics) -> Option<Api> {
    let Some((file, spec)) = parsed.api.take() else {
        if !parsed.incomplete {
            diagnostics
                .push(
                    Lint::MissingApi,
                    Where::Folder(parsed.folder.clone()),
                    "this folder has no file with an `api:` key",
                )
                .help("add the file of the API, with its base URLs, credentials and envelope");
        }
        return None;
    };
    let mut names = Names::collect(&parsed, diagnostics);
    let objects = take(&mut names.objects)
        .into_iter()
        .map(|mut object| Object {
            fields: names.fields(&object.place.at("fields"), take(&mut object.spec.fields), diagnostics),
            name: object.name,
            place: object.place,
            spec: object.spec,
            section: object.section,
        })
        .collect();
    let unions = take(&mut names.unions);
    let unions = unions.into_iter().map(|union| names.union(union, diagnostics)).collect();
    let codes = codes(&parsed);
    let (quirks, notes) = remarks(file, &spec, &parsed);
    let operations = operations(&mut parsed, &names, diagnostics);
    let callbacks = callbacks(&mut parsed, &names, diagnostics);
    let envelope =
        names.fields(&Place::top(file).at("envelope").at("fields"), spec.envelope.fields.clone(), diagnostics);
    let mut api = Api {
        name: parsed.folder,
        file,
        envelope,
        spec,
        scalars: names.scalars,
        enums: names.enums,
        amounts: names.amounts,
        times: names.times,
        unions,
        composites: names.composites.into_inner(),
        objects,
        operations,
        callbacks,
        codes,
        quirks,
        notes,
        incomplete: parsed.incomplete,
        lost: parsed.lost,
    };
    attach_rules(&mut api);
    Some(api)
}

/// Resolves the operations. An operation that does not have exactly one method is reported and left out.
fn operations(parsed: &mut ParsedApi, names: &Names, diagnostics: &mut Diagnostics) -> Vec<Operation> {
    let mut operations = Vec::new();
    for (file, mut op) in take(&mut parsed.operations) {
        let top = Place::top(file);
        let Some((method, key, template)) = method_of(&op) else {
            if !parsed.incomplete {
                diagnostics
                    .report(Lint::Method, top.at("operation"), "an operation must have exactly one method")
                    .help("write one of `get:`, `post:`, `put:`, `patch:` or `delete:` with the path");
            }
            parsed.incomplete = true;
            // The operation is left out, so references to it must not be reported as unknown.
            parsed.lost = true;
            continue;
        };
        operations.push(Operation {
            id: op.operation.clone(),
            file,
            method,
            segments: segments(&template, &top.at(key), diagnostics),
            template,
            path: names.fields(&top.at("path"), take(&mut op.path), diagnostics),
            query: names.fields(&top.at("query"), take(&mut op.query), diagnostics),
            headers: names.fields(&top.at("headers"), take(&mut op.headers), diagnostics),
            request: names.fields(&top.at("request"), take(&mut op.request), diagnostics),
            reply: names.fields(&top.at("reply"), take(&mut op.reply), diagnostics),
            spec: op,
        });
    }
    operations
}

fn callbacks(parsed: &mut ParsedApi, names: &Names, diagnostics: &mut Diagnostics) -> Vec<Callback> {
    let mut callbacks = Vec::new();
    for (file, mut callback) in take(&mut parsed.callbacks) {
        let top = Place::top(file);
        callbacks.push(Callback {
            id: callback.callback.clone(),
            file,
            headers: names.fields(&top.at("headers"), take(&mut callback.headers), diagnostics),
            body: names.fields(&top.at("body"), take(&mut callback.body), diagnostics),
            select: callback.select.as_ref().map(|select| names.select(file, &callback, select, diagnostics)),
            spec: callback,
        });
    }
    callbacks
}

/// Returns the error codes of the operations, followed by the error codes in files of types.
fn codes(parsed: &ParsedApi) -> Vec<CodeEntry> {
    let of_operations = parsed.operations.iter().flat_map(|(file, op)| {
        op.errors.iter().map(move |(code, spec)| CodeEntry {
            code: code.clone(),
            place: Place::top(*file).at("errors").at(code),
            spec: spec.clone(),
            operation: Some(op.operation.clone()),
        })
    });
    let others = parsed.types.iter().flat_map(|(file, types)| {
        types.codes.iter().map(move |(code, spec)| CodeEntry {
            code: code.clone(),
            place: Place::top(*file).at("codes").at(code),
            spec: spec.clone(),
            operation: None,
        })
    });
    of_operations.chain(others).collect()
}

/// Returns the quirks and the notes of every file, with their places.
fn remarks(file: FileId, spec: &spec::ApiFile, parsed: &ParsedApi) -> (Vec<PlacedQuirk>, Vec<PlacedNote>) {
    let (mut quirks, mut notes) = (Vec::new(), Vec::new());
    let mut add = |file, owner: Option<&str>, of: (&[spec::Quirk], &[spec::Note])| {
        let at = |list, n| Place::top(file).at(list).item(n);
        quirks.extend(of.0.iter().enumerate().map(|(n, quirk)| PlacedQuirk {
            owner: owner.map(str::to_owned),
            place: at("quirks", n),
            spec: quirk.clone(),
        }));
        notes.extend(of.1.iter().enumerate().map(|(n, note)| PlacedNote { place: at("notes", n), spec: note.clone() }));
    };
    add(file, None, (&spec.quirks, &spec.notes));
    for (file, types) in &parsed.types {
        add(*file, None, (&types.quirks, &types.notes));
    }
    for (file, op) in &parsed.operations {
        add(*file, Some(&op.operation), (&op.quirks, &op.notes));
    }
    for (file, callback) in &parsed.callbacks {
        add(*file, Some(&callback.callback), (&callback.quirks, &callback.notes));
    }
    (quirks, notes)
}

fn method_of(op: &spec::OperationFile) -> Option<(spec::Method, &'static str, String)> {
    use spec::Method::{Delete, Get, Patch, Post, Put};
    let given: Vec<_> = [
        (Get, "get", &op.get),
        (Post, "post", &op.post),
        (Put, "put", &op.put),
        (Patch, "patch", &op.patch),
        (Delete, "delete", &op.delete),
    ]
    .into_iter()
    .filter_map(|(method, key, path)| path.clone().map(|path| (method, key, path)))
    .collect();
    match given.len() {
        1 => given.into_iter().next(),
        _ => None,
    }
}

fn segments(template: &str, place: &Place, diagnostics: &mut Diagnostics) -> Vec<PathSegment> {
    let mut segments = Vec::new();
    let mut rest = template;
    if !rest.starts_with('/') {
        diagnostics.report(Lint::PathTemplate, place.clone(), "a path must begin with `/`");
    }
    while let Some(open) = rest.find('{') {
        let Some(close) = rest[open..].find('}') else {
            diagnostics.report(Lint::PathTemplate, place.clone(), "a `{` of the path has no `}`");
            return segments;
        };
        if open > 0 {
            segments.push(PathSegment::Literal(rest[..open].to_owned()));
        }
        segments.push(PathSegment::Parameter(rest[open + 1..open + close].to_owned()));
        rest = &rest[open + close + 1..];
    }
    if !rest.is_empty() {
        segments.push(PathSegment::Literal(rest.to_owned()));
    }
    segments
}
