//! YAML to spec structs. All problems of shape of all files are found in one run.
//!
//! serde stops at the first mistake of a document. So each mistake is reported and mended - a misspelt word becomes
//! the one it was probably meant to be, what cannot be understood is cut away - and the rest is tried again until it
//! fits. What follows from a mistake is not reported as another.

use crate::characters::{self, lookalike};
use crate::decode::Undecoded;
use crate::diagnostic::{Diagnostics, Where, closest, suggestion};
use crate::parallel;
use crate::registry::Lint;
use crate::settings::SettingsFile;
use crate::source::{FileId, Place, SourceFile, Sources, Step};
use crate::span::SpanTable;
use crate::spec::{ApiFile, CallbackFile, OperationFile, TypesFile};
use serde::de::DeserializeOwned;
use serde_path_to_error::Segment;
use serde_yaml::Value;
use std::ops::Range;

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
    /// A whole file could not be read, so that what it defined or described looks missing.
    pub lost: bool,
}

impl ParsedApi {
    fn files(&self) -> usize {
        usize::from(self.api.is_some()) + self.types.len() + self.operations.len() + self.callbacks.len()
    }
}

/// Parses every file. What could not be understood is reported and left out.
pub fn parse(sources: &Sources, diagnostics: &mut Diagnostics) -> Vec<ParsedApi> {
    for unread in &sources.1 {
        diagnostics
            .push(Lint::StrayFile, Where::Folder(unread.path.clone()), unread.why)
            .help("an API is a folder of YAML files below the spec's; move it, or remove it");
    }
    let files: Vec<(FileId, &SourceFile)> = sources.iter().collect();
    let parsed = parallel::each(&files, |(id, source)| {
        let mut found = Diagnostics::default();
        (file(*id, source, &mut found), found)
    });
    let mut apis: Vec<ParsedApi> = Vec::new();
    for ((id, source), (file, found)) in files.into_iter().zip(parsed) {
        if apis.last().is_none_or(|api| api.folder != source.folder) {
            apis.push(ParsedApi {
                folder: source.folder.clone(),
                api: None,
                types: Vec::new(),
                operations: Vec::new(),
                callbacks: Vec::new(),
                incomplete: false,
                lost: false,
            });
        }
        // The line above pushes when there is none.
        let Some(api) = apis.last_mut() else { continue };
        let (before, files) = (diagnostics.len(), api.files());
        diagnostics.append(found);
        match file {
            Some(SpecFile::Api(file)) => match &api.api {
                None => api.api = Some((id, *file)),
                Some((first, _)) => {
                    diagnostics
                        .report(Lint::DuplicateApi, Place::top(id).at("api"), "a second `api:` file in one folder")
                        .also(Place::top(*first).at("api"), "the first");
                }
            },
            Some(SpecFile::Types(file)) => api.types.push((id, *file)),
            Some(SpecFile::Operation(file)) => api.operations.push((id, *file)),
            Some(SpecFile::Callback(file)) => api.callbacks.push((id, *file)),
            None => {}
        }
        api.incomplete |= diagnostics.len() > before;
        api.lost |= api.files() == files && diagnostics.len() > before;
    }
    apis
}

/// A file, parsed.
enum SpecFile {
    Api(Box<ApiFile>),
    Types(Box<TypesFile>),
    Operation(Box<OperationFile>),
    Callback(Box<CallbackFile>),
}

fn file(id: FileId, source: &SourceFile, diagnostics: &mut Diagnostics) -> Option<SpecFile> {
    checked(id, source, diagnostics, sound_text)
}

/// Parses the settings file, with the diagnostics of a spec file.
pub(crate) fn settings(id: FileId, source: &SourceFile, diagnostics: &mut Diagnostics) -> Option<SettingsFile> {
    checked(id, source, diagnostics, document)
}

/// Reads a text whose encoding and characters are checked first.
fn checked<T>(
    id: FileId,
    source: &SourceFile,
    diagnostics: &mut Diagnostics,
    read: fn(FileId, &SourceFile, &mut Diagnostics) -> Option<T>,
) -> Option<T> {
    if let Some(Undecoded { what, at, hint }) = &source.undecoded {
        diagnostics.push(Lint::ForeignEncoding, Where::Span(id, at.clone()), what).help(hint);
        return None;
    }
    if characters::has_escapes(&source.text) {
        characters::check_escapes(id, source, &SpanTable::read(&source.text), diagnostics);
    }
    let before = diagnostics.len();
    characters::check(id, source, diagnostics);
    if diagnostics.len() == before {
        return read(id, source, diagnostics);
    }
    // Such a character breaks the structure, or not: what else is wrong is told of the text without it, as far as it can
    // be found in the text that has it.
    let text = characters::cleaned(&source.text);
    let cleaned = SourceFile { folder: source.folder.clone(), path: source.path.clone(), text, undecoded: None };
    let mut found = Diagnostics::default();
    let file = read(id, &cleaned, &mut found);
    if !SpanTable::read(&source.text).is_empty() {
        found.retain(|diagnostic| matches!(diagnostic.at, Where::Place(_)));
        diagnostics.append(found);
    }
    file
}

fn sound_text(id: FileId, source: &SourceFile, diagnostics: &mut Diagnostics) -> Option<SpecFile> {
    match kind_of(&source.text) {
        Some(FileKind::Api) => document(id, source, diagnostics).map(|file| SpecFile::Api(Box::new(file))),
        Some(FileKind::Types) => document(id, source, diagnostics).map(|file| SpecFile::Types(Box::new(file))),
        Some(FileKind::Operation) => document(id, source, diagnostics).map(|file| SpecFile::Operation(Box::new(file))),
        Some(FileKind::Callback) => document(id, source, diagnostics).map(|file| SpecFile::Callback(Box::new(file))),
        None => {
            unknown_kind(id, source, diagnostics);
            None
        }
    }
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
    text.lines().find_map(|line| match line.split_once(':')?.0.trim_end().trim_matches(['"', '\'']) {
        "api" => Some(FileKind::Api),
        "types" => Some(FileKind::Types),
        "operation" => Some(FileKind::Operation),
        "callback" => Some(FileKind::Callback),
        _ => None,
    })
}

fn unknown_kind(id: FileId, source: &SourceFile, diagnostics: &mut Diagnostics) {
    if let Err(error) = serde_yaml::from_str::<Value>(&source.text) {
        return syntax_error(id, source, &error, diagnostics);
    }
    if let Some(lookalike) = lookalike(&source.text, 0..source.text.len()) {
        return lookalike.report(id, diagnostics);
    }
    const KINDS: [&str; 4] = ["api", "types", "operation", "callback"];
    let mut keys = source.text.lines().filter_map(|line| line.split_once(':')).map(|(key, _)| key.trim_end());
    let meant = keys.find(|key| !key.is_ascii() && closest(key, KINDS).is_some());
    let hint = meant.and_then(|key| suggestion_for_letters(key, &KINDS)).unwrap_or_else(|| {
        "a spec file has one of the keys `api`, `types`, `operation` or `callback` at its beginning".into()
    });
    diagnostics.report(Lint::FileKind, Place::top(id), "cannot tell what this file describes").help(hint);
}

fn document<T: DeserializeOwned>(id: FileId, source: &SourceFile, diagnostics: &mut Diagnostics) -> Option<T> {
    // Read as a tree first: read as a struct, a map may have a key twice, and the last one silently wins. The text is
    // read again where the tree does not fit, as where a word was meant and the tree has a number, and where a tree is
    // more lenient: there, `null` is an empty list.
    let tree = serde_yaml::from_str::<Value>(&source.text);
    let from_text = || serde_yaml::from_str(&source.text);
    match tree.and_then(|tree| {
        if is_plain(&tree) { serde_yaml::from_value(tree).or_else(|_| from_text()) } else { from_text() }
    }) {
        Ok(file) => Some(file),
        Err(first) => salvage(id, source, &first, diagnostics),
    }
}

/// Whether a tree has neither null nor tags.
fn is_plain(tree: &Value) -> bool {
    match tree {
        Value::Null | Value::Tagged(_) => false,
        Value::Bool(_) | Value::Number(_) | Value::String(_) => true,
        Value::Sequence(items) => items.iter().all(is_plain),
        Value::Mapping(members) => members.iter().all(|(key, value)| is_plain(key) && is_plain(value)),
    }
}

/// Parses what can be parsed, reporting each part that cannot.
fn salvage<T: DeserializeOwned>(
    id: FileId,
    source: &SourceFile,
    first: &serde_yaml::Error,
    diagnostics: &mut Diagnostics,
) -> Option<T> {
    let before = diagnostics.len();
    let mut table = SpanTable::read(&source.text);
    for repeated in table.repeated() {
        diagnostics
            .push(
                Lint::DuplicateKey,
                Where::Span(id, repeated.span),
                format!("the key `{}` stands here a second time", repeated.key),
            )
            .also_at(Where::Span(id, repeated.first), "the first")
            .help("a name, wire name, value or code is defined once; remove or rename one");
    }
    if let Some(second) = table.second_document() {
        let message = "not YAML of one document: a second one begins here";
        diagnostics
            .push(Lint::YamlSyntax, Where::Span(id, second), message)
            .help("a file describes one thing; put the second document into a file of its own");
    }
    let mut mended = Vec::new();
    loop {
        // Without a tree there is nothing to mend: the text is no YAML.
        let Some(text) = table.write() else {
            syntax_error(id, source, first, diagnostics);
            return None;
        };
        // Every round but the last mends or cuts something, and nothing twice, so this ends.
        match serde_path_to_error::deserialize::<_, T>(serde_yaml::Deserializer::from_str(&text)) {
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
                if !mend(source, &mut table, place, without_position(&message), &mut mended, diagnostics) {
                    return None;
                }
            }
        }
    }
}

/// Reports one mistake of shape, and mends it or cuts away the part that holds it. `false`: nothing is left.
///
/// Whatever is said later about what was mended or cut is a consequence, and is not shown.
fn mend(
    source: &SourceFile,
    table: &mut SpanTable,
    mut place: Place,
    message: &str,
    mended: &mut Vec<Place>,
    diagnostics: &mut Diagnostics,
) -> bool {
    // The words in the message that are set apart: the one that is wrong, then those that are known.
    let words: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    let (given, known) = words.split_first().map_or(("", &[][..]), |(given, known)| (*given, known));
    if message.starts_with("unknown field") {
        return unknown_field(source, table, place, (given, known), diagnostics);
    }
    if message.starts_with("missing field") {
        let missing = place.at(given);
        if !mended.contains(&missing) {
            diagnostics.report(Lint::MissingKey, place.clone().key(), format!("the key `{given}` is missing here"));
            diagnostics.silence(missing.clone());
            mended.push(missing);
            // An empty text stands in for it, so that the rest can be judged. Where a text does not fit: below.
            return table.fill(&place.path, given);
        }
        return cut(table, place, mended, diagnostics);
    }
    if mended.contains(&place) {
        // What stood in for it does not fit. Without anything, what is around it cannot be understood.
        if table.fill_otherwise(&place.path) {
            return true;
        }
        place.path.pop();
        return cut(table, place, mended, diagnostics);
    }
    if message.starts_with("unknown variant") {
        diagnostics
            .report(Lint::UnknownWord, place.clone(), format!("`{given}` cannot stand here"))
            .suggest(given, known.iter().copied());
        if let Some(near) = closest(given, known.iter().copied()) {
            mended.push(place.clone());
            return table.replace(&place.path, near);
        }
        return cut(table, place, mended, diagnostics);
    }
    if let Some(lookalike) = lookalike(&source.text, table.find(&place)) {
        lookalike.report(place.file, diagnostics);
        return cut(table, place, mended, diagnostics);
    }
    let huge = message.contains("as u128") || message.contains("as i128");
    let message = if huge { "this number is larger than any that can be held" } else { message };
    diagnostics.report(Lint::WrongValue, place.clone(), message);
    cut(table, place, mended, diagnostics)
}

/// What may be meant by a key. Letters of other alphabets that look like ASCII's are named: both words look the same.
fn suggestion_for_letters(given: &str, known: &[&str]) -> Option<String> {
    let suggestion = suggestion(given, known.iter().copied())?;
    let foreign = given.chars().find(|c| c.is_alphabetic() && !c.is_ascii());
    Some(match foreign {
        Some(c) => format!("{suggestion} `{c}` is U+{:04X}, a letter of another alphabet", u32::from(c)),
        None => suggestion,
    })
}

/// Reports a key that is none here, and gives its value to the key that was probably meant, or takes it away.
fn unknown_field(
    source: &SourceFile,
    table: &mut SpanTable,
    mut place: Place,
    (given, known): (&str, &[&str]),
    diagnostics: &mut Diagnostics,
) -> bool {
    // The path names the mapping, or the key itself; the message names the key in either case.
    if place.path.last() != Some(&Step::Key(given.to_owned())) {
        place = place.at(given);
    }
    if let Some(lookalike) = lookalike(&source.text, table.find(&place.clone().key())) {
        // `type： won` in braces is a key without a value. What was meant stands on both sides.
        let (key, value) = given.split_once(lookalike.found).unwrap_or((given, ""));
        lookalike.report(place.file, diagnostics);
        return match known.contains(&key.trim()) {
            true => {
                table.rename(&place.path, key.trim()) && {
                    place.path.pop();
                    table.replace_plain(&place.at(key.trim()).path, value.trim())
                }
            }
            false => table.remove(&place.path),
        };
    }
    if broken_off(source, table, &place, (given, known), diagnostics) {
        return true;
    }
    diagnostics
        .report(Lint::UnknownKey, place.clone().key(), format!("`{given}` is not a key here"))
        .help_if(suggestion_for_letters(given, known));
    let beside = table.keys(&place.path[..place.path.len() - 1]);
    let free = known.iter().copied().filter(|key| !beside.iter().any(|other| other == key));
    match closest(given, free) {
        // A key without anything behind it would only be told another mistake.
        Some(near) if table.has_value(&place.path) => table.rename(&place.path, near),
        _ => table.remove(&place.path),
    }
}

/// Reports a text in braces that its own comma has broken off, and takes away what stands behind. One message a text, however
/// many commas it has.
fn broken_off(
    source: &SourceFile,
    table: &mut SpanTable,
    place: &Place,
    (given, known): (&str, &[&str]),
    diagnostics: &mut Diagnostics,
) -> bool {
    let Some((_, around)) = place.path.split_last() else { return false };
    let parts = table.broken_off(around, &source.text);
    let Some(of) = parts.iter().find(|(key, _)| *key == given).map(|(_, of)| (*of).to_owned()) else { return false };
    let is_part = |(key, text): &(&str, &str)| *text == of && !known.contains(key);
    let parts: Vec<String> = parts.iter().filter(|part| is_part(part)).map(|(key, _)| (*key).to_owned()).collect();
    // A single word may be a key whose value was forgotten.
    let is_word = |part: &String| part.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    if parts.iter().all(is_word) && closest(given, known.iter().copied()).is_some() {
        return false;
    }
    diagnostics
        .report(Lint::UnquotedComma, place.clone().key(), format!("the value of `{of}` ends at the comma before this"))
        .help(format!("in braces a comma starts the next entry: put the value of `{of}` in quotes"));
    for part in parts {
        table.remove(&[around, &[Step::Key(part)]].concat());
    }
    true
}

fn cut(table: &mut SpanTable, mut place: Place, mended: &mut Vec<Place>, diagnostics: &mut Diagnostics) -> bool {
    // An entry of a list is cut with its list: the numbers of those behind it would no longer be the numbers they
    // have in the text.
    while matches!(place.path.last(), Some(Step::Index(_))) {
        place.path.pop();
    }
    diagnostics.silence(place.clone());
    mended.push(place.clone());
    table.remove(&place.path)
}

/// A message without the path in front of it and the position behind it: those are of the text that was tried.
fn without_position(message: &str) -> &str {
    let message = message.find(" at line ").map_or(message, |at| &message[..at]);
    match message.split_once(": ") {
        Some((path, rest)) if !path.contains([' ', '`']) => rest,
        _ => message,
    }
}

fn syntax_error(id: FileId, source: &SourceFile, error: &serde_yaml::Error, diagnostics: &mut Diagnostics) {
    let text = &source.text;
    let at = error.location().map_or(0, |location| location.index()).min(text.len());
    let at = (0..=at).rev().find(|n| text.is_char_boundary(*n)).unwrap_or(0);
    if let Some(tab) = tab_before(text, at) {
        diagnostics
            .push(Lint::YamlSyntax, Where::Span(id, tab), "not YAML: a tab as indentation")
            .help("YAML is indented with blanks, never with tabs");
        return;
    }
    if let Some(lookalike) = lookalike(text, lines_around(text, at)) {
        return lookalike.report(id, diagnostics);
    }
    let message = error.to_string();
    let message = message.find(" at line ").map_or(message.as_str(), |at| &message[..at]);
    diagnostics
        .push(Lint::YamlSyntax, Where::Span(id, at..at), format!("not YAML: {message}"))
        .help_if(syntax_hint(message).map(str::to_owned));
}

/// The line of a position, and the two before: a mistake may show only where the next entry begins.
fn lines_around(text: &str, at: usize) -> Range<usize> {
    let end = text[at..].find('\n').map_or(text.len(), |n| at + n);
    let begin = text[..at].rmatch_indices('\n').nth(2).map_or(0, |(n, _)| n + 1);
    begin..end
}

/// What most likely is the reason for the parser's message.
fn syntax_hint(message: &str) -> Option<&'static str> {
    let hints = [
        ("mapping values are not allowed", "a text with `: ` in it stands in quotes"),
        ("could not find expected ':'", "the line before lacks a `:` with a blank behind it, or is indented otherwise"),
        (
            "did not find expected key",
            "entries of one mapping begin in the same column; a text in quotes ends with its quote",
        ),
        (
            "did not find expected ',' or '}'",
            "in braces entries are parted by commas, and a text with `: `, `{` or `[` stands in quotes",
        ),
        (
            "did not find expected ',' or ']'",
            "in brackets entries are parted by commas, and a text with `: `, `{` or `[` stands in quotes",
        ),
        ("cannot start any token", "a text that begins with @, ` or % stands in quotes"),
        ("unknown anchor", "a text that begins with * stands in quotes"),
        ("found unexpected end of stream", "a quote, a brace or a bracket is opened and not closed"),
    ];
    hints.iter().find(|(part, _)| message.contains(part)).map(|(_, hint)| *hint)
}

/// The first tab that indents a line, if it stands before the end of the line where reading stopped.
fn tab_before(text: &str, at: usize) -> Option<Range<usize>> {
    let end = text[at..].find('\n').map_or(text.len(), |n| at + n);
    let mut begin = 0;
    for line in text[..end].split_inclusive('\n') {
        let blanks = line.len() - line.trim_start_matches(' ').len();
        if line[blanks..].starts_with('\t') && !line.trim().is_empty() {
            return Some(begin + blanks..begin + blanks + 1);
        }
        begin += line.len();
    }
    None
}
