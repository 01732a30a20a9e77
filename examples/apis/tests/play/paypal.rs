//! PayPal: the client fetches a token, an error has its codes in a list, and the captures of an order show the result.

use super::server::{Answer, Server, json};
use payment_apis::paypal::{CaptureOrder, Client, ClientId, ClientSecret, ErrorCode, Money, RefundCapture};
use payment_apis::runtime::{Advice, CallOptions, Decimal, Outcome, Resolution, RetryPolicy};
use std::time::Duration;

const ORDER: &str = "5O190127TN364715T";
const CAPTURE: &str = "POST /v2/checkout/orders/5O190127TN364715T/capture";
const REFUND: &str = "POST /v2/payments/captures/3C679366HH908993F/refund";
const TOKEN: &str = "POST /v1/oauth2/token";

fn client(server: &Server) -> Client {
    Client::builder(ClientId::from("client-1"), ClientSecret::from("canary-secret"))
        .base_url(server.url())
        .retries(RetryPolicy::never())
        .conclusive_after(Duration::from_millis(50))
        .build()
        .expect("the client can be built")
}

/// Starts a server that issues tokens, and answers each other request with the result of `script`. The second argument
/// of `script` is the index of the request, starting at 0. Requests for tokens do not count.
fn start(script: impl Fn(&str, usize) -> Answer + Send + Sync + 'static) -> Server {
    let number = std::sync::atomic::AtomicUsize::new(0);
    Server::start(move |received, of_all| match received.line.as_str() {
        TOKEN => json(200, format!(r#"{{"access_token":"token-{of_all}","token_type":"Bearer","expires_in":32400}}"#)),
        line => script(line, number.fetch_add(1, std::sync::atomic::Ordering::Relaxed)),
    })
}

fn amount(text: &str) -> Decimal {
    text.parse().expect("a number")
}

fn capture() -> CaptureOrder {
    CaptureOrder::builder().id(ORDER).request_id("key-2").build().expect("the request is valid")
}

fn refund() -> RefundCapture {
    let money = Money::builder().currency_code("USD").value(amount("10.00")).build().expect("the amount is valid");
    let request = RefundCapture::builder().capture_id("3C679366HH908993F").request_id("key-3").amount(money);
    request.build().expect("the request is valid")
}

/// Returns the body of an order with this status and these purchase units.
fn order(status: &str, units: &str) -> String {
    format!(r#"{{"id":"{ORDER}","status":"{status}","purchase_units":[{units}]}}"#)
}

/// Returns a purchase unit with these captures.
fn unit(captures: &str) -> String {
    format!(r#"{{"reference_id":"unit","payments":{{"captures":[{captures}]}}}}"#)
}

/// Returns a capture of 100 dollars with this status.
fn captured(status: &str) -> String {
    format!(r#"{{"id":"C1","status":"{status}","amount":{{"currency_code":"USD","value":"100.00"}}}}"#)
}

/// Returns a refusal with these issues.
fn refused(issues: &[&str]) -> Answer {
    let issues: Vec<String> =
        issues.iter().map(|issue| format!(r#"{{"issue":"{issue}","description":"d"}}"#)).collect();
    json(422, format!(r#"{{"name":"UNPROCESSABLE_ENTITY","message":"m","details":[{}]}}"#, issues.join(",")))
}

#[tokio::test]
async fn a_capture_is_a_success_only_if_all_captures_of_the_order_are_complete() {
    let complete = captured("COMPLETED");
    let two = format!("{},{}", unit(&complete), unit(&complete));
    for units in [unit(&complete), two] {
        let server = start(move |_, _| json(201, order("COMPLETED", &units)));
        let reply = client(&server).capture_order(&capture()).await;
        assert!(reply.is_ok(), "{reply:?}");
    }
    let declined = captured("DECLINED");
    for (units, why) in [
        (unit(&declined), "declined"),
        (unit(&captured("PENDING")), "pending"),
        (unit(&captured("ESCHEATED")), "an unknown state"),
        (unit(&format!("{complete},{declined}")), "one of two is declined"),
        (unit(&format!("{complete},7")), "one of two cannot be read"),
        (format!("{},{}", unit(&complete), unit("")), "a unit without a capture"),
        (format!(r#"{},{{"reference_id":"unit"}}"#, unit(&complete)), "a unit without payments"),
        (
            format!(r#"{{"payments":[{{"captures":[{complete}]}},{{"captures":[{declined}]}}]}}"#),
            "two payments for one",
        ),
        (String::new(), "no unit"),
        (unit(r#"{"id":"C1"}"#), "no state"),
    ] {
        let server = start(move |_, _| json(201, order("COMPLETED", &units)));
        let error = client(&server).capture_order(&capture()).await.expect_err(why);
        assert_eq!(error.outcome(), Outcome::Unknown, "{why}: {error}");
    }
}

#[tokio::test]
async fn a_lost_capture_is_resolved_by_the_captures_of_the_order() {
    // The service recognizes the idempotency key, so it answers the repetition with the earlier reply. The state of the
    // order agrees with that reply.
    let resolved = async |units: String, expected: &str| {
        let server = start(move |line, number| match (line, number) {
            (_, 0) => Answer::Lost,
            (CAPTURE, _) => json(200, order("COMPLETED", &units)),
            _ => json(200, order("COMPLETED", &units)),
        });
        let client = client(&server).with(CallOptions::new().resolve_timeout(Duration::from_millis(300)));
        client.capture_order(&capture()).await.expect_err("a lost reply");
        client.resolve_capture_order(&capture(), amount(expected)).await
    };
    let done = resolved(unit(&captured("COMPLETED")), "100").await;
    assert!(matches!(done, Resolution::Done(_)), "{done:?}");
    let server = start(move |line, number| match (line, number) {
        (_, 0) => Answer::Lost,
        (CAPTURE, _) => refused(&["INSTRUMENT_DECLINED"]),
        _ => json(200, order("COMPLETED", &unit(&captured("DECLINED")))),
    });
    let client_of = client(&server);
    client_of.capture_order(&capture()).await.expect_err("a lost reply");
    let declined = client_of.resolve_capture_order(&capture(), amount("100")).await;
    assert!(matches!(declined, Resolution::NotDone(_)), "{declined:?}");
    let twice = unit(&format!("{},{}", captured("COMPLETED"), captured("COMPLETED")));
    let done = resolved(twice.clone(), "200").await;
    assert!(matches!(done, Resolution::Done(_)), "expected `Done`, because the captures add up to 200: {done:?}");
    for (units, expected, why) in [
        (twice, "100", "captured twice"),
        (unit(&captured("DECLINED")), "100", "a repetition may add a capture"),
        (unit(&captured("COMPLETED")), "99.99", "another amount"),
        (unit(&captured("PENDING")), "100", "pending"),
        (unit(&format!("{},{}", captured("COMPLETED"), captured("DECLINED"))), "100", "two states"),
        (format!("{},[]", unit(&captured("COMPLETED"))), "100", "a unit that cannot be read"),
        (unit(""), "100", "no capture"),
    ] {
        let resolution = resolved(units, expected).await;
        assert!(matches!(resolution, Resolution::Unknown(_)), "{why}: {resolution:?}");
    }
}

#[tokio::test]
async fn a_refusal_has_the_code_of_its_issue() {
    let server = start(|_, number| match number {
        0 => refused(&["INSTRUMENT_DECLINED"]),
        1 => refused(&["ORDER_ALREADY_CAPTURED"]),
        2 => refused(&["INSTRUMENT_DECLINED", "ORDER_ALREADY_CAPTURED"]),
        3 => refused(&["A_NEW_ISSUE"]),
        4 => refused(&[]),
        _ => json(403, r#"{"name":"NOT_AUTHORIZED","message":"m","debug_id":"d"}"#),
    });
    let client = client(&server);
    let error = client.capture_order(&capture()).await.expect_err("a decline");
    assert_eq!((error.outcome(), error.code()), (Outcome::Rejected, Some(&ErrorCode::InstrumentDeclined)));
    assert_eq!((error.advice(), error.http_status()), (Some(Advice::TellPurchaser), Some(422)));
    for why in ["done before", "one of two issues is \"done before\"", "an unlisted issue", "no issue"] {
        let error = client.capture_order(&capture()).await.expect_err(why);
        assert_eq!(error.outcome(), Outcome::Unknown, "{why}: {error}");
    }
    // This is a new client, because a rejection after an attempt with an unknown outcome proves nothing.
    let error = self::client(&server).capture_order(&capture()).await.expect_err("another form of body");
    assert_eq!((error.outcome(), error.code()), (Outcome::Rejected, Some(&ErrorCode::NotAuthorized)));
}

#[tokio::test]
async fn an_expired_token_is_fetched_again_and_the_request_keeps_its_key() {
    for body in [
        r#"{"error":"invalid_token","error_description":"Token expired"}"#,
        r#"{"name":"AUTHENTICATION_FAILURE","message":"m","debug_id":"d"}"#,
    ] {
        let server = start(move |_, number| match number {
            0 => json(401, body),
            _ => json(201, order("COMPLETED", &unit(&captured("COMPLETED")))),
        });
        let reply = client(&server).capture_order(&capture()).await;
        assert!(reply.is_ok(), "{body}: {reply:?}");
        let requests = server.requests();
        let lines: Vec<_> = requests.iter().map(|received| received.line.as_str()).collect();
        assert_eq!(lines, [TOKEN, CAPTURE, TOKEN, CAPTURE]);
        assert_eq!(requests[0].header("authorization"), Some("Basic Y2xpZW50LTE6Y2FuYXJ5LXNlY3JldA=="));
        assert_eq!(requests[0].body, "grant_type=client_credentials");
        assert_eq!(requests[1].header("authorization"), Some("Bearer token-0"));
        assert_eq!(requests[3].header("authorization"), Some("Bearer token-2"));
        assert_eq!(requests[1].header("paypal-request-id"), requests[3].header("paypal-request-id"));
    }
}

#[tokio::test]
async fn a_lost_refund_is_repeated_with_its_key_and_compared_with_its_amount() {
    let refunded = |status: &str, value: &str| {
        json(201, format!(r#"{{"id":"R1","status":"{status}","amount":{{"currency_code":"USD","value":"{value}"}}}}"#))
    };
    let server = start(move |_, number| if number == 0 { Answer::Lost } else { refunded("COMPLETED", "10.0") });
    let client_of = client(&server);
    client_of.refund_capture(&refund()).await.expect_err("a lost reply");
    let resolution = client_of.resolve_refund_capture(&refund()).await;
    assert!(matches!(resolution, Resolution::Done(_)), "{resolution:?}");
    let refunds: Vec<_> = server.requests().into_iter().filter(|received| received.line == REFUND).collect();
    assert_eq!(refunds.len(), 2);
    assert_eq!(refunds[0].header("paypal-request-id"), refunds[1].header("paypal-request-id"));
    assert_eq!(refunds[0].member("amount")["value"], "10.00");

    for (status, value) in [("COMPLETED", "10.01"), ("FAILED", "10.00"), ("CANCELLED", "10.00"), ("NEW", "10.00")] {
        let server = start(move |_, _| refunded(status, value));
        let error = client(&server).refund_capture(&refund()).await.expect_err("no success");
        assert_eq!(error.outcome(), Outcome::Unknown, "{status} {value}: {error}");
    }
}
