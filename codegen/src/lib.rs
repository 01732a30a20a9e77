//! Generator: from a YAML specification of HTTP APIs to a crate of typed clients.
//!
//! `parse -> resolve -> lint -> plan -> emit -> write`: one module per step, with plain data between them. `analysis`
//! has the facts about a resolved spec that several later passes need. The generator contains no names of APIs, and
//! does not use the code that it generates.

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
