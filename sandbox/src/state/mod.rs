//! Shared state of one sandbox. Locks are never held across an await point.
//!
//! While a lock is held, changes are queued for the data file in their order. The writes are awaited without the lock.
//! Every answer, including the answer to a query, waits for all earlier changes, so that no answered request is lost.

mod restore;

pub(crate) use restore::Restored;

use crate::callbacks::{Callbacks, Message, Sender};
use crate::clock::{Clock, FURTHEST, kst};
use crate::faults::Faults;
use crate::held::Held;
use crate::journal::Journal;
use crate::onboarding::registry::Registry;
use crate::pay::error::PaymentError;
use crate::pay::ledger::Ledger;
use crate::pay::payment::{Approval, Payment};
use crate::pay::replies;
use crate::pay::stored::StoredPayment;
use crate::settings::Settings;
use crate::store::{Changes, DataFile, PendingWrite, Table, WriteError};
use restore::Counters;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, SystemTime};
use tokio::runtime::Handle;
use tokio::sync::Semaphore;

/// Largest number of connections at a time. Further connections wait.
pub(crate) const CONNECTIONS: usize = 1_024;

pub(crate) struct State {
    pub settings: Settings,
    pub base_url: String,
    pub clock: Arc<Clock>,
    /// Secret for the tokens in forms, so that pages of other sites cannot send these forms.
    pub csrf_secret: String,
    ledger: Mutex<Ledger>,
    registry: Mutex<Registry>,
    faults: Mutex<Faults>,
    /// Set if there may be faults. The flag is checked before `faults` is locked, so that calls without faults take no
    /// lock.
    has_faults: AtomicBool,
    journal: Mutex<Journal>,
    pub callbacks: Arc<Callbacks>,
    file: DataFile,
    /// Permits for calls that stall.
    pub stalls: Semaphore,
    /// Requests that faults hold.
    pub held: Held,
    runtime: Handle,
    this: Weak<Self>,
}

/// Shows only the address, because the state contains the keys of merchants.
impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("State").field("base_url", &self.base_url).finish_non_exhaustive()
    }
}

/// Error of advancing the clock.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClockError {
    /// The clock would be more than a century ahead. Contains the largest possible number of seconds.
    TooFar(u64),
    /// The clock was advanced, but its offset cannot be written to the data file.
    NotWritten(WriteError),
}

impl fmt::Display for ClockError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooFar(most) => write!(f, "the clock can advance by at most {most} s, to a century ahead"),
            Self::NotWritten(why) => why.fmt(f),
        }
    }
}

impl std::error::Error for ClockError {}

impl From<WriteError> for ClockError {
    fn from(why: WriteError) -> Self {
        Self::NotWritten(why)
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // After a panic, the state is still consistent, because all steps that can fail come before the changes.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl State {
    pub(crate) fn new(
        settings: Settings,
        base_url: String,
        runtime: Handle,
        sender: Sender,
        (file, restored): (DataFile, Restored),
    ) -> Arc<Self> {
        let Restored { payments, stores, deliveries, counters, clock_offset } = restored;
        let mut ledger = empty_ledger(&settings);
        ledger.restore(payments, counters.names);
        let mut registry = Registry::default();
        registry.restore(stores, counters.stores);
        let clock = Arc::new(Clock::new(clock_offset));
        let schedule = settings.callback_schedule.clone();
        let callbacks = Callbacks::start(deliveries, schedule, sender, clock.clone(), file.clone(), runtime.clone());
        let state = Arc::new_cyclic(|this| Self {
            ledger: Mutex::new(ledger),
            registry: Mutex::new(registry),
            faults: Mutex::new(Faults::new(settings.seed)),
            has_faults: AtomicBool::new(false),
            journal: Mutex::default(),
            callbacks,
            file,
            stalls: Semaphore::new(CONNECTIONS / 2),
            held: Held::default(),
            clock,
            csrf_secret: toss_sdk::runtime::uuid_text(),
            settings,
            base_url,
            runtime,
            this: this.clone(),
        });
        let ledger = locked(&state.ledger);
        ledger.withdrawing().for_each(|payment| state.await_withdrawal(payment));
        drop(ledger);
        state
    }

    /// Writes every change and closes the data file.
    pub(crate) fn close(&self) {
        self.file.close();
    }

    pub(crate) fn faults(&self) -> MutexGuard<'_, Faults> {
        let faults = locked(&self.faults);
        // The flag is set in advance, because the caller may switch a fault on.
        self.has_faults.store(true, Ordering::Release);
        faults
    }

    /// Returns the faults, or `None` if no fault is switched on.
    pub(crate) fn active_faults(&self) -> Option<MutexGuard<'_, Faults>> {
        if !self.has_faults.load(Ordering::Acquire) {
            return None;
        }
        let faults = locked(&self.faults);
        // No fault can be switched on while the faults are locked.
        self.has_faults.store(!faults.is_empty(), Ordering::Release);
        Some(faults).filter(|faults| !faults.is_empty())
    }

    pub(crate) fn journal(&self) -> MutexGuard<'_, Journal> {
        locked(&self.journal)
    }

    /// Returns the time in the notation of the services.
    pub(crate) fn time(&self) -> String {
        kst(self.clock.now()).to_string()
    }

    /// Completes a payment when its withdrawal is due, so that the callback is sent in time.
    fn await_withdrawal(&self, payment: &Payment) {
        let Some((due, _)) = payment.withdrawal else { return };
        let (Some(state), token) = (self.this.upgrade(), payment.token.clone()) else { return };
        self.runtime.spawn(async move {
            state.clock.until(due).await;
            // If this cannot be written, the payment is completed again after the next start.
            let _ = state.change(|ledger, now| ledger.at(now, &token).map(drop)).await;
        });
    }

    /// Changes or reads payments, and waits until the changes are written.
    ///
    /// # Errors
    ///
    /// Returns an error if the changes cannot be written.
    pub(crate) async fn change<T>(&self, act: impl FnOnce(&mut Ledger, SystemTime) -> T) -> Result<T, WriteError> {
        let (value, pending) = self.begin(act);
        pending.wait().await.map(|()| value)
    }

    /// Changes or reads payments without waiting. Callers wait for [`Self::all_written`] before they answer.
    pub(crate) fn change_now<T>(&self, act: impl FnOnce(&mut Ledger, SystemTime) -> T) -> T {
        self.begin(act).0
    }

    fn begin<T>(&self, act: impl FnOnce(&mut Ledger, SystemTime) -> T) -> (T, PendingWrite) {
        let mut ledger = locked(&self.ledger);
        let now = self.clock.now();
        let (value, change) = ledger.change(|ledger| act(ledger, now));
        change.payments.iter().filter_map(|place| ledger.payment(*place)).for_each(|own| self.await_withdrawal(own));
        let completed = change.completed.iter().filter_map(|place| ledger.payment(*place));
        let messages = completed.filter_map(|payment| replies::callback(payment, &self.base_url)).collect();
        let pending = self.write(now, messages, |changes| {
            for place in &change.payments {
                if let Some(payment) = ledger.payment(*place) {
                    changes.put(Table::Payments, *place as u64, &StoredPayment::from(payment));
                }
            }
            if !change.payments.is_empty() {
                changes.put(Table::Counters, Counters::NAMES, &ledger.made());
            }
        });
        (value, pending)
    }

    /// Changes or reads stores, and waits until the changes are written.
    ///
    /// # Errors
    ///
    /// Returns an error if the changes cannot be written.
    pub(crate) async fn change_stores<T>(
        &self,
        act: impl FnOnce(&mut Registry, SystemTime) -> T,
    ) -> Result<T, WriteError> {
        let (value, pending) = self.begin_stores(act);
        pending.wait().await.map(|()| value)
    }

    /// Changes or reads stores without waiting. Callers wait for [`Self::all_written`] before they answer.
    pub(crate) fn change_stores_now<T>(&self, act: impl FnOnce(&mut Registry, SystemTime) -> T) -> T {
        self.begin_stores(act).0
    }

    fn begin_stores<T>(&self, act: impl FnOnce(&mut Registry, SystemTime) -> T) -> (T, PendingWrite) {
        let mut registry = locked(&self.registry);
        let now = self.clock.now();
        let (value, change) = registry.change(now, |registry| act(registry, now));
        let pending = self.write(now, change.messages, |changes| {
            for number in &change.stores {
                match registry.numbered(*number) {
                    Some(store) => changes.put(Table::Stores, *number, &store.stored()),
                    None => changes.remove(Table::Stores, *number),
                }
            }
            if !change.stores.is_empty() {
                changes.put(Table::Counters, Counters::STORES, &registry.made());
            }
        });
        (value, pending)
    }

    /// Reads stores without bringing them up to date.
    pub(crate) fn read_stores<T>(&self, look: impl FnOnce(&Registry, SystemTime) -> T) -> T {
        look(&locked(&self.registry), self.clock.now())
    }

    /// Returns a handle for waiting until all changes so far are written.
    pub(crate) fn all_written(&self) -> PendingWrite {
        self.file.write(Changes::default())
    }

    /// Queues changes along with the callbacks that they cause.
    fn write(&self, now: SystemTime, messages: Vec<Message>, put: impl FnOnce(&mut Changes)) -> PendingWrite {
        let mut changes = Changes::default();
        if !self.file.is_none() {
            put(&mut changes);
        }
        self.callbacks.write(now, messages, changes)
    }

    /// Approves a payment as the purchaser. Returns the URL that the browser goes to.
    pub(crate) fn approve(&self, token: &str, approval: &Approval) -> Result<String, PaymentError> {
        self.change_now(|ledger, now| ledger.approve(now, token, approval).map(replies::return_url))
    }

    /// Advances the clock.
    ///
    /// # Errors
    ///
    /// Returns an error if the clock cannot be advanced so far.
    pub(crate) fn forward(&self, by: Duration) -> Result<(), ClockError> {
        let most = self.clock.most();
        if by > most {
            return Err(ClockError::TooFar(most.as_secs()));
        }
        self.clock.forward(by, |offset| {
            let mut changes = Changes::default();
            changes.put(Table::Clock, 0, &offset);
            self.file.write(changes)
        });
        Ok(())
    }

    /// Deletes every payment, store, callback, fault and exchange. The clock's offset stays.
    pub(crate) fn reset(&self) {
        {
            let (mut ledger, mut registry) = (locked(&self.ledger), locked(&self.registry));
            *ledger = empty_ledger(&self.settings);
            *registry = Registry::default();
            self.callbacks.reset();
        }
        *self.faults() = Faults::new(self.settings.seed);
        *self.journal() = Journal::default();
        self.held.release();
    }
}

fn empty_ledger(settings: &Settings) -> Ledger {
    let mut ledger = Ledger::default();
    ledger.discount_percent = i64::from(settings.discount_percent.min(100));
    // Longer durations would lead to times that cannot be written.
    ledger.executions_take = settings.executions_take.min(FURTHEST);
    ledger.refunds_take = settings.refunds_take.min(FURTHEST);
    ledger
}
