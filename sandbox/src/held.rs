//! Requests that a fault holds between the client and the service. Each request is held until the sandbox's clock
//! reaches a time, or until all held requests are released.

use crate::clock::Clock;
use std::time::{Duration, SystemTime};
use tokio::sync::watch;

#[derive(Clone, Copy, Debug, Default)]
struct HeldState {
    /// Number of times that held requests were released.
    releases: u64,
    /// Number of requests that are held, or that are due and still being carried out.
    held: usize,
    /// Number of released requests that are not carried out yet.
    released: usize,
}

/// Held requests of a sandbox.
#[derive(Debug, Default)]
pub(crate) struct Held(watch::Sender<HeldState>);

/// Guard of a held request, which is dropped once the request is carried out.
#[derive(Debug)]
pub(crate) struct Holding {
    state: watch::Sender<HeldState>,
    releases: u64,
}

impl Held {
    pub(crate) fn count(&self) -> usize {
        self.0.borrow().held
    }

    /// Counts one more held request until the returned guard is dropped.
    pub(crate) fn hold(&self) -> Holding {
        let mut releases = 0;
        self.0.send_modify(|state| {
            state.held += 1;
            releases = state.releases;
        });
        Holding { state: self.0.clone(), releases }
    }

    /// Releases all held requests. Returns their number.
    pub(crate) fn release(&self) -> usize {
        let mut count = 0;
        self.0.send_modify(|state| {
            count = std::mem::take(&mut state.held);
            state.released += count;
            state.releases += 1;
        });
        count
    }

    /// Waits until all released requests are carried out.
    pub(crate) async fn are_carried_out(&self) {
        // This cannot fail, because the sender lives as long as `self`.
        let _ = self.0.subscribe().wait_for(|state| state.released == 0).await;
    }
}

impl Holding {
    /// Waits until held requests are released, or until the sandbox's clock reaches `due`.
    pub(crate) async fn is_over(&self, clock: &Clock, due: Option<SystemTime>) {
        let mut state = self.state.subscribe();
        let released = state.wait_for(|state| state.releases != self.releases);
        match due {
            None => drop(released.await),
            Some(due) => tokio::select! {
                () = clock.until(due) => {}
                _ = released => {}
            },
        }
    }
}

impl Drop for Holding {
    fn drop(&mut self) {
        self.state.send_modify(|state| {
            let own = if state.releases == self.releases { &mut state.held } else { &mut state.released };
            *own = own.saturating_sub(1);
        });
    }
}

/// Returns the due time of a request that is held for this number of seconds, or `None` if it is held until its
/// release.
pub(crate) fn due(now: SystemTime, seconds: Option<u64>) -> Option<SystemTime> {
    seconds.map(|seconds| now + Duration::from_secs(seconds).min(crate::clock::FURTHEST))
}
