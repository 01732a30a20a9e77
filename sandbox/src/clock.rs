//! The sandbox's time: this machine's, moved forward on request. Everything that expires, is resent or is settled is
//! judged by it.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};
use tokio::sync::watch;
use toss_sdk::runtime::KstDateTime;

/// How far one may go: a date beyond it could not be written.
const FURTHEST: Duration = Duration::from_secs(100 * 366 * 86_400);

/// The clock.
#[derive(Debug)]
pub(crate) struct Clock {
    ahead: Mutex<Duration>,
    moved: watch::Sender<()>,
}

impl Clock {
    pub(crate) fn new() -> Self {
        Self { ahead: Mutex::default(), moved: watch::Sender::new(()) }
    }

    pub(crate) fn now(&self) -> SystemTime {
        SystemTime::now() + *self.ahead.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Moves forward; what waits for a moment that has come wakes up. Never beyond a century.
    pub(crate) fn forward(&self, by: Duration) {
        let mut ahead = self.ahead.lock().unwrap_or_else(PoisonError::into_inner);
        *ahead = ahead.saturating_add(by).min(FURTHEST);
        drop(ahead);
        self.moved.send_replace(());
    }

    /// Waits until this moment has come, in real time or by being moved.
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

/// A moment as the service writes it.
pub(crate) fn kst(moment: SystemTime) -> KstDateTime {
    KstDateTime::from(moment)
}
