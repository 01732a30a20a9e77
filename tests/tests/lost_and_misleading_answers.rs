//! The sandbox simulates lost and misleading answers, which tests cannot cause at the real service. Examples are late
//! replies, replies to another request, outdated replicas, answers of gateways, and requests that are carried out after
//! the client has disconnected. The sandbox also simulates a clerk. A clerk executes or refunds payments for the
//! merchant outside of the merchant's program.

use serde_json::{Value, json};
use std::time::Duration;
use tests::fixtures::agency;
use tests::fixtures::merchant::*;
use tests::kept_alive::KeptAlive;
use tests::order;
use tests::service::block_on;
use toss_sandbox::{Approval, ClerkRefund, Fault, FaultKind, Sandbox, Settings};
use toss_sdk::onboarding::{GetCredentials, ListEasyPays};
use toss_sdk::pay::*;
use toss_sdk::runtime::Outcome;

const STATUS: &str = "/api/v2/status";
const EXECUTE: &str = "/api/v2/execute";
const REFUND: &str = "/api/v2/refunds";

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn status_body(token: &PayToken) -> String {
    json!({ "apiKey": KEY, "payToken": token.as_str() }).to_string()
}

fn refund_body(token: &PayToken, number: &str, amount: i64) -> String {
    json!({ "apiKey": KEY, "payToken": token.as_str(), "refundNo": number, "amount": amount }).to_string()
}

fn approved(sandbox: &Sandbox, number: &str) -> PayToken {
    let token = create(sandbox, number, 10_000);
    sandbox.approve(&token, &Approval::card(CardCompany::Samsung)).unwrap();
    token
}

fn control(sandbox: &Sandbox, path: &str, body: &str) -> (u16, Value) {
    let (status, text) = post(sandbox, &format!("/sandbox/v1/{path}"), "application/json", body);
    (status, json(&text))
}

// Late replies of a service behind a gateway.

#[test]
fn every_later_request_on_a_shifted_connection_gets_the_reply_of_the_one_before() {
    let sandbox = Sandbox::start().unwrap();
    let tokens: Vec<PayToken> = (0..3).map(|n| create(&sandbox, &format!("o-{n}"), 1_000 + n)).collect();
    let late = FaultKind::ShiftReplies { status: 504, body: None };
    sandbox.fault(Fault::once("payment_status", late)).unwrap();
    let mut line = KeptAlive::to(&sandbox);
    let (first, page) = line.ask(STATUS, &status_body(&tokens[0]));
    assert_eq!(first, 504);
    assert!(page.contains("504 Gateway Timeout"), "{page}");
    for (asked, answered) in [(1, 0), (2, 1), (0, 2)] {
        let (status, body) = line.ask(STATUS, &status_body(&tokens[asked]));
        assert_eq!((status, &json(&body)["payToken"]), (200, &json!(tokens[answered].as_str())));
    }
    // Another connection gets the right replies.
    let (_, body) = KeptAlive::to(&sandbox).ask(STATUS, &status_body(&tokens[1]));
    assert_eq!(json(&body)["payToken"], tokens[1].as_str());
    let shifted: Vec<bool> = sandbox.journal().iter().take(5).map(|entry| entry.shifted).collect();
    assert_eq!(shifted, [false, true, true, true, false], "latest entry first");
}

#[test]
fn the_reply_before_a_shift_can_be_an_empty_envelope_and_the_request_is_carried_out() {
    let sandbox = Sandbox::start().unwrap();
    let token = approved(&sandbox, "o-1");
    let fault = r#"{"operation":"execute_payment","times":1,"does":"shift_replies","body":{}}"#;
    assert_eq!(control(&sandbox, "faults", fault).0, 200);
    let mut line = KeptAlive::to(&sandbox);
    assert_eq!(line.ask(EXECUTE, &status_body(&token)), (200, "{}".to_owned()));
    assert_eq!(sandbox.payments()[0].status, "PAY_COMPLETE");
    // The service refuses the refund, but the client gets the late reply about the successful execution.
    let (_, body) = line.ask(REFUND, &refund_body(&token, "r-1", 99_999));
    assert_eq!((&json(&body)["code"], &json(&body)["amount"]), (&json!(0), &json!(10_000)));
    assert!(sandbox.payments()[0].refunds.is_empty());
}

#[test]
fn a_late_reply_follows_the_gateways_page_on_the_same_connection() {
    let sandbox = Sandbox::start().unwrap();
    let token = approved(&sandbox, "o-1");
    let late = FaultKind::LateReply { status: 504, body: None, milliseconds: 20 };
    sandbox.fault(Fault::once("execute_payment", late)).unwrap();
    let mut line = KeptAlive::to(&sandbox);
    assert_eq!(line.ask(EXECUTE, &status_body(&token)).0, 504);
    let (status, body) = line.reply().expect("the late reply must arrive without a further request");
    assert_eq!((status, &json(&body)["amount"]), (200, &json!(10_000)));
    // The next request on this connection gets its own reply again.
    let (_, body) = line.ask(STATUS, &status_body(&token));
    assert_eq!(json(&body)["payStatus"], "PAY_COMPLETE");
}

#[test]
fn a_late_reply_is_read_as_the_reply_to_the_next_request() {
    let sandbox = Sandbox::start().unwrap();
    let (first, second) = (approved(&sandbox, "o-1"), create(&sandbox, "o-2", 5_000));
    let late = FaultKind::LateReply { status: 200, body: Some("{}".into()), milliseconds: 0 };
    sandbox.fault(Fault::once("execute_payment", late)).unwrap();
    let mut line = KeptAlive::to(&sandbox);
    assert_eq!(line.ask(EXECUTE, &status_body(&first)), (200, "{}".to_owned()));
    // The second payment was never approved, so its execution must be refused.
    wait_until("the first is executed", || sandbox.payments()[0].status == "PAY_COMPLETE");
    std::thread::sleep(Duration::from_millis(100));
    let (_, body) = line.ask(EXECUTE, &status_body(&second));
    assert_eq!((&json(&body)["code"], &json(&body)["orderNo"]), (&json!(0), &json!("o-1")));
    let (_, body) = line.reply().expect("the refusal must come after the late reply");
    assert_eq!(json(&body)["errorCode"], "EXECUTE_PAY_NOT_APPROVED");
}

// Replicas that lag behind the service.

fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

fn stale(sandbox: &Sandbox, seconds: Option<u64>) {
    sandbox.clear_faults();
    let fault = Fault { times: None, ..Fault::once("payment_status", FaultKind::Stale { seconds }) };
    sandbox.fault(fault).unwrap();
}

#[test]
fn a_lagging_status_shows_the_earlier_state_of_the_payment() {
    let sandbox = Sandbox::start().unwrap();
    let token = create(&sandbox, "o-1", 10_000);
    for step in 0..4 {
        sandbox.forward(seconds(60)).unwrap();
        match step {
            0 => drop(sandbox.approve(&token, &Approval { points: 1_000, ..Approval::toss_money() }).unwrap()),
            1 => drop(execute(&sandbox, &token).unwrap()),
            2 => drop(refunded(&sandbox, &refund(&token, "r-1", 4_000)).unwrap()),
            _ => drop(refunded(&sandbox, &refund(&token, "r-2", 6_000)).unwrap()),
        }
    }
    let seen = |seconds| {
        stale(&sandbox, Some(seconds));
        let seen = status(&sandbox, &token);
        (
            seen.pay_status.as_str().to_owned(),
            seen.refundable_amount,
            seen.transactions.len(),
            seen.pay_method.is_some(),
        )
    };
    let row = |status: &str, left, movements, is_approved| (status.to_owned(), Some(left), movements, is_approved);
    assert_eq!(seen(0), row("REFUND_SUCCESS", 0, 3, true));
    assert_eq!(seen(30), row("REFUND_SUCCESS", 6_000, 2, true));
    assert_eq!(seen(90), row("PAY_COMPLETE", 10_000, 1, true));
    assert_eq!(seen(150), row("PAY_APPROVED", 0, 0, true));
    assert_eq!(seen(210), row("PAY_STANDBY", 0, 0, false));
    stale(&sandbox, Some(270));
    let request = PaymentStatus::builder().payment(token.clone()).build().unwrap();
    assert_eq!(code(block_on(impatient(&sandbox).payment_status(&request))), "TRANSACTION_NOT_FOUND");
    // The service made each change immediately. The replica shows the changes after the clock has advanced.
    sandbox.forward(seconds(300)).unwrap();
    assert_eq!(status(&sandbox, &token).refundable_amount, Some(0));
}

#[test]
fn a_lagging_status_without_a_time_lacks_the_latest_change() {
    let sandbox = Sandbox::start().unwrap();
    stale(&sandbox, None);
    let by_order = || {
        let request = PaymentStatus::builder().payment(OrderNo::new("o-1")).build().unwrap();
        block_on(impatient(&sandbox).payment_status(&request))
    };
    let token = create(&sandbox, "o-1", 10_000);
    assert_eq!(code(by_order()), "TRANSACTION_NOT_FOUND", "the replica must not show the payment yet");
    sandbox.approve(&token, &Approval::toss_money()).unwrap();
    assert_eq!(by_order().unwrap().pay_status, PayStatus::PayStandby);
    execute(&sandbox, &token).unwrap();
    assert_eq!(by_order().unwrap().pay_status, PayStatus::PayApproved);
    refunded(&sandbox, &refund(&token, "r-1", 4_000)).unwrap();
    assert_eq!(by_order().unwrap().refundable_amount, Some(10_000));
}

#[test]
fn a_lagging_status_of_a_reused_order_number_shows_the_earlier_payment() {
    let sandbox = Sandbox::start().unwrap();
    let first = create(&sandbox, "o-1", 1_000);
    sandbox.forward(seconds(60)).unwrap();
    let second = create(&sandbox, "o-1", 1_000);
    let seen = || {
        let request = PaymentStatus::builder().payment(OrderNo::new("o-1")).build().unwrap();
        block_on(client(&sandbox).payment_status(&request)).unwrap().pay_token.unwrap()
    };
    assert_eq!(seen(), second);
    stale(&sandbox, Some(30));
    assert_eq!(seen(), first);
    stale(&sandbox, None);
    assert_eq!(seen(), first);
}

#[test]
fn a_replica_lags_for_a_number_of_calls_or_a_time_of_the_clock() {
    let sandbox = Sandbox::start().unwrap();
    let token = approved(&sandbox, "o-1");
    execute(&sandbox, &token).unwrap();
    let lag = Fault { times: Some(2), ..Fault::once("payment_status", FaultKind::Stale { seconds: None }) };
    sandbox.fault(lag.clone()).unwrap();
    let seen = || status(&sandbox, &token).pay_status.as_str().to_owned();
    assert_eq!([seen(), seen(), seen()], ["PAY_APPROVED", "PAY_APPROVED", "PAY_COMPLETE"]);
    sandbox.fault(Fault { times: None, lasts: Some(60), ..lag }).unwrap();
    assert_eq!([seen(), seen(), seen()], ["PAY_APPROVED", "PAY_APPROVED", "PAY_APPROVED"]);
    sandbox.forward(seconds(60)).unwrap();
    assert_eq!(seen(), "PAY_COMPLETE");
}

#[test]
fn a_lagging_status_can_show_the_state_of_a_payment_before_a_restart() {
    let scratch = tests::temp_project::TempProject::empty();
    let start = || Sandbox::with(Settings { data: Some(scratch.path("sandbox.data")), ..Settings::default() }).unwrap();
    let sandbox = start();
    let token = approved(&sandbox, "o-1");
    sandbox.forward(seconds(60)).unwrap();
    execute(&sandbox, &token).unwrap();
    drop(sandbox);
    let sandbox = start();
    stale(&sandbox, Some(30));
    let seen = status(&sandbox, &token);
    assert_eq!((seen.pay_status, seen.paid_ts, seen.transactions.len()), (PayStatus::PayApproved, None, 0));
    stale(&sandbox, None);
    assert_eq!(status(&sandbox, &token).pay_status, PayStatus::PayApproved);
    sandbox.clear_faults();
    assert_eq!(status(&sandbox, &token).pay_status, PayStatus::PayComplete);
}

#[test]
fn the_queries_of_a_shop_lag_too() {
    let sandbox = Sandbox::start().unwrap();
    let all = Fault { operation: None, times: None, ..Fault::once("", FaultKind::Stale { seconds: Some(30) }) };
    sandbox.fault(all).unwrap();
    let mid = agency::registered(&sandbox, "shop-1", Some("1234567890"));
    let request = GetCredentials::builder().shop_id("shop-1").build().unwrap();
    let credentials = || block_on(agency::client(&sandbox).get_credentials(&request)).unwrap().credentials.len();
    assert_eq!((credentials(), agency::subscriptions(&sandbox, "shop-1").len()), (0, 0));
    sandbox.forward(seconds(31)).unwrap();
    assert_eq!(credentials(), 1);
    let application = toss_sandbox::Application::new("Haneul", toss_sdk::onboarding::CompanyType::Private);
    sandbox.submit(&mid, &application).unwrap();
    let contract = || agency::subscriptions(&sandbox, "shop-1").remove(0).contract_status.unwrap();
    assert_eq!(contract().as_str(), "READY");
    sandbox.forward(seconds(31)).unwrap();
    assert_eq!(contract().as_str(), "wait_for_review");
    let request = ListEasyPays::builder().shop_id("shop-1").build().unwrap();
    assert_eq!(block_on(agency::client(&sandbox).list_easy_pays(&request)).unwrap().stores.len(), 1);
}

// Answers of gateways instead of the service.

#[test]
fn a_gateway_answers_html_of_any_status_before_or_after_the_change() {
    for status in [200, 400, 401, 404, 408, 425, 429, 502, 504] {
        for (kind, charges) in [(FaultKind::HtmlBefore { status }, 0), (FaultKind::HtmlAfter { status }, 1)] {
            let sandbox = Sandbox::start().unwrap();
            let token = approved(&sandbox, "o-1");
            sandbox.fault(Fault::once("execute_payment", kind)).unwrap();
            let (seen, page) = KeptAlive::to(&sandbox).ask(EXECUTE, &status_body(&token));
            assert_eq!((seen, sandbox.payments()[0].charges), (status, charges));
            assert!(page.starts_with("<html>") && page.contains(&status.to_string()), "{page}");
            let shown = &sandbox.journal()[0];
            assert_eq!(
                shown.response.contains("<html>"),
                charges == 0,
                "the journal must show the gateway's page only if nothing was carried out: {}",
                shown.response
            );
        }
    }
}

#[test]
fn a_gateway_answers_with_any_body_before_or_after_the_change() {
    for (kind, charges) in [
        (FaultKind::ReplyBefore { status: 200, body: r#"{"code":0}"#.into() }, 0),
        (FaultKind::ReplyAfter { status: 404, body: String::new() }, 1),
    ] {
        let sandbox = Sandbox::start().unwrap();
        let token = approved(&sandbox, "o-1");
        let expected = match &kind {
            FaultKind::ReplyBefore { status, body } | FaultKind::ReplyAfter { status, body } => (*status, body.clone()),
            _ => unreachable!("the loop has only these two kinds"),
        };
        sandbox.fault(Fault::once("execute_payment", kind)).unwrap();
        assert_eq!(KeptAlive::to(&sandbox).ask(EXECUTE, &status_body(&token)), expected);
        assert_eq!(sandbox.payments()[0].charges, charges);
    }
}

// Replies of the service with changed members.

#[test]
fn members_of_a_reply_can_be_set_removed_or_made_null() {
    let sandbox = Sandbox::start().unwrap();
    let token = approved(&sandbox, "o-1");
    let fault = json!({
        "operation": "execute_payment", "times": 1, "does": "edit_reply",
        "set": { "orderNo": "o-OTHER", "payToken": "t-OTHER", "amount": "39000.00", "paidAmount": null },
        "remove": ["transactionId"]
    });
    let (status, shown) = control(&sandbox, "faults", &fault.to_string());
    assert_eq!((status, &shown[0]["set"]["orderNo"]), (200, &json!("o-OTHER")));
    let (status, body) = KeptAlive::to(&sandbox).ask(EXECUTE, &status_body(&token));
    let body = json(&body);
    assert_eq!((status, &body["code"]), (200, &json!(0)), "the reply must look like a success");
    assert_eq!((&body["orderNo"], &body["payToken"]), (&json!("o-OTHER"), &json!("t-OTHER")));
    assert_eq!((&body["amount"], &body["paidAmount"]), (&json!("39000.00"), &Value::Null));
    assert_eq!((body.get("paidAmount"), body.get("transactionId")), (Some(&Value::Null), None));
    assert_eq!(body["discountedAmount"], 0, "the other members must stay unchanged");
    let entry = sandbox.journal().remove(0);
    assert!(entry.response.contains(token.as_str()), "the journal must contain the service's own reply");
    assert_eq!(sandbox.payments()[0].charges, 1);
}

#[test]
fn nested_members_of_a_reply_and_its_status_can_be_changed() {
    let sandbox = Sandbox::start().unwrap();
    let token = paid(&sandbox);
    let set = json!({ "/transactions/0/transactionAmount": 1 });
    let kind = FaultKind::EditReply {
        set: set.as_object().unwrap().clone(),
        remove: vec!["/transactions/0/regTs".into()],
        status: Some(404),
    };
    sandbox.fault(Fault::once("payment_status", kind)).unwrap();
    let (status, body) = KeptAlive::to(&sandbox).ask(STATUS, &status_body(&token));
    let movement = &json(&body)["transactions"][0];
    assert_eq!((status, &movement["transactionAmount"], movement.get("regTs")), (404, &json!(1), None));
}

// Requests that the service carries out later.

#[test]
fn a_held_request_is_carried_out_when_it_is_released_after_the_client_has_gone() {
    let sandbox = Sandbox::start().unwrap();
    let token = paid(&sandbox);
    sandbox.fault(Fault::once("refund_payment", FaultKind::Hold { seconds: None })).unwrap();
    let mut line = KeptAlive::to(&sandbox);
    line.send(REFUND, &refund_body(&token, "r-1", 4_000));
    wait_until("it is held", || sandbox.held_requests() == 1);
    drop(line);
    sandbox.forward(seconds(3_600)).unwrap();
    assert_eq!(sandbox.payments()[0].refundable_amount, 10_000, "the held refund must wait for its release");
    assert_eq!(sandbox.release_held_requests(), 1);
    assert_eq!((sandbox.payments()[0].refundable_amount, sandbox.held_requests()), (6_000, 0));
    // The control API can release a held request too. It answers after the service has carried out the request.
    sandbox.fault(Fault::once("refund_payment", FaultKind::Hold { seconds: None })).unwrap();
    let mut line = KeptAlive::to(&sandbox);
    line.send(REFUND, &refund_body(&token, "r-2", 1_000));
    wait_until("it is held", || get(&sandbox, "/sandbox/v1/held").1 == r#"{"held":1}"#);
    drop(line);
    assert_eq!(control(&sandbox, "held/release", ""), (200, json!({ "released": 1 })));
    assert_eq!(sandbox.payments()[0].refundable_amount, 5_000);
}

#[test]
fn a_held_request_is_carried_out_when_the_clock_reaches_its_time() {
    let sandbox = Sandbox::start().unwrap();
    let token = approved(&sandbox, "o-1");
    sandbox.fault(Fault::once("execute_payment", FaultKind::Hold { seconds: Some(60) })).unwrap();
    let mut line = KeptAlive::to(&sandbox);
    line.send(EXECUTE, &status_body(&token));
    wait_until("it is held", || sandbox.held_requests() == 1);
    sandbox.forward(seconds(50)).unwrap();
    assert_eq!(sandbox.payments()[0].charges, 0);
    sandbox.forward(seconds(11)).unwrap();
    let (status, body) = line.reply().expect("the client that has waited is answered");
    assert_eq!((status, &json(&body)["amount"]), (200, &json!(10_000)));
    assert_eq!((sandbox.payments()[0].charges, sandbox.held_requests()), (1, 0));
}

#[test]
fn a_repetition_is_refused_although_the_first_request_is_still_in_transit() {
    let sandbox = Sandbox::start().unwrap();
    let token = paid(&sandbox);
    let held = Fault::once("refund_payment", FaultKind::Hold { seconds: None });
    let refused = FaultKind::Code { code: "COMMON_REFUND_ERROR".into() };
    sandbox.fault(held).unwrap();
    sandbox.fault(Fault { from: 2, ..Fault::once("refund_payment", refused) }).unwrap();
    let mut line = KeptAlive::to(&sandbox);
    line.send(REFUND, &refund_body(&token, "r-1", 4_000));
    wait_until("it is held", || sandbox.held_requests() == 1);
    assert_eq!(code(refunded(&sandbox, &refund(&token, "r-1", 4_000))), "COMMON_REFUND_ERROR");
    assert_eq!(sandbox.payments()[0].refundable_amount, 10_000);
    sandbox.release_held_requests();
    assert_eq!(sandbox.payments()[0].refundable_amount, 6_000, "the held refund must be carried out after its release");
}

#[test]
fn a_request_can_be_refused_immediately_and_still_be_carried_out_later() {
    for instead in [
        FaultKind::Code { code: "COMMON_REFUND_ERROR".into() },
        FaultKind::HtmlBefore { status: 404 },
        FaultKind::ReplyBefore { status: 200, body: "{}".into() },
        FaultKind::ResetBefore,
    ] {
        let sandbox = Sandbox::start().unwrap();
        let token = paid(&sandbox);
        sandbox.fault(Fault::once("refund_payment", FaultKind::Hold { seconds: None })).unwrap();
        sandbox.fault(Fault::once("refund_payment", instead.clone())).unwrap();
        let error = block_on(impatient(&sandbox).refund_payment(&refund(&token, "r-1", 4_000))).unwrap_err();
        assert_ne!(error.outcome(), Outcome::NotSent, "{instead:?}");
        assert_eq!(sandbox.payments()[0].refundable_amount, 10_000, "{instead:?}");
        let struck: Vec<FaultKind> = sandbox.struck_faults().into_iter().map(|fault| fault.kind).collect();
        assert_eq!(struck, [FaultKind::Hold { seconds: None }, instead.clone()]);
        assert_eq!(sandbox.release_held_requests(), 1);
        assert_eq!(sandbox.payments()[0].refundable_amount, 6_000, "{instead:?}");
        assert_eq!(sandbox.struck_faults().len(), 2, "the release must not record a further fault");
    }
}

#[test]
fn a_request_that_is_carried_out_late_can_lose_its_reply_too() {
    let sandbox = Sandbox::start().unwrap();
    let token = approved(&sandbox, "o-1");
    for does in [
        FaultKind::DelayBefore { milliseconds: 30 },
        FaultKind::EditReply { set: json!({ "amount": 1 }).as_object().unwrap().clone(), remove: vec![], status: None },
        FaultKind::Delay { milliseconds: 30 },
        FaultKind::ShiftReplies { status: 504, body: None },
    ] {
        sandbox.fault(Fault::once("execute_payment", does)).unwrap();
    }
    let mut line = KeptAlive::to(&sandbox);
    assert_eq!(line.ask(EXECUTE, &status_body(&token)).0, 504);
    let (_, body) = line.ask(STATUS, &status_body(&token));
    assert_eq!((&json(&body)["amount"], &json(&body)["payMethod"]), (&json!(1), &json!("CARD")));
    assert_eq!(sandbox.journal()[1].faults.len(), 4);
}

#[test]
fn a_reset_drops_held_requests() {
    let sandbox = Sandbox::start().unwrap();
    let token = paid(&sandbox);
    sandbox.fault(Fault::once("refund_payment", FaultKind::Hold { seconds: None })).unwrap();
    let mut line = KeptAlive::to(&sandbox);
    line.send(REFUND, &refund_body(&token, "r-1", 4_000));
    wait_until("it is held", || sandbox.held_requests() == 1);
    sandbox.reset().unwrap();
    assert_eq!(line.reply(), None, "the connection must end without a reply");
    assert_eq!((sandbox.held_requests(), sandbox.payments().len()), (0, 0));
}

// Actions of a clerk, outside of the merchant's program.

#[test]
fn a_second_clerk_can_execute_and_refund_without_the_merchants_program() {
    let sandbox = Sandbox::start().unwrap();
    let token = approved(&sandbox, "o-1");
    sandbox.execute_as_clerk(&token).unwrap();
    assert_eq!(code(execute(&sandbox, &token)), "PAYMENT_EXISTING_PAYMENT");
    assert!(sandbox.execute_as_clerk(&token).unwrap_err().to_string().starts_with("PAYMENT_EXISTING_PAYMENT"));
    sandbox.refund_as_clerk(&token, &ClerkRefund::of("c-1", 1_000)).unwrap();
    assert_eq!(status(&sandbox, &token).refundable_amount, Some(9_000));
    assert!(sandbox.refund_as_clerk(&token, &ClerkRefund::of("c-2", 9_001)).unwrap_err().to_string().contains("9000"));
    assert!(sandbox.refund_as_clerk(&token, &ClerkRefund::of("", 1)).unwrap_err().to_string().contains("refundNo"));
    // A refund number is unique for the merchant, so the program cannot use a number that a clerk has used.
    assert_eq!(code(refunded(&sandbox, &refund(&token, "c-1", 4_000))), "REFUND_REFUND_NO_DUPLICATE");
    sandbox.refund_as_clerk(&token, &ClerkRefund::of_everything("c-4")).unwrap();
    assert_eq!(code(refunded(&sandbox, &refund(&token, "r-1", 1))), "REFUND_ALREADY_REFUNDED");
    assert!(sandbox.refund_as_clerk("no-such-token", &ClerkRefund::of("c-5", 1)).is_err());
}

#[test]
fn a_clerks_refund_in_progress_blocks_every_other_refund_until_it_ends() {
    let sandbox = Sandbox::start().unwrap();
    let token = paid(&sandbox);
    sandbox.refund_as_clerk(&token, &ClerkRefund::of("c-1", 1_000).staying_in_progress()).unwrap();
    assert_eq!(status(&sandbox, &token).pay_status, PayStatus::RefundProgress);
    assert_eq!(code(refunded(&sandbox, &refund(&token, "r-1", 4_000))), "COMMON_REFUND_ERROR");
    sandbox.forward(seconds(3_600)).unwrap();
    assert_eq!(status(&sandbox, &token).pay_status, PayStatus::RefundProgress, "the refund must not end by itself");
    sandbox.complete_refund(&token).unwrap();
    assert!(sandbox.complete_refund(&token).unwrap_err().to_string().contains("REFUND_SUCCESS"));
    refunded(&sandbox, &refund(&token, "r-1", 4_000)).unwrap();
    assert_eq!(sandbox.payments()[0].refundable_amount, 5_000);
}

#[test]
fn the_control_api_has_the_second_clerk_too() {
    let sandbox = Sandbox::start().unwrap();
    let token = approved(&sandbox, "o-1");
    let act = |action: &str, body: &str| control(&sandbox, &format!("payments/{}/{action}", token.as_str()), body);
    assert_eq!(act("execute", "{}").0, 200);
    let (status, said) = act("execute", "{}");
    assert_eq!(status, 409);
    assert!(said["error"].as_str().unwrap().contains("PAYMENT_EXISTING_PAYMENT"), "{said}");
    assert_eq!(act("refund", r#"{"refundNo":"c-1","amount":1000,"staysInProgress":true}"#).0, 200);
    assert_eq!(sandbox.payments()[0].status, "REFUND_PROGRESS");
    assert_eq!(act("refund", r#"{"refundNo":"c-2"}"#).0, 409);
    assert_eq!(act("complete-refund", "{}").0, 200);
    assert_eq!(act("complete-refund", "{}").0, 409);
    assert_eq!(act("refund", r#"{"refundNo":"c-2"}"#).0, 200);
    assert_eq!(sandbox.payments()[0].refundable_amount, 0);
    assert_eq!(act("refund", r#"{"number":"c-2"}"#).0, 400);
    assert_eq!(control(&sandbox, "payments/none/execute", "{}").0, 404);
}

#[test]
fn a_refund_in_progress_survives_a_restart_and_is_completed_after_it() {
    let scratch = tests::temp_project::TempProject::empty();
    let start = || Sandbox::with(Settings { data: Some(scratch.path("sandbox.data")), ..Settings::default() }).unwrap();
    let sandbox = start();
    let token = paid(&sandbox);
    sandbox.refund_as_clerk(&token, &ClerkRefund::of("c-1", 1_000).staying_in_progress()).unwrap();
    drop(sandbox);
    let sandbox = start();
    assert_eq!(status(&sandbox, &token).pay_status, PayStatus::RefundProgress);
    sandbox.complete_refund(&token).unwrap();
    assert_eq!(status(&sandbox, &token).pay_status, PayStatus::RefundSuccess);
}

// Replay of faults.

#[test]
fn misleading_answers_can_be_replayed() {
    let faults = [
        Fault { from: 2, ..Fault::once("payment_status", FaultKind::Stale { seconds: None }) },
        Fault { times: None, chance: Some(0.5), ..Fault::once("payment_status", FaultKind::HtmlAfter { status: 404 }) },
        Fault {
            from: 3,
            ..Fault::once("payment_status", FaultKind::ShiftReplies { status: 200, body: Some("{}".into()) })
        },
    ];
    let run = |faults: &[Fault]| {
        let sandbox = Sandbox::with(Settings { seed: 5, ..Settings::default() }).unwrap();
        let token = created(&sandbox, &order!("o-1", 10_000));
        faults.iter().for_each(|fault| sandbox.fault(fault.clone()).unwrap());
        sandbox.approve(&token, &Approval::toss_money()).unwrap();
        let mut line = KeptAlive::to(&sandbox);
        let said: Vec<_> = (0..8)
            .map(|_| {
                let (status, body) = line.ask(STATUS, &status_body(&token));
                let seen = serde_json::from_str::<Value>(&body).map(|body| body["payStatus"].clone());
                (status, seen.ok())
            })
            .collect();
        (said, sandbox.struck_faults())
    };
    let (said, struck) = run(&faults);
    let shown = serde_json::to_string(&struck).unwrap();
    let given: Vec<Fault> = serde_json::from_str(&shown).unwrap();
    assert_eq!(run(&given), (said, struck));
}
