//! Command line of the generator. This crate parses arguments and prints results. The logic is in `codegen` and
//! `audit`.
//!
//! A workspace can use this library to add these commands to its own program.

#![warn(unreachable_pub)]

mod commands;

use clap::{Args, Subcommand, ValueEnum};
use codegen::settings::{Settings, SettingsRead, find_root, read};
use std::io::{self, IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

/// Options of every command.
#[derive(Debug, Args)]
pub struct Shared {
    /// Folder that contains `pagespec.yaml`. By default, the current folder or the nearest folder above it that
    /// contains the file.
    #[arg(long, global = true, value_name = "FOLDER")]
    pub root: Option<PathBuf>,
    /// Restricts the command to one crate of the settings file.
    #[arg(long = "crate", global = true, value_name = "NAME")]
    pub only: Option<String>,
}

/// Command of the generator.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Writes a small project to start from: settings, a spec, a crate to generate, and a program that calls it.
    Init {
        /// The folder of the project. By default, the current folder. Existing files are not overwritten.
        folder: Option<PathBuf>,
        /// The name of the generated crate.
        #[arg(long, value_name = "NAME", default_value = "shop-sdk")]
        name: String,
        /// Folder of a local package `pagespec-runtime`, which the project uses instead of the registry.
        #[arg(long, value_name = "FOLDER")]
        runtime_path: Option<PathBuf>,
    },
    /// Writes the crates from their specs.
    Regen {
        /// Lists the changes without writing them, and exits with 1 if there are changes.
        #[arg(long)]
        check: bool,
        /// Keeps running, and regenerates at every save. Shows the findings, or the changes of the files in `surface/`.
        #[arg(long, conflicts_with = "check")]
        watch: bool,
    },
    /// Checks the specs and writes nothing.
    Lint {
        /// Explains a lint, with an example. Without a name, lists all lints.
        #[arg(long, value_name = "NAME", num_args = 0..=1)]
        explain: Option<Option<String>>,
    },
    /// Compares a saved page with a spec. Exits with 1 if there is a difference that no quirk explains.
    Audit {
        /// The API: the name of its folder in a spec. By default, the API that the page documents.
        #[arg(long, value_name = "NAME")]
        api: Option<String>,
        /// The page, saved as HTML, MHTML, Markdown or text.
        #[arg(long, value_name = "FILE")]
        doc: PathBuf,
        /// An older copy of the page. Shows the changes between the two copies instead of the differences from the
        /// spec.
        #[arg(long, value_name = "FILE")]
        baseline: Option<PathBuf>,
        /// Also lists the differences that quirks explain.
        #[arg(long)]
        all: bool,
        /// Format of the report.
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Prints an API as an OpenAPI document, in JSON.
    ///
    /// Callbacks are under `webhooks` in OpenAPI 3.1. OpenAPI 3.0 has no webhooks, so they are under `x-webhooks`
    /// there. If a client generator rejects webhooks, remove them: `… | jq 'del(.webhooks)'`.
    Openapi {
        /// The API: the name of its folder in a spec.
        #[arg(long)]
        api: String,
        /// The version of OpenAPI.
        #[arg(long, value_enum, default_value_t)]
        version: Version,
        /// Writes the document to this file instead of the output.
        #[arg(long)]
        out: Option<PathBuf>,
    },
    /// Reports the changes of a spec since a revision, and their effects on callers.
    Diff {
        /// The revision to compare with.
        #[arg(default_value = "HEAD")]
        revision: String,
        /// Format of the report.
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
        /// Exits with 1 if a change has at least this impact. Changes that `corrections:` covers are ignored.
        #[arg(long, value_enum)]
        deny: Option<Deny>,
    },
}

/// Format of a report.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Text for a terminal.
    #[default]
    Text,
    /// JSON for programs.
    Json,
    /// Markdown for pull requests.
    Markdown,
}

/// A version of OpenAPI.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Version {
    /// 3.0.3, for tools without support for 3.1.
    #[value(name = "3.0")]
    V3_0,
    /// 3.1.0.
    #[default]
    #[value(name = "3.1")]
    V3_1,
}

/// Smallest impact of a change that makes `diff` exit with 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Deny {
    /// Changes after which code no longer compiles, or an accepted value is rejected.
    Breaking,
    /// Breaking changes, and changes after which code behaves differently.
    Behavior,
}

/// Runs a command and prints its result. Returns 0 on success, 1 for findings, and 2 for misuse and unreadable files.
///
/// `tool` is the command line that starts the calling program, such as `cargo xtask`. Messages contain it as the
/// command to run.
pub fn run(tool: &str, shared: &Shared, command: Command) -> ExitCode {
    commands::run(tool, shared, command).unwrap_or_else(|error| {
        eprintln!("error: {error}");
        ExitCode::from(2)
    })
}

/// Returns the folder of the project: `shared.root`, or the nearest folder with a settings file from the current folder
/// upward.
///
/// # Errors
///
/// Returns an error if `shared.root` is `None`, and neither the current folder nor a folder above it has a settings
/// file.
pub fn root(shared: &Shared) -> io::Result<PathBuf> {
    match &shared.root {
        Some(root) => Ok(root.clone()),
        None => find_root(&std::env::current_dir()?),
    }
}

/// Reads the settings. If `--crate` is given, keeps only the crate that it selects. If the settings are invalid, prints
/// the findings and returns `None`.
fn settings(shared: &Shared) -> io::Result<Option<Settings>> {
    let mut settings = match read(&root(shared)?)? {
        SettingsRead::Sound(settings) => settings,
        SettingsRead::Findings(sources, diagnostics) => {
            eprint!("{}", diagnostics.render(&sources, color()));
            return Ok(None);
        }
    };
    if let Some(only) = &shared.only {
        let names: Vec<String> = settings.projects.iter().map(|project| project.name.clone()).collect();
        settings.projects.retain(|project| project.name == *only);
        if settings.projects.is_empty() {
            let message = format!("unknown crate `{only}`; crates in the settings: {}", names.join(", "));
            return Err(misuse(message));
        }
    }
    Ok(Some(settings))
}

fn misuse(message: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, message)
}

fn color() -> bool {
    io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// Prints a text. It is not an error if a program such as `head` closes the output early.
fn put(text: &str) -> io::Result<()> {
    match io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        done => done,
    }
}
