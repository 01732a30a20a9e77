//! Audits of pages that were invented for the purpose: running text and tables, each as text, Markdown and HTML.

use audit::{Audited, Notation, Report, Saved, Spec, audit};
use codegen::regen::Project;
use std::fs;
use std::path::Path;
use tests::mutations::{Mutation, harmless, rates, rules};
use tests::scratch::{Scratch, fixtures};

fn project() -> Project {
    let folder = fixtures().join("audit");
    Project { spec: folder.join("spec"), spec_label: "spec".into(), ..Project::at(&folder) }
}

fn spec() -> Spec {
    match Spec::read(&project()).expect("the spec can be read") {
        Ok(spec) => spec,
        Err((sources, diagnostics)) => panic!("{}", diagnostics.render(&sources, false)),
    }
}

fn page(name: &str) -> String {
    fs::read_to_string(fixtures().join("audit/pages").join(name)).expect("the page is there")
}

fn audited(name: &str, text: &str) -> Report {
    let (api, _) = name.split_once('.').expect("a page has an extension");
    let page = Saved::of_text(name, Notation::of(Path::new(name), text), text);
    spec().audit(Some(api), &page).unwrap_or_else(|error| panic!("{error}"))
}

/// The page with some words replaced, each of which is there.
fn changed(name: &str, changes: &[(&str, &str)]) -> String {
    changes.iter().fold(page(name), |text, (from, to)| {
        assert!(text.contains(from), "{name} has no `{from}`");
        text.replace(from, to)
    })
}

/// What was found, without what is explained: `about: what`.
fn found(report: &Report) -> Vec<String> {
    report.unexplained().map(|found| format!("{}: {} ({:?})", found.about, found.what, found.side)).collect()
}

#[test]
fn the_same_page_in_every_notation_says_the_same() {
    for pages in [["kiosk.txt", "kiosk.md", "kiosk.html"], ["depot.txt", "depot.md", "depot.html"]] {
        let reports = pages.map(|name| audited(name, &page(name)));
        for report in &reports {
            assert_eq!(found(report), [""; 0], "{}", report.text(false));
            assert_eq!(report.counts, reports[0].counts, "{}", report.page);
        }
    }
}

#[test]
fn a_report_is_written_for_people_for_machines_and_for_pull_requests() {
    let text = changed(
        "kiosk.txt",
        &[
            ("ticketNo string mandatory Max Length: 20", "ticketNo string Max Length: 24"),
            ("FIRST First class", "FIRST First class\nNIGHT_COACH Coach with beds"),
            ("30 minutes", "45 minutes"),
            ("holdFor Max", "holdFor string Max"),
            ("SOLD_OUT There is no seat left.\n", ""),
            ("https://kiosk.example/api/lookup", "https://kiosk.example/api/v2/lookup"),
        ],
    );
    let report = audited("kiosk.txt", &text);
    insta::assert_snapshot!("kiosk_text", report.text(true));
    insta::assert_snapshot!("kiosk_json", report.json(false));
    insta::assert_snapshot!("kiosk_markdown", report.markdown(false));
    let text = changed(
        "depot.txt",
        &[
            ("V2 | 2031-03-04", "V3 | 2032-05-06 | 2.5 Added |\nV2 | 2031-03-05"),
            ("weight | Number | N", "height | Number | N"),
            ("Up to 200", "Up to 500"),
            ("\"sent_out\"", "\"SENT_OUT\""),
            ("BLUE_VAN | Blue Van |", "BLUE_VAN | Azure Van |"),
            ("live | https://depot.example", "live | https://depot.example.org"),
            (
                "2.4.2. Response",
                "2.5. Return a parcel\n2.5.1. Request\nDELETE /depot/v1/parcels/{parcelId}\nName | Type | Required | Description |\nreason | String | Y | Why it is returned |\n2.4.2. Response",
            ),
        ],
    );
    insta::assert_snapshot!("depot_text", audited("depot.txt", &text).text(false));
}

#[test]
fn a_change_is_found_in_every_notation() {
    let changes = [
        ("kiosk.md", "Max Length: 6", "Max Length: 9", "sell_ticket.request.price: limit (Both)"),
        ("kiosk.html", "Max Length: 6", "Max Length: 9", "sell_ticket.request.price: limit (Both)"),
        ("kiosk.html", "30 minutes", "31 minutes", "sell_ticket.request.holdFor: statement (Spec)"),
        ("depot.md", "14 days", "15 days", "store_parcel: storage: statement (Spec)"),
        ("depot.html", "<td>Y</td>", "<td>N</td>", "store_parcel.request.sender: requirement (Both)"),
        ("depot.md", "GET /depot", "PUT /depot", "list_parcels: method (Both)"),
        ("depot.html", "FAST: By", "RAPID: By", "store_parcel.request.speed: value (Page)"),
    ];
    for (name, from, to, wanted) in &changes {
        let found = found(&audited(name, &changed(name, &[(from, to)])));
        assert!(found.contains(&(*wanted).to_owned()), "{name}, {from}: {found:?}");
    }
}

#[test]
fn a_quirk_explains_what_the_page_prints_and_nothing_else() {
    let report = audited("kiosk.txt", &page("kiosk.txt"));
    let explained = |about: &str| report.differences.iter().any(|d| d.about == about && d.explained.is_some());
    assert!(explained("sell_ticket.request.holdFor") && explained("sell_ticket.request.receipt"));
    let other = audited("kiosk.txt", &changed("kiosk.txt", &[("boolean Max Length: 5", "boolean Max Length: 6")]));
    assert_eq!(found(&other), ["sell_ticket.request.receipt: limit (Both)"]);
    let mended = audited("kiosk.txt", &changed("kiosk.txt", &[("holdFor Max", "holdFor integer Max")]));
    assert_eq!(found(&mended), ["sell_ticket.request.holdFor: type (Both)"]);
}

#[test]
fn a_renamed_section_is_one_difference_and_not_one_for_each_row() {
    let report = audited("kiosk.txt", &changed("kiosk.txt", &[("\nTicket lookup\n", "\nTicket search\n")]));
    assert_eq!(found(&report), ["find_ticket: heading (Both)"]);
    let report = audited("depot.txt", &changed("depot.txt", &[("2.2. List parcels", "2.2. All parcels")]));
    assert_eq!(found(&report), ["list_parcels: heading (Both)"]);
}

#[test]
fn a_page_that_cannot_be_read_is_an_error_that_says_what_was_looked_for_and_found() {
    let nothing = "<html><body><noscript>Please enable scripts.</noscript></body></html>";
    let other = page("depot.txt");
    for text in [nothing, "", "Ticket sale\n\nComing soon.\n", other.as_str()] {
        let page = Saved::of_text("page", Notation::of(Path::new("page"), text), text);
        let error = spec().audit(Some("kiosk"), &page).expect_err("it is no such page");
        let error = error.to_string();
        assert!(error.contains("looked for the sections `Ticket lookup`, `Ticket sale`"), "{error}");
        assert!(error.contains("found ") && error.contains("rows of fields"), "{error}");
    }
    let scratch = Scratch::empty();
    scratch.put("page.txt", [b'a', 0xff, b'b']);
    let error = audit(&project(), Some("kiosk"), &scratch.path("page.txt")).expect_err("it is no text").to_string();
    assert!(error.contains("looked for text in UTF-8") && error.contains("0xff at offset 1"), "{error}");
}

#[test]
fn an_unknown_api_and_an_absent_page_are_misuse() {
    let page = fixtures().join("audit/pages/kiosk.txt");
    let error = audit(&project(), Some("kiosks"), &page).expect_err("there is no such API").to_string();
    assert!(error.contains("did you mean `kiosk`?") && error.contains("`depot`"), "{error}");
    let error =
        audit(&project(), Some("kiosk"), Path::new("nowhere.txt")).expect_err("there is no such file").to_string();
    assert!(error.contains("nowhere.txt"), "{error}");
}

#[test]
fn a_spec_with_findings_is_not_compared() {
    let scratch = Scratch::empty();
    scratch.copy(&fixtures().join("audit/spec"), "spec");
    scratch.put(
        "spec/kiosk/find_ticket.yaml",
        scratch.text("spec/kiosk/find_ticket.yaml").replace("TicketNo", "TicketNr"),
    );
    let page = fixtures().join("audit/pages/kiosk.txt");
    assert!(matches!(audit(&scratch.project(), Some("kiosk"), &page), Ok(Audited::Findings(..))));
}

fn every(api: &str, mutations: &[Mutation], wanted: bool) {
    let spec = spec();
    let reports = |page: &str| {
        spec.audit(Some(api), &Saved::of_text("page", Notation::Text, page))
            .map_or(true, |report| report.unexplained().next().is_some())
    };
    let (rates, wrong) = rates(mutations, wanted, &reports);
    let (found, all) = rates.values().fold((0, 0), |sum, rate| (sum.0 + rate.0, sum.1 + rate.1));
    println!("{api}: {found} of {all} reported");
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), mutations.len(), wrong.join("\n"));
}

const KIOSK: [(&str, &str); 5] = [
    ("10 minutes", "20 minutes"),
    ("30 minutes", "40 minutes"),
    ("20 letters", "25 letters"),
    ("_-’", "_-.’"),
    ("TLS 1.3", "TLS 1.2"),
];

#[test]
fn every_change_of_a_rule_is_found() {
    every("kiosk", &rules(&page("kiosk.txt"), &KIOSK), true);
    every("depot", &rules(&page("depot.txt"), &[("14 days", "15 days"), ("Status 200", "Status 202")]), true);
}

#[test]
fn no_harmless_edit_is_reported() {
    every("kiosk", &harmless(&page("kiosk.txt"), &["letters"]), false);
    every("depot", &harmless(&page("depot.txt"), &["2.3"]), false);
}
