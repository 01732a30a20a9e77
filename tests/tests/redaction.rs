//! No text of `toss-sdk` shows a secret or personal data. Every field with such data has a canary as its value, and the
//! canary must not appear in any `Debug` output, error or violation.

use std::error::Error as _;
use std::fmt::Debug;
use tests::service::{Service, answer, block_on, closed_port};
use toss_sdk::onboarding::{self, AuthToken, ClientSecret};
use toss_sdk::pay;
use toss_sdk::runtime::{Api, Claim};

/// Canary: the value of fields that must not be shown.
const CANARY: &str = "canary-7261";

/// Canary for fields that allow no letters.
const NUMBER: &str = "7261-7261";
const KEY: &str = "sk_test_canary-7261";

#[track_caller]
fn assert_silent(shown: &str) {
    assert!(!shown.contains("canary") && !shown.contains("7261"), "{shown}");
    // An empty text would prove nothing.
    assert!(shown.len() > 3, "{shown}");
}

#[track_caller]
fn silent(value: &impl Debug) {
    for shown in [format!("{value:?}"), format!("{value:#?}")] {
        // The duration after `elapsed:` may contain any digits, so it is left out.
        let (before, after) = shown.split_once("elapsed: ").unwrap_or((&shown, ""));
        assert_silent(before);
        assert_silent(&format!("(cut) {}", after.split_once(',').map_or("", |(_, rest)| rest)));
    }
}

/// Returns members of a JSON body. Every sensitive member of an API occurs at the top, in an object, and in lists.
fn members(api: &Api) -> String {
    let each: Vec<String> = api.sensitive.iter().map(|name| format!("\"{name}\":\"{CANARY}\"")).collect();
    let flat = each.join(",");
    let list = format!("[{{{flat}}}]");
    format!("{flat},\"card\":{{{flat}}},\"transactions\":{list},\"credentials\":{list},\"descriptions\":{list}")
}

#[test]
fn all_listed_members_are_sensitive_in_the_specs() {
    let pay = [
        "accountNumber",
        "apiKey",
        "cardAuthorizationNo",
        "cardBinNumber",
        "cardNum4Print",
        "cardNumber",
        "cashReceiptMgtKey",
        "checkoutPage",
        "payToken",
        "salesCheckLinkUrl",
    ];
    let onboarding = [
        "apiKey",
        "applyUrl",
        "businessRegistrationNumber",
        "clientKey",
        "corporateNumber",
        "mertKey",
        "shopBusinessRegistrationNumber",
        "shopContactEmail",
        "shopContactName",
        "shopContactPhoneNumber",
    ];
    for (api, names) in [(&pay::API, &pay), (&onboarding::API, &onboarding)] {
        for name in names {
            assert!(api.sensitive.contains(name), "{name}");
        }
    }
}

#[test]
fn clients_and_credentials_show_no_secret() {
    let builder = pay::Client::builder(KEY).base_url("https://proxy.example/").application("shop");
    silent(&builder);
    silent(&builder.build().unwrap());
    let builder = onboarding::Client::builder(AuthToken::new(CANARY), ClientSecret::new(CANARY));
    silent(&builder);
    silent(&builder.build().unwrap());
    silent(&pay::Credentials { merchant_key: KEY.into() });
    silent(&onboarding::Credentials { token: CANARY.into(), secret: CANARY.into() });
    silent(&pay::Client::builder(KEY).base_url("https://canary:canary@x.example"));
    silent(&pay::Client::builder(KEY).base_url("https://canary:canary@x.example").build().unwrap_err());
}

#[test]
fn sensitive_types_show_no_value_inside_other_values() {
    silent(&pay::MerchantKey::new(CANARY));
    silent(&pay::PayToken::new(CANARY));
    silent(&pay::AccountNumber::new(CANARY));
    silent(&pay::CardNumber::new(CANARY));
    silent(&pay::CardBinNumber::new(CANARY));
    silent(&pay::CardLastDigits::new(CANARY));
    silent(&pay::CardAuthorizationNo::new(CANARY));
    silent(&AuthToken::new(CANARY));
    silent(&ClientSecret::new(CANARY));
    silent(&onboarding::BusinessRegistrationNumber::new(CANARY));
    silent(&onboarding::MertKey::new(CANARY));
    silent(&onboarding::StoreApiKey::new(CANARY));
    silent(&onboarding::StoreClientKey::new(CANARY));
}

#[test]
fn requests_show_no_sensitive_value() {
    silent(&pay::ExecutePayment::builder().pay_token(CANARY).build().unwrap());
    silent(&pay::RefundPayment::builder().pay_token(CANARY).refund_no("r").amount(1).build().unwrap());
    let by_token = pay::PaymentBy::PayToken(CANARY.into());
    silent(&by_token);
    silent(&pay::PaymentStatus::builder().payment(by_token).build().unwrap());
    silent(&store(CANARY).unwrap());
    let numbers = [Some(NUMBER.into()), None];
    silent(&onboarding::DeleteStore::builder().shop_id("s").business_registration_number(numbers).build().unwrap());
}

fn store(personal: &str) -> Result<onboarding::CreateStore, toss_sdk::runtime::Violations> {
    onboarding::CreateStore::builder()
        .shop_id("shop-1")
        .shop_name("마켓하늘")
        .shop_contact_name(personal)
        .shop_contact_email(personal)
        .shop_contact_phone_number(personal)
        .shop_business_registration_number(if personal == CANARY { NUMBER } else { personal })
        .shop_url("https://shop.example")
        .return_url("https://shop.example/done")
        .return_fallback_url("https://shop.example/failed")
        .agency_code("TestTest")
        .build()
}

#[test]
fn violations_show_no_sensitive_value() {
    let long = CANARY.repeat(30);
    let violations = store(&long).unwrap_err();
    // The number causes two of the violations, because it is too long and has letters.
    assert_eq!(violations.len(), 5);
    assert_silent(&violations.to_string());
    silent(&violations);
    let violations = pay::ExecutePayment::builder().pay_token(long).build().unwrap_err();
    assert_silent(&violations.to_string());
    silent(&violations);
}

#[test]
fn replies_show_no_sensitive_value() {
    let body = format!(r#"{{"code":0,"payStatus":"PAY_COMPLETE",{}}}"#, members(&pay::API));
    let body = body.as_bytes();
    let created = pay::CreatePaymentReply::from_body(200, body).unwrap();
    assert_eq!((created.checkout_page.as_str(), created.pay_token.as_str()), (CANARY, CANARY));
    silent(&created);
    let executed = pay::ExecutePaymentReply::from_body(200, body).unwrap();
    assert_eq!(executed.card.card_number.as_ref().unwrap().as_str(), CANARY);
    silent(&executed);
    silent(&executed.pay_method_details());
    let status = pay::PaymentStatusReply::from_body(200, body).unwrap();
    assert_eq!(status.account.account_number.as_ref().unwrap().as_str(), CANARY);
    assert_eq!(status.card.card_bin_number.as_ref().unwrap().as_str(), CANARY);
    silent(&status);
    silent(&pay::RefundPaymentReply::from_body(200, body).unwrap());

    let body = format!(r#"{{"success":true,"result":{{{}}}}}"#, members(&onboarding::API));
    let body = body.as_bytes();
    let created = onboarding::CreateStoreReply::from_body(200, body).unwrap();
    assert_eq!(created.mert_key.as_ref().unwrap().as_str(), CANARY);
    silent(&created);
    let credentials = onboarding::GetCredentialsReply::from_body(200, body).unwrap();
    assert_eq!(credentials.credentials[0].api_key.as_ref().unwrap().as_str(), CANARY);
    silent(&credentials);
    let subscriptions = onboarding::GetSubscriptionsReply::from_body(200, body).unwrap();
    assert_eq!(subscriptions.descriptions[0].corporate_number.as_deref(), Some(CANARY));
    silent(&subscriptions);
    silent(&onboarding::OpenOnboardingSessionReply::from_body(200, body).unwrap());
    silent(&onboarding::DeleteStoreReply::from_body(200, body).unwrap());
    silent(&onboarding::DeleteStoreIdReply::from_body(200, body).unwrap());
    let list = format!(r#"{{"success":true,"result":[{{"mid":"m",{}}}]}}"#, members(&onboarding::API));
    silent(&onboarding::ListEasyPaysReply::from_body(200, list.as_bytes()).unwrap());
}

#[test]
fn callbacks_show_no_sensitive_value() {
    let body = format!("{{{}}}", members(&pay::API));
    let claim: Claim<pay::ResultCallback> = pay::ResultCallback::parse(body.as_bytes()).unwrap();
    assert_eq!(claim.unproven().pay_token.as_ref().unwrap().as_str(), CANARY);
    silent(&claim);
    let own = onboarding::Credentials { token: "t".into(), secret: "s".into() };
    let body = format!(r#"{{"shopId":"shop-1",{}}}"#, members(&onboarding::API));
    let refused = onboarding::RegistrationCallback::verify(body.as_bytes(), CANARY, &[own]).unwrap_err();
    silent(&refused);
    assert_silent(&refused.to_string());
}

fn assert_error_silent<C: toss_sdk::runtime::ErrorCode>(error: &toss_sdk::runtime::Error<C>) {
    assert_silent(&error.to_string());
    silent(error);
    for text in [error.message(), error.body_excerpt()].into_iter().flatten() {
        assert_silent(text);
    }
    if let Some(code) = error.code() {
        assert_silent(&format!("{code:?} {}", code.as_text()));
    }
    let mut cause = error.source();
    while let Some(error) = cause {
        assert_silent(&format!("{error} {error:?}"));
        cause = error.source();
    }
}

#[test]
fn errors_about_replies_show_no_sensitive_value() {
    let all = members(&pay::API);
    let bodies = [
        format!(r#"{{"code":-1,"msg":"the key {KEY} is wrong","errorCode":"COMMON_INVALID_API_KEY",{all}}}"#),
        format!(r#"{{"code":-1,"msg":"refused","errorCode":"{KEY}"}}"#),
        format!(r#"{{"code":-1,"msg":"refused","echo":"{{\"payToken\":\"{CANARY}\"}}"}}"#),
        format!(r#"{{"code":7,"msg":"{KEY}",{all}}}"#),
        format!("{{{all}}}"),
        format!(r#"{{"code":0,{all}"#),
        format!("[{{{all}}}]"),
        format!("<html>apiKey={KEY}&payToken={CANARY}</html>"),
        format!("<html>{KEY}</html>"),
    ];
    for body in bodies {
        for status in ["200 OK", "401 Unauthorized", "500 Internal Server Error"] {
            let service = Service::answering(answer(status, "application/json", &body));
            let client = pay::Client::builder(KEY).base_url(service.url()).build().unwrap();
            let request = pay::ExecutePayment::builder().pay_token(CANARY).build().unwrap();
            let error = block_on(client.execute_payment(&request)).unwrap_err();
            assert!(error.raw().unwrap().body() == body.as_bytes(), "the received body must be available unchanged");
            assert_error_silent(&error);
        }
    }
}

#[test]
fn errors_do_not_show_sensitive_values_that_the_service_repeats() {
    let body =
        format!(r#"{{"code":-1,"msg":"no payment has the token {CANARY}","errorCode":"TRANSACTION_NOT_FOUND"}}"#);
    let service = Service::json(&body);
    let client = pay::Client::builder(KEY).base_url(service.url()).build().unwrap();
    let request = pay::ExecutePayment::builder().pay_token(CANARY).build().unwrap();
    assert_error_silent(&block_on(client.execute_payment(&request)).unwrap_err());
}

#[test]
fn an_error_does_not_show_the_hash_that_proves_the_caller() {
    // This is the hash of the test credentials on the page and of `shop-1`. This hash is enough to make calls for the
    // shop.
    let hash = "dfca5415b6d56e9f6ad80deab7cb2e23f34295d3588d116bbbb138714b327481";
    let body = format!(r#"{{"success":false,"errorCode":"E","message":"{hash} is wrong","Auth-Hash":"{hash}"}}"#);
    let service = Service::json(&body);
    let token = AuthToken::new("4f18e5c2-de8b-454c-a871-b8f2111134c3");
    let secret = ClientSecret::new("307a52ff0e29cb008a0ceae48ed48ac047a65a621681cbe4832e43fbbb23ce4b");
    let client = onboarding::Client::builder(token, secret).base_url(service.url()).build().unwrap();
    let request = onboarding::GetCredentials::builder().shop_id("shop-1").build().unwrap();
    let error = block_on(client.get_credentials(&request)).unwrap_err();
    let shown = format!("{error} {error:?} {:?}", error.body_excerpt());
    assert!(!shown.contains(hash), "{shown}");
}

#[test]
fn errors_without_a_reply_show_no_sensitive_value() {
    let client = pay::Client::builder(KEY).base_url(closed_port()).build().unwrap();
    let request = pay::ExecutePayment::builder().pay_token(CANARY).build().unwrap();
    assert_error_silent(&block_on(client.execute_payment(&request)).unwrap_err());

    // The path and the query of this request's URL contain canaries.
    let service = Service::answering("");
    let client = onboarding::Client::builder("token".into(), "secret".into()).base_url(service.url()).build().unwrap();
    let request = onboarding::DeleteStore::builder()
        .shop_id("canary-shop")
        .business_registration_number([Some(NUMBER.into())])
        .build()
        .unwrap();
    assert_error_silent(&block_on(client.delete_store(&request)).unwrap_err());
}
