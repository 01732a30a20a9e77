//! The attempts of requests that are under way or whose outcome is unknown, as this client knows them: when they were
//! sent, how often they were sent again, and whose turn it is to resolve them.
//!
//! What is not in here is not known, and is then assumed to have been sent just now.

use crate::clock::Clock;
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
#[derive(Clone, Copy, Debug)]
pub(crate) struct Attempt {
    /// When the first of them began, by the time of day.
    pub(crate) first_at: SystemTime,
    /// When the last of them ended.
    pub(crate) last: Instant,
}

struct Entry {
    attempt: Option<Attempt>,
    /// How many calls are under way, and when the first of them began by the time of day.
    in_flight: u32,
    first_at: Option<SystemTime>,
    repeats: u32,
    /// A resolution has concluded that the request did not take effect: nothing may be sent for it any more.
    is_called_off: bool,
    turn: Arc<Turn<()>>,
    touched: Instant,
}

impl Entry {
    /// Whether it says anything that a later resolution has to know.
    fn is_needed(&self) -> bool {
        self.attempt.is_some() || self.in_flight > 0 || self.repeats > 0 || self.is_called_off
    }
}

/// How a call ended, for the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// With a success: its result may have been shown to somebody.
    Success,
    /// With a refusal. What is known of earlier attempts still holds.
    Refused,
    /// Nothing was sent.
    NotSent,
    /// Without its outcome being known; also when the caller stopped waiting.
    Unknown,
}

/// The requests of a client whose outcome is unknown, and those that are under way.
#[derive(Default)]
pub(crate) struct AttemptLog(Arc<Mutex<HashMap<Key, Entry>>>);

impl AttemptLog {
    /// Notes that a request is sent. It counts as unknown from here on, until [`UnderWay::end`] says otherwise.
    pub(crate) fn begin<'a>(&'a self, key: Key, at: SystemTime, clock: &'a dyn Clock) -> UnderWay<'a> {
        let mut log = lock(&self.0);
        let entry = entry(&mut log, key.clone(), clock.now());
        entry.in_flight += 1;
        entry.first_at = Some(entry.first_at.map_or(at, |first| first.min(at)));
        // The caller sends it, whatever was concluded before.
        entry.is_called_off = false;
        UnderWay { log: self, key, clock, ended: Ended::Unknown }
    }

    fn end(&self, key: &Key, ended: Ended, now: Instant) {
        let mut log = lock(&self.0);
        let Some(entry) = log.get_mut(key) else { return };
        entry.in_flight = entry.in_flight.saturating_sub(1);
        entry.touched = now;
        entry.attempt = match ended {
            Ended::Success => None,
            Ended::NotSent => entry.attempt,
            Ended::Refused => entry.attempt.map(|attempt| Attempt { last: now, ..attempt }),
            Ended::Unknown => entry.first_at.map(|first_at| Attempt { first_at, last: now }),
        };
        if entry.in_flight == 0 && entry.attempt.is_none() {
            entry.first_at = None;
        }
        if !entry.is_needed() && Arc::strong_count(&entry.turn) == 1 {
            log.remove(key);
        }
    }

    /// A request that is being resolved.
    pub(crate) fn open(&self, key: Key, now: Instant) -> OpenRequest {
        let turn = entry(&mut lock(&self.0), key.clone(), now).turn.clone();
        OpenRequest { log: self.0.clone(), key, turn }
    }
}

/// A call that is under way. Ends as unknown when it is dropped.
pub(crate) struct UnderWay<'a> {
    log: &'a AttemptLog,
    key: Key,
    clock: &'a dyn Clock,
    ended: Ended,
}

impl UnderWay<'_> {
    /// Notes how the call ended.
    pub(crate) fn end(mut self, ended: Ended) {
        self.ended = ended;
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.log.end(&self.key, self.ended, self.clock.now());
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

    /// What is known of the attempts. One that is under way may be accepted now.
    pub(crate) fn attempt(&self, now: Instant) -> Option<Attempt> {
        let log = lock(&self.log);
        let entry = log.get(&self.key)?;
        match entry.first_at {
            Some(first_at) if entry.in_flight > 0 => Some(Attempt { first_at, last: now }),
            _ => entry.attempt,
        }
    }

    /// Whether all attempts that this client knows of went unanswered.
    pub(crate) fn is_unanswered(&self) -> bool {
        lock(&self.log).get(&self.key).is_some_and(|entry| entry.attempt.is_some() && entry.in_flight == 0)
    }

    /// How often the request was sent again by resolutions.
    pub(crate) fn repeats(&self) -> u32 {
        lock(&self.log).get(&self.key).map_or(0, |entry| entry.repeats)
    }

    /// Keeps how often the request was sent again by resolutions.
    pub(crate) fn set_repeats(&self, repeats: u32) {
        if let Some(entry) = lock(&self.log).get_mut(&self.key) {
            entry.repeats = repeats;
        }
    }

    /// Notes that the request did not take effect. Another resolution of it, which may be waiting, must not send it.
    pub(crate) fn call_off(&self) {
        if let Some(entry) = lock(&self.log).get_mut(&self.key) {
            entry.is_called_off = true;
        }
    }

    /// Whether a resolution has concluded that the request did not take effect, and it was not sent since.
    pub(crate) fn is_called_off(&self) -> bool {
        lock(&self.log).get(&self.key).is_some_and(|entry| entry.is_called_off)
    }
}

impl Drop for OpenRequest {
    fn drop(&mut self) {
        let mut log = lock(&self.log);
        // Two hold the turn: the log, and this one.
        let is_last = Arc::strong_count(&self.turn) <= 2;
        if is_last && log.get(&self.key).is_some_and(|entry| !entry.is_needed()) {
            log.remove(&self.key);
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
    let entry = log.entry(key).or_insert_with(|| Entry {
        attempt: None,
        in_flight: 0,
        first_at: None,
        repeats: 0,
        is_called_off: false,
        turn: Arc::default(),
        touched: now,
    });
    entry.touched = now;
    entry
}

/// Forgets what is old; if that is not enough, the older half. What is being resolved stays.
fn make_room(log: &mut HashMap<Key, Entry>, now: Instant) {
    let in_use = |entry: &Entry| entry.in_flight > 0 || Arc::strong_count(&entry.turn) > 1;
    log.retain(|_, entry| in_use(entry) || now.saturating_duration_since(entry.touched) < KEPT);
    if log.len() >= MOST {
        let mut times: Vec<_> = log.values().map(|entry| entry.touched).collect();
        times.sort_unstable();
        let middle = times[times.len() / 2];
        log.retain(|_, entry| in_use(entry) || entry.touched > middle);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SystemClock;

    fn key(name: &str) -> Key {
        Key(name.to_owned())
    }

    #[test]
    fn a_call_that_is_under_way_or_was_dropped_counts_as_an_attempt_and_one_that_succeeded_does_not() {
        let (log, at) = (AttemptLog::default(), SystemTime::now());
        let under_way = log.begin(key("a"), at, &SystemClock);
        let known = |log: &AttemptLog| {
            let open = log.open(key("a"), Instant::now());
            (open.attempt(Instant::now()).map(|attempt| attempt.first_at), open.is_unanswered())
        };
        assert_eq!(known(&log), (Some(at), false));
        drop(under_way);
        assert_eq!(known(&log), (Some(at), true), "nobody waits for the answer any more");
        log.begin(key("a"), SystemTime::now(), &SystemClock).end(Ended::Refused);
        assert_eq!(known(&log), (Some(at), true), "a refusal says nothing about the first");
        log.begin(key("a"), SystemTime::now(), &SystemClock).end(Ended::Success);
        assert_eq!(known(&log), (None, false));
    }

    #[test]
    fn nothing_is_kept_of_requests_that_were_answered() {
        let log = AttemptLog::default();
        for n in 0..1000 {
            log.begin(key(&n.to_string()), SystemTime::now(), &SystemClock).end(Ended::Success);
            drop(log.open(key(&n.to_string()), Instant::now()));
        }
        assert!(lock(&log.0).is_empty());
    }

    #[test]
    fn the_log_is_bounded_and_keeps_what_is_newest() {
        let log = AttemptLog::default();
        for n in 0..2 * MOST {
            drop(log.begin(key(&n.to_string()), SystemTime::now(), &SystemClock));
        }
        assert!(lock(&log.0).len() <= MOST);
        assert!(lock(&log.0).contains_key(&key(&(2 * MOST - 1).to_string())));
    }
}
