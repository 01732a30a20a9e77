//! The generator and the runtime work for any API. These tests use a third, invented API, for which neither of them
//! contains any code. Its spec is in `tests/parcel-spec`, and its crate in `tests/parcel`.

mod current;
mod lost;
mod messages;
mod notations;
mod proof;
pub(crate) mod requests;
mod server;
mod wire;
