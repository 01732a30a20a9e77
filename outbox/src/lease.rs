//! Leases. A lease is the right of a worker to carry out an intent. The worker extends its lease regularly, and records
//! each attempt before it is sent.

use crate::crash::crash_point;
use crate::database::{Database, DatabaseError};
use crate::outbox::Outbox;
use crate::table::Ticket;
use pagespec_runtime::{Gate, Withheld};
use std::fmt;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The lease of a claimed intent.
pub(crate) struct Lease<D: Database> {
    outbox: Outbox<D>,
    pub(crate) ticket: Ticket,
    length: Duration,
    operation: &'static str,
    /// Earliest end of the lease, by the monotonic clock of this process.
    until: Mutex<Instant>,
    /// Set if the claim has recorded the first attempt, so that only later attempts are recorded here.
    is_recorded: AtomicBool,
    is_resolving: AtomicBool,
    is_lost: AtomicBool,
    /// Set if the service replied to an attempt that the request was already done.
    already_done: AtomicBool,
}

impl<D: Database> fmt::Debug for Lease<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lease").field("ticket", &self.ticket).finish_non_exhaustive()
    }
}

impl<D: Database> Lease<D> {
    /// Creates the lease of a claim. `began` is the time at which claiming began, by the clock of this process.
    pub(crate) fn new(
        outbox: Outbox<D>,
        ticket: Ticket,
        operation: &'static str,
        (began, length): (Instant, Duration),
        (is_recorded, already_done): (bool, bool),
    ) -> Arc<Self> {
        Arc::new(Self {
            outbox,
            ticket,
            length,
            operation,
            until: Mutex::new(began + length),
            is_recorded: AtomicBool::new(is_recorded),
            is_resolving: AtomicBool::new(!is_recorded),
            is_lost: AtomicBool::new(false),
            already_done: AtomicBool::new(already_done),
        })
    }

    /// Switches to resolution. Every further attempt then counts as a repetition by the resolution plan.
    pub(crate) fn start_resolution(&self) {
        self.is_recorded.store(false, Ordering::SeqCst);
        self.is_resolving.store(true, Ordering::SeqCst);
    }

    pub(crate) fn is_lost(&self) -> bool {
        self.is_lost.load(Ordering::SeqCst)
    }

    pub(crate) fn already_done(&self) -> bool {
        self.already_done.load(Ordering::SeqCst)
    }

    fn until(&self) -> Instant {
        *self.until.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Extends the lease regularly, for as long as the future is polled. Returns when the lease is lost.
    pub(crate) async fn keep(&self) {
        loop {
            tokio::time::sleep((self.length / 3).max(Duration::from_millis(10))).await;
            let began = Instant::now();
            let left = self.until().saturating_duration_since(began);
            match tokio::time::timeout(left, self.extend()).await {
                Ok(Ok(true)) => self.extended(began),
                Ok(Ok(false)) => break,
                // The database may work again before the lease ends.
                Ok(Err(error)) => tracing::warn!(error = %error, "a lease could not be extended"),
                Err(_) => {}
            }
            if Instant::now() >= self.until() {
                break;
            }
        }
        self.is_lost.store(true, Ordering::SeqCst);
    }

    fn extended(&self, began: Instant) {
        *self.until.lock().unwrap_or_else(PoisonError::into_inner) = began + self.length;
    }

    async fn extend(&self) -> Result<bool, DatabaseError> {
        let inner = &*self.outbox.inner;
        let mut transaction = inner.database.begin().await?;
        let held = inner.table.extend::<D>(D::connection(&mut transaction), self.ticket, self.length).await?;
        D::commit(transaction).await?;
        Ok(held)
    }

    async fn note_done(&self) -> Result<bool, DatabaseError> {
        let inner = &*self.outbox.inner;
        let mut transaction = inner.database.begin().await?;
        let held = inner.table.note_done::<D>(D::connection(&mut transaction), self.ticket).await?;
        D::commit(transaction).await?;
        Ok(held)
    }

    async fn record(&self) -> Result<bool, DatabaseError> {
        let inner = &*self.outbox.inner;
        let is_repeat = self.is_resolving.load(Ordering::SeqCst);
        let mut transaction = inner.database.begin().await?;
        let connection = D::connection(&mut transaction);
        let held = inner.table.record_attempt::<D>(connection, self.ticket, self.length, is_repeat).await?;
        D::commit(transaction).await?;
        Ok(held)
    }
}

impl<D: Database> Gate for Lease<D> {
    fn operation(&self) -> &'static str {
        self.operation
    }

    fn before_attempt(&self) -> Pin<Box<dyn Future<Output = Result<(), Withheld>> + Send + '_>> {
        Box::pin(async move {
            let left = self.until().saturating_duration_since(Instant::now());
            // If the claim has recorded this attempt and is recent, only the lease is extended. Otherwise, the attempt
            // is recorded. Both updates check that the claim is still valid. A callback or a person may have closed the
            // intent meanwhile. If this machine was suspended, its clock may have stopped, and another worker may have
            // claimed the intent.
            let is_recorded = self.is_recorded.swap(false, Ordering::SeqCst) && left > self.length / 2;
            let began = Instant::now();
            let record = async { if is_recorded { self.extend().await } else { self.record().await } };
            let recorded = tokio::time::timeout(left.max(Duration::from_millis(1)), record).await;
            match recorded {
                Ok(Ok(true)) => self.extended(began),
                Ok(Ok(false)) => {
                    self.is_lost.store(true, Ordering::SeqCst);
                    return Err(Withheld);
                }
                Ok(Err(error)) => {
                    tracing::warn!(error = %error, "an attempt could not be recorded, so it is not sent");
                    return Err(Withheld);
                }
                Err(_) => return Err(Withheld),
            }
            if !is_recorded {
                crash_point!(self.outbox.inner, "attempt.recorded");
            }
            // The commit may have taken longer than the lease.
            if Instant::now() < self.until() { Ok(()) } else { Err(Withheld) }
        })
    }

    /// Records that the service replied that the request was already done. The reply is recorded immediately, because
    /// the worker may be stopped before it puts the intent off. If the database fails, the reply is recorded when the
    /// intent is put off.
    fn after_already_done(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(async move {
            if self.already_done.swap(true, Ordering::SeqCst) {
                return;
            }
            let left = self.until().saturating_duration_since(Instant::now());
            match tokio::time::timeout(left.max(Duration::from_millis(1)), self.note_done()).await {
                Ok(Ok(true)) | Err(_) => {}
                Ok(Ok(false)) => self.is_lost.store(true, Ordering::SeqCst),
                Ok(Err(error)) => tracing::warn!(error = %error, "\"already done\" could not be recorded yet"),
            }
        })
    }
}
