//! All payments of all merchants, and what may be done with them. No input or output: time comes in, decisions come
//! out. Merchants are told apart by their keys and never see each other's payments.

use super::arithmetic::{Parts, tax};
use super::payment::{Approval, LIFETIME, Method, Movement, Payment, Refund};
use std::collections::{BTreeSet, HashMap};
use std::hash::{BuildHasher, RandomState};
use std::time::{Duration, SystemTime};
use toss_sdk::pay::{
    CreatePayment, EnabledPayMethods, ErrorCode, ExecutePayment, Installment, PayStatus, PaymentBy, RefundPayment,
    StepType,
};
use toss_sdk::runtime::Refusal;

/// Below this, a card is charged at once.
const LEAST_IN_INSTALMENTS: i64 = 50_000;

const NONE: &str = "there is no such payment";

/// The payments.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    payments: Vec<Payment>,
    by_token: HashMap<String, usize>,
    /// The latest of an order.
    by_order: HashMap<(String, String), usize>,
    by_refund: HashMap<(String, String), (usize, usize)>,
    made: u64,
    /// What makes names that nobody can guess.
    secret: RandomState,
    /// Payments that somebody has changed since this was last taken.
    changed: BTreeSet<usize>,
    /// Payments that were paid since.
    completed: Vec<usize>,
    /// What new payments are discounted by, in percent.
    pub discount_percent: i64,
    /// How long a refund takes.
    pub refunds_take: Duration,
}

fn refuse<T>(code: ErrorCode, message: impl Into<String>) -> Result<T, Refusal> {
    Err(Refusal::new(&code, message))
}

impl Ledger {
    /// A number that nothing else has.
    fn name(&mut self, kind: &str) -> String {
        self.made += 1;
        format!("{kind}{}{:016x}", self.made, self.secret.hash_one(self.made))
    }

    pub(crate) fn create(
        &mut self,
        now: SystemTime,
        merchant: &str,
        request: CreatePayment,
    ) -> Result<&Payment, Refusal> {
        let order = (merchant.to_owned(), request.order_no().as_str().to_owned());
        if let Some(before) = self.by_order.get(&order).map(|n| &mut self.payments[*n]) {
            before.age(now);
            if before.was_authenticated() {
                return refuse(ErrorCode::PaymentDuplicationOrderNo, "이미 사용한 주문번호입니다.");
            }
        }
        let token = self.name("sb-");
        let taxed = request.amount() - request.amount_tax_free() - request.amount_service_fee().unwrap_or(0);
        if taxed < 0 {
            return refuse(ErrorCode::CommonInvalidParameter, "amountTaxFree: more than amount");
        }
        let tax = match (request.amount_taxable(), request.amount_vat()) {
            (Some(taxable), Some(vat)) => Some((taxable, vat)),
            (Some(taxable), None) => Some((taxable, taxed - taxable)),
            (None, Some(vat)) => Some((taxed - vat, vat)),
            (None, None) if request.cash_receipt() == Some(false) => None,
            (None, None) => Some(tax(taxed)),
        };
        let expires = request.expired_time().map_or(now + LIFETIME, |time| time.to_system_time());
        let discount = request.amount() * self.discount_percent / 100;
        let whole = Parts { discount, points: 0, paid: request.amount() - discount };
        let number = self.payments.len();
        let mut payment = Payment {
            merchant: merchant.to_owned(),
            token: token.clone(),
            status: PayStatus::PayStandby,
            method: None,
            whole,
            left: whole,
            tax,
            created: now,
            expires,
            paid: None,
            refund_done: None,
            authorization: format!("{:08}", 30_000_000 + number % 10_000_000),
            movements: Vec::new(),
            refunds: Vec::new(),
            // Many are never paid, and nothing more happens to them.
            memories: Vec::with_capacity(1),
            request,
        };
        payment.tell(now, "created");
        self.payments.push(payment);
        self.by_token.insert(token, number);
        self.by_order.insert(order, number);
        self.changed.insert(number);
        Ok(&self.payments[number])
    }

    /// The payments of an earlier ledger, in their order.
    pub(crate) fn restore(&mut self, payments: Vec<Payment>, made: u64) {
        for (number, payment) in payments.iter().enumerate() {
            let of = |name: &str| (payment.merchant.clone(), name.to_owned());
            self.by_token.insert(payment.token.clone(), number);
            self.by_order.insert(of(payment.request.order_no().as_str()), number);
            for (n, refund) in payment.refunds.iter().enumerate() {
                self.by_refund.insert(of(refund.request.refund_no().as_str()), (number, n));
            }
        }
        self.payments = payments;
        self.made = made;
    }

    /// What was changed since this was asked last, and which of it was paid, each by its number.
    pub(crate) fn take_changes(&mut self) -> (BTreeSet<usize>, Vec<usize>) {
        (std::mem::take(&mut self.changed), std::mem::take(&mut self.completed))
    }

    /// A payment by its number.
    pub(crate) fn numbered(&self, number: usize) -> Option<&Payment> {
        self.payments.get(number)
    }

    /// How many names were made.
    pub(crate) fn made(&self) -> u64 {
        self.made
    }

    fn touch(&mut self, token: &str, was_paid: bool) {
        let Some(number) = self.by_token.get(token) else { return };
        self.changed.insert(*number);
        if was_paid {
            self.completed.push(*number);
        }
    }

    /// A payment by its token, whoever it belongs to, as it is now.
    pub(crate) fn at(&mut self, now: SystemTime, token: &str) -> Option<&mut Payment> {
        let payment = &mut self.payments[*self.by_token.get(token)?];
        payment.age(now);
        Some(payment)
    }

    /// A merchant's payment by its token.
    fn own(&mut self, now: SystemTime, merchant: &str, token: &str) -> Result<&mut Payment, Refusal> {
        match self.at(now, token) {
            Some(payment) if payment.merchant == merchant => Ok(payment),
            _ => refuse(ErrorCode::TransactionNotFound, "존재하지 않는 결제입니다."),
        }
    }

    pub(crate) fn status(&mut self, now: SystemTime, merchant: &str, by: &PaymentBy) -> Result<&mut Payment, Refusal> {
        let token = match by {
            PaymentBy::PayToken(token) => token.as_str().to_owned(),
            PaymentBy::OrderNo(order) => {
                let number = self.by_order.get(&(merchant.to_owned(), order.as_str().to_owned()));
                number.map(|n| self.payments[*n].token.clone()).unwrap_or_default()
            }
        };
        self.own(now, merchant, &token)
    }

    pub(crate) fn execute(
        &mut self,
        now: SystemTime,
        merchant: &str,
        request: &ExecutePayment,
    ) -> Result<&Payment, Refusal> {
        let transaction = self.name("tx-");
        let payment = self.own(now, merchant, request.pay_token().as_str())?;
        if request.order_no().is_some_and(|order| order != payment.request.order_no()) {
            return refuse(ErrorCode::CommonInvalidParameter, "orderNo: not that of this payment");
        }
        match payment.status {
            PayStatus::PayApproved => payment.complete(now, transaction),
            PayStatus::PayStandby => {
                return refuse(ErrorCode::ExecutePayNotApproved, "구매자 인증이 완료되지 않았습니다.");
            }
            PayStatus::PayCancel => {
                return refuse(ErrorCode::ExecutePayNotApproved, "취소된 결제입니다.");
            }
            _ => return refuse(ErrorCode::PaymentExistingPayment, "이미 완료된 결제입니다."),
        }
        self.touch(request.pay_token().as_str(), true);
        self.own(now, merchant, request.pay_token().as_str()).map(|payment| &*payment)
    }

    /// The purchaser authenticates. The payment may be executed along with it.
    pub(crate) fn approve(&mut self, now: SystemTime, token: &str, approval: &Approval) -> Result<&Payment, String> {
        let transaction = self.name("tx-");
        let order = self.at(now, token).map(|payment| {
            (payment.merchant.clone(), payment.request.order_no().as_str().to_owned(), payment.token.clone())
        });
        let Some((merchant, order, token)) = order else { return Err(NONE.into()) };
        let latest = self.by_order.get(&(merchant, order)).map(|n| self.payments[*n].token.clone());
        if latest.as_ref() != Some(&token) {
            return Err("the order has a newer payment; this one can no longer be approved".into());
        }
        let Some(payment) = self.at(now, &token) else { return Err(NONE.into()) };
        if payment.status != PayStatus::PayStandby {
            return Err(format!("only a payment on standby can be approved; it is {}", payment.status.as_str()));
        }
        offered(payment, &approval.method)?;
        if approval.points < 0 || approval.points > payment.whole.paid {
            return Err(format!("points: at most {} can be spent", payment.whole.paid));
        }
        payment.method = Some(approval.method.clone());
        payment.whole.points = approval.points;
        payment.whole.paid -= approval.points;
        payment.left = payment.whole;
        let at_once = payment.request.auto_execute() == Some(true);
        if at_once {
            payment.complete(now, transaction);
        } else {
            payment.become_status(now, PayStatus::PayApproved);
        }
        self.touch(&token, at_once);
        // It was found by its token above.
        Ok(&self.payments[self.by_token[&token]])
    }

    /// The purchaser gives up.
    pub(crate) fn cancel(&mut self, now: SystemTime, token: &str) -> Result<(), String> {
        let Some(payment) = self.at(now, token) else { return Err(NONE.into()) };
        if !payment.status.can_cancel() {
            return Err(format!("a payment that is {} cannot be cancelled", payment.status.as_str()));
        }
        payment.become_status(now, PayStatus::PayCancel);
        self.touch(token, false);
        Ok(())
    }

    /// Settlement, before its time.
    pub(crate) fn settle(&mut self, now: SystemTime, token: &str) -> Result<(), String> {
        let Some(payment) = self.at(now, token) else { return Err(NONE.into()) };
        if !payment.settle(now) {
            return Err("only what is paid can be settled".into());
        }
        self.touch(token, false);
        Ok(())
    }

    /// Discounts a payment that nobody has paid yet.
    pub(crate) fn discount(&mut self, now: SystemTime, token: &str, won: i64) -> Result<(), String> {
        let Some(payment) = self.at(now, token) else { return Err(NONE.into()) };
        let price = payment.request.amount();
        if payment.status != PayStatus::PayStandby || !(0..=price).contains(&won) {
            return Err(format!("from 0 to {price} won can be discounted, while the payment is on standby"));
        }
        payment.whole = Parts { discount: won, points: 0, paid: price - won };
        payment.left = payment.whole;
        payment.tell(now, format!("discounted by {won} won"));
        self.touch(token, false);
        Ok(())
    }

    pub(crate) fn refund(
        &mut self,
        now: SystemTime,
        merchant: &str,
        request: RefundPayment,
        brings_number: bool,
    ) -> Result<(&Payment, Refund), Refusal> {
        let number = (merchant.to_owned(), request.refund_no().as_str().to_owned());
        if let Some((payment, refund)) = self.by_refund.get(&number).copied() {
            self.payments[payment].age(now);
            let (payment, refund) = (&self.payments[payment], &self.payments[payment].refunds[refund]);
            let again = request.idempotent() != Some(false) && refund.request == request;
            return if again {
                Ok((payment, refund.clone()))
            } else {
                refuse(ErrorCode::RefundRefundNoDuplicate, "이미 사용한 환불번호입니다.")
            };
        }
        // One that the service makes up is the transaction's.
        let transaction = if brings_number { self.name("rf-") } else { request.refund_no().as_str().to_owned() };
        let refunds_take = self.refunds_take;
        let payment = self.own(now, merchant, request.pay_token().as_str())?;
        if !payment.status.can_refund() {
            return refuse(
                ErrorCode::CommonRefundError,
                format!("환불할 수 없는 상태입니다. ({})", payment.status.as_str()),
            );
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
        let (after, back) = payment.left.refund(payment.whole, amount);
        payment.left = after;
        payment.become_status(now, PayStatus::RefundProgress);
        payment.refund_done = Some(now + refunds_take);
        payment.tell(now, format!("{amount} won are refunded"));
        payment.age(now);
        let movement = Movement { step: StepType::Refund, id: transaction.clone(), parts: back, at: now };
        payment.movements.push(movement);
        let refund = Refund { request, transaction, at: now, back, left: after };
        payment.refunds.push(refund.clone());
        let (token, last) = (payment.token.clone(), payment.refunds.len() - 1);
        // It was found by its token above.
        let place = self.by_token[&token];
        self.by_refund.insert(number, (place, last));
        self.changed.insert(place);
        Ok((&self.payments[place], refund))
    }

    /// Every payment as it is now, the oldest first.
    pub(crate) fn all(&mut self, now: SystemTime) -> &[Payment] {
        self.payments.iter_mut().for_each(|payment| payment.age(now));
        &self.payments
    }
}

/// Whether the merchant offers this way to pay.
fn offered(payment: &Payment, method: &Method) -> Result<(), String> {
    let request = &payment.request;
    match (method, request.enable_pay_methods()) {
        (Method::Card { .. }, Some(EnabledPayMethods::TossMoney)) => return Err("cards are not offered".into()),
        (Method::TossMoney, Some(EnabledPayMethods::Card)) => return Err("Toss Money is not offered".into()),
        _ => {}
    }
    let Method::Card { company, months } = method else { return Ok(()) };
    let options = request.card_options().map(|options| options.options()).unwrap_or_default();
    if !options.is_empty() && !options.iter().any(|option| option.card_company_code() == company) {
        return Err("this card company is not offered".into());
    }
    let in_instalments = *months > 1;
    if in_instalments && request.amount() < LEAST_IN_INSTALMENTS {
        return Err(format!("less than {LEAST_IN_INSTALMENTS} won are paid at once"));
    }
    if in_instalments && request.installment() == Some(Installment::NotUse) {
        return Err("instalments are not offered".into());
    }
    if *months > 12 {
        return Err("at most 12 instalments".into());
    }
    Ok(())
}
