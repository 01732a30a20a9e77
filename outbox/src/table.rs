//! SQL statements about the table. Each claim of an intent increases a counter in the row, the *fence*. If a worker
//! changes an intent that it has claimed, the statement checks that the fence has not changed since the claim.

use crate::database::{Column, Database, DatabaseError, Dialect, Value};
use crate::error::Error;
use crate::schema::{self, VERSION};
use crate::state::{COLUMNS, Row, State, TYPES};
use std::time::Duration;

/// The table of an outbox.
#[derive(Clone, Debug)]
pub struct Table {
    name: String,
    meta: String,
    /// SQL expression for the current time, in milliseconds since 1970.
    now: String,
    dialect: Dialect,
}

/// A row to insert.
pub struct New<'a> {
    /// The key.
    pub key: &'a str,
    /// The API.
    pub api: &'a str,
    /// The operation.
    pub operation: &'a str,
    /// The text that orders intents, as in [`Record::ordering`](crate::Record::ordering).
    pub ordering: Option<&'a str>,
    /// The stored request.
    pub request: Vec<u8>,
    /// The name of the key that sealed the request. `None` for plain text.
    pub sealed_with: Option<String>,
    /// Time of enqueueing, in milliseconds since 1970.
    pub enqueued_at: i64,
    /// State of the row: `Queued` for an intent, and `Applied` for a received callback.
    pub state: State,
}

/// Group of open intents that a claim considers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// Intents in the state *queued*. Their requests are sent, unless the intents have waited for too long.
    Fresh,
    /// Intents in the states *sending* and *unknown*, whose requests are resolved.
    Unresolved,
}

/// Conditions for the intents that a claim considers.
pub struct Wanted<'a> {
    /// The lane.
    pub lane: Lane,
    /// The registered operations, as `api.operation`.
    pub operations: &'a [String],
    /// Ids of the intents that this runner already carries out.
    pub running: &'a [i64],
    /// Key of the only intent to consider, whether it is due or not.
    pub only: Option<&'a str>,
    /// Largest number of intents to return.
    pub most: u32,
}

/// Identifies a claim of an intent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// Number of the row, as in [`Record::id`](crate::Record::id).
    pub id: i64,
    /// The fence of the claim.
    pub fence: i64,
}

/// Parameters for putting an intent off.
pub struct Release<'a> {
    /// `Queued` if the request can be sent like a new request, otherwise `Unknown`.
    pub state: State,
    /// Reason that the record of the intent shows.
    pub reason: Option<&'a str>,
    /// Time until the intent is due again.
    pub after: Duration,
    /// Set if this counts as a failure, so that the next pause is longer.
    pub is_failure: bool,
    /// Set if the service replied to an attempt that the request was already done.
    pub already_done: bool,
}

fn ms(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX / 4).min(i64::MAX / 4)
}

/// SQL condition that is true if another open intent with the same ordering has to run first.
///
/// Intents run in the order of their numbers, with one exception: an intent that may have been sent comes before all
/// intents that were not sent. The reason is that on PostgreSQL, an intent can be committed after an intent with a
/// larger number, which may have been sent by then.
const BEFORE: &str = "EXISTS (SELECT 1 FROM {t} AS e WHERE e.ordering = i.ordering AND e.closed_at IS NULL AND e.id <> i.id \
     AND ((e.id < i.id AND NOT (i.state <> 'queued' AND e.state = 'queued')) \
     OR (i.state = 'queued' AND e.state <> 'queued')))";

impl Table {
    /// Creates the statements for the table with this prefix, without accessing the database. `now`, if set, is an SQL
    /// expression that replaces the database's clock.
    pub fn new(prefix: &str, dialect: Dialect, now: Option<&str>) -> Self {
        let own = match dialect {
            Dialect::Sqlite => "CAST(unixepoch('subsec') * 1000 AS INTEGER)",
            Dialect::Postgres => "(EXTRACT(EPOCH FROM clock_timestamp()) * 1000)::BIGINT",
        };
        let meta = format!("{prefix}meta");
        Self { name: format!("{prefix}intents"), meta, now: now.unwrap_or(own).to_owned(), dialect }
    }

    /// Replaces the placeholders in an SQL statement.
    fn sql(&self, text: &str) -> String {
        text.replace("{before}", BEFORE)
            .replace("{t}", &self.name)
            .replace("{now}", &self.now)
            .replace("{version}", &self.version())
    }

    /// Returns an SQL expression for the version of the tables.
    fn version(&self) -> String {
        format!("(SELECT value FROM {} WHERE name = 'schema_version')", self.meta)
    }

    /// Returns the time, and checks the version of the tables.
    ///
    /// # Errors
    ///
    /// Returns an error if this crate does not support the version of the tables, or the database fails. The caller
    /// then writes nothing.
    pub async fn now<D: Database>(&self, connection: &mut D::Connection) -> Result<i64, Error> {
        let types = [Column::Integer, Column::Integer];
        let rows = D::fetch(connection, &self.sql("SELECT {now}, {version}"), &[], &types).await;
        match rows.map_err(schema::missing)?.first().map(Vec::as_slice) {
            Some([Value::Integer(Some(now)), version]) => schema::compare(version).map(|()| *now),
            _ => Err(Error::NoSchema),
        }
    }

    /// Like [`now`](Self::now), in a transaction that will write. On SQLite, a transaction that begins with a read
    /// cannot write after another process has written. Therefore this method writes first, which waits for other
    /// writers.
    ///
    /// # Errors
    ///
    /// As for [`now`](Self::now).
    pub async fn now_for_writing<D: Database>(&self, connection: &mut D::Connection) -> Result<i64, Error> {
        if self.dialect == Dialect::Sqlite {
            let sql = format!("UPDATE {} SET value = value WHERE name = 'schema_version'", self.meta);
            D::execute(connection, &sql, &[]).await.map_err(schema::missing)?;
        }
        self.now::<D>(connection).await
    }

    /// Inserts a row. Returns `false` if the key already exists.
    pub async fn insert<D: Database>(
        &self,
        connection: &mut D::Connection,
        new: New<'_>,
    ) -> Result<bool, DatabaseError> {
        let sql = self.sql(
            "INSERT INTO {t} (key, api, operation, ordering, request, sealed_with, enqueued_at, due_at, state, closed_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (key) DO NOTHING",
        );
        let values = [
            new.key.into(),
            new.api.into(),
            new.operation.into(),
            new.ordering.into(),
            new.request.into(),
            Value::Text(new.sealed_with),
            new.enqueued_at.into(),
            new.enqueued_at.into(),
            new.state.as_str().into(),
            Value::Integer(new.state.is_closed().then_some(new.enqueued_at)),
        ];
        Ok(D::execute(connection, &sql, &values).await? == 1)
    }

    /// Returns the row of a key.
    ///
    /// # Errors
    ///
    /// Returns an error if the database fails, or a column cannot be read.
    pub async fn find<D: Database>(&self, connection: &mut D::Connection, key: &str) -> Result<Option<Row>, Error> {
        let sql = self.sql(&format!("SELECT {COLUMNS}, {{now}}, request FROM {{t}} WHERE key = $1"));
        let rows = D::fetch(connection, &sql, &[key.into()], &TYPES).await?;
        let read = |cells| Row::read(cells).map_err(|why| Error::Unreadable { key: key.to_owned(), why });
        rows.into_iter().next().map(read).transpose()
    }

    /// Returns the intents that may be claimed. The intent that has been due the longest comes first. On PostgreSQL,
    /// also locks the rows of these intents.
    pub async fn candidates<D: Database>(
        &self,
        connection: &mut D::Connection,
        wanted: &Wanted<'_>,
    ) -> Result<Vec<Vec<Value>>, DatabaseError> {
        let mut sql = format!(
            "SELECT {COLUMNS}, {{now}}, request FROM {{t}} AS i WHERE closed_at IS NULL AND {{version}} = {VERSION}"
        );
        let mut values: Vec<Value> = Vec::new();
        sql.push_str(" AND (lease_until IS NULL OR lease_until <= {now})");
        match wanted.only {
            Some(key) => {
                sql.push_str(" AND key = $1");
                values.push(key.into());
            }
            None => sql.push_str(" AND due_at <= {now}"),
        }
        sql.push_str(match wanted.lane {
            Lane::Fresh => " AND state = 'queued'",
            Lane::Unresolved => " AND state IN ('sending', 'unknown')",
        });
        if !wanted.running.is_empty() {
            let ids: Vec<String> = wanted.running.iter().map(i64::to_string).collect();
            sql.push_str(&format!(" AND id NOT IN ({})", ids.join(", ")));
        }
        let first = values.len() + 1;
        let places: Vec<String> = (first..first + wanted.operations.len()).map(|n| format!("${n}")).collect();
        sql.push_str(&format!(" AND api || '.' || operation IN ({})", places.join(", ")));
        values.extend(wanted.operations.iter().map(|operation| Value::from(&**operation)));
        sql.push_str(&format!(" AND NOT {{before}} ORDER BY due_at, id LIMIT {}", wanted.most));
        if self.dialect == Dialect::Postgres {
            sql.push_str(" FOR UPDATE OF i SKIP LOCKED");
        }
        D::fetch(connection, &self.sql(&sql), &values, &TYPES).await
    }

    /// Prevents other claims with the same ordering until the transaction ends. Returns `false` if such a claim is in
    /// progress. On SQLite, only one transaction at a time writes, so the method does nothing and returns `true`.
    pub async fn hold_ordering<D: Database>(
        &self,
        connection: &mut D::Connection,
        ordering: Option<&str>,
    ) -> Result<bool, DatabaseError> {
        let Some(ordering) = ordering.filter(|_| self.dialect == Dialect::Postgres) else { return Ok(true) };
        let sql = "SELECT (CASE WHEN pg_try_advisory_xact_lock(hashtextextended($1, 0)) THEN 1 ELSE 0 END)::BIGINT";
        let name = Value::from(&*format!("{}:{ordering}", self.name));
        let rows = D::fetch(connection, sql, &[name], &[Column::Integer]).await?;
        Ok(rows.first().and_then(|row| row.first()) == Some(&Value::from(1)))
    }

    /// Claims an intent that was read with this fence and state. Checks the state, the lease and the ordering again
    /// while the row is locked.
    ///
    /// A queued intent becomes *sending*, and its first attempt is recorded. A queued intent that is too old stays queued
    /// with its times, because its request is not sent. Any other intent becomes *unknown*. The time of its last attempt
    /// is then set to the current time, because the previous worker may have sent the request at any time up to now.
    pub async fn claim<D: Database>(
        &self,
        connection: &mut D::Connection,
        seen: Ticket,
        (from, is_too_old): (State, bool),
        owner: &str,
        lease: Duration,
    ) -> Result<Option<Ticket>, DatabaseError> {
        let to = match from {
            State::Queued if is_too_old => State::Queued,
            State::Queued => State::Sending,
            _ => State::Unknown,
        };
        let times = match to {
            State::Queued => "",
            _ => "first_sent_at = COALESCE(first_sent_at, {now}), last_sent_at = {now},",
        };
        let sql = self.sql(&format!(
            "UPDATE {{t}} AS i SET state = $1, owner = $2, lease_until = {{now}} + $3, fence = fence + 1, {times} \
             attempts = attempts + $4 WHERE id = $5 AND fence = $6 AND state = $7 AND closed_at IS NULL \
             AND (lease_until IS NULL OR lease_until <= {{now}}) AND NOT {{before}}",
        ));
        let values = [
            to.as_str().into(),
            owner.into(),
            ms(lease).into(),
            i64::from(to == State::Sending).into(),
            seen.id.into(),
            seen.fence.into(),
            from.as_str().into(),
        ];
        let is_ours = D::execute(connection, &sql, &values).await? == 1;
        Ok(is_ours.then_some(Ticket { id: seen.id, fence: seen.fence + 1 }))
    }

    /// Puts off an intent that cannot be read. Changes only its due time, its reason, its number of failures and its
    /// fence.
    pub async fn put_off<D: Database>(
        &self,
        connection: &mut D::Connection,
        seen: Ticket,
        reason: &str,
        after: Duration,
    ) -> Result<(), DatabaseError> {
        let sql = self.sql(
            "UPDATE {t} SET reason = $1, due_at = {now} + $2, failures = failures + 1, fence = fence + 1 \
             WHERE id = $3 AND fence = $4 AND closed_at IS NULL",
        );
        let values = [reason.into(), ms(after).into(), seen.id.into(), seen.fence.into()];
        D::execute(connection, &sql, &values).await.map(drop)
    }

    /// Extends a lease. Returns `false` if the claim is lost.
    pub async fn extend<D: Database>(
        &self,
        connection: &mut D::Connection,
        ticket: Ticket,
        lease: Duration,
    ) -> Result<bool, DatabaseError> {
        let sql =
            self.sql("UPDATE {t} SET lease_until = {now} + $1 WHERE id = $2 AND fence = $3 AND closed_at IS NULL");
        Ok(D::execute(connection, &sql, &[ms(lease).into(), ticket.id.into(), ticket.fence.into()]).await? == 1)
    }

    /// Records an attempt, before its first byte is sent. Returns `false` if the claim is lost.
    pub async fn record_attempt<D: Database>(
        &self,
        connection: &mut D::Connection,
        ticket: Ticket,
        lease: Duration,
        is_repeat: bool,
    ) -> Result<bool, DatabaseError> {
        let sql = self.sql(
            "UPDATE {t} SET lease_until = {now} + $1, last_sent_at = {now}, attempts = attempts + 1, repeats = repeats + $2 \
             WHERE id = $3 AND fence = $4 AND closed_at IS NULL",
        );
        let values = [ms(lease).into(), i64::from(is_repeat).into(), ticket.id.into(), ticket.fence.into()];
        Ok(D::execute(connection, &sql, &values).await? == 1)
    }

    /// Records that the service replied to an attempt that the request was already done. Returns `false` if the claim
    /// is lost.
    pub async fn note_done<D: Database>(
        &self,
        connection: &mut D::Connection,
        ticket: Ticket,
    ) -> Result<bool, DatabaseError> {
        let sql = self
            .sql("UPDATE {t} SET already_done = already_done + 1 WHERE id = $1 AND fence = $2 AND closed_at IS NULL");
        Ok(D::execute(connection, &sql, &[ticket.id.into(), ticket.fence.into()]).await? == 1)
    }

    /// Records that the outcome is unknown, and keeps the claim. `already_done` is as in [`Release`].
    pub async fn note_unknown<D: Database>(
        &self,
        connection: &mut D::Connection,
        ticket: Ticket,
        reason: &str,
        already_done: bool,
    ) -> Result<bool, DatabaseError> {
        let sql = self.sql(
            "UPDATE {t} SET state = 'unknown', reason = $1, already_done = already_done + $2 \
             WHERE id = $3 AND fence = $4 AND closed_at IS NULL",
        );
        let values = [reason.into(), i64::from(already_done).into(), ticket.id.into(), ticket.fence.into()];
        Ok(D::execute(connection, &sql, &values).await? == 1)
    }

    /// Puts off a claimed intent. Returns `false` if the claim is lost, or if the intent is already closed.
    pub async fn release<D: Database>(
        &self,
        connection: &mut D::Connection,
        ticket: Ticket,
        release: &Release<'_>,
    ) -> Result<bool, DatabaseError> {
        let sent = if release.state == State::Queued {
            "first_sent_at = NULL, last_sent_at = NULL"
        } else {
            "last_sent_at = {now}"
        };
        let failures = if release.is_failure { "failures + 1" } else { "failures" };
        let sql = self.sql(&format!(
            "UPDATE {{t}} SET state = $1, reason = $2, due_at = {{now}} + $3, owner = NULL, lease_until = NULL, \
             failures = {failures}, already_done = already_done + $4, {sent} WHERE id = $5 AND fence = $6 AND closed_at IS NULL"
        ));
        let values = [
            release.state.as_str().into(),
            release.reason.into(),
            ms(release.after).into(),
            i64::from(release.already_done).into(),
            ticket.id.into(),
            ticket.fence.into(),
        ];
        Ok(D::execute(connection, &sql, &values).await? == 1)
    }

    /// Closes a claimed intent. Returns `false` if the claim is lost, or if the intent is already closed.
    pub async fn close<D: Database>(
        &self,
        connection: &mut D::Connection,
        ticket: Ticket,
        state: State,
        reason: Option<&str>,
    ) -> Result<bool, DatabaseError> {
        let sql = self.sql(
            "UPDATE {t} SET state = $1, reason = $2, closed_at = {now}, owner = NULL, lease_until = NULL \
             WHERE id = $3 AND fence = $4 AND closed_at IS NULL",
        );
        let values = [state.as_str().into(), reason.into(), ticket.id.into(), ticket.fence.into()];
        Ok(D::execute(connection, &sql, &values).await? == 1)
    }

    /// Closes an intent that a worker may have claimed, or that was given up. The worker can then no longer change the
    /// row. Returns `false` if the state or the fence of the row has changed since it was read.
    pub async fn overrule<D: Database>(
        &self,
        connection: &mut D::Connection,
        seen: Ticket,
        (from, to): (State, State),
        reason: Option<&str>,
    ) -> Result<bool, DatabaseError> {
        let sql = self.sql(
            "UPDATE {t} SET state = $1, reason = $2, closed_at = {now}, owner = NULL, lease_until = NULL, \
             fence = fence + 1 WHERE id = $3 AND fence = $4 AND state = $5",
        );
        let values = [to.as_str().into(), reason.into(), seen.id.into(), seen.fence.into(), from.as_str().into()];
        Ok(D::execute(connection, &sql, &values).await? == 1)
    }

    /// Closes an open intent as dead without reading the row. Returns `false` if there is no open intent with this
    /// key.
    pub async fn abandon<D: Database>(
        &self,
        connection: &mut D::Connection,
        key: &str,
        reason: &str,
    ) -> Result<bool, DatabaseError> {
        let sql = self.sql(
            "UPDATE {t} SET state = 'dead', reason = $1, closed_at = {now}, owner = NULL, lease_until = NULL, \
             fence = fence + 1 WHERE key = $2 AND closed_at IS NULL",
        );
        Ok(D::execute(connection, &sql, &[reason.into(), key.into()]).await? == 1)
    }

    /// Makes an intent due now. An intent that was given up is opened again with a new fence, so that the worker that
    /// gave it up cannot close it a second time.
    pub async fn retry<D: Database>(
        &self,
        connection: &mut D::Connection,
        seen: Ticket,
        (from, to): (State, State),
    ) -> Result<bool, DatabaseError> {
        let sql = self.sql(
            "UPDATE {t} SET state = $1, due_at = {now}, failures = 0, \
             fence = fence + CASE WHEN closed_at IS NULL THEN 0 ELSE 1 END, closed_at = NULL \
             WHERE id = $2 AND fence = $3 AND state = $4",
        );
        let values = [to.as_str().into(), seen.id.into(), seen.fence.into(), from.as_str().into()];
        Ok(D::execute(connection, &sql, &values).await? == 1)
    }

    /// Returns the number of open and dead intents for each operation and state. Also returns the time at which the
    /// oldest of them was enqueued, and the current time.
    pub async fn counts<D: Database>(&self, connection: &mut D::Connection) -> Result<Vec<Vec<Value>>, DatabaseError> {
        let part = |condition: &str| {
            format!(
                "SELECT api, operation, state, count(*), min(enqueued_at), {{now}} FROM {{t}} WHERE {condition} \
                 GROUP BY api, operation, state"
            )
        };
        let sql = self.sql(&format!("{} UNION ALL {}", part("closed_at IS NULL"), part("state = 'dead'")));
        let types = [Column::Text, Column::Text, Column::Text, Column::Integer, Column::Integer, Column::Integer];
        D::fetch(connection, &sql, &[], &types).await
    }

    /// Returns open and dead intents in the order of their numbers.
    pub async fn list<D: Database>(
        &self,
        connection: &mut D::Connection,
        after: i64,
        most: u32,
    ) -> Result<Vec<Vec<Value>>, DatabaseError> {
        let part =
            |condition: &str| format!("SELECT {COLUMNS}, {{now}}, request FROM {{t}} WHERE id > $1 AND {condition}");
        let sql = self.sql(&format!(
            "{} UNION ALL {} ORDER BY id LIMIT {most}",
            part("closed_at IS NULL"),
            part("state = 'dead'")
        ));
        D::fetch(connection, &sql, &[after.into()], &TYPES).await
    }

    /// Deletes up to `most` intents and callbacks that were closed at least `age` ago. Dead intents stay.
    pub async fn purge<D: Database>(
        &self,
        connection: &mut D::Connection,
        age: Duration,
        most: u32,
    ) -> Result<u64, DatabaseError> {
        let sql = self.sql(&format!(
            "DELETE FROM {{t}} WHERE id IN (SELECT id FROM {{t}} WHERE closed_at IS NOT NULL AND closed_at <= {{now}} - $1 \
             AND state <> 'dead' ORDER BY closed_at LIMIT {most})"
        ));
        D::execute(connection, &sql, &[ms(age).into()]).await
    }
}
