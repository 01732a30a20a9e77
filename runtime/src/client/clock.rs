//! Clock and timer of a client, which tests can replace.

use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant, SystemTime};

/// Future that completes after a duration.
pub type Sleep = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Clock and timer of a client. Pauses, timeouts and deadlines use it. Only the connect timeout uses the operating
/// system's clock.
pub trait Clock: fmt::Debug + Send + Sync + 'static {
    /// Returns the current time, for measuring durations.
    fn now(&self) -> Instant;

    /// Returns a future that completes after the duration.
    fn sleep(&self, duration: Duration) -> Sleep;

    /// Returns a future that completes after a time limit. A test clock may skip a pause, because nothing happens
    /// during a pause. It must not skip a time limit, because a call is in progress during that time.
    fn timeout(&self, limit: Duration) -> Sleep {
        self.sleep(limit)
    }

    /// Returns the time of day, for times in requests and for resolutions. `None` means the time of this machine's
    /// clock.
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

#[expect(clippy::disallowed_methods, reason = "the default of every `Clock`")]
pub(crate) fn time_of_day(clock: &dyn Clock) -> SystemTime {
    clock.time_of_day().unwrap_or_else(SystemTime::now)
}
