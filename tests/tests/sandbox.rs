//! Tests of the sandbox with the client, over real sockets. Most tests check one documented rule.

use std::io::{Read, Write};
use std::time::Duration;
use tests::fixtures::merchant::*;
use tests::order;
use tests::service::block_on;
use toss_sandbox::{Approval, Fault, FaultKind, Method, Sandbox, Settings};
use toss_sdk::pay::*;
use toss_sdk::runtime::{Outcome, Resolution};

#[test]
fn a_payment_goes_from_creation_to_a_partial_refund() {
    let sandbox = Sandbox::start().unwrap();
    let created = block_on(client(&sandbox).create_payment(&order("o-1", 10_000))).unwrap();
    assert!(created.checkout_page.starts_with(sandbox.base_url()));
    let token = created.pay_token;
    assert_eq!(status(&sandbox, &token).pay_status, PayStatus::PayStandby);
    let url = sandbox.approve(&token, &Approval::card(CardCompany::Samsung)).unwrap();
    assert_eq!(url, "http://127.0.0.1:1/done?cart=1&status=PAY_APPROVED&orderNo=o-1&payMethod=CARD&cardCompany=3");
    assert_eq!(status(&sandbox, &token).pay_status, PayStatus::PayApproved);
    let executed = execute(&sandbox, &token).unwrap();
    assert_eq!((executed.amount, executed.mode), (Some(10_000), Some(PaymentMode::Test)));
    assert_eq!(executed.card.card_company_name.as_deref(), Some("삼성"));
    let back = refunded(&sandbox, &refund(&token, "r-1", 4_000)).unwrap();
    assert_eq!((back.refundable_amount, back.signed_refunded_amount), (Some(6_000), Some(-4_000)));
    let now = status(&sandbox, &token);
    assert_eq!((now.pay_status, now.refundable_amount), (PayStatus::RefundSuccess, Some(6_000)));
    assert_eq!((now.amount_taxable, now.amount_vat), (Some(9_090), Some(910)));
    let steps: Vec<_> = now.transactions.iter().map(|t| (t.step_type.clone().unwrap(), t.transaction_amount)).collect();
    assert_eq!(steps, [(StepType::Pay, Some(10_000)), (StepType::Refund, Some(-4_000))]);
}

#[test]
fn an_order_number_can_be_used_again_until_the_purchaser_has_authenticated() {
    let sandbox = Sandbox::start().unwrap();
    let first = create(&sandbox, "o-1", 1_000);
    let second = create(&sandbox, "o-1", 2_000);
    assert_ne!(first.as_str(), second.as_str());
    sandbox.approve(&second, &Approval::toss_money()).unwrap();
    let again = block_on(client(&sandbox).create_payment(&order("o-1", 1_000)));
    assert_eq!(code(again), "PAYMENT_DUPLICATION_ORDER_NO");
}

#[test]
fn an_older_open_payment_of_an_order_can_still_be_paid_so_that_the_order_is_paid_twice() {
    let scratch = tests::temp_project::TempProject::empty();
    let start = || Sandbox::with(Settings { data: Some(scratch.path("sandbox.data")), ..Settings::default() }).unwrap();
    let sandbox = start();
    let first = create(&sandbox, "o-1", 1_000);
    let second = create(&sandbox, "o-1", 2_000);
    // The purchaser still has the checkout page of the first payment.
    sandbox.approve(&first, &Approval::toss_money()).unwrap();
    let again = || code(block_on(client(&sandbox).create_payment(&order("o-1", 1_000))));
    assert_eq!(again(), "PAYMENT_DUPLICATION_ORDER_NO", "the number must be used up, whichever payment was approved");
    sandbox.approve(&second, &Approval::toss_money()).unwrap();
    execute(&sandbox, &first).unwrap();
    execute(&sandbox, &second).unwrap();
    assert_eq!(sandbox.payments().iter().map(|payment| payment.charges).collect::<Vec<_>>(), [1, 1]);
    drop(sandbox);
    let sandbox = start();
    let again = block_on(client(&sandbox).create_payment(&order("o-1", 1_000)));
    assert_eq!(code(again), "PAYMENT_DUPLICATION_ORDER_NO", "the number must be used up after a restart, too");
}

#[test]
fn an_order_number_whose_older_payment_was_approved_is_used_up_after_a_restart_too() {
    let scratch = tests::temp_project::TempProject::empty();
    let start = || Sandbox::with(Settings { data: Some(scratch.path("sandbox.data")), ..Settings::default() }).unwrap();
    let sandbox = start();
    let first = create(&sandbox, "o-1", 1_000);
    create(&sandbox, "o-1", 2_000);
    sandbox.approve(&first, &Approval::toss_money()).unwrap();
    drop(sandbox);
    let sandbox = start();
    let again = block_on(client(&sandbox).create_payment(&order("o-1", 1_000)));
    assert_eq!(code(again), "PAYMENT_DUPLICATION_ORDER_NO");
}

#[test]
fn cards_that_the_page_lists_as_unsupported_are_not_offered() {
    let sandbox = Sandbox::start().unwrap();
    let token = create(&sandbox, "o-1", 10_000);
    assert!(
        sandbox.approve(&token, &Approval::card(CardCompany::Citi)).unwrap_err().to_string().contains("not supported")
    );
    let (_, page) = http(&sandbox, "GET", &format!("/checkout/{}?lang=en", token.as_str()), "", "");
    assert!(page.contains("Samsung") && page.contains("> BC<") && !page.contains("Citi"), "{page}");
    let (_, page) = http(&sandbox, "GET", &format!("/checkout/{}?lang=ko", token.as_str()), "", "");
    assert!(page.contains("삼성") && !page.contains("씨티"), "{page}");
}

#[test]
fn an_unpaid_payment_expires_after_fifteen_minutes() {
    let sandbox = Sandbox::start().unwrap();
    let token = create(&sandbox, "o-1", 1_000);
    sandbox.forward(Duration::from_secs(14 * 60)).unwrap();
    assert_eq!(status(&sandbox, &token).pay_status, PayStatus::PayStandby);
    sandbox.approve(&token, &Approval::toss_money()).unwrap();
    sandbox.forward(Duration::from_secs(61)).unwrap();
    assert_eq!(status(&sandbox, &token).pay_status, PayStatus::PayCancel);
    assert_eq!(code(execute(&sandbox, &token)), "EXECUTE_PAY_NOT_APPROVED");
}

#[test]
fn a_payment_is_executed_once_and_not_before_its_approval() {
    let sandbox = Sandbox::start().unwrap();
    let token = create(&sandbox, "o-1", 1_000);
    assert_eq!(code(execute(&sandbox, &token)), "EXECUTE_PAY_NOT_APPROVED");
    sandbox.approve(&token, &Approval::toss_money()).unwrap();
    let other = ExecutePayment::builder().pay_token(&token).order_no("another").build().unwrap();
    assert_eq!(code(block_on(client(&sandbox).execute_payment(&other))), "COMMON_INVALID_PARAMETER");
    execute(&sandbox, &token).unwrap();
    let again = execute(&sandbox, &token).unwrap_err();
    // The payment was executed before. The client cannot know whether an earlier attempt at this request executed it.
    assert_eq!(again.outcome(), Outcome::Unknown);
    assert_eq!(status(&sandbox, &token).transactions.len(), 1);
}

#[test]
fn equal_refunds_at_the_same_time_are_one_refund_with_equal_answers() {
    let sandbox = Sandbox::start().unwrap();
    let token = paid(&sandbox);
    let request = refund(&token, "r-1", 3_000);
    let replies: Vec<String> = std::thread::scope(|scope| {
        let calls: Vec<_> = (0..30)
            .map(|_| scope.spawn(|| format!("{:?}", refunded(&sandbox, &request).unwrap().signed_refunded_amount)))
            .collect();
        calls.into_iter().map(|call| call.join().unwrap()).collect()
    });
    assert!(replies.iter().all(|reply| reply == "Some(-3000)"), "{replies:?}");
    assert_eq!(status(&sandbox, &token).refundable_amount, Some(7_000));
}

#[test]
fn a_refund_number_identifies_one_refund() {
    let sandbox = Sandbox::start().unwrap();
    let token = paid(&sandbox);
    refunded(&sandbox, &refund(&token, "r-1", 3_000)).unwrap();
    assert_eq!(code(refunded(&sandbox, &refund(&token, "r-1", 2_000))), "REFUND_REFUND_NO_DUPLICATE");
    let without = RefundPayment::builder()
        .pay_token(&token)
        .refund_no("r-1")
        .amount(3_000)
        .accept_double_refunds_by_switching_idempotency_off()
        .build()
        .unwrap();
    assert_eq!(code(refunded(&sandbox, &without)), "REFUND_REFUND_NO_DUPLICATE");
    assert_eq!(code(refunded(&sandbox, &refund(&token, "r-2", 7_001))), "COMMON_REFUND_ERROR");
    let rest = RefundPayment::builder().pay_token(&token).refund_no("r-3").everything_left().build().unwrap();
    assert_eq!(refunded(&sandbox, &rest).unwrap().signed_refunded_amount, Some(-7_000));
    assert_eq!(code(refunded(&sandbox, &refund(&token, "r-4", 1))), "REFUND_ALREADY_REFUNDED");
}

#[test]
fn a_refund_reduces_the_discount_in_proportion_and_returns_points_last() {
    let sandbox = Sandbox::with(Settings { discount_percent: 10, ..Settings::default() }).unwrap();
    let token = create(&sandbox, "o-1", 10_000);
    sandbox.approve(&token, &Approval { method: Method::TossMoney, points: 1_000 }).unwrap();
    let executed = execute(&sandbox, &token).unwrap();
    assert_eq!((executed.discounted_amount, executed.paid_amount), (Some(2_000), Some(8_000)));
    let back = refunded(&sandbox, &refund(&token, "r-1", 4_000)).unwrap();
    assert_eq!((back.discounted_amount, back.paid_amount), (Some(600 + 1_000), Some(4_400)));
    let now = status(&sandbox, &token);
    assert_eq!(
        (now.discount_amount_v2, now.paid_point_v2, now.refundable_amount),
        (Some(600), Some(1_000), Some(6_000))
    );
}

#[test]
fn one_installment_is_a_single_payment_and_twelve_are_the_maximum() {
    let sandbox = Sandbox::start().unwrap();
    let token = create(&sandbox, "o-1", 10_000);
    let in_months = |months| Approval {
        method: Method::Card { company: CardCompany::Samsung, months },
        ..Approval::card(CardCompany::Samsung)
    };
    assert!(sandbox.approve(&token, &in_months(2)).unwrap_err().to_string().contains("50000"));
    sandbox.approve(&token, &in_months(1)).unwrap();
    assert_eq!(execute(&sandbox, &token).unwrap().card.spread_out, Some(0));
    let token = create(&sandbox, "o-2", 60_000);
    assert!(sandbox.approve(&token, &in_months(13)).unwrap_err().to_string().contains("12"));
    sandbox.approve(&token, &in_months(12)).unwrap();
    assert_eq!(execute(&sandbox, &token).unwrap().card.spread_out, Some(12));
}

#[test]
fn a_payment_has_a_timeline_of_its_events() {
    let sandbox = Sandbox::start().unwrap();
    let token = create(&sandbox, "o-1", 10_000);
    sandbox.discount(&token, 1_000).unwrap();
    sandbox.approve(&token, &Approval::toss_money()).unwrap();
    execute(&sandbox, &token).unwrap();
    refunded(&sandbox, &refund(&token, "r-1", 4_000)).unwrap();
    let told: Vec<_> = sandbox.payments().remove(0).timeline.into_iter().map(|happening| happening.what).collect();
    let expected = [
        "created",
        "discounted by 1000 won",
        "PAY_STANDBY → PAY_APPROVED",
        "PAY_APPROVED → PAY_PROGRESS",
        "PAY_PROGRESS → PAY_COMPLETE",
        "PAY_COMPLETE → REFUND_PROGRESS",
        "4000 won are refunded",
        "REFUND_PROGRESS → REFUND_SUCCESS",
    ];
    assert_eq!(told, expected);
}

#[test]
fn points_can_be_spent_up_to_the_amount_due() {
    let sandbox = Sandbox::with(Settings { discount_percent: 10, ..Settings::default() }).unwrap();
    let token = create(&sandbox, "o-1", 10_000);
    let with = |points| Approval { method: Method::TossMoney, points };
    for points in [-1, 9_001] {
        assert!(sandbox.approve(&token, &with(points)).unwrap_err().to_string().contains("9000"), "{points}");
    }
    sandbox.approve(&token, &with(9_000)).unwrap();
    let executed = execute(&sandbox, &token).unwrap();
    assert_eq!((executed.discounted_amount, executed.paid_amount), (Some(10_000), Some(0)));
}

#[test]
fn a_discount_can_be_set_until_the_payment_is_approved_up_to_its_price() {
    let sandbox = Sandbox::start().unwrap();
    let token = create(&sandbox, "o-1", 10_000);
    for won in [-1, 10_001] {
        assert!(sandbox.discount(&token, won).unwrap_err().to_string().contains("10000"), "{won}");
    }
    sandbox.discount(&token, 9_000).unwrap();
    sandbox.discount(&token, 1_500).unwrap();
    sandbox.approve(&token, &Approval::toss_money()).unwrap();
    assert!(sandbox.discount(&token, 2_000).is_err(), "the discount was changed after the approval");
    let executed = execute(&sandbox, &token).unwrap();
    assert_eq!(
        (executed.amount, executed.discounted_amount, executed.paid_amount),
        (Some(10_000), Some(1_500), Some(8_500))
    );
    assert!(sandbox.discount("no-such-token", 1).is_err());
}

#[test]
fn a_refund_in_progress_blocks_the_next_one() {
    let settings = Settings { refunds_take: Duration::from_secs(3_600), ..Settings::default() };
    let sandbox = Sandbox::with(settings).unwrap();
    let token = paid(&sandbox);
    refunded(&sandbox, &refund(&token, "r-1", 1_000)).unwrap();
    assert_eq!(status(&sandbox, &token).pay_status, PayStatus::RefundProgress);
    assert_eq!(code(refunded(&sandbox, &refund(&token, "r-2", 1_000))), "COMMON_REFUND_ERROR");
    sandbox.forward(Duration::from_secs(3_600)).unwrap();
    assert_eq!(status(&sandbox, &token).pay_status, PayStatus::RefundSuccess);
    refunded(&sandbox, &refund(&token, "r-2", 1_000)).unwrap();
}

#[test]
fn after_a_year_refunds_are_refused() {
    let sandbox = Sandbox::start().unwrap();
    let token = paid(&sandbox);
    sandbox.forward(Duration::from_secs(365 * 86_400 - 60)).unwrap();
    assert_eq!(status(&sandbox, &token).pay_status, PayStatus::PayComplete);
    sandbox.forward(Duration::from_secs(60)).unwrap();
    assert_eq!(status(&sandbox, &token).pay_status, PayStatus::SettlementComplete);
    assert_eq!(code(refunded(&sandbox, &refund(&token, "r-1", 1_000))), "COMMON_REFUND_ERROR");
}

#[test]
fn merchants_do_not_see_each_other() {
    let sandbox = Sandbox::start().unwrap();
    let token = paid(&sandbox);
    let other = Client::builder("sk_test_another").base_url(sandbox.base_url()).build().unwrap();
    for payment in [PaymentBy::from(token), OrderNo::new("o-1").into()] {
        let request = PaymentStatus::builder().payment(payment).build().unwrap();
        assert_eq!(code(block_on(other.payment_status(&request))), "TRANSACTION_NOT_FOUND");
    }
    block_on(other.create_payment(&order("o-1", 500))).unwrap();
}

#[test]
fn the_debug_output_of_a_sandbox_shows_its_url_and_no_key() {
    let sandbox = Sandbox::start().unwrap();
    paid(&sandbox);
    let shown = format!("{sandbox:#?}");
    assert!(shown.contains(sandbox.base_url()) && !shown.contains("sk_test_") && !shown.contains("o-1"), "{shown}");
}

#[test]
fn a_callback_is_sent_again_until_it_is_acknowledged() {
    let (url, messages) = callbacks(2);
    let sandbox = Sandbox::start().unwrap();
    let request =
        order!("o-1", 3_000; .auto_execute(true).result_callback(&*url).callback_version(CallbackVersion::V2));
    let token = created(&sandbox, &request);
    let url = sandbox.approve(&token, &Approval::card(CardCompany::Bc)).unwrap();
    assert!(url.contains("status=PAY_COMPLETE"), "{url}");
    let first = messages.recv_timeout(SOON).unwrap().body;
    for _ in 0..2 {
        sandbox.forward(Duration::from_secs(180)).unwrap();
        assert_eq!(messages.recv_timeout(SOON).unwrap().body, first);
    }
    let claim = ResultCallback::parse(first.as_bytes()).unwrap();
    let confirmed = block_on(client(&sandbox).confirm_result_callback(&claim, "o-1".into(), 3_000, None)).unwrap();
    assert_eq!(confirmed.found.pay_status, PayStatus::PayComplete);
    wait_until("it is taken", || sandbox.callbacks()[0].taken);
    let results: Vec<String> = sandbox.callbacks()[0].attempts.iter().map(|attempt| attempt.result.clone()).collect();
    assert_eq!(results, ["HTTP 500", "HTTP 500", "HTTP 200"]);
}

#[test]
fn callbacks_leave_this_machine_only_when_allowed() {
    let sandbox = Sandbox::start().unwrap();
    let url = "https://shop.example/callback";
    let request = order!("o-1", 3_000; .auto_execute(true).result_callback(url).callback_version(CallbackVersion::V1));
    let token = created(&sandbox, &request);
    sandbox.approve(&token, &Approval::toss_money()).unwrap();
    wait_until("it is tried", || !sandbox.callbacks()[0].attempts.is_empty());
    let delivery = &sandbox.callbacks()[0];
    assert!(delivery.attempts[0].result.starts_with("not sent"), "{delivery:?}");
    assert!(ResultCallback::parse_form(delivery.body.as_bytes()).is_ok());
}

#[test]
fn a_refund_whose_answer_is_lost_is_made_once_and_resolved_as_done() {
    for kind in [FaultKind::ResetAfter, FaultKind::CutBody, FaultKind::HtmlAfter { status: 502 }] {
        let sandbox = Sandbox::start().unwrap();
        let token = paid(&sandbox);
        sandbox.fault(Fault::once("refund_payment", kind.clone())).unwrap();
        let request = refund(&token, "r-1", 4_000);
        let error = block_on(impatient(&sandbox).refund_payment(&request)).unwrap_err();
        assert_eq!(error.outcome(), Outcome::Unknown, "{kind:?}");
        let resolved = block_on(client(&sandbox).resolve_refund_payment(&request));
        assert!(matches!(resolved, Resolution::Done(_)), "{kind:?}: {resolved:?}");
        assert_eq!(status(&sandbox, &token).refundable_amount, Some(6_000), "{kind:?}");
    }
}

#[test]
fn a_lost_answer_after_the_execution_is_resolved_as_done() {
    let sandbox = Sandbox::start().unwrap();
    let token = create(&sandbox, "o-1", 10_000);
    sandbox.approve(&token, &Approval::toss_money()).unwrap();
    sandbox.fault(Fault::once("execute_payment", FaultKind::ResetAfter)).unwrap();
    let request = ExecutePayment::builder().pay_token(&token).order_no("o-1").build().unwrap();
    let error = block_on(client(&sandbox).execute_payment(&request)).unwrap_err();
    assert_eq!((error.outcome(), error.attempts()), (Outcome::Unknown, 1));
    let resolved = block_on(client(&sandbox).resolve_execute_payment(&request, 10_000));
    assert!(matches!(resolved, Resolution::Done(_)), "{resolved:?}");
    assert_eq!(status(&sandbox, &token).transactions.len(), 1);
}

#[test]
fn a_fault_before_the_change_changes_nothing() {
    for kind in [
        FaultKind::ResetBefore,
        FaultKind::HtmlBefore { status: 502 },
        FaultKind::Code { code: "COMMON_TIMEOUT".into() },
    ] {
        let sandbox = Sandbox::start().unwrap();
        let token = paid(&sandbox);
        sandbox.fault(Fault::once("refund_payment", kind.clone())).unwrap();
        let error = block_on(impatient(&sandbox).refund_payment(&refund(&token, "r-1", 4_000))).unwrap_err();
        assert_eq!(error.outcome(), Outcome::Unknown, "{kind:?}");
        assert_eq!(status(&sandbox, &token).refundable_amount, Some(10_000), "{kind:?}");
        assert!(sandbox.journal().iter().any(|entry| entry.fault.is_some()));
    }
}

#[test]
fn live_looking_keys_are_refused() {
    let sandbox = Sandbox::start().unwrap();
    let (_, body) =
        http(&sandbox, "POST", "/api/v2/status", "application/json", r#"{"apiKey":"sk_live_abc","orderNo":"1"}"#);
    assert!(body.contains("COMMON_INVALID_API_KEY") && body.contains("sandbox"), "{body}");
    assert!(!body.contains("sk_live_abc"));
}

/// Environment variable of the child process in which a test runs without CA certificates.
const BARE: &str = "TEST_WITHOUT_CERTIFICATES";

#[test]
fn a_machine_without_ca_certificates_runs_the_sandbox_and_its_callbacks() {
    if std::env::var_os(BARE).is_none() {
        let name = "sandbox::a_machine_without_ca_certificates_runs_the_sandbox_and_its_callbacks";
        let output = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", name, "--nocapture"])
            .envs([(BARE, "1"), ("SSL_CERT_FILE", "/none"), ("SSL_CERT_DIR", "/empty")])
            .output()
            .unwrap();
        let said = [output.stdout, output.stderr].map(|said| String::from_utf8_lossy(&said).into_owned()).concat();
        assert!(output.status.success() && said.contains("1 passed"), "{said}");
        return;
    }
    a_callback_is_sent_again_until_it_is_acknowledged();
}

fn http(sandbox: &Sandbox, method: &str, path: &str, content_type: &str, body: &str) -> (String, String) {
    let address = sandbox.base_url().trim_start_matches("http://");
    let mut connection = std::net::TcpStream::connect(address).unwrap();
    let length = body.len();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-type: {content_type}\r\ncontent-length: {length}\r\n\r\n"
    );
    connection.write_all(format!("{head}{body}").as_bytes()).unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.to_owned(), body.to_owned())
}

const FORM: &str = "application/x-www-form-urlencoded";

#[test]
fn a_purchaser_pays_on_the_checkout_page() {
    let sandbox = Sandbox::start().unwrap();
    let token = create(&sandbox, "o-1", 10_000);
    let path = format!("/checkout/{}", token.as_str());
    let (head, page) = http(&sandbox, "GET", &format!("{path}?lang=en"), "", "");
    assert!(head.contains("content-security-policy: default-src 'none'"), "{head}");
    // The policy has no `form-action`, because the form leads to the shop, which may redirect the browser to any URL.
    assert!(!head.contains("form-action"), "{head}");
    assert!(page.contains("코트 &lt;b&gt;&amp; more&lt;/b&gt;") && page.contains("10,000 won"), "{page}");
    let seal = page.split_once("name=\"seal\" value=\"").unwrap().1.split('"').next().unwrap();
    let (head, _) = http(&sandbox, "POST", &path, FORM, "do=approve&pay=3");
    assert!(head.starts_with("HTTP/1.1 403"), "{head}");
    let (head, _) = http(&sandbox, "POST", &path, FORM, &format!("seal={seal}&do=approve&pay=3&months=0&points="));
    assert!(head.starts_with("HTTP/1.1 303"), "{head}");
    assert!(head.contains("location: http://127.0.0.1:1/done?cart=1&status=PAY_APPROVED"), "{head}");
    let (_, page) = http(&sandbox, "GET", &format!("{path}?lang=en"), "", "");
    assert!(page.contains("PAY_APPROVED"), "{page}");
}

#[test]
fn the_control_api_can_do_what_the_pages_can() {
    let sandbox = Sandbox::start().unwrap();
    let token = create(&sandbox, "o-1", 60_000);
    let control =
        |path: &str, body: &str| http(&sandbox, "POST", &format!("/sandbox/v1/{path}"), "application/json", body);
    let (_, refused) = control(&format!("payments/{}/approve", token.as_str()), r#"{"card":3,"months":13}"#);
    assert!(refused.contains("12 installments"), "{refused}");
    control(&format!("payments/{}/approve", token.as_str()), r#"{"card":3,"months":3}"#);
    assert_eq!(execute(&sandbox, &token).unwrap().card.spread_out, Some(3));
    control("faults", r#"{"operation":"payment_status","times":1,"does":"html_before","status":503}"#);
    let request = PaymentStatus::builder().payment(token.clone()).build().unwrap();
    block_on(impatient(&sandbox).payment_status(&request)).unwrap_err();
    control("clock/forward", r#"{"seconds":31536000}"#);
    assert_eq!(status(&sandbox, &token).pay_status, PayStatus::SettlementComplete);
    let (_, payments) = http(&sandbox, "GET", "/sandbox/v1/payments", "", "");
    assert!(payments.contains("SETTLEMENT_COMPLETE"), "{payments}");
    let (_, journal) = http(&sandbox, "GET", "/sandbox/v1/journal", "", "");
    assert!(journal.contains("sk_test_…") && !journal.contains(KEY), "{journal}");
    let (head, _) = http(&sandbox, "POST", "/sandbox/v1/reset", FORM, "");
    assert!(head.starts_with("HTTP/1.1 415"), "the sandbox must reject the form of another site: {head}");
    let (_, page) = http(&sandbox, "GET", "/", "", "");
    assert!(page.contains("SETTLEMENT_COMPLETE") && !page.contains(KEY));
}

#[test]
fn a_request_with_a_foreign_host_name_reads_nothing() {
    let sandbox = Sandbox::start().unwrap();
    let address = sandbox.base_url().trim_start_matches("http://");
    for host in ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:80", ""] {
        let mut connection = std::net::TcpStream::connect(address).unwrap();
        let request = format!("GET /sandbox/v1/journal HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
        connection.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        connection.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 403"), "{host}: {answer}");
    }
}

#[test]
fn random_faults_can_be_replayed() {
    let chances = Sandbox::with(Settings { seed: 7, ..Settings::default() }).unwrap();
    chances.fault(Fault::sometimes(0.4, FaultKind::Code { code: "COMMON_TIMEOUT".into() })).unwrap();
    let calls = |sandbox: &Sandbox| -> Vec<bool> {
        let toss = impatient(sandbox);
        (0..20).map(|n| block_on(toss.create_payment(&order(&format!("o-{n}"), 1_000))).is_ok()).collect()
    };
    let seen = calls(&chances);
    assert!(seen.contains(&true) && seen.contains(&false), "{seen:?}");
    let again = Sandbox::start().unwrap();
    let faults = chances.struck_faults();
    faults.iter().for_each(|fault| again.fault(fault.clone()).unwrap());
    assert_eq!(calls(&again), seen);
    assert_eq!(again.struck_faults(), faults);
}

#[test]
fn a_refund_without_a_number_gets_the_number_of_its_transaction() {
    let sandbox = Sandbox::start().unwrap();
    let token = paid(&sandbox);
    let body = format!(r#"{{"apiKey":"{KEY}","payToken":"{}","amount":1000}}"#, token.as_str());
    let url = format!("{}/api/v2/refunds", sandbox.base_url());
    let said =
        block_on(async { reqwest::Client::new().post(url).body(body).send().await.unwrap().text().await.unwrap() });
    let reply = RefundPaymentReply::from_body(200, said.as_bytes()).unwrap();
    assert_eq!(reply.refund_no.unwrap().as_str(), reply.transaction_id.unwrap().as_str());
}
