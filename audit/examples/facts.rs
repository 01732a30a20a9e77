//! Prints the facts of saved pages, one fact per line.
//!
//! Run it with `cargo run -p pagespec-audit --example facts -- FILE…`.

use pagespec_audit::{Saved, facts};
use std::path::Path;

fn main() -> std::io::Result<()> {
    for file in std::env::args().skip(1) {
        for stated in facts(&Saved::open(Path::new(&file))?)? {
            println!("{:>5}  {}: {} {}", stated.line, stated.about, stated.what, stated.value);
        }
    }
    Ok(())
}
