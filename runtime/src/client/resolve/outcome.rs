//! The outcome of a resolution, with the evidence it rests on. Nothing of a reply is shown by `Debug` or `Display`.

use super::{Answer, Resolve};
use crate::error::Error;
use crate::outcome::ErrorCode;
use std::fmt;

/// The outcome of a request, resolved.
#[must_use]
pub enum Resolution<S: Resolve, C> {
    /// It took effect, once, and all of it is in force.
    Done(Done<S>),
    /// It took effect, and all or part of it has been taken back since: look at what is left before acting on it.
    Reversed(Reversed<S>),
    /// It did not take effect, and cannot any more.
    NotDone(NotDone<S, C>),
    /// It is not known yet. Resolve it again later; never replace it by a new request.
    Unknown(Unresolved<S, C>),
}

/// The evidence that a request took effect: at least one of the two.
pub struct Done<S: Resolve> {
    /// The reply to the request itself, of a repetition.
    pub reply: Option<S::Reply>,
    /// What the service says when asked.
    pub found: Option<Answer<S>>,
}

/// The evidence that a request took effect and was taken back.
pub struct Reversed<S: Resolve> {
    /// What is still in force, in the amount's unit. `None` if the service does not say.
    pub remaining: Option<i64>,
    /// What the service says when asked.
    pub found: Answer<S>,
}

/// The evidence that a request did not take effect.
pub struct NotDone<S: Resolve, C> {
    /// What the service says when asked.
    pub found: Option<Answer<S>>,
    /// How it refused a repetition, or the question.
    pub refusal: Option<Error<C>>,
}

/// Why the outcome of a request is still unknown, with everything that was seen.
pub struct Unresolved<S: Resolve, C> {
    /// The reason in words.
    pub reason: String,
    /// The members of `found` that a person looks at to decide.
    pub look_at: &'static [&'static str],
    /// What the service said last when asked.
    pub found: Option<Answer<S>>,
    /// The last error on the way.
    pub error: Option<Error<C>>,
}

impl<S: Resolve, C> Resolution<S, C> {
    /// Returns `true` if the request took effect and all of it is in force.
    pub fn is_done(&self) -> bool {
        matches!(self, Self::Done(_))
    }

    /// Returns `true` if the request took effect and was taken back, wholly or in part.
    pub fn is_reversed(&self) -> bool {
        matches!(self, Self::Reversed(_))
    }

    /// Returns `true` if the request did not take effect and cannot any more.
    pub fn is_not_done(&self) -> bool {
        matches!(self, Self::NotDone(_))
    }

    /// Returns `true` if the outcome is still unknown.
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown(_))
    }

    /// Returns what the service said last when asked.
    pub fn found(&self) -> Option<&Answer<S>> {
        match self {
            Self::Done(done) => done.found.as_ref(),
            Self::Reversed(reversed) => Some(&reversed.found),
            Self::NotDone(not) => not.found.as_ref(),
            Self::Unknown(unresolved) => unresolved.found.as_ref(),
        }
    }
}

/// Shows which of the two are there, and nothing of them.
impl<S: Resolve> fmt::Debug for Done<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Done")
            .field("reply", &self.reply.is_some())
            .field("found", &self.found.is_some())
            .finish_non_exhaustive()
    }
}

/// Shows what is left, and nothing of the answer.
impl<S: Resolve> fmt::Debug for Reversed<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reversed").field("remaining", &self.remaining).finish_non_exhaustive()
    }
}

/// Shows the refusal, and nothing of the answer.
impl<S: Resolve, C: ErrorCode> fmt::Debug for NotDone<S, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NotDone").field("refusal", &self.refusal).finish_non_exhaustive()
    }
}

/// Shows the reason and the error, and nothing of the answer.
impl<S: Resolve, C: ErrorCode> fmt::Debug for Unresolved<S, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unresolved")
            .field("reason", &self.reason)
            .field("look_at", &self.look_at)
            .field("error", &self.error)
            .finish_non_exhaustive()
    }
}

/// Shows no reply.
impl<S: Resolve, C: ErrorCode> fmt::Debug for Resolution<S, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<S: Resolve, C: ErrorCode> fmt::Display for Resolution<S, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let operation = S::OPERATION.id;
        match self {
            Self::Done(_) => write!(f, "{operation}: done"),
            Self::Reversed(Reversed { remaining: Some(remaining), .. }) => {
                write!(f, "{operation}: done, and taken back since; {remaining} are left")
            }
            Self::Reversed(_) => write!(f, "{operation}: done, and taken back since, wholly or in part"),
            Self::NotDone(NotDone { refusal: Some(refusal), .. }) => write!(f, "{operation}: not done: {refusal}"),
            Self::NotDone(_) => write!(f, "{operation}: not done"),
            Self::Unknown(Unresolved { reason, look_at, error, .. }) => {
                write!(f, "{operation}: still unknown: {reason}")?;
                if !look_at.is_empty() {
                    write!(f, "; look at {}", look_at.join(", "))?;
                }
                error.as_ref().map_or(Ok(()), |error| write!(f, ": {error}"))
            }
        }
    }
}

pub(crate) fn unresolved<S: Resolve, C>(reason: String, error: Option<Error<C>>) -> Resolution<S, C> {
    Resolution::Unknown(Unresolved { reason, look_at: S::PLAN.look_at, found: None, error })
}
