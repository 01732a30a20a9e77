//! KG Inicis: each request has a hash, which is computed from members of its body and from a key that is never sent.

use super::server::{Answer, Received, Server, json};
use hmac_sha512::Hash;
use payment_apis::inicis::{
    ApiKey, Client, ClientIp, Currency, ErrorCode, Inquire, InquiryData, Mid, PartialRefund, PartialRefundData,
    PaymentStatus, Refund, RefundData,
};
use payment_apis::runtime::{Advice, CallOptions, Outcome, Resolution};
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

const KEY: &str = "canary-api-key";

fn client(server: &Server) -> Client {
    Client::builder(ApiKey::from(KEY), Mid::from("INIpayTest"), ClientIp::from("192.0.2.1"))
        .base_url(server.url())
        .conclusive_after(Duration::from_millis(50))
        .build()
        .expect("the client can be built")
}

fn refund() -> Refund {
    let data = RefundData::builder().tid("StdpayCARD1").msg("고객 \"요청\"").build().expect("the data is valid");
    Refund::builder().data(data).build().expect("the request is valid")
}

/// Returns `true` if the hash in a request is right. Like the service, this function hashes the text of `data` exactly
/// as it was received.
fn is_signed(received: &Received) -> bool {
    let text = |name: &str| received.member(name).as_str().unwrap_or_default().to_owned();
    let start = received.body.find(r#""data":"#).map(|at| at + 7).unwrap_or_default();
    let data = &received.body[start..];
    let mut depth = 0;
    let end = data.find(|c| {
        depth += i32::from(c == '{') - i32::from(c == '}');
        depth == 0
    });
    let plain = [KEY, &text("mid"), &text("type"), &text("timestamp"), &data[..=end.unwrap_or_default()]].concat();
    let hash: String = Hash::hash(plain.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
    hash == text("hashData")
}

#[tokio::test]
async fn a_refund_is_signed_over_its_data_exactly_as_sent() {
    let server = Server::start(|received, _| match is_signed(received) {
        true => json(200, r#"{"resultCode":"00","resultMsg":"OK","cancelDate":"20210101","cancelTime":"111111"}"#),
        false => json(200, r#"{"resultCode":"01","resultMsg":"hash mismatch"}"#),
    });
    let reply = client(&server).refund(&refund()).await.expect("the hash is right");
    assert_eq!(reply.cancel_date.as_deref(), Some("20210101"));
    let received = &server.requests()[0];
    assert_eq!(received.line, "POST /v2/pg/refund");
    assert_eq!((received.member("type"), received.member("mid")), ("refund".into(), "INIpayTest".into()));
    assert_eq!(received.member("clientIp"), "192.0.2.1");
    let timestamp = received.member("timestamp").as_str().unwrap_or_default().to_owned();
    assert!(timestamp.len() == 14 && timestamp.bytes().all(|byte| byte.is_ascii_digit()), "{timestamp}");
    assert!(!received.body.contains(KEY), "the request contains the key");
}

#[tokio::test]
async fn a_failed_refund_is_unknown_because_its_code_may_be_about_an_earlier_attempt() {
    let server = Server::start(|_, number| match number {
        0 => json(200, r#"{"resultCode":"01","detailResultCode":"500626","resultMsg":"기 취소 거래"}"#),
        1 => json(200, r#"{"resultCode":"01","resultMsg":"hash mismatch"}"#),
        _ => json(200, r#"{"resultCode":"01","detailResultCode":"999999","resultMsg":"not listed"}"#),
    });
    let client = client(&server);
    let error = client.refund(&refund()).await.expect_err("canceled before");
    assert_eq!((error.outcome(), error.code()), (Outcome::Unknown, Some(&ErrorCode::AlreadyCanceled)));
    assert_eq!(error.advice(), Some(Advice::AlreadyDone));
    for why in ["a failure without a detail", "a detail that is not confirmed"] {
        let error = client.refund(&refund()).await.expect_err(why);
        assert_eq!(error.outcome(), Outcome::Unknown, "{why}: {error}");
    }
}

fn payment(tid: &str, price: &str, status: &str) -> String {
    format!(
        r#"{{"resultCode":"SUCCESS","resultMsg":"OK","tid":"{tid}","mid":"INIpayTest","oid":"O-1","price":"{price}","transactionStatus":"{status}"}}"#
    )
}

#[tokio::test]
async fn a_lost_refund_is_resolved_by_the_payment_and_made_at_most_once() {
    for is_committed in [true, false] {
        let refunds = Arc::new(AtomicUsize::new(0));
        let own = refunds.clone();
        let server = Server::start(move |received, _| match received.line.as_str() {
            "POST /v2/pg/refund" => {
                own.fetch_add(usize::from(is_committed), Ordering::SeqCst);
                Answer::Lost
            }
            _ => json(200, payment("StdpayCARD1", "1000", if is_committed { "CANCEL" } else { "APPROVAL" })),
        });
        let client = client(&server);
        let error = client.refund(&refund()).await.expect_err("the reply is lost");
        assert_eq!(error.outcome(), Outcome::Unknown);
        let resolution = client.resolve_refund(&refund(), 1000).await;
        let is_right = match resolution {
            Resolution::Done(_) => is_committed,
            Resolution::NotDone(_) => !is_committed,
            _ => false,
        };
        assert!(is_right, "{is_committed}: {resolution:?}");
        assert_eq!(refunds.load(Ordering::SeqCst), usize::from(is_committed));
        let asked = server.requests().into_iter().find(|of| of.line == "POST /v2/pg/inquiry").expect("an inquiry");
        assert_eq!(asked.member("data")["tid"], "StdpayCARD1");
        assert!(is_signed(&asked));
    }
}

#[tokio::test]
async fn a_payment_with_another_price_or_number_or_a_partial_refund_proves_nothing() {
    for (tid, price, status) in
        [("StdpayCARD1", "999", "CANCEL"), ("StdpayCARD2", "1000", "CANCEL"), ("StdpayCARD1", "1000", "PART_CANCEL")]
    {
        let server = Server::start(move |received, _| match received.line.as_str() {
            "POST /v2/pg/refund" => Answer::Lost,
            _ => json(200, payment(tid, price, status)),
        });
        let client = client(&server);
        client.refund(&refund()).await.expect_err("the reply is lost");
        let brief = client.with(CallOptions::new().resolve_timeout(Duration::from_millis(300)));
        let resolution = brief.resolve_refund(&refund(), 1000).await;
        assert!(matches!(resolution, Resolution::Unknown(_)), "{tid} {price} {status}: {resolution:?}");
    }
}

#[tokio::test]
async fn a_lost_answer_and_an_error_page_leave_the_outcome_unknown() {
    let server = Server::start(|_, number| match number {
        0 => Answer::Lost,
        _ => Answer::Other(404, "text/html", "<html>wrong address</html>".into()),
    });
    let client = client(&server);
    for _ in 0..2 {
        let error = client.refund(&refund()).await.expect_err("no answer of the service");
        assert_eq!(error.outcome(), Outcome::Unknown, "{error}");
    }
    assert_eq!(server.requests().len(), 2, "the client must not repeat a refund automatically");
}

#[tokio::test]
async fn an_inquiry_accepts_both_codes_for_success_and_is_sent_again_after_a_lost_answer() {
    let body =
        r#"{"resultCode":"SUCCESS","resultMsg":"OK","tid":"T-1","price":"1000","transactionStatus":"PART_CANCEL"}"#;
    let server = Server::start(move |received, number| match (number, is_signed(received)) {
        (0, true) => Answer::Lost,
        (_, true) => json(200, body),
        (_, false) => json(200, r#"{"resultCode":"01","resultMsg":"hash mismatch"}"#),
    });
    let data = InquiryData::builder().tid("T-1").build().expect("the data is valid");
    let request = Inquire::builder().data(data).build().expect("the request is valid");
    let payment = client(&server).inquire(&request).await.expect("a success");
    assert_eq!((payment.price, payment.transaction_status), (Some(1000), Some(PaymentStatus::PartCancel)));
}

#[tokio::test]
async fn a_partial_refund_has_its_own_request_type() {
    let server = Server::start(|received, _| match is_signed(received) {
        true => json(
            200,
            r#"{"resultCode":"00","resultMsg":"OK","prtcTid":"T-1","prtcPrice":"500","prtcRemains":"500","prtcCnt":"1"}"#,
        ),
        false => json(200, r#"{"resultCode":"01","resultMsg":"hash mismatch"}"#),
    });
    let data = PartialRefundData::builder()
        .tid("T-1")
        .msg("부분취소")
        .price(500)
        .confirm_price(500)
        .currency(Currency::Won)
        .build()
        .expect("the data is valid");
    let request = PartialRefund::builder().data(data).build().expect("the request is valid");
    let reply = client(&server).partial_refund(&request).await.expect("a success");
    assert_eq!((reply.prtc_remains, reply.prtc_cnt), (Some(500), Some(1)));
    assert_eq!(server.requests()[0].member("type"), "partialRefund");
}

#[tokio::test]
async fn no_text_shows_the_key_or_a_hash() {
    // The reply repeats the hash of the request, and contains the key.
    let server = Server::start(|received, _| {
        let hash = received.member("hashData").as_str().unwrap_or_default().to_owned();
        json(
            200,
            format!(r#"{{"resultCode":"01","resultMsg":"bad hash {hash} for canary-api-key","hashData":"{hash}"}}"#),
        )
    });
    let client = client(&server);
    let error = client.refund(&refund()).await.expect_err("a failure");
    let hashes: HashSet<_> =
        server.requests().iter().filter_map(|of| of.member("hashData").as_str().map(str::to_owned)).collect();
    let shown = format!("{error} {error:?} {client:?} {:?} {:?}", error.message(), error.body_excerpt());
    assert!(!shown.contains("canary"), "{shown}");
    assert!(hashes.iter().all(|hash| !shown.contains(hash.as_str())), "{shown}");
}
