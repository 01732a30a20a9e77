//! A sandbox of Toss Pay on your own machine: payments live through the documented states, purchasers meet a checkout
//! page, callbacks are sent and sent again, time passes on request, and things go wrong when they are told to.
//!
//! ```
//! use toss_sandbox::{Approval, Sandbox};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let sandbox = Sandbox::start()?;
//! // Point any client at `sandbox.base_url()`, with any key that begins with `sk_test_`; then, as the purchaser:
//! assert!(sandbox.approve("no-such-token", &Approval::toss_money()).is_err());
//! # Ok(())
//! # }
//! ```
//!
//! Requests are read and checked, and answers written, by the same description that the client is generated from.
//! Everything is kept in memory and ends with the process. It listens on the loopback address only and refuses keys
//! that look like live ones.

#![forbid(unsafe_code)]

mod callbacks;
mod clock;
mod control;
mod faults;
mod http;
mod journal;
mod pages;
mod pay;
mod record;
mod settings;
mod world;

pub use callbacks::{Attempt, Delivery};
pub use faults::{Does, Fault};
pub use journal::Entry;
pub use pay::payment::{Approval, Happening, Method};
pub use record::{Record, Refunded};
pub use settings::Settings;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use toss_sdk::pay::PayToken;
use world::World;

/// A running sandbox. It has threads of its own, so that it can be used with and without an async runtime, and stops
/// when it is dropped.
#[derive(Debug)]
pub struct Sandbox {
    world: Arc<World>,
    runtime: Option<tokio::runtime::Runtime>,
}

impl Sandbox {
    /// Starts one with the default settings, on a free port.
    ///
    /// # Errors
    ///
    /// When no port or no thread can be had.
    pub fn start() -> io::Result<Self> {
        Self::with(Settings::default())
    }

    /// Starts one with these settings.
    ///
    /// # Errors
    ///
    /// When the port is taken, or no thread can be had.
    pub fn with(settings: Settings) -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("toss-sandbox")
            .enable_all()
            .build()?;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, settings.port));
        let listener = std::net::TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        let base_url = format!("http://{}", listener.local_addr()?);
        let http = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
        let http = http.build().map_err(io::Error::other)?;
        let world = World::new(settings, base_url, runtime.handle().clone(), http);
        let own = world.clone();
        let entered = runtime.enter();
        let listener = tokio::net::TcpListener::from_std(listener)?;
        drop(entered);
        runtime.spawn(http::listen(listener, own));
        Ok(Self { world, runtime: Some(runtime) })
    }

    /// Where it is: the base URL for a client, the dashboard for a browser.
    pub fn base_url(&self) -> &str {
        &self.world.base_url
    }

    /// The purchaser approves a payment. The value is the address that the browser goes to then.
    ///
    /// # Errors
    ///
    /// In words, when this payment cannot be approved, or not like this.
    pub fn approve(&self, token: impl Into<PayToken>, approval: &Approval) -> Result<String, String> {
        self.world.approve(token.into().as_str(), approval)
    }

    /// The purchaser gives up.
    ///
    /// # Errors
    ///
    /// In words, when it is too late for that.
    pub fn cancel(&self, token: impl Into<PayToken>) -> Result<(), String> {
        self.world.ledger().cancel(self.world.clock.now(), token.into().as_str())
    }

    /// Discounts a payment that nobody has approved yet.
    ///
    /// # Errors
    ///
    /// In words, when it cannot be.
    pub fn discount(&self, token: impl Into<PayToken>, won: i64) -> Result<(), String> {
        self.world.ledger().discount(self.world.clock.now(), token.into().as_str(), won)
    }

    /// Lets time pass: payments expire, callbacks are sent again, refunds complete, a year settles.
    pub fn forward(&self, by: Duration) {
        self.world.clock.forward(by);
    }

    /// Switches a fault on.
    pub fn fault(&self, fault: Fault) {
        self.world.faults().add(fault);
    }

    /// Switches all faults off.
    pub fn clear_faults(&self) {
        self.world.faults().clear();
    }

    /// Every payment as it is now, the oldest first.
    pub fn payments(&self) -> Vec<Record> {
        record::records(&self.world)
    }

    /// The callbacks so far, with their attempts.
    pub fn callbacks(&self) -> Vec<Delivery> {
        self.world.deliveries().clone()
    }

    /// Sends a callback once more; false when there is none with this number.
    pub fn resend_callback(&self, number: usize) -> bool {
        self.world.resend(number)
    }

    /// The latest exchanges, the newest first.
    pub fn journal(&self) -> Vec<Entry> {
        self.world.journal().latest(usize::MAX)
    }

    /// Forgets every payment, callback, fault and exchange. The clock goes on.
    pub fn reset(&self) {
        self.world.reset();
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        // Not waited for: the sandbox may be dropped where waiting is not allowed.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
