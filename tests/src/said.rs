//! What a client says of a request in the end, in one word, to be held against what the sandbox knows.

use toss_sdk::runtime::{Settle, Settled};

/// What a client says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// It took effect.
    Done,
    /// It did not.
    NotDone,
    /// Nobody knows.
    InDoubt,
}

impl<S: Settle, C> From<&Settled<S, C>> for Said {
    fn from(settled: &Settled<S, C>) -> Self {
        match settled {
            Settled::Done(_) => Self::Done,
            Settled::NotDone(_) => Self::NotDone,
            Settled::Unknown(_) => Self::InDoubt,
        }
    }
}

/// Makes a call, and settles what it leaves open. Whoever is still in doubt asks again later, three times.
#[macro_export]
macro_rules! settled {
    ($call:expr, $settle:expr) => {
        match $call.await {
            Ok(_) => $crate::said::Said::Done,
            Err(error) if error.outcome() == toss_sdk::runtime::Outcome::Unknown => {
                let mut said = $crate::said::Said::InDoubt;
                for _ in 0..3 {
                    if said == $crate::said::Said::InDoubt {
                        said = (&$settle.await).into();
                    }
                }
                said
            }
            Err(_) => $crate::said::Said::NotDone,
        }
    };
}
