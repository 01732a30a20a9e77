//! Decodes the records of a data file.

use crate::callbacks::{Delivery, StoredDelivery};
use crate::onboarding::store::Store;
use crate::onboarding::stored::StoredStore;
use crate::pay::payment::Payment;
use crate::pay::stored::StoredPayment;
use crate::store::{DamagedFile, StoredRecords, Table};
use std::time::Duration;

/// State with which a sandbox starts.
#[derive(Debug, Default)]
pub(crate) struct Restored {
    pub payments: Vec<Payment>,
    pub stores: Vec<(u64, Store)>,
    pub deliveries: Vec<Delivery>,
    pub counters: Counters,
    pub clock_offset: Duration,
}

/// Numbers of names and stores that were created so far. New names continue from these numbers, so that no name is used
/// twice.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub names: u64,
    pub stores: u64,
}

impl Counters {
    pub(crate) const NAMES: u64 = 0;
    pub(crate) const STORES: u64 = 1;
}

impl Restored {
    /// Decodes all records.
    ///
    /// # Errors
    ///
    /// Returns an error that names the first invalid record.
    pub(crate) fn read(found: &StoredRecords) -> Result<Self, DamagedFile> {
        let mut restored = Self::default();
        for (index, (number, stored)) in found.all::<StoredPayment>(Table::Payments)?.into_iter().enumerate() {
            check_number(Table::Payments, index as u64, number)?;
            let payment = stored.payment().map_err(|why| DamagedFile::of(Table::Payments, number, why))?;
            restored.payments.push(payment);
        }
        for (index, (number, stored)) in found.all::<StoredDelivery>(Table::Callbacks)?.into_iter().enumerate() {
            check_number(Table::Callbacks, index as u64 + 1, number)?;
            restored.deliveries.push(stored.delivery(index + 1));
        }
        for (number, stored) in found.all::<StoredStore>(Table::Stores)? {
            let store = stored.store().map_err(|why| DamagedFile::of(Table::Stores, number, why))?;
            restored.stores.push((number, store));
        }
        for (number, count) in found.all(Table::Counters)? {
            match number {
                Counters::NAMES => restored.counters.names = count,
                _ => restored.counters.stores = count,
            }
        }
        if let Some((_, clock_offset)) = found.all(Table::Clock)?.pop() {
            restored.clock_offset = clock_offset;
        }
        Ok(restored)
    }
}

/// Checks that no payment or callback is missing. Their records are never deleted one by one, so a gap means damage.
fn check_number(table: Table, expected: u64, number: u64) -> Result<(), DamagedFile> {
    if number == expected { Ok(()) } else { Err(DamagedFile::of(table, expected, "it is missing")) }
}
