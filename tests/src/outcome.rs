//! Final outcome of a request, as the client reports it. Tests compare it with the state of the sandbox.

use toss_sdk::runtime::__private::{Resolution, Resolve};

/// Final outcome of a request, as the client reports it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FinalOutcome {
    /// The request took effect.
    Done,
    /// The request did not take effect.
    NotDone,
    /// The outcome is unknown.
    Unknown,
}

impl<S: Resolve, C> From<&Resolution<S, C>> for FinalOutcome {
    fn from(resolution: &Resolution<S, C>) -> Self {
        match resolution {
            // If the resolution is `Reversed`, the request took effect, and another request reversed this effect.
            Resolution::Done(_) | Resolution::Reversed(_) => Self::Done,
            Resolution::NotDone(_) => Self::NotDone,
            Resolution::Unknown(_) => Self::Unknown,
        }
    }
}

/// Makes a call, and resolves its request up to three times while the outcome is unknown. Evaluates to the
/// `FinalOutcome` of the request.
#[macro_export]
macro_rules! resolved {
    ($call:expr, $resolve:expr) => {
        match $call.await {
            Ok(_) => $crate::outcome::FinalOutcome::Done,
            Err(error) if error.outcome() == toss_sdk::runtime::Outcome::Unknown => {
                let mut outcome = $crate::outcome::FinalOutcome::Unknown;
                for _ in 0..3 {
                    if outcome == $crate::outcome::FinalOutcome::Unknown {
                        outcome = (&$resolve.await).into();
                    }
                }
                outcome
            }
            Err(_) => $crate::outcome::FinalOutcome::NotDone,
        }
    };
}
