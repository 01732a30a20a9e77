//! Tests of replies that contradict themselves or name another request. Such a reply proves nothing, and the error
//! names the contradictory member. The service is scripted, and time is virtual.

use crate::scripted::requests::{EXECUTED, KEY, client, creation, execution, hosting, refuses, says, status, store};
use crate::scripted::{Act, Jumping, Script};
use serde_json::json;
use std::time::{Duration, SystemTime};
use tests::service::{Service, block_on};
use toss_sdk::pay::KstDateTime;
use toss_sdk::pay::{
    CreatePayment, ExecutePayment, OrderNo, PayToken, PurchaserReturn, RefundPayment, Resolution, ResultCallback,
};
use toss_sdk::runtime::{CallOptions, Outcome};

fn refund(reason: Option<&str>) -> RefundPayment {
    let builder = RefundPayment::builder().pay_token("t-1").refund_no("r-1").amount(1_000);
    match reason {
        Some(reason) => builder.reason(reason).build().unwrap(),
        None => builder.build().unwrap(),
    }
}

fn executes(act: Act) -> Result<(), (Outcome, String)> {
    let script = Script::playing([act]);
    block_on(client(script.url(), &Jumping::new()).execute_payment(&execution()))
        .map(drop)
        .map_err(|error| (error.outcome(), error.to_string()))
}

#[test]
fn a_success_with_two_different_values_of_a_member_is_unknown_and_names_the_member() {
    for (more, member) in [
        (r#""payToken":"t-OTHER""#, "payToken"),
        (r#""amount":1"#, "amount"),
        (r#""orderNo":null"#, "orderNo"),
        (r#""card":{"authNo":"1","authNo":"2"},"card":{"authNo":"1"}"#, "card"),
    ] {
        // The additional member stands after or before the documented ones.
        for body in [format!("{{{EXECUTED},{more}}}"), format!("{{{more},{EXECUTED}}}")] {
            match executes(Act::Say(body.clone())) {
                // `authNo` is undocumented, so its contradiction does not affect the outcome.
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
fn a_repeated_member_with_equal_values_does_not_affect_the_outcome() {
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
fn a_success_with_an_error_code_or_with_status_206_is_unknown() {
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
fn an_attempt_with_the_same_identity_and_other_details_counts_as_an_attempt() {
    // The answer to the first execution is lost. The second execution, with the order number, is rejected. The reason
    // may be that the first one took effect.
    let script = Script::playing([Act::Drop, refuses("EXECUTE_PAY_NOT_APPROVED")]);
    let toss = client(script.url(), &Jumping::new());
    let bare = ExecutePayment::builder().pay_token("t-1").build().unwrap();
    assert_eq!(block_on(toss.execute_payment(&bare)).unwrap_err().outcome(), Outcome::Unknown);
    assert_eq!(block_on(toss.execute_payment(&execution())).unwrap_err().outcome(), Outcome::Unknown);
    // A refund with another reason is the same refund. A refund with another number is a different one.
    let script = Script::playing([Act::Drop, refuses("COMMON_REFUND_ERROR")]);
    let toss = client(script.url(), &Jumping::new());
    assert_eq!(block_on(toss.refund_payment(&refund(Some("Changed")))).unwrap_err().outcome(), Outcome::Unknown);
    assert_eq!(block_on(toss.refund_payment(&refund(None))).unwrap_err().outcome(), Outcome::Unknown);
    let other = RefundPayment::builder().pay_token("t-1").refund_no("r-2").amount(1_000).build().unwrap();
    assert_eq!(block_on(toss.refund_payment(&other)).unwrap_err().outcome(), Outcome::Rejected);
}

#[test]
fn a_partly_refunded_payment_is_reversed_with_the_remaining_amount() {
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

/// Returns the status of a payment that is `age` seconds old by the service's clock. That clock, and the `Date` header,
/// are `ahead` seconds ahead of the clock of this machine.
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
    assert_eq!(block_on(toss.create_payment(&creation!())).unwrap_err().outcome(), Outcome::Unknown);
    block_on(toss.resolve_create_payment(&creation!()))
}

#[test]
fn the_age_of_a_payment_is_judged_by_the_clock_of_the_service() {
    for ahead in [0, 240, -240] {
        let resolution = resolve_creation(dated(ahead, 0));
        assert!(resolution.is_done(), "{ahead} s: {resolution}");
        let resolution = resolve_creation(dated(ahead, 120));
        assert!(resolution.is_unknown() && resolution.to_string().contains("createdTs"), "{ahead} s: {resolution}");
    }
    // If the clocks differ by more than 5 min, the outcome stays unknown. The header may come from the cache of a
    // gateway, or the clock of this machine may be wrong.
    for (ahead, age) in [(86_400, 0), (-3_600, 0), (-3_600, 1_800)] {
        let resolution = resolve_creation(dated(ahead, age));
        assert!(resolution.is_unknown() && resolution.to_string().contains("5 min apart"), "{ahead} s: {resolution}");
    }
}

#[test]
fn a_creation_that_another_process_attempted_is_not_repeated_immediately() {
    let script = Script::playing([Act::Drop, refuses("TRANSACTION_NOT_FOUND")]);
    let now = SystemTime::now();
    let toss = client(script.url(), &Jumping::new()).with(CallOptions::new().attempted(now, now));
    assert_eq!(block_on(toss.create_payment(&creation!())).unwrap_err().outcome(), Outcome::Unknown);
    let _ = block_on(toss.resolve_create_payment(&creation!()));
    let asked = script.paths()[1..].iter().take_while(|path| *path == "status").count();
    assert!(asked > 10, "repeated too early: the other process may have shown a checkout page: {:?}", script.paths());
}

#[test]
fn a_refund_whose_repetitions_get_no_clear_answer_is_concluded_in_time() {
    for code in ["REFUND_REFUND_NO_DUPLICATE", "COMMON_SYSTEM_ERROR", "COMMON_TIMEOUT"] {
        let script = Script::answering(move |path| {
            Some(if path == "refunds" { refuses(code) } else { says(json!({"payStatus": "PAY_COMPLETE"})) })
        });
        let clock = Jumping::new();
        let resolution = block_on(client(script.url(), &clock).resolve_refund_payment(&refund(None)));
        assert!(resolution.is_not_done(), "{code}: {resolution}");
        assert!(clock.passed() <= Duration::from_secs(240), "{:?}", clock.passed());
        let last = script.paths().iter().rposition(|path| path == "refunds").unwrap();
        assert!(
            script.paths().len() - last > 15,
            "the client must query for {:?} after the last repetition",
            Duration::from_secs(75)
        );
    }
}

#[test]
fn a_refused_refund_is_sent_once_more_when_the_state_proves_nothing() {
    // Another program of the merchant made another refund before the first query. Therefore all answers show the same
    // status.
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
fn a_not_done_request_becomes_unknown_if_the_service_later_shows_another_state() {
    let mut asked = 0;
    let script = Script::answering(move |_| {
        asked += 1;
        Some(says(json!({"payStatus": if asked == 1 { "PAY_CANCEL" } else { "PAY_PROGRESS" }})))
    });
    let toss = client(script.url(), &Jumping::new());
    assert!(block_on(toss.resolve_execute_payment(&execution(), 10_000)).is_not_done());
    let resolution = block_on(toss.resolve_execute_payment(&execution(), 10_000));
    assert!(resolution.is_unknown() && resolution.to_string().contains("found to be not done"), "{resolution}");
    assert_eq!(script.paths(), ["status", "status"], "the client must not send the request again");
}

#[test]
fn a_success_with_a_repeated_equal_code_is_a_success() {
    for body in [format!("{{{EXECUTED},\"code\":0}}"), format!("{{{EXECUTED},\"msg\":null,\"msg\":null}}")] {
        let script = Script::playing([Act::Say(body.clone())]);
        let result = block_on(client(script.url(), &Jumping::new()).execute_payment(&execution()));
        assert!(result.is_ok(), "{body}: {}", result.unwrap_err());
    }
}

#[test]
fn contradictory_undocumented_members_do_not_affect_the_outcome() {
    let unknown = r#""trace":{"a":1,"a":2}"#;
    for more in ["", r#","payToken":"t-1""#] {
        let script = Script::playing([Act::Say(format!("{{{EXECUTED},{unknown}{more}}}"))]);
        let result = block_on(client(script.url(), &Jumping::new()).execute_payment(&execution()));
        assert!(result.is_ok(), "{more}: {}", result.unwrap_err());
    }
}

#[test]
fn the_name_of_a_contradictory_member_shows_no_secret_and_stays_on_one_line() {
    let long = "x".repeat(100_000);
    for (name, never) in [
        (KEY, KEY),
        ("t-1-secret-token", "t-1-secret-token"),
        ("a\\n2026-11-29 ERROR forged line", "\n"),
        ("a\\u001b[2J", "\u{1b}"),
        (long.as_str(), long.as_str()),
    ] {
        let body = format!("{{{EXECUTED},\"payToken\":\"t-1\",\"m\":{{\"{name}\":1,\"{name}\":2}}}}");
        let script = Script::playing([Act::Say(body)]);
        let request = ExecutePayment::builder().pay_token("t-1-secret-token").build().unwrap();
        let error = block_on(client(script.url(), &Jumping::new()).execute_payment(&request)).unwrap_err();
        let text = format!("{error} {error:?}");
        assert!(!text.contains(never), "{}", &text[..text.len().min(300)]);
    }
}

#[test]
fn a_contradiction_anywhere_in_a_documented_member_is_detected() {
    let status = status(json!({}));
    for (more, ok) in [
        (r#""card":{"cardNumber":"1","cardNumber":"2"}"#, false),
        (r#""transactions":[{"stepType":"PAY","stepType":"REFUND"}]"#, false),
        (r#""transactions":[{"x":1,"x":2}]"#, true),
        (r#""refundableAmount":10000.0"#, true),
        (r#""refundableAmount":"10000""#, false),
        (r#""mode":"LIVE""#, false),
    ] {
        let body = format!("{},{more}}}", status.trim_end_matches('}'));
        let script = Script::playing([Act::Say(body)]);
        let question = toss_sdk::pay::PaymentStatus::builder().payment(PayToken::new("t-1")).build().unwrap();
        let result = block_on(client(script.url(), &Jumping::new()).payment_status(&question));
        assert_eq!(result.is_ok(), ok, "{more}");
    }
}

#[test]
fn a_refusal_that_names_no_payment_is_a_refusal_of_this_one() {
    for named in [
        json!({"payToken": ""}),
        json!({"orderNo": ""}),
        json!({"mode": ""}),
        json!({"orderNo": " "}),
        json!({"payToken": "", "orderNo": "", "mode": "", "amount": 0}),
    ] {
        let mut body = json!({"code": -1, "errorCode": "EXECUTE_PAY_NOT_APPROVED"});
        body.as_object_mut().unwrap().extend(named.as_object().unwrap().clone());
        let script = Script::playing([Act::Say(body.to_string())]);
        let error = block_on(client(script.url(), &Jumping::new()).execute_payment(&execution())).unwrap_err();
        assert_eq!(error.outcome(), Outcome::Rejected, "{named}: {error}");
    }
}

#[test]
fn one_damaged_answer_does_not_end_a_resolution() {
    for damage in [json!({"orderNo": ""}), json!({"orderNo": "O-1 "}), json!({"mode": ""}), json!({"amount": 0})] {
        let script = Script::playing([says(damage.clone()), says(json!({}))]);
        let resolution = block_on(client(script.url(), &Jumping::new()).resolve_execute_payment(&execution(), 10_000));
        assert!(resolution.is_done(), "{damage}: {resolution}");
    }
}

#[test]
fn a_registration_is_found_in_an_answer_that_had_to_be_repaired() {
    let list = r#"{"success":true,"result":{"descriptions":[{"mid":"m-1","companyName":"HANGUL","businessRegistrationNumber":"123-45-67890"}]}}"#;
    for body in [
        list.to_owned(),
        format!("\u{feff}{list}"),
        list.replace("HANGUL", "\\ud83d"),
        list.replace("HANGUL", "a\tb"),
        list.replace(r#""mid":"m-1""#, r#""mid":"m-1","mid":"m-1""#),
    ] {
        let script = Script::playing([Act::Say(body.clone())]);
        let resolution = block_on(hosting(script.url()).resolve_create_store(&store("01000000000")));
        assert!(resolution.is_done(), "{body}: {resolution}");
    }
}

/// The request has the number in the notation `123-45-67890`.
#[test]
fn a_registration_whose_number_is_written_without_hyphens_is_found() {
    let reply = json!({"success": true, "result": {
        "shopId": "shop-1", "businessRegistrationNumber": "1234567890", "mid": "m-1", "mertKey": "k-1",
    }});
    let listed = json!({"success": true, "result": {"descriptions": [
        {"mid": "m-1", "businessRegistrationNumber": "1234567890", "contractStatus": "READY"},
    ]}});
    let script = Script::playing([Act::Say(reply.to_string()), Act::Say(listed.to_string())]);
    let toss = hosting(script.url());
    let result = block_on(toss.create_store(&store("01000000000")));
    let resolution = block_on(toss.resolve_create_store(&store("01000000000")));
    assert!(result.is_ok() || resolution.is_done(), "{}; {resolution}", result.unwrap_err());
}

/// A purchaser can send any number of returns for an order of their own.
#[test]
fn a_flood_of_returns_of_one_order_does_not_block_other_orders() {
    let script = Script::answering(|_| Some(says(json!({"payStatus": "PAY_APPROVED"}))));
    let clock = Jumping::new();
    let toss = client(script.url(), &clock);
    let stored = PayToken::new("t-1");
    let returned = |order: &str| {
        let query = format!("https://shop.example/done?status=PAY_APPROVED&orderNo={order}");
        let claim = PurchaserReturn::parse_query(&query).unwrap();
        block_on(toss.confirm_purchaser_return(&claim, OrderNo::new(order), 10_000, Some(&stored)))
    };
    let mut asked = 0;
    for n in 0..20 {
        // The attacker sends 50 returns in this second.
        for _ in 0..50 {
            let _ = returned("attackers-own");
        }
        // In the same second, one return for another order arrives.
        let error = returned(&format!("o-{n}")).map(drop).map_err(|error| error.to_string());
        asked += usize::from(!matches!(error, Err(text) if text.contains("too many")));
        block_on(toss_sdk::runtime::Clock::sleep(&*clock, Duration::from_secs(1)));
    }
    assert_eq!(asked, 20, "each of the 20 genuine returns must cause a query");
}
