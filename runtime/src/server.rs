//! The other end of an API: finds the operation that a request is for, reads and checks it, and writes the answer.
//!
//! Independent of any HTTP server. Which operations there are is generated; what a service does is its own matter.

pub(crate) mod from_request;
pub(crate) mod received;
pub(crate) mod response;
pub(crate) mod router;
pub(crate) mod unique_keys;
mod unreadable;
