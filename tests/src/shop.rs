//! A shop that uses the sandbox: the real client over a real socket, and a server that takes callbacks.

use crate::service::{Received, answer, block_on, read};
use std::io::Write;
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};
use toss_sandbox::{Approval, Sandbox};
use toss_sdk::pay::*;
use toss_sdk::runtime::RetryPolicy;

/// The shop's key.
pub const KEY: &str = "sk_test_w5lNQylNqa5lNQe013Nq";
/// How long something on this machine may take.
pub const SOON: Duration = Duration::from_secs(20);

/// A client as shops have it.
pub fn client(sandbox: &Sandbox) -> Client {
    Client::builder(KEY).base_url(sandbox.base_url()).build().expect("a client")
}

/// One that makes one attempt only.
pub fn impatient(sandbox: &Sandbox) -> Client {
    Client::builder(KEY).base_url(sandbox.base_url()).retries(RetryPolicy::never()).build().expect("a client")
}

/// An order's payment with what is mandatory, and more behind a semicolon.
#[macro_export]
macro_rules! order {
    ($number:expr, $amount:expr $(; $($more:tt)*)?) => {
        toss_sdk::pay::CreatePayment::builder()
            .order_no($number)
            .product_desc("코트 <b>& more</b>")
            .ret_url("http://127.0.0.1:1/done?cart=1")
            .ret_cancel_url("http://127.0.0.1:1/cancel")
            .amount($amount)
            .amount_tax_free(0)
            $($($more)*)?
            .build()
            .expect("a request")
    };
}

/// An order's payment with what is mandatory.
pub fn order(number: &str, amount: i64) -> CreatePayment {
    order!(number, amount)
}

/// Creates a payment.
pub fn created(sandbox: &Sandbox, request: &CreatePayment) -> PayToken {
    block_on(client(sandbox).create_payment(request)).expect("it is created").pay_token
}

/// Creates the payment of an order.
pub fn create(sandbox: &Sandbox, number: &str, amount: i64) -> PayToken {
    created(sandbox, &order(number, amount))
}

/// Executes a payment.
///
/// # Errors
///
/// When it is refused.
pub fn execute(sandbox: &Sandbox, token: &PayToken) -> Result<ExecutePaymentReply, Error> {
    let request = ExecutePayment::builder().pay_token(token).build().expect("a request");
    block_on(client(sandbox).execute_payment(&request))
}

/// What the service says of a payment.
pub fn status(sandbox: &Sandbox, token: &PayToken) -> PaymentStatusReply {
    let request = PaymentStatus::builder().payment(token.clone()).build().expect("a request");
    block_on(client(sandbox).payment_status(&request)).expect("there is one")
}

/// A refund.
pub fn refund(token: &PayToken, number: &str, amount: i64) -> RefundPayment {
    RefundPayment::builder().pay_token(token).refund_no(number).amount(amount).build().expect("a request")
}

/// Refunds.
///
/// # Errors
///
/// When it is refused.
pub fn refunded(sandbox: &Sandbox, request: &RefundPayment) -> Result<RefundPaymentReply, Error> {
    block_on(client(sandbox).refund_payment(request))
}

/// A payment of 10,000 won that was paid by card.
pub fn paid(sandbox: &Sandbox) -> PayToken {
    let token = create(sandbox, "o-1", 10_000);
    sandbox.approve(&token, &Approval::card(CardCompany::Samsung)).expect("it can be approved");
    execute(sandbox, &token).expect("it can be executed");
    token
}

/// The code of a refusal.
///
/// # Panics
///
/// When it was none.
pub fn code<T: std::fmt::Debug>(result: Result<T, Error>) -> String {
    result.expect_err("a refusal").code().map(|code| code.as_str().to_owned()).unwrap_or_default()
}

/// The shop's server: refuses so many callbacks, then takes them.
pub fn callbacks(refusals: usize) -> (String, Receiver<Received>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a loopback port is free");
    let url = format!("http://{}/callback", listener.local_addr().expect("the port is known"));
    let (sender, messages) = channel();
    std::thread::spawn(move || {
        for (n, connection) in listener.incoming().enumerate() {
            let Ok(mut connection) = connection else { return };
            let Some(request) = read(&mut connection) else { continue };
            let status = if n < refusals { "500 no" } else { "200 OK" };
            let _ = connection.write_all(&answer(status, "text/plain", ""));
            if sender.send(request).is_err() {
                return;
            }
        }
    });
    (url, messages)
}

/// Waits until something holds.
///
/// # Panics
///
/// When it does not.
pub fn wait_until(what: &str, holds: impl Fn() -> bool) {
    let end = Instant::now() + SOON;
    while !holds() {
        assert!(Instant::now() < end, "never: {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// The answer to a body that is posted to the sandbox with this label: its HTTP status and text.
pub fn post(sandbox: &Sandbox, path: &str, label: &str, body: &str) -> (u16, String) {
    let url = format!("{}{path}", sandbox.base_url());
    let request = reqwest::Client::new().post(url).header("content-type", label).body(body.to_owned());
    block_on(async {
        let response = request.send().await.expect("it answers");
        (response.status().as_u16(), response.text().await.expect("it is text"))
    })
}

/// What the sandbox's own pages and lists say.
pub fn get(sandbox: &Sandbox, path: &str) -> (u16, String) {
    let request = reqwest::Client::new().get(format!("{}{path}", sandbox.base_url()));
    block_on(async {
        let response = request.send().await.expect("it answers");
        (response.status().as_u16(), response.text().await.expect("it is text"))
    })
}
