//! Handwritten code for a request and a reply, with derived serde structs. It is the baseline for the generated code.

use serde::{Deserialize, Serialize};
use std::hint::black_box;
use toss_sdk::pay::KstDateTime;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CreatePayment {
    order_no: String,
    product_desc: String,
    ret_url: String,
    ret_cancel_url: String,
    ret_app_scheme: Option<String>,
    auto_execute: Option<bool>,
    result_callback: Option<String>,
    callback_version: Option<&'static str>,
    amount: i64,
    amount_tax_free: i64,
    amount_taxable: Option<i64>,
    amount_vat: Option<i64>,
    amount_service_fee: Option<i64>,
    expired_time: Option<KstDateTime>,
    enable_pay_methods: Option<&'static str>,
    cash_receipt: Option<bool>,
    cash_receipt_trade_option: Option<&'static str>,
    card_options: Option<CardOptions>,
    installment: Option<&'static str>,
}

#[derive(Serialize)]
struct CardOptions {
    options: Vec<CardOption>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CardOption {
    card_company_code: i64,
}

/// Fills, checks and encodes a full request.
pub fn create_payment(now: KstDateTime, expires: KstDateTime) -> Vec<u8> {
    let request = CreatePayment {
        order_no: black_box("order-20261123-1").into(),
        product_desc: black_box("울 코트 네이비 100").into(),
        ret_url: black_box("https://shop.example/done?order=20261123-1").into(),
        ret_cancel_url: black_box("https://shop.example/cancel?order=20261123-1").into(),
        ret_app_scheme: Some(black_box("shop://").into()),
        auto_execute: Some(true),
        result_callback: Some(black_box("https://shop.example/callback").into()),
        callback_version: Some("V2"),
        amount: black_box(39_000),
        amount_tax_free: black_box(0),
        amount_taxable: Some(black_box(35_454)),
        amount_vat: Some(black_box(3_546)),
        amount_service_fee: Some(0),
        expired_time: Some(expires),
        enable_pay_methods: Some("CARD"),
        cash_receipt: Some(true),
        cash_receipt_trade_option: Some("GENERAL"),
        card_options: Some(CardOptions {
            options: vec![CardOption { card_company_code: 3 }, CardOption { card_company_code: 2 }],
        }),
        installment: Some("USE"),
    };
    let broken = check(&request, now);
    assert!(broken.is_empty(), "{broken:?}");
    serde_json::to_vec(&request).expect("a request is always JSON")
}

fn check(request: &CreatePayment, now: KstDateTime) -> Vec<String> {
    let mut broken = Vec::new();
    let order = request.order_no.chars().count();
    if order == 0 || order > 50 {
        broken.push(format!("orderNo: {order} characters"));
    }
    if !request.order_no.chars().all(|c| c.is_ascii_alphanumeric() || "_-:.^@".contains(c)) {
        broken.push("orderNo: character".into());
    }
    let described = request.product_desc.chars().count();
    if described > 255 || request.product_desc.trim().is_empty() {
        broken.push(format!("productDesc: {described} characters"));
    }
    if request.product_desc.contains(['\\', '"', '\'']) {
        broken.push("productDesc: character".into());
    }
    url(&mut broken, "retUrl", &request.ret_url, 255);
    url(&mut broken, "retCancelUrl", &request.ret_cancel_url, 255);
    if let Some(scheme) = &request.ret_app_scheme
        && scheme.chars().count() > 255
    {
        broken.push("retAppScheme: too long".into());
    }
    if let Some(callback) = &request.result_callback {
        url(&mut broken, "resultCallback", callback, 500);
    }
    if request.auto_execute == Some(true) {
        if request.result_callback.is_none() {
            broken.push("resultCallback: missing".into());
        }
        if request.callback_version.is_none() {
            broken.push("callbackVersion: missing".into());
        }
    }
    if !(1..=9_999_999).contains(&request.amount) {
        broken.push("amount: out of range".into());
    }
    let parts = [
        ("amountTaxFree", Some(request.amount_tax_free)),
        ("amountTaxable", request.amount_taxable),
        ("amountVat", request.amount_vat),
        ("amountServiceFee", request.amount_service_fee),
    ];
    for (name, part) in parts {
        if part.is_some_and(|part| !(0..=9_999_999).contains(&part)) {
            broken.push(format!("{name}: out of range"));
        }
    }
    let sum: i64 = parts.iter().filter_map(|(_, part)| *part).sum();
    let exact = request.amount_taxable.is_some() && request.amount_vat.is_some();
    if sum > request.amount || (exact && sum != request.amount) {
        broken.push("amount: parts do not add up".into());
    }
    if let Some(expires) = request.expired_time
        && (expires < now || expires > now.plus_minutes(60))
    {
        broken.push("expiredTime: out of range".into());
    }
    if request.card_options.as_ref().is_some_and(|options| options.options.is_empty()) {
        broken.push("cardOptions.options: empty".into());
    }
    broken
}

fn url(broken: &mut Vec<String>, name: &str, text: &str, max: usize) {
    if text.chars().count() > max {
        broken.push(format!("{name}: too long"));
    }
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let host = rest.map(|rest| rest.split(['/', '?', '#']).next().unwrap_or_default());
    if host.is_none_or(str::is_empty) || text.contains(|c: char| c.is_whitespace() || c.is_control()) {
        broken.push(format!("{name}: no URL"));
    }
}

/// A status reply with types that a careful programmer would choose. A single unexpected value makes the whole reply
/// unreadable.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(dead_code)]
struct PaymentStatus {
    mode: Option<Mode>,
    pay_token: Option<String>,
    pay_status: PayStatus,
    order_no: Option<String>,
    pay_method: Option<PayMethod>,
    amount: Option<i64>,
    discounted_amount: Option<i64>,
    #[serde(rename = "discountAmountV2")]
    discount_amount_v2: Option<i64>,
    #[serde(rename = "paidPointV2")]
    paid_point_v2: Option<i64>,
    paid_amount: Option<i64>,
    refundable_amount: Option<i64>,
    amount_tax_free: Option<i64>,
    amount_taxable: Option<i64>,
    amount_vat: Option<i64>,
    amount_service_fee: Option<i64>,
    disposable_cup_deposit: Option<i64>,
    account_bank_code: Option<String>,
    account_bank_name: Option<String>,
    account_number: Option<String>,
    card: Option<Card>,
    #[serde(default)]
    transactions: Vec<Transaction>,
    #[serde(default, deserialize_with = "time")]
    created_ts: Option<KstDateTime>,
    #[serde(default, deserialize_with = "time")]
    paid_ts: Option<KstDateTime>,
    code: i64,
    msg: Option<String>,
    error_code: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(dead_code)]
struct Card {
    no_interest: Option<bool>,
    spread_out: Option<i64>,
    card_company_name: Option<String>,
    card_company_code: Option<i64>,
    card_authorization_no: Option<String>,
    card_method_type: Option<CardMethodType>,
    card_user_type: Option<CardUserType>,
    card_number: Option<String>,
    card_bin_number: Option<String>,
    #[serde(rename = "cardNum4Print")]
    card_num4_print: Option<String>,
    sales_check_link_url: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(dead_code)]
struct Transaction {
    step_type: Option<StepType>,
    transaction_id: Option<String>,
    transaction_amount: Option<i64>,
    discounted_amount: Option<i64>,
    paid_amount: Option<i64>,
    point_amount: Option<i64>,
    #[serde(default, deserialize_with = "time")]
    reg_ts: Option<KstDateTime>,
}

#[derive(Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Mode {
    Live,
    Test,
}

#[derive(Deserialize, PartialEq)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[allow(clippy::enum_variant_names)]
enum PayStatus {
    PayStandby,
    PayApproved,
    PayCancel,
    PayProgress,
    PayComplete,
    RefundProgress,
    RefundSuccess,
    SettlementComplete,
    SettlementRefundComplete,
}

#[derive(Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum PayMethod {
    TossMoney,
    Card,
}

#[derive(Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum CardMethodType {
    Credit,
    Check,
    Prepayment,
}

#[derive(Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum CardUserType {
    Personal,
    PersonalFamily,
    CorpPersonal,
    CorpPrivate,
    CorpCompany,
}

#[derive(Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum StepType {
    Pay,
    Refund,
}

fn time<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<KstDateTime>, D::Error> {
    let text = Option::<&str>::deserialize(deserializer)?;
    text.map(|text| text.parse().map_err(serde::de::Error::custom)).transpose()
}

/// Decodes a status reply and returns the amount. It also copies the body, because the generated code does so.
pub fn payment_status(body: &[u8]) -> usize {
    let reply: PaymentStatus = serde_json::from_slice(body).expect("the page's example");
    let raw = body.to_vec();
    assert!(reply.code == 0 && reply.pay_status == PayStatus::PayComplete && raw.len() == body.len());
    reply.amount.unwrap_or_default() as usize
}
