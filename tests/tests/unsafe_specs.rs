//! Lint rejects specs whose generated clients would draw wrong conclusions about money, or would not compile.

use codegen::project::Project;
use codegen::regen::{Loaded, Outcome, check, regen};
use codegen::source::{SourceFile, Sources};
use std::path::Path;

/// Returns the findings of the spec `shapes/specs/lists` after these changes: file, old text, and new text.
fn findings(changes: &[(&str, &str, &str)]) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("shapes/specs/lists");
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

/// An attempt in progress may add an entry to the list. Therefore the list may change, even if the state of each entry
/// is final.
#[test]
fn list_entries_prove_not_done_only_after_the_acceptance_period() {
    assert_eq!(findings(&[]), "");
    let at_once = [
        ("create_order.yaml", "immediately: { PAID: done }", "immediately: { PAID: done, DECLINED: not_done }"),
        ("create_order.yaml", "{ absent: not_done, DECLINED: not_done }", "{ absent: not_done }"),
    ];
    assert_ne!(findings(&at_once), "");
}

/// If each of two charges has the amount of the request, twice the amount was taken.
#[test]
fn an_amount_of_each_entry_is_not_the_amount_of_the_request() {
    let after = [(
        "create_order.yaml",
        "    binds: { orderNo: orderNo }\n    sums: { amount: [\"charges[].amount\"] }",
        "    binds: { orderNo: orderNo, \"charges[].amount\": amount }",
    )];
    assert_ne!(findings(&after), "");
    let reply = [(
        "create_order.yaml",
        "\"charges[].status\": { is: PAID } }\n  sums: { amount: [\"charges[].amount\"] }",
        "\"charges[].status\": { is: PAID }, \"charges[].amount\": amount }",
    )];
    assert_ne!(findings(&reply), "");
}

/// The generated code compares expected values, and stores them for an outbox. It can neither compare nor store a
/// union.
#[test]
fn a_union_cannot_be_an_expected_value() {
    let union = [
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

/// An outbox stores expected values by their names, so it cannot store two values with the same name.
#[test]
fn a_member_cannot_be_expected_twice() {
    let twice =
        [("create_order.yaml", "    by: ", "    expect: [\"charges[].amount\", \"charges[].amount\"]\n    by: ")];
    assert_ne!(findings(&twice), "");
}

/// The generator derives the name of an expected value from the member's name on the wire, which may be an invalid Rust
/// identifier.
#[test]
fn the_generator_does_not_panic_on_unusual_member_names() {
    for wire in ["3ds", "\u{ae08}\u{c561}"] {
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("odd_names");
        let _ = std::fs::remove_dir_all(&root);
        let (from, to) = (Path::new(env!("CARGO_MANIFEST_DIR")).join("shapes/specs/lists"), root.join("spec/shop"));
        std::fs::create_dir_all(&to).expect("a folder");
        std::fs::create_dir_all(root.join("generated")).expect("a folder");
        for file in ["api.yaml", "create_order.yaml", "get_order.yaml", "types.yaml"] {
            let text = std::fs::read_to_string(from.join(file)).expect("a file");
            let text = match file {
                "create_order.yaml" => text
                    .replace("binds: { orderNo: orderNo }\n    sums: { amount: [\"charges[].amount\"] }", &format!("binds: {{ \"[].orderNo\": orderNo }}\n    sums: {{ amount: [\"[].amount\"] }}\n    expect: [\"[].{wire}\"]"))
                    .replace("by: \"charges[].status\"", "by: \"[].status\"")
                    .replace(", DECLINED: not_done", "")
                    .replace("look_at: [charges]", "look_at: [\"[]\"]"),
                "get_order.yaml" => text
                    .replace("  orderNo: { type: OrderNo, doc: The number. }\n  charges:", "  \"[]\":")
                    .replace("{ list: Charge,", "{ list: Charge, name: charges,")
                    .replace("reply: { orderNo: order-1, charges: [{ amount: 1000, status: PAID }] }", "reply: [{ amount: 1000, status: PAID }]"),
                "types.yaml" => text.replace(
                    "    fields:\n",
                    &format!("    fields:\n      orderNo: {{ type: OrderNo, doc: The number. }}\n      {wire}: {{ type: string, name: named, doc: A text. }}\n"),
                ),
                _ => text,
            };
            std::fs::write(to.join(file), text).expect("a file");
        }
        std::fs::write(root.join("generated/Cargo.toml"), "").expect("a file");
        match std::panic::catch_unwind(|| regen(&Project::at(&root), false).expect("the specs can be read")) {
            // Generated code and findings are both accepted results. Only a panic is a failure.
            Ok(Outcome::Done(_) | Outcome::Findings(..)) => {}
            Err(_) => panic!("the generator panics on `{wire}`"),
        }
    }
}

/// The generated code would not compile, because objects and unions cannot be compared. They also have one type in
/// requests and another type in replies.
#[test]
fn an_object_cannot_be_bound() {
    const ADDRESS: &str =
        "objects:\n  Address:\n    doc: An address.\n    fields:\n      street: { type: string, doc: The street. }\n";
    let object = [
        ("create_order.yaml", "request:\n", "request:\n  address: { type: Address, doc: Where. }\n"),
        ("create_order.yaml", "reply:\n", "reply:\n  address: { type: Address, doc: Where. }\n"),
        ("create_order.yaml", "  binds: { orderNo: orderNo, \"", "  binds: { orderNo: orderNo, address: address, \""),
        ("types.yaml", "objects:\n", ADDRESS),
    ];
    assert_ne!(findings(&object), "");
}

/// Another section of the manual refers to the paragraph "Members of lists", so this paragraph must exist.
#[test]
fn the_manual_describes_members_of_lists() {
    let manual = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/generator.md"));
    let manual = manual.expect("the manual");
    assert!(manual.contains("\"Members of lists\" below"), "no section refers to the paragraph");
    assert!(manual.contains("**Members of lists.**") && manual.contains("`repeats_nothing: true`"));
    assert_eq!(manual.matches("An operation can have `bodies:` of its own.").count(), 1);
}
