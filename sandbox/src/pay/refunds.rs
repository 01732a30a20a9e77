//! Refunds: new refunds, repeated refunds, and rejections.

use super::arithmetic::tax;
use super::ledger::{Ledger, refuse};
use super::payment::{Movement, Payment, PaymentEvent, Refund};
use std::time::{Duration, SystemTime};
use toss_sdk::pay::{ErrorCode, PayStatus, RefundPayment, StepType};
use toss_sdk::runtime::Refusal;

impl Ledger {
    /// Refunds a payment, or returns the earlier refund of the same request. `brings_number` is set if the request
    /// itself contains the refund number.
    pub(crate) fn refund(
        &mut self,
        now: SystemTime,
        merchant: &str,
        request: RefundPayment,
        brings_number: bool,
    ) -> Result<(&Payment, &Refund), Refusal> {
        self.refund_taking(now, merchant, request, brings_number, Some(self.refunds_take))
    }

    /// Refunds a payment. The refund completes after the time `takes`. If `takes` is `None`, the refund is completed
    /// manually.
    pub(super) fn refund_taking(
        &mut self,
        now: SystemTime,
        merchant: &str,
        request: RefundPayment,
        brings_number: bool,
        takes: Option<Duration>,
    ) -> Result<(&Payment, &Refund), Refusal> {
        if let Some((place, nth)) = self.index.refund(merchant, request.refund_no()) {
            self.age(now, place);
            let (payment, refund) = (&self.payments[place], &self.payments[place].refunds[nth]);
            let again = request.idempotent() != Some(false) && is_same(refund, &request);
            return if again {
                Ok((payment, refund))
            } else {
                refuse(ErrorCode::RefundRefundNoDuplicate, "이미 사용한 환불번호입니다.")
            };
        }
        // A refund number that the service generates is also the number of the transaction.
        let transaction = if brings_number { self.name("rf-") } else { request.refund_no().as_str().to_owned() };
        let place = self.own(now, merchant, self.index.token(request.pay_token().as_str()))?;
        let payment = &mut self.payments[place];
        let amount = amount_to_refund(payment, &request)?;
        let (after, back) = payment.left.refund(payment.whole, amount);
        payment.left = after;
        payment.become_status(now, PayStatus::RefundProgress);
        payment.refund_done = takes.map(|takes| now + takes);
        payment.events.push(PaymentEvent::Refunded(now, amount));
        let movement = Movement { step: StepType::Refund, id: transaction.clone(), parts: back, at: now };
        payment.movements.push(movement);
        payment.refunds.push(Refund { request, transaction, at: now, back, left: after });
        let last = payment.refunds.len() - 1;
        self.index.add_refund(place, payment, last);
        self.note(place);
        self.age(now, place);
        let payment = &self.payments[place];
        Ok((payment, &payment.refunds[last]))
    }
}

/// Returns `true` if a request repeats a refund. The amount may be absent if the refund was for the whole remaining
/// amount. Amounts of parts, such as the service fee, may be absent if they are zero.
fn is_same(refund: &Refund, request: &RefundPayment) -> bool {
    let amount = refund.back.total();
    let is_amount = request.amount().map_or(refund.left.total() == 0, |given| given == amount);
    let parts = |request: &RefundPayment| {
        let given =
            [request.amount_tax_free(), request.amount_service_fee(), request.amount_taxable(), request.amount_vat()];
        given.map(Option::unwrap_or_default)
    };
    is_amount
        && refund.request.pay_token() == request.pay_token()
        && refund.request.reason() == request.reason()
        && parts(&refund.request) == parts(request)
}

/// Checks that a payment can be refunded by this request, and returns the amount of the refund.
fn amount_to_refund(payment: &Payment, request: &RefundPayment) -> Result<i64, Refusal> {
    if !payment.status.can_refund() {
        let message = format!("환불할 수 없는 상태입니다. ({})", payment.status.as_str());
        return refuse(ErrorCode::CommonRefundError, message);
    }
    let left = payment.left.total();
    if left == 0 {
        return refuse(ErrorCode::RefundAlreadyRefunded, "이미 전액 환불된 결제입니다.");
    }
    let amount = request.amount().unwrap_or(left);
    if amount > left {
        return refuse(ErrorCode::CommonRefundError, format!("환불 가능 금액을 초과하였습니다. ({left})"));
    }
    if payment.movements.iter().any(|movement| movement.id == request.refund_no().as_str()) {
        return refuse(ErrorCode::RefundRefundNoDuplicate, "환불번호가 승인 거래번호와 같습니다.");
    }
    match exceeds(payment, request, amount) {
        Some(why) => refuse(ErrorCode::CommonInvalidParameter, why),
        None => Ok(amount),
    }
}

/// Returns an error message if a part of the refund exceeds what is left of this part of the payment. If this request
/// or an earlier refund omits a part, each check assumes the amount of this part with which the limit of the check is
/// highest.
fn exceeds(payment: &Payment, request: &RefundPayment, amount: i64) -> Option<String> {
    let bought = &payment.request;
    let fee = bought.amount_service_fee().unwrap_or(0);
    let left = |whole: i64, part: fn(&RefundPayment) -> Option<i64>| {
        whole - payment.refunds.iter().filter_map(|refund| part(&refund.request)).sum::<i64>()
    };
    let fee_left = left(fee, RefundPayment::amount_service_fee);
    let untaxed_left = left(bought.amount_tax_free(), RefundPayment::amount_tax_free);
    let (own_fee, own_untaxed) = (request.amount_service_fee(), request.amount_tax_free());
    for (name, part, most) in [("amountServiceFee", own_fee, fee_left), ("amountTaxFree", own_untaxed, untaxed_left)] {
        if part.is_some_and(|part| part > most) {
            return Some(format!("{name}: at most {most} won of this part are left"));
        }
    }
    let taxed_before: i64 = payment.refunds.iter().map(|refund| refund.least_taxed(fee)).sum();
    let taxed_left = bought.amount() - bought.amount_tax_free() - fee - taxed_before;
    let room = own_fee.unwrap_or(fee_left) + own_untaxed.unwrap_or(untaxed_left) + taxed_left;
    if amount > room {
        return Some(format!(
            "amount: at most {room} with these parts; only {taxed_left} won of the taxed part are left"
        ));
    }
    // The tax of each refund is rounded up, so the sum of these taxes may exceed the tax of the payment.
    let vat = tax(amount - own_fee.unwrap_or(0) - own_untaxed.unwrap_or(0)).1;
    let is_more = request.amount_vat().is_some_and(|own| own > vat);
    is_more.then(|| format!("amountVat: at most {vat}, an eleventh of the taxed part of the refund"))
}
