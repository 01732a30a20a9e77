//! `regen`: writes the crates and the reference of the spec language, once or at every save.

use super::{by_spec, print_findings};
use crate::{Shared, color, put, root, settings};
use codegen::project::Project;
use codegen::regen::{Loaded, describe, listing, load, write_crate, write_language_reference};
use codegen::settings::Settings;
use codegen::watch::{News, SettingsState};
use codegen::write::Report;
use std::io::{self, Write as _};
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// Regenerates every crate, or with `check` only reports the changes. Writes nothing if a spec has findings.
pub(super) fn regen(settings: &Settings, check: bool) -> io::Result<ExitCode> {
    let distinct = by_spec(&settings.projects);
    let mut sound = Vec::new();
    let mut has_findings = false;
    for project in &settings.projects {
        let start = Instant::now();
        match load(project)? {
            Loaded::Sound(apis) => sound.push((project, apis, start.elapsed())),
            Loaded::Findings(sources, diagnostics) => {
                has_findings = true;
                if distinct.iter().any(|one| std::ptr::eq(*one, project)) {
                    print_findings(&sources, &diagnostics);
                }
            }
        }
    }
    if has_findings {
        eprintln!("nothing was written");
        return Ok(ExitCode::FAILURE);
    }
    let (mut stale, mut failed) = (false, false);
    for (project, apis, reading) in sound {
        let start = Instant::now();
        let report = write_crate(project, &apis, check)?;
        put(&describe(&report, project, check))?;
        put(&format!("{}\n", summary(project, &report, check, reading + start.elapsed())))?;
        stale |= !report.changes.is_empty();
        failed |= !report.failures.is_empty();
    }
    if let (Some(report), Some(reference)) = (write_language_reference(settings, check)?, &settings.language_reference)
    {
        put(&listing(&report, &reference.folder, check))?;
        if check && !report.changes.is_empty() {
            let (folder, tool) = (&reference.folder, &settings.tool);
            put(&format!(
                "\n{folder} is out of date with the spec language. Run `{tool} regen` and commit the result.\n"
            ))?;
        }
        stale |= !report.changes.is_empty();
        failed |= !report.failures.is_empty();
    }
    if failed {
        eprintln!("error: some files could not be written; fix the failures above and run the command again");
        return Ok(ExitCode::from(2));
    }
    Ok(if check && stale { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Returns a line with the numbers of files, lines and changes, and with the duration.
fn summary(project: &Project, report: &Report, check: bool, took: Duration) -> String {
    let changes = match report.changes.len() {
        0 => "up to date".to_owned(),
        n if check => format!("{n} to change"),
        n => format!("{n} changed"),
    };
    let (files, lines, took) = (report.files, report.lines, took.as_millis());
    format!("{}: {files} files, {lines} lines, {changes}, in {took} ms", project.out_label)
}

/// Regenerates at every save of a spec or of the settings, until the output is closed. If the settings are invalid when
/// the command starts, the command ends. If the settings become invalid later, the command waits until the settings
/// file is saved again.
pub(super) fn watch(shared: &Shared) -> io::Result<ExitCode> {
    let file = root(shared)?.join(codegen::settings::FILE);
    let mut state = SettingsState::of(&file);
    let mut current = settings(shared)?;
    if current.is_none() {
        return Ok(ExitCode::FAILURE);
    }
    let done = loop {
        match &current {
            Some(settings) => {
                if let Err(error) = watch_projects(&file, &state, &settings.projects) {
                    break Err(error);
                }
            }
            None => state.until_changed(&file),
        }
        state = SettingsState::of(&file);
        current = settings(shared).unwrap_or_else(|error| {
            eprintln!("error: {error}");
            None
        });
        if current.is_none() {
            eprintln!("nothing was written\n");
        }
    };
    match done {
        // The output was closed.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(ExitCode::SUCCESS),
        done => done.map(|()| ExitCode::SUCCESS),
    }
}

/// Regenerates at every save of a spec. Returns when the settings change.
fn watch_projects(file: &Path, state: &SettingsState, projects: &[Project]) -> io::Result<()> {
    let labels: Vec<&str> = by_spec(projects).iter().map(|project| project.spec_label.as_str()).collect();
    put(&format!("watching {} and {}; press Ctrl-C to stop\n", labels.join(", "), codegen::settings::FILE))?;
    codegen::watch::watch(file, state, projects, |project, news| match news {
        News::Findings(sources, diagnostics) => {
            write!(io::stderr().lock(), "{}nothing was written\n\n", diagnostics.render(&sources, color()))
        }
        News::Trouble(error) => write!(io::stderr().lock(), "error: {error}\n\n"),
        News::Regenerated { report, surface, start } => {
            let failures: String = report.failures.iter().map(|failure| format!("  failed  {failure}\n")).collect();
            let summary = summary(project, &report, false, start.elapsed());
            write!(io::stdout().lock(), "{surface}{failures}{summary}\n\n")
        }
    })
}
