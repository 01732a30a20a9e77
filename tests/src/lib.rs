//! What the tests share. The tests are in `tests/`, what they read is in `fixtures/`.

pub mod parcel;
pub mod refused;
pub mod scratch;
pub mod service;
