//! Tests of retries: whether, when and how often a client sends a request again. This depends on the operation, on the
//! progress of the failed attempt, and on the service's answer, but not on the HTTP method. The clients have the
//! default settings, with a virtual clock and fixed random numbers.

use crate::calls::{Call, Class, Failure, Setup, Told, call};
use std::sync::Arc;
use std::task::{Context, Waker};
use std::time::{Duration, Instant};
use tests::fault_server::{Ends, Fault, Faulty, Reads};
use tests::service::{answer, block_on, closed_port};
use tests::virtual_time::VirtualClock;
use toss_sdk::runtime::{CallOptions, Clock, Outcome, RetryPolicy};

const MS: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);

/// Starts a server with these faults. Returns the server, and the settings of a client whose attempt times out when the
/// server stalls.
fn pair(plan: impl IntoIterator<Item = Fault>) -> (Faulty, Setup) {
    let mut setup = Setup::new("");
    let clock = setup.clock.clone();
    let server = Faulty::start(plan, move || clock.lapse());
    setup.url = server.url();
    (server, setup)
}

fn run(call: Call, setup: &Setup) -> Result<(), Failure> {
    block_on((call.make)(setup.clone()))
}

fn fails(call: Call, setup: &Setup) -> Failure {
    run(call, setup).expect_err(call.name)
}

fn lost() -> Fault {
    Fault::silent(Reads::All, Ends::Closes)
}

fn stalled() -> Fault {
    Fault::silent(Reads::All, Ends::Stalls)
}

fn later(header: &str) -> Fault {
    let body = r#"{"code":-1,"errorCode":"COMMON_THROTTLED","msg":"later"}"#;
    let text = String::from_utf8(answer("200 OK", "application/json", body)).expect("it is a text");
    Fault::answers(text.replacen("\r\n", &format!("\r\n{header}\r\n"), 1))
}

#[test]
fn without_a_connection_every_call_is_tried_again_and_was_not_sent() {
    for call in crate::calls::ALL {
        let setup = Setup::new(closed_port());
        let failure = fails(*call, &setup);
        assert_eq!((failure.outcome, failure.is_connect), (Outcome::NotSent, true), "{}: {failure:?}", call.name);
        assert_eq!((failure.attempts, setup.clock.pauses().len()), (3, 2), "{}: {failure:?}", call.name);
    }
}

#[test]
fn an_operation_that_may_take_effect_only_once_is_never_sent_twice() {
    for call in crate::calls::ALL.iter().filter(|call| call.class == Class::Once) {
        for fault in
            [lost(), stalled(), Fault::silent(Reads::Arrival, Ends::Resets), Fault::answers("HTTP/1.1 502\r\n\r\n")]
        {
            let (server, setup) = pair([fault.clone()]);
            let failure = fails(*call, &setup);
            assert_eq!(failure.outcome, Outcome::Unknown, "{}, {fault:?}: {failure:?}", call.name);
            assert_eq!((failure.attempts, server.seen().len()), (1, 1), "{}, {fault:?}", call.name);
        }
    }
}

#[test]
fn a_read_or_recognizable_request_is_sent_again_byte_for_byte() {
    for call in crate::calls::ALL.iter().filter(|call| call.class == Class::Repeatable) {
        for fault in [lost(), stalled(), Fault::silent(Reads::Head, Ends::Resets)] {
            let (server, setup) = pair([fault.clone(), lost(), Fault::json(call.success)]);
            run(*call, &setup).unwrap_or_else(|failure| panic!("{}, {fault:?}: {failure:?}", call.name));
            let seen = server.seen();
            assert_eq!(seen.len(), 3, "{}, {fault:?}", call.name);
            assert_eq!(seen[1], seen[2], "{}: the last two attempts must send the same request", call.name);
            assert!(seen[1].starts_with(&seen[0]), "{}: the first attempt sent other bytes", call.name);
        }
    }
    let (server, setup) = pair([lost()]);
    fails(call("refund_payment"), &setup);
    let text = String::from_utf8(server.seen()[2].clone()).unwrap();
    assert!(text.contains(r#""refundNo":"refund-1""#), "{text}");
}

#[test]
fn a_refund_whose_idempotency_is_switched_off_is_sent_once() {
    let (server, setup) = pair([lost()]);
    let failure = fails(call("refund_payment without idempotency"), &setup);
    assert_eq!((failure.outcome, server.seen().len()), (Outcome::Unknown, 1));
}

#[test]
fn opening_a_signup_session_is_a_read_with_an_effect_and_is_sent_once() {
    for fault in [lost(), stalled(), later("retry-after: 1"), Fault::answers(answer("503 x", "text/html", "<html>"))] {
        let (server, setup) = pair([fault]);
        fails(call("open_onboarding_session"), &setup);
        assert_eq!(server.seen().len(), 1);
    }
}

#[test]
fn a_request_that_the_service_refuses_is_not_sent_again() {
    for code in
        ["COMMON_INVALID_PARAMETER", "INACTIVE_USER", "COMMON_INVALID_API_KEY", "REFUND_ALREADY_REFUNDED", "NEW"]
    {
        let (server, setup) = pair([Fault::json(&format!(r#"{{"code":-1,"errorCode":"{code}"}}"#))]);
        fails(call("refund_payment"), &setup);
        assert_eq!(server.seen().len(), 1, "{code}");
    }
}

#[test]
fn pauses_are_random_up_to_a_bound_that_doubles_up_to_a_cap() {
    let policy = RetryPolicy::standard().attempts(8);
    let bounds = [200, 400, 800, 1_600, 3_200, 5_000, 5_000].map(|ms| ms * MS);
    for draws in [0.0, 0.25, 0.999] {
        let (_server, mut setup) = pair([lost()]);
        setup.draws = draws;
        setup.options = CallOptions::new().retries(policy).total_timeout(600 * SECOND);
        fails(call("payment_status"), &setup);
        assert_eq!(setup.clock.pauses(), bounds.map(|bound| bound.mul_f64(draws)), "{draws}");
    }
}

#[test]
fn a_pause_that_the_service_requests_is_respected() {
    for (header, expected) in [
        ("retry-after: 7", 7 * SECOND),
        ("retry-after: 30", 30 * SECOND),
        // The usual pause applies if the header names a shorter pause or a time in the past, or is unreadable.
        ("retry-after: 0", 100 * MS),
        ("retry-after: soon", 100 * MS),
        ("retry-after: Thu, 01 Jan 2026 00:00:00 GMT", 100 * MS),
    ] {
        let (server, mut setup) = pair([later(header), Fault::json(call("payment_status").success)]);
        setup.options = CallOptions::new().total_timeout(120 * SECOND);
        run(call("payment_status"), &setup).expect(header);
        assert_eq!((setup.clock.pauses(), server.seen().len()), (vec![expected], 2), "{header}");
    }
}

#[test]
fn the_next_attempt_waits_for_the_time_that_the_service_names() {
    let then = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(20);
    let time = jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&then).expect("a year of today");
    let header = format!("retry-after: {time}");
    let (_server, mut setup) = pair([later(&header), Fault::json(call("payment_status").success)]);
    setup.options = CallOptions::new().total_timeout(120 * SECOND);
    run(call("payment_status"), &setup).expect(&header);
    let [pause] = setup.clock.pauses()[..] else { panic!("expected one pause") };
    // The pause is not exactly 20 s, because the header has whole seconds and the attempt itself took some time.
    assert!(pause <= 20 * SECOND && pause >= 10 * SECOND, "{header}: {pause:?}");
}

#[test]
fn a_requested_pause_above_the_limit_ends_the_call() {
    for header in ["retry-after: 31", "retry-after: 99999999999999999999", "retry-after: Thu, 01 Jan 2099 00:00:00 GMT"]
    {
        let (server, mut setup) = pair([later(header)]);
        setup.options = CallOptions::new().total_timeout(120 * SECOND);
        let failure = fails(call("payment_status"), &setup);
        assert_eq!((failure.outcome, server.seen().len()), (Outcome::Rejected, 1), "{header}");
        assert!(setup.clock.pauses().is_empty(), "{header}");
    }
}

#[test]
fn a_hundred_failing_calls_of_a_client_make_ten_retries() {
    let (server, setup) = pair([lost()]);
    let client = setup.pay();
    block_on(async {
        for _ in 0..100 {
            // Clones share the retry budget of the client, even with other settings.
            let client = client.clone().with(CallOptions::new().total_timeout(40 * SECOND));
            client.payment_status(&crate::calls::status()).await.expect_err("the answer is lost");
        }
    });
    assert_eq!(server.seen().len(), 110);
}

#[test]
fn successful_calls_earn_retries() {
    let good = Fault::json(call("payment_status").success);
    let plan = std::iter::repeat_n(lost(), 13).chain(std::iter::repeat_n(good, 20)).chain([lost()]);
    let (server, setup) = pair(plan);
    let client = setup.pay();
    let ask = async || client.payment_status(&crate::calls::status()).await.is_ok();
    block_on(async {
        // Each of these calls makes three attempts, of which two are retries. The budget has ten retries at first.
        for _ in 0..4 {
            assert!(!ask().await);
        }
        assert_eq!(server.seen().len(), 12);
        while server.seen().len() < 33 {
            ask().await;
        }
        // Twenty successes have earned two retries. One of the first ten is left.
        let before = server.seen().len();
        for _ in 0..5 {
            assert!(!ask().await);
        }
        assert_eq!(server.seen().len() - before, 5 + 2 + 1);
    });
}

#[test]
fn the_last_attempt_gets_the_remaining_time() {
    let (_server, mut setup) = pair([stalled()]);
    setup.draws = 0.0;
    setup.options = CallOptions::new().total_timeout(20 * SECOND);
    let failure = fails(call("payment_status"), &setup);
    assert_eq!(setup.clock.limits(), [15 * SECOND, 5 * SECOND]);
    assert!(failure.is_timeout && failure.text.contains("no complete reply within 5s"), "{}", failure.text);
    assert!(failure.text.contains("2 attempts, 20000 ms"), "{}", failure.text);
}

#[test]
fn a_call_never_takes_longer_than_its_total_timeout() {
    for total in [1, 14, 15, 16, 18, 19, 31, 45] {
        for draws in [0.0, 0.999] {
            let (_server, mut setup) = pair([stalled()]);
            setup.draws = draws;
            let policy = RetryPolicy::standard().attempts(9);
            setup.options = CallOptions::new().total_timeout(total * SECOND).retries(policy);
            fails(call("payment_status"), &setup);
            assert!(setup.clock.passed() <= total * SECOND, "{total}, {draws}: {:?}", setup.clock.passed());
        }
    }
}

#[test]
fn a_call_can_have_settings_of_its_own() {
    let (server, setup) = pair([stalled()]);
    let client = setup.pay();
    let options = CallOptions::new().attempt_timeout(2 * SECOND).retries(RetryPolicy::never());
    block_on(async {
        let error = client.with(options).payment_status(&crate::calls::status()).await.expect_err("no answer");
        assert!(error.to_string().contains("within 2s"), "{error}");
        assert_eq!((error.attempts(), server.seen().len()), (1, 1));
        // The settings of the second `with` are added to those of the first.
        let client = client.with(options).with(CallOptions::new().attempt_timeout(3 * SECOND));
        let error = client.payment_status(&crate::calls::status()).await.expect_err("no answer");
        assert!(error.to_string().contains("within 3s"), "{error}");
        assert_eq!(error.attempts(), 1);
    });
    let error = block_on(client.payment_status(&crate::calls::status())).expect_err("no answer");
    assert_eq!(error.attempts(), 3, "the client itself must stay unchanged");
    assert_eq!(setup.clock.limits()[2], 15 * SECOND);
}

#[test]
fn a_call_that_is_dropped_sends_nothing_more() {
    // The call is dropped before there is an answer.
    let mut setup = Setup::new("");
    let server = Faulty::start([stalled()], || {});
    setup.url = server.url();
    block_on(async {
        let client = setup.pay();
        let request = crate::calls::status();
        let mut call = Box::pin(client.payment_status(&request));
        while server.seen().is_empty() {
            let _ = tokio::time::timeout(5 * MS, &mut call).await;
        }
        drop(call);
        setup.clock.lapse();
        tokio::time::sleep(50 * MS).await;
    });
    assert_eq!(server.seen().len(), 1);
    assert!(setup.clock.pauses().is_empty());

    // The call is dropped in a pause: the first attempt has ended, and the second has not begun.
    let (server, mut setup) = pair([lost()]);
    let told = Arc::new(Told::default());
    setup.observer = Some(told.clone());
    block_on(async {
        let client = setup.pay();
        let request = crate::calls::status();
        let mut call = Box::pin(client.payment_status(&request));
        std::future::poll_fn(|context| {
            let state = call.as_mut().poll(context);
            assert!(state.is_pending(), "the call ended although an attempt was left");
            // The observer learns that the attempt has ended. The pause begins immediately afterwards.
            if told.all().is_empty() { std::task::Poll::Pending } else { std::task::Poll::Ready(()) }
        })
        .await;
        drop(call);
        tokio::time::sleep(50 * MS).await;
    });
    assert_eq!((server.seen().len(), told.all().len()), (1, 1), "{:?}", told.all());
}

#[test]
fn one_unknown_attempt_makes_the_whole_call_unknown() {
    let refused = Fault::json(r#"{"code":-1,"errorCode":"COMMON_INVALID_PARAMETER"}"#);
    let (server, setup) = pair([lost(), refused.clone()]);
    let failure = fails(call("refund_payment"), &setup);
    assert_eq!((failure.outcome, failure.attempts, server.seen().len()), (Outcome::Unknown, 2, 2));
    assert!(failure.text.contains("outcome unknown"), "{}", failure.text);
    assert!(failure.text.contains("COMMON_INVALID_PARAMETER"), "{}", failure.text);
    // If the rejected attempt is the only one, the outcome is a rejection.
    let (_server, setup) = pair([refused]);
    assert_eq!(fails(call("refund_payment"), &setup).outcome, Outcome::Rejected);
}

#[test]
fn an_unknown_outcome_stays_unknown_when_there_is_no_connection_any_more() {
    let (server, setup) = pair([lost()]);
    let told = Arc::new(Leaver { server: std::sync::Mutex::new(Some(server)) });
    let failure = fails(call("refund_payment"), &Setup { observer: Some(told), ..setup });
    assert_eq!((failure.outcome, failure.attempts), (Outcome::Unknown, 3), "{}", failure.text);
    assert!(failure.is_connect, "{}", failure.text);
}

/// Observer that stops the server after the first attempt.
#[derive(Debug)]
struct Leaver {
    server: std::sync::Mutex<Option<Faulty>>,
}

impl toss_sdk::runtime::Observer for Leaver {
    fn attempt(&self, _: &toss_sdk::runtime::Event<'_>) {
        if let Some(server) = self.server.lock().unwrap().take() {
            server.stop();
        }
    }
}

#[test]
fn an_observer_receives_each_attempt_and_the_call() {
    let (_server, mut setup) = pair([stalled(), later("retry-after: 2"), Fault::json(call("payment_status").success)]);
    let told = Arc::new(Told::default());
    setup.observer = Some(told.clone());
    run(call("payment_status"), &setup).expect("the third succeeds");
    assert_eq!(
        told.all(),
        [
            "attempt 1 of pay payment_status: unknown after 15s, again in 100ms",
            "attempt 2 of pay payment_status: rejected after 0ns, status 200, code COMMON_THROTTLED, again in 2s",
            "attempt 3 of pay payment_status: success after 0ns, status 200",
            "call 3 of pay payment_status: success after 17.1s, status 200",
        ]
    );

    let told = Arc::new(Told::default());
    let (_server, mut setup) = pair([Fault::json(r#"{"success":false,"errorCode":"NO"}"#)]);
    setup.observer = Some(told.clone());
    fails(call("create_store"), &setup);
    assert_eq!(
        told.all(),
        [
            "attempt 1 of onboarding create_store: rejected after 0ns, status 200, code NO",
            "call 1 of onboarding create_store: rejected after 0ns, status 200, code NO",
        ]
    );
}

#[test]
fn pauses_of_the_test_clock_take_no_time_and_advance_it() {
    let (clock, before) = (VirtualClock::default(), Instant::now());
    let start = clock.now();
    block_on(async {
        clock.sleep(SECOND * 60).await;
        clock.sleep(SECOND * 120).await;
    });
    assert!(before.elapsed() < SECOND * 60);
    assert_eq!((clock.now() - start, clock.pauses()), (SECOND * 180, vec![SECOND * 60, SECOND * 120]));
}

#[test]
fn a_timeout_of_the_test_clock_ends_when_it_lapses_and_the_shorter_one_first() {
    let clock = VirtualClock::default();
    let (mut long, mut short) = (clock.timeout(SECOND * 120), clock.timeout(SECOND * 60));
    let mut context = Context::from_waker(Waker::noop());
    assert!(long.as_mut().poll(&mut context).is_pending() && short.as_mut().poll(&mut context).is_pending());
    clock.lapse();
    assert!(long.as_mut().poll(&mut context).is_pending() && short.as_mut().poll(&mut context).is_ready());
    assert_eq!(clock.passed(), SECOND * 60);
    drop(short);
    clock.lapse();
    assert!(long.as_mut().poll(&mut context).is_ready());
    drop(long);
    clock.lapse();
    assert_eq!(clock.passed(), SECOND * 120);
}
