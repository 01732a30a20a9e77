//! State and record of an intent.

use crate::database::{Column, Value};
use crate::unreadable::Unreadable;
use std::fmt;
use std::time::{Duration, SystemTime};

/// State of an intent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// Nothing was sent, or the service rejected the request for a reason other than the request itself, such as load.
    Queued,
    /// An attempt was recorded, before its first byte was sent. The request may have taken effect.
    Sending,
    /// The request may have taken effect. From `due_at` on, the request is resolved by the operation's plan.
    Unknown,
    /// The request took effect, and the handler has committed.
    Applied,
    /// The request did not take effect and no longer can, and the handler has committed.
    Rejected,
    /// The intent was given up with an unknown outcome, or it was abandoned. A person has to decide. The handler has
    /// committed, unless the intent was abandoned.
    Dead,
}

impl State {
    /// All states.
    pub const ALL: [Self; 6] = [Self::Queued, Self::Sending, Self::Unknown, Self::Applied, Self::Rejected, Self::Dead];

    /// Returns the name of the state in the table and in metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Unknown => "unknown",
            Self::Applied => "applied",
            Self::Rejected => "rejected",
            Self::Dead => "dead",
        }
    }

    /// Returns `true` if the intent is closed.
    pub fn is_closed(self) -> bool {
        matches!(self, Self::Applied | Self::Rejected | Self::Dead)
    }

    pub(crate) fn from_column(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An intent in the table, without its request.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Record {
    /// Number of the intent. Numbers increase in the order of enqueueing.
    pub id: i64,
    /// Key of the intent, which the caller chose.
    pub key: String,
    /// The API.
    pub api: String,
    /// The operation.
    pub operation: String,
    /// Intents with the same text are carried out one after another.
    pub ordering: Option<String>,
    /// The name of the key that sealed the request. `None` for plain text.
    pub sealed_with: Option<String>,
    /// State of the intent.
    pub state: State,
    /// Reason why the intent is still open, or a description of its outcome. The text contains no secrets.
    pub reason: Option<String>,
    /// Time of enqueueing. All times of a record are times of the database's clock.
    pub enqueued_at: SystemTime,
    /// Earliest time at which a worker tries the intent again. [`Runner::run`](crate::Runner::run) can do so earlier.
    pub due_at: SystemTime,
    /// Time of closing.
    pub closed_at: Option<SystemTime>,
    /// Time at which the first attempt was recorded. Attempts before the intent was last put back to *queued* do not
    /// count.
    pub first_sent_at: Option<SystemTime>,
    /// Latest time at which the request may have been sent. It is set when an attempt is recorded. It is also set when
    /// an intent that may have been sent is claimed, or put off by the worker that has claimed it.
    pub last_sent_at: Option<SystemTime>,
    /// Number of recorded attempts.
    pub attempts: u32,
    /// Number of recorded attempts that were made by a resolution.
    pub repeats: u32,
    /// Set if the service replied to an attempt that the request was already done.
    pub already_done: bool,
    /// Number of times that the intent was put off after a failure. A retry resets this number to 0.
    pub failures: u32,
    /// The runner that has claimed the intent. `None` before the first claim, and after the intent was closed, or put
    /// off by this runner. The lease of the claim may have expired.
    pub owner: Option<String>,
    /// A counter that grows with each claim, and with each change that makes the claim of a worker invalid.
    pub fence: i64,
    /// The database's time when the record was read.
    pub read_at: SystemTime,
}

/// The columns of a [`Record`].
pub(crate) const COLUMNS: &str = "id, key, api, operation, ordering, sealed_with, state, reason, enqueued_at, due_at, \
                                  closed_at, first_sent_at, last_sent_at, attempts, repeats, failures, owner, fence, \
                                  already_done";

/// The types of [`COLUMNS`], followed by the types of two further columns: the time of reading, and the request.
pub(crate) const TYPES: [Column; 21] = [
    Column::Integer,
    Column::Text,
    Column::Text,
    Column::Text,
    Column::Text,
    Column::Text,
    Column::Text,
    Column::Text,
    Column::Integer,
    Column::Integer,
    Column::Integer,
    Column::Integer,
    Column::Integer,
    Column::Integer,
    Column::Integer,
    Column::Integer,
    Column::Text,
    Column::Integer,
    Column::Integer,
    Column::Integer,
    Column::Bytes,
];

/// A row: the record, and its stored request.
pub struct Row {
    /// The record.
    pub record: Record,
    pub(crate) enqueued_ms: i64,
    pub(crate) request: Vec<u8>,
}

/// Converts milliseconds since 1970 to a time.
pub(crate) fn time(ms: i64) -> SystemTime {
    let distance = Duration::from_millis(ms.unsigned_abs());
    let time = if ms < 0 {
        SystemTime::UNIX_EPOCH.checked_sub(distance)
    } else {
        SystemTime::UNIX_EPOCH.checked_add(distance)
    };
    // Only a manually changed column can be out of range.
    time.unwrap_or(SystemTime::UNIX_EPOCH)
}

struct Cells(std::vec::IntoIter<Value>);

impl Cells {
    fn integer(&mut self, name: &'static str) -> Result<Option<i64>, Unreadable> {
        match self.0.next() {
            Some(Value::Integer(value)) => Ok(value),
            _ => Err(Unreadable::Column(name)),
        }
    }

    fn number(&mut self, name: &'static str) -> Result<i64, Unreadable> {
        self.integer(name)?.ok_or(Unreadable::Column(name))
    }

    fn count(&mut self, name: &'static str) -> Result<u32, Unreadable> {
        u32::try_from(self.number(name)?).map_err(|_| Unreadable::Column(name))
    }

    fn optional(&mut self, name: &'static str) -> Result<Option<String>, Unreadable> {
        match self.0.next() {
            Some(Value::Text(value)) => Ok(value),
            _ => Err(Unreadable::Column(name)),
        }
    }

    fn text(&mut self, name: &'static str) -> Result<String, Unreadable> {
        self.optional(name)?.ok_or(Unreadable::Column(name))
    }
}

impl Row {
    /// Reads a row, column by column.
    ///
    /// # Errors
    ///
    /// Returns an error that names the first column that cannot be read, or whose value contradicts another column.
    pub fn read(cells: Vec<Value>) -> Result<Self, Unreadable> {
        let mut cells = Cells(cells.into_iter());
        let (id, key) = (cells.number("id")?, cells.text("key")?);
        let (api, operation) = (cells.text("api")?, cells.text("operation")?);
        let (ordering, sealed_with) = (cells.optional("ordering")?, cells.optional("sealed_with")?);
        let state = State::from_column(&cells.text("state")?).ok_or(Unreadable::Column("state"))?;
        let reason = cells.optional("reason")?;
        let enqueued_ms = cells.number("enqueued_at")?;
        let due_at = time(cells.number("due_at")?);
        let closed_at = cells.integer("closed_at")?.map(time);
        let first_sent_at = cells.integer("first_sent_at")?.map(time);
        let last_sent_at = cells.integer("last_sent_at")?.map(time);
        let (attempts, repeats) = (cells.count("attempts")?, cells.count("repeats")?);
        let (failures, owner) = (cells.count("failures")?, cells.optional("owner")?);
        let fence = cells.number("fence")?;
        let already_done = cells.count("already_done")? > 0;
        let read_at = time(cells.number("now")?);
        let Some(Value::Bytes(Some(request))) = cells.0.next() else { return Err(Unreadable::Column("request")) };
        if state.is_closed() != closed_at.is_some() {
            return Err(Unreadable::Column("closed_at"));
        }
        // A queued intent is sent without querying the service, so it must not have the time of an attempt.
        if (state == State::Queued) == first_sent_at.is_some() && !state.is_closed() {
            return Err(Unreadable::Column("first_sent_at"));
        }
        let record = Record {
            id,
            key,
            api,
            operation,
            ordering,
            sealed_with,
            state,
            reason,
            enqueued_at: time(enqueued_ms),
            due_at,
            closed_at,
            first_sent_at,
            last_sent_at,
            attempts,
            repeats,
            already_done,
            failures,
            owner,
            fence,
            read_at,
        };
        Ok(Self { record, enqueued_ms, request })
    }
}
