//! Compares a saved documentation page with the spec of its API. Reports the facts that differ, and the facts that only
//! the page or only the spec has.
//!
//! `readers` converts a file to blocks, which no longer depend on the notation, encoding and line wrapping of the file.
//! `outline` converts blocks to sections, rows and lists. `row`, `attributes`, `values` and `request` read single
//! facts, with the vocabulary in `words`. `expected` derives the same facts from the spec, each with its place in the
//! spec. `compare` compares the facts of a page with those of the spec, `baseline` compares two copies of a page, and
//! `report` renders the result.
//!
//! The comparison ignores wording, white space, quotation marks, sample code and the order of rows. An audit changes no
//! file.
#![warn(unreachable_pub)]

mod attributes;
mod baseline;
mod block;
mod compare;
mod expected;
mod facts;
mod language;
mod outline;
mod page;
mod page_words;
mod readers;
mod report;
mod request;
mod row;
mod suggestion;
mod values;
mod words;

pub use facts::Stated;
pub use readers::saved::{Notation, Saved};
pub use report::{Count, Difference, Report, Side};

use codegen::diagnostic::{Diagnostics, closest};
use codegen::project::Project;
use codegen::source::{Place, Sources};
use codegen::span::SpanTable;
use codegen::spec::Language;
use codegen::{lint, parse, resolve};
use expected::Expected;
use std::cell::RefCell;
use std::collections::HashMap;
use std::io;
use std::path::Path;

/// Result of comparing a page with the spec, or with an older copy of the page.
#[derive(Debug)]
pub enum Audited {
    /// Nothing was compared, because the spec has findings, which must be corrected first. Contains the files of the
    /// spec and the findings.
    Findings(Sources, Diagnostics),
    /// The comparison was made. Contains its report.
    Done(Report),
}

/// Compares the page in `file` with the spec of `api`. If `api` is `None`, the API is the one that the page documents.
pub fn audit(project: &Project, api: Option<&str>, file: &Path) -> io::Result<Audited> {
    let page = Saved::open(file)?;
    Ok(match Spec::read(project)? {
        Err((sources, diagnostics)) => Audited::Findings(sources, diagnostics),
        Ok(spec) => Audited::Done(spec.audit(api, &page)?),
    })
}

/// Compares the page in `file` with an older copy of the page in the file `baseline`. The spec only helps to find and
/// name the sections and lists of both copies.
pub fn compare_pages(project: &Project, api: Option<&str>, file: &Path, baseline: &Path) -> io::Result<Audited> {
    let (page, before) = (Saved::open(file)?, Saved::open(baseline)?);
    Ok(match Spec::read(project)? {
        Err((sources, diagnostics)) => Audited::Findings(sources, diagnostics),
        Ok(spec) => Audited::Done(spec.compare_pages(api, &before, &page)?),
    })
}

/// Returns the facts of a page, without using a spec.
pub fn facts(saved: &Saved) -> io::Result<Vec<Stated>> {
    Ok(facts::of(&outline::read(&saved.blocks().map_err(invalid)?, &[]), None))
}

/// Specs of all APIs of a project, prepared for comparisons with pages.
#[derive(Debug)]
pub struct Spec {
    sources: Sources,
    label: String,
    apis: Vec<Expected>,
    tables: RefCell<HashMap<usize, SpanTable>>,
}

struct ReadPage {
    page: page::Page,
    language: Language,
}

impl Spec {
    /// Reads the specs of a project. Returns `Ok(Err(…))` with the findings if there are any, because a spec with
    /// findings cannot be compared with a page.
    pub fn read(project: &Project) -> io::Result<Result<Self, (Sources, Diagnostics)>> {
        let sources = project.sources()?;
        let mut diagnostics = Diagnostics::default();
        let parsed = parse::parse(&sources, &mut diagnostics);
        let mut before = Vec::new();
        let mut resolved = Vec::new();
        for parsed in parsed {
            let of_files = expected::of_files(&parsed);
            if let Some(api) = resolve::resolve(parsed, &mut diagnostics) {
                before.push(of_files);
                resolved.push(api);
            }
        }
        lint::lint(&resolved, &mut diagnostics);
        if !diagnostics.is_empty() {
            return Ok(Err((sources, diagnostics)));
        }
        let apis = resolved.iter().zip(before).map(|(api, of_files)| expected::expected(api, of_files)).collect();
        Ok(Ok(Spec { sources, label: project.spec_label.clone(), apis, tables: RefCell::default() }))
    }

    /// Compares a page with the spec of `api`. If `api` is `None`, the API is the one that the page documents.
    pub fn audit(&self, api: Option<&str>, saved: &Saved) -> io::Result<Report> {
        let blocks = saved.blocks().map_err(invalid)?;
        let expected = self.api_of(api, saved, &blocks)?;
        let read = read(&blocks, expected);
        let others: Vec<&Expected> = self.apis.iter().filter(|other| other.api != expected.api).collect();
        let report =
            compare::compare(&read.page, read.language, &saved.label, expected, &others, &|place| self.at(place));
        report.map_err(|why| match self.documented(&blocks).as_slice() {
            [] => invalid(why),
            found => invalid(format!("{why}\n  the page documents {}", listed(found))),
        })
    }

    /// Compares a page, `after`, with an older copy of the page, `before`.
    pub fn compare_pages(&self, api: Option<&str>, before: &Saved, after: &Saved) -> io::Result<Report> {
        let (old, new) = (before.blocks().map_err(invalid)?, after.blocks().map_err(invalid)?);
        // A page that documents no API, or several, can be compared with an older copy too.
        let known = match api {
            Some(name) => Some(self.named(name)?),
            None => match self.documented(&new).as_slice() {
                [one] => Some(*one),
                _ => None,
            },
        };
        let read_with = |blocks: &[block::Block]| match known {
            Some(expected) => read(blocks, expected),
            None => ReadPage { page: outline::read(blocks, &[]), language: language::of(blocks) },
        };
        Ok(baseline::compare(&read_with(&old), &read_with(&new), known, &before.label, &after.label))
    }

    /// Returns the facts of a page. Sections about operations and callbacks of `api` are named by their ids. If `api`
    /// is `None`, the API is the one that the page documents.
    pub fn facts(&self, api: Option<&str>, saved: &Saved) -> io::Result<Vec<Stated>> {
        let blocks = saved.blocks().map_err(invalid)?;
        let expected = self.api_of(api, saved, &blocks)?;
        let read = read(&blocks, expected);
        Ok(facts::of(&read.page, Some((expected, read.language))))
    }

    fn named(&self, api: &str) -> io::Result<&Expected> {
        self.apis.iter().find(|expected| expected.api == api).ok_or_else(|| {
            let names: Vec<&str> = self.apis.iter().map(|expected| expected.api.as_str()).collect();
            let known = names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
            let near = closest(api, names).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            let message = format!("there is no API `{api}` in {}; known APIs: {known}{near}", self.label);
            io::Error::new(io::ErrorKind::NotFound, message)
        })
    }

    /// Returns the API with this name. Without a name, returns the only API that the page documents.
    fn api_of(&self, api: Option<&str>, saved: &Saved, blocks: &[block::Block]) -> io::Result<&Expected> {
        if let Some(name) = api {
            return self.named(name);
        }
        match self.documented(blocks).as_slice() {
            [one] => Ok(*one),
            [] => Err(invalid(self.no_api_message(saved, blocks))),
            several => Err(invalid(format!(
                "{}: this page documents {}; select one of them with `--api`",
                saved.label,
                listed(several)
            ))),
        }
    }

    /// Returns the APIs with an operation or a callback that the page documents.
    fn documented(&self, blocks: &[block::Block]) -> Vec<&Expected> {
        self.apis.iter().filter(|expected| compare::documents(&read(blocks, expected), expected)).collect()
    }

    fn no_api_message(&self, saved: &Saved, blocks: &[block::Block]) -> String {
        let page = outline::read(blocks, &[]);
        let names = self.apis.iter().map(|of| format!("`{}`", of.api)).collect::<Vec<_>>().join(", ");
        format!(
            "{}: this page documents no API in {}\n  looked for the methods, paths and headings of {names}\n  {}",
            saved.label,
            self.label,
            compare::content_summary(&page)
        )
    }

    /// Returns the file and line of a place in the spec, such as `spec/pay/api.yaml:12`.
    fn at(&self, place: &Place) -> String {
        let source = self.sources.get(place.file);
        let mut tables = self.tables.borrow_mut();
        let table = tables.entry(place.file.0).or_insert_with(|| SpanTable::read(&source.text));
        let start = table.find(place).start.min(source.text.len());
        format!("{}:{}", source.path, source.text[..start].matches('\n').count() + 1)
    }
}

fn listed(apis: &[&Expected]) -> String {
    apis.iter().map(|of| format!("`{}`", of.api)).collect::<Vec<_>>().join(" and ")
}

fn invalid(message: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, message)
}

/// Finds the sections of a page with the help of the API's headings, and detects the language of the page.
fn read(blocks: &[block::Block], expected: &Expected) -> ReadPage {
    ReadPage { page: outline::read(blocks, &expected.known()), language: language::of(blocks) }
}
