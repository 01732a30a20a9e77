//! The sandbox answers as documented. A strict check compares the sandbox's answers and callbacks with the spec: the
//! names, types and limits of all members. In random histories of payments, a model also checks the amounts and the
//! states after each step.

use codegen::project::Project;
use codegen::regen::{Loaded, load};
use codegen::resolved::Api;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;
use tests::service::block_on;
use tests::strict;
use tests::temp_project::repository;
use toss_sandbox::{
    Application, Approval, CallbackKind, Fault, FaultKind, Host, Method, PaymentSnapshot, Sandbox, Settings,
};
use toss_sdk::onboarding::{self, CompanyType, ContractStatus, EasyPayCode, SubmallAuditStatus};
use toss_sdk::pay::*;
use toss_sdk::runtime::{Outcome, RetryPolicy};

const KEY: &str = "sk_test_w5lNQylNqa5lNQe013Nq";

fn apis() -> Vec<Api> {
    match load(&Project::at(&repository())).expect("the spec can be read") {
        Loaded::Sound(apis) => apis,
        Loaded::Findings(sources, diagnostics) => panic!("{}", diagnostics.render(&sources, false)),
    }
}

fn client(sandbox: &Sandbox) -> Client {
    Client::builder(KEY).base_url(sandbox.base_url()).retries(RetryPolicy::never()).build().unwrap()
}

/// Checks every stored answer and callback against the spec. Returns the number of checked bodies.
fn check_output(sandbox: &Sandbox, apis: &[Api]) -> usize {
    let api_of =
        |operation: &str| apis.iter().find(|api| api.operations.iter().any(|own| own.id == operation)).unwrap();
    let api_named = |name: &str| apis.iter().find(|api| api.name == name).unwrap();
    let mut seen = 0;
    for entry in sandbox.journal() {
        // This fault has replaced the service's answer, so there is nothing to check.
        if matches!(entry.fault, Some(FaultKind::ResetBefore | FaultKind::HtmlBefore { .. })) {
            continue;
        }
        let operation = entry.operation.as_deref().unwrap();
        let broken = strict::answer(api_of(operation), operation, &entry.response);
        assert!(broken.is_empty(), "{operation}: {broken:#?}\n{}", entry.response);
        seen += 1;
    }
    for delivery in sandbox.callbacks() {
        let (api, callback) = match delivery.kind.as_str() {
            "registration" => ("onboarding", "registration_callback"),
            "card_audit" => ("onboarding", "card_audit_callback"),
            _ => ("pay", "result_callback"),
        };
        // The callback of a card audit has no body, and the first version of the payment callback is a form.
        let body = match delivery.kind {
            CallbackKind::CardAudit => json!({}),
            CallbackKind::ResultV1 => form(&delivery.body),
            _ => serde_json::from_str(&delivery.body).unwrap(),
        };
        let broken = strict::callback(api_named(api), callback, &body);
        assert!(broken.is_empty(), "{callback}: {broken:#?}\n{}", delivery.body);
        seen += 1;
    }
    seen
}

/// Converts a form to a JSON object. Amounts become numbers.
fn form(body: &str) -> Value {
    let pairs = form_urlencoded::parse(body.as_bytes()).map(|(name, value)| {
        let is_amount = name.to_lowercase().ends_with("amount") || name == "paidPoint";
        let value = if is_amount { json!(value.parse::<i64>().unwrap()) } else { json!(value) };
        (name.into_owned(), value)
    });
    Value::Object(pairs.collect())
}

#[test]
fn every_answer_and_callback_of_onboarding_is_as_documented() {
    let (sandbox, host) = (Sandbox::start().unwrap(), Host::published());
    let (token, secret) = (host.token.as_str().into(), host.secret.as_str().into());
    let toss = onboarding::Client::builder(token, secret).base_url(sandbox.base_url()).build().unwrap();
    let store = |business: Option<&str>| {
        let store = onboarding::CreateStore::builder()
            .shop_id("shop-1")
            .shop_name("마켓하늘")
            .shop_contact_name("김하늘")
            .shop_contact_email("kim@haneul.example")
            .shop_contact_phone_number("010-0000-0000")
            .shop_url("https://haneul.example")
            .return_url("http://127.0.0.1:1/done")
            .return_fallback_url("http://127.0.0.1:1/failed")
            .callback_url("http://127.0.0.1:1/callback")
            .card_screening_callback_url("http://127.0.0.1:1/audit")
            .agency_code("TestTest");
        match business {
            Some(number) => store.shop_business_registration_number(number).build().unwrap(),
            None => store.not_a_business().build().unwrap(),
        }
    };
    let look = || {
        let credentials = onboarding::GetCredentials::builder().shop_id("shop-1").build().unwrap();
        block_on(toss.get_credentials(&credentials)).unwrap();
        let subscriptions = onboarding::GetSubscriptions::builder().shop_id("shop-1").build().unwrap();
        block_on(toss.get_subscriptions(&subscriptions)).unwrap();
        let easy_pays = onboarding::ListEasyPays::builder().shop_id("shop-1").build().unwrap();
        block_on(toss.list_easy_pays(&easy_pays)).unwrap();
    };
    look();
    let mid = block_on(toss.create_store(&store(None))).unwrap().mid.unwrap();
    block_on(toss.create_store(&store(None))).unwrap_err();
    block_on(toss.create_store(&store(Some("123-45-67890")))).unwrap();
    look();
    let open = onboarding::OpenOnboardingSession::builder().shop_id("shop-1").mid(&mid).build().unwrap();
    block_on(toss.open_onboarding_session(&open)).unwrap();
    let mut application = Application::new("마켓하늘", CompanyType::NonProfitCorp);
    application.corporate_number = Some("110111-1234567".into());
    application.easy_pays = EasyPayCode::KNOWN.to_vec();
    sandbox.submit(&mid, &application).unwrap();
    look();
    for status in SubmallAuditStatus::KNOWN {
        sandbox.review(&mid, None, status).unwrap();
        look();
    }
    sandbox.ask_to_modify(&mid).unwrap();
    sandbox.contract(&mid, &ContractStatus::Done).unwrap();
    look();
    let all = onboarding::DeleteStore::builder().shop_id("shop-1").every_registration().build().unwrap();
    block_on(toss.delete_store(&all)).unwrap_err();
    sandbox.contract(&mid, &ContractStatus::Terminated).unwrap();
    let one = onboarding::DeleteStoreId::builder().shop_id("shop-1").mid(&mid).build().unwrap();
    block_on(toss.delete_store_id(&one)).unwrap();
    block_on(toss.delete_store(&all)).unwrap();
    block_on(toss.delete_store(&all)).unwrap_err();
    look();
    assert!(check_output(&sandbox, &apis()) > 30);
    let told: Vec<&str> = sandbox.callbacks().iter().map(|delivery| delivery.kind.as_str()).collect();
    assert!(told.contains(&"registration") && told.contains(&"card_audit"), "{told:?}");
}

/// Pseudorandom number generator (SplitMix64).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % bound as u64).unwrap()
    }
}

/// Expected state of a payment. The model follows only the documentation page.
#[derive(Clone, Debug)]
struct Modeled {
    order: String,
    price: i64,
    at_once: bool,
    status: PayStatus,
    refunds: BTreeMap<String, i64>,
    created: u64,
    authenticated: bool,
    paid_at: Option<u64>,
}

const DAY: u64 = 86_400;

impl Modeled {
    fn refunded(&self) -> i64 {
        self.refunds.values().sum()
    }

    fn age(&mut self, now: u64) {
        match self.status {
            PayStatus::PayStandby | PayStatus::PayApproved if now >= self.created + 900 => {
                self.status = PayStatus::PayCancel;
            }
            PayStatus::PayComplete if now >= self.paid_at.unwrap() + 365 * DAY => {
                self.status = PayStatus::SettlementComplete;
            }
            PayStatus::RefundSuccess if now >= self.paid_at.unwrap() + 365 * DAY => {
                self.status = PayStatus::SettlementRefundComplete;
            }
            _ => {}
        }
    }

    fn pay(&mut self, now: u64) {
        self.status = PayStatus::PayComplete;
        self.paid_at = Some(now);
    }
}

/// Adds a fault for the next call, with a probability of one in four. Returns `None` if there is no fault. Otherwise,
/// returns whether the service carries out the request despite the fault.
fn disturbed(random: &mut Random, sandbox: &Sandbox, operation: &str) -> Option<bool> {
    let kinds = [
        (FaultKind::ResetBefore, false),
        (FaultKind::HtmlBefore { status: 502 }, false),
        (FaultKind::Code { code: "COMMON_TIMEOUT".into() }, false),
        (FaultKind::ResetAfter, true),
        (FaultKind::CutBody, true),
        (FaultKind::HtmlAfter { status: 504 }, true),
    ];
    let (does, landed) = kinds[random.below(kinds.len())].clone();
    (random.below(4) == 0).then(|| {
        sandbox.fault(Fault::once(operation, does)).unwrap();
        landed
    })
}

/// Returns `true` if a call took effect. If the call met a fault, this is the value in `fault` (see [`disturbed`]).
/// Otherwise, the call took effect if it succeeded.
fn done<T: std::fmt::Debug>(result: &Result<T, Error>, fault: Option<bool>) -> bool {
    let Some(landed) = fault else { return result.is_ok() };
    assert!(result.as_ref().is_err_and(|error| error.outcome() == Outcome::Unknown), "{result:?}");
    landed
}

/// Runs a random history of a merchant's payments, and compares the sandbox with the model after each step. Returns the
/// number of refused creations.
fn history(sandbox: &Sandbox, seed: u64) -> usize {
    let mut random = Random(seed);
    let toss = client(sandbox);
    let mut model: Vec<(PayToken, Modeled)> = Vec::new();
    let mut now = 0;
    let mut refused = 0;
    for step in 0..40 {
        model.iter_mut().for_each(|(_, payment)| payment.age(now));
        let which = random.below(model.len().max(1));
        match random.below(9) {
            0 | 1 => {
                let order = format!("{seed}-{}", random.below(4));
                let used = model.iter().any(|(_, payment)| payment.order == order && payment.authenticated);
                let price = [1_000, 9_999, 50_000, 9_999_999][random.below(4)];
                let at_once = random.below(3) == 0;
                let request = CreatePayment::builder()
                    .order_no(&*order)
                    .product_desc("coat")
                    .ret_url("http://127.0.0.1:1/a")
                    .ret_cancel_url("http://127.0.0.1:1/b")
                    .amount(price)
                    .amount_tax_free([0, price][random.below(2)]);
                let request = if at_once {
                    let version = [CallbackVersion::V1, CallbackVersion::V2][random.below(2)];
                    request.auto_execute(true).result_callback("http://127.0.0.1:1/c").callback_version(version)
                } else {
                    request
                };
                let fault = disturbed(&mut random, sandbox, "create_payment");
                let made = block_on(toss.create_payment(&request.build().unwrap()));
                if let (Err(error), None) = (&made, fault) {
                    assert!(used, "seed {seed}, step {step}: {error}");
                    assert_eq!(error.code(), Some(&ErrorCode::PaymentDuplicationOrderNo));
                    refused += 1;
                }
                if done(&made, fault) && !(used && fault.is_some()) {
                    assert!(!used, "seed {seed}, step {step}: {order} was accepted again");
                    let token = made.map(|reply| reply.pay_token);
                    // If the answer was lost, the created payment is the latest one.
                    let token = token.unwrap_or_else(|_| sandbox.payments().pop().unwrap().pay_token.into());
                    let payment = Modeled {
                        order,
                        price,
                        at_once,
                        status: PayStatus::PayStandby,
                        refunds: BTreeMap::new(),
                        created: now,
                        authenticated: false,
                        paid_at: None,
                    };
                    model.push((token, payment));
                }
            }
            _ if model.is_empty() => {}
            2 | 3 => {
                let (token, payment) = &model[which];
                let method = match random.below(3) {
                    0 => Method::TossMoney,
                    _ => Method::Card { company: CardCompany::KNOWN[random.below(10)].clone(), months: 0 },
                };
                let is_supported = !matches!(method, Method::Card { company: CardCompany::Citi, .. });
                let points = [0, 500][random.below(2)];
                // The payment may be approved even if the order has a newer payment.
                let may = payment.status == PayStatus::PayStandby && is_supported;
                let done = sandbox.approve(token, &Approval { method, points });
                assert_eq!(done.is_ok(), may, "seed {seed}, step {step}: {done:?} {payment:?}");
                if may {
                    let payment = &mut model[which].1;
                    payment.authenticated = true;
                    if payment.at_once { payment.pay(now) } else { payment.status = PayStatus::PayApproved }
                }
            }
            4 => {
                let (token, payment) = &mut model[which];
                let request = ExecutePayment::builder().pay_token(&*token).order_no(&*payment.order).build().unwrap();
                let fault = disturbed(&mut random, sandbox, "execute_payment");
                let result = block_on(toss.execute_payment(&request));
                let may = payment.status == PayStatus::PayApproved;
                if fault.is_none() {
                    assert_eq!(result.is_ok(), may, "seed {seed}, step {step}: {payment:?}");
                }
                if may && done(&result, fault) {
                    payment.pay(now);
                }
            }
            5 | 6 => {
                let (token, payment) = &mut model[which];
                let number = format!("r-{seed}-{which}-{}", random.below(4));
                let amount = [1, payment.price / 3, payment.price][random.below(3)].max(1);
                let request = RefundPayment::builder().pay_token(&*token).refund_no(&*number).amount(amount);
                let fault = disturbed(&mut random, sandbox, "refund_payment");
                let result = block_on(toss.refund_payment(&request.build().unwrap()));
                let open = matches!(payment.status, PayStatus::PayComplete | PayStatus::RefundSuccess);
                let may = match payment.refunds.get(&number) {
                    Some(before) => *before == amount,
                    None => open && amount <= payment.price - payment.refunded(),
                };
                if fault.is_none() {
                    assert_eq!(result.is_ok(), may, "seed {seed}, step {step}: {amount} of {payment:?}: {result:?}");
                }
                if may && done(&result, fault) && payment.refunds.insert(number, amount).is_none() {
                    payment.status = PayStatus::RefundSuccess;
                }
            }
            7 => {
                let (token, payment) = &mut model[which];
                let done = sandbox.cancel(&*token).is_ok();
                let may = matches!(payment.status, PayStatus::PayStandby | PayStatus::PayApproved);
                assert_eq!(done, may, "seed {seed}, step {step}: {payment:?}");
                if may {
                    payment.status = PayStatus::PayCancel;
                }
            }
            _ => {
                let by = [60, 600, 100 * DAY][random.below(3)];
                sandbox.forward(Duration::from_secs(by)).unwrap();
                now += by;
            }
        }
        model.iter_mut().for_each(|(_, payment)| payment.age(now));
        agree(sandbox, &toss, &model, seed);
    }
    refused
}

/// Checks that the sandbox agrees with the model, and that the state changes of all payments are documented.
fn agree(sandbox: &Sandbox, toss: &Client, model: &[(PayToken, Modeled)], seed: u64) {
    let records: Vec<PaymentSnapshot> = sandbox.payments();
    for (token, payment) in model {
        let record = records.iter().find(|record| record.pay_token == token.as_str()).unwrap();
        assert_eq!(record.status, payment.status.as_str(), "seed {seed}: {payment:?}\n{record:?}");
        let refunded: i64 = record.refunds.iter().map(|refund| refund.amount).sum();
        assert_eq!(refunded, payment.refunded(), "seed {seed}");
        assert!(refunded <= record.amount && record.charges <= 1);
        let is_settled = payment.status.as_str().starts_with("SETTLEMENT");
        let left = if payment.paid_at.is_some() && !is_settled { payment.price - refunded } else { 0 };
        assert_eq!(record.refundable_amount, left, "seed {seed}");
        let steps = record.timeline.iter().filter_map(|happening| happening.what.split_once(" → "));
        for (from, to) in steps {
            let of = |name: &str| PayStatus::KNOWN.iter().find(|own| own.as_str() == name).unwrap();
            assert!(of(from).next().contains(of(to)), "seed {seed}: {from} → {to} is not documented");
        }
    }
    // The transactions of the last payment must add up to its paid and refunded amounts.
    if let Some((token, payment)) = model.last() {
        let request = PaymentStatus::builder().payment(token.clone()).build().unwrap();
        let found = block_on(toss.payment_status(&request)).unwrap();
        let sum = |step: StepType| -> i64 {
            let own = found.transactions.iter().filter(|movement| movement.step_type == Some(step.clone()));
            own.map(|movement| movement.transaction_amount.unwrap()).sum()
        };
        assert_eq!(sum(StepType::Refund), -payment.refunded(), "seed {seed}: {found:?}");
        assert_eq!(sum(StepType::Pay), if payment.paid_at.is_some() { payment.price } else { 0 }, "seed {seed}");
        let left = found.discounted_amount.unwrap() + found.paid_amount.unwrap();
        let due = if payment.paid_at.is_some() { payment.price - payment.refunded() } else { 0 };
        assert_eq!(left, due, "seed {seed}: {found:?}");
    }
}

#[test]
fn random_histories_match_the_model_and_the_documentation() {
    let apis = apis();
    let seed: u64 = std::env::var("MODEL_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1);
    let (mut seen, mut refused) = (0, 0);
    for seed in seed..seed + 120 {
        let discount = u8::try_from(seed % 3 * 5).unwrap();
        let sandbox = Sandbox::with(Settings { discount_percent: discount, ..Settings::default() }).unwrap();
        refused += history(&sandbox, seed);
        seen += check_output(&sandbox, &apis);
    }
    println!("{seen} answers and callbacks, {refused} refused creations");
    assert!(seen > 5_000 && refused > 10);
}

#[test]
fn the_check_finds_values_that_are_undocumented_too_long_or_of_another_type() {
    let apis = apis();
    let pay = apis.iter().find(|api| api.name == "pay").unwrap();
    let found = |body: &str| strict::answer(pay, "payment_status", body);
    assert_eq!(found(r#"{"code":0,"payStatus":"PAY_STANDBY","amount":1}"#), [""; 0]);
    let body = r#"{"payStatus":"PAY_MAYBE","amount":"1","paidAmount":12345678,"mood":"good","transactions":[{"x":1}]}"#;
    let said = found(body).join("\n");
    for part in
        ["code: is missing", "PAY_MAYBE", ".amount", "8 exceeds the limit of 7", ".mood: is not", "[0].x: is not"]
    {
        assert!(said.contains(part), "{part} in\n{said}");
    }
}
