//! Log of a client's requests that may have to be resolved. For each request, it has the times of the attempts, the
//! number of repetitions, and a lock that only one resolution holds at a time.
//!
//! If a request is not in the log, and the caller has not given the times of its attempts, a resolution assumes that
//! the request was sent just now.

use crate::client::clock::{Clock, time_of_day};
use crate::client::prepare::Kept;
use crate::operation::{Operation, RequestPart, Varies};
use crate::parameters::{Headers, Query};
use crate::request::{Request, encode_body, encode_path, path_with};
use rules::{Decimal, OffsetDateTime};
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::fmt;
use std::hash::{BuildHasher, Hash, Hasher};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};
use tokio::sync::Mutex as Turn;

/// Largest number of requests in the log. An outage of one hour is expected to cause fewer unknown outcomes than this.
const MOST: usize = 16_384;

/// Time without use after which a full log may remove a request. A resolution normally takes less time than this.
const KEPT: Duration = Duration::from_secs(60 * 60);

/// Identity of a request: the operation, the path, the query, and the members and headers that identify the effect. If
/// the operation lists no such members and headers, the whole body and all headers of the caller are used. Credentials
/// are never part of the identity.
///
/// If the operation lists such members or headers, requests have the same identity if they differ only in the notation
/// of a value, such as `20` and `20.00`, in the path, the query, or an identifying member or header. Otherwise, a
/// rejection of the request in the second notation would seem final, although the request in the first notation may
/// have taken effect.
#[derive(Clone, Copy)]
pub(crate) struct RequestIdentity {
    /// Hash of everything that identifies the effect.
    identity: u128,
    /// Hash of the whole request, without credentials.
    body: u128,
}

impl RequestIdentity {
    /// Returns the identity of a request, or `None` if it cannot be serialized. All generated types can be serialized.
    pub(crate) fn of<R: Request>(request: &R) -> Option<Self> {
        let mut query = Query::default();
        request.query(&mut query);
        let body = if R::OPERATION.body.is_some() {
            // Credentials are replaced by empty values, because they do not identify a request.
            let blank: Vec<_> = R::OPERATION.body_credentials.iter().map(|(_, index)| *index).collect();
            let count = blank.iter().max().map_or(0, |most| most + 1);
            encode_body(request, &vec![Default::default(); count]).ok()?
        } else {
            Vec::new()
        };
        let path = encode_path(R::OPERATION, request, &[]);
        let hash = |path: &str, query: &Query, body: &[&[u8]]| {
            let address = [R::OPERATION.id.as_bytes(), path.as_bytes(), query.as_str().as_bytes()];
            hashed(address.into_iter().chain(body.iter().copied()))
        };
        // The headers are included, because a request with another idempotency key is another request.
        let mut headers = Headers::default();
        request.headers(&mut headers);
        let given = headers.iter().flat_map(|(name, value)| [name.as_bytes(), value.as_bytes()]);
        let whole = hash(&path, &query, &std::iter::once(body.as_slice()).chain(given).collect::<Vec<_>>());
        let (members, of_headers) = (R::OPERATION.identity, R::OPERATION.identity_headers);
        if members.is_empty() && of_headers.is_empty() {
            return Some(Self { identity: whole, body: whole });
        }
        // Identifying members that are not in the body are in the path. The path and the query are always hashed.
        let values = if body.is_empty() { Vec::new() } else { named(&body, members)? };
        let members = members.iter().zip(values);
        let mut values: Vec<_> =
            members.map(|(name, value)| in_one_notation::<R>(RequestPart::Body, name, value)).collect();
        for name in of_headers {
            let given = headers.iter().find(|(own, _)| own.eq_ignore_ascii_case(name));
            let value = given.map(|(name, value)| in_one_notation::<R>(RequestPart::Header, name, value));
            values.push(value.unwrap_or_default());
        }
        let parts: Vec<&[u8]> = values.iter().map(|value| value.as_bytes()).collect();
        let is_outside = |part: RequestPart| matches!(part, RequestPart::Path | RequestPart::Query);
        if !R::OPERATION.notations.iter().any(|(part, ..)| is_outside(*part)) {
            return Some(Self { identity: hash(&path, &query, &parts), body: whole });
        }
        let parameter = |name: &str| in_one_notation::<R>(RequestPart::Path, name, request.parameter(name));
        let path = path_with(R::OPERATION, &parameter, &[]);
        let mut in_query = Query::default();
        for (name, value) in form_urlencoded::parse(query.as_str().as_bytes()) {
            in_query.push(&name, &in_one_notation::<R>(RequestPart::Query, &name, &value));
        }
        Some(Self { identity: hash(&path, &in_query, &parts), body: whole })
    }
}

/// Converts the value of a field to a text that is the same for all its notations, if the field has several notations.
fn in_one_notation<'a, R: Request>(part: RequestPart, name: &str, value: &'a str) -> Cow<'a, str> {
    let mut notations = R::OPERATION.notations.iter();
    match notations.find(|(of, own, _)| *of == part && *own == name) {
        Some((.., varies)) => varies.in_one_notation(value).into(),
        None => value.into(),
    }
}

impl Varies {
    /// Converts a text or a JSON value to a text that is the same for all notations of the value.
    fn in_one_notation(self, json: &str) -> String {
        let text = json.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(json);
        match self {
            Self::Zeros => match text.parse::<Decimal>() {
                Ok(number) => number.trimmed().to_string(),
                Err(_) => text.to_owned(),
            },
            Self::Offset => match text.parse::<OffsetDateTime>() {
                Ok(time) => format!("{}.{}", time.unix_seconds(), time.nanosecond()),
                Err(_) => text.to_owned(),
            },
            Self::Separators(separators) => text.chars().filter(|c| !separators.contains(*c)).collect(),
        }
    }
}

/// Returns a hash of the parts. The hash is keyed, because requests contain secrets and values that an attacker may
/// choose.
fn hashed<'a>(parts: impl Iterator<Item = &'a [u8]>) -> u128 {
    static SEEDS: LazyLock<[RandomState; 2]> = LazyLock::new(Default::default);
    let mut hashers = SEEDS.each_ref().map(BuildHasher::build_hasher);
    for part in parts {
        for hasher in &mut hashers {
            part.hash(hasher);
        }
    }
    let [high, low] = hashers.map(|hasher| u128::from(hasher.finish()));
    high << 64 | low
}

/// Returns the JSON values of the members `names`, in the same order, or `None` if the body is not a JSON object. A
/// name is a path such as `data.tid`. The value of an absent member is empty.
fn named<'a>(body: &'a [u8], names: &'static [&'static str]) -> Option<Vec<&'a str>> {
    let mut values: Vec<&str> = vec![""; names.len()];
    let paths = names.iter().copied().enumerate().collect();
    let mut json = serde_json::Deserializer::from_slice(body);
    json.deserialize_map(Named { paths, values: &mut values }).ok()?;
    Some(values)
}

struct Named<'v, 'de> {
    /// For each member to read: its index in `values`, and its path relative to this object.
    paths: Vec<(usize, &'static str)>,
    values: &'v mut [&'de str],
}

impl<'de> Visitor<'de> for Named<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<Cow<'_, str>>()? {
            let inside = |path: &'static str| path.strip_prefix(&*name).and_then(|rest| rest.strip_prefix('.'));
            let paths: Vec<_> = self.paths.iter().filter_map(|(n, path)| Some((*n, inside(path)?))).collect();
            let own = self.paths.iter().find(|(_, path)| *path == name);
            if own.is_none() && paths.is_empty() {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            let value = map.next_value::<&RawValue>()?.get();
            if let Some((n, _)) = own {
                self.values[*n] = value;
            }
            if !paths.is_empty() && value.starts_with('{') {
                let mut json = serde_json::Deserializer::from_str(value);
                let inner = Named { paths, values: &mut *self.values };
                json.deserialize_map(inner).map_err(serde::de::Error::custom)?;
            }
        }
        Ok(())
    }
}

/// Times of those attempts at one request that may have taken effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Attempt {
    /// Time of day at which the first attempt began.
    pub first_at: SystemTime,
    /// Time at which the last attempt ended.
    pub last: Instant,
}

/// State of one request in the log. Its methods do no I/O, so that an exhaustive model can test them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Memory {
    /// Attempts by this client that may have taken effect, if there are any.
    pub attempt: Option<Attempt>,
    /// Set if an attempt may have succeeded and its result may have been shown to the purchaser.
    pub may_be_answered: bool,
    /// Number of times that resolutions sent the request again after a status query.
    pub repeats: u32,
    /// Set once a resolution has concluded that the request did not take effect. No resolution may send it any more.
    pub is_called_off: bool,
}

impl Memory {
    /// Notes that the caller sends the request. An earlier conclusion that the request did not take effect no longer
    /// holds.
    pub fn sent(&mut self) {
        if self.is_called_off {
            // Attempts before that conclusion can no longer be accepted.
            *self = Self { repeats: self.repeats, ..Self::default() };
        }
    }

    /// Notes an attempt that ended with an unknown outcome.
    pub fn unknown(&mut self, began: SystemTime, now: Instant) {
        let first_at = self.attempt.map_or(began, |attempt| attempt.first_at.min(began));
        self.attempt = Some(Attempt { first_at, last: now });
    }

    /// Notes that the service answered an attempt. Returns `true` if an earlier attempt may have taken effect.
    pub fn answered(&mut self, is_success: bool, began: SystemTime, now: Instant) -> bool {
        let is_open = self.attempt.is_some() || self.may_be_answered;
        self.may_be_answered |= is_success;
        if is_open || is_success {
            self.unknown(began, now);
        }
        is_open
    }

    /// Notes the start of a resolution. If this client knows of no attempt, another process may have sent the request
    /// and received an answer.
    pub fn resolve(&mut self) {
        self.may_be_answered |= self.attempt.is_none();
    }

    /// Notes that the request did not take effect. Another resolution that waits for the lock must not send it.
    pub fn call_off(&mut self) {
        self.is_called_off = true;
    }

    /// Returns `true` if this client knows of an attempt and, as far as the client knows, no attempt can have received
    /// a reply that reports success.
    pub fn is_unanswered(&self) -> bool {
        self.attempt.is_some() && !self.may_be_answered
    }

    /// Returns the time of the first attempt, and the duration since the last attempt. Considers the attempts of this
    /// client and `stored`, the times of the first and last attempt that the caller has stored. The caller may not have
    /// stored the attempts of this client.
    pub fn attempts(
        &self,
        stored: Option<(SystemTime, SystemTime)>,
        wall: SystemTime,
        now: Instant,
    ) -> (Option<SystemTime>, Option<Duration>) {
        let own = self.attempt.map(|own| (own.first_at, now.saturating_duration_since(own.last)));
        // The caller may have given the two times in either order.
        let stored = stored.map(|(a, b)| (a.min(b), wall.duration_since(a.max(b)).unwrap_or_default()));
        let earliest = [own, stored].into_iter().flatten().map(|(first, _)| first).min();
        let latest = [own, stored].into_iter().flatten().map(|(_, ago)| ago).min();
        (earliest, latest)
    }
}

impl Memory {
    /// Returns `true` if a later resolution needs this state.
    fn is_needed(&self) -> bool {
        self.attempt.is_some() || self.may_be_answered || self.repeats > 0 || self.is_called_off
    }
}

struct LogEntry {
    memory: Memory,
    /// Different requests with this identity that are in progress, succeeded or had an unknown outcome, newest last.
    bodies: Vec<SentBody>,
    /// Combined times of the requests that were removed from `bodies` to make room for newer ones.
    forgotten: Option<Dated>,
    in_flight: u32,
    /// Earliest start of the calls in progress. It is kept until all of them have ended.
    first_in_flight: Option<SystemTime>,
    /// Counter that is increased when a call begins and when a call ends.
    changes: u64,
    /// Set if a call succeeded and the operation moves money.
    has_succeeded: bool,
    /// Set if the service replied to an attempt that the request was already done.
    says_done: bool,
    turn: Arc<Turn<()>>,
    touched: Instant,
}

/// One of the different requests that have the same identity.
struct SentBody {
    hash: u128,
    kept: Arc<Kept>,
    dated: Dated,
    in_flight: u32,
    /// Set if a call with this body succeeded or ended with an unknown outcome.
    may_count: bool,
}

/// Times of the calls of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Dated {
    /// Time of day at which the request was first sent.
    first_at: SystemTime,
    /// Time of day at which the last call ended.
    ended_at: SystemTime,
    /// Set if a call ended with an unknown outcome.
    is_unknown: bool,
}

/// Largest number of different requests kept for one identity. Requests with a call in progress do not count. The log
/// keeps the times of removed requests.
const MOST_BODIES: usize = 8;

/// Times of a request, and of other requests with the same identity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Dates {
    /// Time at which this client first sent this request.
    pub(crate) first_at: Option<SystemTime>,
    /// Time until which another request with the same identity may have taken effect, if there is such a request.
    pub(crate) others_until: Option<SystemTime>,
}

/// Result of a call, as the log records it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// The call succeeded. Its result may have been shown to the purchaser.
    Success,
    /// The service rejected the request. Earlier attempts keep their state.
    Refused,
    NotSent,
    /// The outcome is unknown, for example because the caller stopped waiting.
    Unknown,
    /// The outcome is unknown, and the service replied that the request was already done.
    AlreadyDone,
}

impl Ended {
    fn is_unknown(self) -> bool {
        matches!(self, Self::Unknown | Self::AlreadyDone)
    }
}

/// Requests of a client that are in progress or that a later resolution may need, by identity.
#[derive(Default)]
pub(crate) struct AttemptLog(Arc<Mutex<HashMap<u128, LogEntry>>>);

impl AttemptLog {
    /// Notes that a request is being sent. Its outcome counts as unknown until [`UnderWay::end`] is called.
    ///
    /// `keeps` selects what the log keeps after a success.
    pub(crate) fn begin<'a>(
        &'a self,
        key: RequestIdentity,
        began: SystemTime,
        clock: &'a dyn Clock,
        keeps: Keeps,
    ) -> UnderWay<'a> {
        let mut log = lock(&self.0);
        let entry = entry(&mut log, key.identity, clock.now());
        let kept = entry.begins(key.body, began);
        entry.changes += 1;
        entry.in_flight += 1;
        entry.first_in_flight = Some(entry.first_in_flight.map_or(began, |first| first.min(began)));
        entry.memory.sent();
        UnderWay { log: self, key, began, clock, keeps, kept, is_over: false }
    }

    /// Returns `true` if an attempt at the request may have taken effect. `keeps` is as in [`begin`](Self::begin).
    pub(crate) fn is_open(&self, key: &RequestIdentity, keeps: Keeps) -> bool {
        lock(&self.0).get(&key.identity).is_some_and(|entry| entry.is_open(keeps))
    }

    /// Records the end of a call. Returns `true` if the request was rejected or not sent, and another attempt may have
    /// taken effect.
    fn end(
        &self,
        key: &RequestIdentity,
        began: SystemTime,
        now: (Instant, SystemTime),
        ended: Ended,
        keeps: Keeps,
    ) -> bool {
        let mut log = lock(&self.0);
        let Some(entry) = log.get_mut(&key.identity) else { return false };
        let (now, wall) = now;
        entry.touched = now;
        entry.ends(key.body, wall, ended);
        entry.changes += 1;
        entry.in_flight = entry.in_flight.saturating_sub(1);
        if entry.in_flight == 0 {
            entry.first_in_flight = None;
        }
        let is_alone = entry.in_flight == 0 && Arc::strong_count(&entry.turn) == 1 && !entry.memory.is_needed();
        let is_kept = ended.is_unknown() || (ended == Ended::Success && keeps != Keeps::Nothing);
        if is_alone && !is_kept {
            // The usual case: no later resolution needs the entry.
            log.remove(&key.identity);
            return false;
        }
        entry.says_done |= ended == Ended::AlreadyDone;
        // Another call in progress may still be accepted.
        let is_beside_another = entry.in_flight > 0;
        match ended {
            Ended::NotSent => entry.is_open(keeps),
            Ended::Unknown | Ended::AlreadyDone => {
                entry.memory.unknown(began, now);
                false
            }
            // For an operation that moves no money, a rejection is final even after a success. It is not final if an
            // attempt has an unknown outcome, or while another call is in progress.
            Ended::Refused if keeps != Keeps::Attempt && entry.memory.attempt.is_none() => is_beside_another,
            Ended::Refused => entry.memory.answered(false, began, now) || is_beside_another,
            Ended::Success if keeps == Keeps::Nothing && entry.memory.attempt.is_none() => false,
            Ended::Success if keeps == Keeps::Answer => {
                entry.memory.may_be_answered = true;
                false
            }
            Ended::Success => {
                entry.has_succeeded |= keeps == Keeps::Attempt;
                entry.memory.answered(true, began, now);
                false
            }
        }
    }

    /// Returns a handle to a request that is being resolved.
    pub(crate) fn open(&self, key: RequestIdentity, now: Instant) -> OpenRequest {
        let turn = entry(&mut lock(&self.0), key.identity, now).turn.clone();
        OpenRequest { log: self.0.clone(), key, turn }
    }
}

/// Call in progress. Dropping it without [`end`](Self::end) records an unknown outcome, because the request may still
/// take effect.
pub(crate) struct UnderWay<'a> {
    log: &'a AttemptLog,
    key: RequestIdentity,
    began: SystemTime,
    clock: &'a dyn Clock,
    keeps: Keeps,
    kept: Arc<Kept>,
    is_over: bool,
}

/// What the log keeps after a success.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keeps {
    /// Nothing, unless another attempt may have taken effect. For operations that move no money and have no identifying
    /// members or headers.
    Nothing,
    /// The fact that the service answered, because the result may have been shown to the purchaser. For other
    /// operations that move no money.
    Answer,
    /// The attempt, because a later rejection of the same request does not prove that it had no effect. For operations
    /// that move money.
    Attempt,
}

impl Keeps {
    /// Returns what the log keeps for an operation.
    pub(crate) fn of(operation: &Operation) -> Self {
        let has_identity = !operation.identity.is_empty() || !operation.identity_headers.is_empty();
        match (operation.moves_money, has_identity) {
            (true, _) => Self::Attempt,
            (false, true) => Self::Answer,
            (false, false) => Self::Nothing,
        }
    }
}

impl UnderWay<'_> {
    /// Records the result of the call. Returns `true` if the request was rejected or not sent, and another attempt may
    /// have taken effect.
    pub(crate) fn end(mut self, ended: Ended) -> bool {
        self.is_over = true;
        self.log.end(&self.key, self.began, self.now(), ended, self.keeps)
    }

    /// Returns the times and random texts in the body. All attempts at the request share them.
    pub(crate) fn kept(&self) -> Arc<Kept> {
        self.kept.clone()
    }

    fn now(&self) -> (Instant, SystemTime) {
        (self.clock.now(), time_of_day(self.clock))
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        if !self.is_over {
            self.log.end(&self.key, self.began, self.now(), Ended::Unknown, self.keeps);
        }
    }
}

/// Request that is being resolved.
pub(crate) struct OpenRequest {
    log: Arc<Mutex<HashMap<u128, LogEntry>>>,
    key: RequestIdentity,
    turn: Arc<Turn<()>>,
}

impl OpenRequest {
    /// Returns the lock that only one resolution of the request holds at a time.
    pub(crate) fn turn(&self) -> Arc<Turn<()>> {
        self.turn.clone()
    }

    /// Returns the state of the request. A call in progress counts as an attempt that the service may accept and answer
    /// now.
    pub(crate) fn memory(&self, now: Instant) -> Memory {
        let log = lock(&self.log);
        let Some(entry) = log.get(&self.key.identity) else { return Memory::default() };
        let mut memory = entry.memory;
        if let Some(began) = entry.first_in_flight {
            memory.unknown(began, now);
            memory.may_be_answered = true;
        }
        memory
    }

    /// Returns when the first request in the log with this identity was sent. The service recognizes a repetition by
    /// the identity, even if the requests differ in other members.
    pub(crate) fn identity_first_at(&self) -> Option<SystemTime> {
        let log = lock(&self.log);
        let entry = log.get(&self.key.identity)?;
        entry.bodies.iter().map(|body| body.dated).chain(entry.forgotten).map(|dated| dated.first_at).min()
    }

    /// Returns two times: when this request was first sent, and until when another request with the same identity may
    /// have taken effect. `conclusive` is how long after an attempt its effect can still appear.
    pub(crate) fn dates(&self, wall: SystemTime, conclusive: Duration) -> Dates {
        let log = lock(&self.log);
        let Some(entry) = log.get(&self.key.identity) else { return Dates::default() };
        let later = |time: SystemTime| time.checked_add(conclusive).unwrap_or(time);
        let ended = |dated: &Dated| if dated.is_unknown { later(dated.ended_at) } else { dated.ended_at };
        let until = |body: &SentBody| if body.in_flight > 0 { later(wall) } else { ended(&body.dated) };
        let (own, others): (Vec<&SentBody>, Vec<&SentBody>) =
            entry.bodies.iter().partition(|body| body.hash == self.key.body);
        let others = others.into_iter().map(until).chain(entry.forgotten.as_ref().map(ended));
        Dates { first_at: own.first().map(|body| body.dated.first_at), others_until: others.max() }
    }

    /// Returns `true` if a call succeeded and the operation moves money.
    pub(crate) fn has_succeeded(&self) -> bool {
        lock(&self.log).get(&self.key.identity).is_some_and(|entry| entry.has_succeeded)
    }

    /// Returns `true` if the service replied to an attempt that the request was already done.
    pub(crate) fn says_done(&self) -> bool {
        lock(&self.log).get(&self.key.identity).is_some_and(|entry| entry.says_done)
    }

    /// Returns a counter value for [`was_sent_since`](Self::was_sent_since).
    pub(crate) fn mark(&self) -> u64 {
        lock(&self.log).get(&self.key.identity).map_or(0, |entry| entry.changes)
    }

    /// Returns `true` if the request was sent since the mark was taken, or is being sent. Uses a counter, because a
    /// clock often returns the same time for two calls.
    pub(crate) fn was_sent_since(&self, mark: u64) -> bool {
        let log = lock(&self.log);
        log.get(&self.key.identity).is_some_and(|entry| entry.in_flight > 0 || entry.changes != mark)
    }

    /// Returns the end of the last attempt, or `now` while an attempt is in progress.
    pub(crate) fn last_attempt(&self, now: Instant) -> Option<Instant> {
        let log = lock(&self.log);
        let entry = log.get(&self.key.identity)?;
        if entry.in_flight > 0 { Some(now) } else { entry.memory.attempt.map(|attempt| attempt.last) }
    }

    /// Notes that the request did not take effect. `mark` is the counter value before the status query that showed
    /// this. Returns `false` if the request was sent since then, because it may still take effect.
    pub(crate) fn call_off(&self, mark: u64) -> bool {
        let mut log = lock(&self.log);
        let Some(entry) = log.get_mut(&self.key.identity) else { return true };
        if entry.in_flight > 0 || entry.changes != mark {
            return false;
        }
        entry.memory.call_off();
        entry.renew();
        true
    }

    pub(crate) fn note(&self, change: impl FnOnce(&mut Memory)) {
        if let Some(entry) = lock(&self.log).get_mut(&self.key.identity) {
            change(&mut entry.memory);
        }
    }
}

impl Drop for OpenRequest {
    fn drop(&mut self) {
        let mut log = lock(&self.log);
        // For the last handle, the lock has two owners: the log and this handle.
        let is_last = Arc::strong_count(&self.turn) <= 2;
        if is_last && log.get(&self.key.identity).is_some_and(|entry| entry.in_flight == 0 && !entry.memory.is_needed())
        {
            log.remove(&self.key.identity);
        }
    }
}

fn lock(log: &Mutex<HashMap<u128, LogEntry>>) -> MutexGuard<'_, HashMap<u128, LogEntry>> {
    // The log stays usable after a panic of another thread.
    log.lock().unwrap_or_else(PoisonError::into_inner)
}

fn entry(log: &mut HashMap<u128, LogEntry>, identity: u128, now: Instant) -> &mut LogEntry {
    if log.len() >= MOST && !log.contains_key(&identity) {
        make_room(log, now);
    }
    let entry = log.entry(identity).or_insert_with(|| LogEntry {
        memory: Memory::default(),
        bodies: Vec::new(),
        forgotten: None,
        in_flight: 0,
        first_in_flight: None,
        changes: 0,
        has_succeeded: false,
        says_done: false,
        turn: Arc::default(),
        touched: now,
    });
    entry.touched = now;
    entry
}

impl LogEntry {
    /// Returns `true` if an attempt that has ended may have taken effect. For an operation that moves no money, a
    /// success does not count.
    fn is_open(&self, keeps: Keeps) -> bool {
        let Memory { attempt, may_be_answered, is_called_off, .. } = self.memory;
        !is_called_off && (attempt.is_some() || (keeps == Keeps::Attempt && may_be_answered))
    }

    fn begins(&mut self, hash: u128, began: SystemTime) -> Arc<Kept> {
        if let Some(body) = self.bodies.iter_mut().find(|body| body.hash == hash) {
            body.dated.first_at = body.dated.first_at.min(began);
            body.in_flight += 1;
            return body.kept.clone();
        }
        while self.bodies.iter().filter(|body| body.in_flight == 0).count() >= MOST_BODIES {
            self.forget_one();
        }
        let kept = Arc::<Kept>::default();
        let dated = Dated { first_at: began, ended_at: began, is_unknown: false };
        self.bodies.push(SentBody { hash, kept: kept.clone(), dated, in_flight: 1, may_count: false });
        kept
    }

    /// Removes the oldest entry of `bodies` that has no call in progress, but keeps the times of this entry. Requests
    /// with a known outcome are removed first, because a repetition of a request with an unknown outcome must have the
    /// same body.
    fn forget_one(&mut self) {
        let ended = |known: bool| move |body: &SentBody| body.in_flight == 0 && (!body.dated.is_unknown || !known);
        let oldest = self.bodies.iter().position(ended(true)).or_else(|| self.bodies.iter().position(ended(false)));
        let Some(SentBody { dated, .. }) = oldest.map(|at| self.bodies.remove(at)) else { return };
        self.forgotten = Some(self.forgotten.map_or(dated, |other| Dated {
            first_at: other.first_at.min(dated.first_at),
            ended_at: other.ended_at.max(dated.ended_at),
            is_unknown: other.is_unknown || dated.is_unknown,
        }));
    }

    /// Notes that none of the requests took effect, and that none can take effect any more. A later call gets new times
    /// and random texts.
    fn renew(&mut self) {
        for body in &mut self.bodies {
            body.kept = Arc::default();
            body.dated.is_unknown = false;
        }
        if let Some(forgotten) = &mut self.forgotten {
            forgotten.is_unknown = false;
        }
    }

    fn ends(&mut self, hash: u128, wall: SystemTime, ended: Ended) {
        let Some(body) = self.bodies.iter_mut().find(|body| body.hash == hash) else { return };
        body.in_flight = body.in_flight.saturating_sub(1);
        body.dated.ended_at = body.dated.ended_at.max(wall);
        body.dated.is_unknown |= ended.is_unknown();
        body.may_count |= ended.is_unknown() || ended == Ended::Success;
        self.bodies.retain(|body| body.in_flight > 0 || body.may_count);
    }

    /// Returns `true` if a call is in progress. Also returns `true` if an attempt has an unknown outcome and no attempt
    /// can have received a reply that reports success.
    fn is_unresolved(&self) -> bool {
        self.in_flight > 0 || self.memory.attempt.is_some() && !self.memory.may_be_answered
    }
}

/// Makes room in a full log. First removes the entries whose last use was at least [`KEPT`] ago. If the log is still
/// full, removes the older half of the entries that are not [unresolved](LogEntry::is_unresolved). Only if the log is
/// full even then, removes the older half of all entries. Requests that are in progress or being resolved stay.
fn make_room(log: &mut HashMap<u128, LogEntry>, now: Instant) {
    let in_use = |entry: &LogEntry| entry.in_flight > 0 || Arc::strong_count(&entry.turn) > 1;
    log.retain(|_, entry| in_use(entry) || now.saturating_duration_since(entry.touched) < KEPT);
    remove_older_half(log, |entry| !in_use(entry) && !entry.is_unresolved());
    remove_older_half(log, |entry| !in_use(entry));
}

/// If the log is full, removes the older half of the entries for which `of` returns `true`.
fn remove_older_half(log: &mut HashMap<u128, LogEntry>, of: impl Fn(&LogEntry) -> bool) {
    if log.len() < MOST {
        return;
    }
    let mut times: Vec<_> = log.values().filter(|entry| of(entry)).map(|entry| entry.touched).collect();
    times.sort_unstable();
    if let Some(middle) = times.get(times.len() / 2) {
        log.retain(|_, entry| !of(entry) || entry.touched > *middle);
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "the tests need any time")]
mod tests {
    use super::*;
    use crate::client::clock::SystemClock;

    fn key(name: &str) -> RequestIdentity {
        let hash = hashed([name.as_bytes()].into_iter());
        RequestIdentity { identity: hash, body: hash }
    }

    fn known(log: &AttemptLog) -> (Option<SystemTime>, bool) {
        let memory = log.open(key("a"), Instant::now()).memory(Instant::now());
        (memory.attempt.map(|attempt| attempt.first_at), memory.is_unanswered())
    }

    #[test]
    fn a_call_that_is_under_way_or_was_dropped_counts_as_an_attempt() {
        let (log, at) = (AttemptLog::default(), SystemTime::now());
        let under_way = log.begin(key("a"), at, &SystemClock, Keeps::Nothing);
        assert_eq!(known(&log), (Some(at), false), "the service may answer the call at any moment");
        drop(under_way);
        assert_eq!(known(&log), (Some(at), true), "the caller does not wait any more");
        let refused = log.begin(key("a"), SystemTime::now(), &SystemClock, Keeps::Nothing).end(Ended::Refused);
        assert!(refused, "the first call may have taken effect");
        assert_eq!(known(&log), (Some(at), true));
        log.begin(key("a"), SystemTime::now(), &SystemClock, Keeps::Nothing).end(Ended::Success);
        assert_eq!(known(&log), (Some(at), false));
    }

    #[test]
    fn a_request_is_identified_by_members_inside_objects() {
        let names = &["data.tid", "no", "data.inner.n"];
        let of = |body: &'static str| named(body.as_bytes(), names).expect("an object");
        let values = of(r#"{"tid":"x","data":{"no":9,"tid":"T-1","inner":{"n":3}},"no":7}"#);
        assert_eq!(values, ["\"T-1\"", "7", "3"]);
        assert_eq!(of(r#"{"data":null}"#), ["", "", ""]);
    }

    #[test]
    fn equal_values_in_two_notations_are_one_identity() {
        use Varies::{Offset, Separators, Zeros};
        for (varies, one, other) in [
            (Zeros, "20", "20.00"),
            (Zeros, "\"20.5\"", "\"20.50\""),
            (Zeros, "-0.10", "-0.1"),
            (Offset, "\"2026-11-23T14:05:00+09:00\"", "\"2026-11-23T05:05:00.000Z\""),
            (Separators("- "), "\"123-45 6\"", "\"12345-6\""),
        ] {
            assert_eq!(varies.in_one_notation(one), varies.in_one_notation(other));
        }
        for (varies, one, other) in [
            (Zeros, "20", "200"),
            (Zeros, "20.05", "20.5"),
            (Zeros, "0.5", "5"),
            (Offset, "\"2026-11-23T14:05:00+09:00\"", "\"2026-11-23T14:05:00Z\""),
            (Separators("-"), "\"123-456\"", "\"123-457\""),
        ] {
            assert_ne!(varies.in_one_notation(one), varies.in_one_notation(other));
        }
    }

    #[test]
    fn a_refusal_beside_a_call_that_is_under_way_proves_nothing() {
        let log = AttemptLog::default();
        let first = log.begin(key("a"), SystemTime::now(), &SystemClock, Keeps::Nothing);
        assert!(log.begin(key("a"), SystemTime::now(), &SystemClock, Keeps::Nothing).end(Ended::Refused));
        first.end(Ended::NotSent);
    }

    #[test]
    fn nothing_is_kept_of_requests_that_were_answered() {
        let log = AttemptLog::default();
        for n in 0..1000 {
            for ended in [Ended::Success, Ended::Refused, Ended::NotSent] {
                assert!(!log.begin(key(&n.to_string()), SystemTime::now(), &SystemClock, Keeps::Nothing).end(ended));
            }
            drop(log.open(key(&n.to_string()), Instant::now()));
        }
        assert!(lock(&log.0).is_empty());
    }

    /// Begins a call with the identity `a` and with a body that depends on `detail`.
    fn sent<'a>(log: &'a AttemptLog, detail: &str) -> UnderWay<'a> {
        let key = RequestIdentity { body: hashed([detail.as_bytes()].into_iter()), ..key("a") };
        log.begin(key, SystemTime::now(), &SystemClock, Keeps::Attempt)
    }

    #[test]
    fn the_call_after_a_request_that_was_not_done_has_a_new_nonce() {
        let log = AttemptLog::default();
        let first = sent(&log, "1");
        let of_first = first.kept();
        first.end(Ended::Unknown);
        let second = sent(&log, "1");
        assert!(Arc::ptr_eq(&second.kept(), &of_first), "the first call may have taken effect");
        second.end(Ended::Unknown);
        let open = log.open(key("a"), Instant::now());
        assert!(open.call_off(open.mark()), "nothing was sent since the mark");
        let first_at = open.identity_first_at();
        let third = sent(&log, "1");
        assert!(!Arc::ptr_eq(&third.kept(), &of_first));
        third.end(Ended::Unknown);
        assert_eq!(open.identity_first_at(), first_at, "the service may know the request since its first call");
    }

    #[test]
    fn a_request_in_flight_keeps_its_body_however_many_others_have_its_identity() {
        let log = AttemptLog::default();
        let (first, unknown) = (sent(&log, "first"), sent(&log, "unknown"));
        let (of_first, of_unknown) = (first.kept(), unknown.kept());
        unknown.end(Ended::Unknown);
        let in_flight: Vec<_> = (0..2 * MOST_BODIES).map(|n| sent(&log, &n.to_string())).collect();
        for n in 0..2 * MOST_BODIES {
            sent(&log, &format!("done {n}")).end(Ended::Success);
        }
        assert!(Arc::ptr_eq(&sent(&log, "first").kept(), &of_first), "a call in flight must keep its body");
        assert!(Arc::ptr_eq(&sent(&log, "unknown").kept(), &of_unknown), "requests with a known outcome must go first");
        drop(in_flight);
        let open = log.open(key("a"), Instant::now());
        let first_at = open.identity_first_at();
        for n in 0..4 * MOST_BODIES {
            drop(sent(&log, &format!("lost {n}")));
        }
        let bodies = lock(&log.0).get(&key("a").identity).map_or(0, |entry| entry.bodies.len());
        assert!(bodies <= MOST_BODIES + 1, "{bodies}");
        assert_eq!(open.identity_first_at(), first_at, "the times of forgotten requests must stay");
        let wall = SystemTime::now();
        assert!(open.dates(wall, Duration::from_secs(60)).others_until.is_some_and(|until| until > wall));
    }

    #[test]
    fn answered_requests_make_room_before_requests_with_an_unknown_outcome() {
        let log = AttemptLog::default();
        let begin = |name: &str| log.begin(key(name), SystemTime::now(), &SystemClock, Keeps::Attempt);
        let lost = MOST / 4 * 3;
        (0..lost).for_each(|n| drop(begin(&format!("lost {n}"))));
        (lost..MOST).for_each(|n| assert!(!begin(&format!("paid {n}")).end(Ended::Success)));
        drop(begin("one more"));
        let kept = lock(&log.0).values().filter(|entry| entry.is_unresolved()).count();
        assert_eq!(kept, lost + 1, "the older half of the answered requests must go first, as resolution.md says");
    }

    #[test]
    fn the_log_is_bounded_and_keeps_what_is_newest() {
        let log = AttemptLog::default();
        for n in 0..2 * MOST {
            drop(log.begin(key(&n.to_string()), SystemTime::now(), &SystemClock, Keeps::Nothing));
        }
        assert!(lock(&log.0).len() <= MOST);
        assert!(lock(&log.0).contains_key(&key(&(2 * MOST - 1).to_string()).identity));
    }
}
