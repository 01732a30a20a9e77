//! A payment: its documented states, the transitions between them, and its events.

use super::arithmetic::Parts;
use crate::clock::kst;
use crate::timeline::TimelineEvent;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use toss_sdk::pay::{CardCompany, CreatePayment, PayStatus, RefundPayment, StepType};

/// Time in which a payment can be paid if the request sets no expiry.
pub(crate) const LIFETIME: Duration = Duration::from_secs(15 * 60);
/// Time between the completion of a payment and its settlement.
pub(crate) const YEAR: Duration = Duration::from_secs(365 * 86_400);

/// Payment method of the purchaser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Method {
    /// A card.
    Card {
        /// Company that issued the card.
        company: CardCompany,
        /// Number of monthly installments. 0 and 1 mean payment in full.
        months: u8,
    },
    /// The account behind Toss Money.
    TossMoney,
}

/// Payment method and points that the purchaser chooses on the checkout page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// Payment method.
    pub method: Method,
    /// Points to be spent.
    pub points: i64,
}

/// Returns the card company with this code.
pub(crate) fn card_company(code: i64) -> Option<CardCompany> {
    CardCompany::KNOWN.iter().find(|company| company.code() == code).cloned()
}

impl Approval {
    /// Returns an approval by card, without installments.
    pub fn card(company: CardCompany) -> Self {
        Self { method: Method::Card { company, months: 0 }, points: 0 }
    }

    /// Returns an approval by Toss Money.
    pub fn toss_money() -> Self {
        Self { method: Method::TossMoney, points: 0 }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Movement {
    pub step: StepType,
    pub id: String,
    pub parts: Parts,
    pub at: SystemTime,
}

impl Movement {
    /// Returns the amounts as in replies of the service, in which the amounts of refunds are negative.
    pub(crate) fn signed(&self) -> Parts {
        if self.step == StepType::Refund { self.parts.negative() } else { self.parts }
    }
}

/// A refund, which may still be in progress.
#[derive(Clone, Debug)]
pub(crate) struct Refund {
    pub request: RefundPayment,
    pub transaction: String,
    pub at: SystemTime,
    pub back: Parts,
    pub left: Parts,
}

impl Refund {
    /// Returns the smallest possible taxed amount of the refund, if the refund contains at most `fee` of the service
    /// fee.
    pub(crate) fn least_taxed(&self, fee: i64) -> i64 {
        let Some(untaxed) = self.request.amount_tax_free() else { return 0 };
        (self.back.total() - untaxed - self.request.amount_service_fee().unwrap_or(fee)).max(0)
    }
}

/// Event of a payment. It is converted to text only for display and for the data file, because most events are never
/// displayed.
#[derive(Clone, Debug)]
pub(crate) enum PaymentEvent {
    /// The status changed from the first to the second status.
    StatusChanged(SystemTime, &'static PayStatus, &'static PayStatus),
    /// The payment was discounted by this many won.
    Discounted(SystemTime, i64),
    /// This many won were refunded.
    Refunded(SystemTime, i64),
    /// Another event.
    Noted(SystemTime, &'static str),
    /// Event from a data file, already as text.
    FromFile(Box<TimelineEvent>),
}

impl PaymentEvent {
    fn timeline_event(&self) -> TimelineEvent {
        let (at, what) = match self {
            Self::StatusChanged(at, from, to) => (at, format!("{} → {}", from.as_str(), to.as_str())),
            Self::Discounted(at, won) => (at, format!("discounted by {won} won")),
            Self::Refunded(at, won) => (at, format!("{won} won are refunded")),
            Self::Noted(at, what) => (at, (*what).to_owned()),
            Self::FromFile(event) => return (**event).clone(),
        };
        TimelineEvent { at: kst(*at).to_string(), what }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Payment {
    pub merchant: Arc<str>,
    pub token: Arc<str>,
    pub request: CreatePayment,
    pub status: PayStatus,
    pub method: Option<Method>,
    pub whole: Parts,
    pub left: Parts,
    /// Net amount of the taxed part, and its tax. Amounts that the request does not have are computed. `None` if the
    /// merchant wants no receipt, unless the request has both amounts.
    pub tax: Option<(i64, i64)>,
    pub created: SystemTime,
    pub expires: SystemTime,
    pub paid: Option<SystemTime>,
    /// Withdrawal in progress: time at which the money arrives, and number of the transaction.
    pub withdrawal: Option<(SystemTime, String)>,
    pub refund_done: Option<SystemTime>,
    pub authorization: String,
    pub movements: Vec<Movement>,
    pub refunds: Vec<Refund>,
    pub events: Vec<PaymentEvent>,
}

impl Payment {
    pub(crate) fn log(&mut self, now: SystemTime, what: &'static str) {
        self.events.push(PaymentEvent::Noted(now, what));
    }

    /// Returns the events as text.
    pub(crate) fn timeline(&self) -> Vec<TimelineEvent> {
        self.events.iter().map(PaymentEvent::timeline_event).collect()
    }

    /// Changes the status. The spec must allow the transition.
    pub(crate) fn become_status(&mut self, now: SystemTime, status: PayStatus) {
        debug_assert!(self.status.next().contains(&status), "{:?} must never follow {:?}", status, self.status);
        let known = |status: &PayStatus| PayStatus::KNOWN.iter().find(|known| *known == status);
        // Both statuses are known, because a payment has only documented statuses.
        if let (Some(before), Some(after)) = (known(&self.status), known(&status)) {
            self.events.push(PaymentEvent::StatusChanged(now, before, after));
        }
        self.status = status;
    }

    /// Returns the amount that can still be refunded.
    pub(crate) fn refundable(&self) -> i64 {
        let is_settled = matches!(self.status, PayStatus::SettlementComplete | PayStatus::SettlementRefundComplete);
        if self.paid.is_some() && !is_settled { self.left.total() } else { 0 }
    }

    /// Returns `true` if the purchaser has authenticated, which uses up the order number.
    pub(crate) fn was_authenticated(&self) -> bool {
        self.method.is_some()
    }

    /// Brings the payment up to date: applies all changes that are due. Returns `true` if a withdrawal was completed.
    pub(crate) fn age(&mut self, now: SystemTime) -> bool {
        let arrived = self.withdrawal.take_if(|(due, _)| now >= *due);
        let is_paid = arrived.is_some();
        if let Some((due, transaction)) = arrived {
            self.complete(due, transaction);
        }
        if matches!(self.status, PayStatus::PayStandby | PayStatus::PayApproved) && now >= self.expires {
            self.log(self.expires, "the time to pay has expired");
            self.become_status(self.expires, PayStatus::PayCancel);
        }
        if self.status == PayStatus::RefundProgress
            && let Some(done) = self.refund_done
            && now >= done
        {
            self.become_status(done, PayStatus::RefundSuccess);
        }
        // The event gets the time of the settlement instead of the current time.
        if let Some(settled) = self.paid.map(|paid| paid + YEAR).filter(|settled| now >= *settled) {
            self.settle(settled);
        }
        is_paid
    }

    /// Settles the payment. A settled payment can no longer be refunded. Returns `false` if the payment's status does
    /// not allow settlement.
    pub(crate) fn settle(&mut self, now: SystemTime) -> bool {
        let settled = match self.status {
            PayStatus::PayComplete => PayStatus::SettlementComplete,
            PayStatus::RefundSuccess => PayStatus::SettlementRefundComplete,
            _ => return false,
        };
        self.become_status(now, settled);
        true
    }

    /// Starts a withdrawal, whose money arrives at `due`.
    pub(crate) fn withdraw(&mut self, now: SystemTime, due: SystemTime, transaction: String) {
        self.become_status(now, PayStatus::PayProgress);
        self.withdrawal = Some((due, transaction));
    }

    fn complete(&mut self, now: SystemTime, transaction: String) {
        self.become_status(now, PayStatus::PayComplete);
        self.paid = Some(now);
        self.movements.push(Movement { step: StepType::Pay, id: transaction, parts: self.whole, at: now });
    }
}
