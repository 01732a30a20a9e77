//! The state of a sandbox for one call to a service.

use crate::lag::Lag;
use crate::redact;
use crate::state::State;
use std::sync::OnceLock;
use toss_sdk::runtime::Caller;

/// Largest number of ignored members shown for a request.
const MOST_IGNORED: usize = 32;

/// State for one call to a service: the current state, or the earlier state of a lagging replica.
#[derive(Debug)]
pub(super) struct View<'a> {
    pub state: &'a State,
    /// Lag of the replica that answers queries. `None` if queries show the current state.
    pub lag: Option<Lag>,
    /// Members of the request's body that the operation does not read.
    ignored: OnceLock<Vec<String>>,
}

impl<'a> View<'a> {
    pub(super) fn new(state: &'a State, lag: Option<Lag>) -> Self {
        Self { state, lag, ignored: OnceLock::new() }
    }

    /// Records the members that the operation does not read.
    ///
    /// # Errors
    ///
    /// Returns an error with the names of these members, if there are any and the sandbox is strict.
    pub(super) fn note_ignored(&self, caller: &Caller) -> Result<(), IgnoredMembers> {
        let ignored = caller.ignored();
        if ignored.is_empty() {
            return Ok(());
        }
        let shown = ignored.iter().take(MOST_IGNORED).map(|name| redact::masked(name)).collect();
        let shown = self.ignored.get_or_init(|| shown);
        if self.state.settings.strict { Err(IgnoredMembers(shown.join(", "))) } else { Ok(()) }
    }

    pub(super) fn into_ignored(self) -> Vec<String> {
        self.ignored.into_inner().unwrap_or_default()
    }
}

/// Error of a strict sandbox for members that the operation does not read.
#[derive(Debug)]
pub(super) struct IgnoredMembers(String);

impl std::fmt::Display for IgnoredMembers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: no such member", self.0)
    }
}
