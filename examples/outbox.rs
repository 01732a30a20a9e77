//! Command line of the shop's outbox: lists intents, and applies a person's decisions about them.
//!
//! ```sh
//! cargo run -p examples --bin outbox -- list
//! cargo run -p examples --bin outbox -- show order-…/pay
//! cargo run -p examples --bin outbox -- retry order-…/pay
//! cargo run -p examples --bin outbox -- give-up order-…/pay "Toss says that it was never paid"
//! cargo run -p examples --bin outbox -- purge 90
//! ```
//!
//! [`Settings`] lists the environment variables that the program reads. The program sends no requests to Toss.

use examples::store::{Opened, Settings, Store};
use pagespec_outbox::{Database, Record};
use std::error::Error;
use std::process::ExitCode;
use std::time::{Duration, SystemTime};

const USAGE: &str = "usage: outbox list | show KEY | retry KEY | give-up KEY REASON | abandon KEY REASON | purge DAYS";

/// Largest number of rows that one query reads or deletes.
const PAGE: u32 = 500;

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: &[String]) -> Result<(), Box<dyn Error>> {
    let settings = Settings::read();
    match settings.open().await? {
        Opened::Sqlite(database) => decide(database, &settings, arguments).await,
        Opened::Postgres(database) => decide(database, &settings, arguments).await,
    }
}

async fn decide<D: Database>(database: D, settings: &Settings, arguments: &[String]) -> Result<(), Box<dyn Error>> {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let store = Store::open(database, &settings.client("one-page-shop-desk")?, settings).await?;
    let outbox = &store.outbox;
    match words[..] {
        ["list"] => list(&store).await?,
        ["show", key] => {
            let record = outbox.show(key).await?.ok_or_else(|| format!("there is no intent with the key `{key}`"))?;
            show(&record);
        }
        ["retry", key] => {
            outbox.retry(key).await?;
            println!("{key} is due now");
        }
        ["give-up", key, reason] => println!("{key} is {}", store.runner.give_up(key, reason).await?),
        ["abandon", key, reason] => {
            outbox.abandon(key, reason).await?;
            println!("{key} is dead; look at the payment, and correct the books");
        }
        ["purge", days] => {
            let days: u32 = days.parse().map_err(|_| format!("`{days}` is not a number of days\n{USAGE}"))?;
            let age = Duration::from_secs(u64::from(days) * 24 * 60 * 60);
            let mut deleted = 0;
            loop {
                let some = outbox.purge(age, PAGE).await?;
                deleted += some;
                if some < u64::from(PAGE) {
                    break;
                }
            }
            println!("{deleted} closed intents and old callbacks deleted");
        }
        _ => return Err(USAGE.into()),
    }
    Ok(())
}

/// Prints the open and dead intents. Then prints, for each operation and state, the number of intents and the age of
/// the oldest one.
async fn list<D: Database>(store: &Store<D>) -> Result<(), Box<dyn Error>> {
    let mut after = 0;
    loop {
        let page = store.outbox.list(after, PAGE).await?;
        for listed in &page {
            match &listed.record {
                Ok(record) => {
                    let reason = record.reason.as_deref().unwrap_or_default();
                    println!("{:<8} {:>6} s  {}  {reason}", record.state.as_str(), age(record), record.key);
                }
                Err(why) => println!("{:<8} {:>6} s  {}  {why}", "damaged", "?", listed.key),
            }
        }
        match page.last() {
            Some(last) => after = last.id,
            None => break,
        }
    }
    for count in store.outbox.counts().await? {
        let (operation, oldest) = (format!("{}.{}", count.api, count.operation), count.oldest.as_secs());
        println!("{} {operation} {}, the oldest for {oldest} s", count.count, count.state);
    }
    Ok(())
}

fn age(record: &Record) -> u64 {
    record.read_at.duration_since(record.enqueued_at).unwrap_or_default().as_secs()
}

fn show(record: &Record) {
    let ago = |time: Option<SystemTime>| match time.map(|time| record.read_at.duration_since(time)) {
        Some(Ok(ago)) => format!("{} s ago", ago.as_secs()),
        Some(Err(ahead)) => format!("in {} s", ahead.duration().as_secs()),
        None => "never".to_owned(),
    };
    println!("key         {}", record.key);
    println!("operation   {}.{}", record.api, record.operation);
    println!("state       {}", record.state);
    println!("reason      {}", record.reason.as_deref().unwrap_or("none"));
    println!("enqueued    {}", ago(Some(record.enqueued_at)));
    println!("due         {}", ago(Some(record.due_at)));
    println!("first sent  {}", ago(record.first_sent_at));
    println!("last sent   {}", ago(record.last_sent_at));
    println!("closed      {}", ago(record.closed_at));
    println!("attempts    {}, of which {} repeat", record.attempts, record.repeats);
    println!("put off     {} times in a row", record.failures);
    println!("owner       {}", record.owner.as_deref().unwrap_or("none"));
}
