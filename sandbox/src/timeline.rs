//! Timelines of payments and stores.

use serde::{Deserialize, Serialize};

/// Event of a payment or a store, as text for people.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TimelineEvent {
    /// Time, in the time zone of Korea.
    pub at: String,
    /// Description of the event.
    pub what: String,
}
