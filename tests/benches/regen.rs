//! Duration and memory of generation: for both APIs, and for specs that are 10 and 100 times as large.
//!
//! Run with `cargo bench -p tests --bench regen`. Each size runs in a separate process, because peak memory is measured
//! per process. The time is the median of several runs in that process. A run begins with reading the YAML, and ends
//! when the last file is written. Each run writes to an empty folder. Folders are deleted only at the end, because
//! reusing freed space may be slow.
//!
//! If `openapi-to-rust` is installed (`cargo install openapi-to-rust --locked`), the benchmark also measures it. It
//! generates code from our OpenAPI documents, with one process per API, and the times of the APIs are added up. For
//! this comparison, each run of our generator is a separate process too.

mod peer;

use codegen::project::Project;
use codegen::regen::{Outcome, regen};
use std::error::Error;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};
use std::{env, fs};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// The command line uses this allocator too.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> Result<()> {
    if let (Ok(spec), Ok(rounds)) = (env::var("REGEN_SPEC"), env::var("REGEN_ROUNDS")) {
        let first = env::var("REGEN_FIRST").map_or(Ok(0), |first| first.parse())?;
        return measure(Path::new(&spec), first, rounds.parse()?);
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut first: Option<(usize, f64)> = None;
    println!("{:>5} {:>9} {:>10} {:>10} {:>12} {:>10}", "size", "lines", "time", "us/line", "peak memory", "exponent");
    let all = tempfile::tempdir()?;
    for times in [1, 10, 100] {
        let folder = all.path().join(times.to_string());
        let spec = folder.join("spec");
        fs::create_dir_all(&spec)?;
        copy(&root.join("spec"), &spec, times)?;
        let rounds = if times == 100 { 3 } else { 15 };
        let output = Command::new(env::current_exe()?)
            .env("REGEN_SPEC", spec)
            .env("REGEN_ROUNDS", rounds.to_string())
            .output()?;
        let text = String::from_utf8(output.stdout)?;
        let mut numbers = text.split_whitespace().map(str::parse::<f64>);
        let (Some(lines), Some(seconds), Some(kib)) = (numbers.next(), numbers.next(), numbers.next()) else {
            return Err(format!("the measured process failed: {}", String::from_utf8_lossy(&output.stderr)).into());
        };
        let (lines, seconds, kib) = (lines?, seconds?, kib?);
        // If the time grows like a power of the size of the spec, this is the exponent of that power.
        let exponent = match first {
            Some((_, one)) => format!("{:.2}", (seconds / one).log10() / f64::from(times as u32).log10()),
            None => "-".into(),
        };
        first = first.or(Some((times, seconds)));
        println!(
            "{times:>4}x {lines:>9} {:>7.1} ms {:>10.2} {:>8.0} MiB {exponent:>12}",
            seconds * 1e3,
            seconds * 1e6 / lines,
            kib / 1024.0
        );
    }
    match Command::new("openapi-to-rust").arg("--version").output() {
        Ok(version) => {
            peer::compare(String::from_utf8(version.stdout)?.trim(), &root.join("generated/openapi"), all.path())
        }
        Err(_) => {
            println!("openapi-to-rust is not installed");
            Ok(())
        }
    }
}

/// Runs in the measured process. Prints the number of generated lines, the median time in seconds, and the peak memory
/// in KiB.
fn measure(spec: &Path, first: usize, rounds: usize) -> Result<()> {
    let mut lines = 0;
    let mut times: Vec<Duration> = Vec::new();
    for round in first..first + rounds {
        let out = spec.with_file_name(format!("generated-{round}"));
        fs::create_dir(&out)?;
        fs::write(out.join("Cargo.toml"), "")?;
        let project = Project { spec: spec.to_owned(), out, ..Project::at(spec) };
        let start = Instant::now();
        let Outcome::Done(report) = regen(&project, false)? else { return Err("the spec has findings".into()) };
        times.push(start.elapsed());
        if let Some(failure) = report.failures.first() {
            return Err(failure.as_str().into());
        }
        lines = report.lines;
    }
    times.sort();
    println!("{lines} {} {}", times[times.len() / 2].as_secs_f64(), high_water("/proc/self/status"));
    Ok(())
}

/// Returns the peak memory of a process in KiB. `status` is the path of the process's status file in `/proc`. Returns 0
/// if there is no such file.
fn high_water(status: &str) -> f64 {
    let status = fs::read_to_string(status).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()).and_then(|kib| kib.parse().ok()).unwrap_or(0.0)
}

/// Copies each API of a spec several times, each time with a different name.
fn copy(from: &Path, to: &Path, times: usize) -> Result<()> {
    for api in fs::read_dir(from)? {
        let api = api?;
        let name = api.file_name().into_string().map_err(|_| "a folder's name is not UTF-8")?;
        for n in 0..times {
            let folder = if n == 0 { name.clone() } else { format!("{name}_{n}") };
            fs::create_dir(to.join(&folder))?;
            for file in fs::read_dir(api.path())? {
                let file = file?;
                let text = fs::read_to_string(file.path())?;
                let text = text.replace(&format!("\napi: {name}\n"), &format!("\napi: {folder}\n"));
                fs::write(to.join(&folder).join(file.file_name()), text)?;
            }
        }
    }
    Ok(())
}
