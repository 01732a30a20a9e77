//! PortOne: code 0 in the envelope shows a success, times are in seconds, lists have page numbers, and webhooks are
//! unsigned.

use super::server::{Answer, Received, Server, json};
use futures_util::TryStreamExt;
use payment_apis::portone::{
    ApiKey, ApiSecret, CancelPayment, Client, ErrorCode, GetPayment, ListPayments, ListedStatus, PaymentStatus,
    PaymentWebhook,
};
use payment_apis::runtime::{CallOptions, Decimal, Outcome, Resolution, RetryPolicy};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

fn client(server: &Server) -> Client {
    Client::builder(ApiKey::from("canary-key"), ApiSecret::from("canary-secret"))
        .base_url(server.url())
        .retries(RetryPolicy::standard().first_pause(Duration::from_millis(1)))
        .build()
        .expect("the client can be built")
}

/// Starts a server that issues numbered tokens, and answers each other request with the result of `script`.
fn start(script: impl Fn(&Received, usize) -> Answer + Send + Sync + 'static) -> Server {
    let tokens = AtomicUsize::new(0);
    Server::start(move |received, number| {
        if !is_token(received) {
            return script(received, number - tokens.load(Ordering::SeqCst));
        }
        let count = tokens.fetch_add(1, Ordering::SeqCst) + 1;
        let token = format!(r#"{{"access_token":"canary-token-{count}","now":1586934000,"expired_at":1586935800}}"#);
        json(200, format!(r#"{{"code":0,"message":null,"response":{token}}}"#))
    })
}

fn is_token(received: &Received) -> bool {
    received.line == "POST /users/getToken"
}

/// Returns the received requests, except the requests for tokens.
fn calls(server: &Server) -> Vec<Received> {
    server.requests().into_iter().filter(|received| !is_token(received)).collect()
}

fn payment(status: &str, amount: &str) -> String {
    format!(
        r#"{{"code":0,"message":null,"response":{{"imp_uid":"imp_1","merchant_uid":"order-1","status":"{status}","currency":"USD","amount":{amount},"cancel_amount":0,"paid_at":1586934143,"failed_at":0,"buyer_name":"canary"}}}}"#
    )
}

fn refund() -> CancelPayment {
    CancelPayment::builder()
        .imp_uid("imp_1")
        .amount(400)
        .checksum(1000)
        .reason("단순 변심")
        .build()
        .expect("the request is valid")
}

#[tokio::test]
async fn a_payment_is_read_with_its_cents_and_its_time() {
    let server = start(|_, _| json(200, payment("paid", "10.05")));
    let request = GetPayment::builder().imp_uid("imp_1").build().expect("the request is valid");
    let read = client(&server).get_payment(&request).await.expect("a success");
    assert_eq!(read.amount_money().and_then(|money| money.minor_units()), Some(1005));
    let paid_at = read.details.paid_at.expect("a time").get();
    assert_eq!(paid_at.to_string(), "2020-04-15T07:02:23Z");
    assert_eq!(calls(&server)[0].line, "GET /payments/imp_1");
    assert!(!format!("{read:?}").contains("canary"), "the debug output shows personal data");
}

#[tokio::test]
async fn a_refusal_with_status_200_is_a_rejection_and_one_with_404_keeps_its_code() {
    let server = start(|received, _| match received.line.as_str() {
        "POST /payments/cancel" => json(200, r#"{"code":1,"message":"cannot be canceled","response":null}"#),
        "GET /payments/none" => json(404, r#"{"code":1,"message":"no such payment","response":null}"#),
        _ => json(401, r#"{"code":-1,"message":"Unauthorized","response":null}"#),
    });
    let client = client(&server);
    // The code means both "not found" and "cannot be canceled", so it proves nothing about an operation that moves
    // money.
    let error = client.cancel_payment(&refund()).await.expect_err("refused");
    assert_eq!((error.outcome(), error.code()), (Outcome::Unknown, Some(&ErrorCode::Code1)));
    let none = GetPayment::builder().imp_uid("none").build().expect("the request is valid");
    let error = client.get_payment(&none).await.expect_err("none");
    assert_eq!((error.code(), error.http_status()), (Some(&ErrorCode::Code1), Some(404)));
    let request = GetPayment::builder().imp_uid("imp_1").build().expect("the request is valid");
    let error = client.get_payment(&request).await.expect_err("no token helps");
    assert_eq!((error.outcome(), error.http_status()), (Outcome::Rejected, Some(401)));
    let sent = calls(&server).into_iter().filter(|of| of.line == "GET /payments/imp_1").count();
    assert_eq!(sent, 2, "the request must be repeated once, with another token");
}

#[tokio::test]
async fn a_token_is_fetched_once_and_again_after_it_has_expired() {
    let server = start(|received, _| match received.header("authorization") {
        Some("Bearer canary-token-1") if received.line.starts_with("POST") => {
            json(401, r#"{"code":-1,"message":"Unauthorized canary-token-1","response":null}"#)
        }
        _ => json(200, payment("paid", "10.05")),
    });
    let client = client(&server);
    let request = GetPayment::builder().imp_uid("imp_1").build().expect("the request is valid");
    client.get_payment(&request).await.expect("a success");
    client.get_payment(&request).await.expect("a success");
    client.cancel_payment(&refund()).await.expect("a success with the second token");
    let requests = server.requests();
    let lines: Vec<&str> = requests.iter().map(|of| of.line.as_str()).collect();
    let (token, read, cancel) = ("POST /users/getToken", "GET /payments/imp_1", "POST /payments/cancel");
    assert_eq!(lines, [token, read, read, cancel, token, cancel]);
    assert_eq!(requests[0].member("imp_key"), "canary-key");
    assert_eq!(requests[0].member("imp_secret"), "canary-secret");
    assert_eq!(requests[5].header("authorization"), Some("Bearer canary-token-2"));
    assert!(!format!("{client:?}").contains("canary"));
}

#[tokio::test]
async fn without_a_token_nothing_is_sent() {
    let server = Server::start(|_, _| json(401, r#"{"code":-1,"message":"no canary-secret","response":null}"#));
    let error = client(&server).cancel_payment(&refund()).await.expect_err("there is no token");
    assert_eq!(error.outcome(), Outcome::NotSent);
    assert!(calls(&server).is_empty());
    assert!(!format!("{error} {error:?}").contains("canary"), "{error}");
}

/// Starts a server that refunds only if the checksum equals the remaining amount. It never replies to the first
/// cancellation, and carries it out only if `is_committed` is `true`.
fn losing(is_committed: bool) -> (Server, Arc<AtomicUsize>) {
    let refunds = Arc::new(AtomicUsize::new(0));
    let own = refunds.clone();
    let server = start(move |received, number| {
        if received.line != "POST /payments/cancel" {
            return json(200, payment("paid", "1000"));
        }
        let is_refused = received.member("checksum") != 1000 - 400 * own.load(Ordering::SeqCst);
        if is_refused {
            return json(200, r#"{"code":1,"message":"the amount that can be canceled differs","response":null}"#);
        }
        if number > 0 || is_committed {
            own.fetch_add(1, Ordering::SeqCst);
        }
        if number == 0 { Answer::Lost } else { json(200, payment("paid", "1000")) }
    });
    (server, refunds)
}

#[tokio::test]
async fn a_cancellation_that_never_arrived_is_sent_again_with_the_same_checksum() {
    let (server, refunds) = losing(false);
    client(&server).cancel_payment(&refund()).await.expect("a success");
    assert_eq!(refunds.load(Ordering::SeqCst), 1);
    let calls = calls(&server);
    assert_eq!(calls.len(), 2);
    assert!(calls.iter().all(|of| of.body == calls[0].body && of.member("checksum") == 1000));
}

#[tokio::test]
async fn a_repetition_of_a_successful_cancellation_is_refused_and_left_to_a_person() {
    let (server, refunds) = losing(true);
    let client = client(&server);
    let error = client.cancel_payment(&refund()).await.expect_err("the repetition is refused");
    assert_eq!(error.outcome(), Outcome::Unknown);
    let brief = client.with(CallOptions::new().resolve_timeout(Duration::from_millis(300)));
    let Resolution::Unknown(unresolved) = brief.resolve_cancel_payment(&refund()).await else {
        panic!("the outcome must be unknown, because the refused repetition proves nothing")
    };
    assert!(unresolved.look_at.contains(&"cancel_history"), "{:?}", unresolved.look_at);
    assert_eq!(refunds.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_list_continues_with_the_page_number_that_each_page_contains() {
    let server = start(|received, _| {
        let (next, uid) = if received.line.contains("page=2") { (0, "imp_2") } else { (2, "imp_1") };
        json(
            200,
            format!(
                r#"{{"code":0,"message":null,"response":{{"total":2,"previous":0,"next":{next},"list":[{{"imp_uid":"{uid}","amount":10}}]}}}}"#
            ),
        )
    });
    let request = ListPayments::builder().payment_status(ListedStatus::Paid).build().expect("the request is valid");
    let all: Vec<_> =
        client(&server).list_payments_pages(&request).into_stream().try_collect().await.expect("every page is read");
    let uids: Vec<&str> = all.iter().filter_map(|one| one.imp_uid.as_ref()).map(|uid| uid.as_str()).collect();
    assert_eq!(uids, ["imp_1", "imp_2"]);
    let lines: Vec<String> = calls(&server).into_iter().map(|of| of.line).collect();
    assert_eq!(lines, ["GET /payments/status/paid", "GET /payments/status/paid?page=2"]);
}

#[tokio::test]
async fn a_page_that_names_itself_as_the_next_one_ends_the_list_with_an_error() {
    let server = start(|_, _| json(200, r#"{"code":0,"message":null,"response":{"total":9,"next":2,"list":[]}}"#));
    let request = ListPayments::builder().payment_status(ListedStatus::All).build().expect("the request is valid");
    let mut pages = client(&server).list_payments_pages(&request);
    let error = pages.next().await.expect_err("the pages would never end");
    assert!(error.to_string().contains("names itself as the next page"), "{error}");
    assert_eq!(calls(&server).len(), 2);
}

#[tokio::test]
async fn a_list_that_does_not_end_is_an_error_unless_the_caller_limits_it() {
    let server = start(|_, number| {
        json(200, format!(r#"{{"code":0,"message":null,"response":{{"next":{},"list":[]}}}}"#, number + 2))
    });
    let request = ListPayments::builder().payment_status(ListedStatus::All).build().expect("the request is valid");
    let pages = client(&server).list_payments_pages(&request);
    assert!(pages.at_most_pages(3).next().await.expect("every page is read").is_none());
    assert_eq!(calls(&server).len(), 3);
    let pages = client(&server).list_payments_pages(&request).fail_after(3);
    let error = { pages }.next().await.expect_err("entries may be missing");
    assert!(error.to_string().contains("more than 3 pages"), "{error}");
    assert_eq!(calls(&server).len(), 6);
}

#[cfg(feature = "blocking")]
#[test]
fn the_blocking_client_iterates_over_pages_too() {
    let server = start(|_, number| {
        let next = if number < 2 { number + 2 } else { 0 };
        json(
            200,
            format!(r#"{{"code":0,"message":null,"response":{{"next":{next},"list":[{{"amount":{number}.5}}]}}}}"#),
        )
    });
    let client = payment_apis::portone::blocking::Client::builder(ApiKey::from("key"), ApiSecret::from("secret"));
    let request = ListPayments::builder().payment_status(ListedStatus::All).build().expect("the request is valid");
    let client = client.base_url(server.url()).build();
    let entries = client.expect("the client can be built").list_payments_pages(&request).at_most(2);
    let amounts: Vec<String> =
        entries.map(|one| one.expect("an entry").amount.expect("an amount").to_string()).collect();
    assert_eq!(amounts, ["0.5", "1.5"]);
}

#[tokio::test]
async fn a_webhook_in_either_encoding_is_confirmed_by_the_payment() {
    let server = start(|_, _| json(200, payment("paid", "10.05")));
    let client = client(&server);
    let amount = Decimal::parse("10.05").expect("a number");
    for body in [
        r#"{"imp_uid":"imp_1","merchant_uid":"order-1","status":"paid"}"#,
        "imp_uid=imp_1&merchant_uid=order-1&status=paid",
    ] {
        let claim = PaymentWebhook::parse(body.as_bytes()).expect("a message");
        let confirmed = client.confirm_payment_webhook(&claim, amount).await.expect("it is true");
        assert_eq!(confirmed.found.status, Some(PaymentStatus::Paid));
    }
    let claim = PaymentWebhook::parse(br#"{"imp_uid":"imp_1","merchant_uid":"order-2","status":"paid"}"#);
    let error = client.confirm_payment_webhook(&claim.expect("a message"), amount).await.expect_err("another order");
    assert!(error.is_refuted(), "{error}");
}
