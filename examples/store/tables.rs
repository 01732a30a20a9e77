//! The shop's tables. The SQL is the same for SQLite and PostgreSQL.

use crate::requests;
use pagespec_outbox::{Column, Database, DatabaseError, Dialect, Problem, Value};
use std::fmt;
use toss_sdk::pay::{CreatePayment, ExecutePayment, RefundNo, RefundPayment};
use toss_sdk::runtime::{Violations, uuid_text};

/// Prefix of the shop's order numbers.
const PREFIX: &str = "order-";

/// Order. It does not implement `Debug`, so that the token never appears in a log.
#[derive(Clone)]
pub struct Order {
    /// The shop's order number.
    pub order_no: String,
    /// Price in won.
    pub amount: i64,
    /// Public URL of the shop at the time of the order. The purchaser returns to this URL, and callbacks are sent to
    /// it.
    pub shop: String,
    /// State of the order.
    pub state: State,
    /// Toss's token of the payment. `None` until the token is known.
    pub pay_token: Option<String>,
    /// URL of the page on which the purchaser pays. `None` until the URL is known.
    pub checkout_page: Option<String>,
    /// The service's message for the purchaser, if the payment was refused with a message.
    pub words: Option<String>,
}

/// State of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// The request that creates the payment is in the outbox.
    Creating,
    /// The payment was created. The purchaser has to approve it on the checkout page.
    Waiting,
    /// The request that executes the payment is in the outbox.
    Executing,
    /// The payment is complete.
    Paid,
    /// The payment is complete, but all or part of it was refunded outside of this shop. A person has to decide before
    /// the delivery.
    GivenBack,
    /// No money was withdrawn, and none will be.
    Failed,
    /// The outbox gave up the creation or execution of the payment, or a callback contradicts the refusal of the
    /// execution. A person has to decide.
    Doubtful,
}

impl State {
    const ALL: [Self; 7] =
        [Self::Creating, Self::Waiting, Self::Executing, Self::Paid, Self::GivenBack, Self::Failed, Self::Doubtful];

    /// Returns the name of the state in the table `orders`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Creating => "creating",
            Self::Waiting => "waiting",
            Self::Executing => "executing",
            Self::Paid => "paid",
            Self::GivenBack => "given back",
            Self::Failed => "failed",
            Self::Doubtful => "doubtful",
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Order {
    /// Creates an order with a new number.
    pub fn new(shop: &str, amount: i64) -> Self {
        Self {
            order_no: format!("{PREFIX}{}", uuid_text()),
            amount,
            shop: shop.to_owned(),
            state: State::Creating,
            pay_token: None,
            checkout_page: None,
            words: None,
        }
    }

    /// Returns the key of the intent that creates the payment.
    pub fn creation_key(&self) -> String {
        format!("{}/create", self.order_no)
    }

    /// Returns the key of the intent that executes the payment.
    pub fn payment_key(&self) -> String {
        format!("{}/pay", self.order_no)
    }

    /// Returns the request that creates the payment.
    ///
    /// # Errors
    ///
    /// Returns an error if the request breaks a rule of the API, for example if the amount is 0.
    pub fn creation(&self) -> Result<CreatePayment, Violations> {
        requests::creation(&self.order_no, &self.shop, self.amount)
    }

    /// Returns the request that executes the payment.
    ///
    /// # Errors
    ///
    /// Returns an error if the request breaks a rule of the API, for example if the order has no token yet.
    pub fn execution(&self) -> Result<ExecutePayment, Violations> {
        requests::execution(&self.order_no, self.pay_token.as_deref())
    }

    /// Returns the request that makes a refund.
    ///
    /// # Errors
    ///
    /// Returns an error if the request breaks a rule of the API, for example if the order has no token yet.
    pub fn repayment(&self, refund: &Refund) -> Result<RefundPayment, Violations> {
        requests::repayment(self.pay_token.as_deref(), &refund.refund_no, refund.amount)
    }
}

/// Refund of all or part of a payment.
#[derive(Clone, Debug)]
pub struct Refund {
    /// The shop's refund number, which is the same in every attempt.
    pub refund_no: String,
    /// Number of the refunded order.
    pub order_no: String,
    /// Amount in won.
    pub amount: i64,
    /// State of the refund: `sent`, `done`, `refused` or `doubtful`. In the state `doubtful`, a person has to decide.
    pub state: String,
}

impl Refund {
    /// Creates a refund with this number, which comes from the form. A form that arrives several times therefore makes
    /// only one refund.
    pub fn new(refund_no: &str, order: &Order, amount: i64) -> Self {
        let state = "sent".to_owned();
        Self { refund_no: refund_no.to_owned(), order_no: order.order_no.clone(), amount, state }
    }

    /// Returns a new unique refund number.
    pub fn number() -> String {
        RefundNo::random().as_str().to_owned()
    }

    /// Returns the key of the refund's intent.
    pub fn key(&self) -> String {
        format!("{}/refund/{}", self.order_no, self.refund_no)
    }
}

const TABLES: [&str; 3] = [
    "CREATE TABLE IF NOT EXISTS orders (order_no TEXT NOT NULL PRIMARY KEY, amount BIGINT NOT NULL, shop TEXT NOT NULL, \
     state TEXT NOT NULL, pay_token TEXT, checkout_page TEXT, words TEXT)",
    "CREATE TABLE IF NOT EXISTS refunds (refund_no TEXT NOT NULL PRIMARY KEY, order_no TEXT NOT NULL, amount BIGINT NOT NULL, \
     state TEXT NOT NULL)",
    // Each intent adds a row when it is closed, so that a test can check that it is closed only once.
    "CREATE TABLE IF NOT EXISTS entries (intent TEXT NOT NULL, result TEXT NOT NULL)",
];

/// Creates the shop's tables that do not exist yet. Several programs may call this function at the same time.
///
/// # Errors
///
/// Returns an error if the database fails.
pub async fn prepare<D: Database>(database: &D) -> Result<(), DatabaseError> {
    let mut transaction = database.begin().await?;
    let connection = D::connection(&mut transaction);
    if D::DIALECT == Dialect::Postgres {
        // Without this lock, `CREATE TABLE IF NOT EXISTS` can fail if two programs create the same table at once.
        D::execute(connection, "SELECT pg_advisory_xact_lock(39000)", &[]).await?;
    }
    for table in TABLES {
        D::execute(connection, table, &[]).await?;
    }
    D::commit(transaction).await
}

/// Adds an order.
///
/// # Errors
///
/// Returns an error if the database fails.
pub async fn insert<D: Database>(connection: &mut D::Connection, order: &Order) -> Result<(), DatabaseError> {
    let sql = "INSERT INTO orders (order_no, amount, shop, state) VALUES ($1, $2, $3, $4)";
    let values = [(&*order.order_no).into(), order.amount.into(), (&*order.shop).into(), order.state.as_str().into()];
    D::execute(connection, sql, &values).await.map(drop)
}

const COLUMNS: &str = "SELECT order_no, amount, shop, state, pay_token, checkout_page, words FROM orders";
const TYPES: [Column; 7] =
    [Column::Text, Column::Integer, Column::Text, Column::Text, Column::Text, Column::Text, Column::Text];

fn order(cells: Vec<Value>) -> Result<Order, DatabaseError> {
    let broken = || DatabaseError::new(Problem::Content, "a row of `orders` was not written by this program");
    let cells: [Value; 7] = cells.try_into().map_err(|_| broken())?;
    let [
        Value::Text(Some(order_no)),
        Value::Integer(Some(amount)),
        Value::Text(Some(shop)),
        Value::Text(Some(state)),
        Value::Text(pay_token),
        Value::Text(checkout_page),
        Value::Text(words),
    ] = cells
    else {
        return Err(broken());
    };
    let state = State::ALL.into_iter().find(|own| own.as_str() == state).ok_or_else(broken)?;
    Ok(Order { order_no, amount, shop, state, pay_token, checkout_page, words })
}

/// Returns the order with this number, if there is one.
///
/// # Errors
///
/// Returns an error if the database fails.
pub async fn find<D: Database>(connection: &mut D::Connection, order_no: &str) -> Result<Option<Order>, DatabaseError> {
    let rows = D::fetch(connection, &format!("{COLUMNS} WHERE order_no = $1"), &[order_no.into()], &TYPES).await?;
    rows.into_iter().next().map(order).transpose()
}

/// Returns the first 100 orders, sorted by their numbers.
///
/// # Errors
///
/// Returns an error if the database fails.
pub async fn overview<D: Database>(connection: &mut D::Connection) -> Result<Vec<Order>, DatabaseError> {
    let sql = format!("{COLUMNS} ORDER BY order_no LIMIT 100");
    D::fetch(connection, &sql, &[], &TYPES).await?.into_iter().map(order).collect()
}

/// Result of looking up the order of a callback.
pub enum Listed {
    /// The callback is about this order.
    Order(Box<Order>),
    /// The callback may be about an order of the shop. Answer it with an error, so that the service sends it again.
    Unclear,
    /// The callback is not about an order of the shop.
    NoOrder,
}

/// Looks up the order of a callback. If no order has the order number in the callback, looks for an order with the
/// payment token in the callback.
///
/// # Errors
///
/// Returns an error if the database fails.
pub async fn about<D: Database>(
    connection: &mut D::Connection,
    order_no: Option<&str>,
    token: Option<&str>,
) -> Result<Listed, DatabaseError> {
    if let Some(order_no) = order_no
        && let Some(order) = find::<D>(connection, order_no).await?
    {
        return Ok(Listed::Order(Box::new(order)));
    }
    if let Some(token) = token {
        let sql = format!("{COLUMNS} WHERE pay_token = $1");
        if let Some(row) = D::fetch(connection, &sql, &[token.into()], &TYPES).await?.into_iter().next() {
            return Ok(Listed::Order(Box::new(order(row)?)));
        }
    }
    // Each order is in the database before its payment exists. An unknown number with the shop's prefix is therefore
    // damaged, invented, or from another database. The callback is not lost, because the caller answers it with an
    // error, and the service then sends it again.
    let is_foreign = |text: &str| !text.is_empty() && !text.to_ascii_lowercase().starts_with(PREFIX);
    let is_foreign = order_no.map(str::trim).is_some_and(is_foreign);
    Ok(if is_foreign { Listed::NoOrder } else { Listed::Unclear })
}

/// Changes the state of an order to `to`, if the order is in one of the states `from`. Otherwise returns `false`, for
/// example because another program has already changed the state.
///
/// # Errors
///
/// Returns an error if the database fails.
pub async fn mark<D: Database>(
    connection: &mut D::Connection,
    order_no: &str,
    from: &[State],
    to: State,
) -> Result<bool, DatabaseError> {
    // The names of the states are constants without quotes, so they need no escaping.
    let from: Vec<String> = from.iter().map(|state| format!("'{state}'")).collect();
    let sql = format!("UPDATE orders SET state = $1 WHERE order_no = $2 AND state IN ({})", from.join(", "));
    Ok(D::execute(connection, &sql, &[to.as_str().into(), order_no.into()]).await? == 1)
}

/// Locks an order until the transaction ends. Returns `false` if the order is not in the state `state`.
///
/// # Errors
///
/// Returns an error if the database fails.
pub async fn lock_order<D: Database>(
    connection: &mut D::Connection,
    order_no: &str,
    state: State,
) -> Result<bool, DatabaseError> {
    mark::<D>(connection, order_no, &[state], state).await
}

/// Returns the order's refund with this number. If there is no such refund, returns another refund of the order that is
/// in the state `sent` or `doubtful`, if there is one.
///
/// # Errors
///
/// Returns an error if the database fails.
pub async fn find_refund<D: Database>(
    connection: &mut D::Connection,
    order_no: &str,
    refund_no: &str,
) -> Result<Option<Refund>, DatabaseError> {
    let sql = "SELECT refund_no, amount, state FROM refunds WHERE order_no = $1 AND (refund_no = $2 OR state IN ('sent', 'doubtful')) \
               ORDER BY CASE WHEN refund_no = $2 THEN 0 ELSE 1 END";
    let types = [Column::Text, Column::Integer, Column::Text];
    let rows = D::fetch(connection, sql, &[order_no.into(), refund_no.into()], &types).await?;
    Ok(match rows.first().map(Vec::as_slice) {
        Some([Value::Text(Some(refund_no)), Value::Integer(Some(amount)), Value::Text(Some(state))]) => Some(Refund {
            refund_no: refund_no.clone(),
            order_no: order_no.to_owned(),
            amount: *amount,
            state: state.clone(),
        }),
        _ => None,
    })
}

/// Adds a refund.
///
/// # Errors
///
/// Returns an error if the database fails.
pub async fn insert_refund<D: Database>(connection: &mut D::Connection, refund: &Refund) -> Result<(), DatabaseError> {
    let sql = "INSERT INTO refunds (refund_no, order_no, amount, state) VALUES ($1, $2, $3, $4)";
    let values =
        [(&*refund.refund_no).into(), (&*refund.order_no).into(), refund.amount.into(), (&*refund.state).into()];
    D::execute(connection, sql, &values).await.map(drop)
}
