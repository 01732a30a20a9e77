//! The commands of the generator: arguments in, printing out. Everything else is in `codegen` and `audit`.
//!
//! This is a library so that a workspace can have the commands under a name of its own, beside commands of its own.

#![warn(unreachable_pub)]

mod commands;
mod init;

use clap::{Args, Subcommand, ValueEnum};
use codegen::settings::{Settings, SettingsRead, find_root, read};
use std::io::{self, IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

/// Options of every command.
#[derive(Debug, Args)]
pub struct Shared {
    /// The project's folder, which has `pagespec.yaml`; without it, the nearest one from the current folder upward.
    #[arg(long, global = true, value_name = "FOLDER")]
    pub root: Option<PathBuf>,
    /// Only this crate of the settings file.
    #[arg(long = "crate", global = true, value_name = "NAME")]
    pub only: Option<String>,
}

/// What can be done.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Writes a small project to start from: settings, a spec, a crate to generate, and a program that calls it.
    Init {
        /// The folder; without it, the current one. No file in it is overwritten.
        folder: Option<PathBuf>,
        /// The name of the generated crate.
        #[arg(long, value_name = "NAME", default_value = "shop-sdk")]
        name: String,
        /// The folder of the package `pagespec-runtime`, for use without the registry.
        #[arg(long, value_name = "FOLDER")]
        runtime_path: Option<PathBuf>,
    },
    /// Writes the crates from their specs.
    Regen {
        /// Writes nothing; exits with 1 when something would change, and shows what.
        #[arg(long)]
        check: bool,
        /// Stays, and does it at every save: shows the findings, or what the save changed on the surface.
        #[arg(long, conflicts_with = "check")]
        watch: bool,
    },
    /// Checks the specs and writes nothing.
    Lint {
        /// Explains a lint, with an example; without a name, lists all of them.
        #[arg(long, value_name = "NAME", num_args = 0..=1)]
        explain: Option<Option<String>>,
    },
    /// Compares a saved page with a spec; exits with 1 when something differs that no quirk explains.
    Audit {
        /// The API: a folder of a spec. Without it, the one that the page documents.
        #[arg(long, value_name = "NAME")]
        api: Option<String>,
        /// The page, saved as HTML, MHTML, Markdown or text.
        #[arg(long, value_name = "FILE")]
        doc: PathBuf,
        /// An older copy of the page: shows what has changed since, whatever the spec says.
        #[arg(long, value_name = "FILE")]
        baseline: Option<PathBuf>,
        /// Lists what quirks explain too.
        #[arg(long)]
        all: bool,
        /// How the report is written.
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Prints an API as an OpenAPI document, in JSON.
    ///
    /// Callbacks stand under `webhooks` in OpenAPI 3.1, and under `x-webhooks` in 3.0, which has no webhooks. A generator of
    /// clients that stumbles over them takes the document without: `… | jq 'del(.webhooks)'`.
    Openapi {
        /// The API: the name of its folder in a spec.
        #[arg(long)]
        api: String,
        /// The version of OpenAPI.
        #[arg(long, value_enum, default_value_t)]
        version: Version,
        /// Writes it here instead.
        #[arg(long)]
        out: Option<PathBuf>,
    },
    /// Tells what the changes of a spec since a revision mean to callers.
    Diff {
        /// The revision to compare with.
        #[arg(default_value = "HEAD")]
        revision: String,
        /// How the report is written.
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
        /// Exits with 1 when there are changes of this impact, or a worse one. Corrections of the transcription do not count.
        #[arg(long, value_enum)]
        deny: Option<Deny>,
    },
}

/// How a report is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// For machines.
    Json,
    /// For pull requests.
    Markdown,
}

/// A version of OpenAPI.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Version {
    /// 3.0.3, for tools that read nothing newer.
    #[value(name = "3.0")]
    V3_0,
    /// 3.1.0.
    #[default]
    #[value(name = "3.1")]
    V3_1,
}

/// The least impact that is denied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Deny {
    /// What does not compile any more, or is refused where it was accepted.
    Breaking,
    /// What acts differently, too.
    Behavior,
}

/// Runs a command and prints what comes of it: 0 if all is well, 1 for findings, 2 for misuse and for what cannot be read. `tool` is
/// how the caller's program is called.
pub fn run(tool: &str, shared: &Shared, command: Command) -> ExitCode {
    commands::run(tool, shared, command).unwrap_or_else(|error| {
        eprintln!("error: {error}");
        ExitCode::from(2)
    })
}

/// The folder of the project that is meant: the one that was named, or the nearest one from the current folder upward.
///
/// # Errors
///
/// Returns an error if no folder from the current one upward has a settings file.
pub fn root(shared: &Shared) -> io::Result<PathBuf> {
    match &shared.root {
        Some(root) => Ok(root.clone()),
        None => find_root(&std::env::current_dir()?),
    }
}

/// The settings, with the crates that are meant. `None`: they have findings, which were printed.
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
            let message = format!("the settings name no crate `{only}`; they name: {}", names.join(", "));
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

/// Prints a long text. A reader who has seen enough, such as `head`, is no failure.
fn put(text: &str) -> io::Result<()> {
    match io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        done => done,
    }
}
