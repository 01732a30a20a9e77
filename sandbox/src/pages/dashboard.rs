//! The dashboard for engineers: payments and stores with their timelines, callbacks, exchanges, faults and the clock.
//! Its buttons and forms use the control API.

use super::html::{escaped, framed, won};
use crate::callbacks::Delivery;
use crate::faults::{KINDS, operations};
use crate::journal::Entry;
use crate::pay::payment::Payment;
use crate::redact;
use crate::snapshot::{self, StoreSnapshot};
use crate::state::State;
use crate::timeline::TimelineEvent;
use toss_sdk::onboarding::ContractStatus;
use toss_sdk::pay::PayStatus;

/// Largest number of payments that are shown. The same limit applies to stores. The latest ones are shown.
const SHOWN: usize = 100;
/// Largest number of callbacks that are shown.
const CALLBACKS: usize = 50;
/// Largest number of exchanges that are shown.
const EXCHANGES: usize = 50;

pub(super) fn document(state: &State) -> String {
    let head = "\n<script src=\"/sandbox/dashboard.js\" defer></script>";
    let body = format!(
        "<header><h1>Toss sandbox</h1>\n<p>Base URL <code>{}</code> · Toss Pay takes any key that begins with \
         <code>sk_test_</code>. Instant Onboarding takes the token and secret of section 3.0 of its documentation, \
         with any <code>agencyCode</code>.</p>\n\
         <div class=\"tools\">{}{}</div>\n<p id=\"message\" role=\"status\"></p>\n\
         <p><button data-post=\"reset\" data-confirm=\"Delete every payment, store, callback and fault?\" \
         class=\"danger\">delete everything</button></p>\n</header>\n<div id=\"live\">{}</div>\n",
        escaped(&state.base_url),
        clock_form(),
        fault_form(),
        fragment(state)
    );
    framed("en", "Toss sandbox", head, &body)
}

fn clock_form() -> String {
    let steps = [("1 min", 60), ("15 min", 900), ("1 hour", 3_600), ("1 day", 86_400), ("1 year", 31_536_000)];
    let steps = steps.map(|(name, seconds)| {
        format!("<button type=\"button\" data-post=\"clock/forward\" data-body='{{\"seconds\":{seconds}}}'>+{name}</button>\n")
    });
    format!(
        "<form data-post=\"clock/forward\"><fieldset><legend>Clock</legend>{}\
         <label>seconds <input name=\"seconds\" type=\"number\" min=\"1\" required></label> <button>forward</button>\
         </fieldset></form>\n",
        steps.concat()
    )
}

fn fault_form() -> String {
    let options = |names: &mut dyn Iterator<Item = &'static str>| -> String {
        names.map(|name| format!("<option value=\"{name}\">{name}</option>")).collect()
    };
    let (operations, kinds) =
        (options(&mut operations().map(|operation| operation.id)), options(&mut KINDS.split(", ")));
    let number =
        |name: &str, rest: &str| format!("<label>{name} <input name=\"{name}\" type=\"number\" {rest}></label>\n");
    format!(
        "<form data-post=\"faults\"><fieldset><legend>Fault</legend>\n\
         <label>operation <select name=\"operation\"><option value=\"\">any</option>{operations}</select></label>\n\
         <label>does <select name=\"does\">{kinds}</select></label>\n{}{}{}{}{}\
         <label>code <input name=\"code\" size=\"20\" list=\"codes\"></label>\n{}\
         <label>body <input name=\"body\" size=\"20\"></label>\n\
         <label>set <input name=\"set\" size=\"20\" data-json placeholder='{{\"amount\":null}}'></label>\n\
         <label>remove <input name=\"remove\" size=\"20\" data-json placeholder='[\"payToken\"]'></label>\n\
         <datalist id=\"codes\"><option>COMMON_TIMEOUT</option><option>COMMON_SYSTEM_ERROR</option>\
         <option>COMMON_THROTTLED</option></datalist>\
         <button>switch on</button>\n<button type=\"button\" data-post=\"faults/clear\">all off</button>\n\
         <button type=\"button\" data-post=\"held/release\">release held requests</button></fieldset></form>\n",
        number("from", "min=\"1\" value=\"1\""),
        number("times", "min=\"1\" value=\"1\""),
        number("chance", "min=\"0\" max=\"1\" step=\"any\""),
        number("lasts", "min=\"1\" title=\"seconds of the clock\""),
        number("status", "min=\"200\" max=\"599\""),
        number("milliseconds", "min=\"0\"") + &number("seconds", "min=\"0\""),
    )
}

/// Latest entries of a list, as HTML. `shown` is the largest number of entries that are shown, and `all` is the number
/// of all entries. If `all` is not larger than `shown`, it may be inexact.
struct Latest {
    html: String,
    shown: usize,
    all: usize,
}

/// Returns the part of the page that the script updates.
pub(super) fn fragment(state: &State) -> String {
    let faults: String = state
        .faults()
        .all(state.clock.now())
        .iter()
        .map(|fault| format!("<li>fault <code>{}</code></li>", json(fault)))
        .collect();
    let (exchanges, forgotten) = exchanges(state);
    format!(
        "<p>now <b>{}</b></p>\n<ul>{faults}</ul>\n{}{}{}{}<p class=\"note\">The control API lists all entries.{forgotten}</p>\n",
        escaped(&state.time()),
        section("Payments", payments(state), "None yet: point a client at the base URL and create one."),
        section("Stores", stores(state), "None yet: register one with Instant Onboarding."),
        section("Callbacks", callbacks(state), "None yet: they are sent when a payment with a resultCallback is paid."),
        section("Exchanges", exchanges, "None yet."),
    )
}

fn section(title: &str, Latest { html, shown, all }: Latest, none: &str) -> String {
    let more = if all > shown { format!(": the latest {} of {}", figure(shown), figure(all)) } else { String::new() };
    let entries = if html.is_empty() { format!("<p class=\"note\">{none}</p>") } else { html };
    format!("<section data-key=\"{title}\"><h2>{title}{more}</h2>{entries}</section>\n")
}

fn payments(state: &State) -> Latest {
    state.change_now(|ledger, now| {
        // The order is reversed, so that older payments are only counted.
        let mut all = ledger.all(now).rev();
        let html = all.by_ref().take(SHOWN).map(payment).collect();
        Latest { html, shown: SHOWN, all: SHOWN + all.count() }
    })
}

fn stores(state: &State) -> Latest {
    let all = snapshot::stores(state);
    Latest { html: all.iter().rev().take(SHOWN).map(store).collect(), shown: SHOWN, all: all.len() }
}

fn callbacks(state: &State) -> Latest {
    let all = state.callbacks.list();
    Latest { html: all.iter().rev().take(CALLBACKS).map(callback).collect(), shown: CALLBACKS, all: all.len() }
}

/// Returns the latest exchanges, and a sentence about exchanges that are no longer stored.
fn exchanges(state: &State) -> (Latest, String) {
    let (kept, count) = state.journal().counts();
    let html = state.journal().latest(EXCHANGES).iter().map(exchange).collect();
    let forgotten = if count > kept as u64 {
        format!(" The sandbox keeps the latest {} exchanges of {}.", figure(kept), figure(count))
    } else {
        String::new()
    };
    (Latest { html, shown: EXCHANGES, all: kept }, forgotten)
}

/// Formats a number with commas.
fn figure(count: impl TryInto<i64>) -> String {
    won(count.try_into().unwrap_or(i64::MAX))
}

/// Returns a button that sends a request. `about` is for screen readers, because many buttons have the same name.
fn button(path: &str, body: &str, name: &str, about: &str) -> String {
    let (body, about) = (escaped(body), escaped(about));
    format!("<button data-post=\"{path}\" data-body=\"{body}\" aria-label=\"{name}: {about}\">{name}</button>\n")
}

fn badge(status: &str) -> String {
    format!("<b class=\"badge {}\">{}</b>", escaped(&status.replace(' ', "-")), escaped(status))
}

fn payment(payment: &Payment) -> String {
    let token = escaped(&payment.token);
    let order = redact::masked(payment.request.order_no().as_str());
    let actions = payment_actions(payment, &token, &format!("order {order}, {}", payment.token));
    let left = payment.left;
    let mut figures = String::new();
    for (name, amount) in [("including discount", left.discount), ("including points", left.points)] {
        if amount > 0 {
            figures += &format!(" · {name} {}", won(amount));
        }
    }
    if payment.paid.is_some() {
        figures += &format!(" · refundable {}", won(payment.refundable()));
    }
    format!(
        "<article data-key=\"payment-{token}\">{} {} <span class=\"price\">{} won</span>{figures} · order <code>{}</code> <code class=\"note\">{token}</code>\n\
         <p>{actions}</p>{}</article>\n",
        badge(payment.status.as_str()),
        escaped(&redact::masked(payment.request.product_desc())),
        won(payment.request.amount()),
        escaped(&order),
        timeline(&payment.timeline()),
    )
}

/// Returns links and buttons for the actions that the payment's status allows.
fn payment_actions(payment: &Payment, token: &str, about: &str) -> String {
    let act = |action: &str, body: &str, name: &str| button(&format!("payments/{token}/{action}"), body, name, about);
    match payment.status {
        PayStatus::PayStandby => format!(
            "<a href=\"/checkout/{token}\" aria-label=\"checkout: {}\">checkout</a> {}{}{}{}",
            escaped(about),
            act("approve", "{}", "approve by Toss Money"),
            act("approve", r#"{"card":3}"#, "by card"),
            act("discount", &format!(r#"{{"won":{}}}"#, payment.request.amount() / 10), "discount 10 %"),
            act("cancel", "{}", "cancel")
        ),
        PayStatus::PayApproved => act("execute", "{}", "execute as a clerk") + &act("cancel", "{}", "cancel"),
        PayStatus::PayProgress => act("decline", "{}", "decline"),
        PayStatus::PayComplete | PayStatus::RefundSuccess => {
            // The refund number must differ from those of all other refunds of the merchant.
            let end = payment.token.get(payment.token.len().saturating_sub(8)..).unwrap_or_default();
            let number = format!("clerk-{}-{end}", payment.refunds.len() + 1);
            let refund = |amount: i64, stays: bool| {
                serde_json::json!({ "refundNo": number, "amount": amount, "staysInProgress": stays }).to_string()
            };
            let tenth = (payment.left.total() / 10).max(1);
            let refunds = if payment.refundable() > 0 {
                act("refund", &refund(tenth, false), "refund 10 % as a clerk")
                    + &act("refund", &refund(tenth, true), "refund 10 % and stay in progress")
            } else {
                String::new()
            };
            refunds + &act("settle", "{}", "settle")
        }
        PayStatus::RefundProgress => act("complete-refund", "{}", "complete the refund"),
        _ => String::new(),
    }
}

fn store(store: &StoreSnapshot) -> String {
    let mid = escaped(&store.mid);
    let about = format!("store {}", store.mid);
    let act = |action: &str, body: &str, name: &str| button(&format!("stores/{mid}/{action}"), body, name, &about);
    let is = |status: ContractStatus| store.contract_status == status.as_str();
    let is_submitted = is(ContractStatus::WaitForReview);
    let application = format!(r#"{{"companyName":{}}}"#, serde_json::json!(store.shop_name));
    let mut actions = String::new();
    if is(ContractStatus::Ready) || is(ContractStatus::InDraft) || store.modifying {
        actions += &act("submit", &application, "submit");
    }
    if is_submitted {
        actions += &act("contract", r#"{"status":"DONE"}"#, "contract done");
        actions += &act("modify", "{}", "ask for a correction");
    }
    if is_submitted || is(ContractStatus::Ready) || is(ContractStatus::InDraft) {
        actions += &act("contract", r#"{"status":"CANCELED"}"#, "cancel");
    }
    if is(ContractStatus::Done) {
        actions += &act("contract", r#"{"status":"TERMINATED"}"#, "end");
    }
    if is_submitted || is(ContractStatus::Done) {
        actions += &act("review", r#"{"status":"IN_REVIEW"}"#, "in review");
        actions += &act("review", r#"{"status":"DONE"}"#, "reviews done");
        actions += &act("review", r#"{"company":"bc","status":"REJECTED"}"#, "BC rejects");
    }
    actions += &act("fee", r#"{"status":"WAIVED"}"#, "waive the fee");
    let signup = store
        .signup
        .as_ref()
        .map(|url| format!("<a href=\"{}\" aria-label=\"signup: store {mid}\">signup</a> ", escaped(url)))
        .unwrap_or_default();
    format!(
        "<article data-key=\"store-{mid}\">{} {} <code>{mid}</code> of <code>{}</code> · fee {} · reviews {}{}\n<p>{signup}{actions}</p>{}</article>\n",
        badge(&store.contract_status),
        escaped(&store.shop_name),
        escaped(&store.shop_id),
        escaped(&store.fee_status),
        escaped(&store.review),
        if store.modifying { " · to be corrected" } else { "" },
        timeline(&store.timeline),
    )
}

fn callback(delivery: &Delivery) -> String {
    let attempt = |at: &str, result: &str| format!("<li>{} {}</li>", escaped(at), escaped(result));
    let attempts: String = delivery.attempts.iter().map(|own| attempt(&own.at, &own.result)).collect();
    let number = delivery.number;
    format!(
        "<article data-key=\"delivery-{number}\">{} <b>#{number} {}</b> {} <code>{}</code> {}<ul>{attempts}</ul>\
         <details id=\"callback-{number}\"><summary aria-label=\"body: callback {number}\">body</summary><pre>{}</pre></details></article>\n",
        badge(if delivery.taken { "acknowledged" } else { "not acknowledged" }),
        delivery.kind.as_str(),
        escaped(&delivery.about),
        escaped(&redact::masked(&delivery.url)),
        button(&format!("callbacks/{number}/resend"), "{}", "send again", &format!("callback {number}")),
        pretty(&redact::redacted(delivery.body.as_bytes())),
    )
}

fn exchange(entry: &Entry) -> String {
    let operation = entry.operation.as_deref().unwrap_or("no operation");
    let mut fault: String = entry.faults.iter().map(|fault| format!(" <em>{}</em>", json(fault))).collect();
    if !entry.ignored.is_empty() {
        fault += &format!(" <em>ignored: {}</em>", escaped(&entry.ignored.join(", ")));
    }
    if entry.shifted {
        fault += " <em>the connection sent an earlier reply</em>";
    }
    format!(
        "<details id=\"exchange-{0}\"><summary>#{0} {1} {operation} {2}{fault}</summary><pre>{3}\n\n{4}</pre></details>\n",
        entry.number,
        escaped(&entry.at),
        entry.status,
        pretty(&entry.request),
        pretty(&entry.response)
    )
}

/// Formats a body for people: JSON with one member per line.
fn pretty(body: &str) -> String {
    let lines =
        serde_json::from_str::<redact::Tree>(body).ok().and_then(|tree| serde_json::to_string_pretty(&tree).ok());
    escaped(lines.as_deref().unwrap_or(body))
}

/// Encodes a value as in the control API. This cannot fail, because faults have text names and values that JSON can
/// represent.
fn json(value: &impl serde::Serialize) -> String {
    escaped(&serde_json::to_string(value).unwrap_or_default())
}

fn timeline(events: &[TimelineEvent]) -> String {
    let line = |event: &TimelineEvent| format!("<li>{} {}</li>", escaped(&event.at), escaped(&event.what));
    format!("<ul>{}</ul>", events.iter().map(line).collect::<String>())
}
