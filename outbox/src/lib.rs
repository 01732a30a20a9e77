//! A transactional outbox for requests of generated API clients. A request in the outbox is called an *intent*.
//!
//! **Promise:** once the caller's transaction has committed, each request is carried out exactly once, and its result
//! is handled exactly once. This holds on any number of machines, even if processes crash. An intent that waits for
//! too long before it is sent is rejected. If the service gives no proof of the outcome, the intent becomes *dead*. A
//! person then has to decide, and the record of the intent contains the reason.
//!
//! An [`Outbox`] writes requests in the caller's own database transactions. A [`Runner`] carries the requests out:
//! immediately while a caller waits ([`Runner::run`]), and in workers ([`Runner::worker`]). An attempt is recorded
//! before its first byte is sent. Unless the attempt provably took no effect, the request is then sent again only if a
//! repetition is safe: by the client's retries or by the operation's resolution plan. The caller's [`Handler`] runs in
//! the transaction that closes the intent.
//!
//! The outbox is independent of any particular API. With the feature `outbox`, generated crates implement
//! [`Durable`](pagespec_runtime::Durable) for their requests.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod adapter;
mod claim;
mod close;
mod core;
mod crash;
mod database;
mod error;
#[cfg(feature = "metrics")]
mod gauges;
mod handler;
mod inbox;
mod lease;
mod observe;
mod operation;
mod outbox;
#[cfg(feature = "postgres")]
mod postgres;
mod runner;
mod schema;
mod seal;
#[cfg(feature = "sqlite")]
mod sqlite;
mod state;
mod table;
mod unreadable;
mod worker;

pub use crash::CRASH_POINTS;
#[cfg(feature = "crash-points")]
pub use crash::Hook;
pub use database::{Column, Database, DatabaseError, Dialect, Problem, Value};
pub use error::Error;
pub use handler::{Closing, Handler, HandlerError};
pub use inbox::{ReceiveError, Received};
pub use outbox::{Count, Enqueued, Intent, Listed, Outbox, OutboxBuilder};
#[cfg(feature = "postgres")]
pub use postgres::Postgres;
pub use runner::{Progress, Runner, RunnerBuilder};
pub use seal::{SealingKey, SealingKeys, Storage};
#[cfg(feature = "sqlite")]
pub use sqlite::Sqlite;
pub use state::{Record, State};
pub use unreadable::Unreadable;

/// Interface for tests that compare the table with a model. The interface is not public API and may change at any time.
#[cfg(feature = "crash-points")]
#[doc(hidden)]
pub mod modeled {
    pub use crate::state::Row;
    pub use crate::table::{Lane, New, Release, Table, Ticket, Wanted};
}

/// Compiles the samples in `docs/outbox.md` as documentation tests.
#[cfg(all(doctest, feature = "sqlite"))]
#[doc = include_str!("../../docs/outbox.md")]
pub struct Page;
