//! What is known about a request that got no good answer, and what an error code asks for.

use std::fmt;

/// Whether a request took effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// It never left this process, or never reached the service. Sending it again is safe.
    NotSent,
    /// The service refused it: this request changed nothing, and nothing says that an earlier one like it did.
    Rejected,
    /// It may have taken effect, or not; or the service says that it was done before. Find out before doing anything
    /// else.
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

/// What a caller should do about an error code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Advice {
    /// The request is wrong: sending it again gives the same answer.
    FixRequest,
    /// Not now: try later.
    TryLater,
    /// It may have taken effect: ask for the status.
    AskStatus,
    /// It was done before, by an earlier request of the same kind: ask for the status.
    AlreadyDone,
    /// The purchaser has to do something: show the message.
    TellPurchaser,
    /// The credentials are wrong, or not for this stage.
    CheckKey,
}

impl Advice {
    /// Whether a refusal with this advice leaves open what has happened. An answer that was lost may have done what a
    /// later request is refused for.
    pub(crate) fn leaves_open(self) -> bool {
        matches!(self, Self::AskStatus | Self::AlreadyDone)
    }
}

/// An API's error code. Generated.
pub trait ErrorCode: fmt::Debug + Clone + Send + Sync + 'static {
    /// The code with this text on the wire, known or not.
    fn from_text(text: &str) -> Self;

    /// The text on the wire.
    fn as_text(&self) -> &str;

    /// Whether the spec has it.
    fn is_known(&self) -> bool;

    /// What to do about it.
    fn advice(&self) -> Advice;
}
