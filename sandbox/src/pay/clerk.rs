//! Somebody else of the same merchant, with a back office of their own: refunds and executions that the merchant's program
//! has not asked for.

use super::ledger::{Ledger, NONE};
use super::payment::Payment;
use std::sync::Arc;
use std::time::SystemTime;
use toss_sdk::pay::{ExecutePayment, PayStatus, PayToken, RefundPayment};
use toss_sdk::runtime::Refusal;

/// A refund by a second clerk of the same merchant.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClerkRefund {
    /// Its refund number.
    pub refund_no: String,
    /// How much, in won; everything that is left when absent.
    pub amount: Option<i64>,
    /// Whether it stays in `REFUND_PROGRESS` until [`Sandbox::complete_refund`](crate::Sandbox::complete_refund).
    /// Other refunds of the payment are refused meanwhile.
    pub stays_in_progress: bool,
}

impl ClerkRefund {
    /// A refund of this amount that is complete at once.
    pub fn of(refund_no: impl Into<String>, amount: i64) -> Self {
        Self { refund_no: refund_no.into(), amount: Some(amount), stays_in_progress: false }
    }

    /// A refund of everything that is left, complete at once.
    pub fn of_everything(refund_no: impl Into<String>) -> Self {
        Self { refund_no: refund_no.into(), amount: None, stays_in_progress: false }
    }

    /// The same, which stays in progress until it is completed by hand.
    #[must_use]
    pub fn staying_in_progress(self) -> Self {
        Self { stays_in_progress: true, ..self }
    }
}

fn words(refusal: Refusal) -> String {
    format!("{}: {}", refusal.code, refusal.message)
}

impl Ledger {
    fn merchant_of(&self, token: &str) -> Result<Arc<str>, String> {
        let place = self.index.token(token).ok_or(NONE)?;
        Ok(self.payments[place].merchant.clone())
    }

    /// The second clerk executes a payment.
    pub(crate) fn execute_as_clerk(&mut self, now: SystemTime, token: &str) -> Result<(), String> {
        let merchant = self.merchant_of(token)?;
        let request = ExecutePayment::builder().pay_token(token).build().map_err(|why| why.to_string())?;
        self.execute(now, &merchant, &request).map(drop).map_err(words)
    }

    /// The second clerk refunds a payment.
    pub(crate) fn refund_as_clerk(&mut self, now: SystemTime, token: &str, refund: &ClerkRefund) -> Result<(), String> {
        let merchant = self.merchant_of(token)?;
        let request = RefundPayment::builder().pay_token(PayToken::new(token)).refund_no(refund.refund_no.as_str());
        let request = match refund.amount {
            Some(amount) => request.amount(amount).build(),
            None => request.everything_left().build(),
        };
        let request = request.map_err(|why| why.to_string())?;
        if !refund.stays_in_progress {
            return self.refund(now, &merchant, request, true).map(drop).map_err(words);
        }
        if self.index.refund(&merchant, request.refund_no()).is_some() {
            return Err("the refund number was used before".into());
        }
        self.refund_taking(now, &merchant, request, true, None).map(drop).map_err(words)
    }

    /// Completes the refund of a payment that is in progress.
    pub(crate) fn complete_refund(&mut self, now: SystemTime, token: &str) -> Result<(), String> {
        let place = self.index.token(token).ok_or(NONE)?;
        self.age(now, place);
        let payment: &mut Payment = &mut self.payments[place];
        if payment.status != PayStatus::RefundProgress {
            return Err(format!("no refund is in progress; the payment is {}", payment.status.as_str()));
        }
        payment.refund_done = Some(now);
        payment.become_status(now, PayStatus::RefundSuccess);
        self.note(place);
        Ok(())
    }
}
