//! Connection timeouts. One task checks all connections periodically. A timer per connection would be polled with every
//! request, and a timer per request would cost more than the request itself.

use hyper::rt::{Read, ReadBufCursor, Write};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::Instant;

/// Timeout for a whole request, head and body.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);
/// Timeout of a connection on which no request arrives.
const IDLE_TIMEOUT: Duration = Duration::from_secs(120);
/// Interval of checks.
pub(crate) const CHECK_INTERVAL: Duration = Duration::from_secs(1);

/// Progress of a connection.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    /// Number of reads, plus one for the head of each request.
    read: AtomicU64,
    /// Value of `read` at the time of the last answer.
    answered: AtomicU64,
    /// Set while a complete request is being answered.
    busy: AtomicBool,
}

impl Progress {
    /// Records that the head of a request was read. The head may have arrived together with the preceding request,
    /// without a read of its own.
    pub(crate) fn head(&self) {
        self.read.fetch_add(1, Ordering::Relaxed);
    }

    /// Records that a complete request has arrived.
    pub(crate) fn begin(&self) {
        self.busy.store(true, Ordering::Relaxed);
    }

    /// Returns `true` if a request is being answered.
    pub(crate) fn is_busy(&self) -> bool {
        self.busy.load(Ordering::Relaxed)
    }

    /// Records that the request was answered.
    pub(crate) fn end(&self) {
        self.answered.store(self.read.load(Ordering::Relaxed), Ordering::Relaxed);
        self.busy.store(false, Ordering::Relaxed);
    }
}

/// State of a connection at the last check.
#[derive(Debug)]
struct Watch {
    progress: Arc<Progress>,
    /// `Progress::answered` at the last check.
    answered: u64,
    /// Time of the check that first noticed the current incomplete request.
    unfinished: Option<Instant>,
    /// Latest known value of `Progress::read`, and the time of the check that last noticed a new value or a request
    /// being answered.
    read: (u64, Instant),
}

/// Open connections. Ended connections are removed at the next check.
#[derive(Debug, Default)]
pub(crate) struct Watched(Vec<(Watch, oneshot::Sender<()>)>);

impl Watched {
    /// Adds a connection. The returned receiver completes at the timeout. The task of the connection then ends the
    /// connection, unless a request has just arrived.
    pub(crate) fn add(&mut self, progress: Arc<Progress>) -> oneshot::Receiver<()> {
        let (timeout, over) = oneshot::channel();
        self.0.push((Watch::new(progress, Instant::now()), timeout));
        over
    }

    pub(crate) fn check(&mut self, now: Instant) {
        // Dropping a sender completes its receiver.
        self.0.retain_mut(|(watch, timeout)| !timeout.is_closed() && !watch.is_over(now));
    }
}

impl Watch {
    fn new(progress: Arc<Progress>, now: Instant) -> Self {
        Self { progress, answered: 0, unfinished: None, read: (0, now) }
    }

    /// Returns `true` if a timeout of the connection has passed.
    fn is_over(&mut self, now: Instant) -> bool {
        let read = self.progress.read.load(Ordering::Relaxed);
        let answered = self.progress.answered.load(Ordering::Relaxed);
        if self.progress.is_busy() {
            // A request that is being answered has no timeout, because faults may delay answers.
            self.unfinished = None;
            self.read.1 = now;
            return false;
        }
        if answered != self.answered || read == answered {
            self.answered = answered;
            self.unfinished = None;
        }
        // The time is measured from the check that noticed the incomplete request, because checks may be late.
        let since = (read != answered).then(|| *self.unfinished.get_or_insert(now));
        if read != self.read.0 {
            self.read = (read, now);
        }
        since.is_some_and(|since| now - since >= REQUEST_TIMEOUT) || now - self.read.1 >= IDLE_TIMEOUT
    }
}

/// A connection that counts its reads.
#[derive(Debug)]
pub(crate) struct Counted<T> {
    io: T,
    progress: Arc<Progress>,
}

impl<T> Counted<T> {
    pub(crate) fn new(io: T, progress: Arc<Progress>) -> Self {
        Self { io, progress }
    }
}

impl<T: Read + Unpin> Read for Counted<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.io).poll_read(context, buffer);
        if polled.is_ready() {
            // Counts reads and not bytes, because the number of bytes is not needed.
            self.progress.read.fetch_add(1, Ordering::Relaxed);
        }
        polled
    }
}

impl<T: Write + Unpin> Write for Counted<T> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(context)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write_vectored(context, pieces)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the second at which a connection is dropped, or `None` if it stays open. The closures return `true` for
    /// seconds in which bytes arrive or answers are sent.
    fn dropped(comes: impl Fn(u64) -> bool, answered: impl Fn(u64) -> bool) -> Option<u64> {
        let (progress, began) = (Arc::new(Progress::default()), Instant::now());
        let mut watch = Watch::new(progress.clone(), began);
        (1..1_000).find(|second| {
            if comes(*second) {
                progress.read.fetch_add(1, Ordering::Relaxed);
            }
            if answered(*second) {
                progress.begin();
                progress.end();
            }
            watch.is_over(began + Duration::from_secs(*second))
        })
    }

    #[test]
    fn an_incomplete_request_times_out_after_ten_seconds() {
        let after = dropped(|second| second >= 5, |_| false).expect("it is dropped");
        assert!((14..=15).contains(&after), "{after}");
    }

    #[test]
    fn an_idle_connection_times_out_after_two_minutes() {
        assert_eq!(dropped(|_| false, |_| false), Some(120));
        let after = dropped(|second| second <= 30, |second| second <= 30).expect("it is dropped");
        assert!((149..=150).contains(&after), "{after}");
    }

    #[test]
    fn timeouts_are_reported_and_ended_connections_are_removed() {
        let (mut watched, began) = (Watched::default(), Instant::now());
        let mut idle = watched.add(Arc::default());
        drop(watched.add(Arc::default()));
        watched.check(began + IDLE_TIMEOUT - CHECK_INTERVAL);
        assert_eq!(watched.0.len(), 1);
        assert_eq!(idle.try_recv(), Err(oneshot::error::TryRecvError::Empty));
        watched.check(began + IDLE_TIMEOUT + CHECK_INTERVAL);
        assert_eq!(watched.0.len(), 0);
        assert_eq!(idle.try_recv(), Err(oneshot::error::TryRecvError::Closed));
    }

    #[test]
    fn a_busy_connection_is_kept() {
        assert_eq!(dropped(|_| true, |second| second % 5 == 0), None);
    }
}
