//! Confirms a message: asks the service with the caller's credentials, and compares the answer with the message and
//! with the caller's own values. The comparisons are generated.
//!
//! An answer proves something only if its members show that it is about the object of the claim, such as a payment.
//! Such an answer refutes the claim if another value in the answer contradicts the claim or the caller's own values. An
//! answer that neither confirms nor refutes the claim proves nothing. The receiver then answers with a failure, so that
//! the service sends the message again.

use crate::callback::{Claim, Message};
use crate::client::Core;
#[cfg(feature = "blocking")]
use crate::client::blocking::BlockingCore;
use crate::error::Error;
use crate::evidence::Mismatch;
use crate::outcome::ErrorCode;
use crate::request::Request;
use std::fmt;

/// Message that can be confirmed. Implementations are generated.
pub trait Confirm: Message + Sync {
    /// Status query about the object of the message, such as a payment.
    type Question: Request;

    /// Values that the caller knows in advance and passes, such as the amount of the order.
    type Expected: Send + Sync;

    /// Further values that the caller may have stored. Most senders of forged messages do not know them.
    type Known: Send + Sync;

    /// Returns the status query about the object of the message.
    ///
    /// # Errors
    ///
    /// Returns the name of a member that the status query needs, if this member is missing or invalid.
    fn question(&self, known: &Self::Known) -> Result<Self::Question, &'static str>;

    /// Returns the first member in which the claim contradicts the caller's values. The claim is then refuted without a
    /// request.
    fn contradicts(&self, _expected: &Self::Expected) -> Option<&'static str> {
        None
    }

    /// Returns one or two texts that most senders of forged messages do not know. The rate limit of confirmations
    /// reserves a share for messages that have such texts. Returns `None` if there is no such text.
    ///
    /// If messages of this type contain texts that the caller may have stored, such as a secret, all of these texts
    /// must equal the stored values. The result is then the first of them, and an empty text. For other types, the
    /// result is the text that the caller has stored, and a claimed text that equals an expected value. If one of these
    /// two texts is missing, it is empty.
    fn familiar<'a>(&'a self, _expected: &'a Self::Expected, _known: &'a Self::Known) -> Option<[&'a str; 2]> {
        None
    }

    /// Returns `true` if the answer may be about another payment, because the caller has stored no value that restricts
    /// the status query to one payment. A different value in the answer then does not refute the claim.
    fn may_find_another(&self, _known: &Self::Known) -> bool {
        false
    }

    /// Compares the claim with an answer of the service. `environment` is the environment of the caller's credentials.
    fn judge(
        &self,
        expected: &Self::Expected,
        known: &Self::Known,
        environment: Option<&str>,
        answer: &<Self::Question as Request>::Reply,
    ) -> Judgment;
}

/// Result of comparing a claim with an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judgment {
    /// The claim is true. Contains the amount that is paid and not refunded, if the message is about money.
    Confirmed(Option<i64>),
    /// The claim is false. The value of this member in the answer contradicts the claim or the caller's values.
    Refuted(&'static str),
    /// The answer proves nothing. Contains the name of the member that is the reason, if there is one.
    Open(Option<&'static str>),
}

/// Only a different value refutes the claim. A value that is absent or cannot be compared proves nothing.
impl From<Mismatch> for Judgment {
    fn from(mismatch: Mismatch) -> Self {
        match mismatch {
            Mismatch::Differs(name) => Self::Refuted(name),
            Mismatch::Absent(name)
            | Mismatch::NotPositive(name)
            | Mismatch::Undated(name)
            | Mismatch::ClocksApart(name) => Self::Open(Some(name)),
        }
    }
}

/// Combines the judgments about the entries of a list. One confirmed entry confirms the claim. The claim is refuted
/// only if every entry refutes it.
pub fn any_entry(entries: impl IntoIterator<Item = Judgment>) -> Judgment {
    let mut all = None;
    for entry in entries {
        all = match (entry, all) {
            (Judgment::Confirmed(_), _) => return entry,
            (Judgment::Refuted(_), Some(open @ Judgment::Open(_))) => Some(open),
            _ => Some(entry),
        };
    }
    all.unwrap_or(Judgment::Open(None))
}

/// Claim that the service has confirmed. Act on the values in `found`, which come from the service.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Confirmed<T, A> {
    /// Claimed content.
    pub claimed: T,
    /// Answer of the service.
    pub found: A,
    /// Amount that is paid and not refunded, in the unit of the order's amount. After a partial refund, it is less than
    /// the order's amount. `None` if nothing is paid yet, or if the message is not about money.
    pub still_paid: Option<i64>,
}

/// Error of a claim that is not confirmed.
pub struct ConfirmError<C>(ConfirmFailure<C>);

enum ConfirmFailure<C> {
    Unaskable(&'static str),
    Refuted(&'static str),
    Open(Option<&'static str>),
    TooMany,
    Failed(Error<C>),
}

impl<C> ConfirmError<C> {
    /// Returns `true` if the claim is wrong. Do not act on it. Acknowledge it like any received message, so that its
    /// sender learns nothing from the answer.
    pub fn is_refuted(&self) -> bool {
        matches!(self.0, ConfirmFailure::Refuted(_))
    }

    /// Returns `true` if nothing is proven yet. Answer with an HTTP status that reports failure, so that the service
    /// sends the message again, or confirm the claim again later.
    pub fn is_temporary(&self) -> bool {
        !self.is_refuted()
    }

    /// Returns the HTTP status to answer the message with: 200 for a refuted claim, and 503 otherwise, so that the
    /// service sends the message again.
    pub fn answer_status(&self) -> u16 {
        if self.is_refuted() { 200 } else { 503 }
    }

    /// Returns the name of the member that is missing, invalid or different, if the error is about a member.
    pub fn member(&self) -> Option<&'static str> {
        match self.0 {
            ConfirmFailure::Unaskable(name) | ConfirmFailure::Refuted(name) => Some(name),
            ConfirmFailure::Open(name) => name,
            ConfirmFailure::TooMany | ConfirmFailure::Failed(_) => None,
        }
    }

    /// Returns the error of the request to the service, if the request failed.
    pub fn error(&self) -> Option<&Error<C>> {
        match &self.0 {
            ConfirmFailure::Failed(error) => Some(error),
            _ => None,
        }
    }
}

/// Response with the status of [`answer_status`](Self::answer_status) and no body.
#[cfg(feature = "axum")]
impl<C> axum::response::IntoResponse for ConfirmError<C> {
    fn into_response(self) -> axum::response::Response {
        let status =
            if self.is_refuted() { axum::http::StatusCode::OK } else { axum::http::StatusCode::SERVICE_UNAVAILABLE };
        status.into_response()
    }
}

impl<C: ErrorCode> fmt::Display for ConfirmError<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            ConfirmFailure::Unaskable(name) => {
                write!(f, "not confirmed: the request to the service needs a valid {name}")
            }
            ConfirmFailure::Refuted(name) => {
                write!(f, "refuted: the service or the caller has another value for {name}")
            }
            ConfirmFailure::Open(Some(name)) => {
                write!(f, "not confirmed yet: the answer lacks a {name} that proves the claim; try again later")
            }
            ConfirmFailure::Open(None) => f.write_str("not confirmed yet: try again later"),
            ConfirmFailure::TooMany => f.write_str("not confirmed: too many unproven messages now; try again later"),
            ConfirmFailure::Failed(error) => write!(f, "not confirmed: {error}"),
        }
    }
}

impl<C: ErrorCode> fmt::Debug for ConfirmError<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ConfirmError({self})")
    }
}

impl<C: ErrorCode> std::error::Error for ConfirmError<C> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.error().map(|error| error as _)
    }
}

/// Answer to the status query about a message of the type `T`.
pub(crate) type AnswerAbout<T> = <<T as Confirm>::Question as Request>::Reply;

impl<C: ErrorCode> Core<C> {
    /// Asks the service whether a claim is true. The rate of status queries about unproven messages is limited. A claim
    /// that contradicts the caller's values is refuted without a request.
    ///
    /// # Errors
    ///
    /// Returns an error if the claim is refuted, or if nothing is proven yet.
    pub async fn confirm<T: Confirm + Clone>(
        &self,
        claim: &Claim<T>,
        expected: &T::Expected,
        known: &T::Known,
    ) -> Result<Confirmed<T, AnswerAbout<T>>, ConfirmError<C>> {
        let message = claim.unproven();
        if let Some(name) = message.contradicts(expected) {
            return Err(ConfirmError(ConfirmFailure::Refuted(name)));
        }
        let question = message.question(known).map_err(|name| ConfirmError(ConfirmFailure::Unaskable(name)))?;
        // Attempts to confirm are counted separately for each message type. A browser that opens the return page of an
        // order many times therefore does not delay the callback of that order.
        let familiar = message.familiar(expected, known).map(|texts| (std::any::type_name::<T>(), texts));
        if !self.inner.confirmations.allow(self.inner.clock.now(), familiar) {
            return Err(ConfirmError(ConfirmFailure::TooMany));
        }
        let found = self.call(&question).await.map_err(|error| ConfirmError(ConfirmFailure::Failed(error)))?;
        match message.judge(expected, known, self.environment(), &found) {
            Judgment::Confirmed(still_paid) => Ok(Confirmed { claimed: message.clone(), found, still_paid }),
            Judgment::Refuted(name) if message.may_find_another(known) => {
                Err(ConfirmError(ConfirmFailure::Open(Some(name))))
            }
            Judgment::Refuted(name) => Err(ConfirmError(ConfirmFailure::Refuted(name))),
            Judgment::Open(name) => Err(ConfirmError(ConfirmFailure::Open(name))),
        }
    }
}

#[cfg(feature = "blocking")]
impl<C: ErrorCode> BlockingCore<C> {
    /// Confirms a claim like [`Core::confirm`].
    ///
    /// # Errors
    ///
    /// Returns an error if the claim is refuted, if nothing is proven yet, or if this is called inside an async
    /// runtime.
    pub fn confirm<T: Confirm + Clone>(
        &self,
        claim: &Claim<T>,
        expected: &T::Expected,
        known: &T::Known,
    ) -> Result<Confirmed<T, AnswerAbout<T>>, ConfirmError<C>> {
        self.wait::<T::Question, _>(self.core.confirm(claim, expected, known))
            .unwrap_or_else(|error| Err(ConfirmError(ConfirmFailure::Failed(error))))
    }
}
