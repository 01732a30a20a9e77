//! Where the invented third API is: its spec in `parcel-spec/`, its crate in `parcel/`, beside this package's tests.
//!
//! Shared by the program that writes the crate and by the test that finds it current.

use codegen::emit::Options;
use codegen::regen::{KEEP, Project};
use std::path::Path;

/// The command that writes the crate.
pub const COMMAND: &str = "cargo run -p tests --bin parcel";

/// The project.
pub fn project() -> Project {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    Project {
        spec: here.join("parcel-spec"),
        spec_label: "tests/parcel-spec".into(),
        out: here.join("parcel"),
        out_label: "tests/parcel".into(),
        keep: &KEEP,
        options: Options { crate_name: "parcel_sdk".into(), command: COMMAND.into() },
    }
}
