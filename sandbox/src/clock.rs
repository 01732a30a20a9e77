//! The sandbox's time: this machine's, moved forward on request. Everything that expires, is resent or is settled is
//! judged by it.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};
use tokio::sync::watch;
use toss_sdk::runtime::KstDateTime;

/// How far one may go: a date beyond it could not be written.
pub(crate) const FURTHEST: Duration = Duration::from_secs(100 * 366 * 86_400);

/// The clock.
#[derive(Debug)]
pub(crate) struct Clock {
    ahead: Mutex<Duration>,
    moved: watch::Sender<()>,
}

impl Clock {
    /// A clock that is so far ahead.
    pub(crate) fn new(ahead: Duration) -> Self {
        Self { ahead: Mutex::new(ahead.min(FURTHEST)), moved: watch::Sender::new(()) }
    }

    pub(crate) fn now(&self) -> SystemTime {
        SystemTime::now() + *self.ahead.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Moves forward; what waits for a moment that has come wakes up. Never beyond a century. How far it is ahead then
    /// is told before anybody can move it again.
    pub(crate) fn forward<T>(&self, by: Duration, tell: impl FnOnce(Duration) -> T) -> T {
        let mut ahead = self.ahead.lock().unwrap_or_else(PoisonError::into_inner);
        *ahead = ahead.saturating_add(by).min(FURTHEST);
        let told = tell(*ahead);
        drop(ahead);
        self.moved.send_replace(());
        told
    }

    /// How much further it can be moved.
    pub(crate) fn most(&self) -> Duration {
        FURTHEST - *self.ahead.lock().unwrap_or_else(PoisonError::into_inner)
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
