//! After an hour of traffic in the sandbox's time, the records of the shop and of the sandbox agree. Memory grows by
//! less than half after the first quarter of the hour. There are two orders per second, continuous faults, restarts
//! from the data file, and advances of the clock.
//!
//!     cargo test --release -p tests --test all -- soak:: --ignored --nocapture

use crate::scripted::Jumping;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};
use tests::service::block_on;
use tests::temp_project::TempProject;
use toss_sandbox::{Approval, Fault, FaultKind, Sandbox, Settings};
use toss_sdk::pay::*;
use toss_sdk::runtime::{Outcome, Resolution};

/// Duration of the traffic, in virtual seconds.
const SECONDS: u64 = 3_600;
/// Number of orders in each second.
const ORDERS: u64 = 2;
/// Number of parts of the hour. All records are deleted after each part.
const PARTS: u64 = 12;
const PRICE: i64 = 10_000;

/// Pseudorandom number generator (SplitMix64).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound
    }
}

/// The shop's knowledge of a request: `Some(true)` if it took effect, `Some(false)` if it did not, and `None` if the
/// outcome is unknown.
type Known = Option<bool>;

macro_rules! known {
    ($call:expr, $resolve:expr) => {
        match $call.await {
            Ok(_) => Some(true),
            Err(error) if error.outcome() != Outcome::Unknown => Some(false),
            Err(_) => {
                let mut known: Known = None;
                for _ in 0..5 {
                    known = match $resolve.await {
                        Resolution::Done(_) | Resolution::Reversed(_) => Some(true),
                        Resolution::NotDone(_) => Some(false),
                        Resolution::Unknown(_) => None,
                    };
                    if known.is_some() {
                        break;
                    }
                }
                known
            }
        }
    };
}

#[derive(Debug, Default)]
struct Order {
    executed: Known,
    refunds: BTreeMap<String, (i64, Known)>,
}

#[derive(Debug, Default)]
struct Books {
    /// Orders, by the token of their payment.
    orders: BTreeMap<String, Order>,
    requests: u64,
    lost: u64,
}

fn start(file: &Path, seed: u64) -> (Sandbox, Client) {
    let settings = Settings { data: Some(file.to_owned()), seed, ..Settings::default() };
    let sandbox = Sandbox::with(settings).expect("it starts");
    assert_eq!(sandbox.notice(), None, "the data file was damaged");
    let kinds = [
        FaultKind::ResetBefore,
        FaultKind::ResetAfter,
        FaultKind::CutBody,
        FaultKind::HtmlBefore { status: 502 },
        FaultKind::HtmlAfter { status: 504 },
        FaultKind::Code { code: "COMMON_TIMEOUT".into() },
    ];
    kinds.into_iter().for_each(|kind| sandbox.fault(Fault::sometimes(0.02, kind)).unwrap());
    let client = Client::builder("sk_test_w5lNQylNqa5lNQe013Nq").base_url(sandbox.base_url()).clock(Jumping::new());
    (sandbox, client.build().expect("a client"))
}

async fn order(sandbox: &Sandbox, toss: &Client, random: &mut Random, number: u64, books: &mut Books) {
    let name = format!("o-{number}");
    let create = CreatePayment::builder()
        .order_no(&*name)
        .product_desc("Coat")
        .ret_url("http://127.0.0.1:1/done")
        .ret_cancel_url("http://127.0.0.1:1/cancel")
        .amount(PRICE)
        .amount_tax_free(0)
        .build()
        .expect("a request");
    books.requests += 1;
    // If the answer is lost, the payment stays unpaid, because the purchaser does not get the checkout page.
    let Ok(created) = toss.create_payment(&create).await else { return };
    let token = created.pay_token;
    let mut order = Order { executed: Some(false), refunds: BTreeMap::new() };
    // One purchaser in ten does not pay.
    if random.below(10) > 0 {
        sandbox.approve(&token, &Approval::toss_money()).expect("the payment waits for its purchaser");
        let execute = ExecutePayment::builder().pay_token(&token).order_no(&*name).build().expect("a request");
        books.requests += 1;
        order.executed = known!(toss.execute_payment(&execute), {
            books.lost += 1;
            toss.resolve_execute_payment(&execute, PRICE)
        });
        for n in 0..random.below(4) {
            let (refund_no, amount) = (format!("r-{number}-{n}"), 1 + random.below(5_000) as i64);
            let refund = RefundPayment::builder().pay_token(&token).refund_no(&*refund_no).amount(amount).build();
            let refund = refund.expect("a request");
            books.requests += 1;
            let known = known!(toss.refund_payment(&refund), {
                books.lost += 1;
                toss.resolve_refund_payment(&refund)
            });
            order.refunds.insert(refund_no, (amount, known));
        }
    }
    books.orders.insert(token.as_str().to_owned(), order);
}

/// Returns the memory of this process in KiB, or `None` if the system does not show it.
fn memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.trim().split(' ').next()?.parse().ok())
}

#[derive(Debug, Default)]
struct Sums {
    payments: usize,
    taken: i64,
    given_back: i64,
    unknown: usize,
    wrong: Vec<String>,
}

impl Sums {
    fn compare(&mut self, books: &Books, sandbox: &Sandbox) {
        let records: BTreeMap<String, _> =
            sandbox.payments().into_iter().map(|record| (record.pay_token.clone(), record)).collect();
        for (token, order) in &books.orders {
            let Some(record) = records.get(token) else {
                self.wrong.push(format!("{token}: the sandbox has no such payment"));
                continue;
            };
            match (order.executed, record.charges) {
                (Some(true), 1) | (Some(false), 0) => {}
                (None, 0 | 1) => self.unknown += 1,
                other => self.wrong.push(format!("{token}: outcome and number of charges: {other:?}")),
            }
            self.payments += 1;
            self.taken += record.charges as i64 * PRICE;
            for (number, (amount, known)) in &order.refunds {
                let given: Vec<i64> =
                    record.refunds.iter().filter(|own| own.refund_no == *number).map(|own| own.amount).collect();
                match (known, given.as_slice()) {
                    (Some(true), [own]) if own == amount => {}
                    (Some(false), []) => {}
                    (None, [] | [_]) => self.unknown += 1,
                    other => self.wrong.push(format!("{token} {number}: {amount} won, {other:?}")),
                }
            }
            let back: i64 = record.refunds.iter().map(|own| own.amount).sum();
            self.given_back += back;
            if record.refunds.iter().any(|own| !order.refunds.contains_key(&own.refund_no)) || back > PRICE {
                self.wrong.push(format!("{token}: unexpected refunds of {back} won in total"));
            }
        }
    }
}

#[test]
#[ignore = "takes two minutes; run it before a release"]
fn after_an_hour_of_traffic_the_books_agree() {
    let seed = std::env::var("SOAK_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1);
    let (scratch, mut random, mut sums) = (TempProject::empty(), Random(seed), Sums::default());
    let file = scratch.path("sandbox.data");
    let began = Instant::now();
    let (mut restarts, mut jumps, mut requests, mut lost, mut held) = (0, 0, 0, 0, Vec::new());
    // All records are deleted at the end of each part. Memory that grows from part to part is therefore a leak.
    for part in 0..PARTS {
        let mut books = Books::default();
        let (mut sandbox, mut toss) = start(&file, seed + part);
        for second in 0..SECONDS / PARTS {
            for n in 0..ORDERS {
                let number = (part * SECONDS + second) * ORDERS + n;
                block_on(order(&sandbox, &toss, &mut random, number, &mut books));
            }
            sandbox.forward(Duration::from_secs(1)).unwrap();
            match second % 150 {
                50 => {
                    sandbox.forward(Duration::from_secs(60 * (1 + random.below(60 * 24)))).unwrap();
                    jumps += 1;
                }
                100 => {
                    drop((sandbox, toss));
                    (sandbox, toss) = start(&file, seed + part + second);
                    restarts += 1;
                }
                _ => {}
            }
        }
        sums.compare(&books, &sandbox);
        (requests, lost) = (requests + books.requests, lost + books.lost);
        sandbox.reset().unwrap();
        drop((sandbox, toss, books));
        held.push(memory());
    }
    println!(
        "{SECONDS} virtual seconds in {:.0} s: {requests} requests, {lost} lost answers, {restarts} restarts, {jumps} jumps \
         of the clock",
        began.elapsed().as_secs_f64()
    );
    println!(
        "{} payments, {} won taken, {} won given back, {} unknown, {} disagreements",
        sums.payments,
        sums.taken,
        sums.given_back,
        sums.unknown,
        sums.wrong.len()
    );
    println!("memory after each part, in KiB: {held:?}");
    assert!(sums.wrong.is_empty(), "{}", sums.wrong.join("\n"));
    assert!(lost > 0 && sums.taken > sums.given_back && sums.given_back > 0);
    // The first two parts are not compared, because they fill the caches of the allocator and of the data file.
    if let (Some(Some(early)), Some(Some(last))) = (held.get(2), held.last()) {
        assert!(*last < early + early / 2, "memory grows: {held:?}");
    }
}
