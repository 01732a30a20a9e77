//! Replies and callbacks about a payment, and the URL to which the purchaser returns.

use super::arithmetic::Parts;
use super::payment::{Method, Payment, Refund};
use crate::callbacks::{CallbackKind, Message};
use crate::clock::kst;
use toss_sdk::pay::{
    AccountDetails, CallbackVersion, CardDetails, CardMethodType, CardUserType, CreatePaymentReply,
    ExecutePaymentReply, PayMethod, PayStatus, PaymentMode, PaymentStatusReply, RefundPaymentReply, ResultCallback,
    Transaction,
};

/// The bank behind Toss Money.
pub(crate) const BANK: (&str, &str) = ("088", "신한은행");

fn method(payment: &Payment) -> Option<PayMethod> {
    payment.method.as_ref().map(|method| match method {
        Method::Card { .. } => PayMethod::Card,
        Method::TossMoney => PayMethod::TossMoney,
    })
}

fn card(payment: &Payment, base_url: &str) -> CardDetails {
    let mut card = CardDetails::default();
    if let Some(Method::Card { company, months }) = &payment.method {
        card.card_company_name = company.label().map(Into::into);
        card.card_company_code = Some(company.clone());
        card.card_authorization_no = Some(payment.authorization.as_str().into());
        card.spread_out = Some(if *months > 1 { i64::from(*months) } else { 0 });
        card.no_interest = Some(false);
        card.card_method_type = Some(CardMethodType::Credit);
        card.card_user_type = Some(CardUserType::Personal);
        card.card_number = Some("557042******700*".into());
        card.card_bin_number = Some("557042".into());
        card.card_num4_print = Some("700*".into());
        if let Some(paid) = payment.movements.first() {
            let slip = format!("{base_url}/sales-slip?payToken={}&transactionId={}", payment.token, paid.id);
            card.sales_check_link_url = Some(slip);
        }
    }
    card
}

/// Returns the card's details for the reply to a refund. In this reply, the details have fewer members than in other
/// replies.
fn card_of_refund(payment: &Payment, base_url: &str) -> CardDetails {
    let mut card = card(payment, base_url);
    card.card_company_name = None;
    card.card_company_code = None;
    card.card_authorization_no = None;
    card.spread_out = None;
    card.no_interest = None;
    card
}

fn account(payment: &Payment) -> AccountDetails {
    let mut account = AccountDetails::default();
    if payment.method == Some(Method::TossMoney) {
        account.account_bank_code = Some(BANK.0.into());
        account.account_bank_name = Some(BANK.1.into());
        account.account_number = Some("110******676".into());
    }
    account
}

/// Returns the number of the receipt. The service issues receipts for Toss Money, unless the merchant issues them
/// itself.
fn receipt(payment: &Payment, transaction: &str) -> Option<String> {
    let issued = payment.method == Some(Method::TossMoney) && payment.request.cash_receipt() != Some(false);
    let mut number = issued.then(|| ["cr-", transaction].concat())?;
    if let Some((end, _)) = number.char_indices().nth(36) {
        number.truncate(end);
    }
    Some(number)
}

pub(crate) fn created(payment: &Payment, base_url: &str) -> CreatePaymentReply {
    let mut reply = CreatePaymentReply::default();
    reply.checkout_page = [base_url, "/checkout/", &payment.token].concat();
    reply.pay_token = (&*payment.token).into();
    reply
}

pub(crate) fn executed(payment: &Payment, mode: PaymentMode, base_url: &str) -> ExecutePaymentReply {
    let mut reply = ExecutePaymentReply::default();
    reply.mode = Some(mode);
    reply.approval_time = payment.paid.map(kst);
    reply.state_msg = Some("결제 완료".into());
    reply.amount = Some(payment.request.amount());
    reply.discounted_amount = Some(payment.whole.discount + payment.whole.points);
    reply.paid_amount = Some(payment.whole.paid);
    reply.pay_method = method(payment);
    reply.order_no = Some(payment.request.order_no().clone());
    reply.pay_token = Some((&*payment.token).into());
    if let Some(paid) = payment.movements.first() {
        reply.transaction_id = Some(paid.id.as_str().into());
        reply.cash_receipt_mgt_key = receipt(payment, &paid.id);
    }
    reply.card = card(payment, base_url);
    reply.account = account(payment);
    reply
}

pub(crate) fn refunded(payment: &Payment, refund: &Refund, base_url: &str) -> RefundPaymentReply {
    let mut reply = RefundPaymentReply::default();
    reply.refund_no = Some(refund.request.refund_no().clone());
    reply.refundable_amount = Some(refund.left.total());
    reply.discounted_amount = Some(refund.left.discount + refund.left.points);
    reply.paid_amount = Some(refund.left.paid);
    let back = refund.back.negative();
    reply.signed_refunded_amount = Some(back.total());
    reply.signed_refunded_discount_amount = Some(back.discount + back.points);
    reply.signed_refunded_paid_amount = Some(back.paid);
    reply.approval_time = Some(kst(refund.at));
    reply.cash_receipt_mgt_key = receipt(payment, &refund.transaction);
    reply.pay_token = Some((&*payment.token).into());
    reply.transaction_id = Some(refund.transaction.as_str().into());
    reply.card = card_of_refund(payment, base_url);
    reply.account = account(payment);
    reply
}

pub(crate) fn status(payment: &Payment, mode: PaymentMode, base_url: &str) -> PaymentStatusReply {
    let mut reply = PaymentStatusReply::default();
    // Before a payment is paid, its discount, its points and its paid amount are zero in replies.
    let left = if payment.paid.is_some() { payment.left } else { Parts::default() };
    reply.mode = Some(mode);
    reply.pay_token = Some((&*payment.token).into());
    reply.pay_status = payment.status.clone();
    reply.order_no = Some(payment.request.order_no().clone());
    reply.pay_method = method(payment);
    reply.amount = Some(payment.request.amount());
    reply.discounted_amount = Some(left.discount + left.points);
    reply.discount_amount_v2 = Some(left.discount);
    reply.paid_point_v2 = Some(left.points);
    reply.paid_amount = Some(left.paid);
    reply.refundable_amount = Some(payment.refundable());
    reply.amount_tax_free = Some(payment.request.amount_tax_free());
    reply.amount_taxable = payment.tax.map(|(taxable, _)| taxable);
    reply.amount_vat = payment.tax.map(|(_, vat)| vat);
    reply.amount_service_fee = Some(payment.request.amount_service_fee().unwrap_or(0));
    reply.disposable_cup_deposit = Some(0);
    reply.card = card(payment, base_url);
    reply.account = account(payment);
    reply.transactions = payment
        .movements
        .iter()
        .map(|movement| {
            let parts = movement.signed();
            let mut transaction = Transaction::default();
            transaction.step_type = Some(movement.step.clone());
            transaction.transaction_id = Some(movement.id.as_str().into());
            transaction.transaction_amount = Some(parts.total());
            transaction.discounted_amount = Some(parts.discount + parts.points);
            transaction.paid_amount = Some(parts.paid);
            transaction.point_amount = Some(parts.points);
            transaction.reg_ts = Some(kst(movement.at));
            transaction
        })
        .collect();
    reply.created_ts = Some(kst(payment.created));
    reply.paid_ts = payment.paid.map(kst);
    reply
}

/// Returns the callback of a completed payment, if the merchant wants one.
pub(crate) fn callback(payment: &Payment, base_url: &str) -> Option<Message> {
    let url = payment.request.result_callback()?;
    let first = payment.request.callback_version() != Some(CallbackVersion::V2);
    let body = result(payment, first, base_url);
    Some(Message {
        kind: if first { CallbackKind::ResultV1 } else { CallbackKind::ResultV2 },
        about: payment.token.as_ref().to_owned(),
        url: url.to_owned(),
        body: if first { body.to_form() } else { body.to_json() },
        hash: None,
        since: payment.paid,
    })
}

/// Returns the body of the callback. `first` selects version 1. Version 1 has members for legacy points and metadata,
/// but none for the card and the account.
fn result(payment: &Payment, first: bool, base_url: &str) -> ResultCallback {
    let mut message = ResultCallback::default();
    message.status = Some(PayStatus::PayComplete);
    message.pay_token = Some((&*payment.token).into());
    message.order_no = Some(payment.request.order_no().clone());
    message.pay_method = method(payment);
    message.amount = Some(payment.request.amount());
    message.discounted_amount = Some(payment.whole.discount + payment.whole.points);
    message.paid_amount = Some(payment.whole.paid);
    message.paid_ts = payment.paid.map(kst);
    message.transaction_id = payment.movements.first().map(|paid| paid.id.as_str().into());
    if first {
        message.paid_point = Some(0);
        message.metadata = Some(String::new());
    } else {
        // The callback has the code of the card company, but not its name.
        message.card = card(payment, base_url);
        message.card.card_company_name = None;
        message.account = account(payment);
    }
    message
}

/// Returns the URL that the purchaser's browser goes to after authenticating.
pub(crate) fn return_url(payment: &Payment) -> String {
    let code;
    let method = match &payment.method {
        Some(Method::Card { company, .. }) => {
            code = company.code().to_string();
            Some((PayMethod::Card, ("cardCompany", code.as_str())))
        }
        Some(Method::TossMoney) => Some((PayMethod::TossMoney, ("bankCode", BANK.0))),
        None => None,
    };
    let whole = payment.request.ret_url();
    let (url, fragment) = whole.split_at(whole.find('#').unwrap_or(whole.len()));
    let mut begun = String::with_capacity(whole.len() + 128);
    begun.push_str(url);
    begun.push(if url.contains('?') { '&' } else { '?' });
    let start = begun.len();
    let mut query = form_urlencoded::Serializer::for_suffix(begun, start);
    query.append_pair("status", payment.status.as_str());
    query.append_pair("orderNo", payment.request.order_no().as_str());
    if let Some((method, (name, value))) = method {
        query.append_pair("payMethod", method.as_str());
        query.append_pair(name, value);
    }
    query.finish() + fragment
}
