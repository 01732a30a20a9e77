//! Requests about one order and their answers, for tests with a scripted service.

use super::{Act, Jumping};
use serde_json::{Value, json};
use std::sync::Arc;
use toss_sdk::onboarding::{self, CreateStore};
use toss_sdk::pay::KstDateTime;
use toss_sdk::pay::{Client, ExecutePayment};
use toss_sdk::runtime::RetryPolicy;

pub const KEY: &str = "sk_test_w5lNQylNqa5lNQe013Nq";

/// The members of the reply to a successful execution, as JSON without braces.
pub const EXECUTED: &str = r#""code":0,"mode":"TEST","orderNo":"o-1","payToken":"t-1","amount":10000"#;

/// Returns a client that makes one attempt per call.
pub fn client(url: &str, clock: &Arc<Jumping>) -> Client {
    let builder = Client::builder(KEY).base_url(url).retries(RetryPolicy::never());
    builder.clock(clock.clone()).build().unwrap()
}

pub fn status(changes: Value) -> String {
    let mut reply = json!({
        "code": 0, "mode": "TEST", "payToken": "t-1", "orderNo": "o-1", "payStatus": "PAY_COMPLETE", "amount": 10_000,
        "amountTaxFree": 0, "refundableAmount": 10_000, "createdTs": KstDateTime::now().to_string(),
    });
    for (name, value) in changes.as_object().expect("an object") {
        reply[name] = value.clone();
    }
    reply.to_string()
}

pub fn says(changes: Value) -> Act {
    Act::Say(status(changes))
}

pub fn refuses(code: &str) -> Act {
    Act::Say(json!({"code": -1, "errorCode": code}).to_string())
}

pub fn execution() -> ExecutePayment {
    ExecutePayment::builder().pay_token("t-1").order_no("o-1").build().unwrap()
}

/// Builds the creation of a payment of 10,000 won. The arguments are further calls of the builder.
macro_rules! creation {
    ($($more:tt)*) => {
        toss_sdk::pay::CreatePayment::builder()
            .order_no("o-1")
            .product_desc("Coat")
            .ret_url("https://shop.example/done")
            .ret_cancel_url("https://shop.example/cancel")
            .amount(10_000)
            .amount_tax_free(0)
            $($more)*
            .build()
            .unwrap()
    };
}

pub(crate) use creation;

pub fn hosting(url: &str) -> onboarding::Client {
    let builder = onboarding::Client::builder("token".into(), "secret".into()).base_url(url);
    builder.clock(Jumping::new()).retries(RetryPolicy::never()).build().unwrap()
}

pub fn store(phone: &str) -> CreateStore {
    CreateStore::builder()
        .shop_id("shop-1")
        .shop_name("마켓하늘")
        .shop_contact_name("김하늘")
        .shop_contact_email("sky@shop.example")
        .shop_contact_phone_number(phone)
        .shop_business_registration_number("123-45-67890")
        .shop_url("https://shop.example")
        .return_url("https://shop.example/done")
        .return_fallback_url("https://shop.example/failed")
        .agency_code("TestTest")
        .build()
        .unwrap()
}
