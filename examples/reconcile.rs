//! Nightly reconciliation: resolves the requests whose outcome is not known, then compares every order with the service.
//!
//! ```sh
//! TOSS_PAY_KEY=sk_test_... cargo run -p examples --bin reconcile -- orders.jsonl
//! ```
//!
//! Set `TOSS_PAY_URL` to call another service than Toss's, such as a sandbox.
//!
//! The program has no async runtime and uses the blocking client. The exit code is 0 if the service agrees with every
//! order. It is 1 if a person has to look at an order, or if the program fails. It can be run again at any time.

use examples::order_book::{Order, OrderBook, RefundState, State, sent};
use std::env;
use std::error::Error;
use std::process::ExitCode;
use toss_sdk::pay::blocking::Client;
use toss_sdk::pay::{ErrorCode, PayStatus};
use toss_sdk::runtime::Resolution;

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let path = env::args().nth(1).ok_or("usage: reconcile ORDER_BOOK")?;
    // `OrderBook::open` would create a missing file, and the run would then report success without any order.
    if !std::fs::exists(&path)? {
        return Err(format!("there is no order book {path}").into());
    }
    let mut toss = Client::builder(env::var("TOSS_PAY_KEY").map_err(|_| "TOSS_PAY_KEY is not set")?);
    if let Ok(url) = env::var("TOSS_PAY_URL") {
        toss = toss.base_url(url);
    }
    let (toss, book) = (toss.application("reconcile").build()?, OrderBook::open(path)?);
    resolve_creations(&toss, &book)?;
    resolve_executions(&toss, &book)?;
    resolve_refunds(&toss, &book)?;
    let mut to_look_at = 0;
    for order in book.all()? {
        if let Some(what) = compare(&toss, &book, &order)? {
            println!("{}: {what}", order.order_no);
            to_look_at += 1;
        }
    }
    println!("{} orders, {to_look_at} to look at", book.all()?.len());
    Ok(if to_look_at == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn in_state(book: &OrderBook, state: State) -> std::io::Result<Vec<Order>> {
    Ok(book.all()?.into_iter().filter(|order| order.state == state).collect())
}

fn resolve_creations(toss: &Client, book: &OrderBook) -> Result<(), Box<dyn Error>> {
    for order in in_state(book, State::Creating)? {
        let resolution = toss.with(sent(order.sent_at)).resolve_create_payment(&order.creation()?);
        println!("{}: {resolution}", order.order_no);
        match resolution {
            Resolution::Done(done) => {
                let token = done.reply.map(|reply| reply.pay_token).or(done.found.and_then(|found| found.pay_token));
                book.update(&order.order_no, |order| {
                    order.state = State::Waiting;
                    order.pay_token = token.as_ref().map(|token| token.as_str().to_owned());
                })?;
            }
            // The payment was created, but was then canceled, or was paid and refunded. `compare` reports a refund.
            Resolution::Reversed(reversed) => {
                let is_canceled = reversed.found.pay_status == PayStatus::PayCancel;
                book.update(&order.order_no, |order| {
                    order.state = if is_canceled { State::Failed } else { State::GivenBack };
                    order.pay_token = reversed.found.pay_token.as_ref().map(|token| token.as_str().to_owned());
                })?;
            }
            Resolution::NotDone(_) => {
                book.update(&order.order_no, |order| order.state = State::Failed)?;
            }
            Resolution::Unknown(_) => {}
        }
    }
    Ok(())
}

fn resolve_executions(toss: &Client, book: &OrderBook) -> Result<(), Box<dyn Error>> {
    for order in in_state(book, State::Executing)? {
        let resolution = toss.with(sent(order.sent_at)).resolve_execute_payment(&order.execution()?, order.amount);
        println!("{}: {resolution}", order.order_no);
        match resolution {
            Resolution::Done(_) => drop(book.update(&order.order_no, |order| order.state = State::Paid)?),
            Resolution::NotDone(_) => drop(book.update(&order.order_no, |order| order.state = State::Failed)?),
            // The payment was executed and then refunded. `compare` reports the refund.
            Resolution::Reversed(_) => drop(book.update(&order.order_no, |order| order.state = State::GivenBack)?),
            Resolution::Unknown(_) => {}
        }
    }
    Ok(())
}

fn resolve_refunds(toss: &Client, book: &OrderBook) -> Result<(), Box<dyn Error>> {
    let orders = book.all()?;
    let refunds = orders.iter().flat_map(|order| order.open_refunds().map(move |refund| (order, refund)));
    for (order, refund) in refunds {
        let resolution = toss.with(sent(refund.sent_at)).resolve_refund_payment(&order.repayment(refund)?);
        println!("{}: {} won: {resolution}", order.order_no, refund.amount);
        let state = match resolution {
            Resolution::Done(_) => RefundState::Done,
            Resolution::NotDone(_) => RefundState::Refused,
            Resolution::Reversed(_) | Resolution::Unknown(_) => continue,
        };
        book.update(&order.order_no, |order| order.end_refund(&refund.refund_no, state))?;
    }
    Ok(())
}

/// Compares an order with the service. Returns a description if a person has to look at the order, and `None`
/// otherwise. If the payment of a waiting order was canceled or has expired, marks the order as failed.
fn compare(toss: &Client, book: &OrderBook, order: &Order) -> Result<Option<String>, Box<dyn Error>> {
    if matches!(order.state, State::Creating | State::Executing) || order.open_refunds().next().is_some() {
        return Ok(Some("still open".into()));
    }
    let found = match toss.payment_status(&order.question()?) {
        Ok(found) => found,
        // The order failed, and the service has no payment for it. Any other error code proves nothing about the
        // payment.
        Err(error) if order.state == State::Failed && error.code() == Some(&ErrorCode::TransactionNotFound) => {
            return Ok(None);
        }
        Err(error) => return Ok(Some(error.to_string())),
    };
    let status = found.pay_status.as_str();
    if found.order_no.as_ref().is_none_or(|own| own.as_str() != order.order_no) {
        return Ok(Some(format!("{status} of another order")));
    }
    if found.amount != Some(order.amount) {
        return Ok(Some(format!("{status} with another amount")));
    }
    Ok(match (order.state, &found.pay_status) {
        // The purchaser canceled the payment, or it expired. No money was withdrawn.
        (State::Waiting, PayStatus::PayCancel) => {
            book.update(&order.order_no, |order| order.state = State::Failed)?;
            None
        }
        (State::Waiting, PayStatus::PayStandby | PayStatus::PayApproved) => None,
        (State::Failed, PayStatus::PayCancel | PayStatus::PayStandby | PayStatus::PayApproved) => None,
        // The payment is finally settled, so no refund is possible any more.
        (State::Paid, PayStatus::SettlementComplete) if order.refunded() == 0 => None,
        (State::Paid, PayStatus::SettlementRefundComplete) if order.refunded() > 0 => None,
        (State::Paid, PayStatus::PayComplete | PayStatus::RefundProgress | PayStatus::RefundSuccess) => {
            let left = order.amount - order.refunded();
            (found.refundable_amount != Some(left))
                .then(|| format!("{left} won remain in the book, but another amount at the service"))
        }
        (state, _) => Some(format!("{state:?} in the book, {status} at the service")),
    })
}
