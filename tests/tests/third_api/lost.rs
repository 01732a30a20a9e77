//! Tests of a request whose answer was lost, over local sockets: what a code proves, and what is sent again.

use crate::scripted::{Act, Jumping, Script};
use crate::third_api::requests::address;
use parcel_sdk::parcel::{Client, Paper, ReaddressLabel};
use parcel_sdk::runtime::{Advice, Outcome, RetryPolicy};
use serde_json::{Value, from_str};
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

/// The operation is of the class `resend` and can be resolved, and this is its first attempt.
#[test]
fn a_code_that_says_it_was_done_before_proves_nothing() {
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
    // A second call of the caller, then the resolution.
    assert_eq!(block_on(client.readdress_label(&request)).expect_err("no answer").outcome(), Outcome::Unknown);
    assert!(block_on(client.resolve_readdress_label(&request)).is_done());
    let bodies: Vec<String> = script.seen().into_iter().filter(|(_, body)| !body.is_empty()).map(|(_, b)| b).collect();
    assert!(bodies.len() >= 3 && bodies.iter().all(|body| *body == bodies[0]), "{bodies:?}");
    let sent: Value = from_str(&bodies[0]).expect("JSON");
    assert!(sent["sentAt"].is_string() && sent["changeNo"].as_str().is_some_and(|no| no.len() == 36), "{sent}");
    // Another request has a number of its own.
    block_on(client.readdress_label(&readdressing("L-2"))).expect_err("a reply about another label");
    let other: Value = from_str(&script.seen().last().expect("a request").1).expect("JSON");
    assert_ne!(other["changeNo"], sent["changeNo"]);
}
