//! A database for each test. An SQLite database is a file. A PostgreSQL database is a copy of a template, in a cluster
//! that only the tests use.

use pagespec_outbox::{Database, Postgres, Sqlite};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use std::path::PathBuf;
use std::process::{ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{LazyLock, Mutex};
use std::time::Duration;

pub trait TestDatabase: Send + Sync + 'static {
    type Driver: Database;

    fn create() -> impl Future<Output = Self> + Send;
    fn driver(&self) -> Self::Driver;
    /// Opens the same database again, as another process would.
    fn again(&self) -> impl Future<Output = Self::Driver> + Send + 'static;
}

pub struct SqliteDatabase {
    pub folder: tempfile::TempDir,
    pub driver: Sqlite,
}

pub fn sqlite_options(folder: &std::path::Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(folder.join("shop.db"))
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Off)
}

impl TestDatabase for SqliteDatabase {
    type Driver = Sqlite;

    async fn create() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let pool = SqlitePoolOptions::new().max_connections(8).connect_with(sqlite_options(folder.path()));
        let driver = Sqlite::new(pool.await.unwrap());
        Self { folder, driver }
    }

    fn driver(&self) -> Sqlite {
        self.driver.clone()
    }

    fn again(&self) -> impl Future<Output = Sqlite> + Send + 'static {
        let options = sqlite_options(self.folder.path());
        async move { Sqlite::new(SqlitePoolOptions::new().max_connections(8).connect_with(options).await.unwrap()) }
    }
}

/// The PostgreSQL cluster. The server stops when the test process ends, because the end of the process closes the pipe.
struct Cluster {
    folder: PathBuf,
    _pipe: Mutex<ChildStdin>,
}

static CLUSTER: LazyLock<Option<Cluster>> = LazyLock::new(start);
static NUMBER: AtomicU32 = AtomicU32::new(0);
static COPYING: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// Starts the server, waits until the pipe is closed, stops the server, and deletes its files.
const SCRIPT: &str = r#"
cd "$1" || exit 1
"$2/initdb" -D "$1/data" -U shop -A trust -E UTF8 --locale=C --no-sync >"$1/initdb.log" 2>&1 || exit 1
"$2/postgres" -D "$1/data" -k "$1" -c listen_addresses= -c fsync=off -c full_page_writes=off -c max_connections=200 \
    -c synchronous_commit=off >"$1/server.log" 2>&1 &
server=$!
cat >/dev/null
kill -QUIT $server
wait $server
rm -rf "$1/data" "$1"
"#;

fn binaries() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = versions.map(|version| version.path().join("bin")).collect();
    folders.sort();
    folders.extend(["/usr/local/bin".into(), "/usr/bin".into()]);
    folders.into_iter().rev().find(|folder| folder.join("initdb").exists() && folder.join("postgres").exists())
}

fn start() -> Option<Cluster> {
    let binaries = binaries()?;
    let folder = tempfile::Builder::new().prefix("outbox-tests-").tempdir().ok()?.keep();
    // The server refuses to run as root.
    let is_root = std::fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0);
    let mut command = if is_root {
        let nobody = 65534;
        std::os::unix::fs::chown(&folder, Some(nobody), Some(nobody)).ok()?;
        let mut command = Command::new("setpriv");
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups", "sh"]);
        command
    } else {
        Command::new("sh")
    };
    command.args(["-c", SCRIPT, "sh"]).arg(&folder).arg(binaries).env("LC_ALL", "C");
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().ok()?;
    let pipe = child.stdin.take()?;
    for _ in 0..600 {
        if folder.join(".s.PGSQL.5432").exists() {
            return Some(Cluster { folder, _pipe: Mutex::new(pipe) });
        }
        if !matches!(child.try_wait(), Ok(None)) {
            break;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    None
}

/// Returns `true` if PostgreSQL can be started. Otherwise prints a note.
pub fn is_there() -> bool {
    let is_there = CLUSTER.is_some();
    if !is_there {
        eprintln!("skipped: the programs initdb and postgres cannot be started here");
    }
    is_there
}

fn options(cluster: &Cluster, database: &str) -> PgConnectOptions {
    PgConnectOptions::new().host(cluster.folder.to_str().unwrap()).username("shop").database(database)
}

pub struct PostgresDatabase {
    pub driver: Postgres,
    pub options: PgConnectOptions,
}

async fn run(cluster: &Cluster, sql: String) -> Result<(), sqlx::Error> {
    let mut last = None;
    // The socket exists before the server accepts connections.
    for _ in 0..100 {
        let pool = PgPoolOptions::new().max_connections(1).connect_with(options(cluster, "postgres")).await;
        match pool {
            Ok(pool) => {
                let done = sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&pool).await.map(drop);
                pool.close().await;
                return done;
            }
            Err(error) => last = Some(error),
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Err(last.unwrap())
}

impl TestDatabase for PostgresDatabase {
    type Driver = Postgres;

    async fn create() -> Self {
        let cluster = CLUSTER.as_ref().unwrap();
        let name = format!("shop_{}", NUMBER.fetch_add(1, Ordering::SeqCst));
        let copying = COPYING.lock().await;
        run(cluster, format!("CREATE DATABASE {name} TEMPLATE template1")).await.unwrap();
        drop(copying);
        let options = options(cluster, &name);
        let pool = PgPoolOptions::new().max_connections(8).connect_with(options.clone()).await.unwrap();
        Self { driver: Postgres::new(pool), options }
    }

    fn driver(&self) -> Postgres {
        self.driver.clone()
    }

    fn again(&self) -> impl Future<Output = Postgres> + Send + 'static {
        let options = self.options.clone();
        async move { Postgres::new(PgPoolOptions::new().max_connections(8).connect_with(options).await.unwrap()) }
    }
}
