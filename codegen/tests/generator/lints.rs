//! Tests of the documentation of the lints and of the spec language. The examples of a lint, taken together, cause
//! exactly one finding, and it is a finding of this lint.

use crate::overlay::overlay;
use pagespec_codegen::lint_registry::Lint;
use pagespec_codegen::project::Project;
use pagespec_codegen::regen::{Loaded, load, write_language_reference};
use pagespec_codegen::settings::{LanguageReference, Settings, SettingsRead, read};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

pub fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Returns the files of a spec that has no findings. The map is indexed by path. The examples of the lints are merged
/// into these files.
pub fn base() -> io::Result<BTreeMap<String, Vec<u8>>> {
    let mut files = BTreeMap::new();
    for folder in ["base", "procedures/base"] {
        for entry in fs::read_dir(workspace().join("tests/fixtures").join(folder).join("shop"))? {
            let entry = entry?;
            files.insert(format!("shop/{}", entry.file_name().to_string_lossy()), fs::read(entry.path())?);
        }
    }
    Ok(files)
}

/// Returns the files in the examples of a lint. Each entry has the path and the text of a file, and `true` if the file
/// is saved as Latin-1.
fn examples(lint: Lint) -> Vec<(String, String, bool)> {
    let mut found = Vec::new();
    for block in lint.documentation().split("```yaml\n").skip(1) {
        let (block, _) = block.split_once("```").expect("the example ends");
        let (head, text) = block.split_once('\n').expect("the example names its file");
        let head = head.trim().strip_prefix("# ").expect("the first line is a comment with the path");
        let (path, latin) = head.strip_suffix(", saved as Latin-1").map_or((head, false), |path| (path, true));
        let text: String = text.lines().map(|line| format!("{}\n", line.strip_prefix(' ').unwrap_or(line))).collect();
        found.push((path.to_owned(), text, latin));
    }
    found
}

/// Merges the examples of a lint into the spec. Returns the lint of each finding, and all findings as text.
fn findings(lint: Lint) -> (Vec<Lint>, String) {
    let mut files = base().expect("the base can be read");
    for (path, text, latin) in examples(lint) {
        let before = files.get(&path).map(|bytes| String::from_utf8(bytes.clone()).expect("the base is UTF-8"));
        let after = before.map_or(text.clone(), |before| overlay(&before, &text));
        let bytes = if latin { after.chars().map(|c| c as u8).collect() } else { after.into_bytes() };
        files.insert(path, bytes);
    }
    let folder = tempfile::tempdir().expect("a folder can be made");
    for (path, bytes) in files {
        let path = folder.path().join("spec").join(path);
        fs::create_dir_all(path.parent().expect("a file is in a folder")).expect("the folder can be made");
        fs::write(path, bytes).expect("the file can be written");
    }
    match load(&Project::at(folder.path())).expect("the spec can be read") {
        Loaded::Sound(_) => (Vec::new(), String::new()),
        Loaded::Findings(sources, diagnostics) => {
            let lints = diagnostics.locate(&sources).iter().map(|found| found.diagnostic.lint).collect();
            (lints, diagnostics.render(&sources, false))
        }
    }
}

#[test]
fn each_example_causes_one_finding_of_its_lint() {
    let mut wrong = Vec::new();
    for lint in Lint::ALL {
        let (found, text) = findings(*lint);
        if found != [*lint] {
            wrong.push(format!("the example of {} gives {found:?}:\n{text}", lint.name()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn each_lint_has_a_description_and_an_example() {
    for lint in Lint::ALL {
        let documentation = lint.documentation();
        let (text, _) = documentation.split_once("```yaml").unwrap_or_else(|| panic!("{} has no example", lint.name()));
        // One sentence describes the finding, one its consequence, and one the correction.
        let sentences = text.matches(". ").count() + text.matches(".\n").count();
        assert!(sentences >= 3, "{} needs three sentences: finding, consequence and correction: {text}", lint.name());
    }
}

#[test]
fn the_page_of_the_lints_is_up_to_date() {
    let page = fs::read_to_string(workspace().join("docs/lints.md")).unwrap_or_default().replace("\r\n", "\n");
    assert!(
        page == pagespec_codegen::lint_registry::page("cargo xtask"),
        "docs/lints.md is stale: run `cargo xtask regen`"
    );
}

#[test]
fn the_reference_of_the_language_is_up_to_date() {
    let SettingsRead::Sound(settings) = read(&workspace()).expect("the settings can be read") else {
        panic!("the settings have findings");
    };
    let report = write_language_reference(&settings, true).expect("the pages can be read").expect("they are wanted");
    let stale: Vec<&str> = report.changes.iter().map(|change| change.path.as_str()).collect();
    assert!(stale.is_empty(), "{stale:?} in docs/: run `cargo xtask regen`");
}

#[test]
fn each_key_of_the_language_has_a_meaning_and_an_example() {
    let page = fs::read_to_string(workspace().join("docs/spec-reference.md")).expect("the page is there");
    let rows: Vec<Vec<&str>> = page
        .lines()
        .filter(|line| line.starts_with("| `"))
        .map(|line| line.trim_matches('|').split(" | ").map(str::trim).collect())
        .collect();
    assert!(rows.len() > 200, "{}", rows.len());
    let wrong: Vec<&Vec<&str>> =
        rows.iter().filter(|row| row.len() == 5 && (row[3].is_empty() || row[4].is_empty())).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_check_reports_a_stale_page_and_a_run_writes_it() {
    let root = tempfile::tempdir().expect("a folder can be made");
    let docs = root.path().join("docs");
    fs::write(root.path().join("pagespec.yaml"), "crates: {}\n").expect("the settings can be written");
    fs::create_dir(&docs).expect("a folder can be made");
    let reference = LanguageReference { folder: "docs".into(), examples: vec!["docs".into()] };
    let settings = Settings {
        root: root.path().to_owned(),
        tool: "pagespec".into(),
        projects: Vec::new(),
        language_reference: Some(reference),
    };
    let regen = |check| {
        let report = write_language_reference(&settings, check).expect("the folder can be read and written");
        report.map_or(0, |report| report.changes.len())
    };
    let page = docs.join("lints.md");
    assert_eq!(regen(true), 2, "wrong number of missing pages");
    assert!(!page.exists(), "the check wrote a page");
    assert_eq!(regen(false), 2);
    assert_eq!(regen(true), 0);
    fs::write(&page, "# Lints\n").expect("the page can be written");
    fs::write(docs.join("other.md"), "By hand.\n").expect("the page can be written");
    assert_eq!(regen(true), 1, "wrong number of stale pages");
    assert_eq!(regen(false), 1);
    assert!(docs.join("other.md").exists(), "a page that the generator did not write is missing");
}
