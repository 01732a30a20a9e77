//! Whether, when and how often a request is sent again, on the client that the usual builder makes, in virtual time.

mod scripted;

use scripted::{Act, Jumping, Script};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tests::service::{block_on, nobody};
use toss_sdk::onboarding::{self, DeleteStoreId, GetCredentials, OpenOnboardingSession};
use toss_sdk::pay::{Client, CreatePayment, ExecutePayment, PaymentStatus, RefundPayment};
use toss_sdk::runtime::{CallOptions, Event, Observer, Outcome, Random, RetryPolicy};

/// A success of any of the calls.
const DONE: &str = r#"{"code":0,"mode":"TEST","payToken":"t-1","checkoutPage":"https://x.example",
    "payStatus":"PAY_COMPLETE","refundNo":"r-1","refundedAmount":-1000}"#;

fn client(url: &str, clock: &Arc<Jumping>) -> Client {
    let builder = Client::builder("sk_test_w5lNQylNqa5lNQe013Nq").base_url(url);
    builder.clock(clock.clone()).random(Random::new(|| 1.0)).build().unwrap()
}

fn create() -> CreatePayment {
    CreatePayment::builder()
        .order_no("o-1")
        .product_desc("Coat")
        .ret_url("https://shop.example/done")
        .ret_cancel_url("https://shop.example/cancel")
        .amount(3000)
        .amount_tax_free(0)
        .build()
        .unwrap()
}

fn execute() -> ExecutePayment {
    ExecutePayment::builder().pay_token("t-1").build().unwrap()
}

fn refund() -> RefundPayment {
    RefundPayment::builder().pay_token("t-1").refund_no("r-1").amount(1000).build().unwrap()
}

fn status() -> PaymentStatus {
    PaymentStatus::builder().payment(toss_sdk::pay::OrderNo::new("o-1")).build().unwrap()
}

#[test]
fn without_a_connection_every_request_goes_again_and_none_was_sent() {
    let clock = Jumping::new();
    let pay = client(&nobody(), &clock);
    let errors = [
        block_on(pay.create_payment(&create())).unwrap_err(),
        block_on(pay.execute_payment(&execute())).unwrap_err(),
        block_on(pay.refund_payment(&refund())).unwrap_err(),
        block_on(pay.payment_status(&status())).unwrap_err(),
    ];
    for error in errors {
        assert_eq!((error.outcome(), error.attempts()), (Outcome::NotSent, 3), "{error}");
    }
    // 200 ms and 400 ms before the second and the third attempt of each.
    assert_eq!(clock.passed(), Duration::from_millis(4 * 600));
}

#[test]
fn what_the_service_would_not_recognise_is_never_sent_twice() {
    for act in [Act::Drop, Act::Fail(502), Act::Fail(503), Act::Say("<html>".into())] {
        let script = Script::playing([act.clone(), Act::Say(DONE.into())]);
        let error = block_on(client(script.url(), &Jumping::new()).create_payment(&create())).unwrap_err();
        assert_eq!((error.outcome(), script.seen().len()), (Outcome::Unknown, 1), "{act:?}");
        let script = Script::playing([act.clone(), Act::Say(DONE.into())]);
        let error = block_on(client(script.url(), &Jumping::new()).execute_payment(&execute())).unwrap_err();
        assert_eq!((error.outcome(), script.seen().len()), (Outcome::Unknown, 1), "{act:?}");
    }
}

#[test]
fn a_refund_goes_again_byte_for_byte_with_its_number() {
    for act in [Act::Drop, Act::Fail(500), Act::Say(r#"{"code":-1,"errorCode":"COMMON_TIMEOUT"}"#.into())] {
        let script = Script::playing([act.clone(), act, Act::Say(DONE.into())]);
        block_on(client(script.url(), &Jumping::new()).refund_payment(&refund())).unwrap();
        let seen = script.seen();
        assert_eq!(seen.len(), 3);
        assert!(seen.iter().all(|request| *request == seen[0]) && seen[0].1.contains(r#""refundNo":"r-1""#));
    }
}

#[test]
fn a_refund_that_would_not_be_recognised_is_sent_once() {
    let request = RefundPayment::builder()
        .pay_token("t-1")
        .refund_no("r-1")
        .amount(1000)
        .accept_double_refunds_by_switching_idempotency_off()
        .build()
        .unwrap();
    let script = Script::playing([Act::Drop]);
    let error = block_on(client(script.url(), &Jumping::new()).refund_payment(&request)).unwrap_err();
    assert_eq!((error.outcome(), script.seen().len()), (Outcome::Unknown, 1));
}

#[test]
fn reads_of_both_services_go_again_and_a_session_is_opened_once() {
    let script = Script::playing([Act::Fail(503), Act::Say(DONE.into())]);
    block_on(client(script.url(), &Jumping::new()).payment_status(&status())).unwrap();
    let hosting = |script: &Script| {
        let builder = onboarding::Client::builder("token".into(), "secret".into()).base_url(script.url());
        builder.clock(Jumping::new()).build().unwrap()
    };
    let script = Script::playing([Act::Drop, Act::Say(r#"{"success":true,"result":{"credentials":[]}}"#.into())]);
    let request = GetCredentials::builder().shop_id("s").build().unwrap();
    assert!(block_on(hosting(&script).get_credentials(&request)).unwrap().credentials.is_empty());
    let script = Script::playing([Act::Drop]);
    let request = OpenOnboardingSession::builder().shop_id("s").mid("m").build().unwrap();
    assert_eq!(block_on(hosting(&script).open_onboarding_session(&request)).unwrap_err().attempts(), 1);
    let request = DeleteStoreId::builder().shop_id("s").mid("m").build().unwrap();
    assert_eq!(block_on(hosting(&script).delete_store_id(&request)).unwrap_err().attempts(), 1);
    assert_eq!(script.seen().len(), 2);
}

#[test]
fn one_attempt_that_may_have_taken_effect_makes_the_whole_call_unknown() {
    let refused = Act::Say(r#"{"code":-1,"errorCode":"REFUND_EXCEED_DAILY"}"#.into());
    let script = Script::playing([Act::Drop, refused]);
    let error = block_on(client(script.url(), &Jumping::new()).refund_payment(&refund())).unwrap_err();
    assert_eq!((error.outcome(), error.attempts()), (Outcome::Unknown, 2), "{error}");
    assert!(error.to_string().contains("2 attempts"), "{error}");
}

#[test]
fn a_refusal_for_the_moment_is_tried_again_and_any_other_is_an_answer() {
    let refuses = |code: &str| Act::Say(format!(r#"{{"code":-1,"errorCode":"{code}"}}"#));
    for (act, attempts) in [
        (refuses("COMMON_THROTTLED"), 2),
        (Act::Fail(429), 2),
        (refuses("COMMON_TIMEOUT"), 2),
        (refuses("COMMON_REFUND_ERROR"), 1),
        (Act::Fail(400), 1),
    ] {
        let script = Script::playing([act.clone(), Act::Say(DONE.into())]);
        let result = block_on(client(script.url(), &Jumping::new()).refund_payment(&refund()));
        assert_eq!((result.is_ok(), script.seen().len()), (attempts == 2, attempts), "{act:?}");
    }
}

#[test]
fn a_service_that_asks_for_a_pause_gets_it_or_no_further_attempt() {
    let clock = Jumping::new();
    let script = Script::playing([Act::Later(503, 5), Act::Say(DONE.into())]);
    block_on(client(script.url(), &clock).payment_status(&status())).unwrap();
    assert_eq!(clock.passed(), Duration::from_secs(5));
    let script = Script::playing([Act::Later(503, 31), Act::Say(DONE.into())]);
    let error = block_on(client(script.url(), &Jumping::new()).payment_status(&status())).unwrap_err();
    assert_eq!((error.attempts(), script.seen().len()), (1, 1));
}

#[test]
fn when_the_service_is_down_a_client_soon_stops_insisting() {
    let script = Script::playing([Act::Fail(503)]);
    let client = client(script.url(), &Jumping::new());
    for _ in 0..50 {
        let _ = block_on(client.clone().payment_status(&status()));
    }
    assert_eq!(script.seen().len(), 60, "ten retries for all of them");
}

#[test]
fn a_call_can_have_its_own_policy_and_deadline() {
    let script = Script::playing([Act::Fail(503)]);
    let client = client(script.url(), &Jumping::new());
    let once = client.with(CallOptions::new().retries(RetryPolicy::never()));
    assert_eq!(block_on(once.payment_status(&status())).unwrap_err().attempts(), 1);
    // A second attempt has no time to fail properly any more.
    let hurried =
        client.with(CallOptions::new().total_timeout(Duration::from_secs(3)).attempt_timeout(Duration::from_secs(9)));
    let hurried = block_on(hurried.with(CallOptions::new().retries(RetryPolicy::standard())).payment_status(&status()));
    assert_eq!(hurried.unwrap_err().attempts(), 1);
    assert_eq!(block_on(client.payment_status(&status())).unwrap_err().attempts(), 3);
}

#[derive(Debug, Default)]
struct Log(Mutex<Vec<String>>);

impl Observer for Log {
    fn attempt(&self, event: &Event<'_>) {
        let line = format!("{} {} {:?} {:?}", event.attempt, event.word(), event.status, event.pause);
        self.0.lock().unwrap().push(line);
    }

    fn call(&self, event: &Event<'_>) {
        self.0.lock().unwrap().push(format!("{} {} {}", event.operation, event.attempt, event.word()));
    }
}

#[test]
fn an_observer_is_told_of_each_attempt_and_of_the_call() {
    let script = Script::playing([Act::Fail(503), Act::Say(DONE.into())]);
    let log = Arc::new(Log::default());
    let builder = Client::builder("sk_test_w5lNQylNqa5lNQe013Nq").base_url(script.url()).observer(log.clone());
    let client = builder.clock(Jumping::new()).random(Random::new(|| 0.5)).build().unwrap();
    block_on(client.payment_status(&status())).unwrap();
    assert_eq!(
        *log.0.lock().unwrap(),
        ["1 unknown Some(503) Some(100ms)", "2 success Some(200) None", "payment_status 2 success"]
    );
}

#[test]
fn a_call_that_is_given_up_sends_nothing_more() {
    let script = Script::playing([Act::Later(503, 5), Act::Say(DONE.into())]);
    let client = Client::builder("sk_test_w5lNQylNqa5lNQe013Nq").base_url(script.url()).build().unwrap();
    let request = status();
    let given_up =
        block_on(async { tokio::time::timeout(Duration::from_millis(400), client.payment_status(&request)).await });
    assert!(given_up.is_err());
    std::thread::sleep(Duration::from_millis(200));
    assert_eq!(script.seen().len(), 1);
}
