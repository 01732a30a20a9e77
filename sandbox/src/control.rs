//! The control API: JSON, for tests in any language, and for the dashboard. All that the pages can do, it can do.
//!
//! Changes demand `Content-Type: application/json`, which another site's page cannot send.

use crate::callbacks::Delivery;
use crate::faults::Fault;
use crate::http::{Sent, header, respond};
use crate::onboarding::registry::{self, Application};
use crate::onboarding::review::COMPANIES;
use crate::pay::clerk::ClerkRefund;
use crate::pay::ledger;
use crate::pay::obstacle::Obstacle;
use crate::pay::payment::{Approval, Method};
use crate::record::Record;
use crate::redact;
use crate::world::World;
use hyper::header::CONTENT_TYPE;
use hyper::http::request::Parts;
use hyper::{Method as Http, Response};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};
use std::time::Duration;
use toss_sdk::onboarding::{CompanyType, ContractStatus, EasyPayCode, FeeStatus, SubmallAuditStatus};
use toss_sdk::pay::CardCompany;
use toss_sdk::runtime::Text;

/// What there is, for errors.
const THERE_IS: &str = "GET payments, stores, callbacks, journal, faults, faults/struck, held and clock; \
    POST payments/{token}/{approve, cancel, decline, discount, settle, execute, refund, complete-refund}, \
    stores/{mid}/{submit, contract, review, fee, modify}, callbacks/{number}/resend, faults, faults/clear, held/release, clock/forward, reset";

/// How many exchanges are listed when no number is asked for.
const EXCHANGES: usize = 100;

type Result<T> = std::result::Result<T, (u16, String)>;

/// Answers what comes below `/sandbox/v1/`.
pub(crate) fn answer(world: &World, head: &Parts, path: &str, body: &[u8]) -> Response<Sent> {
    let is_change = head.method == Http::POST;
    let label = header(&head.headers, CONTENT_TYPE).split(';').next().unwrap_or_default();
    let result = if !is_change && head.method != Http::GET {
        Err((405, "GET and HEAD read, POST changes; there is no other method".to_owned()))
    } else if is_change && !label.trim().eq_ignore_ascii_case("application/json") {
        Err((415, "send JSON, with Content-Type: application/json".to_owned()))
    } else {
        let parts: Vec<&str> = path.split('/').collect();
        match (is_change, parts.as_slice()) {
            (false, ["payments"]) => Ok(payments(world)),
            (false, ["stores"]) => Ok(json!(crate::record::stores(world))),
            (true, ["stores", mid, action]) => store(world, mid, action, body),
            (false, ["callbacks"]) => Ok(callbacks(world)),
            (false, ["journal"]) => latest(head).map(|count| json!(world.journal().latest(count))),
            (false, ["faults"]) => Ok(json!(world.faults().all(world.clock.now()))),
            (false, ["held"]) => Ok(json!({ "held": world.held.count() })),
            (false, ["faults", "struck"]) => Ok(json!(world.journal().struck())),
            (false, ["clock"]) => Ok(json!({ "now": world.time() })),
            (true, ["payments", token, action]) => payment(world, token, action, body),
            (true, ["callbacks", number, "resend"]) => resend(world, number),
            (true, ["faults"]) => faults(body).and_then(|faults| {
                // All or none.
                faults.iter().try_for_each(Fault::check).map_err(|why| (400, why))?;
                let (mut on, now) = (world.faults(), world.clock.now());
                faults.into_iter().try_for_each(|fault| on.add(now, fault)).map_err(|why| (400, why))?;
                Ok(json!(on.all(now)))
            }),
            (true, ["faults", "clear"]) => nothing(body).map(|()| {
                world.faults().clear();
                json!([])
            }),
            (true, ["held", "release"]) => nothing(body).map(|()| json!({ "released": world.held.release() })),
            (true, ["clock", "forward"]) => read(body).and_then(|Forward { seconds }| {
                world.forward_checked(Duration::from_secs(seconds)).map_err(|why| (400, why))?;
                Ok(json!({ "now": world.time() }))
            }),
            (true, ["reset"]) => nothing(body).map(|()| {
                world.reset();
                json!({})
            }),
            _ => Err((404, format!("there is no {} {path}; there is {THERE_IS}", head.method))),
        }
    };
    match result {
        Ok(value) => respond(200, "application/json", serde_json::to_vec(&value).unwrap_or_default()),
        Err((status, error)) => failure(status, &error),
    }
}

/// How many exchanges are asked for.
fn latest(head: &Parts) -> Result<usize> {
    let mut parameters = form_urlencoded::parse(head.uri.query().unwrap_or_default().as_bytes());
    match parameters.find(|(name, _)| name == "latest") {
        None => Ok(EXCHANGES),
        Some((_, count)) => count.parse().map_err(|_| (400, format!("latest: a number, not `{count}`"))),
    }
}

/// The answer to what cannot be done.
pub(crate) fn failure(status: u16, why: &str) -> Response<Sent> {
    respond(status, "application/json", json!({ "error": why }).to_string())
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T> {
    serde_json::from_slice(body).map_err(|error| (400, format!("the body is not what is taken here: {error}")))
}

/// The body of what needs none.
fn nothing(body: &[u8]) -> Result<()> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Nothing {}

    if body.trim_ascii().is_empty() { Ok(()) } else { read(body).map(|Nothing {}| ()) }
}

/// Why something of the world's own cannot be done: there is no such thing, or it is not in a state for it.
fn conflict(why: String) -> (u16, String) {
    let is_unknown = [ledger::NONE, registry::NO_STORE].contains(&why.as_str());
    (if is_unknown { 404 } else { 409 }, why)
}

fn obstacle(why: Obstacle) -> (u16, String) {
    (if why == Obstacle::Unknown { 404 } else { 409 }, why.to_string())
}

/// One fault, or a list of them.
fn faults(body: &[u8]) -> Result<Vec<Fault>> {
    let is_list = body.trim_ascii_start().starts_with(b"[");
    let faults = if is_list { read(body)? } else { vec![read(body)?] };
    if faults.is_empty() { Err((400, "there is no fault in the list".into())) } else { Ok(faults) }
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

/// How a purchaser pays: by the card company's code, or by Toss Money without one.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Paying {
    card: Option<i64>,
    months: u8,
    points: i64,
}

/// A member whose absence means everything, so that null has to be refused.
fn not_null<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> std::result::Result<Option<T>, D::Error> {
    let given = Option::<T>::deserialize(deserializer)?;
    let why = "null is not a choice here; leave the member out to mean everything";
    given.map(Some).ok_or_else(|| serde::de::Error::custom(why))
}

/// A refund by a second clerk.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Refunding {
    refund_no: String,
    /// Everything that is left when absent. Null is not that choice: a program that has lost a value sends null.
    #[serde(default, deserialize_with = "not_null")]
    amount: Option<i64>,
    #[serde(default)]
    stays_in_progress: bool,
}

/// A card company by its code.
pub(crate) fn company(code: i64) -> Option<CardCompany> {
    CardCompany::KNOWN.iter().find(|company| company.code() == code).cloned()
}

fn payment(world: &World, token: &str, action: &str, body: &[u8]) -> Result<Value> {
    if matches!(action, "cancel" | "decline" | "settle" | "execute" | "complete-refund") {
        nothing(body)?;
    }
    match action {
        "approve" => {
            let Paying { card, months, points } = if body.is_empty() { Paying::default() } else { read(body)? };
            let method = match card {
                None if months > 0 => return Err((400, "months: only with a card".into())),
                None => Method::TossMoney,
                Some(code) => {
                    let company = company(code).ok_or_else(|| {
                        let all = CardCompany::KNOWN.iter().filter(|own| ledger::is_supported(own));
                        let all: Vec<String> = all.map(|own| own.code().to_string()).collect();
                        (400, format!("card: there is no company {code}; one of {}", all.join(", ")))
                    })?;
                    Method::Card { company, months }
                }
            };
            let url = world.approve(token, &Approval { method, points }).map_err(obstacle)?;
            Ok(json!({ "returnUrl": url }))
        }
        "cancel" => world.change_here(|ledger, now| ledger.cancel(now, token)).map(|()| json!({})).map_err(obstacle),
        "decline" => world.change_here(|ledger, now| ledger.decline(now, token)).map(|()| json!({})).map_err(conflict),
        "discount" => {
            let Discount { won } = read(body)?;
            world.change_here(|ledger, now| ledger.discount(now, token, won)).map(|()| json!({})).map_err(conflict)
        }
        "settle" => world.change_here(|ledger, now| ledger.settle(now, token)).map(|()| json!({})).map_err(conflict),
        "execute" => {
            world.change_here(|ledger, now| ledger.execute_as_clerk(now, token)).map(|()| json!({})).map_err(conflict)
        }
        "refund" => {
            let Refunding { refund_no, amount, stays_in_progress } = read(body)?;
            let refund = ClerkRefund { refund_no, amount, stays_in_progress };
            let refunded = world.change_here(|ledger, now| ledger.refund_as_clerk(now, token, &refund));
            refunded.map(|()| json!({})).map_err(conflict)
        }
        "complete-refund" => {
            world.change_here(|ledger, now| ledger.complete_refund(now, token)).map(|()| json!({})).map_err(conflict)
        }
        _ => {
            let there_is = "approve, cancel, decline, discount, settle, execute, refund or complete-refund";
            Err((404, format!("there is no {action}: {there_is}")))
        }
    }
}

/// What a customer fills in.
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
    /// The card company; all when absent, which null is not.
    #[serde(default, deserialize_with = "not_null")]
    company: Option<String>,
}

/// A value that the API knows, in any case of letters.
fn known<T: Text + Clone>(all: &[T], name: &'static str, given: &str) -> Result<T> {
    all.iter().find(|own| own.as_text().eq_ignore_ascii_case(given)).cloned().ok_or_else(|| {
        let all: Vec<&str> = all.iter().map(T::as_text).collect();
        (400, format!("{name}: one of {}", all.join(", ")))
    })
}

fn store(world: &World, mid: &str, action: &str, body: &[u8]) -> Result<Value> {
    let done = match action {
        "submit" => {
            let Filling { company_name, company_type, corporate_number, easy_pays } = read(body)?;
            let mut application =
                Application::new(company_name, known(CompanyType::KNOWN, "companyType", &company_type)?);
            application.corporate_number = corporate_number;
            let easy_pays = easy_pays.iter().map(|code| known(EasyPayCode::KNOWN, "easyPays", code));
            application.easy_pays = easy_pays.collect::<Result<_>>()?;
            let pre_open = world.settings.pre_open;
            world.change_stores_here(|stores, now| stores.submit(now, mid, application, pre_open))
        }
        "contract" => {
            let Status { status } = read(body)?;
            let status = known(ContractStatus::KNOWN, "status", &status)?;
            world.change_stores_here(|stores, now| stores.contract(now, mid, &status))
        }
        "review" => {
            let Decision { status, company } = read(body)?;
            if let Some(name) = company.as_deref().filter(|name| !COMPANIES.contains(name)) {
                return Err((400, format!("company: there is no `{name}`; one of {}", COMPANIES.join(", "))));
            }
            let status = known(SubmallAuditStatus::KNOWN, "status", &status)?;
            world.change_stores_here(|stores, now| stores.review(now, mid, company.as_deref(), &status))
        }
        "fee" => {
            let Status { status } = read(body)?;
            let status = known(FeeStatus::KNOWN, "status", &status)?;
            world.change_stores_here(|stores, now| stores.fee(now, mid, status))
        }
        "modify" => {
            nothing(body)?;
            world.change_stores_here(|stores, now| stores.ask_to_modify(now, mid))
        }
        _ => return Err((404, format!("there is no {action}: submit, contract, review, fee or modify"))),
    };
    done.map(|()| json!({})).map_err(conflict)
}

fn resend(world: &World, number: &str) -> Result<Value> {
    if number.parse().is_ok_and(|number| world.resend(number)) {
        Ok(json!({}))
    } else {
        Err((404, "there is no such callback".into()))
    }
}

/// What was sent, without keys.
fn callbacks(world: &World) -> Value {
    let told = |delivery: &Delivery| Delivery {
        url: redact::masked(&delivery.url),
        body: redact::told(delivery.body.as_bytes()),
        ..delivery.clone()
    };
    json!(world.deliveries().iter().map(told).collect::<Vec<_>>())
}

fn payments(world: &World) -> Value {
    let masked = |mut record: Record| {
        record.order_no = redact::masked(&record.order_no);
        record.product_desc = redact::masked(&record.product_desc);
        record
    };
    json!(crate::record::records(world).into_iter().map(masked).collect::<Vec<_>>())
}
