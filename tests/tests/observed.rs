//! A reading with `source: observed` describes what the real service does, and is not taken from the documentation. All
//! generated output marks such readings.

use tests::temp_project::{TempProject, fixtures};

fn project() -> TempProject {
    let scratch = TempProject::base();
    scratch.copy(&fixtures().join("lints/source/pass"), "spec");
    scratch.put("generated/Cargo.toml", "[package]\n");
    scratch
}

#[test]
fn an_observed_reading_is_marked_as_observed_everywhere() {
    let scratch = project();
    scratch.run(false);
    let surface = scratch.text("generated/surface/shop.txt");
    assert!(surface.contains("quirk create_order.request.amount  (observed)"), "{surface}");
    assert!(surface.lines().any(|line| line.contains("remark") && line.ends_with("(observed)")), "{surface}");
    let reference = scratch.text("generated/reference/shop.md");
    assert!(reference.contains("At least 1 won. (Source: observation of the service.)"), "{reference}");
    let document = scratch.text("generated/openapi/shop.json");
    assert!(document.contains(r#""source": "observed""#), "{document}");
    // The generator wraps long comments, so the lines are joined before the search.
    let module = scratch.text("generated/src/shop/create_order.rs");
    let module: Vec<&str> = module.split_whitespace().filter(|word| *word != "///").collect();
    let module = module.join(" ");
    assert!(module.contains("observed in replies of the service"), "{module}");
}

#[test]
fn a_reading_without_a_source_shows_no_source() {
    let scratch = project();
    let path = "spec/shop/create_order.yaml";
    scratch.put(path, scratch.text(path).replace(", source: observed", ""));
    scratch.run(false);
    for file in ["surface/shop.txt", "reference/shop.md", "openapi/shop.json", "src/shop/create_order.rs"] {
        let text = scratch.text(&format!("generated/{file}"));
        assert!(
            text.contains("amount") && !text.contains("observed") && !text.contains("the service itself"),
            "{file}"
        );
    }
}
