//! What was kept in a file, as what it is kept for.

use crate::callbacks::{self, Delivery};
use crate::datafile::{Damage, Found};
use crate::keep::Kind;
use crate::onboarding::kept::Kept as KeptStore;
use crate::onboarding::registry::Store;
use crate::pay::kept::Kept as KeptPayment;
use crate::pay::payment::Payment;
use std::time::Duration;

/// What a sandbox begins with.
#[derive(Debug, Default)]
pub(crate) struct Restored {
    pub payments: Vec<Payment>,
    pub stores: Vec<(u64, Store)>,
    pub deliveries: Vec<Delivery>,
    pub counters: Counters,
    pub ahead: Duration,
}

/// How many of each were ever made, so that no name is given twice.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub names: u64,
    pub stores: u64,
}

impl Counters {
    pub const NAMES: u64 = 0;
    pub const STORES: u64 = 1;
}

impl Restored {
    /// Makes sense of a file.
    ///
    /// # Errors
    ///
    /// At the first record that makes none.
    pub(crate) fn read(found: &Found) -> Result<Self, Damage> {
        let mut restored = Self::default();
        for (place, (number, kept)) in found.all::<KeptPayment>(Kind::Payment)?.into_iter().enumerate() {
            in_line(Kind::Payment, place as u64, number)?;
            let payment = kept.payment().map_err(|why| Damage::of(Kind::Payment, number, why))?;
            restored.payments.push(payment);
        }
        for (place, (number, kept)) in found.all::<callbacks::Kept>(Kind::Callback)?.into_iter().enumerate() {
            in_line(Kind::Callback, place as u64 + 1, number)?;
            restored.deliveries.push(kept.delivery(place + 1));
        }
        for (number, kept) in found.all::<KeptStore>(Kind::Store)? {
            let store = kept.store().map_err(|why| Damage::of(Kind::Store, number, why))?;
            restored.stores.push((number, store));
        }
        for (number, count) in found.all(Kind::Counters)? {
            match number {
                Counters::NAMES => restored.counters.names = count,
                _ => restored.counters.stores = count,
            }
        }
        if let Some((_, ahead)) = found.all(Kind::Clock)?.pop() {
            restored.ahead = ahead;
        }
        Ok(restored)
    }
}

/// These are never deleted, so that a gap is a loss.
fn in_line(kind: Kind, expected: u64, number: u64) -> Result<(), Damage> {
    if number == expected { Ok(()) } else { Err(Damage::of(kind, expected, "it is missing")) }
}
