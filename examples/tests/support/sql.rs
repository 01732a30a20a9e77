//! SQL helpers for tests of the shop.

use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection};

fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

/// Runs a statement whose result has one text column. Returns the values of this column.
pub fn try_texts(database: &str, statement: &str) -> Result<Vec<String>, sqlx::Error> {
    let statement = AssertSqlSafe(statement.to_owned());
    block_on(async {
        if database.starts_with("postgres://") {
            let mut connection = PgConnection::connect(database).await?;
            sqlx::query_scalar(statement).fetch_all(&mut connection).await
        } else {
            let mut connection = SqliteConnection::connect(&format!("sqlite://{database}?mode=rwc")).await?;
            sqlx::query_scalar(statement).fetch_all(&mut connection).await
        }
    })
}

pub fn texts(database: &str, statement: &str) -> Vec<String> {
    try_texts(database, statement).unwrap_or_else(|error| panic!("{statement}: {error}"))
}

/// Locks an SQLite file for `time`, so that no other process can write to it.
pub fn lock_sqlite(file: &str, time: std::time::Duration) {
    block_on(async {
        let Ok(mut connection) = SqliteConnection::connect(&format!("sqlite://{file}")).await else { return };
        if sqlx::query("BEGIN EXCLUSIVE").execute(&mut connection).await.is_ok() {
            tokio::time::sleep(time).await;
        }
        let _ = connection.close().await;
    });
}
