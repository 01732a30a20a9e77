//! What a client says of a request in the end, in one word, to be held against what the sandbox knows.

use toss_sdk::runtime::__private::{Resolution, Resolve};

/// What a client says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FinalOutcome {
    /// It took effect.
    Done,
    /// It did not.
    NotDone,
    /// It is not known.
    Unknown,
}

impl<S: Resolve, C> From<&Resolution<S, C>> for FinalOutcome {
    fn from(resolution: &Resolution<S, C>) -> Self {
        match resolution {
            // Reversed means that it took effect: what was taken back since is another request's doing.
            Resolution::Done(_) | Resolution::Reversed(_) => Self::Done,
            Resolution::NotDone(_) => Self::NotDone,
            Resolution::Unknown(_) => Self::Unknown,
        }
    }
}

/// Makes a call, and resolves what it leaves open. What is still unknown is asked again later, three times.
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
