//! Settings from the environment.

use pagespec_outbox::{Postgres, SealingKey, SealingKeys, Sqlite, Storage};
use sqlx::postgres::PgPoolOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions};
use std::env;
use std::error::Error;
use std::time::Duration;
use toss_sdk::pay::Client;

/// Settings of the shop's programs:
///
/// - `SHOP_DATABASE`: a `postgres://` URL, or the path of an SQLite file. The default is `shop.db`.
/// - `SHOP_SEALING_KEY`: the key that encrypts stored requests, as 64 hexadecimal digits. Without it, the requests are
///   stored as plain text.
/// - `TOSS_PAY_KEY`: the merchant's API key.
/// - `TOSS_PAY_URL`: the URL of another service than Toss's, such as a sandbox.
/// - `SHOP_FAST=1`: short leases and pauses, for tests and demonstrations. Do not set it for the real service. A
///   request would count as not done if the service shows no effect after 4 s, although the request may still take
///   effect.
/// - `SHOP_CLOCK_SQL`: an SQL expression for the current time of the outbox, in milliseconds. It is for tests.
#[derive(Clone)]
pub struct Settings {
    database: String,
    sealing_key: Option<String>,
    pub(super) is_fast: bool,
    pub(super) clock: Option<String>,
}

/// Shows neither the sealing key nor the URL of the database, which may contain a password.
impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Settings").field("is_fast", &self.is_fast).finish_non_exhaustive()
    }
}

/// Database that was opened.
#[derive(Debug)]
pub enum Opened {
    /// SQLite file.
    Sqlite(Sqlite),
    /// PostgreSQL.
    Postgres(Postgres),
}

impl Settings {
    /// Reads the environment.
    pub fn read() -> Self {
        Self {
            database: env::var("SHOP_DATABASE").unwrap_or_else(|_| "shop.db".to_owned()),
            sealing_key: env::var("SHOP_SEALING_KEY").ok(),
            is_fast: env::var("SHOP_FAST").is_ok_and(|value| value == "1"),
            clock: env::var("SHOP_CLOCK_SQL").ok(),
        }
    }

    /// Opens the database. A connection to PostgreSQL is opened only when it is needed.
    ///
    /// # Errors
    ///
    /// Returns an error if the PostgreSQL URL is invalid, or the SQLite file cannot be opened.
    pub async fn open(&self) -> Result<Opened, Box<dyn Error>> {
        let url = &self.database;
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            let pool = PgPoolOptions::new().max_connections(10).acquire_timeout(Duration::from_secs(5));
            return Ok(Opened::Postgres(Postgres::new(pool.connect_lazy(url)?)));
        }
        let options = SqliteConnectOptions::new()
            .filename(url)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .busy_timeout(Duration::from_secs(10));
        let pool = SqlitePoolOptions::new().max_connections(8).connect_with(options).await;
        Ok(Opened::Sqlite(Sqlite::new(pool.map_err(|error| format!("SHOP_DATABASE {url}: {error}"))?)))
    }

    /// Returns how the outbox stores requests: encrypted with the sealing key or, without a sealing key, as plain text.
    /// Prints a warning if requests are stored as plain text.
    ///
    /// # Errors
    ///
    /// Returns an error if the sealing key is not 64 hexadecimal digits.
    pub fn storage(&self) -> Result<Storage, String> {
        let Some(digits) = &self.sealing_key else {
            eprintln!("SHOP_SEALING_KEY is not set: tokens of payments are stored as plain text");
            return Ok(Storage::SensitiveMembersInPlainText);
        };
        let key = key(digits).ok_or("SHOP_SEALING_KEY: expected 64 hexadecimal digits")?;
        Ok(Storage::Sealed(SealingKeys::new(SealingKey::new("shop", key))))
    }

    /// Builds the client of Toss Pay, and prints its warnings.
    ///
    /// # Errors
    ///
    /// Returns an error if `TOSS_PAY_KEY` is not set, or if the key or the URL is invalid.
    pub fn client(&self, application: &str) -> Result<Client, Box<dyn Error>> {
        let mut toss = Client::builder(env::var("TOSS_PAY_KEY").map_err(|_| "TOSS_PAY_KEY is not set")?);
        if let Ok(url) = env::var("TOSS_PAY_URL") {
            toss = toss.base_url(url);
        }
        if self.is_fast {
            toss = toss.attempt_timeout(Duration::from_secs(3)).conclusive_after(Duration::from_secs(4));
        }
        let toss = toss.application(application).build()?;
        toss.warnings().iter().for_each(|warning| eprintln!("{warning}"));
        Ok(toss)
    }
}

fn key(digits: &str) -> Option<[u8; 32]> {
    if digits.len() != 64 || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    let mut key = [0; 32];
    for (byte, at) in key.iter_mut().zip((0..).step_by(2)) {
        *byte = u8::from_str_radix(digits.get(at..at + 2)?, 16).ok()?;
    }
    Some(key)
}
