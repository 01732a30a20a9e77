//! Hook that the caller supplies. The client runs it before each attempt, so that the attempt is recorded before the
//! first byte is sent.

use std::fmt;
use std::pin::Pin;

/// Reason why an attempt was not made: the caller is no longer allowed to send the request, or cannot record the
/// attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Withheld;

/// Hook that is called before each attempt at a request. See [`Durable`](crate::Durable).
pub trait Gate: fmt::Debug + Send + Sync + 'static {
    /// Returns the operation whose attempts the gate controls. Other operations, such as status queries, do not call
    /// the gate.
    fn operation(&self) -> &'static str;

    /// Records that an attempt is about to be made. Nothing is sent before the future completes.
    ///
    /// # Errors
    ///
    /// Returns an error if the attempt must not be made. The call then ends. Its outcome is
    /// [`Outcome::NotSent`](crate::Outcome::NotSent), unless one of its earlier attempts was rejected, or an earlier
    /// attempt of this call or of another call may have taken effect.
    fn before_attempt(&self) -> Pin<Box<dyn Future<Output = Result<(), Withheld>> + Send + '_>>;

    /// Records that the service replied to an attempt that the request was already done. The call continues when the
    /// future completes. Without the record, a later process would not know of this reply when it resolves the request.
    fn after_already_done(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;
}
