//! A message is believed only after the service has confirmed it: token, order, amount, mode and state.

use serde_json::{Value, json};
use std::time::Duration;
use tests::service::{Service, block_on, nobody};
use toss_sdk::onboarding::{self, RegistrationCallback};
use toss_sdk::pay::{Client, ConfirmError, OrderNo, PurchaserReturn, ResultCallback};
use toss_sdk::runtime::Claim;

const KEY: &str = "sk_test_w5lNQylNqa5lNQe013Nq";

fn callback() -> Claim<ResultCallback> {
    let body = br#"{"status":"PAY_COMPLETE","payToken":"t-1","orderNo":"o-1","payMethod":"CARD","amount":3000}"#;
    ResultCallback::parse(body).unwrap()
}

/// What the service says, with one member changed.
fn status(member: &str, value: Value) -> String {
    let mut reply = json!({
        "code": 0, "mode": "TEST", "payToken": "t-1", "orderNo": "o-1", "payStatus": "PAY_COMPLETE", "amount": 3000,
    });
    reply[member] = value;
    reply.to_string()
}

fn confirm(reply: &str, amount: i64) -> Result<i64, ConfirmError> {
    let service = Service::json(reply);
    let client = Client::builder(KEY).base_url(service.url()).build().unwrap();
    let confirmed = block_on(client.confirm_result_callback(&callback(), OrderNo::new("o-1"), amount))?;
    Ok(confirmed.found.amount.unwrap())
}

#[test]
fn a_callback_that_the_service_confirms_yields_what_the_service_says() {
    for state in ["PAY_COMPLETE", "SETTLEMENT_COMPLETE"] {
        assert_eq!(confirm(&status("payStatus", state.into()), 3000).unwrap(), 3000, "{state}");
    }
}

#[test]
fn a_callback_that_differs_in_anything_is_never_confirmed() {
    for (member, value) in [
        ("payToken", json!("t-2")),
        ("payToken", Value::Null),
        ("orderNo", json!("o-2")),
        ("amount", json!(30_000)),
        ("amount", Value::Null),
        ("mode", json!("LIVE")),
        ("mode", Value::Null),
        ("payStatus", json!("PAY_CANCEL")),
        ("payStatus", json!("REFUND_PROGRESS")),
        ("payStatus", json!("REFUND_SUCCESS")),
        ("payStatus", json!("SETTLEMENT_REFUND_COMPLETE")),
    ] {
        let error = confirm(&status(member, value.clone()), 3000).unwrap_err();
        assert_eq!((error.is_disproved(), error.member()), (true, Some(member)), "{member} {value}: {error}");
    }
    // The service and the claim agree, and the order costs more.
    let error = confirm(&status("code", json!(0)), 39_000).unwrap_err();
    assert_eq!((error.is_disproved(), error.member()), (true, Some("amount")), "{error}");
}

#[test]
fn a_token_of_another_order_that_is_paid_does_not_pay_for_this_one() {
    let service = Service::json(&status("orderNo", json!("o-2")));
    let client = Client::builder(KEY).base_url(service.url()).build().unwrap();
    let claim = ResultCallback::parse(br#"{"payToken":"t-1"}"#).unwrap();
    let error = block_on(client.confirm_result_callback(&claim, OrderNo::new("o-1"), 3000)).unwrap_err();
    assert_eq!((error.is_disproved(), error.member()), (true, Some("orderNo")));
}

#[test]
fn with_a_key_that_tells_nothing_about_itself_only_real_money_counts() {
    for (mode, counts) in [("LIVE", true), ("TEST", false)] {
        let service = Service::json(&status("mode", json!(mode)));
        let client = Client::builder("key_without_a_beginning").base_url(service.url()).build().unwrap();
        let confirmed = block_on(client.confirm_result_callback(&callback(), OrderNo::new("o-1"), 3000));
        assert_eq!(confirmed.is_ok(), counts, "{mode}");
    }
}

#[test]
fn what_cannot_be_told_now_is_to_be_sent_again() {
    for state in ["PAY_PROGRESS", "PAY_APPROVED", "PAY_STANDBY", "A_NEW_ONE"] {
        let early = confirm(&status("payStatus", json!(state)), 3000).unwrap_err();
        assert!(early.is_temporary() && early.error().is_none(), "{state}: {early}");
    }
    let busy = confirm(r#"{"code":-1,"errorCode":"COMMON_THROTTLED"}"#, 3000).unwrap_err();
    assert!(busy.is_temporary() && busy.http_status() == 503, "{busy}");
    assert!(format!("{busy} {busy:?}").contains("COMMON_THROTTLED"), "{busy}");
    let client = Client::builder(KEY).base_url(nobody()).build().unwrap();
    let away = block_on(client.confirm_result_callback(&callback(), OrderNo::new("o-1"), 3000)).unwrap_err();
    assert!(away.is_temporary() && away.error().unwrap().is_connect(), "{away}");
    assert!(std::error::Error::source(&away).is_some(), "the reason can be followed");
    // A token that the service does not know is made up.
    let forged = confirm(r#"{"code":-1,"errorCode":"TRANSACTION_NOT_FOUND"}"#, 3000).unwrap_err();
    assert!(forged.is_disproved() && forged.http_status() == 200, "{forged}");
}

#[test]
fn a_claim_without_a_good_token_asks_nobody() {
    let service = Service::json("{}");
    let client = Client::builder(KEY).base_url(service.url()).build().unwrap();
    for token in ["", "x".repeat(31).as_str()] {
        let body = json!({"orderNo": "o-1", "payToken": token}).to_string();
        let claim = ResultCallback::parse(body.as_bytes()).unwrap();
        let error = block_on(client.confirm_result_callback(&claim, OrderNo::new("o-1"), 3000)).unwrap_err();
        assert_eq!((error.is_disproved(), error.member()), (true, Some("payToken")));
    }
    let claim = ResultCallback::parse(br#"{"orderNo":"o-1"}"#).unwrap();
    assert!(block_on(client.confirm_result_callback(&claim, OrderNo::new("o-1"), 3000)).unwrap_err().is_disproved());
    service.untouched();
}

#[test]
fn a_flood_of_claims_causes_a_bounded_number_of_calls() {
    let service = Service::json(&status("amount", json!(1)));
    let client = Client::builder(KEY).base_url(service.url()).confirmations(3, 1).build().unwrap();
    let errors: Vec<ConfirmError> = (0..10)
        .map(|_| block_on(client.clone().confirm_result_callback(&callback(), OrderNo::new("o-1"), 3000)).unwrap_err())
        .collect();
    assert_eq!(errors.iter().filter(|error| error.is_disproved()).count(), 3);
    assert_eq!(errors.iter().filter(|error| error.is_temporary()).count(), 7);
    assert_eq!(service.all().len(), 3);
}

#[test]
fn the_return_of_a_purchaser_is_held_against_the_order_that_the_shop_knows() {
    let returned = |order: &str, amount| {
        let claim = PurchaserReturn::parse_query("https://shop.example/done?status=PAY_APPROVED&orderNo=o-1").unwrap();
        let service = Service::json(&status("payStatus", json!("PAY_APPROVED")));
        let client = Client::builder(KEY).base_url(service.url()).build().unwrap();
        block_on(client.confirm_purchaser_return(&claim, OrderNo::new(order), amount))
    };
    assert!(returned("o-1", 3000).is_ok());
    assert_eq!(returned("o-2", 3000).unwrap_err().member(), Some("orderNo"));
    assert_eq!(returned("o-1", 39_000).unwrap_err().member(), Some("amount"));
}

#[test]
fn credentials_in_a_callback_count_when_the_service_hands_out_the_same() {
    let message = |mert_key: &str| {
        let body = json!({
            "shopId": "shop-1", "businessRegistrationNumber": null, "mid": "m-1", "mertKey": mert_key, "apiKey": "a-1",
            "clientKey": "c-1",
        });
        let credentials = [onboarding::Credentials { token: "token".into(), secret: "secret".into() }];
        let header = RegistrationCallback::sign("shop-1", &credentials[0]);
        RegistrationCallback::verify(body.to_string().as_bytes(), &header, &credentials).unwrap()
    };
    let confirm = |claim| {
        let entry = json!({"mid": "m-1", "mertKey": "k-1", "apiKey": "a-1", "clientKey": "c-1"});
        let reply = json!({"success": true, "result": {"credentials": [{"mid": "m-0"}, entry]}});
        let service = Service::json(&reply.to_string());
        let client = onboarding::Client::builder("token".into(), "secret".into());
        let client = client.base_url(service.url()).build().unwrap();
        block_on(client.confirm_registration_callback(&claim))
    };
    assert!(confirm(message("k-1")).is_ok());
    assert!(confirm(message("k-1")).unwrap().found.credentials.len() == 2);
    let error = confirm(message("k-2")).unwrap_err();
    assert_eq!((error.is_disproved(), error.member()), (true, Some("credentials")), "{error}");
    assert!(!format!("{error}{error:?}").contains("k-2"));
}

#[test]
fn a_confirmation_has_the_timeouts_of_any_call() {
    let service = Service::stalled();
    let client = Client::builder(KEY).base_url(service.url());
    let client = client.attempt_timeout(Duration::from_millis(50)).total_timeout(Duration::from_millis(80));
    let error =
        block_on(client.build().unwrap().confirm_result_callback(&callback(), OrderNo::new("o-1"), 3000)).unwrap_err();
    assert!(error.is_temporary() && error.error().unwrap().is_timeout(), "{error}");
}
