//! Server side of an API: finds the operation of a request, reads and checks the request, and writes the answer.
//!
//! Independent of any HTTP server. The operations are generated; their implementation belongs to the service.

pub(crate) mod from_request;
mod received;
pub(crate) mod response;
pub(crate) mod router;
mod unique_keys;
mod unreadable;
