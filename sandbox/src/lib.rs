//! A sandbox of Toss Pay and Toss Payments Instant Onboarding on your own machine: payments live through the documented
//! states, purchasers meet a checkout page, stores are registered and sign up, callbacks are sent and sent again, time
//! passes on request, and things go wrong when they are told to.
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
//! Everything is kept in memory and ends with the process, unless [`Settings::data`] names a file. It listens on the
//! loopback address only and refuses keys that look like live ones.

#![forbid(unsafe_code)]

mod callbacks;
mod clock;
mod control;
mod datafile;
mod exchange;
mod faults;
mod held;
mod http;
mod journal;
mod keep;
mod lag;
mod line;
mod onboarding;
mod pages;
mod patience;
mod pay;
mod record;
mod redact;
mod restore;
mod settings;
mod world;
mod written;

pub use callbacks::{Attempt, Delivery, Telling};
pub use datafile::DATA_FILE_READER;
pub use faults::{Does, Fault};
pub use journal::Entry;
pub use onboarding::registry::Application;
pub use pay::clerk::ClerkRefund;
pub use pay::payment::{Approval, Happening, Method};
pub use record::{Record, Refunded, StoreRecord};
pub use settings::{Host, Settings};

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::Arc;
use std::time::Duration;
use toss_sdk::onboarding::{ContractStatus, FeeStatus, Mid, SubmallAuditStatus};
use toss_sdk::pay::PayToken;
use world::World;

/// A running sandbox. It has threads of its own, so that it can be used with and without an async runtime, and stops
/// when it is dropped.
#[derive(Debug)]
pub struct Sandbox {
    world: Arc<World>,
    runtime: Option<tokio::runtime::Runtime>,
    notice: Option<String>,
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
    /// When the port is taken, no thread can be had, or the data file cannot be opened or is none of a sandbox's. One that
    /// is damaged is put aside and [told](Self::notice).
    pub fn with(settings: Settings) -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("toss-sandbox")
            .enable_all()
            .build()?;
        let listeners = listeners(settings.port)?;
        let base_url = format!("http://{}", listeners[0].local_addr()?);
        let http = callbacks::client(&settings)?;
        let (kept, notice) = match &settings.data {
            None => ((None, restore::Restored::default()), None),
            Some(path) => {
                let (keeper, restored, notice) = datafile::open(path, restore::Restored::read)?;
                ((Some(keeper), restored), notice)
            }
        };
        let world = World::new(settings, base_url, runtime.handle().clone(), http, kept);
        let own = world.clone();
        let entered = runtime.enter();
        let listeners: io::Result<Vec<_>> = listeners.into_iter().map(tokio::net::TcpListener::from_std).collect();
        drop(entered);
        runtime.spawn(http::listen(listeners?, own));
        Ok(Self { world, runtime: Some(runtime), notice })
    }

    /// Waits until a change is kept. Blocks this thread for as long as a disk takes.
    fn kept<T>(&self, made: Result<T, String>) -> Result<T, String> {
        self.world.all_kept().wait_here().and(made)
    }

    /// Where it is: the base URL for a client, the dashboard for a browser.
    pub fn base_url(&self) -> &str {
        &self.world.base_url
    }

    /// What has to be told about the start: that a damaged data file was put aside, and where.
    pub fn notice(&self) -> Option<&str> {
        self.notice.as_deref()
    }

    /// The purchaser approves a payment. The value is the address that the browser goes to then.
    ///
    /// # Errors
    ///
    /// In words, when this payment cannot be approved, or not like this.
    pub fn approve(&self, token: impl Into<PayToken>, approval: &Approval) -> Result<String, String> {
        self.kept(self.world.approve(token.into().as_str(), approval).map_err(|why| why.to_string()))
    }

    /// The purchaser gives up.
    ///
    /// # Errors
    ///
    /// In words, when it is too late for that.
    pub fn cancel(&self, token: impl Into<PayToken>) -> Result<(), String> {
        let canceled = self.world.change_here(|ledger, now| ledger.cancel(now, token.into().as_str()));
        self.kept(canceled.map_err(|why| why.to_string()))
    }

    /// The bank or the card company does not let the money of an execution that is under way go: nothing is paid.
    ///
    /// # Errors
    ///
    /// In words, when no money is on its way.
    pub fn decline(&self, token: impl Into<PayToken>) -> Result<(), String> {
        self.kept(self.world.change_here(|ledger, now| ledger.decline(now, token.into().as_str())))
    }

    /// A second clerk of the same merchant executes a payment, past the merchant's program.
    ///
    /// # Errors
    ///
    /// Returns the service's code and message if the payment cannot be executed.
    pub fn execute_as_clerk(&self, token: impl Into<PayToken>) -> Result<(), String> {
        self.kept(self.world.change_here(|ledger, now| ledger.execute_as_clerk(now, token.into().as_str())))
    }

    /// A second clerk of the same merchant refunds a payment, past the merchant's program.
    ///
    /// # Errors
    ///
    /// Returns the service's code and message if this refund is not possible.
    pub fn refund_as_clerk(&self, token: impl Into<PayToken>, refund: &ClerkRefund) -> Result<(), String> {
        self.kept(self.world.change_here(|ledger, now| ledger.refund_as_clerk(now, token.into().as_str(), refund)))
    }

    /// Completes the refund of a payment that is in `REFUND_PROGRESS`.
    ///
    /// # Errors
    ///
    /// Returns the payment's state if no refund is in progress.
    pub fn complete_refund(&self, token: impl Into<PayToken>) -> Result<(), String> {
        self.kept(self.world.change_here(|ledger, now| ledger.complete_refund(now, token.into().as_str())))
    }

    /// Number of requests that [`Does::Hold`] holds at present.
    pub fn held_requests(&self) -> usize {
        self.world.held.count()
    }

    /// Releases the requests that [`Does::Hold`] holds, and returns their number once they are carried out.
    pub fn release_held_requests(&self) -> usize {
        let count = self.world.held.release();
        keep::wait_here(self.world.held.are_carried_out());
        count
    }

    /// Discounts a payment that nobody has approved yet.
    ///
    /// # Errors
    ///
    /// In words, when it cannot be.
    pub fn discount(&self, token: impl Into<PayToken>, won: i64) -> Result<(), String> {
        self.kept(self.world.change_here(|ledger, now| ledger.discount(now, token.into().as_str(), won)))
    }

    /// Settles a payment before its year is over.
    ///
    /// # Errors
    ///
    /// In words, when there is nothing to settle.
    pub fn settle(&self, token: impl Into<PayToken>) -> Result<(), String> {
        self.kept(self.world.change_here(|ledger, now| ledger.settle(now, token.into().as_str())))
    }

    /// The customer hands in a store's application: the fee is paid, the card companies are asked, and with a pre-open
    /// product the registration callback is sent.
    ///
    /// # Errors
    ///
    /// In words, when there is no such store or it is too late.
    pub fn submit(&self, mid: impl Into<Mid>, application: &Application) -> Result<(), String> {
        let pre_open = self.world.settings.pre_open;
        let submit = |registry: &mut onboarding::registry::Registry, now| {
            registry.submit(now, mid.into().as_str(), application.clone(), pre_open)
        };
        self.kept(self.world.change_stores_here(submit))
    }

    /// A store's contract is completed, cancelled or ended.
    ///
    /// # Errors
    ///
    /// In words, when there is no such store or its contract does not go on like this.
    pub fn contract(&self, mid: impl Into<Mid>, status: &ContractStatus) -> Result<(), String> {
        self.kept(self.world.change_stores_here(|registry, now| registry.contract(now, mid.into().as_str(), status)))
    }

    /// A card company's review of a store comes to something; of all nine companies, when none is named. They are called
    /// as on the wire: `bc`, `samsung`. After the last one the card audit callback is sent.
    ///
    /// # Errors
    ///
    /// In words, when there is no such store or company.
    pub fn review(
        &self,
        mid: impl Into<Mid>,
        company: Option<&str>,
        status: &SubmallAuditStatus,
    ) -> Result<(), String> {
        self.kept(
            self.world.change_stores_here(|registry, now| registry.review(now, mid.into().as_str(), company, status)),
        )
    }

    /// A store's fee is paid, owed or waived.
    ///
    /// # Errors
    ///
    /// In words, when there is no such store.
    pub fn fee(&self, mid: impl Into<Mid>, status: FeeStatus) -> Result<(), String> {
        self.kept(self.world.change_stores_here(|registry, now| registry.fee(now, mid.into().as_str(), status)))
    }

    /// A correction of a store's application is asked for.
    ///
    /// # Errors
    ///
    /// In words, when there is no such store or nothing was handed in.
    pub fn ask_to_modify(&self, mid: impl Into<Mid>) -> Result<(), String> {
        self.kept(self.world.change_stores_here(|registry, now| registry.ask_to_modify(now, mid.into().as_str())))
    }

    /// Every store as it is now, the oldest first.
    pub fn stores(&self) -> Vec<StoreRecord> {
        record::stores(&self.world)
    }

    /// Lets time pass: payments expire, callbacks are sent again, refunds complete, a year settles, sessions end.
    ///
    /// # Errors
    ///
    /// Returns the reason if that would be more than a century in all, which changes nothing, or if the data file cannot
    /// be written: time has passed then, and a restart would set it back.
    pub fn forward(&self, by: Duration) -> Result<(), String> {
        self.kept(self.world.forward_checked(by))
    }

    /// Switches a fault on.
    ///
    /// # Errors
    ///
    /// In words, when it could never hit as it is meant to: an operation that does not exist, a likelihood above 1.
    pub fn fault(&self, fault: Fault) -> Result<(), String> {
        self.world.faults().add(self.world.clock.now(), fault)
    }

    /// What hit which call since the start, as faults that do the same again: give them to a sandbox that has just been
    /// started, and make the same calls.
    pub fn struck_faults(&self) -> Vec<Fault> {
        self.world.journal().struck()
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

    /// Forgets every payment, store, callback, fault and exchange. The clock goes on.
    ///
    /// # Errors
    ///
    /// Returns the reason if the data file cannot be written: everything is forgotten then, and would be there again after
    /// a restart.
    pub fn reset(&self) -> Result<(), String> {
        self.world.reset();
        self.kept(Ok(()))
    }
}

/// How often a free port is looked for that both notations of this machine have.
const PORTS: usize = 16;

/// Listens on the loopback addresses of IPv4 and, where this machine has it, IPv6: `localhost` may mean either.
fn listeners(port: u16) -> io::Result<Vec<std::net::TcpListener>> {
    let mut tries = if port == 0 { PORTS } else { 1 };
    loop {
        let first = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        let second = std::net::TcpListener::bind((Ipv6Addr::LOCALHOST, first.local_addr()?.port()));
        tries -= 1;
        let listeners = match second {
            Ok(second) => vec![first, second],
            Err(error) if error.kind() == io::ErrorKind::AddrInUse && tries > 0 => continue,
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => return Err(error),
            Err(_) => vec![first],
        };
        listeners.iter().try_for_each(|listener| listener.set_nonblocking(true))?;
        return Ok(listeners);
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        // Not waited for: the sandbox may be dropped where waiting is not allowed.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
        // Its tasks may still hold the world; the data file is free at once, for the next sandbox.
        self.world.close();
    }
}
