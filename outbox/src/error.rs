//! Errors of the outbox. No error contains a value of a request.

use crate::database::DatabaseError;
use crate::state::State;
use crate::unreadable::Unreadable;
use pagespec_runtime::StoredError;
use std::fmt;

/// Error of an outbox operation. An intent that was stored before the error stays stored.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The database failed.
    Database(DatabaseError),
    /// A setting cannot be used. The text names the setting and the reason.
    Setting(&'static str),
    /// There is no such intent.
    NotFound {
        /// The requested key.
        key: String,
    },
    /// The key already belongs to another request. Each intent needs a key of its own.
    KeyReused {
        /// The key.
        key: String,
    },
    /// A key is empty, longer than 200 bytes, has control characters, or begins with `message:`.
    InvalidKey,
    /// The request cannot be stored, for example because it would differ after it is read back.
    Unstorable(StoredError),
    /// The system provided no random numbers, which sealing needs.
    NoRandomness,
    /// The tables were created by a newer version of this crate. Nothing was changed. Use the newer version.
    NewerSchema {
        /// The version of the tables.
        found: i64,
        /// The newest version that this crate supports.
        known: i64,
    },
    /// There are no tables with this prefix. Call [`Outbox::migrate`](crate::Outbox::migrate), or correct the prefix.
    NoSchema,
    /// The stored request cannot be read. It stays stored, and nothing is sent.
    Unreadable {
        /// The key of the intent.
        key: String,
        /// The reason.
        why: Unreadable,
    },
    /// The operation is not registered with this runner, or no longer exists.
    UnknownOperation {
        /// The key of the intent.
        key: String,
        /// The API and the operation, as `api.operation`.
        operation: String,
    },
    /// The intent with the key of the callback belongs to another operation.
    OtherOperation {
        /// The key of the intent.
        key: String,
        /// The API and the operation of the intent, as `api.operation`.
        operation: String,
        /// The API and the operation of the callback, as `api.operation`.
        expected: String,
    },
    /// The action, such as a retry, is not possible in the state of the intent.
    WrongState {
        /// The key of the intent.
        key: String,
        /// State of the intent.
        state: State,
    },
    /// The handler failed, so the intent was not closed.
    Handler {
        /// The key of the intent.
        key: String,
        /// The handler's error message.
        message: String,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Database(error) => error.fmt(f),
            Self::Setting(what) => f.write_str(what),
            Self::NotFound { key } => write!(f, "there is no intent with the key `{key}`"),
            Self::KeyReused { key } => {
                write!(f, "the key `{key}` already belongs to another request; use a new key for a new intent")
            }
            Self::InvalidKey => f.write_str(
                "a key must have 1 to 200 bytes and no control characters, and must not begin with `message:`",
            ),
            Self::Unstorable(error) => write!(f, "the request cannot be stored: {error}"),
            Self::NoRandomness => f.write_str("the system provided no random numbers, which sealing needs"),
            Self::NewerSchema { found, known } => {
                write!(f, "the tables have version {found}, but this crate supports at most {known}; use a newer crate")
            }
            Self::NoSchema => f.write_str("there are no tables with this prefix; call `migrate`"),
            Self::Unreadable { key, why } => write!(f, "intent `{key}`: {why}"),
            Self::UnknownOperation { key, operation } => {
                write!(f, "intent `{key}`: no operation `{operation}` is registered here")
            }
            Self::OtherOperation { key, operation, expected } => {
                write!(f, "intent `{key}` is for `{operation}`, but the callback is about `{expected}`")
            }
            Self::WrongState { key, state } => write!(f, "intent `{key}` is {state}, so this action is not possible"),
            Self::Handler { key, message } => write!(f, "intent `{key}`: the handler failed: {message}"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Database(error) => Some(error),
            Self::Unstorable(error) => Some(error),
            Self::Unreadable { why, .. } => Some(why),
            Self::Setting(_)
            | Self::NotFound { .. }
            | Self::KeyReused { .. }
            | Self::InvalidKey
            | Self::NoRandomness
            | Self::NewerSchema { .. }
            | Self::NoSchema
            | Self::UnknownOperation { .. }
            | Self::OtherOperation { .. }
            | Self::WrongState { .. }
            | Self::Handler { .. } => None,
        }
    }
}

impl From<DatabaseError> for Error {
    fn from(error: DatabaseError) -> Self {
        Self::Database(error)
    }
}
