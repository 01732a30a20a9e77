//! Payments of all merchants, and the operations on them.
//!
//! The ledger does no I/O. The current time is a parameter, and changes are returned to the caller. Merchants are
//! identified by their API keys, and have no access to each other's payments.

use super::arithmetic::{Parts, tax};
use super::error::PaymentError;
use super::index::Index;
use super::payment::{Approval, LIFETIME, Method, Payment, PaymentEvent};
use std::fmt::Write;
use std::hash::{BuildHasher, RandomState};
use std::time::{Duration, SystemTime};
use toss_sdk::pay::{
    CardCompany, CreatePayment, EnabledPayMethods, ErrorCode, ExecutePayment, Installment, PayStatus, PaymentBy,
};
use toss_sdk::runtime::Refusal;

/// Lowest price with installments, in won.
const LEAST_WITH_INSTALLMENTS: i64 = 50_000;
/// Largest number of months of an installment plan.
const MOST_INSTALLMENTS: u8 = 12;

/// Payments of all merchants.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    /// Boxed, because payments are large, and the list is copied whenever it grows.
    #[expect(clippy::vec_box)]
    pub(super) payments: Vec<Box<Payment>>,
    pub(super) index: Index,
    made: u64,
    /// Random state that makes the names of payments and transactions unpredictable.
    secret: RandomState,
    /// Changes of the current operation. Empty between operations.
    changed: LedgerChange,
    /// Instant discount of new payments, in percent.
    pub discount_percent: i64,
    /// Duration of a withdrawal.
    pub executions_take: Duration,
    /// Duration of a refund.
    pub refunds_take: Duration,
}

/// Changes of an operation on the ledger.
#[derive(Debug, Default)]
pub(crate) struct LedgerChange {
    /// Places of changed payments. A place may be listed twice.
    pub payments: Vec<usize>,
    /// Places of payments whose money has arrived.
    pub completed: Vec<usize>,
}

pub(super) fn refuse<T>(code: ErrorCode, message: impl Into<String>) -> Result<T, Refusal> {
    Err(Refusal::new(&code, message))
}

impl Ledger {
    /// Returns a new unique name, such as a payment token or a transaction number, that begins with `kind`.
    pub(super) fn name(&mut self, kind: &str) -> String {
        self.made += 1;
        // The capacity suffices for every name.
        let mut name = String::with_capacity(32);
        let _ = write!(name, "{kind}{}{:016x}", self.made, self.secret.hash_one(self.made));
        name
    }

    pub(crate) fn create(
        &mut self,
        now: SystemTime,
        merchant: &str,
        request: CreatePayment,
    ) -> Result<&Payment, Refusal> {
        if self.index.is_used_up(merchant, request.order_no()) {
            return refuse(ErrorCode::PaymentDuplicationOrderNo, "이미 사용한 주문번호입니다.");
        }
        let options = request.card_options().map(|options| options.options()).unwrap_or_default();
        if let Some(option) = options.iter().find(|option| !CardCompany::KNOWN.contains(option.card_company_code())) {
            let message = format!("cardOptions: there is no card company {}", option.card_company_code().code());
            return refuse(ErrorCode::CommonInvalidParameter, message);
        }
        let token = self.name("sb-").into();
        let taxed = request.amount() - request.amount_tax_free() - request.amount_service_fee().unwrap_or(0);
        if taxed < 0 {
            return refuse(ErrorCode::CommonInvalidParameter, "amountTaxFree: must not be more than amount");
        }
        let tax = split(&request, taxed)?;
        let expires = request.expired_time().map_or(now + LIFETIME, |time| time.to_system_time());
        let discount = request.amount() * self.discount_percent / 100;
        let whole = Parts { discount, points: 0, paid: request.amount() - discount };
        let place = self.payments.len();
        let mut payment = Box::new(Payment {
            merchant: self.index.merchant(merchant),
            token,
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
            authorization: format!("{:08}", 30_000_000 + place % 10_000_000),
            movements: Vec::new(),
            refunds: Vec::new(),
            events: Vec::new(),
            request,
        });
        payment.log(now, "created");
        self.index.add(place, &payment);
        self.payments.push(payment);
        self.note(place);
        Ok(&self.payments[place])
    }

    /// Adds payments from a data file, in their order.
    pub(crate) fn restore(&mut self, payments: Vec<Payment>, made: u64) {
        for (place, mut payment) in payments.into_iter().enumerate() {
            payment.merchant = self.index.merchant(&payment.merchant);
            self.index.add(place, &payment);
            self.payments.push(Box::new(payment));
        }
        self.made = made;
    }

    /// Calls `act`. Returns the value of `act` and the changes. Reading a payment may complete its withdrawal, because
    /// a payment is brought up to date before it is read.
    pub(crate) fn change<T>(&mut self, act: impl FnOnce(&mut Self) -> T) -> (T, LedgerChange) {
        let value = act(self);
        (value, std::mem::take(&mut self.changed))
    }

    pub(crate) fn payment(&self, place: usize) -> Option<&Payment> {
        self.payments.get(place).map(|payment| &**payment)
    }

    /// Returns the payments whose withdrawal is in progress.
    pub(crate) fn withdrawing(&self) -> impl Iterator<Item = &Payment> {
        self.payments.iter().map(|payment| &**payment).filter(|payment| payment.withdrawal.is_some())
    }

    /// Returns the number of names that were created so far.
    pub(crate) fn made(&self) -> u64 {
        self.made
    }

    /// Records that a payment was changed.
    pub(super) fn note(&mut self, place: usize) {
        // Most operations change the same payment in several steps, so this check avoids most repeated entries.
        if self.changed.payments.last() != Some(&place) {
            self.changed.payments.push(place);
        }
    }

    /// Brings a payment up to date: applies all changes that are due.
    pub(super) fn age(&mut self, now: SystemTime, place: usize) {
        if self.payments[place].age(now) {
            self.note(place);
            self.changed.completed.push(place);
        }
    }

    /// Brings the payment with this token up to date, and returns its place. The payment may belong to any merchant.
    fn of_any_merchant(&mut self, now: SystemTime, token: &str) -> Option<usize> {
        let place = self.index.token(token)?;
        self.age(now, place);
        Some(place)
    }

    /// Brings the payment with this token up to date, and returns it. The payment may belong to any merchant.
    pub(crate) fn at(&mut self, now: SystemTime, token: &str) -> Option<&Payment> {
        self.of_any_merchant(now, token).map(|place| &*self.payments[place])
    }

    /// Checks that a payment belongs to the merchant, brings it up to date, and returns its place.
    pub(super) fn own(&mut self, now: SystemTime, merchant: &str, place: Option<usize>) -> Result<usize, Refusal> {
        let Some(place) = place.filter(|place| *self.payments[*place].merchant == *merchant) else {
            return refuse(ErrorCode::TransactionNotFound, "존재하지 않는 결제입니다.");
        };
        self.age(now, place);
        Ok(place)
    }

    pub(crate) fn status(&mut self, now: SystemTime, merchant: &str, by: &PaymentBy) -> Result<&Payment, Refusal> {
        let place = match by {
            PaymentBy::PayToken(token) => self.index.token(token.as_str()),
            PaymentBy::OrderNo(order) => self.index.order(merchant, order),
        };
        self.own(now, merchant, place).map(|place| &*self.payments[place])
    }

    pub(crate) fn execute(
        &mut self,
        now: SystemTime,
        merchant: &str,
        request: &ExecutePayment,
    ) -> Result<&Payment, Refusal> {
        let (transaction, take) = (self.name("tx-"), self.executions_take);
        let place = self.own(now, merchant, self.index.token(request.pay_token().as_str()))?;
        let payment = &mut self.payments[place];
        if request.order_no().is_some_and(|order| order != payment.request.order_no()) {
            return refuse(ErrorCode::CommonInvalidParameter, "orderNo: differs from the order number of the payment");
        }
        match payment.status {
            PayStatus::PayApproved => payment.withdraw(now, now + take, transaction),
            PayStatus::PayStandby => {
                return refuse(ErrorCode::ExecutePayNotApproved, "구매자 인증이 완료되지 않았습니다.");
            }
            PayStatus::PayCancel => {
                return refuse(ErrorCode::ExecutePayNotApproved, "취소된 결제입니다.");
            }
            // If a withdrawal is in progress, the request is rejected below.
            PayStatus::PayProgress => {}
            _ => return refuse(ErrorCode::PaymentExistingPayment, "이미 완료된 결제입니다."),
        }
        self.note(place);
        self.age(now, place);
        let payment = &self.payments[place];
        if payment.status == PayStatus::PayProgress {
            return refuse(ErrorCode::TransactionPendingError, "출금이 진행 중입니다.");
        }
        Ok(payment)
    }

    /// Approves a payment as the purchaser, and executes the payment if the merchant requested automatic execution. A
    /// payment whose order has a newer payment can still be approved, because its checkout page may still be open.
    pub(crate) fn approve(
        &mut self,
        now: SystemTime,
        token: &str,
        approval: &Approval,
    ) -> Result<&Payment, PaymentError> {
        let (transaction, take) = (self.name("tx-"), self.executions_take);
        let Some(place) = self.of_any_merchant(now, token) else { return Err(PaymentError::Unknown) };
        let payment = &mut self.payments[place];
        if payment.status != PayStatus::PayStandby {
            return Err(PaymentError::NotOnStandby(payment.status.clone()));
        }
        check_method(payment, &approval.method)?;
        if approval.points < 0 || approval.points > payment.whole.paid {
            return Err(PaymentError::TooManyPoints(payment.whole.paid));
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
        self.index.use_up(&self.payments[place]);
        self.note(place);
        self.age(now, place);
        Ok(&self.payments[place])
    }

    /// Cancels a payment as the purchaser.
    pub(crate) fn cancel(&mut self, now: SystemTime, token: &str) -> Result<&Payment, PaymentError> {
        let Some(place) = self.of_any_merchant(now, token) else { return Err(PaymentError::Unknown) };
        let payment = &mut self.payments[place];
        if !payment.status.can_cancel() {
            return Err(PaymentError::NotCancelable(payment.status.clone()));
        }
        payment.become_status(now, PayStatus::PayCancel);
        self.note(place);
        Ok(&self.payments[place])
    }

    /// Declines the withdrawal in progress.
    pub(crate) fn decline(&mut self, now: SystemTime, token: &str) -> Result<(), PaymentError> {
        let Some(place) = self.of_any_merchant(now, token) else { return Err(PaymentError::Unknown) };
        let payment = &mut self.payments[place];
        if payment.withdrawal.take().is_none() {
            return Err(PaymentError::NoWithdrawal(payment.status.clone()));
        }
        payment.log(now, "the money did not arrive");
        payment.become_status(now, PayStatus::PayCancel);
        self.note(place);
        Ok(())
    }

    /// Settles a payment now, instead of a year after it was paid.
    pub(crate) fn settle(&mut self, now: SystemTime, token: &str) -> Result<(), PaymentError> {
        let Some(place) = self.of_any_merchant(now, token) else { return Err(PaymentError::Unknown) };
        let payment = &mut self.payments[place];
        if !payment.settle(now) {
            return Err(PaymentError::NotSettleable(payment.status.clone()));
        }
        self.note(place);
        Ok(())
    }

    /// Discounts a payment with the status `PAY_STANDBY`.
    pub(crate) fn discount(&mut self, now: SystemTime, token: &str, won: i64) -> Result<(), PaymentError> {
        let Some(place) = self.of_any_merchant(now, token) else { return Err(PaymentError::Unknown) };
        let payment = &mut self.payments[place];
        let price = payment.request.amount();
        if payment.status != PayStatus::PayStandby || !(0..=price).contains(&won) {
            return Err(PaymentError::NotDiscountable(price));
        }
        payment.whole = Parts { discount: won, points: 0, paid: price - won };
        payment.left = payment.whole;
        payment.events.push(PaymentEvent::Discounted(now, won));
        self.note(place);
        Ok(())
    }

    /// Brings all payments up to date, and returns them, the oldest first.
    pub(crate) fn all(&mut self, now: SystemTime) -> impl DoubleEndedIterator<Item = &Payment> {
        (0..self.payments.len()).for_each(|place| self.age(now, place));
        self.payments.iter().map(|payment| &**payment)
    }
}

/// Splits the taxed part of a price into the net amount and the tax. Amounts that the request does not have are
/// computed. Returns `Ok(None)` if the merchant wants no receipt, unless the request has both amounts.
fn split(request: &CreatePayment, taxed: i64) -> Result<Option<(i64, i64)>, Refusal> {
    let own = tax(taxed);
    let (given, vat) = ((request.amount_taxable(), request.amount_vat()), request.amount_vat().unwrap_or(0));
    if vat > own.1 {
        let message = format!("amountVat: at most {}, an eleventh of the taxed part", own.1);
        return refuse(ErrorCode::CommonInvalidParameter, message);
    }
    // The page does not state whether a taxable amount without a tax includes the tax.
    if let (Some(taxable), None) = given
        && taxable != own.0
        && taxable != taxed
    {
        let message =
            format!("amountTaxable: expected {} without the computed tax of {}, or {taxed} with it", own.0, own.1);
        return refuse(ErrorCode::CommonInvalidParameter, message);
    }
    Ok(match given {
        // A rule of the request checks the sum of these amounts.
        (Some(taxable), Some(vat)) => Some((taxable, vat)),
        _ if request.cash_receipt() == Some(false) => None,
        (None, Some(vat)) => Some((taxed - vat, vat)),
        _ => Some(own),
    })
}

/// Returns `true` if the service supports cards of this company. The documentation lists a company that is not
/// supported yet.
pub(crate) fn is_supported(company: &CardCompany) -> bool {
    *company != CardCompany::Citi
}

/// Returns `true` if a payment can be paid in installments.
pub(crate) fn has_installments(request: &CreatePayment) -> bool {
    request.amount() >= LEAST_WITH_INSTALLMENTS && request.installment() != Some(Installment::NotUse)
}

/// Checks that the merchant offers this payment method, and that the service supports it.
fn check_method(payment: &Payment, method: &Method) -> Result<(), PaymentError> {
    let request = &payment.request;
    match (method, request.enable_pay_methods()) {
        (Method::Card { .. }, Some(EnabledPayMethods::TossMoney)) => return Err(PaymentError::NoCards),
        (Method::TossMoney, Some(EnabledPayMethods::Card)) => return Err(PaymentError::NoTossMoney),
        _ => {}
    }
    let Method::Card { company, months } = method else { return Ok(()) };
    if !is_supported(company) {
        return Err(PaymentError::UnsupportedCompany);
    }
    let options = request.card_options().map(|options| options.options()).unwrap_or_default();
    if !options.is_empty() && !options.iter().any(|option| option.card_company_code() == company) {
        return Err(PaymentError::OtherCompanies);
    }
    if *months > 1 && !has_installments(request) {
        return Err(PaymentError::NoInstallments(LEAST_WITH_INSTALLMENTS));
    }
    if *months > MOST_INSTALLMENTS {
        return Err(PaymentError::TooManyInstallments(MOST_INSTALLMENTS));
    }
    Ok(())
}
