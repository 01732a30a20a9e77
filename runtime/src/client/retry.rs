//! Retry policy: decides whether and when a call sends its request again after an error. Other modules decide about
//! other repetitions: `client` after an expired token, `resolve::machine` in a resolution, and the outbox for stored
//! requests.

use crate::error::{Error, Kind};
use crate::operation::Recovery;
use crate::outcome::{Advice, ErrorCode, Outcome};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// Retry policy: how often and how soon a request is sent again.
///
/// If the connection failed, nothing was sent, so any request may be sent again. A request that may have been sent is
/// sent again only if the service recognizes a repetition, or if the request changes nothing. Regardless of this
/// policy, a request that was rejected because of an expired token is sent once more with a new token. Each pause is
/// random, between zero and an upper limit that doubles each time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct RetryPolicy {
    attempts: u32,
    first_pause: Duration,
    longest_pause: Duration,
}

impl RetryPolicy {
    /// Longest accepted `Retry-After`. A service that asks for a longer pause gets no further attempt.
    pub const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(30);

    /// Upper limit of every pause, regardless of the settings.
    const LONGEST_PAUSE: Duration = Duration::from_secs(24 * 60 * 60);

    /// Returns the default policy: three attempts, and pauses of at most 200 ms, 400 ms and so on, up to 5 s.
    pub const fn standard() -> Self {
        Self { attempts: 3, first_pause: Duration::from_millis(200), longest_pause: Duration::from_secs(5) }
    }

    /// Returns a policy with one attempt.
    pub const fn never() -> Self {
        Self { attempts: 1, ..Self::standard() }
    }

    /// Sets the largest number of attempts, including the first; 0 counts as 1.
    pub const fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = if attempts == 0 { 1 } else { attempts };
        self
    }

    /// Sets the upper limit of the pause before the second attempt.
    pub const fn first_pause(mut self, pause: Duration) -> Self {
        self.first_pause = pause;
        self
    }

    /// Sets the upper limit of every pause. A pause that the service demands with `Retry-After` may be longer.
    pub const fn longest_pause(mut self, pause: Duration) -> Self {
        self.longest_pause = pause;
        self
    }

    /// Returns the pause after this number of attempts, or `None` if there is no further attempt.
    pub(crate) fn pause(&self, attempts: u32, random: &Random) -> Option<Duration> {
        if attempts >= self.attempts {
            return None;
        }
        let doubled = self.first_pause.saturating_mul(1 << attempts.saturating_sub(1).min(20));
        let bound = doubled.min(self.longest_pause).min(Self::LONGEST_PAUSE);
        Some(bound.mul_f64(random.draw()))
    }
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self::standard()
    }
}

/// Source of the random numbers, from 0 to 1, that determine the pauses.
#[derive(Clone)]
pub struct Random(Arc<dyn Fn() -> f64 + Send + Sync>);

impl Random {
    /// Creates a source of random numbers from a function. Numbers out of range are clamped, and NaN counts as 0.
    pub fn new(draw: impl Fn() -> f64 + Send + Sync + 'static) -> Self {
        Self(Arc::new(draw))
    }

    fn draw(&self) -> f64 {
        let drawn = (self.0)();
        if drawn.is_nan() { 0.0 } else { drawn.clamp(0.0, 1.0) }
    }
}

impl Default for Random {
    /// Returns a source of random numbers from the operating system.
    fn default() -> Self {
        // The lower half of a random UUID has 62 random bits; a float needs 53.
        Self::new(|| (uuid::Uuid::new_v4().as_u64_pair().1 & ((1 << 53) - 1)) as f64 / (1_u64 << 53) as f64)
    }
}

impl fmt::Debug for Random {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Random")
    }
}

/// Retry budget, shared by all calls of a client. While the service is down, most calls make only one attempt, so that
/// retries do not multiply the load.
#[derive(Debug)]
pub(crate) struct RetryBudget(AtomicU32);

impl RetryBudget {
    /// Cost of a retry. A successful call refills the budget by 1.
    const RETRY: u32 = 10;
    /// Full budget. It allows ten retries in a burst, and then one retry for every ten successful calls.
    const FULL: u32 = 10 * Self::RETRY;

    pub(crate) fn full() -> Self {
        Self(AtomicU32::new(Self::FULL))
    }

    /// Takes the cost of a retry. Returns `false` if the rest of the budget is too small.
    pub(crate) fn take(&self) -> bool {
        let taken = |left: u32| left.checked_sub(Self::RETRY);
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, taken).is_ok()
    }

    pub(crate) fn refill(&self) {
        // The budget is usually full, and a plain read is cheaper than an update.
        if self.0.load(Ordering::Relaxed) < Self::FULL {
            let filled = |left: u32| Some((left + 1).min(Self::FULL));
            let _ = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, filled);
        }
    }
}

/// Returns `true` if a request may be sent again after this error.
pub(crate) fn may_send_again<C: ErrorCode>(recovery: Recovery, error: &Error<C>) -> bool {
    match (error.outcome(), error.kind()) {
        // Of the requests that were not sent, only those whose connection failed may succeed on another attempt.
        (Outcome::NotSent, kind) => matches!(kind, Kind::Connect(_)),
        _ if recovery != Recovery::Resend => false,
        (Outcome::Unknown, Kind::Timeout(..) | Kind::Interrupted(_) | Kind::Undecodable(_)) => true,
        (Outcome::Unknown, Kind::Status(_)) => {
            error.http_status().is_some_and(|status| status >= 500 || matches!(status, 408 | 425 | 429))
        }
        (Outcome::Unknown, Kind::Refused) => error.advice_of_code() == Some(Advice::AskStatus),
        (Outcome::Unknown, _) => false,
        (Outcome::Rejected, _) => error.advice() == Some(Advice::TryLater) || error.http_status() == Some(429),
    }
}

/// Parses a `Retry-After` header: a number of seconds, or a date.
pub(crate) fn retry_after(header: &str, now: jiff::Timestamp) -> Option<Duration> {
    let header = header.trim();
    if !header.is_empty() && header.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(Duration::from_secs(header.parse().unwrap_or(u64::MAX)));
    }
    let until = http_date(header)?;
    // A time in the past asks for no pause.
    Some(Duration::try_from(until.duration_since(now)).unwrap_or_default())
}

/// Parses the date in a `Date` or `Retry-After` header.
pub(crate) fn http_date(header: &str) -> Option<jiff::Timestamp> {
    Some(jiff::fmt::rfc2822::parse(header.trim()).ok()?.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_are_bounded_and_end_with_the_attempts() {
        let policy = RetryPolicy::standard().attempts(40);
        let pauses = |drawn: f64| (0..41).map(move |n| policy.pause(n, &Random::new(move || drawn)));
        let most: Vec<_> = pauses(1.0).flatten().map(|pause| pause.as_millis()).take(8).collect();
        assert_eq!(most, [200, 200, 400, 800, 1600, 3200, 5000, 5000]);
        assert_eq!(pauses(0.0).flatten().max(), Some(Duration::ZERO));
        assert_eq!(pauses(f64::NAN).flatten().max(), Some(Duration::ZERO));
        assert!(pauses(7.0).flatten().all(|pause| pause <= Duration::from_secs(5)));
        assert_eq!(pauses(1.0).filter(Option::is_none).count(), 1);
        assert_eq!(RetryPolicy::never().pause(1, &Random::default()), None);
    }

    #[test]
    fn drawn_numbers_fill_the_range() {
        let random = Random::default();
        let drawn: Vec<f64> = (0..2000).map(|_| random.draw()).collect();
        assert!(drawn.iter().all(|n| (0.0..1.0).contains(n)));
        assert!(drawn.iter().any(|n| *n < 0.05) && drawn.iter().any(|n| *n > 0.95));
    }

    #[test]
    fn a_budget_allows_ten_retries_and_one_more_for_ten_successes() {
        let budget = RetryBudget::full();
        budget.refill();
        assert_eq!((0..20).filter(|_| budget.take()).count(), 10);
        (0..10).for_each(|_| budget.refill());
        assert!(budget.take() && !budget.take());
    }

    #[test]
    fn a_service_can_ask_for_seconds_or_for_a_time() {
        let now: jiff::Timestamp = "2026-11-23T01:00:00Z".parse().unwrap();
        for (header, seconds) in [
            ("3", Some(3)),
            (" 120 ", Some(120)),
            ("Mon, 23 Nov 2026 01:00:05 GMT", Some(5)),
            ("Mon, 23 Nov 2026 00:00:05 GMT", Some(0)),
            ("99999999999999999999", Some(u64::MAX)),
            ("-3", None),
            ("soon", None),
            ("", None),
        ] {
            assert_eq!(retry_after(header, now), seconds.map(Duration::from_secs), "{header:?}");
        }
    }
}
