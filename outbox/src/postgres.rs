//! PostgreSQL, through sqlx.

use crate::adapter::adapter;
use crate::database::{Column, DatabaseError, Dialect, Problem, Value};
use sqlx::error::DatabaseError as DriverError;

/// PostgreSQL, for any number of machines. Leases are measured by the clock of the server.
#[derive(Clone, Debug)]
pub struct Postgres {
    pool: sqlx::PgPool,
}

// A claim has to see the latest commits of other transactions. The isolation level is therefore set here, and the
// default of the database user does not apply.
const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED";

adapter!(Postgres, Postgres, PgConnection, PgPool, Postgres, problem, |pool: &sqlx::PgPool| {
    let pool = pool.clone();
    async move { pool.begin_with(BEGIN).await }
});

fn problem(error: &dyn DriverError) -> Problem {
    match error.code().as_deref().unwrap_or_default() {
        "40001" | "40P01" | "55P03" => Problem::Busy,
        "25006" | "42501" => Problem::ReadOnly,
        "53100" => Problem::Full,
        "42P01" | "42703" | "3F000" => Problem::NoTable,
        "22P02" | "42804" => Problem::Content,
        code if code.starts_with("23") => Problem::Constraint,
        code if code.starts_with("08") || code.starts_with("57P") || code == "53300" => Problem::Connection,
        _ => Problem::Other,
    }
}
