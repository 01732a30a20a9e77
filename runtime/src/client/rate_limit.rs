//! A bound on how often something may happen: unproven messages come from anybody, and each would cause a call.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// So many at once, and so many a second on average.
#[derive(Debug)]
pub struct RateLimit {
    burst: u32,
    per_second: u32,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    all: Used,
    /// What each familiar message used lately. An entry needs a call that was allowed, and goes when its share has come
    /// back, so that there are never more than the bound lets through in that time.
    each: HashMap<u64, Used>,
    hasher: RandomState,
}

/// How much of a share is used up, as the time in which it comes back.
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

impl RateLimit {
    /// So many at once, and so many a second.
    pub fn new(burst: u32, per_second: u32) -> Self {
        Self { burst: burst.max(1), per_second: per_second.max(1), state: Mutex::default() }
    }

    /// Whether there may be one more now. Half of the burst is kept for messages that carry what only the service and the
    /// caller know, given in `familiar`: a flood of messages that can be forged never delays those. The same one counts
    /// only a few times, because its purchaser knows it too.
    pub fn allow(&self, now: Instant, familiar: Option<&str>) -> bool {
        let each = Duration::from_secs(1) / self.per_second;
        // Nothing in here panics, so the lock cannot be poisoned with a state half written.
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let state = &mut *state;
        state.each.retain(|_, used| !used.now(now).is_zero());
        let key = familiar.map(|text| state.hasher.hash_one(text));
        let own = key.and_then(|key| state.each.get(&key)).map_or(Duration::ZERO, |used| used.now(now));
        let is_familiar = key.is_some() && own + OWN_PAUSE <= OWN_PAUSE * OWN_BURST;
        let share = if is_familiar { self.burst } else { self.burst - self.burst / 2 };
        let used = state.all.now(now);
        let is_allowed = used + each <= each * share;
        if let Some(key) = key.filter(|_| is_familiar && is_allowed) {
            state.each.insert(key, Used { at: Some(now), time: own + OWN_PAUSE });
        }
        state.all = Used { at: Some(now), time: if is_allowed { used + each } else { used } };
        is_allowed
    }
}

/// How often the same familiar message counts as one: so many at once, and then one per pause. A service sends a callback
/// five times in ten minutes.
const OWN_BURST: u32 = 4;
const OWN_PAUSE: Duration = Duration::from_secs(10);

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
                bound.allow(now, Some(&count.to_string()))
            };
            (0..tries).filter(|_| allow()).count()
        };
        assert_eq!(allowed(0, 100), 20);
        assert_eq!(allowed(100, 10), 0);
        assert_eq!(allowed(1_000, 10), 5);
        assert_eq!(allowed(3_600_000, 100), 20);
    }

    #[test]
    fn a_flood_of_strangers_leaves_half_for_what_is_familiar() {
        let (bound, start) = (RateLimit::new(20, 5), Instant::now());
        assert_eq!((0..1000).filter(|_| bound.allow(start, None)).count(), 10);
        assert_eq!((0..1000).filter(|n| bound.allow(start, Some(&n.to_string()))).count(), 10);
        // With the flood going on, what comes back goes to the familiar ones first.
        let familiar = (1..=100).filter(|n| {
            let now = start + Duration::from_millis(n * 200);
            let strangers = (0..100).filter(|_| bound.allow(now, None)).count();
            strangers == 0 && bound.allow(now, Some(&format!("later-{n}")))
        });
        assert_eq!(familiar.count(), 100);
    }

    #[test]
    fn a_flood_with_one_known_token_leaves_the_share_of_the_others() {
        let (bound, start) = (RateLimit::new(20, 5), Instant::now());
        let genuine = (1..=100).filter(|n| {
            let now = start + Duration::from_millis(n * 1_000);
            let flood = (0..500).filter(|_| bound.allow(now, Some("the attacker's own"))).count();
            flood <= 15 && bound.allow(now, Some(&format!("order-{n}")))
        });
        assert_eq!(genuine.count(), 100);
        assert!(bound.state.lock().unwrap().each.len() < 200, "what was counted is forgotten");
    }
}
