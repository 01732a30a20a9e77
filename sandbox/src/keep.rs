//! What is kept in a file across restarts. An embedded database does it ([`redb`](https://docs.rs/redb): Rust alone,
//! transactions, checksums), so that a process that is killed at any moment leaves either all of a change or nothing.
//!
//! One thread writes. Changes that come while it writes are written together next, so that many callers wait for few
//! transactions. What could not be written, on a full disk, is owed: it is written before anything else once that is
//! possible again. What a record holds is for the others to say; here it is a text of JSON under a number.

#![allow(clippy::result_large_err, reason = "errors of the database are large, and come once a file")]

use redb::{Database, ReadableTable, TableDefinition};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::io::{self, Read as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
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

const KINDS: [Kind; 5] = [Kind::Payment, Kind::Callback, Kind::Store, Kind::Counters, Kind::Clock];
/// Which notation the records have.
const FORMAT: TableDefinition<'static, &str, u64> = TableDefinition::new("format");
/// The one this version writes.
const VERSION: u64 = 1;
/// How every file of the database begins.
const MAGIC: &[u8] = b"redb";
/// Threads of this name read files that may be damaged. A program that watches panics may pass over theirs: they are
/// caught, and told as damage.
pub const DATA_FILE_READER: &str = "toss-sandbox-reader";

impl Kind {
    const fn table(self) -> TableDefinition<'static, u64, &'static str> {
        TableDefinition::new(self.name())
    }

    const fn name(self) -> &'static str {
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
        if self.0.is_none() {
            return Ok(());
        }
        let mut wait = std::pin::pin!(self.wait());
        let waker = Arc::new(Unpark(std::thread::current())).into();
        let mut context = std::task::Context::from_waker(&waker);
        loop {
            match wait.as_mut().poll(&mut context) {
                std::task::Poll::Ready(done) => return done,
                std::task::Poll::Pending => std::thread::park(),
            }
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

/// What a file held.
#[derive(Debug, Default)]
pub(crate) struct Found {
    records: Vec<(Kind, u64, String)>,
    /// The file, for what is said of it.
    path: PathBuf,
}

/// Why a file cannot be used, and where.
#[derive(Debug)]
pub(crate) struct Damage(String);

impl Damage {
    pub(crate) fn of(kind: Kind, number: u64, why: impl std::fmt::Display) -> Self {
        Self(format!("record {number} of `{}`: {why}", kind.name()))
    }
}

impl Found {
    /// The records of a kind, in the order of their numbers.
    ///
    /// # Errors
    ///
    /// At the first one that cannot be read.
    pub(crate) fn all<T: DeserializeOwned>(&self, kind: Kind) -> Result<Vec<(u64, T)>, Damage> {
        let of_kind = self.records.iter().filter(|record| record.0 == kind);
        let read = of_kind.map(|(_, number, text)| match serde_json::from_str(text) {
            Ok(record) => Ok((*number, record)),
            Err(why) => Err(Damage::of(kind, *number, why)),
        });
        read.collect()
    }
}

/// Opens a file, or makes it, and tells what it holds.
///
/// # Errors
///
/// When it cannot be opened or is none of this program's. A damaged one is `Ok(Err(…))`.
fn read(path: &Path) -> io::Result<Result<(Database, Found), Damage>> {
    let none_of_ours = |what: &str| {
        let message = format!("{} is {what}; it is left as it is", path.display());
        Err(io::Error::new(io::ErrorKind::InvalidData, message))
    };
    let mut is_new = true;
    if let Ok(mut file) = std::fs::File::open(path) {
        let mut first = [0; MAGIC.len()];
        let length = file.metadata()?.len();
        is_new = length == 0;
        if !is_new && (file.read_exact(&mut first).is_err() || first != MAGIC) {
            return none_of_ours("not a data file of the sandbox");
        }
        if !is_new && length < SHORTEST {
            return Ok(Err(Damage(format!("it ends after {length} bytes"))));
        }
    }
    private(path, is_new)?;
    // The database promises errors; a page full of noise may still surprise it.
    let (owned, name) = (path.to_owned(), DATA_FILE_READER.to_owned());
    let read = move || catch_unwind(AssertUnwindSafe(|| records(&owned, is_new)));
    let read = std::thread::Builder::new().name(name).spawn(read)?.join();
    match read.and_then(|read| read) {
        Ok(Ok(Records::Ours(found))) => Ok(Ok(*found)),
        Ok(Ok(Records::Others)) => none_of_ours("another program's"),
        Ok(Ok(Records::Newer(version))) => {
            none_of_ours(&format!("of version {version}, which only a newer sandbox reads"))
        }
        Ok(Err(redb::Error::DatabaseAlreadyOpen)) => {
            let message = format!("{} is in use by another sandbox", path.display());
            Err(io::Error::new(io::ErrorKind::ResourceBusy, message))
        }
        Ok(Err(redb::Error::Io(error))) if error.kind() != io::ErrorKind::InvalidData => {
            Err(io::Error::new(error.kind(), format!("{}: {error}", path.display())))
        }
        Ok(Err(error)) => Ok(Err(Damage(error.to_string()))),
        Err(_) => Ok(Err(Damage("its pages contradict each other".into()))),
    }
}

/// No file of the database is shorter.
const SHORTEST: u64 = 4_096;

/// Makes the file, if there is none, readable for its owner alone: it has test keys in it. An empty one becomes so.
fn private(path: &Path, is_new: bool) -> io::Result<()> {
    let told = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", path.display()));
    let file = std::fs::OpenOptions::new().create(true).append(true).open(path).map_err(told)?;
    #[cfg(unix)]
    if is_new {
        let owner = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        file.set_permissions(owner).map_err(told)?;
    }
    drop(file);
    Ok(())
}

/// What stands in a file of the database.
enum Records {
    Ours(Box<(Database, Found)>),
    Others,
    Newer(u64),
}

fn records(path: &Path, is_new: bool) -> Result<Records, redb::Error> {
    let mut database = Database::create(path)?;
    database.check_integrity()?;
    let mut found = Found { path: path.to_owned(), ..Found::default() };
    if !is_new {
        let read = database.begin_read()?;
        match read.open_table(FORMAT) {
            Ok(format) => match format.get("version")?.map(|version| version.value()) {
                Some(version) if version > VERSION => return Ok(Records::Newer(version)),
                _ => {}
            },
            // Killed before the first transaction, it has no table at all.
            Err(redb::TableError::TableDoesNotExist(_)) if read.list_tables()?.next().is_none() => {}
            Err(redb::TableError::TableDoesNotExist(_) | redb::TableError::TableTypeMismatch { .. }) => {
                return Ok(Records::Others);
            }
            Err(error) => return Err(error.into()),
        }
    }
    let write = begin(&database)?;
    {
        let mut format = write.open_table(FORMAT)?;
        format.insert("version", VERSION)?;
        for kind in KINDS {
            for record in write.open_table(kind.table())?.iter()? {
                let (number, text) = record?;
                found.records.push((kind, number.value(), text.value().to_owned()));
            }
        }
    }
    write.commit()?;
    Ok(Records::Ours(Box::new((database, found))))
}

/// A transaction in two phases: only so does the database know, after a kill, that the latest one is whole, and tells
/// of damage in it instead of going back to the one before.
fn begin(database: &Database) -> Result<redb::WriteTransaction, redb::Error> {
    let mut write = database.begin_write()?;
    write.set_two_phase_commit(true);
    Ok(write)
}

/// Opens a file and begins to keep what it is given. A file that is damaged is put aside under another name and told;
/// `understood` says whether what it holds makes sense.
///
/// # Errors
///
/// When it cannot be opened, or put aside.
pub(crate) fn open<T>(
    path: &Path,
    understood: impl Fn(&Found) -> Result<T, Damage>,
) -> io::Result<(Keeper, T, Option<String>)> {
    let mut told = None;
    loop {
        let damage = match read(path)? {
            Ok((database, found)) => match understood(&found) {
                Ok(state) => return Ok((start(database, found.path)?, state, told)),
                Err(damage) => damage,
            },
            Err(damage) => damage,
        };
        if told.is_some() {
            let message = format!("{}: {}", path.display(), damage.0);
            return Err(io::Error::new(io::ErrorKind::InvalidData, message));
        }
        let aside = put_aside(path)?;
        told = Some(format!(
            "{} is damaged ({}). It was kept as {}, and a new one was begun.",
            path.display(),
            damage.0,
            aside.display()
        ));
    }
}

/// Gives a file a name that nothing has yet.
fn put_aside(path: &Path) -> io::Result<PathBuf> {
    for number in 1_u32.. {
        let mut name = path.as_os_str().to_owned();
        name.push(format!(".damaged-{number}"));
        let aside = PathBuf::from(name);
        if !aside.try_exists()? {
            std::fs::rename(path, &aside)?;
            return Ok(aside);
        }
    }
    Err(io::Error::other("there is no free name to put it aside under"))
}

fn start(database: Database, path: PathBuf) -> io::Result<Keeper> {
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
            let state = match self.commit() {
                Ok(()) => {
                    self.owed.clear();
                    State::Written
                }
                Err(error) => {
                    self.database = None;
                    let path = self.path.display();
                    State::Failed(format!("the data file {path} cannot be written: {error}").into())
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
            None => Database::open(&self.path)?,
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
