//! Claims an intent. One transaction claims the intent and reads its request, before any attempt is sent.
//!
//! `Table::candidates` and `Table::claim` contain the conditions under which an intent can be claimed.

use crate::core::{Core, Report, Running, StopSignal, Work};
use crate::crash::crash_point;
use crate::database::{Database, Value};
use crate::error::Error;
use crate::lease::Lease;
use crate::observe;
use crate::outbox::key_of;
use crate::state::{Record, Row, State};
use crate::table::{Lane, Ticket, Wanted};
use crate::unreadable::Unreadable;
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::OwnedSemaphorePermit;

/// Largest number of candidates that a claim reads.
const CANDIDATES: u32 = 8;

pub(crate) struct Claimed<D: Database> {
    pub(crate) work: Box<dyn Work<D>>,
    pub(crate) lease: Arc<Lease<D>>,
    /// The record of the intent before the claim.
    pub(crate) before: Record,
    pub(crate) running: Running<D>,
}

/// Claims the intent that has been due the longest in a lane. If `only` is set, claims the intent with that key
/// instead. Returns `None` if none of the first [`CANDIDATES`] intents can be claimed.
///
/// # Errors
///
/// Returns an error if the database fails, or if the intent with the key `only` cannot be read.
pub(crate) async fn claim<D: Database>(
    core: &Arc<Core<D>>,
    lane: Lane,
    only: Option<&str>,
) -> Result<Option<Claimed<D>>, Error> {
    let began = Instant::now();
    let inner = &*core.outbox.inner;
    let running = core.running_ids();
    let wanted = Wanted { lane, operations: &core.names, running: &running, only, most: CANDIDATES };
    let mut transaction = inner.database.begin().await?;
    let connection = D::connection(&mut transaction);
    let candidates = inner.table.candidates::<D>(connection, &wanted).await?;
    crash_point!(inner, "claim.selected");
    let mut unreadable = None;
    let mut claimed = None;
    for cells in candidates {
        let (row, work) = match readable(core, cells) {
            Ok(found) => found,
            Err((seen, key, why)) => {
                if let Some((seen, failures)) = seen {
                    inner.table.put_off::<D>(connection, seen, &why.to_string(), core.backoff(failures)).await?;
                }
                tracing::error!(key, error = %why, "a stored request cannot be read; it stays stored and is not sent");
                unreadable = Some(Error::Unreadable { key, why });
                continue;
            }
        };
        if !inner.table.hold_ordering::<D>(connection, row.record.ordering.as_deref()).await? {
            continue;
        }
        let seen = Ticket { id: row.record.id, fence: row.record.fence };
        let Some(running) = core.begin(seen.id) else { continue };
        let ours = inner
            .table
            .claim::<D>(
                connection,
                seen,
                (row.record.state, core.is_too_old(&row.record)),
                &core.owner,
                core.settings.lease,
            )
            .await?;
        if let Some(ticket) = ours {
            claimed = Some((work, row.record, running, ticket));
            break;
        }
    }
    crash_point!(inner, "claim.written");
    D::commit(transaction).await?;
    let Some((work, before, running, ticket)) = claimed else {
        return match (only, unreadable) {
            (Some(_), Some(error)) => Err(error),
            _ => Ok(None),
        };
    };
    // The operation exists, because only intents of registered operations are claimed.
    let Some(operation) = core.operation(&before.api, &before.operation) else { return Ok(None) };
    let times = (began, core.settings.lease);
    let known = (before.state == State::Queued, before.already_done);
    let lease = Lease::new(core.outbox.clone(), ticket, operation.id(), times, known);
    Ok(Some(Claimed { work, lease, before, running }))
}

type NotReadable = (Option<(Ticket, u32)>, String, Unreadable);

fn readable<D: Database>(core: &Core<D>, cells: Vec<Value>) -> Result<(Row, Box<dyn Work<D>>), NotReadable> {
    let key = key_of(&cells);
    let number = |at: usize| match cells.get(at) {
        Some(Value::Integer(Some(number))) => Some(*number),
        _ => None,
    };
    let (id, fence, failures) = (number(0), number(17), number(15));
    let failures = failures.and_then(|failures| u32::try_from(failures).ok()).unwrap_or_default();
    let seen = id.zip(fence).map(|(id, fence)| (Ticket { id, fence }, failures));
    let row = Row::read(cells).map_err(|why| (seen, key.clone(), why))?;
    let operation = core.operation(&row.record.api, &row.record.operation);
    let operation = operation.ok_or_else(|| (seen, key.clone(), Unreadable::Column("operation")))?;
    let work = operation.prepare(&core.outbox.inner.storage, &row).map_err(|why| (seen, key, why))?;
    Ok((row, work))
}

impl<D: Database> Core<D> {
    /// Claims an intent as [`claim`] does, and starts to carry out the intent. Returns `None` if [`claim`] does.
    pub(crate) async fn start(
        self: &Arc<Self>,
        lane: Lane,
        only: Option<&str>,
        slot: OwnedSemaphorePermit,
        stop: StopSignal,
    ) -> Result<Option<tokio::task::JoinHandle<Report>>, Error> {
        let Some(Claimed { work, lease, before, running }) = claim(self, lane, only).await? else { return Ok(None) };
        observe::claimed(&before.operation, before.state);
        let core = self.clone();
        Ok(Some(tokio::spawn(async move {
            crash_point!(core.outbox.inner, "claim.committed");
            let report = work.perform(core, lease, before, slot, stop).await;
            drop(running);
            report
        })))
    }
}
