//! A worker of the shop: carries out the intents of the outbox until Ctrl-C or SIGTERM. Any number of workers may run
//! at the same time. With PostgreSQL, they may run on several machines.
//!
//! ```sh
//! TOSS_PAY_KEY=sk_test_... cargo run -p examples --bin worker
//! ```
//!
//! [`Settings`] lists the environment variables that the worker reads.

use examples::store::{Opened, Settings, Store};
use pagespec_outbox::Database;
use std::error::Error;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let settings = Settings::read();
    match settings.open().await? {
        Opened::Sqlite(database) => work(database, &settings).await,
        Opened::Postgres(database) => work(database, &settings).await,
    }
}

async fn work<D: Database>(database: D, settings: &Settings) -> Result<(), Box<dyn Error>> {
    let store = Store::open(database, &settings.client("one-page-shop-worker")?, settings).await?;
    println!("working");
    Ok(store.runner.worker(stopped()).await?)
}

/// Waits for Ctrl-C or SIGTERM.
async fn stopped() {
    #[cfg(unix)]
    if let Ok(mut stop) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        tokio::select! {
            _ = stop.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
        return;
    }
    // If no signal handler can be installed, the worker runs until it is killed. This loses no intent.
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
