//! Settings of single calls. They replace the settings of the client.

use crate::client::retry::RetryPolicy;
use std::time::{Duration, SystemTime};

/// Settings for the calls of a client, passed to its method `with`. A setting that is not set keeps the client's value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct CallOptions {
    pub(crate) attempt: Option<Duration>,
    pub(crate) total: Option<Duration>,
    pub(crate) retries: Option<RetryPolicy>,
    pub(crate) resolve: Option<Duration>,
    pub(crate) attempted: Option<(SystemTime, SystemTime)>,
    pub(crate) repeated: Option<u32>,
    pub(crate) already_done: bool,
}

impl CallOptions {
    /// Creates settings that change nothing.
    pub const fn new() -> Self {
        Self {
            attempt: None,
            total: None,
            retries: None,
            resolve: None,
            attempted: None,
            repeated: None,
            already_done: false,
        }
    }

    /// Sets the time limit of one attempt, from connecting to the end of the reply.
    pub const fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.attempt = Some(timeout);
        self
    }

    /// Sets the time limit of a call with all its attempts and pauses.
    pub const fn total_timeout(mut self, timeout: Duration) -> Self {
        self.total = Some(timeout);
        self
    }

    /// Sets how often and how soon a request is sent again.
    pub const fn retries(mut self, policy: RetryPolicy) -> Self {
        self.retries = Some(policy);
        self
    }

    /// Sets the time limit of resolving a request.
    pub const fn resolve_timeout(mut self, timeout: Duration) -> Self {
        self.resolve = Some(timeout);
        self
    }

    /// Sets the times of the first and last attempt, which the caller has stored. Another process made these attempts,
    /// or this program made them before a restart.
    ///
    /// Do not set these times for a first attempt. A rejection would then leave the outcome unknown, because the client
    /// assumes that an earlier attempt may have taken effect.
    ///
    /// A client remembers its own attempts only until the program ends. Without these times, the client assumes that an
    /// attempt was made just now. A resolution then waits until that attempt can no longer be accepted.
    ///
    /// `first` is the time immediately before the first attempt. If `first` is too late, the client may send a request
    /// again although the service no longer recognizes its idempotency key. If `first` is too early, an older payment
    /// may seem to be the result of this request. A `last` that is too late is safe.
    ///
    /// A resolution may also send the request. If a resolution made the last attempt, `last` is the end of that
    /// resolution. If the program ended during that resolution, `last` is the current time.
    pub const fn attempted(mut self, first: SystemTime, last: SystemTime) -> Self {
        self.attempted = Some((first, last));
        self
    }

    /// Sets how many times resolutions in this and other processes have sent the request again after a status query.
    /// The operation's plan limits the total number of repetitions, including these.
    pub const fn repeated(mut self, times: u32) -> Self {
        self.repeated = Some(times);
        self
    }

    /// States that the service replied to an earlier attempt that the request was already done. Use this if the caller
    /// has stored that [`Error::says_already_done`](crate::Error::says_already_done) returned `true`. The request then
    /// never counts as not done.
    ///
    /// A client remembers such replies to its own attempts only until the program ends.
    pub const fn already_done(mut self) -> Self {
        self.already_done = true;
        self
    }

    /// Returns these settings. A setting that is not set here is taken from `other`.
    pub(crate) fn or(self, other: Self) -> Self {
        Self {
            attempt: self.attempt.or(other.attempt),
            total: self.total.or(other.total),
            retries: self.retries.or(other.retries),
            resolve: self.resolve.or(other.resolve),
            attempted: self.attempted.or(other.attempted),
            repeated: self.repeated.or(other.repeated),
            already_done: self.already_done || other.already_done,
        }
    }
}
