//! Tests of a sandbox with a data file. If its process is killed at any moment and started again, the sandbox loses no
//! answered request. In the tests with a kill, the sandbox runs in another process of this test program.

use std::collections::BTreeMap;
use std::io::Write;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;
use tests::child::{self, with};
use tests::service::{answer, block_on, read};
use tests::temp_project::TempProject;
use toss_sandbox::{Application, Approval, Host, Sandbox};
use toss_sdk::onboarding::{self, CompanyType, CreateStore, GetSubscriptions};
use toss_sdk::pay::*;
use toss_sdk::runtime::RetryPolicy;

const KEY: &str = "sk_test_w5lNQylNqa5lNQe013Nq";

fn client(base_url: &str) -> Client {
    Client::builder(KEY).base_url(base_url).retries(RetryPolicy::never()).build().unwrap()
}

fn order(number: &str, callback: Option<&str>) -> CreatePayment {
    let order = CreatePayment::builder()
        .order_no(number)
        .product_desc("coat")
        .ret_url("http://127.0.0.1:1/done")
        .ret_cancel_url("http://127.0.0.1:1/cancel")
        .amount(10_000)
        .amount_tax_free(0);
    match callback {
        Some(url) => order.result_callback(url).callback_version(CallbackVersion::V2).build().unwrap(),
        None => order.build().unwrap(),
    }
}

fn file() -> (TempProject, PathBuf) {
    let scratch = TempProject::empty();
    let path = scratch.path("sandbox.data");
    (scratch, path)
}

/// Body of the process that the tests kill.
#[test]
#[ignore = "run by the tests that kill it"]
fn sandbox_process_to_be_killed() {
    child::run();
}

fn approve(base_url: &str, token: &PayToken) -> bool {
    let url = format!("{base_url}/sandbox/v1/payments/{}/approve", token.as_str());
    let request = reqwest::Client::new().post(url).header("content-type", "application/json").body("{}");
    block_on(request.send()).is_ok_and(|response| response.status() == 200)
}

#[test]
fn after_a_kill_answered_requests_are_stored_and_others_are_whole_or_absent() {
    let (_scratch, path) = file();
    // Progress of each order, according to the last answered request about it.
    let mut told = BTreeMap::new();
    let mut tokens: BTreeMap<String, PayToken> = BTreeMap::new();
    for round in 0..6 {
        let (mut child, base_url) = child::start("durable::sandbox_process_to_be_killed", &path, "");
        let toss = client(&base_url);
        for (order, status) in &told {
            let found = block_on(toss.payment_status(&asked(&tokens[order]))).unwrap();
            let refunds = found.transactions.iter().filter(|t| t.step_type == Some(StepType::Refund)).count();
            assert!(refunds <= 1, "{order}: {refunds} refunds were made, but only one was requested");
            // If the process was killed between a change and its answer, the payment has progressed further than the
            // last answer showed.
            assert!(progress(&found.pay_status) >= *status, "{order} was {status}, and is {:?}", found.pay_status);
            assert_eq!(found.refundable_amount.unwrap() + 4_000 * i64::try_from(refunds).unwrap(), paid(&found));
        }
        let pause = Duration::from_millis(60 + 35 * round);
        let killer = std::thread::spawn(move || {
            std::thread::sleep(pause);
            child.kill().unwrap();
            child.wait().unwrap();
        });
        for n in 0.. {
            let number = format!("o-{round}-{n}");
            let Ok(created) = block_on(toss.create_payment(&order(&number, None))) else { break };
            told.insert(number.clone(), 0);
            tokens.insert(number.clone(), created.pay_token.clone());
            if !approve(&base_url, &created.pay_token) {
                break;
            }
            told.insert(number.clone(), 1);
            let execute = ExecutePayment::builder().pay_token(&created.pay_token).build().unwrap();
            if block_on(toss.execute_payment(&execute)).is_err() {
                break;
            }
            told.insert(number.clone(), 2);
            let refund = RefundPayment::builder().pay_token(&created.pay_token).refund_no(&*number).amount(4_000);
            if block_on(toss.refund_payment(&refund.build().unwrap())).is_err() {
                break;
            }
            told.insert(number, 3);
        }
        killer.join().unwrap();
    }
    assert!(told.values().any(|status| *status == 3), "no payment was completed: {told:?}");
}

fn asked(token: &PayToken) -> PaymentStatus {
    PaymentStatus::builder().payment(token.clone()).build().unwrap()
}

fn progress(status: &PayStatus) -> i32 {
    match status {
        PayStatus::PayStandby => 0,
        PayStatus::PayApproved => 1,
        PayStatus::PayComplete => 2,
        PayStatus::RefundSuccess => 3,
        other => panic!("{other:?} was never requested"),
    }
}

fn paid(status: &PaymentStatusReply) -> i64 {
    if progress(&status.pay_status) >= 2 { status.amount.unwrap() } else { 0 }
}

/// Returns the listener of a merchant's server, and the URL for callbacks. No thread accepts connections yet.
fn merchant() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/callback", listener.local_addr().unwrap());
    (listener, url)
}

fn take(listener: TcpListener, status: &'static str) -> Receiver<String> {
    let (sender, bodies) = channel();
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let Ok(mut connection) = connection else { return };
            let Some(request) = read(&mut connection) else { continue };
            let _ = connection.write_all(&answer(status, "text/plain", ""));
            if sender.send(request.body).is_err() {
                return;
            }
        }
    });
    bodies
}

#[test]
fn a_callback_that_is_due_after_a_restart_is_sent_then() {
    let (_scratch, path) = file();
    let (listener, url) = merchant();
    let refused = take(listener.try_clone().unwrap(), "500 not yet");
    let token = {
        let sandbox = Sandbox::with(with(&path)).unwrap();
        let toss = client(sandbox.base_url());
        let token = block_on(toss.create_payment(&order("o-1", Some(&url)))).unwrap().pay_token;
        sandbox.approve(&token, &Approval::toss_money()).unwrap();
        block_on(toss.execute_payment(&ExecutePayment::builder().pay_token(&token).build().unwrap())).unwrap();
        refused.recv_timeout(Duration::from_secs(20)).unwrap();
        while sandbox.callbacks()[0].attempts.is_empty() {
            std::thread::yield_now();
        }
        token
    };
    // The next attempt is due a minute after the first one. The sandbox is restarted before that time.
    let sandbox = again(&path);
    assert!(!sandbox.callbacks()[0].taken);
    sandbox.forward(Duration::from_secs(60)).unwrap();
    let body = refused.recv_timeout(Duration::from_secs(20)).expect("the callback is sent again");
    assert!(body.contains(token.as_str()), "{body}");
}

/// Starts a sandbox with the file of an earlier sandbox. The earlier sandbox must have been dropped.
fn again(path: &Path) -> Sandbox {
    Sandbox::with(with(path)).unwrap()
}

#[test]
fn clock_stores_and_counters_continue_after_a_restart() {
    let (_scratch, path) = file();
    let host = Host::published();
    let client = |sandbox: &Sandbox| {
        onboarding::Client::builder(host.token.as_str().into(), host.secret.as_str().into())
            .base_url(sandbox.base_url())
            .build()
            .unwrap()
    };
    let (mid, transaction) = {
        let sandbox = Sandbox::with(with(&path)).unwrap();
        let store = CreateStore::builder()
            .shop_id("shop-1")
            .shop_name("Haneul Market")
            .shop_contact_name("Kim")
            .shop_contact_email("kim@haneul.example")
            .shop_contact_phone_number("010-0000-0000")
            .not_a_business()
            .shop_url("https://haneul.example")
            .return_url("https://host.example/done")
            .return_fallback_url("https://host.example/failed")
            .agency_code("TestTest")
            .build()
            .unwrap();
        let mid = block_on(client(&sandbox).create_store(&store)).unwrap().mid.unwrap();
        sandbox.submit(&mid, &Application::new("마켓하늘", CompanyType::NonBusiness)).unwrap();
        sandbox.forward(Duration::from_secs(400 * 86_400)).unwrap();
        let toss = self::client(sandbox.base_url());
        let token = block_on(toss.create_payment(&order("o-1", None))).unwrap().pay_token;
        (mid, token)
    };
    let sandbox = again(&path);
    let asked = GetSubscriptions::builder().shop_id("shop-1").build().unwrap();
    let found = block_on(client(&sandbox).get_subscriptions(&asked)).unwrap();
    assert_eq!(found.descriptions[0].mid, Some(mid));
    assert_eq!(found.descriptions[0].company_name.as_deref(), Some("마켓하늘"));
    let payments = sandbox.payments();
    assert_eq!(payments[0].pay_token, transaction.as_str());
    assert_eq!(payments[0].status, "PAY_STANDBY", "the clock must keep its offset of four hundred days");
    let next = block_on(self::client(sandbox.base_url()).create_payment(&order("o-2", None))).unwrap();
    let count = |token: &str| token.strip_prefix("sb-").unwrap().chars().next().unwrap().to_digit(10).unwrap();
    assert!(count(next.pay_token.as_str()) > count(transaction.as_str()), "{next:?}");
}

#[test]
fn a_reset_is_permanent() {
    let (_scratch, path) = file();
    {
        let sandbox = Sandbox::with(with(&path)).unwrap();
        block_on(client(sandbox.base_url()).create_payment(&order("o-1", None))).unwrap();
        sandbox.reset().unwrap();
    }
    let sandbox = again(&path);
    assert!(sandbox.payments().is_empty());
    block_on(client(sandbox.base_url()).create_payment(&order("o-1", None))).unwrap();
}

#[test]
fn a_damaged_file_is_kept_aside_and_reported() {
    let (scratch, path) = file();
    {
        let sandbox = Sandbox::with(with(&path)).unwrap();
        for n in 0..50 {
            block_on(client(sandbox.base_url()).create_payment(&order(&format!("o-{n}"), None))).unwrap();
        }
    }
    drop(again(&path));
    // Damage at any position is reported, or has no effect. There is no panic, and the damaged file is kept.
    let whole = std::fs::read(&path).unwrap();
    let mut aside = 0;
    for at in (8..whole.len()).step_by(whole.len() / 24) {
        let mut damaged = whole.clone();
        for byte in &mut damaged[at..(at + 64).min(whole.len())] {
            *byte ^= 0x5a;
        }
        std::fs::write(&path, &damaged).unwrap();
        let sandbox = again(&path);
        match sandbox.notice() {
            Some(notice) => {
                aside += 1;
                let kept = format!("{}.damaged-{aside}", path.display());
                assert!(notice.contains(&kept), "{notice}");
                assert!(sandbox.payments().is_empty());
            }
            None => assert_eq!(sandbox.payments().len(), 50, "damaged at {at} and not reported"),
        }
    }
    assert!(aside > 0, "no damage was found");
    drop(scratch);
}

#[test]
fn a_file_that_is_no_data_file_is_not_changed() {
    let (_scratch, path) = file();
    std::fs::write(&path, "my diary").unwrap();
    let error = Sandbox::with(with(&path)).unwrap_err().to_string();
    assert!(error.contains("is not a data file of the sandbox"), "{error}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "my diary");
}

#[test]
fn a_file_belongs_to_one_sandbox_at_a_time() {
    let (_scratch, path) = file();
    let _first = Sandbox::with(with(&path)).unwrap();
    let error = Sandbox::with(with(&path)).unwrap_err().to_string();
    assert!(error.contains("in use by another sandbox"), "{error}");
}

#[cfg(unix)]
#[test]
fn other_users_cannot_read_the_data_file() {
    use std::os::unix::fs::PermissionsExt;
    let (_scratch, path) = file();
    let _sandbox = Sandbox::with(with(&path)).unwrap();
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}
