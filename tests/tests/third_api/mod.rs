//! Tests of an invented API, whose crate uses the same generator and runtime as the real ones, without any code for it.

mod current;
mod messages;
mod notations;
mod proof;
pub(crate) mod requests;
mod server;
mod wire;
