//! The pages of the sandbox work in a browser: checkout, signup and dashboard. The tests use headless Chromium, and are
//! skipped with a message if it is not installed. If `BROWSER_PICTURES` names a folder, the tests save screenshots
//! there.

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
        // The sandbox itself serves these URLs, so that the browser can open them.
        .ret_url(format!("{}/?back=done", sandbox.base_url()))
        .ret_cancel_url(format!("{}/?back=canceled", sandbox.base_url()))
        .amount(59_000)
        .result_callback("http://127.0.0.1:1/callback")
        .amount_tax_free(0)
        .build()
        .unwrap();
    block_on(client(sandbox).create_payment(&request)).unwrap()
}

fn sandbox_time(sandbox: &Sandbox) -> String {
    let (_, said) = tests::fixtures::merchant::get(sandbox, "/sandbox/v1/clock");
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
    assert!(!browser.overflows(), "the page needs horizontal scrolling on a phone");
    picture(&browser, "checkout-phone");
    browser.click("input[value=money]");
    browser.fill("input[name=points]", "99999999");
    browser.click("button[value=approve]");
    browser.reads("최대 59,000원까지");
    browser.click("main a");
    browser.click("input[value=money]");
    browser.fill("input[name=points]", "1000");
    browser.click("button[value=approve_and_close]");
    browser.reads("승인되었고 창이 닫혔습니다");
    let record = sandbox.payments().remove(0);
    assert_eq!(
        (record.status.as_str(), record.points),
        ("PAY_APPROVED", 1_000),
        "the payment must be approved although the browser has not returned"
    );
    browser.go(&payment.checkout_page);
    browser.reads("PAY_APPROVED");
}

#[test]
fn a_purchaser_cancels_the_payment() {
    let Some(browser) = Browser::open(DESKTOP, "en") else { return };
    let sandbox = Sandbox::start().unwrap();
    let payment = created(&sandbox, "o-1");
    browser.go(&payment.checkout_page);
    browser.click("button[value=close]");
    browser.reads("The merchant was not notified");
    assert_eq!(sandbox.payments()[0].status, "PAY_STANDBY");
    browser.go(&payment.checkout_page);
    browser.click("button[value=cancel]");
    browser.until("back at the shop", || browser.url().contains("back=canceled").then_some(()));
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
fn the_dashboard_shows_payments_injects_faults_and_advances_the_clock() {
    let Some(browser) = Browser::open(DESKTOP, "en") else { return };
    let sandbox = Sandbox::start().unwrap();
    browser.go(sandbox.base_url());
    browser.reads("Toss sandbox");
    // A new payment appears although the page is not reloaded.
    let payment = created(&sandbox, "o-1");
    browser.reads("PAY_STANDBY");
    browser.click("button[data-post$='/approve']");
    browser.reads("PAY_STANDBY → PAY_APPROVED");
    // The sandbox carries out the next execution, but its answer is lost.
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
    // An opened section stays open when the page updates itself.
    browser.click("#exchange-2 summary");
    browser.reads("\"apiKey\": \"sk_test_…\"");
    browser.click("button[data-post='clock/forward'][data-body*=':60}']");
    browser.until("time has passed", || browser.text().contains(&sandbox_time(&sandbox)[..16]).then_some(()));
    browser.reads("\"apiKey\": \"sk_test_…\"");
    browser.fill("input[name=seconds]", "9999999999999");
    browser.click("form[data-post='clock/forward'] button:not([type])");
    browser.reads("a century ahead");
    browser.click("button[data-body*='31536000']");
    browser.reads("SETTLEMENT_COMPLETE");
    let text = browser.text();
    assert!(!text.contains("sk_test_w5lNQylNqa5lNQe013Nq"), "the page shows a whole key: {text}");
    // A dialog asks for confirmation. The test cancels the first dialog and accepts the second.
    browser.click("button[data-post=reset]");
    browser.answer(false);
    browser.click("button[data-post=reset]");
    browser.answer(true);
    browser.until("everything is forgotten", || (!browser.text().contains("o-1")).then_some(()));
    // The browser reports only the one refused request, which would have advanced the clock too far.
    let complaints = browser.complaints();
    assert!(matches!(complaints.as_slice(), [one] if one.contains("400")), "{complaints:?}");
}

/// Starts a shop whose pages redirect to another origin. Returns its URL.
fn shop_that_redirects() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let Some(request) = tests::service::read(&mut stream) else { continue };
            let answer = if request.target.starts_with("/favicon") {
                tests::service::answer("200 OK", "image/png", "")
            } else if request.target.starts_with("/landed") {
                tests::service::answer("200 OK", "text/html", "<p>landed</p>")
            } else {
                // `localhost` is another origin than `127.0.0.1`.
                let to = request.target.replacen("/return", "/landed", 1);
                let location = format!("http://localhost:{port}{to}");
                format!("HTTP/1.1 302 x\r\nlocation: {location}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
                    .into()
            };
            let _ = std::io::Write::write_all(&mut stream, &answer);
        }
    });
    format!("http://127.0.0.1:{port}/return")
}

#[test]
fn a_purchaser_and_an_owner_return_to_shops_that_redirect_to_another_origin() {
    let Some(browser) = Browser::open(DESKTOP, "en") else { return };
    let (sandbox, shop) = (Sandbox::start().unwrap(), shop_that_redirects());
    let landed = |way: &str| {
        let part = format!("/landed?way={way}");
        browser.until(way, || (browser.url().contains("localhost") && browser.url().contains(&part)).then_some(()));
    };
    let pay = |number: &str| {
        let request = CreatePayment::builder()
            .order_no(number)
            .product_desc("coat")
            .ret_url(format!("{shop}?way=paid"))
            .ret_cancel_url(format!("{shop}?way=canceled"))
            .amount(1_000)
            .amount_tax_free(0)
            .build()
            .unwrap();
        browser.go(&block_on(client(&sandbox).create_payment(&request)).unwrap().checkout_page);
    };
    pay("o-1");
    browser.click("button[value=approve]");
    landed("paid");
    pay("o-2");
    browser.click("button[value=cancel]");
    landed("canceled");
    let sign_up = |number: &str| {
        let store = CreateStore::builder()
            .shop_id(number)
            .shop_name("Haneul")
            .shop_contact_name("Kim")
            .shop_contact_email("kim@haneul.example")
            .shop_contact_phone_number("010-0000-0000")
            .not_a_business()
            .shop_url("https://haneul.example")
            .return_url(format!("{shop}?way=signed-up"))
            .return_fallback_url(format!("{shop}?way=failed"))
            .agency_code("TestTest")
            .build()
            .unwrap();
        let toss = tests::fixtures::agency::client(&sandbox);
        let mid = block_on(toss.create_store(&store)).unwrap().mid.unwrap();
        let open = OpenOnboardingSession::builder().shop_id(number).mid(&mid).build().unwrap();
        browser.go(&block_on(toss.open_onboarding_session(&open)).unwrap().apply_url);
    };
    sign_up("shop-1");
    browser.click("button[value=submit]");
    landed("signed-up");
    sign_up("shop-2");
    browser.click("button[value=fail]");
    landed("failed");
    assert_eq!(browser.complaints(), [""; 0]);
}

/// Script that returns each text of the page whose contrast is below 4.5 (the minimum of WCAG 2 AA), with its contrast.
const LOW_CONTRASTS: &str = r#"
    const channels = (color) => color.match(/[\d.]+/g).map(Number);
    const over = ([r, g, b, a = 1], [R, G, B]) => [r * a + R * (1 - a), g * a + G * (1 - a), b * a + B * (1 - a)];
    const canvas = () => {
        const probe = document.body.appendChild(document.createElement("i"));
        probe.style.backgroundColor = "Canvas";
        const color = channels(getComputedStyle(probe).backgroundColor);
        probe.remove();
        return color;
    };
    const backdrop = (element) => {
        if (!element) return canvas();
        return over(channels(getComputedStyle(element).backgroundColor), backdrop(element.parentElement));
    };
    const opacity = (element) => element ? Number(getComputedStyle(element).opacity) * opacity(element.parentElement) : 1;
    const luminance = (color) => {
        const [r, g, b] = color.map((c) => c / 255).map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const low = [];
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let text = texts.nextNode(); text; text = texts.nextNode()) {
        const element = text.parentElement;
        if (!text.data.trim() || !element.getClientRects().length) continue;
        const behind = backdrop(element);
        const [r, g, b, a = 1] = channels(getComputedStyle(element).color);
        const front = over([r, g, b, a * opacity(element)], behind);
        const [one, other] = [luminance(front), luminance(behind)].sort((x, y) => y - x);
        const contrast = (one + 0.05) / (other + 0.05);
        if (contrast < 4.5) low.push(`${text.data.trim()}: ${contrast.toFixed(2)}`);
    }
    return low;
"#;

#[test]
fn every_text_of_every_page_can_be_read_in_light_and_in_dark() {
    let Some(browser) = Browser::open(DESKTOP, "en") else { return };
    let sandbox = Sandbox::start().unwrap();
    // There is one payment in every state that has its own color on the dashboard.
    let token = |number: &str| created(&sandbox, number).pay_token;
    let approved = |number: &str| {
        let token = token(number);
        sandbox.approve(&token, &toss_sandbox::Approval::toss_money()).unwrap();
        token
    };
    let open = token("o-1");
    sandbox.cancel(token("o-2")).unwrap();
    approved("o-3");
    sandbox.execute_as_clerk(approved("o-4")).unwrap();
    let refunded = approved("o-5");
    sandbox.execute_as_clerk(&refunded).unwrap();
    sandbox.refund_as_clerk(&refunded, &toss_sandbox::ClerkRefund::of("c-1", 1).staying_in_progress()).unwrap();
    let mid = tests::fixtures::agency::registered(&sandbox, "shop-1", None);
    let signup = tests::fixtures::agency::session(&sandbox, "shop-1", &mid, onboarding::SessionType::InstantOnboarding);
    sandbox.fault(toss_sandbox::Fault::once("payment_status", toss_sandbox::FaultKind::ResetAfter)).unwrap();
    let checkout = format!("{}/checkout/{}", sandbox.base_url(), open.as_str());
    for is_dark in [false, true] {
        browser.prefer_dark(is_dark);
        for page in [sandbox.base_url(), &checkout, &signup] {
            browser.go(page);
            let is_shown_dark = browser.run("return matchMedia('(prefers-color-scheme: dark)').matches");
            assert_eq!(is_shown_dark, is_dark);
            if page == sandbox.base_url() {
                // The error about an impossible action is red.
                browser.fill("input[name=seconds]", "9999999999999");
                browser.click("form[data-post='clock/forward'] button:not([type])");
                browser.reads("a century ahead");
            }
            assert_eq!(browser.run(LOW_CONTRASTS), serde_json::json!([]), "{page}, dark: {is_dark}");
        }
    }
}

#[test]
fn the_pay_button_stays_visible_below_a_long_product_name() {
    for size in [PHONE, DESKTOP] {
        let Some(browser) = Browser::open(size, "ko") else { return };
        let sandbox = Sandbox::start().unwrap();
        for (number, name) in [("o-1", "울코트 ".repeat(63)), ("o-2", "W".repeat(255))] {
            browser.go(&described(&sandbox, number, name.trim()).checkout_page);
            browser.reads("결제하기");
            let script = "const pay = document.querySelector('button[value=approve]').getBoundingClientRect();\
                return pay.top >= 0 && pay.bottom <= innerHeight";
            assert_eq!(browser.run(script), true, "{size:?}");
            assert!(!browser.overflows(), "{size:?}");
        }
        picture(&browser, "checkout-long");
    }
}

#[test]
fn errors_on_korean_pages_are_in_korean_and_every_page_has_its_own_title() {
    let Some(browser) = Browser::open(DESKTOP, "ko") else { return };
    let sandbox = Sandbox::start().unwrap();
    let title = || browser.run("return document.title").as_str().unwrap().to_owned();
    let english = || browser.run("return document.querySelector('main p').textContent.match(/[a-z]{2,}/g)");
    let payment = created(&sandbox, "o-1");
    for (points, words) in [("99999999", "최대 59,000원까지"), ("x", "숫자로 입력해 주세요")] {
        browser.go(&payment.checkout_page);
        browser.fill("input[name=points]", points);
        browser.click("button[value=approve]");
        browser.reads(words);
        assert_eq!((title().as_str(), english()), ("토스페이 결제", serde_json::Value::Null));
    }
    // The payment is canceled while its page is open, so the purchaser cannot pay.
    browser.go(&payment.checkout_page);
    sandbox.cancel(&payment.pay_token).unwrap();
    browser.click("button[value=approve]");
    browser.reads("결제할 수 없는 상태입니다: PAY_CANCEL");
    assert_eq!(english(), serde_json::Value::Null);
    browser.go(&format!("{}/checkout/none", sandbox.base_url()));
    browser.reads("존재하지 않는 결제입니다");
    browser.go(&format!("{}/signup/none", sandbox.base_url()));
    browser.reads("만료되었거나");
    assert_eq!(title(), "토스페이먼츠 가입 신청");
    let mid = tests::fixtures::agency::registered(&sandbox, "shop-1", None);
    browser.go(&tests::fixtures::agency::session(&sandbox, "shop-1", &mid, onboarding::SessionType::InstantOnboarding));
    browser.run("document.querySelector('input[name=companyName]').value = ' '");
    browser.click("button[value=submit]");
    browser.reads("상호명을 입력해 주세요");
    assert_eq!((title().as_str(), english()), ("토스페이먼츠 가입 신청", serde_json::Value::Null));
}

#[test]
fn every_button_and_link_of_the_dashboard_has_a_name_of_its_own() {
    let Some(browser) = Browser::open(DESKTOP, "en") else { return };
    let sandbox = Sandbox::start().unwrap();
    for n in 0..5 {
        let payment = created(&sandbox, &format!("o-{}", n / 2));
        if n > 2 {
            sandbox.approve(&payment.pay_token, &toss_sandbox::Approval::toss_money()).unwrap();
            sandbox.execute_as_clerk(&payment.pay_token).unwrap();
        }
        let mid = tests::fixtures::agency::registered(&sandbox, &format!("shop-{n}"), None);
        tests::fixtures::agency::session(
            &sandbox,
            &format!("shop-{n}"),
            &mid,
            onboarding::SessionType::InstantOnboarding,
        );
    }
    browser.go(sandbox.base_url());
    let script = "return [...document.querySelectorAll('a, button, summary')]\
        .map((element) => (element.ariaLabel || element.textContent).trim())";
    let names = browser.run(script);
    let mut names: Vec<&str> = names.as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    assert!(names.len() > 60 && !names.contains(&""), "{names:?}");
    names.sort_unstable();
    let twice: Vec<_> = names.windows(2).filter(|pair| pair[0] == pair[1]).collect();
    assert!(twice.is_empty(), "{twice:?}");
    // Each accessible name begins with the visible text of its element.
    let script = "return [...document.querySelectorAll('[aria-label]')]\
        .filter((element) => !element.ariaLabel.startsWith(element.textContent.trim())).length";
    assert_eq!(browser.run(script), 0);
    // Every field has a label.
    let script =
        "return [...document.querySelectorAll('input, select')].filter((field) => !field.labels.length).length";
    assert_eq!(browser.run(script), 0);
}

#[test]
fn focus_selection_and_a_click_survive_updates_of_the_dashboard() {
    let Some(browser) = Browser::open(DESKTOP, "en") else { return };
    let sandbox = Sandbox::start().unwrap();
    let first = created(&sandbox, "o-1").pay_token;
    browser.go(sandbox.base_url());
    let article = format!("article[data-key='payment-{}']", first.as_str());
    browser.reads("PAY_STANDBY");
    let script = format!(
        "const own = document.querySelector(\"{article}\");\
         own.mark = 'the same element';\
         own.querySelector(\"button[data-post$='/cancel']\").focus();\
         const order = own.querySelector('code').firstChild;\
         getSelection().setBaseAndExtent(order, 0, order, 3);"
    );
    browser.run(&script);
    let state = || {
        let script = format!(
            "const own = document.querySelector(\"{article}\");\
             return [own.mark, document.activeElement.dataset.post, String(getSelection())].join(' | ')"
        );
        browser.run(&script).as_str().unwrap().to_owned()
    };
    let expected = format!("the same element | payments/{}/cancel | o-1", first.as_str());
    assert_eq!(state(), expected);
    // The element is not replaced when the clock advances, when other payments appear above it, or when its own payment
    // changes.
    let clock = || browser.run("return document.querySelector('#live b').textContent");
    let before = clock();
    browser.until("a second has passed", || (clock() != before).then_some(()));
    assert_eq!(state(), expected);
    for n in 2..5 {
        created(&sandbox, &format!("o-{n}"));
    }
    browser.reads("o-4");
    assert_eq!(state(), expected);
    sandbox.approve(&first, &toss_sandbox::Approval::toss_money()).unwrap();
    browser.reads("PAY_STANDBY → PAY_APPROVED");
    let order: Vec<String> = browser
        .run("return [...document.querySelectorAll('article code:first-of-type')].map((own) => own.textContent)")
        .as_array()
        .unwrap()
        .iter()
        .map(|order| order.as_str().unwrap().to_owned())
        .collect();
    assert_eq!(order, ["o-4", "o-3", "o-2", "o-1"]);
    assert!(state().starts_with("the same element") && state().ends_with("| o-1"), "{}", state());
    // The page does not update itself while a button is pressed, so that the click reaches this button.
    let press = "const button = document.querySelector(\"button[data-post='faults/clear']\");\
        dispatchEvent.call(button, new PointerEvent('pointerdown', { bubbles: true }));";
    browser.run(press);
    created(&sandbox, "o-5");
    std::thread::sleep(std::time::Duration::from_millis(2_500));
    assert!(!browser.text().contains("o-5"), "the page was updated while a button was pressed");
    browser.run("dispatchEvent.call(document.body, new PointerEvent('pointerup', { bubbles: true }))");
    browser.reads("o-5");
    // A press that opens a context menu or ends outside of the window causes no `pointerup` event. The updates must
    // continue after it.
    for (number, end) in [
        ("o-6", "document.body, new MouseEvent('contextmenu', { bubbles: true })"),
        ("o-7", "window, new Event('blur')"),
    ] {
        browser.run(press);
        browser.run(&format!("dispatchEvent.call({end})"));
        created(&sandbox, number);
        browser.reads(number);
    }
    // After a reset, the entries disappear from the page.
    sandbox.reset().unwrap();
    browser.until("everything is forgotten", || (!browser.text().contains("o-1")).then_some(()));
    browser.reads("None yet: point a client");
    assert_eq!(browser.complaints(), [""; 0]);
}
