//! The attempts of requests whose outcome is unknown, as this client knows them: when they were sent, how often they
//! were sent again, and whose turn it is to resolve them.
//!
//! What is not in here is not known, and is then assumed to have been sent just now.

use crate::hash::sha256_hex;
use crate::request::{Query, Request, encode_body, encode_path};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};
use tokio::sync::Mutex as Turn;

/// The most requests that are remembered. An API that is down for an hour makes fewer of them.
const MOST: usize = 16_384;

/// How long a request is remembered after its last attempt. Longer than any resolution takes.
const KEPT: Duration = Duration::from_secs(60 * 60);

/// What makes two requests the same: operation, path, query and body, without the credentials.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Key(String);

impl Key {
    /// `None` for a request that cannot be written, which no generated type causes.
    pub(crate) fn of<R: Request>(request: &R) -> Option<Self> {
        let mut query = Query::default();
        request.query(&mut query);
        let body = if R::OPERATION.body {
            // Credentials are left out by putting nothing in their place.
            let blank: Vec<_> = R::OPERATION.body_credentials.iter().map(|(_, index)| *index).collect();
            let count = blank.iter().max().map_or(0, |most| most + 1);
            encode_body(request, &vec![Default::default(); count]).ok()?
        } else {
            Vec::new()
        };
        let body = String::from_utf8_lossy(&body);
        Some(Self(sha256_hex(&[
            R::OPERATION.id,
            "\n",
            &encode_path(R::OPERATION, request),
            "?",
            query.as_str(),
            "\n",
            &body,
        ])))
    }
}

/// The attempts at one request whose outcome is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Attempt {
    /// When the first of them began, by the time of day.
    pub first_at: SystemTime,
    /// When the last of them ended.
    pub last: Instant,
}

/// What a client remembers of one request. It does no I/O, so that an exhaustive model drives the same code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Memory {
    /// The attempts, as far as this client made them.
    pub attempt: Option<Attempt>,
    /// One of the attempts may have been answered with success, and its result may have been shown to somebody.
    pub may_be_answered: bool,
    /// How often the request was sent again by resolutions.
    pub repeats: u32,
    /// A resolution has concluded that the request did not take effect: nothing may be sent for it any more.
    pub is_called_off: bool,
}

impl Memory {
    /// The caller sends the request, whatever was concluded before.
    pub fn sent(&mut self) {
        if self.is_called_off {
            // What was sent before that conclusion cannot be accepted any more.
            *self = Self { repeats: self.repeats, ..Self::default() };
        }
    }

    /// Notes that an attempt ended without its outcome being known.
    pub fn unknown(&mut self, began: SystemTime, now: Instant) {
        let first_at = self.attempt.map_or(began, |attempt| attempt.first_at.min(began));
        self.attempt = Some(Attempt { first_at, last: now });
    }

    /// Notes that a request was answered. Returns `true` if an earlier attempt may have taken effect.
    pub fn answered(&mut self, is_success: bool, began: SystemTime, now: Instant) -> bool {
        let is_open = self.attempt.is_some() || self.may_be_answered;
        self.may_be_answered |= is_success;
        if is_open || is_success {
            self.unknown(began, now);
        }
        is_open
    }

    /// A resolution begins. A request of which no attempt is known may have been sent, and answered, by another process.
    pub fn resolve(&mut self) {
        self.may_be_answered |= self.attempt.is_none();
    }

    /// Notes that the request did not take effect. Another resolution of it, which may be waiting, must not send it.
    pub fn call_off(&mut self) {
        self.is_called_off = true;
    }

    /// Whether all attempts went unanswered, as far as this client knows.
    pub fn is_unanswered(&self) -> bool {
        self.attempt.is_some() && !self.may_be_answered
    }

    /// When the request was first sent, and how long ago the last time was. `stored` is what the caller says, who may
    /// not know what this client has sent since.
    pub fn attempts(
        &self,
        stored: Option<(SystemTime, SystemTime)>,
        wall: SystemTime,
        now: Instant,
    ) -> (Option<SystemTime>, Option<Duration>) {
        let own = self.attempt.map(|own| (own.first_at, now.saturating_duration_since(own.last)));
        let stored = stored.map(|(first, last)| (first, wall.duration_since(last).unwrap_or_default()));
        let earliest = [own, stored].into_iter().flatten().map(|(first, _)| first).min();
        let latest = [own, stored].into_iter().flatten().map(|(_, ago)| ago).min();
        (earliest, latest)
    }
}

struct Entry {
    memory: Memory,
    turn: Arc<Turn<()>>,
    touched: Instant,
}

/// All requests of a client whose outcome is unknown.
#[derive(Default)]
pub(crate) struct AttemptLog(Arc<Mutex<HashMap<Key, Entry>>>);

impl AttemptLog {
    /// Notes that an attempt ended without its outcome being known.
    pub(crate) fn unknown(&self, key: Key, began: SystemTime, now: Instant) {
        entry(&mut lock(&self.0), key, now).memory.unknown(began, now);
    }

    /// Notes that a request was answered. Returns `true` if an earlier attempt may have taken effect.
    pub(crate) fn answered(&self, key: &Key, is_success: bool, began: SystemTime, now: Instant) -> bool {
        lock(&self.0).get_mut(key).is_some_and(|entry| entry.memory.answered(is_success, began, now))
    }

    /// The caller sends the request, whatever was concluded before.
    pub(crate) fn sent(&self, key: &Key) {
        if let Some(entry) = lock(&self.0).get_mut(key) {
            entry.memory.sent();
        }
    }

    /// Whether anything is remembered.
    pub(crate) fn is_empty(&self) -> bool {
        lock(&self.0).is_empty()
    }

    /// A request that is being resolved.
    pub(crate) fn open(&self, key: Key, now: Instant) -> OpenRequest {
        let turn = entry(&mut lock(&self.0), key.clone(), now).turn.clone();
        OpenRequest { log: self.0.clone(), key, turn }
    }
}

/// A request that is being resolved.
pub(crate) struct OpenRequest {
    log: Arc<Mutex<HashMap<Key, Entry>>>,
    key: Key,
    turn: Arc<Turn<()>>,
}

impl OpenRequest {
    /// Held by the one resolution that goes on.
    pub(crate) fn turn(&self) -> Arc<Turn<()>> {
        self.turn.clone()
    }

    /// What is remembered of the request.
    pub(crate) fn memory(&self) -> Memory {
        lock(&self.log).get(&self.key).map(|entry| entry.memory).unwrap_or_default()
    }

    /// Changes what is remembered of the request.
    pub(crate) fn note(&self, change: impl FnOnce(&mut Memory)) {
        if let Some(entry) = lock(&self.log).get_mut(&self.key) {
            change(&mut entry.memory);
        }
    }
}

fn lock(log: &Mutex<HashMap<Key, Entry>>) -> MutexGuard<'_, HashMap<Key, Entry>> {
    // Each change is one assignment, so the lock cannot be poisoned with a state half written.
    log.lock().unwrap_or_else(PoisonError::into_inner)
}

fn entry(log: &mut HashMap<Key, Entry>, key: Key, now: Instant) -> &mut Entry {
    if log.len() >= MOST && !log.contains_key(&key) {
        make_room(log, now);
    }
    let entry =
        log.entry(key).or_insert_with(|| Entry { memory: Memory::default(), turn: Arc::default(), touched: now });
    entry.touched = now;
    entry
}

/// Forgets what is old; if that is not enough, the older half. What is being resolved stays.
fn make_room(log: &mut HashMap<Key, Entry>, now: Instant) {
    let in_use = |entry: &Entry| Arc::strong_count(&entry.turn) > 1;
    log.retain(|_, entry| in_use(entry) || now.saturating_duration_since(entry.touched) < KEPT);
    if log.len() >= MOST {
        let mut times: Vec<_> = log.values().map(|entry| entry.touched).collect();
        times.sort_unstable();
        let middle = times[times.len() / 2];
        log.retain(|_, entry| in_use(entry) || entry.touched > middle);
    }
}
