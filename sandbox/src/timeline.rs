//! Timelines of payments and stores.

use serde::{Deserialize, Serialize};

/// Event in the life of a payment or a store, in words for people.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TimelineEvent {
    /// When, in Korea.
    pub at: String,
    /// What happened.
    pub what: String,
}
