//! How long generation takes and how much memory it needs: both APIs, and a spec made 10 and 100 times larger.
//!
//! `cargo bench -p tests --bench regen`. Each size runs in a process of its own, so that its peak memory is its own;
//! time is the median of several runs in that process, from reading the YAML to the last file on the disk, each run into
//! an empty folder. Nothing is deleted before the end: a file system may be slow to use again what was just freed.
//!
//! Where `openapi-to-rust` is installed (`cargo install openapi-to-rust --locked`), it is given our own OpenAPI documents
//! in the same run: both APIs, one process each, their times added up; and so are we, once more, in the same way.

use codegen::emit::Options;
use codegen::regen::{KEEP, Outcome, Project, regen};
use serde_json::{Map, Value};
use std::error::Error;
use std::io::Read as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// That of the command line.
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
        // Time grows as size to this power, against both APIs as they are.
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
        Ok(version) => peer(String::from_utf8(version.stdout)?.trim(), &root.join("generated/openapi"), all.path()),
        Err(_) => {
            println!("openapi-to-rust is not installed");
            Ok(())
        }
    }
}

/// What another generator makes of our own documents, and ours of the spec, each as a whole process into empty folders.
fn peer(version: &str, documents: &Path, all: &Path) -> Result<()> {
    println!("whole processes, started anew for each run, the median of all:");
    for times in [1, 10, 100] {
        let rounds = if times == 100 { 3 } else { 9 };
        let spec = all.join(times.to_string()).join("spec");
        let (mut runs, mut peak, mut lines) = (Vec::new(), 0.0_f64, String::new());
        for round in 0..rounds {
            let mut ours = Command::new(env::current_exe()?);
            let first = round + AFTER;
            ours.env("REGEN_SPEC", &spec).env("REGEN_ROUNDS", "1").env("REGEN_FIRST", first.to_string());
            let (took, kib, said) = whole_process(&mut ours)?;
            runs.push(took);
            (peak, lines) = (peak.max(kib), said.split(' ').next().unwrap_or_default().to_owned());
        }
        show("ours", times, lines.parse()?, median(runs), peak);
        let (mut lines, mut seconds, mut peak) = (0, 0.0, 0.0_f64);
        for api in fs::read_dir(documents)? {
            let api = api?.path();
            let name = api.file_stem().ok_or("a document has a name")?;
            let document = grown(&serde_json::from_str(&fs::read_to_string(&api)?)?, times);
            let document = serde_json::to_string_pretty(&document)?;
            let (mut runs, mut written) = (Vec::new(), 0);
            for round in 0..rounds {
                let folder = all.join(format!("peer-{times}-{round}")).join(name);
                fs::create_dir_all(folder.join("src"))?;
                fs::write(folder.join("api.json"), &document)?;
                let mut init = Command::new("openapi-to-rust");
                init.args(["init", "api.json", "--output-dir", "src", "--force"]).current_dir(&folder);
                whole_process(&mut init)?;
                let mut generate = Command::new("openapi-to-rust");
                let (took, kib, _) = whole_process(generate.arg("generate").current_dir(&folder))?;
                runs.push(took);
                peak = peak.max(kib);
                let files = fs::read_dir(folder.join("src"))?.collect::<std::io::Result<Vec<_>>>()?;
                let rust =
                    files.iter().map(|file| file.path()).filter(|path| path.extension().is_some_and(|e| e == "rs"));
                written = 0;
                for file in rust {
                    written += fs::read_to_string(file)?.lines().count();
                }
            }
            lines += written;
            seconds += median(runs);
        }
        show(version, times, lines, seconds, peak);
    }
    Ok(())
}

/// How many folders the runs before have filled at most.
const AFTER: usize = 15;

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

fn show(name: &str, times: usize, lines: usize, seconds: f64, kib: f64) {
    let (milliseconds, per_line, mib) = (seconds * 1e3, seconds * 1e6 / lines as f64, kib / 1024.0);
    println!("{times:>4}x {lines:>9} {milliseconds:>7.1} ms {per_line:>10.2} {mib:>8.0} MiB  {name}");
}

/// Seconds a process takes, KiB of memory it has had at most, as far as asking every millisecond tells, and what it says.
fn whole_process(command: &mut Command) -> Result<(f64, f64, String)> {
    let start = Instant::now();
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
    let mut stdout = child.stdout.take().ok_or("it is piped")?;
    let (status, asker) = (format!("/proc/{}/status", child.id()), std::thread::current());
    let ended = std::thread::scope(|scope| {
        let reading = scope.spawn(|| {
            let mut said = String::new();
            stdout.read_to_string(&mut said).map(|_| said)
        });
        let waiting = scope.spawn(|| {
            let ended = child.wait();
            let took = start.elapsed();
            asker.unpark();
            ended.map(|ended| (ended, took))
        });
        let mut most = 0.0_f64;
        while !waiting.is_finished() {
            most = most.max(high_water(&status));
            std::thread::park_timeout(Duration::from_millis(1));
        }
        waiting.join().and_then(|ended| reading.join().map(|said| (ended, said, most)))
    });
    let (ended, said, most) = ended.map_err(|_| "waiting for a process panicked")?;
    let (ended, took) = ended?;
    if !ended.success() {
        return Err(format!("{command:?} failed").into());
    }
    Ok((took.as_secs_f64(), most, said?))
}

/// A document with everything in it several times, each under other names.
fn grown(document: &Value, times: usize) -> Value {
    let mut whole = document.clone();
    for (part, depth) in [("paths", 0), ("webhooks", 0), ("components", 1)] {
        let Some(of) = whole.get_mut(part).and_then(Value::as_object_mut) else { continue };
        if depth == 0 {
            *of = again(of, times, part == "paths");
            continue;
        }
        // Nothing refers to security schemes but requirements, which stay as they are.
        for (_, of) in of.iter_mut().filter(|(kind, _)| *kind != "securitySchemes") {
            if let Some(of) = of.as_object_mut() {
                *of = again(of, times, false);
            }
        }
    }
    whole
}

fn again(of: &Map<String, Value>, times: usize, paths: bool) -> Map<String, Value> {
    let mut grown = of.clone();
    for n in 1..times {
        for (name, value) in of {
            let mut value = value.clone();
            rename(&mut value, &format!("N{n}"));
            grown.insert(if paths { format!("/n{n}{name}") } else { format!("{name}N{n}") }, value);
        }
    }
    grown
}

fn rename(value: &mut Value, end: &str) {
    match value {
        Value::Object(members) => {
            for (name, value) in members.iter_mut() {
                match value {
                    Value::String(text) if name == "$ref" || name == "operationId" => text.push_str(end),
                    other => rename(other, end),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| rename(item, end)),
        _ => {}
    }
}

/// Runs in the measured process: prints lines, seconds and KiB.
fn measure(spec: &Path, first: usize, rounds: usize) -> Result<()> {
    let mut lines = 0;
    let mut times: Vec<Duration> = Vec::new();
    for round in first..first + rounds {
        let out = spec.with_file_name(format!("generated-{round}"));
        fs::create_dir(&out)?;
        for kept in KEEP {
            fs::write(out.join(kept), "")?;
        }
        let project = Project {
            spec: spec.to_owned(),
            spec_label: "spec".into(),
            out,
            out_label: "generated".into(),
            options: Options { crate_name: "toss_sdk".into(), command: "cargo xtask regen".into() },
        };
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

/// The most memory a process has had, in KiB, by its file of the system; 0 where there is none.
fn high_water(status: &str) -> f64 {
    let status = fs::read_to_string(status).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()).and_then(|kib| kib.parse().ok()).unwrap_or(0.0)
}

/// Copies a spec several times, each API under other names.
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
