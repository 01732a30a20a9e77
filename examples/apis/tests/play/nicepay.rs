//! NICEPAY: the client fetches a token, replies have a result code, and proofs cover fields of a message.

use super::server::{Answer, Received, Server, json};
use payment_apis::nicepay::{
    ApprovePayment, CancelPayment, Client, ClientId, Credentials, ErrorCode, GetPayment, PaymentStatus, PaymentWebhook,
    SecretKey,
};
use payment_apis::runtime::{Advice, CallOptions, Outcome, Resolution, RetryPolicy};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

const SECRET: &str = "canary-secret-key";

fn client(server: &Server) -> Client {
    Client::builder(ClientId::from("client-1"), SecretKey::from(SECRET))
        .base_url(server.url())
        .retries(RetryPolicy::standard().first_pause(Duration::from_millis(1)))
        .conclusive_after(Duration::from_millis(50))
        .build()
        .expect("the client can be built")
}

fn is_token(received: &Received) -> bool {
    received.line == "POST /v1/access-token"
}

fn bearer(received: &Received) -> &str {
    received.header("authorization").and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default()
}

fn token(name: &str) -> Answer {
    json(
        200,
        format!(
            r#"{{"resultCode":"0000","resultMsg":"OK","accessToken":"{name}","tokenType":"Bearer","expiredAt":"2021-08-11T17:57:31.000+0900","now":"2021-08-11T17:27:31.000+0900"}}"#
        ),
    )
}

const PAID: &str = r#"{"resultCode":"0000","resultMsg":"OK","tid":"T-1","orderId":"O-1","amount":1004,"balanceAmt":1004,"status":"paid"}"#;
const NONE: &str = r#"{"resultCode":"U107","resultMsg":"no such payment"}"#;
const LAPSED: &str = r#"{"resultCode":"U104","resultMsg":"expired canary-token-1"}"#;

fn approval() -> ApprovePayment {
    ApprovePayment::builder().tid("T-1").amount(1004).build().expect("the request is valid")
}

fn read() -> GetPayment {
    GetPayment::builder().tid("T-1").build().expect("the request is valid")
}

fn cancellation() -> CancelPayment {
    let builder = CancelPayment::builder().tid("T-1").reason("고객 요청").order_id("C-1").cancel_amt(400);
    builder.build().expect("the request is valid")
}

/// Returns a client with a short time limit for resolutions.
fn brief(client: &Client) -> Client {
    client.with(CallOptions::new().resolve_timeout(Duration::from_millis(300)))
}

/// Starts a server that never replies to approvals and cancellations, and answers queries with this body.
fn losing(answer: impl Into<String>) -> Server {
    let answer = answer.into();
    Server::start(move |received, _| match received.line.as_str() {
        _ if is_token(received) => token("canary-token-1"),
        line if line.starts_with("POST") => Answer::Lost,
        _ => json(200, answer.clone()),
    })
}

fn count(server: &Server, what: impl Fn(&Received) -> bool) -> usize {
    server.requests().iter().filter(|received| what(received)).count()
}

#[tokio::test]
async fn a_token_is_fetched_once_with_basic_authorization_and_sent_with_every_call() {
    let server =
        Server::start(|received, _| if is_token(received) { token("canary-token-1") } else { json(200, PAID) });
    let client = client(&server);
    for _ in 0..3 {
        let payment = client.get_payment(&read()).await.expect("a success");
        assert_eq!((payment.amount, payment.status), (Some(1004), Some(PaymentStatus::Paid)));
    }
    let requests = server.requests();
    // `client-1:canary-secret-key` in base64.
    assert_eq!(requests[0].header("authorization"), Some("Basic Y2xpZW50LTE6Y2FuYXJ5LXNlY3JldC1rZXk="));
    assert_eq!(count(&server, is_token), 1);
    assert!(requests[1..].iter().all(|received| bearer(received) == "canary-token-1"));
}

#[tokio::test]
async fn concurrent_calls_share_one_token() {
    let server = Server::start(|received, _| {
        if is_token(received) {
            std::thread::sleep(Duration::from_millis(50));
            return token("canary-token-1");
        }
        json(200, PAID)
    });
    let client = client(&server);
    let calls: Vec<_> = (0..20)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.get_payment(&read()).await.is_ok() })
        })
        .collect();
    for call in calls {
        assert!(call.await.expect("the call has ended"));
    }
    assert_eq!(count(&server, is_token), 1);
}

/// Returns a script that reports the first token as expired, and accepts every later token.
fn rotating() -> impl Fn(&Received, usize) -> Answer + Send + Sync {
    let tokens = AtomicUsize::new(0);
    move |received, _| match () {
        () if is_token(received) => token(&format!("canary-token-{}", tokens.fetch_add(1, Ordering::SeqCst) + 1)),
        () if bearer(received) == "canary-token-1" => json(401, LAPSED),
        () => json(200, PAID),
    }
}

#[tokio::test]
async fn an_expired_token_is_replaced_once_for_all_calls_and_the_call_is_sent_again() {
    let server = Server::start(rotating());
    let client = client(&server);
    let calls: Vec<_> = (0..10)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.approve_payment(&approval()).await.map(|reply| reply.status) })
        })
        .collect();
    for call in calls {
        assert_eq!(call.await.expect("the call has ended").expect("a success"), Some(PaymentStatus::Paid));
    }
    assert_eq!(count(&server, is_token), 2, "all calls must share one token and one replacement");
}

#[tokio::test]
async fn an_expired_token_repeats_no_request_that_may_have_been_carried_out() {
    // A gateway's 401 proves nothing about the first approval. The reply to the second approval is lost.
    let server = Server::start(|received, number| match number {
        _ if is_token(received) => token("canary-token-1"),
        1 => Answer::Other(401, "text/html", "<html>unauthorized</html>".into()),
        _ => Answer::Lost,
    });
    let client = client(&server);
    for _ in 0..2 {
        let error = client.approve_payment(&approval()).await.expect_err("no answer of the service");
        assert_eq!(error.outcome(), Outcome::Unknown, "{error}");
    }
    assert_eq!(count(&server, |received| !is_token(received)), 2);
}

/// Returns a script that rejects the first token with HTTP 401 and an empty body, and accepts every later token.
fn silently_rotating() -> impl Fn(&Received, usize) -> Answer + Send + Sync {
    let tokens = AtomicUsize::new(0);
    move |received, _| match () {
        () if is_token(received) => token(&format!("canary-token-{}", tokens.fetch_add(1, Ordering::SeqCst) + 1)),
        () if bearer(received) == "canary-token-1" => Answer::Other(401, "text/plain", String::new()),
        () => json(200, PAID),
    }
}

#[tokio::test]
async fn http_401_without_a_body_replaces_the_token_once_for_all_calls() {
    let server = Server::start(silently_rotating());
    let client = client(&server);
    let calls: Vec<_> = (0..10)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.get_payment(&read()).await.map(|reply| reply.status) })
        })
        .collect();
    for call in calls {
        assert_eq!(call.await.expect("the call has ended").expect("a success"), Some(PaymentStatus::Paid));
    }
    assert_eq!(count(&server, is_token), 2, "all calls must share one token and one replacement");
}

#[tokio::test]
async fn http_401_without_a_body_repeats_no_approval_but_replaces_the_token() {
    let server = Server::start(silently_rotating());
    let client = client(&server);
    let error = client.approve_payment(&approval()).await.expect_err("the approval may have been carried out");
    assert_eq!((error.outcome(), error.http_status()), (Outcome::Unknown, Some(401)), "{error}");
    assert_eq!(count(&server, |received| !is_token(received)), 1);
    assert_eq!(client.get_payment(&read()).await.expect("a success").status, Some(PaymentStatus::Paid));
    assert_eq!(count(&server, is_token), 2);
    assert_eq!(count(&server, |received| !is_token(received)), 2, "the client must not use the expired token again");
}

#[tokio::test]
async fn with_wrong_credentials_only_the_token_request_is_sent() {
    let server = Server::start(|_, _| json(401, r#"{"resultCode":"U104","resultMsg":"no canary-secret-key"}"#));
    let error = client(&server).approve_payment(&approval()).await.expect_err("there is no token");
    assert_eq!((error.outcome(), error.code()), (Outcome::NotSent, Some(&ErrorCode::U104)));
    assert_eq!((error.operation(), error.advice()), ("approve_payment", Some(Advice::CheckKey)));
    let shown = format!("{error} {error:?}");
    assert!(shown.contains("no access token") && !shown.contains("canary"), "{shown}");
    assert_eq!(count(&server, |received| !is_token(received)), 0);
}

#[tokio::test]
async fn a_decline_is_a_rejection_and_an_http_error_keeps_the_code_of_its_body() {
    let server = Server::start(|received, number| match number {
        _ if is_token(received) => token("canary-token-1"),
        1 => json(200, r#"{"resultCode":"3011","resultMsg":"card number"}"#),
        _ => json(404, NONE),
    });
    let client = client(&server);
    let error = client.approve_payment(&approval()).await.expect_err("a decline");
    assert_eq!((error.outcome(), error.code()), (Outcome::Rejected, Some(&ErrorCode::WrongCardNumber)));
    let error = client.get_payment(&read()).await.expect_err("no such payment");
    assert_eq!((error.outcome(), error.code()), (Outcome::Rejected, Some(&ErrorCode::U107)));
    assert_eq!(error.http_status(), Some(404));
}

#[tokio::test]
async fn an_approval_whose_answer_is_lost_is_found_by_its_number_and_amount() {
    let server = Server::start(|received, _| match received.line.as_str() {
        _ if is_token(received) => token("canary-token-1"),
        "POST /v1/payments/T-1" => Answer::Lost,
        _ => json(200, PAID),
    });
    let client = client(&server);
    let error = client.approve_payment(&approval()).await.expect_err("the answer is lost");
    assert_eq!(error.outcome(), Outcome::Unknown);
    let resolution = client.resolve_approve_payment(&approval()).await;
    assert!(matches!(resolution, Resolution::Done(_)), "{resolution:?}");
    let approvals = count(&server, |received| received.line == "POST /v1/payments/T-1");
    assert_eq!(approvals, 1, "the client must not repeat an approval automatically");
}

#[tokio::test]
async fn an_approval_without_a_payment_is_not_done() {
    let server = losing(NONE);
    let client = client(&server);
    client.approve_payment(&approval()).await.expect_err("the reply is lost");
    let resolution = client.resolve_approve_payment(&approval()).await;
    assert!(matches!(resolution, Resolution::NotDone(_)), "{resolution:?}");
    assert_eq!(count(&server, |received| received.line == "POST /v1/payments/T-1"), 1);
}

#[tokio::test]
async fn a_status_about_another_amount_or_payment_proves_nothing() {
    for (own, other) in [("1004", "1005"), ("T-1", "T-2")] {
        let server = losing(PAID.replace(own, other));
        let client = client(&server);
        client.approve_payment(&approval()).await.expect_err("the reply is lost");
        let resolution = brief(&client).resolve_approve_payment(&approval()).await;
        assert!(matches!(resolution, Resolution::Unknown(_)), "{other}: {resolution:?}");
    }
}

#[tokio::test]
async fn a_lost_cancellation_is_not_done_only_if_nothing_was_canceled() {
    let left = |status: &str, left: &str| {
        PAID.replace("\"paid\"", &format!("\"{status}\""))
            .replace("\"balanceAmt\":1004", &format!("\"balanceAmt\":{left}"))
    };
    for (status, balance, is_not_done) in
        [("paid", "1004", true), ("paid", "604", false), ("partialCancelled", "604", false), ("cancelled", "0", false)]
    {
        let server = losing(left(status, balance));
        let client = client(&server);
        client.cancel_payment(&cancellation()).await.expect_err("the reply is lost");
        match brief(&client).resolve_cancel_payment(&cancellation()).await {
            Resolution::NotDone(_) if is_not_done => {}
            Resolution::Unknown(unresolved) if !is_not_done => assert!(unresolved.look_at.contains(&"cancels")),
            resolution => panic!("{status} {balance}: {resolution:?}"),
        }
        let sent = count(&server, |received| received.line == "POST /v1/payments/T-1/cancel");
        assert_eq!(sent, 1, "the client must not repeat a cancellation automatically");
    }
}

#[tokio::test]
async fn a_cancellation_after_a_not_done_one_is_signed_with_a_new_time() {
    let server = losing(PAID);
    let client = client(&server);
    for _ in 0..2 {
        client.cancel_payment(&cancellation()).await.expect_err("the reply is lost");
    }
    let resolution = brief(&client).resolve_cancel_payment(&cancellation()).await;
    assert!(resolution.is_not_done(), "{resolution:?}");
    client.cancel_payment(&cancellation()).await.expect_err("the reply is lost");
    let sent = server.requests().into_iter().filter(|received| received.line.starts_with("POST /v1/payments"));
    let bodies: Vec<_> = sent.map(|received| received.body).collect();
    assert_eq!(bodies[0], bodies[1], "expected the same body, because the first attempt may have been carried out");
    assert_ne!(bodies[1], bodies[2], "expected a new body, because the first attempt can no longer be carried out");
}

#[tokio::test]
async fn a_refused_cancellation_is_a_rejection_unless_an_earlier_one_may_have_been_carried_out() {
    let server = Server::start(|received, number| match number {
        _ if is_token(received) => token("canary-token-1"),
        1 => json(200, r#"{"resultCode":"2032","resultMsg":"too much"}"#),
        _ => json(200, r#"{"resultCode":"U112","resultMsg":"used before"}"#),
    });
    let client = client(&server);
    let error = client.cancel_payment(&cancellation()).await.expect_err("refused");
    assert_eq!((error.outcome(), error.code()), (Outcome::Rejected, Some(&ErrorCode::TooMuch)));
    let error = client.cancel_payment(&cancellation()).await.expect_err("refused");
    assert_eq!((error.outcome(), error.advice()), (Outcome::Unknown, Some(Advice::AlreadyDone)));
}

#[tokio::test]
async fn a_proof_covers_payment_amount_and_time() {
    let server =
        Server::start(|received, _| if is_token(received) { token("canary-token-1") } else { json(200, PAID) });
    let client = client(&server);
    client.approve_payment(&approval()).await.expect("a success");
    let cancel = CancelPayment::builder()
        .tid("T-1")
        .reason("고객 요청")
        .order_id("C-1")
        .everything_left()
        .build()
        .expect("valid");
    client.cancel_payment(&cancel).await.expect("a success");
    let requests = server.requests();
    let text = |received: &Received, name: &str| received.member(name).as_str().unwrap_or_default().to_owned();
    let hex = |parts: &[&str]| -> String {
        hmac_sha256::Hash::hash(parts.concat().as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
    };
    let (approved, canceled) = (&requests[1], &requests[2]);
    assert_eq!(text(approved, "signData"), hex(&["T-1", "1004", &text(approved, "ediDate"), SECRET]));
    assert_eq!(text(canceled, "signData"), hex(&["T-1", &text(canceled, "ediDate"), SECRET]));
    assert!(canceled.member("cancelAmt").is_null(), "the request contains an amount");
}

#[tokio::test]
async fn no_text_shows_a_secret_a_token_or_a_proof() {
    let server = Server::start(|received, _| match is_token(received) {
        true => token("canary-token-1"),
        false => {
            let proof = received.member("signData").as_str().unwrap_or_default().to_owned();
            let said = format!("{} {proof} canary-secret-key", bearer(received));
            json(400, format!(r#"{{"resultCode":"9999","resultMsg":"{said}","signData":"{proof}"}}"#))
        }
    });
    let client = client(&server);
    let error = client.approve_payment(&approval()).await.expect_err("a failure");
    let proof = server.requests()[1].member("signData").as_str().unwrap_or_default().to_owned();
    let shown = format!("{error} {error:?} {client:?} {:?} {:?}", error.message(), error.body_excerpt());
    assert!(!shown.contains("canary") && !shown.contains(&proof), "{shown}");
}

/// A webhook with a signature for the secret key `canary-secret-key`. The signature was computed with a program outside
/// this repository.
const WEBHOOK: &str = r#"{"resultCode":"0000","resultMsg":"OK","tid":"T-1","cancelledTid":null,"orderId":"O-1",
    "ediDate":"2030-01-01T00:00:00.000+0900","signature":"018a2cbf1e954decee2caec277180abb080bf84afc4c4aff02e3a3c393bb5e00",
    "status":"paid","amount":1004,"balanceAmt":1004}"#;

fn credentials(secret: &str) -> Credentials {
    Credentials { client_id: ClientId::from("client-1"), secret_key: SecretKey::from(secret) }
}

/// Starts a merchant's server, which acknowledges a webhook only if its proof is valid.
fn receiver(credentials: Vec<Credentials>) -> Server {
    Server::start(move |received, _| match PaymentWebhook::verify(received.body.as_bytes(), &credentials) {
        Ok(_) => json(PaymentWebhook::ANSWER.status, PaymentWebhook::ANSWER.body),
        Err(error) => json(error.answer_status(), error.to_string()),
    })
}

/// Sends a webhook as NICEPAY does. Returns the status and the text of the answer.
fn deliver(server: &Server, body: &str) -> (u16, String) {
    let address = server.url().strip_prefix("http://").expect("a URL of this machine").to_owned();
    let mut connection = TcpStream::connect(address).expect("the server listens");
    let head =
        format!("POST /webhook HTTP/1.1\r\nhost: shop\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
    connection.write_all([head.as_bytes(), body.as_bytes()].concat().as_slice()).expect("the server reads");
    let mut answer = String::new();
    connection.read_to_string(&mut answer).expect("the server answers");
    let (head, text) = answer.split_once("\r\n\r\n").expect("a whole answer");
    (head[9..12].parse().expect("a status"), text.to_owned())
}

#[test]
fn a_webhook_with_a_valid_signature_is_answered_with_ok() {
    for secrets in [vec![SECRET], vec!["new-secret", SECRET], vec![SECRET, "new-secret"]] {
        let server = receiver(secrets.iter().map(|secret| credentials(secret)).collect());
        assert_eq!(deliver(&server, WEBHOOK), (200, "OK".to_owned()), "{secrets:?}");
    }
}

#[test]
fn a_webhook_with_another_signature_or_amount_is_rejected() {
    let server = receiver(vec![credentials(SECRET)]);
    let last = WEBHOOK.replace("5e00\"", "0000\"");
    for body in [
        last,
        WEBHOOK.replace("1004", "1005"),
        WEBHOOK.replace(":1004", ":1004.0"),
        WEBHOOK.replace("T-1", "T-2"),
        WEBHOOK.replace("2030-01-01", "2030-01-02"),
    ] {
        let (status, text) = deliver(&server, &body);
        assert_eq!(status, 401, "{body}");
        assert!(text.ends_with("its `signature` does not match the credentials"), "{text}");
    }
    let (status, text) = deliver(&server, &WEBHOOK.replace("signature", "signed"));
    assert_eq!((status, text.ends_with("it has no `signature`")), (401, true), "{text}");
    assert_eq!(deliver(&receiver(vec![credentials("canary-other")]), WEBHOOK).0, 401);
}

/// The values that the proof covers are joined without a separator, as the rustdoc warns. Therefore only a query for
/// the payment proves the amount.
#[test]
fn a_proof_stays_the_same_if_a_digit_moves_from_the_amount_to_the_time() {
    let shifted =
        WEBHOOK.replace("\"ediDate\":\"2030", "\"ediDate\":\"42030").replace("\"amount\":1004", "\"amount\":100");
    let claim =
        PaymentWebhook::verify(shifted.as_bytes(), &[credentials(SECRET)]).expect("the joined parts are the same");
    assert_eq!(claim.unproven().amount, Some(100));
    let source = std::fs::read_to_string("generated/src/nicepay/payment_webhook.rs").expect("a generated file");
    assert!(source.contains("Nothing separates `tid`, `amount`, `ediDate` in the proof"));
}

#[tokio::test]
async fn a_proven_webhook_is_confirmed_by_the_payment_because_its_state_is_not_signed() {
    let server = Server::start(|received, _| match is_token(received) {
        true => token("canary-token-1"),
        false => json(200, PAID),
    });
    let claim = PaymentWebhook::verify(WEBHOOK.as_bytes(), &[credentials(SECRET)]).expect("it is proven");
    let confirmed = client(&server).confirm_payment_webhook(&claim, 1004).await.expect("it is true");
    assert_eq!(confirmed.found.status, Some(PaymentStatus::Paid));
    // The proof does not cover the state, so a message with another state has a valid proof too.
    let altered = WEBHOOK.replace("\"paid\"", "\"cancelled\"");
    let claim = PaymentWebhook::verify(altered.as_bytes(), &[credentials(SECRET)]).expect("it is proven");
    let error = client(&server).confirm_payment_webhook(&claim, 1004).await.expect_err("it was not canceled");
    assert!(error.is_temporary(), "{error}");
}

#[test]
fn a_test_can_sign_a_webhook_for_its_receiver() {
    let mut message = PaymentWebhook::default();
    message.tid = Some("T-9".into());
    message.amount = Some(500);
    message.edi_date = Some("2030-01-01T00:00:00.000+0900".into());
    let proof = PaymentWebhook::sign(message.to_json().as_bytes(), &credentials(SECRET)).expect("it has every part");
    message.signature = Some(proof);
    let _ = PaymentWebhook::verify(message.to_json().as_bytes(), &[credentials(SECRET)]).expect("it is proven");
    message.tid = None;
    let error = PaymentWebhook::sign(message.to_json().as_bytes(), &credentials(SECRET)).expect_err("no payment");
    assert_eq!(error.to_string(), "the message has no `tid`");
}
