//! Diagnostics of a spec: a collector of problems, which renders each with its position, its source line and a hint.

use crate::lint_registry::Lint;
use crate::source::{FileId, Place, Sources};
use crate::span::SpanTable;
use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use std::collections::HashMap;
use std::ops::Range;

/// A problem of a spec or of the settings.
#[derive(Debug, Clone)]
pub struct Diagnostic {
    /// Lint to which the problem belongs.
    pub lint: Lint,
    /// Description of the problem.
    pub message: String,
    /// Location of the problem.
    pub at: Where,
    /// Second location that explains the problem, and its label.
    pub also: Option<(Where, String)>,
    /// Hint that describes the correction.
    pub hint: Option<String>,
}

impl Diagnostic {
    /// Sets the hint.
    pub fn help(&mut self, hint: impl Into<String>) -> &mut Self {
        self.hint = Some(hint.into());
        self
    }

    /// Sets the hint, or removes it if `hint` is `None`.
    pub fn help_if(&mut self, hint: Option<String>) -> &mut Self {
        self.hint = hint;
        self
    }

    /// Sets a hint that suggests the candidate closest to `word`. If no candidate is close, the hint lists all
    /// candidates, unless there are more than 40.
    pub fn suggest<'a>(&mut self, word: &str, candidates: impl IntoIterator<Item = &'a str> + Clone) -> &mut Self {
        self.help_if(suggestion(word, candidates))
    }

    /// Adds a second location, given as a place, with a label.
    pub fn also(&mut self, place: Place, label: impl Into<String>) -> &mut Self {
        self.also_at(Where::Place(place), label)
    }

    /// Adds a second location with a label.
    pub fn also_at(&mut self, at: Where, label: impl Into<String>) -> &mut Self {
        self.also = Some((at, label.into()));
        self
    }
}

/// Location of a problem.
#[derive(Debug, Clone)]
pub enum Where {
    /// Path in a document. Only [`Diagnostics::locate`] looks up the position of this path in the text.
    Place(Place),
    /// Position in a file.
    Span(FileId, Range<usize>),
    /// Path of a folder or a file, without a position in it.
    Folder(String),
}

/// Collector of problems.
#[derive(Debug, Default)]
pub struct Diagnostics {
    found: Vec<Diagnostic>,
    /// Silenced places, each with the number of problems that were reported before the place was silenced.
    silent: Vec<(usize, Place)>,
}

impl Diagnostics {
    /// Reports a problem at `place`.
    pub fn report(&mut self, lint: Lint, place: Place, message: impl Into<String>) -> &mut Diagnostic {
        self.push(lint, Where::Place(place), message)
    }

    /// Reports a problem.
    pub fn push(&mut self, lint: Lint, at: Where, message: impl Into<String>) -> &mut Diagnostic {
        let n = self.found.len();
        self.found.push(Diagnostic { lint, message: message.into(), at, also: None, hint: None });
        &mut self.found[n]
    }

    /// Adds the problems of another collector.
    pub fn append(&mut self, others: Diagnostics) {
        let before = self.found.len();
        self.found.extend(others.found);
        self.silent.extend(others.silent.into_iter().map(|(from, place)| (before + from, place)));
    }

    /// Keeps only the problems for which `wanted` returns `true`.
    pub fn retain(&mut self, wanted: impl Fn(&Diagnostic) -> bool) {
        for (from, _) in &mut self.silent {
            *from = self.found[..*from].iter().filter(|diagnostic| wanted(diagnostic)).count();
        }
        self.found.retain(wanted);
    }

    /// Suppresses later problems at this place and below it, because they are consequences of an earlier problem.
    pub fn silence(&mut self, place: Place) {
        self.silent.push((self.found.len(), place));
    }

    /// Returns `true` if this place, or a place that contains it, was silenced. An item that seems to be missing there
    /// may be present in the file, but unreadable.
    pub fn is_silent(&self, place: &Place) -> bool {
        self.silent.iter().any(|(_, silent)| silent.holds(place))
    }

    fn shown(&self) -> impl Iterator<Item = &Diagnostic> {
        self.found.iter().enumerate().filter_map(|(n, diagnostic)| {
            let silent = |place: &Place| self.silent.iter().any(|(from, silent)| n >= *from && silent.holds(place));
            let hidden = matches!(&diagnostic.at, Where::Place(place) if silent(place));
            (!hidden).then_some(diagnostic)
        })
    }

    /// Returns an iterator over the problems that are not suppressed, in the order in which they were reported.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.shown()
    }

    /// Returns `true` if no problem was reported.
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// Returns the number of reported problems, including suppressed problems.
    pub fn len(&self) -> usize {
        self.found.len()
    }

    /// Returns the problems that are not suppressed, with their positions. They are sorted by file and position, and
    /// duplicates are removed.
    pub fn locate(&self, sources: &Sources) -> Vec<Located> {
        let mut tables: HashMap<FileId, SpanTable> = HashMap::new();
        let mut span_of = |at: &Where| match at {
            Where::Folder(folder) => (folder.clone(), None),
            Where::Span(file, span) => (sources.get(*file).path.clone(), Some((*file, span.clone()))),
            Where::Place(place) => {
                let source = sources.get(place.file);
                let table = tables.entry(place.file).or_insert_with(|| SpanTable::read(&source.text));
                (source.path.clone(), Some((place.file, table.find(place))))
            }
        };
        let mut located: Vec<Located> = self
            .shown()
            .map(|d| {
                let (path, span) = span_of(&d.at);
                let (line, column) =
                    span.as_ref().map_or((0, 0), |(file, span)| line_and_column(&sources.get(*file).text, span.start));
                let also = d.also.as_ref().map(|(at, label)| (span_of(at).1, label.clone()));
                Located { diagnostic: d.clone(), path, line, column, span, also }
            })
            .collect();
        located.sort_by(|a, b| {
            (&a.path, a.line, a.column, &a.diagnostic.message).cmp(&(&b.path, b.line, b.column, &b.diagnostic.message))
        });
        located.dedup_by(|a, b| {
            a.path == b.path && a.line == b.line && a.column == b.column && a.diagnostic.message == b.diagnostic.message
        });
        located
    }

    /// Renders all problems as text. With `color`, the text contains ANSI escape codes for a terminal.
    pub fn render(&self, sources: &Sources, color: bool) -> String {
        let renderer = if color { Renderer::styled() } else { Renderer::plain() }.decor_style(DecorStyle::Ascii);
        let located = self.locate(sources);
        let mut out = String::new();
        for problem in &located {
            out.push_str(&problem.render(sources, &renderer));
            out.push_str("\n\n");
        }
        out.push_str(&match located.len() {
            1 => "1 problem\n".to_owned(),
            n => format!("{n} problems\n"),
        });
        out
    }
}

/// Problem with its position.
#[derive(Debug)]
pub struct Located {
    /// The problem.
    pub diagnostic: Diagnostic,
    /// Path of the file or folder.
    pub path: String,
    /// Line, starting at 1. The line is 0 if the problem has no position in a file.
    pub line: usize,
    /// Column in characters, starting at 1. The column is 0 if the problem has no position in a file.
    pub column: usize,
    span: Option<Position>,
    also: Option<(Option<Position>, String)>,
}

/// Position in a file, in bytes.
type Position = (FileId, Range<usize>);

impl Located {
    fn render(&self, sources: &Sources, renderer: &Renderer) -> String {
        let title = Level::ERROR.primary_title(sentence_case(&self.diagnostic.message)).id(self.diagnostic.lint.name());
        let Some((file, span)) = &self.span else {
            let report = [title.element(annotate_snippets::Origin::path(&self.path))];
            return renderer.render(&with_hint(report, self.diagnostic.hint.as_deref()));
        };
        let source = sources.get(*file);
        let mut snippet = Snippet::source(&source.text)
            .path(&source.path)
            .annotation(AnnotationKind::Primary.span(visible(&source.text, span)));
        let mut elsewhere = None;
        if let Some((Some((also_file, also)), label)) = &self.also {
            let annotation = |text: &str| AnnotationKind::Context.span(visible(text, also)).label(label.clone());
            if also_file == file {
                snippet = snippet.annotation(annotation(&source.text));
            } else {
                let other = sources.get(*also_file);
                elsewhere = Some(Snippet::source(&other.text).path(&other.path).annotation(annotation(&other.text)));
            }
        }
        let mut group = title.element(snippet);
        if let Some(elsewhere) = elsewhere {
            group = group.element(elsewhere);
        }
        renderer.render(&with_hint([group], self.diagnostic.hint.as_deref()))
    }
}

fn with_hint<'a>(
    [group]: [annotate_snippets::Group<'a>; 1],
    hint: Option<&'a str>,
) -> Vec<annotate_snippets::Group<'a>> {
    vec![match hint {
        Some(hint) => group.element(Level::HELP.message(sentence_case(hint))),
        None => group,
    }]
}

/// Capitalizes the first letter of a message. Messages are capitalized only here, because many of them begin with an
/// inserted text, such as a name.
fn sentence_case(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(characters).collect()
}

/// Returns the part of a span that is in the first line of the span. The result is at least one character wide if
/// possible, so that the caret is visible.
fn visible(text: &str, span: &Range<usize>) -> Range<usize> {
    let start = span.start.min(text.len());
    let line_end = text[start..].find('\n').map_or(text.len(), |n| start + n);
    let end = span.end.clamp(start, line_end);
    let width = text[start..].chars().next().filter(|c| *c != '\n').map_or(0, char::len_utf8);
    start..end.max((start + width).min(text.len()))
}

fn line_and_column(text: &str, at: usize) -> (usize, usize) {
    let before = &text[..at.min(text.len())];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
    (line, column)
}

/// Returns the candidate that is closest to `word`, ignoring case. `None` if no candidate is close. A candidate is
/// close if the number of edits that turn it into `word` is at most a third of the length of the longer text in bytes.
/// A single edit is always close enough.
pub fn closest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let folded = word.to_lowercase();
    candidates
        .into_iter()
        .map(|c| (strsim::damerau_levenshtein(&folded, &c.to_lowercase()), c))
        .filter(|(distance, c)| *distance <= (word.len().max(c.len()) / 3).max(1))
        .min_by(|a, b| a.cmp(b))
        .map(|(_, c)| c)
}

/// Returns the question "did you mean `…`?" with the closest candidate. If no candidate is close, returns the list of
/// all candidates, unless there are more than 40.
pub fn suggestion<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str> + Clone) -> Option<String> {
    if let Some(near) = closest(word, candidates.clone()) {
        return Some(format!("did you mean `{near}`?"));
    }
    let mut all: Vec<&str> = candidates.into_iter().collect();
    all.sort_unstable();
    all.dedup();
    match all.len() {
        0 => None,
        count @ 1..=40 => {
            let verb = if count == 1 { "is" } else { "are" };
            Some(format!("there {verb}: {}", all.iter().map(|c| format!("`{c}`")).collect::<Vec<_>>().join(", ")))
        }
        _ => None,
    }
}
