//! What goes wrong on request: which calls it hits, and what happens to them.

use serde::{Deserialize, Serialize};

/// What happens to a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "does", rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Does {
    /// The connection is reset; the service has done nothing.
    ResetBefore,
    /// The service has done what was asked, then the connection is reset instead of an answer.
    ResetAfter,
    /// Half of the answer's body comes, then the connection ends. The service has done what was asked.
    CutBody,
    /// A gateway's page of HTML with this status; the service has done nothing.
    HtmlBefore {
        /// The HTTP status.
        status: u16,
    },
    /// A gateway's page of HTML with this status; the service has done what was asked.
    HtmlAfter {
        /// The HTTP status.
        status: u16,
    },
    /// The service refuses with this code and does nothing.
    Code {
        /// The error code.
        code: String,
    },
    /// The answer comes later, by so many milliseconds of real time.
    Delay {
        /// How many.
        milliseconds: u64,
    },
    /// The service has done what was asked and never answers.
    Stall,
}

/// A fault: what happens to which calls.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fault {
    /// The operation, as `refund_payment`; any when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// From which call on, counted from 1 since the fault was set.
    #[serde(default = "first")]
    pub from: u32,
    /// How many calls are hit; all when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u32>,
    /// How likely each of them is hit, from 0 to 1; always when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chance: Option<f64>,
    /// What happens.
    #[serde(flatten)]
    pub does: Does,
}

fn first() -> u32 {
    1
}

impl Fault {
    /// The next call of an operation is hit, and no other.
    pub fn once(operation: &str, does: Does) -> Self {
        Self { operation: Some(operation.to_owned()), from: 1, times: Some(1), chance: None, does }
    }

    /// Each call of every operation is hit with this likelihood.
    pub fn sometimes(chance: f64, does: Does) -> Self {
        Self { operation: None, from: 1, times: None, chance: Some(chance), does }
    }
}

#[derive(Debug)]
struct Rule {
    fault: Fault,
    seen: u32,
    hit: u32,
}

/// The faults that are switched on.
#[derive(Debug)]
pub(crate) struct Faults {
    rules: Vec<Rule>,
    random: u64,
}

impl Faults {
    pub(crate) fn new(seed: u64) -> Self {
        Self { rules: Vec::new(), random: seed }
    }

    pub(crate) fn add(&mut self, fault: Fault) {
        self.rules.push(Rule { fault, seen: 0, hit: 0 });
    }

    pub(crate) fn clear(&mut self) {
        self.rules.clear();
    }

    /// Those that can still hit a call.
    pub(crate) fn all(&self) -> Vec<Fault> {
        let can_hit = |rule: &&Rule| rule.fault.times.is_none_or(|times| rule.hit < times);
        self.rules.iter().filter(can_hit).map(|rule| rule.fault.clone()).collect()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// What happens to this call of an operation. Every rule counts it; the first that hits decides.
    pub(crate) fn strike(&mut self, operation: &str) -> Option<Does> {
        let mut does = None;
        for rule in &mut self.rules {
            if rule.fault.operation.as_ref().is_some_and(|own| own != operation) {
                continue;
            }
            rule.seen = rule.seen.saturating_add(1);
            let due = rule.seen >= rule.fault.from && rule.fault.times.is_none_or(|times| rule.hit < times);
            if !due || does.is_some() {
                continue;
            }
            if let Some(chance) = rule.fault.chance {
                self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
                if unit(self.random) >= chance {
                    continue;
                }
            }
            rule.hit = rule.hit.saturating_add(1);
            does = Some(rule.fault.does.clone());
        }
        does
    }
}

/// A number from 0 to 1 from a state: the output function of SplitMix64.
fn unit(state: u64) -> f64 {
    let z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_hits_the_calls_it_is_for() {
        let mut faults = Faults::new(1);
        faults.add(Fault { from: 2, times: Some(2), ..Fault::once("b", Does::ResetAfter) });
        let hits: Vec<bool> = ["a", "b", "b", "a", "b", "b"].map(|of| faults.strike(of).is_some()).into();
        assert_eq!(hits, [false, false, true, false, true, false]);
    }

    #[test]
    fn chance_is_the_same_for_the_same_seed() {
        let draw = |seed| {
            let mut faults = Faults::new(seed);
            faults.add(Fault::sometimes(0.3, Does::Stall));
            (0..1_000).map(|_| faults.strike("a").is_some()).collect::<Vec<_>>()
        };
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
        let hits = draw(7).iter().filter(|hit| **hit).count();
        assert!((250..350).contains(&hits), "{hits}");
    }
}
