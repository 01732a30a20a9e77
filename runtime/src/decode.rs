//! Reads replies and messages: the envelope, objects and lists, and values that are not quite what the page promises.
//!
//! Everything is read in one pass over the body, into places that generated types offer. Whether a reply is a success is
//! decided by [`reply`](crate::reply), from what is found here.

pub(crate) mod envelope;
mod envelope_keys;
pub(crate) mod lenient;
pub(crate) mod object;
pub(crate) mod repair;
pub(crate) mod repeated;
pub(crate) mod source;
pub(crate) mod union;
