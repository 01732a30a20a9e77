//! The checkout page, its form, and the sales slip.

use super::csrf::{csrf_token, is_csrf_token};
use super::html::{Forms, escaped, framed, origin, page, redirect, won};
use super::message::{message, rejection};
use super::words::{FormError, Words};
use crate::pay::ledger::{Ledger, has_installments, is_supported};
use crate::pay::payment::{Approval, Method, Payment, card_company};
use crate::response::ResponseBody;
use crate::state::State;
use hyper::Response;
use toss_sdk::pay::{CardCompany, CreatePayment, EnabledPayMethods, PayStatus};

pub(super) fn show(state: &State, words: &Words, token: &str) -> Response<ResponseBody> {
    let payment = state.change_now(|ledger, now| ledger.at(now, token).cloned());
    let Some(payment) = payment else { return message(words, words.title, 404, words.unknown) };
    if payment.status != PayStatus::PayStandby {
        return message(words, words.title, 200, &format!("{}: {}", words.over, payment.status.as_str()));
    }
    page(framed(words.language, words.title, "", &form(state, words, &payment)), Forms::Anywhere)
}

fn form(state: &State, words: &Words, payment: &Payment) -> String {
    let request = &payment.request;
    let offers_cards = request.enable_pay_methods() != Some(&EnabledPayMethods::TossMoney);
    let offers_money = request.enable_pay_methods() != Some(&EnabledPayMethods::Card);
    let discount = (payment.whole.discount > 0)
        .then(|| format!("<dt>{}</dt><dd>-{} {}</dd>", words.discount, won(payment.whole.discount), words.won));
    format!(
        "<main class=\"checkout\">\n<p class=\"note\">{note} <a href=\"?lang={other}\">{other_name}</a></p>\n\
         <h1 tabindex=\"0\">{desc}</h1>\n<dl><dt>{price_word}</dt><dd class=\"price\">{price} {won_word}</dd>{discount}\
         <dt>{order_word}</dt><dd>{order}</dd><dt>{merchant_word}</dt><dd>{merchant}</dd></dl>\n\
         <form method=\"post\">\n<input type=\"hidden\" name=\"seal\" value=\"{csrf_token}\">\n{cards}{money}\
         <label class=\"line\">{points} <input name=\"points\" inputmode=\"numeric\" value=\"0\" size=\"8\"></label>\n{buttons}\
         </form></main>\n",
        note = words.sandbox,
        other = words.other.0,
        other_name = words.other.1,
        desc = escaped(request.product_desc()),
        price_word = words.price,
        price = won(payment.whole.paid),
        won_word = words.won,
        discount = discount.unwrap_or_default(),
        order_word = words.order,
        order = escaped(request.order_no().as_str()),
        merchant_word = words.merchant,
        merchant = escaped(&origin(request.ret_url()).unwrap_or_default()),
        csrf_token = csrf_token(state, &payment.token),
        cards = if offers_cards { cards(words, request) } else { String::new() },
        money = if offers_money { toss_money(words, !offers_cards) } else { String::new() },
        points = words.points,
        buttons = buttons(words),
    )
}

/// Returns the HTML for choosing a card and installments.
fn cards(words: &Words, request: &CreatePayment) -> String {
    let options = request.card_options().map(|options| options.options()).unwrap_or_default();
    let companies: Vec<&CardCompany> = if options.is_empty() {
        CardCompany::KNOWN.iter().filter(|company| is_supported(company)).collect()
    } else {
        options.iter().map(|option| option.card_company_code()).filter(|company| is_supported(company)).collect()
    };
    let cards = companies.iter().enumerate().map(|(n, company)| {
        let (code, checked) = (company.code(), if n == 0 { " checked" } else { "" });
        let label = CardCompany::KNOWN.iter().zip(words.companies).find(|(own, _)| own == company);
        let label = label.map_or_else(|| code.to_string(), |(_, name)| name.to_owned());
        format!("<label><input type=\"radio\" name=\"pay\" value=\"{code}\"{checked}> {label}</label>\n")
    });
    let cards: String = cards.collect();
    let installments = has_installments(request).then(|| {
        let months: String = (2..=12).map(|n| format!("<option value=\"{n}\">{n}</option>")).collect();
        format!(
            "<label class=\"line\">{} <select name=\"months\"><option value=\"0\">{}</option>{months}</select></label>\n",
            words.months, words.in_full
        )
    });
    let (title, installments) = (words.card, installments.unwrap_or_default());
    format!("<fieldset><legend>{title}</legend>\n{cards}{installments}</fieldset>\n")
}

/// Returns the HTML for choosing Toss Money.
fn toss_money(words: &Words, is_only: bool) -> String {
    let checked = if is_only { " checked" } else { "" };
    format!(
        "<fieldset><legend>{0}</legend><label><input type=\"radio\" name=\"pay\" value=\"money\"{checked}> {0}</label></fieldset>\n",
        words.toss_money
    )
}

fn buttons(words: &Words) -> String {
    format!(
        "<button name=\"do\" value=\"approve\">{}</button>\n\
         <button name=\"do\" value=\"approve_and_close\" class=\"minor\">{}</button>\n\
         <button name=\"do\" value=\"cancel\" class=\"minor\">{}</button>\n\
         <button name=\"do\" value=\"close\" class=\"minor\">{}</button>\n",
        words.approve, words.approve_and_close, words.cancel, words.close
    )
}

pub(super) fn decide(state: &State, words: &Words, token: &str, body: &[u8]) -> Response<ResponseBody> {
    let fields: Vec<_> = form_urlencoded::parse(body).collect();
    let field = |name: &str| fields.iter().find(|(own, _)| own == name).map_or("", |(_, value)| value.as_ref());
    if !is_csrf_token(state, token, field("seal")) {
        return message(words, words.title, 403, words.foreign_form);
    }
    match field("do") {
        "close" => message(words, words.title, 200, words.closed),
        "cancel" => {
            let cancel = |ledger: &mut Ledger, now| {
                ledger.cancel(now, token).map(|payment| payment.request.ret_cancel_url().to_owned())
            };
            match state.change_now(cancel) {
                Ok(url) => redirect(&url),
                Err(why) => rejection(words, words.title, &words.payment_error(&why)),
            }
        }
        action @ ("approve" | "approve_and_close") => {
            let approval = match approval(field("pay"), field("months"), field("points")) {
                Ok(approval) => approval,
                Err(why) => return rejection(words, words.title, words.form_error(why)),
            };
            match state.approve(token, &approval) {
                Ok(url) if action == "approve" => redirect(&url),
                Ok(_) => message(words, words.title, 200, words.closed_approved),
                Err(why) => rejection(words, words.title, &words.payment_error(&why)),
            }
        }
        _ => message(words, words.title, 400, words.no_button),
    }
}

fn approval(pay: &str, months: &str, points: &str) -> Result<Approval, FormError> {
    let points = if points.trim().is_empty() { Ok(0) } else { points.trim().parse() };
    let points = points.map_err(|_| FormError::Points)?;
    if pay == "money" {
        return Ok(Approval { method: Method::TossMoney, points });
    }
    let company = pay.parse().ok().and_then(card_company).ok_or(FormError::NoMethod)?;
    let months = if months.is_empty() { Ok(0) } else { months.parse() };
    let months = months.map_err(|_| FormError::Months)?;
    Ok(Approval { method: Method::Card { company, months }, points })
}

pub(super) fn sales_slip(state: &State, words: &Words, query: &str) -> Response<ResponseBody> {
    let fields: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
    let field = |name: &str| fields.iter().find(|(own, _)| own == name).map_or("", |(_, value)| value.as_ref());
    let payment = state.change_now(|ledger, now| ledger.at(now, field("payToken")).cloned());
    let found = payment.as_ref().and_then(|payment| {
        let movement = payment.movements.iter().find(|movement| movement.id == field("transactionId"))?;
        Some((payment, movement))
    });
    let Some((payment, movement)) = found else { return message(words, words.title, 404, words.unknown) };
    if payment.method == Some(Method::TossMoney) {
        return message(words, words.title, 404, words.cards_only);
    }
    let rows = [
        (words.order, payment.request.order_no().as_str().to_owned()),
        ("transactionId", movement.id.clone()),
        (movement.step.as_str(), format!("{} {}", won(movement.signed().total()), words.won)),
        (words.card, payment.authorization.clone()),
        ("", crate::clock::kst(movement.at).to_string()),
    ];
    let rows: String =
        rows.iter().map(|(name, value)| format!("<dt>{}</dt><dd>{}</dd>", escaped(name), escaped(value))).collect();
    let body = format!("<main class=\"checkout\"><h1>{}</h1><dl>{rows}</dl></main>\n", words.slip);
    page(framed(words.language, words.slip, "", &body), Forms::Here)
}
