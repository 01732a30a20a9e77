//! Faults. A fault selects calls, and has an effect on the selected calls.

mod kind;
mod members;

pub use kind::FaultKind;
pub(crate) use kind::{Phase, edited};
pub(crate) use members::KINDS;

use members::FaultMembers;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::time::{Duration, SystemTime};
use toss_sdk::runtime::Operation;
use toss_sdk::{onboarding, pay};

/// A fault. It selects calls, and describes how the selected calls fail.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "FaultMembers")]
pub struct Fault {
    /// Operation that is hit, for example `refund_payment`. `None` hits all operations, or all queries if the fault is
    /// [`FaultKind::Stale`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// Index of the first call that is hit, starting at 1. Calls before the fault was switched on are not counted.
    pub from: u32,
    /// Number of calls that are hit. `None` hits all further calls.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub times: Option<u32>,
    /// Probability of a hit, greater than 0 and at most 1. `None` hits every selected call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chance: Option<f64>,
    /// Duration in seconds of the sandbox's clock. With `None`, the fault lasts until it is cleared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lasts: Option<u64>,
    /// Kind of the fault.
    #[serde(flatten)]
    pub kind: FaultKind,
}

/// Error of a fault that cannot take effect as intended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidFault {
    member: Box<str>,
    why: String,
}

impl InvalidFault {
    pub(super) fn new(member: &str, why: impl Into<String>) -> Self {
        Self { member: member.into(), why: why.into() }
    }

    /// Returns the name of the invalid member.
    pub fn member(&self) -> &str {
        &self.member
    }
}

impl fmt::Display for InvalidFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.member, self.why)
    }
}

impl std::error::Error for InvalidFault {}

/// Returns the HTML page of a gateway that answers instead of the service.
pub(crate) fn gateway_page(status: u16) -> String {
    let reason = hyper::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    let title = reason.map_or_else(|| status.to_string(), |reason| format!("{status} {reason}"));
    format!("<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>\n")
}

/// Returns `true` if a body is the page of a gateway.
pub(crate) fn is_gateway_page(body: &[u8]) -> bool {
    let status = body.strip_prefix(b"<html><head><title>").and_then(|rest| rest.get(..3));
    let status = status.and_then(|digits| std::str::from_utf8(digits).ok()?.parse().ok());
    status.is_some_and(|status| gateway_page(status).trim_end().as_bytes() == body)
}

/// Longest delay in milliseconds: a day.
const LONGEST_DELAY: u64 = 86_400_000;
/// Longest duration by the sandbox's clock, in seconds: a century.
const LONGEST_SECONDS: u64 = crate::clock::FURTHEST.as_secs();
/// Longest body in a fault, in bytes.
const LONGEST_BODY: usize = 64 * 1_024;

/// Operations that a lagging replica can answer, because they change nothing.
const QUERIES: [&str; 4] = ["payment_status", "get_credentials", "get_subscriptions", "list_easy_pays"];

/// Returns all operations of both services.
pub(crate) fn operations() -> impl Iterator<Item = &'static Operation> {
    pay::API.operations.iter().chain(onboarding::API.operations).copied()
}

impl Fault {
    /// Returns a fault that hits only the next call of an operation.
    pub fn once(operation: &str, kind: FaultKind) -> Self {
        Self { operation: Some(operation.to_owned()), from: 1, times: Some(1), chance: None, lasts: None, kind }
    }

    /// Returns a fault that hits each call of every operation with this probability.
    pub fn sometimes(chance: f64, kind: FaultKind) -> Self {
        Self { operation: None, from: 1, times: None, chance: Some(chance), lasts: None, kind }
    }

    /// Checks that the fault can take effect as intended.
    pub(crate) fn check(&self) -> Result<(), InvalidFault> {
        if let Some(name) = &self.operation
            && !operations().any(|operation| operation.id == name)
        {
            let all: Vec<&str> = operations().map(|operation| operation.id).collect();
            return Err(InvalidFault::new(
                "operation",
                format!("there is no `{name}`; expected one of {}", all.join(", ")),
            ));
        }
        if self.from == 0 {
            return Err(InvalidFault::new("from", "calls are counted from 1"));
        }
        if self.times == Some(0) {
            return Err(InvalidFault::new("times", "0 hits nothing; leave it out to hit all calls"));
        }
        if let Some(chance) = self.chance
            && !(chance > 0.0 && chance <= 1.0)
        {
            return Err(InvalidFault::new("chance", format!("expected more than 0 and at most 1, found {chance}")));
        }
        if self.lasts == Some(0) {
            return Err(InvalidFault::new(
                "lasts",
                "0 hits nothing; leave it out for a fault that lasts until it is cleared",
            ));
        }
        self.check_kind()
    }

    fn check_kind(&self) -> Result<(), InvalidFault> {
        if let Some(status) = self.kind.status()
            && status != 200
            && !(400..=599).contains(&status)
        {
            return Err(InvalidFault::new("status", format!("expected 200 or 400 to 599, found {status}")));
        }
        match &self.kind {
            FaultKind::Code { code } if code.trim().is_empty() => {
                Err(InvalidFault::new("code", "expected an error code, such as COMMON_TIMEOUT"))
            }
            FaultKind::Delay { milliseconds }
            | FaultKind::DelayBefore { milliseconds }
            | FaultKind::LateReply { milliseconds, .. }
                if *milliseconds > LONGEST_DELAY =>
            {
                Err(InvalidFault::new("milliseconds", format!("at most {LONGEST_DELAY}, a day")))
            }
            FaultKind::Hold { seconds: Some(seconds) } | FaultKind::Stale { seconds: Some(seconds) }
                if *seconds > LONGEST_SECONDS =>
            {
                Err(InvalidFault::new("seconds", format!("at most {LONGEST_SECONDS}, a century")))
            }
            FaultKind::Stale { .. } if self.operation.as_deref().is_some_and(|own| !QUERIES.contains(&own)) => {
                Err(InvalidFault::new("operation", format!("`stale` is only for queries: {}", QUERIES.join(", "))))
            }
            FaultKind::EditReply { set, remove, status: None } if set.is_empty() && remove.is_empty() => {
                Err(InvalidFault::new("edit_reply", "expected members in `set` or `remove`, or a `status`"))
            }
            FaultKind::ReplyBefore { body, .. }
            | FaultKind::ReplyAfter { body, .. }
            | FaultKind::LateReply { body: Some(body), .. }
            | FaultKind::ShiftReplies { body: Some(body), .. }
                if body.len() > LONGEST_BODY =>
            {
                Err(InvalidFault::new("body", format!("at most {LONGEST_BODY} bytes")))
            }
            FaultKind::ResetBefore
            | FaultKind::ResetAfter
            | FaultKind::CutBody
            | FaultKind::Stall
            | FaultKind::HtmlBefore { .. }
            | FaultKind::HtmlAfter { .. }
            | FaultKind::Code { .. }
            | FaultKind::DelayBefore { .. }
            | FaultKind::Delay { .. }
            | FaultKind::Hold { .. }
            | FaultKind::Stale { .. }
            | FaultKind::ReplyBefore { .. }
            | FaultKind::ReplyAfter { .. }
            | FaultKind::EditReply { .. }
            | FaultKind::LateReply { .. }
            | FaultKind::ShiftReplies { .. } => Ok(()),
        }
    }

    /// Returns `true` if the fault counts the calls of an operation, and can hit them.
    fn is_for(&self, operation: &str) -> bool {
        match (&self.operation, &self.kind) {
            (Some(own), _) => own == operation,
            (None, FaultKind::Stale { .. }) => QUERIES.contains(&operation),
            (None, _) => true,
        }
    }
}

#[derive(Debug)]
struct Rule {
    fault: Fault,
    seen: u32,
    hit: u32,
    /// End of the fault, by the sandbox's clock.
    until: Option<SystemTime>,
}

impl Rule {
    /// Returns `true` if the fault can still hit a call.
    fn is_on(&self, now: SystemTime) -> bool {
        self.fault.times.is_none_or(|times| self.hit < times) && self.until.is_none_or(|until| now < until)
    }
}

/// Faults that are switched on.
#[derive(Debug)]
pub(crate) struct Faults {
    rules: Vec<Rule>,
    random: u64,
}

impl Faults {
    pub(crate) fn new(seed: u64) -> Self {
        Self { rules: Vec::new(), random: seed }
    }

    /// Switches a fault on.
    ///
    /// # Errors
    ///
    /// Returns an error if the fault cannot take effect as intended.
    pub(crate) fn add(&mut self, now: SystemTime, fault: Fault) -> Result<(), InvalidFault> {
        fault.check()?;
        let until = fault.lasts.map(|seconds| now + Duration::from_secs(seconds.min(LONGEST_SECONDS)));
        self.rules.push(Rule { fault, seen: 0, hit: 0, until });
        Ok(())
    }

    pub(crate) fn clear(&mut self) {
        self.rules.clear();
    }

    /// Returns the faults that can still hit a call.
    pub(crate) fn all(&self, now: SystemTime) -> Vec<Fault> {
        self.rules.iter().filter(|rule| rule.is_on(now)).map(|rule| rule.fault.clone()).collect()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// Returns the faults that hit a call. Every fault for the operation counts the call. In each phase, the first
    /// fault that hits takes effect.
    pub(crate) fn strike(&mut self, now: SystemTime, operation: &str) -> Vec<FaultKind> {
        let mut struck: Vec<FaultKind> = Vec::new();
        for rule in &mut self.rules {
            if !rule.fault.is_for(operation) {
                continue;
            }
            rule.seen = rule.seen.saturating_add(1);
            let phase = rule.fault.kind.phase();
            let is_taken = struck.iter().any(|kind| kind.phase() == phase);
            if rule.seen < rule.fault.from || is_taken || !rule.is_on(now) {
                continue;
            }
            if let Some(chance) = rule.fault.chance {
                self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
                if unit(self.random) >= chance {
                    continue;
                }
            }
            rule.hit = rule.hit.saturating_add(1);
            struck.push(rule.fault.kind.clone());
        }
        struck
    }
}

/// Returns the pseudorandom number for a state of the random generator. The number is at least 0 and less than 1. It is
/// computed by the output function of SplitMix64.
fn unit(state: u64) -> f64 {
    let z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: SystemTime = SystemTime::UNIX_EPOCH;

    #[test]
    fn a_fault_hits_only_the_selected_calls() {
        let mut faults = Faults::new(1);
        faults
            .add(NOW, Fault { from: 2, times: Some(2), ..Fault::once("refund_payment", FaultKind::ResetAfter) })
            .unwrap();
        let hits: Vec<bool> = [
            "payment_status",
            "refund_payment",
            "refund_payment",
            "payment_status",
            "refund_payment",
            "refund_payment",
        ]
        .map(|of| !faults.strike(NOW, of).is_empty())
        .into();
        assert_eq!(hits, [false, false, true, false, true, false]);
    }

    #[test]
    fn chance_is_the_same_for_the_same_seed() {
        let draw = |seed| {
            let mut faults = Faults::new(seed);
            faults.add(NOW, Fault::sometimes(0.3, FaultKind::Stall)).unwrap();
            (0..1_000).map(|_| !faults.strike(NOW, "a").is_empty()).collect::<Vec<_>>()
        };
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
        let hits = draw(7).iter().filter(|hit| **hit).count();
        assert!((250..350).contains(&hits), "{hits}");
    }

    /// Returns the control API's error message for a fault.
    fn error_of(json: &str) -> String {
        let fault: Result<Fault, _> = serde_json::from_str(json);
        fault
            .map_err(|error| error.to_string())
            .and_then(|fault| fault.check().map_err(|error| error.to_string()))
            .err()
            .unwrap_or_default()
    }

    #[test]
    fn an_invalid_fault_is_rejected_with_a_remedy() {
        for (json, words) in [
            (r#"{"operation":"refund_paymnt","does":"stall"}"#, "one of create_payment, "),
            (r#"{"time":1,"does":"stall"}"#, "unknown field `time`"),
            (r#"{"does":"sleep"}"#, "one of reset_before"),
            (r#"{"does":"html_before"}"#, "status: mandatory for `html_before`"),
            (r#"{"does":"html_before","status":20}"#, "expected 200 or 400 to 599, found 20"),
            (r#"{"does":"stall","status":502}"#, "status: not allowed"),
            (r#"{"does":"code"}"#, "code: mandatory for `code`"),
            (r#"{"does":"delay","milliseconds":86400001}"#, "a day"),
            (r#"{"chance":1.5,"does":"stall"}"#, "expected more than 0 and at most 1, found 1.5"),
            (r#"{"from":0,"does":"stall"}"#, "counted from 1"),
            (r#"{"times":0,"does":"stall"}"#, "hits nothing"),
            (r#"{"lasts":0,"does":"stall"}"#, "hits nothing"),
            (r#"{"operation":"refund_payment","does":"stale"}"#, "payment_status, get_credentials"),
            (r#"{"does":"stale","seconds":99999999999}"#, "a century"),
            (r#"{"does":"hold","milliseconds":5}"#, "milliseconds: not allowed"),
            (r#"{"does":"edit_reply"}"#, "expected members in `set`"),
            (r#"{"does":"edit_reply","set":{},"status":302}"#, "expected 200 or 400 to 599, found 302"),
            (r#"{"does":"edit_reply","set":["a"]}"#, "invalid type"),
            (r#"{"does":"reply_after"}"#, "body: mandatory for `reply_after`"),
            (r#"{"does":"html_after","status":404,"body":"x"}"#, "body: not allowed"),
        ] {
            assert!(error_of(json).contains(words), "{json}: {}", error_of(json));
        }
        assert_eq!(
            error_of(r#"{"operation":"refund_payment","from":2,"times":3,"does":"html_after","status":502}"#),
            ""
        );
    }

    #[test]
    fn every_fault_can_be_encoded_and_decoded() {
        let all = [
            FaultKind::ResetBefore,
            FaultKind::HtmlAfter { status: 502 },
            FaultKind::Code { code: "COMMON_TIMEOUT".into() },
            FaultKind::DelayBefore { milliseconds: 5 },
            FaultKind::Delay { milliseconds: 5 },
            FaultKind::Hold { seconds: None },
            FaultKind::Hold { seconds: Some(60) },
            FaultKind::Stale { seconds: None },
            FaultKind::ReplyBefore { status: 200, body: String::new() },
            FaultKind::ReplyAfter { status: 404, body: r#"{"code":0}"#.into() },
            edit(),
            FaultKind::LateReply { status: 504, body: None, milliseconds: 5 },
            FaultKind::ShiftReplies { status: 200, body: Some("{}".into()) },
        ];
        for kind in all {
            let fault = Fault { chance: Some(0.5), lasts: Some(60), ..Fault::once("get_credentials", kind) };
            let shown = serde_json::to_string(&fault).expect("it can be written");
            assert_eq!(serde_json::from_str::<Fault>(&shown).expect(&shown), fault);
        }
    }

    fn edit() -> FaultKind {
        let set = serde_json::Map::from_iter([("amount".to_owned(), serde_json::json!("39000.00"))]);
        FaultKind::EditReply { set, remove: vec!["payToken".into()], status: None }
    }

    #[test]
    fn a_call_is_hit_by_one_fault_of_each_phase() {
        let mut faults = Faults::new(1);
        let all = [
            FaultKind::Stall,
            edit(),
            FaultKind::ResetAfter,
            FaultKind::DelayBefore { milliseconds: 1 },
            FaultKind::ResetBefore,
        ];
        for kind in all {
            faults.add(NOW, Fault::once("refund_payment", kind)).unwrap();
        }
        let struck = faults.strike(NOW, "refund_payment");
        assert_eq!(
            struck,
            [FaultKind::Stall, edit(), FaultKind::DelayBefore { milliseconds: 1 }, FaultKind::ResetBefore]
        );
        assert_eq!(
            faults.strike(NOW, "refund_payment"),
            [FaultKind::ResetAfter],
            "expected the second delivery fault to hit the next call"
        );
    }

    #[test]
    fn a_fault_with_a_duration_ends_by_the_clock() {
        let mut faults = Faults::new(1);
        let fault = Fault { times: None, lasts: Some(60), ..Fault::once("payment_status", FaultKind::ResetBefore) };
        faults.add(NOW, fault).unwrap();
        let hits = [0, 59, 60, 3_600].map(|seconds| {
            let now = NOW + Duration::from_secs(seconds);
            assert_eq!(faults.all(now).is_empty(), seconds >= 60);
            faults.strike(now, "payment_status").len()
        });
        assert_eq!(hits, [1, 1, 0, 0]);
    }

    #[test]
    fn a_lagging_replica_answers_only_queries() {
        let mut faults = Faults::new(1);
        faults.add(NOW, Fault { operation: None, ..Fault::once("", FaultKind::Stale { seconds: None }) }).unwrap();
        assert!(faults.strike(NOW, "refund_payment").is_empty());
        assert_eq!(faults.strike(NOW, "get_subscriptions"), [FaultKind::Stale { seconds: None }]);
    }

    #[test]
    fn the_page_of_a_gateway_is_recognized() {
        for status in [400, 404, 418, 429, 502, 599] {
            assert!(is_gateway_page(gateway_page(status).trim_end().as_bytes()), "{status}");
        }
        assert!(!is_gateway_page(b"<html><head><title>404 sk_test_abc</title></head></html>"));
    }
}
