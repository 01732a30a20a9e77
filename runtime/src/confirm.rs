//! Believing a message: the service is asked with the caller's own credentials, and what it says is compared with what
//! the message claims and with what the caller knows. What is compared is generated.

use crate::callback::{Claim, Message};
use crate::client::Core;
use crate::error::Error;
use crate::outcome::{Advice, ErrorCode, Outcome};
use crate::request::Request;
use std::fmt;

/// A message that can be confirmed. Generated.
pub trait Confirm: Message + Sync {
    /// The request that asks.
    type Question: Request;

    /// What the caller knows in advance.
    type Expected: Send + Sync;

    /// The question.
    ///
    /// # Errors
    ///
    /// The member that is needed to ask and is missing, or is none that can be asked with.
    fn question(&self) -> Result<Self::Question, &'static str>;

    /// What the answer says about the claim. The environment is the one that the caller's credentials belong to.
    fn judge(
        &self,
        expected: &Self::Expected,
        environment: Option<&str>,
        answer: &<Self::Question as Request>::Reply,
    ) -> Judgement;
}

/// What an answer says about a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// It is true.
    Proven,
    /// It is not true: the first member that differs.
    Disproved(&'static str),
    /// It may become true.
    TooEarly,
}

/// A claim that the service has confirmed. The values to act on are those in `found`: the service's own.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Confirmed<T, A> {
    /// What was claimed.
    pub claimed: T,
    /// What the service says.
    pub found: A,
}

/// Why a claim is not confirmed.
pub struct ConfirmError<C>(Why<C>);

enum Why<C> {
    Unaskable(&'static str),
    Disproved(&'static str),
    TooEarly,
    TooMany,
    Failed(Error<C>),
}

impl<C: ErrorCode> ConfirmError<C> {
    /// The question failed.
    pub(crate) fn failed(error: Error<C>) -> Self {
        Self(Why::Failed(error))
    }

    /// Whether the claim is wrong, or about nothing that exists: never act on it. Answer as to any message that was
    /// received, so that nobody learns from the answer.
    pub fn is_disproved(&self) -> bool {
        match &self.0 {
            Why::Unaskable(_) | Why::Disproved(_) => true,
            Why::TooEarly | Why::TooMany => false,
            Why::Failed(error) => {
                error.outcome() == Outcome::Rejected
                    && error.advice() == Some(Advice::FixRequest)
                    && error.code().is_some_and(C::is_known)
            }
        }
    }

    /// Whether it could not be told now. Answer with an HTTP status that says failure, so that the message is sent
    /// again, or ask later.
    pub fn is_temporary(&self) -> bool {
        !self.is_disproved()
    }

    /// The HTTP status to answer the message with: 200 when it is wrong, so that nobody learns from the answer, and 503
    /// when it is to be sent again.
    pub fn http_status(&self) -> u16 {
        if self.is_disproved() { 200 } else { 503 }
    }

    /// The member that is missing or differs.
    pub fn member(&self) -> Option<&'static str> {
        match self.0 {
            Why::Unaskable(name) | Why::Disproved(name) => Some(name),
            _ => None,
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

impl<C: ErrorCode> fmt::Display for ConfirmError<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Why::Unaskable(name) => write!(f, "not confirmed: nothing can be asked without a good {name}"),
            Why::Disproved(name) => write!(f, "not confirmed: the service says otherwise about {name}"),
            Why::TooEarly => f.write_str("not confirmed yet: ask again"),
            Why::TooMany => f.write_str("not confirmed: too many unproven messages at this time, ask later"),
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
    /// Asks the service whether a claim is true. How often unproven messages may cause a call is bounded.
    ///
    /// # Errors
    ///
    /// When the claim is not true, or it cannot be told now.
    pub async fn confirm<T: Confirm + Clone>(
        &self,
        claim: &Claim<T>,
        expected: &T::Expected,
    ) -> Result<Confirmed<T, Found<T>>, ConfirmError<C>> {
        let message = claim.unproven();
        let question = message.question().map_err(|name| ConfirmError(Why::Unaskable(name)))?;
        if !self.inner.confirmations.allow(self.inner.clock.now()) {
            return Err(ConfirmError(Why::TooMany));
        }
        let found = self.call(&question).await.map_err(ConfirmError::failed)?;
        let pairs = self.inner.api.credentials.iter().zip(&self.inner.credentials);
        let environment = pairs.filter_map(|(credential, value)| credential.environment(value.expose())).next();
        match message.judge(expected, environment, &found) {
            Judgement::Proven => Ok(Confirmed { claimed: message.clone(), found }),
            Judgement::Disproved(name) => Err(ConfirmError(Why::Disproved(name))),
            Judgement::TooEarly => Err(ConfirmError(Why::TooEarly)),
        }
    }
}
