//! Data file: stores the state of a sandbox, so that no answered request is lost if the process is killed. Records are
//! numbered JSON texts, whose content is defined by other modules.

mod open;
mod request;
mod writer;

pub use open::DATA_FILE_READER;
pub(crate) use open::{DamagedFile, StoredRecords, open};
pub(crate) use request::StoredRequest;
pub use writer::WriteError;
pub(crate) use writer::{Changes, DataFile, PendingWrite, Table, block_on};
