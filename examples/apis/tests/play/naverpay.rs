//! Naver Pay: approvals and cancellations are sent as forms. The history query, which shows their results, is sent as
//! JSON.

mod contradictions;

use super::server::{Answer, Received, Server, json};
use payment_apis::naverpay::server::{Server as Service, serve};
use payment_apis::naverpay::{
    AdmissionState, AdmissionType, ApplyPayment, ApplyPaymentReply, CancelPayment, CancelPaymentReply, CancelRequester,
    ChainId, Client, ClientId, ClientSecret, ErrorCode, GetHistory, GetHistoryReply, HistoryEntry, PartnerId,
};
use payment_apis::runtime::__private::{Caller, Incoming, Malformed, Refusal};
use payment_apis::runtime::{Advice, CallOptions, Outcome, Resolution, RetryPolicy};
use std::collections::HashMap;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

const PAYMENT: &str = "20230101NP1000000001";
const PRICE: i64 = 1000;
const APPLY: &str = "POST /naverpay-partner/naverpay/payments/v2.2/apply/payment";
const CANCEL: &str = "POST /naverpay-partner/naverpay/payments/v1/cancel";
const HISTORY: &str = "POST /naverpay-partner/naverpay/payments/v2.2/list/history/20230101NP1000000001";

fn client(server: &Server) -> Client {
    Client::builder(
        ClientId::from("client-1"),
        ClientSecret::from("canary-secret"),
        ChainId::from("chain-1"),
        PartnerId::from("naverpay-partner"),
    )
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

fn approval() -> ApplyPayment {
    ApplyPayment::builder().idempotency_key("apply-1").payment_id(PAYMENT).build().expect("the request is valid")
}

fn cancellation() -> CancelPayment {
    CancelPayment::builder()
        .idempotency_key("cancel-key-1")
        .payment_id(PAYMENT)
        .merchant_pay_transaction_key("cancel-1")
        .cancel_amount(300)
        .cancel_reason("단순 변심 & 재주문=아니오")
        .cancel_requester(CancelRequester::Purchaser)
        .tax_scope_amount(200)
        .tax_ex_scope_amount(100)
        .expected_rest_amount(700)
        .build()
        .expect("the request is valid")
}

/// Service that has one payment and behaves as documented.
#[derive(Default)]
struct NaverPay(Mutex<Ledger>);

#[derive(Default)]
struct Ledger {
    history: Vec<HistoryEntry>,
    reasons: Vec<String>,
    /// Replies by idempotency key.
    replies: HashMap<String, Vec<u8>>,
}

impl Ledger {
    fn sum(&self, of: &[AdmissionType]) -> i64 {
        let counts = |entry: &&HistoryEntry| entry.admission_type_code.as_ref().is_some_and(|own| of.contains(own));
        self.history.iter().filter(counts).filter_map(|entry| entry.total_pay_amount).sum()
    }

    fn paid(&self) -> i64 {
        self.sum(&[AdmissionType::Payment])
    }

    fn canceled(&self) -> i64 {
        self.sum(&[AdmissionType::FullCancellation, AdmissionType::PartialCancellation])
    }
}

impl NaverPay {
    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.0.lock().expect("nothing panics while it holds the ledger")
    }
}

fn entry(kind: AdmissionType, state: AdmissionState, amount: i64) -> HistoryEntry {
    let mut entry = HistoryEntry::default();
    entry.payment_id = Some(PAYMENT.into());
    entry.admission_type_code = Some(kind);
    entry.admission_state = Some(state);
    entry.total_pay_amount = Some(amount);
    entry
}

impl Service for NaverPay {
    async fn apply_payment(&self, _: &Caller, request: ApplyPayment) -> Result<ApplyPaymentReply, Refusal> {
        let mut ledger = self.ledger();
        if ledger.paid() > 0 {
            return Err(Refusal::new(&ErrorCode::AlreadyComplete, "이미 완료된 결제"));
        }
        ledger.history.push(entry(AdmissionType::Payment, AdmissionState::Success, PRICE));
        let mut reply = ApplyPaymentReply::default();
        reply.payment_id = Some(request.payment_id().clone());
        reply.admission_type_code = Some(AdmissionType::Payment);
        reply.admission_state = Some(AdmissionState::Success);
        reply.total_pay_amount = Some(PRICE);
        Ok(reply)
    }

    async fn cancel_payment(&self, _: &Caller, request: CancelPayment) -> Result<CancelPaymentReply, Refusal> {
        let mut ledger = self.ledger();
        let rest = ledger.paid() - ledger.canceled() - request.cancel_amount();
        if rest != request.expected_rest_amount() {
            return Err(Refusal::new(&ErrorCode::RestAmountDiff, "잔여 금액 불일치"));
        }
        let mut own = entry(AdmissionType::PartialCancellation, AdmissionState::Success, request.cancel_amount());
        own.merchant_pay_transaction_key = Some(request.merchant_pay_transaction_key().clone());
        ledger.history.push(own);
        ledger.reasons.push(request.cancel_reason().to_owned());
        let mut reply = CancelPaymentReply::default();
        reply.payment_id = Some(request.payment_id().clone());
        reply.primary_pay_cancel_amount = Some(request.cancel_amount() - 100);
        reply.npoint_cancel_amount = Some(100);
        reply.gift_card_cancel_amount = Some(0);
        reply.discount_cancel_amount = Some(0);
        reply.tax_scope_amount = Some(request.tax_scope_amount());
        reply.tax_ex_scope_amount = Some(request.tax_ex_scope_amount());
        reply.total_rest_amount = Some(rest);
        Ok(reply)
    }

    async fn get_history(&self, _: &Caller, _: GetHistory) -> Result<GetHistoryReply, Refusal> {
        let mut reply = GetHistoryReply::default();
        reply.list.clone_from(&self.ledger().history);
        let count = i64::try_from(reply.list.len()).ok();
        (reply.total_count, reply.response_count) = (count, count);
        Ok(reply)
    }

    fn malformed(&self, _: Option<&Caller>, why: &Malformed) -> Refusal {
        Refusal::new(&ErrorCode::RequireCondition, why.to_string())
    }
}

/// Time at which the network loses an exchange: before or after the service carries out the request, or never.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lost {
    Before,
    After,
    Never,
}

/// Starts the service behind a network. The network loses the first exchange whose request line is `line`, at the time
/// that `lost` specifies. After a success, a repetition with the same idempotency key gets the earlier reply, with
/// status 409.
fn start(line: &'static str, lost: Lost) -> (Server, Arc<NaverPay>) {
    start_with(Arc::default(), line, lost)
}

fn start_with(service: Arc<NaverPay>, line: &'static str, lost: Lost) -> (Server, Arc<NaverPay>) {
    let own = service.clone();
    let is_lost = Mutex::new(lost != Lost::Never);
    let server = Server::start(move |received, _| {
        let is_lost = received.line == line && std::mem::take(&mut *is_lost.lock().expect("no script panics"));
        if is_lost && lost == Lost::Before {
            return Answer::Lost;
        }
        let answer = answer(&own, received);
        if is_lost { Answer::Lost } else { answer }
    });
    (server, service)
}

fn answer(service: &NaverPay, received: &Received) -> Answer {
    let key = received.header("x-naverpay-idempotency-key").map(str::to_owned);
    let earlier = key.as_ref().and_then(|key| service.ledger().replies.get(key).cloned());
    if let Some(body) = earlier {
        return json(409, String::from_utf8(body).expect("a reply is a text"));
    }
    let (method, path) = received.line.split_once(' ').expect("a request line");
    let headers: Vec<_> = received.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let body = received.body.as_bytes();
    let incoming = Incoming { method, path, query: "", headers: &headers, body, now: None };
    let response = match pin!(serve(service, &incoming)).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(response) => response,
        Poll::Pending => unreachable!("the service waits for nothing"),
    };
    if let Some(key) = key.filter(|_| response.refused.is_none()) {
        service.ledger().replies.insert(key, response.body.clone());
    }
    json(response.status, String::from_utf8(response.body).expect("a reply is a text"))
}

fn count(server: &Server, line: &str) -> usize {
    server.requests().iter().filter(|received| received.line == line).count()
}

/// Starts a server that loses the first reply and refuses later requests with `code`. It answers history queries with
/// one page, which has the entries of `history`. `total` is the number of entries of the whole history.
fn remembering(code: &'static str, history: &[&str], total: usize) -> Server {
    let body = format!(
        r#"{{"code":"Success","message":"","body":{{"totalCount":{total},"responseCount":{},"list":[{}]}}}}"#,
        history.len(),
        history.join(","),
    );
    Server::start(move |received, number| match (received.line.as_str(), number) {
        (HISTORY, _) => json(200, body.clone()),
        (_, 0) => Answer::Lost,
        _ => json(200, format!(r#"{{"code":"{code}","message":"","body":null}}"#)),
    })
}

const PAID: &str =
    r#"{"paymentId":"20230101NP1000000001","admissionTypeCode":"01","admissionState":"SUCCESS","totalPayAmount":1000}"#;
const FAILED: &str =
    r#"{"paymentId":"20230101NP1000000001","admissionTypeCode":"01","admissionState":"FAIL","totalPayAmount":1000}"#;
const CANCELED: &str = r#"{"paymentId":"20230101NP1000000001","merchantPayTransactionKey":"cancel-1","admissionTypeCode":"04","admissionState":"SUCCESS","totalPayAmount":300}"#;

#[tokio::test]
async fn approvals_are_forms_and_queries_are_json_with_the_merchants_keys_in_headers() {
    let (server, _) = start("", Lost::Never);
    let client = client(&server);
    let reply = client.apply_payment(&approval()).await.expect("a success");
    assert_eq!((reply.total_pay_amount, reply.admission_state), (Some(PRICE), Some(AdmissionState::Success)));
    let question = GetHistory::builder().payment_id(PAYMENT).build().expect("the request is valid");
    let history = client.get_history(&question).await.expect("a success");
    assert_eq!(history.list[0].admission_type_code, Some(AdmissionType::Payment));
    let [apply, history] = &server.requests()[..] else { panic!("two requests") };
    assert_eq!((apply.line.as_str(), history.line.as_str()), (APPLY, HISTORY));
    assert_eq!(apply.header("content-type"), Some("application/x-www-form-urlencoded"));
    assert_eq!(history.header("content-type"), Some("application/json"));
    assert_eq!(apply.body, "paymentId=20230101NP1000000001");
    assert_eq!((history.member("approvalType"), history.member("rowsPerPage")), ("ALL".into(), 100.into()));
    assert_eq!(apply.header("x-naverpay-idempotency-key"), Some("apply-1"));
    for received in [apply, history] {
        assert_eq!(received.header("x-naver-client-id"), Some("client-1"));
        assert_eq!(received.header("x-naver-client-secret"), Some("canary-secret"));
        assert_eq!(received.header("x-naverpay-chain-id"), Some("chain-1"));
    }
}

#[tokio::test]
async fn korean_text_in_a_form_arrives_as_it_was_written() {
    let (server, service) = start("", Lost::Never);
    let client = client(&server);
    client.apply_payment(&approval()).await.expect("a success");
    let reply = client.cancel_payment(&cancellation()).await.expect("a success whose parts add up to the amount");
    assert_eq!((reply.total_rest_amount, reply.npoint_cancel_amount), (Some(700), Some(100)));
    assert_eq!(service.ledger().reasons, ["단순 변심 & 재주문=아니오"]);
    assert!(server.requests()[1].body.contains("doCompareRest=1"), "the request must contain `doCompareRest`");
}

#[tokio::test]
async fn a_decline_is_a_rejection_with_its_code_and_an_unlisted_code_proves_nothing() {
    let server = Server::start(|_, number| match number {
        0 => json(200, r#"{"code":"Fail","message":"카드 한도 초과","body":null}"#),
        1 => json(200, r#"{"code":"TimeExpired","message":"시간 초과"}"#),
        _ => json(200, r#"{"code":"SomethingNew","message":""}"#),
    });
    let client = client(&server);
    for code in [ErrorCode::Fail, ErrorCode::TimeExpired] {
        let error = client.apply_payment(&approval()).await.expect_err("a decline");
        assert_eq!((error.outcome(), error.code()), (Outcome::Rejected, Some(&code)), "{error}");
        assert_eq!(error.advice(), Some(Advice::TellPurchaser));
    }
    let error = client.apply_payment(&approval()).await.expect_err("a new code");
    assert_eq!(error.outcome(), Outcome::Unknown);
}

#[tokio::test]
async fn an_approval_that_was_made_before_is_unknown_until_the_history_has_it() {
    let (server, service) = start("", Lost::Never);
    let client = client(&server);
    client.apply_payment(&approval()).await.expect("a success");
    service.ledger().replies.clear();
    let error = client.apply_payment(&approval()).await.expect_err("the payment was approved before");
    assert_eq!((error.outcome(), error.code()), (Outcome::Unknown, Some(&ErrorCode::AlreadyComplete)));
    assert_eq!(error.advice(), Some(Advice::AlreadyDone));
    let resolution = client.resolve_apply_payment(&approval(), PRICE).await;
    assert!(matches!(resolution, Resolution::Done(_)), "{resolution:?}");
}

#[tokio::test]
async fn a_lost_approval_charges_the_price_once() {
    for lost in [Lost::Before, Lost::After] {
        let (server, service) = start(APPLY, lost);
        let client = client(&server);
        let error = client.apply_payment(&approval()).await.expect_err("the reply is lost");
        assert_eq!(error.outcome(), Outcome::Unknown);
        let resolution = client.resolve_apply_payment(&approval(), PRICE).await;
        assert!(matches!(resolution, Resolution::Done(_)), "{resolution:?}");
        assert_eq!(service.ledger().paid(), PRICE);
        let bodies: Vec<_> = server.requests().into_iter().filter(|of| of.line == APPLY).collect();
        assert!(bodies.iter().all(|of| of.header("x-naverpay-idempotency-key") == Some("apply-1")));
    }
}

#[tokio::test]
async fn an_approval_of_another_price_is_no_success() {
    for lost in [Lost::Before, Lost::After] {
        let (server, _) = start(APPLY, lost);
        let client = client(&server);
        client.apply_payment(&approval()).await.expect_err("the reply is lost");
        let resolution = brief(&client).resolve_apply_payment(&approval(), PRICE + 1).await;
        assert!(matches!(resolution, Resolution::Unknown(_)), "{resolution:?}");
    }
}

#[tokio::test]
async fn an_approval_that_was_canceled_later_is_reversed() {
    let (server, service) = start(APPLY, Lost::After);
    let client = client(&server);
    client.apply_payment(&approval()).await.expect_err("the reply is lost");
    client.cancel_payment(&cancellation()).await.expect("a success");
    service.ledger().replies.clear();
    let resolution = client.resolve_apply_payment(&approval(), PRICE).await;
    assert!(matches!(resolution, Resolution::Reversed(_)), "{resolution:?}");
}

#[tokio::test]
async fn an_approval_is_not_done_only_if_a_complete_history_lacks_it() {
    let of_unknown_kind = CANCELED.replace("04", "05");
    let of_another_payment = PAID.replace("0001\"", "0009\"");
    for (history, total, is_not_done) in [
        (vec![FAILED], 1, true),
        (vec![of_another_payment.as_str()], 1, true),
        // The history has another page, which may have the entry of the approval.
        (vec![FAILED], 2, false),
        // These histories prove nothing. An empty history may be outdated. The other histories have an entry of an
        // unknown kind, a cancellation without its payment, or an entry without a kind.
        (vec![], 0, false),
        (vec![of_unknown_kind.as_str()], 1, false),
        (vec![of_unknown_kind.as_str(), PAID], 2, false),
        (vec![CANCELED], 1, false),
        (vec![r#"{"paymentId":"20230101NP1000000001"}"#], 1, false),
    ] {
        let server = remembering("TimeExpired", &history, total);
        let client = client(&server);
        client.apply_payment(&approval()).await.expect_err("the reply is lost");
        let resolution = brief(&client).resolve_apply_payment(&approval(), PRICE).await;
        match is_not_done {
            true => assert!(matches!(resolution, Resolution::NotDone(_)), "{history:?}: {resolution:?}"),
            false => assert!(matches!(resolution, Resolution::Unknown(_)), "{history:?}: {resolution:?}"),
        }
    }
}

#[tokio::test]
async fn a_lost_cancellation_refunds_once() {
    for lost in [Lost::Before, Lost::After] {
        // If `is_forgotten`, the service does not recognize the idempotency key any more.
        for is_forgotten in [false, true] {
            let (server, service) = start(CANCEL, lost);
            let client = client(&server);
            client.apply_payment(&approval()).await.expect("a success");
            let error = client.cancel_payment(&cancellation()).await.expect_err("the reply is lost");
            assert_eq!(error.outcome(), Outcome::Unknown);
            if is_forgotten {
                service.ledger().replies.clear();
            }
            let resolution = client.resolve_cancel_payment(&cancellation()).await;
            assert!(matches!(resolution, Resolution::Done(_)), "{is_forgotten}: {resolution:?}");
            assert_eq!(service.ledger().canceled(), 300);
            assert_eq!(count(&server, CANCEL), 2);
        }
    }
}

#[tokio::test]
async fn a_cancellation_with_automatic_retries_refunds_once() {
    let (server, service) = start(CANCEL, Lost::After);
    let client = client(&server);
    client.apply_payment(&approval()).await.expect("a success");
    let patient = client.with(CallOptions::new().retries(RetryPolicy::standard()));
    let error = patient.cancel_payment(&cancellation()).await.expect_err("the earlier reply comes with an HTTP error");
    assert_eq!((error.outcome(), error.http_status()), (Outcome::Unknown, Some(409)));
    let resolution = client.resolve_cancel_payment(&cancellation()).await;
    assert!(matches!(resolution, Resolution::Done(_)), "{resolution:?}");
    assert_eq!(service.ledger().canceled(), 300);
}

#[tokio::test]
async fn a_cancellation_is_not_confused_with_another_or_a_failed_one() {
    for entry in [
        CANCELED.replace("cancel-1", "cancel-2"),
        CANCELED.replace(r#""merchantPayTransactionKey":"cancel-1","#, ""),
        CANCELED.replace("300", "301"),
        CANCELED.replace("SUCCESS", "FAIL"),
        CANCELED.replace("04", "01"),
        CANCELED.replace("0001\"", "0009\""),
    ] {
        let server = remembering("RestAmountDiff", &[PAID, &entry], 2);
        let client = client(&server);
        client.cancel_payment(&cancellation()).await.expect_err("the reply is lost");
        let resolution = brief(&client).resolve_cancel_payment(&cancellation()).await;
        assert!(matches!(resolution, Resolution::Unknown(_)), "{entry}: {resolution:?}");
    }
    for kind in ["03", "04"] {
        let server = remembering("RestAmountDiff", &[PAID, &CANCELED.replace("04", kind)], 2);
        let client = client(&server);
        client.cancel_payment(&cancellation()).await.expect_err("the reply is lost");
        let resolution = client.resolve_cancel_payment(&cancellation()).await;
        assert!(matches!(resolution, Resolution::Done(_)), "{kind}: {resolution:?}");
    }
}

#[tokio::test]
async fn a_success_that_contradicts_itself_is_unknown() {
    let body = format!(r#"{{"code":"Success","message":"","body":{{"detail":{PAID}}}}}"#);
    for (own, other) in [("SUCCESS", "FAIL"), ("\"01\"", "\"03\""), ("0001\"", "0009\""), ("\"paymentId\"", "\"x\"")] {
        let body = body.replace(own, other);
        let server = Server::start(move |_, _| json(200, body.clone()));
        let error = client(&server).apply_payment(&approval()).await.expect_err("a contradiction");
        assert_eq!(error.outcome(), Outcome::Unknown, "{error}");
        assert!(error.mismatch().is_some(), "{error}");
    }
}

#[tokio::test]
async fn a_cancellation_whose_parts_do_not_add_up_is_unknown() {
    let body = r#"{"code":"Success","message":"","body":{"paymentId":"20230101NP1000000001","primaryPayCancelAmount":200,"npointCancelAmount":100,"giftCardCancelAmount":0,"discountCancelAmount":0,"taxScopeAmount":200,"taxExScopeAmount":100,"totalRestAmount":700}}"#;
    let said = |body: String| async move {
        let server = Server::start(move |_, _| json(200, body.clone()));
        client(&server).cancel_payment(&cancellation()).await
    };
    said(body.to_owned()).await.expect("the parts add up to the amount");
    for (own, other, member) in [
        (r#""npointCancelAmount":100"#, r#""npointCancelAmount":101"#, "cancelAmount"),
        (r#""discountCancelAmount":0,"#, "", "cancelAmount"),
        (r#""primaryPayCancelAmount":200"#, r#""primaryPayCancelAmount":9223372036854775807"#, "cancelAmount"),
        (r#""totalRestAmount":700"#, r#""totalRestAmount":0"#, "totalRestAmount"),
        (r#""taxExScopeAmount":100"#, r#""taxExScopeAmount":0"#, "taxExScopeAmount"),
    ] {
        let error = said(body.replace(own, other)).await.expect_err("another cancellation");
        assert_eq!(error.outcome(), Outcome::Unknown, "{other}: {error}");
        assert_eq!(error.mismatch().map(|mismatch| mismatch.member()), Some(member), "{other}: {error}");
    }
}

#[tokio::test]
async fn no_text_shows_the_secret_or_the_purchaser() {
    let server = Server::start(|_, _| {
        json(200, r#"{"code":"InvalidMerchant","message":"canary-secret","body":{"merchantUserKey":"canary-user"}}"#)
    });
    let client = client(&server);
    let error = client.apply_payment(&approval()).await.expect_err("the merchant is not valid");
    assert_eq!((error.outcome(), error.advice()), (Outcome::Rejected, Some(Advice::CheckKey)));
    let shown = format!("{error} {error:?} {client:?} {:?} {:?}", error.message(), error.body_excerpt());
    assert!(!shown.contains("canary"), "{shown}");
}
