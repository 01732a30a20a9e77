//! Clock and timer of a client, which tests can replace.

use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant, SystemTime};

/// Future of a pause.
pub type Sleep = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Clock and timer of a client. Pauses, timeouts and deadlines all use it. Only connecting uses the operating system's
/// clock.
pub trait Clock: fmt::Debug + Send + Sync + 'static {
    /// Returns the current time, for measuring durations.
    fn now(&self) -> Instant;

    /// Completes after the duration.
    fn sleep(&self, duration: Duration) -> Sleep;

    /// Completes after the time limit of an attempt. A test clock can distinguish this from a pause, in which nothing
    /// happens and which it may skip.
    fn timeout(&self, limit: Duration) -> Sleep {
        self.sleep(limit)
    }

    /// Returns the time of day for checks of times in a request; `None` means this machine's clock.
    fn time_of_day(&self) -> Option<SystemTime> {
        None
    }
}

/// Clock of this machine, with tokio's timer.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Instant {
        Instant::now()
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        Box::pin(tokio::time::sleep(duration))
    }
}

/// Returns the future's result, or `None` after the time limit.
pub(crate) async fn within<T>(clock: &Arc<dyn Clock>, limit: Duration, future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    let mut timer = clock.timeout(limit);
    poll_fn(|context| {
        if let Poll::Ready(value) = future.as_mut().poll(context) {
            return Poll::Ready(Some(value));
        }
        timer.as_mut().poll(context).map(|()| None)
    })
    .await
}

/// Returns the time of day of a clock.
pub(crate) fn time_of_day(clock: &dyn Clock) -> SystemTime {
    clock.time_of_day().unwrap_or_else(SystemTime::now)
}
