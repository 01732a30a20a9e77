//! Carries intents out: claims them, sends or resolves their requests, and closes them with the caller's handler.

use crate::claim::{Claimed, claim};
use crate::crash::crash_point;
use crate::database::Database;
use crate::error::Error;
use crate::handler::Handler;
use crate::observe;
use crate::operation::{Operation, Report, Typed};
use crate::outbox::Outbox;
use crate::state::{Record, State};
use crate::table::{Lane, Release, Ticket};
use pagespec_runtime::{Durable, uuid_text};
use std::collections::HashSet;
use std::fmt;
use std::marker::PhantomData;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, watch};

/// Carries out the intents of an outbox, for the operations that it was given. Cheap to clone.
pub struct Runner<D: Database> {
    pub(crate) core: Arc<Core<D>>,
}

impl<D: Database> Clone for Runner<D> {
    fn clone(&self) -> Self {
        Self { core: self.core.clone() }
    }
}

impl<D: Database> fmt::Debug for Runner<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runner")
            .field("owner", &self.core.owner)
            .field("operations", &self.core.names)
            .finish_non_exhaustive()
    }
}

pub(crate) struct Core<D: Database> {
    pub(crate) outbox: Outbox<D>,
    pub(crate) operations: Vec<Arc<dyn Operation<D>>>,
    /// `api.operation` of each.
    pub(crate) names: Vec<String>,
    pub(crate) settings: Settings,
    /// Identifies the claims of this process.
    pub(crate) owner: String,
    running: Mutex<HashSet<i64>>,
    pub(crate) sending: Arc<Semaphore>,
    pub(crate) resolving: Arc<Semaphore>,
    /// `true` once resolutions are to end early.
    pub(crate) stop: watch::Sender<bool>,
    /// A piece of work has ended, or there may be new work.
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

/// Configures a [`Runner`].
#[must_use]
pub struct RunnerBuilder<D: Database> {
    outbox: Outbox<D>,
    operations: Vec<Arc<dyn Operation<D>>>,
    settings: Settings,
}

impl<D: Database> fmt::Debug for RunnerBuilder<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunnerBuilder").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl<D: Database> Outbox<D> {
    /// Begins a runner, which carries intents out.
    pub fn runner(&self) -> RunnerBuilder<D> {
        let settings = Settings {
            lease: Duration::from_secs(30),
            poll: Duration::from_secs(1),
            give_up_after: Duration::from_secs(24 * 60 * 60),
            first_backoff: Duration::from_secs(5),
            longest_backoff: Duration::from_secs(15 * 60),
            grace: Duration::from_secs(60),
            sending: 16,
            resolving: 16,
        };
        RunnerBuilder { outbox: self.clone(), operations: Vec::new(), settings }
    }
}

impl<D: Database> RunnerBuilder<D> {
    /// Carries out this operation with a client, and hands results to a handler.
    pub fn operation<R: Durable>(mut self, client: &R::Client, handler: impl Handler<D, R>) -> Self {
        let name = format!("{}.{}", R::API.name, R::OPERATION.id);
        let (client, handler) = (client.clone(), Arc::new(handler));
        self.operations.push(Arc::new(Typed::<D, R, _> { name, client, handler, database: PhantomData }));
        self
    }

    /// Sets the length of a lease. A live worker extends its leases. Default: 30 s.
    pub fn lease(mut self, length: Duration) -> Self {
        self.settings.lease = length;
        self
    }

    /// Sets the interval at which an idle worker polls. Default: 1 s.
    pub fn poll_every(mut self, pause: Duration) -> Self {
        self.settings.poll = pause;
        self
    }

    /// Sets the age at which an intent is given up: as dead if it may have taken effect, as rejected if it was never
    /// sent. A day unless set.
    pub fn give_up_after(mut self, time: Duration) -> Self {
        self.settings.give_up_after = time;
        self
    }

    /// The pauses between tries of one intent, which double from the first to the longest. 5 s and 15 min unless set.
    pub fn backoff(mut self, first: Duration, longest: Duration) -> Self {
        self.settings.first_backoff = first;
        self.settings.longest_backoff = longest;
        self
    }

    /// Sets the time for which a stopped worker waits for its requests. Default: 60 s. Another worker resolves the rest.
    pub fn grace(mut self, time: Duration) -> Self {
        self.settings.grace = time;
        self
    }

    /// Sets the number of concurrent requests and of concurrent resolutions. Default: 16 each. They do not take each
    /// other's places, so that requests that wait for a slow resolution hold up nothing.
    pub fn parallel(mut self, sending: usize, resolving: usize) -> Self {
        self.settings.sending = sending;
        self.settings.resolving = resolving;
        self
    }

    /// The runner. Touches no database.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Setting`] if there is no operation, one comes twice, or a number cannot be used.
    pub fn build(self) -> Result<Runner<D>, Error> {
        let names: Vec<String> = self.operations.iter().map(|operation| operation.name().to_owned()).collect();
        let mut distinct = HashSet::new();
        if names.is_empty() || !names.iter().all(|name| distinct.insert(name)) {
            return Err(Error::Setting("a runner has at least one operation, and each of them once"));
        }
        let Settings { lease, sending, resolving, .. } = self.settings;
        if lease < Duration::from_millis(100) || lease > Duration::from_secs(24 * 60 * 60) {
            return Err(Error::Setting("a lease has between 100 ms and a day"));
        }
        let sane = 1..=Semaphore::MAX_PERMITS;
        if !sane.contains(&sending) || !sane.contains(&resolving) {
            return Err(Error::Setting("at least one request has to be sent, and one resolved, at the same time"));
        }
        let core = Core {
            outbox: self.outbox,
            operations: self.operations,
            names,
            settings: self.settings,
            owner: format!("{}-{}", std::process::id(), uuid_text()),
            running: Mutex::default(),
            sending: Arc::new(Semaphore::new(sending)),
            resolving: Arc::new(Semaphore::new(resolving)),
            stop: watch::Sender::new(false),
            changed: Notify::new(),
        };
        Ok(Runner { core: Arc::new(core) })
    }
}

/// An intent that runs in this process, for as long as this lives.
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
        // Each change is one call.
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn running_ids(&self) -> Vec<i64> {
        self.running().iter().copied().collect()
    }

    /// Notes that an intent runs here. `None` if it does already: this process takes nothing over from itself.
    pub(crate) fn begin(self: &Arc<Self>, id: i64) -> Option<Running<D>> {
        self.running().insert(id).then(|| Running { core: self.clone(), id })
    }

    pub(crate) fn operation(&self, api: &str, operation: &str) -> Option<&Arc<dyn Operation<D>>> {
        let is_it = |name: &str| name.split_once('.') == Some((api, operation));
        self.operations.iter().find(|own| is_it(own.name()))
    }

    pub(crate) fn is_too_old(&self, record: &Record) -> bool {
        let age = record.read_at.duration_since(record.enqueued_at).unwrap_or_default();
        age >= self.settings.give_up_after
    }

    pub(crate) fn backoff(&self, failures: u32) -> Duration {
        let doubled = self.settings.first_backoff.saturating_mul(1 << failures.min(20));
        doubled.min(self.settings.longest_backoff).max(Duration::from_millis(1))
    }

    /// A place for the resolution that follows an attempt, in exchange for the attempt's own.
    pub(crate) fn slot_for_resolving(&self, sending: OwnedSemaphorePermit) -> Option<OwnedSemaphorePermit> {
        let slot = self.resolving.clone().try_acquire_owned().ok();
        drop(sending);
        self.changed.notify_waiters();
        slot
    }

    /// Done once resolutions are to end early.
    pub(crate) async fn stopping(&self) {
        let mut stop = self.stop.subscribe();
        // The sender lives as long as this.
        let _ = stop.wait_for(|stop| *stop).await;
    }

    pub(crate) async fn pass_answered(&self) {
        crash_point!(self.outbox.inner, "attempt.answered");
    }

    /// Notes that an outcome is unknown. Returns `false` if another worker has the claim. A database that fails keeps nothing
    /// up: *sending* says the same.
    pub(crate) async fn note_unknown(&self, ticket: Ticket, reason: &str) -> bool {
        let inner = &*self.outbox.inner;
        let noted = async {
            let mut transaction = inner.database.begin().await?;
            let noted = inner.table.note_unknown::<D>(D::connection(&mut transaction), ticket, reason).await?;
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
                tracing::warn!(error = %error, "an intent could not be put off; its lease lapses");
                Report::Lost
            }
        }
    }

    /// Returns `true` if a claim has closed its intent.
    pub(crate) async fn is_closed_by(&self, ticket: Ticket, key: &str) -> bool {
        let found = self.outbox.show(key).await;
        matches!(found, Ok(Some(record)) if record.fence == ticket.fence && record.state.is_closed())
    }

    /// Claims the next intent of a lane, or the one with a key, and begins to carry it out. Returns `None` if there is
    /// none to be claimed.
    pub(crate) async fn start(
        self: &Arc<Self>,
        lane: Lane,
        only: Option<&str>,
        slot: OwnedSemaphorePermit,
    ) -> Result<Option<tokio::task::JoinHandle<Report>>, Error> {
        let Some(Claimed { work, lease, before, running }) = claim(self, lane, only).await? else { return Ok(None) };
        observe::claimed(&before.operation, before.state);
        let core = self.clone();
        Ok(Some(tokio::spawn(async move {
            crash_point!(core.outbox.inner, "claim.committed");
            let report = work.perform(core, lease, before, slot).await;
            drop(running);
            report
        })))
    }
}

/// Progress of an intent while its caller waited.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Progress {
    /// The intent is closed: applied, rejected or dead. Its handler has committed.
    Closed(Record),
    /// The intent is open. This process or a worker continues.
    Open(Record),
}

impl Progress {
    /// The intent as it was seen last.
    pub fn record(&self) -> &Record {
        match self {
            Self::Closed(record) | Self::Open(record) => record,
        }
    }

    /// Returns the final state, if it is closed.
    pub fn closed(&self) -> Option<State> {
        match self {
            Self::Closed(record) => Some(record.state),
            Self::Open(_) => None,
        }
    }
}

/// Interval at which a waiting caller polls an intent of another process.
const LOOK_EVERY: Duration = Duration::from_millis(100);

impl<D: Database> Runner<D> {
    /// The outbox.
    pub fn outbox(&self) -> &Outbox<D> {
        &self.core.outbox
    }

    /// Carries out one intent now, or waits for the process that does, up to `patience`. What is under way then goes on.
    ///
    /// Call it after the transaction that enqueued the intent has committed. Needs a tokio runtime with IO and time.
    ///
    /// # Errors
    ///
    /// Returns an error if there is no such intent, its request cannot be read here, its operation is not registered, or
    /// the database fails.
    pub async fn run(&self, key: &str, patience: Duration) -> Result<Progress, Error> {
        let deadline = tokio::time::Instant::now() + patience;
        let mut started = false;
        loop {
            let changed = self.core.changed.notified();
            let record = self.core.outbox.show(key).await?.ok_or_else(|| Error::NotFound { key: key.to_owned() })?;
            if record.state.is_closed() {
                return Ok(Progress::Closed(record));
            }
            if self.core.operation(&record.api, &record.operation).is_none() {
                let operation = format!("{}.{}", record.api, record.operation);
                return Err(Error::UnknownOperation { key: key.to_owned(), operation });
            }
            if !started {
                let slots = if record.state == State::Queued { &self.core.sending } else { &self.core.resolving };
                let slot = tokio::time::timeout_at(deadline, slots.clone().acquire_owned()).await;
                let Ok(Ok(slot)) = slot else { return Ok(Progress::Open(record)) };
                let lane = if record.state == State::Queued { Lane::Fresh } else { Lane::Doubtful };
                // One try: what is put off has its reason.
                started = self.core.start(lane, Some(key), slot).await?.is_some();
                if !started {
                    // Tables that are newer show no work.
                    self.core.outbox.check().await?;
                }
            } else if record.owner.is_none() {
                return Ok(Progress::Open(record));
            }
            let look = (tokio::time::Instant::now() + LOOK_EVERY).min(deadline);
            let _ = tokio::time::timeout_at(look, changed).await;
            if tokio::time::Instant::now() >= deadline {
                let record = self.core.outbox.show(key).await?.unwrap_or(record);
                return Ok(if record.state.is_closed() { Progress::Closed(record) } else { Progress::Open(record) });
            }
        }
    }
}
