//! Actions of a clerk. A clerk is a person acting for the merchant outside of the merchant's program, for example in
//! the back office. A clerk can execute and refund payments.

use super::error::PaymentError;
use super::ledger::Ledger;
use std::sync::Arc;
use std::time::SystemTime;
use toss_sdk::pay::{ExecutePayment, PayStatus, PayToken, RefundPayment};

/// A refund by a clerk: a person acting for the merchant outside of the merchant's program.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClerkRefund {
    /// Refund number.
    pub refund_no: String,
    /// Amount in won. `None` refunds the whole remaining amount.
    pub amount: Option<i64>,
    /// Set if the refund stays in `REFUND_PROGRESS` until [`Sandbox::complete_refund`](crate::Sandbox::complete_refund)
    /// is called. Until then, other refunds of the payment are rejected.
    pub stays_in_progress: bool,
}

impl ClerkRefund {
    /// Returns a refund of this amount. It completes after [`Settings::refunds_take`](crate::Settings::refunds_take).
    pub fn of(refund_no: impl Into<String>, amount: i64) -> Self {
        Self { refund_no: refund_no.into(), amount: Some(amount), stays_in_progress: false }
    }

    /// Returns a refund of the whole remaining amount. It completes after
    /// [`Settings::refunds_take`](crate::Settings::refunds_take).
    pub fn of_everything(refund_no: impl Into<String>) -> Self {
        Self { refund_no: refund_no.into(), amount: None, stays_in_progress: false }
    }

    /// Returns the same refund, except that it stays in progress until it is completed manually.
    #[must_use]
    pub fn staying_in_progress(self) -> Self {
        Self { stays_in_progress: true, ..self }
    }
}

impl Ledger {
    fn merchant_of(&self, token: &str) -> Result<Arc<str>, PaymentError> {
        let place = self.index.token(token).ok_or(PaymentError::Unknown)?;
        Ok(self.payments[place].merchant.clone())
    }

    /// Executes a payment as a clerk of its merchant.
    pub(crate) fn execute_as_clerk(&mut self, now: SystemTime, token: &str) -> Result<(), PaymentError> {
        let merchant = self.merchant_of(token)?;
        let request = ExecutePayment::builder().pay_token(token).build().map_err(PaymentError::Invalid)?;
        self.execute(now, &merchant, &request)?;
        Ok(())
    }

    /// Refunds a payment as a clerk of its merchant.
    pub(crate) fn refund_as_clerk(
        &mut self,
        now: SystemTime,
        token: &str,
        refund: &ClerkRefund,
    ) -> Result<(), PaymentError> {
        let merchant = self.merchant_of(token)?;
        let request = RefundPayment::builder().pay_token(PayToken::new(token)).refund_no(refund.refund_no.as_str());
        let request = match refund.amount {
            Some(amount) => request.amount(amount).build(),
            None => request.everything_left().build(),
        };
        let request = request.map_err(PaymentError::Invalid)?;
        if !refund.stays_in_progress {
            self.refund(now, &merchant, request, true)?;
            return Ok(());
        }
        if self.index.refund(&merchant, request.refund_no()).is_some() {
            return Err(PaymentError::UsedRefundNumber);
        }
        self.refund_taking(now, &merchant, request, true, None)?;
        Ok(())
    }

    /// Completes the refund in progress of a payment.
    pub(crate) fn complete_refund(&mut self, now: SystemTime, token: &str) -> Result<(), PaymentError> {
        let place = self.index.token(token).ok_or(PaymentError::Unknown)?;
        self.age(now, place);
        let payment = &mut self.payments[place];
        if payment.status != PayStatus::RefundProgress {
            return Err(PaymentError::NoRefund(payment.status.clone()));
        }
        payment.refund_done = Some(now);
        payment.become_status(now, PayStatus::RefundSuccess);
        self.note(place);
        Ok(())
    }
}
