//! What is kept in a file across restarts. An embedded database does it ([`redb`](https://docs.rs/redb): Rust alone,
//! transactions, checksums), so that a process that is killed at any moment leaves either all of a change or nothing.
//!
//! One thread writes. Changes that come while it writes are written together next, so that many callers wait for few
//! transactions. What could not be written, on a full disk, is owed: it is written before anything else once that is
//! possible again. What a record holds is for the others to say; here it is a text of JSON under a number.

#![allow(clippy::result_large_err, reason = "errors of the database are large, and come once a file")]

use redb::{Database, TableDefinition};
use serde::Serialize;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use tokio::sync::watch;

/// What kind of thing a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A payment, with its refunds.
    Payment,
    /// A callback, with its attempts.
    Callback,
    /// A store, with its contract and sessions.
    Store,
    /// One record: the counters.
    Counters,
    /// One record: how far the clock was moved.
    Clock,
}

pub(crate) const KINDS: [Kind; 5] = [Kind::Payment, Kind::Callback, Kind::Store, Kind::Counters, Kind::Clock];
/// Which notation the records have.
pub(crate) const FORMAT: TableDefinition<'static, &str, u64> = TableDefinition::new("format");
/// The one this version writes.
pub(crate) const VERSION: u64 = 1;
impl Kind {
    pub(crate) const fn table(self) -> TableDefinition<'static, u64, &'static str> {
        TableDefinition::new(self.name())
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Payment => "payments",
            Self::Callback => "callbacks",
            Self::Store => "stores",
            Self::Counters => "counters",
            Self::Clock => "clock",
        }
    }
}

/// Changes that belong together.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    /// A record's new text, or none when it is gone.
    records: Vec<(Kind, u64, Option<String>)>,
    forget_all: bool,
}

impl Changes {
    /// A record as it is now.
    pub(crate) fn put(&mut self, kind: Kind, number: u64, record: &impl Serialize) {
        // Records have text names and values that JSON has.
        let text = serde_json::to_string(record).unwrap_or_default();
        self.records.push((kind, number, Some(text)));
    }

    /// A record that is gone.
    pub(crate) fn remove(&mut self, kind: Kind, number: u64) {
        self.records.push((kind, number, None));
    }

    /// Forgets everything that was kept before these changes, but for the clock.
    pub(crate) fn forget_all(&mut self) {
        self.forget_all = true;
    }

    fn is_empty(&self) -> bool {
        self.records.is_empty() && !self.forget_all
    }
}

#[derive(Clone, Debug)]
enum State {
    Waiting,
    Written,
    Failed(Arc<str>),
}

/// A promise that changes will have been kept.
#[derive(Clone, Debug, Default)]
pub(crate) struct Kept(Option<watch::Receiver<State>>);

impl Kept {
    /// Waits until they are.
    ///
    /// # Errors
    ///
    /// In words, when they could not be written.
    pub(crate) async fn wait(self) -> Result<(), String> {
        let Some(mut state) = self.0 else { return Ok(()) };
        let state = state.wait_for(|state| !matches!(state, State::Waiting)).await;
        match state.as_deref() {
            Ok(State::Failed(why)) => Err(why.to_string()),
            Ok(_) => Ok(()),
            Err(_) => Err("the data file is closed".into()),
        }
    }

    fn has_failed(&self) -> bool {
        self.0.as_ref().is_some_and(|state| matches!(*state.borrow(), State::Failed(_)))
    }

    /// The same where nothing is asynchronous. Blocks this thread for as long as a disk takes.
    pub(crate) fn wait_here(self) -> Result<(), String> {
        if self.0.is_none() { Ok(()) } else { wait_here(self.wait()) }
    }
}

/// Waits where nothing is asynchronous. Blocks this thread.
pub(crate) fn wait_here<F: Future>(wait: F) -> F::Output {
    let mut wait = std::pin::pin!(wait);
    let waker = Arc::new(Unpark(std::thread::current())).into();
    let mut context = std::task::Context::from_waker(&waker);
    loop {
        match wait.as_mut().poll(&mut context) {
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

type Batch = (Changes, watch::Sender<State>);

/// Writes changes, one batch after the other, in the order they were given.
#[derive(Debug)]
pub(crate) struct Keeper {
    /// None once it is closed.
    sender: Mutex<(Option<Sender<Batch>>, Kept)>,
    writer: Mutex<Option<JoinHandle<()>>>,
}

impl Keeper {
    /// Gives changes to be written. Those given first are written first, or together.
    pub(crate) fn keep(&self, changes: Changes) -> Kept {
        let mut sender = self.sender.lock().unwrap_or_else(PoisonError::into_inner);
        // Nothing new waits for what came before; where that failed, for another attempt.
        if changes.is_empty() && !sender.1.has_failed() {
            return sender.1.clone();
        }
        let (state, kept) = watch::channel(State::Waiting);
        // When the thread has ended, the sender of the state ends with the batch, and waiting tells.
        if let Some(sender) = &sender.0 {
            let _ = sender.send((changes, state));
        }
        sender.1 = Kept(Some(kept));
        sender.1.clone()
    }

    /// Writes what was given, and lets the file go. Changes that come later are not kept, and whoever waits for them is
    /// told. Blocks this thread for as long as a disk takes.
    pub(crate) fn close(&self) {
        let sender = self.sender.lock().unwrap_or_else(PoisonError::into_inner).0.take();
        drop(sender);
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(writer) = writer {
            // A writer that panicked has let the file go, too.
            let _ = writer.join();
        }
    }
}
/// A transaction in two phases: only so does the database know, after a kill, that the latest one is whole, and tells
/// of damage in it instead of going back to the one before.
pub(crate) fn begin(database: &Database) -> Result<redb::WriteTransaction, redb::Error> {
    let mut write = database.begin_write()?;
    write.set_two_phase_commit(true);
    Ok(write)
}
/// Begins to keep what it is given in this file.
pub(crate) fn start(database: Database, path: PathBuf) -> io::Result<Keeper> {
    let (sender, batches) = channel();
    // The file is closed where the thread ends.
    let write = move || Writer { database: Some(database), path, owed: Vec::new() }.write(&batches);
    let writer = std::thread::Builder::new().name("toss-sandbox-keeper".into()).spawn(write)?;
    Ok(Keeper { sender: Mutex::new((Some(sender), Kept::default())), writer: Mutex::new(Some(writer)) })
}

struct Writer {
    /// None after a failure, after which the database wants to be opened again.
    database: Option<Database>,
    path: PathBuf,
    /// What could not be written yet, the oldest first.
    owed: Vec<Changes>,
}

impl Writer {
    /// Until every sender is gone.
    fn write(mut self, batches: &Receiver<Batch>) {
        while let Ok(first) = batches.recv() {
            let (changes, waiting): (Vec<_>, Vec<_>) = std::iter::once(first).chain(batches.try_iter()).unzip();
            self.owed.extend(changes);
            // A commit that failed half-way may surprise the database.
            let why = match catch_unwind(AssertUnwindSafe(|| self.commit())) {
                Ok(Ok(())) => None,
                Ok(Err(error)) => Some(error.to_string()),
                Err(_) => Some("its pages contradict each other".to_owned()),
            };
            let state = match why {
                None => {
                    self.owed.clear();
                    State::Written
                }
                Some(why) => {
                    self.database = None;
                    let path = self.path.display();
                    State::Failed(format!("the data file {path} cannot be written: {why}").into())
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
            for kind in [Kind::Payment, Kind::Callback, Kind::Store] {
                write.delete_table(kind.table())?;
            }
        }
        for (kind, number, text) in &changes.records {
            let mut table = write.open_table(kind.table())?;
            match text {
                Some(text) => table.insert(number, text.as_str()).map(drop)?,
                None => table.remove(number).map(drop)?,
            }
        }
    }
    write.commit()?;
    Ok(())
}
