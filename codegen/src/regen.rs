//! Functions that run the whole pipeline, for the command line and for tests.

use crate::diagnostic::Diagnostics;
use crate::emit;
use crate::project::{Options, Project};
use crate::resolved::Api;
use crate::settings::{LanguageReference, Settings};
use crate::source::Sources;
use crate::write::{self, FileState, Report};
use crate::{lint, lint_registry, parse, plan, resolve};
use std::fmt::Write as _;
use std::io;

/// Result of reading a spec.
#[derive(Debug)]
pub enum Loaded {
    /// The spec has no findings.
    Sound(Vec<Api>),
    /// The spec has findings.
    Findings(Sources, Diagnostics),
}

/// Reads and checks the spec of a project.
pub fn load(project: &Project) -> io::Result<Loaded> {
    check(project.sources()?, project)
}

/// Checks the spec of a project, whose files were already read.
pub fn check(sources: Sources, project: &Project) -> io::Result<Loaded> {
    let mut diagnostics = Diagnostics::default();
    let parsed = parse::parse(&sources, &mut diagnostics);
    let apis: Vec<Api> = parsed.into_iter().filter_map(|api| resolve::resolve(api, &mut diagnostics)).collect();
    lint::lint(&apis, &mut diagnostics);
    if apis.is_empty() && diagnostics.is_empty() {
        return Err(io::Error::new(
            io::ErrorKind::NotFound,
            format!("{}: there are no spec files; add a folder with YAML files for each API", project.spec.display()),
        ));
    }
    Ok(if diagnostics.is_empty() { Loaded::Sound(apis) } else { Loaded::Findings(sources, diagnostics) })
}

/// Returns the API with this name, or an error that lists the APIs.
pub fn named<'a>(apis: &'a [Api], name: &str) -> io::Result<&'a Api> {
    apis.iter().find(|api| api.name == name).ok_or_else(|| {
        let known: Vec<&str> = apis.iter().map(|api| api.name.as_str()).collect();
        let message = format!("there is no API `{name}`; there are: {}", known.join(", "));
        io::Error::new(io::ErrorKind::InvalidInput, message)
    })
}

/// Returns the generated files of a spec without findings.
pub fn files(apis: &[Api], options: &Options) -> Vec<emit::File> {
    emit::emit(apis, &plan::plan(apis), options).each(|file| file)
}

/// Result of a run.
#[derive(Debug)]
pub enum Outcome {
    /// The spec has findings, and nothing was written.
    Findings(Sources, Diagnostics),
    /// The generated files were compared with the existing files. Unless `check` is set, differing files were written.
    Done(Report),
}

/// Generates the crate of a project. With `check`, only reports the differences and writes nothing.
pub fn regen(project: &Project, check: bool) -> io::Result<Outcome> {
    match load(project)? {
        Loaded::Findings(sources, diagnostics) => Ok(Outcome::Findings(sources, diagnostics)),
        Loaded::Sound(apis) => write_crate(project, &apis, check).map(Outcome::Done),
    }
}

/// Writes the crate of a spec without findings. With `check`, only reports the differences and writes nothing.
///
/// # Errors
///
/// Returns an error if the crate's folder cannot be read, or if a file of the keep list is missing or is generated.
pub fn write_crate(project: &Project, apis: &[Api], check: bool) -> io::Result<Report> {
    let model = plan::plan(apis);
    let files = emit::emit(apis, &model, &project.options);
    write::write(&project.out, &project.keep, &files, check)
}

/// Writes the reference of the spec language and the list of lints. Returns `None` if the settings name no folder for
/// these two files. With `check`, only reports the differences and writes nothing.
///
/// # Errors
///
/// Returns an error if one of the two files cannot be read or written, or if the examples cannot be read.
pub fn write_language_reference(settings: &Settings, check: bool) -> io::Result<Option<Report>> {
    let Some(reference) = &settings.language_reference else { return Ok(None) };
    let examples = settings.examples()?;
    let folder = settings.root.join(&reference.folder);
    let mut report = Report::default();
    let contents = [lint_registry::page(&settings.tool), emit::spec_reference(&examples, &settings.tool)];
    for (path, content) in LanguageReference::FILES.into_iter().zip(contents) {
        let one = write::write_one(&folder, &emit::File { path: path.into(), content }, check)?;
        report.changes.extend(one.changes);
        report.files += one.files;
        report.lines += one.lines;
        report.failures.extend(one.failures);
    }
    Ok(Some(report))
}

/// Describes the result of a run for people. With `check`, the differences are followed by the command that corrects
/// them.
pub fn describe(report: &Report, project: &Project, check: bool) -> String {
    let mut out = listing(report, &project.out_label, check);
    if check && !report.changes.is_empty() {
        let _ = writeln!(
            out,
            "\n{} does not match the spec. Run `{}` and commit the result.",
            project.out_label, project.options.command
        );
    }
    out
}

/// Returns one line for each changed file and each failure, followed by the diffs of the changed files. Paths begin
/// with `label`.
pub fn listing(report: &Report, label: &str, check: bool) -> String {
    let mut out = String::new();
    for change in &report.changes {
        let verb = match (change.kind, check) {
            (FileState::Missing, true) => "missing",
            (FileState::Changed, true) => "changed",
            (FileState::Stray, true) => "stray",
            (FileState::Missing, false) => "created",
            (FileState::Changed, false) => "updated",
            (FileState::Stray, false) => "deleted",
        };
        let lines = match change.lines {
            (0, 0) => String::new(),
            (removed, added) => format!("  +{added} -{removed}"),
        };
        // Writing to a `String` cannot fail.
        let _ = writeln!(out, "{verb:>8}  {label}/{}{lines}", change.path);
    }
    for failure in &report.failures {
        let _ = writeln!(out, "  failed  {failure}");
    }
    for change in &report.changes {
        if let Some(diff) = &change.diff {
            let _ = write!(out, "\n{diff}");
        }
    }
    out
}
