//! Command line: `serve` runs a sandbox until it is stopped, and `demo` shows a whole payment.

mod demo;

use clap::{Parser, Subcommand};
use std::io::ErrorKind;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;
use toss_sandbox::{Host, Sandbox, Settings};

// Payments need many small allocations, which other threads free. This is slow with the system's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Simulator of Toss Pay and Instant Onboarding on this machine.
#[derive(Parser)]
struct Command {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Runs a sandbox until it is stopped.
    Serve {
        /// Port on 127.0.0.1 and ::1; 0 for any free port
        #[arg(long, default_value_t = 8080)]
        port: u16,
        /// Instant discount of new payments, in percent
        #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=100))]
        discount: u8,
        /// Time from the execution of a payment until its money arrives, in seconds
        #[arg(long, value_name = "SECONDS", default_value_t = 0)]
        executions_take: u64,
        /// Time until a refund is complete, in seconds
        #[arg(long, value_name = "SECONDS", default_value_t = 0)]
        refunds_take: u64,
        /// Times at which an unacknowledged callback is repeated, in seconds after the first delivery
        #[arg(long, value_name = "SECONDS,…", value_delimiter = ',', default_value = "60,180,360,600")]
        callback_schedule: Vec<u64>,
        /// Accepts keys that look like live keys, each as the key of a simulated live merchant
        #[arg(long)]
        pretend_live: bool,
        /// Sends callbacks to other machines too
        #[arg(long)]
        callbacks_anywhere: bool,
        /// File of trusted certificates for callbacks over https, in PEM
        #[arg(long, value_name = "FILE")]
        callback_certificate: Option<PathBuf>,
        /// Accepts any certificate of a callback's receiver
        #[arg(long)]
        danger_accept_any_callback_certificate: bool,
        /// Rejects body members that the operation does not read; the real service ignores them
        #[arg(long)]
        strict: bool,
        /// Seed of random faults
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// File that keeps payments, stores, callbacks and the clock across restarts
        #[arg(long, value_name = "FILE")]
        data: Option<PathBuf>,
        /// Adds a hosting company to the one that the documentation publishes
        #[arg(long = "host", value_name = "TOKEN:SECRET", value_parser = host)]
        hosts: Vec<Host>,
        /// Registers stores with a general product, which has no registration callback
        #[arg(long)]
        general_product: bool,
    },
    /// Shows a whole payment, from its creation to a refund whose reply is lost.
    Demo {
        /// Waits until you approve the payment on its checkout page
        #[arg(long)]
        open: bool,
    },
}

fn main() -> ExitCode {
    let what = Command::parse().what;
    let is_serving = matches!(what, What::Serve { .. });
    let result = match what {
        What::Serve {
            port,
            discount,
            executions_take,
            refunds_take,
            callback_schedule,
            pretend_live,
            callbacks_anywhere,
            callback_certificate,
            danger_accept_any_callback_certificate,
            strict,
            seed,
            data,
            hosts,
            general_product,
        } => certificates(callback_certificate).and_then(|callback_certificates| {
            serve(Settings {
                port,
                discount_percent: discount,
                executions_take: Duration::from_secs(executions_take),
                refunds_take: Duration::from_secs(refunds_take),
                callback_schedule: callback_schedule.into_iter().map(Duration::from_secs).collect(),
                pretend_live,
                callbacks_anywhere,
                callback_certificates,
                danger_accept_any_callback_certificate,
                strict,
                seed,
                data,
                hosts: [Host::published()].into_iter().chain(hosts).collect(),
                pre_open: !general_product,
            })
        }),
        What::Demo { open } => demo::show(open),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            // A port or file that cannot be used is a usage error. A demonstration that fails is a bug.
            if is_serving { ExitCode::from(2) } else { ExitCode::FAILURE }
        }
    }
}

fn certificates(file: Option<PathBuf>) -> Result<Vec<u8>, Box<dyn std::error::Error>> {
    let Some(file) = file else { return Ok(Vec::new()) };
    let bytes = std::fs::read(&file).map_err(|error| format!("--callback-certificate {}: {error}", file.display()))?;
    // An empty file would otherwise be accepted without any certificate.
    if bytes.is_empty() {
        Err(format!("--callback-certificate {}: the file is empty", file.display()).into())
    } else {
        Ok(bytes)
    }
}

fn host(text: &str) -> Result<Host, String> {
    match text.split_once(':') {
        Some((token, secret)) if !token.is_empty() && !secret.is_empty() => Ok(Host::new(token, secret)),
        _ => Err("expected a token and a secret, separated by a colon".into()),
    }
}

fn serve(settings: Settings) -> Result<(), Box<dyn std::error::Error>> {
    let (port, data) = (settings.port, settings.data.clone());
    hide_reader_panics();
    let sandbox = Sandbox::with(settings).map_err(|error| match error.kind() {
        ErrorKind::AddrInUse => {
            format!("port {port} of this machine (127.0.0.1 or ::1): {error}; use another --port, or 0 for a free one")
        }
        _ => error.to_string(),
    })?;
    if let Some(notice) = sandbox.notice() {
        eprintln!("warning: {notice}");
    }
    match data {
        None => println!("Toss sandbox. All data is in memory and is lost when this process ends."),
        Some(path) => println!("Toss sandbox. Data is stored in {}.", path.display()),
    }
    println!("  base URL   {}  (of both services)", sandbox.base_url());
    println!("  dashboard  {}/", sandbox.base_url());
    println!("  Toss Pay   any key that begins with sk_test_");
    println!("  Onboarding token and secret of the documentation's section 3.0, or those of --host; any agencyCode");
    println!("Stop it with Ctrl-C.");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    runtime.block_on(stopped())?;
    // Dropping the sandbox writes all changes and closes the data file.
    drop(sandbox);
    Ok(())
}

/// Waits for Ctrl-C or SIGTERM.
async fn stopped() -> std::io::Result<()> {
    #[cfg(unix)]
    {
        let mut stop = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
        tokio::select! {
            _ = stop.recv() => Ok(()),
            pressed = tokio::signal::ctrl_c() => pressed,
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}

/// Hides panics of the threads that read damaged files, because these panics are caught and reported.
fn hide_reader_panics() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if std::thread::current().name() != Some(toss_sandbox::DATA_FILE_READER) {
            usual(panic);
        }
    }));
}
