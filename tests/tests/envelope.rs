//! Tests of answers that are not a success. They check the outcome, the advice, and the text of the error.

use std::time::{Duration, Instant};
use tests::service::{Service, answer, block_on, closed_port};
use toss_sdk::onboarding;
use toss_sdk::pay::*;
use toss_sdk::runtime::{Advice, Outcome};

const KEY: &str = "sk_test_w5lNQylNqa5lNQe013Nq";

fn execute(service: &Service) -> Error {
    let client = Client::builder(KEY).base_url(service.url()).build().unwrap();
    let request = ExecutePayment::builder().pay_token("example-payToken").build().unwrap();
    block_on(client.execute_payment(&request)).unwrap_err()
}

fn error_of(status: &str, content_type: &str, body: &str) -> Error {
    let service = Service::answering(answer(status, content_type, body));
    let error = execute(&service);
    service.received();
    error
}

fn json(body: &str) -> Error {
    error_of("200 OK", "application/json", body)
}

#[test]
fn a_documented_code_is_typed_and_has_advice() {
    let cases = [
        ("COMMON_INVALID_PARAMETER", Outcome::Rejected, Advice::FixRequest),
        ("COMMON_INVALID_API_KEY", Outcome::Rejected, Advice::CheckKey),
        ("INACTIVE_USER", Outcome::Rejected, Advice::TellPurchaser),
        ("COMMON_BREAK_TIME_OF_BANK", Outcome::Rejected, Advice::TryLater),
        ("CARD_BANK_SYSTEM_ERROR", Outcome::Rejected, Advice::TryLater),
        // These error codes mean that an earlier request took effect, or that the service does not know the result. The
        // earlier request may be an attempt of this call whose answer was lost.
        ("PAYMENT_EXISTING_PAYMENT", Outcome::Unknown, Advice::AlreadyDone),
        ("REFUND_REFUND_NO_DUPLICATE", Outcome::Unknown, Advice::AskStatus),
        ("COMMON_TIMEOUT", Outcome::Unknown, Advice::AskStatus),
        ("COMMON_SYSTEM_ERROR", Outcome::Unknown, Advice::AskStatus),
        ("TRANSACTION_PENDING_ERROR", Outcome::Unknown, Advice::AskStatus),
    ];
    for (code, outcome, advice) in cases {
        let error = json(&format!(r#"{{"code":-1,"msg":"이미 결제가 완료되었습니다.","errorCode":"{code}"}}"#));
        assert_eq!((error.outcome(), error.advice()), (outcome, Some(advice)), "{code}");
        assert_eq!(error.code().unwrap().as_str(), code);
        assert!(!matches!(error.code(), Some(ErrorCode::Unknown(_))), "{code}");
        assert_eq!(error.message(), Some("이미 결제가 완료되었습니다."), "as delivered");
        assert_eq!((error.operation(), error.http_status(), error.attempts()), ("execute_payment", Some(200), 1));
        assert_eq!(error.raw().unwrap().member("errorCode").unwrap(), code);
    }
}

#[test]
fn an_unknown_code_is_kept_unchanged() {
    let error = json(r#"{"code":-1,"msg":"새로운 오류","errorCode":"BRAND_NEW_CODE"}"#);
    assert!(matches!(error.code(), Some(ErrorCode::Unknown(_))));
    assert_eq!(error.code().unwrap().as_str(), "BRAND_NEW_CODE");
    assert_eq!(error.outcome(), Outcome::Unknown, "an undocumented code must prove nothing");
    assert_eq!(error.advice(), Some(Advice::Undocumented));
    let shown = error.to_string();
    assert!(
        shown.starts_with("execute_payment: outcome unknown, the request may have taken effect: BRAND_NEW_CODE (not documented) \"새로운 오류\" (HTTP 200,"),
        "{shown}"
    );
}

#[test]
fn where_money_moves_a_failure_without_a_code_proves_nothing() {
    let error = json(r#"{"code":-1}"#);
    assert_eq!((error.outcome(), error.advice(), error.message()), (Outcome::Unknown, None, None));
    assert!(error.code().is_none());
}

#[test]
fn success_false_is_a_rejection() {
    let service =
        Service::json(r#"{"success":false,"errorCode":"EXAMPLE_SHOP_EXISTS","message":"이미 등록","result":null}"#);
    let client = onboarding::Client::builder("token".into(), "secret".into()).base_url(service.url()).build().unwrap();
    let request = onboarding::GetCredentials::builder().shop_id("shop-1").build().unwrap();
    let error = block_on(client.get_credentials(&request)).unwrap_err();
    assert_eq!(error.outcome(), Outcome::Rejected);
    assert_eq!(error.code().unwrap().as_str(), "EXAMPLE_SHOP_EXISTS");
    assert_eq!(error.message(), Some("이미 등록"));
}

#[test]
fn a_body_without_a_valid_success_marker_is_never_a_success() {
    let bodies = [
        "{}",
        r#"{"mode":"LIVE","amount":2000}"#,
        r#"{"code":null,"amount":2000}"#,
        r#"{"code":5}"#,
        r#"{"code":5,"errorCode":"COMMON_INVALID_PARAMETER"}"#,
        r#"{"code":false}"#,
        r#"{"code":""}"#,
        r#"{"code":0.5}"#,
        r#"{"code":[0]}"#,
        r#"{"code":{"code":0}}"#,
        r#"{"code":-1,"code":0}"#,
        r#"{"result":{"code":0}}"#,
        r#"{"CODE":0}"#,
        r#"[{"code":0}]"#,
        "[]",
        "0",
        "null",
        r#""code""#,
        "",
        r#"{"code":0"#,
        r#"{"code":0}{"code":0}"#,
        r#"{"code":0,"mode":"LI"#,
        "<html><body>firewall</body></html>",
        "code=0",
    ];
    for body in bodies {
        let error = json(body);
        assert_eq!(error.outcome(), Outcome::Unknown, "{body}");
        assert_eq!(error.http_status(), Some(200), "{body}");
        assert_eq!(error.raw().unwrap().body(), body.as_bytes());
    }
}

#[test]
fn a_success_code_written_as_a_text_is_a_success() {
    let service = Service::json(r#"{"code":"0","mode":"TEST","payToken":"example-payToken","amount":"2000"}"#);
    let client = Client::builder(KEY).base_url(service.url()).build().unwrap();
    let request = ExecutePayment::builder().pay_token("example-payToken").build().unwrap();
    assert_eq!(block_on(client.execute_payment(&request)).unwrap().amount, Some(2_000));
}

#[test]
fn a_success_without_an_always_present_member_is_unknown() {
    let service = Service::json(r#"{"code":0,"payToken":"example-payToken"}"#);
    let client = Client::builder(KEY).base_url(service.url()).build().unwrap();
    let request = CreatePayment::builder()
        .order_no("1")
        .product_desc("test")
        .ret_url("https://shop.example/done")
        .ret_cancel_url("https://shop.example/cancel")
        .amount(1)
        .amount_tax_free(0)
        .build()
        .unwrap();
    let error = block_on(client.create_payment(&request)).unwrap_err();
    assert_eq!(error.outcome(), Outcome::Unknown);
    assert!(error.is_decode() && error.to_string().contains("`checkoutPage`"), "{error}");
}

#[test]
fn a_documented_status_is_a_rejection_only_with_the_documented_body() {
    let body = r#"{"code":-1,"msg":"잘못된 키","errorCode":"COMMON_INVALID_API_KEY"}"#;
    let with = error_of("401 Unauthorized", "application/json", body);
    assert_eq!((with.outcome(), with.advice()), (Outcome::Rejected, Some(Advice::CheckKey)));
    assert_eq!(with.code(), Some(&ErrorCode::CommonInvalidApiKey));
    assert_eq!(with.message(), Some("잘못된 키"));
    for (status, body) in [("401 Unauthorized", ""), ("400 Bad Request", "<html>no</html>"), ("404 Not Found", "{}")] {
        let without = error_of(status, "text/html", body);
        assert_eq!((without.outcome(), without.code()), (Outcome::Unknown, None), "{status}");
        assert_eq!(without.http_status().unwrap().to_string(), status[..3]);
    }
}

#[test]
fn a_code_that_advises_to_ask_leaves_the_outcome_unknown_even_with_status_400() {
    let body = r#"{"code":-1,"errorCode":"COMMON_TIMEOUT"}"#;
    assert_eq!(error_of("400 Bad Request", "application/json", body).outcome(), Outcome::Unknown);
}

#[test]
fn a_failing_service_leaves_the_outcome_unknown() {
    let html = "<html><h1>502 Bad Gateway</h1></html>";
    let error = error_of("502 Bad Gateway", "text/html", html);
    assert_eq!((error.outcome(), error.http_status()), (Outcome::Unknown, Some(502)));
    assert_eq!(error.body_excerpt(), Some(html));
    // HTTP 500 makes the outcome unknown with any body, even a documented one.
    for body in [r#"{"code":0,"amount":2000}"#, r#"{"code":-1,"errorCode":"COMMON_INVALID_PARAMETER"}"#] {
        assert_eq!(error_of("500 Internal Server Error", "application/json", body).outcome(), Outcome::Unknown);
    }
    // The page documents neither this status nor this body.
    assert_eq!(error_of("429 Too Many Requests", "text/plain", "slow down").outcome(), Outcome::Unknown);
}

#[test]
fn a_success_with_the_status_of_a_refusal_is_no_success() {
    let error = error_of("400 Bad Request", "application/json", r#"{"code":0,"amount":2000}"#);
    assert_eq!(error.outcome(), Outcome::Unknown);
}

#[test]
fn a_redirect_is_not_followed() {
    let elsewhere = Service::json(r#"{"code":0}"#);
    for status in ["302 Found", "307 Temporary Redirect", "308 Permanent Redirect"] {
        let location = elsewhere.url();
        let reply =
            format!("HTTP/1.1 {status}\r\nlocation: {location}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        let service = Service::answering(reply);
        let error = execute(&service);
        assert_eq!(error.outcome(), Outcome::Unknown);
        assert_eq!(error.http_status().unwrap().to_string(), status[..3]);
        service.received();
    }
    elsewhere.untouched();
}

#[test]
fn a_truncated_reply_leaves_the_outcome_unknown() {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n";
    let replies = [
        format!("{head}content-length: 4000\r\n\r\n{{\"code\":0"),
        format!("{head}transfer-encoding: chunked\r\n\r\n5\r\n{{\"cod\r\n"),
        head.to_owned(),
        String::new(),
        "no HTTP at all\r\n\r\n".to_owned(),
    ];
    for reply in replies {
        let service = Service::answering(reply.clone());
        let error = execute(&service);
        assert_eq!(error.outcome(), Outcome::Unknown, "{reply:?}: {error}");
        assert!(!error.is_connect());
        service.received();
    }
}

#[test]
fn without_a_connection_nothing_was_sent() {
    let client = Client::builder(KEY).base_url(closed_port()).build().unwrap();
    let request = ExecutePayment::builder().pay_token("example-payToken").build().unwrap();
    let error = block_on(client.execute_payment(&request)).unwrap_err();
    assert_eq!((error.outcome(), error.http_status()), (Outcome::NotSent, None));
    assert!(error.is_connect() && !error.is_timeout());
    assert!(error.raw().is_none());
}

#[test]
fn a_service_that_does_not_answer_times_out_and_the_outcome_is_unknown() {
    let service = Service::stalled();
    let client =
        Client::builder(KEY).base_url(service.url()).attempt_timeout(Duration::from_millis(300)).build().unwrap();
    let request = ExecutePayment::builder().pay_token("example-payToken").build().unwrap();
    let started = Instant::now();
    let error = block_on(client.execute_payment(&request)).unwrap_err();
    assert!(started.elapsed() < Duration::from_secs(5));
    assert_eq!(error.outcome(), Outcome::Unknown);
    assert!(error.is_timeout() && !error.is_connect());
    assert!(error.elapsed() >= Duration::from_millis(300));
    service.received();
}

#[test]
fn a_key_of_the_other_product_is_rejected_with_the_reason() {
    for key in ["test_sk_canary0000000000000", "live_sk_canary0000000000000"] {
        let error = Client::new(key).unwrap_err().to_string();
        assert!(error.contains("card-gateway product") && error.contains("sk_test_"), "{error}");
        assert!(!error.contains("canary"), "{error}");
    }
    for key in ["", "sk_test_canary\n", "sk_test_canary_that_is_far_too_long_for_a_key"] {
        let client = Client::new(key);
        if let Err(error) = client {
            assert!(!error.to_string().contains("canary"), "{error}");
        } else {
            // Toss Pay expects the API key in the request body, so the key may have any character that JSON can
            // represent.
            assert_eq!(key, "sk_test_canary\n");
        }
    }
}

#[test]
fn a_credential_that_no_header_can_contain_is_rejected_before_anything_is_sent() {
    for token in ["", "canary\n", "canary\r\nx: y", " canary", "canary\u{0}", "열쇠canary"] {
        let refused = onboarding::Client::new(token.into(), "secret".into()).unwrap_err();
        let shown = format!("{refused} {refused:?}");
        assert!(!shown.contains("canary") && shown.contains("token"), "{shown}");
    }
}

#[test]
fn plain_http_is_accepted_only_for_this_machine() {
    for url in ["http://pay.toss.im", "http://192.168.0.1:8080", "http://localhost.example"] {
        let refused = Client::builder(KEY).base_url(url).build().unwrap_err().to_string();
        assert!(refused.contains("use https://"), "{refused}");
    }
    for url in ["http://127.0.0.1:1", "http://localhost:1/x", "http://[::1]:1", "https://proxy.example/toss"] {
        assert!(Client::builder(KEY).base_url(url).build().is_ok(), "{url}");
    }
    for url in ["pay.toss.im", "ftp://pay.toss.im", "https://", "https://user:canary@pay.toss.im", "https://x/?canary"]
    {
        let refused = Client::builder(KEY).base_url(url).build().unwrap_err();
        assert!(!format!("{refused} {refused:?}").contains("canary"), "{url}");
    }
}
