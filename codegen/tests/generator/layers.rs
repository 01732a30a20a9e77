//! Which module of the generator may use which: the order of the passes, held by their imports.

use std::path::{Path, PathBuf};
use std::{fs, io};

/// Folders and files below `src`, and the modules that nothing in them names.
const ABSENT: [(&str, &[&str]); 14] = [
    // What is both in a spec and in Rust, or asked by several passes, is in `analysis`.
    ("lint", &["model", "plan", "resolve", "emit", "write"]),
    ("analysis", &["model", "plan", "resolve", "lint", "emit", "parse", "write"]),
    // Emitters decide nothing and look nothing up.
    ("emit", &["plan", "resolve", "lint", "parse", "write", "regen"]),
    // Rust is written from the model alone, documents from the resolved spec.
    ("emit/rust", &["analysis", "resolved", "prose"]),
    ("emit/docs", &["model"]),
    ("plan", &["resolve", "lint", "emit", "parse", "write"]),
    ("resolve", &["model", "plan", "lint", "emit", "write"]),
    // Settings name projects, and the passes that read and run them do not stand below.
    ("parse", &["settings", "regen", "emit"]),
    ("settings", &["regen", "emit", "write"]),
    // Plain data knows no pass.
    ("constraints", &["plan", "resolve", "resolved", "analysis", "lint", "emit", "parse", "write", "model", "spec"]),
    ("resolved", &["model", "plan", "resolve", "analysis", "lint", "emit", "parse", "write"]),
    ("model", &["plan", "resolve", "resolved", "analysis", "lint", "emit", "parse", "write"]),
    ("spec", &["plan", "resolve", "resolved", "analysis", "lint", "emit", "parse", "write", "model"]),
    ("lint_registry", &["diagnostic", "plan", "resolve", "analysis", "lint", "emit", "parse", "write"]),
];

/// Returns `true` if a file is `module.rs`, or stands in its folder.
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

/// The modules of the crate that a text names by `crate::…`.
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

/// Every source file of the crate: its path below `src`, and its text.
fn sources() -> Vec<(String, String)> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    files(&source, &mut found).expect("the sources can be read");
    let read = |path: PathBuf| {
        let relative = path.strip_prefix(&source).expect("it stands below").to_string_lossy().replace('\\', "/");
        (relative, fs::read_to_string(&path).expect("the source can be read"))
    };
    found.into_iter().map(read).collect()
}

#[test]
fn nothing_that_is_published_goes_by_debug() {
    let sources = sources();
    let published = ["emit", "diff", "plan", "lint", "prose", "recovery_summary", "lint_registry"];
    for module in published {
        assert!(sources.iter().any(|(file, _)| belongs(file, module)), "there is no module `{module}`");
    }
    let is_published = |file: &str| published.iter().any(|module| belongs(file, module));
    // Assertions, of generated tests too, are for the eyes of programmers.
    let by_debug = |text: &str| text.lines().any(|line| line.contains(":?}") && !line.contains("assert"));
    let by_debug = |(file, text): &(String, String)| is_published(file) && by_debug(text);
    let wrong: Vec<String> = sources.into_iter().filter(by_debug).map(|(file, _)| file).collect();
    assert!(wrong.is_empty(), "an enumeration has `as_str` for what people read: {wrong:?}");
}

#[test]
fn no_module_uses_a_later_pass() {
    let sources = sources();
    for (module, _) in ABSENT {
        assert!(sources.iter().any(|(file, _)| belongs(file, module)), "there is no module `{module}`");
    }
    let mut wrong = Vec::new();
    for (relative, text) in sources {
        let names = named(&text);
        for (_, absent) in ABSENT.iter().filter(|(module, _)| belongs(&relative, module)) {
            let used = absent.iter().filter(|name| names.iter().any(|used| used == *name));
            wrong.extend(used.map(|name| format!("{relative} uses `{name}`")));
        }
    }
    wrong.sort();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn an_import_is_read_in_every_form() {
    let text = "use crate::plan::{a, b};\nuse crate::{lint, spec::{x, y}, write};\nlet n = crate::emit::each();";
    assert_eq!(named(text), ["plan", "lint", "spec", "write", "emit"]);
    assert!(belongs("plan.rs", "plan") && belongs("plan/a.rs", "plan") && !belongs("planner.rs", "plan"));
}
