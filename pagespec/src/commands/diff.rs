//! `diff`: reports the changes of the specs since a revision, and their effects on callers.

use super::print_findings;
use crate::{Deny, Format, put};
use codegen::diff::{self, Change, Impact, ReportFormat};
use codegen::project::Project;
use codegen::regen::{Loaded, check, load};
use codegen::resolved::Api;
use std::io;
use std::path::Path;
use std::process::ExitCode;

struct Changed<'a> {
    project: &'a Project,
    changes: Vec<Change>,
}

pub(super) fn diff(projects: &[Project], revision: &str, format: Format, deny: Option<Deny>) -> io::Result<ExitCode> {
    let external: Vec<&Project> = projects.iter().filter(|project| !project.is_internal).collect();
    // Internal crates are reported only if there is no other crate, for example because `--crate` selects an internal
    // crate.
    let reported = if external.is_empty() { projects.iter().collect() } else { external };
    let mut all = Vec::new();
    for project in &reported {
        let new = match load(project)? {
            Loaded::Sound(apis) => apis,
            Loaded::Findings(sources, diagnostics) => {
                print_findings(&sources, &diagnostics);
                return Ok(ExitCode::FAILURE);
            }
        };
        let old = old(project, revision, reported.len() > 1)?;
        let changes = diff::compare(&old, &new);
        for place in diff::unused_corrections(&old, &new, &changes) {
            eprintln!("warning: the correction of `{place}` matches no change since {revision}");
        }
        all.push(Changed { project, changes });
    }
    put(&render(&all, revision, format)?)?;
    let least = match deny {
        None => return Ok(ExitCode::SUCCESS),
        Some(Deny::Breaking) => Impact::Breaking,
        Some(Deny::Behavior) => Impact::Behavior,
    };
    let is_denied = |change: &Change| change.correction.is_none() && change.impact >= least;
    let denied = all.iter().flat_map(|changed| &changed.changes).any(is_denied);
    Ok(if denied { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Returns the APIs in the spec of a revision. If several crates are reported, a spec that the revision lacks counts as
/// empty.
fn old(project: &Project, revision: &str, is_one_of_several: bool) -> io::Result<Vec<Api>> {
    let sources = match diff::read_revision(&project.root, project, revision) {
        Err(error) if is_one_of_several && error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        read => read?,
    };
    match check(sources, project)? {
        Loaded::Sound(apis) => Ok(apis),
        Loaded::Findings(sources, diagnostics) => {
            print_findings(&sources, &diagnostics);
            let message = format!("the spec of {revision} cannot be read by this version of the generator");
            Err(io::Error::other(message))
        }
    }
}

/// Renders one report that covers all crates, one after the other.
fn render(all: &[Changed<'_>], revision: &str, format: Format) -> io::Result<String> {
    let report = |changed: &Changed<'_>, format| {
        let version = version(changed.project);
        diff::render(&changed.changes, revision, version.as_deref(), format)
    };
    if let [one] = all {
        return Ok(report(
            one,
            match format {
                Format::Text => ReportFormat::Text,
                Format::Json => ReportFormat::Json,
                Format::Markdown => ReportFormat::Markdown,
            },
        ));
    }
    match format {
        Format::Text | Format::Markdown => {
            let (mark, format) =
                if format == Format::Text { ("==", ReportFormat::Text) } else { ("#", ReportFormat::Markdown) };
            let each =
                all.iter().map(|changed| format!("{mark} {}\n\n{}", changed.project.name, report(changed, format)));
            Ok(each.collect::<Vec<_>>().join("\n"))
        }
        Format::Json => {
            let mut crates = serde_json::Map::new();
            for changed in all {
                let text = report(changed, ReportFormat::Json);
                let value = serde_json::from_str(&text).map_err(io::Error::other)?;
                crates.insert(changed.project.name.clone(), value);
            }
            Ok(format!("{:#}\n", serde_json::json!({ "crates": crates })))
        }
    }
}

/// Returns the version of a crate from `cargo metadata`, because the crate may inherit its version from the workspace.
/// The manifest may be in a folder above the generated folder.
fn version(project: &Project) -> Option<String> {
    let folders = project.out.ancestors().take_while(|folder| folder.starts_with(&project.root));
    let manifest = folders.map(|folder| folder.join("Cargo.toml")).find(|manifest| manifest.is_file())?;
    let manifest = manifest.canonicalize().ok()?;
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = std::process::Command::new(cargo);
    command.args(["metadata", "--no-deps", "--offline", "--format-version", "1", "--manifest-path"]).arg(&manifest);
    let output = command.output().ok().filter(|output| output.status.success())?;
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).ok()?;
    let packages = metadata["packages"].as_array()?;
    let own = packages.iter().find(|package| package["manifest_path"].as_str().map(Path::new) == Some(&manifest))?;
    own["version"].as_str().map(str::to_owned)
}
