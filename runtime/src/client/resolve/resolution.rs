//! Result of a resolution, with its evidence. `Debug` and `Display` show no reply and no answer. They may show an
//! error with the redacted message of the service.

use super::{Answer, Resolve};
use crate::error::Error;
use crate::outcome::ErrorCode;
use std::fmt;

/// Result of resolving a request.
#[must_use]
pub enum Resolution<S: Resolve, C> {
    /// The request took effect once, and no part of the effect was reversed.
    Done(Done<S>),
    /// The request took effect, and all or part of the effect was reversed later. Check the remaining amount before
    /// acting on this result.
    Reversed(Reversed<S>),
    /// The request did not take effect, and can no longer take effect.
    NotDone(NotDone<S, C>),
    /// The outcome is still unknown. Resolve the request again later; never replace it with a new one.
    Unknown(Unresolved<S, C>),
}

/// Evidence that a request took effect. At least one field is set.
pub struct Done<S: Resolve> {
    /// Reply to a repetition of the request, if it was sent again.
    pub reply: Option<S::Reply>,
    /// Answer of the service to the status query.
    pub found: Option<Answer<S>>,
}

/// Evidence that a request took effect and that all or part of the effect was reversed.
pub struct Reversed<S: Resolve> {
    /// Amount that has not been reversed, in the unit of the request's amount. `None` if the service does not state it.
    pub remaining: Option<i64>,
    /// Answer of the service to the status query.
    pub found: Answer<S>,
}

/// Evidence that a request did not take effect.
pub struct NotDone<S: Resolve, C> {
    /// Answer of the service to the status query.
    pub found: Option<Answer<S>>,
    /// Last rejection of a repetition. If there is none, the last error of the resolution.
    pub refusal: Option<Error<C>>,
}

/// Reason why the outcome of a request is still unknown, with the last observations.
pub struct Unresolved<S: Resolve, C> {
    /// Reason, as text for a person.
    pub reason: String,
    /// Members of `found` that a person has to look at.
    pub look_at: &'static [&'static str],
    /// Last answer of the service to the status query.
    pub found: Option<Answer<S>>,
    /// Last rejection of a repetition. If there is none, the last error of the resolution.
    pub error: Option<Error<C>>,
}

impl<S: Resolve, C> Resolution<S, C> {
    /// Returns `true` if the request took effect and no part of the effect was reversed.
    pub fn is_done(&self) -> bool {
        matches!(self, Self::Done(_))
    }

    /// Returns `true` if the request took effect and all or part of the effect was reversed.
    pub fn is_reversed(&self) -> bool {
        matches!(self, Self::Reversed(_))
    }

    /// Returns `true` if the request did not take effect, and can no longer take effect.
    pub fn is_not_done(&self) -> bool {
        matches!(self, Self::NotDone(_))
    }

    /// Returns `true` if the outcome is still unknown.
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown(_))
    }

    /// Returns the last answer of the service to the status query.
    pub fn found(&self) -> Option<&Answer<S>> {
        match self {
            Self::Done(done) => done.found.as_ref(),
            Self::Reversed(reversed) => Some(&reversed.found),
            Self::NotDone(not) => not.found.as_ref(),
            Self::Unknown(unresolved) => unresolved.found.as_ref(),
        }
    }
}

/// Shows which fields are set, but not their content.
impl<S: Resolve> fmt::Debug for Done<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Done")
            .field("reply", &self.reply.is_some())
            .field("found", &self.found.is_some())
            .finish_non_exhaustive()
    }
}

/// Shows the remaining amount, but not the answer.
impl<S: Resolve> fmt::Debug for Reversed<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reversed").field("remaining", &self.remaining).finish_non_exhaustive()
    }
}

/// Shows the refusal, but not the answer.
impl<S: Resolve, C: ErrorCode> fmt::Debug for NotDone<S, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NotDone").field("refusal", &self.refusal).finish_non_exhaustive()
    }
}

/// Shows the reason and the error, but not the answer.
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
                write!(f, "{operation}: done, but later reversed; remaining amount: {remaining}")
            }
            Self::Reversed(_) => write!(f, "{operation}: done, but later reversed, wholly or in part"),
            Self::NotDone(NotDone { refusal: Some(refusal), .. }) => {
                // Only the reason is written. The outcome of the failed call may be unknown, although that of the
                // request is known.
                write!(f, "{operation}: not done: ")?;
                if refusal.operation() != operation {
                    write!(f, "{}: ", refusal.operation())?;
                }
                refusal.write_reason(f)
            }
            Self::NotDone(_) => write!(f, "{operation}: not done"),
            Self::Unknown(Unresolved { reason, look_at, error, .. }) => {
                write!(f, "{operation}: still unknown: {reason}")?;
                if !look_at.is_empty() {
                    // `[]` is the name of an answer that is a list.
                    let names: Vec<&str> =
                        look_at.iter().map(|name| if *name == "[]" { "the list" } else { name }).collect();
                    write!(f, "; look at {}", names.join(", "))?;
                }
                error.as_ref().map_or(Ok(()), |error| write!(f, ": {error}"))
            }
        }
    }
}

pub(crate) fn unresolved<S: Resolve, C>(reason: String, error: Option<Error<C>>) -> Resolution<S, C> {
    Resolution::Unknown(Unresolved { reason, look_at: S::PLAN.look_at, found: None, error })
}
