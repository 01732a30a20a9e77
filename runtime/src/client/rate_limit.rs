//! Rate limit for confirmations. Unproven messages may come from any sender. Without a limit, each message would cause
//! a call.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hash};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Rate limit with a burst and an average rate per second.
#[derive(Debug)]
pub struct RateLimit {
    burst: u32,
    per_second: u32,
    state: Mutex<LimiterState>,
}

#[derive(Debug, Default)]
struct LimiterState {
    used: Used,
    tried: Tried,
    hasher: RandomState,
}

/// Used part of the burst. `time` is the duration, from `at` on, after which the whole burst is available again.
#[derive(Clone, Copy, Debug, Default)]
struct Used {
    at: Option<Instant>,
    time: Duration,
}

impl Used {
    fn now(self, now: Instant) -> Duration {
        self.at.map_or(Duration::ZERO, |at| self.time.saturating_sub(now.saturating_duration_since(at)))
    }
}

/// Counts the recent attempts to confirm each familiar message (see [`RateLimit::allow`]). The count of a message is
/// kept for at least [`MEMORY`] after the last attempt, unless at least [`MOST`] other messages are counted in that
/// time.
#[derive(Debug, Default)]
struct Tried {
    since: Option<Instant>,
    now: HashMap<u64, u8>,
    before: HashMap<u64, u8>,
}

/// Time for which attempts are counted. Some services send a callback up to five times in ten minutes.
const MEMORY: Duration = Duration::from_secs(600);
/// Largest number of messages in each of the maps `now` and `before`.
const MOST: usize = 16_384;

impl Tried {
    /// Counts one more attempt. Returns the number of earlier attempts.
    fn count(&mut self, key: u64, now: Instant) -> u8 {
        let since = *self.since.get_or_insert(now);
        if now.saturating_duration_since(since) >= MEMORY || self.now.len() >= MOST {
            self.before = std::mem::take(&mut self.now);
            self.since = Some(now);
        }
        let before = self.now.get(&key).or_else(|| self.before.get(&key)).copied().unwrap_or_default();
        self.now.insert(key, before.saturating_add(1));
        before
    }
}

impl RateLimit {
    /// Creates a limit with this burst and average rate per second.
    pub fn new(burst: u32, per_second: u32) -> Self {
        Self { burst: burst.max(1), per_second: per_second.max(1), state: Mutex::default() }
    }

    /// Returns `true` if one more call is allowed now.
    ///
    /// Half of the burst, rounded down, is reserved for familiar messages. A message is familiar if the method
    /// `Confirm::familiar` returns texts for it, such as a secret that only the service and the caller know. The
    /// parameter `familiar` is a key made of these texts. It is `None` for a message that is not familiar. With a burst
    /// of at least 2, messages that are not familiar can therefore never use up the whole limit.
    ///
    /// The more often a familiar message was tried, the less of the reserved half it may use. An attacker knows the
    /// secrets of their own orders, but soon uses up the share of each of these orders. The attacker then cannot delay
    /// a message that arrives for the first time.
    ///
    /// The duration of a check does not grow with the number of remembered messages.
    pub fn allow<K: Hash>(&self, now: Instant, familiar: Option<K>) -> bool {
        let each = Duration::from_secs(1) / self.per_second;
        // Nothing here panics, so a poisoned lock still holds a consistent state.
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let state = &mut *state;
        let tried = familiar.map(|key| state.tried.count(state.hasher.hash_one(key), now));
        let kept = each * (self.burst / 2);
        let open = kept * u32::from(FAIR.saturating_sub(tried.unwrap_or(FAIR))) / u32::from(FAIR);
        let used = state.used.now(now);
        let is_allowed = used + each <= each * self.burst - kept + open;
        state.used = Used { at: Some(now), time: if is_allowed { used + each } else { used } };
        is_allowed
    }
}

/// Number of attempts after which a message may no longer use the reserved half. Purchasers know the tokens of their
/// own orders, and can forge messages with them.
const FAIR: u8 = 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_allowed_and_comes_back_with_time() {
        let (bound, start) = (RateLimit::new(20, 5), Instant::now());
        let mut count = 0;
        let mut allowed = |after: u64, tries: usize| {
            let now = start + Duration::from_millis(after);
            let mut allow = || {
                count += 1;
                bound.allow(now, Some(("callback", &count.to_string())))
            };
            (0..tries).filter(|_| allow()).count()
        };
        assert_eq!(allowed(0, 100), 20);
        assert_eq!(allowed(100, 10), 0);
        assert_eq!(allowed(1_000, 10), 5);
        assert_eq!(allowed(3_600_000, 100), 20);
    }

    #[test]
    fn a_flood_of_unknown_messages_leaves_half_for_familiar_ones() {
        let (bound, start) = (RateLimit::new(20, 5), Instant::now());
        assert_eq!((0..1000).filter(|_| bound.allow(start, None::<&str>)).count(), 10);
        assert_eq!((0..1000).filter(|n| bound.allow(start, Some(("callback", &n.to_string())))).count(), 10);
        // During a flood, capacity that becomes available goes to familiar messages first.
        let familiar = (1..=100).filter(|n| {
            let now = start + Duration::from_millis(n * 200);
            let strangers = (0..100).filter(|_| bound.allow(now, None::<&str>)).count();
            strangers == 0 && bound.allow(now, Some(("callback", &format!("later-{n}"))))
        });
        assert_eq!(familiar.count(), 100);
    }

    #[test]
    fn a_flood_with_one_known_token_leaves_the_share_of_the_others() {
        let (bound, start) = (RateLimit::new(20, 5), Instant::now());
        let genuine = (1..=100).filter(|n| {
            let now = start + Duration::from_millis(n * 1_000);
            let flood = (0..500).filter(|_| bound.allow(now, Some(("callback", "the attacker's own")))).count();
            flood <= 15 && bound.allow(now, Some(("callback", &format!("order-{n}"))))
        });
        assert_eq!(genuine.count(), 100);
    }

    /// An attacker can create 250 open orders for free, and knows the tokens of all of them.
    #[test]
    fn a_flood_with_many_orders_of_the_attackers_own_leaves_genuine_callbacks_their_share() {
        let (bound, start) = (RateLimit::new(50, 20), Instant::now());
        let genuine = (1..=1_000_u64).filter(|n| {
            let now = start + Duration::from_secs(*n);
            for order in (0..250).chain(0..250) {
                let _ = bound.allow(now, Some(("callback", &format!("attacker-{order}"))));
            }
            bound.allow(now, Some(("callback", &format!("genuine-{n}"))))
        });
        // A few genuine messages may be delayed: at the start of the flood, and after old counts are dropped, all
        // messages look alike.
        assert!(genuine.count() >= 997);
    }

    #[test]
    fn a_genuine_message_and_its_repetition_get_through_a_flood_of_well_known_ones() {
        let (bound, start) = (RateLimit::new(50, 20), Instant::now());
        let flood = |now| {
            for n in 0..500 {
                let _ = bound.allow(now, Some(("return", &(n % 250).to_string())));
            }
        };
        (0..10).for_each(|n| flood(start + Duration::from_secs(n)));
        for n in 10..14 {
            flood(start + Duration::from_secs(n));
            let allowed = bound.allow(start + Duration::from_secs(n), Some(("return", "genuine")));
            assert!(allowed, "try {}", n - 9);
        }
        // Messages of another kind about the same order do not use up the share of a callback.
        assert!(bound.allow(start + Duration::from_secs(14), Some(("callback", "0"))));
    }

    #[test]
    fn the_number_of_remembered_messages_is_bounded() {
        let (bound, start) = (RateLimit::new(50, 20), Instant::now());
        for n in 0..100_000 {
            let _ = bound.allow(start, Some(("callback", &n.to_string())));
        }
        let state = bound.state.lock().unwrap();
        assert!(state.tried.now.len() + state.tried.before.len() <= 2 * MOST);
    }
}
