//! Payments as they stood at an earlier moment, for replicas that lag behind. It is worked out from what is remembered of a
//! payment, so that nothing is kept for it while no replica lags.

use super::ledger::{Ledger, refuse};
use super::payment::{Memory, Payment};
use crate::lag::Lag;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use toss_sdk::pay::{ErrorCode, PayStatus, PaymentBy};
use toss_sdk::runtime::{KstDateTime, Refusal, Text};

impl Memory {
    /// When it happened. Memories from a file know the second only.
    fn at(&self) -> SystemTime {
        match self {
            Self::Became(at, ..) | Self::Discounted(at, _) | Self::Refunded(at, _) | Self::Told(at, _) => *at,
            Self::Kept(happening) => KstDateTime::parse(&happening.at).map_or(UNIX_EPOCH, |at| at.to_system_time()),
        }
    }

    /// The state that it led to.
    fn became(&self) -> Option<PayStatus> {
        match self {
            Self::Became(.., status) => Some((*status).clone()),
            Self::Kept(happening) => happening.what.split_once(" → ").map(|(_, to)| PayStatus::from_text(to)),
            _ => None,
        }
    }
}

impl Payment {
    /// When it was changed.
    fn changes(&self) -> impl Iterator<Item = SystemTime> {
        self.memories.iter().map(Memory::at)
    }

    /// The payment as a query showed it at this moment; none when it was created later. An instant discount that was
    /// changed meanwhile is shown as it is now, because no query shows it before the payment is paid.
    fn as_of(&self, moment: SystemTime) -> Option<Self> {
        let is_from_file = self.memories.iter().any(|memory| matches!(memory, Memory::Kept(_)));
        // Whole seconds then, so that states and movements of one second stay together.
        let moment = if is_from_file { before_second(moment) } else { moment };
        if self.created > moment {
            return None;
        }
        let mut past = self.clone();
        past.memories.retain(|memory| memory.at() <= moment);
        past.movements.retain(|movement| movement.at <= moment);
        past.refunds.retain(|refund| refund.at <= moment);
        past.paid = self.paid.filter(|paid| *paid <= moment);
        past.status = past.memories.iter().rev().find_map(Memory::became).unwrap_or(PayStatus::PayStandby);
        let was_authenticated = past
            .memories
            .iter()
            .filter_map(Memory::became)
            .any(|status| matches!(status, PayStatus::PayApproved | PayStatus::PayProgress));
        if !was_authenticated {
            past.method = None;
            past.whole.paid += std::mem::take(&mut past.whole.points);
        }
        past.left = past.refunds.last().map_or(past.whole, |refund| refund.left);
        Some(past)
    }
}

/// The end of the second before this one.
fn before_second(moment: SystemTime) -> SystemTime {
    let since = moment.duration_since(UNIX_EPOCH).unwrap_or_default();
    UNIX_EPOCH + Duration::from_secs(since.as_secs()).saturating_sub(Duration::from_nanos(1))
}

impl Ledger {
    /// A payment as a replica shows it that is so far behind.
    pub(crate) fn stale_status(
        &mut self,
        now: SystemTime,
        merchant: &str,
        by: &PaymentBy,
        lag: Lag,
    ) -> Result<Payment, Refusal> {
        let own = |payment: &Payment| {
            *payment.merchant == *merchant
                && match by {
                    PaymentBy::PayToken(token) => *payment.token == *token.as_str(),
                    PaymentBy::OrderNo(order) => payment.request.order_no() == order,
                }
        };
        // The latest one first: an order number may stand for several.
        let places: Vec<usize> = (0..self.payments.len()).rev().filter(|n| own(&self.payments[*n])).collect();
        places.iter().for_each(|place| self.age(now, *place));
        let changes = places.first().into_iter().flat_map(|place| self.payments[*place].changes());
        let moment = lag.moment(now, changes);
        match places.iter().find_map(|place| self.payments[*place].as_of(moment)) {
            Some(payment) => Ok(payment),
            None => refuse(ErrorCode::TransactionNotFound, "존재하지 않는 결제입니다."),
        }
    }
}
