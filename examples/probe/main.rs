//! Probe: uses a test key to test readings of the spec against a service, and writes a report. A reading is what the
//! spec assumes where the documentation is silent or contradicts itself. Only the real service can show whether a
//! reading is right.
//!
//! ```sh
//! cargo run -p examples --bin probe                  # against a sandbox of its own
//! TOSS_PAY_URL=https://pay.toss.im TOSS_PAY_KEY=sk_test_... cargo run -p examples --bin probe -- report.md
//! ```
//!
//! `TOSS_ONBOARDING_URL` is the URL of Instant Onboarding. Without it, the readings of Instant Onboarding are tested
//! against the probe's own sandbox, or not at all if `TOSS_PAY_URL` is set. The default of `TOSS_ONBOARDING_TOKEN` and
//! `TOSS_ONBOARDING_SECRET` is the pair that the documentation publishes for tests. `PROBE_PAUSE` is the pause between
//! two requests in milliseconds. The default is 1,000, or 0 if the service runs on this machine.
//!
//! The probe sends at most 80 requests, one at a time, and repeats none of them. It never approves the payments that it
//! creates, so no money can move. It uses new order numbers, and refuses live keys. The exit code is 0 if every reading
//! is confirmed, and 1 if a reading is not confirmed. It is 2 if the readings could not be tested, or if the report
//! could not be written.

mod readings;
mod report;
mod session;

use readings::READINGS;
use session::{Onboarding, Session};
use std::env;
use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;
use toss_sandbox::{Host, Sandbox};

/// API key for the probe's own sandbox.
const OWN_KEY: &str = "sk_test_probe";
/// Pause between two requests to a service on another machine.
const PAUSE: Duration = Duration::from_millis(1_000);

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

/// Returns `true` if every reading is confirmed.
fn run() -> Result<bool, Box<dyn Error>> {
    let (sandbox, url, key) = match env::var("TOSS_PAY_URL") {
        Ok(url) => {
            let key = env::var("TOSS_PAY_KEY").map_err(|_| "TOSS_PAY_KEY is not set; set it to your test key")?;
            (None, url, key)
        }
        Err(_) => {
            let sandbox = Sandbox::start()?;
            let url = sandbox.base_url().to_owned();
            (Some(sandbox), url, OWN_KEY.to_owned())
        }
    };
    let onboarding_url = env::var("TOSS_ONBOARDING_URL").ok().or(sandbox.as_ref().map(|own| own.base_url().to_owned()));
    let onboarding = onboarding_url.map(|url| {
        let Host { token, secret, .. } = Host::published();
        let token = env::var("TOSS_ONBOARDING_TOKEN").unwrap_or(token);
        Onboarding { url, token, secret: env::var("TOSS_ONBOARDING_SECRET").unwrap_or(secret) }
    });
    let mut session = Session::new(&url, &key, onboarding, pause(&url)?)?;
    let mut findings = Vec::new();
    let has_onboarding = session.has_onboarding();
    for reading in READINGS.iter().filter(|reading| !reading.is_of_onboarding || has_onboarding) {
        eprintln!("{}", reading.name);
        findings.push(session.play(reading)?);
    }
    let report = report::write(&session, &findings);
    match env::args().nth(1) {
        Some(path) => std::fs::write(&path, report).map_err(|error| format!("{path}: {error}"))?,
        None => print!("{report}"),
    }
    let failed = findings.iter().filter(|finding| !finding.holds).count();
    eprintln!("{} readings, {failed} not confirmed, {} requests", findings.len(), session.sent());
    drop(sandbox);
    Ok(failed == 0)
}

fn pause(url: &str) -> Result<Duration, Box<dyn Error>> {
    match env::var("PROBE_PAUSE") {
        Ok(text) => {
            Ok(Duration::from_millis(text.parse().map_err(|_| "PROBE_PAUSE: expected a number of milliseconds")?))
        }
        Err(_) if ["http://127.0.0.1", "http://localhost", "http://[::1]"].iter().any(|own| url.starts_with(own)) => {
            Ok(Duration::ZERO)
        }
        Err(_) => Ok(PAUSE),
    }
}
