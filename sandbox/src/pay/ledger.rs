//! All payments of all merchants, and what may be done with them. No input or output: time comes in, decisions come
//! out. Merchants are told apart by their keys and never see each other's payments.

use super::arithmetic::{Parts, tax};
use super::payment::{Approval, LIFETIME, Method, Payment};
use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::time::{Duration, SystemTime};
use toss_sdk::pay::{
    CardCompany, CreatePayment, EnabledPayMethods, ErrorCode, ExecutePayment, Installment, PayStatus, PaymentBy,
};
use toss_sdk::runtime::Refusal;

/// Below this, a card is charged at once.
const LEAST_IN_INSTALMENTS: i64 = 50_000;

pub(crate) const NONE: &str = "there is no such payment";

/// The payments.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    pub(super) payments: Vec<Payment>,
    by_token: HashMap<String, usize>,
    /// The latest of an order.
    by_order: HashMap<(String, String), usize>,
    pub(super) by_refund: HashMap<(String, String), (usize, usize)>,
    made: u64,
    /// What makes names that nobody can guess.
    secret: RandomState,
    /// Payments that somebody has changed since this was last taken. One may stand there more than once.
    changed: Vec<usize>,
    /// Payments that were paid since.
    completed: Vec<usize>,
    /// What new payments are discounted by, in percent.
    pub discount_percent: i64,
    /// How long it takes until the money is there.
    pub executions_take: Duration,
    /// How long a refund takes.
    pub refunds_take: Duration,
}

pub(super) fn refuse<T>(code: ErrorCode, message: impl Into<String>) -> Result<T, Refusal> {
    Err(Refusal::new(&code, message))
}

impl Ledger {
    /// A number that nothing else has.
    pub(super) fn name(&mut self, kind: &str) -> String {
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
        if self.by_order.get(&order).is_some_and(|n| self.payments[*n].was_authenticated()) {
            return refuse(ErrorCode::PaymentDuplicationOrderNo, "이미 사용한 주문번호입니다.");
        }
        let options = request.card_options().map(|options| options.options()).unwrap_or_default();
        if let Some(option) = options.iter().find(|option| !CardCompany::KNOWN.contains(option.card_company_code())) {
            let message = format!("cardOptions: there is no card company {}", option.card_company_code().code());
            return refuse(ErrorCode::CommonInvalidParameter, message);
        }
        let token = self.name("sb-");
        let taxed = request.amount() - request.amount_tax_free() - request.amount_service_fee().unwrap_or(0);
        if taxed < 0 {
            return refuse(ErrorCode::CommonInvalidParameter, "amountTaxFree: more than amount");
        }
        let tax = split(&request, taxed)?;
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
            withdrawal: None,
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
        self.note(number);
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
    pub(crate) fn take_changes(&mut self) -> (Vec<usize>, Vec<usize>) {
        (std::mem::take(&mut self.changed), std::mem::take(&mut self.completed))
    }

    /// A payment by its number.
    pub(crate) fn numbered(&self, number: usize) -> Option<&Payment> {
        self.payments.get(number)
    }

    /// The payments whose money is on its way.
    pub(crate) fn under_way(&self) -> impl Iterator<Item = &Payment> {
        self.payments.iter().filter(|payment| payment.withdrawal.is_some())
    }

    /// How many names were made.
    pub(crate) fn made(&self) -> u64 {
        self.made
    }

    fn touch(&mut self, token: &str) {
        let Some(number) = self.by_token.get(token).copied() else { return };
        self.note(number);
    }

    /// Notes that a payment was changed.
    pub(super) fn note(&mut self, number: usize) {
        // Most changes are of one payment, in several steps.
        if self.changed.last() != Some(&number) {
            self.changed.push(number);
        }
    }

    /// Lets time pass for a payment.
    pub(super) fn age(&mut self, now: SystemTime, number: usize) {
        if self.payments[number].age(now) {
            self.note(number);
            self.completed.push(number);
        }
    }

    /// A payment by its token, whoever it belongs to, as it is now.
    pub(crate) fn at(&mut self, now: SystemTime, token: &str) -> Option<&mut Payment> {
        let number = *self.by_token.get(token)?;
        self.age(now, number);
        Some(&mut self.payments[number])
    }

    /// The number of a merchant's payment, by its token, after letting time pass for it.
    pub(super) fn place(&mut self, now: SystemTime, merchant: &str, token: &str) -> Result<usize, Refusal> {
        match self.by_token.get(token).copied() {
            Some(place) if self.payments[place].merchant == merchant => {
                self.age(now, place);
                Ok(place)
            }
            _ => refuse(ErrorCode::TransactionNotFound, "존재하지 않는 결제입니다."),
        }
    }

    /// A merchant's payment by its token.
    fn own(&mut self, now: SystemTime, merchant: &str, token: &str) -> Result<&mut Payment, Refusal> {
        self.place(now, merchant, token).map(|place| &mut self.payments[place])
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
        let (transaction, take) = (self.name("tx-"), self.executions_take);
        let payment = self.own(now, merchant, request.pay_token().as_str())?;
        if request.order_no().is_some_and(|order| order != payment.request.order_no()) {
            return refuse(ErrorCode::CommonInvalidParameter, "orderNo: not that of this payment");
        }
        match payment.status {
            PayStatus::PayApproved => payment.withdraw(now, now + take, transaction),
            PayStatus::PayStandby => {
                return refuse(ErrorCode::ExecutePayNotApproved, "구매자 인증이 완료되지 않았습니다.");
            }
            PayStatus::PayCancel => {
                return refuse(ErrorCode::ExecutePayNotApproved, "취소된 결제입니다.");
            }
            // Left to be told below: it is not done yet.
            PayStatus::PayProgress => {}
            _ => return refuse(ErrorCode::PaymentExistingPayment, "이미 완료된 결제입니다."),
        }
        self.touch(request.pay_token().as_str());
        let payment = self.own(now, merchant, request.pay_token().as_str())?;
        if payment.status == PayStatus::PayProgress {
            return refuse(ErrorCode::TransactionPendingError, "출금이 진행 중입니다.");
        }
        Ok(payment)
    }

    /// The purchaser authenticates. The payment may be executed along with it.
    pub(crate) fn approve(&mut self, now: SystemTime, token: &str, approval: &Approval) -> Result<&Payment, String> {
        let (transaction, take) = (self.name("tx-"), self.executions_take);
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
        if payment.request.auto_execute() == Some(true) {
            payment.withdraw(now, now + take, transaction);
        } else {
            payment.become_status(now, PayStatus::PayApproved);
        }
        self.touch(&token);
        self.at(now, &token).map(|payment| &*payment).ok_or_else(|| NONE.into())
    }

    /// The purchaser gives up.
    pub(crate) fn cancel(&mut self, now: SystemTime, token: &str) -> Result<(), String> {
        let Some(payment) = self.at(now, token) else { return Err(NONE.into()) };
        if !payment.status.can_cancel() {
            return Err(format!("a payment that is {} cannot be cancelled", payment.status.as_str()));
        }
        payment.become_status(now, PayStatus::PayCancel);
        self.touch(token);
        Ok(())
    }

    /// The money that is on its way does not come.
    pub(crate) fn decline(&mut self, now: SystemTime, token: &str) -> Result<(), String> {
        let Some(payment) = self.at(now, token) else { return Err(NONE.into()) };
        if payment.withdrawal.take().is_none() {
            return Err(format!("no money is on its way; the payment is {}", payment.status.as_str()));
        }
        payment.tell(now, "the money did not come");
        payment.become_status(now, PayStatus::PayCancel);
        self.touch(token);
        Ok(())
    }

    /// Settlement, before its time.
    pub(crate) fn settle(&mut self, now: SystemTime, token: &str) -> Result<(), String> {
        let Some(payment) = self.at(now, token) else { return Err(NONE.into()) };
        if !payment.settle(now) {
            return Err(format!("only what is paid can be settled; the payment is {}", payment.status.as_str()));
        }
        self.touch(token);
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
        self.touch(token);
        Ok(())
    }

    /// Every payment as it is now, the oldest first.
    pub(crate) fn all(&mut self, now: SystemTime) -> &[Payment] {
        (0..self.payments.len()).for_each(|number| self.age(now, number));
        &self.payments
    }
}

/// The taxed part without its tax, and the tax: as given, or worked out where that is left to the service.
fn split(request: &CreatePayment, taxed: i64) -> Result<Option<(i64, i64)>, Refusal> {
    let own = tax(taxed);
    let (given, vat) = ((request.amount_taxable(), request.amount_vat()), request.amount_vat().unwrap_or(0));
    if vat > own.1 {
        let message = format!("amountVat: at most {}, an eleventh of what is taxed", own.1);
        return refuse(ErrorCode::CommonInvalidParameter, message);
    }
    // The page leaves open whether the tax is in a taxable amount that comes alone.
    if let (Some(taxable), None) = given
        && taxable != own.0
        && taxable != taxed
    {
        let message = format!("amountTaxable: {} beside a tax of {}, which is worked out, is the price", own.0, own.1);
        return refuse(ErrorCode::CommonInvalidParameter, message);
    }
    Ok(match given {
        // That they add up is a rule of the request.
        (Some(taxable), Some(vat)) => Some((taxable, vat)),
        _ if request.cash_receipt() == Some(false) => None,
        (None, Some(vat)) => Some((taxed - vat, vat)),
        _ => Some(own),
    })
}

/// Whether instalments are offered.
pub(crate) fn has_instalments(request: &CreatePayment) -> bool {
    request.amount() >= LEAST_IN_INSTALMENTS && request.installment() != Some(Installment::NotUse)
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
    if *months > 1 && !has_instalments(request) {
        return Err(format!(
            "instalments are not offered: below {LEAST_IN_INSTALMENTS} won never, above if the merchant wants it"
        ));
    }
    if *months > 12 {
        return Err("at most 12 instalments".into());
    }
    Ok(())
}
