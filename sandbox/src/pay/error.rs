//! Errors of actions on a payment.

use crate::store::WriteError;
use std::fmt;
use toss_sdk::pay::PayStatus;
use toss_sdk::runtime::{Refusal, Violations};

/// Error of an action on a payment.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum PaymentError {
    /// There is no such payment.
    Unknown,
    /// Only a payment with the status `PAY_STANDBY` can be approved. Contains the actual status.
    NotOnStandby(PayStatus),
    /// A payment with this status cannot be canceled.
    NotCancelable(PayStatus),
    /// The merchant does not accept cards.
    NoCards,
    /// The merchant does not accept Toss Money.
    NoTossMoney,
    /// The merchant does not accept cards of this company.
    OtherCompanies,
    /// The service does not support cards of this company.
    UnsupportedCompany,
    /// Installments are not available, because the price is below this number of won, or because the merchant does not
    /// offer installments.
    NoInstallments(i64),
    /// The number of installments exceeds this limit.
    TooManyInstallments(u8),
    /// At most this many points can be spent.
    TooManyPoints(i64),
    /// No withdrawal is in progress. Contains the status of the payment.
    NoWithdrawal(PayStatus),
    /// A payment with this status cannot be settled.
    NotSettleable(PayStatus),
    /// Only a payment with the status `PAY_STANDBY` can be discounted. The discount is at most the price. Contains the
    /// price in won.
    NotDiscountable(i64),
    /// No refund is in progress. Contains the status of the payment.
    NoRefund(PayStatus),
    /// The refund number was used before.
    UsedRefundNumber,
    /// The request breaks a documented rule.
    Invalid(Violations),
    /// The service rejects the request.
    Refused {
        /// The service's error code.
        code: String,
        /// The service's message.
        message: String,
    },
    /// The data file cannot be written. If the action is possible, it took effect in memory.
    NotWritten(WriteError),
}

impl fmt::Display for PaymentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => f.write_str("there is no such payment"),
            Self::NotOnStandby(status) => {
                write!(f, "only a payment on standby can be approved; this payment is {}", status.as_str())
            }
            Self::NotCancelable(status) => write!(f, "a payment that is {} cannot be canceled", status.as_str()),
            Self::NoCards => f.write_str("cards are not offered"),
            Self::NoTossMoney => f.write_str("Toss Money is not offered"),
            Self::OtherCompanies => f.write_str("this card company is not offered"),
            Self::UnsupportedCompany => f.write_str("this card company is not supported yet"),
            Self::NoInstallments(least) => {
                write!(f, "installments need a price of at least {least} won, and a merchant that offers them")
            }
            Self::TooManyInstallments(most) => write!(f, "at most {most} installments"),
            Self::TooManyPoints(most) => write!(f, "points: from 0 to {most} can be spent"),
            Self::NoWithdrawal(status) => {
                write!(f, "no withdrawal is in progress; the payment is {}", status.as_str())
            }
            Self::NotSettleable(status) => {
                write!(f, "only a paid payment can be settled; the payment is {}", status.as_str())
            }
            Self::NotDiscountable(price) => {
                write!(f, "only a payment on standby can be discounted, by 0 to {price} won")
            }
            Self::NoRefund(status) => write!(f, "no refund is in progress; the payment is {}", status.as_str()),
            Self::UsedRefundNumber => f.write_str("the refund number was used before"),
            Self::Invalid(violations) => violations.fmt(f),
            Self::Refused { code, message } => write!(f, "{code}: {message}"),
            Self::NotWritten(why) => why.fmt(f),
        }
    }
}

impl std::error::Error for PaymentError {}

impl From<WriteError> for PaymentError {
    fn from(why: WriteError) -> Self {
        Self::NotWritten(why)
    }
}

impl From<Refusal> for PaymentError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused { code: refusal.code, message: refusal.message }
    }
}
