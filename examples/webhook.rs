//! Receiver of two kinds of callbacks: those for completed payments, and those for registered stores.
//!
//! ```sh
//! TOSS_PAY_KEY=sk_test_... TOSS_ONBOARDING_TOKEN=... TOSS_ONBOARDING_SECRET=... cargo run -p examples --bin webhook
//! ```
//!
//! Set `TOSS_PAY_URL` and `TOSS_ONBOARDING_URL` to call other services than Toss's, such as a sandbox.
//! `WEBHOOK_ADDRESS` is the address to listen on, and `ORDER_BOOK` is the file of orders. While the secret is being
//! replaced, `TOSS_ONBOARDING_OLD_SECRET` is the old secret.
//!
//! A callback may be forged, so the receiver asks the service before it acts on the content. It answers 200 to a
//! genuine callback about one of its orders only after the new state of the order is on the disk. After an answer other
//! than 200, the service sends the callback of a payment again.

use axum::extract::State as Shared;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Router, serve};
use examples::order_book::{About, OrderBook, State};
use std::env;
use std::error::Error;
use std::sync::Arc;
use tokio::net::TcpListener;
use toss_sdk::onboarding::{self, Credentials, RegistrationCallback};
use toss_sdk::pay::{self, PayToken, ResultCallback};
use toss_sdk::runtime::{CallbackError, Claim, Unverified};

struct Receiver {
    pay: pay::Client,
    onboarding: onboarding::Client,
    /// Credentials that a callback may be signed with. While the secret is being replaced, there are two of them.
    credentials: Vec<Credentials>,
    book: OrderBook,
}

type App = Shared<Arc<Receiver>>;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let needed = |name: &str| env::var(name).map_err(|_| format!("{name} is not set"));
    let (token, secret) = (needed("TOSS_ONBOARDING_TOKEN")?, needed("TOSS_ONBOARDING_SECRET")?);
    let mut pay = pay::Client::builder(needed("TOSS_PAY_KEY")?);
    let mut onboarding = onboarding::Client::builder(token.as_str().into(), secret.as_str().into());
    if let Ok(url) = env::var("TOSS_PAY_URL") {
        pay = pay.base_url(url);
    }
    if let Ok(url) = env::var("TOSS_ONBOARDING_URL") {
        onboarding = onboarding.base_url(url);
    }
    let secrets = [Some(secret), env::var("TOSS_ONBOARDING_OLD_SECRET").ok()].into_iter().flatten();
    let credentials = secrets.map(|secret| Credentials { token: token.as_str().into(), secret: secret.into() });
    let receiver = Receiver {
        pay: pay.build()?,
        onboarding: onboarding.build()?,
        credentials: credentials.collect(),
        book: OrderBook::open(env::var("ORDER_BOOK").unwrap_or_else(|_| "orders.jsonl".into()))?,
    };
    let address = env::var("WEBHOOK_ADDRESS").unwrap_or_else(|_| "127.0.0.1:3001".into());
    let listener = TcpListener::bind(&address).await.map_err(|error| format!("WEBHOOK_ADDRESS {address}: {error}"))?;
    println!("http://{}", listener.local_addr()?);
    let router =
        Router::new().route("/paid", post(paid)).route("/registered", post(registered)).with_state(Arc::new(receiver));
    Ok(serve(listener, router).await?)
}

/// Handles the callback of a completed payment, which is not signed.
async fn paid(Shared(receiver): App, claim: Claim<ResultCallback>) -> StatusCode {
    let message = claim.unproven();
    let (order_no, token) = (message.order_no.as_ref(), message.pay_token.as_ref());
    let order = match receiver.book.about(order_no.map(|text| text.as_str()), token.map(|text| text.as_str())) {
        Ok(About::Order(order)) => order,
        Ok(About::NoOrder) => return StatusCode::OK,
        Ok(About::Unclear) => return StatusCode::SERVICE_UNAVAILABLE,
        Err(error) => {
            eprintln!("{error}");
            return StatusCode::SERVICE_UNAVAILABLE;
        }
    };
    if matches!(order.state, State::Paid | State::GivenBack) {
        // The payment is already recorded, for example because of an earlier callback.
        return StatusCode::OK;
    }
    let (order_no, token) = (order.order_no.as_str().into(), order.pay_token.as_deref().map(PayToken::new));
    let still_paid = match receiver.pay.confirm_result_callback(&claim, order_no, order.amount, token.as_ref()).await {
        Ok(confirmed) => confirmed.still_paid,
        Err(error) => {
            eprintln!("{}: {error}", order.order_no);
            return StatusCode::from_u16(error.answer_status()).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
        }
    };
    // All or part of the payment may have been refunded since its execution. In this case, a person has to decide.
    let state = if still_paid == Some(order.amount) { State::Paid } else { State::GivenBack };
    match receiver.book.update(&order.order_no, |order| order.state = state) {
        Ok(_) if state == State::Paid => {
            println!("{}: paid, {} won", order.order_no, order.amount);
            StatusCode::OK
        }
        Ok(_) => {
            let left = still_paid.map_or("an unknown amount remains".into(), |won| format!("{won} won remain"));
            eprintln!("{}: paid and refunded, {left}", order.order_no);
            StatusCode::OK
        }
        Err(error) => {
            eprintln!("{}: {error}", order.order_no);
            StatusCode::SERVICE_UNAVAILABLE
        }
    }
}

/// Handles the callback of a registered store. The header proves that Toss sent the callback, but does not protect the
/// body.
async fn registered(
    Shared(receiver): App,
    message: Unverified<RegistrationCallback>,
) -> Result<StatusCode, CallbackError> {
    let claim = RegistrationCallback::verify(message.body(), message.header(), &receiver.credentials)?;
    let confirmed = match receiver.onboarding.confirm_registration_callback(&claim).await {
        Ok(confirmed) => confirmed,
        Err(error) => {
            eprintln!("{error}");
            return Ok(StatusCode::from_u16(error.answer_status()).unwrap_or(StatusCode::SERVICE_UNAVAILABLE));
        }
    };
    // `found` is the answer of the service. Store the API keys in this answer, and not the API keys in the callback.
    // Store them where other secrets are stored.
    for store in confirmed.found.credentials {
        if let (Some(shop_id), Some(mid)) = (store.shop_id, store.mid) {
            println!("{shop_id}: registered as {mid}");
        }
    }
    Ok(StatusCode::OK)
}
