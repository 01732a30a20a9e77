//! Tests of requests whose answer was lost, over local sockets. They check which answers prove a result, and which
//! requests are sent again.

use crate::scripted::{Act, Jumping, Script};
use crate::third_api::requests::address;
use parcel_sdk::parcel::{Client, Paper, PayLabel, ReaddressLabel};
use parcel_sdk::runtime::{Advice, CallOptions, Outcome, Resolution, RetryPolicy};
use serde_json::{Value, from_str};
use std::time::Duration;
use tests::service::block_on;

fn client(script: &Script) -> Client {
    let builder = Client::builder("canary-token_1".into(), "7351".into()).base_url(script.url());
    builder.retries(RetryPolicy::never()).clock(Jumping::new()).build().expect("a client")
}

fn readdressing(label: &str) -> ReaddressLabel {
    ReaddressLabel::builder().label_no(label).to(address()).type_(Paper::Own).build().expect("a request")
}

fn moved() -> Act {
    Act::Say(r#"{"meta":{"ok":true},"data":{"labelNo":"L-1","surcharge":0}}"#.to_owned())
}

/// The operation has the class `resend` and a resolution. The outcome is unknown even if there was only one attempt.
#[test]
fn a_code_with_the_meaning_done_before_proves_nothing() {
    let body = r#"{"meta":{"ok":false,"error":{"kind":"MOVED_BEFORE","text":""}}}"#;
    for head in ["200 OK", "409 Conflict", "404 Not Found", "418 Undocumented"] {
        let script = Script::playing([Act::Answer(head.to_owned(), body.to_owned())]);
        let error = block_on(client(&script).readdress_label(&readdressing("L-1"))).expect_err("a refusal");
        assert_eq!((error.outcome(), error.advice()), (Outcome::Unknown, Some(Advice::AlreadyDone)), "{head}: {error}");
    }
}

#[test]
fn a_resolution_repeats_the_request_with_the_same_time_and_number_in_its_body() {
    let script = Script::playing([Act::Drop, Act::Drop, Act::Drop, moved()]);
    let client = client(&script);
    let request = readdressing("L-1");
    assert_eq!(block_on(client.readdress_label(&request)).expect_err("no answer").outcome(), Outcome::Unknown);
    assert_eq!(block_on(client.readdress_label(&request)).expect_err("no answer").outcome(), Outcome::Unknown);
    assert!(block_on(client.resolve_readdress_label(&request)).is_done());
    let bodies: Vec<String> = script.seen().into_iter().filter(|(_, body)| !body.is_empty()).map(|(_, b)| b).collect();
    assert!(bodies.len() >= 3 && bodies.iter().all(|body| *body == bodies[0]), "{bodies:?}");
    let sent: Value = from_str(&bodies[0]).expect("JSON");
    assert!(sent["sentAt"].is_string() && sent["changeNo"].as_str().is_some_and(|no| no.len() == 36), "{sent}");
    block_on(client.readdress_label(&readdressing("L-2"))).expect_err("a reply about another label");
    let other: Value = from_str(&script.seen().last().expect("a request").1).expect("JSON");
    assert_ne!(other["changeNo"], sent["changeNo"]);
}

/// The service's answer has no total of the payment. It lists only the parts that several purses paid.
#[test]
fn a_payment_is_resolved_by_the_sum_of_its_parts_and_their_common_state() {
    let resolved = |payments: &str| {
        let label = format!(r#"{{"meta":{{"ok":true}},"data":{{"labelNo":"L-1","payments":{payments}}}}}"#);
        let script = Script::playing([vec![Act::Drop], vec![Act::Say(label); 40]].concat());
        let client = client(&script).with(CallOptions::new().resolve_timeout(Duration::from_secs(20)));
        let payment = PayLabel::builder().label_no("L-1").amount(3000).build().expect("a request");
        assert_eq!(block_on(client.pay_label(&payment)).expect_err("no answer").outcome(), Outcome::Unknown);
        block_on(client.resolve_pay_label(&payment))
    };
    let paid = resolved(r#"[{"amount":2000,"state":"PAID"},{"amount":1000,"state":"PAID"}]"#);
    assert!(paid.is_done(), "{paid}");
    for (payments, why) in [
        (r#"[{"amount":2000,"state":"PAID"}]"#, "another amount"),
        (r#"[{"amount":3000,"state":"PAID"},{"amount":3000,"state":"PAID"}]"#, "twice the amount"),
        (r#"[{"amount":3000,"state":"REFUSED"}]"#, "another attempt may add an entry"),
        (r#"[{"amount":2000,"state":"PAID"},{"amount":1000,"state":"REFUSED"}]"#, "two states"),
        (r#"[{"amount":2000,"state":"PAID"},{"amount":1000,"state":"ASKED"}]"#, "a state that may change"),
        (r#"[{"amount":3000,"state":"PAID"},{"amount":0}]"#, "a part without its state"),
        (r#"[{"amount":3000,"state":"PAID"},"a part"]"#, "a part that cannot be read"),
        ("[]", "no part"),
    ] {
        let resolution = resolved(payments);
        assert!(matches!(resolution, Resolution::Unknown(_)), "{why}: {resolution}");
    }
    let nothing = resolved(r#"[{"amount":0,"state":"PAID"}]"#);
    assert!(matches!(nothing, Resolution::Unknown(_)), "{nothing}");
    assert!(nothing.to_string().contains("amount is 0 or less"), "{nothing}");
}

#[test]
fn the_error_about_an_amount_of_0_does_not_call_it_absent() {
    let body = r#"{"meta":{"ok":true},"data":{"labelNo":"L-1","payments":[{"amount":0,"state":"PAID"}]}}"#;
    let script = Script::playing([Act::Say(body.to_owned())]);
    let payment = PayLabel::builder().label_no("L-1").amount(3000).build().expect("a request");
    let error = block_on(client(&script).pay_label(&payment)).expect_err("no evidence");
    assert_eq!(error.outcome(), Outcome::Unknown);
    assert!(error.to_string().contains("amount` is 0 or less"), "{error}");
}
