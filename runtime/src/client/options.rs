//! What one call may do differently from the client it is made with.

use crate::client::retry::RetryPolicy;
use std::time::{Duration, SystemTime};

/// Settings for some calls. What is not set stays as the client has it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct CallOptions {
    pub(crate) attempt: Option<Duration>,
    pub(crate) total: Option<Duration>,
    pub(crate) retries: Option<RetryPolicy>,
    pub(crate) resolve: Option<Duration>,
    pub(crate) attempted: Option<(SystemTime, SystemTime)>,
    pub(crate) repeated: Option<u32>,
}

impl CallOptions {
    /// Nothing differs.
    pub const fn new() -> Self {
        Self { attempt: None, total: None, retries: None, resolve: None, attempted: None, repeated: None }
    }

    /// How long one attempt may take, from connecting to the end of the reply.
    pub const fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.attempt = Some(timeout);
        self
    }

    /// How long a call may take with all its attempts and the pauses between them.
    pub const fn total_timeout(mut self, timeout: Duration) -> Self {
        self.total = Some(timeout);
        self
    }

    /// How often and how soon a request is sent again.
    pub const fn retries(mut self, policy: RetryPolicy) -> Self {
        self.retries = Some(policy);
        self
    }

    /// How long resolving a request may take.
    pub const fn resolve_timeout(mut self, timeout: Duration) -> Self {
        self.resolve = Some(timeout);
        self
    }

    /// When a request was first and last sent by another process, or an earlier run of this one, as the caller has stored
    /// it. Not for a first attempt: a refusal leaves the outcome unknown, because an earlier attempt may have taken effect.
    ///
    /// A client remembers this for its own requests. After a restart it does not: then an attempt may have been sent just
    /// now, and a conclusion waits until no attempt can be accepted any more. A time that is too late is safe.
    /// A resolution may send, too: what was last sent is then at its end, or, if the process ended before it, now. What
    /// this client has sent itself it knows in any case.
    pub const fn attempted(mut self, first: SystemTime, last: SystemTime) -> Self {
        self.attempted = Some((first, last));
        self
    }

    /// How often resolutions of the request in other processes have sent it again after asking. An operation's plan bounds
    /// how often that may happen in all.
    pub const fn repeated(mut self, times: u32) -> Self {
        self.repeated = Some(times);
        self
    }

    /// These, and where they say nothing, the others.
    pub(crate) fn or(self, other: Self) -> Self {
        Self {
            attempt: self.attempt.or(other.attempt),
            total: self.total.or(other.total),
            retries: self.retries.or(other.retries),
            resolve: self.resolve.or(other.resolve),
            attempted: self.attempted.or(other.attempted),
            repeated: self.repeated.or(other.repeated),
        }
    }
}
