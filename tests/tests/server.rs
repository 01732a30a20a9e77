//! Tests of the generated server side. It reads the requests of the client and of the provider's samples, and refuses
//! invalid requests with the documented body.

use serde_json::{Value, json};
use tests::service::block_on;
use toss_sdk::onboarding::{self, DeleteStore, ShopId};
use toss_sdk::pay::server::{Server, serve};
use toss_sdk::pay::*;
use toss_sdk::runtime::__private::{
    BodyFormat, Caller, Incoming, Malformed, Refusal, Request, Response, SecretText, encode_body, encode_path, route,
};

const KEY: &str = "sk_test_w5lNQylNqa5lNQe013Nq";

/// Server that accepts only creations of payments. It refuses every other valid request with a message that contains
/// the API key and the request.
struct Echo;

fn heard(caller: &Caller, request: impl std::fmt::Debug) -> Refusal {
    let key = caller.credential(0).map_or("no key", SecretText::expose);
    Refusal::new(&<ErrorCode as toss_sdk::runtime::ErrorCode>::from_text("ECHO"), format!("{key} {request:?}"))
}

impl Server for Echo {
    async fn create_payment(&self, _: &Caller, request: CreatePayment) -> Result<CreatePaymentReply, Refusal> {
        let mut reply = CreatePaymentReply::default();
        reply.pay_token = "t-1".into();
        reply.checkout_page = format!("https://x.example/{}", request.order_no().as_str());
        Ok(reply)
    }

    async fn execute_payment(&self, caller: &Caller, request: ExecutePayment) -> Result<ExecutePaymentReply, Refusal> {
        Err(heard(caller, request))
    }

    async fn payment_status(&self, caller: &Caller, request: PaymentStatus) -> Result<PaymentStatusReply, Refusal> {
        Err(heard(caller, request))
    }

    async fn refund_payment(&self, caller: &Caller, request: RefundPayment) -> Result<RefundPaymentReply, Refusal> {
        Err(heard(caller, request))
    }

    fn malformed(&self, _: Option<&Caller>, why: &Malformed) -> Refusal {
        Refusal::new(&ErrorCode::CommonInvalidParameter, why.to_string())
    }
}

fn post(path: &str, body: &str) -> (Response, Value) {
    let incoming = Incoming { method: "POST", path, query: "", headers: &[], body: body.as_bytes(), now: None };
    let response = block_on(serve(&Echo, &incoming));
    let json = serde_json::from_slice(&response.body).unwrap();
    (response, json)
}

fn create() -> CreatePayment {
    CreatePayment::builder()
        .order_no("o-1")
        .product_desc("코트 & \u{1f9e5}")
        .ret_url("https://shop.example/done?a=1&b=2")
        .ret_cancel_url("https://shop.example/cancel")
        .amount(10_000)
        .amount_tax_free(0)
        .auto_execute(true)
        .result_callback("https://shop.example/callback")
        .callback_version(CallbackVersion::V2)
        .cash_receipt(false)
        .enable_pay_methods(EnabledPayMethods::Card)
        .card_options(
            CardOptions::builder()
                .options([CardOption::builder().card_company_code(CardCompany::Samsung).build().unwrap()])
                .build()
                .unwrap(),
        )
        .installment(Installment::Use)
        .build()
        .unwrap()
}

fn read_back<R: Request + toss_sdk::runtime::__private::FromRequest>(
    api: &'static toss_sdk::runtime::Api,
    method: &str,
    request: &R,
) -> R {
    let credentials: Vec<SecretText> = api.credentials.iter().map(|_| SecretText::from(KEY)).collect();
    let body =
        if R::OPERATION.body != BodyFormat::None { encode_body(request, &credentials).unwrap() } else { Vec::new() };
    let mut query = toss_sdk::runtime::__private::Query::default();
    request.query(&mut query);
    let path = encode_path(R::OPERATION, request, &[]);
    let headers = [("content-type", "application/json; charset=utf-8")];
    let incoming = Incoming { method, path: &path, query: query.as_str(), headers: &headers, body: &body, now: None };
    let routed = route(api, &incoming).unwrap();
    assert_eq!(routed.operation.id, R::OPERATION.id);
    routed.read().unwrap()
}

#[test]
fn the_server_reads_every_request_that_the_client_writes() {
    assert_eq!(read_back(&API, "POST", &create()), create());
    let refund = RefundPayment::builder()
        .pay_token("t-1")
        .refund_no("r-1")
        .everything_left()
        .accept_double_refunds_by_switching_idempotency_off()
        .reason("늦은 배송")
        .build()
        .unwrap();
    assert_eq!(read_back(&API, "POST", &refund), refund);
    for payment in [PaymentBy::from(PayToken::new("t")), OrderNo::new("o").into()] {
        let status = PaymentStatus::builder().payment(payment).build().unwrap();
        assert_eq!(read_back(&API, "POST", &status), status);
    }
    // The path parameter has a slash and a blank, and the query has a number and a null.
    let some = DeleteStore::builder()
        .shop_id(ShopId::new("가게 1/2"))
        .business_registration_number([Some("1234567890".into()), None])
        .build()
        .unwrap();
    assert_eq!(read_back(&onboarding::API, "DELETE", &some), some);
    let all = DeleteStore::builder().shop_id("shop-1").every_registration().build().unwrap();
    assert_eq!(read_back(&onboarding::API, "DELETE", &all), all);
}

#[test]
fn the_server_reads_json_and_forms_with_any_content_type() {
    let json = format!(r#"{{"apiKey":"{KEY}","payToken":"t-1","amount":"5000","refundNo":"r-1"}}"#);
    let form = format!("apiKey={KEY}&payToken=t-1&amount=5000&refundNo=r-1");
    let (first, second) = (post("/api/v2/refunds", &json).1, post("/api/v2/refunds", &form).1);
    assert_eq!(first, second);
    let said = first["msg"].as_str().unwrap();
    assert!(said.starts_with(KEY) && said.contains("amount: Some(5000)") && said.contains("r-1"), "{said}");
}

#[test]
fn each_refund_without_a_number_is_a_new_refund() {
    let body = format!("apiKey={KEY}&payToken=t-1&amount=1000");
    assert_ne!(post("/api/v2/refunds", &body).1, post("/api/v2/refunds", &body).1);
}

#[test]
fn a_success_is_written_in_the_envelope() {
    let body = serde_json::to_string(&create()).unwrap();
    let (response, json) = post("/api/v2/payments", &body);
    assert_eq!((response.status, response.refused, response.operation), (200, None, Some("create_payment")));
    assert_eq!(json, json!({"code": 0, "payToken": "t-1", "checkoutPage": "https://x.example/o-1"}));
    CreatePaymentReply::from_body(200, json.to_string().as_bytes()).unwrap();
}

#[test]
fn all_violations_are_reported_together_and_without_secret_values() {
    let body = json!({
        "apiKey": KEY, "orderNo": "o".repeat(51), "productDesc": 5, "retUrl": "nowhere", "amount": 0.5,
        "amountTaxFree": true, "autoExecute": "maybe", "expiredTime": "soon", "callbackVersion": "V3",
        "cardOptions": {"options": [{"cardCompanyCode": "three"}]},
    });
    let (response, json) = post("/api/v2/payments", &body.to_string());
    assert_eq!((response.status, json["code"].clone()), (200, json!(-1)));
    assert_eq!(json["errorCode"], "COMMON_INVALID_PARAMETER");
    let mut lines: Vec<&str> = json["msg"].as_str().unwrap().split("; ").collect();
    lines.sort_unstable();
    insta::assert_snapshot!(lines.join("\n"));
    assert!(!json.to_string().contains(KEY));
}

#[test]
fn a_request_for_no_operation_is_rejected_in_the_same_shape() {
    for (path, body) in [("/api/v2/nothing", "{}"), ("/api/v2/payments", "[1]"), ("/api/v2/payments", "{\"a\":")] {
        let json = post(path, body).1;
        assert_eq!(json["code"], -1, "{path}");
    }
    let incoming = Incoming { method: "GET", path: "/api/v2/payments", query: "", headers: &[], body: b"", now: None };
    assert_eq!(route(&API, &incoming).unwrap_err(), Malformed::WrongMethod);
}

#[test]
fn a_hash_is_valid_only_for_the_shop_in_the_path() {
    let (token, secret) =
        ("4f18e5c2-de8b-454c-a871-b8f2111134c3", "307a52ff0e29cb008a0ceae48ed48ac047a65a621681cbe4832e43fbbb23ce4b");
    let of_shop_1 = "dfca5415b6d56e9f6ad80deab7cb2e23f34295d3588d116bbbb138714b327481";
    let headers = [("Auth-Token", token), ("auth-hash", of_shop_1)];
    for (shop, genuine) in [("shop-1", true), ("shop-2", false)] {
        let path = format!("/instant-onboarding/v2/shop/{shop}");
        let incoming = Incoming { method: "DELETE", path: &path, query: "", headers: &headers, body: b"", now: None };
        let routed = route(&onboarding::API, &incoming).unwrap();
        assert_eq!(routed.caller.credential(0).map(SecretText::expose), Some(token));
        assert_eq!(routed.caller.is_signed_by(&[token, secret]), genuine);
        assert!(!routed.caller.is_signed_by(&[token, "another"]));
    }
}
