//! A bound on how often something may happen: unproven messages come from anybody, and each would cause a call.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// So many at once, and so many a second on average.
#[derive(Debug)]
pub(crate) struct Bound {
    burst: u32,
    per_second: u32,
    state: Mutex<Option<(Instant, Duration)>>,
}

impl Bound {
    pub(crate) fn new(burst: u32, per_second: u32) -> Self {
        Self { burst: burst.max(1), per_second: per_second.max(1), state: Mutex::new(None) }
    }

    /// Whether there may be one more now.
    pub(crate) fn allow(&self, now: Instant) -> bool {
        let each = Duration::from_secs(1) / self.per_second;
        // Nothing in here panics, so the lock cannot be poisoned with a state half written.
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        // How much of the burst is used up, as the time in which it comes back.
        let used =
            state.map_or(Duration::ZERO, |(last, used)| used.saturating_sub(now.saturating_duration_since(last)));
        let allowed = used + each <= each * self.burst;
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
            (0..tries).filter(|_| bound.allow(now)).count()
        };
        assert_eq!(allowed(0, 100), 20);
        assert_eq!(allowed(100, 10), 0);
        assert_eq!(allowed(1_000, 10), 5);
        assert_eq!(allowed(3_600_000, 100), 20);
    }
}
