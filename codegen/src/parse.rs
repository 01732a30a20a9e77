//! YAML to spec structs. All problems of shape of all files are found in one run.
//!
//! serde stops at the first mistake of a document. So a document that does not parse is parsed again as a tree;
//! each mistake is reported, the part that holds it is cut away, and the rest is tried again until it fits.

use crate::diagnostic::{Diagnostics, Where, suggestion};
use crate::source::{FileId, Place, Source, Sources, Step};
use crate::span::SpanTable;
use crate::spec::{ApiFile, CallbackFile, OperationFile, TypesFile};
use serde::de::DeserializeOwned;
use serde_path_to_error::Segment;
use serde_yaml::Value;

/// The files of one API, parsed.
#[derive(Debug)]
pub struct ParsedApi {
    /// The folder's name.
    pub folder: String,
    /// `api.yaml`
    pub api: Option<(FileId, ApiFile)>,
    /// Files of types and codes.
    pub types: Vec<(FileId, TypesFile)>,
    /// Operations, by file name.
    pub operations: Vec<(FileId, OperationFile)>,
    /// Callbacks, by file name.
    pub callbacks: Vec<(FileId, CallbackFile)>,
    /// A part was cut away, so that what looks missing may only be misspelt.
    pub incomplete: bool,
}

/// Parses every file. What could not be understood is reported and left out.
pub fn parse(sources: &Sources, diagnostics: &mut Diagnostics) -> Vec<ParsedApi> {
    for unread in &sources.1 {
        diagnostics.push("stray-file", Where::Folder(unread.path.clone()), unread.why).hint =
            Some("an API is a folder of YAML files below the spec's; move it, or remove it".into());
    }
    let mut apis: Vec<ParsedApi> = Vec::new();
    for (id, source) in sources.iter() {
        if apis.last().is_none_or(|api| api.folder != source.folder) {
            apis.push(ParsedApi {
                folder: source.folder.clone(),
                api: None,
                types: Vec::new(),
                operations: Vec::new(),
                callbacks: Vec::new(),
                incomplete: false,
            });
        }
        // The line above pushes when there is none.
        let Some(api) = apis.last_mut() else { continue };
        let before = diagnostics.len();
        match kind_of(&source.text) {
            Some(FileKind::Api) => {
                if let Some(file) = document(id, source, diagnostics) {
                    match &api.api {
                        None => api.api = Some((id, file)),
                        Some((first, _)) => {
                            diagnostics
                                .report("duplicate-api", Place::top(id).at("api"), "a second `api:` file in one folder")
                                .also = Some((Where::Place(Place::top(*first).at("api")), "the first".into()));
                        }
                    }
                }
            }
            Some(FileKind::Types) => api.types.extend(document(id, source, diagnostics).map(|f| (id, f))),
            Some(FileKind::Operation) => api.operations.extend(document(id, source, diagnostics).map(|f| (id, f))),
            Some(FileKind::Callback) => api.callbacks.extend(document(id, source, diagnostics).map(|f| (id, f))),
            None => unknown_kind(id, source, diagnostics),
        }
        api.incomplete |= diagnostics.len() > before;
    }
    apis
}

#[derive(Clone, Copy)]
enum FileKind {
    Api,
    Types,
    Operation,
    Callback,
}

/// The kind of a file is told by the one key that only this kind has, at the beginning of a line.
fn kind_of(text: &str) -> Option<FileKind> {
    text.lines().find_map(|line| match line.split_once(':')?.0 {
        "api" => Some(FileKind::Api),
        "types" => Some(FileKind::Types),
        "operation" => Some(FileKind::Operation),
        "callback" => Some(FileKind::Callback),
        _ => None,
    })
}

fn unknown_kind(id: FileId, source: &Source, diagnostics: &mut Diagnostics) {
    if let Err(error) = serde_yaml::from_str::<Value>(&source.text) {
        return syntax_error(id, source, &error, diagnostics);
    }
    diagnostics.report("file-kind", Place::top(id), "cannot tell what this file describes").hint =
        Some("a spec file has one of the keys `api`, `types`, `operation` or `callback` at its beginning".into());
}

fn document<T: DeserializeOwned>(id: FileId, source: &Source, diagnostics: &mut Diagnostics) -> Option<T> {
    // Read as a tree first: read as a struct, a map may have a key twice, and the last one silently wins.
    let tree = serde_yaml::from_str::<Value>(&source.text);
    match tree.and_then(|_| serde_yaml::from_str(&source.text)) {
        Ok(file) => Some(file),
        Err(first) => salvage(id, source, &first, diagnostics),
    }
}

/// Parses what can be parsed, reporting each part that cannot.
fn salvage<T: DeserializeOwned>(
    id: FileId,
    source: &Source,
    first: &serde_yaml::Error,
    diagnostics: &mut Diagnostics,
) -> Option<T> {
    let before = diagnostics.len();
    let table = SpanTable::read(&source.text);
    for repeated in table.repeated() {
        let diagnostic = diagnostics.push(
            "duplicate-key",
            Where::Span(id, repeated.span),
            format!("the key `{}` stands here a second time", repeated.key),
        );
        diagnostic.also = Some((Where::Span(id, repeated.first), "the first".into()));
        diagnostic.hint = Some("a name, wire name, value or code is defined once; remove or rename one".into());
    }
    // Without a tree there is nothing to cut: the text is no YAML.
    let Some(mut value) = table.value() else {
        syntax_error(id, source, first, diagnostics);
        return None;
    };
    let mut cuts: Vec<Place> = Vec::new();
    loop {
        // Every round but the last cuts a part away, so this ends.
        match serde_path_to_error::deserialize::<_, T>(value.clone()) {
            // The tree has only the first document, and no aliases: what was wrong may be in neither.
            Ok(_) if diagnostics.len() == before => {
                syntax_error(id, source, first, diagnostics);
                return None;
            }
            Ok(file) => return Some(file),
            Err(error) => {
                let mut place = Place::top(id);
                for segment in error.path() {
                    match segment {
                        Segment::Seq { index } => place.path.push(Step::Index(*index)),
                        Segment::Map { key } => place.path.push(Step::Key(key.clone())),
                        Segment::Enum { .. } | Segment::Unknown => {}
                    }
                }
                let message = error.inner().to_string();
                let mut cut = shape_error(place, &message, &cuts, diagnostics);
                // An entry of a list is cut with its list: the numbers of those behind it would no longer be
                // the numbers they have in the text.
                while matches!(cut.path.last(), Some(Step::Index(_))) {
                    cut.path.pop();
                }
                if !remove(&mut value, &cut.path) {
                    return None;
                }
                cuts.push(cut);
            }
        }
    }
}

/// Reports one mistake of shape and says which part to cut away.
///
/// What is missing only because it was cut has been reported already.
fn shape_error(mut place: Place, message: &str, cuts: &[Place], diagnostics: &mut Diagnostics) -> Place {
    let words: Vec<&str> = message.split('`').collect();
    if message.starts_with("unknown field") {
        // The path names the mapping, or the key itself; the message names the key in either case.
        let key = words.get(1).copied().unwrap_or_default();
        if place.path.last() != Some(&Step::Key(key.to_owned())) {
            place = place.at(key);
        }
        let known: Vec<&str> = words.iter().skip(3).step_by(2).copied().collect();
        diagnostics.report("unknown-key", place.clone().key(), format!("`{key}` is not a key here")).hint =
            suggestion(key, known);
        return place;
    }
    if message.starts_with("missing field") {
        let key = words.get(1).copied().unwrap_or_default();
        if !cuts.contains(&place.at(key)) {
            diagnostics.report("missing-key", place.clone().key(), format!("the key `{key}` is missing here"));
        }
        return place;
    }
    if message.starts_with("unknown variant") {
        let given = words.get(1).copied().unwrap_or_default();
        let known: Vec<&str> = words.iter().skip(3).step_by(2).copied().collect();
        diagnostics.report("unknown-word", place.clone(), format!("`{given}` cannot stand here")).hint =
            suggestion(given, known);
        return place;
    }
    diagnostics.report("wrong-value", place.clone(), message);
    place
}

fn remove(value: &mut Value, path: &[Step]) -> bool {
    let Some((step, rest)) = path.split_first() else { return false };
    match (step, value) {
        (Step::Key(key), Value::Mapping(mapping)) => {
            if rest.is_empty() {
                return mapping.shift_remove(key.as_str()).is_some();
            }
            mapping.get_mut(key.as_str()).is_some_and(|inner| remove(inner, rest))
        }
        (Step::Index(index), Value::Sequence(items)) => {
            items.get_mut(*index).is_some_and(|inner| !rest.is_empty() && remove(inner, rest))
        }
        _ => false,
    }
}

fn syntax_error(id: FileId, source: &Source, error: &serde_yaml::Error, diagnostics: &mut Diagnostics) {
    let at = error.location().map_or(0, |l| l.index()).min(source.text.len());
    let at = (0..=at).rev().find(|n| source.text.is_char_boundary(*n)).unwrap_or(0);
    let mut message = error.to_string();
    if let Some(position) = message.find(" at line ") {
        message.truncate(position);
    }
    let line = source.text[..at].rfind('\n').map_or(0, |n| n + 1);
    let tab = source.text[line..].trim_start_matches(' ').starts_with('\t');
    let diagnostic = diagnostics.push("yaml-syntax", Where::Span(id, at..at), format!("not YAML: {message}"));
    diagnostic.hint = tab.then(|| "YAML is indented with blanks, never with tabs".into());
}
