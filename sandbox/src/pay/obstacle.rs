//! Why a purchaser cannot do something with a payment. The library and the control API say it in English, the checkout page
//! in its own language.

use std::fmt;
use toss_sdk::pay::PayStatus;

/// Why something cannot be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Obstacle {
    /// There is no such payment.
    Unknown,
    /// Only a payment on standby can be approved.
    NotOnStandby(PayStatus),
    /// It is too late to cancel.
    NotCancelable(PayStatus),
    /// The merchant does not take cards.
    NoCards,
    /// The merchant does not take Toss Money.
    NoTossMoney,
    /// The merchant does not take this company's cards.
    OtherCompanies,
    /// The service does not take this company's cards.
    UnsupportedCompany,
    /// The price is paid at once, because it is below this one or because the merchant wants that.
    NoInstallments(i64),
    /// There are more than so many installments.
    TooManyInstallments(u8),
    /// At most so many points can be spent.
    TooManyPoints(i64),
    /// This field of the form is no whole number.
    NoNumber(&'static str),
    /// Nothing to pay with was chosen.
    NothingChosen,
}

impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => f.write_str(super::ledger::NONE),
            Self::NotOnStandby(status) => {
                write!(f, "only a payment on standby can be approved; it is {}", status.as_str())
            }
            Self::NotCancelable(status) => write!(f, "a payment that is {} cannot be canceled", status.as_str()),
            Self::NoCards => f.write_str("cards are not offered"),
            Self::NoTossMoney => f.write_str("Toss Money is not offered"),
            Self::OtherCompanies => f.write_str("this card company is not offered"),
            Self::UnsupportedCompany => f.write_str("this card company is not supported yet"),
            Self::NoInstallments(least) => write!(
                f,
                "installments are not offered: below {least} won never, from {least} won on if the merchant wants it"
            ),
            Self::TooManyInstallments(most) => write!(f, "at most {most} installments"),
            Self::TooManyPoints(most) => write!(f, "points: at most {most} can be spent"),
            Self::NoNumber(name) => write!(f, "{name}: a whole number"),
            Self::NothingChosen => f.write_str("choose how to pay"),
        }
    }
}
