//! Tests of damaged rows, wrong keys, unusable settings and failing databases. No intent may be lost, and no request
//! may be sent by mistake.

use crate::on_both;
use crate::support::databases::sqlite_options;
use crate::support::vouchers::Priced;
use crate::support::*;
use pagespec_outbox::{
    Database, Dialect, Error, Intent, Outbox, Postgres, Problem, SealingKey, SealingKeys, Sqlite, State, Storage,
    Unreadable,
};
use pagespec_runtime::{read_stored, store};
use std::time::{Duration, SystemTime};
use toss_sandbox::{Fault, FaultKind};
use toss_sdk::pay::{CreatePayment, PayToken};

const LONGEST_WAIT: Duration = Duration::from_secs(10);

on_both!(
    a_row_that_was_changed_by_hand_is_not_sent,
    a_request_that_was_moved_to_another_row_is_not_sent,
    plain_text_is_rejected_unless_the_keys_allow_it,
    tables_of_a_newer_version_are_not_changed,
    a_request_of_a_removed_operation_stays_queued,
    a_request_is_sent_only_with_the_right_sealing_key,
    an_unreadable_intent_can_be_abandoned_and_then_blocks_no_other,
    an_intent_abandoned_before_it_was_sent_can_be_queued_again,
    missing_tables_have_their_own_error,
    repeated_and_concurrent_migrations_have_the_effect_of_one,
    two_outboxes_with_their_own_prefixes_share_a_database,
    unusable_settings_are_rejected,
);

async fn a_row_that_was_changed_by_hand_is_not_sent<T: TestDatabase>() {
    let request = if T::Driver::DIALECT == Dialect::Sqlite { "x'00'" } else { "'\\x00'::BYTEA" };
    let changes = [
        format!("request = {request}"),
        "ordering = 'another'".to_owned(),
        "operation = 'execute_payment'".to_owned(),
        "enqueued_at = enqueued_at - 1".to_owned(),
        "first_sent_at = 1".to_owned(),
        "state = 'sending'".to_owned(),
        "sealed_with = NULL".to_owned(),
        "sealed_with = 'other'".to_owned(),
        "attempts = -1".to_owned(),
    ];
    let shop = Shop::<T>::open().await;
    let token = shop.paid("o-1").await;
    let runner = shop.runner();
    for (n, change) in changes.iter().enumerate() {
        let key = format!("refund-{n}");
        shop.enqueue(&Intent::new(&key, &refund(&token, 100))).await;
        assert_eq!(shop.sql(&format!("UPDATE outbox_intents SET {change} WHERE key = '{key}'")).await, 1);
        let error = runner.run(&key, LONGEST_WAIT).await.unwrap_err();
        assert!(matches!(&error, Error::Unreadable { key: own, .. } if *own == key), "{change}: {error}");
        assert!(!error.to_string().contains(token.as_str()));
    }
    shop.enqueue(&Intent::new("sound", &refund(&token, 700))).await;
    let worker = Worker::start(runner);
    eventually("the sound one", async || shop.state("sound").await == State::Applied).await;
    worker.stop().await;
    assert_eq!(shop.calls("refund_payment"), 1, "only the unchanged request may be sent");
    assert_eq!(shop.sql("UPDATE outbox_intents SET owner = NULL WHERE closed_at IS NULL").await, changes.len() as u64);
    let listed = shop.outbox().list(0, 1_000).await.unwrap();
    assert_eq!(listed.len(), changes.len(), "a damaged record must not hide the others");
    // Three changes damage the record. The others damage only the request.
    assert_eq!(listed.iter().filter(|listed| listed.record.is_err()).count(), 3);
}

/// Enqueues refunds of 100 won under these keys.
async fn enqueue_refunds<T: TestDatabase>(
    shop: &Shop<T>,
    outbox: &Outbox<T::Driver>,
    token: &PayToken,
    keys: [&str; 2],
) {
    let driver = shop.database.driver();
    let mut transaction = driver.begin().await.unwrap();
    for key in keys {
        let _ = outbox.enqueue(T::Driver::connection(&mut transaction), key, &refund(token, 100)).await.unwrap();
    }
    T::Driver::commit(transaction).await.unwrap();
}

async fn a_request_that_was_moved_to_another_row_is_not_sent<T: TestDatabase>() {
    let shop = Shop::<T>::open().await;
    let token = shop.paid("o-1").await;
    for storage in [storage(), Storage::SensitiveMembersInPlainText] {
        let is_sealed = matches!(storage, Storage::Sealed(_));
        let keys = if is_sealed { ["sealed-1", "sealed-2"] } else { ["plain-1", "plain-2"] };
        let outbox = Outbox::builder(shop.database.driver(), storage).build().unwrap();
        enqueue_refunds(&shop, &outbox, &token, keys).await;
        let [moved, other] = keys;
        let of_the_other = format!("(SELECT request FROM outbox_intents WHERE key = '{other}')");
        shop.sql(&format!("UPDATE outbox_intents SET request = {of_the_other} WHERE key = '{moved}'")).await;
        let runner = shop.runner_of(&outbox).build().unwrap();
        let error = runner.run(moved, LONGEST_WAIT).await.unwrap_err();
        let Error::Unreadable { why, .. } = &error else { panic!("{error}") };
        assert_eq!(matches!(why, Unreadable::WrongKeyOrChanged { .. }), is_sealed, "{error}");
        assert_eq!(matches!(why, Unreadable::Changed), !is_sealed, "{error}");
        assert_eq!(runner.run(other, LONGEST_WAIT).await.unwrap().closed(), Some(State::Applied));
    }
    assert_eq!(shop.calls("refund_payment"), 2, "only requests in their own rows may be sent");
}

async fn plain_text_is_rejected_unless_the_keys_allow_it<T: TestDatabase>() {
    let shop = Shop::<T>::open().await;
    let token = shop.paid("o-1").await;
    let plain = Outbox::builder(shop.database.driver(), Storage::SensitiveMembersInPlainText).build().unwrap();
    enqueue_refunds(&shop, &plain, &token, ["first", "second"]).await;
    let error = shop.runner().run("first", LONGEST_WAIT).await.unwrap_err();
    assert!(matches!(&error, Error::Unreadable { why: Unreadable::NotSealed, .. }), "{error}");
    assert_eq!(shop.calls("refund_payment"), 0);
    let keys = SealingKeys::new(SealingKey::new("2026-11", [7; 32])).and_plain_text();
    let allowing = Outbox::builder(shop.database.driver(), Storage::Sealed(keys)).build().unwrap();
    let runner = shop.runner_of(&allowing).build().unwrap();
    assert_eq!(runner.run("first", LONGEST_WAIT).await.unwrap().closed(), Some(State::Applied));
}

async fn an_intent_abandoned_before_it_was_sent_can_be_queued_again<T: TestDatabase>() {
    let shop = Shop::<T>::open().await;
    let token = shop.paid("o-1").await;
    shop.enqueue(&Intent::new("refund", &refund(&token, 100))).await;
    let outbox = shop.outbox();
    outbox.abandon("refund", "by mistake").await.unwrap();
    assert_eq!(shop.state("refund").await, State::Dead);
    outbox.retry("refund").await.unwrap();
    assert_eq!(shop.state("refund").await, State::Queued);
    assert_eq!(outbox.list(0, 10).await.unwrap().len(), 1);
    let progress = shop.runner().run("refund", LONGEST_WAIT).await.unwrap();
    assert_eq!((progress.closed(), shop.calls("refund_payment")), (Some(State::Applied), 1));
}

async fn an_unreadable_intent_can_be_abandoned_and_then_blocks_no_other<T: TestDatabase>() {
    let shop = Shop::<T>::open().await;
    let token = shop.paid("o-1").await;
    let runner = shop.runner();
    shop.enqueue(&Intent::new("damaged", &refund(&token, 100)).in_order_of("o-1")).await;
    shop.enqueue(&Intent::new("next", &refund(&token, 200)).in_order_of("o-1")).await;
    shop.sql("UPDATE outbox_intents SET sealed_with = 'lost' WHERE key = 'damaged'").await;
    let error = runner.give_up("damaged", "the key is lost").await.unwrap_err();
    assert!(matches!(error, Error::Unreadable { .. }), "{error}");
    runner.outbox().abandon("damaged", "the key is lost").await.unwrap();
    assert_eq!(shop.state("damaged").await, State::Dead);
    let again = runner.outbox().abandon("damaged", "again").await.unwrap_err();
    assert!(matches!(again, Error::NotFound { .. }), "{again}");
    let progress = runner.run("next", LONGEST_WAIT).await.unwrap();
    assert_eq!(progress.closed(), Some(State::Applied));
    assert_eq!(shop.calls("refund_payment"), 1, "the damaged request must not be sent");
}

async fn tables_of_a_newer_version_are_not_changed<T: TestDatabase>() {
    let shop = Shop::<T>::open().await;
    let token = shop.paid("o-1").await;
    shop.enqueue(&Intent::new("refund", &refund(&token, 100))).await;
    let runner = shop.runner();
    let worker = {
        let runner = runner.clone();
        tokio::spawn(async move { runner.worker(std::future::pending()).await })
    };
    eventually("the refund", async || shop.state("refund").await == State::Applied).await;
    shop.sql("UPDATE outbox_meta SET value = 2 WHERE name = 'schema_version'").await;
    let is_newer = |error: &Error| matches!(error, Error::NewerSchema { found: 2, known: 1 });
    let ended = tokio::time::timeout(LONGEST_WAIT, worker).await.expect("the worker stops by itself").unwrap();
    assert!(is_newer(&ended.unwrap_err()));
    let driver = shop.database.driver();
    let mut transaction = driver.begin().await.unwrap();
    let outbox = shop.outbox();
    let enqueued = outbox.enqueue(T::Driver::connection(&mut transaction), "next", &refund(&token, 100)).await;
    assert!(is_newer(&enqueued.unwrap_err()));
    drop(transaction);
    assert!(is_newer(&outbox.migrate().await.unwrap_err()));
    shop.sql("UPDATE outbox_intents SET state = 'queued', closed_at = NULL, first_sent_at = NULL, due_at = 0").await;
    let run = runner.run("refund", LONGEST_WAIT).await;
    assert!(is_newer(&run.unwrap_err()));
    assert_eq!(shop.calls("refund_payment"), 1);
}

async fn a_request_of_a_removed_operation_stays_queued<T: TestDatabase>() {
    let shop = Shop::<T>::open().await;
    let token = shop.paid("o-1").await;
    shop.enqueue(&Intent::new("refund", &refund(&token, 100))).await;
    let later = shop.outbox().runner().operation::<CreatePayment>(&shop.toss, shop.books.clone()).build().unwrap();
    let error = later.run("refund", LONGEST_WAIT).await.unwrap_err();
    let is_it = matches!(&error, Error::UnknownOperation { operation, .. } if operation == "pay.refund_payment");
    assert!(is_it, "{error}");
    let worker = Worker::start(later);
    tokio::time::sleep(Duration::from_millis(300)).await;
    worker.stop().await;
    assert_eq!((shop.state("refund").await, shop.calls("refund_payment")), (State::Queued, 0));
    let progress = shop.runner().run("refund", LONGEST_WAIT).await.unwrap();
    assert_eq!(progress.closed(), Some(State::Applied));
}

async fn a_request_is_sent_only_with_the_right_sealing_key<T: TestDatabase>() {
    let shop = Shop::<T>::open().await;
    let token = shop.paid("o-1").await;
    shop.enqueue(&Intent::new("refund", &refund(&token, 100))).await;
    let with = |keys: SealingKeys| Outbox::builder(shop.database.driver(), Storage::Sealed(keys)).build().unwrap();
    let other_id = with(SealingKeys::new(SealingKey::new("2027-01", [8; 32])));
    let same_id = with(SealingKeys::new(SealingKey::new("2026-11", [8; 32])));
    for (outbox, is_missing) in [(&other_id, true), (&same_id, false)] {
        let runner = shop.runner_of(outbox).build().unwrap();
        let error = runner.run("refund", LONGEST_WAIT).await.unwrap_err();
        let Error::Unreadable { why, .. } = &error else { panic!("{error}") };
        assert_eq!(matches!(why, Unreadable::NoKey { .. }), is_missing, "{error}");
    }
    assert_eq!((shop.state("refund").await, shop.calls("refund_payment")), (State::Queued, 0));
    let rotated = SealingKeys::new(SealingKey::new("2027-01", [8; 32])).and_older(SealingKey::new("2026-11", [7; 32]));
    let rotated = with(rotated);
    let runner = shop.runner_of(&rotated).build().unwrap();
    assert_eq!(runner.run("refund", LONGEST_WAIT).await.unwrap().closed(), Some(State::Applied));
}

async fn missing_tables_have_their_own_error<T: TestDatabase>() {
    let shop = Shop::<T>::open().await;
    let outbox = shop.builder().prefix("elsewhere_").build().unwrap();
    let driver = shop.database.driver();
    let mut transaction = driver.begin().await.unwrap();
    let enqueued = outbox.enqueue(T::Driver::connection(&mut transaction), "create", &creation("o-1")).await;
    assert!(matches!(enqueued, Err(Error::NoSchema)), "{enqueued:?}");
    let worker = shop.runner_of(&outbox).build().unwrap().worker(std::future::pending()).await;
    assert!(matches!(worker, Err(Error::NoSchema)), "{worker:?}");
}

async fn repeated_and_concurrent_migrations_have_the_effect_of_one<T: TestDatabase>() {
    let shop = Shop::<T>::open().await;
    let outbox = shop.builder().prefix("fresh_").build().unwrap();
    let all: Vec<_> = (0..4)
        .map(|_| {
            let outbox = outbox.clone();
            tokio::spawn(async move { outbox.migrate().await })
        })
        .collect();
    for migrated in all {
        migrated.await.unwrap().unwrap();
    }
    outbox.check().await.unwrap();
    assert!(outbox.migrations().iter().all(|statement| statement.contains("fresh_")));
}

async fn two_outboxes_with_their_own_prefixes_share_a_database<T: TestDatabase>() {
    let shop = Shop::<T>::open().await;
    let other = shop.builder().prefix("other_").build().unwrap();
    other.migrate().await.unwrap();
    shop.enqueue(&Intent::new("create", &creation("o-1"))).await;
    assert!(other.show("create").await.unwrap().is_none());
}

async fn unusable_settings_are_rejected<T: TestDatabase>() {
    let shop = Shop::<T>::open().await;
    for prefix in ["", "1a", "a-b", "a;b", "A", &"a".repeat(33)] {
        let built = shop.builder().prefix(prefix).build();
        assert!(matches!(built, Err(Error::Setting(_))), "{prefix}");
    }
    let outbox = shop.outbox();
    assert!(matches!(outbox.runner().build(), Err(Error::Setting(_))));
    assert!(matches!(shop.runner_of(&outbox).lease(Duration::ZERO).build(), Err(Error::Setting(_))));
    assert!(matches!(shop.runner_of(&outbox).parallel(0, 1).build(), Err(Error::Setting(_))));
    let twice = shop.runner_of(&outbox).operation::<CreatePayment>(&shop.toss, shop.books.clone());
    assert!(matches!(twice.build(), Err(Error::Setting(_))));
}

fn problem<T: std::fmt::Debug>(result: Result<T, Error>) -> Problem {
    match result {
        Err(Error::Database(error)) => error.problem(),
        other => panic!("{other:?}"),
    }
}

/// Checks that with a read-only database, nothing is enqueued, claimed or sent.
async fn check_read_only_database<T: TestDatabase>(shop: &Shop<T>, driver: T::Driver) {
    let outbox = Outbox::builder(driver.clone(), storage()).build().unwrap();
    let enqueued = async {
        let mut transaction = driver.begin().await?;
        outbox.enqueue(T::Driver::connection(&mut transaction), "create", &creation("o-2")).await
    };
    assert_eq!(problem(enqueued.await), Problem::ReadOnly);
    let runner = shop.runner_of(&outbox).build().unwrap();
    assert_eq!(problem(runner.run("refund", LONGEST_WAIT).await), Problem::ReadOnly);
    assert_eq!(shop.calls("refund_payment"), 0);
    assert_eq!(outbox.show("refund").await.unwrap().unwrap().state, State::Queued);
    let progress = shop.runner().run("refund", LONGEST_WAIT).await.unwrap();
    assert_eq!(progress.closed(), Some(State::Applied));
}

#[test]
fn a_read_only_file_sends_nothing() {
    block_on(async {
        let shop = Shop::<SqliteDatabase>::open().await;
        let token = shop.paid("o-1").await;
        shop.enqueue(&Intent::new("refund", &refund(&token, 100))).await;
        let options = sqlite_options(shop.database.folder.path()).create_if_missing(false).read_only(true);
        let pool = sqlx::SqlitePool::connect_with(options).await.unwrap();
        check_read_only_database(&shop, Sqlite::new(pool)).await;
    });
}

#[test]
fn a_read_only_server_sends_nothing() {
    if !databases::is_there() {
        return;
    }
    block_on(async {
        let shop = Shop::<PostgresDatabase>::open().await;
        let token = shop.paid("o-1").await;
        shop.enqueue(&Intent::new("refund", &refund(&token, 100))).await;
        let options = shop.database.options.clone().options([("default_transaction_read_only", "on")]);
        let pool = sqlx::PgPool::connect_with(options).await.unwrap();
        check_read_only_database(&shop, Postgres::new(pool)).await;
    });
}

#[test]
fn a_full_disk_enqueues_nothing_and_loses_nothing() {
    block_on(async {
        let shop = Shop::<SqliteDatabase>::open().await;
        let token = shop.paid("o-1").await;
        let options = sqlite_options(shop.database.folder.path()).pragma("max_page_count", "40");
        let pool = sqlx::sqlite::SqlitePoolOptions::new().max_connections(1).connect_with(options).await.unwrap();
        let (driver, outbox) =
            (Sqlite::new(pool.clone()), Outbox::builder(Sqlite::new(pool), storage()).build().unwrap());
        let mut written = Vec::new();
        let full = loop {
            let key = format!("refund-{}", written.len());
            let enqueued = async {
                let mut transaction = driver.begin().await?;
                let enqueued = outbox.enqueue(Sqlite::connection(&mut transaction), &key, &refund(&token, 1)).await?;
                Sqlite::commit(transaction).await?;
                Ok::<_, Error>(enqueued)
            };
            match enqueued.await {
                Ok(_) => written.push(key),
                Err(error) => break error,
            }
            assert!(written.len() < 2_000);
        };
        assert_eq!(problem::<()>(Err(full)), Problem::Full);
        assert!(!written.is_empty());
        // The disk has space again.
        let runner = shop.runner();
        assert_eq!(runner.outbox().list(0, 10_000).await.unwrap().len(), written.len());
        let progress = runner.run(written.last().unwrap(), LONGEST_WAIT).await.unwrap();
        assert_eq!(progress.closed(), Some(State::Applied));
    });
}

#[test]
fn interrupted_connections_lose_nothing() {
    if !databases::is_there() {
        return;
    }
    block_on(async {
        let shop = Shop::<PostgresDatabase>::open().await;
        let keys: Vec<String> = (0..12).map(|n| format!("o-{n}")).collect();
        for key in &keys {
            let token = shop.paid(key).await;
            shop.enqueue(&Intent::new(key, &refund(&token, 1_000))).await;
        }
        let slow = Fault { times: None, ..Fault::once("refund_payment", FaultKind::Delay { milliseconds: 200 }) };
        shop.sandbox.fault(slow).unwrap();
        let runner = shop.runner_of(&shop.outbox()).parallel(2, 4).build().unwrap();
        let worker = Worker::start(runner);
        let killer = sqlx::PgPool::connect_with(shop.database.options.clone()).await.unwrap();
        for _ in 0..8 {
            tokio::time::sleep(Duration::from_millis(130)).await;
            let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                       WHERE datname = current_database() AND pid <> pg_backend_pid()";
            sqlx::query(cut).execute(&killer).await.unwrap();
        }
        tokio::time::sleep(Duration::from_millis(300)).await;
        for key in &keys {
            let is_applied = async || {
                let shown = shop.outbox().show(key).await;
                matches!(shown, Ok(Some(record)) if record.state == State::Applied)
            };
            eventually(key, is_applied).await;
        }
        worker.stop().await;
        for key in &keys {
            assert_eq!(shop.handled(key).await, ["applied"], "{key}");
            assert_eq!(shop.payment(key).unwrap().refunds.len(), 1, "{key}");
        }
    });
}

/// A change of the spec may move or rename the members with which expected values are compared.
#[test]
fn expected_values_are_read_by_name_and_not_by_position() {
    let at = SystemTime::now();
    let stored = store(&Priced::<0>, &(100, 5), at).unwrap();
    assert_eq!(read_stored::<Priced<0>>(&stored, at).unwrap().1, (100, 5));
    assert_eq!(read_stored::<Priced<1>>(&stored, at).unwrap().1, (5, 100), "expected values must be read by name");
    let error = read_stored::<Priced<2>>(&stored, at).unwrap_err().to_string();
    assert!(error.contains("[fee, price]") && error.contains("[price, tax]"), "{error}");
    let text = String::from_utf8(stored.to_vec()).unwrap();
    let unnamed = text.replace(r#"{"fee":5,"price":100}"#, "[100,5]");
    assert_ne!(unnamed, text);
    let error = read_stored::<Priced<0>>(unnamed.as_bytes(), at).unwrap_err().to_string();
    assert!(error.contains("without their names"), "{error}");
}
