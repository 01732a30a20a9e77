//! Replies that contradict themselves, or name something else than the request: they prove nothing, and the caller learns
//! why. The real client against scripted answers, in virtual time.

use crate::scripted::{Act, Jumping, Script};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tests::service::{Service, block_on};
use toss_sdk::pay::{Client, CreatePayment, ExecutePayment, OrderNo, RefundPayment, Resolution, ResultCallback};
use toss_sdk::runtime::{CallOptions, KstDateTime, Outcome, RetryPolicy};

fn client(url: &str, clock: &Arc<Jumping>) -> Client {
    let builder = Client::builder("sk_test_w5lNQylNqa5lNQe013Nq").base_url(url).retries(RetryPolicy::never());
    builder.clock(clock.clone()).build().unwrap()
}

fn status(changes: Value) -> String {
    let mut reply = json!({
        "code": 0, "mode": "TEST", "payToken": "t-1", "orderNo": "o-1", "payStatus": "PAY_COMPLETE", "amount": 10_000,
        "amountTaxFree": 0, "refundableAmount": 10_000, "createdTs": KstDateTime::now().to_string(),
    });
    for (name, value) in changes.as_object().expect("an object") {
        reply[name] = value.clone();
    }
    reply.to_string()
}

fn says(changes: Value) -> Act {
    Act::Say(status(changes))
}

fn refuses(code: &str) -> Act {
    Act::Say(json!({"code": -1, "errorCode": code}).to_string())
}

fn execution() -> ExecutePayment {
    ExecutePayment::builder().pay_token("t-1").order_no("o-1").build().unwrap()
}

fn refund(reason: Option<&str>) -> RefundPayment {
    let builder = RefundPayment::builder().pay_token("t-1").refund_no("r-1").amount(1_000);
    match reason {
        Some(reason) => builder.reason(reason).build().unwrap(),
        None => builder.build().unwrap(),
    }
}

fn creation() -> CreatePayment {
    CreatePayment::builder()
        .order_no("o-1")
        .product_desc("Coat")
        .ret_url("https://shop.example/done")
        .ret_cancel_url("https://shop.example/cancel")
        .amount(10_000)
        .amount_tax_free(0)
        .build()
        .unwrap()
}

/// What the client makes of an execution that is answered with this: the outcome, and the error's text.
fn executes(act: Act) -> Result<(), (Outcome, String)> {
    let script = Script::playing([act]);
    block_on(client(script.url(), &Jumping::new()).execute_payment(&execution()))
        .map(drop)
        .map_err(|error| (error.outcome(), error.to_string()))
}

const EXECUTED: &str = r#""code":0,"mode":"TEST","orderNo":"o-1","payToken":"t-1","amount":10000"#;

#[test]
fn a_success_with_two_different_values_of_a_member_is_unknown_and_names_the_member() {
    for (more, member) in [
        (r#""payToken":"t-OTHER""#, "payToken"),
        (r#""amount":1"#, "amount"),
        (r#""orderNo":null"#, "orderNo"),
        (r#""card":{"authNo":"1","authNo":"2"},"card":{"authNo":"1"}"#, "card"),
    ] {
        // Whichever of them is the last.
        for body in [format!("{{{EXECUTED},{more}}}"), format!("{{{more},{EXECUTED}}}")] {
            match executes(Act::Say(body.clone())) {
                // A member that no page lists decides nothing.
                Ok(()) => assert_eq!(member, "card", "{body}"),
                Err((outcome, text)) => {
                    assert_eq!(outcome, Outcome::Unknown, "{body}");
                    assert!(text.contains(&format!("has `{member}` more than once, with different values")), "{text}");
                }
            }
        }
    }
}

#[test]
fn a_member_that_comes_twice_with_equal_values_makes_no_difference() {
    for more in [r#""payToken":"t-1""#, r#""amount":10000.0"#, r#""\u0061mount": 10000"#] {
        executes(Act::Say(format!("{{{EXECUTED},{more}}}"))).expect(more);
    }
}

#[test]
fn a_status_with_two_states_neither_confirms_nor_refutes_a_callback() {
    let body = br#"{"status":"PAY_COMPLETE","payToken":"t-1","orderNo":"o-1","payMethod":"CARD","amount":10000}"#;
    let claim = ResultCallback::parse(body).unwrap();
    for second in ["PAY_CANCEL", "PAY_APPROVED"] {
        let reply = status(json!({})).replacen('{', &format!("{{\"payStatus\":\"{second}\","), 1);
        let service = Service::json(&reply);
        let toss = client(&service.url(), &Jumping::new());
        let error = block_on(toss.confirm_result_callback(&claim, OrderNo::new("o-1"), 10_000, None)).unwrap_err();
        assert_eq!(error.answer_status(), 503, "{error}");
        assert!(error.to_string().contains("payStatus"), "{error}");
    }
}

#[test]
fn a_refusal_that_names_another_payment_is_not_a_refusal_of_this_one() {
    for (name, value) in [("payToken", "t-OTHER"), ("orderNo", "o-OTHER"), ("mode", "LIVE")] {
        let body = json!({"code": -1, "errorCode": "EXECUTE_PAY_NOT_APPROVED", name: value}).to_string();
        let (outcome, text) = executes(Act::Say(body)).unwrap_err();
        assert_eq!(outcome, Outcome::Unknown, "{name}: {text}");
        assert!(text.contains(name) && text.contains("EXECUTE_PAY_NOT_APPROVED"), "{text}");
    }
    for named in [json!({}), json!({"payToken": "t-1", "orderNo": "o-1"}), json!({"payToken": null})] {
        let mut body = json!({"code": -1, "errorCode": "EXECUTE_PAY_NOT_APPROVED"});
        body.as_object_mut().unwrap().extend(named.as_object().unwrap().clone());
        let (outcome, text) = executes(Act::Say(body.to_string())).unwrap_err();
        assert_eq!(outcome, Outcome::Rejected, "{text}");
    }
}

#[test]
fn a_success_with_an_error_code_or_in_parts_is_unknown() {
    let with_code = format!(r#"{{{EXECUTED},"errorCode":"COMMON_PAY_ERROR"}}"#);
    let (outcome, text) = executes(Act::Say(with_code)).unwrap_err();
    assert_eq!(outcome, Outcome::Unknown);
    assert!(text.contains("COMMON_PAY_ERROR"), "{text}");
    for nothing in [r#""errorCode":null"#, r#""errorCode":"""#] {
        executes(Act::Say(format!("{{{EXECUTED},{nothing}}}"))).expect(nothing);
    }
    let part = executes(Act::Answer("206 Partial Content".into(), format!("{{{EXECUTED}}}")));
    assert_eq!(part.unwrap_err().0, Outcome::Unknown);
}

#[test]
fn an_attempt_with_other_details_counts_as_an_attempt_at_the_same_thing() {
    // Executed without the order number, lost; then with it, refused: the first may be what refuses the second.
    let script = Script::playing([Act::Drop, refuses("EXECUTE_PAY_NOT_APPROVED")]);
    let toss = client(script.url(), &Jumping::new());
    let bare = ExecutePayment::builder().pay_token("t-1").build().unwrap();
    assert_eq!(block_on(toss.execute_payment(&bare)).unwrap_err().outcome(), Outcome::Unknown);
    assert_eq!(block_on(toss.execute_payment(&execution())).unwrap_err().outcome(), Outcome::Unknown);
    // A refund with another reason is the same refund, and one with another number is not.
    let script = Script::playing([Act::Drop, refuses("COMMON_REFUND_ERROR")]);
    let toss = client(script.url(), &Jumping::new());
    assert_eq!(block_on(toss.refund_payment(&refund(Some("Changed")))).unwrap_err().outcome(), Outcome::Unknown);
    assert_eq!(block_on(toss.refund_payment(&refund(None))).unwrap_err().outcome(), Outcome::Unknown);
    let other = RefundPayment::builder().pay_token("t-1").refund_no("r-2").amount(1_000).build().unwrap();
    assert_eq!(block_on(toss.refund_payment(&other)).unwrap_err().outcome(), Outcome::Rejected);
}

#[test]
fn a_paid_payment_of_which_less_is_left_is_not_simply_done() {
    let script = Script::playing([says(json!({"refundableAmount": 6_000}))]);
    let resolution = block_on(client(script.url(), &Jumping::new()).resolve_execute_payment(&execution(), 10_000));
    let Resolution::Reversed(reversed) = resolution else { panic!("{resolution}") };
    assert_eq!(reversed.remaining, Some(6_000));
    let body = br#"{"status":"PAY_COMPLETE","payToken":"t-1","orderNo":"o-1","payMethod":"CARD","amount":10000}"#;
    let claim = ResultCallback::parse(body).unwrap();
    for (left, expected) in [(6_000, Some(Some(6_000))), (0, None), (10_000, Some(Some(10_000)))] {
        let service = Service::json(&status(json!({"refundableAmount": left})));
        let toss = client(&service.url(), &Jumping::new());
        let confirmed = block_on(toss.confirm_result_callback(&claim, OrderNo::new("o-1"), 10_000, None));
        assert_eq!(confirmed.map(|confirmed| confirmed.still_paid).ok(), expected, "{left}");
    }
}

/// A status with the time of the service, which is so many seconds ahead of the own clock, and a payment that is so many
/// seconds old by the service's clock.
fn dated(ahead: i64, age: i64) -> Act {
    let at = |seconds: i64| {
        let moved = Duration::from_secs(seconds.unsigned_abs());
        let now = SystemTime::now();
        if seconds < 0 { now - moved } else { now + moved }
    };
    let created = KstDateTime::from(at(ahead - age)).to_string();
    let head = format!("200 OK\r\nDate: {}", httpdate::fmt_http_date(at(ahead)));
    Act::Answer(head, status(json!({"payStatus": "PAY_STANDBY", "createdTs": created})))
}

fn resolve_creation(act: Act) -> Resolution<CreatePayment> {
    let script = Script::playing([Act::Drop, act]);
    let toss = client(script.url(), &Jumping::new());
    assert_eq!(block_on(toss.create_payment(&creation())).unwrap_err().outcome(), Outcome::Unknown);
    block_on(toss.resolve_create_payment(&creation()))
}

#[test]
fn the_age_of_a_payment_is_judged_by_the_clock_of_the_service() {
    for ahead in [0, 240, -240] {
        let resolution = resolve_creation(dated(ahead, 0));
        assert!(resolution.is_done(), "{ahead} s: {resolution}");
        let resolution = resolve_creation(dated(ahead, 120));
        assert!(resolution.is_unknown() && resolution.to_string().contains("createdTs"), "{ahead} s: {resolution}");
    }
    // A gateway that hands out a stored header, or a machine whose clock was never set.
    for (ahead, age) in [(86_400, 0), (-3_600, 0), (-3_600, 1_800)] {
        let resolution = resolve_creation(dated(ahead, age));
        assert!(resolution.is_unknown() && resolution.to_string().contains("5 min apart"), "{ahead} s: {resolution}");
    }
}

#[test]
fn a_creation_that_another_process_tried_too_is_not_repeated_at_once() {
    let script = Script::playing([Act::Drop, refuses("TRANSACTION_NOT_FOUND")]);
    let now = SystemTime::now();
    let toss = client(script.url(), &Jumping::new()).with(CallOptions::new().attempted(now, now));
    assert_eq!(block_on(toss.create_payment(&creation())).unwrap_err().outcome(), Outcome::Unknown);
    let _ = block_on(toss.resolve_create_payment(&creation()));
    let asked = script.paths()[1..].iter().take_while(|path| *path == "status").count();
    assert!(asked > 10, "its page may have been shown there: {:?}", script.paths());
}

#[test]
fn a_refund_whose_repetition_is_never_answered_clearly_is_concluded_in_time() {
    for code in ["REFUND_REFUND_NO_DUPLICATE", "COMMON_SYSTEM_ERROR", "COMMON_TIMEOUT"] {
        let script = Script::answering(move |path| {
            Some(if path == "refunds" { refuses(code) } else { says(json!({"payStatus": "PAY_COMPLETE"})) })
        });
        let clock = Jumping::new();
        let resolution = block_on(client(script.url(), &clock).resolve_refund_payment(&refund(None)));
        assert!(resolution.is_not_done(), "{code}: {resolution}");
        assert!(clock.passed() <= Duration::from_secs(240), "{:?}", clock.passed());
        let last = script.paths().iter().rposition(|path| path == "refunds").unwrap();
        assert!(script.paths().len() - last > 15, "the last one has {:?} to show", Duration::from_secs(75));
    }
}

#[test]
fn a_refused_refund_is_sent_once_more_when_the_state_proves_nothing() {
    // A second clerk's refund was over before the first question, so that no change is seen.
    let mut refunds = 0;
    let script = Script::answering(move |path| {
        refunds += usize::from(path == "refunds");
        Some(match (path, refunds) {
            ("refunds", 1) => refuses("COMMON_REFUND_ERROR"),
            ("refunds", _) => {
                Act::Say(json!({"code": 0, "payToken": "t-1", "refundNo": "r-1", "refundedAmount": -1_000}).to_string())
            }
            _ => says(json!({"payStatus": "REFUND_SUCCESS", "refundableAmount": 8_000})),
        })
    });
    let resolution = block_on(client(script.url(), &Jumping::new()).resolve_refund_payment(&refund(None)));
    assert!(resolution.is_done(), "{resolution}");
    assert_eq!(script.paths().iter().filter(|path| *path == "refunds").count(), 2);
}

#[test]
fn what_was_found_to_be_not_done_is_unknown_when_the_service_shows_something_else_later() {
    let mut asked = 0;
    let script = Script::answering(move |_| {
        asked += 1;
        Some(says(json!({"payStatus": if asked == 1 { "PAY_CANCEL" } else { "PAY_PROGRESS" }})))
    });
    let toss = client(script.url(), &Jumping::new());
    assert!(block_on(toss.resolve_execute_payment(&execution(), 10_000)).is_not_done());
    let resolution = block_on(toss.resolve_execute_payment(&execution(), 10_000));
    assert!(resolution.is_unknown() && resolution.to_string().contains("found to be not done"), "{resolution}");
    assert_eq!(script.paths(), ["status", "status"], "nothing is sent for it any more");
}
