//! A hosting company that uses the sandbox: the real client over a real socket, a server that takes callbacks, and a
//! customer with a browser.

use crate::service::block_on;
use toss_sandbox::{Host, Sandbox};
use toss_sdk::onboarding::*;
use toss_sdk::runtime::__private::{RetryPolicy, sha256_hex};

/// A client of this hosting company, that makes one attempt only.
pub fn client_of(sandbox: &Sandbox, host: &Host) -> Client {
    let (token, secret) = (host.token.as_str().into(), host.secret.as_str().into());
    let client = Client::builder(token, secret).base_url(sandbox.base_url()).retries(RetryPolicy::never()).build();
    client.expect("a client")
}

/// One of the published hosting company.
pub fn client(sandbox: &Sandbox) -> Client {
    client_of(sandbox, &Host::published())
}

/// A shop's registration.
pub fn store(shop: &str, business: Option<&str>, callback: Option<&str>) -> CreateStore {
    let store = CreateStore::builder()
        .shop_id(shop)
        .shop_name("마켓하늘 <b>")
        .shop_contact_name("김하늘")
        .shop_contact_email("kim@haneul.example")
        .shop_contact_phone_number("010-0000-0000")
        .shop_url("https://haneul.example")
        .return_url("http://127.0.0.1:1/done")
        .return_fallback_url("http://127.0.0.1:1/failed")
        .agency_code("TestTest")
        .preferred_mid("haneul");
    let store = match business {
        Some(number) => store.shop_business_registration_number(number),
        None => store.not_a_business(),
    };
    let store = match callback {
        Some(url) => store.callback_url(url).card_screening_callback_url(url).build(),
        None => store.build(),
    };
    store.expect("a request")
}

/// Registers a shop.
pub fn registered(sandbox: &Sandbox, shop: &str, business: Option<&str>) -> Mid {
    let made = block_on(client(sandbox).create_store(&store(shop, business, None))).expect("it is registered");
    made.mid.expect("it has a MID")
}

/// How a shop's applications stand.
pub fn subscriptions(sandbox: &Sandbox, shop: &str) -> Vec<StoreSubscription> {
    let request = GetSubscriptions::builder().shop_id(shop).build().expect("a request");
    block_on(client(sandbox).get_subscriptions(&request)).expect("it is told").descriptions
}

/// Opens a signup session; the page's address.
pub fn session(sandbox: &Sandbox, shop: &str, mid: &Mid, kind: SessionType) -> String {
    let request = OpenOnboardingSession::builder().shop_id(shop).mid(mid).type_(kind).build().expect("a request");
    block_on(client(sandbox).open_onboarding_session(&request)).expect("it is opened").apply_url
}

/// The code of a refusal.
///
/// # Panics
///
/// When it was none.
pub fn refusal<T: std::fmt::Debug>(result: Result<T, Error>) -> String {
    let error = result.expect_err("a refusal");
    error.code().map(|code| code.as_str().to_owned()).unwrap_or_else(|| panic!("{error}"))
}

/// What a page says, with its status.
pub fn browse(url: &str) -> (u16, String) {
    block_on(async {
        let response = reqwest::get(url).await.expect("it answers");
        (response.status().as_u16(), response.text().await.expect("it is text"))
    })
}

/// Fills in the form of a page and presses a button; the status, and where the browser is sent.
pub fn press(url: &str, button: &str, company: &str) -> (u16, String) {
    let (_, page) = browse(url);
    let seal = page.split("name=\"seal\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
    let seal = seal.expect("the form is sealed");
    let form = format!("seal={seal}&do={button}&companyName={company}&companyType=PRIVATE&easyPay=TOSS_PAY");
    block_on(async {
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("a client");
        let request = client.post(url).header("content-type", "application/x-www-form-urlencoded").body(form);
        let response = request.send().await.expect("it answers");
        let to = response.headers().get("location").and_then(|to| to.to_str().ok()).unwrap_or_default();
        (response.status().as_u16(), to.to_owned())
    })
}

/// A call as any other language makes it: signed for this shop, with these headers besides; the answer's body.
pub fn call(sandbox: &Sandbox, method: &str, shop: &str, rest: &str, headers: &[(&str, &str)], body: &str) -> String {
    let host = Host::published();
    let url = format!("{}/instant-onboarding/v2/shop/{shop}{rest}", sandbox.base_url());
    let method = method.parse().expect("a method");
    let mut request = reqwest::Client::new().request(method, url).body(body.to_owned());
    request = request.header("Auth-Token", &host.token);
    request = request.header("Auth-Hash", sha256_hex(&[&host.token, &host.secret, shop]));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    block_on(async { request.send().await.expect("it answers").text().await.expect("it is text") })
}
