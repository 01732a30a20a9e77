//! Comparison with another generator. The other generator reads our OpenAPI documents, enlarged by the same factor as
//! the spec that our generator reads.

use super::{Result, high_water};
use serde_json::{Map, Value};
use std::io::Read as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs};

/// Runs the other generator on the OpenAPI documents in `documents`, and our generator on the specs below `all`. Each
/// run is a separate process that writes into an empty folder.
pub fn compare(version: &str, documents: &Path, all: &Path) -> Result<()> {
    println!("medians, with a separate process for each run:");
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

/// Number of the first folder that our generator writes to in this comparison. The other runs of our generator use
/// smaller numbers.
const AFTER: usize = 15;

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

fn show(name: &str, times: usize, lines: usize, seconds: f64, kib: f64) {
    let (milliseconds, per_line, mib) = (seconds * 1e3, seconds * 1e6 / lines as f64, kib / 1024.0);
    println!("{times:>4}x {lines:>9} {milliseconds:>7.1} ms {per_line:>10.2} {mib:>8.0} MiB  {name}");
}

/// Runs a process. Returns its duration in seconds, its peak memory in KiB and its output. The memory is polled every
/// millisecond.
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

/// Returns a document with `times` copies of its content, each with different names.
fn grown(document: &Value, times: usize) -> Value {
    let mut whole = document.clone();
    for (part, depth) in [("paths", 0), ("webhooks", 0), ("components", 1)] {
        let Some(of) = whole.get_mut(part).and_then(Value::as_object_mut) else { continue };
        if depth == 0 {
            *of = again(of, times, part == "paths");
            continue;
        }
        // Security schemes are not copied, because `rename` does not change the requirements that refer to them.
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
