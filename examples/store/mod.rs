//! The shop's database, which is SQLite or PostgreSQL. It contains the orders, the refunds and the outbox, so that one
//! transaction can change all of them.
//!
//! The shop moves money only through intents of the outbox. The transaction that enqueues or closes an intent also
//! changes the state of the order or refund. All programs that use the database therefore see the same state.

mod handlers;
mod settings;
mod tables;

pub use handlers::Books;
pub use settings::{Opened, Settings};
pub use tables::{
    Listed, Order, Refund, State, find, find_refund, insert, insert_refund, lock_order, overview, prepare,
};
pub use tables::{about, mark};

use pagespec_outbox::{Database, DatabaseError, Outbox, Runner};
use std::time::Duration;
use toss_sdk::pay::{Client, CreatePayment, ExecutePayment, RefundPayment};

/// Database of the shop, its outbox, and the runner of the intents.
#[derive(Clone, Debug)]
pub struct Store<D: Database> {
    /// The outbox.
    pub outbox: Outbox<D>,
    /// Runner that carries out intents, and calls the handlers that write to the shop's tables.
    pub runner: Runner<D>,
}

impl<D: Database> Store<D> {
    /// Creates missing tables, and builds a runner for the shop's three operations.
    ///
    /// # Errors
    ///
    /// Returns an error if a setting is invalid, the database fails, or the outbox's tables are newer than this
    /// program.
    pub async fn open(database: D, toss: &Client, settings: &Settings) -> Result<Self, Box<dyn std::error::Error>> {
        let mut builder = Outbox::builder(database, settings.storage()?);
        if let Some(clock) = &settings.clock {
            builder = builder.clock_sql(clock);
        }
        let outbox = builder.build()?;
        outbox.migrate().await?;
        prepare(outbox.database()).await?;
        let mut runner = outbox
            .runner()
            .operation::<CreatePayment>(toss, Books)
            .operation::<ExecutePayment>(toss, Books)
            .operation::<RefundPayment>(toss, Books);
        if settings.is_fast {
            runner = runner
                .lease(Duration::from_secs(3))
                .poll_every(Duration::from_millis(100))
                .backoff(Duration::from_millis(200), Duration::from_secs(2))
                .grace(Duration::from_secs(5));
        }
        Ok(Self { runner: runner.build()?, outbox })
    }

    /// Begins a transaction that writes.
    ///
    /// # Errors
    ///
    /// Returns an error if the database fails.
    pub async fn begin(&self) -> Result<D::Transaction, DatabaseError> {
        self.outbox.database().begin().await
    }

    /// Returns the order with this number, if there is one.
    ///
    /// # Errors
    ///
    /// Returns an error if the database fails.
    pub async fn order(&self, order_no: &str) -> Result<Option<Order>, DatabaseError> {
        let mut transaction = self.outbox.database().begin_reading().await?;
        find::<D>(D::connection(&mut transaction), order_no).await
    }
}
