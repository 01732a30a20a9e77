//! SQLite, through sqlx.

use crate::adapter::adapter;
use crate::database::{Column, DatabaseError, Dialect, Problem, Value};
use sqlx::error::DatabaseError as DriverError;

/// SQLite, embedded in the program. It serves any number of processes on one machine.
///
/// Set `journal_mode` to WAL. Set `busy_timeout` to several seconds, as sqlx does by default. If a transaction reads
/// before it enqueues, begin it with `pool.begin_with("BEGIN IMMEDIATE")`. Otherwise SQLite rejects the write if
/// another process has written since the read.
#[derive(Clone, Debug)]
pub struct Sqlite {
    pool: sqlx::SqlitePool,
}

adapter!(Sqlite, Sqlite, SqliteConnection, SqlitePool, Sqlite, problem, |pool: &sqlx::SqlitePool| {
    let pool = pool.clone();
    async move { pool.begin_with("BEGIN IMMEDIATE").await }
});

fn problem(error: &dyn DriverError) -> Problem {
    let code: i32 = error.code().and_then(|code| code.parse().ok()).unwrap_or_default();
    match code & 0xff {
        5 | 6 => Problem::Busy,
        8 | 3 => Problem::ReadOnly,
        13 => Problem::Full,
        14 => Problem::Connection,
        19 => Problem::Constraint,
        20 => Problem::Content,
        1 if error.message().starts_with("no such ") => Problem::NoTable,
        _ => Problem::Other,
    }
}
