//! The sandbox's time: this machine's, moved forward on request. Everything that expires, is resent or is settled is
//! judged by it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};
use tokio::sync::watch;
use toss_sdk::runtime::KstDateTime;

/// How far one may go: a date beyond it could not be written. In nanoseconds it has 62 bits.
pub(crate) const FURTHEST: Duration = Duration::from_secs(100 * 366 * 86_400);

/// The clock. Everybody asks it all the time, so that asking takes no lock.
#[derive(Debug)]
pub(crate) struct Clock {
    /// How far it is ahead, in nanoseconds.
    ahead: AtomicU64,
    /// Held by whoever moves it.
    moving: Mutex<()>,
    moved: watch::Sender<()>,
}

impl Clock {
    /// A clock that is so far ahead.
    pub(crate) fn new(ahead: Duration) -> Self {
        Self { ahead: AtomicU64::new(nanos(ahead)), moving: Mutex::new(()), moved: watch::Sender::new(()) }
    }

    fn ahead(&self) -> Duration {
        Duration::from_nanos(self.ahead.load(Ordering::Acquire))
    }

    pub(crate) fn now(&self) -> SystemTime {
        SystemTime::now() + self.ahead()
    }

    /// Moves forward; what waits for a moment that has come wakes up. Never beyond a century. How far it is ahead then
    /// is told before anybody can move it again.
    pub(crate) fn forward<T>(&self, by: Duration, tell: impl FnOnce(Duration) -> T) -> T {
        let moving = self.moving.lock().unwrap_or_else(PoisonError::into_inner);
        self.ahead.store(nanos(self.ahead().saturating_add(by)), Ordering::Release);
        let told = tell(self.ahead());
        drop(moving);
        self.moved.send_replace(());
        told
    }

    /// How much further it can be moved.
    pub(crate) fn most(&self) -> Duration {
        FURTHEST - self.ahead()
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

fn nanos(ahead: Duration) -> u64 {
    u64::try_from(ahead.min(FURTHEST).as_nanos()).unwrap_or_default()
}
