//! A shop of one page: create, send to the checkout, come back, execute, callback, refund.
//!
//! ```sh
//! TOSS_PAY_KEY=sk_test_... cargo run -p examples --bin shop
//! ```
//!
//! `TOSS_PAY_URL` leads to another service than Toss, `SHOP_ADDRESS` is where to listen, `SHOP_URL` how purchasers and
//! callbacks reach that, `ORDER_BOOK` the file of orders.

use axum::extract::{Form, State as Shared};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Router, serve};
use order_book::{About, Order, OrderBook, Refund, RefundState, State, sent};
use std::cell::Cell;
use std::env;
use std::error::Error;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tokio::net::TcpListener;
use toss_sdk::pay::{self, Client, PayToken, PurchaserReturn, ResultCallback};
use toss_sdk::runtime::{Claim, Done, Outcome, Resolution};

const PRICE: i64 = 39_000;

struct Shop {
    toss: Client,
    book: OrderBook,
    url: String,
}

type App = Shared<Arc<Shop>>;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut toss = Client::builder(env::var("TOSS_PAY_KEY").map_err(|_| "TOSS_PAY_KEY is not set")?);
    if let Ok(url) = env::var("TOSS_PAY_URL") {
        toss = toss.base_url(url);
    }
    let toss = toss.application("one-page-shop").build()?;
    toss.warnings().iter().for_each(|warning| eprintln!("{warning}"));
    let book = OrderBook::open(env::var("ORDER_BOOK").unwrap_or_else(|_| "orders.jsonl".into()))?;
    let address = env::var("SHOP_ADDRESS").unwrap_or_else(|_| "127.0.0.1:3000".into());
    let listener = TcpListener::bind(&address).await.map_err(|error| format!("SHOP_ADDRESS {address}: {error}"))?;
    let here = format!("http://{}", listener.local_addr()?);
    println!("{here}");
    let url = env::var("SHOP_URL").unwrap_or(here);
    let router = Router::new()
        .route("/", get(front))
        .route("/buy", post(buy))
        .route("/done", get(done))
        .route("/callback", post(callback))
        // In a real shop this one is for the staff only.
        .route("/refund", post(refund))
        .with_state(Arc::new(Shop { toss, book, url }));
    Ok(serve(listener, router).await?)
}

async fn front(Shared(shop): App) -> Result<Html<String>, Trouble> {
    let mut page =
        format!("<h1>Wool coat</h1><form method=post action=/buy><button>Buy for {PRICE} won</button></form>");
    for Order { order_no, amount, state, .. } in shop.book.all()? {
        // Order numbers are the shop's own and have no character that means something in HTML.
        let _ = write!(
            page,
            "<form method=post action=/refund>{order_no}: {state:?}, {amount} won \
             <input type=hidden name=order_no value={order_no}><input name=amount value={amount}>\
             <button>Refund</button></form>"
        );
    }
    Ok(Html(page))
}

/// Creates a payment and sends the purchaser to its checkout page.
async fn buy(Shared(shop): App) -> Result<Response, Trouble> {
    let order = Order::new(&shop.url, PRICE);
    let request = order.creation()?;
    shop.book.add(&order)?;
    let reply = match shop.toss.create_payment(&request).await {
        Ok(reply) => Some(reply),
        Err(error) if error.outcome() == Outcome::Unknown => match shop.toss.resolve_create_payment(&request).await {
            // Found, but the address of its checkout page went with the answer: the payment will expire.
            Resolution::Done(Done { reply, .. }) => reply,
            Resolution::NotDone(_) => None,
            // Nobody has seen the page, and yet it has ended: the nightly run takes it up.
            resolution @ Resolution::Reversed(_) => return Ok(later(&resolution)),
            Resolution::Unknown(unresolved) => return Ok(later(&unresolved.reason)),
        },
        Err(error) => {
            eprintln!("{error}");
            None
        }
    };
    let Some(reply) = reply else {
        shop.book.update(&order.order_no, |order| order.state = State::Failed)?;
        return Ok(said(StatusCode::BAD_GATEWAY, "Nothing was paid. Please try again."));
    };
    shop.book.update(&order.order_no, |order| {
        order.state = State::Waiting;
        order.pay_token = Some(reply.pay_token.as_str().to_owned());
    })?;
    Ok(Redirect::to(&reply.checkout_page).into_response())
}

/// The purchaser is back. What the browser says is a claim: the service is asked, and only then the money is taken.
async fn done(Shared(shop): App, claim: Claim<PurchaserReturn>) -> Result<Response, Trouble> {
    let order_no = claim.unproven().order_no.as_ref().map(|order_no| order_no.as_str());
    let Some(order) = shop.book.find(order_no.unwrap_or_default())? else {
        return Ok(said(StatusCode::NOT_FOUND, "There is no such order."));
    };
    if order.state == State::Paid {
        return Ok(thanks());
    }
    let token = order.pay_token.as_deref().map(PayToken::new);
    match shop.toss.confirm_purchaser_return(&claim, order.order_no.as_str().into(), order.amount, token.as_ref()).await
    {
        Ok(confirmed) if confirmed.still_paid == Some(order.amount) => paid(&shop, &order.order_no),
        Ok(confirmed) if confirmed.found.pay_status.can_execute() => take_money(&shop, order).await,
        Ok(confirmed) if confirmed.still_paid.is_some() => given_back(&shop, &order.order_no, confirmed.still_paid),
        Ok(confirmed) => Ok(later(&confirmed.found.pay_status.as_str())),
        Err(error) if error.is_refuted() => Ok(said(StatusCode::CONFLICT, "This order was not paid.")),
        Err(error) => Ok(later(&error)),
    }
}

/// How long a purchaser waits for the outcome. "Not done" takes longer to prove; the page can be reloaded.
const PATIENCE: Duration = Duration::from_secs(20);

async fn take_money(shop: &Shop, order: Order) -> Result<Response, Trouble> {
    let request = order.execution()?;
    if order.state == State::Executing {
        // It was sent before, by another tab or before a restart, and may still be on its way: a refusal of one more
        // execution would say nothing about that one.
        return find_out(shop, &order, &request, None).await;
    }
    let is_first = Cell::new(false);
    let order = shop.book.update(&order.order_no, |order| {
        is_first.set(!matches!(order.state, State::Executing | State::Paid | State::GivenBack));
        if is_first.get() {
            order.executes();
        }
    })?;
    match order.state {
        State::Paid => return Ok(thanks()),
        // Another tab was faster.
        _ if !is_first.get() => return find_out(shop, &order, &request, None).await,
        _ => {}
    }
    let error = match shop.toss.execute_payment(&request).await {
        Ok(reply) if reply.amount == Some(order.amount) => return paid(shop, &order.order_no),
        // The order stays where it is; a person has to look.
        Ok(reply) => return Ok(later(&format!("{}: executed with the amount {:?}", order.order_no, reply.amount))),
        Err(error) => error,
    };
    match error.outcome() {
        // The return can be opened again: it starts over with the question.
        Outcome::NotSent => Ok(later(&error)),
        Outcome::Rejected => refused(shop, &order.order_no, &error),
        Outcome::Unknown => find_out(shop, &order, &request, Some(&error)).await,
    }
}

/// Resolves an execution that was sent.
async fn find_out(
    shop: &Shop,
    order: &Order,
    request: &pay::ExecutePayment,
    error: Option<&pay::Error>,
) -> Result<Response, Trouble> {
    let toss = shop.toss.with(sent(order.sent_at).resolve_timeout(PATIENCE));
    match toss.resolve_execute_payment(request, order.amount).await {
        Resolution::Done(_) => paid(shop, &order.order_no),
        Resolution::Reversed(reversed) => given_back(shop, &order.order_no, reversed.remaining),
        Resolution::NotDone(not) => match not.refusal.as_ref().or(error) {
            Some(refusal) => refused(shop, &order.order_no, refusal),
            None => failed(shop, &order.order_no, "Nothing was paid."),
        },
        // The order stays where it is; the nightly run takes it up.
        Resolution::Unknown(unresolved) => Ok(later(&unresolved.reason)),
    }
}

/// Paid, and given back by a colleague meanwhile: nothing is handed over for it before a person has looked.
fn given_back(shop: &Shop, order_no: &str, left: Option<i64>) -> Result<Response, Trouble> {
    eprintln!("{order_no}: paid and given back, {} of it are left", won(left));
    shop.book.update(order_no, |order| order.state = State::GivenBack)?;
    Ok(said(StatusCode::CONFLICT, "This payment was given back, at least in part. Please ask us about your order."))
}

fn won(amount: Option<i64>) -> String {
    amount.map_or("an unknown amount".to_owned(), |amount| format!("{amount} won"))
}

fn paid(shop: &Shop, order_no: &str) -> Result<Response, Trouble> {
    shop.book.update(order_no, |order| order.state = State::Paid)?;
    Ok(thanks())
}

fn refused(shop: &Shop, order_no: &str, error: &pay::Error) -> Result<Response, Trouble> {
    eprintln!("{error}");
    // The service's own words are meant for the purchaser.
    failed(shop, order_no, error.message().unwrap_or("The payment was refused."))
}

fn failed(shop: &Shop, order_no: &str, reason: &str) -> Result<Response, Trouble> {
    let order = shop.book.update(order_no, |order| {
        // Another tab, or the callback, may have been first.
        if !matches!(order.state, State::Paid | State::GivenBack) {
            order.state = State::Failed;
        }
    })?;
    if order.state == State::Paid {
        return Ok(thanks());
    }
    Ok(said(StatusCode::PAYMENT_REQUIRED, reason))
}

/// The service reports a payment. It may come before the purchaser does, several times, or from somebody else.
async fn callback(Shared(shop): App, claim: Claim<ResultCallback>) -> Result<StatusCode, Trouble> {
    let message = claim.unproven();
    let (order_no, token) = (message.order_no.as_ref(), message.pay_token.as_ref());
    let order = match shop.book.about(order_no.map(|text| text.as_str()), token.map(|text| text.as_str()))? {
        About::Order(order) => order,
        About::Unclear => return Ok(StatusCode::SERVICE_UNAVAILABLE),
        About::NoOrder => return Ok(StatusCode::OK),
    };
    let token = order.pay_token.as_deref().map(PayToken::new);
    match shop.toss.confirm_result_callback(&claim, order.order_no.as_str().into(), order.amount, token.as_ref()).await
    {
        Ok(confirmed) => {
            if confirmed.still_paid == Some(order.amount) {
                shop.book.update(&order.order_no, |order| order.state = State::Paid)?;
            } else if !matches!(order.state, State::Paid | State::GivenBack) {
                // Of an order that is paid, the shop itself may have given part back: the nightly run compares.
                given_back(&shop, &order.order_no, confirmed.still_paid)?;
            }
            Ok(StatusCode::OK)
        }
        Err(error) => {
            eprintln!("{error}");
            Ok(StatusCode::from_u16(error.answer_status()).unwrap_or(StatusCode::SERVICE_UNAVAILABLE))
        }
    }
}

#[derive(serde::Deserialize)]
struct Wish {
    order_no: String,
    amount: i64,
}

/// Gives money back. A refund whose answer was lost is completed before there is another one.
async fn refund(Shared(shop): App, Form(wish): Form<Wish>) -> Result<Response, Trouble> {
    let Some(order) = shop.book.find(&wish.order_no)?.filter(|order| order.state == State::Paid) else {
        return Ok(said(StatusCode::NOT_FOUND, "There is no such paid order."));
    };
    let fresh = Refund::new(wish.amount);
    let fresh_no = fresh.refund_no.clone();
    let request = order.repayment(&fresh)?;
    // One refund at a time, also when two people press the button.
    let order = shop.book.update(&order.order_no, |order| {
        if order.open_refund().is_none() {
            order.refunds.push(fresh.clone());
        }
    })?;
    let open = order.open_refund().filter(|open| open.refund_no != fresh_no);
    let (refund_no, state, words) = match open {
        Some(earlier) => {
            let (state, words) = resolve_refund(&shop, &order.repayment(earlier)?, earlier.sent_at).await;
            (earlier.refund_no.clone(), state, format!("An earlier refund first. {words}"))
        }
        None => match shop.toss.refund_payment(&request).await {
            Ok(_) => (fresh_no, RefundState::Done, "Refunded.".to_owned()),
            Err(error) if error.outcome() == Outcome::Unknown => {
                let (state, words) = resolve_refund(&shop, &request, None).await;
                (fresh_no, state, words)
            }
            Err(error) => (fresh_no, RefundState::Refused, error.to_string()),
        },
    };
    shop.book.update(&order.order_no, |order| order.end_refund(&refund_no, state))?;
    let status = if state == RefundState::Done { StatusCode::OK } else { StatusCode::BAD_GATEWAY };
    Ok(said(status, &words))
}

/// `sent_at` is when an earlier run of the shop sent it: this one remembers its own attempts.
async fn resolve_refund(
    shop: &Shop,
    request: &pay::RefundPayment,
    sent_at: Option<SystemTime>,
) -> (RefundState, String) {
    let resolution = shop.toss.with(sent(sent_at)).resolve_refund_payment(request).await;
    match resolution {
        Resolution::Done(_) => (RefundState::Done, "Refunded.".into()),
        Resolution::NotDone(_) => (RefundState::Refused, resolution.to_string()),
        Resolution::Reversed(_) | Resolution::Unknown(_) => (RefundState::Sent, resolution.to_string()),
    }
}

fn thanks() -> Response {
    said(StatusCode::OK, "Thank you. Your coat is on its way.")
}

/// Nobody knows yet, and nothing is lost by asking again.
fn later(why: &dyn std::fmt::Display) -> Response {
    eprintln!("{why}");
    said(StatusCode::SERVICE_UNAVAILABLE, "Your payment is being checked. Please reload this page in a minute.")
}

fn said(status: StatusCode, words: &str) -> Response {
    // Plain text: no word of it can become HTML.
    (status, words.to_owned()).into_response()
}

/// What ends a request: the disk, or a request that breaks a rule. Nothing was sent.
struct Trouble(Box<dyn Error>);

impl<E: Into<Box<dyn Error>>> From<E> for Trouble {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for Trouble {
    fn into_response(self) -> Response {
        eprintln!("{}", self.0);
        said(StatusCode::INTERNAL_SERVER_ERROR, "Something is wrong here. Nothing was paid.")
    }
}
