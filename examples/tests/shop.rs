//! Runs the shop, its workers and its command line as separate processes, on SQLite and PostgreSQL.

use crate::support::postgres::{FAST, Server};
use crate::support::{self, FORM, JSON, KEY, Running, http, scripted, sql};
use std::process::{Command, Output};
use std::time::{Duration, Instant};
use toss_sandbox::{Approval, ClerkRefund, Fault, FaultKind, Sandbox};
use toss_sdk::pay::{CardCompany, PayStatus, ResultCallback};

/// Database of one shop.
struct Place {
    database: String,
    _folder: tempfile::TempDir,
    _server: Option<Server>,
}

/// Runs a test on SQLite, and on PostgreSQL where it is installed.
fn on_both(test: impl Fn(&Place)) {
    let folder = || tempfile::tempdir().unwrap();
    let file = folder();
    let database = file.path().join("shop.db").to_str().unwrap().to_owned();
    test(&Place { database, _folder: file, _server: None });
    if let Some(server) = Server::start(FAST) {
        test(&Place { database: server.url("postgres"), _folder: folder(), _server: Some(server) });
    }
}

impl Place {
    fn variables<'a>(&'a self, url: &'a str) -> [(&'a str, &'a str); 6] {
        [
            ("TOSS_PAY_KEY", KEY),
            ("TOSS_PAY_URL", url),
            ("SHOP_ADDRESS", "127.0.0.1:0"),
            ("SHOP_DATABASE", &self.database),
            ("SHOP_SEALING_KEY", support::SEALING_KEY),
            ("SHOP_FAST", "1"),
        ]
    }

    fn shop(&self, url: &str) -> Running {
        Running::start(env!("CARGO_BIN_EXE_shop"), &self.variables(url))
    }

    fn worker(&self, url: &str) -> Running {
        Running::start(env!("CARGO_BIN_EXE_worker"), &self.variables(url))
    }

    fn desk(&self, url: &str, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_outbox"));
        command.envs(self.variables(url)).args(arguments).output().expect("the example was built")
    }

    fn texts(&self, statement: &str) -> Vec<String> {
        sql::texts(&self.database, statement)
    }
}

/// Buys a coat. Returns the token of the payment.
fn buy(shop: &Running) -> String {
    let (head, words) = http("POST", &format!("{}/buy", shop.url), FORM, "");
    let checkout = head.lines().find_map(|line| line.strip_prefix("location: "));
    let checkout = checkout.unwrap_or_else(|| panic!("expected a redirect, found {head}{words}"));
    checkout.rsplit('/').next().unwrap().to_owned()
}

/// Reloads the page of an order until it contains `words`, as a browser does because of the `Refresh` header.
fn asks_again(shop: &Running, order_no: &str, words: &str) {
    let until = Instant::now() + Duration::from_secs(40);
    loop {
        let (head, body) = http("GET", &format!("{}/orders/{order_no}", shop.url), "", "");
        if body.contains(words) {
            return;
        }
        assert!(Instant::now() < until, "{head}{body}");
        std::thread::sleep(Duration::from_millis(200));
    }
}

fn callback(order_no: &str, token: &str) -> ResultCallback {
    let mut message = ResultCallback::default();
    message.status = Some(PayStatus::PayComplete);
    message.order_no = Some(order_no.into());
    message.pay_token = Some(token.into());
    message.amount = Some(39_000);
    message
}

#[test]
fn a_coat_is_sold_and_partly_refunded() {
    on_both(|place| {
        let sandbox = Sandbox::start().unwrap();
        let shop = place.shop(sandbox.base_url());
        // The reply to the first creation is lost. It contains the URL of the checkout page, so the purchaser has to
        // buy again.
        sandbox.fault(Fault::once("create_payment", FaultKind::ResetAfter)).unwrap();
        let (head, words) = http("POST", &format!("{}/buy", shop.url), FORM, "");
        if head.starts_with("HTTP/1.1 202") {
            asks_again(&shop, &sandbox.payments()[0].order_no, "Nothing was paid");
        } else {
            assert!(head.starts_with("HTTP/1.1 502") && words.contains("Nothing was paid"), "{head}{words}");
        }
        let token = buy(&shop);
        let back = sandbox.approve(&*token, &Approval::card(CardCompany::Hana)).unwrap();
        // A return with an unknown order number is rejected.
        let other = back.replace("orderNo=order-", "orderNo=order-x");
        assert!(http("GET", &other, "", "").0.starts_with("HTTP/1.1 404"));
        // The reply to the execution is lost. The shop finds out that the execution took effect.
        sandbox.fault(Fault::once("execute_payment", FaultKind::ResetAfter)).unwrap();
        let (head, words) = http("GET", &back, "", "");
        let paid = sandbox.payments().pop().unwrap();
        assert!(head.starts_with("HTTP/1.1 20"), "{head}{words}");
        asks_again(&shop, &paid.order_no, "Thank you");
        assert_eq!((paid.status.as_str(), paid.charges), ("PAY_COMPLETE", 1));
        // A busy shop answers the callback with 503. The service would send the callback again only after minutes, so
        // the test causes a repetition every five seconds.
        for seconds in 1..=20 {
            let until = Instant::now() + Duration::from_secs(1);
            while !sandbox.callbacks().first().is_some_and(|callback| callback.taken) && Instant::now() < until {
                std::thread::sleep(Duration::from_millis(10));
            }
            let waiting =
                sandbox.callbacks().first().filter(|callback| !callback.taken).map(|callback| callback.number);
            match waiting {
                Some(number) if seconds % 5 == 0 => drop(sandbox.resend_callback(number)),
                Some(_) => {}
                None => break,
            }
        }
        assert!(sandbox.callbacks()[0].taken, "{:?}", sandbox.callbacks());
        // The reply to the refund is lost as well.
        sandbox.fault(Fault::once("refund_payment", FaultKind::CutBody)).unwrap();
        let wish = format!("order_no={}&refund_no=button-1&amount=9000", paid.order_no);
        for _ in 0..2 {
            // A button that is pressed twice makes one refund.
            let (head, words) = http("POST", &format!("{}/refund", shop.url), FORM, &wish);
            assert!(head.starts_with("HTTP/1.1 200") && words == "Refunded.", "{head}{words}");
        }
        let refunds: Vec<i64> = sandbox.payments().pop().unwrap().refunds.iter().map(|refund| refund.amount).collect();
        assert_eq!(refunds, [9_000]);
        let entries = place.texts("SELECT result FROM entries ORDER BY intent, result");
        assert_eq!(entries.len(), 4, "expected two creations, an execution and a refund, found {entries:?}");
    });
}

#[test]
fn a_worker_completes_the_request_of_a_killed_shop_and_the_page_reloads() {
    on_both(|place| {
        let sandbox = Sandbox::start().unwrap();
        let mut shop = place.shop(sandbox.base_url());
        let token = buy(&shop);
        let back = sandbox.approve(&*token, &Approval::toss_money()).unwrap();
        sandbox.fault(Fault::once("execute_payment", FaultKind::Hold { seconds: None })).unwrap();
        let (head, words) = http("GET", &back, "", "");
        assert!(head.starts_with("HTTP/1.1 202") && words.contains("is being checked"), "{head}{words}");
        assert!(head.lines().any(|line| line.starts_with("refresh: 2; url=/orders/order-")), "{head}");
        shop.process.kill().unwrap();
        drop(shop);
        let worker = place.worker(sandbox.base_url());
        assert_eq!(sandbox.release_held_requests(), 1, "the sandbox must still hold the request of the killed shop");
        let paid = sandbox.payments().pop().unwrap();
        let another = place.shop(sandbox.base_url());
        asks_again(&another, &paid.order_no, "Thank you");
        drop(worker);
        assert_eq!(sandbox.payments()[0].charges, 1);
        let entry = format!("SELECT result FROM entries WHERE intent = '{}/pay'", paid.order_no);
        assert_eq!(place.texts(&entry), ["applied"]);
    });
}

#[test]
fn a_return_a_callback_and_a_worker_at_the_same_time_close_an_order_once() {
    on_both(|place| {
        let sandbox = Sandbox::start().unwrap();
        let (shop, other, _worker) =
            (place.shop(sandbox.base_url()), place.shop(sandbox.base_url()), place.worker(sandbox.base_url()));
        for _ in 0..5 {
            let token = buy(&shop);
            let back = sandbox.approve(&*token, &Approval::toss_money()).unwrap();
            let order_no = sandbox.payments().pop().unwrap().order_no;
            let elsewhere = back.replace(&shop.url, &other.url);
            let message = callback(&order_no, &token).to_json();
            std::thread::scope(|scope| {
                for url in [&back, &elsewhere, &back, &elsewhere] {
                    scope.spawn(|| http("GET", url, "", ""));
                }
                for url in [&shop.url, &other.url] {
                    let message = &message;
                    scope.spawn(move || http("POST", &format!("{url}/callback"), JSON, message));
                }
            });
            asks_again(&shop, &order_no, "Thank you");
            asks_again(&other, &order_no, "Thank you");
            assert_eq!(sandbox.payments().pop().unwrap().charges, 1);
            let entry = format!("SELECT result FROM entries WHERE intent = '{order_no}/pay'");
            assert_eq!(place.texts(&entry), ["applied"]);
        }
    });
}

/// The first process of the shop sends the execution, and is killed before the request arrives. The purchaser reloads
/// the page.
#[test]
fn a_reload_after_a_restart_does_not_close_an_order_whose_execution_is_in_transit() {
    on_both(|place| {
        let sandbox = Sandbox::start().unwrap();
        let mut first = place.shop(sandbox.base_url());
        let token = buy(&first);
        let back = sandbox.approve(&*token, &Approval::card(CardCompany::Hana)).unwrap();
        sandbox.fault(Fault::once("execute_payment", FaultKind::Hold { seconds: Some(40) })).unwrap();
        let refused = FaultKind::Code { code: "COMMON_NOT_ENOUGH_CASH".into() };
        sandbox.fault(Fault { from: 2, ..Fault::once("execute_payment", refused) }).unwrap();
        let (head, words) = http("GET", &back, "", "");
        assert!(head.starts_with("HTTP/1.1 202"), "{head}{words}");
        first.process.kill().unwrap();
        drop(first);
        let shop = place.shop(sandbox.base_url());
        let order_no = sandbox.payments().pop().unwrap().order_no;
        let (head, words) = http("GET", &format!("{}/orders/{order_no}", shop.url), "", "");
        assert!(head.starts_with("HTTP/1.1 202"), "{head}{words}");
        sandbox.forward(Duration::from_secs(60)).unwrap();
        asks_again(&shop, &order_no, "Thank you");
        assert_eq!(sandbox.payments().pop().unwrap().charges, 1);
    });
}

#[test]
fn an_execution_with_another_amount_ships_nothing() {
    on_both(|place| {
        let number = std::sync::Mutex::new(String::new());
        let url = scripted(move |path, body| {
            let mut number = number.lock().unwrap();
            let token = r#""payToken":"t-1""#;
            if let Some((_, rest)) = body.split_once("\"orderNo\":\"") {
                *number = rest.split('"').next().unwrap_or_default().to_owned();
            }
            if body.contains("\"productDesc\"") {
                return format!(r#"{{"code":0,"checkoutPage":"https://pay.example/t-1",{token}}}"#);
            }
            let amount = if path.ends_with("execute") { 39 } else { 39_000 };
            format!(
                r#"{{"code":0,"mode":"TEST",{token},"orderNo":"{number}","payStatus":"PAY_APPROVED","amount":{amount},"refundableAmount":0}}"#
            )
        });
        let shop = place.shop(&url);
        buy(&shop);
        let order_no = place.texts("SELECT order_no FROM orders").pop().unwrap();
        let back = format!("{}/done?status=PAY_APPROVED&orderNo={order_no}", shop.url);
        let (head, words) = http("GET", &back, "", "");
        assert!(!head.starts_with("HTTP/1.1 200"), "{head}{words}");
        assert_eq!(place.texts("SELECT state FROM orders"), ["executing"]);
    });
}

/// An employee executes the payment outside of the shop, and refunds part of it before the callback arrives.
#[test]
fn the_shop_records_that_a_payment_was_partly_refunded() {
    on_both(|place| {
        let sandbox = Sandbox::start().unwrap();
        let shop = place.shop(sandbox.base_url());
        let token = buy(&shop);
        sandbox.approve(&*token, &Approval::toss_money()).unwrap();
        sandbox.execute_as_clerk(&*token).unwrap();
        sandbox.refund_as_clerk(&*token, &ClerkRefund::of("r-9", 4_000)).unwrap();
        let order_no = sandbox.payments().pop().unwrap().order_no;
        let message = callback(&order_no, &token).to_json();
        let (head, _) = http("POST", &format!("{}/callback", shop.url), JSON, &message);
        assert!(head.starts_with("HTTP/1.1 200"), "{head} {}", shop.errors());
        assert_eq!(place.texts("SELECT state FROM orders"), ["given back"]);
        assert!(shop.errors().contains("paid and refunded, 35000 won remain"), "{}", shop.errors());
    });
}

#[test]
fn the_command_line_lists_shows_gives_up_and_retries_intents() {
    on_both(|place| {
        let sandbox = Sandbox::start().unwrap();
        let url = sandbox.base_url();
        let mut shop = place.shop(url);
        let token = buy(&shop);
        let back = sandbox.approve(&*token, &Approval::toss_money()).unwrap();
        sandbox.fault(Fault::once("execute_payment", FaultKind::ResetAfter)).unwrap();
        sandbox.fault(Fault { times: None, from: 2, ..Fault::once("payment_status", FaultKind::ResetBefore) }).unwrap();
        let (head, words) = http("GET", &back, "", "");
        assert!(head.starts_with("HTTP/1.1 202"), "{head}{words}");
        shop.process.kill().unwrap();
        drop(shop);
        let key = format!("{}/pay", sandbox.payments()[0].order_no);
        let said = |output: Output, is_good: bool| {
            let (out, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
            assert_eq!(output.status.success(), is_good, "{out}{errors}");
            format!("{out}{errors}")
        };
        let listed = said(place.desk(url, &["list"]), true);
        assert!(listed.contains(&key) && listed.contains("1 pay.execute_payment"), "{listed}");
        let shown = said(place.desk(url, &["show", &key]), true);
        assert!(shown.contains("attempts    1, of which 0 repeat") && !shown.contains(&token), "{shown}");
        assert!(said(place.desk(url, &["give-up", &key, "Toss does not answer"]), true).contains("is dead"));
        assert!(said(place.desk(url, &["show", &key]), true).contains("Toss does not answer"));
        assert_eq!(place.texts("SELECT state FROM orders"), ["doubtful"]);
        assert!(said(place.desk(url, &["give-up", &key, "again"]), false).contains("is dead"));
        assert!(said(place.desk(url, &["show", "no-such-key"]), false).contains("there is no intent"));
        assert!(said(place.desk(url, &["shout"]), false).contains("usage: outbox"));
        sandbox.clear_faults();
        said(place.desk(url, &["retry", &key]), true);
        let shop = place.shop(url);
        let _worker = place.worker(url);
        asks_again(&shop, key.trim_end_matches("/pay"), "Thank you");
        assert_eq!(sandbox.payments()[0].charges, 1);
        assert!(said(place.desk(url, &["purge", "0"]), true).contains("closed intents and old callbacks deleted"));
    });
}

#[test]
fn a_sealing_key_that_is_not_64_hexadecimal_digits_stops_the_program() {
    for key in ["", "0a", &"0g".repeat(32), &"é".repeat(32)] {
        let mut desk = Command::new(env!("CARGO_BIN_EXE_outbox"));
        let folder = tempfile::tempdir().unwrap();
        desk.env("SHOP_DATABASE", folder.path().join("shop.db")).env("TOSS_PAY_KEY", KEY).env("SHOP_SEALING_KEY", key);
        let output = desk.arg("list").output().expect("the example was built");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && said.contains("expected 64 hexadecimal digits"), "`{key}`: {said}");
    }
}
