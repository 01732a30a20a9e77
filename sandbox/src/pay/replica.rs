//! Earlier states of payments, for lagging replicas. They are computed from a payment's events, so that they need not
//! be stored.

use super::ledger::{Ledger, refuse};
use super::payment::{Payment, PaymentEvent};
use crate::lag::Lag;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use toss_sdk::pay::KstDateTime;
use toss_sdk::pay::{ErrorCode, PayStatus, PaymentBy};
use toss_sdk::runtime::{Refusal, Text};

impl PaymentEvent {
    /// Returns the time of the event. Events from a file have whole seconds.
    fn at(&self) -> SystemTime {
        match self {
            Self::StatusChanged(at, ..) | Self::Discounted(at, _) | Self::Refunded(at, _) | Self::Noted(at, _) => *at,
            Self::FromFile(event) => KstDateTime::parse(&event.at).map_or(UNIX_EPOCH, |at| at.to_system_time()),
        }
    }

    /// Returns the status of the payment after the event, or `None` if the event did not change the status.
    fn status(&self) -> Option<PayStatus> {
        match self {
            Self::StatusChanged(.., status) => Some((*status).clone()),
            Self::FromFile(event) => event.what.split_once(" → ").map(|(_, to)| PayStatus::from_text(to)),
            Self::Discounted(..) | Self::Refunded(..) | Self::Noted(..) => None,
        }
    }
}

impl Payment {
    /// Returns the times of all changes.
    fn changes(&self) -> impl Iterator<Item = SystemTime> {
        self.events.iter().map(PaymentEvent::at)
    }

    /// Returns the payment as a query showed it at this moment, or `None` if it was created later. The result has the
    /// current discount, because a query shows no discount before the payment is paid.
    fn as_of(&self, moment: SystemTime) -> Option<Self> {
        let is_from_file = self.events.iter().any(|event| matches!(event, PaymentEvent::FromFile(_)));
        // Events from a file have whole seconds. The moment is set to the end of the preceding second, so that events
        // and movements of one second stay together.
        let moment = if is_from_file { before_second(moment) } else { moment };
        if self.created > moment {
            return None;
        }
        let mut past = self.clone();
        past.events.retain(|event| event.at() <= moment);
        past.movements.retain(|movement| movement.at <= moment);
        past.refunds.retain(|refund| refund.at <= moment);
        past.paid = self.paid.filter(|paid| *paid <= moment);
        past.status = past.events.iter().rev().find_map(PaymentEvent::status).unwrap_or(PayStatus::PayStandby);
        let was_authenticated = past
            .events
            .iter()
            .filter_map(PaymentEvent::status)
            .any(|status| matches!(status, PayStatus::PayApproved | PayStatus::PayProgress));
        if !was_authenticated {
            past.method = None;
            past.whole.paid += std::mem::take(&mut past.whole.points);
        }
        past.left = past.refunds.last().map_or(past.whole, |refund| refund.left);
        Some(past)
    }
}

/// Returns the last nanosecond before the second in which a moment lies.
fn before_second(moment: SystemTime) -> SystemTime {
    let since = moment.duration_since(UNIX_EPOCH).unwrap_or_default();
    UNIX_EPOCH + Duration::from_secs(since.as_secs()).saturating_sub(Duration::from_nanos(1))
}

impl Ledger {
    /// Returns a payment as a replica with this lag shows it.
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
        // The latest payment comes first, because several payments may have the same order number.
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
