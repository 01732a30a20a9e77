//! Tests of audits of the saved documentation pages as plain text. The unchanged pages have no unexplained difference.
//! An audit reports every changed rule, and no harmless edit.
//!
//! The pages are beside the checkout, or in the folder that `AUDIT_PAGES` names. Without them, the tests are skipped.
//! By default, the tests try every eighth change of a page.
//! `AUDIT_ALL=1 cargo test -p tests --test all -- audit_pages:: --nocapture` tries every change, and prints the rates.

use audit::{Notation, Report, Saved, Spec};
use codegen::project::Project;
use tests::mutations::{Mutation, Rates, harmless, rates, rules};
use tests::pages::page;
use tests::temp_project::repository;

fn spec() -> Spec {
    Spec::read(&Project::at(&repository())).expect("the spec can be read").expect("the spec is sound")
}

fn audit(spec: &Spec, api: &str, page: &str) -> Report {
    spec.audit(Some(api), &Saved::of_text("page", Notation::Text, page)).expect("it is a page of this API")
}

/// Returns `true` if the audit finds an unexplained difference, or does not recognize the page.
fn reports(spec: &Spec, api: &str, page: &str) -> bool {
    spec.audit(Some(api), &Saved::of_text("page", Notation::Text, page))
        .map_or(true, |report| report.unexplained().next().is_some())
}

fn show(title: &str, rates: &Rates) {
    let (found, all) = rates.values().fold((0, 0), |sum, rate| (sum.0 + rate.0, sum.1 + rate.1));
    println!("{title}: {found} of {all} reported");
    for (kind, (found, all)) in rates {
        println!("  {kind:14} {found:4} of {all:4}");
    }
}

/// Returns every eighth change, so that a test takes seconds. If `AUDIT_ALL` is set, returns all changes, and a test
/// takes minutes.
fn some(mutations: Vec<Mutation>) -> Vec<Mutation> {
    let step = if std::env::var_os("AUDIT_ALL").is_some() { 1 } else { 8 };
    mutations.into_iter().step_by(step).collect()
}

fn every(mutations: Vec<Mutation>, api: &str, title: &str, wanted: bool) {
    let mutations = some(mutations);
    let spec = spec();
    let (rates, wrong) = rates(&mutations, wanted, &|page| reports(&spec, api, page));
    show(title, &rates);
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), mutations.len(), wrong.join("\n"));
}

const PAY: [(&str, &str); 14] = [
    ("60 minutes", "90 minutes"),
    ("15 minutes", "10 minutes"),
    ("than 50 letters", "than 64 letters"),
    ("than 255 letters", "than 200 letters"),
    ("_-:.^@’ can", "_-:.^@~’ can"),
    ("_-:.^@()[]#/!%?&", "_-:.^@()[]#/!%?"),
    ("(\",')", "(\")"),
    ("by 11", "by 10"),
    ("50,000", "30,000"),
    ("16-digit", "15-digit"),
    ("a year has", "two years have"),
    ("TLS 1.2", "TLS 1.3"),
    ("Android 5.0", "Android 8.0"),
    ("version V1 data", "version V2 data"),
];

const ONBOARDING: [(&str, &str); 8] = [
    ("Auth-Token, Client Secret, and Shop ID with", "Client Secret, Auth-Token, and Shop ID with"),
    ("authentication token, secret key, and store", "secret key, authentication token, and store"),
    ("with SHA256", "with SHA512"),
    ("with the SHA-256 algorithm", "with the SHA-1 algorithm"),
    ("1 hour", "2 hours"),
    ("HTTP Status 200", "HTTP Status 204"),
    ("TestTest", "TestOnly"),
    ("1544-7772", "1544-0000"),
];

/// Texts that occur in lines with rules. Harmless edits keep the words of such lines.
const KEPT: [&str; 15] = [
    "PAY_APPROVED",
    "mandatory",
    "autoExecute",
    "V1",
    "numbers",
    "negative",
    "yyyy",
    "transactionId",
    "rounded up",
    "round up",
    "blank",
    "null",
    "indefinitely",
    "multiple",
    "SHA256",
];

#[test]
fn the_toss_pay_page_has_no_unexplained_difference() {
    let Some(page) = page("toss-pay-api.txt") else { return };
    let report = audit(&spec(), "pay", &page);
    println!("{}", report.text(false));
    assert_eq!(report.unexplained().count(), 0, "{}", report.text(false));
    let fields = report.counts.iter().find(|count| count.kind == "fields").expect("there are fields");
    assert_eq!((fields.read, fields.unexplained), (154, 0));
}

#[test]
fn the_onboarding_page_has_no_unexplained_difference() {
    let Some(page) = page("instant-onboarding-api.txt") else { return };
    let report = audit(&spec(), "onboarding", &page);
    println!("{}", report.text(false));
    assert_eq!(report.unexplained().count(), 0, "{}", report.text(false));
    let fields = report.counts.iter().find(|count| count.kind == "fields").expect("there are fields");
    assert_eq!((fields.read, fields.unexplained), (83, 0));
}

#[test]
fn every_change_of_a_rule_on_the_toss_pay_page_is_found() {
    let Some(page) = page("toss-pay-api.txt") else { return };
    every(rules(&page, &PAY), "pay", "changes of rules, pay", true);
}

#[test]
fn every_change_of_a_rule_on_the_onboarding_page_is_found() {
    let Some(page) = page("instant-onboarding-api.txt") else { return };
    every(rules(&page, &ONBOARDING), "onboarding", "changes of rules, onboarding", true);
}

#[test]
fn no_harmless_edit_of_the_toss_pay_page_is_reported() {
    let Some(page) = page("toss-pay-api.txt") else { return };
    every(harmless(&page, &KEPT), "pay", "harmless edits, pay", false);
}

#[test]
fn no_harmless_edit_of_the_onboarding_page_is_reported() {
    let Some(page) = page("instant-onboarding-api.txt") else { return };
    every(harmless(&page, &KEPT), "onboarding", "harmless edits, onboarding", false);
}

#[test]
fn a_page_of_the_other_api_is_rejected() {
    let Some(page) = page("instant-onboarding-api.txt") else { return };
    let saved = Saved::of_text("page", Notation::Text, &page);
    let error = spec().audit(Some("pay"), &saved).expect_err("it is another page").to_string();
    assert!(error.contains("the page documents `onboarding`"), "{error}");
}
