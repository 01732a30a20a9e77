//! File of a merchant's orders and refunds, for programs without a database and without an outbox. Each line of the
//! file is a JSON object with one revision of an order. The latest revision applies.
//!
//! The number of an order or refund is on the disk before a request with this number is sent. The program can therefore
//! build the same request again after a crash or a lost answer. The time at which the request was sent is stored too.
//! From this time, another process computes the time after which the service no longer accepts the request. Only after
//! that time may this process conclude that the request had no effect.
//!
//! Several processes may have the same file open, such as the receiver of callbacks and the nightly run. Each process
//! reads the new lines of the file before it looks up an order. Lines are only appended. If two processes append the
//! same revision of an order, the first line applies, and the process that wrote the second line applies its change
//! again.

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

/// Order. It does not implement `Debug`, so that the token never appears in a log.
#[derive(Clone, Serialize, Deserialize)]
pub struct Order {
    /// The merchant's order number.
    pub order_no: String,
    /// Price in won.
    pub amount: i64,
    /// Public URL of the shop at the time of the order. The purchaser returns to this URL, and callbacks are sent to
    /// it.
    pub shop: String,
    /// Toss's token of the payment. `None` until the token is known.
    pub pay_token: Option<String>,
    /// State of the order.
    pub state: State,
    /// Time at which the request that creates the payment was sent. When the shop executes the payment, the time at
    /// which the execution is sent replaces this time. `None` in lines that earlier versions of this module wrote.
    #[serde(default)]
    pub sent_at: Option<SystemTime>,
    /// Refunds, oldest first.
    pub refunds: Vec<Refund>,
    /// Number of this revision, starting at 1. It is 0 in lines that earlier versions of this module wrote. Of several
    /// such lines for one order, the last one applies.
    #[serde(default)]
    revision: u64,
    /// Random identifier of the [`OrderBook`] that wrote this revision.
    #[serde(default)]
    writer: String,
}

/// State of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum State {
    /// The payment is being created: the request is in progress, or its answer was lost.
    Creating,
    /// The payment was created. The purchaser has to approve it on the checkout page.
    Waiting,
    /// The payment is being executed: the request is in progress, or its answer was lost.
    Executing,
    /// The payment is complete.
    Paid,
    /// The payment is complete, but all or part of it was refunded, and the file does not contain this refund. A person
    /// has to decide before the delivery.
    GivenBack,
    /// No money was withdrawn, and none will be.
    Failed,
}

/// Refund of all or part of a payment.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Refund {
    /// The merchant's refund number, the same in every attempt.
    pub refund_no: String,
    /// Amount in won, the same in every attempt.
    pub amount: i64,
    /// State of the refund.
    pub state: RefundState,
    /// Time at which the request was sent. `None` in lines that earlier versions of this module wrote.
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

    /// Sets the state to [`State::Executing`], and the time of the request to the current time. Store this change
    /// before you send the request.
    pub fn executes(&mut self) {
        self.state = State::Executing;
        self.sent_at = Some(SystemTime::now());
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

    /// Returns the request that queries the status of the payment. The request contains the token if the token is
    /// known, because another payment may have the same order number.
    ///
    /// # Errors
    ///
    /// Returns an error if the request breaks a rule of the API, for example if the token is too long.
    pub fn question(&self) -> Result<PaymentStatus, Violations> {
        match &self.pay_token {
            Some(token) => PaymentStatus::builder().payment(PayToken::new(token)).build(),
            None => PaymentStatus::builder().payment(OrderNo::new(&self.order_no)).build(),
        }
    }

    /// Returns the request that makes a refund.
    ///
    /// # Errors
    ///
    /// Returns an error if the request breaks a rule of the API, for example if the order has no token yet.
    pub fn repayment(&self, refund: &Refund) -> Result<RefundPayment, Violations> {
        requests::repayment(self.pay_token.as_deref(), &refund.refund_no, refund.amount)
    }

    /// Returns the refunds whose outcomes are not known yet.
    pub fn open_refunds(&self) -> impl Iterator<Item = &Refund> {
        self.refunds.iter().filter(|refund| refund.state == RefundState::Sent)
    }

    /// Returns the sum of the complete refunds, in won.
    pub fn refunded(&self) -> i64 {
        self.refunds.iter().filter(|refund| refund.state == RefundState::Done).map(|refund| refund.amount).sum()
    }

    /// Sets the state of a refund.
    pub fn end_refund(&mut self, refund_no: &str, state: RefundState) {
        for refund in self.refunds.iter_mut().filter(|refund| refund.refund_no == refund_no) {
            refund.state = state;
        }
    }
}

impl Refund {
    /// Creates a refund with a new number, and with the current time as the time of its request. Store the refund
    /// before you send the request.
    pub fn new(amount: i64) -> Self {
        let refund_no = RefundNo::random().as_str().to_owned();
        Self { refund_no, amount, state: RefundState::Sent, sent_at: Some(SystemTime::now()) }
    }
}

/// Returns the options with which a client resolves a request that another process may have sent at the time `at`.
pub fn sent(at: Option<SystemTime>) -> CallOptions {
    at.map_or(CallOptions::new(), |at| CallOptions::new().attempted(at, at))
}

/// Prefix of the shop's order numbers.
const PREFIX: &str = "order-";

/// All orders of the shop.
pub struct OrderBook(Mutex<Book>);

/// Result of looking up the order of a callback.
pub enum About {
    /// The callback is about this order.
    Order(Box<Order>),
    /// The callback may be about an order of the shop. Answer it with an error, so that the service sends it again.
    Unclear,
    /// The callback is not about an order of the shop.
    NoOrder,
}

struct Book {
    file: File,
    /// Random identifier of this order book, which is written into each of its lines.
    writer: String,
    /// Number of bytes of the file that were read so far. Only whole lines count.
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
    /// Returns an error if the order cannot be written, or if the file already contains its number. In both cases, do
    /// not send the request.
    pub fn add(&self, order: &Order) -> io::Result<()> {
        let mut order = order.clone();
        if self.book().write(&mut order)? { Ok(()) } else { Err(io::ErrorKind::AlreadyExists.into()) }
    }

    /// Changes an order. If another process changes the order at the same time, `change` is called again with the order
    /// that the other process wrote. The result is on the disk when this function returns.
    ///
    /// # Errors
    ///
    /// Returns an error if the order does not exist or cannot be written. In both cases, do not send the request.
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

    /// Looks up the order of a callback. If no order has the order number in the callback, looks for an order with the
    /// payment token in the callback.
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
        // Each order is on the disk before its payment exists. An unknown number with the shop's prefix is therefore
        // damaged, invented, or from another file. The callback is not lost, because the caller answers it with an
        // error, and the service then sends it again.
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
        // A poisoned lock is harmless. A panic in a `change` changes nothing. After a panic in `refresh`, the next call
        // reads the same lines of the file again.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Book {
    /// Appends the next revision of an order. Returns `false` if another process wrote the same revision before.
    fn write(&mut self, order: &mut Order) -> io::Result<bool> {
        order.revision += 1;
        order.writer.clone_from(&self.writer);
        // A process may have ended while it wrote the preceding line. The line break at the start separates that
        // incomplete line from the new one.
        let line = format!("\n{}\n", serde_json::to_string(order)?);
        self.file.write_all(line.as_bytes())?;
        self.file.sync_data()?;
        self.refresh(Some(order))
    }

    /// Reads the new lines of the file. Returns `true` if one of these lines contains the revision `own`, and this line
    /// is the first one with the same order number and revision number.
    fn refresh(&mut self, own: Option<&Order>) -> io::Result<bool> {
        let mut bytes = Vec::new();
        self.file.seek(SeekFrom::Start(self.read))?;
        self.file.read_to_end(&mut bytes)?;
        // Reads only whole lines, because another process may still be writing the last line.
        let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        let mut counts = false;
        for line in bytes[..whole].split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            let order: Order = match serde_json::from_slice(line) {
                Ok(order) => order,
                // The line is incomplete. The process that wrote it ended before it could send the request.
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
