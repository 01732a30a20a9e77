//! Clock of the sandbox: the clock of this machine, plus an offset that can be increased. Expiry, repeated callbacks
//! and settlement use this clock.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};
use tokio::sync::watch;
use toss_sdk::pay::KstDateTime;

/// Largest offset of the clock. A larger offset could lead to dates that cannot be written. In nanoseconds, this offset
/// fits in 62 bits.
pub(crate) const FURTHEST: Duration = Duration::from_secs(100 * 366 * 86_400);

/// The clock. Reading the time takes no lock, because every request reads it.
#[derive(Debug)]
pub(crate) struct Clock {
    /// Offset in nanoseconds.
    offset: AtomicU64,
    /// Locked while the offset changes.
    moving: Mutex<()>,
    moved: watch::Sender<()>,
}

impl Clock {
    pub(crate) fn new(offset: Duration) -> Self {
        Self { offset: AtomicU64::new(nanos(offset)), moving: Mutex::new(()), moved: watch::Sender::new(()) }
    }

    fn offset(&self) -> Duration {
        Duration::from_nanos(self.offset.load(Ordering::Acquire))
    }

    pub(crate) fn now(&self) -> SystemTime {
        SystemTime::now() + self.offset()
    }

    /// Advances the clock, at most to the largest offset, and wakes all waiting tasks. `then` is called with the new
    /// offset before the clock can change again.
    pub(crate) fn forward<T>(&self, by: Duration, then: impl FnOnce(Duration) -> T) -> T {
        let moving = self.moving.lock().unwrap_or_else(PoisonError::into_inner);
        self.offset.store(nanos(self.offset().saturating_add(by)), Ordering::Release);
        let value = then(self.offset());
        drop(moving);
        self.moved.send_replace(());
        value
    }

    /// Returns the largest possible advance of the clock.
    pub(crate) fn most(&self) -> Duration {
        FURTHEST - self.offset()
    }

    /// Waits until the clock reaches a moment, by the passing of time or because the clock is advanced.
    pub(crate) async fn until(&self, moment: SystemTime) {
        let mut moved = self.moved.subscribe();
        while let Ok(left) = moment.duration_since(self.now()) {
            if left.is_zero() {
                return;
            }
            tokio::select! {
                () = tokio::time::sleep(left) => {}
                // The sender lives as long as the clock.
                _ = moved.changed() => {}
            }
        }
    }
}

/// Converts a moment to the notation of the services.
pub(crate) fn kst(moment: SystemTime) -> KstDateTime {
    KstDateTime::from(moment)
}

fn nanos(offset: Duration) -> u64 {
    u64::try_from(offset.min(FURTHEST).as_nanos()).unwrap_or_default()
}
