//! Callbacks, and decisions by a person. A callback or a person can close an intent while a worker has claimed it.

use crate::core::Operation;
use crate::crash::crash_point;
use crate::database::{Database, DatabaseError, Problem};
use crate::error::Error;
use crate::observe;
use crate::outbox::MESSAGE;
use crate::runner::Runner;
use crate::state::{Record, Row, State};
use crate::table::{New, Ticket};
use pagespec_runtime::{Confirmed, Durable, Ending};
use std::sync::Arc;

/// Result of receiving a callback.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
#[must_use]
pub enum Received {
    /// The callback was confirmed and closed its intent.
    Closed,
    /// A callback with the same body was received before. The intent is unchanged.
    Duplicate,
    /// The intent was already applied. It is unchanged.
    Late,
    /// The service confirmed the callback, but the intent was closed as rejected. The confirmation and the rejection
    /// contradict each other, so a person has to decide. The intent is unchanged.
    Contradicts,
}

/// Reason why a callback was not accepted.
#[derive(Debug)]
#[non_exhaustive]
pub enum ReceiveError<E> {
    /// The service did not confirm the callback. The error states whether a later try can confirm it.
    Unconfirmed(E),
    /// The outbox failed. Reply with a status that reports failure, so that the service sends the callback again.
    Outbox(Error),
}

impl<E: std::fmt::Display> std::fmt::Display for ReceiveError<E> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unconfirmed(error) => error.fmt(f),
            Self::Outbox(error) => error.fmt(f),
        }
    }
}

impl<E: std::error::Error + 'static> std::error::Error for ReceiveError<E> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Unconfirmed(error) => Some(error),
            Self::Outbox(error) => Some(error),
        }
    }
}

impl<E> From<Error> for ReceiveError<E> {
    fn from(error: Error) -> Self {
        Self::Outbox(error)
    }
}

impl<E> From<DatabaseError> for ReceiveError<E> {
    fn from(error: DatabaseError) -> Self {
        Self::Outbox(error.into())
    }
}

impl<D: Database> Runner<D> {
    /// Receives a callback that belongs to the intent `key` of the operation `R`. If the service confirms the callback,
    /// the intent is closed. `message` is the body of the callback. Callbacks with the same body count as one callback.
    ///
    /// `confirm` queries the service, with the client's `confirm_…`. It is called only if the callback is new and the
    /// intent is not yet applied. No transaction is open during the call. After the intent is closed, a worker that had
    /// claimed it can no longer change it.
    ///
    /// `full` is the full amount of the intent, if the callback is about money. If the service reports that less than
    /// this amount is still paid, the handler gets [`Ending::Reversed`].
    ///
    /// # Errors
    ///
    /// Returns [`ReceiveError::Unconfirmed`] if the service does not confirm the callback. Returns
    /// [`ReceiveError::Outbox`] if there is no such intent, the intent belongs to another operation, its request cannot
    /// be read, its operation is not registered, the handler fails, or the database fails.
    pub async fn receive<R, T, E, F>(
        &self,
        key: &str,
        message: &[u8],
        full: Option<i64>,
        confirm: impl FnOnce() -> F,
    ) -> Result<Received, ReceiveError<E>>
    where
        R: Durable,
        F: Future<Output = Result<Confirmed<T, R::Found>, E>>,
    {
        let outbox = &self.core.outbox;
        let inbox_key = format!("{MESSAGE}{key}:{}", digest(message));
        if outbox.show(&inbox_key).await?.is_some() {
            return Ok(Received::Duplicate);
        }
        if intent_of::<R>(key, outbox.row(key).await?)?.record.state == State::Applied {
            return Ok(Received::Late);
        }
        let confirmed = confirm().await.map_err(ReceiveError::Unconfirmed)?;
        crash_point!(outbox.inner, "receive.confirmed");
        let is_reduced = full.is_some_and(|full| confirmed.still_paid.is_some_and(|left| left < full));
        let ending = if is_reduced {
            Ending::Reversed { remaining: confirmed.still_paid, found: confirmed.found }
        } else {
            Ending::Applied { reply: None, found: Some(confirmed.found) }
        };
        self.record::<R>(key, &inbox_key, &ending).await.map_err(ReceiveError::Outbox)
    }

    /// Records the callback, closes the intent and runs the handler, in one transaction.
    async fn record<R: Durable>(&self, key: &str, inbox_key: &str, ending: &Ending<R>) -> Result<Received, Error> {
        let inner = &*self.core.outbox.inner;
        let mut transaction = inner.database.begin().await?;
        let connection = D::connection(&mut transaction);
        let now = inner.table.now::<D>(connection).await?;
        let new = New {
            key: inbox_key,
            api: R::API.name,
            operation: R::OPERATION.id,
            ordering: None,
            request: Vec::new(),
            sealed_with: None,
            enqueued_at: now,
            state: State::Applied,
        };
        if !inner.table.insert::<D>(connection, new).await? {
            return Ok(Received::Duplicate);
        }
        crash_point!(inner, "receive.recorded");
        let row = intent_of::<R>(key, inner.table.find::<D>(connection, key).await?)?;
        let record = &row.record;
        match record.state {
            State::Applied => {
                D::commit(transaction).await?;
                return Ok(Received::Late);
            }
            State::Rejected => {
                tracing::error!(key, "a confirmed callback contradicts a rejection; check the payment");
                // The callback is not recorded, so that each repetition of it reports the contradiction again.
                return Ok(Received::Contradicts);
            }
            State::Queued | State::Sending | State::Unknown | State::Dead => {}
        }
        let unreadable = |why| Error::Unreadable { key: key.to_owned(), why };
        let work = self.registered(record)?.prepare(&inner.storage, &row).map_err(unreadable)?;
        let reason = Some("confirmed by a callback");
        if !inner.table.overrule::<D>(connection, seen(record), (record.state, State::Applied), reason).await? {
            return Err(changed());
        }
        work.handle(connection, key, ending).await?;
        crash_point!(inner, "receive.handled");
        D::commit(transaction).await?;
        observe::closed(R::API.name, R::OPERATION.id, State::Applied);
        self.core.changed.notify_waiters();
        Ok(Received::Closed)
    }

    fn registered(&self, record: &Record) -> Result<&Arc<dyn Operation<D>>, Error> {
        self.core.operation(&record.api, &record.operation).ok_or_else(|| {
            let operation = format!("{}.{}", record.api, record.operation);
            Error::UnknownOperation { key: record.key.clone(), operation }
        })
    }

    /// Gives up an open intent. An intent that may have been sent becomes dead, and an intent in the state queued
    /// becomes rejected. The handler runs in the same transaction. A worker that had claimed the intent makes no
    /// further attempt, and can no longer change it.
    ///
    /// # Errors
    ///
    /// Returns [`Error::WrongState`] if the intent is closed. Returns an error if there is no such intent, its request
    /// cannot be read, its operation is not registered, the handler fails, or the database fails.
    pub async fn give_up(&self, key: &str, reason: &str) -> Result<State, Error> {
        let inner = &*self.core.outbox.inner;
        let mut transaction = inner.database.begin().await?;
        let connection = D::connection(&mut transaction);
        let row =
            inner.table.find::<D>(connection, key).await?.ok_or_else(|| Error::NotFound { key: key.to_owned() })?;
        let record = &row.record;
        let to = match record.state {
            State::Queued => State::Rejected,
            State::Sending | State::Unknown => State::Dead,
            state @ (State::Applied | State::Rejected | State::Dead) => {
                return Err(Error::WrongState { key: key.to_owned(), state });
            }
        };
        let operation = self.registered(record)?;
        let unreadable = |why| Error::Unreadable { key: key.to_owned(), why };
        let work = operation.prepare(&inner.storage, &row).map_err(unreadable)?;
        if !inner.table.overrule::<D>(connection, seen(record), (record.state, to), Some(reason)).await? {
            return Err(changed());
        }
        work.give_up(connection, key, to == State::Dead, reason).await?;
        D::commit(transaction).await?;
        observe::closed(&record.api, &record.operation, to);
        self.core.changed.notify_waiters();
        Ok(to)
    }
}

/// Returns the row that was found for a key.
///
/// # Errors
///
/// Returns an error if there is no row, or if its intent belongs to another operation.
fn intent_of<R: Durable>(key: &str, row: Option<Row>) -> Result<Row, Error> {
    let row = row.ok_or_else(|| Error::NotFound { key: key.to_owned() })?;
    if (&*row.record.api, &*row.record.operation) == (R::API.name, R::OPERATION.id) {
        return Ok(row);
    }
    Err(Error::OtherOperation {
        key: key.to_owned(),
        operation: format!("{}.{}", row.record.api, row.record.operation),
        expected: format!("{}.{}", R::API.name, R::OPERATION.id),
    })
}

fn seen(record: &Record) -> Ticket {
    Ticket { id: record.id, fence: record.fence }
}

fn changed() -> Error {
    DatabaseError::new(Problem::Busy, "the intent was changed by another transaction").into()
}

fn digest(message: &[u8]) -> String {
    hmac_sha256::Hash::hash(message).iter().map(|byte| format!("{byte:02x}")).collect()
}
