//! The attempts that a client in the model remembers. The model stores their ages in ticks, and not their times, so
//! that states do not depend on the time at which they are reached. Every change by a call or a resolution uses the
//! runtime's own [`Memory`].

use pagespec_runtime::modeled::{Attempt, Memory};
use std::sync::LazyLock;
use std::time::{Duration, Instant, SystemTime};

pub const TICK: Duration = Duration::from_secs(15);

/// Current time of the model, as an instant and as the time of day. It never changes, because only ages change.
pub static NOW: LazyLock<(Instant, SystemTime)> = LazyLock::new(|| {
    let far = Duration::from_secs(1_800_000_000);
    (Instant::now() + Duration::from_secs(86_400), SystemTime::UNIX_EPOCH + far)
});

/// Returns the time of day `ago` ticks before [`NOW`].
pub fn wall(ago: u8) -> SystemTime {
    NOW.1 - TICK * u32::from(ago)
}

/// State of the runtime's [`Memory`], with ages in ticks instead of times.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Remembered {
    /// Ages of the first and the last attempt.
    pub attempt: Option<(u8, u8)>,
    may_be_answered: bool,
    /// Number of times that resolutions repeated the request.
    pub repeats: u8,
    /// Set if no resolution may send the request any more.
    pub is_called_off: bool,
}

impl Remembered {
    pub fn memory(self) -> Memory {
        let attempt =
            self.attempt.map(|(first, last)| Attempt { first_at: wall(first), last: NOW.0 - TICK * u32::from(last) });
        let Self { may_be_answered, repeats, is_called_off, .. } = self;
        Memory { attempt, may_be_answered, repeats: repeats.into(), is_called_off }
    }

    /// Applies a change to the corresponding [`Memory`], and stores the result as ages.
    pub fn change(&mut self, change: impl FnOnce(&mut Memory)) {
        let mut memory = self.memory();
        change(&mut memory);
        let attempt = memory.attempt.map(|attempt| {
            (ticks(NOW.1.duration_since(attempt.first_at).unwrap()), ticks(NOW.0.duration_since(attempt.last)))
        });
        let Memory { may_be_answered, repeats, is_called_off, .. } = memory;
        *self = Self { attempt, may_be_answered, repeats: u8::try_from(repeats).unwrap(), is_called_off };
    }

    /// Lets one tick pass. The last attempt grows older up to `conclusive` ticks, because a greater age has no effect.
    pub fn age(&mut self, conclusive: u8) {
        self.attempt = self.attempt.map(|(first, last)| (first, (last + 1).min(conclusive)));
    }
}

pub fn ticks(time: Duration) -> u8 {
    u8::try_from(time.as_secs() / TICK.as_secs()).unwrap()
}
