//! From a YAML specification of HTTP APIs to a crate of typed clients.
//!
//! `parse -> resolve -> lint -> plan -> emit -> write`, one module each, plain data between them. Nothing here
//! knows an API by name, and nothing here uses what it generates.

mod characters;
mod cores;
pub mod decode;
pub mod diagnostic;
pub mod diff;
pub mod emit;
pub mod lint;
pub mod model;
mod names;
pub mod parse;
pub mod plan;
pub mod regen;
pub mod registry;
pub mod resolve;
pub mod source;
pub mod span;
pub mod spec;
mod taken;
mod times;
pub mod watch;
pub mod write;
