//! Onboards a store: registers it, opens a signup page for its owner, waits until the contract is complete, and fetches
//! the API keys of the store.
//!
//! ```sh
//! TOSS_ONBOARDING_TOKEN=... TOSS_ONBOARDING_SECRET=... cargo run -p examples --bin onboarding -- SHOP_ID
//! ```
//!
//! Set `TOSS_ONBOARDING_URL` to call another service than Toss's, such as a sandbox. `PAUSE_SECONDS` is the pause
//! between two queries of the contract's status, 60 by default.
//!
//! The program can be stopped and run again at any time. It first queries the state of the store, and then does only
//! the remaining steps.

use std::env;
use std::error::Error;
use std::time::Duration;
use tokio::time::sleep;
use toss_sdk::onboarding::*;
use toss_sdk::runtime::{Outcome, Resolution};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let needed = |name: &str| env::var(name).map_err(|_| format!("{name} is not set"));
    let shop_id = ShopId::new(env::args().nth(1).ok_or("usage: onboarding SHOP_ID")?);
    let (token, secret) = (needed("TOSS_ONBOARDING_TOKEN")?, needed("TOSS_ONBOARDING_SECRET")?);
    let mut toss = Client::builder(token.into(), secret.into());
    if let Ok(url) = env::var("TOSS_ONBOARDING_URL") {
        toss = toss.base_url(url);
    }
    let toss = toss.build()?;
    let pause = env::var("PAUSE_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(60);

    let mid = match registered(&toss, &shop_id).await? {
        Some(mid) => mid,
        None => register(&toss, &shop_id).await?,
    };
    println!("{shop_id}: registered as {mid}");
    if contract(&toss, &shop_id, &mid).await? != Some(ContractStatus::Done) {
        println!("{shop_id}: the owner continues at {}", signup_page(&toss, &shop_id, &mid).await?);
    }
    loop {
        match contract(&toss, &shop_id, &mid).await? {
            Some(ContractStatus::Done) => break,
            Some(ContractStatus::Canceled | ContractStatus::Terminated) => return Err("the contract has ended".into()),
            // The application is not submitted yet, its review is in progress, or the status is unknown.
            _ => sleep(Duration::from_secs(pause)).await,
        }
    }
    let keys = toss.get_credentials(&GetCredentials::builder().shop_id(&shop_id).build()?).await?;
    // The reply may contain API keys of several shops. With the wrong API key, payments would go to another shop, so
    // both ids of the entry must match.
    let own = keys
        .credentials
        .iter()
        .find(|entry| entry.shop_id.as_ref() == Some(&shop_id) && entry.mid.as_ref() == Some(&mid));
    match own.and_then(|entry| entry.api_key.as_ref()) {
        // Store the keys where other secrets are stored, and never write them to a log.
        Some(_) => println!("{shop_id}: ready to take payments"),
        None => return Err("the contract is complete, but there is no API key yet; run this again later".into()),
    }
    Ok(())
}

/// Returns the MID of the shop, or `None` if the shop is not registered or has no MID.
async fn registered(toss: &Client, shop_id: &ShopId) -> Result<Option<Mid>, Box<dyn Error>> {
    match toss.get_subscriptions(&GetSubscriptions::builder().shop_id(shop_id).build()?).await {
        Ok(reply) => Ok(reply.descriptions.into_iter().find_map(|description| description.mid)),
        // The service rejects a query about an unregistered shop.
        Err(error) if error.outcome() == Outcome::Rejected => Ok(None),
        Err(error) => Err(error.into()),
    }
}

async fn register(toss: &Client, shop_id: &ShopId) -> Result<Mid, Box<dyn Error>> {
    let request = CreateStore::builder()
        .shop_id(shop_id)
        .shop_name("Haneul Market")
        .shop_contact_name("Kim Haneul")
        .shop_contact_email("haneul@shop.example")
        .shop_contact_phone_number("010-0000-0000")
        .not_a_business()
        .shop_url("https://haneul.shop.example")
        .return_url("https://hosting.example/onboarding/done")
        .return_fallback_url("https://hosting.example/onboarding/failed")
        .agency_code("TestTest")
        .build()?;
    match toss.create_store(&request).await {
        Ok(reply) => reply.mid.ok_or_else(|| "registered without a MID".into()),
        // A second registration could leave the shop with two sets of API keys. The program therefore finds out whether
        // the first registration took effect, and does not simply send it again.
        Err(error) if error.outcome() == Outcome::Unknown => match toss.resolve_create_store(&request).await {
            Resolution::Done(_) | Resolution::Reversed(_) => {
                registered(toss, shop_id).await?.ok_or_else(|| "registered without a MID".into())
            }
            Resolution::NotDone(_) => Err("the store was not registered: run this again".into()),
            Resolution::Unknown(unresolved) => {
                Err(format!("the outcome is not known yet; run this again later: {}", unresolved.reason).into())
            }
        },
        Err(error) => Err(error.into()),
    }
}

/// Opens a signup page for the owner. The service then closes the preceding page, which the owner may be using. The
/// client therefore never repeats this request automatically if the service may have carried it out.
async fn signup_page(toss: &Client, shop_id: &ShopId, mid: &Mid) -> Result<String, Box<dyn Error>> {
    let request = OpenOnboardingSession::builder().shop_id(shop_id).mid(mid).build()?;
    Ok(toss.open_onboarding_session(&request).await?.apply_url)
}

async fn contract(toss: &Client, shop_id: &ShopId, mid: &Mid) -> Result<Option<ContractStatus>, Box<dyn Error>> {
    let reply = toss.get_subscriptions(&GetSubscriptions::builder().shop_id(shop_id).build()?).await?;
    let own = reply.descriptions.into_iter().find(|description| description.mid.as_ref() == Some(mid));
    Ok(own.and_then(|description| description.contract_status))
}
