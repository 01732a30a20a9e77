//! Measures the cost of an outbox: each run makes the same calls with and without an outbox.
//!
//! Run with `cargo bench -p pagespec-outbox`. The calls create payments at a sandbox in this process. The SQLite
//! database is a file with `synchronous=NORMAL`. An outbox in production needs `FULL`, which is slower. If PostgreSQL
//! is installed, the benchmark starts a server of its own, without fsync. Workers are tasks of this process. Each
//! worker has a connection pool and sends up to 16 requests at the same time.

#[allow(dead_code, unused_imports, unused_macros, reason = "the tests use the rest")]
#[path = "../tests/outbox/support/mod.rs"]
mod support;

use pagespec_outbox::{Database, Dialect, Intent, Outbox, Sqlite, State};
use sqlx::sqlite::{SqlitePoolOptions, SqliteSynchronous};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use support::{PostgresDatabase, Shop, TestDatabase, Worker, block_on, creation, databases, runner_at, storage};
use toss_sdk::pay::{Client, CreatePayment};

const INTENTS: usize = 1_000;
const PAYMENTS: usize = 300;
const CLOSED_ROWS: usize = 1_000_000;
const STEP: usize = 20_000;

/// An SQLite file with `synchronous=NORMAL`. The tests use `OFF`, to avoid waiting for the disk.
struct Normal(tempfile::TempDir, Sqlite);

async fn open(folder: &std::path::Path) -> Sqlite {
    let options = databases::sqlite_options(folder).synchronous(SqliteSynchronous::Normal);
    Sqlite::new(SqlitePoolOptions::new().max_connections(8).connect_with(options).await.expect("a file"))
}

impl TestDatabase for Normal {
    type Driver = Sqlite;

    async fn create() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let driver = open(folder.path()).await;
        Self(folder, driver)
    }

    fn driver(&self) -> Sqlite {
        self.1.clone()
    }

    fn again(&self) -> impl Future<Output = Sqlite> + Send + 'static {
        let folder = self.0.path().to_owned();
        async move { open(&folder).await }
    }
}

fn main() {
    println!("SQLite");
    block_on(measure::<Normal>());
    if databases::is_there() {
        println!("PostgreSQL");
        block_on(measure::<PostgresDatabase>());
    }
}

/// Results of a measurement: calls per second with one worker and with four workers, and the latency of single
/// payments.
struct Figures {
    one: f64,
    four: f64,
    latency: Latency,
}

struct Latency {
    p50: Duration,
    p99: Duration,
}

fn latency(mut times: Vec<Duration>) -> Latency {
    times.sort_unstable();
    Latency { p50: times[times.len() / 2], p99: times[times.len() * 99 / 100] }
}

async fn measure<T: TestDatabase>() {
    let shop = Shop::<T>::open().await;
    // A warm-up: fills caches, opens connections and allocates the sandbox's memory.
    calls(&shop.toss, "warm", 16).await;
    let bare = Figures {
        one: calls(&shop.toss, "bare-1", 16).await,
        four: calls(&shop.toss, "bare-4", 64).await,
        latency: one_by_one(&shop.toss, "bare-p").await,
    };
    let empty = with_outbox(&shop, "empty").await;
    report("with an outbox, compared with no outbox", &empty, &bare);
    let began = Instant::now();
    insert_closed_rows(&shop).await;
    println!("  {CLOSED_ROWS} closed rows inserted in {:.1} s", began.elapsed().as_secs_f64());
    let full = with_outbox(&shop, "full").await;
    report("with the closed rows, compared with an empty table", &full, &empty);
}

fn report(what: &str, own: &Figures, other: &Figures) {
    let latency = |own: Duration, other: Duration| {
        let ratio = own.as_secs_f64() / other.as_secs_f64();
        format!("{:.2} ms to {:.2} ms: {ratio:.2}", own.as_secs_f64() * 1e3, other.as_secs_f64() * 1e3)
    };
    println!("  {what}:");
    println!("    1 worker   {:.0}/s to {:.0}/s: {:.2}", own.one, other.one, own.one / other.one);
    println!("    4 workers  {:.0}/s to {:.0}/s: {:.2}", own.four, other.four, own.four / other.four);
    println!("    one payment, p50  {}", latency(own.latency.p50, other.latency.p50));
    println!("    one payment, p99  {}", latency(own.latency.p99, other.latency.p99));
}

/// Returns the calls per second without an outbox.
async fn calls(toss: &Client, name: &'static str, parallel: usize) -> f64 {
    let next = Arc::new(AtomicUsize::new(0));
    let began = Instant::now();
    let tasks: Vec<_> = (0..parallel)
        .map(|_| {
            let (toss, next) = (toss.clone(), next.clone());
            tokio::spawn(async move {
                while let n @ 0..INTENTS = next.fetch_add(1, Ordering::SeqCst) {
                    toss.create_payment(&creation(&format!("{name}-{n}"))).await.expect("it is created");
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.expect("it ends");
    }
    INTENTS as f64 / began.elapsed().as_secs_f64()
}

async fn one_by_one(toss: &Client, name: &str) -> Latency {
    let mut times = Vec::new();
    for n in 0..PAYMENTS {
        let began = Instant::now();
        toss.create_payment(&creation(&format!("{name}-{n}"))).await.expect("it is created");
        times.push(began.elapsed());
    }
    latency(times)
}

async fn with_outbox<T: TestDatabase>(shop: &Shop<T>, name: &str) -> Figures {
    Figures {
        one: intents(shop, &format!("{name}-1"), 1).await,
        four: intents(shop, &format!("{name}-4"), 4).await,
        latency: enqueued_and_run(shop, &format!("{name}-p")).await,
    }
}

/// Returns the intents per second, from the first enqueueing transaction to the commit of the last handler. Each intent
/// is enqueued in a transaction of its own.
async fn intents<T: TestDatabase>(shop: &Shop<T>, name: &str, workers: usize) -> f64 {
    let mut running = Vec::new();
    for _ in 0..workers {
        let outbox = Outbox::builder(shop.database.again().await, storage()).build().expect("an outbox");
        let runner = runner_at(shop.sandbox.base_url(), shop.books.clone(), &outbox).lease(Duration::from_secs(30));
        running.push(Worker::start(runner.build().expect("a runner")));
    }
    let began = Instant::now();
    let next = Arc::new(AtomicUsize::new(0));
    let tasks: Vec<_> = (0..4)
        .map(|_| {
            let (outbox, next, name) = (shop.outbox(), next.clone(), name.to_owned());
            tokio::spawn(async move {
                while let n @ 0..INTENTS = next.fetch_add(1, Ordering::SeqCst) {
                    enqueue(&outbox, &format!("{name}-{n}")).await;
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.expect("it ends");
    }
    while !shop.outbox().list(0, 1).await.expect("a list").is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let elapsed = began.elapsed();
    for worker in running {
        worker.stop().await;
    }
    INTENTS as f64 / elapsed.as_secs_f64()
}

async fn enqueue<D: Database>(outbox: &Outbox<D>, key: &str) {
    let request: CreatePayment = creation(key);
    let mut transaction = outbox.database().begin().await.expect("a transaction");
    let intent = Intent::new(key, &request).in_order_of(key);
    let _ = outbox.enqueue_intent(D::connection(&mut transaction), &intent).await.expect("enqueued");
    D::commit(transaction).await.expect("committed");
}

/// Makes payments one after another, each like the request handler of a web shop: enqueue, commit, run.
async fn enqueued_and_run<T: TestDatabase>(shop: &Shop<T>, name: &str) -> Latency {
    let runner = shop.runner();
    let mut times = Vec::new();
    for n in 0..PAYMENTS {
        let key = format!("{name}-{n}");
        let began = Instant::now();
        enqueue(runner.outbox(), &key).await;
        let progress = runner.run(&key, Duration::from_secs(10)).await.expect("it runs");
        times.push(began.elapsed());
        assert_eq!(progress.closed(), Some(State::Applied));
    }
    latency(times)
}

/// Inserts rows in batches. One transaction with a million rows would make SQLite's write-ahead log as large as all
/// these rows.
async fn insert_closed_rows<T: TestDatabase>(shop: &Shop<T>) {
    for first in (1..=CLOSED_ROWS).step_by(STEP) {
        let last = first + STEP - 1;
        let (numbers, random) = match T::Driver::DIALECT {
            Dialect::Sqlite => (
                format!(
                    "WITH RECURSIVE n(i) AS (SELECT {first} UNION ALL SELECT i + 1 FROM n WHERE i < {last}) SELECT "
                ),
                "randomblob(300)",
            ),
            Dialect::Postgres => (
                format!("WITH n AS (SELECT i FROM generate_series({first}, {last}) AS i) SELECT "),
                "decode(repeat(md5(i::TEXT), 18), 'hex')",
            ),
        };
        shop.sql(&format!(
            "INSERT INTO outbox_intents (key, api, operation, ordering, request, state, enqueued_at, due_at, closed_at) \
             {numbers} 'old-' || i, 'pay', 'create_payment', 'old-' || i, {random}, 'applied', i, i, i FROM n"
        ))
        .await;
    }
}
