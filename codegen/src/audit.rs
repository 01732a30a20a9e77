//! A saved page against the spec: what the page has that the spec has not, the reverse, and what differs.
//!
//! `text`, `markdown` and `html` turn a file into blocks, `outline` blocks into sections, rows and lists. `expected`
//! says the same of the spec, with the place of every fact; `compare` lines the two up, `report` shows the outcome.
//! Wording, white space, quotation marks, sample code and the order of rows do not count. Nothing is written.

mod block;
mod compare;
mod expected;
mod html;
mod markdown;
mod outline;
mod page;
mod paste;
mod report;
mod row;
mod states;
mod text;
mod values;
mod words;

pub use report::{Count, Difference, Report, Side};

use crate::diagnostic::{Diagnostics, closest};
use crate::regen::Project;
use crate::source::{Place, Sources};
use crate::span::SpanTable;
use crate::{lint, parse, resolve};
use std::cell::RefCell;
use std::collections::HashMap;
use std::path::Path;
use std::{fs, io};

/// The notation a page is saved in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notation {
    /// Running text, and tables with bars.
    Text,
    /// Markdown.
    Markdown,
    /// HTML.
    Html,
}

impl Notation {
    /// By the file's name, and where that says nothing by what is in it.
    pub fn of(path: &Path, text: &str) -> Self {
        let extension = path.extension().map(|e| e.to_string_lossy().to_lowercase());
        let start = text.trim_start().get(..200).unwrap_or(text).to_lowercase();
        match extension.as_deref() {
            Some("html" | "htm" | "xhtml") => Notation::Html,
            Some("md" | "markdown") => Notation::Markdown,
            _ if start.starts_with("<!doctype html") || start.starts_with("<html") => Notation::Html,
            _ => Notation::Text,
        }
    }
}

/// How an audit ended.
#[derive(Debug)]
pub enum Audited {
    /// The spec has findings of its own, which come first.
    Findings(Sources, Diagnostics),
    /// Page and spec were compared.
    Done(Report),
}

/// Audits the page in a file.
pub fn audit(project: &Project, api: &str, file: &Path) -> io::Result<Audited> {
    let label = file.display().to_string();
    let bytes = fs::read(file).map_err(|e| io::Error::new(e.kind(), format!("{label}: {e}")))?;
    let text = String::from_utf8(bytes).map_err(|_| {
        let message =
            format!("{label}: looked for text in UTF-8, found other bytes; save the page as text, Markdown or HTML");
        io::Error::new(io::ErrorKind::InvalidData, message)
    })?;
    let name = file.file_name().map_or(label.clone(), |name| name.to_string_lossy().into_owned());
    Ok(match Spec::read(project, api)? {
        Err((sources, diagnostics)) => Audited::Findings(sources, diagnostics),
        Ok(spec) => Audited::Done(spec.audit(&text, Notation::of(file, &text), &name)?),
    })
}

/// The spec of one API, ready to be compared with pages.
#[derive(Debug)]
pub struct Spec {
    sources: Sources,
    expected: expected::Expected,
    tables: RefCell<HashMap<usize, SpanTable>>,
}

impl Spec {
    /// Reads the spec. A spec with findings is not compared with anything: they are given back.
    pub fn read(project: &Project, api: &str) -> io::Result<Result<Self, (Sources, Diagnostics)>> {
        let sources = Sources::read(&project.spec, &project.spec_label)?;
        let mut diagnostics = Diagnostics::default();
        let mut parsed = parse::parse(&sources, &mut diagnostics);
        let names: Vec<String> = parsed.iter().map(|parsed| parsed.folder.clone()).collect();
        let Some(n) = names.iter().position(|name| name == api) else {
            let known = names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
            let near = closest(api, names.iter().map(String::as_str));
            let near = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            let message = format!("there is no API `{api}` in {}: there is {known}{near}", project.spec_label);
            return Err(io::Error::new(io::ErrorKind::NotFound, message));
        };
        let parsed = parsed.swap_remove(n);
        let quirks = expected::quirks(&parsed);
        let (states, headings) = expected::page_states(&parsed);
        let resolved = resolve::resolve(parsed, &mut diagnostics);
        lint::lint(resolved.as_slice(), &mut diagnostics);
        Ok(match resolved {
            Some(resolved) if diagnostics.is_empty() => {
                let expected = expected::expected(&resolved, quirks, states, headings);
                Ok(Spec { sources, expected, tables: RefCell::default() })
            }
            _ => Err((sources, diagnostics)),
        })
    }

    /// Compares a page with the spec. `label` is what the page is called in the report.
    pub fn audit(&self, text: &str, notation: Notation, label: &str) -> io::Result<Report> {
        let blocks = match notation {
            Notation::Text => text::read(text),
            Notation::Markdown => markdown::read(text),
            Notation::Html => html::read(text),
        };
        let mut known: Vec<(String, bool)> =
            self.expected.headings.iter().map(|heading| (heading.clone(), false)).collect();
        known.extend(self.expected.sections.iter().map(|section| (section.heading.clone(), true)));
        let page = outline::read(&blocks, &known);
        compare::compare(&page, label, &self.expected, &|place| self.at(place))
            .map_err(|message| io::Error::new(io::ErrorKind::InvalidData, message))
    }

    /// File and line of a place.
    fn at(&self, place: &Place) -> String {
        let source = self.sources.get(place.file);
        let mut tables = self.tables.borrow_mut();
        let table = tables.entry(place.file.0).or_insert_with(|| SpanTable::read(&source.text));
        let start = table.find(place).start.min(source.text.len());
        format!("{}:{}", source.path, source.text[..start].matches('\n').count() + 1)
    }
}
