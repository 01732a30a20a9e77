//! All calls of Toss Pay and Instant Onboarding, for tests that check every call. Whether a call may be sent again is
//! written here by hand, so that the tests do not depend on the spec.

#![allow(dead_code, reason = "each test uses another part")]

use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tests::virtual_time::VirtualClock;
use toss_sdk::runtime::{self as rt, CallOptions, Event, Observer, Outcome, Random};
use toss_sdk::{onboarding, pay};

pub const KEY: &str = "sk_test_w5lNQylNqa5lNQe013Nq";

/// How often a request may be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Several times, because the request changes nothing, or the service recognizes a repetition.
    Repeatable,
    /// Once, unless it is certain that the request did not arrive.
    Once,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Api {
    Pay,
    Onboarding,
}

/// The parts of a call's error that the tests compare.
#[derive(Clone, Debug)]
pub struct Failure {
    pub outcome: Outcome,
    pub attempts: u32,
    pub text: String,
    pub is_timeout: bool,
    pub is_connect: bool,
}

/// Settings of a client. Its clock is virtual, and its random numbers are fixed. A setting that is not a field of this
/// struct has its default.
#[derive(Clone, Debug)]
pub struct Setup {
    pub url: String,
    pub clock: VirtualClock,
    /// Value of every random number.
    pub draws: f64,
    /// Connect timeout. With `None`, the default applies.
    pub connect: Option<Duration>,
    pub options: CallOptions,
    pub observer: Option<Arc<dyn Observer>>,
}

impl Setup {
    pub fn new(url: impl Into<String>) -> Self {
        let (clock, options) = (VirtualClock::default(), CallOptions::new());
        Self { url: url.into(), clock, draws: 0.5, connect: None, options, observer: None }
    }

    pub fn pay(&self) -> pay::Client {
        let draws = self.draws;
        let mut builder = pay::Client::builder(KEY).base_url(&self.url).clock(Arc::new(self.clock.clone()));
        builder = builder.random(Random::new(move || draws));
        if let Some(connect) = self.connect {
            builder = builder.connect_timeout(connect);
        }
        if let Some(observer) = &self.observer {
            builder = builder.observer(observer.clone());
        }
        builder.build().expect("a client").with(self.options)
    }

    pub fn onboarding(&self) -> onboarding::Client {
        let draws = self.draws;
        let builder = onboarding::Client::builder("example-token".into(), "example-secret".into());
        let mut builder = builder.base_url(&self.url).clock(Arc::new(self.clock.clone()));
        builder = builder.random(Random::new(move || draws));
        if let Some(connect) = self.connect {
            builder = builder.connect_timeout(connect);
        }
        if let Some(observer) = &self.observer {
            builder = builder.observer(observer.clone());
        }
        builder.build().expect("a client").with(self.options)
    }
}

type Answered = Pin<Box<dyn Future<Output = Result<(), Failure>> + Send>>;

#[derive(Clone, Copy)]
pub struct Call {
    pub name: &'static str,
    pub api: Api,
    pub class: Class,
    pub success: &'static str,
    pub make: fn(Setup) -> Answered,
}

fn ended<T, C: rt::ErrorCode>(result: Result<T, rt::Error<C>>) -> Result<(), Failure> {
    result.map(drop).map_err(|error| Failure {
        outcome: error.outcome(),
        attempts: error.attempts(),
        text: error.to_string(),
        is_timeout: error.is_timeout(),
        is_connect: error.is_connect(),
    })
}

pub fn create() -> pay::CreatePayment {
    pay::CreatePayment::builder()
        .order_no("order-20261123-1")
        .product_desc("Wool coat")
        .ret_url("https://shop.example/done")
        .ret_cancel_url("https://shop.example/cancel")
        .amount(10_000)
        .amount_tax_free(0)
        .build()
        .expect("within all rules")
}

pub fn execute() -> pay::ExecutePayment {
    pay::ExecutePayment::builder().pay_token("example-payToken").build().expect("within all rules")
}

pub fn refund() -> pay::RefundPayment {
    pay::RefundPayment::builder()
        .pay_token("example-payToken")
        .refund_no("refund-1")
        .amount(4_000)
        .build()
        .expect("within all rules")
}

pub fn refund_that_is_not_idempotent() -> pay::RefundPayment {
    pay::RefundPayment::builder()
        .pay_token("example-payToken")
        .refund_no("refund-1")
        .amount(4_000)
        .accept_double_refunds_by_switching_idempotency_off()
        .build()
        .expect("within all rules")
}

pub fn status() -> pay::PaymentStatus {
    let payment = pay::PaymentBy::PayToken("example-payToken".into());
    pay::PaymentStatus::builder().payment(payment).build().expect("within all rules")
}

pub fn store() -> onboarding::CreateStore {
    onboarding::CreateStore::builder()
        .shop_id("shop-1")
        .shop_name("Haneul")
        .shop_contact_name("Kim")
        .shop_contact_email("haneul@shop.example")
        .shop_contact_phone_number("010-0000-0000")
        .shop_business_registration_number("123-45-67890")
        .shop_url("https://haneul.shop.example")
        .return_url("https://hosting.example/onboarding/done")
        .return_fallback_url("https://hosting.example/onboarding/failed")
        .agency_code("TestTest")
        .build()
        .expect("within all rules")
}

/// Each entry defines a call: its name, the method and the request, the API, how often the request may be sent, and the
/// body of a success.
macro_rules! calls {
    ($($name:literal, $client:ident.$operation:ident($request:expr), $api:ident, $class:ident, $success:literal;)*) => {
        pub const ALL: &[Call] = &[$(Call {
            name: $name,
            api: Api::$api,
            class: Class::$class,
            success: $success,
            make: |setup| Box::pin(async move {
                let request = $request;
                ended(setup.$client().$operation(&request).await)
            }),
        }),*];
    };
}

calls! {
    "create_payment", pay.create_payment(create()), Pay, Once,
        r#"{"code":0,"checkoutPage":"https://pay.example/x","payToken":"example-payToken"}"#;
    "execute_payment", pay.execute_payment(execute()), Pay, Once,
        r#"{"code":0,"mode":"TEST","payToken":"example-payToken","amount":10000,"payMethod":"CARD"}"#;
    "payment_status", pay.payment_status(status()), Pay, Repeatable, r#"{"code":0,"payStatus":"PAY_COMPLETE"}"#;
    "refund_payment", pay.refund_payment(refund()), Pay, Repeatable,
        r#"{"code":0,"payToken":"example-payToken","refundNo":"refund-1","refundedAmount":-4000}"#;
    "refund_payment without idempotency", pay.refund_payment(refund_that_is_not_idempotent()), Pay, Once,
        r#"{"code":0,"payToken":"example-payToken","refundNo":"refund-1","refundedAmount":-4000}"#;
    "create_store", onboarding.create_store(store()), Onboarding, Once,
        r#"{"success":true,"result":{"shopId":"shop-1"}}"#;
    "delete_store",
        onboarding.delete_store(
            onboarding::DeleteStore::builder().shop_id("shop-1").every_registration().build().expect("within all rules")
        ),
        Onboarding, Once, r#"{"success":true,"result":null}"#;
    "delete_store_id",
        onboarding.delete_store_id(
            onboarding::DeleteStoreId::builder().shop_id("shop-1").mid("mid-1").build().expect("within all rules")
        ),
        Onboarding, Once, r#"{"success":true,"result":null}"#;
    "get_credentials",
        onboarding.get_credentials(
            onboarding::GetCredentials::builder().shop_id("shop-1").build().expect("within all rules")
        ),
        Onboarding, Repeatable, r#"{"success":true,"result":{"credentials":[]}}"#;
    "get_subscriptions",
        onboarding.get_subscriptions(
            onboarding::GetSubscriptions::builder().shop_id("shop-1").build().expect("within all rules")
        ),
        Onboarding, Repeatable, r#"{"success":true,"result":{"descriptions":[]}}"#;
    "list_easy_pays",
        onboarding.list_easy_pays(
            onboarding::ListEasyPays::builder().shop_id("shop-1").build().expect("within all rules")
        ),
        Onboarding, Repeatable, r#"{"success":true,"result":[]}"#;
    "open_onboarding_session",
        onboarding.open_onboarding_session(
            onboarding::OpenOnboardingSession::builder().shop_id("shop-1").mid("mid-1").build().expect("within all rules")
        ),
        Onboarding, Once, r#"{"success":true,"result":{"applyUrl":"https://onboarding.example/apply"}}"#;
}

pub fn call(name: &str) -> Call {
    *ALL.iter().find(|call| call.name == name).expect("one of the calls above")
}

/// Observer that records its events as text.
#[derive(Debug, Default)]
pub struct Told(Mutex<Vec<String>>);

impl Told {
    pub fn all(&self) -> Vec<String> {
        self.0.lock().expect("no thread panics while it holds the lock").clone()
    }

    fn keep(&self, what: &str, event: &Event<'_>) {
        let Event { api, operation, attempt, status, code, elapsed, pause, .. } = event;
        let mut text = format!("{what} {attempt} of {api} {operation}: {} after {elapsed:?}", event.outcome_name());
        for (name, value) in [("status", status.map(|s| s.to_string())), ("code", code.map(str::to_owned))] {
            text.extend(value.map(|value| format!(", {name} {value}")));
        }
        text.extend(pause.map(|pause| format!(", again in {pause:?}")));
        self.0.lock().expect("no thread panics while it holds the lock").push(text);
    }
}

impl Observer for Told {
    fn attempt(&self, event: &Event<'_>) {
        self.keep("attempt", event);
    }

    fn call(&self, event: &Event<'_>) {
        self.keep("call", event);
    }
}
