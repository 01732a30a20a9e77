//! Names become references: types, groups, credentials, operations.
//!
//! What does not exist is reported here; whether what exists makes sense is for `lint` to say.

mod names;

use crate::diagnostic::{Diagnostics, Where};
use crate::parse::ParsedApi;
use crate::registry::Lint;
use crate::source::{FileId, Place};
use crate::spec;
use names::Names;

/// One API with all references settled.
#[derive(Debug)]
pub struct Api {
    /// The name: module and folder.
    pub name: String,
    /// The file that says what holds for all operations.
    pub file: FileId,
    /// What holds for all operations.
    pub spec: spec::ApiFile,
    /// The envelope's own rows, where they are documented apart.
    pub envelope: Vec<Field>,
    /// Named scalars, in the order of the files.
    pub scalars: Vec<Named<spec::Scalar>>,
    /// Enumerations.
    pub enums: Vec<Named<spec::Enum>>,
    /// Groups.
    pub objects: Vec<Object>,
    /// Operations, by file name.
    pub operations: Vec<Operation>,
    /// Callbacks, by file name.
    pub callbacks: Vec<Callback>,
    /// Every error code: operations' first, then those listed elsewhere.
    pub codes: Vec<CodeEntry>,
    /// Every quirk.
    pub quirks: Vec<Quirk>,
    /// The notes of every file.
    pub notes: Vec<Note>,
    /// A part of the files could not be parsed.
    pub incomplete: bool,
    /// A whole file could not be read, so that what it defined or described looks missing.
    pub lost: bool,
}

/// A named definition and where it stands.
#[derive(Debug)]
pub struct Named<T> {
    /// The name.
    pub name: String,
    /// Where.
    pub place: Place,
    /// The definition.
    pub spec: T,
    /// The page section of the file.
    pub section: String,
}

/// A quirk and where it stands.
#[derive(Debug, Clone)]
pub struct Quirk {
    /// The operation or callback it belongs to.
    pub owner: Option<String>,
    /// Where.
    pub place: Place,
    /// The quirk.
    pub spec: spec::Quirk,
}

/// A note and where it stands.
#[derive(Debug, Clone)]
pub struct Note {
    /// Where.
    pub place: Place,
    /// The note.
    pub spec: spec::Note,
}

/// A group of fields.
#[derive(Debug)]
pub struct Object {
    /// The name.
    pub name: String,
    /// Where.
    pub place: Place,
    /// The definition.
    pub spec: spec::Object,
    /// Its fields.
    pub fields: Vec<Field>,
    /// The page section of the file.
    pub section: String,
}

/// A field.
#[derive(Debug)]
pub struct Field {
    /// The name on the wire, or the field's own name where it has none there.
    pub wire: String,
    /// Where.
    pub place: Place,
    /// The definition.
    pub spec: spec::Field,
    /// What its type refers to.
    pub kind: Kind,
    /// Whether it may be shown: its own word, or its type's.
    pub sensitivity: spec::Sensitivity,
}

/// What a field's type refers to.
#[derive(Debug)]
pub enum Kind {
    /// A value.
    One(TypeRef),
    /// A list of values.
    List(TypeRef),
    /// Exactly one of these fields.
    OneOf(Vec<Field>),
    /// A group's fields, flat.
    Include(usize),
    /// Reported already.
    Broken,
}

/// A built-in or named type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TypeRef {
    /// `string`
    String,
    /// `integer`
    Integer,
    /// `boolean`
    Boolean,
    /// `won`: an amount in Korean won
    Won,
    /// `kst_date_time`
    KstDateTime,
    /// `civil_date_time`
    CivilDateTime,
    /// `json`: anything
    Json,
    /// A scalar's number.
    Scalar(usize),
    /// An enumeration's number.
    Enum(usize),
    /// A group's number.
    Object(usize),
}

/// The built-in types by name.
pub const BUILT_IN: [(&str, TypeRef); 7] = [
    ("string", TypeRef::String),
    ("integer", TypeRef::Integer),
    ("boolean", TypeRef::Boolean),
    ("won", TypeRef::Won),
    ("kst_date_time", TypeRef::KstDateTime),
    ("civil_date_time", TypeRef::CivilDateTime),
    ("json", TypeRef::Json),
];

/// An operation.
#[derive(Debug)]
pub struct Operation {
    /// The id.
    pub id: String,
    /// The file.
    pub file: FileId,
    /// The definition.
    pub spec: spec::OperationFile,
    /// The HTTP method.
    pub method: spec::Method,
    /// The path template as written.
    pub template: String,
    /// The path template in pieces.
    pub segments: Vec<Segment>,
    /// Path parameters.
    pub path: Vec<Field>,
    /// Query parameters.
    pub query: Vec<Field>,
    /// The request body.
    pub request: Vec<Field>,
    /// The reply.
    pub reply: Vec<Field>,
}

/// A piece of a path template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Segment {
    /// Text.
    Literal(String),
    /// A parameter's name.
    Parameter(String),
}

/// A callback.
#[derive(Debug)]
pub struct Callback {
    /// The id.
    pub id: String,
    /// The file.
    pub file: FileId,
    /// The definition.
    pub spec: spec::CallbackFile,
    /// Its headers.
    pub headers: Vec<Field>,
    /// Its members.
    pub body: Vec<Field>,
}

/// An error code.
#[derive(Debug)]
pub struct CodeEntry {
    /// The code.
    pub code: String,
    /// Where it is defined.
    pub place: Place,
    /// The definition.
    pub spec: spec::Code,
    /// The operation whose section lists it.
    pub operation: Option<String>,
}

/// Settles all references of one API. `None` where there is no usable `api:` file.
pub fn resolve(mut parsed: ParsedApi, diagnostics: &mut Diagnostics) -> Option<Api> {
    let Some((file, spec)) = parsed.api.take() else {
        if !parsed.incomplete {
            diagnostics
                .push(
                    Lint::MissingApi,
                    Where::Folder(parsed.folder.clone()),
                    "this folder has no file with an `api:` key",
                )
                .help("every API has one file that names its base URLs, credentials and envelope");
        }
        return None;
    };
    let mut names = Names::collect(&parsed, diagnostics);
    let objects = std::mem::take(&mut names.objects)
        .into_iter()
        .map(|object| Object {
            fields: names.fields(&object.place.at("fields"), &object.spec.fields, diagnostics),
            name: object.name,
            place: object.place,
            spec: object.spec,
            section: object.section,
        })
        .collect();
    let (mut quirks, mut notes) = (Vec::new(), Vec::new());
    let mut remarks = |file, owner: Option<&str>, of: (&[spec::Quirk], &[spec::Note])| {
        let at = |list, n| Place::top(file).at(list).item(n);
        quirks.extend(of.0.iter().enumerate().map(|(n, quirk)| Quirk {
            owner: owner.map(str::to_owned),
            place: at("quirks", n),
            spec: quirk.clone(),
        }));
        notes.extend(of.1.iter().enumerate().map(|(n, note)| Note { place: at("notes", n), spec: note.clone() }));
    };
    let mut codes = Vec::new();
    let mut operations = Vec::new();
    let mut callbacks = Vec::new();
    remarks(file, None, (&spec.quirks, &spec.notes));
    for (file, types) in &parsed.types {
        remarks(*file, None, (&types.quirks, &types.notes));
    }
    for (file, op) in parsed.operations {
        let top = Place::top(file);
        remarks(file, Some(&op.operation), (&op.quirks, &op.notes));
        for (code, spec) in &op.errors {
            codes.push(CodeEntry {
                code: code.clone(),
                place: top.at("errors").at(code),
                spec: spec.clone(),
                operation: Some(op.operation.clone()),
            });
        }
        let Some((method, key, template)) = method_of(&op) else {
            if !parsed.incomplete {
                diagnostics
                    .report(Lint::Method, top.at("operation"), "an operation has exactly one method")
                    .help("write one of `get:`, `post:`, `put:`, `patch:` or `delete:` with the path");
            }
            parsed.incomplete = true;
            // What names this operation names nothing now, which is no mistake of its own.
            parsed.lost = true;
            continue;
        };
        operations.push(Operation {
            id: op.operation.clone(),
            file,
            method,
            segments: segments(&template, &top.at(key), diagnostics),
            template,
            path: names.fields(&top.at("path"), &op.path, diagnostics),
            query: names.fields(&top.at("query"), &op.query, diagnostics),
            request: names.fields(&top.at("request"), &op.request, diagnostics),
            reply: names.fields(&top.at("reply"), &op.reply, diagnostics),
            spec: op,
        });
    }
    for (file, callback) in parsed.callbacks {
        let top = Place::top(file);
        remarks(file, Some(&callback.callback), (&callback.quirks, &callback.notes));
        callbacks.push(Callback {
            id: callback.callback.clone(),
            file,
            headers: names.fields(&top.at("headers"), &callback.headers, diagnostics),
            body: names.fields(&top.at("body"), &callback.body, diagnostics),
            spec: callback,
        });
    }
    for (file, types) in &parsed.types {
        for (code, spec) in &types.codes {
            codes.push(CodeEntry {
                code: code.clone(),
                place: Place::top(*file).at("codes").at(code),
                spec: spec.clone(),
                operation: None,
            });
        }
    }
    let envelope = names.fields(&Place::top(file).at("envelope").at("fields"), &spec.envelope.fields, diagnostics);
    Some(Api {
        name: parsed.folder,
        file,
        envelope,
        spec,
        scalars: names.scalars,
        enums: names.enums,
        objects,
        operations,
        callbacks,
        codes,
        quirks,
        notes,
        incomplete: parsed.incomplete,
        lost: parsed.lost,
    })
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

fn segments(template: &str, place: &Place, diagnostics: &mut Diagnostics) -> Vec<Segment> {
    let mut segments = Vec::new();
    let mut rest = template;
    if !rest.starts_with('/') {
        diagnostics.report(Lint::PathTemplate, place.clone(), "a path begins with `/`");
    }
    while let Some(open) = rest.find('{') {
        let Some(close) = rest[open..].find('}') else {
            diagnostics.report(Lint::PathTemplate, place.clone(), "a `{` of the path is never closed");
            return segments;
        };
        if open > 0 {
            segments.push(Segment::Literal(rest[..open].to_owned()));
        }
        segments.push(Segment::Parameter(rest[open + 1..open + close].to_owned()));
        rest = &rest[open + close + 1..];
    }
    if !rest.is_empty() {
        segments.push(Segment::Literal(rest.to_owned()));
    }
    segments
}
