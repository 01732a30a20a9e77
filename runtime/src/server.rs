//! Server side of an API: finds the operation of a request, reads and checks the request, and writes the answer.
//!
//! This module does not depend on an HTTP server. The descriptions of the operations are generated, and the service
//! implements the operations.

pub(crate) mod from_request;
pub(crate) mod received;
pub(crate) mod response;
pub(crate) mod router;
mod unreadable;
