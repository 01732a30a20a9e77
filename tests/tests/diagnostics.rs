//! Tests of the diagnostics of an invalid spec. Every mistake is reported with its file and line and with a hint, and
//! never by a panic.
//!
//! Each lint has a folder in `fixtures/lints/`, or in `fixtures/procedures/lints/` if it is about outcomes and
//! callbacks. `fail/` and `pass/` contain only the files that differ from the small valid spec in `fixtures/base/` or
//! `fixtures/procedures/base/`. `findings.snap` contains the diagnostics of `fail/`.

use codegen::lint_registry::Lint;
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use tests::temp_project::{TempProject, files_below, fixtures};

fn roots() -> [PathBuf; 2] {
    [fixtures().join("lints"), fixtures().join("procedures/lints")]
}

fn folders() -> Vec<(String, PathBuf)> {
    let folders = roots().into_iter().flat_map(|root| {
        fs::read_dir(&root).expect("the fixtures can be read").map(move |entry| {
            let name = entry.expect("the fixtures can be read").file_name().to_string_lossy().into_owned();
            (name.clone(), root.join(name))
        })
    });
    let mut folders: Vec<_> = folders.collect();
    folders.sort();
    folders
}

fn with_fixture(folder: &std::path::Path, kind: &str) -> TempProject {
    let scratch = if folder.starts_with(&roots()[1]) { TempProject::procedures() } else { TempProject::base() };
    scratch.copy(&folder.join(kind), "spec");
    scratch
}

#[test]
fn the_bases_of_all_fixtures_pass_all_lints() {
    assert_eq!(TempProject::base().findings(), (vec![], String::new()));
    assert_eq!(TempProject::procedures().findings(), (vec![], String::new()));
}

#[test]
fn every_lint_has_a_failing_and_a_passing_fixture() {
    let known: Vec<&str> = Lint::ALL.iter().map(|lint| lint.name()).collect();
    assert!(known.is_sorted(), "the registry is not sorted by name");
    assert_eq!(known, folders().iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>());
    for (lint, folder) in folders() {
        for kind in ["fail", "pass"] {
            let folder = folder.join(kind);
            assert!(folder.is_dir() && !files_below(&folder).is_empty(), "{lint}/{kind} has no files");
        }
    }
}

/// Returns `true` if the lint `found` may also report findings in a failing fixture of `lint`. A wrong name or type may
/// also break `unsafe-conclusion`, and a wrong conclusion may break several lints.
fn is_beside(found: &str, lint: &str) -> bool {
    let others = ["acceptance-window", "contradictory-state", "premature-conclusion"];
    found != lint && (found == "unsafe-conclusion" || (lint == "unsafe-conclusion" && others.contains(&found)))
}

#[test]
fn every_failing_fixture_breaks_its_own_lint_and_no_other() {
    let mut wrong = Vec::new();
    for (lint, folder) in folders() {
        let (found, text) = with_fixture(&folder, "fail").findings();
        let found: BTreeSet<&str> = found.into_iter().filter(|found| !is_beside(found, &lint)).collect();
        if found != BTreeSet::from([lint.as_str()]) {
            wrong.push(format!("{lint} reports {found:?}:\n{text}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_passing_fixture_has_no_findings() {
    let mut wrong = Vec::new();
    for (lint, folder) in folders() {
        let (found, text) = with_fixture(&folder, "pass").findings();
        if found.into_iter().any(|found| !is_beside(found, &lint)) {
            wrong.push(format!("{lint}:\n{text}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_finding_has_its_line_and_a_hint() {
    for (_, folder) in folders() {
        let (_, text) = with_fixture(&folder, "fail").findings();
        insta::with_settings!({
            snapshot_path => &folder,
            prepend_module_to_snapshot => false,
            omit_expression => true,
        }, {
            insta::assert_snapshot!("findings", text);
        });
    }
}

#[test]
fn ten_mistakes_in_three_files_are_shown_in_one_run() {
    let scratch = TempProject::base();
    scratch.copy(&fixtures().join("ten_mistakes"), "spec");
    let (found, text) = scratch.findings();
    assert_eq!(found.len(), 10, "{text}");
    insta::assert_snapshot!(text);
}

fn findings_of(operation: impl AsRef<[u8]>) -> String {
    let scratch = TempProject::base();
    scratch.put("spec/shop/create_order.yaml", operation);
    scratch.findings().1
}

#[test]
fn invalid_yaml_is_reported_at_the_position_of_the_error() {
    insta::assert_snapshot!("no_yaml", findings_of("operation: create_order\nrequest: { orderNo: [1, 2 }\n"));
    insta::assert_snapshot!("prose", findings_of("Please add an operation.\nIt is urgent: today!\nThanks.\n"));
    insta::assert_snapshot!("open_quote", findings_of("operation: create_order\nsummary: \"Places an order.\n"));
}

#[test]
fn an_empty_file_is_reported_with_the_missing_keys() {
    insta::assert_snapshot!("empty", findings_of(""));
    insta::assert_snapshot!("blank_lines", findings_of("\n\n\n"));
}

#[test]
fn a_file_of_comments_is_reported_with_the_missing_keys() {
    insta::assert_snapshot!(findings_of("# operation: create_order\n# Later.\n"));
}

#[test]
fn a_list_instead_of_a_mapping_is_reported_with_the_missing_keys() {
    insta::assert_snapshot!(findings_of("- operation: create_order\n- summary: Places an order.\n"));
}

#[test]
fn an_empty_operation_is_reported_with_its_missing_keys() {
    insta::assert_snapshot!(findings_of("operation:\n"));
}

#[test]
fn a_second_document_in_a_file_is_rejected() {
    let base = TempProject::base().text("spec/shop/create_order.yaml");
    insta::assert_snapshot!(findings_of(format!("{base}---\noperation: another\n")));
}

#[test]
fn a_tab_as_indentation_is_shown() {
    insta::assert_snapshot!(findings_of("operation: create_order\nrecovery:\n\tclass: never\n"));
}

#[test]
fn a_deeply_nested_file_is_rejected_without_a_crash() {
    let lists = "[".repeat(20_000);
    for text in [lists.clone(), format!("operation: create_order\nrequest: {lists}")] {
        let said = findings_of(&text);
        assert!(said.contains("error[yaml-syntax]: Not YAML"), "{}", said.chars().take(500).collect::<String>());
    }
    let closed = format!("operation: create_order\nrequest: {}{}\n", "[".repeat(5_000), "]".repeat(5_000));
    let said = findings_of(closed);
    assert!(said.contains("recursion limit"), "{}", said.chars().take(500).collect::<String>());
}

#[test]
fn a_byte_order_mark_is_not_part_of_the_text() {
    let base = TempProject::base().text("spec/shop/create_order.yaml");
    assert_eq!(findings_of(format!("\u{feff}{base}")), "");
    let wrong = base.replacen("page: ", "pagee: ", 1);
    assert_eq!(findings_of(format!("\u{feff}{wrong}")), findings_of(wrong));
}

#[test]
fn windows_line_ends_change_nothing() {
    let base = TempProject::base().text("spec/shop/create_order.yaml");
    assert_eq!(findings_of(base.replace('\n', "\r\n")), "");
    let wrong = base.replace("max: 7 digits", "max: 7 apples");
    assert_ne!(findings_of(&wrong), "");
    assert_eq!(findings_of(wrong.replace('\n', "\r\n")), findings_of(wrong));
}

#[test]
fn every_repeated_key_is_reported_with_its_first_occurrence() {
    let text = TempProject::base().text("spec/shop/create_order.yaml");
    let text = text.replace("summary: Places an order.\n", "summary: Places an order.\nsummary: Orders.\n");
    let text = text.replace("reply:\n", "reply:\n  status: { type: OrderStatus, type: string, doc: Anything. }\n");
    insta::assert_snapshot!(findings_of(text));
}

#[test]
fn multiplying_aliases_are_rejected_immediately() {
    let mut text = TempProject::base().text("spec/shop/create_order.yaml");
    text.push_str("  - title: too much\n    request:\n      a: &a [x, x, x, x, x, x, x, x, x, x]\n");
    for (name, of) in ["b", "c", "d", "e", "f", "g", "h", "i"].iter().zip(["a", "b", "c", "d", "e", "f", "g", "h"]) {
        text.push_str(&format!("      {name}: &{name} [{}]\n", vec![format!("*{of}"); 10].join(", ")));
    }
    let start = std::time::Instant::now();
    insta::assert_snapshot!(findings_of(text));
    assert!(start.elapsed() < std::time::Duration::from_secs(5), "it took {:?}", start.elapsed());
}

#[test]
fn a_file_in_another_encoding_is_one_finding_regardless_of_its_definitions() {
    let types = TempProject::base().text("spec/shop/types.yaml");
    let korean = types.replace("doc: How the goods travel.", "doc: 배송 방법.");
    let utf_16 = |mark: &[u8], bytes: fn(u16) -> [u8; 2]| {
        [mark, &korean.encode_utf16().flat_map(bytes).collect::<Vec<_>>()].concat()
    };
    // Old editors save Korean in EUC-KR.
    let euc_kr = types.replace("doc: How the goods travel.", "doc: %.").into_bytes();
    let at = euc_kr.iter().position(|byte| *byte == b'%').expect("the text is in the file");
    let euc_kr = [&euc_kr[..at], b"\xb9\xe8\xbc\xdb", &euc_kr[at + 1..]].concat();
    for (bytes, name, line) in [
        (euc_kr, "EUC-KR (CP949)", 10),
        (utf_16(b"\xff\xfe", u16::to_le_bytes), "UTF-16", 1),
        (utf_16(b"\xfe\xff", u16::to_be_bytes), "UTF-16", 1),
        (utf_16(b"", u16::to_le_bytes), "UTF-16", 1),
        (
            types
                .replace("travel.", "travel")
                .replace("Paid.", "caf%")
                .replace('%', "\u{e9}")
                .chars()
                .map(|c| c as u8)
                .collect(),
            "Latin-1",
            19,
        ),
    ] {
        let scratch = TempProject::base();
        scratch.put("spec/shop/types.yaml", bytes);
        let (found, text) = scratch.findings();
        assert_eq!(found, ["foreign-encoding"], "{name}: {text}");
        assert!(text.contains(name) && text.contains(&format!("types.yaml:{line}:")), "{name}: {text}");
    }
}

#[test]
fn korean_text_does_not_shift_line_and_column_of_a_later_finding() {
    let base = TempProject::base().text("spec/shop/create_order.yaml");
    let korean = base.replace("doc: The number.", "doc: \"주문 번호. 숫자와 글자로 된 값입니다.\"");
    let place = |text: String| {
        let said = findings_of(text.replace("errors:\n", "errors: [\n"));
        said.lines().find(|line| line.contains("-->")).map(str::to_owned)
    };
    assert_ne!(place(base.clone()), None);
    assert_eq!(place(korean), place(base));
}

#[test]
fn characters_that_only_look_like_yaml_are_named_with_their_line() {
    let base = TempProject::base().text("spec/shop/create_order.yaml");
    for (old, new, named, line) in [
        ("summary: Places", "summary： Places", "U+FF1A FULLWIDTH COLON", 4),
        ("operation: create_order", "operation： create_order", "U+FF1A FULLWIDTH COLON", 2),
        ("orderNo: { type: OrderNo, mandatory", "orderNo： { type: OrderNo, mandatory", "U+FF1A FULLWIDTH COLON", 8),
        ("amount: { type: won", "amount: { type： won", "U+FF1A FULLWIDTH COLON", 9),
        ("type: won, mandatory", "type: won， mandatory", "U+FF0C FULLWIDTH COMMA", 9),
        ("amount: { type: won", "amount: ｛ type: won", "U+FF5B FULLWIDTH LEFT CURLY BRACKET", 9),
        ("summary: Places an order.", "summary: “Places: an order.”", "U+201C LEFT DOUBLE QUOTATION MARK", 4),
        ("  delivery:", "\u{a0}\u{a0}delivery:", "U+00A0 NO-BREAK SPACE", 10),
        ("  delivery:", "\u{3000}delivery:", "U+3000 IDEOGRAPHIC SPACE", 10),
        ("delivery: {", "delivery:\u{a0}{", "U+00A0 NO-BREAK SPACE", 10),
        ("default: PARCEL", "default:\u{a0}PARCEL", "U+00A0 NO-BREAK SPACE", 10),
    ] {
        assert!(base.contains(old), "{old}");
        let scratch = TempProject::base();
        scratch.put("spec/shop/create_order.yaml", base.replacen(old, new, 1));
        let (found, text) = scratch.findings();
        assert_eq!(found, ["lookalike-character"], "{new}: {text}");
        assert!(text.contains(named) && text.contains(&format!("create_order.yaml:{line}:")), "{new}: {text}");
    }
}

#[test]
fn invisible_characters_are_named_with_their_line_at_any_position() {
    let base = TempProject::base().text("spec/shop/create_order.yaml");
    for (c, named) in [
        ('\u{202e}', "U+202E RIGHT-TO-LEFT OVERRIDE"),
        ('\u{2066}', "U+2066 LEFT-TO-RIGHT ISOLATE"),
        ('\u{200b}', "U+200B ZERO WIDTH SPACE"),
        ('\u{feff}', "U+FEFF ZERO WIDTH NO-BREAK SPACE"),
        ('\u{ad}', "U+00AD SOFT HYPHEN"),
        ('\u{2060}', "U+2060 WORD JOINER"),
        ('\u{3164}', "U+3164 HANGUL FILLER"),
        ('\u{2028}', "U+2028 LINE SEPARATOR"),
        ('\u{85}', "U+0085 NEXT LINE"),
        ('\u{0}', "U+0000 NULL"),
        ('\u{1b}', "U+001B ESCAPE"),
        ('\r', "U+000D CARRIAGE RETURN"),
    ] {
        for (old, line) in [("price", 9), ("orderNo: order-1", 22), ("mandatory", 8), ("ecovery", 5)] {
            let scratch = TempProject::base();
            let (before, after) = old.split_at(3);
            scratch.put("spec/shop/create_order.yaml", base.replacen(old, &format!("{before}{c}{after}"), 1));
            let (found, text) = scratch.findings();
            assert_eq!(found, ["hidden-character"], "{named} in {old}: {text}");
            assert!(text.contains(named) && text.contains(&format!("create_order.yaml:{line}:")), "{text}");
        }
    }
    // An escaped character is a finding too, because the generated documentation would contain the character.
    for (escape, named) in [("\\u202E", "U+202E RIGHT-TO-LEFT OVERRIDE"), ("\\r", "U+000D CARRIAGE RETURN")] {
        let said = findings_of(base.replace("doc: The price.", &format!("doc: \"The {escape}price.\"")));
        assert!(said.contains(named) && said.contains("create_order.yaml:9:"), "{said}");
    }
}

#[test]
fn a_file_with_cr_line_ends_is_one_finding() {
    let base = TempProject::base().text("spec/shop/create_order.yaml");
    let scratch = TempProject::base();
    scratch.put("spec/shop/create_order.yaml", base.replace('\n', "\r"));
    let (found, text) = scratch.findings();
    assert_eq!(found, ["hidden-character"], "{text}");
    assert!(text.contains("Lines end in LF or CRLF"), "{text}");
}

#[test]
fn a_letter_of_another_alphabet_in_a_key_is_named() {
    for (old, new, lint) in [
        ("summary:", "summ\u{430}ry:", "unknown-key"),
        ("mandatory: true", "mandat\u{43e}ry: true", "unknown-key"),
        ("operation:", "\u{43e}peration:", "file-kind"),
    ] {
        let (found, text) = changed("create_order.yaml", old, new);
        assert!(found.contains(&lint), "{text}");
        let letter = u32::from(new.chars().find(|c| !c.is_ascii()).unwrap());
        assert!(text.contains(&format!("(U+{letter:04X}) is not an ASCII letter")), "{text}");
    }
}

#[test]
fn a_text_in_decomposed_unicode_is_a_finding_because_it_differs_from_the_pages_text() {
    for (old, new) in [
        ("The price.", "\u{110c}\u{116e}\u{1106}\u{116e}\u{11ab}"),
        ("The price.", "The cafe\u{301}'s price."),
        ("The price.", "\u{30ab}\u{3099}"),
    ] {
        let (found, text) = changed("create_order.yaml", old, new);
        assert_eq!(found, ["lookalike-character"], "{text}");
        assert!(text.contains("Unicode NFD") && text.contains("save the file in NFC"), "{text}");
    }
    let (found, text) = changed("create_order.yaml", "The price.", "주문 café ガ");
    assert_eq!(found, [""; 0], "{text}");
}

#[test]
fn other_mistakes_beside_an_invisible_character_are_reported_too() {
    let base = TempProject::base().text("spec/shop/create_order.yaml");
    let scratch = TempProject::base();
    let both = base.replace("The price.", "The pri\u{200b}ce.").replace("max: 100 characters", "max: 100 apples");
    scratch.put("spec/shop/create_order.yaml", both);
    let (found, text) = scratch.findings();
    assert_eq!(found, ["hidden-character", "limit-unit"], "{text}");
}

#[test]
fn a_spec_without_files_is_an_error() {
    let scratch = TempProject::empty();
    std::fs::create_dir(scratch.path("spec")).expect("the folder can be made");
    let error = codegen::regen::load(&scratch.project()).expect_err("there is nothing to read");
    assert!(error.to_string().contains("no spec files"), "{error}");
}

fn changed(file: &str, old: &str, new: &str) -> (Vec<&'static str>, String) {
    let scratch = TempProject::base();
    let path = format!("spec/shop/{file}");
    let text = scratch.text(&path);
    assert!(text.contains(old), "{file} has no {old:?}");
    scratch.put(&path, text.replacen(old, new, 1));
    scratch.findings()
}

#[test]
fn a_text_that_looks_like_a_number_stays_a_text_beside_a_mistake() {
    let quirk = "quirks:\n  - { at: page, page_says: 30 or 50., we_read: 30., because: yes }\n  - { at: page, page_says: 1e5, we_read: 0x1F }\n";
    let scratch = TempProject::base();
    let text = scratch
        .text("spec/shop/create_order.yaml")
        .replace("page: { section: Create an order }", "page: { section: 3.10, version: 2024 }");
    scratch.put("spec/shop/create_order.yaml", format!("{text}{quirk}surprise: true\n"));
    assert_eq!(scratch.findings().0, ["unknown-key"]);
}

#[test]
fn null_is_not_an_empty_list() {
    let errors = "errors:\n  OUT_OF_STOCK: { means: Nothing is left., advice: tell_purchaser }\n";
    // The finding is the same if another text of the file, such as `version: 2024`, looks like a number.
    for version in ["", ", version: 2024"] {
        for nothing in ["~", "null"] {
            let scratch = TempProject::base();
            let text = scratch.text("spec/shop/create_order.yaml");
            let text = text.replace("section: Create an order }", &format!("section: Create an order{version} }}"));
            assert!(text.contains(errors));
            scratch.put("spec/shop/create_order.yaml", text.replace(errors, &format!("errors: {nothing}\n")));
            assert_eq!(scratch.findings().0, ["wrong-value"], "errors: {nothing}{version}");
        }
    }
}

#[test]
fn one_misspelled_word_is_one_problem() {
    for (old, new, lint) in [
        ("sensitivity: secret", "sensitivity: sceret", "unknown-word"),
        ("sensitivity: secret", "sensitivity: hush", "unknown-word"),
        ("sensitivity: secret", "sensitvity: secret", "unknown-key"),
        ("sensitivity: secret", "sensitivity: [secret]", "wrong-value"),
        ("doc: The merchant's key.", "dco: The merchant's key.", "unknown-key"),
        ("doc: The merchant's key., ", "", "missing-key"),
        ("max: 20 characters", "max: 20 charcters", "limit-unit"),
        ("PAID: { means: Paid., next: [] }", "PAID: { next: [] }", "missing-key"),
        ("enums:", "enms:", "unknown-key"),
    ] {
        let (found, text) = changed("types.yaml", old, new);
        assert_eq!(found, [lint], "{new}:\n{text}");
    }
}

#[test]
fn a_nonexistent_type_is_one_problem_even_if_its_field_is_compared() {
    for (file, from, to) in [
        ("pay/refund_payment.yaml", "type: RefundNo", "type: date_time"),
        ("pay/refund_payment.yaml", "payToken: { type: PayToken", "payToken: { type: PayTokn"),
        ("pay/result_callback.yaml", "orderNo: { type: OrderNo", "orderNo: { type: OrderNumber"),
    ] {
        assert_eq!(findings_of_changed(file, from, to), ["unknown-type"], "{file}: {to}");
    }
}

#[test]
fn an_unreadable_file_is_one_problem_regardless_of_its_definitions() {
    let (found, text) = changed("types.yaml", "scalars:\n", "scalars: {\n");
    assert_eq!(found, ["yaml-syntax"], "{text}");
    let scratch = TempProject::procedures();
    let types = scratch.text("spec/shop/types.yaml").replacen("scalars:\n", "scalars: {\n", 1);
    scratch.put("spec/shop/types.yaml", types);
    let (found, text) = scratch.findings();
    assert_eq!(found, ["yaml-syntax"], "{text}");
}

#[test]
fn a_misspelled_key_of_the_api_hides_no_other_finding() {
    for (old, new) in [("title: Shop", "tilte: Shop"), ("timeouts:", "timeout:"), ("base_urls:", "base_ulrs:")] {
        let scratch = TempProject::base();
        let api = scratch.text("spec/shop/api.yaml").replacen(old, new, 1);
        scratch.put("spec/shop/api.yaml", api.replace("default_stage: live", "default_stage: lvie"));
        let order = scratch.text("spec/shop/create_order.yaml").replace("type: Delivery", "type: Delivry");
        scratch.put("spec/shop/create_order.yaml", order);
        let (found, text) = scratch.findings();
        let found: BTreeSet<&str> = found.into_iter().collect();
        assert_eq!(found, BTreeSet::from(["default-stage", "unknown-key", "unknown-type"]), "{text}");
    }
}

#[test]
fn a_missing_key_of_the_api_hides_no_other_finding() {
    let page = "page: { section: Introduction }\n";
    let credentials = "credentials:\n  shop_key: { type: ShopKey, doc: Issued to each merchant. }\n";
    for missing in ["title: Shop\n", page, "bodies: [json]\n", credentials] {
        let scratch = TempProject::base();
        let api = scratch.text("spec/shop/api.yaml").replacen(missing, "", 1);
        scratch.put("spec/shop/api.yaml", api.replace("default_stage: live", "default_stage: lvie"));
        let (found, text) = scratch.findings();
        assert_eq!(found, ["missing-key", "default-stage"], "{text}");
    }
}

#[test]
fn a_number_that_is_too_large_is_reported_at_its_position() {
    let (found, text) = changed("create_order.yaml", "amount: 1000", "amount: 99999999999999999999");
    assert_eq!(found, ["wrong-value"], "{text}");
    assert!(text.contains("This number is too large"), "{text}");
}

#[test]
fn an_action_that_is_no_valid_rust_name_is_a_finding_and_no_panic() {
    let scratch = TempProject::base();
    let types = fs::read_to_string(fixtures().join("base/shop/types.yaml")).expect("the base can be read");
    let changed = types.replacen("next:", "allows: [\"do it!\"], next:", 1);
    assert_ne!(types, changed, "the spec in `base` has no such status");
    scratch.put("spec/shop/types.yaml", &changed);
    assert_eq!(scratch.findings().0, ["identifier"]);
}

fn is_noticed(file: &str, from: &str, to: &str) -> bool {
    !findings_of_changed(file, from, to).is_empty()
}

/// Returns the lints that a changed copy of the real spec breaks.
fn findings_of_changed(file: &str, from: &str, to: &str) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let spec = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec");
    for api in ["pay", "onboarding"] {
        std::fs::create_dir_all(folder.path().join("spec").join(api)).unwrap();
        for entry in std::fs::read_dir(spec.join(api)).unwrap() {
            let name = format!("{api}/{}", entry.unwrap().file_name().to_str().unwrap());
            let mut text = std::fs::read_to_string(spec.join(&name)).unwrap();
            if name == file {
                assert!(text.contains(from), "{file}: {from}");
                text = text.replacen(from, to, 1);
            }
            std::fs::write(folder.path().join("spec").join(&name), text).unwrap();
        }
    }
    let project = codegen::project::Project::at(folder.path());
    match codegen::regen::load(&project).unwrap() {
        codegen::regen::Loaded::Sound(_) => Vec::new(),
        codegen::regen::Loaded::Findings(sources, diagnostics) => {
            let text = diagnostics.render(&sources, false);
            let named = |line: &str| Some(line.strip_prefix("error[")?.split_once(']')?.0.to_owned());
            text.lines().filter_map(named).collect()
        }
    }
}

#[test]
fn lint_reports_every_change_that_makes_a_wrong_conclusion_possible() {
    let (execute, refund, create) = ("pay/execute_payment.yaml", "pay/refund_payment.yaml", "pay/create_payment.yaml");
    let (callback, returned) = ("pay/result_callback.yaml", "pay/purchaser_return.yaml");
    let paid = "values: [PAY_COMPLETE, SETTLEMENT_COMPLETE]";
    let silent: Vec<String> = [
        // After these edits, a resolution would conclude "done" although nothing was paid or everything was refunded.
        (execute, "PAY_CANCEL: not_done", "PAY_CANCEL: done"),
        (execute, "REFUND_PROGRESS: reversed", "REFUND_PROGRESS: done"),
        (execute, "REFUND_SUCCESS: reversed", "REFUND_SUCCESS: done"),
        (execute, "SETTLEMENT_REFUND_COMPLETE: reversed", "SETTLEMENT_REFUND_COMPLETE: done"),
        (execute, "SETTLEMENT_REFUND_COMPLETE: reversed", "SETTLEMENT_REFUND_COMPLETE: not_done"),
        (execute, "PAY_CANCEL: not_done", "PAY_CANCEL: not_done\n      PAY_APPROVED: reversed"),
        (execute, "PAY_CANCEL: not_done", "PAY_CANCEL: not_done\n      PAY_PROGRESS: reversed"),
        (execute, "    in_full: { values: [PAY_COMPLETE], amount: amount }\n", ""),
        (execute, "[PAY_COMPLETE], amount: amount", "[PAY_COMPLETE], amount: refundableAmount"),
        (execute, "remaining: refundableAmount", "remaining: amountVat"),
        (execute, "expect: [amount]", "expect: [discountedAmount]"),
        // After these edits, a resolution could charge twice.
        (execute, "class: ask_first", "class: resend"),
        (execute, "repeats: 1", "repeats: 5"),
        (execute, "    repeat_needs: [orderNo]\n", ""),
        // After these edits, a client would accept evidence about another payment or about a test payment.
        (execute, "  moves_money: true\n", ""),
        (
            execute,
            "  binds: { payToken: payToken, orderNo: orderNo }\n  environment",
            "  binds: { orderNo: orderNo }\n  environment",
        ),
        (execute, "    environment: mode\n", ""),
        (
            execute,
            "  binds: { payToken: payToken, orderNo: orderNo }\n  environment: mode\n",
            "  binds: { payToken: payToken }\n",
        ),
        (execute, "  identity: [payToken]\n", ""),
        (refund, "refundNo: refundNo, ", ""),
        (refund, ", refundedAmount: { magnitude_of: amount }", ""),
        (refund, "magnitude_of: amount", "magnitude_of: amountTaxFree"),
        (refund, "identity: [payToken, refundNo]", "identity: [payToken]"),
        (refund, "  moves_money: true\n", ""),
        // After these edits, a resolution would conclude "not done" although the refund took effect.
        (refund, "    unchanged: { refundableAmount: amount }\n", ""),
        (refund, "unchanged: { refundableAmount: amount }", "unchanged: { amount: amount }"),
        (refund, "PAY_CANCEL: not_done", "PAY_CANCEL: not_done, SETTLEMENT_REFUND_COMPLETE: not_done"),
        // After these edits, a client would accept evidence about an earlier payment.
        (create, "    not_before: createdTs\n", ""),
        (create, "      amount: amount\n", ""),
        (create, "PAY_CANCEL: reversed", "PAY_CANCEL: done"),
        (create, "absent: [TRANSACTION_NOT_FOUND]", "absent: [COMMON_SYSTEM_ERROR]"),
        // After these edits, a client would confirm a payment that is not paid, or refute one that is paid.
        (callback, paid, "values: [PAY_COMPLETE, SETTLEMENT_COMPLETE, PAY_PROGRESS]"),
        (callback, paid, "values: [PAY_COMPLETE, SETTLEMENT_COMPLETE, SETTLEMENT_REFUND_COMPLETE]"),
        (callback, "  environment: mode\n", ""),
        (callback, "expect: [orderNo, amount]", "expect: [orderNo]"),
        (callback, "remaining: refundableAmount", "remaining: amount"),
        (callback, "refuting_values: [REFUND_SUCCESS]", "refuting_values: [REFUND_SUCCESS, REFUND_PROGRESS]"),
        (callback, "refuting_values: [PAY_CANCEL]", "refuting_values: [PAY_CANCEL, SETTLEMENT_REFUND_COMPLETE]"),
        (callback, "amount: amount }\n  expect", "amount: paidAmount }\n  expect"),
        (returned, "expect: [orderNo, amount]", "expect: [orderNo]"),
        (returned, "  environment: mode\n", ""),
        ("onboarding/registration_callback.yaml", "shopId: shopId, mid: mid", "shopId: shopId"),
        ("onboarding/delete_store_id.yaml", "match: not_done", "match: done"),
        ("onboarding/delete_store.yaml", "others: done", "others: done, match: done"),
        (
            "onboarding/create_store.yaml",
            "businessRegistrationNumber: shopBusinessRegistrationNumber }\n    immediately",
            "companyName: shopName }\n    immediately",
        ),
        // After this edit, a client would report a rejection although the request may have taken effect.
        ("pay/api.yaml", "The service failed., outcome: unknown", "The service failed., outcome: rejected"),
    ]
    .into_iter()
    .filter(|(file, from, to)| !is_noticed(file, from, to))
    .map(|(file, from, to)| format!("{file}: {from:?} -> {to:?}"))
    .collect();
    assert!(silent.is_empty(), "{} are silent:\n{}", silent.len(), silent.join("\n"));
}
