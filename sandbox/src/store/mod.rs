//! Data file: stores the state of a sandbox, so that a killed process loses no answered request. Records are JSON texts
//! with numbers. Other modules interpret them.

mod open;
mod request;
mod writer;

pub use open::DATA_FILE_READER;
pub(crate) use open::{DamagedFile, StoredRecords, open};
pub(crate) use request::StoredRequest;
pub use writer::WriteError;
pub(crate) use writer::{Changes, DataFile, PendingWrite, Table, block_on};
