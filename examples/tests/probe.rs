//! Tests of the probe: every reading is confirmed against the sandbox, and the number of requests is limited.

use std::process::{Command, Output};
use toss_sandbox::{Fault, FaultKind, Sandbox};

const KEY: &str = "sk_test_w5lNQylNqa5lNQe013Nq";

fn probe(variables: &[(&str, &str)], arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_probe"));
    command
        .env_remove("TOSS_ONBOARDING_URL")
        .env_remove("TOSS_PAY_URL")
        .env_remove("TOSS_PAY_KEY")
        .env_remove("PROBE_PAUSE");
    command.envs(variables.iter().copied()).args(arguments).output().expect("the example was built")
}

#[test]
fn every_reading_holds_against_the_sandbox_and_the_report_has_no_keys() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.md");
    let said = probe(&[], &[path.to_str().unwrap()]);
    let report = std::fs::read_to_string(&path).unwrap();
    let failed: Vec<&str> = report.lines().filter(|line| line.ends_with("| **no** |")).collect();
    assert!(failed.is_empty(), "{failed:#?}\n{report}");
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    assert!(report.contains("29 readings, 0 not confirmed"), "{report}");
    assert!(report.contains("payToken-1") && report.contains("sk_test_…"), "{report}");
    assert!(!report.contains("sk_test_probe"), "the report contains the whole key");
    let toss_sandbox::Host { token, secret, .. } = toss_sandbox::Host::published();
    assert!(report.contains("instant-onboarding") && !report.contains(&token) && !report.contains(&secret));
    assert!(!report.contains("payToken\":\"sb-"), "the report contains a token");
}

#[test]
fn a_reading_that_does_not_hold_is_reported_with_the_observed_behavior() {
    let sandbox = Sandbox::start().unwrap();
    // Every reply of `payment_status` now has the HTTP status 400.
    let set = serde_json::Map::new();
    let does = FaultKind::EditReply { set, remove: Vec::new(), status: Some(400) };
    sandbox.fault(Fault { times: None, ..Fault::once("payment_status", does) }).unwrap();
    let said = probe(&[("TOSS_PAY_URL", sandbox.base_url()), ("TOSS_PAY_KEY", KEY)], &[]);
    assert_eq!(said.status.code(), Some(1));
    let report = String::from_utf8(said.stdout).unwrap();
    assert!(
        report.contains(
            "| A refusal is HTTP 200 with code -1 | HTTP 200, code -1, TRANSACTION_NOT_FOUND \
             | HTTP 400, code -1, TRANSACTION_NOT_FOUND | **no** |"
        ),
        "{report}"
    );
    assert!(!report.contains(KEY));
}

#[test]
fn a_reading_whose_test_cannot_be_completed_does_not_hold_and_the_others_are_tested() {
    let sandbox = Sandbox::start().unwrap();
    let broken = Fault { times: None, ..Fault::once("create_payment", FaultKind::Code { code: "PROBE".into() }) };
    sandbox.fault(broken).unwrap();
    sandbox.fault(Fault { times: Some(2), ..Fault::once("refund_payment", FaultKind::ResetAfter) }).unwrap();
    let said = probe(&[("TOSS_PAY_URL", sandbox.base_url()), ("TOSS_PAY_KEY", KEY)], &[]);
    assert_eq!(said.status.code(), Some(1));
    let report = String::from_utf8(said.stdout).unwrap();
    assert!(report.contains("test not completed: no payment was created: HTTP 200, code -1, PROBE"), "{report}");
    assert!(report.contains("test not completed: POST /api/v2/refunds: "), "{report}");
    assert!(report.contains("TRANSACTION_NOT_FOUND | yes |"), "{report}");
}

#[test]
fn the_probe_sends_few_requests_moves_no_money_and_uses_its_own_order_numbers() {
    let sandbox = Sandbox::start().unwrap();
    for _ in 0..2 {
        let said = probe(&[("TOSS_PAY_URL", sandbox.base_url()), ("TOSS_PAY_KEY", KEY)], &[]);
        assert!(said.status.success(), "a run failed: {}", String::from_utf8_lossy(&said.stderr));
        std::thread::sleep(std::time::Duration::from_millis(1_100));
    }
    assert!(sandbox.journal().len() <= 2 * 80, "{}", sandbox.journal().len());
    let payments = sandbox.payments();
    assert!(!payments.is_empty());
    for payment in payments {
        assert!(payment.order_no.starts_with("probe-"), "{}", payment.order_no);
        assert_eq!((payment.status.as_str(), payment.charges), ("PAY_STANDBY", 0));
    }
    assert!(sandbox.callbacks().is_empty());
}

#[test]
fn the_probe_pauses_between_requests() {
    let sandbox = Sandbox::start().unwrap();
    let started = std::time::Instant::now();
    let variables = [("TOSS_PAY_URL", sandbox.base_url()), ("TOSS_PAY_KEY", KEY), ("PROBE_PAUSE", "20")];
    assert!(probe(&variables, &[]).status.success());
    let pauses = u32::try_from(sandbox.journal().len()).unwrap() - 1;
    assert!(started.elapsed() >= std::time::Duration::from_millis(20) * pauses);
}

#[test]
fn the_probe_sends_nothing_with_a_live_key_and_reports_an_unreachable_service() {
    let sandbox = Sandbox::start().unwrap();
    for key in ["sk_live_w5lNQylNqa5lNQe013Nq", "test_sk_w5lNQylNqa5lNQe013Nq", ""] {
        let said = probe(&[("TOSS_PAY_URL", sandbox.base_url()), ("TOSS_PAY_KEY", key)], &[]);
        assert_eq!(said.status.code(), Some(2), "{key}");
        assert!(String::from_utf8_lossy(&said.stderr).contains("begins with sk_test_"), "{key}");
    }
    assert!(sandbox.journal().is_empty());
    let url = sandbox.base_url().to_owned();
    drop(sandbox);
    let said = probe(&[("TOSS_PAY_URL", &url), ("TOSS_PAY_KEY", KEY)], &[]);
    assert_eq!(said.status.code(), Some(2));
    assert!(!String::from_utf8_lossy(&said.stderr).contains(KEY));
}
