//! `pagespec`: the command line of the generator.

use clap::Parser;
use pagespec::{Command, Shared};
use std::process::ExitCode;

/// Generation allocates millions of small values. It takes at least a third longer with the system's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Turns the documentation pages of an HTTP API, transcribed in YAML, into a client crate.
#[derive(Debug, Parser)]
#[command(name = "pagespec", version)]
struct Arguments {
    #[command(flatten)]
    shared: Shared,
    #[command(subcommand)]
    command: Command,
}

fn main() -> ExitCode {
    let Arguments { shared, command } = Arguments::parse();
    pagespec::run("pagespec", &shared, command)
}
