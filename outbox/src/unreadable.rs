//! Reasons why a stored request cannot be read.

use pagespec_runtime::StoredError;
use std::fmt;

/// Reason why a stored request cannot be read.
#[derive(Debug)]
#[non_exhaustive]
pub enum Unreadable {
    /// The request was changed after it was stored.
    Changed,
    /// The request is in plain text, but this outbox reads only sealed requests.
    NotSealed,
    /// The request was sealed with a key that this outbox does not have.
    NoKey {
        /// The name of the key.
        id: String,
    },
    /// The stored request was changed, or another key with the same name sealed it.
    WrongKeyOrChanged {
        /// The name of the key.
        id: String,
    },
    /// The request is intact, but this version of the program cannot read its content.
    Content(StoredError),
    /// A column of the row has a value that this version does not write.
    Column(&'static str),
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Changed => {
                f.write_str("the request was changed after it was stored; restore it, or abandon the intent")
            }
            Self::NotSealed => f.write_str("the stored request is not sealed; allow plain text with `and_plain_text`"),
            Self::NoKey { id } => {
                write!(f, "the request was sealed with the key `{id}`, which this program does not have; add the key")
            }
            Self::WrongKeyOrChanged { id } => {
                write!(f, "key `{id}` cannot open the request: another key sealed it, or the row was changed")
            }
            Self::Content(error) => error.fmt(f),
            Self::Column(name) => write!(f, "the column `{name}` has a value that this version does not write"),
        }
    }
}

impl std::error::Error for Unreadable {}
