//! Handlers: the caller's code that runs in the transaction that closes an intent.

use crate::database::Database;
use pagespec_runtime::{Durable, Ending};
use std::fmt;

/// Error of a handler. Its message may go to the log and to the table, so it must not contain secrets.
pub type HandlerError = Box<dyn std::error::Error + Send + Sync>;

/// An intent that is being closed.
pub struct Closing<'a, R: Durable> {
    /// Key of the intent, which the caller chose.
    pub key: &'a str,
    /// The request.
    pub request: &'a R,
    /// Outcome of the request. [`Ending::Unknown`] means that the intent was given up, and a person has to decide.
    pub ending: &'a Ending<R>,
}

impl<R: Durable> Clone for Closing<'_, R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R: Durable> Copy for Closing<'_, R> {}

/// Shows the key and the ending, but neither the request nor replies.
impl<R: Durable> fmt::Debug for Closing<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Closing").field("key", &self.key).field("ending", &self.ending).finish_non_exhaustive()
    }
}

/// Handles the results of an operation.
///
/// The handler runs in the transaction that closes the intent. Its writes are committed together with the change that
/// closes the intent, or not at all. The handler may run again after a failure, so it must not do anything that a
/// rollback cannot undo, such as sending mail or calling a service. It may enqueue further intents.
///
/// An intent has one result, with one exception. After an intent was given up, a retry or a callback can close it
/// again. The handler then runs again with the new result.
pub trait Handler<D: Database, R: Durable>: Send + Sync + 'static {
    /// Writes the consequences of the result.
    ///
    /// # Errors
    ///
    /// An error rolls the transaction back. If the intent is open, the handler is called again later.
    fn handle(
        &self,
        transaction: &mut D::Connection,
        closing: Closing<'_, R>,
    ) -> impl Future<Output = Result<(), HandlerError>> + Send;
}
