//! Writes the crate of the real payment APIs from their specs. A program of its own, which needs nothing generated: so it also
//! runs when what is there does not compile.

use codegen::regen::{Outcome, describe, regen};
use std::io;
use std::process::ExitCode;

fn main() -> io::Result<ExitCode> {
    let project = tests::apis::project();
    match regen(&project, false)? {
        Outcome::Findings(sources, diagnostics) => {
            eprint!("{}", diagnostics.render(&sources, false));
            Ok(ExitCode::FAILURE)
        }
        Outcome::Done(report) => {
            print!("{}", describe(&report, &project, false));
            Ok(ExitCode::SUCCESS)
        }
    }
}
