//! The sandbox accepts the requests of the documentation's samples, in the notation of each programming language. A
//! body is JSON, a form, or a form with the content type of JSON, and amounts may be texts. The creations of payments
//! differ from the samples only in the host, the order number and the callback URL.

use tests::service::block_on;
use toss_sandbox::{Approval, Sandbox};
use toss_sdk::pay::*;

const KEY: &str = "sk_test_w5lNQylNqa5lNQe013Nq";

fn post(sandbox: &Sandbox, path: &str, label: &str, body: &str) -> String {
    let url = format!("{}/api/v2/{path}", sandbox.base_url());
    let request = reqwest::Client::new().post(url).header("content-type", label).body(body.to_owned());
    block_on(async {
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        response.text().await.unwrap()
    })
}

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

/// Returns one entry for each kind of sample: the programming languages, and the content type and body of the request
/// that creates a payment.
fn creations() -> Vec<(&'static str, &'static str, String)> {
    let json = format!(
        r#"{{"orderNo":"ORDER","amount":10000,"amountTaxFree":0,"productDesc":"test","apiKey":"{KEY}","autoExecute":true,
        "resultCallback":"http://127.0.0.1:1/callback","callbackVersion":"V2",
        "retUrl": "http://YOUR-SITE.COM/ORDER-CHECK?orderno=1", "retCancelUrl": "http://YOUR-SITE.COM/close"}}"#
    );
    // This form is not percent-encoded, and has the content type of JSON.
    let asp = format!(
        "apiKey={KEY}&orderNo=ORDER&amount=10000&amountTaxFree=0&productDesc=ASPtestProduct&autoExecute=true\
         &resultCallback=http://127.0.0.1:1/callback&callbackVersion=V2\
         &retUrl=http://YOUR-SITE.COM/ORDER-CHECK?orderno=1&retCancelUrl=http://YOUR-SITE.COM/close"
    );
    let form = |boolean: &str| {
        format!(
            "orderNo=ORDER&amount=10000&amountTaxFree=0&productDesc=test&apiKey={KEY}&autoExecute={boolean}\
             &resultCallback=http%3A%2F%2F127.0.0.1%3A1%2Fcallback&callbackVersion=V2\
             &retUrl=http%3A%2F%2FYOUR-SITE.COM%2FORDER-CHECK%3Forderno%3D1&retCancelUrl=http%3A%2F%2FYOUR-SITE.COM%2Fclose"
        )
    };
    vec![
        ("curl, Java and PHP", JSON, json),
        ("ASP", JSON, asp),
        // Python writes booleans with a capital letter.
        ("Python", FORM, form("True")),
        ("Ruby", FORM, form("true")),
    ]
}

#[test]
fn payments_are_created_as_in_the_samples_of_every_language() {
    let sandbox = Sandbox::start().unwrap();
    for (n, (language, label, body)) in creations().into_iter().enumerate() {
        let said = post(
            &sandbox,
            "payments",
            label,
            &body.replace("=ORDER&", &format!("=o-{n}&")).replace("\"ORDER\"", &format!("\"o-{n}\"")),
        );
        let reply = CreatePaymentReply::from_body(200, said.as_bytes()).unwrap_or_else(|e| panic!("{language}: {e}"));
        sandbox.approve(&reply.pay_token, &Approval::toss_money()).unwrap();
        let record = sandbox.payments().pop().unwrap();
        assert_eq!(record.status, "PAY_COMPLETE", "{language}: the approval must also execute the payment");
        assert_eq!((record.amount, record.order_no), (10_000, format!("o-{n}")), "{language}");
    }
}

#[test]
fn later_requests_are_accepted_in_every_notation_too() {
    let sandbox = Sandbox::start().unwrap();
    let bodies = |members: &[(&str, &str)], texts: bool| {
        let pairs: Vec<String> = members.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let quoted = |value: &str| {
            if texts || value.parse::<i64>().is_err() { format!("\"{value}\"") } else { value.to_owned() }
        };
        let json: Vec<String> = members.iter().map(|(name, value)| format!("\"{name}\":{}", quoted(value))).collect();
        [(JSON, format!("{{{}}}", json.join(","))), (JSON, pairs.join("&")), (FORM, pairs.join("&"))]
    };
    for (n, texts) in [false, true].into_iter().enumerate() {
        let order = format!("order-{n}");
        let (_, label, creation) = creations().remove(0);
        let creation = creation.replace("ORDER\"", &format!("{order}\"")).replace("\"autoExecute\":true,", "");
        let made = CreatePaymentReply::from_body(200, post(&sandbox, "payments", label, &creation).as_bytes()).unwrap();
        let token = made.pay_token.as_str().to_owned();
        sandbox.approve(&made.pay_token, &Approval::toss_money()).unwrap();
        let execution = bodies(&[("payToken", &token), ("apiKey", KEY)], texts).into_iter().nth(n).unwrap();
        ExecutePaymentReply::from_body(200, post(&sandbox, "execute", execution.0, &execution.1).as_bytes()).unwrap();
        for (label, body) in bodies(&[("payToken", &token), ("amount", "1000"), ("apiKey", KEY)], texts) {
            let said = post(&sandbox, "refunds", label, &body);
            let reply = RefundPaymentReply::from_body(200, said.as_bytes()).unwrap_or_else(|e| panic!("{body}: {e}"));
            assert_eq!(reply.signed_refunded_amount, Some(-1_000), "{body}");
        }
        for (label, body) in bodies(&[("orderNo", &order), ("apiKey", KEY)], texts) {
            let said = post(&sandbox, "status", label, &body);
            let reply = PaymentStatusReply::from_body(200, said.as_bytes()).unwrap_or_else(|e| panic!("{body}: {e}"));
            assert_eq!(reply.refundable_amount, Some(7_000), "{body}");
        }
    }
}

#[test]
fn a_request_without_a_key_is_refused_in_the_documented_shape() {
    let sandbox = Sandbox::start().unwrap();
    // One of the samples omits the API key.
    let said = post(&sandbox, "status", FORM, "orderNo=1");
    let error = PaymentStatusReply::from_body(200, said.as_bytes()).unwrap_err();
    assert_eq!(error.code(), Some(&ErrorCode::CommonInvalidApiKey), "{said}");
    assert!(said.contains(r#""code":-1"#), "{said}");
}
