//! Where the real payment APIs are: their specs in `examples/apis/spec`, their crate in `examples/apis/generated`.
//!
//! Shared by the program that writes the crate and by the test that finds it current.

use codegen::emit::Options;
use codegen::regen::Project;
use std::path::Path;

/// The command that writes the crate.
pub const COMMAND: &str = "cargo run -p tests --bin apis";

/// The project.
pub fn project() -> Project {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name("examples").join("apis");
    Project {
        spec: folder.join("spec"),
        spec_label: "examples/apis/spec".into(),
        out: folder.join("generated"),
        out_label: "examples/apis/generated".into(),
        // The manifest stands above, beside the tests.
        keep: &[],
        options: Options { crate_name: "payment_apis".into(), command: COMMAND.into() },
    }
}
