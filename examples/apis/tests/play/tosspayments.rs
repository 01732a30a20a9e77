//! Toss Payments: the HTTP status shows a success, amounts are decimals with a currency, transactions come in pages,
//! and webhooks go to a registered URL.

use super::server::{Answer, Received, Server, json};
use futures_util::TryStreamExt;
use payment_apis::runtime::{Advice, CallOptions, Decimal, Outcome, Resolution, RetryPolicy};
use payment_apis::tosspayments::{
    CancelPayment, Client, ConfirmPayment, ErrorCode, GetPayment, GetPaymentByOrder, ListTransactions, PaymentStatus,
    PaymentWebhook, PaymentWebhookPayload, TransactionKey,
};
use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

const SECRET: &str = "test_sk_canary0000";

fn client(server: &Server) -> Client {
    Client::builder(SECRET)
        .base_url(server.url())
        .retries(RetryPolicy::standard().first_pause(Duration::from_millis(1)))
        .conclusive_after(Duration::from_millis(50))
        .build()
        .expect("the client can be built")
}

fn confirmation() -> ConfirmPayment {
    ConfirmPayment::builder()
        .payment_key("pk-1")
        .order_id("order-1")
        .amount(1000)
        .build()
        .expect("the request is valid")
}

fn payment(status: &str, total: &str, left: &str) -> String {
    format!(
        r#"{{"paymentKey":"pk-1","orderId":"order-1","status":"{status}","currency":"KRW","totalAmount":{total},"balanceAmount":{left},"approvedAt":"2022-06-08T15:40:49+09:00","metadata":{{"shop":"hanul"}},"card":{{"amount":{total},"number":"12345678****000*"}}}}"#
    )
}

fn transactions(received: &Received, _: usize) -> Answer {
    let entry =
        |key: &str| format!(r#"{{"transactionKey":"{key}","paymentKey":"pk","currency":"USD","amount":10.10}}"#);
    let page =
        match received.line.split_once("startingAfter=").map(|(_, rest)| rest.split('&').next().unwrap_or_default()) {
            None => vec![entry("tx-1"), entry("tx-2")],
            Some("tx-2") => vec![entry("tx-3")],
            Some(_) => Vec::new(),
        };
    json(200, format!("[{}]", page.join(",")))
}

fn january() -> ListTransactions {
    ListTransactions::builder()
        .start_date("2022-01-01T00:00:00".parse::<payment_apis::tosspayments::PlainTime>().expect("a time"))
        .end_date("2022-01-31T23:59:59".parse::<payment_apis::tosspayments::PlainTime>().expect("a time"))
        .limit(2)
        .build()
        .expect("the request is valid")
}

#[tokio::test]
async fn a_payment_is_confirmed_with_its_exact_amount_and_read_with_its_offset() {
    let server = Server::start(|_, _| json(200, payment("DONE", "1000", "1000")));
    let paid = client(&server).confirm_payment(&confirmation()).await.expect("a success");
    assert_eq!(paid.status, PaymentStatus::Done);
    assert_eq!(paid.total_amount_money().and_then(|money| money.minor_units()), Some(1000));
    let approved = paid.details.approved_at.expect("a time");
    assert_eq!((approved.to_string().as_str(), approved.offset_seconds()), ("2022-06-08T15:40:49+09:00", 32_400));
    assert_eq!(paid.details.metadata.expect("metadata")["shop"], "hanul");
    let received = &server.requests()[0];
    assert_eq!(received.line, "POST /v1/payments/confirm");
    // `test_sk_canary0000:` in base64.
    assert_eq!(received.header("authorization"), Some("Basic dGVzdF9za19jYW5hcnkwMDAwOg=="));
    assert_eq!(received.member("amount"), 1000);
}

#[tokio::test]
async fn a_decline_is_a_rejection_and_an_http_error_keeps_its_code() {
    let server = Server::start(|_, number| match number {
        0 => json(403, r#"{"code":"REJECT_CARD_PAYMENT","message":"No limit left."}"#),
        1 => json(404, r#"{"code":"NOT_FOUND_PAYMENT","message":"There is none."}"#),
        2 => json(500, r#"{"code":"FAILED_PAYMENT_INTERNAL_SYSTEM_PROCESSING","message":"?"}"#),
        _ => Answer::Other(502, "text/html", "<html>bad gateway</html>".into()),
    });
    let client = client(&server);
    let error = client.confirm_payment(&confirmation()).await.expect_err("a decline");
    assert_eq!((error.outcome(), error.code()), (Outcome::Rejected, Some(&ErrorCode::RejectCardPayment)));
    assert_eq!(error.advice(), Some(Advice::TellPurchaser));
    let error = client.confirm_payment(&confirmation()).await.expect_err("no payment");
    assert_eq!((error.code(), error.http_status()), (Some(&ErrorCode::NotFoundPayment), Some(404)));
    for why in ["the service failed while it confirmed", "a gateway's page proves nothing"] {
        let error = client.confirm_payment(&confirmation()).await.expect_err(why);
        assert_eq!(error.outcome(), Outcome::Unknown, "{why}: {error}");
    }
}

#[tokio::test]
async fn a_lost_confirmation_is_resolved_by_the_payment_and_not_sent_again() {
    let server = Server::start(|received, _| match received.line.as_str() {
        "POST /v1/payments/confirm" => Answer::Lost,
        _ => json(200, payment("DONE", "1000", "1000")),
    });
    let client = client(&server);
    let error = client.confirm_payment(&confirmation()).await.expect_err("the answer is lost");
    assert_eq!(error.outcome(), Outcome::Unknown);
    let resolution = client.resolve_confirm_payment(&confirmation()).await;
    assert!(matches!(resolution, Resolution::Done(_)), "{resolution:?}");
    assert_eq!(server.requests().iter().filter(|of| of.line.ends_with("/confirm")).count(), 1);
}

#[tokio::test]
async fn a_confirmation_that_never_arrived_is_not_done() {
    let server = Server::start(|received, _| match received.line.as_str() {
        "POST /v1/payments/confirm" => Answer::Lost,
        _ => json(200, payment("IN_PROGRESS", "1000", "1000")),
    });
    let client = client(&server);
    client.confirm_payment(&confirmation()).await.expect_err("the reply is lost");
    let resolution = client.resolve_confirm_payment(&confirmation()).await;
    assert!(matches!(resolution, Resolution::NotDone(_)), "{resolution:?}");
    assert_eq!(server.requests().iter().filter(|of| of.line.ends_with("/confirm")).count(), 1);
}

#[tokio::test]
async fn a_status_about_another_amount_order_or_payment_proves_nothing() {
    for (own, other) in [("1000", "1001"), ("order-1", "order-2"), ("pk-1", "pk-2")] {
        let server = Server::start(move |received, _| match received.line.as_str() {
            "POST /v1/payments/confirm" => Answer::Lost,
            _ => json(200, payment("DONE", "1000", "1000").replace(own, other)),
        });
        let client = client(&server);
        client.confirm_payment(&confirmation()).await.expect_err("the reply is lost");
        let brief = client.with(CallOptions::new().resolve_timeout(Duration::from_millis(300)));
        let resolution = brief.resolve_confirm_payment(&confirmation()).await;
        assert!(matches!(resolution, Resolution::Unknown(_)), "{other}: {resolution:?}");
    }
}

fn part(key: &str) -> CancelPayment {
    let builder = CancelPayment::builder().payment_key("pk-1").idempotency_key(key).cancel_reason("단순 변심");
    builder.cancel_amount(400).build().expect("the request is valid")
}

#[tokio::test]
async fn a_lost_cancellation_is_resolved_by_its_key_and_refunds_once() {
    for is_committed in [true, false] {
        let refunds: Arc<Mutex<HashSet<String>>> = Arc::default();
        let own = refunds.clone();
        // The call makes three attempts, whose replies are lost. The resolution makes the fourth attempt.
        let server = Server::start(move |received, number| {
            let key = received.header("idempotency-key").unwrap_or_default().to_owned();
            if is_committed || number == 3 {
                own.lock().expect("no script panics while it holds the keys").insert(key);
            }
            if number < 3 { Answer::Lost } else { json(200, payment("PARTIAL_CANCELED", "1000", "600")) }
        });
        let client = client(&server);
        let error = client.cancel_payment(&part("cancel-1")).await.expect_err("each reply is lost");
        assert_eq!(error.outcome(), Outcome::Unknown);
        let resolution = client.resolve_cancel_payment(&part("cancel-1")).await;
        assert!(matches!(resolution, Resolution::Done(_)), "{is_committed}: {resolution:?}");
        assert_eq!(refunds.lock().expect("the keys").len(), 1);
    }
}

#[tokio::test]
async fn a_cancellation_is_sent_again_only_while_the_service_recognizes_its_key() {
    let day = Duration::from_secs(24 * 3600);
    // `None`: the time of the first attempt is unknown, so the service may not recognize the key any more.
    for (days, is_sent) in [(Some(14), true), (Some(15), false), (Some(100), false), (None, false)] {
        let server = Server::start(|received, _| match received.line.starts_with("POST") {
            true => json(200, payment("PARTIAL_CANCELED", "1000", "600")),
            false => json(200, payment("DONE", "1000", "1000")),
        });
        let client = client(&server);
        let now = SystemTime::now();
        let client = match days {
            Some(days) => client.with(CallOptions::new().attempted(now - day * days, now - day * days)),
            None => client,
        };
        let resolution = client.resolve_cancel_payment(&part("cancel-1")).await;
        match resolution {
            Resolution::Done(_) => assert!(is_sent, "{days:?}"),
            Resolution::NotDone(_) => assert!(!is_sent, "{days:?}"),
            resolution => panic!("{days:?}: {resolution:?}"),
        }
        let sent = server.requests().iter().any(|of| of.line.starts_with("POST"));
        assert_eq!(sent, is_sent, "{days:?}");
    }
}

#[tokio::test]
async fn two_cancellations_of_the_same_amount_are_two_requests() {
    let server = Server::start(|received, _| match received.header("idempotency-key") {
        Some("cancel-1") => json(200, payment("PARTIAL_CANCELED", "1000", "600")),
        Some(_) => json(400, r#"{"code":"NOT_CANCELABLE_AMOUNT","message":"too much"}"#),
        None => json(200, payment("DONE", "1000", "1000")),
    });
    let client = client(&server);
    client.cancel_payment(&part("cancel-1")).await.expect("a success");
    let error = client.cancel_payment(&part("cancel-2")).await.expect_err("refused");
    assert_eq!((error.outcome(), error.code()), (Outcome::Rejected, Some(&ErrorCode::NotCancelableAmount)));
    // The success of the first cancellation does not prevent the result "not done" for the second cancellation.
    let resolution = client.resolve_cancel_payment(&part("cancel-2")).await;
    assert!(matches!(resolution, Resolution::NotDone(_)), "{resolution:?}");
}

#[tokio::test]
async fn a_success_with_another_amount_is_unknown() {
    let server = Server::start(|_, _| json(200, payment("DONE", "1000.5", "1000.5")));
    let error = client(&server).confirm_payment(&confirmation()).await.expect_err("another amount");
    assert_eq!(error.outcome(), Outcome::Unknown);
    assert!(error.mismatch().is_some(), "{error}");
}

#[tokio::test]
async fn no_digit_of_an_amount_is_lost() {
    let exact = "0.10000000000000000000000000000000000001";
    let server = Server::start(move |_, number| match number {
        0 => json(200, payment("DONE", exact, "0.30")),
        _ => json(200, payment("DONE", "1e99", "0")),
    });
    let client = client(&server);
    let read = GetPayment::builder().payment_key("pk-1").build().expect("the request is valid");
    let reply = client.get_payment(&read).await.expect("a success");
    assert_eq!(reply.total_amount.map(|amount| amount.to_string()).as_deref(), Some(exact));
    assert_eq!(reply.balance_amount, Decimal::parse("0.3").ok());
    let error = client.get_payment(&read).await.expect_err("an amount that cannot be kept");
    assert!(error.is_decode() && error.to_string().contains("kept exactly"), "{error}");
}

#[tokio::test]
async fn a_partial_amount_or_the_whole_remaining_amount_can_be_canceled() {
    let server = Server::start(|_, number| match number {
        0 => json(200, payment("PARTIAL_CANCELED", "1000", "600")),
        1 => json(200, payment("CANCELED", "1000", "0")),
        _ => json(400, r#"{"code":"ALREADY_CANCELED_PAYMENT","message":"Canceled before."}"#),
    });
    let client = client(&server);
    let part = CancelPayment::builder().payment_key("pk-1").idempotency_key("cancel-1").cancel_reason("단순 변심");
    let part = part.cancel_amount(400);
    let reply = client.cancel_payment(&part.build().expect("the request is valid")).await.expect("a success");
    assert_eq!(reply.balance_amount, Some(600.into()));
    let all = CancelPayment::builder().payment_key("pk-1").idempotency_key("cancel-2").cancel_reason("단순 변심");
    let all = all.everything_left().build().expect("the request is valid");
    assert_eq!(client.cancel_payment(&all).await.expect("a success").status, Some(PaymentStatus::Canceled));
    let error = client.cancel_payment(&all).await.expect_err("canceled before");
    assert_eq!((error.code(), error.advice()), (Some(&ErrorCode::AlreadyCanceledPayment), Some(Advice::AlreadyDone)));
    let requests = server.requests();
    assert_eq!(requests[0].line, "POST /v1/payments/pk-1/cancel");
    assert_eq!(requests[0].member("cancelAmount"), 400);
    assert!(requests[1].member("cancelAmount").is_null());
    let keys: Vec<_> = requests.iter().map(|of| of.header("idempotency-key").unwrap_or_default()).collect();
    assert_eq!(keys, ["cancel-1", "cancel-2", "cancel-2"]);
}

#[tokio::test]
async fn a_cancellation_whose_answer_is_lost_is_sent_again_with_the_same_key() {
    let server = Server::start(|_, number| match number {
        0 => Answer::Lost,
        1 => json(200, payment("PARTIAL_CANCELED", "1000", "600")),
        _ => json(409, r#"{"code":"IDEMPOTENT_REQUEST_PROCESSING","message":"Wait."}"#),
    });
    let part = CancelPayment::builder().payment_key("pk-1").idempotency_key("cancel-1").cancel_reason("단순 변심");
    let part = part.cancel_amount(400).build().expect("the request is valid");
    let client = client(&server);
    let reply = client.cancel_payment(&part).await.expect("a success");
    assert_eq!(reply.balance_amount, Some(600.into()));
    let error = client.cancel_payment(&part).await.expect_err("another one is under way");
    assert_eq!((error.outcome(), error.http_status()), (Outcome::Unknown, Some(409)));
    let requests = server.requests();
    assert_eq!(requests.len(), 3);
    for sent in &requests {
        assert_eq!(sent.header("idempotency-key"), Some("cancel-1"));
        assert_eq!(sent.body, requests[0].body);
    }
}

#[tokio::test]
async fn the_payment_of_an_order_is_found() {
    let server = Server::start(|_, _| json(200, payment("DONE", "1000", "1000")));
    let request = GetPaymentByOrder::builder().order_id("order-1").build().expect("the request is valid");
    let reply = client(&server).get_payment_by_order(&request).await.expect("a success");
    assert_eq!(reply.payment_key.as_ref().map(|key| key.as_str()), Some("pk-1"));
    assert_eq!(server.requests()[0].line, "GET /v1/payments/orders/order-1");
}

#[tokio::test]
async fn transactions_of_all_pages_are_one_stream() {
    let server = Server::start(transactions);
    let pages = client(&server).list_transactions_pages(&january());
    let all: Vec<_> = pages.into_stream().try_collect().await.expect("every page is read");
    let keys: Vec<&str> = all.iter().filter_map(|one| one.transaction_key.as_ref()).map(|key| key.as_str()).collect();
    assert_eq!(keys, ["tx-1", "tx-2", "tx-3"]);
    assert_eq!(all[0].amount_money().and_then(|money| money.minor_units()), Some(1010));
    let lines: Vec<String> = server.requests().into_iter().map(|of| of.line).collect();
    assert_eq!(lines.len(), 3);
    assert!(lines[0].contains("startDate=2022-01-01T00%3A00%3A00") && !lines[0].contains("startingAfter"), "{lines:?}");
    assert!(lines[2].contains("startingAfter=tx-3"), "{lines:?}");
}

#[tokio::test]
async fn an_iteration_can_start_at_a_position_and_can_have_a_limit() {
    let server = Server::start(transactions);
    let client = client(&server);
    let mut pages = client.list_transactions_pages(&january()).at_most(1);
    assert!(pages.next().await.expect("a page").is_some() && pages.next().await.expect("the end").is_none());
    assert_eq!(server.requests().len(), 1);
    let mut later = client.list_transactions_pages(&january()).starting_at(TransactionKey::from("tx-2"));
    let page = later.next_page().await.expect("a page").expect("entries");
    assert_eq!(page.len(), 1);
    assert_eq!(later.position().map(TransactionKey::as_str), Some("tx-2"));
    assert!(later.next_page().await.expect("the end").is_none());
}

#[tokio::test]
async fn a_failed_page_is_requested_again_and_a_page_without_a_key_is_not_the_end() {
    let server = Server::start(|received, number| match number {
        1 => json(400, r#"{"code":"INVALID_REQUEST","message":"?"}"#),
        3 => json(200, r#"[{"paymentKey":"pk"}]"#),
        _ => transactions(received, number),
    });
    let mut pages = client(&server).list_transactions_pages(&january());
    assert_eq!(pages.next_page().await.expect("a page").map(|page| page.len()), Some(2));
    pages.next_page().await.expect_err("the second page fails");
    assert_eq!(pages.next_page().await.expect("the second page").map(|page| page.len()), Some(1));
    let error = pages.next_page().await.expect_err("no key");
    assert!(error.to_string().contains("transactionKey"), "{error}");
}

#[test]
fn an_amount_with_more_digits_than_its_currency_has_is_not_sent() {
    let built = ConfirmPayment::builder()
        .payment_key("pk-1")
        .order_id("order-1")
        .amount(Decimal::parse("10.005").expect("a number"))
        .build();
    let violations = built.expect_err("too many digits");
    assert_eq!(violations.iter().map(|of| of.path()).collect::<Vec<_>>(), ["amount"]);
}

const DONE: &str = r#"{"eventType":"PAYMENT_STATUS_CHANGED","createdAt":"2022-06-08T15:40:50.000000","data":{"paymentKey":"pk-1","orderId":"order-1","status":"DONE","totalAmount":1000}}"#;

#[tokio::test]
async fn a_webhook_is_confirmed_by_the_payment_it_is_about() {
    let server = Server::start(|_, _| json(200, payment("DONE", "1000", "1000")));
    let claim = PaymentWebhook::parse_json(DONE.as_bytes()).expect("a message");
    let confirmed = client(&server).confirm_payment_webhook(&claim, 1000.into()).await.expect("it is true");
    assert_eq!(confirmed.found.status, Some(PaymentStatus::Done));
    assert!(matches!(confirmed.claimed.payload, PaymentWebhookPayload::PaymentStatusChanged(_)));
    assert_eq!(PaymentWebhook::ANSWER.status, 200);
    assert_eq!(server.requests()[0].line, "GET /v1/payments/pk-1");
}

#[tokio::test]
async fn a_forged_webhook_is_refuted_and_an_early_one_is_to_be_sent_again() {
    let server = Server::start(|_, number| match number {
        0 => json(200, payment("DONE", "1000", "1000").replace("order-1", "order-2")),
        _ => json(200, payment("IN_PROGRESS", "1000", "1000")),
    });
    let client = client(&server);
    let claim = PaymentWebhook::parse_json(DONE.as_bytes()).expect("a message");
    let error = client.confirm_payment_webhook(&claim, 1000.into()).await.expect_err("another order");
    assert!(error.is_refuted(), "{error}");
    let error = client.confirm_payment_webhook(&claim, 1000.into()).await.expect_err("not yet");
    assert!(error.is_temporary(), "{error}");
}

#[tokio::test]
async fn a_webhook_of_an_unknown_kind_is_kept_and_never_confirmed() {
    let body = r#"{"eventType":"SOMETHING_NEW","createdAt":"2022-06-08T15:40:50.000000","thing":"canary"}"#;
    let claim = PaymentWebhook::parse_json(body.as_bytes()).expect("a message");
    let PaymentWebhookPayload::Unknown(case) = &claim.unproven().payload else {
        panic!("an event of an unlisted type must be kept as unknown")
    };
    assert_eq!((case.case(), case.json()), (Some("SOMETHING_NEW"), body));
    assert!(!format!("{:?}", claim.unproven()).contains("canary"));
    let server = Server::start(|_, _| Answer::Lost);
    client(&server).confirm_payment_webhook(&claim, 1000.into()).await.expect_err("nothing can be asked");
    assert!(server.requests().is_empty());
    let wrong = DONE.replace("1000", "1e99");
    PaymentWebhook::parse_json(wrong.as_bytes()).expect_err("an amount that cannot be kept");
}

#[tokio::test]
async fn no_text_shows_the_key_or_personal_data() {
    let echo = format!(r#"{{"code":"UNAUTHORIZED_KEY","message":"{SECRET}"}}"#);
    let server = Server::start(move |_, number| match number {
        0 => json(401, echo.clone()),
        _ => json(200, payment("DONE", "1000", "1000").replace("12345678", "canary")),
    });
    let client = client(&server);
    let error = client.confirm_payment(&confirmation()).await.expect_err("the key is wrong");
    let paid = client.confirm_payment(&confirmation()).await.expect("a success");
    let shown = format!("{error} {error:?} {client:?} {:?} {paid:?}", error.body_excerpt());
    assert!(!shown.contains("canary"), "{shown}");
}
