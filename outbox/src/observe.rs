//! What is seen from outside: fields of `tracing`, and (feature `metrics`) counters.

use crate::database::Database;
use crate::outbox::Outbox;
use crate::state::State;

/// An intent was closed.
pub(crate) fn closed<D: Database>(_outbox: &Outbox<D>, api: &'static str, operation: &'static str, state: State) {
    tracing::info!(api, operation, state = state.as_str(), "closed");
    #[cfg(feature = "metrics")]
    metrics::counter!("outbox_closed_total", "api" => api, "operation" => operation, "state" => state.as_str())
        .increment(1);
}

/// An intent was claimed.
pub(crate) fn claimed(operation: &str, state: State) {
    tracing::debug!(operation, state = state.as_str(), "claimed");
    #[cfg(feature = "metrics")]
    metrics::counter!("outbox_claimed_total", "operation" => operation.to_owned(), "state" => state.as_str())
        .increment(1);
}

/// An intent was put off.
pub(crate) fn put_off(state: State, reason: &str) {
    tracing::info!(state = state.as_str(), reason, "put off");
    #[cfg(feature = "metrics")]
    metrics::counter!("outbox_put_off_total", "state" => state.as_str()).increment(1);
}

/// Open and dead intents, as gauges.
#[cfg(feature = "metrics")]
pub(crate) fn counts(counts: &[crate::Count]) {
    for count in counts {
        let labels =
            [("operation", format!("{}.{}", count.api, count.operation)), ("state", count.state.as_str().to_owned())];
        metrics::gauge!("outbox_intents", &labels).set(count.count as f64);
        metrics::gauge!("outbox_oldest_seconds", &labels).set(count.oldest.as_secs_f64());
    }
}
