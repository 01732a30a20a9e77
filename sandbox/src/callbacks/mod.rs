//! Callbacks to the merchant: their list, their delivery, and their repetition. Only callbacks for which the
//! documentation describes a repetition are repeated.

mod delivery;
mod sender;

pub use delivery::{Attempt, CallbackKind, Delivery};
pub(crate) use delivery::{Message, StoredDelivery};
pub(crate) use sender::{Sender, is_loopback};

use crate::clock::{Clock, kst};
use crate::store::{Changes, DataFile, PendingWrite, Table};
use delivery::DeliveryId;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};
use tokio::runtime::Handle;

/// Callbacks of a sandbox and their delivery.
#[derive(Debug)]
pub(crate) struct Callbacks {
    list: Mutex<Vec<Delivery>>,
    /// Number of resets. Callbacks from before the latest reset are no longer sent.
    resets: AtomicU64,
    /// Times of repeated attempts, counted from the first attempt.
    schedule: Vec<Duration>,
    sender: Sender,
    clock: Arc<Clock>,
    file: DataFile,
    runtime: Handle,
}

impl Callbacks {
    /// Creates the list from the callbacks of a data file, and continues their delivery.
    pub(crate) fn start(
        earlier: Vec<Delivery>,
        schedule: Vec<Duration>,
        sender: Sender,
        clock: Arc<Clock>,
        file: DataFile,
        runtime: Handle,
    ) -> Arc<Self> {
        let count = earlier.len();
        let list = Mutex::new(earlier);
        let own = Arc::new(Self { list, resets: AtomicU64::new(0), schedule, sender, clock, file, runtime });
        for index in 0..count {
            own.runtime.spawn(own.clone().deliver(DeliveryId { index, resets: 0 }));
        }
        own
    }

    pub(crate) fn list(&self) -> MutexGuard<'_, Vec<Delivery>> {
        // After a panic, the list is still consistent, because all steps that can fail come before the changes.
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the number of resets. This number changes only while the list is locked.
    pub(crate) fn resets(&self) -> u64 {
        self.resets.load(Ordering::Relaxed)
    }

    /// Queues changes together with the callbacks that they cause. The callbacks are sent once the changes are written.
    pub(crate) fn write(
        self: &Arc<Self>,
        now: SystemTime,
        messages: Vec<Message>,
        mut changes: Changes,
    ) -> PendingWrite {
        if messages.is_empty() {
            return self.file.write(changes);
        }
        // The list stays locked until the changes are queued, so that callbacks are queued in the order of their
        // numbers. A gap in the file would count as damage.
        let mut list = self.list();
        let resets = self.resets();
        let first = list.len();
        for message in messages {
            let delivery = Delivery::new(list.len() + 1, message, now);
            changes.put(Table::Callbacks, delivery.number as u64, &delivery.stored());
            list.push(delivery);
        }
        let pending = self.file.write(changes);
        for index in first..list.len() {
            let (own, pending, id) = (self.clone(), pending.clone(), DeliveryId { index, resets });
            self.runtime.spawn(async move {
                if own.wait_until_written(pending, id).await {
                    own.deliver(id).await;
                }
            });
        }
        pending
    }

    /// Deletes all callbacks, and everything in the data file except the counters and the clock's offset.
    pub(crate) fn reset(&self) {
        let mut list = self.list();
        list.clear();
        self.resets.fetch_add(1, Ordering::Relaxed);
        self.file.write(Changes::forget_all());
    }

    /// Sends a callback again now. Returns `false` if there is no callback with this number.
    pub(crate) fn resend(self: &Arc<Self>, number: usize) -> bool {
        let id = {
            let list = self.list();
            let index = number.checked_sub(1).filter(|index| *index < list.len());
            index.map(|index| DeliveryId { index, resets: self.resets() })
        };
        if let Some(id) = id {
            let own = self.clone();
            self.runtime.spawn(async move { own.attempt(id, None).await });
        }
        id.is_some()
    }

    /// Returns a callback, unless there was a reset after it was added.
    fn delivery(&self, id: DeliveryId) -> Option<Delivery> {
        let list = self.list();
        list.get(id.index).filter(|_| id.resets == self.resets()).cloned()
    }

    /// Waits until a callback is written to the data file. A failed write is tried again every second. Returns `false`
    /// if the list was reset in the meantime.
    async fn wait_until_written(&self, mut pending: PendingWrite, id: DeliveryId) -> bool {
        while pending.wait().await.is_err() {
            tokio::time::sleep(Duration::from_secs(1)).await;
            if self.delivery(id).is_none() {
                return false;
            }
            pending = self.file.write(Changes::default());
        }
        true
    }

    /// Sends a callback when it is due. Repeats a result callback according to the schedule, until the merchant
    /// acknowledges it.
    async fn deliver(self: Arc<Self>, id: DeliveryId) {
        loop {
            let due = self.delivery(id).and_then(|delivery| delivery.due(&self.schedule));
            let Some(due) = due else { return };
            self.clock.until(due).await;
            // The merchant may already have acknowledged the callback, if it was sent manually in the meantime.
            if self.delivery(id).is_some_and(|delivery| delivery.taken) {
                return;
            }
            self.attempt(id, Some(due)).await;
        }
    }

    /// Sends a callback once. A scheduled attempt is recorded with the time at which it was due, even if the clock has
    /// jumped beyond that time.
    async fn attempt(&self, id: DeliveryId, due: Option<SystemTime>) {
        let Some(delivery) = self.delivery(id) else { return };
        let at = kst(due.unwrap_or_else(|| self.clock.now())).to_string();
        let sent = self.sender.send(&delivery).await;
        let taken = sent == Ok(200);
        let result = sent.map_or_else(|why| why.to_string(), |status| format!("HTTP {status}"));
        let mut list = self.list();
        let Some(own) = list.get_mut(id.index).filter(|_| id.resets == self.resets()) else { return };
        own.attempts.push(Attempt { at, result });
        own.taken |= taken;
        own.scheduled += usize::from(due.is_some());
        if !self.file.is_none() {
            let mut changes = Changes::default();
            changes.put(Table::Callbacks, own.number as u64, &own.stored());
            // The write is not awaited. If the record of a scheduled attempt is lost, the attempt is made again after a
            // restart.
            self.file.write(changes);
        }
    }
}
