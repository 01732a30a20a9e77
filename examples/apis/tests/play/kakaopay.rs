//! Kakao Pay: success is an HTTP status, failures have a numeric code in a body of their own.

use super::server::{Answer, Server, json};
use payment_apis::kakaopay::{
    ApprovePayment, CancelPayment, Cid, Client, ErrorCode, OrderPayment, PaymentStatus, ReadyPayment, SecretKey,
};
use payment_apis::runtime::{Advice, Outcome, Resolution, RetryPolicy};
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
        .build()
        .expect("the request is valid")
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
async fn a_decline_is_rejected_with_its_numeric_code() {
    let declined =
        r#"{"error_code":-780,"error_message":"approval failure!","extras":{"method_result_code":"USER_LOCKED"}}"#;
    let server = Server::start(move |_, _| json(400, declined));
    let error = client(&server).approve_payment(&approval()).await.expect_err("a decline");
    assert_eq!(error.outcome(), Outcome::Rejected);
    assert_eq!(error.code(), Some(&ErrorCode::CodeMinus780));
    assert_eq!((error.advice(), error.http_status()), (Some(Advice::TellPurchaser), Some(400)));
    assert_eq!(server.requests().len(), 1, "a decline is not tried again");
}

#[tokio::test]
async fn an_http_error_with_a_body_keeps_its_code_and_one_without_proves_nothing() {
    let server = Server::start(|_, number| match number {
        0 => json(404, r#"{"error_code":-2,"error_message":"no such tid"}"#),
        1 => Answer::Other(404, "text/html", "<html>not found</html>".into()),
        _ => json(400, r#"{"error_code":-99999,"error_message":"new"}"#),
    });
    let client = client(&server);
    let read = OrderPayment::builder().tid("T1").build().expect("the request is valid");
    let error = client.order_payment(&read).await.expect_err("no such payment");
    assert_eq!((error.outcome(), error.code()), (Outcome::Rejected, Some(&ErrorCode::CodeMinus2)));
    for why in ["a gateway's page is no documented refusal", "where money moves, an unlisted code proves nothing"] {
        let error = client.approve_payment(&approval()).await.expect_err(why);
        assert_eq!(error.outcome(), Outcome::Unknown, "{why}: {error}");
    }
}

#[tokio::test]
async fn a_lost_approval_is_asked_about_and_concluded_only_with_evidence() {
    let server = Server::start(|received, _| match received.line.as_str() {
        "POST /online/v1/payment/approve" => Answer::Lost,
        _ => json(200, r#"{"tid":"T1234567890123456789","partner_order_id":"order-1","status":"FAIL_PAYMENT"}"#),
    });
    let client = client(&server);
    let error = client.approve_payment(&approval()).await.expect_err("the answer is lost");
    assert_eq!(error.outcome(), Outcome::Unknown);
    let resolution = client.resolve_approve_payment(&approval()).await;
    assert!(matches!(resolution, Resolution::NotDone(_)), "{resolution:?}");
    let approvals = server.requests().into_iter().filter(|of| of.line.ends_with("/approve")).count();
    assert_eq!(approvals, 1, "an approval is never sent again by itself");
}

#[tokio::test]
async fn a_success_about_another_order_is_unknown() {
    let server = Server::start(|_, _| json(200, APPROVED.replace("order-1", "order-2")));
    let error = client(&server).approve_payment(&approval()).await.expect_err("another order");
    assert_eq!(error.outcome(), Outcome::Unknown);
    assert!(error.mismatch().is_some(), "{error}");
}

#[tokio::test]
async fn a_cancellation_says_what_is_left() {
    let body = r#"{"aid":"A2","tid":"T1","status":"PART_CANCEL_PAYMENT","approved_cancel_amount":{"total":200},"cancel_available_amount":{"total":2000}}"#;
    let server = Server::start(move |_, _| json(200, body));
    let request = CancelPayment::builder()
        .tid("T1")
        .cancel_amount(200)
        .cancel_tax_free_amount(0)
        .build()
        .expect("the request is valid");
    let reply = client(&server).cancel_payment(&request).await.expect("a success");
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
