//! Decodes replies and messages. A value whose JSON type differs from the documentation is converted, if its meaning is
//! unambiguous.
//!
//! A body is normally read in one pass, directly into the generated types. [`reply`](crate::reply) combines the result
//! with the HTTP status and the error codes.

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
