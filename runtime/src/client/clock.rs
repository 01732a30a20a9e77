//! What time it is and how one waits, so that tests can decide both.

use rules::KstDateTime;
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

/// A wait.
pub type Sleep = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Time, as a client sees it: pauses between attempts, timeouts and deadlines are all measured by it. Only the wait
/// for a connection is measured by the operating system's clock.
pub trait Clock: fmt::Debug + Send + Sync + 'static {
    /// Now, for measuring.
    fn now(&self) -> Instant;

    /// Done once the time has passed.
    fn sleep(&self, duration: Duration) -> Sleep;

    /// Done once something else has taken too long: the limit of an attempt. A clock for tests can distinguish it from a
    /// pause, in which nothing happens and which may therefore be over at once.
    fn timeout(&self, limit: Duration) -> Sleep {
        self.sleep(limit)
    }

    /// The time of day that a request's times are judged by; `None` for this machine's.
    fn time_of_day(&self) -> Option<KstDateTime> {
        None
    }
}

/// This machine's clock, waiting with tokio's timer.
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

/// The future's result, or `None` when the time has passed before.
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
