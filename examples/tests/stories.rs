//! Runs `reconcile`, `webhook` and `onboarding` as separate processes against the sandbox, and tests the order book.

use crate::support::{JSON, KEY, Running, http, scripted};
use examples::order_book::{Order, OrderBook, Refund, State};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime};
use toss_sandbox::{Application, Approval, Host, Sandbox};
use toss_sdk::onboarding::{CompanyType, ContractStatus, CreateStore, RegistrationCallback};
use toss_sdk::pay::KstDateTime;
use toss_sdk::pay::{PayStatus, PayToken, ResultCallback, blocking::Client};
use toss_sdk::runtime::RetryPolicy;

fn state(book: &Path, order_no: &str) -> State {
    OrderBook::open(book).unwrap().find(order_no).unwrap().unwrap().state
}

/// Creates a payment in the sandbox. Returns the client and the payment's order, which is also in the order book.
fn order(sandbox: &Sandbox, book: &OrderBook) -> (Order, Client) {
    let toss = Client::builder(KEY).base_url(sandbox.base_url()).retries(RetryPolicy::never());
    let toss = toss.attempt_timeout(Duration::from_secs(2)).build().unwrap();
    let order = Order::new("http://127.0.0.1:1", 39_000);
    book.add(&order).unwrap();
    let reply = toss.create_payment(&order.creation().unwrap()).unwrap();
    let order = book
        .update(&order.order_no, |order| {
            order.state = State::Waiting;
            order.pay_token = Some(reply.pay_token.as_str().to_owned());
        })
        .unwrap();
    (order, toss)
}

#[test]
fn the_nightly_run_resolves_requests_that_a_crash_left_open() {
    let (sandbox, folder) = (Sandbox::start().unwrap(), tempfile::tempdir().unwrap());
    let path = folder.path().join("orders.jsonl");
    let book = OrderBook::open(&path).unwrap();
    let (paid, toss) = order(&sandbox, &book);
    sandbox.approve(PayToken::new(paid.pay_token.clone().unwrap()), &Approval::toss_money()).unwrap();
    // The shop's process ended after it sent the execution, and before it received the answer.
    let paid = book.update(&paid.order_no, Order::executes).unwrap();
    toss.execute_payment(&paid.execution().unwrap()).unwrap();
    // The purchaser of the second order did not pay. The creation of the third order was never sent.
    let (waiting, _) = order(&sandbox, &book);
    let mut lost = Order::new("http://127.0.0.1:1", 5_000);
    lost.sent_at = Some(SystemTime::now() - Duration::from_secs(3_600));
    book.add(&lost).unwrap();
    drop(book);
    let run = Command::new(env!("CARGO_BIN_EXE_reconcile"))
        .arg(&path)
        .envs([("TOSS_PAY_KEY", KEY), ("TOSS_PAY_URL", sandbox.base_url())])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success() && said.contains("3 orders, 0 to look at"), "{said}");
    assert_eq!(state(&path, &paid.order_no), State::Paid);
    assert_eq!(state(&path, &waiting.order_no), State::Waiting);
    // The nightly run sent the creation, with the same order number. No purchaser knows its checkout page.
    assert_eq!(state(&path, &lost.order_no), State::Waiting);
    assert_eq!(sandbox.payments().iter().map(|payment| payment.charges).sum::<usize>(), 1);
}

#[test]
fn a_forged_callback_is_not_confirmed_and_a_genuine_one_is() {
    let (sandbox, folder) = (Sandbox::start().unwrap(), tempfile::tempdir().unwrap());
    let path = folder.path().join("orders.jsonl");
    let host = Host::published();
    let (order, toss) = order(&sandbox, &OrderBook::open(&path).unwrap());
    let token = order.pay_token.clone().unwrap();
    let mut webhook = webhook(&sandbox, &path);
    let forged = callback(&order);
    let paid = format!("{}/paid", webhook.url);
    let (head, _) = http("POST", &paid, JSON, &forged.to_json());
    assert!(!head.starts_with("HTTP/1.1 200"), "{head}");
    assert_eq!(state(&path, &order.order_no), State::Waiting);
    // The payment is now executed, so the claim is true.
    sandbox.approve(&*token, &Approval::toss_money()).unwrap();
    toss.execute_payment(&order.execution().unwrap()).unwrap();
    let (head, _) = http("POST", &paid, JSON, &forged.to_json());
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    assert_eq!(state(&path, &order.order_no), State::Paid);

    let mut registration = RegistrationCallback::default();
    registration.shop_id = Some("shop-1".into());
    let registered = format!("{}/registered", webhook.url);
    let (head, _) = http("POST", &registered, JSON, &registration.to_json());
    assert!(!head.starts_with("HTTP/1.1 200"), "unsigned: {head}");
    // A store is registered and its owner signs up, so the service sends a genuine callback.
    let (token, secret) = (host.token.as_str().into(), host.secret.as_str().into());
    let client = toss_sdk::onboarding::blocking::Client::builder(token, secret).base_url(sandbox.base_url());
    let store = CreateStore::builder()
        .shop_id("shop-1")
        .shop_name("마켓하늘")
        .shop_contact_name("김하늘")
        .shop_contact_email("kim@haneul.example")
        .shop_contact_phone_number("010-0000-0000")
        .not_a_business()
        .shop_url("https://haneul.example")
        .return_url("http://127.0.0.1:1/done")
        .return_fallback_url("http://127.0.0.1:1/failed")
        .callback_url(&*registered)
        .agency_code("TestTest");
    let mid = client.build().unwrap().create_store(&store.build().unwrap()).unwrap().mid.unwrap();
    sandbox.submit(&mid, &Application::new("마켓하늘", CompanyType::NonBusiness)).unwrap();
    let until = Instant::now() + Duration::from_secs(20);
    while !sandbox.callbacks().last().is_some_and(|callback| callback.taken) {
        assert!(Instant::now() < until, "{:?}", sandbox.callbacks());
        std::thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(webhook.line(), format!("{}: paid, {} won", order.order_no, order.amount));
    assert_eq!(webhook.line(), format!("shop-1: registered as {mid}"));
}

#[test]
fn a_store_is_registered_once_and_ends_with_its_keys() {
    let (sandbox, host) = (Sandbox::start().unwrap(), Host::published());
    let start = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_onboarding"));
        command.arg("shop-1").stdout(Stdio::piped()).stderr(Stdio::piped()).envs([
            ("TOSS_ONBOARDING_TOKEN", host.token.as_str()),
            ("TOSS_ONBOARDING_SECRET", host.secret.as_str()),
            ("TOSS_ONBOARDING_URL", sandbox.base_url()),
            ("PAUSE_SECONDS", "0"),
        ]);
        command.spawn().unwrap()
    };
    let end = |process: Child| {
        let output = process.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let first = start();
    let until = Instant::now() + Duration::from_secs(20);
    let store = loop {
        match sandbox.stores().pop().filter(|store| store.signup.is_some()) {
            Some(store) => break store,
            None => assert!(Instant::now() < until, "no signup page was opened"),
        }
        std::thread::sleep(Duration::from_millis(10));
    };
    // The owner signs up, and some days later the contract is complete.
    sandbox.submit(&*store.mid, &Application::new("마켓하늘", CompanyType::Private)).unwrap();
    sandbox.contract(&*store.mid, &ContractStatus::Done).unwrap();
    let said = end(first);
    let (mid, signup) = (&store.mid, store.signup.unwrap());
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(
        lines,
        [
            format!("shop-1: registered as {mid}"),
            format!("shop-1: the owner continues at {signup}"),
            "shop-1: ready to take payments".to_owned()
        ]
    );
    assert!(!said.contains("test_sk_"));
    // A second run finds the contract complete, so it opens no signup page.
    assert_eq!(end(start()).lines().count(), 2);
    assert_eq!(sandbox.stores().len(), 1);
}

fn callback(order: &Order) -> ResultCallback {
    let mut message = ResultCallback::default();
    message.status = Some(PayStatus::PayComplete);
    message.order_no = Some(order.order_no.as_str().into());
    message.pay_token = order.pay_token.as_deref().map(Into::into);
    message.amount = Some(order.amount);
    message
}

fn webhook(sandbox: &Sandbox, book: &Path) -> Running {
    let host = Host::published();
    let variables = [
        ("TOSS_PAY_KEY", KEY),
        ("TOSS_PAY_URL", sandbox.base_url()),
        ("TOSS_ONBOARDING_TOKEN", host.token.as_str()),
        ("TOSS_ONBOARDING_SECRET", host.secret.as_str()),
        ("TOSS_ONBOARDING_URL", sandbox.base_url()),
        ("WEBHOOK_ADDRESS", "127.0.0.1:0"),
        ("ORDER_BOOK", book.to_str().unwrap()),
    ];
    Running::start(env!("CARGO_BIN_EXE_webhook"), &variables)
}

/// Runs the nightly reconciliation. The first result is `true` if the service agrees with all orders. The second result
/// is the output of the program.
fn nightly_run(book: &Path, url: &str) -> (bool, String) {
    let run = Command::new(env!("CARGO_BIN_EXE_reconcile"))
        .arg(book)
        .envs([("TOSS_PAY_KEY", KEY), ("TOSS_PAY_URL", url)])
        .output()
        .unwrap();
    (run.status.success(), String::from_utf8_lossy(&run.stdout).into_owned())
}

/// Another process adds an order to the file after the receiver has started. The receiver has to read the new lines.
#[test]
fn a_callback_of_an_order_newer_than_the_receiver_is_not_acknowledged_unprocessed() {
    let (sandbox, folder) = (Sandbox::start().unwrap(), tempfile::tempdir().unwrap());
    let path = folder.path().join("orders.jsonl");
    let receiver = webhook(&sandbox, &path);
    let (order, toss) = order(&sandbox, &OrderBook::open(&path).unwrap());
    sandbox.approve(order.pay_token.as_deref().unwrap(), &Approval::toss_money()).unwrap();
    toss.execute_payment(&order.execution().unwrap()).unwrap();
    let (head, _) = http("POST", &format!("{}/paid", receiver.url), JSON, &callback(&order).to_json());
    let is_paid = state(&path, &order.order_no) == State::Paid;
    assert!(is_paid || !head.starts_with("HTTP/1.1 200"), "{head}");
}

#[test]
fn a_callback_with_a_damaged_order_number_is_not_acknowledged_unprocessed() {
    let (sandbox, folder) = (Sandbox::start().unwrap(), tempfile::tempdir().unwrap());
    let path = folder.path().join("orders.jsonl");
    let receiver = webhook(&sandbox, &path);
    for damage in [|_: &str| String::new(), |own: &str| format!(" {own}"), |own: &str| own.to_uppercase()] {
        let (order, toss) = order(&sandbox, &OrderBook::open(&path).unwrap());
        sandbox.approve(order.pay_token.as_deref().unwrap(), &Approval::toss_money()).unwrap();
        toss.execute_payment(&order.execution().unwrap()).unwrap();
        let damaged = damage(&order.order_no);
        let mut message = callback(&order);
        message.order_no = Some(damaged.as_str().into());
        let (head, _) = http("POST", &format!("{}/paid", receiver.url), JSON, &message.to_json());
        let is_paid = state(&path, &order.order_no) == State::Paid;
        assert!(is_paid || !head.starts_with("HTTP/1.1 200"), "{damaged:?}: {head}");
    }
}

/// A late repetition of the creation made a second payment with the same order number. The second payment has expired.
/// A query by order number finds the second payment.
#[test]
fn the_nightly_run_compares_an_order_with_the_payment_of_its_token() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("orders.jsonl");
    let mut order = Order::new("http://127.0.0.1:1", 39_000);
    (order.state, order.pay_token) = (State::Waiting, Some("t-2".into()));
    OrderBook::open(&path).unwrap().add(&order).unwrap();
    let number = order.order_no.clone();
    let url = scripted(move |_, body| {
        let by_token = body.contains("\"payToken\"");
        let (token, state) = if by_token { ("t-2", "PAY_COMPLETE") } else { ("t-1", "PAY_CANCEL") };
        format!(
            r#"{{"code":0,"mode":"TEST","payToken":"{token}","orderNo":"{number}","payStatus":"{state}","amount":39000,"refundableAmount":39000}}"#
        )
    });
    let (is_content, said) = nightly_run(&path, &url);
    assert!(!is_content && said.contains("1 to look at"), "{said}");
    assert_ne!(state(&path, &order.order_no), State::Failed, "{said}");
}

#[test]
fn a_payment_that_ended_before_its_checkout_keeps_its_token_and_is_compared() {
    for (status, ends) in [("PAY_CANCEL", State::Failed), ("REFUND_SUCCESS", State::GivenBack)] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("orders.jsonl");
        let order = Order::new("http://127.0.0.1:1", 39_000);
        OrderBook::open(&path).unwrap().add(&order).unwrap();
        let number = order.order_no.clone();
        let created = KstDateTime::now();
        let url = scripted(move |_, _| {
            format!(
                r#"{{"code":0,"mode":"TEST","payToken":"t-1","orderNo":"{number}","payStatus":"{status}","amount":39000,"amountTaxFree":0,"refundableAmount":0,"createdTs":"{created}"}}"#
            )
        });
        let (is_content, said) = nightly_run(&path, &url);
        let order = OrderBook::open(&path).unwrap().find(&order.order_no).unwrap().unwrap();
        assert_eq!((order.state, order.pay_token.as_deref()), (ends, Some("t-1")), "{said}");
        assert_eq!(is_content, ends == State::Failed, "{said}");
    }
}

#[test]
fn only_a_message_about_another_shops_order_is_acknowledged_unprocessed() {
    let (sandbox, folder) = (Sandbox::start().unwrap(), tempfile::tempdir().unwrap());
    let receiver = webhook(&sandbox, &folder.path().join("orders.jsonl"));
    for (order_no, answer) in [
        (Some("order-of-another-book"), "503"),
        (Some(" ORDER-1"), "503"),
        (Some(""), "503"),
        (None, "503"),
        (Some("20261123-1"), "200"),
    ] {
        let mut message = ResultCallback::default();
        (message.order_no, message.amount) = (order_no.map(Into::into), Some(1));
        let (head, _) = http("POST", &format!("{}/paid", receiver.url), JSON, &message.to_json());
        assert!(head.starts_with(&format!("HTTP/1.1 {answer}")), "{order_no:?}: {head}");
    }
}

/// The order failed, and the service rejects the status query for the order's payment. Only `TRANSACTION_NOT_FOUND`
/// proves that there is no payment.
#[test]
fn only_the_code_for_not_found_proves_to_the_nightly_run_that_there_is_no_payment() {
    for (code, is_content) in [
        ("TRANSACTION_NOT_FOUND", true),
        ("PAYMENT_SHOP_STATE_NOT_NORMAL", false),
        ("COMMON_THROTTLED", false),
        ("CARD_SYSTEM_ERROR", false),
        ("A_NEW_CODE", false),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("orders.jsonl");
        let mut order = Order::new("http://127.0.0.1:1", 39_000);
        (order.state, order.pay_token) = (State::Failed, Some("t-1".into()));
        OrderBook::open(&path).unwrap().add(&order).unwrap();
        let url = scripted(move |_, _| format!(r#"{{"code":-1,"errorCode":"{code}"}}"#));
        let (found, said) = nightly_run(&path, &url);
        assert_eq!(found, is_content, "{code}: {said}");
    }
}

#[test]
fn the_order_book_keeps_the_changes_of_several_processes_to_one_order() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("orders.jsonl");
    let order = Order::new("https://shop.example", 39_000);
    OrderBook::open(&path).unwrap().add(&order).unwrap();
    let refunds = |book: OrderBook| {
        let order_no = order.order_no.clone();
        move || (1..=50).for_each(|n| drop(book.update(&order_no, |order| order.refunds.push(Refund::new(n))).unwrap()))
    };
    let threads: Vec<_> = (0..3).map(|_| std::thread::spawn(refunds(OrderBook::open(&path).unwrap()))).collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    let order = OrderBook::open(&path).unwrap().find(&order.order_no).unwrap().unwrap();
    assert_eq!(order.refunds.len(), 150);
}

#[test]
fn a_truncated_line_of_the_order_book_hides_no_other_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("orders.jsonl");
    let book = OrderBook::open(&path).unwrap();
    let (first, second) = (Order::new("https://shop.example", 1), Order::new("https://shop.example", 2));
    book.add(&first).unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, format!("{text}{}", &text[..text.len() / 2])).unwrap();
    OrderBook::open(&path).unwrap().add(&second).unwrap();
    assert_eq!(OrderBook::open(&path).unwrap().all().unwrap().len(), 2);
}

#[test]
fn the_last_line_of_an_order_counts_in_a_book_of_an_earlier_version() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("orders.jsonl");
    let line = |state: &str| {
        format!(r#"{{"order_no":"order-1","amount":1,"shop":"s","pay_token":"t","state":"{state}","refunds":[]}}"#)
    };
    std::fs::write(&path, format!("{}\n{}\n", line("Creating"), line("Waiting"))).unwrap();
    assert_eq!(state(&path, "order-1"), State::Waiting);
    OrderBook::open(&path).unwrap().update("order-1", Order::executes).unwrap();
    assert_eq!(state(&path, "order-1"), State::Executing);
}
