//! Observability: events of `tracing` and, with the feature `metrics`, counters.

use crate::state::State;

pub(crate) fn closed(api: &str, operation: &str, state: State) {
    tracing::info!(api, operation, state = state.as_str(), "closed");
    #[cfg(feature = "metrics")]
    metrics::counter!(
        "outbox_closed_total",
        "api" => api.to_owned(),
        "operation" => operation.to_owned(),
        "state" => state.as_str(),
    )
    .increment(1);
}

pub(crate) fn claimed(operation: &str, state: State) {
    tracing::debug!(operation, state = state.as_str(), "claimed");
    #[cfg(feature = "metrics")]
    metrics::counter!("outbox_claimed_total", "operation" => operation.to_owned(), "state" => state.as_str())
        .increment(1);
}

pub(crate) fn put_off(state: State, reason: &str) {
    tracing::info!(state = state.as_str(), reason, "put off");
    #[cfg(feature = "metrics")]
    metrics::counter!("outbox_put_off_total", "state" => state.as_str()).increment(1);
}
