//! Tests of the daily use: a shop enqueues intents together with the order, runs them while the purchaser waits, and
//! leaves the rest to workers.

use crate::on_both;
use crate::support::*;
use pagespec_outbox::{Database, Enqueued, Error, Intent, State};
use std::time::Duration;
use toss_sandbox::{Fault, FaultKind};
use toss_sdk::pay::{CreatePayment, ExecutePayment, RefundPayment};

const LONGEST_WAIT: Duration = Duration::from_secs(20);

on_both!(
    an_intent_is_carried_out_and_handled_exactly_once,
    an_intent_in_a_rolled_back_transaction_is_not_sent,
    a_repeated_intent_has_no_effect_and_a_reused_key_is_an_error,
    a_request_continues_after_its_caller_stops_waiting,
    after_a_lost_reply_the_request_is_resolved_and_not_sent_again,
    a_documented_error_code_rejects_the_intent,
    another_process_does_not_reject_a_request_reported_as_done_before,
    a_report_of_done_before_survives_the_stop_of_its_worker,
    a_service_that_cannot_be_reached_leaves_the_intent_queued,
    a_busy_service_or_a_wrong_key_rejects_nothing,
    a_handler_that_fails_rolls_back_and_is_called_again,
    closed_intents_are_purged_by_age_and_dead_ones_stay,
    an_intent_that_was_given_up_can_be_retried_and_is_resolved,
    an_intent_that_is_too_old_and_was_never_sent_is_rejected_and_not_sent,
    an_intent_that_is_too_old_is_never_sent_even_if_its_handler_fails,
    an_intent_that_is_too_old_and_may_have_taken_effect_is_given_up,
    no_token_is_in_the_table,
    another_process_completes_a_refund_with_the_same_refund_number,
);

async fn an_intent_is_carried_out_and_handled_exactly_once<T: TestDatabase>() {
    let shop = Shop::<T>::open().await;
    let (runner, token) = (shop.runner(), shop.approved("o-1").await);
    shop.enqueue(&Intent::expecting("o-1/pay", &execution(&token, "o-1"), (PRICE,)).in_order_of("o-1")).await;
    assert_eq!(shop.calls("execute_payment"), 0, "enqueueing must send nothing");
    let progress = runner.run("o-1/pay", LONGEST_WAIT).await.unwrap();
    assert_eq!(closed(&progress), Some(State::Applied));
    let again = runner.run("o-1/pay", LONGEST_WAIT).await.unwrap();
    assert_eq!(closed(&again), Some(State::Applied), "a second call must return the same result");
    assert_eq!(shop.handled("o-1/pay").await, ["applied"]);
    assert_eq!((shop.calls("execute_payment"), shop.payment("o-1").unwrap().charges), (1, 1));
    // A worker then refunds the payment.
    shop.enqueue(&Intent::new("o-1/refund", &refund(&token, 4_000)).in_order_of("o-1")).await;
    let worker = Worker::start(runner);
    eventually("the refund", async || shop.state("o-1/refund").await == State::Applied).await;
    worker.stop().await;
    assert_eq!(shop.handled("o-1/refund").await, ["applied"]);
    assert_eq!(shop.payment("o-1").unwrap().refundable_amount, 6_000);
}

async fn an_intent_in_a_rolled_back_transaction_is_not_sent<T: TestDatabase>() {
    let shop = Shop::<T>::open().await;
    let driver = shop.database.driver();
    let mut transaction = driver.begin().await.unwrap();
    let connection = T::Driver::connection(&mut transaction);
    assert_eq!(shop.outbox().enqueue(connection, "o-1/create", &creation("o-1")).await.unwrap(), Enqueued::New);
    drop(transaction);
    let error = shop.runner().run("o-1/create", LONGEST_WAIT).await.unwrap_err();
    assert!(matches!(error, Error::NotFound { .. }), "{error}");
    assert_eq!(shop.calls("create_payment"), 0);
}

async fn a_repeated_intent_has_no_effect_and_a_reused_key_is_an_error<T: TestDatabase>() {
    let shop = Shop::<T>::open().await;
    let token = shop.paid("o-1").await;
    let request = refund(&token, 1_000);
    shop.enqueue(&Intent::new("o-1/refund-1", &request)).await;
    let driver = shop.database.driver();
    let mut transaction = driver.begin().await.unwrap();
    let connection = T::Driver::connection(&mut transaction);
    let outbox = shop.outbox();
    let again = outbox.enqueue(connection, "o-1/refund-1", &request).await.unwrap();
    assert_eq!(again, Enqueued::Already(State::Queued));
    let another = outbox.enqueue(connection, "o-1/refund-1", &refund(&token, 1_000)).await.unwrap_err();
    assert!(matches!(another, Error::KeyReused { .. }), "another refund number means another refund: {another}");
    for key in ["", "message:1", "a\nb", &"k".repeat(201)] {
        let error = outbox.enqueue(connection, key, &request).await.unwrap_err();
        assert!(matches!(error, Error::InvalidKey), "{key}: {error}");
    }
    drop(transaction);
    shop.runner().run("o-1/refund-1", LONGEST_WAIT).await.unwrap();
    assert_eq!(shop.payment("o-1").unwrap().refundable_amount, 9_000);
}

async fn a_request_continues_after_its_caller_stops_waiting<T: TestDatabase>() {
    let shop = Shop::<T>::open().await;
    let (runner, token) = (shop.runner(), shop.approved("o-1").await);
    shop.sandbox.fault(Fault::once("execute_payment", FaultKind::Delay { milliseconds: 1_000 })).unwrap();
    shop.enqueue(&Intent::expecting("pay", &execution(&token, "o-1"), (PRICE,))).await;
    let progress = runner.run("pay", Duration::from_millis(200)).await.unwrap();
    assert_eq!(closed(&progress), None, "the request must still be in progress");
    assert_eq!(progress.record().state, State::Sending);
    let progress = runner.run("pay", LONGEST_WAIT).await.unwrap();
    assert_eq!(closed(&progress), Some(State::Applied));
    assert_eq!((shop.calls("execute_payment"), shop.handled("pay").await.len()), (1, 1));
}

async fn after_a_lost_reply_the_request_is_resolved_and_not_sent_again<T: TestDatabase>() {
    let shop = Shop::<T>::open().await;
    let token = shop.approved("o-1").await;
    shop.sandbox.fault(Fault::once("execute_payment", FaultKind::ResetAfter)).unwrap();
    shop.enqueue(&Intent::expecting("pay", &execution(&token, "o-1"), (PRICE,))).await;
    let progress = shop.runner().run("pay", LONGEST_WAIT).await.unwrap();
    assert_eq!(closed(&progress), Some(State::Applied));
    assert_eq!(
        (shop.calls("execute_payment"), shop.calls("payment_status")),
        (1, 1),
        "the request must be resolved with a status query"
    );
    assert_eq!(shop.handled("pay").await, ["applied"]);
}

async fn another_process_does_not_reject_a_request_reported_as_done_before<T: TestDatabase>() {
    let shop = Shop::<T>::open().await;
    let token = shop.approved("o-1").await;
    let said = FaultKind::Code { code: "PAYMENT_EXISTING_PAYMENT".into() };
    shop.sandbox.fault(Fault::once("execute_payment", said)).unwrap();
    // A resolution does not repeat a request that has no order number.
    let request = ExecutePayment::builder().pay_token(token).build().unwrap();
    shop.enqueue(&Intent::expecting("pay", &request, (PRICE,))).await;
    for process in ["the one that sent it", "another"] {
        let progress = shop.runner().run("pay", Duration::from_secs(4)).await.unwrap();
        let record = progress.record();
        assert_eq!(record.state, State::Unknown, "{process}: {:?}", record.reason);
        assert!(record.already_done && record.reason.as_ref().unwrap().contains("already done"), "{:?}", record.reason);
        shop.outbox().retry("pay").await.unwrap();
    }
}

/// The first attempt is lost. The resolution sends the request again, and the service replies that the request was
/// already done. The worker is then stopped during the resolution, as happens in a deployment.
async fn a_report_of_done_before_survives_the_stop_of_its_worker<T: TestDatabase>() {
    let shop = Shop::<T>::open().await;
    let token = shop.approved("o-1").await;
    shop.sandbox.fault(Fault::once("execute_payment", FaultKind::ResetBefore)).unwrap();
    let said = FaultKind::Code { code: "PAYMENT_EXISTING_PAYMENT".into() };
    shop.sandbox.fault(Fault { from: 2, times: Some(100), ..Fault::once("execute_payment", said) }).unwrap();
    shop.enqueue(&Intent::expecting("pay", &execution(&token, "o-1"), (PRICE,))).await;
    let worker = Worker::start(shop.runner());
    eventually("the repetition", async || shop.calls("execute_payment") == 2).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    worker.stop().await;
    let record = shop.outbox().show("pay").await.unwrap().unwrap();
    assert_eq!(record.state, State::Unknown, "{:?}", record.reason);
    let progress = shop.runner().run("pay", LONGEST_WAIT).await.unwrap();
    assert_ne!(closed(&progress), Some(State::Rejected), "{:?}", progress.record().reason);
    assert!(record.already_done, "{:?}", record.reason);
}

async fn a_documented_error_code_rejects_the_intent<T: TestDatabase>() {
    let shop = Shop::<T>::open().await;
    let token = shop.toss.create_payment(&creation("o-1")).await.unwrap().pay_token;
    shop.enqueue(&Intent::expecting("pay", &execution(&token, "o-1"), (PRICE,))).await;
    let progress = shop.runner().run("pay", LONGEST_WAIT).await.unwrap();
    assert_eq!(closed(&progress), Some(State::Rejected), "the purchaser has not approved the payment");
    assert!(progress.record().reason.as_deref().unwrap_or_default().contains("EXECUTE_PAY_NOT_APPROVED"));
    assert_eq!(shop.handled("pay").await, ["not applied"]);
}

async fn a_service_that_cannot_be_reached_leaves_the_intent_queued<T: TestDatabase>() {
    let shop = Shop::<T>::open().await;
    let nowhere = client("http://127.0.0.1:9");
    let runner = shop.outbox().runner().operation::<CreatePayment>(&nowhere, shop.books.clone()).build().unwrap();
    shop.enqueue(&Intent::new("create", &creation("o-1"))).await;
    let progress = runner.run("create", LONGEST_WAIT).await.unwrap();
    let record = progress.record();
    assert_eq!((record.state, record.first_sent_at), (State::Queued, None), "{:?}", record.reason);
    assert!(record.reason.as_deref().unwrap_or_default().contains("not sent"), "{:?}", record.reason);
    let progress = shop.runner().run("create", LONGEST_WAIT).await.unwrap();
    assert_eq!(closed(&progress), Some(State::Applied));
    assert_eq!(shop.handled("create").await, ["applied"]);
}

async fn a_busy_service_or_a_wrong_key_rejects_nothing<T: TestDatabase>() {
    let shop = Shop::<T>::open().await;
    let token = shop.approved("o-1").await;
    shop.enqueue(&Intent::expecting("pay", &execution(&token, "o-1"), (PRICE,))).await;
    for code in ["COMMON_THROTTLED", "PAY_UNAUTHORIZED"] {
        shop.sandbox.fault(Fault::once("execute_payment", FaultKind::Code { code: code.into() })).unwrap();
        let progress = shop.runner().run("pay", Duration::from_secs(2)).await.unwrap();
        assert_eq!(progress.record().state, State::Queued, "{code}");
        shop.sandbox.clear_faults();
    }
    assert!(shop.handled("pay").await.is_empty());
    let progress = shop.runner().run("pay", LONGEST_WAIT).await.unwrap();
    assert_eq!(closed(&progress), Some(State::Applied));
}

async fn a_handler_that_fails_rolls_back_and_is_called_again<T: TestDatabase>() {
    let shop = Shop::<T>::open().await;
    let token = shop.paid("o-1").await;
    shop.books.fails.store(5, std::sync::atomic::Ordering::SeqCst);
    shop.enqueue(&Intent::new("refund", &refund(&token, 1_000))).await;
    let worker = Worker::start(shop.runner());
    eventually("the refund", async || shop.state("refund").await == State::Applied).await;
    worker.stop().await;
    assert_eq!(shop.handled("refund").await, ["applied"], "failed calls must leave no rows");
    assert_eq!(shop.payment("o-1").unwrap().refunds.len(), 1);
}

async fn closed_intents_are_purged_by_age_and_dead_ones_stay<T: TestDatabase>() {
    let shop = Shop::<T>::open().await;
    let (runner, token) = (shop.runner(), shop.paid("o-1").await);
    for key in ["a", "b", "c"] {
        shop.enqueue(&Intent::new(key, &refund(&token, 1_000))).await;
    }
    runner.run("a", LONGEST_WAIT).await.unwrap();
    shop.sql("UPDATE outbox_intents SET state = 'sending', first_sent_at = 1 WHERE key = 'b'").await;
    assert_eq!(runner.give_up("b", "seen by a person").await.unwrap(), State::Dead);
    assert_eq!(runner.outbox().purge(Duration::from_secs(60), 100).await.unwrap(), 0, "too young");
    assert_eq!(runner.outbox().purge(Duration::ZERO, 100).await.unwrap(), 1);
    assert!(runner.outbox().show("a").await.unwrap().is_none());
    let left: Vec<_> = runner.outbox().list(0, 10).await.unwrap().into_iter().map(|listed| listed.key).collect();
    assert_eq!(left, ["b", "c"]);
    let counts = runner.outbox().counts().await.unwrap();
    let of = |state| counts.iter().find(|count| count.state == state).map(|count| count.count);
    assert_eq!((of(State::Queued), of(State::Dead), of(State::Applied)), (Some(1), Some(1), None));
}

async fn an_intent_that_was_given_up_can_be_retried_and_is_resolved<T: TestDatabase>() {
    let shop = Shop::<T>::open().await;
    let token = shop.approved("o-1").await;
    shop.enqueue(&Intent::expecting("pay", &execution(&token, "o-1"), (PRICE,))).await;
    shop.sandbox.fault(Fault::once("execute_payment", FaultKind::ResetAfter)).unwrap();
    shop.sandbox.fault(Fault { times: Some(100), ..Fault::once("payment_status", FaultKind::ResetBefore) }).unwrap();
    let runner = shop.runner();
    let running = runner.run("pay", Duration::from_millis(300)).await.unwrap();
    assert_eq!(running.closed(), None);
    assert_eq!(runner.give_up("pay", "the service does not answer").await.unwrap(), State::Dead);
    assert_eq!(shop.handled("pay").await, ["unknown"]);
    shop.sandbox.clear_faults();
    shop.outbox().retry("pay").await.unwrap();
    let progress = shop.runner().run("pay", LONGEST_WAIT).await.unwrap();
    assert_eq!(closed(&progress), Some(State::Applied));
    assert_eq!(shop.calls("execute_payment"), 1, "a retry must only query the service");
    let error = shop.outbox().retry("pay").await.unwrap_err();
    assert!(matches!(error, Error::WrongState { state: State::Applied, .. }), "{error}");
}

async fn an_intent_that_is_too_old_and_was_never_sent_is_rejected_and_not_sent<T: TestDatabase>() {
    let shop = Shop::<T>::open().await;
    let token = shop.approved("o-1").await;
    shop.enqueue(&Intent::expecting("pay", &execution(&token, "o-1"), (PRICE,))).await;
    let runner = shop.runner_of(&shop.outbox()).give_up_after(Duration::ZERO).build().unwrap();
    let progress = runner.run("pay", LONGEST_WAIT).await.unwrap();
    assert_eq!((closed(&progress), shop.calls("execute_payment")), (Some(State::Rejected), 0));
}

async fn an_intent_that_is_too_old_is_never_sent_even_if_its_handler_fails<T: TestDatabase>() {
    let shop = Shop::<T>::open().await;
    let token = shop.paid("o-1").await;
    shop.books.fails.store(4, std::sync::atomic::Ordering::SeqCst);
    shop.enqueue(&Intent::new("refund", &refund(&token, 1_000))).await;
    let runner = shop.runner_of(&shop.outbox()).give_up_after(Duration::ZERO).build().unwrap();
    assert_eq!(closed(&runner.run("refund", LONGEST_WAIT).await.unwrap()), None);
    let queued = shop.outbox().show("refund").await.unwrap().unwrap();
    assert!(queued.state == State::Queued && queued.reason.unwrap().contains("the books are closed"));
    assert_eq!(closed(&runner.run("refund", LONGEST_WAIT).await.unwrap()), Some(State::Rejected));
    assert_eq!((shop.handled("refund").await, shop.calls("refund_payment")), (vec!["not applied".to_owned()], 0));
    let record = shop.outbox().show("refund").await.unwrap().unwrap();
    assert_eq!((record.attempts, record.first_sent_at), (0, None));
    assert!(record.reason.unwrap().contains("waited for too long"));
}

async fn an_intent_that_is_too_old_and_may_have_taken_effect_is_given_up<T: TestDatabase>() {
    let shop = Shop::<T>::open().await;
    let token = shop.approved("o-1").await;
    shop.enqueue(&Intent::expecting("pay", &execution(&token, "o-1"), (PRICE,))).await;
    shop.sandbox.fault(Fault::once("execute_payment", FaultKind::ResetAfter)).unwrap();
    let refusal = FaultKind::Code { code: "COMMON_INVALID_API_KEY".into() };
    shop.sandbox.fault(Fault { times: Some(100), ..Fault::once("payment_status", refusal) }).unwrap();
    assert_eq!(closed(&shop.runner().run("pay", Duration::from_millis(500)).await.unwrap()), None);
    let runner = shop.runner_of(&shop.outbox()).give_up_after(Duration::ZERO).build().unwrap();
    assert_eq!(closed(&runner.run("pay", LONGEST_WAIT).await.unwrap()), Some(State::Dead));
    assert_eq!((shop.handled("pay").await, shop.calls("execute_payment")), (vec!["unknown".to_owned()], 1));
}

async fn no_token_is_in_the_table<T: TestDatabase>() {
    let shop = Shop::<T>::open().await;
    let token = shop.paid("o-1").await;
    shop.enqueue(&Intent::new("refund", &refund(&token, 1_000))).await;
    for text in [token.as_str(), KEY] {
        let hex: String = text.bytes().map(|byte| format!("{byte:02X}")).collect();
        let condition = if T::Driver::DIALECT == pagespec_outbox::Dialect::Sqlite {
            format!("instr(hex(request), '{hex}') > 0")
        } else {
            format!("position('{hex}' IN upper(encode(request, 'hex'))) > 0")
        };
        assert_eq!(shop.sql(&format!("UPDATE outbox_intents SET reason = 'x' WHERE {condition}")).await, 0);
    }
    let record = shop.outbox().show("refund").await.unwrap().unwrap();
    assert!(!format!("{record:?}").contains(token.as_str()));
}

/// A process sends a refund and dies. Another process completes the refund with the same refund number.
async fn another_process_completes_a_refund_with_the_same_refund_number<T: TestDatabase>() {
    let shop = Shop::<T>::open().await;
    let token = shop.paid("o-1").await;
    let request: RefundPayment = refund(&token, 2_500);
    shop.enqueue(&Intent::new("refund", &request)).await;
    shop.toss.refund_payment(&request).await.unwrap();
    shop.sql(
        "UPDATE outbox_intents SET state = 'sending', first_sent_at = enqueued_at, lease_until = 0, owner = 'dead'",
    )
    .await;
    let progress = shop.runner().run("refund", LONGEST_WAIT).await.unwrap();
    assert_eq!(closed(&progress), Some(State::Applied));
    assert_eq!(shop.payment("o-1").unwrap().refunds.len(), 1);
}

#[test]
fn transactions_that_only_enqueue_wait_for_their_turn_on_sqlite() {
    block_on(async {
        let shop = Shop::<SqliteDatabase>::open().await;
        let outbox = shop.outbox();
        let all: Vec<_> = (0..8)
            .map(|task| {
                let outbox = outbox.clone();
                tokio::spawn(async move {
                    for n in 0..20 {
                        let order_no = format!("o-{task}-{n}");
                        // Most programs begin a transaction in this way.
                        let mut transaction = outbox.database().pool().begin().await.unwrap();
                        let enqueued = outbox.enqueue(&mut transaction, &order_no, &creation(&order_no)).await;
                        assert_eq!(enqueued.unwrap(), Enqueued::New);
                        transaction.commit().await.unwrap();
                    }
                })
            })
            .collect();
        for task in all {
            task.await.unwrap();
        }
        assert_eq!(outbox.list(0, 1_000).await.unwrap().len(), 160);
    });
}
