//! How long an audit takes: reading the spec, and comparing a saved page with it.
//!
//! `AUDIT_PAGES=FOLDER cargo bench -p tests --bench audit`, with `toss-pay-api.txt` and `instant-onboarding-api.txt` in
//! the folder; without it, they are looked for where the test of the pages finds them. Each time is the median of several.

use codegen::audit::{Notation, Spec};
use codegen::regen::Project;
use std::time::{Duration, Instant};
use tests::pages::page;
use tests::scratch::repository;

/// That of the command line.
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
    for (api, name) in [("pay", "toss-pay-api.txt"), ("onboarding", "instant-onboarding-api.txt")] {
        let Some(text) = page(name) else { continue };
        let read = || Spec::read(&project, api).expect("the spec can be read").expect("the spec is sound");
        let spec = read();
        let audit = || spec.audit(&text, Notation::Text, name).expect("it is a page of this API");
        println!("{}", audit().summary());
        let (reading, comparing) = (median(read).as_secs_f64() * 1e3, median(audit).as_secs_f64() * 1e3);
        println!(
            "  reading the spec {reading:.1} ms, comparing {} lines {comparing:.1} ms, ratio {:.2}",
            text.lines().count(),
            comparing / reading
        );
    }
}
