//! Control API in JSON, for tests in any language and for the dashboard.
//!
//! Changes require `Content-Type: application/json`, because pages of other sites cannot send this header.

use crate::callbacks::Delivery;
use crate::faults::{Fault, InvalidFault};
use crate::onboarding::error::StoreError;
use crate::onboarding::review::COMPANIES;
use crate::onboarding::store::Application;
use crate::pay::clerk::ClerkRefund;
use crate::pay::error::PaymentError;
use crate::pay::ledger;
use crate::pay::payment::{Approval, Method, card_company};
use crate::redact;
use crate::response::{ResponseBody, header, respond};
use crate::snapshot::{self, PaymentSnapshot};
use crate::state::{ClockError, State};
use hyper::header::CONTENT_TYPE;
use hyper::http::request::Parts;
use hyper::{Method as Http, Response};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};
use std::fmt;
use std::time::Duration;
use toss_sdk::onboarding::{CompanyType, ContractStatus, EasyPayCode, FeeStatus, SubmallAuditStatus};
use toss_sdk::pay::CardCompany;
use toss_sdk::runtime::Text;

/// All paths, for error messages.
const PATHS: &str = "GET payments, stores, callbacks, journal, faults, faults/struck, held and clock; \
    POST payments/{token}/{approve, cancel, decline, discount, settle, execute, refund, complete-refund}, \
    stores/{mid}/{submit, contract, review, fee, modify}, callbacks/{number}/resend, faults, faults/clear, held/release, clock/forward, reset";

/// Number of exchanges that `GET journal` returns by default.
const EXCHANGES: usize = 100;

type Result<T> = std::result::Result<T, ControlError>;

/// Error of a rejected request.
#[derive(Debug)]
enum ControlError {
    /// The request is invalid. Contains the reason.
    Invalid(String),
    /// The path or action does not exist. Contains the existing paths or actions.
    NoSuchPath(String),
    WrongMethod,
    WrongMediaType,
    NoSuchCallback,
    Fault(InvalidFault),
    Payment(PaymentError),
    Store(StoreError),
    Clock(ClockError),
}

impl ControlError {
    fn status(&self) -> u16 {
        match self {
            Self::Invalid(_) | Self::Fault(_) | Self::Clock(ClockError::TooFar(_)) => 400,
            Self::NoSuchPath(_) | Self::NoSuchCallback => 404,
            Self::Payment(PaymentError::Unknown) | Self::Store(StoreError::Unknown) => 404,
            Self::WrongMethod => 405,
            Self::Payment(_) | Self::Store(_) => 409,
            Self::WrongMediaType => 415,
            Self::Clock(ClockError::NotWritten(_)) => 500,
        }
    }
}

impl fmt::Display for ControlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid(why) | Self::NoSuchPath(why) => f.write_str(why),
            Self::WrongMethod => f.write_str("use GET or HEAD to read, and POST to change"),
            Self::WrongMediaType => f.write_str("send JSON, with Content-Type: application/json"),
            Self::NoSuchCallback => f.write_str("there is no such callback"),
            Self::Fault(why) => why.fmt(f),
            Self::Payment(why) => why.fmt(f),
            Self::Store(why) => why.fmt(f),
            Self::Clock(why) => why.fmt(f),
        }
    }
}

impl From<InvalidFault> for ControlError {
    fn from(why: InvalidFault) -> Self {
        Self::Fault(why)
    }
}

impl From<PaymentError> for ControlError {
    fn from(why: PaymentError) -> Self {
        Self::Payment(why)
    }
}

impl From<StoreError> for ControlError {
    fn from(why: StoreError) -> Self {
        Self::Store(why)
    }
}

impl From<ClockError> for ControlError {
    fn from(why: ClockError) -> Self {
        Self::Clock(why)
    }
}

fn invalid<T>(why: impl Into<String>) -> Result<T> {
    Err(ControlError::Invalid(why.into()))
}

/// Answers requests below `/sandbox/v1/`.
pub(crate) fn answer(state: &State, head: &Parts, path: &str, body: &[u8]) -> Response<ResponseBody> {
    let media_type = header(&head.headers, CONTENT_TYPE).split(';').next().unwrap_or_default();
    let parts: Vec<&str> = path.split('/').collect();
    let answered = match head.method {
        Http::GET => look(state, head, &parts),
        Http::POST if media_type.trim().eq_ignore_ascii_case("application/json") => change(state, &parts, body),
        Http::POST => Err(ControlError::WrongMediaType),
        _ => Err(ControlError::WrongMethod),
    };
    let no_such_path =
        || ControlError::NoSuchPath(format!("there is no {} {path}; the paths are {PATHS}", head.method));
    match answered.and_then(|value| value.ok_or_else(no_such_path)) {
        Ok(value) => respond(200, "application/json", serde_json::to_vec(&value).unwrap_or_default()),
        Err(error) => failure(error.status(), &error.to_string()),
    }
}

/// Answers a GET. Returns `None` if there is no such path.
fn look(state: &State, head: &Parts, path: &[&str]) -> Result<Option<Value>> {
    Ok(Some(match path {
        ["payments"] => payments(state),
        ["stores"] => json!(snapshot::stores(state)),
        ["callbacks"] => callbacks(state),
        ["journal"] => json!(state.journal().latest(latest(head)?)),
        ["faults"] => json!(state.faults().all(state.clock.now())),
        ["faults", "struck"] => json!(state.journal().struck()),
        ["held"] => json!({ "held": state.held.count() }),
        ["clock"] => json!({ "now": state.time() }),
        _ => return Ok(None),
    }))
}

/// Carries out a POST. Returns `None` if there is no such path.
fn change(state: &State, path: &[&str], body: &[u8]) -> Result<Option<Value>> {
    Ok(Some(match path {
        ["payments", token, action] => payment(state, token, action, body)?,
        ["stores", mid, action] => store(state, mid, action, body)?,
        ["callbacks", number, "resend"] => {
            nothing(body)?;
            resend(state, number)?
        }
        ["faults"] => add_faults(state, body)?,
        ["faults", "clear"] => {
            nothing(body)?;
            state.faults().clear();
            json!([])
        }
        ["held", "release"] => {
            nothing(body)?;
            json!({ "released": state.held.release() })
        }
        ["clock", "forward"] => {
            let Forward { seconds } = read(body)?;
            state.forward(Duration::from_secs(seconds))?;
            json!({ "now": state.time() })
        }
        ["reset"] => {
            nothing(body)?;
            state.reset();
            json!({})
        }
        _ => return Ok(None),
    }))
}

/// Switches on all faults of a list, or no fault if one of them is invalid.
fn add_faults(state: &State, body: &[u8]) -> Result<Value> {
    let faults = faults(body)?;
    faults.iter().try_for_each(Fault::check)?;
    let (mut on, now) = (state.faults(), state.clock.now());
    faults.into_iter().try_for_each(|fault| on.add(now, fault))?;
    Ok(json!(on.all(now)))
}

/// Returns the number of exchanges that the request asks for.
fn latest(head: &Parts) -> Result<usize> {
    let mut parameters = form_urlencoded::parse(head.uri.query().unwrap_or_default().as_bytes());
    match parameters.find(|(name, _)| name == "latest") {
        None => Ok(EXCHANGES),
        Some((_, count)) => count.parse().or_else(|_| invalid(format!("latest: expected a number, found `{count}`"))),
    }
}

/// Returns an answer that reports an error.
pub(crate) fn failure(status: u16, why: &str) -> Response<ResponseBody> {
    respond(status, "application/json", json!({ "error": why }).to_string())
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T> {
    serde_json::from_slice(body).or_else(|error| invalid(format!("invalid body: {error}")))
}

/// Checks that a body is empty or `{}`.
fn nothing(body: &[u8]) -> Result<()> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Nothing {}

    if body.trim_ascii().is_empty() { Ok(()) } else { read(body).map(|Nothing {}| ()) }
}

/// Decodes one fault, or a list of them.
fn faults(body: &[u8]) -> Result<Vec<Fault>> {
    let is_list = body.trim_ascii_start().starts_with(b"[");
    let faults = if is_list { read(body)? } else { vec![read(body)?] };
    if faults.is_empty() { invalid("the list of faults is empty") } else { Ok(faults) }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Forward {
    seconds: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Discount {
    won: i64,
}

/// Payment method and points that a purchaser chooses. `card` is the code of the card company. If `card` is absent, the
/// purchaser pays with Toss Money.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Paying {
    card: Option<i64>,
    months: u8,
    points: i64,
}

/// Rejects null for a member whose absence means "all".
fn not_null<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> std::result::Result<Option<T>, D::Error> {
    let given = Option::<T>::deserialize(deserializer)?;
    let why = "null is not allowed here; leave the member out to select everything";
    given.map(Some).ok_or_else(|| serde::de::Error::custom(why))
}

/// A refund by a clerk of the merchant.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Refunding {
    refund_no: String,
    /// Amount in won. If absent, the whole remaining amount is refunded. Null is rejected, because a program that sends
    /// null may have lost the amount.
    #[serde(default, deserialize_with = "not_null")]
    amount: Option<i64>,
    #[serde(default)]
    stays_in_progress: bool,
}

fn payment(state: &State, token: &str, action: &str, body: &[u8]) -> Result<Value> {
    if matches!(action, "cancel" | "decline" | "settle" | "execute" | "complete-refund") {
        nothing(body)?;
    }
    match action {
        "approve" => {
            let url = state.approve(token, &approval(body)?)?;
            return Ok(json!({ "returnUrl": url }));
        }
        "cancel" => state.change_now(|ledger, now| ledger.cancel(now, token).map(drop)),
        "decline" => state.change_now(|ledger, now| ledger.decline(now, token)),
        "discount" => {
            let Discount { won } = read(body)?;
            state.change_now(|ledger, now| ledger.discount(now, token, won))
        }
        "settle" => state.change_now(|ledger, now| ledger.settle(now, token)),
        "execute" => state.change_now(|ledger, now| ledger.execute_as_clerk(now, token)),
        "refund" => {
            let Refunding { refund_no, amount, stays_in_progress } = read(body)?;
            let refund = ClerkRefund { refund_no, amount, stays_in_progress };
            state.change_now(|ledger, now| ledger.refund_as_clerk(now, token, &refund))
        }
        "complete-refund" => state.change_now(|ledger, now| ledger.complete_refund(now, token)),
        _ => {
            let actions = "approve, cancel, decline, discount, settle, execute, refund or complete-refund";
            return Err(ControlError::NoSuchPath(format!("there is no action `{action}`; expected {actions}")));
        }
    }?;
    Ok(json!({}))
}

/// Decodes an approval. An empty body means that the purchaser pays with Toss Money.
fn approval(body: &[u8]) -> Result<Approval> {
    let Paying { card, months, points } = if body.trim_ascii().is_empty() { Paying::default() } else { read(body)? };
    let method = match card {
        None if months > 0 => return invalid("months: only allowed with a card"),
        None => Method::TossMoney,
        Some(code) => match card_company(code) {
            Some(company) => Method::Card { company, months },
            None => {
                let all = CardCompany::KNOWN.iter().filter(|own| ledger::is_supported(own));
                let all: Vec<String> = all.map(|own| own.code().to_string()).collect();
                return invalid(format!("card: there is no company {code}; expected one of {}", all.join(", ")));
            }
        },
    };
    Ok(Approval { method, points })
}

/// Form data of a customer.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Filling {
    company_name: String,
    #[serde(default = "private")]
    company_type: String,
    corporate_number: Option<String>,
    #[serde(default)]
    easy_pays: Vec<String>,
}

fn private() -> String {
    CompanyType::Private.as_str().to_owned()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Status {
    status: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Decision {
    status: String,
    /// Card company. If absent, the status is set for all companies. Null is rejected.
    #[serde(default, deserialize_with = "not_null")]
    company: Option<String>,
}

/// Decodes a documented value, regardless of case.
fn known<T: Text + Clone>(all: &[T], name: &'static str, given: &str) -> Result<T> {
    all.iter().find(|own| own.as_text().eq_ignore_ascii_case(given)).cloned().ok_or_else(|| {
        let all: Vec<&str> = all.iter().map(T::as_text).collect();
        ControlError::Invalid(format!("{name}: expected one of {}", all.join(", ")))
    })
}

fn store(state: &State, mid: &str, action: &str, body: &[u8]) -> Result<Value> {
    match action {
        "submit" => {
            let Filling { company_name, company_type, corporate_number, easy_pays } = read(body)?;
            let mut application =
                Application::new(company_name, known(CompanyType::KNOWN, "companyType", &company_type)?);
            application.corporate_number = corporate_number;
            let easy_pays = easy_pays.iter().map(|code| known(EasyPayCode::KNOWN, "easyPays", code));
            application.easy_pays = easy_pays.collect::<Result<_>>()?;
            let pre_open = state.settings.pre_open;
            state.change_stores_now(|stores, now| stores.submit(now, mid, application, pre_open))
        }
        "contract" => {
            let Status { status } = read(body)?;
            let status = known(ContractStatus::KNOWN, "status", &status)?;
            state.change_stores_now(|stores, now| stores.contract(now, mid, &status))
        }
        "review" => {
            let Decision { status, company } = read(body)?;
            if let Some(name) = company.as_deref().filter(|name| !COMPANIES.contains(name)) {
                return invalid(format!("company: there is no `{name}`; expected one of {}", COMPANIES.join(", ")));
            }
            let status = known(SubmallAuditStatus::KNOWN, "status", &status)?;
            state.change_stores_now(|stores, now| stores.review(now, mid, company.as_deref(), &status))
        }
        "fee" => {
            let Status { status } = read(body)?;
            let status = known(FeeStatus::KNOWN, "status", &status)?;
            state.change_stores_now(|stores, now| stores.fee(now, mid, status))
        }
        "modify" => {
            nothing(body)?;
            state.change_stores_now(|stores, now| stores.ask_to_modify(now, mid))
        }
        _ => {
            let actions = "submit, contract, review, fee or modify";
            return Err(ControlError::NoSuchPath(format!("there is no action `{action}`; expected {actions}")));
        }
    }?;
    Ok(json!({}))
}

fn resend(state: &State, number: &str) -> Result<Value> {
    if number.parse().is_ok_and(|number| state.callbacks.resend(number)) {
        Ok(json!({}))
    } else {
        Err(ControlError::NoSuchCallback)
    }
}

/// Returns the callbacks, with redacted URLs and bodies.
fn callbacks(state: &State) -> Value {
    let shown = |delivery: &Delivery| Delivery {
        url: redact::masked(&delivery.url),
        body: redact::redacted(delivery.body.as_bytes()),
        ..delivery.clone()
    };
    json!(state.callbacks.list().iter().map(shown).collect::<Vec<_>>())
}

fn payments(state: &State) -> Value {
    let masked = |mut payment: PaymentSnapshot| {
        payment.order_no = redact::masked(&payment.order_no);
        payment.product_desc = redact::masked(&payment.product_desc);
        payment
    };
    json!(snapshot::payments(state).into_iter().map(masked).collect::<Vec<_>>())
}
