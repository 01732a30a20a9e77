//! The outbox: writes intents in the caller's transactions, and lists open intents.

#[cfg(feature = "crash-points")]
use crate::crash::Hook;
use crate::crash::crash_point;
use crate::database::{Database, DatabaseError, Value};
use crate::error::Error;
use crate::observe;
use crate::schema;
use crate::seal::{Label, Storage};
use crate::state::{Record, Row, State, time};
use crate::table::{New, Table, Ticket};
use crate::unreadable::Unreadable;
use pagespec_runtime::{Durable, store};
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// Prefix of the keys under which received callbacks are stored.
pub(crate) const MESSAGE: &str = "message:";

const LONGEST_KEY: usize = 200;

/// Stores requests in the caller's own transactions. The requests are carried out after the commit.
///
/// Cheap to clone. An outbox sends nothing itself. A [`Runner`](crate::Runner) sends the requests.
pub struct Outbox<D: Database> {
    pub(crate) inner: Arc<Inner<D>>,
}

pub(crate) struct Inner<D: Database> {
    pub(crate) database: D,
    pub(crate) table: Table,
    pub(crate) storage: Storage,
    prefix: String,
    #[cfg(feature = "crash-points")]
    hook: Option<Hook>,
}

impl<D: Database> Clone for Outbox<D> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone() }
    }
}

impl<D: Database> fmt::Debug for Outbox<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outbox").field("prefix", &self.inner.prefix).finish_non_exhaustive()
    }
}

/// Configures an [`Outbox`].
#[must_use]
pub struct OutboxBuilder<D: Database> {
    database: D,
    storage: Storage,
    prefix: String,
    clock: Option<String>,
    #[cfg(feature = "crash-points")]
    hook: Option<Hook>,
}

impl<D: Database> fmt::Debug for OutboxBuilder<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OutboxBuilder").field("prefix", &self.prefix).finish_non_exhaustive()
    }
}

impl<D: Database> OutboxBuilder<D> {
    /// Sets the prefix of the tables' names: 1 to 32 characters of `a-z`, `0-9` and `_`, beginning with a letter or
    /// `_`. Default: `outbox_`.
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// Sets another source of the time, for tests. `milliseconds` is an SQL expression for the milliseconds since 1970.
    /// Default: the database's own clock.
    pub fn clock_sql(mut self, milliseconds: impl Into<String>) -> Self {
        self.clock = Some(milliseconds.into());
        self
    }

    /// Sets a hook that is called at each of the [`CRASH_POINTS`](crate::CRASH_POINTS).
    #[cfg(feature = "crash-points")]
    pub fn crash_points(mut self, hook: Hook) -> Self {
        self.hook = Some(hook);
        self
    }

    /// Builds the outbox, without accessing the database.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Setting`] if the prefix is invalid.
    pub fn build(self) -> Result<Outbox<D>, Error> {
        schema::check_prefix(&self.prefix)?;
        let inner = Inner {
            table: Table::new(&self.prefix, D::DIALECT, self.clock.as_deref()),
            database: self.database,
            storage: self.storage,
            prefix: self.prefix,
            #[cfg(feature = "crash-points")]
            hook: self.hook,
        };
        Ok(Outbox { inner: Arc::new(inner) })
    }
}

impl<D: Database> Inner<D> {
    #[cfg(feature = "crash-points")]
    pub(crate) async fn pass(&self, point: &'static str) {
        if let Some(hook) = &self.hook {
            hook(point).await;
        }
    }
}

/// An intent to enqueue: a request and the key that identifies it.
#[derive(Debug)]
#[must_use]
pub struct Intent<'a, R: Durable> {
    key: &'a str,
    request: &'a R,
    expected: R::Expected,
    ordering: Option<&'a str>,
}

impl<'a, R: Durable<Expected = ()>> Intent<'a, R> {
    /// Creates an intent for a request without expected values. For a request with expected values, use
    /// [`expecting`](Self::expecting).
    pub fn new(key: &'a str, request: &'a R) -> Self {
        Self::expecting(key, request, ())
    }
}

impl<'a, R: Durable> Intent<'a, R> {
    /// Creates an intent for a request with expected values. The client compares these values with the answers to
    /// status queries, and with the reply if the operation's reply has such members. The expected values are the
    /// parameters that follow the request in the client's method `resolve_…`, as a tuple. For example, the tuple for
    /// the execution of a payment contains the amount of the payment, as in `(39_000,)`.
    pub fn expecting(key: &'a str, request: &'a R, expected: R::Expected) -> Self {
        Self { key, request, expected, ordering: None }
    }

    /// Carries out intents with the same text one after another, in the order in which they were enqueued. Use a text
    /// that identifies the payment. Intents with different texts can run at the same time.
    ///
    /// Two concurrent transactions that enqueue with the same text have no defined order. The intent that a worker
    /// claims first runs first.
    pub fn in_order_of(mut self, ordering: &'a str) -> Self {
        self.ordering = Some(ordering);
        self
    }
}

/// Result of enqueueing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Enqueued {
    /// The intent is new. Nothing is sent before the caller's transaction commits.
    New,
    /// The same intent was enqueued before, and has this state.
    Already(State),
}

/// Number of intents that belong to one operation and are in one state.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Count {
    /// The API.
    pub api: String,
    /// The operation.
    pub operation: String,
    /// The state, which is an open state or *dead*.
    pub state: State,
    /// Number of intents.
    pub count: u64,
    /// Age of the oldest intent.
    pub oldest: Duration,
}

/// An open or dead intent in a list. Its record may be unreadable.
#[derive(Debug)]
#[non_exhaustive]
pub struct Listed {
    /// Number of the row, as in [`Record::id`].
    pub id: i64,
    /// The key.
    pub key: String,
    /// The record, or the reason why it cannot be read.
    pub record: Result<Record, Unreadable>,
}

impl<D: Database> Outbox<D> {
    /// Starts building an outbox in this database. `storage` decides whether requests are sealed or stored in plain
    /// text.
    pub fn builder(database: D, storage: Storage) -> OutboxBuilder<D> {
        OutboxBuilder {
            database,
            storage,
            prefix: "outbox_".to_owned(),
            clock: None,
            #[cfg(feature = "crash-points")]
            hook: None,
        }
    }

    /// Returns the database.
    pub fn database(&self) -> &D {
        &self.inner.database
    }

    /// Creates the tables, or updates them to the version of this crate. Several programs may call this method at the
    /// same time.
    ///
    /// # Errors
    ///
    /// Returns an error if the tables are newer than this crate, or the database fails.
    pub async fn migrate(&self) -> Result<(), Error> {
        schema::migrate(&self.inner.database, &self.inner.prefix).await
    }

    /// Returns the SQL that [`migrate`](Self::migrate) runs on an empty database, for use in another migration tool.
    pub fn migrations(&self) -> Vec<String> {
        schema::migrations(D::DIALECT, &self.inner.prefix)
    }

    /// Checks that the tables exist and have the version that this crate supports.
    ///
    /// # Errors
    ///
    /// Returns an error if the tables are missing or newer than this crate, or the database fails.
    pub async fn check(&self) -> Result<(), Error> {
        schema::check(&self.inner.database, &self.inner.prefix).await
    }

    /// Writes a request in the caller's transaction. The caller chooses `key`, such as `order-17/refund-1`, which
    /// identifies the intent. Enqueueing the same request again with the same key has no effect.
    ///
    /// # Errors
    ///
    /// Returns [`Error::KeyReused`] if the key belongs to another request. Returns an error if the key is invalid, the
    /// request cannot be stored, an intent with the same key cannot be read, the tables are missing or newer than this
    /// crate, or the database fails. After an error, roll the transaction back.
    pub async fn enqueue<R: Durable<Expected = ()>>(
        &self,
        transaction: &mut D::Connection,
        key: &str,
        request: &R,
    ) -> Result<Enqueued, Error> {
        self.enqueue_intent(transaction, &Intent::new(key, request)).await
    }

    /// Like [`enqueue`](Self::enqueue), for an intent with an order or with expected values.
    ///
    /// # Errors
    ///
    /// As for [`enqueue`](Self::enqueue). A request with another order or other expected values is another request.
    pub async fn enqueue_intent<R: Durable>(
        &self,
        transaction: &mut D::Connection,
        intent: &Intent<'_, R>,
    ) -> Result<Enqueued, Error> {
        let inner = &*self.inner;
        check_key(intent.key)?;
        let (api, operation) = (R::API.name, R::OPERATION.id);
        let now = inner.table.now_for_writing::<D>(transaction).await?;
        let text = store(intent.request, &intent.expected, time(now)).map_err(Error::Unstorable)?;
        let label = Label { key: intent.key, api, operation, ordering: intent.ordering, enqueued_at: now };
        let (request, sealed_with) = inner.storage.seal(&label, &text).ok_or(Error::NoRandomness)?;
        let new = New {
            key: intent.key,
            api,
            operation,
            ordering: intent.ordering,
            request,
            sealed_with,
            enqueued_at: now,
            state: State::Queued,
        };
        if inner.table.insert::<D>(transaction, new).await? {
            crash_point!(inner, "enqueue.written");
            tracing::debug!(api, operation, key = intent.key, "enqueued");
            return Ok(Enqueued::New);
        }
        let key = || intent.key.to_owned();
        let Some(row) = inner.table.find::<D>(transaction, intent.key).await? else {
            let message = "another transaction inserted the key, and this transaction cannot see it";
            return Err(DatabaseError::new(crate::Problem::Busy, message).into());
        };
        let stored = open(&inner.storage, &row).map_err(|why| Error::Unreadable { key: key(), why })?;
        let record = row.record;
        let is_same = (&*record.api, &*record.operation, record.ordering.as_deref())
            == (api, operation, intent.ordering)
            && *stored == *text;
        if is_same { Ok(Enqueued::Already(record.state)) } else { Err(Error::KeyReused { key: key() }) }
    }

    /// Returns the record of an intent.
    ///
    /// # Errors
    ///
    /// Returns an error if the database fails, or a column cannot be read.
    pub async fn show(&self, key: &str) -> Result<Option<Record>, Error> {
        Ok(self.row(key).await?.map(|row| row.record))
    }

    pub(crate) async fn row(&self, key: &str) -> Result<Option<Row>, Error> {
        let mut transaction = self.inner.database.begin_reading().await?;
        self.inner.table.find::<D>(D::connection(&mut transaction), key).await
    }

    /// Returns the number of open and dead intents for each operation and state, with the age of the oldest of them.
    ///
    /// # Errors
    ///
    /// Returns an error if the database fails.
    pub async fn counts(&self) -> Result<Vec<Count>, Error> {
        let mut transaction = self.inner.database.begin_reading().await?;
        let rows = self.inner.table.counts::<D>(D::connection(&mut transaction)).await?;
        Ok(rows.into_iter().filter_map(count).collect())
    }

    /// Returns up to `most` open and dead intents whose [`id`](Listed::id) is greater than `after`, in the order of
    /// their ids. For the first page, `after` is 0. An intent that cannot be read does not hide the others.
    ///
    /// # Errors
    ///
    /// Returns an error if the database fails, or if a value cannot be decoded, such as a text that is not UTF-8.
    pub async fn list(&self, after: i64, most: u32) -> Result<Vec<Listed>, Error> {
        let mut transaction = self.inner.database.begin_reading().await?;
        let rows = self.inner.table.list::<D>(D::connection(&mut transaction), after, most).await?;
        let read = |cells: Vec<Value>| {
            let (id, key) = (id_of(&cells), key_of(&cells));
            id.map(|id| Listed { id, key, record: Row::read(cells).map(|row| row.record) })
        };
        // The id is the primary key, so it is never absent.
        Ok(rows.into_iter().filter_map(read).collect())
    }

    /// Closes an open intent as dead without reading its request and without calling its handler. Use it only for a row
    /// that can no longer be read, for example because the sealing key is lost. For other intents, use
    /// [`Runner::give_up`](crate::Runner::give_up).
    ///
    /// If the request may have been sent, its outcome stays unknown. A person has to check the payment and correct the
    /// caller's records.
    ///
    /// # Errors
    ///
    /// Returns [`Error::NotFound`] if there is no open intent with this key, and an error if the database fails.
    pub async fn abandon(&self, key: &str, reason: &str) -> Result<(), Error> {
        let mut transaction = self.inner.database.begin().await?;
        let connection = D::connection(&mut transaction);
        if !self.inner.table.abandon::<D>(connection, key, reason).await? {
            return Err(Error::NotFound { key: key.to_owned() });
        }
        D::commit(transaction).await?;
        // Only for the event. The record may be unreadable.
        let record = self.show(key).await.ok().flatten();
        let (api, operation) = record.map(|record| (record.api, record.operation)).unwrap_or_default();
        observe::closed(&api, &operation, State::Dead);
        tracing::error!(key, "an intent was abandoned; if its request was sent, the outcome is unknown");
        Ok(())
    }

    /// Makes an intent due now.
    ///
    /// An intent that was given up is opened again. Its request is then resolved, and not sent like a new request. If
    /// the resolution is inconclusive and the intent is older than the runner's limit, the intent is given up again. An
    /// intent that was abandoned while it was queued is queued again.
    ///
    /// # Errors
    ///
    /// Returns [`Error::WrongState`] if the intent was applied or rejected. Returns an error if there is no such
    /// intent, a column cannot be read, or the database fails.
    pub async fn retry(&self, key: &str) -> Result<(), Error> {
        let mut transaction = self.inner.database.begin().await?;
        let connection = D::connection(&mut transaction);
        let row = self.inner.table.find::<D>(connection, key).await?;
        let record = row.ok_or_else(|| Error::NotFound { key: key.to_owned() })?.record;
        let to = match record.state {
            // A dead intent without a time of sending was abandoned while it was queued.
            State::Dead if record.first_sent_at.is_none() => State::Queued,
            State::Dead => State::Unknown,
            State::Queued | State::Sending | State::Unknown => record.state,
            state @ (State::Applied | State::Rejected) => return Err(Error::WrongState { key: key.to_owned(), state }),
        };
        let seen = Ticket { id: record.id, fence: record.fence };
        if !self.inner.table.retry::<D>(connection, seen, (record.state, to)).await? {
            return Err(
                DatabaseError::new(crate::Problem::Busy, "the intent was changed by another transaction").into()
            );
        }
        D::commit(transaction).await?;
        Ok(())
    }

    /// Deletes up to `most` intents and callbacks that were closed at least `age` ago. Dead intents stay.
    ///
    /// A deleted key can be enqueued again. Keep closed intents for longer than the caller may repeat a request: weeks
    /// rather than hours.
    ///
    /// # Errors
    ///
    /// Returns an error if the database fails.
    pub async fn purge(&self, age: Duration, most: u32) -> Result<u64, Error> {
        let mut transaction = self.inner.database.begin().await?;
        let deleted = self.inner.table.purge::<D>(D::connection(&mut transaction), age, most).await?;
        D::commit(transaction).await?;
        Ok(deleted)
    }
}

/// Returns the text of a stored request.
pub(crate) fn open(storage: &Storage, row: &Row) -> Result<impl std::ops::Deref<Target = Vec<u8>> + use<>, Unreadable> {
    let record = &row.record;
    let label = Label {
        key: &record.key,
        api: &record.api,
        operation: &record.operation,
        ordering: record.ordering.as_deref(),
        enqueued_at: row.enqueued_ms,
    };
    storage.open(&label, &row.request, record.sealed_with.as_deref())
}

/// Returns the id in a row, even if the rest of the row cannot be read.
fn id_of(cells: &[Value]) -> Option<i64> {
    match cells.first() {
        Some(Value::Integer(id)) => *id,
        _ => None,
    }
}

/// Returns the key in a row, even if the rest of the row cannot be read.
pub(crate) fn key_of(cells: &[Value]) -> String {
    match cells.get(1) {
        Some(Value::Text(Some(key))) => key.clone(),
        _ => String::new(),
    }
}

fn count(cells: Vec<Value>) -> Option<Count> {
    let [Value::Text(api), Value::Text(operation), Value::Text(state), count, oldest, now] = &cells[..] else {
        return None;
    };
    let number = |value: &Value| if let Value::Integer(value) = value { *value } else { None };
    let age = number(now)?.saturating_sub(number(oldest)?);
    Some(Count {
        api: api.clone()?,
        operation: operation.clone()?,
        state: State::from_column(state.as_deref()?)?,
        count: u64::try_from(number(count)?).unwrap_or_default(),
        oldest: Duration::from_millis(u64::try_from(age).unwrap_or_default()),
    })
}

fn check_key(key: &str) -> Result<(), Error> {
    let is_bad =
        key.is_empty() || key.len() > LONGEST_KEY || key.chars().any(char::is_control) || key.starts_with(MESSAGE);
    if is_bad { Err(Error::InvalidKey) } else { Ok(()) }
}

/// Reads the request and its expected values.
pub(crate) fn read<R: Durable>(storage: &Storage, row: &Row) -> Result<(R, R::Expected), Unreadable> {
    let text = open(storage, row)?;
    let at: SystemTime = row.record.enqueued_at;
    pagespec_runtime::read_stored::<R>(&text, at).map_err(Unreadable::Content)
}
