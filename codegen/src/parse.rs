//! Parsing of YAML files into the structs of `spec`. One run finds the syntax problems of all files.
//!
//! serde stops at the first mistake in a document. Each mistake is therefore reported and repaired: a misspelled key
//! becomes the closest known key, and a value that cannot be read is removed. The repaired document is parsed again
//! until no mistakes are left. Consequences of a repair are not reported.

use crate::characters::{self, lookalike};
use crate::decode::Undecoded;
use crate::diagnostic::{Diagnostics, Where, closest, suggestion};
use crate::lint_registry::Lint;
use crate::parallel;
use crate::source::{FileId, Place, SourceFile, Sources, Step};
use crate::span::SpanTable;
use crate::spec::{ApiFile, CallbackFile, OperationFile, TypesFile};
use serde::de::DeserializeOwned;
use serde_path_to_error::Segment;
use serde_yaml::Value;
use std::ops::Range;

/// Parsed files of one API.
#[derive(Debug)]
pub struct ParsedApi {
    /// Name of the API's folder.
    pub folder: String,
    /// File that describes the API as a whole, usually `api.yaml`.
    pub api: Option<(FileId, ApiFile)>,
    /// Files of types and error codes.
    pub types: Vec<(FileId, TypesFile)>,
    /// Operations, in the order of their file names.
    pub operations: Vec<(FileId, OperationFile)>,
    /// Callbacks, in the order of their file names.
    pub callbacks: Vec<(FileId, CallbackFile)>,
    /// Set if a file of the API has a mistake. An item that seems to be missing may be in a part that was removed.
    pub incomplete: bool,
    /// Set if a whole file was left out, because it could not be read or is a second `api:` file. The definitions of
    /// that file then seem to be missing.
    pub lost: bool,
}

impl ParsedApi {
    fn files(&self) -> usize {
        usize::from(self.api.is_some()) + self.types.len() + self.operations.len() + self.callbacks.len()
    }
}

/// Parses every file. Parts that cannot be read are reported and left out.
pub fn parse(sources: &Sources, diagnostics: &mut Diagnostics) -> Vec<ParsedApi> {
    for unread in &sources.1 {
        diagnostics
            .push(Lint::StrayFile, Where::Folder(unread.path.clone()), unread.why)
            .help("move its spec files directly into the folder of an API, or remove it");
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
        // The list has an entry, because the statement above adds an entry if the list is empty.
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

enum SpecFile {
    Api(Box<ApiFile>),
    Types(Box<TypesFile>),
    Operation(Box<OperationFile>),
    Callback(Box<CallbackFile>),
}

fn file(id: FileId, source: &SourceFile, diagnostics: &mut Diagnostics) -> Option<SpecFile> {
    checked(id, source, diagnostics, sound_text)
}

/// Parses the settings file, and reports mistakes in the same way as in a spec file.
pub(crate) fn settings<T: DeserializeOwned>(
    id: FileId,
    source: &SourceFile,
    diagnostics: &mut Diagnostics,
) -> Option<T> {
    checked(id, source, diagnostics, document)
}

/// Checks the encoding and the characters of a file, and then reads it with `read`.
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
    // A misleading character may break the structure of the document. The cleaned text is therefore read to find other
    // problems. These problems are reported only if the original text is valid YAML, because their places are looked up
    // in the original text.
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

/// Returns the kind of a file. Each kind has a distinguishing key, which must be at the start of a line.
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
    let hint = meant
        .and_then(|key| suggestion_for_letters(key, &KINDS))
        .unwrap_or_else(|| "begin the file with one of the keys `api`, `types`, `operation` or `callback`".into());
    diagnostics.report(Lint::FileKind, Place::top(id), "the kind of this file is unclear").help(hint);
}

fn document<T: DeserializeOwned>(id: FileId, source: &SourceFile, diagnostics: &mut Diagnostics) -> Option<T> {
    // The text is parsed as a tree first, because the type `Map` accepts a repeated key and silently keeps the last
    // value. The struct is parsed from the text instead if the tree does not fit the struct, for example because a text
    // looks like a number. It is also parsed from the text if the tree has `null` or tags. A tree is too lenient there,
    // because it also accepts `null` for a list.
    let tree = serde_yaml::from_str::<Value>(&source.text);
    let from_text = || serde_yaml::from_str(&source.text);
    match tree.and_then(|tree| {
        if is_plain(&tree) { serde_yaml::from_value(tree).or_else(|_| from_text()) } else { from_text() }
    }) {
        Ok(file) => Some(file),
        Err(first) => salvage(id, source, &first, diagnostics),
    }
}

/// Returns `true` if a tree has neither `null` nor tags.
fn is_plain(tree: &Value) -> bool {
    match tree {
        Value::Null | Value::Tagged(_) => false,
        Value::Bool(_) | Value::Number(_) | Value::String(_) => true,
        Value::Sequence(items) => items.iter().all(is_plain),
        Value::Mapping(members) => members.iter().all(|(key, value)| is_plain(key) && is_plain(value)),
    }
}

/// Parses a document with mistakes as far as possible. Each mistake is reported, and repaired or removed.
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
                format!("the key `{}` is repeated here", repeated.key),
            )
            .also_at(Where::Span(id, repeated.first), "the first")
            .help("remove or rename one of them");
    }
    if let Some(second) = table.second_document() {
        let message = "a second YAML document begins here";
        diagnostics
            .push(Lint::YamlSyntax, Where::Span(id, second), message)
            .help("put the second document into a file of its own");
    }
    let mut mended = Vec::new();
    loop {
        // Without a tree there is nothing to repair, because the text is not YAML.
        let Some(text) = table.write() else {
            syntax_error(id, source, first, diagnostics);
            return None;
        };
        // The loop ends, because every round except the last repairs or removes a part, and the number of repairs of a
        // part is limited.
        match serde_path_to_error::deserialize::<_, T>(serde_yaml::Deserializer::from_str(&text)) {
            // The tree contains only the first document and no aliases, so the mistake may be in a later document or an
            // alias.
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

/// Reports one mistake, and repairs it or removes the part that contains it. Returns `false` if neither is possible.
///
/// Later problems of a removed part, or of a key that the repair added, are not shown, because they are consequences of
/// the mistake.
fn mend(
    source: &SourceFile,
    table: &mut SpanTable,
    mut place: Place,
    message: &str,
    mended: &mut Vec<Place>,
    diagnostics: &mut Diagnostics,
) -> bool {
    // In the message, the words in backticks are the unknown or missing word, followed by the known words.
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
            // An empty text takes the place of the missing value, so that the rest of the document can be checked. If
            // an empty text has the wrong type, the next round tries another empty value in the branch below.
            return table.fill(&place.path, given);
        }
        return cut(table, place, mended, diagnostics);
    }
    if mended.contains(&place) {
        // The empty value has the wrong type. If no other empty value fits, the enclosing part is removed.
        if table.fill_otherwise(&place.path) {
            return true;
        }
        place.path.pop();
        return cut(table, place, mended, diagnostics);
    }
    if message.starts_with("unknown variant") {
        diagnostics
            .report(Lint::UnknownWord, place.clone(), format!("`{given}` is not allowed here"))
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
    let message = if huge { "this number is too large" } else { message };
    diagnostics.report(Lint::WrongValue, place.clone(), message);
    cut(table, place, mended, diagnostics)
}

/// Returns a suggestion for an unknown key. If the key contains a non-ASCII letter, the suggestion names that letter,
/// because it may look like an ASCII letter.
fn suggestion_for_letters(given: &str, known: &[&str]) -> Option<String> {
    let suggestion = suggestion(given, known.iter().copied())?;
    let foreign = given.chars().find(|c| c.is_alphabetic() && !c.is_ascii());
    Some(match foreign {
        Some(c) => format!("{suggestion} `{c}` (U+{:04X}) is not an ASCII letter", u32::from(c)),
        None => suggestion,
    })
}

/// Reports an unknown key, and renames it to the closest known key or removes it. Returns `false` if neither is
/// possible.
fn unknown_field(
    source: &SourceFile,
    table: &mut SpanTable,
    mut place: Place,
    (given, known): (&str, &[&str]),
    diagnostics: &mut Diagnostics,
) -> bool {
    // The path ends with the unknown key, or with the mapping that contains the unknown key. The message names the key
    // in both cases.
    if place.path.last() != Some(&Step::Key(given.to_owned())) {
        place = place.at(given);
    }
    if let Some(lookalike) = lookalike(&source.text, table.find(&place.clone().key())) {
        // In braces, `type： won` is a key without a value. The intended key is before the full-width colon, and the
        // intended value is after it.
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
        .report(Lint::UnknownKey, place.clone().key(), format!("`{given}` is not a valid key here"))
        .help_if(suggestion_for_letters(given, known));
    let beside = table.keys(&place.path[..place.path.len() - 1]);
    let free = known.iter().copied().filter(|key| !beside.iter().any(|other| other == key));
    match closest(given, free) {
        // A key without a value is not renamed, because that would only cause another mistake.
        Some(near) if table.has_value(&place.path) => table.rename(&place.path, near),
        _ => table.remove(&place.path),
    }
}

/// Reports an unquoted text in braces that contains a comma. YAML ends the text at the comma and reads the rest as
/// keys, which are removed. Each text is reported once, regardless of the number of its commas. Returns `false` if the
/// unknown key is not part of such a text.
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
    // A single word may be a key whose value is missing.
    let is_word = |part: &String| part.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    if parts.iter().all(is_word) && closest(given, known.iter().copied()).is_some() {
        return false;
    }
    diagnostics
        .report(Lint::UnquotedComma, place.clone().key(), format!("the value of `{of}` ends at the preceding comma"))
        .help(format!("in braces a comma starts the next entry: put the value of `{of}` in quotes"));
    for part in parts {
        table.remove(&[around, &[Step::Key(part)]].concat());
    }
    true
}

fn cut(table: &mut SpanTable, mut place: Place, mended: &mut Vec<Place>, diagnostics: &mut Diagnostics) -> bool {
    // Removing an entry of a list would change the indexes of later entries, so the whole list is removed.
    while matches!(place.path.last(), Some(Step::Index(_))) {
        place.path.pop();
    }
    diagnostics.silence(place.clone());
    mended.push(place.clone());
    table.remove(&place.path)
}

/// Removes the path and the position from a message of the parser, because they refer to the repaired text.
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
            .help("indent with blanks; YAML does not allow tabs");
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

/// Returns the range of the line that contains the position `at`, including the two lines before it. The parser may
/// detect a mistake only at the next entry.
fn lines_around(text: &str, at: usize) -> Range<usize> {
    let end = text[at..].find('\n').map_or(text.len(), |n| at + n);
    let begin = text[..at].rmatch_indices('\n').nth(2).map_or(0, |(n, _)| n + 1);
    begin..end
}

/// Returns a hint for the most probable cause of a message of the parser.
fn syntax_hint(message: &str) -> Option<&'static str> {
    let hints = [
        ("mapping values are not allowed", "put a text that contains `: ` in quotes"),
        (
            "could not find expected ':'",
            "the preceding line lacks a `:` followed by a blank, or has another indentation",
        ),
        ("did not find expected key", "start all entries of a mapping in the same column, and close quoted texts"),
        (
            "did not find expected ',' or '}'",
            "separate entries in braces by commas, and quote a text with `: `, `{` or `[`",
        ),
        (
            "did not find expected ',' or ']'",
            "separate entries in brackets by commas, and quote a text with `: `, `{` or `[`",
        ),
        ("cannot start any token", "quote a text that begins with @, ` or %"),
        ("unknown anchor", "quote a text that begins with *"),
        ("found unexpected end of stream", "close the open quote, brace or bracket"),
    ];
    hints.iter().find(|(part, _)| message.contains(part)).map(|(_, hint)| *hint)
}

/// Returns the position of the first tab that indents a line. Lines after the line at which parsing stopped are
/// ignored.
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
