//! The control API: JSON, for tests in any language, and for the dashboard. All that the pages can do, it can do.
//!
//! Changes demand `Content-Type: application/json`, which another site's page cannot send.

use crate::faults::Fault;
use crate::http::{Sent, header, respond};
use crate::pay::payment::{Approval, Method};
use crate::world::World;
use hyper::header::CONTENT_TYPE;
use hyper::http::request::Parts;
use hyper::{Method as Http, Response};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::time::Duration;
use toss_sdk::pay::CardCompany;

type Result<T> = std::result::Result<T, (u16, String)>;

/// Answers what comes below `/sandbox/v1/`.
pub(crate) fn answer(world: &World, head: &Parts, path: &str, body: &[u8]) -> Response<Sent> {
    let is_change = head.method == Http::POST;
    let is_json = header(&head.headers, CONTENT_TYPE).starts_with("application/json");
    let result = if is_change && !is_json {
        Err((415, "send JSON, with Content-Type: application/json".to_owned()))
    } else {
        let parts: Vec<&str> = path.split('/').collect();
        match (is_change, parts.as_slice()) {
            (false, ["payments"]) => Ok(payments(world)),
            (false, ["callbacks"]) => Ok(json!(*world.deliveries())),
            (false, ["journal"]) => Ok(json!(world.journal().latest(100))),
            (false, ["faults"]) => Ok(json!(world.faults().all())),
            (false, ["clock"]) => Ok(json!({ "now": world.time() })),
            (true, ["payments", token, action]) => payment(world, token, action, body),
            (true, ["callbacks", number, "resend"]) => resend(world, number),
            (true, ["faults"]) => read(body).map(|fault: Fault| {
                world.faults().add(fault);
                json!(world.faults().all())
            }),
            (true, ["faults", "clear"]) => {
                world.faults().clear();
                Ok(json!([]))
            }
            (true, ["clock", "forward"]) => read(body).map(|Forward { seconds }| {
                world.clock.forward(Duration::from_secs(seconds));
                json!({ "now": world.time() })
            }),
            (true, ["reset"]) => {
                world.reset();
                Ok(json!({}))
            }
            _ => Err((404, format!("there is no {} {path}; see the README for what there is", head.method))),
        }
    };
    match result {
        Ok(value) => respond(200, "application/json", value.to_string()),
        Err((status, error)) => respond(status, "application/json", json!({ "error": error }).to_string()),
    }
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T> {
    serde_json::from_slice(body).map_err(|error| (400, error.to_string()))
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

/// A card company by its code.
pub(crate) fn company(code: i64) -> Option<CardCompany> {
    CardCompany::KNOWN.iter().find(|company| company.code() == code).cloned()
}

fn payment(world: &World, token: &str, action: &str, body: &[u8]) -> Result<Value> {
    let now = world.clock.now();
    let conflict = |error| (409, error);
    match action {
        "approve" => {
            let Paying { card, months, points } = if body.is_empty() { Paying::default() } else { read(body)? };
            let method = match card {
                None => Method::TossMoney,
                Some(code) => {
                    let company = company(code).ok_or((400, format!("card: there is no company {code}")))?;
                    Method::Card { company, months }
                }
            };
            let url = world.approve(token, &Approval { method, points }).map_err(conflict)?;
            Ok(json!({ "returnUrl": url }))
        }
        "cancel" => world.ledger().cancel(now, token).map(|()| json!({})).map_err(conflict),
        "discount" => {
            let Discount { won } = read(body)?;
            world.ledger().discount(now, token, won).map(|()| json!({})).map_err(conflict)
        }
        "settle" => match world.ledger().at(now, token).map(|payment| payment.settle(now)) {
            Some(true) => Ok(json!({})),
            Some(false) => Err((409, "only what is paid can be settled".into())),
            None => Err((404, "there is no such payment".into())),
        },
        _ => Err((404, format!("there is no {action}: approve, cancel, discount or settle"))),
    }
}

fn resend(world: &World, number: &str) -> Result<Value> {
    if number.parse().is_ok_and(|number| world.resend(number)) {
        Ok(json!({}))
    } else {
        Err((404, "there is no such callback".into()))
    }
}

fn payments(world: &World) -> Value {
    json!(crate::record::records(world))
}
