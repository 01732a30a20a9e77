//! Tests of the crate's public items, and of the items that generated code calls.

mod checking;
#[cfg(feature = "client")]
mod client;
mod decoding;
mod meaning;
mod proof;
#[cfg_attr(not(feature = "client"), allow(dead_code, reason = "some of it is for the tests of the client"))]
mod support;
#[cfg(feature = "client")]
mod tokens;
