//! The command: `serve` runs a sandbox until it is stopped, `demo` shows a whole payment.

mod demo;

use clap::{Parser, Subcommand};
use std::process::ExitCode;
use std::time::Duration;
use toss_sandbox::{Sandbox, Settings};

/// A sandbox of Toss Pay on this machine.
#[derive(Parser)]
struct Command {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Runs a sandbox until it is stopped.
    Serve {
        /// The port on 127.0.0.1; 0 for any that is free.
        #[arg(long, default_value_t = 8080)]
        port: u16,
        /// The instant discount of new payments, in percent.
        #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=100))]
        discount: u8,
        /// How many seconds a refund takes.
        #[arg(long, default_value_t = 0)]
        refunds_take: u64,
        /// Sends callbacks to other machines too.
        #[arg(long)]
        callbacks_anywhere: bool,
        /// What faults by chance are drawn with.
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// Shows a whole payment, from its creation to a refund whose answer is lost.
    Demo {
        /// Leaves the checkout page to you.
        #[arg(long)]
        open: bool,
    },
}

fn main() -> ExitCode {
    let result = match Command::parse().what {
        What::Serve { port, discount, refunds_take, callbacks_anywhere, seed } => serve(Settings {
            port,
            discount_percent: discount,
            refunds_take: Duration::from_secs(refunds_take),
            callbacks_anywhere,
            seed,
            ..Settings::default()
        }),
        What::Demo { open } => demo::show(open),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn serve(settings: Settings) -> Result<(), Box<dyn std::error::Error>> {
    let port = settings.port;
    let sandbox = Sandbox::with(settings)
        .map_err(|error| format!("port {port} of 127.0.0.1: {error}; choose another with --port, or --port 0"))?;
    println!("Toss Pay sandbox. Everything is kept in memory and ends with this process.");
    println!("  base URL   {}", sandbox.base_url());
    println!("  dashboard  {}/", sandbox.base_url());
    println!("  key        any that begins with sk_test_");
    println!("Stop it with Ctrl-C.");
    loop {
        std::thread::park();
    }
}
