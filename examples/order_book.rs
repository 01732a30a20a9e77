//! What a merchant keeps of orders and refunds, and the requests that follow from it. A file of JSON lines stands in
//! for the shop's database: each line is an order as it was then, and the last one of an order counts.
//!
//! The rule that makes lost answers harmless: a number is on the disk before the request that carries it is sent, and
//! the request can be made again from what is on the disk, to the letter. So is the time: "not done" can be concluded
//! only once no attempt can be accepted any more, and another process has to know when that is.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;
use toss_sdk::pay::{CallbackVersion, CreatePayment, ExecutePayment, OrderNo, PaymentStatus, RefundNo, RefundPayment};
use toss_sdk::runtime::{CallOptions, Violations, uuid_text};

/// An order. It has no `Debug`, so that the token gets into no log.
#[derive(Clone, Serialize, Deserialize)]
pub struct Order {
    /// The merchant's own number.
    pub order_no: String,
    /// The price in won.
    pub amount: i64,
    /// The shop's public address at that time: the purchaser and the callbacks come back to it.
    pub shop: String,
    /// Toss's token, once there is one.
    pub pay_token: Option<String>,
    /// How far it is.
    pub state: State,
    /// When the request of this state was sent, as far as one was. Absent in books of earlier versions.
    #[serde(default)]
    pub sent_at: Option<SystemTime>,
    /// Its refunds, the newest last.
    pub refunds: Vec<Refund>,
}

/// How far an order is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum State {
    /// The payment is being created: the request is out, or its answer was lost.
    Creating,
    /// The purchaser has been sent to the checkout page.
    Waiting,
    /// The payment is being executed: the request is out, or its answer was lost.
    Executing,
    /// The money is there.
    Paid,
    /// No money was taken, and none will be.
    Failed,
}

/// A refund.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Refund {
    /// The merchant's own number: the same on every attempt.
    pub refund_no: String,
    /// The amount in won: the same on every attempt.
    pub amount: i64,
    /// How far it is.
    pub state: RefundState,
    /// When it was sent.
    #[serde(default)]
    pub sent_at: Option<SystemTime>,
}

/// How far a refund is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RefundState {
    /// The request is out, or its answer was lost.
    Sent,
    /// The money goes back.
    Done,
    /// It does not.
    Refused,
}

impl Order {
    /// A new order, with a number of its own.
    pub fn new(shop: &str, amount: i64) -> Self {
        let order_no = format!("order-{}", uuid_text());
        let (shop, sent_at) = (shop.to_owned(), Some(SystemTime::now()));
        Self { order_no, amount, shop, pay_token: None, state: State::Creating, sent_at, refunds: Vec::new() }
    }

    /// Notes that the payment is about to be executed.
    pub fn executes(&mut self) {
        self.state = State::Executing;
        self.sent_at = Some(SystemTime::now());
    }

    /// The request that creates its payment.
    ///
    /// # Errors
    ///
    /// When it breaks a rule.
    pub fn creation(&self) -> Result<CreatePayment, Violations> {
        CreatePayment::builder()
            .order_no(self.order_no.as_str())
            .product_desc("Wool coat")
            .ret_url(format!("{}/done", self.shop))
            .ret_cancel_url(format!("{}/", self.shop))
            .result_callback(format!("{}/callback", self.shop))
            .callback_version(CallbackVersion::V2)
            .amount(self.amount)
            .amount_tax_free(0)
            .build()
    }

    /// The request that takes the money.
    ///
    /// # Errors
    ///
    /// When it breaks a rule, as it does before there is a token.
    pub fn execution(&self) -> Result<ExecutePayment, Violations> {
        ExecutePayment::builder().pay_token(self.token()).order_no(self.order_no.as_str()).build()
    }

    /// The question how it stands.
    ///
    /// # Errors
    ///
    /// When it breaks a rule.
    pub fn question(&self) -> Result<PaymentStatus, Violations> {
        PaymentStatus::builder().payment(OrderNo::new(&self.order_no)).build()
    }

    /// The request that gives money back.
    ///
    /// # Errors
    ///
    /// When it breaks a rule, as it does before there is a token.
    pub fn repayment(&self, refund: &Refund) -> Result<RefundPayment, Violations> {
        RefundPayment::builder()
            .pay_token(self.token())
            .refund_no(refund.refund_no.as_str())
            .amount(refund.amount)
            .reason("Returned by the purchaser")
            .build()
    }

    /// The refund whose answer was lost, if there is one.
    pub fn open_refund(&self) -> Option<&Refund> {
        self.refunds.iter().find(|refund| refund.state == RefundState::Sent)
    }

    /// What was given back.
    pub fn refunded(&self) -> i64 {
        self.refunds.iter().filter(|refund| refund.state == RefundState::Done).map(|refund| refund.amount).sum()
    }

    /// Notes how a refund ended.
    pub fn end_refund(&mut self, refund_no: &str, state: RefundState) {
        for refund in self.refunds.iter_mut().filter(|refund| refund.refund_no == refund_no) {
            refund.state = state;
        }
    }

    fn token(&self) -> &str {
        // An empty token is refused before anything is sent.
        self.pay_token.as_deref().unwrap_or_default()
    }
}

impl Refund {
    /// A new refund, with a number of its own, that is about to be sent.
    pub fn new(amount: i64) -> Self {
        let refund_no = RefundNo::random().as_str().to_owned();
        Self { refund_no, amount, state: RefundState::Sent, sent_at: Some(SystemTime::now()) }
    }
}

/// The settings with which a request is resolved that another process may have sent.
pub fn sent(at: Option<SystemTime>) -> CallOptions {
    at.map_or(CallOptions::new(), |at| CallOptions::new().attempted(at, at))
}

/// All orders.
pub struct OrderBook(Mutex<Book>);

struct Book {
    file: File,
    orders: BTreeMap<String, Order>,
}

impl OrderBook {
    /// Opens the file, or makes it.
    ///
    /// # Errors
    ///
    /// When it cannot be read, or a line of it is no order.
    pub fn open(path: impl AsRef<Path>) -> io::Result<Self> {
        let file = OpenOptions::new().create(true).append(true).open(&path)?;
        let text = std::fs::read_to_string(&path)?;
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        // The process ended while writing a line: what it would have announced was not sent.
        file.set_len(whole as u64)?;
        let mut orders = BTreeMap::new();
        for line in text[..whole].lines() {
            let order: Order = serde_json::from_str(line)?;
            orders.insert(order.order_no.clone(), order);
        }
        Ok(Self(Mutex::new(Book { file, orders })))
    }

    /// Keeps a new order. It is on the disk when this returns.
    ///
    /// # Errors
    ///
    /// When it cannot be written: send nothing then.
    pub fn add(&self, order: &Order) -> io::Result<()> {
        self.book().write(order.clone())
    }

    /// Changes an order, whatever others have changed of it meanwhile. It is on the disk when this returns.
    ///
    /// # Errors
    ///
    /// When there is none, or it cannot be written: send nothing then.
    pub fn update(&self, order_no: &str, change: impl FnOnce(&mut Order)) -> io::Result<Order> {
        let mut book = self.book();
        let mut order = book.orders.get(order_no).cloned().ok_or(io::ErrorKind::NotFound)?;
        change(&mut order);
        book.write(order.clone())?;
        Ok(order)
    }

    /// An order.
    pub fn find(&self, order_no: &str) -> Option<Order> {
        self.book().orders.get(order_no).cloned()
    }

    /// All orders.
    pub fn all(&self) -> Vec<Order> {
        self.book().orders.values().cloned().collect()
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        // Each change is complete or was not made.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Book {
    fn write(&mut self, order: Order) -> io::Result<()> {
        let line = serde_json::to_string(&order)? + "\n";
        self.file.write_all(line.as_bytes())?;
        self.file.sync_data()?;
        self.orders.insert(order.order_no.clone(), order);
        Ok(())
    }
}
