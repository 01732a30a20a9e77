//! Opens data files. Rejects files of other programs, and renames damaged files.

#![allow(clippy::result_large_err, reason = "errors of the database are large, and occur once per file")]

use super::writer::{DataFile, Table, begin};
use redb::{Database, ReadableTable, TableDefinition};
use serde::de::DeserializeOwned;
use std::io::{self, Read as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

/// Table with the version of the records' format.
const FORMAT: TableDefinition<'static, &str, u64> = TableDefinition::new("format");
/// Version of the records' format that this sandbox writes.
const VERSION: u64 = 1;
/// First bytes of every file of the database.
const MAGIC: &[u8] = b"redb";
/// Name of the threads that read data files. Damaged files can cause panics in these threads. The panics are caught and
/// reported as damage, so a panic hook may ignore them.
pub const DATA_FILE_READER: &str = "toss-sandbox-reader";

/// Records of a data file.
#[derive(Debug, Default)]
pub(crate) struct StoredRecords {
    records: Vec<(Table, u64, String)>,
    path: PathBuf,
}

/// Error of a damaged file. Contains the damaged record, if known, and the reason.
#[derive(Debug)]
pub(crate) struct DamagedFile(String);

impl DamagedFile {
    pub(crate) fn of(table: Table, number: u64, why: impl std::fmt::Display) -> Self {
        Self(format!("record {number} of `{}`: {why}", table.name()))
    }
}

impl StoredRecords {
    /// Returns the records of a table, in the order of their numbers.
    ///
    /// # Errors
    ///
    /// Returns an error that names the first record that cannot be decoded.
    pub(crate) fn all<T: DeserializeOwned>(&self, table: Table) -> Result<Vec<(u64, T)>, DamagedFile> {
        let own = self.records.iter().filter(|record| record.0 == table);
        let read = own.map(|(_, number, text)| match serde_json::from_str(text) {
            Ok(record) => Ok((*number, record)),
            Err(why) => Err(DamagedFile::of(table, *number, why)),
        });
        read.collect()
    }
}

/// Opens or creates a data file. Returns the database and its records.
///
/// # Errors
///
/// Returns an error if the file cannot be opened or belongs to another program. A damaged file is `Ok(Err(…))`.
fn read(path: &Path) -> io::Result<Result<(Database, StoredRecords), DamagedFile>> {
    let foreign = |what: &str| {
        let message = format!("{} is {what}; it was not changed", path.display());
        Err(io::Error::new(io::ErrorKind::InvalidData, message))
    };
    let mut is_new = true;
    if let Ok(mut file) = std::fs::File::open(path) {
        let mut first = [0; MAGIC.len()];
        let length = file.metadata()?.len();
        is_new = length == 0;
        if !is_new && (file.read_exact(&mut first).is_err() || first != MAGIC) {
            return foreign("not a data file of the sandbox");
        }
        if !is_new && length < SHORTEST {
            return Ok(Err(DamagedFile(format!("it ends after {length} bytes"))));
        }
    }
    private(path, is_new)?;
    // The database returns an error if it detects damage. On damage that it does not detect, it may panic, so panics
    // are caught and reported as damage.
    let (owned, name) = (path.to_owned(), DATA_FILE_READER.to_owned());
    let read = move || catch_unwind(AssertUnwindSafe(|| records(&owned, is_new)));
    let read = std::thread::Builder::new().name(name).spawn(read)?.join();
    match read.and_then(|read| read) {
        Ok(Ok(Records::Ours(found))) => Ok(Ok(*found)),
        Ok(Ok(Records::Others)) => foreign("a database of another program"),
        Ok(Ok(Records::Newer(version))) => {
            foreign(&format!("a data file of version {version}, which needs a newer sandbox"))
        }
        Ok(Err(redb::Error::DatabaseAlreadyOpen)) => {
            let message = format!("{} is in use by another sandbox", path.display());
            Err(io::Error::new(io::ErrorKind::ResourceBusy, message))
        }
        Ok(Err(redb::Error::Io(error))) if error.kind() != io::ErrorKind::InvalidData => {
            Err(io::Error::new(error.kind(), format!("{}: {error}", path.display())))
        }
        Ok(Err(error)) => Ok(Err(DamagedFile(error.to_string()))),
        Err(_) => Ok(Err(DamagedFile("its pages are inconsistent".into()))),
    }
}

/// Length of the shortest file of the database, in bytes.
const SHORTEST: u64 = 4_096;

/// Creates the file if it is absent. Restricts access to a new or empty file to its owner, because it will contain test
/// keys.
fn private(path: &Path, is_new: bool) -> io::Result<()> {
    let in_file = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", path.display()));
    let file = std::fs::OpenOptions::new().create(true).append(true).open(path).map_err(in_file)?;
    #[cfg(unix)]
    if is_new {
        let owner = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        file.set_permissions(owner).map_err(in_file)?;
    }
    drop(file);
    Ok(())
}

/// Result of opening a file in the format of the database: the sandbox's own records, the records of another program,
/// or records of a newer version.
enum Records {
    Ours(Box<(Database, StoredRecords)>),
    Others,
    Newer(u64),
}

fn records(path: &Path, is_new: bool) -> Result<Records, redb::Error> {
    let mut database = Database::create(path)?;
    database.check_integrity()?;
    let mut found = StoredRecords { path: path.to_owned(), ..StoredRecords::default() };
    if !is_new {
        let read = database.begin_read()?;
        match read.open_table(FORMAT) {
            Ok(format) => match format.get("version")?.map(|version| version.value()) {
                Some(version) if version > VERSION => return Ok(Records::Newer(version)),
                Some(_) => {}
                None => return Ok(Records::Others),
            },
            // A process that was killed before its first transaction leaves a file without any table.
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
        for table in Table::ALL {
            for record in write.open_table(table.definition())?.iter()? {
                let (number, text) = record?;
                found.records.push((table, number.value(), text.value().to_owned()));
            }
        }
    }
    write.commit()?;
    Ok(Records::Ours(Box::new((database, found))))
}

/// Opens a data file and decodes its records with `decode`. A damaged file is renamed, and a new file is created. The
/// third returned value is a notice about the damaged file, if there was one.
///
/// # Errors
///
/// Returns an error if the file cannot be opened or renamed.
pub(crate) fn open<T>(
    path: &Path,
    decode: impl Fn(&StoredRecords) -> Result<T, DamagedFile>,
) -> io::Result<(DataFile, T, Option<String>)> {
    let mut notice = None;
    loop {
        // Opening may change a damaged file. The copy preserves its original content.
        let untouched = Untouched::of(path)?;
        let damage = match read(path)? {
            Ok((database, found)) => match decode(&found) {
                Ok(state) => return Ok((DataFile::start(database, found.path)?, state, notice)),
                Err(damage) => damage,
            },
            Err(damage) => damage,
        };
        untouched.put_back(path)?;
        if notice.is_some() {
            let message = format!("{}: {}", path.display(), damage.0);
            return Err(io::Error::new(io::ErrorKind::InvalidData, message));
        }
        let aside = put_aside(path)?;
        notice = Some(format!(
            "{} is damaged ({}). It was renamed to {}, and a new file was created.",
            path.display(),
            damage.0,
            aside.display()
        ));
    }
}

/// Copy of a file from before it was opened. The copy is deleted when it is dropped.
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
            // If the copy cannot be deleted, it is overwritten next time.
            let _ = std::fs::remove_file(copy);
        }
    }
}

/// Renames a file to a free name.
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
    Err(io::Error::other("there is no free name for the damaged file"))
}
