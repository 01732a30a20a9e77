//! A bound on how often something may happen: unproven messages come from anybody, and each would cause a call.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// So many at once, and so many a second on average.
#[derive(Debug)]
pub struct Bound {
    burst: u32,
    per_second: u32,
    state: Mutex<Option<(Instant, Duration)>>,
}

impl Bound {
    /// So many at once, and so many a second.
    pub fn new(burst: u32, per_second: u32) -> Self {
        Self { burst: burst.max(1), per_second: per_second.max(1), state: Mutex::new(None) }
    }

    /// Whether there may be one more now. Half of the burst is kept for what is `familiar`, so that a flood of messages
    /// that can be forged never delays those that carry what only the service and the caller know.
    pub fn allow(&self, now: Instant, familiar: bool) -> bool {
        let each = Duration::from_secs(1) / self.per_second;
        // Nothing in here panics, so the lock cannot be poisoned with a state half written.
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        // How much of the burst is used up, as the time in which it comes back.
        let used =
            state.map_or(Duration::ZERO, |(last, used)| used.saturating_sub(now.saturating_duration_since(last)));
        let share = if familiar { self.burst } else { self.burst - self.burst / 2 };
        let allowed = used + each <= each * share;
        *state = Some((now, if allowed { used + each } else { used }));
        allowed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_allowed_and_comes_back_with_time() {
        let (bound, start) = (Bound::new(20, 5), Instant::now());
        let allowed = |after: u64, tries: usize| {
            let now = start + Duration::from_millis(after);
            (0..tries).filter(|_| bound.allow(now, true)).count()
        };
        assert_eq!(allowed(0, 100), 20);
        assert_eq!(allowed(100, 10), 0);
        assert_eq!(allowed(1_000, 10), 5);
        assert_eq!(allowed(3_600_000, 100), 20);
    }

    #[test]
    fn a_flood_of_strangers_leaves_half_for_what_is_familiar() {
        let (bound, start) = (Bound::new(20, 5), Instant::now());
        assert_eq!((0..1000).filter(|_| bound.allow(start, false)).count(), 10);
        assert_eq!((0..1000).filter(|_| bound.allow(start, true)).count(), 10);
        // With the flood going on, what comes back goes to the familiar ones first.
        let familiar = (1..=100).filter(|n| {
            let now = start + Duration::from_millis(n * 200);
            let strangers = (0..100).filter(|_| bound.allow(now, false)).count();
            strangers == 0 && bound.allow(now, true)
        });
        assert_eq!(familiar.count(), 100);
    }
}
