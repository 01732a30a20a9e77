//! Tests of several workers on one table: leases, fences, ordering, and stopping.

use crate::crashes::{message, receive};
use crate::on_both;
use crate::support::*;
use pagespec_outbox::{Database, Dialect, Intent, Received, State};
use std::time::{Duration, Instant};
use toss_sandbox::{Fault, FaultKind};

const LONGEST_WAIT: Duration = Duration::from_secs(20);

on_both!(
    four_workers_carry_each_intent_out_once,
    requests_of_one_payment_run_in_order_and_other_payments_in_parallel,
    a_smaller_number_committed_later_does_not_block_a_sent_intent,
    a_lease_is_extended_while_its_worker_runs,
    a_process_does_not_claim_its_own_running_intents,
    a_worker_that_lost_its_claim_commits_nothing,
    a_stopped_worker_completes_its_sent_requests,
    a_stopped_worker_interrupts_only_its_own_resolutions,
    a_stuck_request_does_not_delay_others,
    no_transaction_is_open_while_the_service_is_called,
    a_callback_closes_its_intent_and_the_worker_commits_nothing,
    late_and_repeated_callbacks_do_not_query_the_service,
    an_unconfirmed_callback_closes_nothing,
    a_callback_about_another_operation_names_both_and_closes_nothing,
    claims_read_no_index_with_closed_rows,
);

async fn four_workers_carry_each_intent_out_once<T: TestDatabase>() {
    let shop = Shop::<T>::open().await;
    let keys: Vec<String> = (0..40).map(|n| format!("o-{n}")).collect();
    let kinds = [FaultKind::ResetBefore, FaultKind::ResetAfter, FaultKind::HtmlAfter { status: 502 }];
    for key in &keys {
        let token = shop.paid(key).await;
        shop.enqueue(&Intent::new(key, &refund(&token, 1_000)).in_order_of(key)).await;
    }
    for kind in kinds {
        let fault = Fault { operation: Some("refund_payment".into()), ..Fault::sometimes(0.2, kind) };
        shop.sandbox.fault(fault).unwrap();
    }
    let workers: Vec<Worker> = (0..4).map(|_| Worker::start(shop.runner())).collect();
    for key in &keys {
        eventually(key, async || shop.state(key).await == State::Applied).await;
    }
    for worker in workers {
        worker.stop().await;
    }
    for key in &keys {
        assert_eq!(shop.handled(key).await, ["applied"], "{key}");
        assert_eq!(shop.payment(key).unwrap().refunds.len(), 1, "{key}");
    }
}

async fn requests_of_one_payment_run_in_order_and_other_payments_in_parallel<T: TestDatabase>() {
    let shop = Shop::<T>::open().await;
    let (token, other) = (shop.approved("o-1").await, shop.paid("o-2").await);
    let slow = FaultKind::DelayBefore { milliseconds: 700 };
    shop.sandbox.fault(Fault::once("execute_payment", slow)).unwrap();
    shop.enqueue(&Intent::expecting("pay", &execution(&token, "o-1"), (PRICE,)).in_order_of("o-1")).await;
    for n in 1..=4 {
        let request = refund(&token, n * 1_000);
        shop.enqueue(&Intent::new(&format!("refund-{n}"), &request).in_order_of("o-1")).await;
    }
    shop.enqueue(&Intent::new("other", &refund(&other, 500)).in_order_of("o-2")).await;
    let workers: Vec<Worker> = (0..3).map(|_| Worker::start(shop.runner())).collect();
    eventually("the other payment", async || shop.state("other").await == State::Applied).await;
    assert!(!shop.state("pay").await.is_closed(), "the other payment must not wait");
    eventually("the last refund", async || shop.state("refund-4").await == State::Applied).await;
    let amounts: Vec<i64> = shop.payment("o-1").unwrap().refunds.iter().map(|refund| refund.amount).collect();
    assert_eq!(amounts, [1_000, 2_000, 3_000, 4_000]);
    for worker in workers {
        worker.stop().await;
    }
}

/// On PostgreSQL, a row with a smaller number can be committed after a row with a larger one. On SQLite it cannot,
/// because only one transaction at a time writes.
async fn a_smaller_number_committed_later_does_not_block_a_sent_intent<T: TestDatabase>() {
    if T::Driver::DIALECT == Dialect::Sqlite {
        return;
    }
    let shop = Shop::<T>::open().await;
    let token = shop.paid("o-1").await;
    let (earlier, later) = (refund(&token, 1_000), refund(&token, 2_000));
    let driver = shop.database.driver();
    let mut transaction = driver.begin().await.unwrap();
    let connection = T::Driver::connection(&mut transaction);
    let intent = Intent::new("earlier", &earlier).in_order_of("o-1");
    let _ = shop.outbox().enqueue_intent(connection, &intent).await.unwrap();
    shop.enqueue(&Intent::new("later", &later).in_order_of("o-1")).await;
    for operation in ["refund_payment", "payment_status"] {
        let fault = Fault { times: Some(1_000), ..Fault::once(operation, FaultKind::ResetBefore) };
        shop.sandbox.fault(fault).unwrap();
    }
    let worker = Worker::start(shop.runner());
    eventually("the later intent may have been sent", async || shop.state("later").await == State::Unknown).await;
    T::Driver::commit(transaction).await.unwrap();
    shop.sandbox.clear_faults();
    for key in ["later", "earlier"] {
        eventually(key, async || shop.state(key).await == State::Applied).await;
    }
    worker.stop().await;
    let amounts: Vec<i64> = shop.payment("o-1").unwrap().refunds.iter().map(|refund| refund.amount).collect();
    assert_eq!(amounts, [2_000, 1_000]);
}

async fn a_lease_is_extended_while_its_worker_runs<T: TestDatabase>() {
    let shop = Shop::<T>::open().await;
    let token = shop.paid("o-1").await;
    shop.sandbox.fault(Fault::once("refund_payment", FaultKind::Delay { milliseconds: 1_800 })).unwrap();
    shop.enqueue(&Intent::new("refund", &refund(&token, 1_000))).await;
    let lease = Duration::from_millis(600);
    let outbox = shop.outbox();
    let first = shop.runner_of(&outbox).lease(lease).build().unwrap();
    let running = first.run("refund", Duration::from_millis(100)).await.unwrap();
    let others: Vec<Worker> = (0..2).map(|_| Worker::start(shop.runner())).collect();
    eventually("the refund", async || shop.state("refund").await == State::Applied).await;
    for worker in others {
        worker.stop().await;
    }
    let record = shop.outbox().show("refund").await.unwrap().unwrap();
    assert_eq!((record.fence, record.attempts), (running.record().fence, 1), "no other worker may claim the intent");
}

async fn a_process_does_not_claim_its_own_running_intents<T: TestDatabase>() {
    let shop = Shop::<T>::open().await;
    let token = shop.paid("o-1").await;
    shop.sandbox.fault(Fault::once("refund_payment", FaultKind::Delay { milliseconds: 800 })).unwrap();
    shop.enqueue(&Intent::new("refund", &refund(&token, 1_000))).await;
    let runner = shop.runner();
    let running = runner.run("refund", Duration::from_millis(100)).await.unwrap();
    // Simulates a jump of the database's clock.
    shop.sql("UPDATE outbox_intents SET lease_until = 1").await;
    let worker = Worker::start(runner.clone());
    eventually("the refund", async || shop.state("refund").await == State::Applied).await;
    worker.stop().await;
    let record = shop.outbox().show("refund").await.unwrap().unwrap();
    assert_eq!((record.fence, shop.calls("refund_payment")), (running.record().fence, 1));
}

async fn a_worker_that_lost_its_claim_commits_nothing<T: TestDatabase>() {
    let shop = Shop::<T>::open().await;
    let token = shop.paid("o-1").await;
    shop.sandbox.fault(Fault::once("refund_payment", FaultKind::Delay { milliseconds: 600 })).unwrap();
    shop.enqueue(&Intent::new("refund", &refund(&token, 1_000))).await;
    let runner = shop.runner();
    runner.run("refund", Duration::from_millis(100)).await.unwrap();
    // Simulates that another worker has claimed, closed and handled the intent.
    shop.sql(
        "UPDATE outbox_intents SET fence = fence + 1, state = 'applied', closed_at = 1, owner = NULL, lease_until = NULL",
    )
    .await;
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    assert!(
        shop.handled("refund").await.is_empty(),
        "the handler of the first worker must be rolled back, or must not be called"
    );
}

async fn a_stopped_worker_completes_its_sent_requests<T: TestDatabase>() {
    let shop = Shop::<T>::open().await;
    let token = shop.paid("o-1").await;
    shop.sandbox.fault(Fault::once("refund_payment", FaultKind::Delay { milliseconds: 800 })).unwrap();
    shop.enqueue(&Intent::new("refund", &refund(&token, 1_000))).await;
    let worker = Worker::start(shop.runner());
    eventually("sending", async || shop.calls("refund_payment") == 1 || shop.state("refund").await == State::Sending)
        .await;
    shop.enqueue(&Intent::new("next", &refund(&token, 1_000)).in_order_of("next")).await;
    worker.stop().await;
    assert_eq!(shop.state("refund").await, State::Applied);
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(matches!(shop.state("next").await, State::Queued | State::Applied), "the intent must not be half done");
}

async fn a_stopped_worker_interrupts_only_its_own_resolutions<T: TestDatabase>() {
    let shop = Shop::<T>::open().await;
    let (token, paid) = (shop.approved("o-1").await, shop.paid("o-2").await);
    shop.sandbox.fault(Fault::once("refund_payment", FaultKind::Delay { milliseconds: 800 })).unwrap();
    shop.sandbox.fault(Fault::once("execute_payment", FaultKind::ResetAfter)).unwrap();
    let unanswered = Fault { times: Some(1_000), ..Fault::once("payment_status", FaultKind::ResetBefore) };
    shop.sandbox.fault(unanswered).unwrap();
    // The worker must not claim the execution, so it starts after `run` has claimed it.
    let runner = shop.runner_of(&shop.outbox()).build().unwrap();
    shop.enqueue(&Intent::expecting("pay", &execution(&token, "o-1"), (PRICE,))).await;
    let running = tokio::spawn({
        let runner = runner.clone();
        async move { runner.run("pay", LONGEST_WAIT).await }
    });
    eventually("a status query", async || shop.calls("payment_status") > 0).await;
    shop.enqueue(&Intent::new("refund", &refund(&paid, 1_000))).await;
    let worker = Worker::start(runner);
    eventually("a refund in progress", async || shop.calls("refund_payment") == 1).await;
    worker.stop().await;
    let record = shop.outbox().show("pay").await.unwrap().unwrap();
    assert!(record.owner.is_some() && !format!("{:?}", record.reason).contains("stopped"), "{:?}", record.reason);
    shop.sandbox.clear_faults();
    assert_eq!(running.await.unwrap().unwrap().closed(), Some(State::Applied));
}

async fn a_stuck_request_does_not_delay_others<T: TestDatabase>() {
    let shop = Shop::<T>::open().await;
    let (stuck, token) = (shop.approved("o-1").await, shop.paid("o-2").await);
    shop.sandbox.fault(Fault::once("execute_payment", FaultKind::Stall)).unwrap();
    let unanswered = Fault { times: Some(1_000), ..Fault::once("payment_status", FaultKind::ResetBefore) };
    shop.sandbox.fault(unanswered).unwrap();
    shop.enqueue(&Intent::expecting("stuck", &execution(&stuck, "o-1"), (PRICE,))).await;
    let runner = shop.runner_of(&shop.outbox()).parallel(1, 1).build().unwrap();
    let worker = Worker::start(runner);
    eventually("it is stuck", async || shop.state("stuck").await == State::Unknown).await;
    let began = Instant::now();
    for n in 0..5 {
        shop.enqueue(&Intent::new(&format!("refund-{n}"), &refund(&token, 100))).await;
    }
    eventually("the others", async || shop.state("refund-4").await == State::Applied).await;
    assert!(began.elapsed() < Duration::from_secs(10));
    shop.sandbox.clear_faults();
    eventually("the stuck one", async || shop.state("stuck").await == State::Applied).await;
    worker.stop().await;
    assert_eq!(shop.payment("o-1").unwrap().charges, 1);
}

async fn no_transaction_is_open_while_the_service_is_called<T: TestDatabase>() {
    let shop = Shop::<T>::open().await;
    let token = shop.paid("o-1").await;
    shop.sandbox.fault(Fault::once("refund_payment", FaultKind::Delay { milliseconds: 1_500 })).unwrap();
    shop.enqueue(&Intent::new("refund", &refund(&token, 1_000))).await;
    let runner = shop.runner();
    runner.run("refund", Duration::from_millis(100)).await.unwrap();
    // The statement locks the whole table, or on SQLite the whole database, so an open transaction would block it.
    let began = Instant::now();
    let driver = shop.database.driver();
    let mut transaction = driver.begin().await.unwrap();
    let connection = T::Driver::connection(&mut transaction);
    if T::Driver::DIALECT == pagespec_outbox::Dialect::Postgres {
        let lock = "LOCK TABLE outbox_intents IN ACCESS EXCLUSIVE MODE";
        T::Driver::execute(connection, lock, &[]).await.unwrap();
    } else {
        T::Driver::execute(connection, "UPDATE outbox_intents SET reason = NULL", &[]).await.unwrap();
    }
    T::Driver::commit(transaction).await.unwrap();
    assert!(began.elapsed() < Duration::from_millis(900), "{:?}", began.elapsed());
    assert_eq!(runner.run("refund", LONGEST_WAIT).await.unwrap().closed(), Some(State::Applied));
}

async fn a_callback_closes_its_intent_and_the_worker_commits_nothing<T: TestDatabase>() {
    let shop = Shop::<T>::open().await;
    let token = shop.approved("o-1").await;
    // The reply arrives after the callback.
    shop.sandbox.fault(Fault::once("execute_payment", FaultKind::Delay { milliseconds: 1_000 })).unwrap();
    shop.enqueue(&Intent::expecting("pay", &execution(&token, "o-1"), (PRICE,))).await;
    let runner = shop.runner();
    runner.run("pay", Duration::from_millis(300)).await.unwrap();
    let received = receive(&shop, &shop.outbox(), "pay", &message("o-1", &token)).await;
    assert_eq!(received, Ok(Received::Closed));
    assert_eq!(runner.run("pay", LONGEST_WAIT).await.unwrap().closed(), Some(State::Applied));
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    assert_eq!(shop.handled("pay").await, ["applied"]);
}

async fn a_callback_about_another_operation_names_both_and_closes_nothing<T: TestDatabase>() {
    let shop = Shop::<T>::open().await;
    let token = shop.paid("o-1").await;
    shop.enqueue(&Intent::new("refund", &refund(&token, 1_000))).await;
    let error = receive(&shop, &shop.outbox(), "refund", &message("o-1", &token)).await.unwrap_err();
    assert!(
        error.contains("`refund` is for `pay.refund_payment`") && error.contains("`pay.execute_payment`"),
        "{error}"
    );
    assert_eq!(shop.state("refund").await, State::Queued);
    assert_eq!(shop.runner().run("refund", LONGEST_WAIT).await.unwrap().closed(), Some(State::Applied));
    assert_eq!(receive(&shop, &shop.outbox(), "refund", &message("o-1", &token)).await.unwrap_err(), error);
}

async fn late_and_repeated_callbacks_do_not_query_the_service<T: TestDatabase>() {
    let shop = Shop::<T>::open().await;
    let token = shop.approved("o-1").await;
    shop.enqueue(&Intent::expecting("pay", &execution(&token, "o-1"), (PRICE,))).await;
    shop.runner().run("pay", LONGEST_WAIT).await.unwrap();
    let asked = shop.calls("payment_status");
    let outbox = shop.outbox();
    assert_eq!(receive(&shop, &outbox, "pay", &message("o-1", &token)).await, Ok(Received::Late));
    assert_eq!(shop.calls("payment_status"), asked);
    assert_eq!(shop.handled("pay").await, ["applied"]);
    let second = shop.approved("o-2").await;
    shop.enqueue(&Intent::expecting("pay-2", &execution(&second, "o-2"), (PRICE,))).await;
    shop.toss.execute_payment(&execution(&second, "o-2")).await.unwrap();
    let body = message("o-2", &second);
    let all = [0; 4].map(|_| receive(&shop, &outbox, "pay-2", &body));
    let mut closed = 0;
    for received in all {
        closed += usize::from(received.await == Ok(Received::Closed));
    }
    assert_eq!((closed, shop.handled("pay-2").await.len()), (1, 1));
    let asked = shop.calls("payment_status");
    assert_eq!(receive(&shop, &outbox, "pay-2", &body).await, Ok(Received::Duplicate));
    assert_eq!(shop.calls("payment_status"), asked);
}

async fn an_unconfirmed_callback_closes_nothing<T: TestDatabase>() {
    let shop = Shop::<T>::open().await;
    let token = shop.approved("o-1").await;
    shop.enqueue(&Intent::expecting("pay", &execution(&token, "o-1"), (PRICE,))).await;
    let received = receive(&shop, &shop.outbox(), "pay", &message("o-1", &token)).await;
    assert!(received.is_err(), "{received:?}");
    assert_eq!(shop.state("pay").await, State::Queued);
    assert!(shop.handled("pay").await.is_empty());
}

async fn claims_read_no_index_with_closed_rows<T: TestDatabase>() {
    let shop = Shop::<T>::open().await;
    // A claim that scans all these closed rows would be too slow for the time limit below.
    let numbers = if T::Driver::DIALECT == pagespec_outbox::Dialect::Sqlite {
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000) SELECT "
    } else {
        "WITH n AS (SELECT i FROM generate_series(1, 100000) AS i) SELECT "
    };
    let empty = if T::Driver::DIALECT == pagespec_outbox::Dialect::Sqlite { "x''" } else { "''::BYTEA" };
    shop.sql(&format!(
        "INSERT INTO outbox_intents (key, api, operation, request, state, enqueued_at, due_at, closed_at) \
         {numbers} 'old-' || i, 'pay', 'refund_payment', {empty}, 'applied', 1, 1, 1 FROM n"
    ))
    .await;
    let token = shop.paid("o-1").await;
    let runner = shop.runner();
    let began = Instant::now();
    for n in 0..10 {
        let key = format!("refund-{n}");
        shop.enqueue(&Intent::new(&key, &refund(&token, 100)).in_order_of("o-1")).await;
        assert_eq!(runner.run(&key, LONGEST_WAIT).await.unwrap().closed(), Some(State::Applied));
    }
    assert!(began.elapsed() < Duration::from_secs(8), "{:?}", began.elapsed());
}
