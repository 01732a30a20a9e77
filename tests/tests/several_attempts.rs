//! Tests of several attempts at one request. An attempt may come from this client or another process, may differ in
//! details, or may be made during a resolution. The client's result takes all attempts into account. The service is
//! scripted, and time is virtual.

use crate::calls::Told;
use crate::scripted::requests::{EXECUTED, client, creation, execution, hosting, refuses, says, status, store};
use crate::scripted::{Act, Jumping, Script};
use serde_json::json;
use std::io::Write;
use std::net::TcpListener;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};
use tests::service::{answer, block_on, read};
use toss_sdk::pay::KstDateTime;
use toss_sdk::pay::{CallbackVersion, Client, RefundPayment};
use toss_sdk::runtime::{Advice, CallOptions, Outcome, RetryPolicy};

fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

fn ago(count: u64) -> SystemTime {
    SystemTime::now() - seconds(count)
}

fn kst(time: SystemTime) -> String {
    KstDateTime::from(time).to_string()
}

fn created(token: &str) -> Act {
    Act::Say(json!({"code": 0, "payToken": token, "checkoutPage": "https://pay.example/"}).to_string())
}

fn refund() -> RefundPayment {
    RefundPayment::builder().pay_token("t-1").refund_no("r-1").amount(1_000).build().unwrap()
}

fn count(paths: &[String], name: &str) -> usize {
    paths.iter().filter(|path| *path == name).count()
}

/// The attempt was an hour ago and never arrived. Another client has just created the payment that the query finds.
#[test]
fn a_payment_created_after_the_last_attempt_could_be_accepted_is_not_this_one() {
    let script = Script::playing([says(json!({"payStatus": "PAY_APPROVED"}))]);
    let toss = client(script.url(), &Jumping::new()).with(CallOptions::new().attempted(ago(3_600), ago(3_600)));
    let resolution = block_on(toss.resolve_create_payment(&creation!()));
    assert!(!resolution.is_done(), "{resolution}");
}

/// Both clocks agree. The reply takes 4 s, and its `Date` is the time at which the service began to write it.
#[test]
fn a_slow_answer_does_not_make_an_older_payment_count_as_this_one() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let older = SystemTime::now() - seconds(4);
        let (mut first, mut delay) = (true, 4);
        for connection in listener.incoming() {
            let mut connection = connection.unwrap();
            let Some(_) = read(&mut connection) else { continue };
            if std::mem::take(&mut first) {
                continue;
            }
            let now = SystemTime::now();
            // The payment was created 4 s before the service started. The client tolerates a creation time that is at
            // most 2 s before the attempt.
            let body = status(json!({"payStatus": "PAY_STANDBY", "createdTs": kst(older)}));
            std::thread::sleep(seconds(std::mem::take(&mut delay)));
            let head = format!("200 OK\r\nDate: {}", httpdate::fmt_http_date(now));
            let _ = connection.write_all(&answer(&head, "application/json", &body));
        }
    });
    let toss = client(&url, &Jumping::new());
    assert!(block_on(toss.create_payment(&creation!())).is_err());
    let resolution = block_on(toss.resolve_create_payment(&creation!()));
    assert!(!resolution.is_done(), "{resolution}");
}

/// A shop creates two payments in one second: the first with automatic execution, the second without. The second
/// request never arrives.
#[test]
fn a_creation_with_other_settings_just_before_is_not_this_one() {
    let script = Script::playing([created("t-1"), Act::Drop, says(json!({"payStatus": "PAY_STANDBY"}))]);
    let toss = client(script.url(), &Jumping::new());
    let automatic = creation!(
        .auto_execute(true)
        .result_callback("https://shop.example/callback")
        .callback_version(CallbackVersion::V2)
    );
    block_on(toss.create_payment(&automatic)).unwrap();
    assert!(block_on(toss.create_payment(&creation!())).is_err());
    let resolution = block_on(toss.resolve_create_payment(&creation!()));
    assert!(!resolution.is_done(), "the payment of the first creation counts as this one: {resolution}");
}

/// A resolution finds the request to be not done. Then another process of the shop sends it, and the caller passes the
/// time of that attempt.
#[test]
fn not_done_is_proven_again_if_the_caller_passes_the_time_of_a_later_attempt() {
    let script = Script::answering(|path| {
        Some(if path == "execute" {
            refuses("COMMON_NOT_ENOUGH_CASH")
        } else {
            says(json!({"payStatus": "PAY_APPROVED"}))
        })
    });
    let clock = Jumping::new();
    let toss = client(script.url(), &clock);
    assert!(block_on(toss.resolve_execute_payment(&execution(), 10_000)).is_not_done());
    let (before, now) = (clock.passed(), SystemTime::now());
    let told = toss.with(CallOptions::new().attempted(now, now));
    let resolution = block_on(told.resolve_execute_payment(&execution(), 10_000));
    let waited = clock.passed() - before;
    assert!(!resolution.is_not_done() || waited >= seconds(74), "after {waited:?}: {resolution}");
}

/// A restarted shop has stored the time of the execution. That attempt may still be accepted.
#[test]
fn a_refusal_is_no_rejection_if_the_caller_passes_the_time_of_an_earlier_attempt() {
    for refusal in ["COMMON_NOT_ENOUGH_CASH", "EXECUTE_PAY_NOT_APPROVED", "COMMON_ITS_NOT_ABLE_TO_CHANGE_STATUS"] {
        let script = Script::playing([refuses(refusal)]);
        let toss = client(script.url(), &Jumping::new()).with(CallOptions::new().attempted(ago(5), ago(5)));
        let error = block_on(toss.execute_payment(&execution())).unwrap_err();
        assert_eq!(error.outcome(), Outcome::Unknown, "{error}");
    }
}

/// The first creation was answered, and its checkout page was shown. The second creation with the same number is lost,
/// and an outdated replica shows no payment.
#[test]
fn a_creation_whose_page_was_shown_is_repeated_only_after_the_acceptance_period() {
    let acts = [created("t-1"), Act::Drop, refuses("TRANSACTION_NOT_FOUND"), created("t-2")];
    let (script, clock) = (Script::playing(acts), Jumping::new());
    let toss = client(script.url(), &clock);
    block_on(toss.create_payment(&creation!())).unwrap();
    assert!(block_on(toss.create_payment(&creation!())).is_err());
    let _ = block_on(toss.resolve_create_payment(&creation!()));
    let asked = count(&script.paths(), "status");
    assert!(count(&script.paths(), "payments") < 3 || asked > 10, "{:?}", script.paths());
}

/// These statuses may come from a gateway, even with the documented body of a refusal.
#[test]
fn a_gateways_408_425_or_429_does_not_reject_a_registration() {
    for line in ["408 Request Timeout", "425 Too Early", "429 Too Many Requests"] {
        let body = json!({"success": false, "errorCode": "GATEWAY_TIMEOUT", "message": "x", "result": null});
        let script = Script::playing([Act::Answer(line.into(), body.to_string())]);
        let error = block_on(hosting(script.url()).create_store(&store("01000000000"))).unwrap_err();
        assert_eq!(error.outcome(), Outcome::Unknown, "{line}: {error}");
    }
}

#[test]
fn a_refused_registration_is_no_rejection_while_one_with_other_details_is_unknown() {
    let refused = json!({"success": false, "errorCode": "EXISTS", "message": "x", "result": null}).to_string();
    let script = Script::playing([Act::Drop, Act::Say(refused)]);
    let toss = hosting(script.url());
    assert_eq!(block_on(toss.create_store(&store("01000000000"))).unwrap_err().outcome(), Outcome::Unknown);
    assert_eq!(block_on(toss.create_store(&store("01000000001"))).unwrap_err().outcome(), Outcome::Unknown);
}

#[test]
fn a_request_that_was_lost_before_is_unknown_even_if_its_repetition_cannot_be_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let service = std::thread::spawn(move || read(&mut listener.accept().unwrap().0));
    let toss = client(&url, &Jumping::new());
    assert_eq!(block_on(toss.refund_payment(&refund())).unwrap_err().outcome(), Outcome::Unknown);
    service.join().unwrap();
    let error = block_on(toss.refund_payment(&refund())).unwrap_err();
    assert_eq!(error.outcome(), Outcome::Unknown, "{error}");
    let other = RefundPayment::builder().pay_token("t-1").refund_no("r-2").amount(1_000).build().unwrap();
    let error = block_on(toss.refund_payment(&other)).unwrap_err();
    assert_eq!(error.outcome(), Outcome::NotSent, "{error}");
}

#[test]
fn the_observer_receives_the_outcome_that_the_caller_receives() {
    let script = Script::playing([Act::Drop, refuses("COMMON_INVALID_API_KEY")]);
    let told = Arc::new(Told::default());
    let builder = Client::builder("sk_test_w5lNQylNqa5lNQe013Nq").base_url(script.url()).observer(told.clone());
    let toss = builder.retries(RetryPolicy::never()).build().unwrap();
    for _ in 0..2 {
        assert_eq!(block_on(toss.refund_payment(&refund())).unwrap_err().outcome(), Outcome::Unknown);
    }
    let calls: Vec<String> = told.all().into_iter().filter(|event| event.starts_with("call")).collect();
    assert_eq!(calls.len(), 2);
    assert!(calls.iter().all(|event| event.contains("unknown")), "{calls:?}");
}

/// A resolution finds the request to be not done. Then one task resolves it again, while another task sends it.
#[test]
fn not_done_is_not_reported_while_the_request_is_being_sent_again() {
    let executed = format!("{{{EXECUTED}}}");
    let is_late = Arc::new(AtomicBool::new(false));
    let late = is_late.clone();
    let (url, _) = threaded(move |path, number| {
        Some(match path {
            "execute" if number == 0 => json!({"code": -1, "errorCode": "COMMON_NOT_ENOUGH_CASH"}).to_string(),
            "execute" => executed.clone(),
            _ => {
                if late.swap(false, Ordering::SeqCst) {
                    std::thread::sleep(Duration::from_millis(800));
                }
                status(json!({"payStatus": "PAY_APPROVED"}))
            }
        })
    });
    let toss = client(&url, &Jumping::new());
    assert!(block_on(toss.resolve_execute_payment(&execution(), 10_000)).is_not_done());
    is_late.store(true, Ordering::SeqCst);
    let other = toss.clone();
    let executes = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(200));
        block_on(other.execute_payment(&execution())).is_ok()
    });
    let resolution = block_on(toss.resolve_execute_payment(&execution(), 10_000));
    assert!(executes.join().unwrap());
    assert!(!resolution.is_not_done(), "not done, but the execution was complete before: {resolution}");
}

/// One task resolves a lost creation. Meanwhile another task creates the payment and sends the purchaser to the
/// checkout page.
#[test]
fn a_creation_that_is_answered_during_its_resolution_is_not_repeated_immediately() {
    let (url, seen) = threaded(move |path, number| match (path, number) {
        ("payments", 0) => None,
        ("payments", n) => {
            Some(json!({"code": 0, "payToken": format!("t-{n}"), "checkoutPage": "https://pay.example/"}).to_string())
        }
        (_, n) => {
            if n == 0 {
                std::thread::sleep(Duration::from_millis(400));
            }
            Some(json!({"code": -1, "errorCode": "TRANSACTION_NOT_FOUND"}).to_string())
        }
    });
    let toss = client(&url, &Jumping::new());
    assert!(block_on(toss.create_payment(&creation!())).is_err());
    let other = toss.clone();
    let creates = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(100));
        block_on(other.create_payment(&creation!())).is_ok()
    });
    let _ = block_on(toss.resolve_create_payment(&creation!()));
    assert!(creates.join().unwrap());
    let paths = seen.lock().unwrap().clone();
    assert!(count(&paths, "payments") < 3 || count(&paths, "status") > 10, "{paths:?}");
}

/// A person may have refunded everything outside of this program, or another process may have made this same refund.
#[test]
fn a_refusal_because_everything_was_refunded_proves_nothing_about_this_refund() {
    let script = Script::playing([refuses("REFUND_ALREADY_REFUNDED")]);
    let toss = client(script.url(), &Jumping::new());
    let error = block_on(toss.refund_payment(&refund())).unwrap_err();
    assert_eq!((error.outcome(), error.advice()), (Outcome::Unknown, Some(Advice::AlreadyDone)));
}

/// Without a change of the payment, a further repetition would be refused again. The status shows no refund numbers.
#[test]
fn a_refund_that_is_refused_as_done_before_is_repeated_only_when_the_payment_changes() {
    let script = Script::answering(|path| {
        let refused = path == "refund" || path == "refunds";
        Some(if refused { refuses("REFUND_ALREADY_REFUNDED") } else { says(json!({"refundableAmount": 0})) })
    });
    let toss = client(script.url(), &Jumping::new());
    let resolution = block_on(toss.resolve_refund_payment(&refund()));
    assert!(resolution.is_unknown(), "{resolution}");
    let paths = script.paths();
    assert!(count(&paths, "refunds") <= 2 && count(&paths, "status") > 2, "{paths:?}");
}

/// Starts a service that answers each connection in a separate thread. `act` receives the path and the index of the
/// request among those with this path, starting at 0.
fn threaded(act: impl Fn(&str, usize) -> Option<String> + Send + Sync + 'static) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (act, seen) = (Arc::new(act), Arc::new(Mutex::new(Vec::<String>::new())));
    let log = seen.clone();
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let (mut connection, act, log) = (connection.unwrap(), act.clone(), log.clone());
            std::thread::spawn(move || {
                let Some(request) = read(&mut connection) else { return };
                let path = request.target.rsplit('/').next().unwrap_or_default().to_owned();
                let number = {
                    let mut log = log.lock().unwrap();
                    log.push(path.clone());
                    log.iter().filter(|other| **other == path).count() - 1
                };
                if let Some(body) = act(&path, number) {
                    let _ = connection.write_all(&answer("200 OK", "application/json", &body));
                }
            });
        }
    });
    (url, seen)
}
