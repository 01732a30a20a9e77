//! The page for engineers: payments and stores with their timelines, callbacks, exchanges, faults and the clock, as they are.

use super::{escaped, framed, won};
use crate::pay::payment::{Happening, Payment};
use crate::record::StoreRecord;
use crate::world::World;

/// How many exchanges are shown.
const EXCHANGES: usize = 30;

/// The page.
pub(super) fn whole(world: &World) -> String {
    let head = "\n<script src=\"/sandbox/dashboard.js\" defer></script>";
    let body = format!(
        "<header><h1>Toss Pay sandbox</h1><p>base URL <code>{}</code> · any key that begins with <code>sk_test_</code></p>\n\
         <p class=\"tools\">clock: <button data-post=\"clock/forward\" data-body='{{\"seconds\":60}}'>+1 min</button>\
         <button data-post=\"clock/forward\" data-body='{{\"seconds\":900}}'>+15 min</button>\
         <button data-post=\"clock/forward\" data-body='{{\"seconds\":31536000}}'>+1 year</button>\n\
         next call: {}<button data-post=\"faults/clear\">no faults</button>\
         <button data-post=\"reset\">forget everything</button></p></header>\n<div id=\"live\">{}</div>\n",
        escaped(&world.base_url),
        fault_buttons(),
        fragment(world)
    );
    framed("en", "Toss Pay sandbox", head, &body)
}

fn fault_buttons() -> String {
    let faults = [
        ("reset before", r#"{"times":1,"does":"reset_before"}"#),
        ("reset after commit", r#"{"times":1,"does":"reset_after"}"#),
        ("cut the body", r#"{"times":1,"does":"cut_body"}"#),
        ("502", r#"{"times":1,"does":"html_before","status":502}"#),
        ("502 after commit", r#"{"times":1,"does":"html_after","status":502}"#),
        ("COMMON_TIMEOUT", r#"{"times":1,"does":"code","code":"COMMON_TIMEOUT"}"#),
    ];
    let button = |(name, body): (&str, &str)| {
        format!("<button data-post=\"faults\" data-body=\"{}\">{name}</button>", escaped(body))
    };
    faults.map(button).concat()
}

/// What changes.
pub(super) fn fragment(world: &World) -> String {
    let payments: String = {
        let now = world.clock.now();
        let mut ledger = world.ledger();
        ledger.all(now).iter().rev().take(100).map(payment).collect()
    };
    let stores: String = crate::record::stores(world).iter().rev().take(100).map(store).collect();
    let callbacks: String = world.deliveries().iter().rev().take(50).map(|delivery| {
        let attempts: String = delivery
            .attempts
            .iter()
            .map(|attempt| format!("<li>{} {}</li>", escaped(&attempt.at), escaped(&attempt.result)))
            .collect();
        format!(
            "<article><b>#{0} {1}</b> {5} <code>{2}</code> {3} <button data-post=\"callbacks/{0}/resend\">send again</button>\
             <ul>{attempts}</ul><details><summary>body</summary><pre>{4}</pre></details></article>\n",
            delivery.number,
            delivery.telling.as_str(),
            escaped(&delivery.url),
            if delivery.taken { "taken" } else { "not taken yet" },
            escaped(&crate::redact::told(delivery.body.as_bytes())),
            escaped(&delivery.about)
        )
    }).collect();
    let exchanges: String = world
        .journal()
        .latest(EXCHANGES)
        .iter()
        .map(|entry| {
            let operation = entry.operation.as_deref().unwrap_or("no operation");
            let fault = entry.fault.as_ref().map(|fault| format!(" <em>{}</em>", json(fault))).unwrap_or_default();
            format!(
                "<details><summary>#{} {} {operation} {}{fault}</summary><pre>{}\n\n{}</pre></details>\n",
                entry.number,
                escaped(&entry.at),
                entry.status,
                escaped(&entry.request),
                escaped(&entry.response)
            )
        })
        .collect();
    let faults: String =
        world.faults().all().iter().map(|fault| format!("<li>fault <code>{}</code></li>", json(fault))).collect();
    format!(
        "<p>now <b>{}</b></p>\n<ul>{faults}</ul>\n<section><h2>Payments</h2>{payments}</section>\n\
         <section><h2>Stores</h2>{stores}</section>\n\
         <section><h2>Callbacks</h2>{callbacks}</section>\n<section><h2>Exchanges</h2>{exchanges}</section>\n",
        escaped(&world.time())
    )
}

fn store(store: &StoreRecord) -> String {
    let mid = escaped(&store.mid);
    let actions = [
        ("submit", format!(r#"{{"companyName":{}}}"#, serde_json::json!(store.shop_name)), "hand in"),
        ("contract", r#"{"status":"DONE"}"#.into(), "contract done"),
        ("contract", r#"{"status":"CANCELED"}"#.into(), "cancel"),
        ("contract", r#"{"status":"TERMINATED"}"#.into(), "end"),
        ("review", r#"{"status":"IN_REVIEW"}"#.into(), "in review"),
        ("review", r#"{"status":"DONE"}"#.into(), "reviews done"),
        ("review", r#"{"company":"bc","status":"REJECTED"}"#.into(), "BC refuses"),
        ("fee", r#"{"status":"WAIVED"}"#.into(), "waive the fee"),
        ("modify", "{}".into(), "ask for a correction"),
    ];
    let actions: String = actions
        .iter()
        .map(|(action, body, name)| {
            let body = escaped(body);
            format!("<button data-post=\"stores/{mid}/{action}\" data-body=\"{body}\">{name}</button>")
        })
        .collect();
    let signup =
        store.signup.as_ref().map(|url| format!("<a href=\"{}\">signup</a> ", escaped(url))).unwrap_or_default();
    format!(
        "<article><b>{}</b> {} <code>{mid}</code> fee {} · reviews {}{} {signup}{actions}<ul>{}</ul></article>\n",
        escaped(&store.contract_status),
        escaped(&store.shop_name),
        escaped(&store.fee_status),
        escaped(&store.review),
        if store.modifying { " · to be corrected" } else { "" },
        timeline(&store.timeline),
    )
}

/// As the control API writes it. Faults have text names and values that JSON has.
fn json(value: &impl serde::Serialize) -> String {
    escaped(&serde_json::to_string(value).unwrap_or_default())
}

fn timeline(happenings: &[Happening]) -> String {
    let line = |happening: &Happening| format!("<li>{} {}</li>", escaped(&happening.at), escaped(&happening.what));
    happenings.iter().map(line).collect()
}

fn payment(payment: &Payment) -> String {
    let timeline = timeline(&payment.timeline());
    let token = escaped(&payment.token);
    let actions: String = [("approve", "approve"), ("cancel", "cancel"), ("settle", "settle")]
        .map(|(action, name)| format!("<button data-post=\"payments/{token}/{action}\">{name}</button>"))
        .concat();
    format!(
        "<article><b>{}</b> {} <span class=\"price\">{} won</span> <code>{}</code> <a href=\"/checkout/{token}\">checkout</a> \
         {actions}<ul>{timeline}</ul></article>\n",
        escaped(payment.status.as_str()),
        escaped(payment.request.product_desc()),
        won(payment.request.amount()),
        escaped(payment.request.order_no().as_str()),
    )
}
