//! Outcome of a failed request, and advice for error codes. `reply` determines the outcome from a reply, and
//! `client::transport` from a failed connection. `Error::with_reply` may then change a rejection to an unknown outcome.

use std::fmt;

/// Outcome of a failed request: whether it took effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// The request never left this process, or never reached the service. Sending it again is safe.
    NotSent,
    /// The service rejected the request, and the request changed nothing. Nothing indicates that an earlier attempt
    /// took effect.
    Rejected,
    /// The request may have taken effect, or the service replied that it was already done. Resolve the request before
    /// doing anything else.
    Unknown,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotSent => "not sent",
            Self::Rejected => "rejected by the service",
            Self::Unknown => "outcome unknown, the request may have taken effect",
        })
    }
}

/// Advice to the caller for an error code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Advice {
    /// The request is wrong: sending it again gives the same answer.
    FixRequest,
    /// The request cannot be carried out now: try later.
    TryLater,
    /// The request may have taken effect: ask for the status.
    AskStatus,
    /// An earlier request already had this effect: ask for the status.
    AlreadyDone,
    /// The purchaser has to act: show the message.
    TellPurchaser,
    /// The credentials are wrong, or belong to another stage.
    CheckKey,
    /// The spec does not list the code for this operation: ask for the status, and look the code up.
    Undocumented,
}

impl Advice {
    /// Returns `true` if a rejection with this advice leaves the outcome open. An earlier attempt may have taken effect
    /// and be the reason for the rejection.
    pub(crate) fn leaves_open(self) -> bool {
        matches!(self, Self::AskStatus | Self::AlreadyDone)
    }

    /// Returns the advice for a request with this outcome. If the outcome is unknown, the returned advice does not
    /// recommend sending the request again, with or without changes.
    pub(crate) fn with_outcome(self, outcome: Outcome) -> Self {
        match (outcome, self) {
            (Outcome::Unknown, Self::FixRequest | Self::TryLater | Self::TellPurchaser | Self::CheckKey) => {
                Self::AskStatus
            }
            (_, advice) => advice,
        }
    }
}

/// Error code of an API. Implementations are generated.
pub trait ErrorCode: fmt::Debug + Clone + Send + Sync + 'static {
    /// Creates the code from its text on the wire. The spec does not have to list this text.
    fn from_text(text: &str) -> Self;

    /// Returns the text on the wire.
    fn as_text(&self) -> &str;

    /// Returns `true` if the spec lists the code.
    fn is_known(&self) -> bool;

    /// Returns the advice for the code, whichever operation returns it.
    fn advice(&self) -> Advice;

    /// Returns the advice for the code in a reply of an operation, or `None` if the spec does not list the code for
    /// this operation.
    fn advice_in(&self, operation: &str) -> Option<Advice> {
        let _ = operation;
        self.is_known().then(|| self.advice())
    }
}
