//! Shared state of a runner, and the interface of its operations.

use crate::crash::crash_point;
use crate::database::Database;
use crate::error::Error;
use crate::lease::Lease;
use crate::observe;
use crate::outbox::Outbox;
use crate::seal::Storage;
use crate::state::{Record, Row};
use crate::table::{Release, Ticket};
use crate::unreadable::Unreadable;
use std::any::Any;
use std::collections::HashSet;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, watch};

pub(crate) type Task<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// An operation that is registered with a runner.
pub(crate) trait Operation<D: Database>: Send + Sync {
    /// Returns the name of the operation, as `api.operation`.
    fn name(&self) -> &str;

    /// Returns the operation's id, without the name of its API.
    fn id(&self) -> &'static str;

    /// Reads the row's request and prepares it for sending or resolving.
    fn prepare(&self, storage: &Storage, row: &Row) -> Result<Box<dyn Work<D>>, Unreadable>;
}

/// A request that was read from its row.
pub(crate) trait Work<D: Database>: Send {
    /// Carries out a claimed intent, until it is closed or put off. `before` is the record before the claim. `slot` is
    /// the permit of this intent in its lane.
    fn perform(
        self: Box<Self>,
        core: Arc<Core<D>>,
        lease: Arc<Lease<D>>,
        before: Record,
        slot: OwnedSemaphorePermit,
        stop: StopSignal,
    ) -> Task<'static, Report>;

    /// Calls the handler with `ending`, which must be an `Ending` of this request's type. The caller commits the
    /// transaction.
    fn handle<'a>(
        &'a self,
        connection: &'a mut D::Connection,
        key: &'a str,
        ending: &'a (dyn Any + Send + Sync),
    ) -> Task<'a, Result<(), Error>>;

    /// Calls the handler for an intent that is given up. The caller commits the transaction.
    fn give_up<'a>(
        &'a self,
        connection: &'a mut D::Connection,
        key: &'a str,
        was_sent: bool,
        reason: &'a str,
    ) -> Task<'a, Result<(), Error>>;
}

/// Result of the work on an intent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Report {
    Closed,
    PutOff,
    /// Another worker, a callback or a person has changed the intent, or writing to the database failed. If the intent
    /// is still open, the next worker that claims it continues.
    Lost,
}

/// State of a runner. All clones and workers of the runner share it.
pub(crate) struct Core<D: Database> {
    pub(crate) outbox: Outbox<D>,
    pub(crate) operations: Vec<Arc<dyn Operation<D>>>,
    /// Names of the operations, as `api.operation`.
    pub(crate) names: Vec<String>,
    pub(crate) settings: Settings,
    /// Text that identifies the claims of this runner. It is stored in the rows of the claimed intents.
    pub(crate) owner: String,
    /// Ids of the intents that this runner carries out at present.
    pub(crate) running: Mutex<HashSet<i64>>,
    pub(crate) sending: Arc<Semaphore>,
    pub(crate) resolving: Arc<Semaphore>,
    /// Notified when the state of an intent or the number of free slots may have changed.
    pub(crate) changed: Notify,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings {
    pub(crate) lease: Duration,
    pub(crate) poll: Duration,
    pub(crate) give_up_after: Duration,
    pub(crate) first_backoff: Duration,
    pub(crate) longest_backoff: Duration,
    pub(crate) grace: Duration,
    pub(crate) sending: usize,
    pub(crate) resolving: usize,
}

/// Signal that ends the resolutions of a worker early when the worker is stopped. Work that
/// [`Runner::run`](crate::Runner::run) has started never receives the signal.
#[derive(Clone, Default)]
pub(crate) struct StopSignal(Option<watch::Receiver<bool>>);

impl StopSignal {
    pub(crate) fn of(worker: &watch::Sender<bool>) -> Self {
        Self(Some(worker.subscribe()))
    }

    /// Completes when the worker is stopped.
    pub(crate) async fn received(&self) {
        if let Some(mut stop) = self.0.clone()
            && stop.wait_for(|stop| *stop).await.is_ok()
        {
            return;
        }
        std::future::pending().await
    }
}

/// Marks an intent as running in this runner, until this value is dropped.
pub(crate) struct Running<D: Database> {
    core: Arc<Core<D>>,
    id: i64,
}

impl<D: Database> Drop for Running<D> {
    fn drop(&mut self) {
        self.core.running().remove(&self.id);
        self.core.changed.notify_waiters();
    }
}

impl<D: Database> Core<D> {
    fn running(&self) -> MutexGuard<'_, HashSet<i64>> {
        // A poisoned lock is harmless: each change is a single call, so the set is always consistent.
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn running_ids(&self) -> Vec<i64> {
        self.running().iter().copied().collect()
    }

    /// Marks an intent as running in this runner. Returns `None` if it already runs, because a runner must not claim
    /// its own intent again.
    pub(crate) fn begin(self: &Arc<Self>, id: i64) -> Option<Running<D>> {
        self.running().insert(id).then(|| Running { core: self.clone(), id })
    }

    pub(crate) fn operation(&self, api: &str, operation: &str) -> Option<&Arc<dyn Operation<D>>> {
        let is_wanted = |name: &str| name.split_once('.') == Some((api, operation));
        self.operations.iter().find(|own| is_wanted(own.name()))
    }

    pub(crate) fn is_too_old(&self, record: &Record) -> bool {
        let age = record.read_at.duration_since(record.enqueued_at).unwrap_or_default();
        age >= self.settings.give_up_after
    }

    pub(crate) fn backoff(&self, failures: u32) -> Duration {
        let doubled = self.settings.first_backoff.saturating_mul(1 << failures.min(20));
        doubled.min(self.settings.longest_backoff).max(Duration::from_millis(1))
    }

    /// Takes a slot for the resolution that follows an attempt, and frees the slot of the attempt. Returns `None` if no
    /// slot for a resolution is free.
    pub(crate) fn slot_for_resolving(&self, sending: OwnedSemaphorePermit) -> Option<OwnedSemaphorePermit> {
        let slot = self.resolving.clone().try_acquire_owned().ok();
        drop(sending);
        self.changed.notify_waiters();
        slot
    }

    pub(crate) async fn pass_answered(&self) {
        crash_point!(self.outbox.inner, "attempt.answered");
    }

    /// Records that an outcome is unknown. Returns `false` if the claim is lost. If the database fails, the work
    /// continues, because an intent that stays in the state *sending* is resolved like an intent in the state
    /// *unknown*.
    pub(crate) async fn note_unknown(&self, ticket: Ticket, reason: &str, already_done: bool) -> bool {
        let inner = &*self.outbox.inner;
        let noted = async {
            let mut transaction = inner.database.begin().await?;
            let connection = D::connection(&mut transaction);
            let noted = inner.table.note_unknown::<D>(connection, ticket, reason, already_done).await?;
            D::commit(transaction).await.map(|()| noted)
        };
        let is_ours = noted.await.unwrap_or(true);
        crash_point!(inner, "unknown.recorded");
        is_ours
    }

    pub(crate) async fn release(&self, ticket: Ticket, release: &Release<'_>) -> Report {
        let inner = &*self.outbox.inner;
        crash_point!(inner, "release.begun");
        let released = async {
            let mut transaction = inner.database.begin().await?;
            let released = inner.table.release::<D>(D::connection(&mut transaction), ticket, release).await?;
            D::commit(transaction).await.map(|()| released)
        };
        match released.await {
            Ok(true) => {
                crash_point!(inner, "release.written");
                observe::put_off(release.state, release.reason.unwrap_or_default());
                Report::PutOff
            }
            Ok(false) => Report::Lost,
            Err(error) => {
                tracing::warn!(error = %error, "an intent could not be put off; it becomes free when its lease ends");
                Report::Lost
            }
        }
    }

    /// Returns `true` if the intent was closed by this claim.
    pub(crate) async fn is_closed_by(&self, ticket: Ticket, key: &str) -> bool {
        let found = self.outbox.show(key).await;
        matches!(found, Ok(Some(record)) if record.fence == ticket.fence && record.state.is_closed())
    }
}
