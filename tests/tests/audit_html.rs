//! Tests of audits of the Toss Pay documentation, in the HTML that the provider publishes in English and in Korean. The
//! unchanged pages have no unexplained difference. An audit reports every changed rule, and no harmless edit.
//!
//! The pages are beside the checkout, or in the folder that `AUDIT_PAGES` names. Without them, the tests are skipped.
//! By default, the tests try every fifth change of a page.
//! `AUDIT_ALL=1 cargo test -p tests --test all -- audit_html:: --nocapture` tries every change.

use audit::{Notation, Report, Saved, Spec, Stated};
use codegen::project::Project;
use tests::html_mutations::Html;
use tests::mutations::{Mutation, rates};
use tests::pages::{bytes, page};
use tests::temp_project::repository;

const ENGLISH: &str = "toss-pay-api.en.html";
const KOREAN: &str = "toss-pay-api.ko-2024-11.html";

fn spec() -> Spec {
    Spec::read(&Project::at(&repository())).expect("the spec can be read").expect("the spec is sound")
}

fn html(text: &str) -> Saved {
    Saved::of_text("page.html", Notation::Html, text)
}

fn audit(spec: &Spec, page: &Saved) -> Report {
    spec.audit(None, page).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn the_pages_as_published_have_no_unexplained_difference() {
    let spec = spec();
    for name in [ENGLISH, KOREAN] {
        let Some(page) = bytes(name) else { continue };
        let report = audit(&spec, &Saved::of_bytes(name, &page).expect("it can be read"));
        assert_eq!(report.unexplained().count(), 0, "{}", report.text(false));
        let fields = report.counts.iter().find(|count| count.kind == "fields").expect("there are fields");
        assert_eq!((fields.read, fields.unexplained), (154, 0), "{name}");
    }
}

fn stated(spec: &Spec, page: &Saved) -> Vec<(String, &'static str, String)> {
    let facts = spec.facts(Some("pay"), page).expect("it is a page of this API");
    let mut found: Vec<_> = facts.into_iter().map(|Stated { about, what, value, .. }| (about, what, value)).collect();
    found.sort();
    found
}

#[test]
fn text_and_html_of_the_english_page_state_the_same() {
    let (Some(text), Some(published)) = (page("toss-pay-api.txt"), page(ENGLISH)) else { return };
    let spec = spec();
    let of_text = stated(&spec, &Saved::of_text("page.txt", Notation::Text, &text));
    let of_html = stated(&spec, &html(&published));
    let only = |a: &[(String, &'static str, String)], b: &[(String, &'static str, String)]| {
        a.iter().filter(|fact| !b.contains(fact)).cloned().collect::<Vec<_>>()
    };
    assert_eq!(only(&of_text, &of_html), [], "facts only in the text");
    assert_eq!(only(&of_html, &of_text), [], "facts only in the HTML");
    assert_eq!(of_text.len(), of_html.len());
    println!("{} facts in both", of_html.len());
}

#[test]
fn the_real_changes_between_revisions_are_found_and_nothing_else() {
    let names = ["toss-pay-api.ko-2023-10.html", "toss-pay-api.ko-2024-04.html", KOREAN];
    let [Some(first), Some(second), Some(third)] = names.map(page) else { return };
    let spec = spec();
    let changed = |a: &str, b: &str| {
        let report = spec.compare_pages(None, &html(a), &html(b)).expect("both can be read");
        report.differences.iter().map(|found| format!("{}: {}", found.about, found.what)).collect::<Vec<_>>()
    };
    assert_eq!(
        changed(&second, &third),
        [
            "토스페이 API 소개: statement",
            "result_callback.body.transactionId: limit",
            "execute_payment.reply.transactionId: limit",
            "refund_payment.reply.transactionId: limit",
            "payment_status.reply.card: type",
            "payment_status.reply.transactionId: limit",
        ]
    );
    assert_eq!(changed(&first, &first), [""; 0]);
    let older = changed(&first, &second);
    let has = |wanted: &str| assert!(older.iter().any(|found| found == wanted), "{wanted}: {older:#?}");
    has("create_payment.request.resultCallback: limit");
    has("create_payment.request.expiredTime: statement");
    has("create_payment.request.cashReceipt: default");
    has("refund_payment.reply.cardNumber: row");
    has("payment_status.reply.transactions: row");
    has("payment_status.reply.discountAmount: row");
}

/// Checks that an audit reports each of the changes, or none of them if `wanted` is `false`. Tries every fifth change,
/// which takes seconds. If `AUDIT_ALL` is set, tries every change.
fn every(name: &str, mutations: Vec<Mutation>, wanted: bool, least: usize) {
    assert!(mutations.len() >= least, "{} changes of {name}", mutations.len());
    let step = if std::env::var_os("AUDIT_ALL").is_some() { 1 } else { 5 };
    let mutations: Vec<Mutation> = mutations.into_iter().step_by(step).collect();
    let spec = spec();
    let reports =
        |page: &str| spec.audit(Some("pay"), &html(page)).map_or(true, |found| found.unexplained().next().is_some());
    let (rates, wrong) = rates(&mutations, wanted, &reports);
    let (found, all) = rates.values().fold((0, 0), |sum, rate| (sum.0 + rate.0, sum.1 + rate.1));
    println!("{name}: {found} of {all} reported");
    for (kind, (found, all)) in &rates {
        println!("  {kind:18} {found:4} of {all:4}");
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), mutations.len(), wrong.join("\n"));
}

#[test]
fn every_change_of_a_rule_on_the_english_page_is_found() {
    let Some(page) = page(ENGLISH) else { return };
    let statements = [
        ("60 minutes", "90 minutes"),
        ("15 minutes", "10 minutes"),
        ("_-:.^@’ can", "_-:.^@~’ can"),
        ("(\",')", "(\")"),
        ("by 11", "by 10"),
        ("50,000", "30,000"),
        ("16-digit", "15-digit"),
        ("Android 5.0", "Android 8.0"),
        ("jdk 1.8", "jdk 11"),
    ];
    every("rules, English", Html::new(&page, "mandatory").rules(&statements), true, 400);
}

#[test]
fn every_change_of_a_rule_on_the_korean_page_is_found() {
    let Some(page) = page(KOREAN) else { return };
    let statements = [
        ("50자", "64자"),
        ("2년이 지난", "3년이 지난"),
        ("255자", "200자"),
        ("최대 60분", "최대 90분"),
        ("기본값 15분", "기본값 10분"),
        ("_-:.^@'만", "_-:.^@~'만"),
        ("11로 나눈", "10으로 나눈"),
        ("5만원 미만", "3만원 미만"),
        ("16자리", "15자리"),
        ("1년 경과", "2년 경과"),
        ("Safari 12", "Safari 14"),
        ("iOS 15", "iOS 16"),
    ];
    every("rules, Korean", Html::new(&page, "필수").rules(&statements), true, 400);
}

#[test]
fn no_harmless_edit_of_the_english_page_is_reported() {
    let Some(page) = page(ENGLISH) else { return };
    every("harmless, English", Html::new(&page, "mandatory").harmless("This sentence was added."), false, 200);
}

#[test]
fn no_harmless_edit_of_the_korean_page_is_reported() {
    let Some(page) = page(KOREAN) else { return };
    every("harmless, Korean", Html::new(&page, "필수").harmless("이 문장은 나중에 추가되었습니다."), false, 200);
}

fn encoded(text: &str) -> Vec<(&'static str, Vec<u8>)> {
    let wide = |to: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(to).collect::<Vec<u8>>();
    let quoted: String = text
        .bytes()
        .map(|b| if b == b'=' || b >= 0x80 { format!("={b:02X}") } else { (b as char).to_string() })
        .collect();
    let message = format!(
        "From: <Saved by Blink>\r\nSubject: API\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related; type=\"text/html\"; \
         boundary=\"----x----\"\r\n\r\n------x----\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: \
         quoted-printable\r\n\r\n{quoted}\r\n------x----\r\nContent-Type: text/css\r\n\r\np {{}}\r\n------x------\r\n"
    );
    vec![
        ("UTF-8 with a mark", [&[0xef, 0xbb, 0xbf], text.as_bytes()].concat()),
        ("UTF-16LE with a mark", [vec![0xff, 0xfe], wide(u16::to_le_bytes)].concat()),
        ("UTF-16BE with a mark", [vec![0xfe, 0xff], wide(u16::to_be_bytes)].concat()),
        ("UTF-16LE without a mark", wide(u16::to_le_bytes)),
        ("MHTML", message.into_bytes()),
    ]
}

#[test]
fn a_page_in_another_encoding_has_no_differences() {
    let spec = spec();
    for name in [ENGLISH, KOREAN] {
        let Some(text) = page(name) else { continue };
        for (how, bytes) in encoded(text.trim_start()) {
            let saved = Saved::of_bytes("page", &bytes).unwrap_or_else(|error| panic!("{name}, {how}: {error}"));
            let report = audit(&spec, &saved);
            assert_eq!(report.unexplained().count(), 0, "{name}, {how}: {}", report.text(false));
        }
    }
}

fn changed(page: &str, changes: &[(&str, &str)]) -> String {
    changes.iter().fold(page.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "the page has no `{from}`");
        text.replace(from, to)
    })
}

fn found(spec: &Spec, page: &str) -> Vec<String> {
    let report = audit(spec, &html(page));
    report.unexplained().map(|found| format!("{}: {}", found.about, found.what)).collect()
}

#[test]
fn a_renamed_heading_is_one_note_and_its_section_is_still_compared() {
    let spec = spec();
    if let Some(page) = page(ENGLISH) {
        let renamed = changed(&page, &[("Payment result callback (resultCallback)", "Messages to your server")]);
        assert_eq!(found(&spec, &renamed), ["result_callback: heading"]);
        let renamed =
            changed(&page, &[("<h3>Payment refund", "<h3>Money back"), ("<h3>Payment Generation", "<h3>Create")]);
        assert_eq!(found(&spec, &renamed), ["create_payment: heading", "refund_payment: heading"]);
    }
    if let Some(page) = page(KOREAN) {
        let renamed = changed(&page, &[("결제 결과 callback (resultCallback)", "결과 전송")]);
        assert_eq!(found(&spec, &renamed), ["result_callback: heading"]);
    }
}

#[test]
fn other_words_for_types_limits_requirements_and_labels_are_no_difference() {
    let Some(page) = page(KOREAN) else { return };
    let spec = spec();
    for changes in [
        &[
            ("\"type\">string", "\"type\">문자열"),
            ("\"type\">integer", "\"type\">숫자"),
            ("Max Length: ", "최대 길이: "),
        ][..],
        &[("필수</font>", "(필수)</font>")],
        &[("<h4>response</h4>", "<h4>응답 파라미터</h4>"), ("<h4>parameters</h4>", "<h4>요청 파라미터</h4>")],
        &[("<h4>response</h4>", "<h4>돌아오는 값</h4>")],
        &[("<h4>endpoint</h4>", "<h4>요청 URL</h4>")],
        &[("<td>", "<th>"), ("</td>", "</th>")],
    ] {
        let text = changed(&page, changes);
        assert_eq!(found(&spec, &text), [""; 0], "{changes:?}");
    }
}

#[test]
fn a_page_in_an_unknown_language_is_compared_by_its_facts_and_the_rest_is_counted() {
    let Some(page) = page(KOREAN) else { return };
    // Japanese letters replace the Korean ones, so that every word of the page is unknown.
    let other: String = page.chars().map(|c| if ('가'..='힣').contains(&c) { 'あ' } else { c }).collect();
    let other = other
        .replace("ああ</font>", "必須</font>")
        .replace("<font color=#c25300>必須", "<font color=#c25300>mandatory");
    let other = other.replace("HTTP ああ ああ", "HTTP Response Code");
    let report = audit(&spec(), &html(&other));
    let not_judged: usize = report.counts.iter().map(|count| count.not_judged).sum();
    assert!(not_judged > 40, "{}", report.text(false));
    // The words for `default` and `or` are unknown on that page. The quirks of the spec do not explain the limits on
    // that page, because they describe the page in another language.
    let facts = ["limit", "type", "default", "row"];
    let words: Vec<_> = report.unexplained().filter(|found| !facts.contains(&found.what)).collect();
    assert!(words.is_empty(), "{}", report.text(false));
}
