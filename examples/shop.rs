//! A shop with one product. It creates a payment, executes it after the purchaser's return, and refunds it. The
//! transaction that stores an order or refund also writes the request for it to the outbox. Each request therefore
//! takes effect only once, even if a process dies.
//!
//! ```sh
//! TOSS_PAY_KEY=sk_test_... cargo run -p examples --bin shop
//! TOSS_PAY_KEY=sk_test_... cargo run -p examples --bin worker
//! ```
//!
//! `SHOP_ADDRESS` is the address to listen on. `SHOP_URL` is the public URL for purchasers and callbacks. [`Settings`]
//! lists the other environment variables. The worker completes the requests of a shop process that died. It also
//! completes requests that take longer than the shop waits before it shows a page.

use axum::body::Bytes;
use axum::extract::{Form, Path, State as Shared};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Router, serve};
use examples::store::{self, Listed, Opened, Order, Refund, Settings, State, Store};
use pagespec_outbox::{Database, Intent, ReceiveError, Received};
use std::env;
use std::error::Error;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use toss_sdk::pay::{Client, ExecutePayment, PayToken, PurchaserReturn, ResultCallback};
use toss_sdk::runtime::Claim;

const PRICE: i64 = 39_000;

/// Longest time that the shop waits for a request to Toss before it shows a page. After this time, the page says that
/// the request is in progress.
const LONGEST_WAIT: Duration = Duration::from_secs(2);

struct Shop<D: Database> {
    toss: Client,
    store: Store<D>,
    url: String,
}

type App<D> = Shared<Arc<Shop<D>>>;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let settings = Settings::read();
    match settings.open().await? {
        Opened::Sqlite(database) => run(database, &settings).await,
        Opened::Postgres(database) => run(database, &settings).await,
    }
}

async fn run<D: Database>(database: D, settings: &Settings) -> Result<(), Box<dyn Error>> {
    let toss = settings.client("one-page-shop")?;
    let store = Store::open(database, &toss, settings).await?;
    let address = env::var("SHOP_ADDRESS").unwrap_or_else(|_| "127.0.0.1:3000".into());
    let listener = TcpListener::bind(&address).await.map_err(|error| format!("SHOP_ADDRESS {address}: {error}"))?;
    let here = format!("http://{}", listener.local_addr()?);
    println!("{here}");
    let url = env::var("SHOP_URL").unwrap_or(here);
    let router = Router::new()
        .route("/", get(front::<D>))
        .route("/buy", post(buy::<D>))
        .route("/orders/{order_no}", get(look::<D>))
        .route("/done", get(done::<D>))
        .route("/callback", post(callback::<D>))
        // In a real shop, only employees may use this route.
        .route("/refund", post(refund::<D>))
        .with_state(Arc::new(Shop { toss, store, url }));
    Ok(serve(listener, router).await?)
}

async fn front<D: Database>(Shared(shop): App<D>) -> Result<Html<String>, Trouble> {
    let mut page =
        format!("<h1>Wool coat</h1><form method=post action=/buy><button>Buy for {PRICE} won</button></form>");
    let mut transaction = shop.store.outbox.database().begin_reading().await?;
    for Order { order_no, amount, state, .. } in store::overview::<D>(D::connection(&mut transaction)).await? {
        // The page contains the refund number, so a button that is pressed twice makes only one refund. The characters
        // of a refund number need no escaping in HTML.
        let refund_no = Refund::number();
        let _ = write!(
            page,
            "<form method=post action=/refund>{order_no}: {state}, {amount} won \
             <input type=hidden name=order_no value={order_no}><input type=hidden name=refund_no value={refund_no}>\
             <input name=amount value={amount}>\
             <button>Refund</button></form>"
        );
    }
    Ok(Html(page))
}

/// Stores an order together with the intent that creates its payment, and sends the purchaser to the checkout page.
async fn buy<D: Database>(Shared(shop): App<D>) -> Result<Response, Trouble> {
    let order = Order::new(&shop.url, PRICE);
    let request = order.creation()?;
    let mut transaction = shop.store.begin().await?;
    let connection = D::connection(&mut transaction);
    store::insert::<D>(connection, &order).await?;
    let key = order.creation_key();
    let intent = Intent::new(&key, &request).in_order_of(&order.order_no);
    let _ = shop.store.outbox.enqueue_intent(connection, &intent).await?;
    D::commit(transaction).await?;
    answer(&shop, &order.order_no).await
}

/// Shows the page of an order. The page reloads until the outcome of the order's request is known.
async fn look<D: Database>(Shared(shop): App<D>, Path(order_no): Path<String>) -> Result<Response, Trouble> {
    answer(&shop, &order_no).await
}

/// Waits for at most [`LONGEST_WAIT`] until the open intent of the order, if any, is closed. Then shows the order's
/// state.
async fn answer<D: Database>(shop: &Shop<D>, order_no: &str) -> Result<Response, Trouble> {
    let Some(order) = shop.store.order(order_no).await? else { return Ok(no_order()) };
    let key = match order.state {
        State::Creating => Some(order.creation_key()),
        State::Executing => Some(order.payment_key()),
        _ => None,
    };
    if let Some(key) = key
        && let Err(error) = shop.store.runner.run(&key, LONGEST_WAIT).await
    {
        eprintln!("{key}: {error}");
        return Ok(checking(&order));
    }
    // Reads the order again. The process that closed the intent changed the order's state in the same transaction.
    let order = shop.store.order(order_no).await?.unwrap_or(order);
    Ok(match order.state {
        State::Creating | State::Executing => checking(&order),
        State::Waiting => match &order.checkout_page {
            Some(page) => Redirect::to(page).into_response(),
            None => checking(&order),
        },
        State::Paid => thanks(),
        State::GivenBack => given_back(),
        State::Doubtful => {
            said(StatusCode::CONFLICT, "We do not know yet whether you have paid. Please ask us about your order.")
        }
        State::Failed if order.checkout_page.is_none() => {
            said(StatusCode::BAD_GATEWAY, "Nothing was paid. Please try again.")
        }
        State::Failed => {
            said(StatusCode::PAYMENT_REQUIRED, order.words.as_deref().unwrap_or("The payment was refused."))
        }
    })
}

/// Handles the purchaser's return. The purchaser can change the parameters, so the shop asks the service before it
/// takes the money.
async fn done<D: Database>(Shared(shop): App<D>, claim: Claim<PurchaserReturn>) -> Result<Response, Trouble> {
    let order_no = claim.unproven().order_no.as_ref().map(|order_no| order_no.as_str());
    let Some(order) = shop.store.order(order_no.unwrap_or_default()).await? else { return Ok(no_order()) };
    if order.state != State::Waiting {
        // Another request, a callback or a worker has already changed the state.
        return answer(&shop, &order.order_no).await;
    }
    let token = order.pay_token.as_deref().map(PayToken::new);
    match shop.toss.confirm_purchaser_return(&claim, order.order_no.as_str().into(), order.amount, token.as_ref()).await
    {
        Ok(confirmed) if confirmed.still_paid.is_some() => take_notice(&shop, &order, confirmed.still_paid).await?,
        Ok(confirmed) if confirmed.found.pay_status.can_execute() => take_money(&shop, &order).await?,
        Ok(_) => return Ok(checking(&order)),
        Err(error) if error.is_refuted() => return Ok(said(StatusCode::CONFLICT, "This order was not paid.")),
        Err(error) => {
            eprintln!("{}: {error}", order.order_no);
            return Ok(checking(&order));
        }
    }
    answer(&shop, &order.order_no).await
}

/// Enqueues the execution, unless another request has already changed the order's state.
async fn take_money<D: Database>(shop: &Shop<D>, order: &Order) -> Result<(), Trouble> {
    let request = order.execution()?;
    let mut transaction = shop.store.begin().await?;
    let connection = D::connection(&mut transaction);
    if store::mark::<D>(connection, &order.order_no, &[State::Waiting], State::Executing).await? {
        let key = order.payment_key();
        let intent = Intent::expecting(&key, &request, (order.amount,)).in_order_of(&order.order_no);
        let _ = shop.store.outbox.enqueue_intent(connection, &intent).await?;
        D::commit(transaction).await?;
    }
    Ok(())
}

/// Records a payment that was executed outside of this shop, for which the shop has no intent. If all or part of the
/// payment was refunded since then, a person has to decide before the delivery.
async fn take_notice<D: Database>(shop: &Shop<D>, order: &Order, still_paid: Option<i64>) -> Result<(), Trouble> {
    let is_whole = still_paid == Some(order.amount);
    let to = if is_whole { State::Paid } else { State::GivenBack };
    let mut transaction = shop.store.begin().await?;
    let connection = D::connection(&mut transaction);
    let from = [State::Creating, State::Waiting, State::Failed];
    if store::mark::<D>(connection, &order.order_no, &from, to).await? {
        D::commit(transaction).await?;
        if !is_whole {
            let left = still_paid.map_or("an unknown amount remains".into(), |won| format!("{won} won remain"));
            eprintln!("{}: paid and refunded, {left}", order.order_no);
        }
    }
    Ok(())
}

/// Receives a callback about a payment. A callback may arrive before the purchaser returns, arrive several times, or be
/// forged.
async fn callback<D: Database>(Shared(shop): App<D>, body: Bytes) -> Result<Response, Trouble> {
    let claim = match ResultCallback::parse(&body) {
        Ok(claim) => claim,
        Err(error) => return Ok(error.into_response()),
    };
    let message = claim.unproven();
    let (order_no, token) = (message.order_no.as_ref(), message.pay_token.as_ref());
    let mut transaction = shop.store.outbox.database().begin_reading().await?;
    let connection = D::connection(&mut transaction);
    let listed = store::about::<D>(connection, order_no.map(|text| text.as_str()), token.map(|text| text.as_str()));
    let order = match listed.await? {
        Listed::Order(order) => order,
        Listed::Unclear => return Ok(StatusCode::SERVICE_UNAVAILABLE.into_response()),
        Listed::NoOrder => return Ok(StatusCode::OK.into_response()),
    };
    // No transaction is open during the query to the service.
    drop(transaction);
    let key = order.payment_key();
    let token = order.pay_token.as_deref().map(PayToken::new);
    let confirm =
        || shop.toss.confirm_result_callback(&claim, order.order_no.as_str().into(), order.amount, token.as_ref());
    let unconfirmed = if shop.store.outbox.show(&key).await?.is_some() {
        let received = shop.store.runner.receive::<ExecutePayment, _, _, _>(&key, &body, Some(order.amount), confirm);
        match received.await {
            Ok(Received::Contradicts) => {
                eprintln!("{key}: the service confirms a payment whose execution it refused; check the payment");
                let mut transaction = shop.store.begin().await?;
                let connection = D::connection(&mut transaction);
                let _ = store::mark::<D>(connection, &order.order_no, &[State::Failed], State::Doubtful).await?;
                D::commit(transaction).await?;
                None
            }
            Ok(_) => None,
            Err(ReceiveError::Unconfirmed(error)) => Some(error),
            Err(error) => {
                eprintln!("{key}: {error}");
                return Ok(StatusCode::SERVICE_UNAVAILABLE.into_response());
            }
        }
    } else {
        match confirm().await {
            Ok(confirmed) => {
                take_notice(&shop, &order, confirmed.still_paid).await?;
                None
            }
            Err(error) => Some(error),
        }
    };
    let Some(error) = unconfirmed else { return Ok(StatusCode::OK.into_response()) };
    eprintln!("{}: {error}", order.order_no);
    let status = StatusCode::from_u16(error.answer_status()).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
    Ok(status.into_response())
}

#[derive(serde::Deserialize)]
struct Wish {
    order_no: String,
    refund_no: String,
    amount: i64,
}

/// Refunds an order. Only one refund of an order runs at a time, even if two people press the button.
async fn refund<D: Database>(Shared(shop): App<D>, Form(wish): Form<Wish>) -> Result<Response, Trouble> {
    let mut transaction = shop.store.begin().await?;
    let connection = D::connection(&mut transaction);
    // Locks the order, so that concurrent refunds wait for each other.
    let is_paid = store::lock_order::<D>(connection, &wish.order_no, State::Paid).await?;
    let Some(order) = store::find::<D>(connection, &wish.order_no).await?.filter(|_| is_paid) else {
        return Ok(said(StatusCode::NOT_FOUND, "There is no such paid order."));
    };
    if let Some(earlier) = store::find_refund::<D>(connection, &order.order_no, &wish.refund_no).await? {
        drop(transaction);
        let before = if earlier.refund_no == wish.refund_no { "" } else { "An earlier refund was open: " };
        return Ok(refunded(&shop, &earlier, before).await);
    }
    let refund = Refund::new(&wish.refund_no, &order, wish.amount);
    let (key, request) = (refund.key(), order.repayment(&refund)?);
    store::insert_refund::<D>(connection, &refund).await?;
    let intent = Intent::new(&key, &request).in_order_of(&order.order_no);
    let _ = shop.store.outbox.enqueue_intent(connection, &intent).await?;
    D::commit(transaction).await?;
    Ok(refunded(&shop, &refund, "").await)
}

/// Waits for at most [`LONGEST_WAIT`] until the intent of a refund is closed. Then shows the state, with the text
/// `before` in front of it.
async fn refunded<D: Database>(shop: &Shop<D>, refund: &Refund, before: &str) -> Response {
    let progress = match shop.store.runner.run(&refund.key(), LONGEST_WAIT).await {
        Ok(progress) => progress,
        Err(error) => {
            eprintln!("{}: {error}", refund.key());
            return said(StatusCode::ACCEPTED, &format!("{before}The refund is being made."));
        }
    };
    use pagespec_outbox::State;
    let reason = progress.record().reason.as_deref().unwrap_or_default();
    match progress.closed() {
        Some(State::Applied) => said(StatusCode::OK, &format!("{before}Refunded.")),
        Some(_) => said(StatusCode::BAD_GATEWAY, &format!("{before}{reason}")),
        None => said(StatusCode::ACCEPTED, &format!("{before}The refund is being made. {reason}")),
    }
}

fn thanks() -> Response {
    said(StatusCode::OK, "Thank you. Your coat is on its way.")
}

fn no_order() -> Response {
    said(StatusCode::NOT_FOUND, "There is no such order.")
}

fn given_back() -> Response {
    said(StatusCode::CONFLICT, "At least part of this payment was refunded. Please ask us about your order.")
}

/// Shows that the outcome is not known yet. A worker continues, and the browser reloads the page after two seconds.
fn checking(order: &Order) -> Response {
    let again = format!("2; url=/orders/{}", order.order_no);
    let words = "Your payment is being checked. This page reloads.";
    (StatusCode::ACCEPTED, [(header::REFRESH, again)], words).into_response()
}

fn said(status: StatusCode, words: &str) -> Response {
    // The answer is plain text, so that a browser interprets no part of it as HTML.
    (status, words.to_owned()).into_response()
}

/// Error of a page, such as a database error. Requests that are already in the outbox are carried out nevertheless.
struct Trouble(Box<dyn Error>);

impl<E: Into<Box<dyn Error>>> From<E> for Trouble {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for Trouble {
    fn into_response(self) -> Response {
        eprintln!("{}", self.0);
        said(
            StatusCode::INTERNAL_SERVER_ERROR,
            "Something is wrong here. Please reload this page before you pay again.",
        )
    }
}
