//! Decoding of replies and messages: the envelope, objects, lists, and values that deviate from the documentation.
//!
//! The body is read in one pass into targets that generated types provide. [`reply`](crate::reply) decides whether a
//! reply is a success.

pub(crate) mod envelope;
mod envelope_keys;
pub(crate) mod lenient;
pub(crate) mod object;
pub(crate) mod repair;
pub(crate) mod repeated;
pub(crate) mod scalar;
pub(crate) mod source;
pub(crate) mod target;
pub(crate) mod union;
