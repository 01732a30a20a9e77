//! A transactional outbox for requests of generated API clients.
//!
//! **Promise:** once the caller's transaction has committed, each request is carried out exactly once and its result
//! handled exactly once, whatever dies, on any number of machines. Where the service does not let that be proven, the
//! intent ends as *dead*: a person looks, with everything that is known.
//!
//! An [`Outbox`] writes requests in the caller's own database transactions. A [`Runner`] carries them out: at once while
//! a caller waits ([`Runner::run`]), and in workers ([`Runner::worker`]). An attempt is recorded before its first byte.
//! From then on the request is sent again only by the operation's resolution plan. The caller's [`Handler`] gets the
//! transaction that closes the intent.
//!
//! It knows no API by name. Generated crates bring [`Durable`](pagespec_runtime::Durable) requests with their feature
//! `outbox`.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod adapter;
mod claim;
mod close;
mod crash;
mod database;
mod error;
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
mod worker;

pub use crash::CRASH_POINTS;
#[cfg(feature = "crash-points")]
pub use crash::Hook;
pub use database::{Column, Database, DatabaseError, Dialect, Problem, Value};
pub use error::{Error, Unreadable};
pub use handler::{Closing, Handler, HandlerError};
pub use inbox::{ReceiveError, Received};
pub use outbox::{Count, Enqueued, Intent, Outbox, OutboxBuilder};
#[cfg(feature = "postgres")]
pub use postgres::Postgres;
pub use runner::{Progress, Runner, RunnerBuilder};
pub use seal::{SealingKey, SealingKeys, Storage};
#[cfg(feature = "sqlite")]
pub use sqlite::Sqlite;
pub use state::{Record, State};

/// Interface for the model of the table. Not part of the API: it may change at any time.
#[cfg(feature = "crash-points")]
#[doc(hidden)]
pub mod modeled {
    pub use crate::state::Row;
    pub use crate::table::{Lane, New, Release, Table, Ticket, Wanted};
}

/// The samples of the page compile.
#[cfg(all(doctest, feature = "sqlite"))]
#[doc = include_str!("../../docs/outbox.md")]
pub struct Page;
