//! What can be chosen when a sandbox starts.

use std::time::Duration;

/// How a sandbox behaves.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The port on the loopback address; 0 for any that is free.
    pub port: u16,
    /// When a callback that was not taken is sent again, counted from the first time.
    pub callback_schedule: Vec<Duration>,
    /// Whether callbacks may go to other machines.
    pub callbacks_anywhere: bool,
    /// Whether keys that look like live ones are taken, as pretended live merchants.
    pub pretend_live: bool,
    /// The instant discount of new payments, in percent from 0 to 100.
    pub discount_percent: u8,
    /// How long a refund takes; until then it can be seen in progress.
    pub refunds_take: Duration,
    /// What faults by chance are drawn with.
    pub seed: u64,
}

impl Default for Settings {
    /// Any free port, callbacks to this machine only and again after 1, 3, 6 and 10 minutes, refunds at once.
    fn default() -> Self {
        Self {
            port: 0,
            callback_schedule: [1, 3, 6, 10].map(|minutes| Duration::from_secs(minutes * 60)).into(),
            callbacks_anywhere: false,
            pretend_live: false,
            discount_percent: 0,
            refunds_take: Duration::ZERO,
            seed: 1,
        }
    }
}
