//! Data files: whose they are, what they hold, and what becomes of damaged ones.

#![allow(clippy::result_large_err, reason = "errors of the database are large, and come once a file")]

use crate::keep::{FORMAT, KINDS, Keeper, Kind, VERSION, begin, start};
use redb::{Database, ReadableTable};
use serde::de::DeserializeOwned;
use std::io::{self, Read as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

/// How every file of the database begins.
const MAGIC: &[u8] = b"redb";
/// Threads of this name read files that may be damaged. A program that watches panics may pass over theirs: they are
/// caught, and told as damage.
pub const DATA_FILE_READER: &str = "toss-sandbox-reader";

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
                Some(_) => {}
                None => return Ok(Records::Others),
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
        // Opening may repair what should be kept as it is.
        let untouched = Untouched::of(path)?;
        let damage = match read(path)? {
            Ok((database, found)) => match understood(&found) {
                Ok(state) => return Ok((start(database, found.path)?, state, told)),
                Err(damage) => damage,
            },
            Err(damage) => damage,
        };
        untouched.put_back(path)?;
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

/// A copy of a file as it was before it was opened; gone when it is not needed.
struct Untouched(Option<PathBuf>);

impl Untouched {
    fn of(path: &Path) -> io::Result<Self> {
        if !path.is_file() {
            return Ok(Self(None));
        }
        let mut name = path.as_os_str().to_owned();
        name.push(".opening");
        let copy = PathBuf::from(name);
        let copied = std::fs::copy(path, &copy);
        copied.map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", copy.display())))?;
        Ok(Self(Some(copy)))
    }

    fn put_back(mut self, path: &Path) -> io::Result<()> {
        self.0.take().map_or(Ok(()), |copy| std::fs::rename(copy, path))
    }
}

impl Drop for Untouched {
    fn drop(&mut self) {
        if let Some(copy) = &self.0 {
            // What is left of it is overwritten next time.
            let _ = std::fs::remove_file(copy);
        }
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
