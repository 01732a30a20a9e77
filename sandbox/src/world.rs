//! Everything that one sandbox holds, behind locks that are never held while something is waited for.
//!
//! Changes are given to the keeper while the lock is held, in the order they were made, and waited for without it. An
//! answer, also one that only looks, waits for every change before it: what was told is never lost.

use crate::callbacks::{Delivery, Message, Telling, Which, deliver, send};
use crate::clock::{Clock, FURTHEST, kst};
use crate::faults::Faults;
use crate::held::Held;
use crate::http::CONNECTIONS;
use crate::journal::Journal;
use crate::keep::{Changes, Keeper, Kept, Kind};
use crate::lag::Lag;
use crate::onboarding::registry::Registry;
use crate::pay::ledger::Ledger;
use crate::pay::obstacle::Obstacle;
use crate::pay::payment::{Approval, Payment};
use crate::pay::{kept, replies};
use crate::redact;
use crate::restore::{Counters, Restored};
use crate::settings::Settings;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::time::{Duration, SystemTime};
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use toss_sdk::pay::CallbackVersion;
use toss_sdk::runtime::Caller;

/// The world of a sandbox.
pub(crate) struct World {
    pub settings: Settings,
    pub base_url: String,
    pub clock: Clock,
    pub http: reqwest::Client,
    /// What forms are sealed with, so that no other page can send them.
    pub seal: String,
    ledger: Mutex<Ledger>,
    registry: Mutex<Registry>,
    faults: Mutex<Faults>,
    /// Whether there are faults, for those who need not wait to know that there are none.
    has_faults: AtomicBool,
    journal: Mutex<Journal>,
    deliveries: Mutex<Vec<Delivery>>,
    /// How often everything was forgotten: callbacks of before are no longer sent.
    resets: AtomicU64,
    keeper: Option<Keeper>,
    /// How many more calls may stall.
    pub stalls: Semaphore,
    /// Requests that faults hold.
    pub held: Held,
    runtime: Handle,
    this: Weak<Self>,
}

/// Where it is, and nothing that is in it: merchants are told apart by their keys.
impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("World").field("base_url", &self.base_url).finish_non_exhaustive()
    }
}

/// The world as one call of a service sees it.
#[derive(Debug)]
pub(crate) struct View<'a> {
    pub world: &'a World,
    /// How far the replica that answers queries is behind.
    pub lag: Option<Lag>,
    /// Members of the request's body that nothing reads.
    pub ignored: OnceLock<Vec<String>>,
}

impl<'a> View<'a> {
    pub(crate) fn new(world: &'a World, lag: Option<Lag>) -> Self {
        Self { world, lag, ignored: OnceLock::new() }
    }

    /// Notes the members that nothing reads.
    ///
    /// # Errors
    ///
    /// Returns their names if there are any and the sandbox is strict.
    pub(crate) fn note_ignored(&self, caller: &Caller) -> Result<(), String> {
        let ignored = caller.ignored();
        if ignored.is_empty() {
            return Ok(());
        }
        let shown = ignored.iter().take(MOST_IGNORED).map(|name| redact::masked(name)).collect();
        let shown = self.ignored.get_or_init(|| shown);
        if self.world.settings.strict { Err(format!("{}: no such member", shown.join(", "))) } else { Ok(()) }
    }
}

/// How many members that nothing reads are shown of one request.
const MOST_IGNORED: usize = 32;

/// Why a change that was made could not be kept.
pub(crate) type Failure = String;

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A panic cannot leave half a change: changes are made after everything that can fail.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl World {
    /// Lets the data file go, after everything that was changed is written.
    pub(crate) fn close(&self) {
        if let Some(keeper) = &self.keeper {
            keeper.close();
        }
    }

    pub(crate) fn new(
        settings: Settings,
        base_url: String,
        runtime: Handle,
        http: reqwest::Client,
        (keeper, restored): (Option<Keeper>, Restored),
    ) -> Arc<Self> {
        let Restored { payments, stores, deliveries, counters, ahead } = restored;
        let mut ledger = empty(&settings);
        ledger.restore(payments, counters.names);
        let mut registry = Registry::default();
        registry.restore(stores, counters.stores);
        let world = Arc::new_cyclic(|this| Self {
            ledger: Mutex::new(ledger),
            registry: Mutex::new(registry),
            faults: Mutex::new(Faults::new(settings.seed)),
            has_faults: AtomicBool::new(false),
            journal: Mutex::default(),
            deliveries: Mutex::new(deliveries),
            resets: AtomicU64::new(0),
            keeper,
            stalls: Semaphore::new(CONNECTIONS / 2),
            held: Held::default(),
            clock: Clock::new(ahead),
            seal: toss_sdk::runtime::uuid_text(),
            http,
            settings,
            base_url,
            runtime,
            this: this.clone(),
        });
        for place in 0..world.deliveries().len() {
            world.runtime.spawn(deliver(world.clone(), Which { place, resets: 0 }));
        }
        let ledger = world.ledger();
        ledger.under_way().for_each(|payment| world.await_money(payment));
        drop(ledger);
        world
    }

    pub(crate) fn ledger(&self) -> MutexGuard<'_, Ledger> {
        locked(&self.ledger)
    }

    pub(crate) fn registry(&self) -> MutexGuard<'_, Registry> {
        locked(&self.registry)
    }

    pub(crate) fn faults(&self) -> MutexGuard<'_, Faults> {
        let faults = locked(&self.faults);
        // Whoever asks may switch one on.
        self.has_faults.store(true, Ordering::Release);
        faults
    }

    /// The faults, when there are any.
    pub(crate) fn active_faults(&self) -> Option<MutexGuard<'_, Faults>> {
        if !self.has_faults.load(Ordering::Acquire) {
            return None;
        }
        let faults = locked(&self.faults);
        // Nobody can switch one on while they are locked.
        self.has_faults.store(!faults.is_empty(), Ordering::Release);
        Some(faults).filter(|faults| !faults.is_empty())
    }

    pub(crate) fn journal(&self) -> MutexGuard<'_, Journal> {
        locked(&self.journal)
    }

    pub(crate) fn deliveries(&self) -> MutexGuard<'_, Vec<Delivery>> {
        locked(&self.deliveries)
    }

    /// A callback, unless everything was forgotten since.
    pub(crate) fn delivery(&self, which: Which) -> Option<Delivery> {
        let deliveries = self.deliveries();
        deliveries.get(which.place).filter(|_| which.resets == self.resets()).cloned()
    }

    /// Writes down what became of a callback, unless everything was forgotten since.
    pub(crate) fn tell_delivery(&self, which: Which, tell: impl FnOnce(&mut Delivery)) {
        let mut deliveries = self.deliveries();
        let own = deliveries.get_mut(which.place).filter(|_| which.resets == self.resets());
        let Some(delivery) = own else { return };
        tell(delivery);
        if let Some(keeper) = &self.keeper {
            let mut changes = Changes::default();
            changes.put(Kind::Callback, delivery.number as u64, &delivery.kept());
            // Not waited for: what is lost is sent once more.
            keeper.keep(changes);
        }
    }

    /// How often everything was forgotten. Changes while the callbacks are locked only.
    pub(crate) fn resets(&self) -> u64 {
        self.resets.load(Ordering::Relaxed)
    }

    /// Waits for the money of a payment that is under way, so that the merchant is told when it arrives.
    fn await_money(&self, payment: &Payment) {
        let Some((due, _)) = payment.withdrawal else { return };
        let (Some(world), token) = (self.this.upgrade(), payment.token.clone()) else { return };
        self.runtime.spawn(async move {
            world.clock.until(due).await;
            // Where it cannot be kept, it arrives again after the next start.
            let _ = world.change(|ledger, now| ledger.at(now, &token).map(drop)).await;
        });
    }

    /// Now, as the service writes it.
    pub(crate) fn time(&self) -> String {
        kst(self.clock.now()).to_string()
    }

    /// Does something to the payments, or looks at them, and waits until it is kept.
    ///
    /// # Errors
    ///
    /// When it could not be kept.
    pub(crate) async fn change<T>(&self, act: impl FnOnce(&mut Ledger, SystemTime) -> T) -> Result<T, Failure> {
        let (value, kept) = self.begin(act);
        kept.wait().await.map(|()| value)
    }

    /// The same without waiting: whoever answers waits for [`Self::all_kept`].
    pub(crate) fn change_here<T>(&self, act: impl FnOnce(&mut Ledger, SystemTime) -> T) -> T {
        self.begin(act).0
    }

    fn begin<T>(&self, act: impl FnOnce(&mut Ledger, SystemTime) -> T) -> (T, Kept) {
        let mut ledger = self.ledger();
        let now = self.clock.now();
        let value = act(&mut ledger, now);
        let (changed, completed) = ledger.take_changes();
        changed.iter().filter_map(|place| ledger.payment(*place)).for_each(|payment| self.await_money(payment));
        let completed = completed.iter().filter_map(|place| ledger.payment(*place));
        let messages = completed.filter_map(|payment| self.result(payment)).collect();
        let kept = self.keep(now, messages, |changes| {
            for place in &changed {
                if let Some(payment) = ledger.payment(*place) {
                    changes.put(Kind::Payment, *place as u64, &kept::Kept::from(payment));
                }
            }
            if !changed.is_empty() {
                changes.put(Kind::Counters, Counters::NAMES, &ledger.made());
            }
        });
        (value, kept)
    }

    /// Does something to the stores, or looks at them, and waits until it is kept.
    ///
    /// # Errors
    ///
    /// When it could not be kept.
    pub(crate) async fn change_stores<T>(
        &self,
        act: impl FnOnce(&mut Registry, SystemTime) -> T,
    ) -> Result<T, Failure> {
        let (value, kept) = self.begin_stores(act);
        kept.wait().await.map(|()| value)
    }

    /// The same without waiting: whoever answers waits for [`Self::all_kept`].
    pub(crate) fn change_stores_here<T>(&self, act: impl FnOnce(&mut Registry, SystemTime) -> T) -> T {
        self.begin_stores(act).0
    }

    /// Everything that was changed until now, to be waited for: what is told of it is never lost.
    pub(crate) fn all_kept(&self) -> Kept {
        self.give(Changes::default())
    }

    fn begin_stores<T>(&self, act: impl FnOnce(&mut Registry, SystemTime) -> T) -> (T, Kept) {
        let mut registry = self.registry();
        let now = self.clock.now();
        registry.age(now);
        let value = act(&mut registry, now);
        let (changed, messages) = registry.take_changes(now);
        let kept = self.keep(now, messages, |changes| {
            for number in &changed {
                match registry.numbered(*number) {
                    Some(store) => changes.put(Kind::Store, *number, &store.kept()),
                    None => changes.remove(Kind::Store, *number),
                }
            }
            if !changed.is_empty() {
                changes.put(Kind::Counters, Counters::STORES, &registry.made());
            }
        });
        (value, kept)
    }

    /// Keeps changes along with the callbacks that they cause, and sends those once they are kept.
    fn keep(&self, now: SystemTime, messages: Vec<Message>, write: impl FnOnce(&mut Changes)) -> Kept {
        let mut changes = Changes::default();
        if self.keeper.is_some() {
            write(&mut changes);
        }
        if messages.is_empty() {
            return self.give(changes);
        }
        // Callbacks are numbered in the order in which they are given to be kept: a gap in the file would be a loss.
        let mut deliveries = self.deliveries();
        let resets = self.resets();
        let first = deliveries.len();
        for message in messages {
            let delivery = Delivery::new(deliveries.len() + 1, message, now);
            changes.put(Kind::Callback, delivery.number as u64, &delivery.kept());
            deliveries.push(delivery);
        }
        let kept = self.give(changes);
        for place in first..deliveries.len() {
            let (Some(world), kept, which) = (self.this.upgrade(), kept.clone(), Which { place, resets }) else {
                continue;
            };
            self.runtime.spawn(async move {
                if world.is_kept_at_last(kept, which).await {
                    deliver(world, which).await;
                }
            });
        }
        kept
    }

    fn give(&self, changes: Changes) -> Kept {
        self.keeper.as_ref().map(|keeper| keeper.keep(changes)).unwrap_or_default()
    }

    /// Waits until a callback is kept, for as long as the disk is full. False when it was forgotten meanwhile.
    async fn is_kept_at_last(&self, mut kept: Kept, which: Which) -> bool {
        while kept.wait().await.is_err() {
            tokio::time::sleep(Duration::from_secs(1)).await;
            if self.delivery(which).is_none() {
                return false;
            }
            kept = self.all_kept();
        }
        true
    }

    /// The purchaser pays. The value is where the browser goes then.
    pub(crate) fn approve(&self, token: &str, approval: &Approval) -> Result<String, Obstacle> {
        self.change_here(|ledger, now| ledger.approve(now, token, approval).map(replies::return_url))
    }

    /// The callback of a completed payment, if the merchant wants one.
    fn result(&self, payment: &Payment) -> Option<Message> {
        let url = payment.request.result_callback()?;
        let first = payment.request.callback_version() != Some(CallbackVersion::V2);
        let message = replies::callback(payment, first, &self.base_url);
        Some(Message {
            telling: if first { Telling::ResultV1 } else { Telling::ResultV2 },
            about: payment.token.as_ref().to_owned(),
            url: url.to_owned(),
            body: if first { message.to_form() } else { message.to_json() },
            hash: None,
            since: payment.paid,
        })
    }

    /// Sends a callback once more, now.
    pub(crate) fn resend(&self, number: usize) -> bool {
        let Some(world) = self.this.upgrade() else { return false };
        let which = {
            let deliveries = self.deliveries();
            let place = number.checked_sub(1).filter(|place| *place < deliveries.len());
            place.map(|place| Which { place, resets: self.resets() })
        };
        if let Some(which) = which {
            self.runtime.spawn(async move { send(&world, which, None).await });
        }
        which.is_some()
    }

    /// Lets time pass.
    ///
    /// # Errors
    ///
    /// Returns the reason if the clock cannot be moved so far.
    pub(crate) fn forward_checked(&self, by: Duration) -> Result<(), String> {
        let most = self.clock.most();
        if by > most {
            return Err(format!("at most {} seconds, which is a century in all", most.as_secs()));
        }
        self.forward(by);
        Ok(())
    }

    fn forward(&self, by: Duration) {
        let keep = |ahead: Duration| {
            self.keep(SystemTime::UNIX_EPOCH, Vec::new(), |changes| changes.put(Kind::Clock, 0, &ahead))
        };
        self.clock.forward(by, keep);
    }

    /// Forgets every payment, store, callback, fault and exchange. The clock goes on.
    pub(crate) fn reset(&self) {
        {
            let (mut ledger, mut registry, mut deliveries) = (self.ledger(), self.registry(), self.deliveries());
            *ledger = empty(&self.settings);
            *registry = Registry::default();
            deliveries.clear();
            self.resets.fetch_add(1, Ordering::Relaxed);
            self.keep(SystemTime::UNIX_EPOCH, Vec::new(), Changes::forget_all);
        }
        *self.faults() = Faults::new(self.settings.seed);
        *self.journal() = Journal::default();
        self.held.release();
    }
}

fn empty(settings: &Settings) -> Ledger {
    let mut ledger = Ledger::default();
    ledger.discount_percent = i64::from(settings.discount_percent.min(100));
    // A moment beyond what the clock can reach could not be written.
    ledger.executions_take = settings.executions_take.min(FURTHEST);
    ledger.refunds_take = settings.refunds_take.min(FURTHEST);
    ledger
}
