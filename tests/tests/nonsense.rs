//! Nonsense that a spec can say in good form: each case changes the small sound spec in one place, and is refused
//! there, by the lint it belongs to and by no other.

use tests::scratch::Scratch;

const TYPES: &str = "types.yaml";
const ORDER: &str = "create_order.yaml";

/// What is said when this stands in the place of that.
fn changed(file: &str, old: &str, new: &str) -> (Vec<&'static str>, String) {
    let scratch = Scratch::base();
    let path = format!("spec/shop/{file}");
    let text = scratch.text(&path);
    assert!(text.contains(old), "{file} has no {old:?}");
    scratch.put(&path, text.replacen(old, new, 1));
    scratch.findings()
}

/// File, what stands there, what stands there instead, the lint, and words of the finding.
type Case = (&'static str, &'static str, &'static str, &'static str, &'static str);

fn refused(cases: &[Case]) {
    let mut wrong = Vec::new();
    for (file, old, new, lint, says) in cases {
        let (found, text) = changed(file, old, new);
        if found != [*lint] || !text.contains(says) {
            wrong.push(format!("{file}: {new}\nshould be `{lint}` and say {says:?}:\n{text}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn numbers_at_the_end_of_their_range_are_findings_and_no_panic() {
    let parts =
        "\nrules:\n  - { parts: [orderFee, parcelFee], total: amount, doc: Both are part of the amount. }\n\nreply:\n";
    let fees = "request:\n  orderFee: { type: won, doc: A fee. }\n  parcelFee: { type: won, doc: A fee. }\n";
    let scratch = Scratch::base();
    let text = scratch.text("spec/shop/create_order.yaml");
    let text = text.replace("\nreply:\n", parts).replace("request:\n", fees);
    let most = i64::MAX;
    let huge = format!("request: {{ orderFee: {most}, parcelFee: {most}, orderNo: order-1,");
    scratch.put("spec/shop/create_order.yaml", text.replace("request: { orderNo: order-1,", &huge));
    let (found, said) = scratch.findings();
    assert_eq!(found, ["example"], "{said}");
    assert!(said.contains("the parts make 18446744073709551614"), "{said}");
}

#[test]
fn limits_that_no_value_reaches_are_refused() {
    refused(&[
        (ORDER, "max: 100 characters", "max: 9223372036854775807 characters", "limit", "is no limit"),
        (ORDER, "max: 100 characters", "min: 2000000 characters", "limit", "is no limit"),
        (TYPES, "max: 20 characters", "max: 2000000 characters", "limit", "is no limit"),
        (ORDER, "max: 7 digits", "max: 9223372036854775807", "limit", "at most 18 digits"),
        (ORDER, "max: 7 digits", "min: -9223372036854775808", "limit", "at most 18 digits"),
    ]);
}

#[test]
fn a_group_that_includes_itself_is_a_finding_and_no_endless_search() {
    let scratch = Scratch::base();
    let types = scratch.text("spec/shop/types.yaml");
    let group = "\nobjects:\n  Parcel:\n    doc: A parcel.\n    fields:\n      inner: { include: Parcel }\n";
    scratch.put("spec/shop/types.yaml", types + group);
    let order = scratch.text("spec/shop/create_order.yaml");
    scratch.put("spec/shop/create_order.yaml", order.replace("reply:\n", "reply:\n  parcel: { include: Parcel }\n"));
    let (found, text) = scratch.findings();
    assert!(found.contains(&"recursive-object"), "{text}");
}
