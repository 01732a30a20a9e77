//! The sandbox executes and refunds payments as documented on the Toss Pay page.

use std::time::Duration;
use tests::fixtures::merchant::*;
use tests::order;
use tests::service::block_on;
use toss_sandbox::{Approval, Method, Sandbox, Settings};
use toss_sdk::pay::*;
use toss_sdk::runtime::{Outcome, Resolution};

fn minutes(count: u64) -> Duration {
    Duration::from_secs(60 * count)
}

// Executions of payments.

#[test]
fn an_execution_with_another_order_number_fails_and_takes_nothing() {
    let sandbox = Sandbox::start().unwrap();
    let token = create(&sandbox, "o-1", 1_000);
    sandbox.approve(&token, &Approval::toss_money()).unwrap();
    let request = |order: &str| ExecutePayment::builder().pay_token(&token).order_no(order).build().unwrap();
    assert_eq!(code(block_on(client(&sandbox).execute_payment(&request("o-2")))), "COMMON_INVALID_PARAMETER");
    assert_eq!(status(&sandbox, &token).pay_status, PayStatus::PayApproved);
    block_on(client(&sandbox).execute_payment(&request("o-1"))).unwrap();
}

#[test]
fn thirty_executions_at_the_same_time_take_the_money_once() {
    let sandbox = Sandbox::start().unwrap();
    let token = create(&sandbox, "o-1", 1_000);
    sandbox.approve(&token, &Approval::toss_money()).unwrap();
    let done: usize = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..30).map(|_| scope.spawn(|| usize::from(execute(&sandbox, &token).is_ok()))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert_eq!((done, sandbox.payments()[0].charges), (1, 1));
}

fn slow() -> Sandbox {
    Sandbox::with(Settings { executions_take: minutes(2), ..Settings::default() }).unwrap()
}

/// Starts an execution that stays in progress for two minutes.
fn under_way(sandbox: &Sandbox, callback: &str) -> (PayToken, ExecutePayment) {
    let token =
        created(sandbox, &order!("o-1", 1_000; .result_callback(callback).callback_version(CallbackVersion::V2)));
    sandbox.approve(&token, &Approval::toss_money()).unwrap();
    let request = ExecutePayment::builder().pay_token(&token).order_no("o-1").build().unwrap();
    let error = block_on(client(sandbox).execute_payment(&request)).unwrap_err();
    assert_eq!((error.outcome(), error.code()), (Outcome::Unknown, Some(&ErrorCode::TransactionPendingError)));
    assert_eq!(status(sandbox, &token).pay_status, PayStatus::PayProgress);
    (token, request)
}

#[test]
fn an_execution_in_progress_is_visible_and_its_callback_follows_its_completion() {
    let (sandbox, (url, messages)) = (slow(), callbacks(0));
    let (token, request) = under_way(&sandbox, &url);
    assert!(sandbox.cancel(&token).is_err(), "an execution in progress was canceled");
    let again = code(block_on(client(&sandbox).execute_payment(&request)));
    assert_eq!(again, "TRANSACTION_PENDING_ERROR", "an execution in progress must not count as done");
    assert_eq!(code(refunded(&sandbox, &refund(&token, "r-1", 1))), "COMMON_REFUND_ERROR");
    assert!(sandbox.callbacks().is_empty());
    sandbox.forward(minutes(2)).unwrap();
    // The execution completes without a further request.
    let message = messages.recv_timeout(SOON).unwrap();
    assert!(message.body.contains("PAY_COMPLETE"), "{}", message.body);
    assert_eq!(status(&sandbox, &token).pay_status, PayStatus::PayComplete);
    let settled = block_on(client(&sandbox).resolve_execute_payment(&request, 1_000));
    assert!(matches!(settled, Resolution::Done(_)), "{settled:?}");
    assert_eq!(sandbox.payments()[0].charges, 1);
}

#[test]
fn an_execution_in_progress_completes_by_itself_after_a_restart_too() {
    let (scratch, (url, messages)) = (tests::temp_project::TempProject::empty(), callbacks(0));
    let start = || {
        let data = Some(scratch.path("sandbox.data"));
        Sandbox::with(Settings { executions_take: minutes(2), data, ..Settings::default() }).unwrap()
    };
    let sandbox = start();
    let (token, _) = under_way(&sandbox, &url);
    drop(sandbox);
    let sandbox = start();
    assert!(sandbox.callbacks().is_empty());
    sandbox.forward(minutes(2)).unwrap();
    let message = messages.recv_timeout(SOON).unwrap();
    assert!(message.body.contains("PAY_COMPLETE"), "{}", message.body);
    assert_eq!(status(&sandbox, &token).pay_status, PayStatus::PayComplete);
}

#[test]
fn a_callback_has_the_time_of_the_payment_although_the_clock_jumps_past_it() {
    let (sandbox, (url, messages)) = (slow(), callbacks(0));
    let (token, _) = under_way(&sandbox, &url);
    sandbox.forward(Duration::from_secs(400 * 86_400)).unwrap();
    messages.recv_timeout(SOON).unwrap();
    wait_until("the attempt is recorded", || !sandbox.callbacks()[0].attempts.is_empty());
    let paid = status(&sandbox, &token).paid_ts.unwrap().to_string();
    assert_eq!(sandbox.callbacks()[0].attempts[0].at, paid);
}

#[test]
fn the_return_during_an_automatic_execution_has_the_status_pay_progress() {
    let sandbox = slow();
    let request = order!("o-1", 1_000; .auto_execute(true).result_callback("http://127.0.0.1:1/c").callback_version(CallbackVersion::V2));
    let url = sandbox.approve(created(&sandbox, &request), &Approval::toss_money()).unwrap();
    assert!(url.contains("status=PAY_PROGRESS"), "{url}");
}

#[test]
fn a_declined_execution_in_progress_is_resolved_as_not_done() {
    let sandbox = slow();
    let (token, request) = under_way(&sandbox, "http://127.0.0.1:1/c");
    let path = format!("/sandbox/v1/payments/{}/decline", token.as_str());
    assert_eq!(post(&sandbox, &path, "application/json", "{}").0, 200);
    assert!(sandbox.decline(&token).unwrap_err().to_string().contains("PAY_CANCEL"), "once");
    sandbox.forward(minutes(2)).unwrap();
    let settled = block_on(client(&sandbox).resolve_execute_payment(&request, 1_000));
    assert!(matches!(settled, Resolution::NotDone(_)), "{settled:?}");
    assert_eq!((sandbox.payments()[0].charges, sandbox.callbacks().len()), (0, 0));
}

// Refunds of payments.

#[test]
fn a_repeated_refund_is_recognized_with_and_without_the_member_idempotent() {
    let sandbox = Sandbox::start().unwrap();
    let token = paid(&sandbox);
    let send = |idempotent: &str| {
        let (key, token) = (KEY, token.as_str());
        let body = format!(r#"{{"apiKey":"{key}","payToken":"{token}","refundNo":"r-1","amount":4000{idempotent}}}"#);
        post(&sandbox, "/api/v2/refunds", "application/json", &body).1
    };
    let first = send("");
    assert!(first.contains(r#""code":0"#), "{first}");
    assert_eq!(send(r#","idempotent":true"#), first);
    assert_eq!(send(r#","idempotent":"true""#), first);
    let refused = send(r#","idempotent":false"#);
    assert!(refused.contains("REFUND_REFUND_NO_DUPLICATE"), "{refused}");
    assert_eq!(status(&sandbox, &token).refundable_amount, Some(6_000));
}

#[test]
fn a_refund_number_is_not_that_of_the_payments_own_transaction() {
    let sandbox = Sandbox::start().unwrap();
    let token = paid(&sandbox);
    let own = status(&sandbox, &token).transactions[0].transaction_id.clone().unwrap();
    let said = refunded(&sandbox, &refund(&token, own.as_str(), 1_000));
    assert_eq!(code(said), "REFUND_REFUND_NO_DUPLICATE");
}

#[test]
fn refunds_at_the_same_time_never_exceed_what_was_paid() {
    let sandbox = Sandbox::start().unwrap();
    let token = paid(&sandbox);
    let done: usize = std::thread::scope(|scope| {
        let refund_of = |n: usize| refunded(&sandbox, &refund(&token, &format!("r-{n}"), 3_000)).is_ok();
        let threads: Vec<_> = (0..30).map(|n| scope.spawn(move || usize::from(refund_of(n)))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert_eq!((done, status(&sandbox, &token).refundable_amount), (3, Some(1_000)));
}

#[test]
fn a_transaction_lists_discount_and_points_and_the_amounts_of_a_refund_are_negative() {
    let sandbox = Sandbox::with(Settings { discount_percent: 10, ..Settings::default() }).unwrap();
    let token = create(&sandbox, "o-1", 10_000);
    sandbox.approve(&token, &Approval { method: Method::TossMoney, points: 1_000 }).unwrap();
    execute(&sandbox, &token).unwrap();
    refunded(&sandbox, &refund(&token, "r-1", 4_000)).unwrap();
    // The refunds return money first, and points last.
    refunded(&sandbox, &refund(&token, "r-2", 6_000)).unwrap();
    let figures: Vec<_> = status(&sandbox, &token)
        .transactions
        .iter()
        .map(|t| [t.transaction_amount, t.discounted_amount, t.paid_amount, t.point_amount].map(Option::unwrap))
        .collect();
    assert_eq!(figures, [[10_000, 2_000, 8_000, 1_000], [-4_000, -400, -3_600, 0], [-6_000, -1_600, -4_400, -1_000]]);
}

#[test]
fn a_full_refund_is_settled_as_a_refund() {
    let sandbox = Sandbox::start().unwrap();
    let token = paid(&sandbox);
    refunded(&sandbox, &refund(&token, "r-1", 10_000)).unwrap();
    sandbox.settle(&token).unwrap();
    assert_eq!(status(&sandbox, &token).pay_status, PayStatus::SettlementRefundComplete);
    assert_eq!(code(refunded(&sandbox, &refund(&token, "r-2", 1))), "COMMON_REFUND_ERROR");
    assert!(sandbox.settle(&token).is_err());
}

#[test]
fn a_repeated_refund_may_state_defaults_that_the_first_request_omitted() {
    let sandbox = Sandbox::start().unwrap();
    let token = paid(&sandbox);
    let send = |more: &str| {
        let (key, token) = (KEY, token.as_str());
        post(
            &sandbox,
            "/api/v2/refunds",
            "application/json",
            &format!(r#"{{"apiKey":"{key}","payToken":"{token}"{more}}}"#),
        )
        .1
    };
    let part = send(r#","refundNo":"r-1","amount":4000"#);
    assert_eq!(send(r#","refundNo":"r-1","amount":4000,"amountTaxFree":0"#), part);
    let all_left = send(r#","refundNo":"r-1""#);
    assert!(all_left.contains("REFUND_REFUND_NO_DUPLICATE"), "a refund of another amount was accepted: {all_left}");
    let rest = send(r#","refundNo":"r-2","amountTaxFree":0"#);
    assert!(rest.contains(r#""refundedAmount":-6000"#), "{rest}");
    assert_eq!(send(r#","refundNo":"r-2","amount":6000"#), rest);
    assert_eq!(status(&sandbox, &token).transactions.len(), 3);
    // Here the first request states the amount, and the repetition omits it.
    let sandbox = Sandbox::start().unwrap();
    let whole = paid(&sandbox);
    refunded(&sandbox, &refund(&whole, "r-3", 10_000)).unwrap();
    let again = RefundPayment::builder().pay_token(&whole).refund_no("r-3").everything_left().build().unwrap();
    refunded(&sandbox, &again).unwrap();
    assert_eq!(status(&sandbox, &whole).transactions.len(), 2);
}

#[test]
fn a_refund_of_one_won_more_than_is_left_is_refused() {
    let sandbox = Sandbox::start().unwrap();
    let token = paid(&sandbox);
    refunded(&sandbox, &refund(&token, "r-1", 4_000)).unwrap();
    assert_eq!(code(refunded(&sandbox, &refund(&token, "r-2", 6_001))), "COMMON_REFUND_ERROR");
    refunded(&sandbox, &refund(&token, "r-2", 6_000)).unwrap();
}

#[test]
fn a_refund_with_the_same_number_and_other_parts_is_refused() {
    let sandbox = Sandbox::start().unwrap();
    let token = mixed(&sandbox);
    let part = |untaxed: i64| {
        let request = RefundPayment::builder().pay_token(&token).refund_no("r-1").amount(1_000);
        refunded(&sandbox, &request.amount_tax_free(untaxed).build().unwrap())
    };
    part(500).unwrap();
    assert_eq!(code(part(400)), "REFUND_REFUND_NO_DUPLICATE");
    part(500).unwrap();
    assert_eq!(status(&sandbox, &token).refundable_amount, Some(9_000));
}

#[test]
fn a_refund_number_of_null_is_generated_like_an_absent_one() {
    let sandbox = Sandbox::start().unwrap();
    let token = paid(&sandbox);
    let body = format!(r#"{{"apiKey":"{KEY}","payToken":"{}","amount":1,"refundNo":null}}"#, token.as_str());
    let said = post(&sandbox, "/api/v2/refunds", "application/json", &body).1;
    let reply = RefundPaymentReply::from_body(200, said.as_bytes()).unwrap();
    assert_eq!(reply.refund_no.unwrap().as_str(), reply.transaction_id.unwrap().as_str());
}

#[test]
fn nothing_is_paid_before_the_execution_and_nothing_is_refundable_after_settlement() {
    let sandbox = Sandbox::start().unwrap();
    let token = create(&sandbox, "o-1", 10_000);
    let figures = || {
        let now = status(&sandbox, &token);
        (now.amount, now.paid_amount, now.refundable_amount)
    };
    assert_eq!(figures(), (Some(10_000), Some(0), Some(0)));
    sandbox.approve(&token, &Approval::toss_money()).unwrap();
    execute(&sandbox, &token).unwrap();
    assert_eq!(figures(), (Some(10_000), Some(10_000), Some(10_000)));
    sandbox.settle(&token).unwrap();
    assert_eq!(figures(), (Some(10_000), Some(10_000), Some(0)));
}

// Tax-free parts and service fees of a refund.

/// Creates and executes a payment of 10,000 won, of which 3,000 are untaxed and 1,000 are a service fee.
fn mixed(sandbox: &Sandbox) -> PayToken {
    let request = CreatePayment::builder()
        .order_no("o-1")
        .product_desc("coat")
        .ret_url("http://127.0.0.1:1/a")
        .ret_cancel_url("http://127.0.0.1:1/b")
        .amount(10_000)
        .amount_tax_free(3_000)
        .amount_service_fee(1_000)
        .build()
        .unwrap();
    let token = created(sandbox, &request);
    sandbox.approve(&token, &Approval::toss_money()).unwrap();
    execute(sandbox, &token).unwrap();
    token
}

#[test]
fn a_refund_takes_no_more_of_a_part_than_the_payment_has_left() {
    let sandbox = Sandbox::start().unwrap();
    let token = mixed(&sandbox);
    let part = |number: &str, amount: i64, free: i64, fee: i64| {
        let request = RefundPayment::builder().pay_token(&token).refund_no(number).amount(amount);
        let said = refunded(&sandbox, &request.amount_tax_free(free).amount_service_fee(fee).build().unwrap());
        said.map(|_| ()).map_err(|error| error.to_string())
    };
    let refused =
        |said: Result<(), String>, words: &str| assert!(said.as_ref().is_err_and(|e| e.contains(words)), "{said:?}");
    refused(part("r-1", 4_000, 3_001, 0), "amountTaxFree: at most 3000");
    refused(part("r-2", 6_001, 0, 0), "at most 6000");
    refused(part("r-3", 2_000, 0, 1_001), "amountServiceFee: at most 1000");
    part("r-4", 3_000, 2_000, 400).unwrap();
    refused(part("r-5", 2_000, 1_001, 0), "at most 1000 won of this part are left");
    refused(part("r-6", 2_000, 0, 601), "at most 600");
    part("r-7", 7_000, 1_000, 600).unwrap();
    assert_eq!(status(&sandbox, &token).refundable_amount, Some(0));
}

#[test]
fn parts_that_a_refund_does_not_state_do_not_limit_later_refunds() {
    let sandbox = Sandbox::start().unwrap();
    let token = mixed(&sandbox);
    let send = |number: &str, amount: i64, untaxed: i64, fee: Option<i64>| {
        let request =
            RefundPayment::builder().pay_token(&token).refund_no(number).amount(amount).amount_tax_free(untaxed);
        let request = if let Some(fee) = fee { request.amount_service_fee(fee) } else { request };
        refunded(&sandbox, &request.build().unwrap())
    };
    // The payment has 6,000 taxed won and a fee of 1,000. This request does not state how much of the refund is a
    // service fee.
    send("r-1", 6_500, 0, None).unwrap();
    assert_eq!(code(send("r-2", 3_500, 2_500, Some(0))), "COMMON_INVALID_PARAMETER", "only 500 taxed won are left");
    send("r-3", 3_500, 3_000, Some(500)).unwrap();
}

#[test]
fn the_tax_in_a_refund_is_an_eleventh_of_its_own_taxed_part_rounded_up() {
    let sandbox = Sandbox::start().unwrap();
    let token = create(&sandbox, "o-1", 1_000);
    sandbox.approve(&token, &Approval::toss_money()).unwrap();
    execute(&sandbox, &token).unwrap();
    let half = |number: &str, vat: i64| {
        let request = RefundPayment::builder().pay_token(&token).refund_no(number).amount(500).amount_tax_free(0);
        refunded(&sandbox, &request.amount_taxable(500 - vat).amount_vat(vat).build().unwrap())
    };
    assert_eq!(code(half("r-1", 47)), "COMMON_INVALID_PARAMETER");
    half("r-2", 46).unwrap();
    half("r-3", 46).unwrap();
    // The untaxed part and the fee contain no tax.
    let sandbox = Sandbox::start().unwrap();
    let token = mixed(&sandbox);
    let part = |number: &str, vat: i64| {
        let request = RefundPayment::builder().pay_token(&token).refund_no(number).amount(1_600);
        let request = request.amount_tax_free(200).amount_service_fee(300).amount_taxable(1_100 - vat);
        refunded(&sandbox, &request.amount_vat(vat).build().unwrap())
    };
    assert_eq!(code(part("r-1", 101)), "COMMON_INVALID_PARAMETER");
    part("r-2", 100).unwrap();
}

#[test]
fn a_service_fee_is_refunded_only_where_there_was_one() {
    let sandbox = Sandbox::start().unwrap();
    let token = paid(&sandbox);
    let request = RefundPayment::builder().pay_token(&token).refund_no("r-1").amount(1_000).amount_service_fee(1);
    assert_eq!(code(refunded(&sandbox, &request.build().unwrap())), "COMMON_INVALID_PARAMETER");
    assert_eq!(status(&sandbox, &token).refundable_amount, Some(10_000));
}
