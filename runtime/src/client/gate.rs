//! Gate: the caller's hook before each attempt, so that the attempt is recorded before its first byte.

use std::fmt;
use std::pin::Pin;

/// Reason why an attempt was not made: the caller may no longer send the request, or cannot record the attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Withheld;

/// Hook that is called before each attempt at a request. See [`Durable`](crate::Durable).
pub trait Gate: fmt::Debug + Send + Sync + 'static {
    /// Returns the operation whose attempts pass the gate. Attempts at other operations, such as status queries, do
    /// not.
    fn operation(&self) -> &'static str;

    /// Records that an attempt is about to be made. Nothing is sent before the future completes.
    ///
    /// # Errors
    ///
    /// Returns an error if the attempt must not be made. The call then ends. Its outcome is
    /// [`Outcome::NotSent`](crate::Outcome::NotSent) unless one of its earlier attempts may have taken effect.
    fn before_attempt(&self) -> Pin<Box<dyn Future<Output = Result<(), Withheld>> + Send + '_>>;

    /// Records that the service said of an attempt that the request was done before. The call goes on when the future
    /// completes. A process that stops later could not tell this to the one that resolves the request.
    fn after_done_before(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;
}
