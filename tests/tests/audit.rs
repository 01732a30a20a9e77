//! Tests of audits with two invented pages. One page describes its fields in running text, and the other in tables.
//! Each page exists as plain text, Markdown and HTML. An audit reports every changed rule, and no harmless edit.

use audit::{Audited, Notation, Report, Saved, Spec, audit};
use codegen::project::Project;
use std::fs;
use std::path::Path;
use tests::mutations::{Mutation, harmless, rates, rules};
use tests::temp_project::{TempProject, fixtures};

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

fn changed(name: &str, changes: &[(&str, &str)]) -> String {
    changes.iter().fold(page(name), |text, (from, to)| {
        assert!(text.contains(from), "{name} has no `{from}`");
        text.replace(from, to)
    })
}

/// Returns the differences that no quirk explains, each as `about: what (side)`.
fn found(report: &Report) -> Vec<String> {
    report.unexplained().map(|found| format!("{}: {} ({:?})", found.about, found.what, found.side)).collect()
}

#[test]
fn every_notation_of_a_page_yields_the_same_facts() {
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
fn a_quirk_explains_only_the_values_that_the_page_prints() {
    let report = audited("kiosk.txt", &page("kiosk.txt"));
    let explained = |about: &str| report.differences.iter().any(|d| d.about == about && d.explained.is_some());
    assert!(explained("sell_ticket.request.holdFor") && explained("sell_ticket.request.receipt"));
    let other = audited("kiosk.txt", &changed("kiosk.txt", &[("boolean Max Length: 5", "boolean Max Length: 6")]));
    assert_eq!(found(&other), ["sell_ticket.request.receipt: limit (Both)"]);
    let mended = audited("kiosk.txt", &changed("kiosk.txt", &[("holdFor Max", "holdFor integer Max")]));
    assert_eq!(found(&mended), ["sell_ticket.request.holdFor: type (Both)"]);
}

#[test]
fn a_row_with_one_changed_property_is_reported_for_that_property_only() {
    // A quirk of the spec describes this row as the page prints it: without a type, and with the limit 4.
    for (to, wanted) in [
        ("holdFor Max Length: 6", "sell_ticket.request.holdFor: limit (Both)"),
        ("holdFor mandatory Max Length: 4", "sell_ticket.request.holdFor: requirement (Both)"),
    ] {
        let report = audited("kiosk.txt", &changed("kiosk.txt", &[("holdFor Max Length: 4", to)]));
        assert_eq!(found(&report), [wanted], "{}", report.text(false));
    }
    // The type changes from boolean to text, and the limit stays.
    let changes = [("receipt boolean Max Length: 5", "receipt string Max Length: 5")];
    let report = audited("kiosk.txt", &changed("kiosk.txt", &changes));
    assert_eq!(found(&report), ["sell_ticket.request.receipt: type (Both)"], "{}", report.text(false));
    // The type changes from text to boolean. The quirk about limits of booleans does not explain the changed type.
    let changes = [("coach string Max Length: 6", "coach boolean Max Length: 6")];
    let report = audited("kiosk.txt", &changed("kiosk.txt", &changes));
    assert_eq!(found(&report), ["sell_ticket.request.coach: type (Both)"], "{}", report.text(false));
}

#[test]
fn a_removed_row_whose_rule_is_still_on_the_page_is_one_difference() {
    let text = page("depot.txt");
    let line = text.lines().find(|line| line.starts_with("sender | String | Y")).expect("it is there");
    let report = audited("depot.txt", &text.replacen(&format!("{line}\n"), "", 1));
    assert_eq!(found(&report), ["store_parcel.request.sender: row (Both)"], "{}", report.text(false));
}

#[test]
fn a_new_field_of_a_message_is_a_member_of_its_body() {
    let row = "<tr><td>parcelId</td>";
    let page = page("depot.html");
    let at = page.find("2.4. Parcel news").expect("it is there");
    let at = at + page[at..].find(row).expect("it has this row");
    let new = "<tr><td>weighedAt</td><td>String</td><td>When it was weighed</td></tr>";
    let report = audited("depot.html", &format!("{}{new}{}", &page[..at], &page[at..]));
    assert_eq!(found(&report), ["parcel_news.body.weighedAt: row (Page)"], "{}", report.text(false));
}

/// Audits a page with this description of a field. Returns those `page_words` of the field that the description lacks.
fn missing(page_words: &[&str], description: &str) -> Vec<String> {
    let scratch = TempProject::empty();
    scratch.copy(&fixtures().join("audit/spec"), "spec");
    let words = serde_json::to_string(page_words).expect("texts are JSON");
    let file = "spec/kiosk/sell_ticket.yaml";
    scratch.put(file, scratch.text(file).replace("[30 minutes]", &words));
    let text = changed("kiosk.txt", &[("Time for which the seat is held, 30 minutes at the most", description)]);
    let spec = Spec::read(&scratch.project()).expect("the spec can be read").expect("the spec is sound");
    let report = spec.audit(Some("kiosk"), &Saved::of_text("kiosk.txt", Notation::Text, &text)).expect("its page");
    let statements = report.unexplained().filter(|found| found.what == "statement");
    statements.filter_map(|found| found.spec.clone()).collect()
}

#[test]
fn page_words_are_found_in_any_wording_and_numbers_and_signs_are_compared_exactly() {
    let order = "Auth-Token … Client Secret … Shop ID";
    for (words, text) in [
        ("60 minutes", "It may last for at most 60 minutes."),
        ("60 minutes", "A 60-minute limit"),
        ("60 minutes", "the maximum is \u{2018}60\u{a0}minutes\u{2019}"),
        ("_-:.^@", "Only \u{2018}letters such as _-:.^@\u{2019} can be used."),
        ("_-", "such as \u{2018}_-\u{2019}."),
        ("(\",')", "marks (\u{201c},\u{2019}), and"),
        (order, "It is made of the Auth-Token, the Client Secret and the Shop ID"),
        (order, "first the auth-token and then the client secret, at last the shop ID"),
        ("50자", "주문번호는 50자 이내여야 하고, '숫자, 특수문자 _-:.^@'만 필수값으로"),
        ("필수", "주문번호는 50자 이내여야 하고, '숫자, 특수문자 _-:.^@'만 필수값으로"),
        ("2년", "2년이 지난 번호, true로 설정"),
        ("true", "2년이 지난 번호, true로 설정"),
        ("307a…", "secret 307a52ff"),
    ] {
        assert_eq!(missing(&[words], text), [""; 0], "{text}");
    }
    for (words, text) in [
        ("60 minutes", "at most 90 minutes"),
        ("60 minutes", "at most 60 seconds"),
        ("_-:.^@", "such as _-:.^@~ can be used"),
        ("_-:.^@", "such as _-:.^ can be used"),
        ("_-", "such as \u{2018}_-.\u{2019} here"),
        (order, "It is made of the Client Secret, the Auth-Token and the Shop ID"),
        (order, "It is made of the Auth-Token, the Shop ID and the Client Secret"),
        ("50자", "150자 이내"),
        ("15분", "기본값 10분"),
        ("_-:.^@", "특수문자 _-:.^@~'만"),
        ("307a…", "secret 407a52ff"),
    ] {
        assert_eq!(missing(&[words], text), [words], "{text}");
    }
    // Page words that a field lists twice must occur twice.
    assert_eq!(missing(&["1 year", "1 year"], "1 year after"), ["1 year"]);
    assert_eq!(missing(&["1 year", "1 year"], "1 year after that, 1 year"), [""; 0]);
}

#[test]
fn headings_that_got_a_number_are_the_same_headings() {
    let changes = [("<h2>Ticket sale", "<h2>4. Ticket sale"), ("<h2>Ticket lookup", "<h2>5) Ticket lookup")];
    let report = audited("kiosk.html", &changed("kiosk.html", &changes));
    assert_eq!(found(&report), [""; 0], "{}", report.text(false));
    let changes = [("<h2>HTTP Response Codes", "<h2>3. HTTP Response Codes")];
    let report = audited("kiosk.html", &changed("kiosk.html", &changes));
    assert_eq!(found(&report), [""; 0], "{}", report.text(false));
}

#[test]
fn a_renamed_section_is_one_difference_and_not_one_for_each_row() {
    let report = audited("kiosk.txt", &changed("kiosk.txt", &[("\nTicket lookup\n", "\nTicket search\n")]));
    assert_eq!(found(&report), ["find_ticket: heading (Both)"]);
    let report = audited("depot.txt", &changed("depot.txt", &[("2.2. List parcels", "2.2. All parcels")]));
    assert_eq!(found(&report), ["list_parcels: heading (Both)"]);
}

#[test]
fn an_unreadable_page_is_an_error_with_the_expected_and_the_found_sections() {
    let nothing = "<html><body><noscript>Please enable scripts.</noscript></body></html>";
    let other = page("depot.txt");
    for text in [nothing, "", "Ticket sale\n\nComing soon.\n", other.as_str()] {
        let page = Saved::of_text("page", Notation::of(Path::new("page"), text), text);
        let error = spec().audit(Some("kiosk"), &page).expect_err("the page cannot be audited");
        let error = error.to_string();
        assert!(error.contains("looked for the sections `Ticket lookup`, `Ticket sale`"), "{error}");
        assert!(error.contains("found ") && error.contains("rows of fields"), "{error}");
    }
    let scratch = TempProject::empty();
    scratch.put("page.txt", [b'a', 0xff, b'b']);
    let error = audit(&project(), Some("kiosk"), &scratch.path("page.txt")).expect_err("it is no text").to_string();
    assert!(error.contains("expected text in UTF-8") && error.contains("0xff at offset 1"), "{error}");
}

#[test]
fn an_unknown_api_and_a_missing_page_are_errors_with_a_hint() {
    let page = fixtures().join("audit/pages/kiosk.txt");
    let error = audit(&project(), Some("kiosks"), &page).expect_err("there is no such API").to_string();
    assert!(error.contains("did you mean `kiosk`?") && error.contains("`depot`"), "{error}");
    let error =
        audit(&project(), Some("kiosk"), Path::new("nowhere.txt")).expect_err("there is no such file").to_string();
    assert!(error.contains("nowhere.txt"), "{error}");
}

#[test]
fn a_spec_with_findings_is_not_compared() {
    let scratch = TempProject::empty();
    scratch.copy(&fixtures().join("audit/spec"), "spec");
    scratch.put(
        "spec/kiosk/find_ticket.yaml",
        scratch.text("spec/kiosk/find_ticket.yaml").replace("TicketNo", "TicketNr"),
    );
    let page = fixtures().join("audit/pages/kiosk.txt");
    assert!(matches!(audit(&scratch.project(), Some("kiosk"), &page), Ok(Audited::Findings(..))));
}

/// Creates a project, and inserts each suggestion of a report at its location.
fn with_suggestions(report: &Report) -> TempProject {
    let scratch = TempProject::empty();
    scratch.copy(&fixtures().join("audit/spec"), "spec");
    // The suggestion with the highest line number is inserted first, so that the other line numbers stay valid.
    let mut suggested: Vec<_> = (report.unexplained())
        .filter_map(|found| Some((found.at.clone()?, found.suggestion.clone()?, found.what)))
        .map(|(at, suggestion, what)| {
            let (file, line) = at.rsplit_once(':').expect("a place has a line");
            (file.to_owned(), line.parse::<usize>().expect("it is a number"), suggestion, what)
        })
        .collect();
    suggested.sort_by_key(|(file, line, ..)| (file.clone(), std::cmp::Reverse(*line)));
    for (file, line, suggestion, what) in suggested {
        if what == "section" {
            let id = suggestion.lines().find_map(|line| line.strip_prefix("operation: ")).expect("it has an id");
            let folder = file.rsplit_once('/').expect("it is in a folder").0;
            scratch.put(&format!("{folder}/{id}.yaml"), suggestion + "\n");
            continue;
        }
        let text = scratch.text(&file);
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let at = lines[line - 1].clone();
        let indent = at.len() - at.trim_start().len();
        let inside = at.trim_end().ends_with(':');
        let child = " ".repeat(if inside { indent + 2 } else { indent });
        let after = |n: &usize| lines[*n].trim().is_empty() || lines[*n].len() - lines[*n].trim_start().len() <= indent;
        let end = if inside { line } else { (line..lines.len()).find(after).unwrap_or(lines.len()) };
        let new: Vec<String> = suggestion.lines().map(|line| format!("{child}{line}")).collect();
        lines.splice(end..end, new);
        scratch.put(&file, lines.join("\n") + "\n");
    }
    scratch
}

#[test]
fn inserted_suggestions_pass_all_lints_and_remove_the_differences() {
    let kiosk = changed(
        "kiosk.txt",
        &[
            (
                "price integer mandatory Max Length: 6",
                "seatName string Max Length: 12\nWhat is on the seat: row, and letter.\nwithPet boolean Max Length: 5\nWhether “a pet” comes along\nprice integer mandatory Max Length: 6",
            ),
            ("FIRST First class", "FIRST First class\nNIGHT_COACH Coach: with beds, #1"),
            ("North 1", "North 1\nFar East 7"),
            ("SOLD_OUT There is no seat left.", "SOLD_OUT There is no seat left.\nNO_TRAIN {There} is: none at all"),
            ("msg string Max Length: 100", "gateNo integer Max Length: 3\nThe gate\nmsg string Max Length: 100"),
            ("401\n", "401\n"),
        ][..5],
    );
    let depot = changed(
        "depot.txt",
        &[
            ("V2 | 2031-03-04", "V3 | 2032-05-06 | 2.5 Added: \"returns\" |\nV2 | 2031-03-04"),
            (
                "weight | Number | N | Weight in grams |",
                "weight | Number | N | Weight in grams |\nheight | Number | N | In cm: up |\nlabels | JSON Array | N | Labels |",
            ),
            ("- FAST: By plane", "- FAST: By plane\n- NIGHT_MAIL: By night"),
            (
                "live | https://depot.example |",
                "live | https://depot.example |\nstaging | https://depot-staging.example |",
            ),
            (
                "2.4.2. Response",
                "2.5. Return a parcel\n2.5.1. Request\nDELETE /depot/v1/parcels/{parcelId}/returns\nName | Type | Required | Description |\nreason | String | Y | Why it: is returned |\n2.4.2. Response",
            ),
        ],
    );
    for (name, text, least) in [("kiosk.txt", kiosk, 6), ("depot.txt", depot, 6)] {
        let report = audited(name, &text);
        let found: Vec<_> = report.unexplained().collect();
        assert!(found.len() >= least && found.iter().all(|found| found.suggestion.is_some()), "{}", report.text(false));
        for sentence in ["a pet", "none at all", "row, and letter", "with beds", "is returned", "In cm"] {
            let suggested =
                found.iter().any(|found| found.suggestion.as_ref().is_some_and(|text| text.contains(sentence)));
            assert!(!suggested, "a suggestion copies `{sentence}` from the page");
        }
        let scratch = with_suggestions(&report);
        let spec = match Spec::read(&scratch.project()).expect("the spec can be read") {
            Ok(spec) => spec,
            Err((sources, diagnostics)) => panic!("{}", diagnostics.render(&sources, false)),
        };
        let page = Saved::of_text(name, Notation::Text, &text);
        let audited_again = spec.audit(None, &page).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(self::found(&audited_again), [""; 0], "{}", audited_again.text(false));
    }
}

#[test]
fn a_renamed_part_of_a_page_is_no_difference_and_a_missing_part_is_one() {
    for (from, to) in [("\nresponse\n", "\nwhat comes back\n"), ("\nresponse\n", "\nparameters\n")] {
        let report = audited("kiosk.txt", &changed("kiosk.txt", &[(from, to)]));
        assert_eq!(found(&report), [""; 0], "{}", report.text(false));
    }
    let page = page("kiosk.html");
    let start = page.find("PARAMETERS").expect("there are some");
    let end = start + page[start..].to_lowercase().find("response").expect("it is there");
    let end = page[..end].rfind('<').expect("a tag");
    let report = audited("kiosk.html", &format!("{}{}", &page[..start], &page[end..]));
    let about = found(&report);
    assert_eq!(about.len(), 1, "{about:?}");
    assert!(about[0].starts_with("sell_ticket.request: table of fields"), "{about:?}");
}

#[test]
fn without_an_api_name_the_page_determines_the_api() {
    let spec = spec();
    let saved = |text: &str| Saved::of_text("page.txt", Notation::Text, text);
    assert_eq!(spec.audit(None, &saved(&page("kiosk.txt"))).expect("it is a page of one API").api, "kiosk");
    assert_eq!(spec.audit(None, &saved(&page("depot.txt"))).expect("it is a page of one API").api, "depot");
    let both = format!("{}\n\n{}", page("kiosk.txt"), page("depot.txt"));
    let error = spec.audit(None, &saved(&both)).expect_err("it has the pages of two APIs").to_string();
    assert!(error.contains("documents `depot` and `kiosk`") && error.contains("--api"), "{error}");
    let error = spec
        .audit(None, &saved("Some guide\n\nRead this first.\n"))
        .expect_err("it is not a page of an API")
        .to_string();
    assert!(error.contains("documents no API") && error.contains("`depot`, `kiosk`"), "{error}");
}

#[test]
fn each_of_several_pages_of_one_api_is_judged_by_its_own_sections() {
    let scratch = TempProject::empty();
    scratch.copy(&fixtures().join("audit/spec"), "spec");
    let file = "spec/kiosk/find_ticket.yaml";
    let of_page = "page: { section: Ticket lookup, document: lookup }";
    scratch.put(file, scratch.text(file).replace("page: { section: Ticket lookup }", of_page));
    let spec = Spec::read(&scratch.project()).expect("the spec can be read").expect("the spec is sound");
    let whole = page("kiosk.txt");
    let (first, second) = whole.split_at(whole.find("\nTicket lookup\n").expect("it is there"));
    let audit = |text: &str| {
        let page = Saved::of_text("page.txt", Notation::Text, text);
        found(&spec.audit(None, &page).unwrap_or_else(|error| panic!("{error}")))
    };
    assert_eq!(audit(first), [""; 0]);
    assert_eq!(audit(second), [""; 0]);
    assert_eq!(audit(&whole), [""; 0]);
    let shorter =
        second.replace("ticketNo string mandatory Max Length: 20", "ticketNo string mandatory Max Length: 24");
    assert_eq!(audit(&shorter), ["find_ticket.request.ticketNo: limit (Both)"]);
    // The audit reports that the page lacks a heading of the spec.
    let without = first.replace("\nTicket sale\n", "\nTicket talk\n");
    assert_eq!(audit(&without), ["sell_ticket: heading (Both)"]);
}

#[test]
fn a_new_mandatory_field_in_html_within_markdown_is_found() {
    let text = page("depot.md");
    let at = text.find("## 2.2").or_else(|| text.find("2.2.")).expect("there is a second section");
    let at = text[..at].rfind('\n').expect("a line");
    let table = "\n### 2.1.3. Request\n\n<table>\n<tr><th>Name</th><th>Type</th><th>Required</th><th>Description</th></tr>\n<tr><td>customs</td><td>String</td><td>Y</td><td>For the customs</td></tr>\n</table>\n";
    let report = audited("depot.md", &format!("{}{table}{}", &text[..at], &text[at..]));
    assert!(found(&report).contains(&"store_parcel.request.customs: row (Page)".to_owned()), "{}", report.text(false));
}

#[test]
fn two_copies_of_a_page_are_compared_independently_of_the_spec() {
    let spec = spec();
    let before = Saved::of_text("old.txt", Notation::Text, &page("kiosk.txt"));
    let text = changed(
        "kiosk.txt",
        &[
            ("30 minutes", "45 minutes"),
            ("ticketNo string mandatory Max Length: 20", "ticketNo string mandatory Max Length: 24"),
            ("FIRST First class", "FIRST First class\nNIGHT_COACH Beds"),
            ("msg string Max Length: 100\nMessage for a failed response\n", ""),
        ],
    );
    let after = Saved::of_text("new.txt", Notation::Text, &text);
    let report = spec.compare_pages(None, &before, &after).expect("both can be read");
    insta::assert_snapshot!("baseline_text", report.text(false));
    assert!(report.markdown(false).starts_with("## Changes of `new.txt` since `old.txt`"));
    // The comparison finds no changed facts between two notations of the same page.
    let html = Saved::of_text("new.html", Notation::Html, &page("kiosk.html"));
    let report = spec.compare_pages(None, &before, &html).expect("both can be read");
    let facts: Vec<_> = report.differences.iter().filter(|found| found.what != "statement").collect();
    assert!(facts.is_empty(), "{}", report.text(false));
}

#[test]
fn a_suggested_operation_is_named_by_its_path_or_its_parameters() {
    for (target, id) in [
        ("/depot/v1/parcels/{parcelId}/giveBack", "post_parcels_give_back"),
        ("/{parcelId}", "post_by_parcel_id"),
        ("/v1", "post_root"),
    ] {
        let new = format!("2.5. Further\n2.5.1. Request\nPOST {target}\n");
        let report = audited("depot.txt", &changed("depot.txt", &[("2.4.2. Response", &(new + "2.4.2. Response"))]));
        let suggestions: Vec<_> = report.unexplained().filter_map(|found| found.suggestion.as_deref()).collect();
        let line = format!("\noperation: {id}\n");
        assert!(suggestions.iter().any(|suggestion| suggestion.contains(&line)), "{id}: {suggestions:#?}");
    }
}

/// Returns the changes between two texts of a page that documents no API of the specs, each as `about: what (side)`.
fn changes_of_unknown_page(before: &str, after: &str) -> Vec<String> {
    let [before, after] = [before, after].map(|text| Saved::of_text("page.md", Notation::Markdown, text));
    found(&spec().compare_pages(None, &before, &after).expect("both can be read"))
}

#[test]
fn an_added_row_of_an_unknown_api_is_one_change() {
    let page = "## Orders\n\nPOST /orders\n\n### Request\n\nseatNo string mandatory Max Length: 4\nThe seat\n";
    let more = format!("{page}\nfare number mandatory Max Length: 9\nThe fare\n");
    assert_eq!(changes_of_unknown_page(page, &more), ["POST /orders.request.fare: row (Page)"]);
    assert_eq!(changes_of_unknown_page(&more, page), ["POST /orders.request.fare: row (Spec)"]);
}

#[test]
fn a_changed_limit_is_found_although_the_name_of_an_added_row_begins_the_name_of_its_row() {
    let page = |limit: &str, more: &str| {
        let row = format!("cardNo or billNo\n\nstring mandatory Max Length: {limit}\n\nThe number\n");
        format!("## Orders\n\nPOST /orders\n\n### Request\n\n{row}{more}")
    };
    let added = page("12", "\ncardNo string mandatory Max Length: 8\nThe card\n");
    assert_eq!(
        changes_of_unknown_page(&page("16", ""), &added),
        ["POST /orders.request.cardNo or billNo: limit (Both)", "POST /orders.request.cardNo: row (Page)"]
    );
}

#[test]
fn a_changed_number_is_found_although_another_section_with_a_longer_name_states_it() {
    let page = "## Pay\n\nPOST /pay\n\nThe order is kept for 30 minutes.\n\n\
                ## Cancel\n\nPOST /pay_cancel\n\n### Request\n\nnote string Max Length: 45\nA note\n";
    let changed = page.replace("30 minutes", "45 minutes");
    assert_eq!(changes_of_unknown_page(page, &changed), ["POST /pay: statement (Both)"]);
}

#[test]
fn hostile_pages_are_rejected_or_read_in_time() {
    let pages: [(&str, String); 14] = [
        ("page.md", "]{".repeat(200_000) + "]{.x"),
        ("page.md", "-- --\n".repeat(50_000)),
        ("page.md", "::: x\n".repeat(50_000) + &"[".repeat(50_000)),
        ("page.txt", format!("{} word\n", "x".repeat(70)).repeat(20_000)),
        ("page.html", format!("<h2>Ticket sale</h2><h3>Parameters</h3><ul>{}", "<li>aB: x".repeat(2_000))),
        ("page.html", "<div>".repeat(100_000)),
        ("page.html", format!("<table>{}", "<tr><td>x</td></tr>".repeat(400_000))),
        (
            "page.html",
            format!(
                "<table>{}",
                format!("<tr>{}</tr>", "<td rowspan=65534 colspan=1000>x</td>".repeat(20)).repeat(200)
            ),
        ),
        ("page.html", (0..900).map(|n| format!("<font color={n}>")).collect::<String>() + &"<p>x".repeat(20_000)),
        ("page.html", format!("<table>{}", "<b>x</b>".repeat(50_000))),
        ("page.html", "<table><tr><td>".repeat(150)),
        ("page.md", format!("{}x\n{}x\n{}", "> ".repeat(3000), "- ".repeat(2000), "[".repeat(20_000))),
        ("page.txt", "a\tb\n".repeat(50_000)),
        ("page.txt", "x | y ".repeat(50_000)),
    ];
    let spec = spec();
    for (n, (name, text)) in pages.iter().enumerate() {
        let start = std::time::Instant::now();
        let saved = Saved::of_bytes(name, text.as_bytes()).expect("it is text");
        let error = spec.audit(Some("kiosk"), &saved).expect_err("the page cannot be audited").to_string();
        assert!(!error.is_empty());
        assert!(start.elapsed().as_secs() < 20, "page {n} took {:?}", start.elapsed());
    }
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
