//! The sandbox's pages as people use them: clicked through in headless Chromium. Skipped, and said so, where it is not
//! installed. `BROWSER_PICTURES` names a folder for pictures of the pages.

use tests::browser::{Browser, DESKTOP, PHONE};
use tests::service::block_on;
use toss_sandbox::{Host, Sandbox};
use toss_sdk::onboarding::{self, CreateStore, OpenOnboardingSession};
use toss_sdk::pay::*;

fn client(sandbox: &Sandbox) -> Client {
    Client::builder("sk_test_w5lNQylNqa5lNQe013Nq").base_url(sandbox.base_url()).build().unwrap()
}

fn created(sandbox: &Sandbox, number: &str) -> CreatePaymentReply {
    described(sandbox, number, "울 코트")
}

fn described(sandbox: &Sandbox, number: &str, what: &str) -> CreatePaymentReply {
    let request = CreatePayment::builder()
        .order_no(number)
        .product_desc(what)
        // Pages of the sandbox itself, so that the browser has somewhere to go to.
        .ret_url(format!("{}/?back=done", sandbox.base_url()))
        .ret_cancel_url(format!("{}/?back=cancelled", sandbox.base_url()))
        .amount(59_000)
        .result_callback("http://127.0.0.1:1/callback")
        .amount_tax_free(0)
        .build()
        .unwrap();
    block_on(client(sandbox).create_payment(&request)).unwrap()
}

/// What its clock says.
fn sandbox_time(sandbox: &Sandbox) -> String {
    let (_, said) = tests::shop::get(sandbox, "/sandbox/v1/clock");
    said.split('"').nth(3).unwrap().to_owned()
}

fn picture(browser: &Browser, name: &str) {
    if let Some(folder) = std::env::var_os("BROWSER_PICTURES") {
        let script = format!("base64 -d > '{}/{name}.png'", folder.to_string_lossy());
        let mut shell = std::process::Command::new("sh");
        let mut decode = shell.arg("-c").arg(script).stdin(std::process::Stdio::piped()).spawn().unwrap();
        std::io::Write::write_all(&mut decode.stdin.take().unwrap(), browser.picture().as_bytes()).unwrap();
        decode.wait().unwrap();
    }
}

#[test]
fn a_purchaser_pays_by_card_and_comes_back() {
    let Some(browser) = Browser::open(DESKTOP, "en") else { return };
    let sandbox = Sandbox::start().unwrap();
    let payment = described(&sandbox, "o-1", "울 코트 <b>&amp;</b>");
    browser.go(&payment.checkout_page);
    browser.reads("59,000 won");
    browser.reads("울 코트 <b>&amp;</b>");
    picture(&browser, "checkout");
    browser.click("input[value=\"3\"]");
    browser.click("select[name=months] option[value=\"6\"]");
    browser.click("button[value=approve]");
    browser.until("back at the shop", || browser.url().contains("back=done").then_some(()));
    let url = browser.url();
    for part in ["status=PAY_APPROVED", "orderNo=o-1", "payMethod=CARD", "cardCompany=3"] {
        assert!(url.contains(part), "{part} in {url}");
    }
    let execute = ExecutePayment::builder().pay_token(&payment.pay_token).build().unwrap();
    let paid = block_on(client(&sandbox).execute_payment(&execute)).unwrap();
    assert_eq!((paid.card.card_company_code, paid.card.spread_out), (Some(CardCompany::Samsung), Some(6)));
    assert_eq!(browser.complaints(), [""; 0]);
}

#[test]
fn a_purchaser_with_a_phone_pays_in_korean_with_points_and_closes_the_page() {
    let Some(browser) = Browser::open(PHONE, "ko") else { return };
    let sandbox = Sandbox::start().unwrap();
    let payment = created(&sandbox, "o-1");
    browser.go(&payment.checkout_page);
    browser.reads("결제하기");
    assert!(!browser.overflows(), "nobody scrolls sideways on a phone");
    picture(&browser, "checkout-phone");
    browser.click("input[value=money]");
    browser.fill("input[name=points]", "99999999");
    browser.click("button[value=approve]");
    browser.reads("at most 59000 can be spent");
    browser.click("main a");
    browser.click("input[value=money]");
    browser.fill("input[name=points]", "1000");
    browser.click("button[value=approve_and_close]");
    browser.reads("승인되었고 창이 닫혔습니다");
    let record = sandbox.payments().remove(0);
    assert_eq!((record.status.as_str(), record.points), ("PAY_APPROVED", 1_000), "approved, and nobody came back");
    browser.go(&payment.checkout_page);
    browser.reads("PAY_APPROVED");
}

#[test]
fn a_purchaser_gives_up() {
    let Some(browser) = Browser::open(DESKTOP, "en") else { return };
    let sandbox = Sandbox::start().unwrap();
    let payment = created(&sandbox, "o-1");
    browser.go(&payment.checkout_page);
    browser.click("button[value=close]");
    browser.reads("The merchant was told nothing");
    assert_eq!(sandbox.payments()[0].status, "PAY_STANDBY");
    browser.go(&payment.checkout_page);
    browser.click("button[value=cancel]");
    browser.until("back at the shop", || browser.url().contains("back=cancelled").then_some(()));
    assert_eq!(sandbox.payments()[0].status, "PAY_CANCEL");
}

#[test]
fn a_shops_owner_signs_up() {
    let Some(browser) = Browser::open(PHONE, "ko") else { return };
    let (sandbox, host) = (Sandbox::start().unwrap(), Host::published());
    let (token, secret) = (host.token.as_str().into(), host.secret.as_str().into());
    let toss = onboarding::Client::builder(token, secret).base_url(sandbox.base_url()).build().unwrap();
    let store = CreateStore::builder()
        .shop_id("shop-1")
        .shop_name("마켓하늘")
        .shop_contact_name("김하늘")
        .shop_contact_email("kim@haneul.example")
        .shop_contact_phone_number("010-0000-0000")
        .not_a_business()
        .shop_url("https://haneul.example")
        .return_url(format!("{}/?back=signed-up", sandbox.base_url()))
        .return_fallback_url(format!("{}/?back=failed", sandbox.base_url()))
        .agency_code("TestTest")
        .build()
        .unwrap();
    let mid = block_on(toss.create_store(&store)).unwrap().mid.unwrap();
    let open = OpenOnboardingSession::builder().shop_id("shop-1").mid(&mid).build().unwrap();
    let page = block_on(toss.open_onboarding_session(&open)).unwrap().apply_url;
    browser.go(&page);
    browser.reads("가입 신청");
    assert!(!browser.overflows());
    picture(&browser, "signup-phone");
    browser.fill("input[name=companyName]", "하늘상회");
    browser.click("input[value=KAKAO_PAY]");
    browser.click("button[value=save]");
    browser.reads("저장되었습니다");
    browser.go(&page);
    browser.click("button[value=submit]");
    browser.until("back at the hosting company", || browser.url().contains("back=signed-up").then_some(()));
    let record = sandbox.stores().remove(0);
    assert_eq!((record.contract_status.as_str(), record.fee_status.as_str()), ("wait_for_review", "PAID"));
    assert_eq!(browser.complaints(), [""; 0]);
}

#[test]
fn an_engineer_watches_breaks_and_forwards() {
    let Some(browser) = Browser::open(DESKTOP, "en") else { return };
    let sandbox = Sandbox::start().unwrap();
    browser.go(sandbox.base_url());
    browser.reads("Toss sandbox");
    // It appears without anybody reloading the page.
    let payment = created(&sandbox, "o-1");
    browser.reads("PAY_STANDBY");
    browser.click("button[data-post$='/approve']");
    browser.reads("PAY_STANDBY → PAY_APPROVED");
    // The next call is done and its answer is lost, which the client's own second attempt finds out.
    browser.click("select[name=operation] option[value='execute_payment']");
    browser.click("select[name=does] option[value='reset_after']");
    browser.click("form[data-post=faults] button:not([type])");
    browser.reads("fault {\"operation\":\"execute_payment\"");
    let execute = ExecutePayment::builder().pay_token(&payment.pay_token).build().unwrap();
    block_on(client(&sandbox).execute_payment(&execute)).unwrap_err();
    browser.reads("PAY_COMPLETE");
    browser.reads("{\"does\":\"reset_after\"}");
    browser.go(sandbox.base_url());
    browser.reads("PAY_COMPLETE");
    picture(&browser, "dashboard");
    // What somebody reads stays open while the page goes on.
    browser.click("#exchange-2 summary");
    browser.reads("\"apiKey\": \"sk_test_…\"");
    browser.click("button[data-post='clock/forward'][data-body*=':60}']");
    browser.until("time has passed", || browser.text().contains(&sandbox_time(&sandbox)[..16]).then_some(()));
    browser.reads("\"apiKey\": \"sk_test_…\"");
    browser.fill("input[name=seconds]", "9999999999999");
    browser.click("form[data-post='clock/forward'] button:not([type])");
    browser.reads("a century in all");
    browser.click("button[data-body*='31536000']");
    browser.reads("SETTLEMENT_COMPLETE");
    let text = browser.text();
    assert!(!text.contains("sk_test_w5lNQylNqa5lNQe013Nq"), "keys are shortened: {text}");
    // Asked for it, the first time somebody thinks again.
    browser.click("button[data-post=reset]");
    browser.answer(false);
    browser.click("button[data-post=reset]");
    browser.answer(true);
    browser.until("everything is forgotten", || (!browser.text().contains("o-1")).then_some(()));
    // The browser tells of the refusal too, and of nothing else.
    let complaints = browser.complaints();
    assert!(matches!(complaints.as_slice(), [one] if one.contains("400")), "{complaints:?}");
}
