//! Orders and refunds of a merchant, with the requests for them, for programs without a database and without an outbox.
//! In a file of JSON lines, each line is a state of an order, and the last line of an order applies.
//!
//! One rule makes lost answers harmless: the number of an order or refund is on the disk before a request with it is
//! sent. After a crash, the program can therefore build the same request again. The time of the request is stored too,
//! because other processes need it. They may conclude "not done" only if no attempt since that time can still be
//! accepted.
//!
//! Several processes may have the same file open, such as the receiver of callbacks and the nightly run. Each reads the
//! new lines before it looks up an order. Lines are only appended, and each has the revision of the order. Of two lines
//! with the same revision, the first one applies. The process that wrote the second one applies its change again.

use crate::requests;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;
use toss_sdk::pay::{CreatePayment, ExecutePayment, OrderNo, PayToken, PaymentStatus, RefundNo, RefundPayment};
use toss_sdk::runtime::{CallOptions, Violations, uuid_text};

/// Order. It has no `Debug`, so that the token never appears in a log.
#[derive(Clone, Serialize, Deserialize)]
pub struct Order {
    /// The merchant's order number.
    pub order_no: String,
    /// Price in won.
    pub amount: i64,
    /// Public URL of the shop when the order was created, for the purchaser's return and for callbacks.
    pub shop: String,
    /// Toss's token, once the payment exists.
    pub pay_token: Option<String>,
    /// State of the order.
    pub state: State,
    /// Time at which the request of the current state was sent. `None` if no request was sent, and in files of earlier
    /// versions.
    #[serde(default)]
    pub sent_at: Option<SystemTime>,
    /// Refunds, oldest first.
    pub refunds: Vec<Refund>,
    /// Number of writes. 0 in files of earlier versions, where the last line applies.
    #[serde(default)]
    revision: u64,
    /// Identifier of the program that wrote this revision.
    #[serde(default)]
    writer: String,
}

/// State of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum State {
    /// The payment is being created: the request is in progress, or its answer was lost.
    Creating,
    /// The purchaser was sent to the checkout page.
    Waiting,
    /// The payment is being executed: the request is in progress, or its answer was lost.
    Executing,
    /// The payment is complete.
    Paid,
    /// The payment is complete, but all or part of it was refunded outside of this file. A person has to decide before
    /// the delivery.
    GivenBack,
    /// No money was withdrawn, and none will be.
    Failed,
}

/// Refund.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Refund {
    /// The merchant's refund number, the same in every attempt.
    pub refund_no: String,
    /// Amount in won, the same in every attempt.
    pub amount: i64,
    /// State of the refund.
    pub state: RefundState,
    /// Time at which the request of the refund was sent.
    #[serde(default)]
    pub sent_at: Option<SystemTime>,
}

/// State of a refund.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RefundState {
    /// The request is in progress, or its answer was lost.
    Sent,
    /// The refund is complete.
    Done,
    /// The refund was refused.
    Refused,
}

impl Order {
    /// Creates an order with a new number.
    pub fn new(shop: &str, amount: i64) -> Self {
        Self {
            order_no: format!("{PREFIX}{}", uuid_text()),
            amount,
            shop: shop.to_owned(),
            pay_token: None,
            state: State::Creating,
            sent_at: Some(SystemTime::now()),
            refunds: Vec::new(),
            revision: 0,
            writer: String::new(),
        }
    }

    /// Records that the execution is about to be sent.
    pub fn executes(&mut self) {
        self.state = State::Executing;
        self.sent_at = Some(SystemTime::now());
    }

    /// Returns the request that creates the payment.
    ///
    /// # Errors
    ///
    /// Returns an error if the request breaks a rule.
    pub fn creation(&self) -> Result<CreatePayment, Violations> {
        requests::creation(&self.order_no, &self.shop, self.amount)
    }

    /// Returns the request that executes the payment.
    ///
    /// # Errors
    ///
    /// Returns an error if the request breaks a rule, for example because there is no token yet.
    pub fn execution(&self) -> Result<ExecutePayment, Violations> {
        requests::execution(&self.order_no, self.pay_token.as_deref())
    }

    /// Returns the request for the status. It uses the token if there is one, because an order number may find another
    /// payment.
    ///
    /// # Errors
    ///
    /// Returns an error if the request breaks a rule.
    pub fn question(&self) -> Result<PaymentStatus, Violations> {
        match &self.pay_token {
            Some(token) => PaymentStatus::builder().payment(PayToken::new(token)).build(),
            None => PaymentStatus::builder().payment(OrderNo::new(&self.order_no)).build(),
        }
    }

    /// Returns the request of a refund.
    ///
    /// # Errors
    ///
    /// Returns an error if the request breaks a rule, for example because there is no token yet.
    pub fn repayment(&self, refund: &Refund) -> Result<RefundPayment, Violations> {
        requests::repayment(self.pay_token.as_deref(), &refund.refund_no, refund.amount)
    }

    /// Returns the refund whose answer was lost, if there is one.
    pub fn open_refund(&self) -> Option<&Refund> {
        self.refunds.iter().find(|refund| refund.state == RefundState::Sent)
    }

    /// Returns the refunded amount.
    pub fn refunded(&self) -> i64 {
        self.refunds.iter().filter(|refund| refund.state == RefundState::Done).map(|refund| refund.amount).sum()
    }

    /// Records the result of a refund.
    pub fn end_refund(&mut self, refund_no: &str, state: RefundState) {
        for refund in self.refunds.iter_mut().filter(|refund| refund.refund_no == refund_no) {
            refund.state = state;
        }
    }
}

impl Refund {
    /// Creates a refund with a new number. The caller sends its request immediately afterwards.
    pub fn new(amount: i64) -> Self {
        let refund_no = RefundNo::random().as_str().to_owned();
        Self { refund_no, amount, state: RefundState::Sent, sent_at: Some(SystemTime::now()) }
    }
}

/// Returns the settings for resolving a request that another process may have sent.
pub fn sent(at: Option<SystemTime>) -> CallOptions {
    at.map_or(CallOptions::new(), |at| CallOptions::new().attempted(at, at))
}

/// Prefix of the shop's order numbers.
const PREFIX: &str = "order-";

/// All orders of the shop.
pub struct OrderBook(Mutex<Book>);

/// Result of looking up the order of a message.
pub enum About {
    /// The order.
    Order(Box<Order>),
    /// Possibly an order of the shop: let the service send the message again.
    Unclear,
    /// Certainly not an order of the shop.
    NoOrder,
}

struct Book {
    file: File,
    /// Identifier of this program in the lines of the file.
    writer: String,
    /// Number of bytes of the file that were read.
    read: u64,
    orders: BTreeMap<String, Order>,
}

impl OrderBook {
    /// Opens or creates the file.
    ///
    /// # Errors
    ///
    /// Returns an error if the file cannot be read, or if a line of it is not an order.
    pub fn open(path: impl AsRef<Path>) -> io::Result<Self> {
        let file = OpenOptions::new().create(true).read(true).append(true).open(&path)?;
        let mut book = Book { file, writer: uuid_text(), read: 0, orders: BTreeMap::new() };
        book.refresh(None)?;
        Ok(Self(Mutex::new(book)))
    }

    /// Adds a new order. The order is on the disk when this function returns.
    ///
    /// # Errors
    ///
    /// Returns an error if the order cannot be written, or if its number exists. In this case, do not send the request.
    pub fn add(&self, order: &Order) -> io::Result<()> {
        let mut order = order.clone();
        if self.book().write(&mut order)? { Ok(()) } else { Err(io::ErrorKind::AlreadyExists.into()) }
    }

    /// Changes an order. If another process changes the order at the same time, the change is applied again to the new
    /// state. The result is on the disk when this function returns.
    ///
    /// # Errors
    ///
    /// Returns an error if the order does not exist, or cannot be written. In this case, do not send the request.
    pub fn update(&self, order_no: &str, change: impl Fn(&mut Order)) -> io::Result<Order> {
        let mut book = self.book();
        book.refresh(None)?;
        loop {
            let mut order = book.orders.get(order_no).cloned().ok_or(io::ErrorKind::NotFound)?;
            change(&mut order);
            if book.write(&mut order)? {
                return Ok(order);
            }
        }
    }

    /// Returns an order.
    ///
    /// # Errors
    ///
    /// Returns an error if the file cannot be read.
    pub fn find(&self, order_no: &str) -> io::Result<Option<Order>> {
        let mut book = self.book();
        book.refresh(None)?;
        Ok(book.orders.get(order_no).cloned())
    }

    /// Looks up the order of a message, by its order number, or by its token if the number is damaged.
    ///
    /// # Errors
    ///
    /// Returns an error if the file cannot be read.
    pub fn about(&self, order_no: Option<&str>, token: Option<&str>) -> io::Result<About> {
        let mut book = self.book();
        book.refresh(None)?;
        let has_token = |order: &&Order| token.is_some() && order.pay_token.as_deref() == token;
        let by_number = order_no.and_then(|order_no| book.orders.get(order_no));
        if let Some(order) = by_number.or_else(|| book.orders.values().find(has_token)) {
            return Ok(About::Order(Box::new(order.clone())));
        }
        // Each order is on the disk before its payment exists. An unknown number with the shop's prefix is damaged,
        // invented, or from another file. Asking the service to repeat the message loses nothing.
        let is_foreign = |text: &str| !text.is_empty() && !text.to_ascii_lowercase().starts_with(PREFIX);
        let is_foreign = order_no.map(str::trim).is_some_and(is_foreign);
        Ok(if is_foreign { About::NoOrder } else { About::Unclear })
    }

    /// Returns all orders.
    ///
    /// # Errors
    ///
    /// Returns an error if the file cannot be read.
    pub fn all(&self) -> io::Result<Vec<Order>> {
        let mut book = self.book();
        book.refresh(None)?;
        Ok(book.orders.values().cloned().collect())
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        // A poisoned lock is fine: each change is either complete or not made at all.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Book {
    /// Appends the next revision of an order. Returns `false` if another process has written this revision first.
    fn write(&mut self, order: &mut Order) -> io::Result<bool> {
        order.revision += 1;
        order.writer.clone_from(&self.writer);
        // The line starts with a line break, because a process may have ended while it wrote the preceding line.
        let line = format!("\n{}\n", serde_json::to_string(order)?);
        self.file.write_all(line.as_bytes())?;
        self.file.sync_data()?;
        self.refresh(Some(order))
    }

    /// Reads the new lines of the file. Returns `true` if the new lines contain `own`, and no other process wrote this
    /// revision before.
    fn refresh(&mut self, own: Option<&Order>) -> io::Result<bool> {
        let mut bytes = Vec::new();
        self.file.seek(SeekFrom::Start(self.read))?;
        self.file.read_to_end(&mut bytes)?;
        // Another process may still be writing the rest of the last line.
        let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        let mut counts = false;
        for line in bytes[..whole].split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            let order: Order = match serde_json::from_slice(line) {
                Ok(order) => order,
                // A process that ended while writing the line did not send the request.
                Err(error) if error.is_eof() => continue,
                Err(error) => return Err(error.into()),
            };
            let known = self.orders.get(&order.order_no).map_or(0, |known| known.revision);
            if order.revision != 0 && order.revision != known + 1 {
                continue;
            }
            counts |= own.is_some_and(|own| {
                (&own.order_no, own.revision, &own.writer) == (&order.order_no, order.revision, &order.writer)
            });
            self.orders.insert(order.order_no.clone(), order);
        }
        self.read += whole as u64;
        Ok(counts)
    }
}
