//! LINE Pay: a code in the body shows a success, each request is signed with a nonce, and replies list the parts of an
//! amount.

use super::server::{Answer, Received, Server, json};
use base64::prelude::{BASE64_STANDARD, Engine};
use payment_apis::linepay::{
    CapturePayment, ChannelId, ChannelSecret, CheckPayment, Client, ConfirmPayment, Currency, ErrorCode, RequestState,
};
use payment_apis::runtime::{Advice, CallOptions, Decimal, Outcome, Resolution, RetryPolicy};
use std::time::Duration;

const SECRET: &str = "canary-channel-secret";
const PAYMENT: &str = "2023042201206549310";
const CONFIRM: &str = "POST /v3/payments/2023042201206549310/confirm";
const CAPTURE: &str = "POST /v3/payments/authorizations/2023042201206549310/capture";

fn client(server: &Server) -> Client {
    Client::builder(ChannelId::from("channel-1"), ChannelSecret::from(SECRET))
        .base_url(server.url())
        .retries(RetryPolicy::never())
        .conclusive_after(Duration::from_millis(50))
        .build()
        .expect("the client can be built")
}

/// Returns a client with a short time limit for resolutions.
fn brief(client: &Client) -> Client {
    client.with(CallOptions::new().resolve_timeout(Duration::from_millis(300)))
}

fn confirmation() -> ConfirmPayment {
    let amount: Decimal = "100.50".parse().expect("a number");
    let request = ConfirmPayment::builder().transaction_id(PAYMENT).amount(amount).currency(Currency::Usd);
    request.build().expect("the request is valid")
}

fn capture() -> CapturePayment {
    let amount: Decimal = "100.50".parse().expect("a number");
    let request = CapturePayment::builder().transaction_id(PAYMENT).amount(amount).currency(Currency::Usd);
    request.build().expect("the request is valid")
}

/// Returns a successful reply with the payload `info`.
fn success(info: &str) -> Answer {
    json(200, format!(r#"{{"returnCode":"0000","returnMessage":"Success.","info":{info}}}"#))
}

/// Returns the reply to a confirmation or a capture. `parts` are the parts of the amount, as JSON.
fn confirmed(parts: &str) -> Answer {
    success(&format!(r#"{{"orderId":"order-1","transactionId":"{PAYMENT}","payInfo":{parts}}}"#))
}

/// Returns the details of one captured payment. `parts` are the parts of its amount, as JSON.
fn details(parts: &str) -> Answer {
    success(&format!(
        r#"[{{"transactionId":"{PAYMENT}","transactionType":"PAYMENT","payStatus":"CAPTURE","currency":"USD","payInfo":{parts}}}]"#
    ))
}

/// Starts a server that never replies to POST requests, and answers other requests with `details`.
fn losing(details: Answer) -> Server {
    Server::start(move |received, _| if received.line.starts_with("POST") { Answer::Lost } else { details.clone() })
}

fn signature(received: &Received) -> String {
    let (path, query) =
        received.line.split_once(' ').map(|(_, path)| path.split_once('?').unwrap_or((path, ""))).expect("a path");
    let nonce = received.header("x-line-authorization-nonce").expect("a nonce");
    let signed = [SECRET, path, query, &received.body, nonce].concat();
    BASE64_STANDARD.encode(hmac_sha256::HMAC::mac(signed, SECRET))
}

#[tokio::test]
async fn each_request_is_signed_with_a_nonce_of_its_own() {
    let server = Server::start(|received, _| match received.line.starts_with("POST") {
        true => confirmed(r#"[{"method":"BALANCE","amount":100.50}]"#),
        false => json(200, r#"{"returnCode":"0110","returnMessage":"authorized"}"#),
    });
    let client = client(&server);
    let check = CheckPayment::builder().transaction_id(PAYMENT).build().expect("the request is valid");
    let state = client.check_payment(&check).await.expect("one of several codes that mean success");
    assert_eq!(state.return_code, Some(RequestState::Authorized));
    client.confirm_payment(&confirmation()).await.expect("a success");
    let requests = server.requests();
    for received in &requests {
        assert_eq!(received.header("x-line-authorization"), Some(signature(received).as_str()), "{}", received.line);
    }
    let nonce = |n: usize| requests[n].header("x-line-authorization-nonce");
    assert_ne!(nonce(0), nonce(1));
}

#[tokio::test]
async fn a_confirmation_is_a_success_only_if_its_parts_add_up() {
    for parts in [
        r#"[{"method":"BALANCE","amount":100.50}]"#,
        r#"[{"method":"BALANCE","amount":90.5},{"method":"POINT","amount":10}]"#,
        r#"{"method":"BALANCE","amount":"100.500"}"#,
    ] {
        let server = Server::start(move |_, _| confirmed(parts));
        let reply = client(&server).confirm_payment(&confirmation()).await;
        assert!(reply.is_ok(), "{parts}: {reply:?}");
    }
    for (parts, why) in [
        (r#"[{"method":"BALANCE","amount":1}]"#, "another amount"),
        (r#"[{"method":"BALANCE","amount":90.5},{"method":"POINT","amount":10},{"amount":1}]"#, "too much"),
        (r#"[{"method":"BALANCE","amount":100.50},{"method":"POINT"}]"#, "a part without its amount"),
        (r#"[{"method":"BALANCE","amount":100.50},"a part"]"#, "a part that cannot be read"),
        (r#"[{"method":"BALANCE","amount":110.50},{"method":"POINT","amount":-10}]"#, "a negative part"),
        ("[]", "no part"),
        ("null", "no parts"),
        (r#""100.50""#, "no list"),
    ] {
        let server = Server::start(move |_, _| confirmed(parts));
        let error = client(&server).confirm_payment(&confirmation()).await.expect_err(why);
        assert_eq!(error.outcome(), Outcome::Unknown, "{why}: {error}");
    }
}

#[tokio::test]
async fn a_decline_is_a_rejection_with_its_code_and_a_failure_of_the_service_is_unknown() {
    let server = Server::start(|_, number| match number {
        0 => json(200, r#"{"returnCode":"1142","returnMessage":"Low balance"}"#),
        1 => json(200, r#"{"returnCode":"9000","returnMessage":"Internal error"}"#),
        2 => json(200, r#"{"returnCode":"4711","returnMessage":"new"}"#),
        _ => json(500, r#"{"returnCode":"1142","returnMessage":"Low balance"}"#),
    });
    let client = client(&server);
    let error = client.confirm_payment(&confirmation()).await.expect_err("a decline");
    assert_eq!((error.outcome(), error.code()), (Outcome::Rejected, Some(&ErrorCode::LowBalance)));
    assert_eq!(error.advice(), Some(Advice::TellPurchaser));
    for why in
        ["the service failed", "an unlisted code proves nothing about an operation that moves money", "an HTTP error"]
    {
        let error = client.confirm_payment(&confirmation()).await.expect_err(why);
        assert_eq!(error.outcome(), Outcome::Unknown, "{why}: {error}");
    }
}

#[tokio::test]
async fn a_lost_reply_is_resolved_by_the_parts_of_the_payment() {
    let whole = r#"[{"method":"BALANCE","amount":90.5},{"method":"POINT","amount":10}]"#;
    let server = losing(details(whole));
    let client_of_whole = client(&server);
    let lost = client_of_whole.confirm_payment(&confirmation()).await.expect_err("a lost reply");
    assert_eq!(lost.outcome(), Outcome::Unknown);
    let resolution = client_of_whole.resolve_confirm_payment(&confirmation()).await;
    assert!(matches!(resolution, Resolution::Done(_)), "{resolution:?}");
    let resolution = client_of_whole.resolve_capture_payment(&capture()).await;
    assert!(matches!(resolution, Resolution::Done(_)), "{resolution:?}");
    let changes: Vec<_> = server.requests().into_iter().map(|received| received.line).collect();
    assert_eq!(changes.iter().filter(|line| [CONFIRM, CAPTURE].contains(&line.as_str())).count(), 1);

    for (parts, why) in [
        (r#"[{"method":"BALANCE","amount":90.5}]"#, "another amount"),
        (r#"[{"method":"BALANCE","amount":100.5},[]]"#, "a part that cannot be read"),
        ("[]", "no part"),
    ] {
        let server = losing(details(parts));
        let client = brief(&client(&server));
        client.confirm_payment(&confirmation()).await.expect_err("a lost reply");
        let resolution = client.resolve_confirm_payment(&confirmation()).await;
        assert!(matches!(resolution, Resolution::Unknown(_)), "{why}: {resolution:?}");
    }
}

#[tokio::test]
async fn a_confirmation_that_was_never_carried_out_is_not_done() {
    let server = losing(json(200, r#"{"returnCode":"1150","returnMessage":"Transaction not found"}"#));
    let client = client(&server);
    client.confirm_payment(&confirmation()).await.expect_err("a lost reply");
    let resolution = client.resolve_confirm_payment(&confirmation()).await;
    assert!(matches!(resolution, Resolution::NotDone(_)), "{resolution:?}");
}
