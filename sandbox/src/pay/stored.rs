//! Payments in the data file.

use super::arithmetic::Parts;
use super::payment::{Method, Movement, Payment, PaymentEvent, Refund};
use crate::store::StoredRequest;
use crate::timeline::TimelineEvent;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::time::SystemTime;
use toss_sdk::pay::{API, CardCompany, PayStatus, StepType};
use toss_sdk::runtime::__private::{Malformed, Number, SecretText, Text};

/// A payment in the data file.
#[derive(Serialize, Deserialize)]
pub(crate) struct StoredPayment {
    merchant: String,
    token: String,
    request: StoredRequest,
    status: String,
    method: Option<StoredMethod>,
    whole: Parts,
    left: Parts,
    tax: Option<(i64, i64)>,
    created: SystemTime,
    expires: SystemTime,
    paid: Option<SystemTime>,
    #[serde(default)]
    withdrawal: Option<(SystemTime, String)>,
    refund_done: Option<SystemTime>,
    authorization: String,
    movements: Vec<StoredMovement>,
    refunds: Vec<StoredRefund>,
    timeline: Vec<TimelineEvent>,
}

/// Payment method: a card, or Toss Money if there is no card.
#[derive(Serialize, Deserialize)]
struct StoredMethod {
    card: Option<i64>,
    months: u8,
}

#[derive(Serialize, Deserialize)]
struct StoredMovement {
    step: String,
    id: String,
    parts: Parts,
    at: SystemTime,
}

#[derive(Serialize, Deserialize)]
struct StoredRefund {
    request: StoredRequest,
    transaction: String,
    at: SystemTime,
    back: Parts,
    left: Parts,
}

/// Error of an invalid payment in the data file.
#[derive(Debug)]
pub(crate) enum InvalidPayment {
    UnknownStatus(String),
    Request(Malformed),
}

impl fmt::Display for InvalidPayment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownStatus(status) => write!(f, "there is no status `{status}`"),
            Self::Request(why) => why.fmt(f),
        }
    }
}

impl From<&Payment> for StoredPayment {
    fn from(payment: &Payment) -> Self {
        let key = [SecretText::from(&*payment.merchant)];
        let moved = |movement: &Movement| StoredMovement {
            step: movement.step.as_str().to_owned(),
            id: movement.id.clone(),
            parts: movement.parts,
            at: movement.at,
        };
        let refunded = |refund: &Refund| StoredRefund {
            request: StoredRequest::new(&refund.request, &key, refund.at),
            transaction: refund.transaction.clone(),
            at: refund.at,
            back: refund.back,
            left: refund.left,
        };
        Self {
            merchant: payment.merchant.as_ref().to_owned(),
            token: payment.token.as_ref().to_owned(),
            // The time to pay may have ended between the check of the request and the creation of the payment, so the
            // earlier of the two times is stored.
            request: StoredRequest::new(&payment.request, &key, payment.created.min(payment.expires)),
            status: payment.status.as_str().to_owned(),
            method: payment.method.as_ref().map(|method| match method {
                Method::Card { company, months } => StoredMethod { card: Some(company.code()), months: *months },
                Method::TossMoney => StoredMethod { card: None, months: 0 },
            }),
            whole: payment.whole,
            left: payment.left,
            tax: payment.tax,
            created: payment.created,
            expires: payment.expires,
            paid: payment.paid,
            withdrawal: payment.withdrawal.clone(),
            refund_done: payment.refund_done,
            authorization: payment.authorization.clone(),
            movements: payment.movements.iter().map(moved).collect(),
            refunds: payment.refunds.iter().map(refunded).collect(),
            timeline: payment.timeline(),
        }
    }
}

impl StoredPayment {
    /// Decodes the payment.
    ///
    /// # Errors
    ///
    /// Returns an error if a request cannot be decoded or if the status is not documented.
    pub(crate) fn payment(self) -> Result<Payment, InvalidPayment> {
        let status = PayStatus::from_text(&self.status);
        if !PayStatus::KNOWN.contains(&status) {
            return Err(InvalidPayment::UnknownStatus(self.status));
        }
        let refunds = self.refunds.into_iter().map(|refund| {
            Ok(Refund {
                request: refund.request.read(&API).map_err(InvalidPayment::Request)?,
                transaction: refund.transaction,
                at: refund.at,
                back: refund.back,
                left: refund.left,
            })
        });
        let moved = |movement: StoredMovement| Movement {
            step: StepType::from_text(&movement.step),
            id: movement.id,
            parts: movement.parts,
            at: movement.at,
        };
        let method = |paid: StoredMethod| match paid.card {
            Some(code) => Method::Card { company: CardCompany::from_number(code), months: paid.months },
            None => Method::TossMoney,
        };
        Ok(Payment {
            merchant: self.merchant.into(),
            token: self.token.into(),
            request: self.request.read(&API).map_err(InvalidPayment::Request)?,
            status,
            method: self.method.map(method),
            whole: self.whole,
            left: self.left,
            tax: self.tax,
            created: self.created,
            expires: self.expires,
            paid: self.paid,
            withdrawal: self.withdrawal,
            refund_done: self.refund_done,
            authorization: self.authorization,
            movements: self.movements.into_iter().map(moved).collect(),
            refunds: refunds.collect::<Result<_, InvalidPayment>>()?,
            events: self.timeline.into_iter().map(|event| PaymentEvent::FromFile(Box::new(event))).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pay::ledger::Ledger;
    use std::time::Duration;
    use toss_sdk::pay::CreatePayment;
    use toss_sdk::pay::KstDateTime;

    #[test]
    fn a_payment_that_expired_during_its_creation_can_be_decoded_and_an_unknown_status_is_an_error() {
        let judged = SystemTime::UNIX_EPOCH + Duration::from_secs(2_000_000_000);
        let request = CreatePayment::builder()
            .order_no("o-1")
            .product_desc("coat")
            .ret_url("http://127.0.0.1/a")
            .ret_cancel_url("http://127.0.0.1/b")
            .amount(1_000)
            .amount_tax_free(0)
            .expired_time(KstDateTime::from(judged))
            .build_at(KstDateTime::from(judged))
            .expect("it is in time");
        let mut ledger = Ledger::default();
        let made = judged + Duration::from_secs(7);
        let payment = ledger.create(made, "sk_test_a", request).expect("it is made");
        let read = StoredPayment::from(payment).payment().expect("it can be read");
        assert_eq!((read.created, read.expires), (made, judged));
        let foreign = StoredPayment { status: "PAY_BY_MAGIC".into(), ..StoredPayment::from(payment) };
        assert!(foreign.payment().expect_err("there is no such state").to_string().contains("PAY_BY_MAGIC"));
    }
}
