//! What was asked and answered, the latest exchanges of it. Keys are shortened before anybody sees them.

use crate::clock::kst;
use crate::faults::{Fault, FaultKind};
use crate::redact::redacted;
use serde::Serialize;
use std::collections::{BTreeMap, VecDeque};
use std::time::SystemTime;

/// How many exchanges are kept.
const KEPT: usize = 1_000;
/// How many faults that hit are kept.
const STRUCK: usize = 10_000;
/// How much memory of a forgotten exchange is used again for a new one; most bodies are far below.
const ROOM: usize = 4_096;

/// An exchange, as it was.
#[derive(Debug)]
struct Exchange {
    number: u64,
    at: SystemTime,
    operation: Option<&'static str>,
    request: Vec<u8>,
    ignored: Vec<String>,
    status: u16,
    response: Vec<u8>,
    /// The how-manieth call of its operation it is.
    nth: u32,
    faults: Vec<FaultKind>,
    is_shifted: bool,
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
    /// Members of the request's body that nothing has read, with their paths.
    pub ignored: Vec<String>,
    /// The HTTP status.
    pub status: u16,
    /// The answer's body, whether it arrived or not.
    pub response: String,
    /// The how-manieth call of its operation it is, from 1 since the start; 0 without an operation.
    pub nth: u32,
    /// The fault that hit the exchange; the first, where several did.
    pub fault: Option<FaultKind>,
    /// All faults that hit the exchange, in the order in which they were switched on.
    pub faults: Vec<FaultKind>,
    /// Whether the connection sent the reply to an earlier request instead of this one.
    pub shifted: bool,
}

/// An exchange that is to be written down.
#[derive(Debug)]
pub(crate) struct NewEntry<'a> {
    pub operation: Option<&'static str>,
    /// Index of the call, if it was counted already.
    pub nth: Option<u32>,
    pub request: &'a [u8],
    pub ignored: Vec<String>,
    pub status: u16,
    pub response: &'a [u8],
    pub faults: Vec<FaultKind>,
    pub is_shifted: bool,
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
    /// Writes an exchange down. Bodies are copied, into what the forgotten exchange leaves: a part of what a connection
    /// reads into would keep all of that.
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

    /// Counts a call.
    pub(crate) fn number(&mut self, operation: &'static str) -> u32 {
        let calls = self.calls.entry(operation).or_default();
        *calls = calls.saturating_add(1);
        *calls
    }

    /// What hit which call, as faults that do the same again in a sandbox that has just been started.
    pub(crate) fn struck(&self) -> Vec<Fault> {
        self.struck.clone()
    }

    /// How many exchanges are kept, and how many there were.
    pub(crate) fn counts(&self) -> (usize, u64) {
        (self.exchanges.len(), self.count)
    }

    /// The latest exchanges, the newest first.
    pub(crate) fn latest(&self, count: usize) -> Vec<Entry> {
        self.exchanges.iter().rev().take(count).map(Exchange::shown).collect()
    }
}

/// Bytes, in a room that is there if it is large enough and not too large.
fn copied(bytes: &[u8], mut room: Vec<u8>) -> Vec<u8> {
    if room.capacity() < bytes.len() || room.capacity() > ROOM {
        return bytes.to_vec();
    }
    room.clear();
    room.extend_from_slice(bytes);
    room
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
