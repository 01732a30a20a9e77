//! Demonstrates a whole payment with its own sandbox, and prints each step. The demonstration fails if the sandbox does
//! not behave as printed.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;
use toss_sandbox::{Approval, Fault, FaultKind, Sandbox};
use toss_sdk::pay::{
    CallbackVersion, CardCompany, Client, CreatePayment, ExecutePayment, OrderNo, PayStatus, PayToken, PaymentStatus,
    RefundPayment, ResultCallback,
};
use toss_sdk::runtime::{Resolution, RetryPolicy};

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// Order number of the demonstration.
const ORDER: &str = "order-20261123-1";
/// Price in won.
const PRICE: i64 = 39_000;
/// Amount of the refund in won.
const REFUND: i64 = 9_000;

/// Runs the demonstration. With `open`, the user approves the payment in a browser.
pub fn show(open: bool) -> Outcome<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    runtime.block_on(payment(open))
}

async fn payment(open: bool) -> Outcome<()> {
    let sandbox = Sandbox::start()?;
    println!("A sandbox of Toss Pay is at {}. No money moves, no account is needed.\n", sandbox.base_url());
    let (callback_url, callbacks) = merchant()?;
    // Each request has one attempt, because retries would hide the failure that is demonstrated.
    let toss = Client::builder("sk_test_w5lNQylNqa5lNQe013Nq")
        .base_url(sandbox.base_url())
        .retries(RetryPolicy::never())
        .build()?;
    let token = create(&toss, &callback_url).await?;
    if !approve(&sandbox, &toss, &token, open).await? {
        return Ok(());
    }

    println!("3. The shop executes the payment: now the money is taken.");
    let execute = ExecutePayment::builder().pay_token(&token).order_no(ORDER).build()?;
    let executed = toss.execute_payment(&execute).await?;
    println!("   {} were paid.\n", won(executed.amount));

    println!("4. The callback arrives. It is not signed, so it is only a claim until the status confirms it.");
    let body = callbacks.recv_timeout(Duration::from_secs(10))?;
    let claim = ResultCallback::parse(&body)?;
    let confirmed = toss.confirm_result_callback(&claim, OrderNo::new(ORDER), PRICE, None).await?;
    println!("   Confirmed: the payment is {}.\n", confirmed.found.pay_status.as_str());

    refund(&sandbox, &toss, &token).await?;
    conclude(&toss, &token).await
}

async fn create(toss: &Client, callback_url: &str) -> Outcome<PayToken> {
    println!("1. The shop creates a payment of {} for a wool coat.", won(Some(PRICE)));
    let request = CreatePayment::builder()
        .order_no(ORDER)
        .product_desc("Wool coat")
        .ret_url("http://127.0.0.1/done")
        .ret_cancel_url("http://127.0.0.1/cancel")
        .amount(PRICE)
        .amount_tax_free(0)
        .result_callback(callback_url)
        .callback_version(CallbackVersion::V2)
        .build()?;
    let created = toss.create_payment(&request).await?;
    println!("   The purchaser is sent to {}\n", created.checkout_page);
    Ok(created.pay_token)
}

/// Approves the payment, or waits for the user's decision. Returns `true` if the payment is approved.
async fn approve(sandbox: &Sandbox, toss: &Client, token: &PayToken, open: bool) -> Outcome<bool> {
    if !open {
        let returned = sandbox.approve(token, &Approval::card(CardCompany::Samsung))?;
        println!("2. The purchaser approves it with a Samsung card, and comes back to\n   {returned}\n");
        return Ok(true);
    }
    println!("2. Open that page and pay.");
    let status = PaymentStatus::builder().payment(token.clone()).build()?;
    while toss.payment_status(&status).await?.pay_status == PayStatus::PayStandby {
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    let found = toss.payment_status(&status).await?.pay_status;
    let is_approved = found == PayStatus::PayApproved;
    if is_approved {
        println!("   You have approved the payment.\n");
    } else {
        println!("   The payment is {} now. The demonstration ends here.", found.as_str());
    }
    Ok(is_approved)
}

async fn refund(sandbox: &Sandbox, toss: &Client, token: &PayToken) -> Outcome<()> {
    println!(
        "5. The coat has a flaw: 9,000 won are refunded. The connection breaks after the refund, before the answer."
    );
    sandbox.fault(Fault::once("refund_payment", FaultKind::ResetAfter))?;
    let refund = RefundPayment::builder().pay_token(token).refund_no("refund-1").amount(REFUND).build()?;
    match toss.refund_payment(&refund).await {
        Ok(_) => return Err("expected the answer to be lost, but it arrived".into()),
        Err(error) => println!("   {error}"),
    }
    println!(
        "   Was it refunded? The client resolves it with the same refund number, so there is never a second refund."
    );
    match toss.resolve_refund_payment(&refund).await {
        Resolution::Done(_) => println!("   The refund took effect.\n"),
        other => return Err(format!("not resolved: {other:?}").into()),
    }
    Ok(())
}

/// Formats an amount with commas: `39,000 won`.
fn won(amount: Option<i64>) -> String {
    let amount = amount.unwrap_or_default();
    let mut digits = amount.unsigned_abs().to_string();
    let mut at = digits.len();
    while at > 3 {
        at -= 3;
        digits.insert(at, ',');
    }
    format!("{}{digits} won", if amount < 0 { "-" } else { "" })
}

async fn conclude(toss: &Client, token: &PayToken) -> Outcome<()> {
    println!("6. The final state of the payment at the service:");
    let status = PaymentStatus::builder().payment(token.clone()).build()?;
    let end = toss.payment_status(&status).await?;
    println!("   {}, {} can still be refunded.", end.pay_status.as_str(), won(end.refundable_amount));
    for movement in &end.transactions {
        let step = movement.step_type.as_ref().map_or("", |step| step.as_str());
        println!("   {step:<8}{:>12}", won(movement.transaction_amount));
    }
    if end.refundable_amount != Some(PRICE - REFUND) || end.transactions.len() != 2 {
        return Err("expected one payment and one refund, found other transactions or another refundable amount".into());
    }
    Ok(())
}

/// Starts a server for callbacks to the shop. The server answers 200, and sends each body to the returned receiver.
/// Also returns the URL of the server.
fn merchant() -> Outcome<(String, Receiver<Vec<u8>>)> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let url = format!("http://{}/callback", listener.local_addr()?);
    let (sender, bodies) = channel();
    std::thread::spawn(move || {
        for connection in listener.incoming().flatten() {
            let mut reader = BufReader::new(&connection);
            let mut length = 0;
            let mut line = String::new();
            while reader.read_line(&mut line).is_ok_and(|count| count > 2) {
                if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap_or(0);
                }
                line.clear();
            }
            let mut body = vec![0; length];
            let is_whole = reader.read_exact(&mut body).is_ok();
            let _ = (&connection).write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            if is_whole && sender.send(body).is_err() {
                return;
            }
        }
    });
    Ok((url, bodies))
}
