//! Interface between the outbox and a database library, which runs SQL statements with values in transactions.
//!
//! The trait is narrow on purpose. All SQL about the tables is in this crate. An adapter only runs statements and
//! classifies errors.

use std::fmt;

/// A value in a statement, or in a row.
#[derive(Clone, PartialEq, Eq)]
pub enum Value {
    /// An integer of 64 bits.
    Integer(Option<i64>),
    /// A text.
    Text(Option<String>),
    /// Bytes.
    Bytes(Option<Vec<u8>>),
}

/// Shows no content, because a value may be a request.
impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Integer(_) => "Integer",
            Self::Text(_) => "Text",
            Self::Bytes(_) => "Bytes",
        })
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Integer(Some(value))
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(Some(value.to_owned()))
    }
}

impl From<Option<&str>> for Value {
    fn from(value: Option<&str>) -> Self {
        Self::Text(value.map(str::to_owned))
    }
}

impl From<Vec<u8>> for Value {
    fn from(value: Vec<u8>) -> Self {
        Self::Bytes(Some(value))
    }
}

/// The type of a column in a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// [`Value::Integer`]
    Integer,
    /// [`Value::Text`]
    Text,
    /// [`Value::Bytes`]
    Bytes,
}

/// SQL dialect of a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// SQLite 3.42 or newer. It has one writer at a time, so no row has to be locked.
    Sqlite,
    /// PostgreSQL 12 or newer.
    Postgres,
}

/// A database, accessed through the library with which the caller begins transactions.
///
/// [`Sqlite`](crate::Sqlite) and `Postgres` implement it with sqlx. An adapter for another library is possible if the
/// library can run a statement in a transaction that the caller began.
pub trait Database: Clone + fmt::Debug + Send + Sync + 'static {
    /// Connection that statements run on. The caller's transaction is such a connection, or gives access to one.
    type Connection: Send;

    /// A transaction that the outbox began. Dropping the transaction rolls it back.
    type Transaction: Send;

    /// SQL dialect of the database.
    const DIALECT: Dialect;

    /// Begins a transaction that will write. On PostgreSQL, its isolation level must be READ COMMITTED.
    fn begin(&self) -> impl Future<Output = Result<Self::Transaction, DatabaseError>> + Send;

    /// Begins a transaction that only reads and does not wait for writers.
    fn begin_reading(&self) -> impl Future<Output = Result<Self::Transaction, DatabaseError>> + Send;

    /// Returns the connection of a transaction.
    fn connection(transaction: &mut Self::Transaction) -> &mut Self::Connection;

    /// Commits a transaction.
    fn commit(transaction: Self::Transaction) -> impl Future<Output = Result<(), DatabaseError>> + Send;

    /// Runs a statement and returns the number of changed rows. In the statement, `$1`, `$2`, … are the placeholders
    /// for `values`.
    fn execute(
        connection: &mut Self::Connection,
        sql: &str,
        values: &[Value],
    ) -> impl Future<Output = Result<u64, DatabaseError>> + Send;

    /// Runs a statement that returns rows. `columns` contains the types of their columns.
    fn fetch(
        connection: &mut Self::Connection,
        sql: &str,
        values: &[Value],
        columns: &[Column],
    ) -> impl Future<Output = Result<Vec<Vec<Value>>, DatabaseError>> + Send;
}

/// Kind of a database error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Problem {
    /// Another writer was first, or has a lock. Run the transaction again.
    Busy,
    /// The database user lacks a permission, or the database is read-only.
    ReadOnly,
    /// The disk is full.
    Full,
    /// A table or column does not exist. Usually, [`Outbox::migrate`](crate::Outbox::migrate) was not called, or the
    /// tables have another prefix.
    NoTable,
    /// A constraint of the table was violated.
    Constraint,
    /// A column has a value of a type that this version does not write.
    Content,
    /// There is no connection, or it was closed.
    Connection,
    /// Any other problem.
    Other,
}

/// An error of the database. It shows the library's message and no values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatabaseError {
    problem: Problem,
    message: String,
}

impl DatabaseError {
    /// Creates an error, for adapters. `message` must not contain values of a row.
    pub fn new(problem: Problem, message: impl Into<String>) -> Self {
        Self { problem, message: message.into() }
    }

    /// Returns the kind of the error.
    pub fn problem(&self) -> Problem {
        self.problem
    }
}

impl fmt::Display for DatabaseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.problem {
            Problem::Busy => "the database is busy; run the transaction again",
            Problem::ReadOnly => "the database is read-only; give the outbox write access to it",
            Problem::Full => "the disk of the database is full; free some space",
            Problem::NoTable => "a table or column is missing; call `migrate` and check the prefix",
            Problem::Constraint => "a constraint of the table is violated",
            Problem::Content => "a column has a value that this version does not write",
            Problem::Connection => "no connection to the database",
            Problem::Other => "the database failed",
        };
        write!(f, "{what}: {}", self.message)
    }
}

impl std::error::Error for DatabaseError {}
