//! Everything that one sandbox holds, behind locks that are never held while something is waited for.

use crate::callbacks::{Delivery, deliver};
use crate::clock::{Clock, kst};
use crate::faults::Faults;
use crate::journal::Journal;
use crate::pay::ledger::Ledger;
use crate::pay::payment::{Approval, Payment};
use crate::pay::replies;
use crate::settings::Settings;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use tokio::runtime::Handle;
use toss_sdk::pay::CallbackVersion;

/// The world of a sandbox.
#[derive(Debug)]
pub(crate) struct World {
    pub settings: Settings,
    pub base_url: String,
    pub clock: Clock,
    pub http: reqwest::Client,
    /// What forms are sealed with, so that no other page can send them.
    pub seal: String,
    ledger: Mutex<Ledger>,
    faults: Mutex<Faults>,
    journal: Mutex<Journal>,
    deliveries: Mutex<Vec<Delivery>>,
    runtime: Handle,
    this: Weak<Self>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A panic cannot leave half a change: changes are made after everything that can fail.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl World {
    pub(crate) fn new(settings: Settings, base_url: String, runtime: Handle, http: reqwest::Client) -> Arc<Self> {
        Arc::new_cyclic(|this| Self {
            ledger: Mutex::new(empty(&settings)),
            faults: Mutex::new(Faults::new(settings.seed)),
            journal: Mutex::default(),
            deliveries: Mutex::default(),
            clock: Clock::new(),
            seal: toss_sdk::pay::RefundNo::random().as_str().to_owned(),
            http,
            settings,
            base_url,
            runtime,
            this: this.clone(),
        })
    }

    pub(crate) fn ledger(&self) -> MutexGuard<'_, Ledger> {
        locked(&self.ledger)
    }

    pub(crate) fn faults(&self) -> MutexGuard<'_, Faults> {
        locked(&self.faults)
    }

    pub(crate) fn journal(&self) -> MutexGuard<'_, Journal> {
        locked(&self.journal)
    }

    pub(crate) fn deliveries(&self) -> MutexGuard<'_, Vec<Delivery>> {
        locked(&self.deliveries)
    }

    /// Now, as the service writes it.
    pub(crate) fn time(&self) -> String {
        kst(self.clock.now()).to_string()
    }

    /// The purchaser pays. The value is where the browser goes then.
    pub(crate) fn approve(&self, token: &str, approval: &Approval) -> Result<String, String> {
        let (executed, payment) = {
            let mut ledger = self.ledger();
            let now = self.clock.now();
            let executed = ledger.approve(now, token, approval)?;
            (executed, ledger.at(now, token).cloned())
        };
        let payment = payment.ok_or("there is no such payment")?;
        if executed {
            self.announce(&payment);
        }
        Ok(replies::return_url(&payment))
    }

    /// Begins to send a completed payment's callback, if the merchant wants one.
    pub(crate) fn announce(&self, payment: &Payment) {
        let (Some(url), Some(world)) = (payment.request.result_callback(), self.this.upgrade()) else { return };
        let first = payment.request.callback_version() != Some(CallbackVersion::V2);
        let message = replies::callback(payment, first, &self.base_url);
        let body = if first { message.to_form() } else { message.to_json() };
        let number = {
            let mut deliveries = self.deliveries();
            let number = deliveries.len() + 1;
            deliveries.push(Delivery::new(number, &payment.token, url, first, body));
            number - 1
        };
        self.runtime.spawn(deliver(world, number));
    }

    /// Sends a callback once more, now.
    pub(crate) fn resend(&self, number: usize) -> bool {
        let Some(world) = self.this.upgrade() else { return false };
        let is_known = number > 0 && number <= self.deliveries().len();
        if is_known {
            self.runtime.spawn(async move { crate::callbacks::send(&world, number - 1).await });
        }
        is_known
    }

    /// Forgets every payment, callback, fault and exchange. The clock goes on.
    pub(crate) fn reset(&self) {
        *self.ledger() = empty(&self.settings);
        *self.faults() = Faults::new(self.settings.seed);
        *self.journal() = Journal::default();
        self.deliveries().clear();
    }
}

fn empty(settings: &Settings) -> Ledger {
    let mut ledger = Ledger::default();
    ledger.discount_percent = i64::from(settings.discount_percent.min(100));
    ledger.refunds_take = settings.refunds_take;
    ledger
}
