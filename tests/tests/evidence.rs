//! A client concludes nothing about money without evidence. Most tests have an answer that an earlier version wrongly
//! accepted as evidence. The sandbox simulates the service and the gateways. Pauses of the client advance the sandbox's
//! clock.

use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};
use tests::fixtures::agency;
use tests::fixtures::merchant::{KEY, create, created, paid, refund};
use tests::order;
use tests::service::block_on;
use toss_sandbox::{Approval, ClerkRefund, Fault, FaultKind, Sandbox};
use toss_sdk::onboarding;
use toss_sdk::pay::*;
use toss_sdk::runtime::{CallOptions, Clock, Outcome, RetryPolicy, Sleep};

/// Clock whose pauses take no real time, and advance the sandbox's clock. One event can occur during a pause. Timeouts
/// take real time.
struct Tied {
    sandbox: Arc<Sandbox>,
    start: Instant,
    passed: Mutex<Duration>,
    meanwhile: Mutex<Option<Event>>,
    /// Upper limit of a timeout in real time.
    longest_sleep: Duration,
}

/// Elapsed time after which an event occurs, and the event.
type Event = (Duration, Box<dyn FnOnce(&Sandbox) + Send>);

impl std::fmt::Debug for Tied {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tied")
    }
}

impl Clock for Tied {
    fn now(&self) -> Instant {
        self.start + *self.passed.lock().unwrap()
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        self.sandbox.forward(duration).unwrap();
        let passed = {
            let mut passed = self.passed.lock().unwrap();
            *passed += duration;
            *passed
        };
        let due = self.meanwhile.lock().unwrap().take_if(|(at, _)| passed >= *at);
        if let Some((_, event)) = due {
            event(&self.sandbox);
        }
        Box::pin(std::future::ready(()))
    }

    fn timeout(&self, limit: Duration) -> Sleep {
        Box::pin(tokio::time::sleep(limit.min(self.longest_sleep)))
    }
}

fn start() -> Arc<Sandbox> {
    Arc::new(Sandbox::start().unwrap())
}

fn client(sandbox: &Arc<Sandbox>) -> Client {
    client_with(sandbox, None)
}

fn client_with(sandbox: &Arc<Sandbox>, meanwhile: Option<Event>) -> Client {
    client_with_longest_sleep(sandbox, meanwhile, Duration::from_millis(300))
}

fn client_with_longest_sleep(sandbox: &Arc<Sandbox>, meanwhile: Option<Event>, longest_sleep: Duration) -> Client {
    let clock = Tied {
        sandbox: sandbox.clone(),
        start: Instant::now(),
        passed: Mutex::default(),
        meanwhile: Mutex::new(meanwhile),
        longest_sleep,
    };
    let builder = Client::builder(KEY).base_url(sandbox.base_url()).retries(RetryPolicy::never());
    builder.clock(Arc::new(clock)).build().unwrap()
}

fn approved(sandbox: &Sandbox, number: &str) -> PayToken {
    let token = create(sandbox, number, 10_000);
    sandbox.approve(&token, &Approval::card(CardCompany::Samsung)).unwrap();
    token
}

fn execution(token: &PayToken, number: &str) -> ExecutePayment {
    ExecutePayment::builder().pay_token(token).order_no(number).build().unwrap()
}

fn edit(set: Value) -> FaultKind {
    FaultKind::EditReply { set: set.as_object().expect("an object").clone(), remove: Vec::new(), status: None }
}

fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

// A rejected repetition proves nothing about the first attempt.

#[test]
fn a_slow_refund_beside_a_clerks_refund_is_made_once_and_resolved_as_done() {
    let sandbox = start();
    let token = paid(&sandbox);
    sandbox.fault(Fault::once("refund_payment", FaultKind::Hold { seconds: Some(40) })).unwrap();
    let finish = |sandbox: &Sandbox| sandbox.complete_refund(sandbox.payments()[0].pay_token.as_str()).unwrap();
    let toss = client_with(&sandbox, Some((seconds(20), Box::new(finish))));
    let request = refund(&token, "r-1", 4_000);
    assert_eq!(block_on(toss.refund_payment(&request)).unwrap_err().outcome(), Outcome::Unknown);
    sandbox.refund_as_clerk(&token, &ClerkRefund::of("r-2", 1_000).staying_in_progress()).unwrap();
    let resolution = block_on(toss.resolve_refund_payment(&request));
    assert!(resolution.is_done(), "{resolution}");
    sandbox.forward(seconds(600)).unwrap();
    assert_eq!(sandbox.payments()[0].refundable_amount, 5_000, "4,000 won and 1,000 won must be refunded once each");
}

#[test]
fn a_refused_repetition_does_not_make_a_refund_not_done_while_the_first_is_in_transit() {
    for code in ["COMMON_REFUND_ERROR", "REFUND_EXCEED_DAILY", "INACTIVE_USER", "TRANSACTION_NOT_COMPLETE"] {
        let sandbox = start();
        let token = paid(&sandbox);
        sandbox.fault(Fault::once("refund_payment", FaultKind::Hold { seconds: Some(50) })).unwrap();
        let refused = FaultKind::Code { code: code.into() };
        sandbox.fault(Fault { from: 2, ..Fault::once("refund_payment", refused) }).unwrap();
        let (toss, request) = (client(&sandbox), refund(&token, "r-1", 4_000));
        assert_eq!(block_on(toss.refund_payment(&request)).unwrap_err().outcome(), Outcome::Unknown);
        let resolution = block_on(toss.resolve_refund_payment(&request));
        assert!(resolution.is_done(), "{code}: {resolution}");
        assert_eq!(sandbox.payments()[0].refundable_amount, 6_000, "{code}");
    }
}

// A refund number of another request is no evidence for this request.

#[test]
fn the_number_of_another_payments_refund_does_not_make_this_one_done() {
    let sandbox = start();
    let first = paid(&sandbox);
    let second = approved(&sandbox, "o-2");
    let toss = client(&sandbox);
    block_on(toss.execute_payment(&execution(&second, "o-2"))).unwrap();
    block_on(toss.refund_payment(&refund(&first, "r-1", 1_000))).unwrap();
    for request in [refund(&second, "r-1", 1_000), refund(&first, "r-1", 2_000)] {
        let resolution = block_on(toss.resolve_refund_payment(&request));
        assert!(!resolution.is_done(), "{resolution}");
    }
    let left: Vec<i64> = sandbox.payments().iter().map(|payment| payment.refundable_amount).collect();
    assert_eq!(left.iter().sum::<i64>(), 19_000, "exactly one refund of 1,000 won must be made: {left:?}");
}

// Replies about another request are no evidence.

#[test]
fn a_success_about_another_payment_is_unknown_and_is_resolved() {
    for (does, member) in [
        (edit(json!({"orderNo": "o-OTHER", "payToken": "t-OTHER", "amount": 1})), "payToken"),
        (edit(json!({"orderNo": "o-OTHER"})), "orderNo"),
        (edit(json!({"mode": "LIVE"})), "mode"),
        (FaultKind::ReplyAfter { status: 200, body: r#"{"code":0}"#.into() }, "payToken"),
    ] {
        let sandbox = start();
        let token = approved(&sandbox, "o-1");
        sandbox.fault(Fault::once("execute_payment", does)).unwrap();
        let (toss, request) = (client(&sandbox), execution(&token, "o-1"));
        let error = block_on(toss.execute_payment(&request)).unwrap_err();
        assert_eq!((error.outcome(), error.mismatch().unwrap().member()), (Outcome::Unknown, member), "{error}");
        let resolution = block_on(toss.resolve_execute_payment(&request, 10_000));
        assert!(resolution.is_done(), "{resolution}");
        assert_eq!(sandbox.payments()[0].charges, 1);
    }
}

#[test]
fn a_gateway_that_shifts_replies_never_turns_a_refused_execution_into_a_success() {
    let sandbox = start();
    let paid = approved(&sandbox, "o-paid");
    let open: Vec<PayToken> = (0..20).map(|n| create(&sandbox, &format!("o-{n}"), 10_000)).collect();
    sandbox.fault(Fault::sometimes(0.5, FaultKind::ShiftReplies { status: 504, body: None })).unwrap();
    let toss = client(&sandbox);
    let _ = block_on(toss.execute_payment(&execution(&paid, "o-paid")));
    for (n, token) in open.iter().enumerate() {
        // This payment was never approved, so it cannot be executed.
        let result = block_on(toss.execute_payment(&execution(token, &format!("o-{n}"))));
        assert!(result.is_err(), "o-{n}");
    }
}

#[test]
fn a_status_of_another_payment_proves_nothing() {
    let sandbox = start();
    let token = paid(&sandbox);
    sandbox.fault(Fault::once("payment_status", edit(json!({"payToken": "t-OTHER"})))).unwrap();
    let request = PaymentStatus::builder().payment(token).build().unwrap();
    let error = block_on(client(&sandbox).payment_status(&request)).unwrap_err();
    assert_eq!(error.mismatch().unwrap().member(), "payToken", "{error}");
}

// An HTTP status without a documented body is no evidence.

#[test]
fn an_http_error_with_an_html_page_is_no_refusal() {
    let mut gateways: Vec<FaultKind> =
        [400, 401, 403, 404, 408, 425, 429, 500, 502].map(|status| FaultKind::HtmlAfter { status }).to_vec();
    gateways.push(FaultKind::CutBody);
    gateways.push(FaultKind::ReplyAfter { status: 404, body: String::new() });
    gateways.push(FaultKind::ReplyAfter { status: 429, body: r#"{"code":-1,"errorCode":"COMMON_THROTTLED"}"#.into() });
    gateways.push(FaultKind::ReplyAfter { status: 200, body: r#"{"code":-1,"errorCode":"A_NEW_CODE"}"#.into() });
    for does in gateways {
        let sandbox = start();
        let token = approved(&sandbox, "o-1");
        sandbox.fault(Fault::once("execute_payment", does.clone())).unwrap();
        let (toss, request) = (client(&sandbox), execution(&token, "o-1"));
        let error = block_on(toss.execute_payment(&request)).unwrap_err();
        assert_eq!(error.outcome(), Outcome::Unknown, "{does:?}: {error}");
        assert!(block_on(toss.resolve_execute_payment(&request, 10_000)).is_done(), "{does:?}");
        assert_eq!(sandbox.payments()[0].charges, 1, "{does:?}");
    }
}

#[test]
fn a_documented_refusal_of_the_only_attempt_is_a_rejection() {
    let sandbox = start();
    let token = approved(&sandbox, "o-1");
    for (does, status) in [
        (FaultKind::Code { code: "COMMON_NOT_ENOUGH_CASH".into() }, 200),
        (
            FaultKind::ReplyBefore { status: 400, body: r#"{"code":-1,"errorCode":"COMMON_NOT_ENOUGH_CASH"}"#.into() },
            400,
        ),
    ] {
        sandbox.fault(Fault::once("execute_payment", does)).unwrap();
        let error = block_on(client(&sandbox).execute_payment(&execution(&token, "o-1"))).unwrap_err();
        assert_eq!((error.outcome(), error.http_status()), (Outcome::Rejected, Some(status)), "{error}");
    }
}

// Callbacks.

fn claim(token: &PayToken) -> toss_sdk::runtime::Claim<ResultCallback> {
    let body = json!({"status": "PAY_COMPLETE", "payToken": token.as_str(), "orderNo": "o-1", "amount": 10_000});
    ResultCallback::parse(body.to_string().as_bytes()).unwrap()
}

#[test]
fn a_genuine_callback_is_never_acknowledged_before_it_is_confirmed() {
    for does in [
        FaultKind::Stale { seconds: Some(3_600) },
        FaultKind::Code { code: "TRANSACTION_NOT_FOUND".into() },
        FaultKind::Code { code: "PAYMENT_SHOP_STATE_NOT_NORMAL".into() },
        FaultKind::HtmlBefore { status: 404 },
        FaultKind::ResetBefore,
        edit(json!({"amount": null})),
        edit(json!({"amount": "a lot"})),
        edit(json!({"mode": null})),
        edit(json!({"orderNo": null})),
        edit(json!({"payStatus": null})),
    ] {
        let sandbox = start();
        let token = paid(&sandbox);
        sandbox.fault(Fault::once("payment_status", does.clone())).unwrap();
        let toss = client(&sandbox);
        let confirm = || block_on(toss.confirm_result_callback(&claim(&token), "o-1".into(), 10_000, Some(&token)));
        let error = confirm().unwrap_err();
        assert_eq!((error.is_refuted(), error.answer_status()), (false, 503), "{does:?}: {error}");
        assert_eq!(confirm().unwrap().still_paid, Some(10_000), "the repetition must be confirmed: {does:?}");
    }
}

#[test]
fn a_callback_that_is_confirmed_after_a_refund_has_the_remaining_amount() {
    let sandbox = start();
    let token = paid(&sandbox);
    let toss = client(&sandbox);
    let confirm = || block_on(toss.confirm_result_callback(&claim(&token), "o-1".into(), 10_000, Some(&token)));
    block_on(toss.refund_payment(&refund(&token, "r-1", 4_000))).unwrap();
    assert_eq!(confirm().unwrap().still_paid, Some(6_000));
    block_on(toss.refund_payment(&refund(&token, "r-2", 6_000))).unwrap();
    let error = confirm().unwrap_err();
    assert!(error.is_refuted() && error.member() == Some("payStatus"), "{error}");
}

// A refunded payment does not count as paid.

#[test]
fn an_execution_that_a_clerk_has_refunded_is_reversed() {
    for (amount, left) in [(10_000, 0), (4_000, 6_000)] {
        let sandbox = start();
        let token = approved(&sandbox, "o-1");
        sandbox.fault(Fault::once("execute_payment", FaultKind::ResetAfter)).unwrap();
        let (toss, request) = (client(&sandbox), execution(&token, "o-1"));
        assert!(block_on(toss.execute_payment(&request)).is_err());
        sandbox.refund_as_clerk(&token, &ClerkRefund::of("r-9", amount)).unwrap();
        let Resolution::Reversed(reversed) = block_on(toss.resolve_execute_payment(&request, 10_000)) else {
            panic!("the refund of {amount} won is not reported");
        };
        assert_eq!(reversed.remaining, Some(left));
    }
}

// An earlier payment with the same order number is no evidence.

#[test]
fn an_earlier_payment_of_the_order_number_is_not_confused_with_the_lost_one() {
    for canceled in [true, false] {
        let sandbox = start();
        let earlier = created(
            &sandbox,
            &order!("o-1", 10_000; .auto_execute(true)
            .result_callback("http://127.0.0.1:1/callback").callback_version(CallbackVersion::V2)),
        );
        if canceled {
            sandbox.cancel(&earlier).unwrap();
        }
        let before = SystemTime::now() + seconds(60);
        sandbox.forward(seconds(120)).unwrap();
        // This client has no memory of the request, like a client in a restarted process. The shop passes the stored
        // time of the request to the client.
        let toss = client(&sandbox).with(CallOptions::new().attempted(before, before));
        let resolution = block_on(toss.resolve_create_payment(&order!("o-1", 10_000)));
        assert!(resolution.is_unknown() && resolution.to_string().contains("createdTs"), "{resolution}");
    }
}

#[test]
fn a_creation_whose_answer_was_lost_is_found_by_its_order_number() {
    let sandbox = start();
    let toss = client(&sandbox);
    let request = order!("o-1", 10_000);
    sandbox.fault(Fault::once("create_payment", FaultKind::ResetAfter)).unwrap();
    assert!(block_on(toss.create_payment(&request)).is_err());
    let resolution = block_on(toss.resolve_create_payment(&request));
    let found = resolution.found().expect("it is found").pay_token.clone().expect("it has a token");
    assert!(resolution.is_done(), "{resolution}");
    assert_eq!(found.as_str(), sandbox.payments()[0].pay_token.as_str());
    // If the creation did not arrive, the resolution sends it again. The reply has a checkout page.
    let request = order!("o-2", 10_000);
    sandbox.fault(Fault::once("create_payment", FaultKind::ResetBefore)).unwrap();
    assert!(block_on(toss.create_payment(&request)).is_err());
    let Resolution::Done(done) = block_on(toss.resolve_create_payment(&request)) else { panic!("not done") };
    assert!(done.reply.is_some());
}

// Resolutions and repeated calls.

#[test]
fn resolving_an_execution_repeatedly_sends_at_most_one_more() {
    let sandbox = start();
    let token = approved(&sandbox, "o-1");
    // No execution reaches the service.
    sandbox.fault(Fault { times: None, ..Fault::once("execute_payment", FaultKind::ResetBefore) }).unwrap();
    let (toss, request) = (client(&sandbox), execution(&token, "o-1"));
    assert!(block_on(toss.execute_payment(&request)).is_err());
    for _ in 0..3 {
        assert!(!block_on(toss.resolve_execute_payment(&request, 10_000)).is_done());
    }
    let open = (0..4).map(|_| (execution(&token, "o-1"), 10_000));
    let _ = block_on(toss.resolve_many_execute_payment(open, 4));
    let sent = sandbox.journal().iter().filter(|entry| entry.operation.as_deref() == Some("execute_payment")).count();
    assert_eq!(sent, 2, "only the first execution and one repetition must be sent");
}

#[test]
fn a_resolution_does_not_send_a_refund_that_an_earlier_one_found_not_done() {
    let sandbox = start();
    let token = paid(&sandbox);
    sandbox
        .fault(Fault { times: None, ..Fault::once("refund_payment", FaultKind::Code { code: "INACTIVE_USER".into() }) })
        .unwrap();
    let (toss, request) = (client(&sandbox), refund(&token, "r-1", 4_000));
    assert!(block_on(toss.resolve_refund_payment(&request)).is_not_done());
    sandbox.clear_faults();
    assert!(block_on(toss.resolve_refund_payment(&request)).is_not_done());
    assert_eq!(sandbox.payments()[0].refundable_amount, 10_000);
    // Only a new call sends the request again.
    assert!(block_on(toss.refund_payment(&request)).is_ok());
}

#[test]
fn a_resolution_during_the_call_neither_sends_nor_concludes() {
    let sandbox = start();
    let token = approved(&sandbox, "o-1");
    sandbox.fault(Fault::once("execute_payment", FaultKind::Hold { seconds: None })).unwrap();
    let (toss, request) =
        (client_with_longest_sleep(&sandbox, None, Duration::from_secs(20)), execution(&token, "o-1"));
    block_on(async {
        let mut call = std::pin::pin!(toss.execute_payment(&request));
        let resolve = async {
            while sandbox.held_requests() == 0 {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
            toss.clone().resolve_execute_payment(&request, 10_000).await
        };
        let resolution = tokio::select! {
            result = &mut call => panic!("the call ended, although the sandbox holds its request: {result:?}"),
            resolution = resolve => resolution,
        };
        assert!(resolution.is_unknown(), "{resolution}");
        sandbox.release_held_requests();
        assert!(call.await.is_ok());
    });
    assert_eq!(sandbox.payments()[0].charges, 1);
    let sent = sandbox.journal().iter().filter(|entry| entry.operation.as_deref() == Some("execute_payment")).count();
    assert_eq!(sent, 1);
}

#[test]
fn a_refusal_after_an_identical_call_that_succeeded_is_no_rejection() {
    let sandbox = start();
    let token = approved(&sandbox, "o-1");
    let (toss, request) = (client(&sandbox), execution(&token, "o-1"));
    assert!(block_on(toss.execute_payment(&request)).is_ok());
    sandbox.fault(Fault::once("execute_payment", FaultKind::Code { code: "EXECUTE_PAY_NOT_APPROVED".into() })).unwrap();
    // The shop may execute a payment twice, for example if the purchaser has the page open in two tabs.
    let error = block_on(toss.execute_payment(&request)).unwrap_err();
    assert_eq!(error.outcome(), Outcome::Unknown, "{error}");
    assert!(block_on(toss.resolve_execute_payment(&request, 10_000)).is_done());
}

// Onboarding.

#[test]
fn a_list_that_cannot_be_read_or_is_empty_proves_nothing_about_a_store() {
    let sandbox = start();
    let mid = agency::registered(&sandbox, "shop-1", Some("1234567890"));
    let toss = hosting_client(&sandbox);
    let delete = onboarding::DeleteStoreId::builder().shop_id("shop-1").mid(mid.as_str()).build().unwrap();
    for entries in [json!([]), json!([null]), json!(["?", "?"])] {
        let fault = Fault::once("get_subscriptions", edit(json!({"/result/descriptions": entries})));
        sandbox.fault(Fault { times: None, ..fault }).unwrap();
        let resolution = block_on(toss.resolve_delete_store_id(&delete));
        assert!(resolution.is_unknown(), "{entries}: {resolution}");
        sandbox.clear_faults();
    }
    assert!(block_on(toss.resolve_delete_store_id(&delete)).is_not_done());
}

fn hosting_client(sandbox: &Arc<Sandbox>) -> onboarding::Client {
    let clock = Tied {
        sandbox: sandbox.clone(),
        start: Instant::now(),
        passed: Mutex::default(),
        meanwhile: Mutex::new(None),
        longest_sleep: Duration::from_millis(300),
    };
    let host = toss_sandbox::Host::published();
    let (token, secret) = (host.token.as_str().into(), host.secret.as_str().into());
    let builder = onboarding::Client::builder(token, secret).base_url(sandbox.base_url());
    builder.retries(RetryPolicy::never()).clock(Arc::new(clock)).build().unwrap()
}

// Further cases.

#[test]
fn a_return_that_claims_a_payment_is_not_confirmed_while_nothing_is_paid() {
    let sandbox = start();
    let token = approved(&sandbox, "o-1");
    let toss = client(&sandbox);
    let confirm = |state: &str| {
        let claim = PurchaserReturn::parse_query(&format!("?status={state}&orderNo=o-1")).unwrap();
        block_on(toss.confirm_purchaser_return(&claim, "o-1".into(), 10_000, Some(&token)))
    };
    let error = confirm("PAY_COMPLETE").unwrap_err();
    assert!(!error.is_refuted() && error.member() == Some("payStatus"), "{error}");
    assert_eq!(confirm("PAY_APPROVED").unwrap().still_paid, None);
    block_on(toss.execute_payment(&execution(&token, "o-1"))).unwrap();
    assert_eq!(confirm("PAY_COMPLETE").unwrap().still_paid, Some(10_000));
}

#[test]
fn a_live_payment_is_neither_done_nor_confirmed_for_a_test_key() {
    let sandbox = start();
    let token = approved(&sandbox, "o-1");
    let toss = client(&sandbox);
    block_on(toss.execute_payment(&execution(&token, "o-1"))).unwrap();
    let fault = Fault::once("payment_status", edit(json!({"mode": "LIVE"})));
    sandbox.fault(Fault { times: None, ..fault }).unwrap();
    let resolution = block_on(toss.resolve_execute_payment(&execution(&token, "o-1"), 10_000));
    assert!(resolution.is_unknown() && resolution.to_string().contains("mode"), "{resolution}");
    let error = block_on(toss.confirm_result_callback(&claim(&token), "o-1".into(), 10_000, None)).unwrap_err();
    assert_eq!((error.is_refuted(), error.member()), (true, Some("mode")), "{error}");
}

#[test]
fn the_longest_possible_pause_does_not_panic_after_sending() {
    let sandbox = start();
    let token = paid(&sandbox);
    let pauses = RetryPolicy::standard().first_pause(Duration::MAX).longest_pause(Duration::MAX);
    let toss = client(&sandbox).with(CallOptions::new().retries(pauses));
    sandbox.fault(Fault::once("refund_payment", FaultKind::ResetAfter)).unwrap();
    let error = block_on(toss.refund_payment(&refund(&token, "r-1", 1_000))).unwrap_err();
    assert_eq!(error.outcome(), Outcome::Unknown);
}
