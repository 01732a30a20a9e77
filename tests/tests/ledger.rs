//! Money moves exactly as the client reports it. The client calls the sandbox over sockets, with random faults. The
//! tests compare the client's results with the sandbox's records.

use crate::scripted::Jumping;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use tests::outcome::FinalOutcome;
use tests::resolved;
use tests::service::block_on;
use toss_sandbox::{Approval, Fault, FaultKind, PaymentSnapshot, Sandbox};
use toss_sdk::pay::*;

/// Number of orders, each with its own random faults.
const SEQUENCES: u64 = 3_000;
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

/// Returns one to four random faults. Each fault hits one operation or all operations. It begins with the first, second
/// or third call, and hits at most six calls.
fn faults(random: &mut Random) -> Vec<Fault> {
    let kinds = [
        FaultKind::ResetBefore,
        FaultKind::ResetAfter,
        FaultKind::CutBody,
        FaultKind::HtmlBefore { status: 502 },
        FaultKind::HtmlAfter { status: 502 },
        FaultKind::Code { code: "COMMON_TIMEOUT".into() },
        FaultKind::Code { code: "COMMON_SYSTEM_ERROR".into() },
    ];
    let operations = ["create_payment", "execute_payment", "refund_payment", "payment_status"];
    (0..=random.below(4))
        .map(|_| Fault {
            operation: Some(operations[random.below(4) as usize].to_owned()).filter(|_| random.below(3) > 0),
            from: 1 + random.below(3) as u32,
            times: Some(1 + random.below(6) as u32),
            chance: None,
            lasts: None,
            kind: kinds[random.below(7) as usize].clone(),
        })
        .collect()
}

/// Creates, executes and refunds the payment of one order. Returns the results that the client reports, or a
/// description of how they differ from the sandbox's records.
async fn sequence(sandbox: &Sandbox, toss: &Client, seed: u64) -> Result<Vec<FinalOutcome>, String> {
    let mut random = Random(seed);
    let order = format!("o-{seed}");
    sandbox.clear_faults();
    faults(&mut random).into_iter().for_each(|fault| sandbox.fault(fault).unwrap());
    let own =
        || sandbox.payments().into_iter().filter(|record| record.order_no == order).collect::<Vec<PaymentSnapshot>>();
    let create = CreatePayment::builder()
        .order_no(&*order)
        .product_desc("Coat")
        .ret_url("http://127.0.0.1:1/done")
        .ret_cancel_url("http://127.0.0.1:1/cancel")
        .amount(PRICE)
        .amount_tax_free(0)
        .build()
        .expect("a request");
    let mut answers = vec![resolved!(toss.create_payment(&create), toss.resolve_create_payment(&create))];
    let created = own();
    match (answers[0], created.len()) {
        (FinalOutcome::Done, 0) => return Err("the client reports a creation, but nothing was created".into()),
        (FinalOutcome::NotDone, 1..) => {
            return Err("the client reports no creation, but the payment was created".into());
        }
        _ => {}
    }
    let Some(latest) = created.last() else { return Ok(answers) };
    let token = PayToken::new(latest.pay_token.clone());
    sandbox.approve(&token, &Approval::toss_money()).map_err(|why| format!("approval: {why}"))?;
    let execute = ExecutePayment::builder().pay_token(&token).order_no(&*order).build().expect("a request");
    let executed = resolved!(toss.execute_payment(&execute), toss.resolve_execute_payment(&execute, PRICE));
    answers.push(executed);
    let charges: usize = own().iter().map(|record| record.charges).sum();
    match (executed, charges) {
        (FinalOutcome::Done, 1) | (FinalOutcome::NotDone, 0) | (FinalOutcome::Unknown, 0 | 1) => {}
        other => return Err(format!("the outcome of the execution contradicts the number of charges: {other:?}")),
    }
    let mut asked = BTreeMap::new();
    for n in 0..random.below(4) {
        let (number, amount) = (format!("r-{seed}-{n}"), 1 + random.below(5_000) as i64);
        let refund =
            RefundPayment::builder().pay_token(&token).refund_no(&*number).amount(amount).build().expect("a request");
        let answer = resolved!(toss.refund_payment(&refund), toss.resolve_refund_payment(&refund));
        answers.push(answer);
        asked.insert(number.clone(), amount);
        let records = own();
        let given: Vec<i64> = records
            .iter()
            .flat_map(|record| &record.refunds)
            .filter(|refund| refund.refund_no == number)
            .map(|refund| refund.amount)
            .collect();
        match answer {
            FinalOutcome::Done if given != [amount] => {
                return Err(format!("{number}: the client reports done, but the ledger has the refunds {given:?}"));
            }
            FinalOutcome::NotDone if !given.is_empty() => {
                return Err(format!("{number}: the client reports not done, but the ledger has the refunds {given:?}"));
            }
            _ => {}
        }
        if given.len() > 1 {
            return Err(format!("{number}: {} refunds", given.len()));
        }
    }
    let refunded: i64 = own().iter().flat_map(|record| &record.refunds).map(|refund| refund.amount).sum();
    if refunded > asked.values().sum() || refunded > PRICE {
        return Err(format!("{refunded} won were refunded, which exceeds the price or the requests {asked:?}"));
    }
    Ok(answers)
}

#[test]
fn the_client_never_contradicts_the_ledger() {
    let (next, unknown, done, not_done) =
        (AtomicU64::new(0), AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
    let first = std::env::var("LEDGER_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1);
    let wrong: Vec<String> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    let sandbox = Sandbox::start().expect("a sandbox starts");
                    let toss = Client::builder("sk_test_w5lNQylNqa5lNQe013Nq")
                        .base_url(sandbox.base_url())
                        .clock(Jumping::new())
                        .build()
                        .expect("a client");
                    let mut wrong = Vec::new();
                    loop {
                        let n = next.fetch_add(1, Ordering::Relaxed);
                        if n >= SEQUENCES {
                            return wrong;
                        }
                        let seed = first + n;
                        match block_on(sequence(&sandbox, &toss, seed)) {
                            Ok(answers) => answers.into_iter().for_each(|answer| {
                                let count = match answer {
                                    FinalOutcome::Done => &done,
                                    FinalOutcome::NotDone => &not_done,
                                    FinalOutcome::Unknown => &unknown,
                                };
                                count.fetch_add(1, Ordering::Relaxed);
                            }),
                            Err(why) => wrong.push(format!("LEDGER_SEED={seed}: {why}")),
                        }
                        if n % 50 == 49 {
                            sandbox.reset().unwrap();
                        }
                    }
                })
            })
            .collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("no sequence panics")).collect()
    });
    let counts = [&done, &not_done, &unknown].map(|count| count.load(Ordering::Relaxed));
    println!(
        "{SEQUENCES} sequences: {} requests done, {} proven not done, {} unknown",
        counts[0], counts[1], counts[2]
    );
    assert!(wrong.is_empty(), "{} of {SEQUENCES}:\n{}", wrong.len(), wrong.join("\n"));
    // Some requests must be proven not done. The unknown outcomes must be fewer than a tenth of the done requests.
    assert!(counts[1] > 0 && counts[2] * 10 < counts[0], "{counts:?}");
}
