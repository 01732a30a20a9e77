//! Kakao Pay: the HTTP status shows a success, and the body of a failure has a numeric code.

use super::server::{Answer, Server, json};
use payment_apis::kakaopay::{
    ApprovePayment, CancelPayment, Cid, Client, ErrorCode, OrderPayment, PaymentStatus, ReadyPayment, SecretKey,
};
use payment_apis::runtime::{Advice, CallOptions, Outcome, Resolution, RetryPolicy};
use std::sync::{Arc, Mutex};
use std::time::Duration;

const SECRET: &str = "canary-secret-key";

fn client(server: &Server) -> Client {
    Client::builder(SecretKey::from(SECRET), Cid::from("TC0ONETIME"))
        .base_url(server.url())
        .retries(RetryPolicy::standard().first_pause(Duration::from_millis(1)))
        .conclusive_after(Duration::from_millis(50))
        .build()
        .expect("the client can be built")
}

fn approval() -> ApprovePayment {
    ApprovePayment::builder()
        .tid("T1234567890123456789")
        .partner_order_id("order-1")
        .partner_user_id("user-1")
        .pg_token("canary-pg-token")
        .total_amount(2200)
        .build()
        .expect("the request is valid")
}

fn cancellation(payload: &str) -> CancelPayment {
    CancelPayment::builder()
        .tid("T1234567890123456789")
        .cancel_amount(200)
        .cancel_tax_free_amount(0)
        .payload(payload)
        .build()
        .expect("the request is valid")
}

const APPROVE: &str = "POST /online/v1/payment/approve";
const CANCEL: &str = "POST /online/v1/payment/cancel";

/// Returns a client with a short time limit for resolutions.
fn brief(client: &Client) -> Client {
    client.with(CallOptions::new().resolve_timeout(Duration::from_millis(300)))
}

/// Returns the body of a reply of `order_payment`. `cancellations` are further entries of the history, as JSON
/// objects that are separated by commas.
fn order(order_id: &str, status: &str, total: i64, cancellations: &str) -> String {
    let separator = if cancellations.is_empty() { "" } else { "," };
    format!(
        r#"{{"tid":"T1234567890123456789","partner_order_id":"{order_id}","status":"{status}","amount":{{"total":{total}}},"cancel_available_amount":{{"total":{total}}},"payment_action_details":[{{"aid":"A1","payment_action_type":"PAYMENT"}}{separator}{cancellations}]}}"#
    )
}

const APPROVED: &str = r#"{"aid":"A1","tid":"T1234567890123456789","cid":"TC0ONETIME","partner_order_id":"order-1","amount":{"total":2200}}"#;

#[tokio::test]
async fn a_payment_is_prepared_with_the_key_in_its_header_and_the_merchant_in_its_body() {
    let server = Server::start(|_, _| json(200, r#"{"tid":"T1","next_redirect_pc_url":"https://pay.example/pc"}"#));
    let request = ReadyPayment::builder()
        .partner_order_id("order-1")
        .partner_user_id("user-1")
        .item_name("초코파이")
        .quantity(1)
        .total_amount(2200)
        .tax_free_amount(0)
        .approval_url("https://shop.example/done")
        .cancel_url("https://shop.example/cancel")
        .fail_url("https://shop.example/fail")
        .build()
        .expect("the request is valid");
    let ready = client(&server).ready_payment(&request).await.expect("a success");
    assert_eq!(ready.tid.as_str(), "T1");
    let received = &server.requests()[0];
    assert_eq!(received.line, "POST /online/v1/payment/ready");
    assert_eq!(received.header("authorization"), Some("SECRET_KEY canary-secret-key"));
    assert_eq!(received.member("cid"), "TC0ONETIME");
}

#[tokio::test]
async fn a_decline_is_a_rejection_with_its_numeric_code() {
    let server = Server::start(|_, _| json(400, r#"{"error_code":-708,"error_message":"invalid pg_token"}"#));
    let error = client(&server).approve_payment(&approval()).await.expect_err("a decline");
    assert_eq!(error.outcome(), Outcome::Rejected);
    assert_eq!(error.code(), Some(&ErrorCode::CodeMinus708));
    assert_eq!((error.advice(), error.http_status()), (Some(Advice::FixRequest), Some(400)));
    assert_eq!(server.requests().len(), 1, "the client must not send a declined request again");
}

#[tokio::test]
async fn a_failed_approval_is_resolved_by_the_payment_because_its_code_covers_unknown_results() {
    let failed =
        r#"{"error_code":-780,"error_message":"approval failure!","extras":{"method_result_code":"USER_LOCKED"}}"#;
    let server = Server::start(move |received, _| match received.line.as_str() {
        APPROVE => json(400, failed),
        _ => json(200, order("order-1", "FAIL_PAYMENT", 2200, "")),
    });
    let client = client(&server);
    let error = client.approve_payment(&approval()).await.expect_err("a failure");
    assert_eq!((error.outcome(), error.code()), (Outcome::Unknown, Some(&ErrorCode::CodeMinus780)));
    let resolution = client.resolve_approve_payment(&approval()).await;
    assert!(matches!(resolution, Resolution::NotDone(_)), "{resolution:?}");
}

#[tokio::test]
async fn an_http_error_keeps_the_code_of_its_body_and_proves_nothing_without_a_body() {
    let server = Server::start(|_, number| match number {
        0 => json(400, r#"{"error_code":-721,"error_message":"no such tid"}"#),
        1 => Answer::Other(404, "text/html", "<html>not found</html>".into()),
        _ => json(400, r#"{"error_code":-99999,"error_message":"new"}"#),
    });
    let client = client(&server);
    let read = OrderPayment::builder().tid("T1").build().expect("the request is valid");
    let error = client.order_payment(&read).await.expect_err("no such payment");
    assert_eq!((error.outcome(), error.code()), (Outcome::Rejected, Some(&ErrorCode::CodeMinus721)));
    for why in [
        "the page of a gateway is not a documented refusal",
        "an unlisted code proves nothing about an operation that moves money",
    ] {
        let error = client.approve_payment(&approval()).await.expect_err(why);
        assert_eq!(error.outcome(), Outcome::Unknown, "{why}: {error}");
    }
}

/// State at the provider. `refunds` has the history entry of each refund, as a JSON object.
#[derive(Default)]
struct Ledger {
    charges: u32,
    refunds: Vec<String>,
}

/// Starts a server that never replies to approvals and cancellations. The server carries out these requests only if
/// `is_committed` is `true`.
fn losing(is_committed: bool) -> (Server, Arc<Mutex<Ledger>>) {
    let ledger: Arc<Mutex<Ledger>> = Arc::default();
    let own = ledger.clone();
    let server = Server::start(move |received, _| {
        let mut ledger = own.lock().expect("no script panics while it holds the ledger");
        match received.line.as_str() {
            APPROVE if is_committed => ledger.charges += 1,
            CANCEL if is_committed => ledger.refunds.push(format!(
                r#"{{"aid":"A2","payment_action_type":"CANCEL","payload":{},"amount":{}}}"#,
                received.member("payload"),
                received.member("cancel_amount"),
            )),
            APPROVE | CANCEL => {}
            _ => {
                let status = match (ledger.charges, ledger.refunds.len()) {
                    (0, 0) => "AUTH_PASSWORD",
                    (_, 0) => "SUCCESS_PAYMENT",
                    _ => "PART_CANCEL_PAYMENT",
                };
                return json(200, order("order-1", status, 2200, &ledger.refunds.join(",")));
            }
        }
        Answer::Lost
    });
    (server, ledger)
}

#[tokio::test]
async fn a_lost_approval_is_found_by_number_order_and_price_and_made_once() {
    let (server, ledger) = losing(true);
    let client = client(&server);
    let error = client.approve_payment(&approval()).await.expect_err("the reply is lost");
    assert_eq!(error.outcome(), Outcome::Unknown);
    let resolution = client.resolve_approve_payment(&approval()).await;
    assert!(matches!(resolution, Resolution::Done(_)), "{resolution:?}");
    assert_eq!(ledger.lock().expect("the ledger").charges, 1);
}

#[tokio::test]
async fn an_approval_that_never_arrived_is_not_done_and_is_not_sent_again() {
    let (server, ledger) = losing(false);
    let client = client(&server);
    client.approve_payment(&approval()).await.expect_err("the reply is lost");
    let resolution = client.resolve_approve_payment(&approval()).await;
    assert!(matches!(resolution, Resolution::NotDone(_)), "{resolution:?}");
    assert_eq!(ledger.lock().expect("the ledger").charges, 0);
    assert_eq!(server.requests().iter().filter(|of| of.line == APPROVE).count(), 1);
}

#[tokio::test]
async fn a_status_about_another_price_or_order_proves_nothing() {
    for (order_id, total) in [("order-1", 2201), ("order-2", 2200)] {
        let server = Server::start(move |received, _| match received.line.as_str() {
            APPROVE => Answer::Lost,
            _ => json(200, order(order_id, "SUCCESS_PAYMENT", total, "")),
        });
        let client = client(&server);
        client.approve_payment(&approval()).await.expect_err("the reply is lost");
        let Resolution::Unknown(unresolved) = brief(&client).resolve_approve_payment(&approval()).await else {
            panic!("{order_id} {total}")
        };
        assert!(unresolved.look_at.contains(&"amount.total"), "{:?}", unresolved.look_at);
    }
}

#[tokio::test]
async fn a_lost_cancellation_is_found_in_the_history_by_its_payload() {
    for (is_committed, refunds) in [(true, 1), (false, 0)] {
        let (server, ledger) = losing(is_committed);
        let client = client(&server);
        let request = cancellation("cancel-1");
        client.cancel_payment(&request).await.expect_err("the reply is lost");
        let resolution = client.resolve_cancel_payment(&request).await;
        let is_right = match resolution {
            Resolution::Done(_) => is_committed,
            Resolution::NotDone(_) => !is_committed,
            _ => false,
        };
        assert!(is_right, "{is_committed}: {resolution:?}");
        assert_eq!(ledger.lock().expect("the ledger").refunds.len(), refunds);
        assert_eq!(server.requests().iter().filter(|of| of.line == CANCEL).count(), 1);
    }
}

#[tokio::test]
async fn a_cancellation_is_not_confused_with_another_one_of_the_same_amount() {
    let entry =
        |payload: &str, amount: u32| format!(r#"{{"payment_action_type":"CANCEL"{payload},"amount":{amount}}}"#);
    let (other, own) = (r#","payload":"cancel-2""#, r#","payload":"cancel-1""#);
    for (history, is_not_done) in [(entry(other, 200), true), (entry("", 200), false), (entry(own, 201), false)] {
        let body = order("order-1", "PART_CANCEL_PAYMENT", 2200, &history);
        let server = Server::start(move |received, _| match received.line.as_str() {
            CANCEL => Answer::Lost,
            _ => json(200, body.clone()),
        });
        let client = client(&server);
        client.cancel_payment(&cancellation("cancel-1")).await.expect_err("the reply is lost");
        let resolution = brief(&client).resolve_cancel_payment(&cancellation("cancel-1")).await;
        match is_not_done {
            true => assert!(matches!(resolution, Resolution::NotDone(_)), "{history}: {resolution:?}"),
            false => assert!(matches!(resolution, Resolution::Unknown(_)), "{history}: {resolution:?}"),
        }
    }
}

#[tokio::test]
async fn a_success_about_another_order_or_price_is_unknown() {
    for (own, other) in [("order-1", "order-2"), ("2200", "2201"), ("{\"total\":2200}", "null")] {
        let server = Server::start(move |_, _| json(200, APPROVED.replace(own, other)));
        let error = client(&server).approve_payment(&approval()).await.expect_err("another order");
        assert_eq!(error.outcome(), Outcome::Unknown);
        assert!(error.mismatch().is_some(), "{error}");
    }
}

#[tokio::test]
async fn a_cancellation_reply_has_the_remaining_amount() {
    let body = r#"{"aid":"A2","tid":"T1234567890123456789","status":"PART_CANCEL_PAYMENT","payload":"cancel-1","approved_cancel_amount":{"total":200},"cancel_available_amount":{"total":2000}}"#;
    let server = Server::start(move |_, _| json(200, body));
    let reply = client(&server).cancel_payment(&cancellation("cancel-1")).await.expect("a success");
    assert_eq!(reply.status, Some(PaymentStatus::PartCancelPayment));
    assert_eq!(reply.cancel_available_amount.and_then(|amount| amount.total), Some(2000));
}

#[tokio::test]
async fn no_text_shows_the_key_or_the_token() {
    let echo = r#"{"error_code":-401,"error_message":"canary-secret-key with canary-pg-token"}"#;
    let server = Server::start(move |_, _| json(401, echo));
    let client = client(&server);
    let error = client.approve_payment(&approval()).await.expect_err("the key is wrong");
    let shown =
        format!("{error} {error:?} {client:?} {:?} {:?} {:?}", approval(), error.message(), error.body_excerpt());
    assert!(!shown.contains("canary"), "{shown}");
}
