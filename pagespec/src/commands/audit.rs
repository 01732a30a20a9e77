//! `audit`: compares a saved page with a spec, or with an older copy of the page.

use super::{by_spec, print_findings, project_of};
use crate::{Format, put};
use audit::{Audited, compare_pages};
use codegen::project::Project;
use std::io;
use std::path::Path;
use std::process::ExitCode;

pub(super) fn audit(
    projects: &[Project],
    api: Option<&str>,
    doc: &Path,
    baseline: Option<&Path>,
    all: bool,
    format: Format,
) -> io::Result<ExitCode> {
    let done = match (api, baseline) {
        (Some(name), Some(baseline)) => compare_pages(project_of(projects, name)?, api, doc, baseline)?,
        (Some(name), None) => audit::audit(project_of(projects, name)?, api, doc)?,
        (None, Some(baseline)) => {
            // Two copies of a page can be compared even if no spec describes the page. Any project suffices then.
            let documented = by_spec(projects).into_iter().find(|project| audit::audit(project, None, doc).is_ok());
            let Some(project) = documented.or(projects.first()) else { return Ok(ExitCode::SUCCESS) };
            compare_pages(project, None, doc, baseline)?
        }
        (None, None) => audit_documented(projects, doc)?,
    };
    match done {
        Audited::Done(report) => {
            put(&match format {
                Format::Text => report.text(all),
                Format::Json => report.json(all),
                Format::Markdown => report.markdown(all),
            })?;
            Ok(if report.unexplained().next().is_none() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
        Audited::Findings(sources, diagnostics) => {
            print_findings(&sources, &diagnostics);
            eprintln!("nothing was compared");
            Ok(ExitCode::FAILURE)
        }
    }
}

/// Audits a page against the spec of the API that the page documents. Tries each spec, and returns an error only if the
/// audit fails with every spec.
fn audit_documented(projects: &[Project], doc: &Path) -> io::Result<Audited> {
    let mut errors: Vec<io::Error> = Vec::new();
    for project in by_spec(projects) {
        match audit::audit(project, None, doc) {
            Ok(done) => return Ok(done),
            Err(error) => errors.push(error),
        }
    }
    let kind = errors.first().map_or(io::ErrorKind::NotFound, io::Error::kind);
    let mut texts: Vec<String> = errors.iter().map(io::Error::to_string).collect();
    texts.dedup();
    Err(io::Error::new(kind, texts.join("\n")))
}
