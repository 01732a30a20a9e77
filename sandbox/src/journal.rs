//! What was asked and answered, the latest exchanges of it. Keys are shortened before anybody sees them.

use crate::clock::kst;
use crate::faults::{Does, Fault};
use bytes::Bytes;
use serde::Serialize;
use serde_json::Value;
use std::collections::{BTreeMap, VecDeque};
use std::time::SystemTime;
use toss_sdk::onboarding::API;

/// How many exchanges are kept.
const KEPT: usize = 1_000;
/// How many faults that hit are kept.
const STRUCK: usize = 10_000;

#[derive(Clone, Debug)]
struct Exchange {
    number: u64,
    at: SystemTime,
    operation: Option<&'static str>,
    request: Bytes,
    status: u16,
    response: Bytes,
    /// The how-manieth call of its operation it is.
    nth: u32,
    fault: Option<Does>,
}

/// An exchange, as it is shown.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Entry {
    /// Its number, from 1.
    pub number: u64,
    /// When, in Korea.
    pub at: String,
    /// The operation; absent where the path has none.
    pub operation: Option<String>,
    /// The request's body, the key shortened.
    pub request: String,
    /// The HTTP status.
    pub status: u16,
    /// The answer's body, whether it arrived or not.
    pub response: String,
    /// The how-manieth call of its operation it is, from 1 since the start; 0 without an operation.
    pub nth: u32,
    /// The fault that hit the exchange.
    pub fault: Option<Does>,
}

/// The exchanges.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    exchanges: VecDeque<Exchange>,
    count: u64,
    /// How many calls of each operation there were.
    calls: BTreeMap<&'static str, u32>,
    /// The faults that hit, the oldest first.
    struck: Vec<Fault>,
}

impl Journal {
    pub(crate) fn add(
        &mut self,
        at: SystemTime,
        operation: Option<&'static str>,
        request: Bytes,
        (status, response): (u16, Bytes),
        fault: Option<Does>,
    ) {
        self.count += 1;
        let nth = operation.map_or(0, |operation| {
            let calls = self.calls.entry(operation).or_default();
            *calls = calls.saturating_add(1);
            *calls
        });
        if let (Some(operation), Some(does)) = (operation, &fault)
            && self.struck.len() < STRUCK
        {
            self.struck.push(Fault { from: nth, ..Fault::once(operation, does.clone()) });
        }
        if self.exchanges.len() == KEPT {
            self.exchanges.pop_front();
        }
        self.exchanges.push_back(Exchange { number: self.count, at, operation, request, status, response, nth, fault });
    }

    /// What hit which call, as faults that do the same again in a sandbox that has just been started.
    pub(crate) fn struck(&self) -> Vec<Fault> {
        self.struck.clone()
    }

    /// The latest exchanges, the newest first.
    pub(crate) fn latest(&self, count: usize) -> Vec<Entry> {
        self.exchanges.iter().rev().take(count).map(Exchange::shown).collect()
    }
}

impl Exchange {
    fn shown(&self) -> Entry {
        Entry {
            number: self.number,
            at: kst(self.at).to_string(),
            operation: self.operation.map(Into::into),
            request: told(&self.request),
            status: self.status,
            response: told(&self.response),
            nth: self.nth,
            fault: self.fault.clone(),
        }
    }
}

/// Members that engineers need to see, though nobody should log them elsewhere.
const SHOWN: [&str; 2] = ["applyUrl", "apiKey"];

/// A body without keys and personal data.
fn told(body: &[u8]) -> String {
    let mut value: Value = serde_json::from_slice(body).unwrap_or_default();
    if hide(&mut value) { shortened(&value.to_string()) } else { shortened(&String::from_utf8_lossy(body)) }
}

/// Hides what the description of Instant Onboarding calls sensitive; false when there is nothing. A payment's own
/// numbers are masked where they are made, and its keys are shortened.
fn hide(value: &mut Value) -> bool {
    match value {
        Value::Array(items) => items.iter_mut().fold(false, |found, item| hide(item) | found),
        Value::Object(members) => members.iter_mut().fold(false, |found, (name, value)| {
            let is_hidden = API.sensitive.contains(&name.as_str()) && !SHOWN.contains(&name.as_str());
            if is_hidden && value.is_string() {
                *value = Value::String("…".into());
                return true;
            }
            hide(value) | found
        }),
        _ => false,
    }
}

/// A text in which what looks like a key ends early.
fn shortened(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("sk_") {
        let key = &rest[at..];
        let end = key.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(key.len());
        let kind = ["sk_test_", "sk_live_"].iter().find(|kind| key.starts_with(**kind)).map_or(3, |kind| kind.len());
        out.push_str(&rest[..at]);
        out.push_str(&key[..kind]);
        out.push('…');
        rest = &key[end..];
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_shortened_wherever_they_stand() {
        assert_eq!(shortened(r#"{"apiKey":"sk_test_abcdef","a":1}"#), r#"{"apiKey":"sk_test_…","a":1}"#);
        assert_eq!(shortened("orderNo=1&apiKey=sk_live_abc"), "orderNo=1&apiKey=sk_live_…");
        assert_eq!(shortened(r#"{"apiKey":"test_sk_abcdef"}"#), r#"{"apiKey":"test_sk_…"}"#);
        assert_eq!(shortened("nothing"), "nothing");
    }

    #[test]
    fn what_is_sensitive_of_a_store_is_hidden() {
        let body = r#"{"result":[{"mertKey":"abc","shopContactName":"Kim","applyUrl":"http://x/1","mid":"m"}]}"#;
        let told = told(body.as_bytes());
        assert!(!told.contains("abc") && !told.contains("Kim"), "{told}");
        assert!(told.contains("http://x/1") && told.contains(r#""mid":"m""#), "{told}");
        assert_eq!(
            super::told(br#"{ "amount" : 1 }"#),
            r#"{ "amount" : 1 }"#,
            "what has nothing to hide is as it came"
        );
    }
}
