//! Duration of an audit: reading the spec, and comparing a saved page with it.
//!
//! Run with `AUDIT_PAGES=FOLDER cargo bench -p tests --bench audit`. The folder contains the saved pages, such as
//! `toss-pay-api.txt`. Pages that are missing are skipped. Without the variable, the benchmark uses the same folder as
//! the tests. Each figure is the median of several runs.

use audit::{Saved, Spec};
use codegen::project::Project;
use std::time::{Duration, Instant};
use tests::pages::bytes;
use tests::temp_project::repository;

/// The command line uses this allocator too.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ROUNDS: usize = 31;

fn median<T>(mut work: impl FnMut() -> T) -> Duration {
    let mut times: Vec<Duration> = (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            std::hint::black_box(work());
            start.elapsed()
        })
        .collect();
    times.sort();
    times[ROUNDS / 2]
}

fn main() {
    let project = Project::at(&repository());
    let read = || Spec::read(&project).expect("the spec can be read").expect("the spec is sound");
    let spec = read();
    println!("reading the spec {:.1} ms", median(read).as_secs_f64() * 1e3);
    for name in [
        "toss-pay-api.txt",
        "instant-onboarding-api.txt",
        "toss-pay-api.en.html",
        "toss-pay-api.ko-2024-11.html",
        "toss-pay-api.ko-2023-10.html",
    ] {
        let Some(bytes) = bytes(name) else { continue };
        let audit = || {
            let page = Saved::of_bytes(name, &bytes).expect("it can be read");
            spec.audit(None, &page).expect("it is a page of an API")
        };
        println!("{}", audit().summary());
        let comparing = median(audit).as_secs_f64() * 1e3;
        println!("  {} KB: read and compared in {comparing:.1} ms", bytes.len() / 1000);
    }
}
