//! What is kept in a file across restarts. An embedded database does it ([`redb`](https://docs.rs/redb): Rust alone,
//! transactions, checksums), so that a process that is killed at any moment leaves either all of a change or nothing.
//!
//! One thread writes. Changes that come while it writes are written together next, so that many callers wait for few
//! transactions. What a record holds is for the others to say; here it is a text of JSON under a number.

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
        if changes.is_empty() {
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
    if let Ok(mut file) = std::fs::File::open(path) {
        let mut first = [0; MAGIC.len()];
        let is_empty = file.metadata()?.len() == 0;
        if !is_empty && (file.read_exact(&mut first).is_err() || first != MAGIC) {
            let message = format!("{} is not a data file of the sandbox; it is left as it is", path.display());
            return Err(io::Error::new(io::ErrorKind::InvalidData, message));
        }
    }
    private(path)?;
    // The database promises errors; a page full of noise may still surprise it.
    let read = catch_unwind(AssertUnwindSafe(|| records(path)));
    match read {
        Ok(Ok(found)) => Ok(Ok(found)),
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

/// Makes the file, if there is none, readable for its owner alone: it has test keys in it.
fn private(path: &Path) -> io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let made = options.open(path);
    made.map(drop).map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))
}

fn records(path: &Path) -> Result<(Database, Found), redb::Error> {
    let mut database = Database::create(path)?;
    database.check_integrity()?;
    let mut found = Found { path: path.to_owned(), ..Found::default() };
    let write = database.begin_write()?;
    {
        let mut format = write.open_table(FORMAT)?;
        let version = format.get("version")?.map(|version| version.value());
        if version.is_some_and(|version| version != VERSION) {
            let message = format!("a file of version {}, not {VERSION}", version.unwrap_or_default());
            return Err(redb::Error::Corrupted(message));
        }
        format.insert("version", VERSION)?;
        for kind in KINDS {
            for record in write.open_table(kind.table())?.iter()? {
                let (number, text) = record?;
                found.records.push((kind, number.value(), text.value().to_owned()));
            }
        }
    }
    write.commit()?;
    Ok((database, found))
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
    let write = move || write(&database, &path, &batches);
    let writer = std::thread::Builder::new().name("toss-sandbox-keeper".into()).spawn(write)?;
    Ok(Keeper { sender: Mutex::new((Some(sender), Kept::default())), writer: Mutex::new(Some(writer)) })
}

/// Until every sender is gone.
fn write(database: &Database, path: &Path, batches: &Receiver<Batch>) {
    while let Ok(first) = batches.recv() {
        let mut together = vec![first];
        together.extend(batches.try_iter());
        let state = match commit(database, together.iter().map(|(changes, _)| changes)) {
            Ok(()) => State::Written,
            Err(error) => State::Failed(format!("{}: {error}", path.display()).into()),
        };
        for (_, waiting) in together {
            waiting.send_replace(state.clone());
        }
    }
}

fn commit<'a>(database: &Database, batches: impl Iterator<Item = &'a Changes>) -> Result<(), redb::Error> {
    let write = database.begin_write()?;
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
