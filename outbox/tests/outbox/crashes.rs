//! Tests of a crash at each named point between two writes. Another process completes the work, and each effect happens
//! once.

use crate::on_both;
use crate::support::*;
use futures_util::{StreamExt, stream};
use pagespec_outbox::{CRASH_POINTS, Database, Error, Hook, Intent, Outbox, Received, State};
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;
use toss_sandbox::{Fault, FaultKind};
use toss_sdk::pay::{ExecutePayment, OrderNo, PayToken, ResultCallback};

on_both!(
    a_crash_while_enqueueing_leaves_nothing,
    a_crash_during_an_execution_charges_once,
    a_crash_during_a_refund_refunds_once,
    a_crash_while_a_callback_is_received_loses_nothing,
);

/// A simulated process that stops forever at a crash point. Its memory and its uncommitted writes are lost.
struct Doomed {
    runtime: tokio::runtime::Runtime,
    reached: tokio::sync::mpsc::UnboundedReceiver<()>,
    hook: Hook,
}

impl Doomed {
    fn at(point: &'static str) -> Self {
        assert!(CRASH_POINTS.contains(&point), "{point}");
        let (reaches, reached) = tokio::sync::mpsc::unbounded_channel();
        let hook: Hook = Arc::new(move |passed| {
            let reaches = reaches.clone();
            Box::pin(async move {
                if passed == point {
                    let _ = reaches.send(());
                    std::future::pending::<()>().await;
                }
            })
        });
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        Self { runtime, reached, hook }
    }

    async fn dies_at(mut self, what: &str) {
        let reached = tokio::time::timeout(Duration::from_secs(20), self.reached.recv()).await;
        assert!(matches!(reached, Ok(Some(()))), "{what}: the point was not reached");
        self.runtime.shutdown_background();
    }
}

/// Crash points, each with the sandbox's fault in that test. `None` means that the sandbox has no fault.
const PATHS: [(&str, Option<&str>); 16] = [
    ("claim.selected", None),
    ("claim.written", None),
    ("claim.committed", None),
    ("attempt.answered", None),
    ("attempt.answered", Some("reset_before")),
    ("attempt.answered", Some("reset_after")),
    ("unknown.recorded", Some("reset_before")),
    ("unknown.recorded", Some("reset_after")),
    ("close.begun", None),
    ("close.written", None),
    ("close.handled", None),
    ("close.committed", None),
    ("close.written", Some("reset_after")),
    ("close.handled", Some("reset_after")),
    ("release.begun", Some("throttled")),
    ("release.written", Some("throttled")),
];

/// Crash points that are reached only if the resolution sends the request again.
const REPEATED: [(&str, Option<&str>); 2] =
    [("attempt.recorded", Some("reset_before")), ("attempt.recorded", Some("reset_after"))];

fn fault(operation: &str, name: &str) -> Fault {
    let kind = match name {
        "reset_before" => FaultKind::ResetBefore,
        "reset_after" => FaultKind::ResetAfter,
        _ => FaultKind::Code { code: "COMMON_THROTTLED".into() },
    };
    Fault::once(operation, kind)
}

/// Starts a process that carries out the intent `key`, and stops this process at `point`. Then continues with a worker
/// of another process.
async fn crash_and_continue<T: TestDatabase>(shop: &Shop<T>, key: &'static str, point: &'static str, what: &str) {
    let doomed = Doomed::at(point);
    let (driver, hook) = (shop.database.again(), doomed.hook.clone());
    let (url, books) = (shop.sandbox.base_url().to_owned(), shop.books.clone());
    doomed.runtime.spawn(async move {
        let outbox = Outbox::builder(driver.await, storage()).crash_points(hook).build().unwrap();
        let runner = runner_at(&url, books, &outbox).build().unwrap();
        runner.run(key, Duration::from_secs(30)).await
    });
    doomed.dies_at(what).await;
    let worker = Worker::start(shop.runner());
    eventually(what, async || shop.state(key).await.is_closed()).await;
    worker.stop().await;
    assert_eq!(shop.state(key).await, State::Applied, "{what}");
    assert_eq!(shop.handled(key).await, ["applied"], "{what}");
}

fn name(point: &str, fault: Option<&str>) -> String {
    format!("{point} with {}", fault.unwrap_or("no fault"))
}

async fn a_crash_while_enqueueing_leaves_nothing<T: TestDatabase>() {
    let shop = Shop::<T>::open().await;
    let doomed = Doomed::at("enqueue.written");
    let (driver, hook) = (shop.database.again(), doomed.hook.clone());
    doomed.runtime.spawn(async move {
        let outbox = Outbox::builder(driver.await, storage()).crash_points(hook).build().unwrap();
        let driver: T::Driver = outbox_driver(&outbox);
        let mut transaction = driver.begin().await.unwrap();
        let _ = outbox.enqueue(T::Driver::connection(&mut transaction), "create", &creation("o-1")).await;
        T::Driver::commit(transaction).await
    });
    doomed.dies_at("enqueue.written").await;
    let error = shop.runner().run("create", Duration::from_secs(1)).await.unwrap_err();
    assert!(matches!(error, Error::NotFound { .. }), "{error}");
    assert_eq!(shop.calls("create_payment"), 0);
    // The transaction did not commit, so the key is still free.
    shop.enqueue(&Intent::new("create", &creation("o-1"))).await;
    shop.runner().run("create", Duration::from_secs(10)).await.unwrap();
    assert_eq!((shop.calls("create_payment"), shop.handled("create").await.len()), (1, 1));
}

fn outbox_driver<D: Database>(outbox: &Outbox<D>) -> D {
    outbox.database().clone()
}

async fn a_crash_during_an_execution_charges_once<T: TestDatabase>() {
    each(PATHS, async |(point, wrong)| {
        let what = name(point, wrong);
        let shop = Shop::<T>::open().await;
        let token = shop.approved("o-1").await;
        shop.enqueue(&Intent::expecting("pay", &execution(&token, "o-1"), (PRICE,)).in_order_of("o-1")).await;
        wrong.into_iter().for_each(|wrong| shop.sandbox.fault(fault("execute_payment", wrong)).unwrap());
        crash_and_continue(&shop, "pay", point, &what).await;
        let payment = shop.payment("o-1").unwrap();
        assert_eq!((&*payment.status, payment.charges), ("PAY_COMPLETE", 1), "{what}");
    })
    .await;
}

async fn a_crash_during_a_refund_refunds_once<T: TestDatabase>() {
    each(PATHS.into_iter().chain(REPEATED), async |(point, wrong)| {
        let what = name(point, wrong);
        let shop = Shop::<T>::open().await;
        let token = shop.paid("o-1").await;
        shop.enqueue(&Intent::new("refund", &refund(&token, 4_000)).in_order_of("o-1")).await;
        wrong.into_iter().for_each(|wrong| shop.sandbox.fault(fault("refund_payment", wrong)).unwrap());
        crash_and_continue(&shop, "refund", point, &what).await;
        let payment = shop.payment("o-1").unwrap();
        assert_eq!((payment.refunds.len(), payment.refundable_amount), (1, 6_000), "{what}");
    })
    .await;
}

/// Runs eight cases at a time, because they mostly wait for leases to end.
async fn each<C>(cases: impl IntoIterator<Item = C>, run: impl AsyncFn(C)) {
    stream::iter(cases).for_each_concurrent(8, async |case| run(case).await).await;
}

/// Returns the body of the callback that the service sends when a payment is complete.
pub fn message(order_no: &str, token: &PayToken) -> String {
    format!(
        r#"{{"status":"PAY_COMPLETE","payToken":"{}","orderNo":"{order_no}","payMethod":"TOSS_MONEY","amount":{PRICE},
            "discountedAmount":0,"paidAmount":{PRICE},"paidTs":"2026-11-29 10:00:00","transactionId":"t-1"}}"#,
        token.as_str()
    )
}

pub async fn receive<T: TestDatabase>(
    shop: &Shop<T>,
    outbox: &Outbox<T::Driver>,
    key: &str,
    body: &str,
) -> Result<Received, String> {
    let runner = shop.runner_of(outbox).build().unwrap();
    receive_with(&runner, &client(shop.sandbox.base_url()), key, body).await
}

async fn receive_with<D: Database>(
    runner: &pagespec_outbox::Runner<D>,
    toss: &toss_sdk::pay::Client,
    key: &str,
    body: &str,
) -> Result<Received, String> {
    let claim = ResultCallback::parse_json(body.as_bytes()).unwrap();
    let order_no = claim.unproven().order_no.clone().unwrap_or_else(|| OrderNo::new("none"));
    let confirm = || toss.confirm_result_callback(&claim, order_no, PRICE, None);
    let received = runner.receive::<ExecutePayment, _, _, _>(key, body.as_bytes(), Some(PRICE), confirm);
    received.await.map_err(|error| error.to_string())
}

async fn a_crash_while_a_callback_is_received_loses_nothing<T: TestDatabase>() {
    for point in ["receive.confirmed", "receive.recorded", "receive.handled"] {
        let shop = Shop::<T>::open().await;
        let token = shop.approved("o-1").await;
        shop.enqueue(&Intent::expecting("pay", &execution(&token, "o-1"), (PRICE,))).await;
        shop.toss.execute_payment(&execution(&token, "o-1")).await.unwrap();
        let doomed = Doomed::at(point);
        let (driver, hook) = (shop.database.again(), doomed.hook.clone());
        let (url, books, body) = (shop.sandbox.base_url().to_owned(), shop.books.clone(), message("o-1", &token));
        let sent = body.clone();
        doomed.runtime.spawn(async move {
            let outbox = Outbox::builder(driver.await, storage()).crash_points(hook).build().unwrap();
            let runner = runner_at(&url, books, &outbox).build().unwrap();
            receive_with(&runner, &client(&url), "pay", &sent).await
        });
        doomed.dies_at(point).await;
        assert!(shop.handled("pay").await.is_empty(), "{point}");
        // The service sends the callback again, because the callback was not acknowledged.
        assert_eq!(receive(&shop, &shop.outbox(), "pay", &body).await, Ok(Received::Closed), "{point}");
        assert_eq!(receive(&shop, &shop.outbox(), "pay", &body).await, Ok(Received::Duplicate), "{point}");
        assert_eq!(shop.handled("pay").await, ["applied"], "{point}");
        assert_eq!(shop.payment("o-1").unwrap().charges, 1);
    }
}

#[test]
fn this_file_covers_all_crash_points() {
    let mut here: HashSet<&str> = PATHS.iter().chain(&REPEATED).map(|(point, _)| *point).collect();
    here.extend(["enqueue.written", "receive.confirmed", "receive.recorded", "receive.handled"]);
    assert_eq!(here, CRASH_POINTS.into_iter().collect());
}
