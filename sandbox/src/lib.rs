//! Simulator of Toss Pay and Toss Payments Instant Onboarding on your own machine. Payments go through the documented
//! statuses, purchasers get a checkout page, stores register and sign up, and callbacks are sent and repeated. The
//! clock can be advanced, and faults can be switched on.
//!
//! ```
//! use toss_sandbox::{Approval, Sandbox};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let sandbox = Sandbox::start()?;
//! // Point any client at `sandbox.base_url()`, with a key of up to 30 characters that begins with `sk_test_`; then, as
//! // the purchaser:
//! assert!(sandbox.approve("no-such-token", &Approval::toss_money()).is_err());
//! # Ok(())
//! # }
//! ```
//!
//! The sandbox decodes and checks requests and encodes replies with generated code. That code and the client are
//! generated from the same spec. All data is in memory and is lost when the process ends, unless [`Settings::data`]
//! names a file. The sandbox listens on loopback addresses only. By default, it rejects keys that look like live keys.

#![forbid(unsafe_code)]
#![warn(unreachable_pub)]

mod callbacks;
mod clock;
mod connection;
mod control;
mod exchange;
mod faults;
mod held;
mod http;
mod journal;
mod lag;
mod onboarding;
mod pages;
mod pay;
mod redact;
mod response;
mod service;
mod settings;
mod snapshot;
mod state;
mod store;
mod timeline;
mod timeouts;

pub use callbacks::{Attempt, CallbackKind, Delivery};
pub use faults::{Fault, FaultKind, InvalidFault};
pub use journal::Entry;
pub use onboarding::error::StoreError;
pub use onboarding::store::Application;
pub use pay::clerk::ClerkRefund;
pub use pay::error::PaymentError;
pub use pay::payment::{Approval, Method};
pub use settings::{Host, Settings};
pub use snapshot::{PaymentSnapshot, RefundSnapshot, StoreSnapshot};
pub use state::ClockError;
pub use store::{DATA_FILE_READER, WriteError};
pub use timeline::TimelineEvent;

use onboarding::registry::Registry;
use pay::ledger::Ledger;
use state::{Restored, State};
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use toss_sdk::onboarding::{ContractStatus, FeeStatus, Mid, SubmallAuditStatus};
use toss_sdk::pay::PayToken;

/// Running sandbox. It has its own threads, so that it can be used with and without an async runtime. It stops when it
/// is dropped. Methods that change payments or stores also return an error if the data file cannot be written.
#[derive(Debug)]
pub struct Sandbox {
    state: Arc<State>,
    runtime: Option<tokio::runtime::Runtime>,
    notice: Option<String>,
}

impl Sandbox {
    /// Starts a sandbox with the default settings, on a free port.
    ///
    /// # Errors
    ///
    /// Returns an error if no port or no thread is available.
    pub fn start() -> io::Result<Self> {
        Self::with(Settings::default())
    }

    /// Starts a sandbox with these settings.
    ///
    /// # Errors
    ///
    /// Returns an error if the port is taken, if no thread is available, if the callback certificates are invalid, or
    /// if the data file cannot be opened, belongs to another program, or needs a newer sandbox. A damaged data file is
    /// not an error: it is renamed, and [`Sandbox::notice`] reports it.
    pub fn with(settings: Settings) -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("toss-sandbox")
            .enable_all()
            .build()?;
        let listeners = listeners(settings.port)?;
        let address = listeners[0].local_addr()?;
        let sender = callbacks::Sender::new(&settings, address.port())?;
        let (stored, notice) = match &settings.data {
            None => ((store::DataFile::default(), Restored::default()), None),
            Some(path) => {
                let (file, restored, notice) = store::open(path, Restored::read)?;
                ((file, restored), notice)
            }
        };
        let state = State::new(settings, format!("http://{address}"), runtime.handle().clone(), sender, stored);
        let entered = runtime.enter();
        let listeners: io::Result<Vec<_>> = listeners.into_iter().map(tokio::net::TcpListener::from_std).collect();
        drop(entered);
        runtime.spawn(http::listen(listeners?, state.clone()));
        Ok(Self { state, runtime: Some(runtime), notice })
    }

    /// Changes a payment, and blocks this thread until the change is written.
    fn change<T>(
        &self,
        act: impl FnOnce(&mut Ledger, SystemTime) -> Result<T, PaymentError>,
    ) -> Result<T, PaymentError> {
        let made = self.state.change_now(act);
        self.state.all_written().block()?;
        made
    }

    /// Changes a store, and blocks this thread until the change is written.
    fn change_store(
        &self,
        act: impl FnOnce(&mut Registry, SystemTime) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let made = self.state.change_stores_now(act);
        self.state.all_written().block()?;
        made
    }

    /// Returns the base URL for clients, which is also the URL of the dashboard.
    pub fn base_url(&self) -> &str {
        &self.state.base_url
    }

    /// Returns a notice if the data file was damaged and was therefore renamed at the start.
    pub fn notice(&self) -> Option<&str> {
        self.notice.as_deref()
    }

    /// Approves a payment as the purchaser. Returns the URL that the browser goes to.
    ///
    /// # Errors
    ///
    /// Returns an error if the payment cannot be approved, or does not allow this payment method.
    pub fn approve(&self, token: impl Into<PayToken>, approval: &Approval) -> Result<String, PaymentError> {
        let approved = self.state.approve(token.into().as_str(), approval);
        self.state.all_written().block()?;
        approved
    }

    /// Cancels a payment as the purchaser.
    ///
    /// # Errors
    ///
    /// Returns an error if the payment can no longer be canceled.
    pub fn cancel(&self, token: impl Into<PayToken>) -> Result<(), PaymentError> {
        self.change(|ledger, now| ledger.cancel(now, token.into().as_str()).map(drop))
    }

    /// Declines the withdrawal in progress as the bank or the card company. Nothing is paid.
    ///
    /// # Errors
    ///
    /// Returns an error if no withdrawal is in progress.
    pub fn decline(&self, token: impl Into<PayToken>) -> Result<(), PaymentError> {
        self.change(|ledger, now| ledger.decline(now, token.into().as_str()))
    }

    /// Executes a payment as a clerk: a person acting for the merchant outside of the merchant's program, for example
    /// in the back office.
    ///
    /// # Errors
    ///
    /// Returns an error if the payment cannot be executed, or if its money arrives later because of
    /// [`Settings::executions_take`]. The error usually contains the service's error code and message.
    pub fn execute_as_clerk(&self, token: impl Into<PayToken>) -> Result<(), PaymentError> {
        self.change(|ledger, now| ledger.execute_as_clerk(now, token.into().as_str()))
    }

    /// Refunds a payment as a clerk: a person acting for the merchant outside of the merchant's program, for example in
    /// the back office.
    ///
    /// # Errors
    ///
    /// Returns an error if this refund is not possible. The error usually contains the service's error code and
    /// message.
    pub fn refund_as_clerk(&self, token: impl Into<PayToken>, refund: &ClerkRefund) -> Result<(), PaymentError> {
        self.change(|ledger, now| ledger.refund_as_clerk(now, token.into().as_str(), refund))
    }

    /// Completes the refund of a payment that is in `REFUND_PROGRESS`.
    ///
    /// # Errors
    ///
    /// Returns an error with the payment's status if no refund is in progress.
    pub fn complete_refund(&self, token: impl Into<PayToken>) -> Result<(), PaymentError> {
        self.change(|ledger, now| ledger.complete_refund(now, token.into().as_str()))
    }

    /// Returns the number of requests that [`FaultKind::Hold`] holds at present.
    pub fn held_requests(&self) -> usize {
        self.state.held.count()
    }

    /// Releases the requests that [`FaultKind::Hold`] holds. Returns their number once they are carried out.
    pub fn release_held_requests(&self) -> usize {
        let count = self.state.held.release();
        store::block_on(self.state.held.are_carried_out());
        count
    }

    /// Discounts a payment with the status `PAY_STANDBY`.
    ///
    /// # Errors
    ///
    /// Returns an error if the payment has another status, or if the discount is negative or exceeds the payment's
    /// price.
    pub fn discount(&self, token: impl Into<PayToken>, won: i64) -> Result<(), PaymentError> {
        self.change(|ledger, now| ledger.discount(now, token.into().as_str(), won))
    }

    /// Settles a payment now, instead of a year after it was paid.
    ///
    /// # Errors
    ///
    /// Returns an error if the payment is not paid, has a refund in progress, or was already settled.
    pub fn settle(&self, token: impl Into<PayToken>) -> Result<(), PaymentError> {
        self.change(|ledger, now| ledger.settle(now, token.into().as_str()))
    }

    /// Submits a store's application as the customer. The first submission pays the fee and requests the reviews of the
    /// card companies. With [`Settings::pre_open`], each submission sends the registration callback, if the store has a
    /// URL for it.
    ///
    /// # Errors
    ///
    /// Returns an error if there is no such store, its application can no longer be changed, or the application has no
    /// business name.
    pub fn submit(&self, mid: impl Into<Mid>, application: &Application) -> Result<(), StoreError> {
        let pre_open = self.state.settings.pre_open;
        self.change_store(|registry, now| registry.submit(now, mid.into().as_str(), application.clone(), pre_open))
    }

    /// Completes, cancels or terminates a store's contract.
    ///
    /// # Errors
    ///
    /// Returns an error if there is no such store, or its contract cannot get this status.
    pub fn contract(&self, mid: impl Into<Mid>, status: &ContractStatus) -> Result<(), StoreError> {
        self.change_store(|registry, now| registry.contract(now, mid.into().as_str(), status))
    }

    /// Sets the status of a card company's review of a store, or of all nine reviews if no company is named. Companies
    /// are named as in the API, for example `bc`. The first time that all reviews are over, the card audit callback is
    /// sent, if the store has a URL for it.
    ///
    /// # Errors
    ///
    /// Returns an error if there is no such store or company, or the application was not submitted.
    pub fn review(
        &self,
        mid: impl Into<Mid>,
        company: Option<&str>,
        status: &SubmallAuditStatus,
    ) -> Result<(), StoreError> {
        self.change_store(|registry, now| registry.review(now, mid.into().as_str(), company, status))
    }

    /// Sets the status of a store's fee.
    ///
    /// # Errors
    ///
    /// Returns an error if there is no such store.
    pub fn fee(&self, mid: impl Into<Mid>, status: FeeStatus) -> Result<(), StoreError> {
        self.change_store(|registry, now| registry.fee(now, mid.into().as_str(), status))
    }

    /// Requests a correction of a store's application.
    ///
    /// # Errors
    ///
    /// Returns an error if there is no such store, or if its contract does not have the status `wait_for_review`.
    pub fn ask_to_modify(&self, mid: impl Into<Mid>) -> Result<(), StoreError> {
        self.change_store(|registry, now| registry.ask_to_modify(now, mid.into().as_str()))
    }

    /// Returns the current state of all stores, the oldest first.
    pub fn stores(&self) -> Vec<StoreSnapshot> {
        snapshot::stores(&self.state)
    }

    /// Advances the clock. Payments expire, callbacks are repeated, refunds complete, payments settle after a year, and
    /// sessions end.
    ///
    /// # Errors
    ///
    /// Returns an error if the clock would be more than a century ahead. The clock is then not advanced.
    ///
    /// Also returns an error if the data file cannot be written. The clock is then advanced, but a restart would set it
    /// back.
    pub fn forward(&self, by: Duration) -> Result<(), ClockError> {
        let moved = self.state.forward(by);
        self.state.all_written().block()?;
        moved
    }

    /// Switches a fault on.
    ///
    /// # Errors
    ///
    /// Returns an error if the fault cannot take effect as intended, for example because the operation does not exist
    /// or the probability is above 1.
    pub fn fault(&self, fault: Fault) -> Result<(), InvalidFault> {
        self.state.faults().add(self.state.clock.now(), fault)
    }

    /// Returns the faults that took effect, up to the first 10,000. If they are switched on in a new sandbox, they hit
    /// the same calls again.
    pub fn struck_faults(&self) -> Vec<Fault> {
        self.state.journal().struck()
    }

    /// Switches all faults off.
    pub fn clear_faults(&self) {
        self.state.faults().clear();
    }

    /// Returns the current state of all payments, the oldest first.
    pub fn payments(&self) -> Vec<PaymentSnapshot> {
        snapshot::payments(&self.state)
    }

    /// Returns the callbacks so far, with their attempts.
    pub fn callbacks(&self) -> Vec<Delivery> {
        self.state.callbacks.list().clone()
    }

    /// Sends a callback again. Returns `false` if there is no callback with this number.
    pub fn resend_callback(&self, number: usize) -> bool {
        self.state.callbacks.resend(number)
    }

    /// Returns the latest exchanges, the newest first.
    pub fn journal(&self) -> Vec<Entry> {
        self.state.journal().latest(usize::MAX)
    }

    /// Deletes every payment, store, callback, fault and exchange. The clock's offset stays.
    ///
    /// # Errors
    ///
    /// Returns an error if the data file cannot be written. In that case, everything is deleted in memory, but a
    /// restart would restore it.
    pub fn reset(&self) -> Result<(), WriteError> {
        self.state.reset();
        self.state.all_written().block()
    }
}

/// Number of attempts to find a port that is free for IPv4 and IPv6.
const PORTS: usize = 16;

/// Listens on the loopback addresses of IPv4 and, if available, IPv6, because `localhost` may mean either.
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
        // Does not wait for tasks, because the sandbox may be dropped in an async context, where blocking is not
        // allowed.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
        // Tasks may still refer to the state. The data file is closed explicitly, so that another sandbox can open it.
        self.state.close();
    }
}
