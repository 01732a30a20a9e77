//! Writes changes to the data file, an embedded database ([`redb`](https://docs.rs/redb): pure Rust, transactions,
//! checksums). If the process is killed, the file has either all of a change or none of it.
//!
//! One thread writes. Changes that arrive during a write are combined in the next transaction, so that many callers
//! wait for few transactions. Changes that could not be written, for example because the disk is full, are written with
//! the next transaction that succeeds.

#![allow(clippy::result_large_err, reason = "errors of the database are large, and occur once per file")]

use redb::{Database, TableDefinition};
use serde::Serialize;
use std::fmt;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use tokio::sync::watch;

/// Table of the data file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Table {
    /// Payments, with their refunds.
    Payments,
    /// Callbacks, with their attempts.
    Callbacks,
    /// Stores, with their contracts and sessions.
    Stores,
    /// Numbers of names and stores that were created so far.
    Counters,
    /// One record: the clock's offset.
    Clock,
}

impl Table {
    pub(super) const ALL: [Self; 5] = [Self::Payments, Self::Callbacks, Self::Stores, Self::Counters, Self::Clock];

    pub(super) const fn definition(self) -> TableDefinition<'static, u64, &'static str> {
        TableDefinition::new(self.name())
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Payments => "payments",
            Self::Callbacks => "callbacks",
            Self::Stores => "stores",
            Self::Counters => "counters",
            Self::Clock => "clock",
        }
    }
}

/// Changes that are written together or not at all.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    /// Table, number and new text of each changed record. The text is `None` if the record is deleted.
    records: Vec<(Table, u64, Option<String>)>,
    forget_all: bool,
}

impl Changes {
    /// Deletes everything that was written before, except the counters and the clock's offset.
    pub(crate) fn forget_all() -> Self {
        Self { records: Vec::new(), forget_all: true }
    }

    /// Inserts or replaces a record.
    pub(crate) fn put(&mut self, table: Table, number: u64, record: &impl Serialize) {
        // This cannot fail, because records have text names and values that JSON can represent.
        let text = serde_json::to_string(record).unwrap_or_default();
        self.records.push((table, number, Some(text)));
    }

    pub(crate) fn remove(&mut self, table: Table, number: u64) {
        self.records.push((table, number, None));
    }

    fn is_empty(&self) -> bool {
        self.records.is_empty() && !self.forget_all
    }
}

/// Error of a change that was made in memory but could not be written to the data file.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WriteError {
    /// The data file cannot be written. Contains the reason.
    #[non_exhaustive]
    Failed {
        /// The file, and the reason.
        message: Arc<str>,
    },
    /// The data file is closed.
    Closed,
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed { message } => f.write_str(message),
            Self::Closed => f.write_str("the data file is closed"),
        }
    }
}

impl std::error::Error for WriteError {}

#[derive(Clone, Debug)]
enum WriteState {
    Waiting,
    Written,
    Failed(WriteError),
}

/// Changes that are queued for writing. Without a data file, they count as written.
#[derive(Clone, Debug, Default)]
pub(crate) struct PendingWrite(Option<watch::Receiver<WriteState>>);

impl PendingWrite {
    /// Waits until the changes are written.
    ///
    /// # Errors
    ///
    /// Returns an error if the changes cannot be written.
    pub(crate) async fn wait(self) -> Result<(), WriteError> {
        let Some(mut state) = self.0 else { return Ok(()) };
        let state = state.wait_for(|state| !matches!(state, WriteState::Waiting)).await;
        match state.as_deref() {
            Ok(WriteState::Failed(why)) => Err(why.clone()),
            Ok(_) => Ok(()),
            Err(_) => Err(WriteError::Closed),
        }
    }

    fn has_failed(&self) -> bool {
        self.0.as_ref().is_some_and(|state| matches!(*state.borrow(), WriteState::Failed(_)))
    }

    /// Waits like [`Self::wait`], for synchronous callers. Blocks this thread.
    pub(crate) fn block(self) -> Result<(), WriteError> {
        if self.0.is_none() { Ok(()) } else { block_on(self.wait()) }
    }
}

/// Runs a future to its end. Blocks this thread.
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = std::pin::pin!(future);
    let waker = Arc::new(Unpark(std::thread::current())).into();
    let mut context = std::task::Context::from_waker(&waker);
    loop {
        match future.as_mut().poll(&mut context) {
            std::task::Poll::Ready(done) => return done,
            std::task::Poll::Pending => std::thread::park(),
        }
    }
}

struct Unpark(std::thread::Thread);

impl std::task::Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

type Batch = (Changes, watch::Sender<WriteState>);

/// Handle of the data file. Without a file, all data is in memory. Changes are written in the order of the calls.
#[derive(Clone, Debug, Default)]
pub(crate) struct DataFile(Option<Arc<Queue>>);

#[derive(Debug)]
struct Queue {
    /// Sender of changes, and the latest write. The sender is `None` once the file is closed.
    sender: Mutex<(Option<Sender<Batch>>, PendingWrite)>,
    writer: Mutex<Option<JoinHandle<()>>>,
}

impl DataFile {
    /// Starts the thread that writes to a database.
    pub(super) fn start(database: Database, path: PathBuf) -> io::Result<Self> {
        let (sender, batches) = channel();
        // The thread closes the file when it ends.
        let write = move || Writer { database: Some(database), path, owed: Vec::new() }.run(&batches);
        let writer = std::thread::Builder::new().name("toss-sandbox-keeper".into()).spawn(write)?;
        let sender = Mutex::new((Some(sender), PendingWrite::default()));
        Ok(Self(Some(Arc::new(Queue { sender, writer: Mutex::new(Some(writer)) }))))
    }

    /// Returns `true` if all data is in memory, so that records need not be written.
    pub(crate) fn is_none(&self) -> bool {
        self.0.is_none()
    }

    /// Queues changes. They are written after earlier changes, or in the same transaction.
    pub(crate) fn write(&self, changes: Changes) -> PendingWrite {
        let Some(queue) = &self.0 else { return PendingWrite::default() };
        let mut sender = queue.sender.lock().unwrap_or_else(PoisonError::into_inner);
        // An empty change waits for the latest write. If that write failed, it is tried again.
        if changes.is_empty() && !sender.1.has_failed() {
            return sender.1.clone();
        }
        let (state, pending) = watch::channel(WriteState::Waiting);
        // If the thread has ended, `state` is dropped together with the changes, so waiting returns an error.
        if let Some(sender) = &sender.0 {
            let _ = sender.send((changes, state));
        }
        sender.1 = PendingWrite(Some(pending));
        sender.1.clone()
    }

    /// Writes the queued changes and closes the file. Later changes are not written, and waiting for them returns an
    /// error. Blocks this thread.
    pub(crate) fn close(&self) {
        let Some(queue) = &self.0 else { return };
        let sender = queue.sender.lock().unwrap_or_else(PoisonError::into_inner).0.take();
        drop(sender);
        let writer = queue.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(writer) = writer {
            // A writer that panicked has also closed the file.
            let _ = writer.join();
        }
    }
}

/// Starts a transaction with two-phase commit. After a crash, the database then reports damage in the latest
/// transaction, instead of silently returning to the preceding transaction.
pub(super) fn begin(database: &Database) -> Result<redb::WriteTransaction, redb::Error> {
    let mut write = database.begin_write()?;
    write.set_two_phase_commit(true);
    Ok(write)
}

struct Writer {
    /// `None` after a failure, because the database then has to be reopened.
    database: Option<Database>,
    path: PathBuf,
    /// Changes that could not be written yet, oldest first.
    owed: Vec<Changes>,
}

impl Writer {
    /// Writes until every sender is dropped.
    fn run(mut self, batches: &Receiver<Batch>) {
        while let Ok(first) = batches.recv() {
            let (changes, waiting): (Vec<_>, Vec<_>) = std::iter::once(first).chain(batches.try_iter()).unzip();
            self.owed.extend(changes);
            // The database may panic after a commit that failed midway.
            let why = match catch_unwind(AssertUnwindSafe(|| self.commit())) {
                Ok(Ok(())) => None,
                Ok(Err(error)) => Some(error.to_string()),
                Err(_) => Some("its pages are inconsistent".to_owned()),
            };
            let state = match why {
                None => {
                    self.owed.clear();
                    WriteState::Written
                }
                Some(why) => {
                    self.database = None;
                    let path = self.path.display();
                    let message = format!("the data file {path} cannot be written: {why}").into();
                    WriteState::Failed(WriteError::Failed { message })
                }
            };
            for waiting in waiting {
                waiting.send_replace(state.clone());
            }
        }
    }

    fn commit(&mut self) -> Result<(), redb::Error> {
        let database = match self.database.take() {
            Some(database) => database,
            None => {
                let mut database = Database::open(&self.path)?;
                database.check_integrity()?;
                database
            }
        };
        commit(&database, &self.owed)?;
        self.database = Some(database);
        Ok(())
    }
}

fn commit(database: &Database, batches: &[Changes]) -> Result<(), redb::Error> {
    let write = begin(database)?;
    for changes in batches {
        if changes.forget_all {
            for table in [Table::Payments, Table::Callbacks, Table::Stores] {
                write.delete_table(table.definition())?;
            }
        }
        for (table, number, text) in &changes.records {
            let mut table = write.open_table(table.definition())?;
            match text {
                Some(text) => table.insert(number, text.as_str()).map(drop)?,
                None => table.remove(number).map(drop)?,
            }
        }
    }
    write.commit()?;
    Ok(())
}
