//! Settings of a sandbox.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

/// A hosting company of Instant Onboarding. During a rotation of secrets, two entries have the same token.
#[derive(Clone, PartialEq, Eq)]
pub struct Host {
    /// The `Auth-Token` of the company.
    pub token: String,
    /// The client secret of the company.
    pub secret: String,
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Host(..)")
    }
}

impl Host {
    /// Creates a hosting company with this token and secret.
    pub fn new(token: impl Into<String>, secret: impl Into<String>) -> Self {
        Self { token: token.into(), secret: secret.into() }
    }

    /// Returns the hosting company whose token and secret the documentation publishes for tests (section 3.0, agency
    /// code `TestTest`).
    pub fn published() -> Self {
        Self::new(
            "4f18e5c2-de8b-454c-a871-b8f2111134c3",
            "307a52ff0e29cb008a0ceae48ed48ac047a65a621681cbe4832e43fbbb23ce4b",
        )
    }
}

/// Settings of a sandbox.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Port on the loopback addresses. 0 selects a free port.
    pub port: u16,
    /// Times at which an unacknowledged callback is repeated, counted from the first attempt.
    pub callback_schedule: Vec<Duration>,
    /// Allows callbacks to other machines.
    pub callbacks_anywhere: bool,
    /// Trusted certificates for callbacks over https, in PEM, in addition to those of this machine.
    pub callback_certificates: Vec<u8>,
    /// Accepts any certificate of a callback's receiver. Intended for tests on this machine.
    pub danger_accept_any_callback_certificate: bool,
    /// Rejects requests with body members that the operation does not read. The real service ignores such members.
    pub strict: bool,
    /// Accepts keys that look like live keys, each as the key of a simulated live merchant.
    pub pretend_live: bool,
    /// Instant discount of new payments, in percent from 0 to 100.
    pub discount_percent: u8,
    /// Time from the execution of a payment until its money arrives. Until then, the payment is in progress, and the
    /// reply to the execution is an error code that leaves the outcome open.
    pub executions_take: Duration,
    /// Time until a refund is complete. Until then, the refund is in progress.
    pub refunds_take: Duration,
    /// Seed of random faults.
    pub seed: u64,
    /// Hosting companies that may register stores.
    pub hosts: Vec<Host>,
    /// Registers stores with a product that is open before the contract is complete. Only stores with such a product
    /// get the registration callback.
    pub pre_open: bool,
    /// Data file that keeps payments, stores, callbacks and the clock across restarts. No answered request is lost when
    /// the process is killed. On Unix, a new file can be read only by its owner, because it contains test keys.
    pub data: Option<PathBuf>,
}

impl Default for Settings {
    /// Returns the defaults. The sandbox listens on a free port. Callbacks go to this machine only, and are repeated
    /// after 1, 3, 6 and 10 minutes. Executions and refunds are immediate. The published hosting company registers
    /// stores with a pre-open product. All data is in memory.
    fn default() -> Self {
        Self {
            port: 0,
            callback_schedule: [1, 3, 6, 10].map(|minutes| Duration::from_secs(minutes * 60)).into(),
            callbacks_anywhere: false,
            callback_certificates: Vec::new(),
            danger_accept_any_callback_certificate: false,
            strict: false,
            pretend_live: false,
            discount_percent: 0,
            executions_take: Duration::ZERO,
            refunds_take: Duration::ZERO,
            seed: 1,
            hosts: vec![Host::published()],
            pre_open: true,
            data: None,
        }
    }
}
