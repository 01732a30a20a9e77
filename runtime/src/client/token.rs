//! Access tokens that an operation of the API issues. The client fetches a token on demand, and keeps it until shortly
//! before it expires. Calls that wait for the same token share one fetch.

use crate::client::Core;
use crate::client::options::CallOptions;
use crate::client::prepare::{Kept, Token};
use crate::client::transport::Outgoing;
use crate::compute::{Computed, Expiry, Make, TokenRule};
use crate::decode::envelope::{Undecodable, as_tree};
use crate::decode::target::{Object, Source, TakeObject};
use crate::error::{Error, Kind, Progress, Said};
use crate::operation::{Api, HeaderValue, Operation, Recovery};
use crate::outcome::{Advice, ErrorCode, Outcome};
use crate::raw::Raw;
use crate::reply::interpret;
use crate::request::Bare;
use crate::secret::SecretText;
use rules::OffsetDateTime;
use serde_json::Value;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};
use tokio::sync::Mutex;

/// Remaining lifetime below which a token is replaced. If a tenth of the whole lifetime is shorter than this margin,
/// that tenth is used instead.
const MARGIN: Duration = Duration::from_secs(60);

/// Token caches of one API, each with the rule of its token.
pub(crate) struct TokenCaches(Vec<(&'static TokenRule, TokenCache)>);

impl TokenCaches {
    pub(crate) fn new(api: &Api) -> Self {
        let rule = |of: &Computed| match of.make {
            Make::Token(rule) => Some((rule, TokenCache::default())),
            _ => None,
        };
        Self(api.computed.iter().filter_map(rule).collect())
    }

    fn of(&self, rule: &'static TokenRule) -> Option<&TokenCache> {
        self.0.iter().find(|(own, _)| std::ptr::eq(*own, rule)).map(|(_, cache)| cache)
    }

    /// Forgets a token that the service has rejected, so that the next call fetches another one.
    pub(crate) fn forget(&self, rule: &'static TokenRule, generation: u64) {
        // If the lock is taken, another call is usually fetching a new token already.
        if let Some(mut state) = self.of(rule).and_then(|cache| cache.state.try_lock().ok())
            && state.held.as_ref().is_some_and(|held| held.token.generation == generation)
        {
            state.held = None;
        }
    }
}

/// Cache of the token of one rule. The call that holds the lock fetches the token, and other calls wait for the result.
#[derive(Default)]
pub(crate) struct TokenCache {
    state: Mutex<CacheState>,
    /// Number of fetches that ended, successfully or not.
    ended: AtomicU64,
}

#[derive(Default)]
struct CacheState {
    held: Option<Held>,
    /// Error of the last fetch, if it failed.
    failed: Option<String>,
    generation: u64,
}

struct Held {
    token: Token,
    /// Time from which a new token is fetched.
    until: Instant,
}

impl<C: ErrorCode> Core<C> {
    /// Returns the rule of the token that an operation needs. Returns `None` if the operation needs no token.
    pub(crate) fn token_rule(&self, operation: &Operation) -> Option<&'static TokenRule> {
        let inner = &*self.inner;
        let of_api = inner.transport.computed_headers().iter().map(|(_, index, _)| *index);
        let own = operation.headers.iter().filter_map(|header| match header.value {
            HeaderValue::Computed { index, .. } => Some(index),
            _ => None,
        });
        let values = operation.body_values.iter().chain(operation.query_values).map(|(_, index)| *index);
        let replaced = |index: &usize| {
            let headers = inner.transport.computed_headers().iter();
            let name = headers.filter(|(_, own, _)| own == index).map(|(name, ..)| name.as_str()).next();
            name.is_some_and(|name| operation.headers.iter().any(|own| own.name.eq_ignore_ascii_case(name)))
        };
        let needed = of_api.filter(|index| !replaced(index)).chain(own).chain(values);
        needed.filter_map(|index| inner.rule_in(index)).find(|rule| rule.operation != operation.index)
    }

    /// Returns the token for an operation: the stored one, or a new one. `lapsed` is the generation of a token that the
    /// service has rejected. `limit` is the time for waiting for another call that fetches the token, and for fetching
    /// it.
    pub(crate) async fn token(
        &self,
        operation: &'static Operation,
        rule: &'static TokenRule,
        lapsed: Option<u64>,
        limit: Duration,
    ) -> Result<Token, Error<C>> {
        let Some(cache) = self.inner.tokens.of(rule) else {
            let missing = Kind::NoToken("the API has no such token".to_owned());
            return Err(self.nothing(operation, missing, Outcome::NotSent));
        };
        let seen = cache.ended.load(Ordering::Acquire);
        let began = self.inner.clock.now();
        let Some(mut state) = crate::client::clock::within(&self.inner.clock, limit, cache.state.lock()).await else {
            return Err(self.nothing(operation, Kind::NoTime, Outcome::NotSent));
        };
        if let Some(held) = &state.held
            && Some(held.token.generation) != lapsed
            && self.inner.clock.now() < held.until
        {
            return Ok(held.token.clone());
        }
        // If another call tried to fetch the token while this call waited, and that fetch failed, this call fails with
        // the same error.
        if cache.ended.load(Ordering::Acquire) > seen
            && let Some(why) = &state.failed
        {
            return Err(self.nothing(operation, Kind::NoToken(why.clone()), Outcome::NotSent));
        }
        state.held = None;
        let left = limit.saturating_sub(self.inner.since(began));
        let fetched = self.with(CallOptions::new().total_timeout(left)).fetch(rule).await;
        cache.ended.fetch_add(1, Ordering::AcqRel);
        match fetched {
            Ok((text, time)) => {
                state.generation += 1;
                state.failed = None;
                let token = Token { text, generation: state.generation };
                let until = self.inner.clock.now() + time.saturating_sub(MARGIN.min(time / 10));
                state.held = Some(Held { token: token.clone(), until });
                Ok(token)
            }
            Err(error) => {
                let why = error.to_string();
                // A call that had little time left proves nothing about the service, so its timeout is not shared.
                let is_hasty = error.is_timeout() && left < self.total_limit() / 2;
                state.failed = (!is_hasty).then(|| why.clone());
                Err(error.instead_of(operation.id, Kind::NoToken(why)))
            }
        }
    }

    /// Calls the operation that issues tokens. Returns the token and its lifetime.
    ///
    /// The future is boxed, because it is recursive: calls fetch tokens, and fetching is a call.
    fn fetch<'a>(&'a self, rule: &'static TokenRule) -> Fetching<'a, C> {
        Box::pin(async move {
            let api = self.inner.api;
            let Some(operation) = api.operations.get(rule.operation).copied() else {
                let missing = "the API has no operation that issues tokens".to_owned();
                let progress = Progress { operation: api.name, attempts: 0, elapsed: Duration::ZERO };
                return Err(Error::without_reply(progress, Outcome::NotSent, Kind::NoToken(missing)));
            };
            let mut fetched = None;
            let kept = Kept::default();
            // The operation may need another token itself.
            let mut prepare = |token: Option<&Token>| self.inner.prepare(&Bare(operation), token, &kept);
            let mut read = |raw: Raw, _: &Outgoing| {
                fetched = Some(self.read_token(operation, rule, raw)?);
                Ok(())
            };
            // Fetching a token that is not used has no effect.
            self.send(operation, Recovery::Resend, Ok(()), &mut prepare, &mut read, &mut |_| false).await?;
            fetched.ok_or_else(|| self.nothing(operation, Kind::Undocumented, Outcome::Unknown))
        })
    }

    fn read_token(
        &self,
        operation: &'static Operation,
        rule: &'static TokenRule,
        raw: Raw,
    ) -> Result<(SecretText, Duration), Error<C>> {
        let progress = Progress { operation: operation.id, attempts: 1, elapsed: Duration::ZERO };
        let redactor = || self.inner.redactor.clone();
        let raw = interpret(self.inner.api, operation, progress, raw, &redactor, &mut NoMembers)?;
        let tree = as_tree(raw.body());
        match (text_at(&tree, rule.member), time_left(&tree, rule, self.wall_clock())) {
            (Some(token), Some(time)) => Ok((SecretText::from(token), time)),
            (token, _) => {
                let path = if token.is_none() { rule.member } else { expiry_member(rule) };
                let kind = Kind::Undecodable(Undecodable::MissingMember(path.last().copied().unwrap_or_default()));
                Err(Error::with_reply(progress, Outcome::Unknown, kind, Said::default(), raw, &self.inner.redactor))
            }
        }
    }
}

/// Future that returns a fetched token and the lifetime of the token.
type Fetching<'a, C> = Pin<Box<dyn Future<Output = Result<(SecretText, Duration), Error<C>>> + Send + 'a>>;

/// Returns `true` if an error means that the token has expired.
pub(crate) fn says_expired<C: ErrorCode>(rule: &TokenRule, error: &Error<C>) -> bool {
    // An operation may give the code a meaning of its own, which is not about credentials.
    let is_about_credentials = matches!(error.advice_of_code(), Some(Advice::CheckKey | Advice::Undocumented));
    error.code().is_some_and(|code| is_about_credentials && rule.expired.contains(&code.as_text()))
        || error.http_status().is_some_and(|status| rule.expired_statuses.contains(&status))
}

fn at<'a>(tree: &'a Value, path: &[&str]) -> Option<&'a Value> {
    path.iter().try_fold(tree, |value, name| value.get(name))
}

fn text_at<'a>(tree: &'a Value, path: &[&str]) -> Option<&'a str> {
    at(tree, path)?.as_str().filter(|text| !text.is_empty())
}

/// Returns the number of seconds in the member at `path`. A date and time with an offset is converted to seconds since
/// 1970.
fn seconds_at(tree: &Value, path: &[&str]) -> Option<i64> {
    match at(tree, path)? {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => match text.parse::<i64>() {
            Ok(seconds) => Some(seconds),
            Err(_) => instant(text),
        },
        _ => None,
    }
}

/// Parses `2030-01-01T00:00:00+09:00`. The colon of the offset is optional, because some services omit it.
fn instant(text: &str) -> Option<i64> {
    if let Ok(time) = text.parse::<jiff::Timestamp>() {
        return Some(time.as_second());
    }
    let parsed = jiff::fmt::strtime::parse("%Y-%m-%dT%H:%M:%S%.f%z", text).ok()?;
    Some(parsed.to_timestamp().ok()?.as_second())
}

fn expiry_member(rule: &TokenRule) -> &'static [&'static str] {
    match rule.expiry {
        Expiry::At(path) | Expiry::In(path) => path,
        Expiry::For(_) => &[],
    }
}

/// Returns the lifetime of a token, or `None` if a member that it depends on is absent or unreadable.
fn time_left(tree: &Value, rule: &TokenRule, now: SystemTime) -> Option<Duration> {
    let seconds = match rule.expiry {
        Expiry::For(time) => return Some(time),
        Expiry::In(path) => seconds_at(tree, path)?,
        Expiry::At(path) => {
            let now = match rule.now {
                [] => OffsetDateTime::from(now).unix_seconds(),
                path => seconds_at(tree, path)?,
            };
            seconds_at(tree, path)?.checked_sub(now)?
        }
    };
    Some(Duration::from_secs(u64::try_from(seconds).unwrap_or(0)))
}

/// Target for a reply whose members are not decoded.
struct NoMembers;

impl TakeObject for NoMembers {
    fn begin(&mut self) -> &mut dyn Object {
        self
    }
}

impl Object for NoMembers {
    fn slot(&self, _: &str) -> Option<u16> {
        None
    }

    fn fill(&mut self, _: u16, _: &mut dyn Source) {}

    fn has_members(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn left(tree: Value, expiry: Expiry, now: &'static [&'static str]) -> Option<u64> {
        let rule = TokenRule { operation: 0, member: &["t"], expiry, now, expired: &[], expired_statuses: &[] };
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        time_left(&tree, &rule, now).map(|time| time.as_secs())
    }

    #[test]
    fn the_time_of_a_token_is_read_in_every_notation() {
        let at = Expiry::At(&["until"]);
        let dates = json!({ "until": "2030-01-01T00:30:00.000+0900", "now": "2030-01-01T00:00:00+09:00" });
        assert_eq!(left(dates, at, &["now"]), Some(1800));
        assert_eq!(left(json!({ "until": 1_000_060, "now": "1000000" }), at, &["now"]), Some(60));
        assert_eq!(left(json!({ "until": 1_700_000_060 }), at, &[]), Some(60), "by the client's clock");
        assert_eq!(left(json!({ "until": 60 }), at, &[]), Some(0), "it has lapsed");
        assert_eq!(left(json!({ "in": "3600" }), Expiry::In(&["in"]), &[]), Some(3600));
        assert_eq!(left(json!({}), Expiry::In(&["in"]), &[]), None);
        assert_eq!(left(json!({}), Expiry::For(Duration::from_secs(5)), &[]), Some(5));
    }
}
