//! The sandbox follows the rules of the Toss Pay page about creation, checkout and tax, and refuses invalid requests.

use std::time::{Duration, SystemTime};
use tests::fixtures::merchant::*;
use tests::order;
use tests::service::block_on;
use toss_sandbox::{Approval, Method, Sandbox, Settings};
use toss_sdk::pay::KstDateTime;
use toss_sdk::pay::*;

fn card(company: CardCompany, months: u8) -> Approval {
    Approval { method: Method::Card { company, months }, points: 0 }
}

fn minutes(count: u64) -> Duration {
    Duration::from_secs(60 * count)
}

/// Posts members that a builder would reject, and returns the body of the rejection.
fn refusal(sandbox: &Sandbox, path: &str, members: &str) -> String {
    let (status, said) = post(sandbox, path, "application/json", &format!(r#"{{"apiKey":"{KEY}",{members}}}"#));
    assert!((200..500).contains(&status) && said.contains(r#""code":-1"#), "{status} {said}");
    said
}

const MANDATORY: &str = r#""orderNo":"o-1","amount":1000,"amountTaxFree":0,"productDesc":"coat","retUrl":"http://127.0.0.1:1/a","retCancelUrl":"http://127.0.0.1:1/b""#;

// Creations of payments.

#[test]
fn a_payment_expires_at_the_time_that_the_merchant_sets() {
    let sandbox = Sandbox::start().unwrap();
    let in_an_hour = KstDateTime::from(SystemTime::now() + minutes(59));
    let token = created(&sandbox, &order!("o-1", 1_000; .expired_time(in_an_hour)));
    sandbox.forward(minutes(58)).unwrap();
    assert_eq!(status(&sandbox, &token).pay_status, PayStatus::PayStandby);
    sandbox.forward(minutes(2)).unwrap();
    assert_eq!(status(&sandbox, &token).pay_status, PayStatus::PayCancel);
}

#[test]
fn an_expiry_in_the_past_or_more_than_sixty_minutes_ahead_is_refused() {
    let sandbox = Sandbox::start().unwrap();
    for time in [SystemTime::now() + minutes(62), SystemTime::now() - minutes(1)] {
        let member = format!(r#"{MANDATORY},"expiredTime":"{}""#, KstDateTime::from(time));
        let said = refusal(&sandbox, "/api/v2/payments", &member);
        assert!(said.contains("COMMON_INVALID_PARAMETER") && said.contains("expiredTime"), "{said}");
    }
}

#[test]
fn the_time_to_pay_is_judged_by_the_sandboxs_own_clock() {
    let sandbox = Sandbox::start().unwrap();
    sandbox.forward(minutes(120)).unwrap();
    let time = KstDateTime::from(SystemTime::now() + minutes(150));
    let body = format!(r#"{{"apiKey":"{KEY}",{MANDATORY},"expiredTime":"{time}"}}"#);
    let (_, said) = post(&sandbox, "/api/v2/payments", "application/json", &body);
    assert!(said.contains(r#""code":0"#), "{said}");
}

#[test]
fn an_approved_payment_without_an_execution_is_canceled_when_its_time_is_over() {
    let sandbox = Sandbox::start().unwrap();
    let token = create(&sandbox, "o-1", 1_000);
    sandbox.approve(&token, &Approval::toss_money()).unwrap();
    sandbox.forward(minutes(15)).unwrap();
    assert_eq!(status(&sandbox, &token).pay_status, PayStatus::PayCancel);
    assert_eq!(code(execute(&sandbox, &token)), "EXECUTE_PAY_NOT_APPROVED");
    let again = block_on(client(&sandbox).create_payment(&order("o-1", 1_000)));
    assert_eq!(code(again), "PAYMENT_DUPLICATION_ORDER_NO", "the number must be used up");
}

#[test]
fn automatic_execution_requires_a_callback_and_its_version() {
    let sandbox = Sandbox::start().unwrap();
    for (more, names) in [
        (r#""autoExecute":true"#, "resultCallback"),
        (r#""autoExecute":true,"resultCallback":"http://127.0.0.1:1/c""#, "callbackVersion"),
        (r#""autoExecute":"true","callbackVersion":"V2""#, "resultCallback"),
    ] {
        let said = refusal(&sandbox, "/api/v2/payments", &format!("{MANDATORY},{more}"));
        assert!(said.contains(names), "{names} in {said}");
    }
}

#[test]
fn a_callback_is_sent_without_automatic_execution_too_once_the_shop_has_executed() {
    let (url, messages) = callbacks(0);
    let sandbox = Sandbox::start().unwrap();
    let token = created(&sandbox, &order!("o-1", 1_000; .result_callback(&*url)));
    sandbox.approve(&token, &Approval::toss_money()).unwrap();
    assert!(sandbox.callbacks().is_empty());
    execute(&sandbox, &token).unwrap();
    let message = messages.recv_timeout(SOON).unwrap();
    assert!(message.header("content-type").starts_with("application/x-www-form-urlencoded"), "expected version V1");
    let claim = ResultCallback::parse_form(message.body.as_bytes()).unwrap();
    assert_eq!(claim.unproven().pay_token.as_ref(), Some(&token));
}

#[test]
fn refunds_and_cancellations_send_no_callback() {
    let (url, messages) = callbacks(0);
    let sandbox = Sandbox::start().unwrap();
    let request =
        order!("o-1", 1_000; .auto_execute(true).result_callback(&*url).callback_version(CallbackVersion::V2));
    let token = created(&sandbox, &request);
    sandbox.approve(&token, &Approval::toss_money()).unwrap();
    messages.recv_timeout(SOON).unwrap();
    refunded(&sandbox, &refund(&token, "r-1", 1_000)).unwrap();
    let other = created(&sandbox, &order!("o-2", 1_000; .result_callback(&*url)));
    sandbox.cancel(&other).unwrap();
    sandbox.forward(minutes(60)).unwrap();
    assert_eq!(sandbox.callbacks().len(), 1);
}

#[test]
fn a_callback_is_sent_five_times_within_ten_minutes_and_then_no_more() {
    let (url, messages) = callbacks(usize::MAX);
    let sandbox = Sandbox::start().unwrap();
    let request =
        order!("o-1", 1_000; .auto_execute(true).result_callback(&*url).callback_version(CallbackVersion::V2));
    let token = created(&sandbox, &request);
    sandbox.approve(&token, &Approval::toss_money()).unwrap();
    messages.recv_timeout(SOON).unwrap();
    for (sent, pause) in [(1, 1), (2, 2), (3, 3), (4, 4)] {
        wait_until("the attempt is recorded", || sandbox.callbacks()[0].attempts.len() == sent);
        sandbox.forward(minutes(pause)).unwrap();
        messages.recv_timeout(SOON).unwrap();
    }
    wait_until("the last attempt is recorded", || sandbox.callbacks()[0].attempts.len() == 5);
    sandbox.forward(minutes(600)).unwrap();
    assert!(messages.recv_timeout(Duration::from_millis(100)).is_err(), "the callback was sent a sixth time");
    assert!(sandbox.resend_callback(1), "the callback must be sent again on request");
    messages.recv_timeout(SOON).unwrap();
    assert!(!sandbox.resend_callback(2) && !sandbox.resend_callback(0));
}

#[test]
fn a_reset_drops_callbacks_that_were_to_be_sent_again() {
    let (url, messages) = callbacks(usize::MAX);
    let sandbox = Sandbox::start().unwrap();
    let pay = |number: &str, price: i64| {
        let request =
            order!(number, price; .auto_execute(true).result_callback(&*url).callback_version(CallbackVersion::V2));
        let token = created(&sandbox, &request);
        sandbox.approve(&token, &Approval::toss_money()).unwrap();
        messages.recv_timeout(SOON).unwrap();
        wait_until("the attempt is recorded", || sandbox.callbacks()[0].attempts.len() == 1);
    };
    pay("o-1", 1_000);
    sandbox.reset().unwrap();
    pay("o-2", 2_000);
    sandbox.forward(minutes(1)).unwrap();
    messages.recv_timeout(SOON).unwrap();
    wait_until("the attempt is recorded", || sandbox.callbacks()[0].attempts.len() == 2);
    let more = messages.recv_timeout(Duration::from_millis(100));
    assert!(more.is_err(), "a callback from before the reset was sent again: {more:?}");
}

// Checkout.

#[test]
fn only_the_payment_methods_that_the_merchant_enables_are_offered() {
    let sandbox = Sandbox::start().unwrap();
    let money = created(&sandbox, &order!("o-1", 1_000; .enable_pay_methods(EnabledPayMethods::TossMoney)));
    let cards = created(&sandbox, &order!("o-2", 1_000; .enable_pay_methods(EnabledPayMethods::Card)));
    assert!(sandbox.approve(&money, &card(CardCompany::Bc, 0)).is_err());
    assert!(sandbox.approve(&cards, &Approval::toss_money()).is_err());
    let page = |token: &PayToken| get(&sandbox, &format!("/checkout/{}?lang=en", token.as_str())).1;
    assert!(!page(&money).contains("value=\"3\"") && page(&money).contains("value=\"money\""));
    assert!(page(&cards).contains("value=\"3\"") && !page(&cards).contains("value=\"money\""));
    sandbox.approve(&money, &Approval::toss_money()).unwrap();
    sandbox.approve(&cards, &card(CardCompany::Bc, 0)).unwrap();
}

#[test]
fn only_the_cards_that_the_merchant_lists_are_offered() {
    let sandbox = Sandbox::start().unwrap();
    let option = |company| CardOption::builder().card_company_code(company).build().unwrap();
    let options = CardOptions::builder().options([option(CardCompany::Samsung), option(CardCompany::Lotte)]);
    let token = created(&sandbox, &order!("o-1", 1_000; .card_options(options.build().unwrap())));
    assert!(sandbox.approve(&token, &card(CardCompany::Hyundai, 0)).unwrap_err().to_string().contains("not offered"));
    let page = get(&sandbox, &format!("/checkout/{}", token.as_str())).1;
    assert!(page.contains("삼성") && page.contains("롯데") && !page.contains("현대"), "{page}");
    sandbox.approve(&token, &card(CardCompany::Lotte, 0)).unwrap();
}

#[test]
fn installments_begin_at_fifty_thousand_won_and_can_be_switched_off() {
    let sandbox = Sandbox::start().unwrap();
    let little = create(&sandbox, "o-1", 49_999);
    let off = created(&sandbox, &order!("o-2", 50_000; .installment(Installment::NotUse)));
    let on = create(&sandbox, "o-3", 50_000);
    for token in [&little, &off] {
        assert!(sandbox.approve(token, &card(CardCompany::Bc, 3)).is_err());
        let page = get(&sandbox, &format!("/checkout/{}", token.as_str())).1;
        assert!(!page.contains("name=\"months\""), "the page offers an option that cannot be chosen: {page}");
        sandbox.approve(token, &card(CardCompany::Bc, 0)).unwrap();
        assert_eq!(execute(&sandbox, token).unwrap().card.spread_out, Some(0));
    }
    sandbox.approve(&on, &card(CardCompany::Bc, 12)).unwrap();
    assert_eq!(execute(&sandbox, &on).unwrap().card.spread_out, Some(12));
}

#[test]
fn toss_money_has_a_cash_receipt_unless_the_merchant_issues_it_and_cards_have_none() {
    let sandbox = Sandbox::start().unwrap();
    let receipt = |request: CreatePayment, approval: &Approval| {
        let token = created(&sandbox, &request);
        sandbox.approve(&token, approval).unwrap();
        let executed = execute(&sandbox, &token).unwrap();
        (executed.cash_receipt_mgt_key.is_some(), status(&sandbox, &token).amount_vat)
    };
    assert_eq!(receipt(order("o-1", 1_000), &Approval::toss_money()), (true, Some(91)));
    let none = order!("o-2", 1_000; .cash_receipt(false));
    assert_eq!(receipt(none, &Approval::toss_money()), (false, None), "without a receipt, the tax must not be split");
    assert_eq!(receipt(order("o-3", 1_000), &card(CardCompany::Bc, 0)), (false, Some(91)));
}

// Keys.

#[test]
fn a_payment_has_the_mode_of_its_key() {
    let sandbox = Sandbox::with(Settings { pretend_live: true, ..Settings::default() }).unwrap();
    // The client never sends a live API key over plain http, so the test posts the request itself.
    for (key, mode) in [(KEY, PaymentMode::Test), ("sk_live_pretended", PaymentMode::Live)] {
        let body = format!(r#"{{"apiKey":"{key}",{MANDATORY}}}"#);
        assert!(post(&sandbox, "/api/v2/payments", "application/json", &body).1.contains(r#""code":0"#));
        let ask = format!(r#"{{"apiKey":"{key}","orderNo":"o-1"}}"#);
        let said = post(&sandbox, "/api/v2/status", "application/json", &ask).1;
        assert_eq!(PaymentStatusReply::from_body(200, said.as_bytes()).unwrap().mode, Some(mode));
    }
}

// Tax.

#[test]
fn given_tax_parts_are_kept_and_missing_ones_are_computed() {
    let sandbox = Sandbox::start().unwrap();
    let tax = |number: &str, free: i64, given: Option<(i64, i64)>, fee: i64| {
        let request = CreatePayment::builder()
            .order_no(number)
            .product_desc("coat")
            .ret_url("http://127.0.0.1:1/a")
            .ret_cancel_url("http://127.0.0.1:1/b")
            .amount(10_000)
            .amount_tax_free(free)
            .amount_service_fee(fee);
        let request = match given {
            Some((taxable, vat)) => request.amount_taxable(taxable).amount_vat(vat).build(),
            None => request.build(),
        };
        let now = status(&sandbox, &created(&sandbox, &request.unwrap()));
        [now.amount_tax_free, now.amount_taxable, now.amount_vat, now.amount_service_fee].map(Option::unwrap)
    };
    assert_eq!(tax("o-1", 0, None, 0), [0, 9_090, 910, 0]);
    assert_eq!(tax("o-2", 10_000, None, 0), [10_000, 0, 0, 0]);
    assert_eq!(tax("o-3", 3_000, None, 1_000), [3_000, 5_454, 546, 1_000]);
    assert_eq!(tax("o-4", 3_000, Some((6_400, 600)), 0), [3_000, 6_400, 600, 0]);
    let said =
        refusal(&sandbox, "/api/v2/payments", &MANDATORY.replace("\"amountTaxFree\":0", "\"amountTaxFree\":1001"));
    assert!(said.contains("COMMON_INVALID_PARAMETER"), "{said}");
}

// Requests with too large or invalid members.

#[test]
fn tax_parts_that_do_not_add_up_to_the_price_are_refused() {
    let sandbox = Sandbox::start().unwrap();
    let create = |parts: &str| {
        let body = format!(r#"{{"apiKey":"{KEY}",{MANDATORY},{parts}}}"#);
        post(&sandbox, "/api/v2/payments", "application/json", &body).1
    };
    let wrong = [
        r#""amountTaxable":500"#,
        r#""amountVat":92"#,
        r#""amountTaxable":909,"amountVat":90"#,
        r#""amountTaxable":0,"amountVat":1000"#,
    ];
    for parts in wrong {
        assert!(create(parts).contains("COMMON_INVALID_PARAMETER"), "{parts}");
    }
    // If a request states only the taxable amount, this amount may include or exclude the tax. If a request states only
    // the tax, the service computes the taxable amount.
    for (parts, taxable, vat) in [
        (r#""amountTaxable":909"#, 909, 91),
        (r#""amountTaxable":1000"#, 909, 91),
        (r#""amountVat":50"#, 950, 50),
        (r#""amountVat":0"#, 1_000, 0),
    ] {
        let token = CreatePaymentReply::from_body(200, create(parts).as_bytes()).unwrap().pay_token;
        let now = status(&sandbox, &token);
        assert_eq!((now.amount_taxable, now.amount_vat), (Some(taxable), Some(vat)), "{parts}");
    }
}

#[test]
fn a_body_with_a_repeated_member_or_invalid_utf_8_is_refused_with_that_reason() {
    let sandbox = Sandbox::start().unwrap();
    for body in [
        format!(r#"{{"apiKey":"{KEY}",{MANDATORY},"amount":1}}"#),
        format!("apiKey={KEY}&orderNo=o-1&productDesc=%C7%D1%B1%DB"),
        format!(r#"{{"apiKey":"{KEY}",{MANDATORY},"cardOptions":{{"options":[],"options":[]}}}}"#),
        format!(r#"{{"apiKey":"{KEY}",{MANDATORY}"#),
    ] {
        let said = post(&sandbox, "/api/v2/payments", "application/json", &body).1;
        assert!(said.contains("COMMON_INVALID_PARAMETER"), "{said}");
        assert!(
            ["is repeated (line 1", "UTF-8", "EOF", "ends before"].iter().any(|words| said.contains(words)),
            "{said}"
        );
    }
    let with_mark = format!("\u{feff}{{\"apiKey\":\"{KEY}\",{MANDATORY}}}");
    assert!(post(&sandbox, "/api/v2/payments", "application/json", &with_mark).1.contains(r#""code":0"#));
}

#[test]
fn a_message_is_never_longer_than_documented() {
    let sandbox = Sandbox::start().unwrap();
    let (_, said) = post(&sandbox, "/api/v2/payments", "application/json", &format!(r#"{{"apiKey":"{KEY}"}}"#));
    let said: serde_json::Value = serde_json::from_str(&said).unwrap();
    let message = said["msg"].as_str().unwrap();
    assert!(message.chars().count() == 120 && message.starts_with("orderNo: "), "{message}");
}

#[test]
fn a_key_of_another_product_and_a_key_that_is_too_long_are_refused_with_the_reason() {
    let sandbox = Sandbox::start().unwrap();
    let said = |key: &str| {
        let body = format!(r#"{{"apiKey":"{key}","orderNo":"o-1"}}"#);
        post(&sandbox, "/api/v2/status", "application/json", &body).1
    };
    assert!(said("test_sk_abc").contains("Toss Payments, another product"));
    assert!(said(&format!("sk_test_{}", "a".repeat(23))).contains("at most 30"));
    assert!(said("sk_test_ ").contains("COMMON_INVALID_API_KEY"));
    assert!(said(&format!("sk_test_{}", "a".repeat(22))).contains("TRANSACTION_NOT_FOUND"));
}

#[test]
fn a_time_is_accepted_only_in_the_documented_notation() {
    let sandbox = Sandbox::start().unwrap();
    let time = KstDateTime::from(SystemTime::now() + minutes(20)).to_string();
    let spellings =
        [time.replace(' ', "T"), format!("{time}+09:00"), format!("{time}.5"), format!("{time} "), time[..16].into()];
    for spelling in spellings {
        let said = refusal(&sandbox, "/api/v2/payments", &format!(r#"{MANDATORY},"expiredTime":"{spelling}""#));
        assert!(said.contains("expiredTime"), "{spelling}: {said}");
    }
}

#[test]
fn a_card_company_that_does_not_exist_cannot_be_listed() {
    let sandbox = Sandbox::start().unwrap();
    let members = format!(r#"{MANDATORY},"cardOptions":{{"options":[{{"cardCompanyCode":99}}]}}"#);
    assert!(refusal(&sandbox, "/api/v2/payments", &members).contains("no card company 99"));
}

// Sales slips and formats.

#[test]
fn the_sales_slip_of_every_transaction_can_be_opened() {
    let sandbox = Sandbox::start().unwrap();
    let token = paid(&sandbox);
    let link = status(&sandbox, &token).card.sales_check_link_url.unwrap();
    let path = link.strip_prefix(sandbox.base_url()).unwrap();
    let (found, page) = get(&sandbox, path);
    assert!(found == 200 && page.contains("10,000") && page.contains("o-1"), "{page}");
    refunded(&sandbox, &refund(&token, "r-1", 4_000)).unwrap();
    let back = status(&sandbox, &token).transactions[1].transaction_id.clone().unwrap();
    let of = format!("/sales-slip?payToken={}&transactionId={}", token.as_str(), back.as_str());
    assert!(get(&sandbox, &of).1.contains("-4,000"), "the slip of a refund must show a negative amount");
    assert_eq!(get(&sandbox, "/sales-slip?payToken=x&transactionId=y").0, 404);
    let money = create(&sandbox, "o-2", 1_000);
    sandbox.approve(&money, &Approval::toss_money()).unwrap();
    let own = execute(&sandbox, &money).unwrap().transaction_id.unwrap();
    let of = format!("/sales-slip?payToken={}&transactionId={}", money.as_str(), own.as_str());
    assert_eq!(get(&sandbox, &of).0, 404, "a payment by Toss Money must have no sales slip");
}

#[test]
fn every_request_is_answered_in_the_documented_shape() {
    let sandbox = Sandbox::start().unwrap();
    let long = format!(r#"{{"apiKey":"{KEY}","productDesc":"{}"}}"#, "x".repeat(100_000));
    let deep = "[".repeat(30_000);
    for path in ["/api/v2/payments", "/api/v2/refunds", "/api/v2/nothing", "/api/", "/instant-onboarding/v2/shop/a"] {
        for body in ["", "{", "null", "[]", "\u{feff}{}", "=&=&", r#"{"a":1,"a":2}"#, &long, &deep] {
            for label in ["application/json", "application/x-www-form-urlencoded", "text/xml", ""] {
                let (status, said) = post(&sandbox, path, label, body);
                let what: serde_json::Value =
                    serde_json::from_str(&said).unwrap_or_else(|e| panic!("{path} {e}: {said}"));
                assert!(status < 500, "{path}: {status} {said}");
                let refused = what["code"] == -1 || what["success"] == false;
                assert!(refused && what["errorCode"].is_string(), "{path}: {said}");
            }
        }
    }
}
