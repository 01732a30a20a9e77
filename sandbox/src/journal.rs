//! The journal: the latest exchanges, each with its request and response. API keys in the bodies are shortened before
//! the exchanges are shown.

use crate::clock::kst;
use crate::faults::{Fault, FaultKind};
use crate::redact::redacted;
use serde::Serialize;
use std::collections::{BTreeMap, VecDeque};
use std::time::SystemTime;

/// Largest number of stored exchanges.
const KEPT: usize = 1_000;
/// Largest number of stored faults that took effect.
const STRUCK: usize = 10_000;
/// Size in bytes up to which the buffer of a removed exchange is reused. Most bodies are far shorter.
const LARGEST_BUFFER: usize = 4_096;

#[derive(Debug)]
struct Exchange {
    number: u64,
    at: SystemTime,
    operation: Option<&'static str>,
    request: Vec<u8>,
    ignored: Vec<String>,
    status: u16,
    response: Vec<u8>,
    /// Index of the call among all calls of its operation, starting at 1.
    nth: u32,
    faults: Vec<FaultKind>,
    is_shifted: bool,
}

/// An exchange: a request and its response.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Entry {
    /// Number of the exchange, starting at 1.
    pub number: u64,
    /// Time, in the time zone of Korea.
    pub at: String,
    /// Operation, if the path has one.
    pub operation: Option<String>,
    /// Body of the request. API keys are shortened, and values that are sensitive in Instant Onboarding are removed.
    pub request: String,
    /// Paths of body members that the operation did not read.
    pub ignored: Vec<String>,
    /// HTTP status of [`response`](Self::response), or 0 if a fault reset the connection before the service got the
    /// request.
    pub status: u16,
    /// Body of the response, redacted in the same way. It is shown even if a fault changed or replaced the response
    /// afterwards, or the response did not arrive.
    pub response: String,
    /// Index of the call among all calls of its operation, starting at 1. 0 if the path has no operation.
    pub nth: u32,
    /// First fault that hit the exchange.
    pub fault: Option<FaultKind>,
    /// All faults that hit the exchange, in the order in which they were switched on.
    pub faults: Vec<FaultKind>,
    /// Set if the connection sent the reply to an earlier request, instead of the reply to this request.
    pub shifted: bool,
}

/// An exchange to be recorded.
#[derive(Debug)]
pub(crate) struct NewEntry<'a> {
    pub operation: Option<&'static str>,
    /// Index of the call, if it was already counted.
    pub nth: Option<u32>,
    pub request: &'a [u8],
    pub ignored: Vec<String>,
    pub status: u16,
    pub response: &'a [u8],
    pub faults: Vec<FaultKind>,
    pub is_shifted: bool,
}

/// The latest exchanges, and the faults that took effect.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    exchanges: VecDeque<Exchange>,
    count: u64,
    /// Number of calls of each operation.
    calls: BTreeMap<&'static str, u32>,
    /// Faults that hit a call, the oldest first.
    struck: Vec<Fault>,
}

impl Journal {
    /// Adds an exchange. Bodies are copied, because a slice of a connection's buffer would keep the whole buffer alive.
    /// If the oldest exchange is removed, the copies reuse its buffers.
    pub(crate) fn add(&mut self, at: SystemTime, entry: NewEntry<'_>) {
        let NewEntry { operation, nth, request, ignored, status, response, faults, is_shifted } = entry;
        self.count += 1;
        let nth = nth.or_else(|| operation.map(|operation| self.number(operation))).unwrap_or(0);
        if let Some(operation) = operation {
            for kind in &faults {
                if self.struck.len() < STRUCK {
                    self.struck.push(Fault { from: nth, ..Fault::once(operation, kind.clone()) });
                }
            }
        }
        let oldest = if self.exchanges.len() == KEPT { self.exchanges.pop_front() } else { None };
        let (old_request, old_response) = oldest.map(|oldest| (oldest.request, oldest.response)).unwrap_or_default();
        let (request, response) = (copied(request, old_request), copied(response, old_response));
        let number = self.count;
        self.exchanges.push_back(Exchange {
            number,
            at,
            operation,
            request,
            ignored,
            status,
            response,
            nth,
            faults,
            is_shifted,
        });
    }

    /// Counts a call, and returns the index of the call.
    pub(crate) fn number(&mut self, operation: &'static str) -> u32 {
        let calls = self.calls.entry(operation).or_default();
        *calls = calls.saturating_add(1);
        *calls
    }

    /// Returns the faults that took effect, up to the first [`STRUCK`]. Each fault is changed so that it hits the same
    /// call in a new sandbox.
    pub(crate) fn struck(&self) -> Vec<Fault> {
        self.struck.clone()
    }

    /// Returns the number of stored exchanges, and the number of all exchanges.
    pub(crate) fn counts(&self) -> (usize, u64) {
        (self.exchanges.len(), self.count)
    }

    /// Returns the latest exchanges, the newest first.
    pub(crate) fn latest(&self, count: usize) -> Vec<Entry> {
        self.exchanges.iter().rev().take(count).map(Exchange::shown).collect()
    }
}

/// Copies bytes into `buffer`, or into a new buffer if `buffer` is too small or too large.
fn copied(bytes: &[u8], mut buffer: Vec<u8>) -> Vec<u8> {
    if buffer.capacity() < bytes.len() || buffer.capacity() > LARGEST_BUFFER {
        return bytes.to_vec();
    }
    buffer.clear();
    buffer.extend_from_slice(bytes);
    buffer
}

impl Exchange {
    fn shown(&self) -> Entry {
        Entry {
            number: self.number,
            at: kst(self.at).to_string(),
            operation: self.operation.map(Into::into),
            request: redacted(&self.request),
            ignored: self.ignored.clone(),
            status: self.status,
            response: redacted(&self.response),
            nth: self.nth,
            fault: self.faults.first().cloned(),
            faults: self.faults.clone(),
            shifted: self.is_shifted,
        }
    }
}
