//! `cargo xtask`: the commands of `pagespec` under this workspace's name, and those of its own that start the sandbox.

#![warn(unreachable_pub)]

use clap::{Parser, Subcommand};
use pagespec::Shared;
use std::io;
use std::path::Path;
use std::process::ExitCode;

/// Generation makes and drops small things by the million: a quarter of its time was the system's allocator's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Everything that is done to this project from the command line.
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
    /// Runs a sandbox of both services on this machine until it is stopped.
    #[command(disable_help_flag = true)]
    Sandbox {
        /// What to tell it; `--help` lists it.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Shows a whole payment against a sandbox, from its creation to a refund whose answer is lost.
    #[command(disable_help_flag = true)]
    Demo {
        /// What to tell it; `--help` lists it.
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

/// Builds and runs the sandbox's own program. It is not linked in here: what generates a crate must not need it.
fn run_sandbox(root: &Path, what: &str, arguments: &[String]) -> io::Result<ExitCode> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = std::process::Command::new(cargo);
    command.args(["run", "--quiet", "--package", "toss-sandbox", "--features", "cli", "--manifest-path"]);
    command.arg(root.join("Cargo.toml")).args(["--", what]).args(arguments);
    // In this program's place, where that can be done, so that whoever stops it stops the sandbox.
    #[cfg(unix)]
    return Err(std::os::unix::process::CommandExt::exec(&mut command));
    #[cfg(not(unix))]
    {
        let status = command.status()?;
        Ok(status.code().and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from))
    }
}
