//! Server side of an API: finds the operation of a request, reads and checks the request, and writes the answer.
//!
//! Independent of any HTTP server. The operations are generated; their implementation belongs to the service.

pub(crate) mod from_request;
pub(crate) mod received;
pub(crate) mod response;
pub(crate) mod router;
pub(crate) mod unique_keys;
mod unreadable;
