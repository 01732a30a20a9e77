//! PayPal: orders with captures that other requests made, and refusals with two issues.

use super::server::{Answer, Server, json};
use payment_apis::paypal::{CaptureOrder, Client, ClientId, ClientSecret};
use payment_apis::runtime::{CallOptions, Decimal, Outcome, Resolution, RetryPolicy};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

const ORDER: &str = "5O190127TN364715T";
const CAPTURE: &str = "POST /v2/checkout/orders/5O190127TN364715T/capture";
const TOKEN: &str = "POST /v1/oauth2/token";

fn client(server: &Server) -> Client {
    Client::builder(ClientId::from("client-1"), ClientSecret::from("canary-secret"))
        .base_url(server.url())
        .retries(RetryPolicy::never())
        .conclusive_after(Duration::from_millis(1500))
        .build()
        .expect("the client can be built")
}

fn start(script: impl Fn(&str, usize) -> Answer + Send + Sync + 'static) -> Server {
    let number = AtomicUsize::new(0);
    Server::start(move |received, of_all| match received.line.as_str() {
        TOKEN => json(200, format!(r#"{{"access_token":"token-{of_all}","token_type":"Bearer","expires_in":32400}}"#)),
        line => script(line, number.fetch_add(1, Ordering::Relaxed)),
    })
}

fn capture() -> CaptureOrder {
    CaptureOrder::builder().id(ORDER).request_id("key-2").build().expect("the request is valid")
}

fn amount(text: &str) -> Decimal {
    text.parse().expect("a number")
}

fn order(status: &str, captures: &[&str]) -> String {
    let captures: Vec<String> = captures
        .iter()
        .map(|status| {
            format!(r#"{{"id":"C1","status":"{status}","amount":{{"currency_code":"USD","value":"100.00"}}}}"#)
        })
        .collect();
    let captures = captures.join(",");
    format!(r#"{{"id":"{ORDER}","status":"{status}","purchase_units":[{{"payments":{{"captures":[{captures}]}}}}]}}"#)
}

/// An earlier capture with another idempotency key was declined. The capture of this test is in progress: the answer to
/// its request is lost, and the repetition of the request fails. Meanwhile the order shows only the declined capture.
/// After 700 ms, the service completes the capture of this test.
#[tokio::test]
async fn a_declined_capture_with_another_key_does_not_make_this_one_not_done() {
    let began = Instant::now();
    let server = start(move |line, number| match (line, number) {
        (_, 0) => Answer::Lost,
        (CAPTURE, _) if began.elapsed() < Duration::from_millis(700) => json(503, ""),
        (CAPTURE, _) => json(200, order("COMPLETED", &["DECLINED", "COMPLETED"])),
        _ if began.elapsed() < Duration::from_millis(700) => json(200, order("APPROVED", &["DECLINED"])),
        _ => json(200, order("COMPLETED", &["DECLINED", "COMPLETED"])),
    });
    let client = client(&server);
    let lost = client.capture_order(&capture()).await.expect_err("a lost reply");
    assert_eq!(lost.outcome(), Outcome::Unknown);
    let brief = client.with(CallOptions::new().resolve_timeout(Duration::from_secs(4)));
    let resolution = brief.resolve_capture_order(&capture(), amount("100")).await;
    assert!(!matches!(resolution, Resolution::NotDone(_)), "the money was taken 700 ms later: {resolution:?}");
}

/// The purchaser agreed to pay 100 dollars. The order has two captures of 100 dollars each.
#[tokio::test]
async fn an_order_that_was_captured_twice_is_not_reported_as_done() {
    let server = start(move |_, number| match number {
        0 => Answer::Lost,
        _ => json(200, order("COMPLETED", &["COMPLETED", "COMPLETED"])),
    });
    let client = client(&server);
    client.capture_order(&capture()).await.expect_err("a lost reply");
    let brief = client.with(CallOptions::new().resolve_timeout(Duration::from_secs(3)));
    let resolution = brief.resolve_capture_order(&capture(), amount("100")).await;
    assert!(!matches!(resolution, Resolution::Done(_)), "200 dollars were taken for 100: {resolution:?}");
}

/// One reply has two issues: the order is being completed, and the order was captured before.
#[tokio::test]
async fn an_already_captured_order_is_recognized_beside_another_issue() {
    for issues in [
        ["ORDER_ALREADY_CAPTURED", "ORDER_COMPLETION_IN_PROGRESS"],
        ["ORDER_COMPLETION_IN_PROGRESS", "ORDER_ALREADY_CAPTURED"],
    ] {
        let server = start(move |_, _| {
            let details = issues.map(|issue| format!(r#"{{"issue":"{issue}"}}"#)).join(",");
            json(422, format!(r#"{{"name":"UNPROCESSABLE_ENTITY","details":[{details}]}}"#))
        });
        let error = client(&server).capture_order(&capture()).await.expect_err("refused");
        assert_eq!(error.outcome(), Outcome::Unknown);
        assert!(error.says_already_done(), "{issues:?}: {error}");
    }
}
