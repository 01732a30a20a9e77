//! `cargo xtask`: arguments in, printing out. Everything else is in `codegen`.

use clap::{Parser, Subcommand};
use codegen::regen::{Loaded, Outcome, Project, describe, load, regen};
use std::io::{self, IsTerminal as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

/// Everything that is done to this project from the command line.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Writes `generated/` from `spec/`.
    Regen {
        /// Writes nothing; exits with 1 when something would change, and shows what.
        #[arg(long)]
        check: bool,
    },
    /// Checks `spec/` and writes nothing.
    Lint,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    // The workspace's root: this program is built from the folder below it.
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    let project = Project::at(&root);
    let done = match arguments.command {
        Command::Regen { check } => run_regen(&project, check),
        Command::Lint => run_lint(&project),
    };
    done.unwrap_or_else(|error| {
        eprintln!("error: {error}");
        ExitCode::from(2)
    })
}

fn colour() -> bool {
    io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

fn run_regen(project: &Project, check: bool) -> io::Result<ExitCode> {
    let start = Instant::now();
    match regen(project, check)? {
        Outcome::Findings(sources, diagnostics) => {
            eprint!("{}", diagnostics.render(&sources, colour()));
            eprintln!("nothing was written");
            Ok(ExitCode::FAILURE)
        }
        Outcome::Done(report) => {
            print!("{}", describe(&report, project, check));
            let changes = match report.changes.len() {
                0 => "up to date".to_owned(),
                n if check => format!("{n} to change"),
                n => format!("{n} changed"),
            };
            println!(
                "{}: {} files, {} lines, {changes}, in {} ms",
                project.out_label,
                report.files,
                report.lines,
                start.elapsed().as_millis()
            );
            if !report.failures.is_empty() {
                eprintln!("error: not everything could be put right; mend what failed and run this again");
                return Ok(ExitCode::from(2));
            }
            Ok(if check && !report.changes.is_empty() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
        }
    }
}

fn run_lint(project: &Project) -> io::Result<ExitCode> {
    match load(project)? {
        Loaded::Sound(apis) => {
            println!("{}: no findings in {} APIs", project.spec_label, apis.len());
            Ok(ExitCode::SUCCESS)
        }
        Loaded::Findings(sources, diagnostics) => {
            eprint!("{}", diagnostics.render(&sources, colour()));
            Ok(ExitCode::FAILURE)
        }
    }
}
