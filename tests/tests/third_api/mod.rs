//! Tests of an invented API. Its crate uses the generator and runtime of the real APIs, which contain no code for it.

mod current;
mod lost;
mod messages;
mod notations;
mod proof;
pub(crate) mod requests;
mod server;
mod wire;
