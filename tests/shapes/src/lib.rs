//! The generated code of many small invented APIs, one per module. The specs are the passing fixtures of all lints, the
//! folders in `specs/`, and reduced versions of larger specs with some names changed. `build.rs` generates the code.
//!
//! The generated code of every valid spec compiles without warnings, passes `clippy`, and passes its own tests.
//! Therefore warnings are errors in this crate.

#![deny(warnings)]

include!(concat!(env!("OUT_DIR"), "/shapes.rs"));
