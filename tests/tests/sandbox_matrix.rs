//! Tests of every operation with an effect, with every fault in every phase of a call and of its resolution. Money
//! moves at most once, refunds never exceed the requested amount, and the client's final outcome matches the state of
//! the sandbox.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tests::fixtures::agency::store;
use tests::fixtures::merchant::{KEY, wait_until};
use tests::outcome::FinalOutcome;
use tests::service::block_on;
use tests::{order, resolved};
use toss_sandbox::{Approval, Fault, FaultKind, Host, Sandbox};
use toss_sdk::onboarding;
use toss_sdk::pay::{self, *};
use toss_sdk::runtime::{CallOptions, Clock, Outcome, RetryPolicy, Sleep};

const PRICE: i64 = 10_000;
const PART: i64 = 4_000;

/// Clock whose pauses take no time. A timeout ends as soon as the sandbox has stalled an exchange.
struct Watching {
    start: Instant,
    passed: Mutex<Duration>,
    sandbox: Arc<Sandbox>,
}

impl std::fmt::Debug for Watching {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Watching")
    }
}

impl Watching {
    fn new(sandbox: &Arc<Sandbox>) -> Arc<Self> {
        Arc::new(Self { start: Instant::now(), passed: Mutex::default(), sandbox: sandbox.clone() })
    }
}

fn stalls(sandbox: &Sandbox) -> usize {
    sandbox.struck_faults().iter().filter(|fault| fault.kind == FaultKind::Stall).count()
}

impl Clock for Watching {
    fn now(&self) -> Instant {
        self.start + *self.passed.lock().unwrap()
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        *self.passed.lock().unwrap() += duration;
        Box::pin(std::future::ready(()))
    }

    fn timeout(&self, _: Duration) -> Sleep {
        let (sandbox, before) = (self.sandbox.clone(), stalls(&self.sandbox));
        Box::pin(async move {
            loop {
                tokio::time::sleep(Duration::from_millis(2)).await;
                if stalls(&sandbox) > before {
                    return;
                }
            }
        })
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Call {
    Create,
    Execute,
    RefundPart,
    RefundAll,
    CreateStore,
    DeleteStore,
    DeleteStoreId,
}

impl Call {
    const ALL: [Self; 7] = [
        Self::Create,
        Self::Execute,
        Self::RefundPart,
        Self::RefundAll,
        Self::CreateStore,
        Self::DeleteStore,
        Self::DeleteStoreId,
    ];

    fn operation(self) -> &'static str {
        match self {
            Self::Create => "create_payment",
            Self::Execute => "execute_payment",
            Self::RefundPart | Self::RefundAll => "refund_payment",
            Self::CreateStore => "create_store",
            Self::DeleteStore => "delete_store",
            Self::DeleteStoreId => "delete_store_id",
        }
    }

    /// Returns the query that the resolution of this call makes. The faults of [`Cell::asked`] affect this query.
    fn question(self) -> &'static str {
        match self {
            Self::CreateStore | Self::DeleteStore | Self::DeleteStoreId => "get_subscriptions",
            _ => "payment_status",
        }
    }
}

/// Cell of the matrix: a call, its fault, and the fault of the queries during its resolution.
#[derive(Clone, Debug)]
struct Cell {
    call: Call,
    kind: FaultKind,
    /// Index of the first call with the fault, starting at 1.
    from: u32,
    /// Number of calls with the fault.
    times: u32,
    /// Fault of the queries, and the number of queries with the fault. `None` if the queries have no fault.
    asked: Option<(FaultKind, u32)>,
    retries: bool,
}

impl Cell {
    /// Returns `true` if the outcome must be known. This is the case if the faults end before the client's time limit,
    /// and the service can show whether there was an effect. The outcome of `delete_store` stays unknown, because the
    /// service may have deleted only some of the registrations, and the client never repeats a deletion automatically.
    fn is_clear_in_the_end(&self, happened: usize) -> bool {
        let ends = self.times <= 3 && self.asked.as_ref().is_none_or(|(_, times)| *times == 1);
        // An empty list proves neither a missing registration nor a deletion.
        ends && match self.call {
            Call::CreateStore => happened == 1,
            Call::DeleteStore => false,
            Call::DeleteStoreId => happened == 0,
            _ => true,
        }
    }
}

fn cells() -> Vec<Cell> {
    let code = |code: &str| FaultKind::Code { code: code.into() };
    let kinds = [
        FaultKind::ResetBefore,
        FaultKind::ResetAfter,
        FaultKind::CutBody,
        FaultKind::Stall,
        FaultKind::HtmlBefore { status: 502 },
        FaultKind::HtmlAfter { status: 504 },
        FaultKind::HtmlAfter { status: 200 },
        code("COMMON_TIMEOUT"),
        code("COMMON_SYSTEM_ERROR"),
        code("TRANSACTION_PENDING_ERROR"),
        code("COMMON_THROTTLED"),
    ];
    let timeout = code("COMMON_TIMEOUT");
    let questions = [
        None,
        Some((FaultKind::ResetAfter, 1)),
        Some((FaultKind::ResetAfter, 40)),
        Some((FaultKind::Stall, 1)),
        Some((FaultKind::HtmlBefore { status: 503 }, 1)),
        Some((timeout.clone(), 1)),
        Some((timeout, 40)),
    ];
    let mut cells = Vec::new();
    for call in Call::ALL {
        for kind in &kinds {
            for (from, times) in [(1, 1), (1, 3), (1, 40), (2, 2)] {
                for asked in &questions {
                    for retries in [true, false] {
                        let (kind, asked) = (kind.clone(), asked.clone());
                        cells.push(Cell { call, kind, from, times, asked, retries });
                    }
                }
            }
        }
    }
    cells
}

/// A sandbox, the clients that retry calls, and the clients that do not.
struct Bench {
    sandbox: Arc<Sandbox>,
    patient: Clients,
    impatient: Clients,
}

struct Clients {
    pay: pay::Client,
    stores: onboarding::Client,
}

impl Clients {
    fn new(sandbox: &Arc<Sandbox>, retries: bool) -> Self {
        let host = Host::published();
        let pay = pay::Client::builder(KEY).base_url(sandbox.base_url()).clock(Watching::new(sandbox));
        let stores = onboarding::Client::builder(host.token.as_str().into(), host.secret.as_str().into());
        let stores = stores.base_url(sandbox.base_url()).clock(Watching::new(sandbox));
        let (pay, stores) = match retries {
            true => (pay.build(), stores.build()),
            false => (pay.retries(RetryPolicy::never()).build(), stores.retries(RetryPolicy::never()).build()),
        };
        Self { pay: pay.unwrap(), stores: stores.unwrap() }
    }
}

impl Bench {
    fn new() -> Self {
        let sandbox = Arc::new(Sandbox::start().unwrap());
        Self { patient: Clients::new(&sandbox, true), impatient: Clients::new(&sandbox, false), sandbox }
    }

    async fn run(&self, cell: &Cell) -> Result<FinalOutcome, String> {
        self.sandbox.reset().unwrap();
        let clients = if cell.retries { &self.patient } else { &self.impatient };
        match cell.call {
            Call::Create | Call::Execute | Call::RefundPart | Call::RefundAll => self.pay(cell, &clients.pay).await,
            _ => self.stores(cell, &clients.stores).await,
        }
    }

    fn switch_on(&self, cell: &Cell) {
        let hit = |operation: &str, from, times, kind: &FaultKind| Fault {
            from,
            times: Some(times),
            ..Fault::once(operation, kind.clone())
        };
        self.sandbox.fault(hit(cell.call.operation(), cell.from, cell.times, &cell.kind)).unwrap();
        if let Some((kind, times)) = &cell.asked {
            self.sandbox.fault(hit(cell.call.question(), 1, *times, kind)).unwrap();
        }
    }

    async fn pay(&self, cell: &Cell, toss: &pay::Client) -> Result<FinalOutcome, String> {
        let create = order!("o-1", PRICE);
        if cell.call == Call::Create {
            self.switch_on(cell);
            let said = resolved!(toss.create_payment(&create), toss.resolve_create_payment(&create));
            return self.judge(cell, said, self.sandbox.payments().len().min(1));
        }
        let token = self.patient.pay.create_payment(&create).await.unwrap().pay_token;
        self.sandbox.approve(&token, &Approval::toss_money()).unwrap();
        let execute = ExecutePayment::builder().pay_token(&token).order_no("o-1").build().unwrap();
        if cell.call == Call::Execute {
            self.switch_on(cell);
            let said = resolved!(toss.execute_payment(&execute), toss.resolve_execute_payment(&execute, PRICE));
            return self.judge(cell, said, self.sandbox.payments()[0].charges);
        }
        self.patient.pay.execute_payment(&execute).await.unwrap();
        let refund = RefundPayment::builder().pay_token(&token).refund_no("r-1");
        let (refund, asked) = match cell.call {
            Call::RefundPart => (refund.amount(PART).build(), PART),
            _ => (refund.everything_left().build(), PRICE),
        };
        let refund = refund.unwrap();
        self.switch_on(cell);
        let said = resolved!(toss.refund_payment(&refund), toss.resolve_refund_payment(&refund));
        let record = self.sandbox.payments().remove(0);
        let back: i64 = record.refunds.iter().map(|refund| refund.amount).sum();
        if back > asked || record.charges != 1 {
            return Err(format!("{back} of {asked} requested won were refunded, after {} charges", record.charges));
        }
        self.judge(cell, said, record.refunds.len())
    }

    async fn stores(&self, cell: &Cell, toss: &onboarding::Client) -> Result<FinalOutcome, String> {
        let create = store("shop-1", Some("111"), None);
        if cell.call == Call::CreateStore {
            self.switch_on(cell);
            let said = resolved!(toss.create_store(&create), toss.resolve_create_store(&create));
            return self.judge(cell, said, self.sandbox.stores().len());
        }
        let mid = self.patient.stores.create_store(&create).await.unwrap().mid.unwrap();
        self.switch_on(cell);
        let said = if cell.call == Call::DeleteStore {
            let delete = onboarding::DeleteStore::builder().shop_id("shop-1").every_registration().build().unwrap();
            resolved!(toss.delete_store(&delete), toss.resolve_delete_store(&delete))
        } else {
            let delete = onboarding::DeleteStoreId::builder().shop_id("shop-1").mid(&mid).build().unwrap();
            resolved!(toss.delete_store_id(&delete), toss.resolve_delete_store_id(&delete))
        };
        self.judge(cell, said, 1 - self.sandbox.stores().len())
    }

    /// Returns the outcome if it matches the number of effects, and otherwise a description of the contradiction.
    fn judge(&self, cell: &Cell, said: FinalOutcome, happened: usize) -> Result<FinalOutcome, String> {
        match (said, happened) {
            (FinalOutcome::Unknown, 0 | 1) if cell.is_clear_in_the_end(happened) => {
                Err("the outcome is still unknown, although the faults have ended".into())
            }
            (FinalOutcome::Done, 1) | (FinalOutcome::NotDone, 0) | (FinalOutcome::Unknown, 0 | 1) => Ok(said),
            (said, happened) => Err(format!("the client reports {said:?}, but the effect happened {happened} times")),
        }
    }
}

#[test]
fn for_every_fault_at_every_phase_money_moves_once_and_the_outcome_is_right() {
    let cells = cells();
    let next = AtomicUsize::new(0);
    let counts = [const { AtomicUsize::new(0) }; 3];
    let wrong: Vec<String> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    let bench = Bench::new();
                    let mut wrong = Vec::new();
                    while let Some(cell) = cells.get(next.fetch_add(1, Ordering::Relaxed)) {
                        match block_on(bench.run(cell)) {
                            Ok(said) => drop(counts[said as usize].fetch_add(1, Ordering::Relaxed)),
                            Err(why) => wrong.push(format!("{why}: {cell:?}")),
                        }
                    }
                    wrong
                })
            })
            .collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    let [done, not_done, unknown] = counts.map(AtomicUsize::into_inner);
    println!("{} cells: {done} done, {not_done} proven not done, {unknown} unknown", cells.len());
    assert!(wrong.is_empty(), "{} of {} cells:\n{}", wrong.len(), cells.len(), wrong.join("\n"));
    assert!(cells.len() > 4_000 && done > cells.len() / 2, "{done} of {}", cells.len());
}

/// This is the worst case for a client: the service receives a request, does not show it during the resolution, and
/// carries it out long afterwards.
#[test]
fn a_request_that_is_carried_out_after_its_resolution_moves_no_money_twice() {
    let late = FaultKind::DelayBefore { milliseconds: 700 };
    let sandbox = Arc::new(Sandbox::start().unwrap());
    let calm = Clients::new(&sandbox, true).pay;
    // Each attempt of this client times out after a short real time, and pauses take no time.
    let hasty = CallOptions::new().attempt_timeout(Duration::from_millis(100));
    let clock = Arc::new(Hasty(Watching::new(&sandbox)));
    let toss = pay::Client::builder(KEY).base_url(sandbox.base_url()).clock(clock).retries(RetryPolicy::never());
    let toss = toss.build().unwrap().with(hasty);
    block_on(async {
        let token = calm.create_payment(&order!("o-1", PRICE)).await.unwrap().pay_token;
        sandbox.approve(&token, &Approval::toss_money()).unwrap();
        let execute = ExecutePayment::builder().pay_token(&token).order_no("o-1").build().unwrap();
        sandbox.fault(Fault::once("execute_payment", late.clone())).unwrap();
        assert_eq!(toss.execute_payment(&execute).await.unwrap_err().outcome(), Outcome::Unknown);
        let settled = calm.resolve_execute_payment(&execute, PRICE).await;
        assert!(settled.is_done(), "{settled}");
        let refund = RefundPayment::builder().pay_token(&token).refund_no("r-1").amount(PART).build().unwrap();
        sandbox.fault(Fault::once("refund_payment", late.clone())).unwrap();
        assert_eq!(toss.refund_payment(&refund).await.unwrap_err().outcome(), Outcome::Unknown);
        let settled = calm.resolve_refund_payment(&refund).await;
        assert!(settled.is_done(), "{settled}");
    });
    // Each request was sent twice. The test waits until the service has carried out the late copies.
    wait_until("the late requests are done", || sandbox.struck_faults().len() == 2);
    let record = sandbox.payments().remove(0);
    assert_eq!((record.charges, record.refundable_amount, record.refunds.len()), (1, PRICE - PART, 1));
}

#[test]
fn a_late_request_is_not_carried_out_after_a_reset() {
    let sandbox = Sandbox::start().unwrap();
    sandbox.fault(Fault::once("create_payment", FaultKind::DelayBefore { milliseconds: 300 })).unwrap();
    let toss = tests::fixtures::merchant::impatient(&sandbox);
    std::thread::scope(|scope| {
        let call = scope.spawn(|| block_on(toss.create_payment(&order!("ghost", PRICE))));
        std::thread::sleep(Duration::from_millis(100));
        sandbox.reset().unwrap();
        assert_eq!(call.join().unwrap().unwrap_err().outcome(), Outcome::Unknown);
    });
    assert!(sandbox.payments().is_empty());
}

/// Clock whose pauses take no time, and whose timeouts take real time.
#[derive(Debug)]
struct Hasty(Arc<Watching>);

impl Clock for Hasty {
    fn now(&self) -> Instant {
        self.0.now()
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        self.0.sleep(duration)
    }

    fn timeout(&self, limit: Duration) -> Sleep {
        Box::pin(tokio::time::sleep(limit))
    }
}
