//! What goes wrong on request: which calls it hits, and what happens to them.

use serde::{Deserialize, Serialize};
use toss_sdk::runtime::Operation;
use toss_sdk::{onboarding, pay};

/// What happens to a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "does", rename_all = "snake_case")]
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
    /// The service does what was asked later, by so many milliseconds of real time, also when nobody waits any more.
    DelayBefore {
        /// How many.
        milliseconds: u64,
    },
    /// The service has done what was asked, and the answer comes later, by so many milliseconds of real time.
    Delay {
        /// How many.
        milliseconds: u64,
    },
    /// The service has done what was asked and never answers.
    Stall,
}

/// A fault: what happens to which calls.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Given")]
pub struct Fault {
    /// The operation, as `refund_payment`; any when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// From which call on, counted from 1 since the fault was set.
    pub from: u32,
    /// How many calls are hit; all when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub times: Option<u32>,
    /// How likely each of them is hit, from 0 to 1; always when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chance: Option<f64>,
    /// What happens.
    #[serde(flatten)]
    pub does: Does,
}

/// A fault as it comes from outside: a misspelt member would otherwise mean something else, or nothing.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Given {
    operation: Option<String>,
    from: Option<u32>,
    times: Option<u32>,
    chance: Option<f64>,
    does: String,
    status: Option<u16>,
    code: Option<String>,
    milliseconds: Option<u64>,
}

impl TryFrom<Given> for Fault {
    type Error = String;

    fn try_from(given: Given) -> Result<Self, String> {
        let Given { operation, from, times, chance, does, mut status, mut code, mut milliseconds } = given;
        let needed = |name: &str| format!("{name}: `{does}` needs it");
        let does = match does.as_str() {
            "reset_before" => Does::ResetBefore,
            "reset_after" => Does::ResetAfter,
            "cut_body" => Does::CutBody,
            "stall" => Does::Stall,
            "html_before" => Does::HtmlBefore { status: status.take().ok_or_else(|| needed("status"))? },
            "html_after" => Does::HtmlAfter { status: status.take().ok_or_else(|| needed("status"))? },
            "code" => Does::Code { code: code.take().ok_or_else(|| needed("code"))? },
            "delay_before" => {
                Does::DelayBefore { milliseconds: milliseconds.take().ok_or_else(|| needed("milliseconds"))? }
            }
            "delay" => Does::Delay { milliseconds: milliseconds.take().ok_or_else(|| needed("milliseconds"))? },
            _ => return Err(format!("does: one of {KINDS}, not `{does}`")),
        };
        let more = [("status", status.is_some()), ("code", code.is_some()), ("milliseconds", milliseconds.is_some())];
        if let Some((name, _)) = more.iter().find(|(_, is_given)| *is_given) {
            return Err(format!("{name}: means nothing to this `does`"));
        }
        Ok(Self { operation, from: from.unwrap_or(1), times, chance, does })
    }
}

/// What a gateway answers in the service's place.
pub(crate) const GATEWAY_PAGE: &str =
    "<html><head><title>Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>\n";

/// What there is, for errors.
pub(crate) const KINDS: &str =
    "reset_before, reset_after, cut_body, stall, html_before, html_after, code, delay_before, delay";
/// The longest delay: a day.
const LONGEST_DELAY: u64 = 86_400_000;

/// Every operation of both services.
pub(crate) fn operations() -> impl Iterator<Item = &'static Operation> {
    pay::API.operations.iter().chain(onboarding::API.operations).copied()
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

    /// What makes it a fault that never hits as it is meant to.
    pub(crate) fn check(&self) -> Result<(), String> {
        if let Some(name) = &self.operation
            && !operations().any(|operation| operation.id == name)
        {
            let all: Vec<&str> = operations().map(|operation| operation.id).collect();
            return Err(format!("operation: there is no `{name}`; one of {}", all.join(", ")));
        }
        if self.from == 0 {
            return Err("from: calls are counted from 1".into());
        }
        if self.times == Some(0) {
            return Err("times: 0 hits nothing; leave it out to hit all".into());
        }
        if let Some(chance) = self.chance
            && !(chance > 0.0 && chance <= 1.0)
        {
            return Err(format!("chance: above 0 and up to 1, not {chance}"));
        }
        if let Does::Code { code } = &self.does
            && code.trim().is_empty()
        {
            return Err("code: an error code, such as COMMON_TIMEOUT".into());
        }
        match self.does {
            Does::HtmlBefore { status } | Does::HtmlAfter { status }
                if status != 200 && !(400..=599).contains(&status) =>
            {
                Err(format!("status: 200, or from 400 to 599, not {status}"))
            }
            Does::Delay { milliseconds } | Does::DelayBefore { milliseconds } if milliseconds > LONGEST_DELAY => {
                Err(format!("milliseconds: at most {LONGEST_DELAY}, a day"))
            }
            _ => Ok(()),
        }
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

    /// Switches one on.
    ///
    /// # Errors
    ///
    /// When it could never hit as it is meant to.
    pub(crate) fn add(&mut self, fault: Fault) -> Result<(), String> {
        fault.check()?;
        self.rules.push(Rule { fault, seen: 0, hit: 0 });
        Ok(())
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
        faults.add(Fault { from: 2, times: Some(2), ..Fault::once("refund_payment", Does::ResetAfter) }).unwrap();
        let hits: Vec<bool> = [
            "payment_status",
            "refund_payment",
            "refund_payment",
            "payment_status",
            "refund_payment",
            "refund_payment",
        ]
        .map(|of| faults.strike(of).is_some())
        .into();
        assert_eq!(hits, [false, false, true, false, true, false]);
    }

    #[test]
    fn chance_is_the_same_for_the_same_seed() {
        let draw = |seed| {
            let mut faults = Faults::new(seed);
            faults.add(Fault::sometimes(0.3, Does::Stall)).unwrap();
            (0..1_000).map(|_| faults.strike("a").is_some()).collect::<Vec<_>>()
        };
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
        let hits = draw(7).iter().filter(|hit| **hit).count();
        assert!((250..350).contains(&hits), "{hits}");
    }

    /// What is said of a fault from outside.
    fn said(json: &str) -> String {
        let fault: Result<Fault, _> = serde_json::from_str(json);
        fault.map_err(|error| error.to_string()).and_then(|fault| fault.check()).err().unwrap_or_default()
    }

    #[test]
    fn a_fault_that_would_not_hit_as_it_is_meant_to_is_refused_with_what_to_write() {
        for (json, words) in [
            (r#"{"operation":"refund_paymnt","does":"stall"}"#, "one of create_payment, "),
            (r#"{"time":1,"does":"stall"}"#, "unknown field `time`"),
            (r#"{"does":"sleep"}"#, "one of reset_before"),
            (r#"{"does":"html_before"}"#, "status: `html_before` needs it"),
            (r#"{"does":"html_before","status":20}"#, "200, or from 400 to 599, not 20"),
            (r#"{"does":"stall","status":502}"#, "status: means nothing"),
            (r#"{"does":"code"}"#, "code: `code` needs it"),
            (r#"{"does":"delay","milliseconds":86400001}"#, "a day"),
            (r#"{"chance":1.5,"does":"stall"}"#, "above 0 and up to 1, not 1.5"),
            (r#"{"from":0,"does":"stall"}"#, "counted from 1"),
            (r#"{"times":0,"does":"stall"}"#, "hits nothing"),
        ] {
            assert!(said(json).contains(words), "{json}: {}", said(json));
        }
        assert_eq!(said(r#"{"operation":"refund_payment","from":2,"times":3,"does":"html_after","status":502}"#), "");
    }

    #[test]
    fn a_fault_that_is_shown_can_be_given_back() {
        let all = [
            Does::ResetBefore,
            Does::HtmlAfter { status: 502 },
            Does::Code { code: "COMMON_TIMEOUT".into() },
            Does::DelayBefore { milliseconds: 5 },
            Does::Delay { milliseconds: 5 },
        ];
        for does in all {
            let fault = Fault { chance: Some(0.5), ..Fault::once("create_store", does) };
            let shown = serde_json::to_string(&fault).expect("it can be written");
            assert_eq!(serde_json::from_str::<Fault>(&shown).expect(&shown), fault);
        }
    }
}
