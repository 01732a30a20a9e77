//! What is known about a request that got no good answer, and what an error code asks for.

use std::fmt;

/// Whether a request took effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// It never left this process, or never reached the service. Sending it again is safe.
    NotSent,
    /// The service refused it. Nothing happened.
    Rejected,
    /// It may have taken effect, or not. Find out before doing anything else.
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
    /// It was done before.
    AlreadyDone,
    /// The purchaser has to do something: show the message.
    TellPurchaser,
    /// The credentials are wrong, or not for this stage.
    CheckKey,
}

/// An API's error code. Generated.
pub trait ErrorCode: fmt::Debug + Clone + Send + Sync + 'static {
    /// The code with this text on the wire, known or not.
    fn from_text(text: &str) -> Self;

    /// The text on the wire.
    fn as_text(&self) -> &str;

    /// What to do about it.
    fn advice(&self) -> Advice;
}
