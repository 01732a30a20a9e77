//! Observability of calls: `tracing` spans, and a hook for metrics. They contain nothing of a request, and only the
//! HTTP status and the error code of a reply.

use crate::error::Error;
use crate::outcome::{ErrorCode, Outcome};
use std::fmt;
use std::time::Duration;
use tracing::Span;
use tracing::field::Empty;

/// Observer of attempts and calls. It runs within the call, so it must be quick and must not block.
pub trait Observer: fmt::Debug + Send + Sync + 'static {
    /// Called after each attempt.
    fn attempt(&self, _event: &Event<'_>) {}

    /// Called after each call.
    fn call(&self, _event: &Event<'_>) {}
}

/// Result of an attempt or of a call.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Event<'a> {
    /// Name of the API.
    pub api: &'static str,
    /// Name of the operation.
    pub operation: &'static str,
    /// Index of the attempt, starting at 1; for a call, the number of attempts.
    pub attempt: u32,
    /// Outcome; `None` after a success.
    pub outcome: Option<Outcome>,
    /// HTTP status, if it was received.
    pub status: Option<u16>,
    /// Error code of the service.
    pub code: Option<&'a str>,
    /// Duration of the attempt or call.
    pub elapsed: Duration,
    /// Pause before the next attempt. `None` for a call, and if there is no further attempt.
    pub pause: Option<Duration>,
}

impl<'a> Event<'a> {
    pub(crate) fn success(
        api: &'static str,
        operation: &'static str,
        attempt: u32,
        status: u16,
        elapsed: Duration,
    ) -> Self {
        Self { api, operation, attempt, outcome: None, status: Some(status), code: None, elapsed, pause: None }
    }

    pub(crate) fn failure<C: ErrorCode>(
        api: &'static str,
        error: &'a Error<C>,
        attempt: u32,
        elapsed: Duration,
        pause: Option<Duration>,
    ) -> Self {
        let (operation, outcome, status) = (error.operation(), Some(error.outcome()), error.http_status());
        Self { api, operation, attempt, outcome, status, code: error.code().map(C::as_text), elapsed, pause }
    }

    /// Returns the name of the outcome: `success`, `not_sent`, `rejected` or `unknown`.
    pub fn outcome_name(&self) -> &'static str {
        match self.outcome {
            None => "success",
            Some(Outcome::NotSent) => "not_sent",
            Some(Outcome::Rejected) => "rejected",
            Some(Outcome::Unknown) => "unknown",
        }
    }

    fn record(&self, span: &Span) {
        span.record("outcome", self.outcome_name());
        if let Some(status) = self.status {
            span.record("status", status);
        }
        if let Some(code) = self.code {
            span.record("code", code);
        }
        span.record("elapsed_ms", u64::try_from(self.elapsed.as_millis()).unwrap_or(u64::MAX));
    }

    pub(crate) fn end_call(&self, span: &Span) {
        span.record("attempts", self.attempt);
        self.record(span);
    }

    pub(crate) fn end_attempt(&self, span: &Span) {
        self.record(span);
        if let Some(pause) = self.pause {
            span.record("pause_ms", u64::try_from(pause.as_millis()).unwrap_or(u64::MAX));
        }
    }
}

pub(crate) fn call_span(api: &'static str, operation: &'static str) -> Span {
    tracing::info_span!(
        "api_call",
        api,
        operation,
        attempts = Empty,
        outcome = Empty,
        status = Empty,
        code = Empty,
        elapsed_ms = Empty
    )
}

pub(crate) fn attempt_span(operation: &'static str, attempt: u32) -> Span {
    tracing::debug_span!(
        "api_attempt",
        operation,
        attempt,
        outcome = Empty,
        status = Empty,
        code = Empty,
        elapsed_ms = Empty,
        pause_ms = Empty
    )
}
