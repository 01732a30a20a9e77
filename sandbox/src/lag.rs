//! Lag of a replica, which answers queries with an earlier state.

use std::time::{Duration, SystemTime};

/// Lag of the state that a query shows, compared with the current state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lag {
    /// The replica lags behind by this duration, measured by the sandbox's clock.
    Time(Duration),
    /// The replica lacks only the latest change of the payment or store.
    LatestChange,
}

impl Lag {
    pub(crate) fn of(seconds: Option<u64>) -> Self {
        seconds.map_or(Self::LatestChange, |seconds| Self::Time(Duration::from_secs(seconds)))
    }

    /// Returns the moment whose state a query shows. `changes` are the times of all changes.
    pub(crate) fn moment(self, now: SystemTime, changes: impl Iterator<Item = SystemTime>) -> SystemTime {
        let back = |from: SystemTime, by| from.checked_sub(by).unwrap_or(SystemTime::UNIX_EPOCH);
        match self {
            Self::Time(by) => back(now, by),
            Self::LatestChange => back(changes.max().unwrap_or(now), Duration::from_nanos(1)),
        }
    }
}
