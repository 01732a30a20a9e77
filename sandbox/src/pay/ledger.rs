//! All payments of all merchants, and what may be done with them. No input or output: time comes in, decisions come
//! out. Merchants are told apart by their keys and never see each other's payments.

use super::arithmetic::{Parts, tax};
use super::index::Index;
use super::obstacle::Obstacle;
use super::payment::{Approval, LIFETIME, Memory, Method, Payment};
use std::fmt::Write;
use std::hash::{BuildHasher, RandomState};
use std::time::{Duration, SystemTime};
use toss_sdk::pay::{
    CardCompany, CreatePayment, EnabledPayMethods, ErrorCode, ExecutePayment, Installment, PayStatus, PaymentBy,
};
use toss_sdk::runtime::Refusal;

/// Below this, a card is charged at once.
const LEAST_IN_INSTALMENTS: i64 = 50_000;
/// In how many months a card can be charged.
const MOST_INSTALLMENTS: u8 = 12;

pub(crate) const NONE: &str = "there is no such payment";

/// The payments.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    /// In boxes: they are large, and the list is copied whenever it grows.
    #[expect(clippy::vec_box)]
    pub(super) payments: Vec<Box<Payment>>,
    pub(super) index: Index,
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
        // Enough for as many as there will ever be.
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
            return refuse(ErrorCode::CommonInvalidParameter, "amountTaxFree: more than amount");
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
            // Many are never paid, and nothing more happens to them.
            memories: Vec::with_capacity(1),
            request,
        });
        payment.tell(now, "created");
        self.index.add(place, &payment);
        self.payments.push(payment);
        self.note(place);
        Ok(&self.payments[place])
    }

    /// The payments of an earlier ledger, in their order.
    pub(crate) fn restore(&mut self, payments: Vec<Payment>, made: u64) {
        for (place, mut payment) in payments.into_iter().enumerate() {
            payment.merchant = self.index.merchant(&payment.merchant);
            self.index.add(place, &payment);
            self.payments.push(Box::new(payment));
        }
        self.made = made;
    }

    /// What was changed since this was asked last, and which of it was paid, each by its place.
    pub(crate) fn take_changes(&mut self) -> (Vec<usize>, Vec<usize>) {
        (std::mem::take(&mut self.changed), std::mem::take(&mut self.completed))
    }

    /// A payment by its place.
    pub(crate) fn payment(&self, place: usize) -> Option<&Payment> {
        self.payments.get(place).map(|payment| &**payment)
    }

    /// The payments whose money is on its way.
    pub(crate) fn under_way(&self) -> impl Iterator<Item = &Payment> {
        self.payments.iter().map(|payment| &**payment).filter(|payment| payment.withdrawal.is_some())
    }

    /// How many names were made.
    pub(crate) fn made(&self) -> u64 {
        self.made
    }

    /// Notes that a payment was changed.
    pub(super) fn note(&mut self, place: usize) {
        // Most changes are of one payment, in several steps.
        if self.changed.last() != Some(&place) {
            self.changed.push(place);
        }
    }

    /// Lets time pass for a payment.
    pub(super) fn age(&mut self, now: SystemTime, place: usize) {
        if self.payments[place].age(now) {
            self.note(place);
            self.completed.push(place);
        }
    }

    /// The place of a payment, whoever it belongs to, after letting time pass for it.
    fn anybodys(&mut self, now: SystemTime, token: &str) -> Option<usize> {
        let place = self.index.token(token)?;
        self.age(now, place);
        Some(place)
    }

    /// A payment by its token, whoever it belongs to, as it is now.
    pub(crate) fn at(&mut self, now: SystemTime, token: &str) -> Option<&Payment> {
        self.anybodys(now, token).map(|place| &*self.payments[place])
    }

    /// This place, if a payment of the merchant's stands there, after letting time pass for it.
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
        self.note(place);
        self.age(now, place);
        let payment = &self.payments[place];
        if payment.status == PayStatus::PayProgress {
            return refuse(ErrorCode::TransactionPendingError, "출금이 진행 중입니다.");
        }
        Ok(payment)
    }

    /// The purchaser authenticates. The payment may be executed along with it. One whose order has a newer payment can
    /// be approved all the same, as long as it is open: its checkout page may still be open, too.
    pub(crate) fn approve(&mut self, now: SystemTime, token: &str, approval: &Approval) -> Result<&Payment, Obstacle> {
        let (transaction, take) = (self.name("tx-"), self.executions_take);
        let Some(place) = self.anybodys(now, token) else { return Err(Obstacle::Unknown) };
        let payment = &mut self.payments[place];
        if payment.status != PayStatus::PayStandby {
            return Err(Obstacle::NotOnStandby(payment.status.clone()));
        }
        offered(payment, &approval.method)?;
        if approval.points < 0 || approval.points > payment.whole.paid {
            return Err(Obstacle::TooManyPoints(payment.whole.paid));
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

    /// The purchaser gives up.
    pub(crate) fn cancel(&mut self, now: SystemTime, token: &str) -> Result<(), Obstacle> {
        let Some(place) = self.anybodys(now, token) else { return Err(Obstacle::Unknown) };
        let payment = &mut self.payments[place];
        if !payment.status.can_cancel() {
            return Err(Obstacle::NotCancelable(payment.status.clone()));
        }
        payment.become_status(now, PayStatus::PayCancel);
        self.note(place);
        Ok(())
    }

    /// The money that is on its way does not come.
    pub(crate) fn decline(&mut self, now: SystemTime, token: &str) -> Result<(), String> {
        let Some(place) = self.anybodys(now, token) else { return Err(NONE.into()) };
        let payment = &mut self.payments[place];
        if payment.withdrawal.take().is_none() {
            return Err(format!("no money is on its way; the payment is {}", payment.status.as_str()));
        }
        payment.tell(now, "the money did not come");
        payment.become_status(now, PayStatus::PayCancel);
        self.note(place);
        Ok(())
    }

    /// Settlement, before its time.
    pub(crate) fn settle(&mut self, now: SystemTime, token: &str) -> Result<(), String> {
        let Some(place) = self.anybodys(now, token) else { return Err(NONE.into()) };
        let payment = &mut self.payments[place];
        if !payment.settle(now) {
            return Err(format!("only what is paid can be settled; the payment is {}", payment.status.as_str()));
        }
        self.note(place);
        Ok(())
    }

    /// Discounts a payment that nobody has paid yet.
    pub(crate) fn discount(&mut self, now: SystemTime, token: &str, won: i64) -> Result<(), String> {
        let Some(place) = self.anybodys(now, token) else { return Err(NONE.into()) };
        let payment = &mut self.payments[place];
        let price = payment.request.amount();
        if payment.status != PayStatus::PayStandby || !(0..=price).contains(&won) {
            return Err(format!("from 0 to {price} won can be discounted, while the payment is on standby"));
        }
        payment.whole = Parts { discount: won, points: 0, paid: price - won };
        payment.left = payment.whole;
        payment.memories.push(Memory::Discounted(now, won));
        self.note(place);
        Ok(())
    }

    /// Every payment as it is now, the oldest first.
    pub(crate) fn all(&mut self, now: SystemTime) -> impl DoubleEndedIterator<Item = &Payment> {
        (0..self.payments.len()).for_each(|place| self.age(now, place));
        self.payments.iter().map(|payment| &**payment)
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

/// Whether the service takes this company's cards. The page lists one that it does not support yet.
pub(crate) fn is_supported(company: &CardCompany) -> bool {
    *company != CardCompany::Citi
}

/// Whether instalments are offered.
pub(crate) fn has_instalments(request: &CreatePayment) -> bool {
    request.amount() >= LEAST_IN_INSTALMENTS && request.installment() != Some(Installment::NotUse)
}

/// Whether the merchant offers this way to pay.
fn offered(payment: &Payment, method: &Method) -> Result<(), Obstacle> {
    let request = &payment.request;
    match (method, request.enable_pay_methods()) {
        (Method::Card { .. }, Some(EnabledPayMethods::TossMoney)) => return Err(Obstacle::NoCards),
        (Method::TossMoney, Some(EnabledPayMethods::Card)) => return Err(Obstacle::NoTossMoney),
        _ => {}
    }
    let Method::Card { company, months } = method else { return Ok(()) };
    if !is_supported(company) {
        return Err(Obstacle::UnsupportedCompany);
    }
    let options = request.card_options().map(|options| options.options()).unwrap_or_default();
    if !options.is_empty() && !options.iter().any(|option| option.card_company_code() == company) {
        return Err(Obstacle::OtherCompanies);
    }
    if *months > 1 && !has_instalments(request) {
        return Err(Obstacle::NoInstallments(LEAST_IN_INSTALMENTS));
    }
    if *months > MOST_INSTALLMENTS {
        return Err(Obstacle::TooManyInstallments(MOST_INSTALLMENTS));
    }
    Ok(())
}
