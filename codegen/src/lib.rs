//! Generator of Rust crates with typed clients. Its input is a specification of HTTP APIs in YAML.
//!
//! The steps are `parse -> resolve -> lint -> plan -> emit -> write`. Each step is a module that passes plain data to
//! the next. `analysis` computes facts about a resolved spec that several steps need. No code of the generator is
//! specific to a particular API, and the generator does not use the code that it generates.

#![warn(unreachable_pub)]

mod analysis;
mod characters;
pub mod constraints;
pub mod decode;
pub mod diagnostic;
pub mod diff;
pub mod emit;
pub mod lint;
pub mod lint_registry;
pub mod model;
mod names;
mod parallel;
pub mod parse;
pub mod plan;
pub mod project;
mod prose;
mod recovery_summary;
pub mod regen;
mod reserved;
pub mod resolve;
pub mod resolved;
pub mod settings;
pub mod source;
pub mod span;
pub mod spec;
pub mod watch;
pub mod write;
