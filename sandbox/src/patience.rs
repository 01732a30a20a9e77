//! How long a client may take. All connections are looked at together from time to time: a timer for each would be polled
//! with every request, and one for each request would cost more than answering it.

use hyper::rt::{Read, ReadBufCursor, Write};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::Instant;

/// How long a client may take for a request, head and body.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);
/// How long a connection may be kept without a request.
const IDLE: Duration = Duration::from_secs(120);
/// How often connections are looked at.
pub(crate) const LOOK: Duration = Duration::from_secs(1);

/// How a connection gets on.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    /// How often something has come.
    read: AtomicU64,
    /// How often something had come when the last request was answered.
    answered: AtomicU64,
    /// A request has come whole.
    busy: AtomicBool,
}

impl Progress {
    /// A request's head has come. It may have come along with the request before it.
    pub(crate) fn head(&self) {
        self.read.fetch_add(1, Ordering::Relaxed);
    }

    /// A request has come whole.
    pub(crate) fn begin(&self) {
        self.busy.store(true, Ordering::Relaxed);
    }

    /// Whether a request is being answered.
    pub(crate) fn is_busy(&self) -> bool {
        self.busy.load(Ordering::Relaxed)
    }

    /// It is answered.
    pub(crate) fn end(&self) {
        self.answered.store(self.read.load(Ordering::Relaxed), Ordering::Relaxed);
        self.busy.store(false, Ordering::Relaxed);
    }
}

/// What was seen of a connection.
#[derive(Debug)]
struct Watch {
    progress: Arc<Progress>,
    /// What was answered when this was last looked at, and since when a request has been there that is not whole.
    answered: u64,
    unfinished: Option<Instant>,
    /// What had come when this was last looked at, and since when nothing more has.
    read: (u64, Instant),
}

/// The connections that there are, and some that have just ended.
#[derive(Debug, Default)]
pub(crate) struct Watched(Vec<(Watch, oneshot::Sender<()>)>);

impl Watched {
    /// From now on this one, too. What comes back is done when its client has used up its time. Ending it is the
    /// connection's own work: only there is it certain that no request has come meanwhile.
    pub(crate) fn add(&mut self, progress: Arc<Progress>) -> oneshot::Receiver<()> {
        let (patient, over) = oneshot::channel();
        self.0.push((Watch::new(progress, Instant::now()), patient));
        over
    }

    /// Looks at all of them.
    pub(crate) fn look(&mut self, now: Instant) {
        // Letting go of one tells it.
        self.0.retain_mut(|(watch, patient)| !patient.is_closed() && !watch.look(now));
    }
}

impl Watch {
    fn new(progress: Arc<Progress>, now: Instant) -> Self {
        Self { progress, answered: 0, unfinished: None, read: (0, now) }
    }

    /// Whether the client has used up its time.
    fn look(&mut self, now: Instant) -> bool {
        let read = self.progress.read.load(Ordering::Relaxed);
        let answered = self.progress.answered.load(Ordering::Relaxed);
        if self.progress.is_busy() {
            // Answers may be made to wait.
            self.unfinished = None;
            self.read.1 = now;
            return false;
        }
        if answered != self.answered || read == answered {
            self.answered = answered;
            self.unfinished = None;
        }
        // From when it was seen on: this may not have looked for a while.
        let since = (read != answered).then(|| *self.unfinished.get_or_insert(now));
        if read != self.read.0 {
            self.read = (read, now);
        }
        since.is_some_and(|since| now - since >= PATIENCE) || now - self.read.1 >= IDLE
    }
}

/// A connection that counts what comes.
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
            // How much it was does not matter, only that something came.
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

    /// Whether a connection is dropped after this many seconds, on each of which something came or not.
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
            watch.look(began + Duration::from_secs(*second))
        })
    }

    #[test]
    fn a_request_that_does_not_get_whole_is_given_ten_seconds() {
        let after = dropped(|second| second >= 5, |_| false).expect("it is dropped");
        assert!((14..=15).contains(&after), "{after}");
    }

    #[test]
    fn a_connection_without_a_request_is_given_two_minutes() {
        assert_eq!(dropped(|_| false, |_| false), Some(120));
        let after = dropped(|second| second <= 30, |second| second <= 30).expect("it is dropped");
        assert!((149..=150).contains(&after), "{after}");
    }

    #[test]
    fn a_connection_is_told_when_its_time_is_over_and_forgotten_when_it_has_ended() {
        let (mut watched, began) = (Watched::default(), Instant::now());
        let mut idle = watched.add(Arc::default());
        drop(watched.add(Arc::default()));
        watched.look(began + IDLE - LOOK);
        assert_eq!(watched.0.len(), 1);
        assert_eq!(idle.try_recv(), Err(oneshot::error::TryRecvError::Empty));
        watched.look(began + IDLE + LOOK);
        assert_eq!(watched.0.len(), 0);
        assert_eq!(idle.try_recv(), Err(oneshot::error::TryRecvError::Closed));
    }

    #[test]
    fn a_busy_connection_is_kept() {
        assert_eq!(dropped(|_| true, |second| second % 5 == 0), None);
    }
}
