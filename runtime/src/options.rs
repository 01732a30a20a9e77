//! What one call may do differently from the client it is made with.

use crate::retry::RetryPolicy;
use std::time::Duration;

/// Settings for some calls. What is not set stays as the client has it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct CallOptions {
    pub(crate) attempt: Option<Duration>,
    pub(crate) total: Option<Duration>,
    pub(crate) retries: Option<RetryPolicy>,
    pub(crate) settle: Option<Duration>,
}

impl CallOptions {
    /// Nothing differs.
    pub const fn new() -> Self {
        Self { attempt: None, total: None, retries: None, settle: None }
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

    /// How long settling a doubt may take.
    pub const fn settle_timeout(mut self, timeout: Duration) -> Self {
        self.settle = Some(timeout);
        self
    }

    /// These, and where they say nothing, the others.
    pub(crate) fn or(self, other: Self) -> Self {
        Self {
            attempt: self.attempt.or(other.attempt),
            total: self.total.or(other.total),
            retries: self.retries.or(other.retries),
            settle: self.settle.or(other.settle),
        }
    }
}
