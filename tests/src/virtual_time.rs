//! Virtual clock for tests. Its time advances without waiting.
//!
//! A client waits in two ways: in pauses and in timeouts. During a pause, nothing else happens. The clock therefore
//! ends a pause immediately, and advances the time by the length of the pause. A pause of a minute takes no time, and a
//! test can check the length of each pause.
//!
//! A timeout runs during an exchange with a real socket. If the clock ended timeouts immediately too, no exchange would
//! ever complete. A timeout ends only when [`VirtualClock::lapse`] is called, for example by a scripted server at the
//! point at which it stalls. So neither the speed nor the load of the machine affects a test.

use pagespec_runtime::{Clock, Sleep};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

/// Virtual clock. Clones share the time.
#[derive(Clone, Debug)]
pub struct VirtualClock {
    start: Instant,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    passed: Duration,
    pauses: Vec<Duration>,
    timeouts: Vec<Pending>,
    limits: Vec<Duration>,
    numbers: u64,
}

#[derive(Debug)]
struct Pending {
    number: u64,
    until: Duration,
    lapsed: bool,
    waker: Option<Waker>,
}

impl Default for VirtualClock {
    fn default() -> Self {
        Self { start: Instant::now(), state: Arc::default() }
    }
}

impl VirtualClock {
    /// Returns the virtual time that has passed.
    pub fn passed(&self) -> Duration {
        self.state().passed
    }

    /// Returns the length of each pause, in the order in which the pauses ended.
    pub fn pauses(&self) -> Vec<Duration> {
        self.state().pauses.clone()
    }

    /// Returns the length of each timeout, in the order in which the timeouts were started.
    pub fn limits(&self) -> Vec<Duration> {
        self.state().limits.clone()
    }

    /// Advances the time. Pending timeouts do not end.
    pub fn advance(&self, time: Duration) {
        self.state().passed += time;
    }

    /// Ends the pending timeout that is due first, and advances the time to its end. Does nothing if no timeout is
    /// pending.
    pub fn lapse(&self) {
        let mut state = self.state();
        let Some(next) = state.timeouts.iter_mut().filter(|one| !one.lapsed).min_by_key(|one| one.until) else {
            return;
        };
        next.lapsed = true;
        let (until, waker) = (next.until, next.waker.take());
        state.passed = state.passed.max(until);
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A poisoned lock is accepted. A panic here would hide the panic that poisoned it.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> Instant {
        self.start + self.passed()
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        let until = self.passed() + duration;
        Box::pin(Pause { clock: self.clone(), duration, until, waited: false })
    }

    fn timeout(&self, limit: Duration) -> Sleep {
        let mut state = self.state();
        state.numbers += 1;
        let (number, until) = (state.numbers, state.passed + limit);
        state.limits.push(limit);
        state.timeouts.push(Pending { number, until, lapsed: false, waker: None });
        Box::pin(Timeout { clock: self.clone(), number })
    }
}

struct Pause {
    clock: VirtualClock,
    duration: Duration,
    until: Duration,
    waited: bool,
}

impl Future for Pause {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if !self.waited {
            // Before the time advances, lets other tasks start their pauses at the same virtual time.
            self.waited = true;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        let mut state = self.clock.state();
        state.passed = state.passed.max(self.until);
        state.pauses.push(self.duration);
        Poll::Ready(())
    }
}

struct Timeout {
    clock: VirtualClock,
    number: u64,
}

impl Future for Timeout {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let mut state = self.clock.state();
        match state.timeouts.iter_mut().find(|one| one.number == self.number) {
            Some(own) if !own.lapsed => {
                own.waker = Some(context.waker().clone());
                Poll::Pending
            }
            _ => Poll::Ready(()),
        }
    }
}

impl Drop for Timeout {
    fn drop(&mut self) {
        self.clock.state().timeouts.retain(|one| one.number != self.number);
    }
}
