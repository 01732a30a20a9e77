//! Model of the rate limit for confirmations. A share of the limit is reserved for claims that contain a secret which
//! only the service and the caller know, such as a payment token. The model shows that forged claims never use up this
//! share, regardless of how many forged claims arrive and when.

use crate::model::mutants::Mutant;
use crate::model::search::World;
use pagespec_runtime::modeled::RateLimit;
use std::time::{Duration, Instant};

/// Arrivals in one second: a label, and the numbers of forged claims before and after the genuine claim.
const FLOODS: [(&str, usize, usize); 4] = [
    ("a genuine claim", 0, 0),
    ("five forged claims, a genuine one", 5, 0),
    ("a genuine claim, five forged ones", 0, 5),
    ("a forged claim, a genuine one, a forged one", 1, 1),
];

/// Number of seconds in a sequence of arrivals.
pub const SECONDS: usize = 6;

/// State space of the model. The state of the rate limit is private, so a state of the model is the sequence of
/// arrivals, which the check replays.
pub struct Budget {
    /// Removed safeguard, or `None` for the unmodified model.
    pub mutant: Option<Mutant>,
}

impl Budget {
    fn is_starved(&self, sequence: &[u8]) -> bool {
        let (bound, start) = (RateLimit::new(4, 1), Instant::now());
        let is_trusted = self.mutant == Some(Mutant::NoShareForFamiliar);
        sequence.iter().enumerate().any(|(second, flood)| {
            let (now, flood) = (start + Duration::from_secs(second as u64), FLOODS[usize::from(*flood) - 1]);
            let forged = |n: usize| is_trusted.then(|| format!("forged {second} {n}"));
            (0..flood.1).for_each(|n| _ = bound.allow(now, forged(n).as_deref()));
            let allowed = bound.allow(now, Some(&format!("genuine {second}")));
            (0..flood.2).for_each(|n| _ = bound.allow(now, forged(n + 10).as_deref()));
            !allowed
        })
    }
}

impl World for Budget {
    type State = [u8; SECONDS];

    fn starts(&self) -> Vec<(&'static str, Self::State)> {
        vec![("the whole rate limit is available: four claims at once, then one a second", [0; SECONDS])]
    }

    fn steps(&self, state: &Self::State, steps: &mut Vec<(&'static str, Self::State)>) {
        if let Some(next) = state.iter().position(|flood| *flood == 0) {
            for (flood, (label, ..)) in (1..).zip(FLOODS) {
                let mut state = *state;
                state[next] = flood;
                steps.push((label, state));
            }
        }
    }

    fn broken(&self, state: &Self::State) -> Option<&'static str> {
        let come: Vec<u8> = state.iter().copied().take_while(|flood| *flood > 0).collect();
        self.is_starved(&come).then_some("genuine claims are confirmed regardless of forged ones")
    }
}
