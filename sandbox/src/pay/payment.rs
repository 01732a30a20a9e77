//! A payment and its life: the documented states, what leads from one to the next, and what is remembered of it.

use super::arithmetic::Parts;
use crate::clock::kst;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use toss_sdk::pay::{CardCompany, CreatePayment, PayStatus, RefundPayment, StepType};

/// How long a payment can be paid when the merchant says nothing.
pub(crate) const LIFETIME: Duration = Duration::from_secs(15 * 60);
/// When a payment is settled.
pub(crate) const YEAR: Duration = Duration::from_secs(365 * 86_400);

/// What the purchaser pays with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Method {
    /// A card, of this company and in so many instalments (0: at once).
    Card {
        /// Who issued it.
        company: CardCompany,
        /// In how many months; 0 at once.
        months: u8,
    },
    /// The account behind Toss Money.
    TossMoney,
}

/// What the purchaser decides on the checkout page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// With what.
    pub method: Method,
    /// Points spent.
    pub points: i64,
}

impl Approval {
    /// By card, at once.
    pub fn card(company: CardCompany) -> Self {
        Self { method: Method::Card { company, months: 0 }, points: 0 }
    }

    /// By Toss Money.
    pub fn toss_money() -> Self {
        Self { method: Method::TossMoney, points: 0 }
    }
}

/// A movement of money.
#[derive(Clone, Debug)]
pub(crate) struct Movement {
    pub step: StepType,
    pub id: String,
    pub parts: Parts,
    pub at: SystemTime,
}

impl Movement {
    /// Its amounts as the service writes them: those of refunds are negative.
    pub(crate) fn signed(&self) -> Parts {
        if self.step == StepType::Refund { self.parts.negative() } else { self.parts }
    }
}

/// A refund that was done.
#[derive(Clone, Debug)]
pub(crate) struct Refund {
    pub request: RefundPayment,
    pub transaction: String,
    pub at: SystemTime,
    pub back: Parts,
    pub left: Parts,
}

impl Refund {
    /// How much of what went back was taxed at least, when at most such a fee may be in it.
    pub(crate) fn least_taxed(&self, fee: i64) -> i64 {
        let Some(untaxed) = self.request.amount_tax_free() else { return 0 };
        (self.back.total() - untaxed - self.request.amount_service_fee().unwrap_or(fee)).max(0)
    }
}

/// What happened, for people.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Happening {
    /// When, in Korea.
    pub at: String,
    /// What.
    pub what: String,
}

/// What is remembered of a payment. There is much of it, and it is seldom looked at: it is put in words only then.
#[derive(Clone, Debug)]
pub(crate) enum Memory {
    /// It went from one state to the next.
    Became(SystemTime, &'static PayStatus, &'static PayStatus),
    /// It was discounted by so many won.
    Discounted(SystemTime, i64),
    /// So many won were refunded.
    Refunded(SystemTime, i64),
    /// Something else.
    Told(SystemTime, &'static str),
    /// It is from a file, in words already.
    Kept(Box<Happening>),
}

impl Memory {
    pub(crate) fn happening(&self) -> Happening {
        let (at, what) = match self {
            Self::Became(at, from, to) => (at, format!("{} → {}", from.as_str(), to.as_str())),
            Self::Discounted(at, won) => (at, format!("discounted by {won} won")),
            Self::Refunded(at, won) => (at, format!("{won} won are refunded")),
            Self::Told(at, what) => (at, (*what).to_owned()),
            Self::Kept(happening) => return (**happening).clone(),
        };
        Happening { at: kst(*at).to_string(), what }
    }
}

/// A payment.
#[derive(Clone, Debug)]
pub(crate) struct Payment {
    pub merchant: Arc<str>,
    pub token: Arc<str>,
    pub request: CreatePayment,
    pub status: PayStatus,
    pub method: Option<Method>,
    pub whole: Parts,
    pub left: Parts,
    /// Taxable part and tax, as given or worked out; none when no receipt is wanted.
    pub tax: Option<(i64, i64)>,
    pub created: SystemTime,
    pub expires: SystemTime,
    pub paid: Option<SystemTime>,
    /// While the money is on its way: when it arrives, and the transaction's number.
    pub withdrawal: Option<(SystemTime, String)>,
    pub refund_done: Option<SystemTime>,
    pub authorization: String,
    pub movements: Vec<Movement>,
    pub refunds: Vec<Refund>,
    pub memories: Vec<Memory>,
}

impl Payment {
    pub(crate) fn tell(&mut self, now: SystemTime, what: &'static str) {
        self.memories.push(Memory::Told(now, what));
    }

    /// What happened, for people.
    pub(crate) fn timeline(&self) -> Vec<Happening> {
        self.memories.iter().map(Memory::happening).collect()
    }

    /// Goes on to a state that may follow. The states and what follows which are the description's.
    pub(crate) fn become_status(&mut self, now: SystemTime, status: PayStatus) {
        debug_assert!(self.status.next().contains(&status), "{:?} never follows {:?}", status, self.status);
        let known = |status: &PayStatus| PayStatus::KNOWN.iter().find(|known| *known == status);
        // Both are: a payment is in no other state.
        if let (Some(before), Some(after)) = (known(&self.status), known(&status)) {
            self.memories.push(Memory::Became(now, before, after));
        }
        self.status = status;
    }

    /// What can still be refunded.
    pub(crate) fn refundable(&self) -> i64 {
        let is_settled = matches!(self.status, PayStatus::SettlementComplete | PayStatus::SettlementRefundComplete);
        if self.paid.is_some() && !is_settled { self.left.total() } else { 0 }
    }

    /// Whether the purchaser has authenticated: from then on the order number is used up.
    pub(crate) fn was_authenticated(&self) -> bool {
        self.method.is_some()
    }

    /// Lets everything happen that time alone brings. True when it was paid by that.
    pub(crate) fn age(&mut self, now: SystemTime) -> bool {
        let arrived = self.withdrawal.take_if(|(due, _)| now >= *due);
        let is_paid = arrived.is_some();
        if let Some((due, transaction)) = arrived {
            self.complete(due, transaction);
        }
        if matches!(self.status, PayStatus::PayStandby | PayStatus::PayApproved) && now >= self.expires {
            self.tell(self.expires, "the time to pay has run out");
            self.become_status(self.expires, PayStatus::PayCancel);
        }
        if self.status == PayStatus::RefundProgress
            && let Some(done) = self.refund_done
            && now >= done
        {
            self.become_status(done, PayStatus::RefundSuccess);
        }
        // As of that moment, whenever somebody looks.
        if let Some(settled) = self.paid.map(|paid| paid + YEAR).filter(|settled| now >= *settled) {
            self.settle(settled);
        }
        is_paid
    }

    /// Settlement: from now on nothing is refunded.
    pub(crate) fn settle(&mut self, now: SystemTime) -> bool {
        let settled = match self.status {
            PayStatus::PayComplete => PayStatus::SettlementComplete,
            PayStatus::RefundSuccess => PayStatus::SettlementRefundComplete,
            _ => return false,
        };
        self.become_status(now, settled);
        true
    }

    /// Begins to take the money, which arrives later, or at once.
    pub(crate) fn withdraw(&mut self, now: SystemTime, due: SystemTime, transaction: String) {
        self.become_status(now, PayStatus::PayProgress);
        self.withdrawal = Some((due, transaction));
    }

    /// The money has arrived.
    fn complete(&mut self, now: SystemTime, transaction: String) {
        self.become_status(now, PayStatus::PayComplete);
        self.paid = Some(now);
        self.movements.reserve_exact(1);
        self.movements.push(Movement { step: StepType::Pay, id: transaction, parts: self.whole, at: now });
    }
}
