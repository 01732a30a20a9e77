//! `cargo xtask`: the commands of `pagespec`, and the commands of this workspace that start the sandbox.
//!
//! Only commands that need generated code belong here. They start a program through cargo. All other commands belong to
//! `pagespec`.

#![warn(unreachable_pub)]

use clap::{Parser, Subcommand};
use pagespec::Shared;
use std::io;
use std::path::Path;
use std::process::ExitCode;

/// Generation allocates millions of small values. It takes a quarter to a third longer with the system's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Command line of this project.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(flatten)]
    shared: Shared,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    #[command(flatten)]
    Pagespec(pagespec::Command),
    /// Runs a sandbox of Toss Pay and Instant Onboarding on this machine until it is stopped.
    #[command(disable_help_flag = true)]
    Sandbox {
        /// Arguments of the program; `--help` lists them.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Shows a whole payment against a sandbox, from its creation to a refund whose reply is lost.
    #[command(disable_help_flag = true)]
    Demo {
        /// Arguments of the program; `--help` lists them.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
}

fn main() -> ExitCode {
    let Arguments { shared, command } = Arguments::parse();
    let (what, arguments) = match command {
        Command::Pagespec(command) => return pagespec::run("cargo xtask", &shared, command),
        Command::Sandbox { arguments } => ("serve", arguments),
        Command::Demo { arguments } => ("demo", arguments),
    };
    pagespec::root(&shared).and_then(|root| run_sandbox(&root, what, &arguments)).unwrap_or_else(|error| {
        eprintln!("error: {error}");
        ExitCode::from(2)
    })
}

/// Builds and runs the program of the sandbox. `xtask` does not link the sandbox, because the generator must not depend
/// on generated code.
fn run_sandbox(root: &Path, what: &str, arguments: &[String]) -> io::Result<ExitCode> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = std::process::Command::new(cargo);
    command.args(["run", "--quiet", "--package", "toss-sandbox", "--features", "cli", "--manifest-path"]);
    command.arg(root.join("Cargo.toml")).args(["--", what]).args(arguments);
    // On Unix, the sandbox replaces this process, so that stopping this process stops the sandbox.
    #[cfg(unix)]
    return Err(std::os::unix::process::CommandExt::exec(&mut command));
    #[cfg(not(unix))]
    {
        let status = command.status()?;
        Ok(status.code().and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from))
    }
}
