//! Tests of what the client sends, and of how it reads the replies, for the four operations of Toss Pay.
//!
//! The expected bodies are written by hand, with the values of the examples on the documentation page.

use tests::service::{Received, Service, block_on};
use toss_sdk::pay::KstDateTime;
use toss_sdk::pay::*;

const KEY: &str = "sk_test_w5lNQylNqa5lNQe013Nq";

fn client(service: &Service) -> Client {
    Client::builder(KEY).base_url(service.url()).build().unwrap()
}

#[track_caller]
fn assert_posted(request: &Received, path: &str, body: &str) {
    assert_eq!((request.method.as_str(), request.target.as_str()), ("POST", path));
    assert_eq!(request.header("content-type"), "application/json");
    assert_eq!(request.header("accept"), "application/json");
    assert_eq!(request.header("content-length"), body.len().to_string());
    assert!(request.header("user-agent").starts_with("toss-sdk/"));
    assert_eq!(request.body, body);
    let text = String::from_utf8_lossy(&request.bytes);
    assert_eq!(text.matches(KEY).count(), 1, "the request must contain the key once, in the body");
}

#[test]
fn create_payment_is_sent_as_on_the_page() {
    let service = Service::json(
        r#"{"code":0,"checkoutPage":"https://pay.toss.im/payfront/auth?payToken=example-payToken","payToken":"example-payToken"}"#,
    );
    let request = CreatePayment::builder()
        .order_no("1")
        .amount(10_000)
        .amount_tax_free(0)
        .product_desc("test")
        .auto_execute(true)
        .result_callback("https://YOUR-SITE.COM/callback")
        .callback_version(CallbackVersion::V2)
        .ret_url("http://YOUR-SITE.COM/ORDER-CHECK?orderno=1")
        .ret_cancel_url("http://YOUR-SITE.COM/close")
        .build()
        .unwrap();
    let reply = block_on(client(&service).create_payment(&request)).unwrap();
    assert_eq!(reply.checkout_page, "https://pay.toss.im/payfront/auth?payToken=example-payToken");
    assert_eq!(reply.pay_token.as_str(), "example-payToken");
    assert_posted(
        &service.received(),
        "/api/v2/payments",
        concat!(
            r#"{"apiKey":"sk_test_w5lNQylNqa5lNQe013Nq","orderNo":"1","productDesc":"test","#,
            r#""retUrl":"http://YOUR-SITE.COM/ORDER-CHECK?orderno=1","retCancelUrl":"http://YOUR-SITE.COM/close","#,
            r#""autoExecute":true,"resultCallback":"https://YOUR-SITE.COM/callback","callbackVersion":"V2","#,
            r#""amount":10000,"amountTaxFree":0}"#,
        ),
    );
}

#[test]
fn every_optional_field_of_create_payment_is_sent_when_it_is_set() {
    let service = Service::json(r#"{"code":0,"checkoutPage":"https://pay.toss.im/x","payToken":"t"}"#);
    let option = |company| CardOption::builder().card_company_code(company).build().unwrap();
    let options = CardOptions::builder().options([option(CardCompany::Samsung), option(CardCompany::Hyundai)]);
    let request = CreatePayment::builder()
        .order_no("order_20261123:2.^@")
        .product_desc("쌀 10kg, 고급 접시")
        .ret_url("https://shop.example/done?cart=7")
        .ret_cancel_url("https://shop.example/cancel")
        .ret_app_scheme("testshop://")
        .auto_execute(false)
        .amount(50_000)
        .amount_tax_free(28_000)
        .amount_taxable(20_000)
        .amount_vat(2_000)
        .amount_service_fee(0)
        .enable_pay_methods(EnabledPayMethods::Card)
        .cash_receipt(false)
        .cash_receipt_trade_option(CashReceiptTradeOption::Culture)
        .card_options(options.build().unwrap())
        .installment(Installment::NotUse)
        .build()
        .unwrap();
    block_on(client(&service).create_payment(&request)).unwrap();
    assert_posted(
        &service.received(),
        "/api/v2/payments",
        concat!(
            r#"{"apiKey":"sk_test_w5lNQylNqa5lNQe013Nq","orderNo":"order_20261123:2.^@","#,
            r#""productDesc":"쌀 10kg, 고급 접시","retUrl":"https://shop.example/done?cart=7","#,
            r#""retCancelUrl":"https://shop.example/cancel","retAppScheme":"testshop://","autoExecute":false,"#,
            r#""amount":50000,"amountTaxFree":28000,"amountTaxable":20000,"amountVat":2000,"amountServiceFee":0,"#,
            r#""enablePayMethods":"CARD","cashReceipt":false,"cashReceiptTradeOption":"CULTURE","#,
            r#""cardOptions":{"options":[{"cardCompanyCode":3},{"cardCompanyCode":2}]},"installment":"NOT_USE"}"#,
        ),
    );
}

#[test]
fn an_expiry_is_written_in_korean_time_without_a_zone() {
    let now = KstDateTime::new(2026, 11, 23, 23, 50, 0).unwrap();
    let request = CreatePayment::builder()
        .order_no("1")
        .product_desc("test")
        .ret_url("https://shop.example/done")
        .ret_cancel_url("https://shop.example/cancel")
        .amount(1)
        .amount_tax_free(0)
        .expired_time(now.plus_minutes(15))
        .build_at(now)
        .unwrap();
    let body = serde_json::to_string(&request).unwrap();
    assert!(body.contains(r#""expiredTime":"2026-11-24 00:05:00""#), "{body}");
}

#[test]
fn an_expiry_is_at_most_60_minutes_after_the_given_time() {
    let now = KstDateTime::new(2026, 11, 23, 23, 50, 0).unwrap();
    for (minutes, holds) in [(-1, false), (60, true), (61, false)] {
        let built = CreatePayment::builder()
            .order_no("1")
            .product_desc("test")
            .ret_url("https://shop.example/done")
            .ret_cancel_url("https://shop.example/cancel")
            .amount(1)
            .amount_tax_free(0)
            .expired_time(now.plus_minutes(minutes))
            .build_at(now);
        assert_eq!(built.is_ok(), holds, "{minutes} minutes: {built:?}");
    }
}

#[test]
fn execute_payment_is_sent_as_on_the_page() {
    let service = Service::json(
        r#"{"code":0,"mode":"TEST","orderNo":"TossTest20190718","amount":2000,
            "approvalTime":"2019-07-18 11:28:02","stateMsg":"결제 완료","discountedAmount":0,"paidAmount":2000,
            "payMethod":"CARD","payToken":"example-payToken","transactionId":"2da1ca05-d91d-410f-976d-7a610242da8a",
            "cardCompanyCode":3,"cardCompanyName":"삼성","cardAuthorizationNo":"87654321","spreadOut":0,
            "noInterest":false,"cardMethodType":"CREDIT","cardNumber":"654321******1234","cardUserType":"PERSONAL",
            "cardNum4Print":"1234","cardBinNumber":"654321"}"#,
    );
    let request = ExecutePayment::builder().pay_token("example-payToken").build().unwrap();
    let reply = block_on(client(&service).execute_payment(&request)).unwrap();
    assert_eq!(reply.mode, Some(PaymentMode::Test));
    assert_eq!(reply.amount, Some(2_000));
    assert_eq!(reply.approval_time, KstDateTime::new(2019, 7, 18, 11, 28, 2));
    assert_eq!(reply.state_msg.as_deref(), Some("결제 완료"));
    assert_eq!(reply.card.card_company_code, Some(CardCompany::Samsung));
    assert_eq!(reply.card.card_number.as_ref().unwrap().as_str(), "654321******1234");
    assert!(reply.account.is_empty());
    assert_posted(
        &service.received(),
        "/api/v2/execute",
        r#"{"apiKey":"sk_test_w5lNQylNqa5lNQe013Nq","payToken":"example-payToken"}"#,
    );
}

#[test]
fn execute_payment_can_name_the_order_too() {
    let service =
        Service::json(r#"{"code":0,"mode":"TEST","payToken":"example-payToken","orderNo":"TossTest20190718"}"#);
    let request = ExecutePayment::builder().pay_token("example-payToken").order_no("TossTest20190718").build().unwrap();
    block_on(client(&service).execute_payment(&request)).unwrap();
    assert_posted(
        &service.received(),
        "/api/v2/execute",
        r#"{"apiKey":"sk_test_w5lNQylNqa5lNQe013Nq","payToken":"example-payToken","orderNo":"TossTest20190718"}"#,
    );
}

#[test]
fn payment_status_queries_by_token_or_by_order_number() {
    let cases = [
        (
            PaymentBy::PayToken("example-payToken".into()),
            r#"{"apiKey":"sk_test_w5lNQylNqa5lNQe013Nq","payToken":"example-payToken"}"#,
        ),
        (PaymentBy::OrderNo("1".into()), r#"{"apiKey":"sk_test_w5lNQylNqa5lNQe013Nq","orderNo":"1"}"#),
    ];
    for (payment, body) in cases {
        let service = Service::json(
            r#"{"code":0,"mode":"TEST","payToken":"example-payToken","orderNo":"1","payStatus":"PAY_COMPLETE",
                "amount":1000,"refundableAmount":1000,"paidTs":"2023-02-09 15:44:24"}"#,
        );
        let request = PaymentStatus::builder().payment(payment).build().unwrap();
        let reply = block_on(client(&service).payment_status(&request)).unwrap();
        assert_eq!(reply.pay_status, PayStatus::PayComplete);
        assert_eq!(reply.refundable_amount, Some(1_000));
        assert_eq!(reply.paid_ts, KstDateTime::new(2023, 2, 9, 15, 44, 24));
        assert_posted(&service.received(), "/api/v2/status", body);
    }
}

#[test]
fn refund_payment_sends_its_amount_as_a_number() {
    let service = Service::json(
        r#"{"code":0,"refundNo":"3243c76e-e9cf-4669-881b-33a3b82ddf49","approvalTime":"2020-04-29 11:32:52",
            "refundableAmount":2000,"refundedAmount":-5000,"refundedPaidAmount":-5000,"payToken":"example-payToken"}"#,
    );
    let request = RefundPayment::builder()
        .pay_token("example-payToken")
        .refund_no("3243c76e-e9cf-4669-881b-33a3b82ddf49")
        .amount(5_000)
        .amount_tax_free(0)
        .amount_taxable(4_545)
        .amount_vat(455)
        .amount_service_fee(0)
        .reason("고객 변심 (1/2)")
        .build()
        .unwrap();
    let reply = block_on(client(&service).refund_payment(&request)).unwrap();
    assert_eq!((reply.refunded_amount(), reply.signed_refunded_amount), (Some(5_000), Some(-5_000)));
    assert_posted(
        &service.received(),
        "/api/v2/refunds",
        concat!(
            r#"{"apiKey":"sk_test_w5lNQylNqa5lNQe013Nq","payToken":"example-payToken","#,
            r#""refundNo":"3243c76e-e9cf-4669-881b-33a3b82ddf49","reason":"고객 변심 (1/2)","#,
            r#""amount":5000,"amountTaxFree":0,"amountTaxable":4545,"amountVat":455,"amountServiceFee":0}"#,
        ),
    );
}

#[test]
fn a_full_refund_sends_no_amount_and_a_refund_without_idempotency_sends_idempotent_false() {
    let service = Service::json(r#"{"code":0,"payToken":"example-payToken","refundNo":"r-1"}"#);
    let request = RefundPayment::builder()
        .pay_token("example-payToken")
        .refund_no("r-1")
        .everything_left()
        .accept_double_refunds_by_switching_idempotency_off()
        .build()
        .unwrap();
    block_on(client(&service).refund_payment(&request)).unwrap();
    assert_posted(
        &service.received(),
        "/api/v2/refunds",
        concat!(
            r#"{"apiKey":"sk_test_w5lNQylNqa5lNQe013Nq","payToken":"example-payToken","#,
            r#""refundNo":"r-1","idempotent":false}"#,
        ),
    );
}

#[test]
fn parts_of_a_refund_without_an_amount_are_rejected() {
    let refused = RefundPayment::builder()
        .pay_token("example-payToken")
        .refund_no("r-1")
        .everything_left()
        // A part of 0 is accepted without an amount.
        .amount_tax_free(0)
        .amount_vat(100)
        .build()
        .unwrap_err();
    assert_eq!(
        refused.to_string(),
        "amountVat: this is a part of amount, which is not given: give amount too, or leave this out"
    );
}

#[test]
fn a_base_url_may_have_a_path_and_the_application_can_name_itself() {
    let service = Service::json(r#"{"code":0,"mode":"TEST","payToken":"t"}"#);
    let client = Client::builder(KEY)
        .base_url(format!("{}/proxy/toss/", service.url()))
        .application("shop/2.1")
        .build()
        .unwrap();
    let request = ExecutePayment::builder().pay_token("t").build().unwrap();
    block_on(client.execute_payment(&request)).unwrap();
    let request = service.received();
    assert_eq!(request.target, "/proxy/toss/api/v2/execute");
    assert!(request.header("user-agent").ends_with(" shop/2.1"));
}

#[test]
fn a_connection_that_the_service_closed_is_replaced_and_no_request_is_sent_twice() {
    // The service closes the connection, although the reply has no header `connection: close`.
    let body = r#"{"code":0,"checkoutPage":"https://pay.example/x","payToken":"t"}"#;
    let service = Service::answering(format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len()));
    let client = client(&service);
    block_on(async {
        for order in ["1", "2", "3"] {
            client.create_payment(&tests::fixtures::merchant::order(order, 1_000)).await.unwrap();
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    });
    let sent = service.all();
    assert_eq!(sent.len(), 3);
    assert!(sent[2].body.contains(r#""orderNo":"3""#));
}
