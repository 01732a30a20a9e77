//! What becomes of a request whose answer was lost, in virtual time: done, proven not done, or still unknown. A test for
//! each line of what an engineer would have to do by hand.

mod scripted;

use scripted::{Act, Jumping, Script};
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;
use tests::service::{block_on, nobody};
use toss_sdk::onboarding::{self, CreateStore, DeleteStore, DeleteStoreId};
use toss_sdk::pay::{Client, CreatePayment, ExecutePayment, PayStatus, RefundPayment, Settled};

fn client(url: &str, clock: &Arc<Jumping>) -> Client {
    Client::builder("sk_test_w5lNQylNqa5lNQe013Nq").base_url(url).clock(clock.clone()).build().unwrap()
}

fn stands(state: &str) -> Act {
    let reply =
        json!({"code": 0, "mode": "TEST", "payToken": "t-1", "orderNo": "o-1", "payStatus": state, "amount": 3000});
    Act::Say(reply.to_string())
}

fn refuses(code: &str) -> Act {
    Act::Say(json!({"code": -1, "errorCode": code}).to_string())
}

fn created() -> Act {
    Act::Say(json!({"code": 0, "payToken": "t-1", "checkoutPage": "https://pay.example/t-1"}).to_string())
}

fn executed() -> Act {
    Act::Say(json!({"code": 0, "amount": 3000}).to_string())
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

fn settle_create(amount: i64, acts: impl IntoIterator<Item = Act>) -> (Settled<CreatePayment>, Vec<String>) {
    let script = Script::playing(acts);
    let settled = block_on(client(script.url(), &Jumping::new()).settle_create_payment(&create(amount)));
    (settled, script.paths())
}

fn settle_execute(acts: impl IntoIterator<Item = Act>) -> (Settled<ExecutePayment>, Vec<String>, Duration) {
    let (script, clock) = (Script::playing(acts), Jumping::new());
    let request = ExecutePayment::builder().pay_token("t-1").order_no("o-1").build().unwrap();
    let settled = block_on(client(script.url(), &clock).settle_execute_payment(&request, 3000));
    (settled, script.paths(), clock.passed())
}

fn settle_refund(acts: impl IntoIterator<Item = Act>) -> (Settled<RefundPayment>, Vec<String>) {
    let script = Script::playing(acts);
    let request = RefundPayment::builder().pay_token("t-1").refund_no("r-1").amount(1000).build().unwrap();
    let settled = block_on(client(script.url(), &Jumping::new()).settle_refund_payment(&request));
    (settled, script.paths())
}

#[test]
fn a_payment_that_is_found_was_created() {
    let (settled, paths) = settle_create(3000, [stands("PAY_STANDBY")]);
    assert!(settled.is_done() && settled.found().unwrap().pay_token.as_ref().unwrap().as_str() == "t-1");
    assert!(!settled.is_unknown() && !settled.is_not_done());
    assert_eq!(paths, ["status"]);
}

#[test]
fn a_payment_that_is_not_found_is_created_again_with_its_number() {
    let (settled, paths) = settle_create(3000, [refuses("TRANSACTION_NOT_FOUND"), created()]);
    let Settled::Done(done) = settled else { panic!("{settled}") };
    assert_eq!(done.reply.unwrap().checkout_page, "https://pay.example/t-1");
    assert_eq!(paths.len(), 2);
}

#[test]
fn a_complaint_about_the_number_after_that_means_that_the_first_one_arrived() {
    for code in ["PAYMENT_DUPLICATION_ORDER_NO", "PAYMENT_EXISTING_PAYMENT"] {
        let acts = [refuses("TRANSACTION_NOT_FOUND"), refuses(code), stands("PAY_APPROVED")];
        let (settled, paths) = settle_create(3000, acts);
        assert!(settled.is_done(), "{settled}");
        assert_eq!(paths.len(), 3);
    }
}

#[test]
fn a_creation_that_is_refused_while_there_is_nothing_was_not_done() {
    let nothing = || refuses("TRANSACTION_NOT_FOUND");
    let (settled, _) = settle_create(3000, [nothing(), refuses("COMMON_PAY_ERROR"), nothing()]);
    assert!(settled.is_not_done() && settled.to_string().contains("COMMON_PAY_ERROR"), "{settled}");
}

#[test]
fn a_payment_with_another_price_is_not_this_one() {
    let (settled, paths) = settle_create(9000, [stands("PAY_STANDBY")]);
    assert!(settled.is_unknown() && settled.to_string().contains("amount"), "{settled}");
    assert_eq!(paths, ["status"], "nothing is created beside it");
}

#[test]
fn an_executed_payment_is_done_and_a_cancelled_one_is_not() {
    for state in ["PAY_COMPLETE", "REFUND_SUCCESS", "SETTLEMENT_COMPLETE"] {
        let (settled, paths, _) = settle_execute([stands(state)]);
        assert!(settled.is_done() && paths == ["status"], "{settled}");
    }
    let (settled, paths, _) = settle_execute([stands("PAY_PROGRESS"), stands("PAY_PROGRESS"), stands("PAY_COMPLETE")]);
    assert!(settled.is_done() && paths == ["status"; 3], "{settled}");
    let (settled, _, _) = settle_execute([stands("PAY_PROGRESS"), stands("PAY_CANCEL")]);
    assert!(settled.is_not_done(), "{settled}");
}

#[test]
fn an_approved_payment_is_executed_once_more_after_15_quiet_seconds() {
    let mut acts = vec![stands("PAY_APPROVED"); 7];
    acts.extend([executed(), stands("PAY_COMPLETE")]);
    let (settled, paths, passed) = settle_execute(acts);
    assert!(settled.is_done() && settled.found().unwrap().pay_status == PayStatus::PayComplete, "{settled}");
    assert!(passed >= Duration::from_secs(15), "{passed:?}");
    assert_eq!(paths.iter().filter(|path| *path == "execute").count(), 1, "{paths:?}");
}

#[test]
fn a_repetition_that_succeeds_while_the_payment_is_as_before_is_no_success_yet() {
    let mut acts = vec![stands("PAY_APPROVED"); 7];
    acts.extend([executed(), stands("PAY_APPROVED"), stands("PAY_PROGRESS"), stands("PAY_COMPLETE")]);
    let (settled, paths, _) = settle_execute(acts.clone());
    assert!(settled.is_done() && paths.len() == 11, "{settled}: {paths:?}");
    acts.truncate(9);
    let (settled, paths, _) = settle_execute(acts);
    assert!(settled.is_unknown() && settled.found().is_some(), "{settled}");
    assert_eq!(paths.iter().filter(|path| *path == "execute").count(), 1, "{paths:?}");
}

#[test]
fn an_execution_is_repeated_once_at_most_and_what_is_still_open_then_is_unknown() {
    let mut acts = vec![stands("PAY_APPROVED"); 7];
    acts.extend([Act::Drop, stands("PAY_APPROVED")]);
    let (settled, paths, _) = settle_execute(acts);
    assert!(settled.is_unknown() && settled.found().is_some(), "{settled}");
    assert_eq!(paths.iter().filter(|path| *path == "execute").count(), 1, "{paths:?}");
}

#[test]
fn a_repetition_that_is_refused_while_nothing_changes_proves_that_neither_was_done() {
    let mut acts = vec![stands("PAY_APPROVED"); 7];
    acts.extend([refuses("COMMON_NOT_ENOUGH_CASH"), stands("PAY_APPROVED")]);
    let (settled, paths, passed) = settle_execute(acts);
    assert!(settled.is_not_done() && settled.to_string().contains("COMMON_NOT_ENOUGH_CASH"), "{settled}");
    assert!(passed >= Duration::from_secs(30), "quiet before and after: {passed:?}");
    assert_eq!(paths.iter().filter(|path| *path == "execute").count(), 1, "{paths:?}");
}

#[test]
fn an_execution_without_its_order_number_is_not_repeated() {
    let (script, clock) = (Script::playing([stands("PAY_APPROVED")]), Jumping::new());
    let request = ExecutePayment::builder().pay_token("t-1").build().unwrap();
    let settled = block_on(client(script.url(), &clock).settle_execute_payment(&request, 3000));
    assert!(settled.is_unknown() && script.paths().iter().all(|path| path == "status"), "{settled}");
}

#[test]
fn a_payment_over_another_amount_is_no_success() {
    let (script, clock) = (Script::playing([stands("PAY_COMPLETE")]), Jumping::new());
    let request = ExecutePayment::builder().pay_token("t-1").build().unwrap();
    let settled = block_on(client(script.url(), &clock).settle_execute_payment(&request, 39_000));
    assert!(settled.is_unknown() && settled.to_string().contains("amount"), "{settled}");
}

#[test]
fn a_refund_is_settled_by_repeating_it() {
    let (settled, paths) = settle_refund([Act::Say(r#"{"code":0,"refundNo":"r-1","refundedAmount":-1000}"#.into())]);
    let Settled::Done(done) = settled else { panic!("{settled}") };
    assert_eq!(done.reply.unwrap().refunded_amount(), Some(1000));
    assert_eq!(paths, ["refunds"]);
    // The number is known: the first one arrived.
    let (settled, paths) = settle_refund([refuses("REFUND_REFUND_NO_DUPLICATE"), stands("REFUND_SUCCESS")]);
    assert!(settled.is_done() && paths == ["refunds", "status"], "{settled} {paths:?}");
}

#[test]
fn only_a_known_refusal_of_a_repetition_proves_that_nothing_was_refunded() {
    let (settled, _) = settle_refund([refuses("COMMON_REFUND_ERROR")]);
    assert!(settled.is_not_done(), "{settled}");
    for act in
        [refuses("COMMON_INVALID_API_KEY"), refuses("A_NEW_CODE"), Act::Fail(400), refuses("REFUND_ALREADY_REFUNDED")]
    {
        let (settled, _) = settle_refund([act.clone(), stands("PAY_COMPLETE")]);
        assert!(settled.is_unknown(), "{act:?}: {settled}");
        assert!(settled.found().is_some(), "what the service says goes with it: {act:?}");
    }
}

#[test]
fn a_refund_that_is_answered_late_is_done_and_one_that_never_is_stays_unknown() {
    let late = [Act::Drop, Act::Fail(502), refuses("COMMON_TIMEOUT"), refuses("COMMON_THROTTLED"), executed()];
    assert!(settle_refund(late).0.is_done());
    let (settled, paths) = settle_refund([Act::Fail(502)]);
    assert!(settled.is_unknown(), "{settled}");
    assert!(paths.len() < 60, "{}", paths.len());
}

#[test]
fn a_refund_that_is_refused_for_the_moment_is_repeated_until_it_is_not() {
    let mut acts = vec![refuses("COMMON_THROTTLED"); 20];
    acts.push(executed());
    let (settled, paths) = settle_refund(acts);
    assert!(settled.is_done(), "{settled}");
    assert_eq!(paths, ["refunds"; 21]);
}

#[test]
fn a_refund_waits_for_a_connection() {
    let clock = Jumping::new();
    let request = RefundPayment::builder().pay_token("t-1").refund_no("r-1").amount(1000).build().unwrap();
    let settled = block_on(client(&nobody(), &clock).settle_refund_payment(&request));
    assert!(settled.is_unknown(), "{settled}");
    assert!((50..=61).contains(&clock.passed().as_secs()), "{:?}", clock.passed());
}

#[test]
fn a_question_that_fails_is_no_proof_that_there_is_nothing() {
    for act in [Act::Drop, Act::Fail(502), Act::Fail(404), refuses("COMMON_TIMEOUT"), refuses("A_NEW_CODE")] {
        let (settled, paths) = settle_create(3000, [act.clone()]);
        assert!(settled.is_unknown(), "{act:?}: {settled}");
        assert!(paths.len() > 1 && paths.iter().all(|path| path == "status"), "{act:?}: {paths:?}");
        let mut acts = vec![act.clone(); 9];
        acts.push(stands("PAY_STANDBY"));
        let (settled, _) = settle_create(3000, acts);
        assert!(settled.is_done(), "{act:?}: {settled}");
    }
}

#[test]
fn a_question_that_is_refused_for_the_key_is_not_asked_over_and_over() {
    let (settled, paths) = settle_create(3000, [refuses("COMMON_INVALID_API_KEY")]);
    assert!(settled.is_unknown(), "{settled}");
    assert!(paths.len() <= 2, "{paths:?}");
}

#[test]
fn a_change_begins_the_quiet_seconds_anew() {
    let mut acts = vec![stands("PAY_STANDBY"); 5];
    acts.push(stands("PAY_APPROVED"));
    let (settled, paths, passed) = settle_execute(acts);
    let repeated = paths.iter().position(|path| path == "execute").expect("it is repeated");
    // Never more than 3 seconds between two questions, so 15 are at least 5 after the first that says so.
    assert!(repeated >= 5 + 1 + 5, "{paths:?}");
    assert!(settled.is_unknown() && passed >= Duration::from_secs(15 + 9), "{settled}, {passed:?}");
}

#[test]
fn a_refund_that_the_service_would_not_recognise_is_not_repeated() {
    let request = RefundPayment::builder()
        .pay_token("t-1")
        .refund_no("r-1")
        .amount(1000)
        .accept_double_refunds_by_switching_idempotency_off()
        .build()
        .unwrap();
    let script = Script::playing([stands("REFUND_SUCCESS")]);
    let settled = block_on(client(script.url(), &Jumping::new()).settle_refund_payment(&request));
    assert!(settled.is_unknown(), "{settled}");
    assert!(script.paths().iter().all(|path| path == "status"), "{:?}", script.paths());
}

#[test]
fn nobody_to_ask_is_still_unknown_and_ends() {
    let clock = Jumping::new();
    let settled = block_on(client(&nobody(), &clock).settle_create_payment(&create(3000)));
    assert!(settled.is_unknown(), "{settled}");
    assert!(clock.passed() <= Duration::from_secs(61), "{:?}", clock.passed());
}

#[test]
fn many_open_orders_get_a_decision_each_in_their_order() {
    let script = Script::playing([stands("PAY_COMPLETE")]);
    let open = (0..40).map(|n| {
        let token = if n % 4 == 0 { "t-other" } else { "t-1" };
        (ExecutePayment::builder().pay_token(token).order_no("o-1").build().unwrap(), 3000)
    });
    let settled = block_on(client(script.url(), &Jumping::new()).reconcile_execute_payment(open, 8));
    let done: Vec<bool> = settled.iter().map(Settled::is_done).collect();
    assert_eq!(done, (0..40).map(|n| n % 4 != 0).collect::<Vec<_>>());
}

fn hosting(script: &Script) -> onboarding::Client {
    let builder = onboarding::Client::builder("token".into(), "secret".into()).base_url(script.url());
    builder.clock(Jumping::new()).build().unwrap()
}

fn listed(member: &str, entries: serde_json::Value) -> Act {
    Act::Say(json!({"success": true, "result": {member: entries}}).to_string())
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
fn a_shop_whose_credentials_are_there_was_registered_and_one_without_any_was_not() {
    for (entries, done, not) in [
        (json!([{"mid": "m-1", "businessRegistrationNumber": "123-45-67890"}]), true, false),
        (json!([]), false, true),
        // Another number, or the same one written in another way.
        (json!([{"mid": "m-1", "businessRegistrationNumber": "1234567890"}]), false, false),
    ] {
        let script = Script::playing([listed("credentials", entries.clone())]);
        let settled = block_on(hosting(&script).settle_create_store(&store()));
        assert_eq!((settled.is_done(), settled.is_not_done()), (done, not), "{entries}: {settled}");
    }
}

#[test]
fn what_is_not_listed_any_more_was_deleted() {
    let left = || listed("descriptions", json!([{"mid": "m-1"}]));
    let id = |mid: &str| DeleteStoreId::builder().shop_id("shop-1").mid(mid).build().unwrap();
    let script = Script::playing([left()]);
    assert!(block_on(hosting(&script).settle_delete_store_id(&id("m-2"))).is_done());
    assert!(block_on(hosting(&script).settle_delete_store_id(&id("m-1"))).is_not_done());
    let everything = DeleteStore::builder().shop_id("shop-1").every_registration().build().unwrap();
    assert!(block_on(hosting(&script).settle_delete_store(&everything)).is_unknown());
    let script = Script::playing([listed("descriptions", json!([]))]);
    assert!(block_on(hosting(&script).settle_delete_store(&everything)).is_done());
}
