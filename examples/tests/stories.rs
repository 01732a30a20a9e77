//! Each example as a program of its own, played through against the sandbox.

use order_book::{Order, OrderBook, State};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant, SystemTime};
use toss_sandbox::{Application, Approval, Fault, FaultKind, Host, Sandbox};
use toss_sdk::onboarding::{CompanyType, ContractStatus, CreateStore, RegistrationCallback};
use toss_sdk::pay::{CardCompany, PayToken, ResultCallback, blocking::Client};

const KEY: &str = "sk_test_w5lNQylNqa5lNQe013Nq";

/// A program that listens; ended with the test.
struct Running {
    process: Child,
    url: String,
    said: BufReader<ChildStdout>,
}

impl Running {
    fn start(program: &str, variables: &[(&str, &str)]) -> Self {
        let mut process = Command::new(program)
            .envs(variables.iter().copied())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the example was built");
        let mut url = String::new();
        let mut said = BufReader::new(process.stdout.take().unwrap());
        said.read_line(&mut url).unwrap();
        Self { process, url: url.trim().to_owned(), said }
    }

    /// The next line it prints.
    fn line(&mut self) -> String {
        let mut line = String::new();
        self.said.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// An exchange: the head and the body of the answer.
fn http(method: &str, url: &str, headers: &str, body: &str) -> (String, String) {
    let rest = url.strip_prefix("http://").unwrap();
    let (address, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let path = if path.is_empty() { "/" } else { path };
    let mut connection = TcpStream::connect(address).unwrap();
    let length = body.len();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n{headers}content-length: {length}\r\n\r\n"
    );
    connection.write_all(format!("{head}{body}").as_bytes()).unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.to_owned(), body.to_owned())
}

const FORM: &str = "content-type: application/x-www-form-urlencoded\r\n";
const JSON: &str = "content-type: application/json\r\n";

fn state(book: &Path, order_no: &str) -> State {
    OrderBook::open(book).unwrap().find(order_no).unwrap().state
}

#[test]
fn a_coat_is_sold_and_partly_refunded() {
    let (sandbox, folder) = (Sandbox::start().unwrap(), tempfile::tempdir().unwrap());
    let book = folder.path().join("orders.jsonl");
    let variables = [
        ("TOSS_PAY_KEY", KEY),
        ("TOSS_PAY_URL", sandbox.base_url()),
        ("SHOP_ADDRESS", "127.0.0.1:0"),
        ("ORDER_BOOK", book.to_str().unwrap()),
    ];
    let shop = Running::start(env!("CARGO_BIN_EXE_shop"), &variables);
    // The answer to the creation is lost once: the shop finds out, and sells nothing it cannot send anybody to.
    sandbox.fault(Fault::once("create_payment", FaultKind::ResetAfter)).unwrap();
    let (head, words) = http("POST", &format!("{}/buy", shop.url), FORM, "");
    assert!(head.starts_with("HTTP/1.1 502") && words.contains("Nothing was paid"), "{head}{words}");

    let (head, _) = http("POST", &format!("{}/buy", shop.url), FORM, "");
    let checkout = head.lines().find_map(|line| line.strip_prefix("location: ")).expect("a redirect");
    let token = checkout.rsplit('/').next().unwrap();
    let back = sandbox.approve(token, &Approval::card(CardCompany::Hana)).unwrap();
    // Whoever comes back without having paid gets no coat.
    let other = back.replace("orderNo=order-", "orderNo=order-x");
    assert!(http("GET", &other, "", "").0.starts_with("HTTP/1.1 404"));
    // The answer to the execution is lost: the shop settles it.
    sandbox.fault(Fault::once("execute_payment", FaultKind::ResetAfter)).unwrap();
    let (head, words) = http("GET", &back, "", "");
    assert!(head.starts_with("HTTP/1.1 200") && words.contains("Thank you"), "{head}{words}");
    let paid = sandbox.payments().pop().unwrap();
    assert_eq!((paid.status.as_str(), paid.charges), ("PAY_COMPLETE", 1));
    assert_eq!(state(&book, &paid.order_no), State::Paid);
    let until = Instant::now() + Duration::from_secs(20);
    while !sandbox.callbacks().first().is_some_and(|callback| callback.taken) && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(10));
    }
    assert!(sandbox.callbacks()[0].taken, "{:?}", sandbox.callbacks());

    // The answer to the refund is lost as well.
    sandbox.fault(Fault::once("refund_payment", FaultKind::CutBody)).unwrap();
    let wish = format!("order_no={}&amount=9000", paid.order_no);
    let (head, words) = http("POST", &format!("{}/refund", shop.url), FORM, &wish);
    assert!(head.starts_with("HTTP/1.1 200") && words == "Refunded.", "{head}{words}");
    let refunds: Vec<i64> = sandbox.payments().pop().unwrap().refunds.iter().map(|refund| refund.amount).collect();
    assert_eq!(refunds, [9_000]);
}

/// An order whose payment was created, in the shop's book and at the sandbox.
fn order(sandbox: &Sandbox, book: &OrderBook) -> (Order, Client) {
    let toss = Client::builder(KEY).base_url(sandbox.base_url()).build().unwrap();
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
fn the_night_resolves_what_a_crash_left_open() {
    let (sandbox, folder) = (Sandbox::start().unwrap(), tempfile::tempdir().unwrap());
    let path = folder.path().join("orders.jsonl");
    let book = OrderBook::open(&path).unwrap();
    let (paid, toss) = order(&sandbox, &book);
    sandbox.approve(PayToken::new(paid.pay_token.clone().unwrap()), &Approval::toss_money()).unwrap();
    // The shop ended between the request and its answer.
    let paid = book.update(&paid.order_no, Order::executes).unwrap();
    toss.execute_payment(&paid.execution().unwrap()).unwrap();
    // Another order never got further than the checkout page, and a third one never left the shop.
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
    // It was created after all, from the same order number. No purchaser was sent to it.
    assert_eq!(state(&path, &lost.order_no), State::Waiting);
    assert_eq!(sandbox.payments().iter().map(|payment| payment.charges).sum::<usize>(), 1);
}

#[test]
fn a_forged_callback_is_not_believed_and_a_genuine_one_is() {
    let (sandbox, folder) = (Sandbox::start().unwrap(), tempfile::tempdir().unwrap());
    let path = folder.path().join("orders.jsonl");
    let host = Host::published();
    let (order, toss) = order(&sandbox, &OrderBook::open(&path).unwrap());
    let token = order.pay_token.clone().unwrap();
    let variables = [
        ("TOSS_PAY_KEY", KEY),
        ("TOSS_PAY_URL", sandbox.base_url()),
        ("TOSS_ONBOARDING_TOKEN", host.token.as_str()),
        ("TOSS_ONBOARDING_SECRET", host.secret.as_str()),
        ("TOSS_ONBOARDING_URL", sandbox.base_url()),
        ("WEBHOOK_ADDRESS", "127.0.0.1:0"),
        ("ORDER_BOOK", path.to_str().unwrap()),
    ];
    let mut webhook = Running::start(env!("CARGO_BIN_EXE_webhook"), &variables);
    let mut forged = ResultCallback::default();
    forged.status = Some(toss_sdk::pay::PayStatus::PayComplete);
    forged.order_no = Some(order.order_no.as_str().into());
    forged.pay_token = Some(token.as_str().into());
    forged.amount = Some(order.amount);
    let paid = format!("{}/paid", webhook.url);
    let (head, _) = http("POST", &paid, JSON, &forged.to_json());
    assert!(!head.starts_with("HTTP/1.1 200"), "{head}");
    assert_eq!(state(&path, &order.order_no), State::Waiting);
    // Now it is true.
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
    // The owner of a real store signs up, and the service tells so itself.
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
            None => assert!(Instant::now() < until, "nobody was asked to sign up"),
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
            format!("shop-1: the owner goes on at {signup}"),
            "shop-1: ready to take payments".to_owned()
        ]
    );
    assert!(!said.contains("test_sk_"));
    // Run again, it has nothing left to do.
    assert_eq!(end(start()).lines().count(), 2);
    assert_eq!(sandbox.stores().len(), 1);
}
