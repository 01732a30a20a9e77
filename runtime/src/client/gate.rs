//! Asks the caller before each attempt, so that it is recorded before its first byte.

use std::fmt;
use std::pin::Pin;

/// Why an attempt was not made: the caller has lost the right to send the request, or cannot record the attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Withheld;

/// Is asked before each attempt at a request. See [`Durable`](crate::Durable).
pub trait Gate: fmt::Debug + Send + Sync + 'static {
    /// The operation whose attempts are asked for. Attempts at others, such as questions, are not.
    fn operation(&self) -> &'static str;

    /// Records that an attempt is about to be made. Nothing is sent before it returns.
    ///
    /// # Errors
    ///
    /// Returns an error if the attempt must not be made. The call then ends, and its outcome is
    /// [`Outcome::NotSent`](crate::Outcome::NotSent) unless an earlier attempt of it may have taken effect.
    fn before_attempt(&self) -> Pin<Box<dyn Future<Output = Result<(), Withheld>> + Send + '_>>;
}
