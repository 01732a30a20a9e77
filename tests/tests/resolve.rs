//! Tests of the resolution of a request whose answer was lost. Each test checks one rule of the procedure. The service
//! is scripted, and time is virtual.

use crate::scripted::{Act, Jumping, Script};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tests::service::{block_on, closed_port};
use toss_sdk::onboarding::{self, CreateStore, DeleteStore, DeleteStoreId};
use toss_sdk::pay::KstDateTime;
use toss_sdk::pay::{Client, CreatePayment, ExecutePayment, RefundPayment, Resolution};
use toss_sdk::runtime::{CallOptions, Outcome, RetryPolicy};

fn client(url: &str, clock: &Arc<Jumping>) -> Client {
    Client::builder("sk_test_w5lNQylNqa5lNQe013Nq").base_url(url).clock(clock.clone()).build().unwrap()
}

fn status(changes: Value) -> Act {
    let mut reply = json!({
        "code": 0, "mode": "TEST", "payToken": "t-1", "orderNo": "o-1", "payStatus": "PAY_STANDBY", "amount": 3000,
        "amountTaxFree": 0, "refundableAmount": 3000, "createdTs": KstDateTime::now().to_string(),
    });
    for (name, value) in changes.as_object().expect("an object") {
        reply[name] = value.clone();
    }
    Act::Say(reply.to_string())
}

fn stands(state: &str) -> Act {
    status(json!({"payStatus": state}))
}

fn refuses(code: &str) -> Act {
    Act::Say(json!({"code": -1, "errorCode": code}).to_string())
}

fn created() -> Act {
    Act::Say(json!({"code": 0, "payToken": "t-1", "checkoutPage": "https://pay.example/t-1"}).to_string())
}

fn executed() -> Act {
    Act::Say(json!({"code": 0, "mode": "TEST", "payToken": "t-1", "orderNo": "o-1", "amount": 3000}).to_string())
}

fn refunded() -> Act {
    Act::Say(json!({"code": 0, "payToken": "t-1", "refundNo": "r-1", "refundedAmount": -1000}).to_string())
}

fn create(amount: i64) -> CreatePayment {
    CreatePayment::builder()
        .order_no("o-1")
        .product_desc("Coat")
        .ret_url("https://shop.example/done")
        .ret_cancel_url("https://shop.example/cancel")
        .amount(amount)
        .amount_tax_free(0)
        .build()
        .unwrap()
}

fn refund() -> RefundPayment {
    RefundPayment::builder().pay_token("t-1").refund_no("r-1").amount(1000).build().unwrap()
}

/// Makes a creation whose answer is lost, and resolves it with the same client. Returns the resolution, and the paths
/// of all requests after the creation.
fn resolve_create(amount: i64, acts: impl IntoIterator<Item = Act>) -> (Resolution<CreatePayment>, Vec<String>) {
    let script = Script::playing([Act::Drop].into_iter().chain(acts));
    let client = client(script.url(), &Jumping::new());
    assert_eq!(block_on(client.create_payment(&create(amount))).unwrap_err().outcome(), Outcome::Unknown);
    let resolution = block_on(client.resolve_create_payment(&create(amount)));
    (resolution, script.paths()[1..].to_vec())
}

fn resolve_execute(acts: impl IntoIterator<Item = Act>) -> (Resolution<ExecutePayment>, Vec<String>, Duration) {
    let (script, clock) = (Script::playing(acts), Jumping::new());
    let request = ExecutePayment::builder().pay_token("t-1").order_no("o-1").build().unwrap();
    let resolution = block_on(client(script.url(), &clock).resolve_execute_payment(&request, 3000));
    (resolution, script.paths(), clock.passed())
}

fn resolve_refund(acts: impl IntoIterator<Item = Act>) -> (Resolution<RefundPayment>, Vec<String>, Duration) {
    let (script, clock) = (Script::playing(acts), Jumping::new());
    let resolution = block_on(client(script.url(), &clock).resolve_refund_payment(&refund()));
    (resolution, script.paths(), clock.passed())
}

fn count(paths: &[String], name: &str) -> usize {
    paths.iter().filter(|path| *path == name).count()
}

/// Time after the last attempt during which the absence of an effect proves nothing.
const CONCLUSIVE: Duration = Duration::from_secs(75);

#[test]
fn a_payment_that_is_found_and_is_not_older_than_the_request_was_created_by_it() {
    let (resolution, paths) = resolve_create(3000, [stands("PAY_STANDBY")]);
    assert!(resolution.is_done(), "{resolution}");
    assert_eq!(resolution.found().unwrap().pay_token.as_ref().unwrap().as_str(), "t-1");
    assert_eq!(paths, ["status"]);
}

#[test]
fn an_older_payment_of_the_same_order_number_is_never_confused_with_this_one() {
    let older = || status(json!({"createdTs": "2026-01-01 10:00:00", "payStatus": "PAY_CANCEL"}));
    let (resolution, paths) = resolve_create(3000, [older()]);
    assert!(resolution.is_unknown() && resolution.to_string().contains("createdTs"), "{resolution}");
    assert_eq!(count(&paths, "payments"), 0, "the client must not create a second payment");
    // The payment of this request may appear later.
    assert!(resolve_create(3000, [older(), older(), stands("PAY_STANDBY")]).0.is_done());
}

#[test]
fn a_payment_with_other_settings_is_never_confused_with_this_one() {
    for changes in [json!({"amount": 9000}), json!({"amountTaxFree": 500}), json!({"mode": "LIVE"})] {
        let (resolution, paths) = resolve_create(3000, [status(changes.clone())]);
        assert!(resolution.is_unknown(), "{changes}: {resolution}");
        assert_eq!(count(&paths, "payments"), 0, "the client must not create a second payment");
    }
}

#[test]
fn a_created_payment_that_was_canceled_later_is_reversed() {
    let (resolution, _) = resolve_create(3000, [stands("PAY_CANCEL")]);
    assert!(resolution.is_reversed(), "{resolution}");
}

#[test]
fn after_a_restart_the_time_of_the_first_attempt_is_needed_to_recognize_the_payment() {
    let resolve = |options: CallOptions| {
        let script = Script::playing([stands("PAY_STANDBY")]);
        block_on(client(script.url(), &Jumping::new()).with(options).resolve_create_payment(&create(3000)))
    };
    let unknown = resolve(CallOptions::new());
    assert!(unknown.is_unknown() && unknown.to_string().contains("CallOptions::attempted"), "{unknown}");
    let a_minute_ago = SystemTime::now() - Duration::from_secs(60);
    assert!(resolve(CallOptions::new().attempted(a_minute_ago, a_minute_ago)).is_done());
    let later = SystemTime::now() + Duration::from_secs(60);
    assert!(resolve(CallOptions::new().attempted(later, later)).is_unknown());
}

#[test]
fn a_payment_that_is_not_found_is_created_again_with_its_number() {
    let (resolution, paths) = resolve_create(3000, [refuses("TRANSACTION_NOT_FOUND"), created()]);
    let Resolution::Done(done) = resolution else { panic!("{resolution}") };
    assert_eq!(done.reply.unwrap().checkout_page, "https://pay.example/t-1");
    assert_eq!(paths, ["status", "payments"]);
}

#[test]
fn after_a_restart_a_missing_payment_is_created_again_only_after_the_acceptance_period() {
    // The purchaser may have the checkout page of an earlier payment, and could pay twice with a second page.
    let (script, clock) = (Script::playing([refuses("TRANSACTION_NOT_FOUND")]), Jumping::new());
    let client = client(script.url(), &clock);
    let _ = block_on(client.resolve_create_payment(&create(3000)));
    let first = script.paths().iter().position(|path| path == "payments").expect("it is created");
    assert!(first >= 15, "created before {CONCLUSIVE:?} had passed: {:?}", script.paths());
    // If the last attempt was long ago, the resolution creates the payment immediately.
    let script = Script::playing([refuses("TRANSACTION_NOT_FOUND"), created()]);
    let an_hour_ago = SystemTime::now() - Duration::from_secs(3600);
    let options = CallOptions::new().attempted(an_hour_ago, an_hour_ago);
    let client = self::client(script.url(), &Jumping::new()).with(options);
    assert!(block_on(client.resolve_create_payment(&create(3000))).is_done());
    assert_eq!(script.paths(), ["status", "payments"]);
}

#[test]
fn a_refusal_of_the_order_number_alone_proves_nothing() {
    for code in ["PAYMENT_DUPLICATION_ORDER_NO", "PAYMENT_EXISTING_PAYMENT"] {
        let acts = [refuses("TRANSACTION_NOT_FOUND"), refuses(code), stands("PAY_APPROVED")];
        assert!(resolve_create(3000, acts).0.is_done(), "the created payment was not recognized: {code}");
        let acts =
            [refuses("TRANSACTION_NOT_FOUND"), refuses(code), status(json!({"createdTs": "2026-01-01 10:00:00"}))];
        assert!(resolve_create(3000, acts).0.is_unknown(), "an older payment counts as this one: {code}");
    }
}

#[test]
fn a_refused_creation_without_a_payment_is_not_done() {
    let mut acts = vec![refuses("TRANSACTION_NOT_FOUND"), refuses("COMMON_PAY_ERROR")];
    acts.push(refuses("TRANSACTION_NOT_FOUND"));
    let (resolution, paths) = resolve_create(3000, acts);
    assert!(resolution.is_not_done() && resolution.to_string().contains("COMMON_PAY_ERROR"), "{resolution}");
    // The error of the rejected repetition states an unknown outcome. The resolution has a result, so its text must not
    // repeat that statement.
    assert!(!resolution.to_string().contains("may have taken effect"), "{resolution}");
    assert!(count(&paths, "status") >= 15, "the conclusion must wait for the acceptance period: {paths:?}");
}

#[test]
fn a_creation_whose_own_deadline_has_passed_can_be_concluded() {
    let (script, clock) = (Script::playing([refuses("TRANSACTION_NOT_FOUND")]), Jumping::new());
    let ago = SystemTime::now() - Duration::from_secs(600);
    let past = KstDateTime::from(ago);
    let request = CreatePayment::builder()
        .order_no("o-1")
        .product_desc("Coat")
        .ret_url("https://shop.example/done")
        .ret_cancel_url("https://shop.example/cancel")
        .amount(3000)
        .amount_tax_free(0)
        .expired_time(past)
        .build_at(past.plus_minutes(-10))
        .unwrap();
    let client = client(script.url(), &clock).with(CallOptions::new().attempted(ago, ago));
    let resolution = block_on(client.resolve_create_payment(&request));
    assert!(resolution.is_not_done(), "{resolution}");
    assert_eq!(count(&script.paths(), "payments"), 0);
}

#[test]
fn an_executed_payment_is_done_and_a_canceled_one_is_not() {
    for state in ["PAY_COMPLETE", "SETTLEMENT_COMPLETE"] {
        let (resolution, paths, _) = resolve_execute([stands(state)]);
        assert!(resolution.is_done() && paths == ["status"], "{resolution}");
    }
    let (resolution, paths, _) =
        resolve_execute([stands("PAY_PROGRESS"), stands("PAY_PROGRESS"), stands("PAY_COMPLETE")]);
    assert!(resolution.is_done() && paths == ["status"; 3], "{resolution}");
    let (resolution, ..) = resolve_execute([stands("PAY_PROGRESS"), stands("PAY_CANCEL")]);
    assert!(resolution.is_not_done(), "{resolution}");
}

#[test]
fn an_executed_payment_that_was_refunded_is_reversed_with_the_remaining_amount() {
    for (state, left) in [
        ("REFUND_PROGRESS", json!(3000)),
        ("REFUND_SUCCESS", json!(0)),
        ("REFUND_SUCCESS", json!(1200)),
        ("REFUND_SUCCESS", Value::Null),
        ("SETTLEMENT_REFUND_COMPLETE", json!(0)),
    ] {
        let (resolution, ..) = resolve_execute([status(json!({"payStatus": state, "refundableAmount": left}))]);
        let Resolution::Reversed(reversed) = resolution else { panic!("{state} {left}: {resolution}") };
        assert_eq!(reversed.remaining, left.as_i64(), "{state}");
    }
}

#[test]
fn an_approved_payment_is_executed_once_more_after_the_acceptance_period() {
    let (script, clock) = (Script::playing([stands("PAY_APPROVED")]), Jumping::new());
    let request = ExecutePayment::builder().pay_token("t-1").order_no("o-1").build().unwrap();
    let _ = block_on(client(script.url(), &clock).resolve_execute_payment(&request, 3000));
    let first = script.paths().iter().position(|path| path == "execute").expect("it is executed");
    let mut acts = vec![stands("PAY_APPROVED"); first];
    acts.push(executed());
    let (resolution, paths, passed) = resolve_execute(acts);
    let Resolution::Done(done) = resolution else { panic!("{resolution}") };
    assert_eq!(done.reply.unwrap().amount, Some(3000));
    assert!(passed >= CONCLUSIVE, "{passed:?}");
    assert_eq!(count(&paths, "execute"), 1, "{paths:?}");
}

#[test]
fn any_number_of_resolutions_sends_one_more_execution_of_a_request() {
    let script = Script::answering(|path| Some(if path == "execute" { Act::Drop } else { stands("PAY_APPROVED") }));
    let client = client(script.url(), &Jumping::new());
    let request = || ExecutePayment::builder().pay_token("t-1").order_no("o-1").build().unwrap();
    for _ in 0..3 {
        let resolution = block_on(client.resolve_execute_payment(&request(), 3000));
        assert!(!resolution.is_done(), "{resolution}");
    }
    let _ = block_on(client.resolve_many_execute_payment((0..4).map(|_| (request(), 3000)), 4));
    assert_eq!(count(&script.paths(), "execute"), 1, "{:?}", script.paths());
}

/// Polls a future for a short time and drops it, as a caller with its own deadline does.
fn for_a_moment<T>(future: impl Future<Output = T>) -> Option<T> {
    block_on(async { tokio::time::timeout(Duration::from_millis(300), future).await.ok() })
}

/// Starts a service that answers the operation `slow` only after [`for_a_moment`] has dropped the call.
fn slow(slow: &'static str, mut act: impl FnMut(&str) -> Act + Send + 'static) -> Script {
    Script::answering(move |path| {
        if path == slow {
            std::thread::sleep(Duration::from_millis(600));
        }
        Some(act(path))
    })
}

#[test]
fn a_call_that_is_dropped_before_its_end_counts_as_an_attempt() {
    let script = slow("payments", |path| if path == "status" { stands("PAY_STANDBY") } else { Act::Drop });
    let client = client(script.url(), &Jumping::new());
    assert!(for_a_moment(client.create_payment(&create(3000))).is_none());
    // Without the time of the dropped call, the payment could not be distinguished from an older one.
    let resolution = block_on(client.resolve_create_payment(&create(3000)));
    assert!(resolution.is_done(), "{resolution}");
}

#[test]
fn an_execution_whose_resolution_is_dropped_is_not_sent_again_by_the_next_one() {
    let script = slow("execute", |path| if path == "status" { stands("PAY_APPROVED") } else { Act::Drop });
    let client = client(script.url(), &Jumping::new());
    let request = ExecutePayment::builder().pay_token("t-1").order_no("o-1").build().unwrap();
    assert!(for_a_moment(client.resolve_execute_payment(&request, 3000)).is_none());
    let resolution = block_on(client.resolve_execute_payment(&request, 3000));
    assert!(!resolution.is_done(), "{resolution}");
    assert_eq!(count(&script.paths(), "execute"), 1, "{:?}", script.paths());
}

#[test]
fn stored_times_of_attempts_do_not_hide_what_the_client_has_sent_since() {
    let script = Script::answering(|path| Some(if path == "execute" { Act::Drop } else { stands("PAY_APPROVED") }));
    let an_hour_ago = SystemTime::now() - Duration::from_secs(3600);
    let options = CallOptions::new().attempted(an_hour_ago, an_hour_ago).resolve_timeout(Duration::from_secs(10));
    let client = client(script.url(), &Jumping::new()).with(options);
    let request = ExecutePayment::builder().pay_token("t-1").order_no("o-1").build().unwrap();
    for _ in 0..2 {
        let resolution = block_on(client.resolve_execute_payment(&request, 3000));
        assert!(resolution.is_unknown(), "concluded although the repetition may still be accepted: {resolution}");
    }
    assert_eq!(count(&script.paths(), "execute"), 1);
}

#[test]
fn a_refused_second_call_is_no_rejection_while_the_first_is_unknown() {
    let acts = [Act::Drop, refuses("COMMON_REFUND_ERROR"), refuses("COMMON_REFUND_ERROR"), stands("PAY_COMPLETE")];
    let script = Script::playing(acts);
    let options = CallOptions::new().retries(RetryPolicy::never());
    let client = client(script.url(), &Jumping::new()).with(options);
    for _ in 0..2 {
        assert_eq!(block_on(client.refund_payment(&refund())).unwrap_err().outcome(), Outcome::Unknown);
    }
    assert!(block_on(client.resolve_refund_payment(&refund())).is_not_done());
    // A client without an earlier attempt reports a rejection, because the service has rejected the only attempt.
    let script = Script::playing([refuses("COMMON_REFUND_ERROR")]);
    let fresh = self::client(script.url(), &Jumping::new());
    assert_eq!(block_on(fresh.refund_payment(&refund())).unwrap_err().outcome(), Outcome::Rejected);
}

#[test]
fn a_refusal_is_no_rejection_after_a_resolution_without_a_result() {
    let acts = [Act::Fail(502), stands("REFUND_PROGRESS"), refuses("COMMON_REFUND_ERROR")];
    let script = Script::playing(acts);
    let options = CallOptions::new().retries(RetryPolicy::never()).resolve_timeout(Duration::from_millis(500));
    let client = client(script.url(), &Jumping::new()).with(options);
    assert!(block_on(client.resolve_refund_payment(&refund())).is_unknown());
    assert_eq!(block_on(client.refund_payment(&refund())).unwrap_err().outcome(), Outcome::Unknown);
}

#[test]
fn a_not_done_request_is_not_sent_again_but_still_queried() {
    let (mut asked, mut is_executed) = (0, false);
    let script = Script::answering(move |path| {
        asked += u32::from(path == "status");
        is_executed |= asked > 60;
        Some(match (path, is_executed) {
            ("execute", _) => refuses("COMMON_NOT_ENOUGH_CASH"),
            (_, true) => stands("PAY_COMPLETE"),
            _ => stands("PAY_APPROVED"),
        })
    });
    let client = client(script.url(), &Jumping::new());
    let request = ExecutePayment::builder().pay_token("t-1").order_no("o-1").build().unwrap();
    let resolve = || block_on(client.resolve_execute_payment(&request, 3000));
    assert!(resolve().is_not_done());
    assert!(resolve().is_not_done());
    // Meanwhile, a person executes the payment for the merchant outside of this program.
    let last = (0..60).map(|_| resolve()).find(|resolution| !resolution.is_not_done()).expect("the execution shows");
    assert!(last.is_done(), "{last}");
    assert_eq!(count(&script.paths(), "execute"), 1);
}

#[test]
fn after_a_restart_a_repetition_without_an_answer_does_not_make_earlier_attempts_unanswered() {
    let script =
        Script::answering(|path| Some(if path == "payments" { Act::Drop } else { refuses("TRANSACTION_NOT_FOUND") }));
    let client = client(script.url(), &Jumping::new());
    let within = |seconds| client.with(CallOptions::new().resolve_timeout(Duration::from_secs(seconds)));
    let _ = block_on(within(80).resolve_create_payment(&create(3000)));
    assert_eq!(count(&script.paths(), "payments"), 1);
    let _ = block_on(within(20).resolve_create_payment(&create(3000)));
    assert_eq!(count(&script.paths(), "payments"), 1, "created again although an earlier page may have been shown");
}

#[test]
fn a_bound_success_is_kept_even_if_every_later_query_fails() {
    let (script, clock) = (Script::playing([stands("PAY_APPROVED")]), Jumping::new());
    let request = ExecutePayment::builder().pay_token("t-1").order_no("o-1").build().unwrap();
    let _ = block_on(client(script.url(), &clock).resolve_execute_payment(&request, 3000));
    let first = script.paths().iter().position(|path| path == "execute").expect("it is executed");
    let mut acts = vec![stands("PAY_APPROVED"); first];
    acts.extend([executed(), Act::Fail(503)]);
    assert!(resolve_execute(acts).0.is_done());
}

#[test]
fn an_execution_that_never_arrived_is_not_done_after_the_acceptance_period() {
    for lost in [Act::Drop, Act::Fail(404), refuses("COMMON_NOT_ENOUGH_CASH"), refuses("COMMON_TIMEOUT")] {
        let (answer, clock) = (lost.clone(), Jumping::new());
        let script = Script::answering(move |path| {
            Some(if path == "execute" { answer.clone() } else { stands("PAY_APPROVED") })
        });
        let request = ExecutePayment::builder().pay_token("t-1").order_no("o-1").build().unwrap();
        let resolution = block_on(client(script.url(), &clock).resolve_execute_payment(&request, 3000));
        assert!(resolution.is_not_done(), "{lost:?}: {resolution}");
        assert_eq!(count(&script.paths(), "execute"), 1, "{lost:?}: {:?}", script.paths());
        assert!(clock.passed() >= CONCLUSIVE * 2, "two waiting periods must pass: {:?}", clock.passed());
    }
}

#[test]
fn an_execution_without_its_order_number_is_not_repeated() {
    let (script, clock) = (Script::playing([stands("PAY_APPROVED")]), Jumping::new());
    let request = ExecutePayment::builder().pay_token("t-1").build().unwrap();
    let resolution = block_on(client(script.url(), &clock).resolve_execute_payment(&request, 3000));
    assert!(resolution.is_not_done() && script.paths().iter().all(|path| path == "status"), "{resolution}");
    assert!(clock.passed() >= CONCLUSIVE);
}

/// A payment that shows no effect proves "not done", except if the service answered an attempt with "already done".
#[test]
fn after_an_answer_with_done_before_a_request_is_never_not_done() {
    let body = json!({"code": -1, "errorCode": "PAYMENT_EXISTING_PAYMENT"}).to_string();
    let with = |status: &str| Act::Answer(status.to_owned(), body.clone());
    for said in [with("200 OK"), with("409 Conflict"), with("500 Internal Server Error")] {
        let clock = Jumping::new();
        let answer = said.clone();
        let script = Script::answering(move |path| {
            Some(if path == "execute" { answer.clone() } else { stands("PAY_APPROVED") })
        });
        // A resolution does not send this request again, because the request has no order number.
        let request = ExecutePayment::builder().pay_token("t-1").build().unwrap();
        let own = client(script.url(), &clock);
        let error = block_on(own.execute_payment(&request)).unwrap_err();
        assert!(error.outcome() == Outcome::Unknown && error.says_already_done(), "{said:?}: {error}");
        let resolution = block_on(own.resolve_execute_payment(&request, 3000));
        assert!(resolution.is_unknown() && resolution.to_string().contains("already done"), "{said:?}: {resolution}");
        // After a restart, the caller reports with `already_done` that an earlier answer was "already done".
        let restarted = client(script.url(), &clock).with(CallOptions::new().already_done());
        let resolution = block_on(restarted.resolve_execute_payment(&request, 3000));
        assert!(resolution.is_unknown() && resolution.to_string().contains("already done"), "{said:?}: {resolution}");
    }
}

#[test]
fn a_status_with_another_value_is_no_success_and_one_without_a_value_proves_nothing() {
    for (changes, member) in [
        (json!({"amount": 39_000}), "amount"),
        (json!({"orderNo": "o-2"}), "orderNo"),
        (json!({"mode": "LIVE"}), "mode"),
        (json!({"payToken": "t-2"}), ""),
        (json!({"amount": null}), "amount"),
        (json!({"amount": "a lot"}), "amount"),
        (json!({"orderNo": null}), "orderNo"),
        (json!({"mode": null}), "mode"),
        (json!({"payToken": null}), "payToken"),
    ] {
        let mut all = changes.clone();
        all["payStatus"] = "PAY_COMPLETE".into();
        let (resolution, paths, _) = resolve_execute([status(all)]);
        assert!(resolution.is_unknown() && resolution.to_string().contains(member), "{changes}: {resolution}");
        assert_eq!(count(&paths, "execute"), 0, "{changes}");
    }
}

#[test]
fn an_amount_with_zeros_behind_a_point_is_that_amount() {
    let (resolution, ..) = resolve_execute([status(json!({"payStatus": "PAY_COMPLETE", "amount": "3000.00"}))]);
    assert!(resolution.is_done(), "{resolution}");
    let (resolution, ..) = resolve_execute([status(json!({"payStatus": "PAY_COMPLETE", "amount": "3000.50"}))]);
    assert!(resolution.is_unknown(), "{resolution}");
}

#[test]
fn a_refund_is_resolved_by_repeating_it() {
    let (resolution, paths, _) = resolve_refund([refunded()]);
    let Resolution::Done(done) = resolution else { panic!("{resolution}") };
    assert_eq!(done.reply.unwrap().refunded_amount(), Some(1000));
    assert_eq!(paths, ["refunds"]);
}

#[test]
fn a_success_about_another_refund_is_no_success() {
    for changes in [
        json!({"payToken": "t-2"}),
        json!({"refundNo": "r-2"}),
        json!({"refundedAmount": -2000}),
        json!({"payToken": null}),
        json!({"refundNo": null}),
        json!({"refundedAmount": null}),
    ] {
        let mut reply = json!({"code": 0, "payToken": "t-1", "refundNo": "r-1", "refundedAmount": -1000});
        let (name, value) = changes.as_object().unwrap().iter().next().unwrap();
        reply[name] = value.clone();
        let script = Script::playing([Act::Say(reply.to_string())]);
        let client = client(script.url(), &Jumping::new());
        let error = block_on(client.refund_payment(&refund())).unwrap_err();
        assert_eq!((error.outcome(), error.mismatch().unwrap().member()), (Outcome::Unknown, name.as_str()), "{error}");
        let resolution = block_on(client.resolve_refund_payment(&refund()));
        assert!(resolution.is_unknown(), "{changes}: {resolution}");
    }
}

#[test]
fn a_used_refund_number_does_not_prove_that_this_refund_was_made() {
    let (resolution, ..) = resolve_refund([refuses("REFUND_REFUND_NO_DUPLICATE"), stands("REFUND_SUCCESS")]);
    assert!(resolution.is_unknown(), "{resolution}");
    assert!(resolution.to_string().contains("look at payStatus, refundableAmount, transactions"), "{resolution}");
}

#[test]
fn a_refused_repetition_proves_nothing_while_the_first_request_may_be_in_transit() {
    let refusals = [
        "COMMON_REFUND_ERROR",
        "REFUND_EXCEED_DAILY",
        "INACTIVE_USER",
        "TRANSACTION_NOT_COMPLETE",
        "PAYMENT_SHOP_STATE_CANNOT_REFUND",
        "COMMON_ITS_NOT_ABLE_TO_CHANGE_STATUS",
    ];
    for code in refusals {
        // The repetition is rejected and the payment is unchanged, which proves "not done" only after the acceptance
        // period.
        let (resolution, paths, passed) = resolve_refund([refuses(code), stands("PAY_COMPLETE")]);
        assert!(resolution.is_not_done() && resolution.to_string().contains(code), "{resolution}");
        assert!(!resolution.to_string().contains("may have taken effect"), "{resolution}");
        assert!(passed >= CONCLUSIVE && count(&paths, "refunds") == 1, "{code}: {passed:?} {paths:?}");
        // Here a refund in progress causes the rejection. This refund may come from the first attempt, so the
        // resolution sends the request again after the refund has ended.
        let after = status(json!({"payStatus": "REFUND_SUCCESS", "refundableAmount": 2000}));
        let acts = [refuses(code), stands("REFUND_PROGRESS"), after, refunded()];
        let (resolution, paths, _) = resolve_refund(acts);
        assert!(resolution.is_done(), "{code}: {resolution}");
        assert_eq!(paths, ["refunds", "status", "status", "refunds"], "{code}");
    }
}

#[test]
fn a_refund_stays_unknown_if_the_payment_changed_or_lacks_its_amounts() {
    for changes in [
        json!({"payStatus": "REFUND_SUCCESS", "refundableAmount": 2000}),
        json!({"payStatus": "REFUND_PROGRESS"}),
        json!({"payStatus": "PAY_COMPLETE", "refundableAmount": 2000}),
        json!({"payStatus": "PAY_COMPLETE", "refundableAmount": null}),
        json!({"payStatus": "PAY_COMPLETE", "payToken": "t-2"}),
        json!({"payStatus": "A_NEW_ONE"}),
    ] {
        let (resolution, ..) = resolve_refund([refuses("COMMON_REFUND_ERROR"), status(changes.clone())]);
        assert!(resolution.is_unknown(), "{changes}: {resolution}");
        assert_eq!(resolution.found().is_some(), changes.get("payToken").is_none(), "{changes}");
    }
}

#[test]
fn a_refund_with_a_late_answer_is_done_and_one_without_an_answer_stays_unknown() {
    let late = [
        Act::Drop,
        stands("PAY_COMPLETE"),
        Act::Fail(502),
        stands("PAY_COMPLETE"),
        refuses("COMMON_THROTTLED"),
        stands("PAY_COMPLETE"),
        refunded(),
    ];
    let calls_once = CallOptions::new().retries(RetryPolicy::never());
    let script = Script::playing(late);
    let client = client(script.url(), &Jumping::new()).with(calls_once);
    let resolution = block_on(client.resolve_refund_payment(&refund()));
    assert!(resolution.is_done(), "{resolution} {:?}", script.paths());
    let (resolution, paths, _) = resolve_refund([Act::Fail(502)]);
    assert!(resolution.is_unknown(), "{resolution}");
    assert!(paths.len() < 400, "{}", paths.len());
}

#[test]
fn the_resolution_of_a_refund_waits_for_a_connection() {
    let clock = Jumping::new();
    let resolution = block_on(client(&closed_port(), &clock).resolve_refund_payment(&refund()));
    assert!(resolution.is_unknown(), "{resolution}");
    assert!((220..=241).contains(&clock.passed().as_secs()), "{:?}", clock.passed());
}

#[test]
fn a_failed_query_does_not_prove_absence() {
    for act in [Act::Drop, Act::Fail(502), Act::Fail(404), refuses("COMMON_TIMEOUT"), refuses("A_NEW_CODE")] {
        let (resolution, paths) = resolve_create(3000, [act.clone()]);
        assert!(resolution.is_unknown(), "{act:?}: {resolution}");
        assert!(paths.len() > 1 && paths.iter().all(|path| path == "status"), "{act:?}: {paths:?}");
        let mut acts = vec![act.clone(); 9];
        acts.push(stands("PAY_STANDBY"));
        let (resolution, _) = resolve_create(3000, acts);
        assert!(resolution.is_done(), "{act:?}: {resolution}");
    }
}

#[test]
fn a_query_that_is_refused_because_of_the_key_is_not_repeated() {
    let (resolution, paths) = resolve_create(3000, [refuses("COMMON_INVALID_API_KEY")]);
    assert!(resolution.is_unknown(), "{resolution}");
    assert!(paths.len() <= 2, "{paths:?}");
}

#[test]
fn a_refund_that_the_service_would_not_recognize_is_not_repeated() {
    let request = RefundPayment::builder()
        .pay_token("t-1")
        .refund_no("r-1")
        .amount(1000)
        .accept_double_refunds_by_switching_idempotency_off()
        .build()
        .unwrap();
    let script = Script::playing([stands("REFUND_SUCCESS")]);
    let resolution = block_on(client(script.url(), &Jumping::new()).resolve_refund_payment(&request));
    assert!(resolution.is_unknown(), "{resolution}");
    assert!(script.paths().iter().all(|path| path == "status"), "{:?}", script.paths());
}

#[test]
fn without_a_connection_the_outcome_stays_unknown_and_resolving_ends() {
    let clock = Jumping::new();
    let resolution = block_on(client(&closed_port(), &clock).resolve_create_payment(&create(3000)));
    assert!(resolution.is_unknown(), "{resolution}");
    assert!(clock.passed() <= Duration::from_secs(241), "{:?}", clock.passed());
    let short = CallOptions::new().resolve_timeout(Duration::from_secs(3));
    let clock = Jumping::new();
    assert!(block_on(client(&closed_port(), &clock).with(short).resolve_refund_payment(&refund())).is_unknown());
    assert!(clock.passed() <= Duration::from_secs(3), "{:?}", clock.passed());
}

#[test]
fn the_resolutions_of_many_requests_are_in_the_order_of_the_requests() {
    let script = Script::playing([stands("PAY_COMPLETE")]);
    let open = (0..40).map(|n| {
        let token = if n % 4 == 0 { "t-other" } else { "t-1" };
        (ExecutePayment::builder().pay_token(token).order_no("o-1").build().unwrap(), 3000)
    });
    let resolutions = block_on(client(script.url(), &Jumping::new()).resolve_many_execute_payment(open, 8));
    let done: Vec<bool> = resolutions.iter().map(Resolution::is_done).collect();
    assert_eq!(done, (0..40).map(|n| n % 4 != 0).collect::<Vec<_>>());
}

fn hosting(script: &Script) -> onboarding::Client {
    let builder = onboarding::Client::builder("token".into(), "secret".into()).base_url(script.url());
    builder.clock(Jumping::new()).build().unwrap()
}

fn listed(entries: Value) -> Act {
    Act::Say(json!({"success": true, "result": {"descriptions": entries}}).to_string())
}

fn store() -> CreateStore {
    CreateStore::builder()
        .shop_id("shop-1")
        .shop_name("마켓하늘")
        .shop_contact_name("김하늘")
        .shop_contact_email("sky@shop.example")
        .shop_contact_phone_number("01000000000")
        .shop_business_registration_number("123-45-67890")
        .shop_url("https://shop.example")
        .return_url("https://shop.example/done")
        .return_fallback_url("https://shop.example/failed")
        .agency_code("TestTest")
        .build()
        .unwrap()
}

#[test]
fn a_shop_listed_with_its_number_is_registered_and_anything_else_proves_nothing() {
    for (entries, is_done) in [
        (json!([{"mid": "m-1", "businessRegistrationNumber": "123-45-67890", "contractStatus": "READY"}]), true),
        // This is the registered number in another notation.
        (json!([{"mid": "m-1", "businessRegistrationNumber": "1234567890"}]), true),
        (json!([]), false),
        // This is another number.
        (json!([{"mid": "m-1", "businessRegistrationNumber": "1234567891"}]), false),
        // An unreadable entry does not prove that the registration is absent.
        (json!([{"mid": "m-1", "businessRegistrationNumber": {"a": 1}}]), false),
        (json!(["?"]), false),
        (json!([null, {"mid": "m-1", "businessRegistrationNumber": "123-45-67890"}]), false),
    ] {
        let script = Script::playing([listed(entries.clone())]);
        let resolution = block_on(hosting(&script).resolve_create_store(&store()));
        assert_eq!((resolution.is_done(), resolution.is_not_done()), (is_done, false), "{entries}: {resolution}");
    }
}

#[test]
fn a_shop_without_a_business_is_listed_with_an_explicit_null() {
    for (number, is_done) in [(json!({"businessRegistrationNumber": null}), true), (json!({}), false)] {
        let mut entry = number;
        entry["mid"] = "m-1".into();
        let script = Script::playing([listed(json!([entry]))]);
        let request = CreateStore::builder()
            .shop_id("shop-1")
            .shop_name("달빛 공방")
            .shop_contact_name("이달")
            .shop_contact_email("dal@shop.example")
            .shop_contact_phone_number("01000000000")
            .not_a_business()
            .shop_url("https://shop.example")
            .return_url("https://shop.example/done")
            .return_fallback_url("https://shop.example/failed")
            .agency_code("TestTest")
            .build()
            .unwrap();
        let resolution = block_on(hosting(&script).resolve_create_store(&request));
        assert_eq!((resolution.is_done(), resolution.is_not_done()), (is_done, false), "{entry}: {resolution}");
    }
}

#[test]
fn a_deletion_is_proven_by_other_registrations_and_not_by_an_empty_list() {
    let id = |mid: &str| DeleteStoreId::builder().shop_id("shop-1").mid(mid).build().unwrap();
    let script = Script::playing([listed(json!([{"mid": "m-1"}]))]);
    assert!(block_on(hosting(&script).resolve_delete_store_id(&id("m-2"))).is_done());
    assert!(block_on(hosting(&script).resolve_delete_store_id(&id("m-1"))).is_not_done());
    for entries in [json!([]), json!(["?"]), json!([{"mid": "m-1"}, {"mid": {"a": 1}}]), json!([{}])] {
        let script = Script::playing([listed(entries.clone())]);
        let resolution = block_on(hosting(&script).resolve_delete_store_id(&id("m-2")));
        assert!(resolution.is_unknown(), "{entries}: {resolution}");
    }
}

#[test]
fn a_registration_that_is_missing_among_others_was_deleted() {
    let numbers = |numbers: &[Option<&str>]| {
        let numbers = numbers.iter().map(|number| number.map(Into::into)).collect::<Vec<_>>();
        DeleteStore::builder().shop_id("shop-1").business_registration_number(numbers).build().unwrap()
    };
    let left = json!([{"mid": "m-1", "businessRegistrationNumber": "222-22-22222"}]);
    let resolve = |request: &DeleteStore| {
        let script = Script::playing([listed(left.clone())]);
        block_on(hosting(&script).resolve_delete_store(request))
    };
    assert!(resolve(&numbers(&[Some("111-11-11111")])).is_done());
    assert!(resolve(&numbers(&[Some("111-11-11111"), Some("222-22-22222")])).is_unknown());
    assert!(resolve(&numbers(&[None])).is_done());
    let everything = DeleteStore::builder().shop_id("shop-1").every_registration().build().unwrap();
    assert!(resolve(&everything).is_unknown());
    let script = Script::playing([listed(json!([]))]);
    assert!(block_on(hosting(&script).resolve_delete_store(&everything)).is_unknown());
}
