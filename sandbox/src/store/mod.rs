//! The data file: what a sandbox has, written so that a process that is killed at any moment loses nothing that was
//! answered. What the records mean is for other modules to say. Here they are JSON texts under numbers.

mod open;
mod request;
mod writer;

pub use open::DATA_FILE_READER;
pub(crate) use open::{DamagedFile, StoredRecords, open};
pub(crate) use request::StoredRequest;
pub use writer::WriteError;
pub(crate) use writer::{Changes, DataFile, PendingWrite, Table, block_on};
