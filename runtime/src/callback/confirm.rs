//! Confirms a message: the service is asked with the caller's own credentials, and its answer is compared with what
//! the message claims and with what the caller knows. What is compared is generated.
//!
//! A claim is confirmed by an answer that is bound to it, and refuted by an answer that is bound to it and has another
//! value. Everything else proves nothing: the message is to be sent again.

use crate::callback::{Claim, Message};
use crate::client::Core;
use crate::error::Error;
use crate::evidence::Mismatch;
use crate::outcome::ErrorCode;
use crate::request::Request;
use std::fmt;

/// A message that can be confirmed. Generated.
pub trait Confirm: Message + Sync {
    /// The request that asks.
    type Question: Request;

    /// What the caller knows in advance.
    type Expected: Send + Sync;

    /// What the caller may know beside that, and senders of forged messages do not.
    type Known: Send + Sync;

    /// The question.
    ///
    /// # Errors
    ///
    /// Returns the member that is needed to ask and is missing, or that no question can be asked with.
    fn question(&self, known: &Self::Known) -> Result<Self::Question, &'static str>;

    /// Returns the first member in which the claim contradicts what the caller knows. Nothing has to be asked then.
    fn contradicts(&self, _expected: &Self::Expected) -> Option<&'static str> {
        None
    }

    /// Returns the texts by which the caller knows the claim: what only the service and the caller know, if the claim
    /// carries it; where no claim carries such a thing, what the caller has stored and what names the order.
    fn familiar<'a>(&'a self, _expected: &'a Self::Expected, _known: &'a Self::Known) -> Option<[&'a str; 2]> {
        None
    }

    /// Returns `true` if the question may find another thing than the message is about: what the caller has stored did
    /// not make it. An answer that differs then refutes nothing.
    fn may_find_another(&self, _known: &Self::Known) -> bool {
        false
    }

    /// Judges the claim by an answer. The environment is the one that the caller's credentials belong to.
    fn judge(
        &self,
        expected: &Self::Expected,
        known: &Self::Known,
        environment: Option<&str>,
        answer: &<Self::Question as Request>::Reply,
    ) -> Judgment;
}

/// What an answer says about a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judgment {
    /// It is true. With it, what is paid and not given back, where the message is about money.
    Confirmed(Option<i64>),
    /// It is not true: the service has another value of this member for the same thing.
    Refuted(&'static str),
    /// The answer proves neither. With it, the member that is not there or cannot be read, if that is why.
    Open(Option<&'static str>),
}

/// Another value refutes. What is not there, or cannot be compared, proves nothing.
impl From<Mismatch> for Judgment {
    fn from(mismatch: Mismatch) -> Self {
        match mismatch {
            Mismatch::Differs(name) => Self::Refuted(name),
            other => Self::Open(Some(other.member())),
        }
    }
}

/// Combines what the entries of a list say about a claim: one that confirms is enough, and all have to refute.
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

/// A claim that the service has confirmed. The values to act on are those in `found`: the service's own.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Confirmed<T, A> {
    /// What was claimed.
    pub claimed: T,
    /// What the service says.
    pub found: A,
    /// What is paid and has not been given back, in the amount's unit. `None` if nothing has been paid yet, or if the
    /// message is not about money. Less than the order's amount after a partial refund.
    pub still_paid: Option<i64>,
}

/// Why a claim is not confirmed.
pub struct ConfirmError<C>(Why<C>);

enum Why<C> {
    Unaskable(&'static str),
    Refuted(&'static str),
    Open(Option<&'static str>),
    TooMany,
    Failed(Error<C>),
}

impl<C> ConfirmError<C> {
    /// The question failed.
    #[cfg_attr(not(feature = "blocking"), allow(dead_code, reason = "only the blocking client fails elsewhere"))]
    pub(crate) fn failed(error: Error<C>) -> Self {
        Self(Why::Failed(error))
    }

    /// Returns `true` if the claim is wrong: never act on it. Acknowledge it like any message that was received, so that
    /// its sender learns nothing from the answer.
    pub fn is_refuted(&self) -> bool {
        matches!(self.0, Why::Refuted(_))
    }

    /// Returns `true` if nothing is proven yet. Answer with an HTTP status that says failure, so that the message is
    /// sent again, or ask later.
    pub fn is_temporary(&self) -> bool {
        !self.is_refuted()
    }

    /// The HTTP status to answer the message with: 200 if it is refuted, and 503 if it is to be sent again.
    pub fn answer_status(&self) -> u16 {
        if self.is_refuted() { 200 } else { 503 }
    }

    /// The member that is missing, cannot be read, or differs.
    pub fn member(&self) -> Option<&'static str> {
        match self.0 {
            Why::Unaskable(name) | Why::Refuted(name) => Some(name),
            Why::Open(name) => name,
            Why::TooMany | Why::Failed(_) => None,
        }
    }

    /// Why the question failed.
    pub fn error(&self) -> Option<&Error<C>> {
        match &self.0 {
            Why::Failed(error) => Some(error),
            _ => None,
        }
    }
}

/// The status of [`answer_status`](Self::answer_status) without a body.
#[cfg(feature = "axum")]
impl<C> axum::response::IntoResponse for ConfirmError<C> {
    fn into_response(self) -> axum::response::Response {
        // Both are statuses that exist.
        let status =
            if self.is_refuted() { axum::http::StatusCode::OK } else { axum::http::StatusCode::SERVICE_UNAVAILABLE };
        status.into_response()
    }
}

impl<C: ErrorCode> fmt::Display for ConfirmError<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Why::Unaskable(name) => write!(f, "not confirmed: nothing can be asked without a valid {name}"),
            Why::Refuted(name) => write!(f, "refuted: the service has another value for {name}"),
            Why::Open(Some(name)) => write!(f, "not confirmed yet: the answer has no {name} that proves it; ask again"),
            Why::Open(None) => f.write_str("not confirmed yet: ask again"),
            Why::TooMany => f.write_str("not confirmed: too many unproven messages at this time; ask again"),
            Why::Failed(error) => write!(f, "not confirmed: {error}"),
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

/// The service's answer about a message.
pub(crate) type Found<T> = <<T as Confirm>::Question as Request>::Reply;

impl<C: ErrorCode> Core<C> {
    /// Asks the service whether a claim is true. How often unproven messages may cause a call is bounded; what
    /// contradicts the caller's own knowledge causes none.
    ///
    /// # Errors
    ///
    /// Returns an error if the claim is refuted, or if nothing is proven yet.
    pub async fn confirm<T: Confirm + Clone>(
        &self,
        claim: &Claim<T>,
        expected: &T::Expected,
        known: &T::Known,
    ) -> Result<Confirmed<T, Found<T>>, ConfirmError<C>> {
        let message = claim.unproven();
        if let Some(name) = message.contradicts(expected) {
            return Err(ConfirmError(Why::Refuted(name)));
        }
        let question = message.question(known).map_err(|name| ConfirmError(Why::Unaskable(name)))?;
        // Each kind of message has a count of its own: a flood of returns of an order does not delay its callback.
        let familiar = message.familiar(expected, known).map(|texts| (std::any::type_name::<T>(), texts));
        if !self.inner.confirmations.allow(self.inner.clock.now(), familiar) {
            return Err(ConfirmError(Why::TooMany));
        }
        let found = self.call(&question).await.map_err(|error| ConfirmError(Why::Failed(error)))?;
        match message.judge(expected, known, self.environment(), &found) {
            Judgment::Confirmed(still_paid) => Ok(Confirmed { claimed: message.clone(), found, still_paid }),
            Judgment::Refuted(name) if message.may_find_another(known) => Err(ConfirmError(Why::Open(Some(name)))),
            Judgment::Refuted(name) => Err(ConfirmError(Why::Refuted(name))),
            Judgment::Open(name) => Err(ConfirmError(Why::Open(name))),
        }
    }
}
