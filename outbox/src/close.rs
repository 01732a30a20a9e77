//! Closes an intent: one transaction updates the row and runs the handler.

use crate::core::Core;
use crate::crash::crash_point;
use crate::database::{Database, DatabaseError};
use crate::handler::{Closing, Handler, HandlerError};
use crate::lease::Lease;
use crate::observe;
use crate::state::State;
use pagespec_runtime::Durable;
use std::time::{Duration, Instant};

/// Time for which closing is retried while the database fails. After this time, the intent stays open until another
/// claim resolves it.
const LONGEST_RETRYING: Duration = Duration::from_secs(60);

/// Number of times that a handler is called before the intent is put off.
const HANDLER_TRIES: u32 = 3;

/// Reason why closing an intent was given up.
pub(crate) enum NotClosed {
    /// Another worker, a callback or a person has changed the intent, or the database failed for too long.
    Lost,
    /// The handler failed [`HANDLER_TRIES`] times. Contains the message of its last error.
    Handler(String),
}

enum Failed {
    Database(DatabaseError),
    Handler(HandlerError),
    /// The update of the intent changed no row, so the transaction must not be committed.
    NoRow,
}

impl From<DatabaseError> for Failed {
    fn from(error: DatabaseError) -> Self {
        Self::Database(error)
    }
}

/// Closes the intent of a lease, and runs the handler in the same transaction.
pub(crate) async fn close<D: Database, R: Durable, H: Handler<D, R>>(
    core: &Core<D>,
    lease: &Lease<D>,
    (state, reason): (State, Option<&str>),
    handler: &H,
    closing: Closing<'_, R>,
) -> Result<(), NotClosed> {
    let began = Instant::now();
    let mut handler_failures = 0;
    let mut pause = Duration::from_millis(50);
    loop {
        let failed = match try_close(core, lease, (state, reason), handler, closing).await {
            Ok(()) => {
                observe::closed(R::API.name, R::OPERATION.id, state);
                return Ok(());
            }
            Err(failed) => failed,
        };
        match failed {
            // An earlier try may have closed the intent, although the database's reply to the commit was lost.
            Failed::NoRow if core.is_closed_by(lease.ticket, closing.key).await => return Ok(()),
            Failed::NoRow => return Err(NotClosed::Lost),
            Failed::Handler(error) => {
                handler_failures += 1;
                if handler_failures >= HANDLER_TRIES {
                    return Err(NotClosed::Handler(error.to_string()));
                }
            }
            Failed::Database(error) if began.elapsed() >= LONGEST_RETRYING => {
                tracing::error!(error = %error, "an intent could not be closed; it will be resolved");
                return Err(NotClosed::Lost);
            }
            Failed::Database(error) => {
                tracing::warn!(error = %error, "an intent could not be closed; closing will be tried again")
            }
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(Duration::from_secs(2));
    }
}

async fn try_close<D: Database, R: Durable, H: Handler<D, R>>(
    core: &Core<D>,
    lease: &Lease<D>,
    (state, reason): (State, Option<&str>),
    handler: &H,
    closing: Closing<'_, R>,
) -> Result<(), Failed> {
    let inner = &*core.outbox.inner;
    crash_point!(inner, "close.begun");
    let mut transaction = inner.database.begin().await?;
    let connection = D::connection(&mut transaction);
    // The row is updated first, because the update locks the row. No other worker can then run the handler at the same
    // time.
    if !inner.table.close::<D>(connection, lease.ticket, state, reason).await? {
        return Err(Failed::NoRow);
    }
    crash_point!(inner, "close.written");
    handler.handle(connection, closing).await.map_err(Failed::Handler)?;
    crash_point!(inner, "close.handled");
    D::commit(transaction).await?;
    crash_point!(inner, "close.committed");
    Ok(())
}
