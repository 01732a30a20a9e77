//! Tests of the confirmation of callbacks and purchaser returns. A message is confirmed only if the service's answer
//! has the expected token, order, amount, mode and state. A message is refuted only if it contradicts the stored order,
//! or if the service reports another value for the same payment.

use serde_json::{Value, json};
use std::time::Duration;
use tests::service::{Service, block_on, closed_port};
use toss_sdk::onboarding::{self, RegistrationCallback};
use toss_sdk::pay::{Client, ConfirmError, OrderNo, PayToken, PurchaserReturn, ResultCallback};
use toss_sdk::runtime::Claim;

const KEY: &str = "sk_test_w5lNQylNqa5lNQe013Nq";

fn callback() -> Claim<ResultCallback> {
    let body = br#"{"status":"PAY_COMPLETE","payToken":"t-1","orderNo":"o-1","payMethod":"CARD","amount":3000}"#;
    ResultCallback::parse(body).unwrap()
}

fn status(changes: Value) -> String {
    let mut reply = json!({
        "code": 0, "mode": "TEST", "payToken": "t-1", "orderNo": "o-1", "payStatus": "PAY_COMPLETE", "amount": 3000,
        "refundableAmount": 3000,
    });
    for (name, value) in changes.as_object().expect("an object") {
        reply[name] = value.clone();
    }
    reply.to_string()
}

/// Confirms a callback with a service that answers with `reply`. Returns the amount that is paid and not refunded.
fn confirm(reply: &str, amount: i64) -> Result<Option<i64>, ConfirmError> {
    let service = Service::json(reply);
    let client = Client::builder(KEY).base_url(service.url()).build().unwrap();
    let confirmed = block_on(client.confirm_result_callback(&callback(), OrderNo::new("o-1"), amount, None))?;
    Ok(confirmed.still_paid)
}

#[test]
fn a_confirmed_callback_has_the_amount_that_is_still_paid() {
    for (changes, left) in [
        (json!({"payStatus": "PAY_COMPLETE"}), 3000),
        (json!({"payStatus": "SETTLEMENT_COMPLETE", "refundableAmount": 0}), 3000),
        (json!({"payStatus": "REFUND_SUCCESS", "refundableAmount": 1000}), 1000),
        (json!({"payStatus": "REFUND_PROGRESS", "refundableAmount": 2000}), 2000),
    ] {
        assert_eq!(confirm(&status(changes.clone()), 3000).unwrap(), Some(left), "{changes}");
    }
}

#[test]
fn only_another_value_for_the_same_payment_refutes_a_callback() {
    for (changes, member) in [
        (json!({"orderNo": "o-2"}), "orderNo"),
        (json!({"amount": 30_000}), "amount"),
        (json!({"mode": "LIVE"}), "mode"),
        (json!({"payStatus": "PAY_CANCEL"}), "payStatus"),
        (json!({"payStatus": "REFUND_SUCCESS", "refundableAmount": 0}), "payStatus"),
    ] {
        let error = confirm(&status(changes.clone()), 3000).unwrap_err();
        assert_eq!((error.is_refuted(), error.member()), (true, Some(member)), "{changes}: {error}");
        assert_eq!(error.answer_status(), 200);
    }
}

#[test]
fn an_answer_without_a_needed_member_neither_confirms_nor_refutes() {
    for (changes, member) in [
        (json!({"payToken": null}), Some("payToken")),
        (json!({"orderNo": null}), Some("orderNo")),
        (json!({"amount": null}), Some("amount")),
        (json!({"amount": "much"}), Some("amount")),
        // A fraction of a won makes the whole answer unreadable, so the error names no member.
        (json!({"amount": "3000.50"}), None),
        (json!({"mode": null}), Some("mode")),
        // Damaged values do not refute the message.
        (json!({"mode": ""}), Some("mode")),
        (json!({"mode": "REAL"}), Some("mode")),
        (json!({"orderNo": ""}), Some("orderNo")),
        (json!({"orderNo": "O-1 "}), Some("orderNo")),
        (json!({"amount": 0}), Some("amount")),
        (json!({"amount": -3000}), Some("amount")),
        (json!({"payStatus": "REFUND_SUCCESS", "refundableAmount": null}), Some("refundableAmount")),
        (json!({"payStatus": "SETTLEMENT_REFUND_COMPLETE"}), None),
        // These amounts contradict the state.
        (json!({"payStatus": "REFUND_PROGRESS", "refundableAmount": 3000}), Some("refundableAmount")),
        (json!({"payStatus": "REFUND_PROGRESS", "refundableAmount": 0}), Some("refundableAmount")),
        (json!({"payStatus": "REFUND_SUCCESS", "refundableAmount": 9000}), Some("refundableAmount")),
        (json!({"payStatus": "REFUND_SUCCESS", "refundableAmount": -1}), Some("refundableAmount")),
        // This answer is about another payment, so it proves nothing about the payment of the callback.
        (json!({"payToken": "t-2"}), None),
    ] {
        let error = confirm(&status(changes.clone()), 3000).unwrap_err();
        assert_eq!((error.is_refuted(), error.member()), (false, member), "{changes}: {error}");
        assert_eq!(error.answer_status(), 503);
    }
}

#[test]
fn a_refused_query_never_refutes_a_callback() {
    for code in [
        "TRANSACTION_NOT_FOUND",
        "PAYMENT_SHOP_STATE_NOT_NORMAL",
        "NOT_INTERNAL_SHOP",
        "COMMON_INVALID_PARAMETER",
        "EXECUTE_PAY_NOT_APPROVED",
        "COMMON_UNAUTHORIZED",
        "A_NEW_CODE",
    ] {
        let error = confirm(&json!({"code": -1, "errorCode": code}).to_string(), 3000).unwrap_err();
        assert_eq!((error.is_refuted(), error.answer_status()), (false, 503), "{error}");
    }
}

#[test]
fn a_claim_that_contradicts_the_order_is_refuted_without_a_query() {
    let service = Service::json(&status(json!({})));
    let client = Client::builder(KEY).base_url(service.url()).build().unwrap();
    for (order, amount, member) in [("o-1", 39_000, "amount"), ("o-2", 3000, "orderNo")] {
        let error =
            block_on(client.confirm_result_callback(&callback(), OrderNo::new(order), amount, None)).unwrap_err();
        assert_eq!((error.is_refuted(), error.member()), (true, Some(member)), "{error}");
    }
    service.untouched();
}

#[test]
fn a_paid_token_of_another_order_does_not_confirm_this_order() {
    let service = Service::json(&status(json!({"orderNo": "o-2"})));
    let client = Client::builder(KEY).base_url(service.url()).build().unwrap();
    let claim = ResultCallback::parse(br#"{"payToken":"t-1"}"#).unwrap();
    let error = block_on(client.confirm_result_callback(&claim, OrderNo::new("o-1"), 3000, None)).unwrap_err();
    assert_eq!((error.is_refuted(), error.member()), (true, Some("orderNo")));
}

#[test]
fn a_key_of_an_unknown_environment_confirms_only_live_payments() {
    for (mode, counts) in [("LIVE", true), ("TEST", false)] {
        let service = Service::json(&status(json!({"mode": mode})));
        let client = Client::builder("key_without_a_beginning").base_url(service.url()).build().unwrap();
        let confirmed = block_on(client.confirm_result_callback(&callback(), OrderNo::new("o-1"), 3000, None));
        assert_eq!(confirmed.is_ok(), counts, "{mode}");
    }
}

#[test]
fn a_message_that_cannot_be_confirmed_yet_is_to_be_sent_again() {
    for state in ["PAY_PROGRESS", "PAY_APPROVED", "PAY_STANDBY", "A_NEW_ONE"] {
        let early = confirm(&status(json!({"payStatus": state})), 3000).unwrap_err();
        assert!(early.is_temporary() && early.error().is_none(), "{state}: {early}");
    }
    let busy = confirm(r#"{"code":-1,"errorCode":"COMMON_THROTTLED"}"#, 3000).unwrap_err();
    assert!(busy.is_temporary() && busy.answer_status() == 503, "{busy}");
    assert!(format!("{busy} {busy:?}").contains("COMMON_THROTTLED"), "{busy}");
    let client = Client::builder(KEY).base_url(closed_port()).build().unwrap();
    let away = block_on(client.confirm_result_callback(&callback(), OrderNo::new("o-1"), 3000, None)).unwrap_err();
    assert!(away.is_temporary() && away.error().unwrap().is_connect(), "{away}");
    assert!(std::error::Error::source(&away).is_some(), "the error has no source");
}

#[test]
fn a_claim_with_an_invalid_token_causes_no_call_and_one_without_uses_the_stored_token() {
    let service = Service::json("{}");
    let client = Client::builder(KEY).base_url(service.url()).build().unwrap();
    for body in [
        json!({"orderNo": "o-1", "payToken": ""}),
        json!({"orderNo": "o-1", "payToken": "x".repeat(31)}),
        json!({"orderNo": "o-1"}),
    ] {
        let claim = ResultCallback::parse(body.to_string().as_bytes()).unwrap();
        let error = block_on(client.confirm_result_callback(&claim, OrderNo::new("o-1"), 3000, None)).unwrap_err();
        assert_eq!((error.is_refuted(), error.member()), (false, Some("payToken")), "{body}");
    }
    service.untouched();
    let service = Service::json(&status(json!({})));
    let client = Client::builder(KEY).base_url(service.url()).build().unwrap();
    let claim = ResultCallback::parse(br#"{"orderNo":"o-1"}"#).unwrap();
    let stored = PayToken::new("t-1");
    assert!(block_on(client.confirm_result_callback(&claim, OrderNo::new("o-1"), 3000, Some(&stored))).is_ok());
}

#[test]
fn a_flood_of_forged_claims_neither_causes_many_calls_nor_delays_genuine_ones() {
    let service = Service::json(&status(json!({})));
    let client = Client::builder(KEY).base_url(service.url()).confirmations(8, 1).build().unwrap();
    let stored = PayToken::new("t-1");
    let claim = |token: &str| {
        let body = json!({"payToken": token, "orderNo": "o-1", "amount": 3000}).to_string();
        let claim = ResultCallback::parse(body.as_bytes()).unwrap();
        block_on(client.confirm_result_callback(&claim, OrderNo::new("o-1"), 3000, Some(&stored)))
    };
    for n in 0..200 {
        assert!(claim(&format!("forged-{n}")).is_err());
    }
    // The service may send a genuine message twice.
    for _ in 0..2 {
        assert!(claim("t-1").is_ok());
    }
    let asked = service.all().len();
    assert!(asked <= 10, "{asked}");
}

fn returned(state: &str, changes: Value, order: &str, amount: i64) -> Result<Option<i64>, ConfirmError> {
    let claim = PurchaserReturn::parse_query(&format!("https://shop.example/done?status={state}&orderNo=o-1")).unwrap();
    let service = Service::json(&status(changes));
    let client = Client::builder(KEY).base_url(service.url()).build().unwrap();
    let stored = PayToken::new("t-1");
    block_on(client.confirm_purchaser_return(&claim, OrderNo::new(order), amount, Some(&stored)))
        .map(|confirmed| confirmed.still_paid)
}

#[test]
fn a_purchasers_return_is_compared_with_the_stored_order() {
    let approved = || json!({"payStatus": "PAY_APPROVED"});
    assert_eq!(returned("PAY_APPROVED", approved(), "o-1", 3000).unwrap(), None, "an approved payment counts as paid");
    assert_eq!(returned("PAY_APPROVED", json!({}), "o-1", 3000).unwrap(), Some(3000));
    assert_eq!(returned("PAY_APPROVED", approved(), "o-2", 3000).unwrap_err().member(), Some("orderNo"));
    assert_eq!(returned("PAY_APPROVED", approved(), "o-1", 39_000).unwrap_err().member(), Some("amount"));
    // The service reports a payment with the same order number and another token than the stored one.
    assert!(!returned("PAY_APPROVED", json!({"payToken": "t-2"}), "o-1", 3000).unwrap_err().is_refuted());
}

#[test]
fn a_return_that_claims_a_later_state_than_the_service_reports_is_not_confirmed() {
    let error = returned("PAY_COMPLETE", json!({"payStatus": "PAY_APPROVED"}), "o-1", 3000).unwrap_err();
    assert_eq!((error.is_refuted(), error.member()), (false, Some("payStatus")), "{error}");
    assert!(returned("A_NEW_ONE", json!({"payStatus": "PAY_APPROVED"}), "o-1", 3000).is_ok());
}

#[test]
fn credentials_in_a_callback_are_confirmed_if_the_service_returns_the_same() {
    let message = |mert_key: &str| {
        let body = json!({
            "shopId": "shop-1", "businessRegistrationNumber": null, "mid": "m-1", "mertKey": mert_key, "apiKey": "a-1",
            "clientKey": "c-1",
        });
        let credentials = [onboarding::Credentials { token: "token".into(), secret: "secret".into() }];
        let header = RegistrationCallback::sign("shop-1", &credentials[0]);
        RegistrationCallback::verify(body.to_string().as_bytes(), &header, &credentials).unwrap()
    };
    let confirm = |mert_key: &str, entries: Value| {
        let reply = json!({"success": true, "result": {"credentials": entries}});
        let service = Service::json(&reply.to_string());
        let client = onboarding::Client::builder("token".into(), "secret".into());
        let client = client.base_url(service.url()).build().unwrap();
        block_on(client.confirm_registration_callback(&message(mert_key)))
    };
    let entry = |changes: Value| {
        let mut entry =
            json!({"shopId": "shop-1", "mid": "m-1", "mertKey": "k-1", "apiKey": "a-1", "clientKey": "c-1"});
        for (name, value) in changes.as_object().expect("an object") {
            entry[name] = value.clone();
        }
        entry
    };
    let both = json!([{"shopId": "shop-1", "mid": "m-0"}, entry(json!({}))]);
    assert_eq!(confirm("k-1", both).unwrap().found.credentials.len(), 2);
    let error = confirm("k-2", json!([entry(json!({}))])).unwrap_err();
    assert_eq!((error.is_refuted(), error.member()), (true, Some("mertKey")), "{error}");
    assert!(!format!("{error}{error:?}").contains("k-2"));
    for entries in [
        json!([]),
        json!([entry(json!({"shopId": "shop-2"}))]),
        json!([entry(json!({"shopId": null}))]),
        json!([entry(json!({"mid": "m-2"}))]),
        json!([entry(json!({"mertKey": null}))]),
        json!([entry(json!({"apiKey": {"a": 1}}))]),
        json!(["?"]),
    ] {
        let error = confirm("k-1", entries.clone()).unwrap_err();
        assert_eq!((error.is_refuted(), error.answer_status()), (false, 503), "{entries}: {error}");
    }
}

#[test]
fn a_confirmation_has_the_timeouts_of_any_call() {
    let service = Service::stalled();
    let client = Client::builder(KEY).base_url(service.url());
    let client = client.attempt_timeout(Duration::from_millis(50)).total_timeout(Duration::from_millis(80));
    let error = block_on(client.build().unwrap().confirm_result_callback(&callback(), OrderNo::new("o-1"), 3000, None))
        .unwrap_err();
    assert!(error.is_temporary() && error.error().unwrap().is_timeout(), "{error}");
}

/// Without a stored token, a query by order number may find an older, canceled payment.
#[test]
fn a_canceled_older_payment_of_the_order_number_does_not_refute_a_return() {
    let claim = PurchaserReturn::parse_query("https://shop.example/done?status=PAY_APPROVED&orderNo=o-1").unwrap();
    let old = json!({"payToken": "t-0", "payStatus": "PAY_CANCEL", "createdTs": "2026-01-01 10:00:00"});
    let service = Service::json(&status(old));
    let toss = Client::builder(KEY).base_url(service.url()).build().unwrap();
    let error = block_on(toss.confirm_purchaser_return(&claim, OrderNo::new("o-1"), 10_000, None)).unwrap_err();
    assert!(!error.is_refuted(), "{error}");
}

#[test]
fn credentials_that_one_of_the_entries_has_are_not_refuted_by_another_entry() {
    let body = json!({"shopId": "shop-1", "mid": "m-1", "mertKey": "k-new", "apiKey": "a-1", "clientKey": "c-1"});
    let credentials = [onboarding::Credentials { token: "token".into(), secret: "secret".into() }];
    let header = RegistrationCallback::sign("shop-1", &credentials[0]);
    let claim = RegistrationCallback::verify(body.to_string().as_bytes(), &header, &credentials).unwrap();
    let old = json!({"shopId": "shop-1", "mid": "m-1", "mertKey": "k-old", "apiKey": "a-0", "clientKey": "c-0"});
    let reply = json!({"success": true, "result": {"credentials": [old, body]}});
    let service = Service::json(&reply.to_string());
    let toss = onboarding::Client::builder("token".into(), "secret".into()).base_url(service.url()).build().unwrap();
    let result = block_on(toss.confirm_registration_callback(&claim));
    assert!(!matches!(&result, Err(error) if error.is_refuted()), "{}", result.map(drop).unwrap_err());
}

#[test]
fn a_registration_with_another_business_number_is_not_confirmed() {
    let mut body = json!({
        "shopId": "shop-1", "mid": "m-1", "mertKey": "k-1", "apiKey": "a-1", "clientKey": "c-1",
        "businessRegistrationNumber": "999-99-99999",
    });
    let credentials = [onboarding::Credentials { token: "token".into(), secret: "secret".into() }];
    let header = RegistrationCallback::sign("shop-1", &credentials[0]);
    let claim = RegistrationCallback::verify(body.to_string().as_bytes(), &header, &credentials).unwrap();
    body["businessRegistrationNumber"] = "123-45-67890".into();
    let reply = json!({"success": true, "result": {"credentials": [body]}});
    let service = Service::json(&reply.to_string());
    let toss = onboarding::Client::builder("token".into(), "secret".into()).base_url(service.url()).build().unwrap();
    assert!(block_on(toss.confirm_registration_callback(&claim)).is_err());
}
