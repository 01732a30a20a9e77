//! Hostile review: specs that lint accepts, and whose clients conclude too much or do not compile.

use codegen::project::Project;
use codegen::regen::{Loaded, check};
use codegen::source::{SourceFile, Sources};
use std::path::Path;

/// Returns the findings of the spec `hostile_lists` with these replacements in its files.
fn findings(changes: &[(&str, &str, &str)]) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("specs/hostile_lists");
    let files = ["api.yaml", "create_order.yaml", "get_order.yaml", "types.yaml"].map(|path| {
        let mut text = std::fs::read_to_string(folder.join(path)).expect("a file");
        for (_, from, to) in changes.iter().filter(|(file, _, _)| *file == path) {
            assert!(text.contains(from), "{path} lacks {from}");
            text = text.replacen(from, to, 1);
        }
        SourceFile { folder: "shop".into(), path: path.into(), text, undecoded: None }
    });
    match check(Sources(files.into(), Vec::new()), &Project::at(Path::new("nowhere"))).expect("the specs can be read") {
        Loaded::Sound(_) => String::new(),
        Loaded::Findings(sources, diagnostics) => diagnostics.render(&sources, false),
    }
}

/// An attempt that is under way may add an entry to the list, so that a final state of all entries is not final.
#[test]
fn not_done_from_the_entries_of_a_list_holds_only_once_nothing_can_be_accepted() {
    assert_ne!(findings(&[]), "");
    let after = [
        ("create_order.yaml", "immediately: { PAID: done, DECLINED: not_done }", "immediately: { PAID: done }"),
        ("create_order.yaml", "{ absent: not_done }", "{ absent: not_done, DECLINED: not_done }"),
    ];
    assert_eq!(findings(&after), "");
}

/// Each of two charges has the amount of the request, so that twice the amount was taken.
#[test]
fn an_amount_of_each_entry_is_not_the_amount_of_the_request() {
    let after = [
        ("create_order.yaml", "immediately: { PAID: done, DECLINED: not_done }", "immediately: { PAID: done }"),
        (
            "create_order.yaml",
            "    binds: { orderNo: orderNo }\n    sums: { amount: [\"charges[].amount\"] }",
            "    binds: { orderNo: orderNo, \"charges[].amount\": amount }",
        ),
    ];
    assert_ne!(findings(&after), "");
    let reply = [
        after[0],
        (
            "create_order.yaml",
            "\"charges[].status\": { is: PAID } }\n  sums: { amount: [\"charges[].amount\"] }",
            "\"charges[].status\": { is: PAID }, \"charges[].amount\": amount }",
        ),
    ];
    assert_ne!(findings(&reply), "");
}

/// The generated code compares the value of a union, which has no comparison, and stores it for an outbox.
#[test]
fn a_union_cannot_be_an_expected_value() {
    let union = [
        ("create_order.yaml", "immediately: { PAID: done, DECLINED: not_done }", "immediately: { PAID: done }"),
        ("create_order.yaml", "    by: ", "    expect: [event]\n    by: "),
        ("get_order.yaml", "  charges: {", "  event: { type: Event, doc: The last event. }\n  charges: {"),
        (
            "types.yaml",
            "objects:\n",
            "unions:\n  Event: { doc: What happened., by: kind, cases: { PAID: Paid, BACK: Back } }\n\nobjects:\n  Paid: { \
             doc: Paid., fields: { kind: { type: string, fixed: PAID, doc: The kind. } } }\n  Back: { doc: Back., fields: \
             { kind: { type: string, fixed: BACK, doc: The kind. } } }\n",
        ),
    ];
    assert_ne!(findings(&union), "");
}

/// An outbox stores the expected values by name, and cannot store two with one name.
#[test]
fn a_member_is_expected_once() {
    let twice = [
        ("create_order.yaml", "immediately: { PAID: done, DECLINED: not_done }", "immediately: { PAID: done }"),
        ("create_order.yaml", "    by: ", "    expect: [\"charges[].amount\", \"charges[].amount\"]\n    by: "),
    ];
    assert_ne!(findings(&twice), "");
}
