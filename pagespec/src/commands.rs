//! Runs the commands. Each command is one function.

mod audit;
mod diff;
mod init;
mod regen;

use crate::{Command, Shared, Version, color, misuse, put, settings};
use codegen::diagnostic::{Diagnostics, suggestion};
use codegen::emit::OpenApiVersion;
use codegen::lint_registry::Lint;
use codegen::project::Project;
use codegen::regen::{Loaded, load, named};
use codegen::source::Sources;
use std::collections::BTreeSet;
use std::io;
use std::path::Path;
use std::process::ExitCode;

pub(crate) fn run(tool: &str, shared: &Shared, command: Command) -> io::Result<ExitCode> {
    match command {
        Command::Init { folder, name, runtime_path } => {
            return init::run(tool, folder.as_deref(), &name, runtime_path.as_deref());
        }
        Command::Lint { explain: Some(name) } => return explain(tool, name.as_deref()),
        _ => {}
    }
    if let Command::Regen { watch: true, .. } = command {
        return regen::watch(shared);
    }
    let Some(settings) = settings(shared)? else { return Ok(ExitCode::FAILURE) };
    match command {
        // These commands are handled above.
        Command::Init { .. } | Command::Lint { explain: Some(_) } | Command::Regen { watch: true, .. } => {
            Ok(ExitCode::SUCCESS)
        }
        Command::Regen { check, .. } => regen::regen(&settings, check),
        Command::Lint { explain: None } => lint(&settings.projects),
        Command::Audit { api, doc, baseline, all, format } => {
            audit::audit(&settings.projects, api.as_deref(), &doc, baseline.as_deref(), all, format)
        }
        Command::Openapi { api, version, out } => openapi(&settings.projects, &api, version, out.as_deref()),
        Command::Diff { revision, format, deny } => diff::diff(&settings.projects, &revision, format, deny),
    }
}

/// Prints findings to the error output.
fn print_findings(sources: &Sources, diagnostics: &Diagnostics) {
    eprint!("{}", diagnostics.render(sources, color()));
}

/// Returns one project for each spec and selection of APIs, because other projects with the same APIs have the same
/// findings.
fn by_spec(projects: &[Project]) -> Vec<&Project> {
    let mut seen = BTreeSet::new();
    projects.iter().filter(|project| seen.insert((&project.spec_label, &project.apis))).collect()
}

/// Returns the project whose spec contains an API.
fn project_of<'a>(projects: &'a [Project], api: &str) -> io::Result<&'a Project> {
    let has = |project: &&&Project| match &project.apis {
        Some(apis) => apis.iter().any(|name| name == api),
        None => project.spec.join(api).is_dir(),
    };
    let specs = by_spec(projects);
    let found: Vec<&&Project> = specs.iter().filter(has).collect();
    match found.as_slice() {
        [one] => Ok(one),
        [] => {
            let known: BTreeSet<String> = specs.iter().flat_map(|project| apis(project)).collect();
            let hint = suggestion(api, known.iter().map(String::as_str)).unwrap_or_default();
            let all = known.into_iter().collect::<Vec<_>>().join(", ");
            let hint = if hint.starts_with("did you mean") { format!("; {hint}") } else { String::new() };
            Err(misuse(format!("unknown API `{api}`; known APIs: {all}{hint}")))
        }
        several => {
            let names: Vec<String> = several.iter().map(|project| format!("`{}`", project.name)).collect();
            let message = format!("{} have an API `{api}`; select one of them with `--crate`", names.join(" and "));
            Err(misuse(message))
        }
    }
}

/// Returns the names of a project's APIs: the APIs that the settings list, or all folders of its spec.
fn apis(project: &Project) -> Vec<String> {
    match (&project.apis, project.sources()) {
        (Some(apis), _) => apis.clone(),
        (None, Ok(sources)) => sources.iter().map(|(_, source)| source.folder.clone()).collect(),
        (None, Err(_)) => Vec::new(),
    }
}

/// Returns a number of APIs in words, such as `1 API` or `2 APIs`.
fn counted(apis: usize) -> String {
    format!("{apis} {}", if apis == 1 { "API" } else { "APIs" })
}

fn lint(projects: &[Project]) -> io::Result<ExitCode> {
    let mut code = ExitCode::SUCCESS;
    for project in by_spec(projects) {
        match load(project)? {
            Loaded::Sound(apis) => put(&format!("{}: no findings in {}\n", project.spec_label, counted(apis.len())))?,
            Loaded::Findings(sources, diagnostics) => {
                print_findings(&sources, &diagnostics);
                code = ExitCode::FAILURE;
            }
        }
    }
    Ok(code)
}

/// Prints the documentation of a lint, or the list of all lints if no name is given.
fn explain(tool: &str, name: Option<&str>) -> io::Result<ExitCode> {
    let Some(name) = name else {
        let width = Lint::ALL.iter().map(|lint| lint.name().len()).max().unwrap_or(0);
        let line = |lint: &Lint| format!("{:width$}  {}\n", lint.name(), lint.summary());
        put(&Lint::ALL.iter().map(line).collect::<String>())?;
        return Ok(ExitCode::SUCCESS);
    };
    if let Some(lint) = Lint::named(name) {
        put(&format!("{}\n\n{}", lint.name(), lint.explanation()))?;
        return Ok(ExitCode::SUCCESS);
    }
    let near = codegen::diagnostic::closest(name, Lint::ALL.iter().map(|lint| lint.name()));
    let hint = near
        .map_or_else(|| format!("`{tool} lint --explain` lists all lints"), |near| format!("did you mean `{near}`?"));
    Err(misuse(format!("no lint has the name `{name}`; {hint}")))
}

#[expect(clippy::disallowed_methods, reason = "the caller chooses the file with `--out`")]
fn openapi(projects: &[Project], api: &str, version: Version, out: Option<&Path>) -> io::Result<ExitCode> {
    match load(project_of(projects, api)?)? {
        Loaded::Sound(apis) => {
            let version = match version {
                Version::V3_0 => OpenApiVersion::V3_0,
                Version::V3_1 => OpenApiVersion::V3_1,
            };
            let document = codegen::emit::openapi_of(named(&apis, api)?, version);
            match out {
                Some(path) => std::fs::write(path, document)
                    .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))?,
                None => put(&document)?,
            }
            Ok(ExitCode::SUCCESS)
        }
        Loaded::Findings(sources, diagnostics) => {
            print_findings(&sources, &diagnostics);
            Ok(ExitCode::FAILURE)
        }
    }
}
