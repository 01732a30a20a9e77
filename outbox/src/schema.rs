//! The tables, as SQL statements for each database. The meta table stores the schema version.

use crate::database::{Column, Database, DatabaseError, Dialect, Problem, Value};
use crate::error::Error;

/// The version of the tables that this crate reads and writes.
pub(crate) const VERSION: i64 = 1;

/// The SQL statements that create each version of the tables from the version before it. `{p}` is the placeholder for
/// the prefix.
const SQLITE: [&[&str]; 1] = [&[
    "CREATE TABLE {p}intents (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        key TEXT NOT NULL UNIQUE,
        api TEXT NOT NULL,
        operation TEXT NOT NULL,
        ordering TEXT,
        request BLOB NOT NULL,
        sealed_with TEXT,
        state TEXT NOT NULL CHECK (state IN ('queued', 'sending', 'unknown', 'applied', 'rejected', 'dead')),
        reason TEXT,
        enqueued_at INTEGER NOT NULL,
        due_at INTEGER NOT NULL,
        closed_at INTEGER,
        first_sent_at INTEGER,
        last_sent_at INTEGER,
        attempts INTEGER NOT NULL DEFAULT 0,
        repeats INTEGER NOT NULL DEFAULT 0,
        already_done INTEGER NOT NULL DEFAULT 0,
        failures INTEGER NOT NULL DEFAULT 0,
        owner TEXT,
        lease_until INTEGER,
        fence INTEGER NOT NULL DEFAULT 0
    ) STRICT",
    INDEXES[0],
    INDEXES[1],
    INDEXES[2],
    INDEXES[3],
]];

const POSTGRES: [&[&str]; 1] = [&[
    "CREATE TABLE {p}intents (
        id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        key TEXT NOT NULL UNIQUE,
        api TEXT NOT NULL,
        operation TEXT NOT NULL,
        ordering TEXT,
        request BYTEA NOT NULL,
        sealed_with TEXT,
        state TEXT NOT NULL CHECK (state IN ('queued', 'sending', 'unknown', 'applied', 'rejected', 'dead')),
        reason TEXT,
        enqueued_at BIGINT NOT NULL,
        due_at BIGINT NOT NULL,
        closed_at BIGINT,
        first_sent_at BIGINT,
        last_sent_at BIGINT,
        attempts BIGINT NOT NULL DEFAULT 0,
        repeats BIGINT NOT NULL DEFAULT 0,
        already_done BIGINT NOT NULL DEFAULT 0,
        failures BIGINT NOT NULL DEFAULT 0,
        owner TEXT,
        lease_until BIGINT,
        fence BIGINT NOT NULL DEFAULT 0
    )",
    INDEXES[0],
    INDEXES[1],
    INDEXES[2],
    INDEXES[3],
]];

/// The first two indexes are for claims. They contain only open intents, so that closed intents do not slow claims
/// down. The other two indexes are for queries about dead and closed intents.
const INDEXES: [&str; 4] = [
    "CREATE INDEX {p}intents_due ON {p}intents (due_at) WHERE closed_at IS NULL",
    "CREATE INDEX {p}intents_ordering ON {p}intents (ordering, id) WHERE closed_at IS NULL AND ordering IS NOT NULL",
    "CREATE INDEX {p}intents_dead ON {p}intents (closed_at) WHERE state = 'dead'",
    "CREATE INDEX {p}intents_closed ON {p}intents (closed_at) WHERE closed_at IS NOT NULL",
];

/// Checks that names of tables with this prefix need no quotes in either database.
pub(crate) fn check_prefix(prefix: &str) -> Result<(), Error> {
    let first = prefix.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase() || byte == b'_');
    let rest = prefix.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    if first && rest && prefix.len() <= 32 {
        return Ok(());
    }
    Err(Error::Setting("a prefix must have 1 to 32 characters of a-z, 0-9 and _, and must not begin with a digit"))
}

/// Returns the SQL of all schema versions, for projects that run migrations with another tool.
pub(crate) fn migrations(dialect: Dialect, prefix: &str) -> Vec<String> {
    let versions = match dialect {
        Dialect::Sqlite => &SQLITE,
        Dialect::Postgres => &POSTGRES,
    };
    let mut all = Vec::new();
    for (statements, version) in versions.iter().zip(1..) {
        if version == 1 {
            all.push("CREATE TABLE {p}meta (name TEXT PRIMARY KEY, value BIGINT NOT NULL)".to_owned());
            all.push("INSERT INTO {p}meta (name, value) VALUES ('schema_version', 0)".to_owned());
        }
        all.extend(statements.iter().map(|&statement| statement.to_owned()));
        all.push(format!("UPDATE {{p}}meta SET value = {version} WHERE name = 'schema_version'"));
    }
    all.into_iter().map(|statement| statement.replace("{p}", prefix)).collect()
}

/// Creates the tables, or updates them to this version. Several programs may do so at the same time.
pub(crate) async fn migrate<D: Database>(database: &D, prefix: &str) -> Result<(), Error> {
    let mut transaction = database.begin().await?;
    let connection = D::connection(&mut transaction);
    if D::DIALECT == Dialect::Postgres {
        let lock = "SELECT 1::BIGINT FROM (SELECT pg_advisory_xact_lock(hashtextextended($1, 0))) AS locked";
        D::fetch(connection, lock, &[Value::from(&*format!("{prefix}meta"))], &[Column::Integer]).await?;
    }
    let exists = match D::DIALECT {
        Dialect::Sqlite => "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = $1",
        Dialect::Postgres => "SELECT (CASE WHEN to_regclass($1) IS NULL THEN 0 ELSE 1 END)::BIGINT",
    };
    let found = D::fetch(connection, exists, &[Value::from(&*format!("{prefix}meta"))], &[Column::Integer]).await?;
    if found.first().and_then(|row| row.first()) == Some(&Value::from(0)) {
        for statement in migrations(D::DIALECT, prefix) {
            D::execute(connection, &statement, &[]).await?;
        }
    } else {
        // There is only one version so far. A later version has to run the missing steps here.
        check_on::<D>(connection, prefix).await?;
    }
    D::commit(transaction).await?;
    Ok(())
}

/// Checks that the tables exist and have the version that this crate supports.
pub(crate) async fn check<D: Database>(database: &D, prefix: &str) -> Result<(), Error> {
    let mut transaction = database.begin_reading().await?;
    check_on::<D>(D::connection(&mut transaction), prefix).await
}

async fn check_on<D: Database>(connection: &mut D::Connection, prefix: &str) -> Result<(), Error> {
    let select = format!("SELECT value FROM {prefix}meta WHERE name = 'schema_version'");
    let rows = D::fetch(connection, &select, &[], &[Column::Integer]).await.map_err(missing)?;
    rows.first().and_then(|row| row.first()).map_or(Err(Error::NoSchema), compare)
}

/// Converts the error about a missing table to [`Error::NoSchema`].
pub(crate) fn missing(error: DatabaseError) -> Error {
    if error.problem() == Problem::NoTable { Error::NoSchema } else { error.into() }
}

/// Compares the version in the meta table with the version that this crate supports.
pub(crate) fn compare(found: &Value) -> Result<(), Error> {
    match found {
        Value::Integer(Some(found)) if *found == VERSION => Ok(()),
        Value::Integer(Some(found)) if *found > VERSION => Err(Error::NewerSchema { found: *found, known: VERSION }),
        _ => Err(Error::NoSchema),
    }
}
