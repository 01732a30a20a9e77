//! Tests of the source code of the generator: no module uses a module that it must not depend on, and published texts
//! are not formatted with `Debug`.

use std::path::{Path, PathBuf};
use std::{fs, io};

/// Modules of the generator, each with the modules that it must not use.
const FORBIDDEN: [(&str, &[&str]); 14] = [
    // Passes do not use each other. Facts that several passes need are in `analysis`.
    ("lint", &["model", "plan", "resolve", "emit", "write"]),
    ("analysis", &["model", "plan", "resolve", "lint", "emit", "parse", "write"]),
    // Emitters make no decisions and resolve no references.
    ("emit", &["plan", "resolve", "lint", "parse", "write", "regen"]),
    // Emitters of Rust read only the model; emitters of documents read the resolved spec.
    ("emit/rust", &["analysis", "resolved", "prose"]),
    ("emit/docs", &["model"]),
    ("plan", &["resolve", "lint", "emit", "parse", "write"]),
    ("resolve", &["model", "plan", "lint", "emit", "write"]),
    // `settings` uses `parse`, and `regen` uses both. A use in the other direction would be a cycle.
    ("parse", &["settings", "regen", "emit"]),
    ("settings", &["regen", "emit", "write"]),
    // Plain data does not depend on passes.
    ("constraints", &["plan", "resolve", "resolved", "analysis", "lint", "emit", "parse", "write", "model", "spec"]),
    ("resolved", &["model", "plan", "resolve", "analysis", "lint", "emit", "parse", "write"]),
    ("model", &["plan", "resolve", "resolved", "analysis", "lint", "emit", "parse", "write"]),
    ("spec", &["plan", "resolve", "resolved", "analysis", "lint", "emit", "parse", "write", "model"]),
    ("lint_registry", &["diagnostic", "plan", "resolve", "analysis", "lint", "emit", "parse", "write"]),
];

/// Returns `true` if a file is `module.rs`, or is in the folder of the module.
fn belongs(file: &str, module: &str) -> bool {
    file.strip_prefix(module).is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files(&path, found)?;
        } else {
            found.push(path);
        }
    }
    Ok(())
}

/// Returns the modules of this crate that a source text names in paths such as `crate::plan::plan`.
fn named(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    for after in text.split("crate::").skip(1) {
        let first =
            |text: &str| text.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default().to_owned();
        match after.strip_prefix('{') {
            None => names.push(first(after)),
            Some(list) => {
                let mut depth = 0;
                let mut item = String::new();
                for c in list.chars() {
                    match c {
                        '{' => depth += 1,
                        '}' if depth == 0 => break,
                        '}' => depth -= 1,
                        ',' if depth == 0 => names.push(first(item.split_off(0).trim())),
                        _ if depth == 0 => item.push(c),
                        _ => {}
                    }
                }
                names.push(first(item.trim()));
            }
        }
    }
    names
}

/// Returns every source file of the crate: its path below `src`, and its text.
fn sources() -> Vec<(String, String)> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    files(&source, &mut found).expect("the sources can be read");
    let read = |path: PathBuf| {
        let relative =
            path.strip_prefix(&source).expect("the path is below `src`").to_string_lossy().replace('\\', "/");
        (relative, fs::read_to_string(&path).expect("the source can be read"))
    };
    found.into_iter().map(read).collect()
}

#[test]
fn published_texts_do_not_use_debug_formatting() {
    let sources = sources();
    let published = ["emit", "diff", "plan", "lint", "prose", "recovery_summary", "lint_registry"];
    for module in published {
        assert!(sources.iter().any(|(file, _)| belongs(file, module)), "there is no module `{module}`");
    }
    let is_published = |file: &str| published.iter().any(|module| belongs(file, module));
    // Assertion messages may use `Debug`, also in generated tests, because only programmers read them.
    let by_debug = |text: &str| text.lines().any(|line| line.contains(":?}") && !line.contains("assert"));
    let by_debug = |(file, text): &(String, String)| is_published(file) && by_debug(text);
    let wrong: Vec<String> = sources.into_iter().filter(by_debug).map(|(file, _)| file).collect();
    assert!(wrong.is_empty(), "use `as_str` of the enumeration instead of `Debug` in: {wrong:?}");
}

#[test]
fn no_module_uses_a_later_pass() {
    let sources = sources();
    for (module, _) in FORBIDDEN {
        assert!(sources.iter().any(|(file, _)| belongs(file, module)), "there is no module `{module}`");
    }
    let mut wrong = Vec::new();
    for (relative, text) in sources {
        let names = named(&text);
        for (_, forbidden) in FORBIDDEN.iter().filter(|(module, _)| belongs(&relative, module)) {
            let used = forbidden.iter().filter(|name| names.iter().any(|used| used == *name));
            wrong.extend(used.map(|name| format!("{relative} uses `{name}`")));
        }
    }
    wrong.sort();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn imports_are_recognized_in_every_form() {
    let text = "use crate::plan::{a, b};\nuse crate::{lint, spec::{x, y}, write};\nlet n = crate::emit::each();";
    assert_eq!(named(text), ["plan", "lint", "spec", "write", "emit"]);
    assert!(belongs("plan.rs", "plan") && belongs("plan/a.rs", "plan") && !belongs("planner.rs", "plan"));
}
