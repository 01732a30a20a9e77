//! Crates of small invented APIs, one per module: the generated code of each lint's passing fixture, and of reduced and
//! renamed parts of a larger API. `build.rs` generates the specs.
//!
//! Code of any valid spec must compile without warnings, pass `clippy`, and pass its own tests. So warnings are errors
//! here.

#![deny(warnings)]

include!(concat!(env!("OUT_DIR"), "/shapes.rs"));
