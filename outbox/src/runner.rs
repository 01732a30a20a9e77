//! Runner: the registered operations, settings and limits of one process. `worker` looks for due intents, `claim`
//! claims an intent, and `operation` carries it out.

use crate::core::{Core, Operation, Settings, StopSignal};
use crate::database::Database;
use crate::error::Error;
use crate::handler::Handler;
use crate::operation::Typed;
use crate::outbox::Outbox;
use crate::state::{Record, State};
use crate::table::Lane;
use pagespec_runtime::{Durable, uuid_text};
use std::collections::HashSet;
use std::fmt;
use std::marker::PhantomData;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{Notify, Semaphore};

/// Carries out the intents of an outbox for the registered operations. Cheap to clone.
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
    /// Starts building a runner, which carries intents out.
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
    /// Registers an operation: the client that sends its requests, and the handler of its results.
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

    /// Sets the interval at which an idle worker looks for due intents. Default: 1 s.
    pub fn poll_every(mut self, pause: Duration) -> Self {
        self.settings.poll = pause;
        self
    }

    /// Sets the age from which an open intent is given up. If its request may have taken effect, the intent becomes
    /// dead after the next inconclusive resolution. Otherwise it becomes rejected, and its request is not sent.
    /// Default: one day.
    pub fn give_up_after(mut self, time: Duration) -> Self {
        self.settings.give_up_after = time;
        self
    }

    /// Sets the pauses between two tries of an intent. They double from `first` to `longest`. Default: 5 s and 15 min.
    pub fn backoff(mut self, first: Duration, longest: Duration) -> Self {
        self.settings.first_backoff = first;
        self.settings.longest_backoff = longest;
        self
    }

    /// Sets how long a stopped worker waits for its requests. Default: 60 s. If the process then ends, another worker
    /// resolves the requests that are still in progress.
    pub fn grace(mut self, time: Duration) -> Self {
        self.settings.grace = time;
        self
    }

    /// Sets the largest numbers of concurrent requests and of concurrent resolutions. Default: 16 each. The two limits
    /// are separate, so that slow resolutions do not delay new requests.
    pub fn parallel(mut self, sending: usize, resolving: usize) -> Self {
        self.settings.sending = sending;
        self.settings.resolving = resolving;
        self
    }

    /// Builds the runner, without accessing the database.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Setting`] if no operation is registered, an operation is registered twice, or a number is out
    /// of range.
    pub fn build(self) -> Result<Runner<D>, Error> {
        let names: Vec<String> = self.operations.iter().map(|operation| operation.name().to_owned()).collect();
        let mut distinct = HashSet::new();
        if names.is_empty() || !names.iter().all(|name| distinct.insert(name)) {
            return Err(Error::Setting("register at least one operation, and each operation only once"));
        }
        let Settings { lease, sending, resolving, .. } = self.settings;
        if lease < Duration::from_millis(100) || lease > Duration::from_secs(24 * 60 * 60) {
            return Err(Error::Setting("a lease must last between 100 ms and one day"));
        }
        let sane = 1..=Semaphore::MAX_PERMITS;
        if !sane.contains(&sending) || !sane.contains(&resolving) {
            return Err(Error::Setting("each limit of `parallel` must be between 1 and `Semaphore::MAX_PERMITS`"));
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
            changed: Notify::new(),
        };
        Ok(Runner { core: Arc::new(core) })
    }
}

/// Progress of an intent while its caller waited.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Progress {
    /// The intent is closed: applied, rejected or dead. Its handler has committed, unless the intent was abandoned.
    Closed(Record),
    /// The intent is open. This process or a worker continues.
    Open(Record),
}

impl Progress {
    /// Returns the record of the intent, as it was read last.
    pub fn record(&self) -> &Record {
        match self {
            Self::Closed(record) | Self::Open(record) => record,
        }
    }

    /// Returns the final state if the intent is closed.
    pub fn closed(&self) -> Option<State> {
        match self {
            Self::Closed(record) => Some(record.state),
            Self::Open(_) => None,
        }
    }
}

/// Interval at which a waiting caller checks whether another process has changed the intent.
const LOOK_EVERY: Duration = Duration::from_millis(100);

impl<D: Database> Runner<D> {
    /// Returns the outbox.
    pub fn outbox(&self) -> &Outbox<D> {
        &self.core.outbox
    }

    /// Carries out an intent now, or waits for another process that carries it out. Waits for at most `longest_wait`,
    /// apart from accesses to the database. Work that has begun by then continues in the background. If the intent is
    /// open and no work on it is in progress, a worker has to claim it.
    ///
    /// Call it after the transaction that enqueued the intent has committed. It needs a tokio runtime with IO and time.
    ///
    /// # Errors
    ///
    /// Returns an error if there is no such intent, its request cannot be read here, its operation is not registered,
    /// the tables are newer than this crate, or the database fails.
    pub async fn run(&self, key: &str, longest_wait: Duration) -> Result<Progress, Error> {
        let deadline = tokio::time::Instant::now() + longest_wait;
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
                let lane = if record.state == State::Queued { Lane::Fresh } else { Lane::Unresolved };
                // This call claims the intent only once. An intent that is put off has to wait until it is due.
                started = self.core.start(lane, Some(key), slot, StopSignal::default()).await?.is_some();
                if !started {
                    // A claim finds no work in tables of a newer version, so the version is checked here.
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
