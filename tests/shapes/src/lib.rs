//! Small invented APIs, one per module: the generated code of each lint's passing fixture, of the specs in `specs/`,
//! and of reduced and renamed parts of a larger API. `build.rs` generates the code.
//!
//! Code of any valid spec must compile without warnings, pass `clippy`, and pass its own tests. So warnings are errors
//! here.

#![deny(warnings)]

include!(concat!(env!("OUT_DIR"), "/shapes.rs"));
