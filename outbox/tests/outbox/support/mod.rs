//! A shop in a test: a sandbox, a client, a separate database, and a handler that records its calls.

pub mod databases;
pub mod vouchers;

pub use databases::{PostgresDatabase, SqliteDatabase, TestDatabase};
use pagespec_outbox::{
    Closing, Column, Database, Handler, HandlerError, Intent, Outbox, OutboxBuilder, Progress, Runner, RunnerBuilder,
    SealingKey, SealingKeys, State, Storage, Value,
};
use pagespec_runtime::{Durable, Ending, RetryPolicy};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use toss_sandbox::{Approval, PaymentSnapshot, Sandbox};
use toss_sdk::pay::{Client, CreatePayment, ExecutePayment, PayToken, RefundNo, RefundPayment};

pub const KEY: &str = "sk_test_w5lNQylNqa5lNQe013Nq";
pub const PRICE: i64 = 10_000;

/// Runs a test on both databases.
#[macro_export]
macro_rules! on_both {
    ($($name:ident),* $(,)?) => {
        mod sqlite {
            $(#[test] fn $name() {
                $crate::support::block_on(super::$name::<$crate::support::SqliteDatabase>());
            })*
        }

        mod postgres {
            $(#[test] fn $name() {
                if $crate::support::databases::is_there() {
                    $crate::support::block_on(super::$name::<$crate::support::PostgresDatabase>());
                }
            })*
        }
    };
}

pub fn block_on(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(test);
    runtime.shutdown_background();
}

/// A handler that writes a row for each result, in the transaction that closes the intent. Its first `fails` calls
/// fail.
#[derive(Clone, Debug, Default)]
pub struct Books {
    pub fails: Arc<AtomicU32>,
}

impl<D: Database, R: Durable> Handler<D, R> for Books {
    async fn handle(&self, transaction: &mut D::Connection, closing: Closing<'_, R>) -> Result<(), HandlerError> {
        let how = match closing.ending {
            Ending::Applied { .. } => "applied",
            Ending::Reversed { .. } => "reversed",
            Ending::NotApplied { .. } => "not applied",
            Ending::Unknown { .. } => "unknown",
        };
        let insert = "INSERT INTO handled (key, how) VALUES ($1, $2)";
        D::execute(transaction, insert, &[closing.key.into(), how.into()]).await?;
        let left = self.fails.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        if left.is_ok() { Err("the books are closed".into()) } else { Ok(()) }
    }
}

pub struct Shop<T: TestDatabase> {
    pub sandbox: Sandbox,
    pub toss: Client,
    pub database: T,
    pub books: Books,
}

pub fn storage() -> Storage {
    Storage::Sealed(SealingKeys::new(SealingKey::new("2026-11", [7; 32])))
}

pub fn client(url: &str) -> Client {
    Client::builder(KEY)
        .base_url(url)
        .conclusive_after(Duration::from_millis(1500))
        .attempt_timeout(Duration::from_secs(2))
        .retries(RetryPolicy::never())
        .build()
        .unwrap()
}

impl<T: TestDatabase> Shop<T> {
    pub async fn open() -> Self {
        let sandbox = Sandbox::start().unwrap();
        let toss = client(sandbox.base_url());
        let shop = Self { sandbox, toss, database: T::create().await, books: Books::default() };
        shop.outbox().migrate().await.unwrap();
        shop.sql("CREATE TABLE handled (key TEXT NOT NULL, how TEXT NOT NULL)").await;
        shop
    }

    pub fn builder(&self) -> OutboxBuilder<T::Driver> {
        Outbox::builder(self.database.driver(), storage())
    }

    pub fn outbox(&self) -> Outbox<T::Driver> {
        self.builder().build().unwrap()
    }

    pub fn runner(&self) -> Runner<T::Driver> {
        self.runner_of(&self.outbox()).build().unwrap()
    }

    /// Returns a runner that behaves as in another process, because its client knows nothing about earlier requests.
    pub fn runner_of(&self, outbox: &Outbox<T::Driver>) -> RunnerBuilder<T::Driver> {
        runner_at(self.sandbox.base_url(), self.books.clone(), outbox)
    }

    pub async fn sql(&self, sql: &str) -> u64 {
        let driver = self.database.driver();
        let mut transaction = driver.begin().await.unwrap();
        let changed = T::Driver::execute(T::Driver::connection(&mut transaction), sql, &[]).await.unwrap();
        T::Driver::commit(transaction).await.unwrap();
        changed
    }

    /// Returns the result of each successful call of the handler for a key, such as `applied`.
    pub async fn handled(&self, key: &str) -> Vec<String> {
        let driver = self.database.driver();
        let mut transaction = driver.begin_reading().await.unwrap();
        let connection = T::Driver::connection(&mut transaction);
        let select = "SELECT how FROM handled WHERE key = $1";
        let rows = T::Driver::fetch(connection, select, &[key.into()], &[Column::Text]).await.unwrap();
        let text = |row: Vec<Value>| match row.into_iter().next() {
            Some(Value::Text(Some(text))) => text,
            other => panic!("{other:?}"),
        };
        rows.into_iter().map(text).collect()
    }

    pub async fn state(&self, key: &str) -> State {
        self.outbox().show(key).await.unwrap().unwrap().state
    }

    /// Enqueues an intent in its own transaction, and commits.
    pub async fn enqueue<R: Durable>(&self, intent: &Intent<'_, R>) {
        let driver = self.database.driver();
        let mut transaction = driver.begin().await.unwrap();
        let _ = self.outbox().enqueue_intent(T::Driver::connection(&mut transaction), intent).await.unwrap();
        T::Driver::commit(transaction).await.unwrap();
    }

    pub fn payment(&self, order_no: &str) -> Option<PaymentSnapshot> {
        self.sandbox.payments().into_iter().find(|payment| payment.order_no == order_no)
    }

    /// Returns the number of requests for an operation that the sandbox received.
    pub fn calls(&self, operation: &str) -> usize {
        self.sandbox.journal().iter().filter(|entry| entry.operation.as_deref() == Some(operation)).count()
    }

    /// Creates a payment that the purchaser has approved.
    pub async fn approved(&self, order_no: &str) -> PayToken {
        let token = self.toss.create_payment(&creation(order_no)).await.unwrap().pay_token;
        self.sandbox.approve(token.clone(), &Approval::toss_money()).unwrap();
        token
    }

    /// Creates a payment that was executed without the outbox.
    pub async fn paid(&self, order_no: &str) -> PayToken {
        let token = self.approved(order_no).await;
        self.toss.execute_payment(&execution(&token, order_no)).await.unwrap();
        token
    }
}

pub fn runner_at<D: Database>(url: &str, books: Books, outbox: &Outbox<D>) -> RunnerBuilder<D> {
    let toss = client(url);
    outbox
        .runner()
        .operation::<CreatePayment>(&toss, books.clone())
        .operation::<ExecutePayment>(&toss, books.clone())
        .operation::<RefundPayment>(&toss, books)
        .lease(Duration::from_millis(1500))
        .poll_every(Duration::from_millis(50))
        .backoff(Duration::from_millis(100), Duration::from_secs(1))
        .grace(Duration::from_secs(5))
}

pub fn creation(order_no: &str) -> CreatePayment {
    CreatePayment::builder()
        .order_no(order_no)
        .product_desc("Wool coat")
        .ret_url("https://shop.example/done")
        .ret_cancel_url("https://shop.example/cancel")
        .amount(PRICE)
        .amount_tax_free(0)
        .build()
        .unwrap()
}

pub fn execution(token: &PayToken, order_no: &str) -> ExecutePayment {
    ExecutePayment::builder().pay_token(token.clone()).order_no(order_no).build().unwrap()
}

pub fn refund(token: &PayToken, amount: i64) -> RefundPayment {
    RefundPayment::builder().pay_token(token.clone()).refund_no(RefundNo::random()).amount(amount).build().unwrap()
}

/// Waits for a condition, up to 30 s.
pub async fn eventually(what: &str, condition: impl AsyncFn() -> bool) {
    let began = Instant::now();
    while !condition().await {
        assert!(began.elapsed() < Duration::from_secs(30), "not within 30 s: {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// A worker that runs until this value is dropped, or `stop` is called.
pub struct Worker(Option<tokio::sync::oneshot::Sender<()>>, Option<tokio::task::JoinHandle<()>>);

impl Worker {
    pub fn start<D: Database>(runner: Runner<D>) -> Self {
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let worker = async move {
            let stopped = async { drop(stopped.await) };
            runner.worker(stopped).await.unwrap();
        };
        Self(Some(stop), Some(tokio::spawn(worker)))
    }

    pub async fn stop(mut self) {
        drop(self.0.take());
        self.1.take().unwrap().await.unwrap();
    }
}

pub fn closed(progress: &Progress) -> Option<State> {
    progress.closed()
}
