//! Import cycles between the modules of a crate are small. No cycle has more than two files, and the top-level modules
//! have none, with one exception. A module outside of a cycle can be understood, tested and moved with only the modules
//! that it imports.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use tests::temp_project::repository;

/// Modules by name, each with the modules that it imports. Imports between a module and a module that contains it are
/// left out. Such imports are normal, because the outer module re-exports the inner modules and contains helpers for
/// them.
type Imports = BTreeMap<String, BTreeSet<String>>;

const CRATES: [&str; 7] = ["audit", "codegen", "outbox", "pagespec", "rules", "runtime", "sandbox"];

#[test]
fn no_import_cycle_has_more_than_two_files() {
    for name in CRATES {
        eprintln!("{name} {:?}", cycles(&imports(name)));
    }
    for name in CRATES {
        let large: Vec<_> = cycles(&imports(name)).into_iter().filter(|cycle| cycle.len() > 2).collect();
        assert_eq!(large, [] as [BTreeSet<String>; 0], "{name}");
    }
}

#[test]
fn top_level_modules_have_no_import_cycle() {
    for name in CRATES {
        let top = |name: &str| name.split("::").next().unwrap_or_default().to_owned();
        let mut folders = Imports::new();
        for (name, imported) in imports(name) {
            let own = top(&name);
            let others = imported.iter().map(|name| top(name)).filter(|other| *other != own);
            folders.entry(own.clone()).or_default().extend(others);
        }
        let mut found = cycles(&folders);
        // This cycle is accepted. A request names the type of its reply, and the decoder of a reply needs the request.
        found.retain(|cycle| name != "runtime" || !cycle.iter().eq(["reply", "request"]));
        assert_eq!(found, [] as [BTreeSet<String>; 0], "{name}");
    }
}

#[test]
fn imports_are_found_in_every_notation() {
    let names = ["", "a", "a::b", "c", "c::d"].map(str::to_owned);
    let of = |module: &str, text: &str| imported(module, text, &names.iter().cloned().collect());
    let found = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
    assert_eq!(of("a", "use crate::{c::{self, d::X}, y};"), found(&["c", "c::d", ""]));
    assert_eq!(of("a", "use crate::{Y::{Z, W as V}, c::d};"), found(&["c::d", ""]));
    assert_eq!(of("a", "pub(crate) use b::X;\nlet x = a.b();"), found(&["a::b"]));
    assert_eq!(of("a::b", "use super::super::c::{\n    d::{X, Y},\n};"), found(&["c::d"]));
    assert_eq!(of("a::b", "fn f() { super::g(crate::c::h()) } // crate::c::d"), found(&["a", "c"]));
    assert_eq!(of("a", "fn f() {}\n#[cfg(test)]\nmod tests {\n    use crate::c;\n}"), found(&[]));
}

/// Returns the cycles: groups of several modules that import each other, directly or through others.
fn cycles(imports: &Imports) -> Vec<BTreeSet<String>> {
    let reached = |from: &str| {
        let (mut reached, mut open) = (BTreeSet::new(), vec![from.to_owned()]);
        while let Some(name) = open.pop() {
            let new = imports.get(&name).into_iter().flatten().filter(|name| reached.insert((*name).clone()));
            open.extend(new.cloned());
        }
        reached
    };
    let reached: BTreeMap<&String, BTreeSet<String>> = imports.keys().map(|name| (name, reached(name))).collect();
    let cycle = |name: &String| -> BTreeSet<String> {
        let is_mutual = |other: &&String| reached[*other].contains(name);
        reached[name].iter().filter(is_mutual).cloned().collect()
    };
    let all: BTreeSet<BTreeSet<String>> = imports.keys().map(cycle).filter(|cycle| cycle.len() > 1).collect();
    all.into_iter().collect()
}

fn imports(crate_name: &str) -> Imports {
    let mut files = BTreeMap::new();
    read(&repository().join(crate_name).join("src"), "", &mut files);
    assert!(files.contains_key(""), "{crate_name}: the modules were not found");
    // `main.rs` is not part of the library.
    files.remove("main");
    let names = files.keys().cloned().collect();
    let of = |name: &str, text: &str| {
        let mut imported = imported(name, text, &names);
        imported.retain(|other| !contains(name, other) && !contains(other, name));
        imported
    };
    files.iter().map(|(name, text)| (name.clone(), of(name, text))).collect()
}

fn contains(outer: &str, inner: &str) -> bool {
    outer.is_empty() || inner.strip_prefix(outer).is_some_and(|rest| rest.starts_with("::"))
}

fn read(folder: &Path, module: &str, files: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).expect("the sources are there") {
        let path = entry.expect("the sources are there").path();
        let stem = path.file_stem().and_then(|stem| stem.to_str()).expect("names are UTF-8");
        let name = match stem {
            "lib" | "mod" => module.to_owned(),
            _ if module.is_empty() => stem.to_owned(),
            _ => format!("{module}::{stem}"),
        };
        if path.is_dir() {
            read(&path, &name, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.insert(name, fs::read_to_string(&path).expect("sources are UTF-8"));
        }
    }
}

/// Returns the modules that a module's code imports. Imports of its unit tests do not count.
fn imported(module: &str, text: &str, names: &BTreeSet<String>) -> BTreeSet<String> {
    let text = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
    let lines = text.lines().map(|line| line.split("//").next().unwrap_or_default());
    let code: String = lines.collect::<Vec<_>>().join("\n");
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    let mut found = BTreeSet::new();
    for (at, _) in code.match_indices("::") {
        let before = code[..at].trim_end_matches(is_name);
        let (first, is_first) = (&code[before.len()..at], !before.ends_with("::"));
        let base: Vec<&str> = match first {
            "crate" => Vec::new(),
            "self" => segments(module),
            "super" => parent(module),
            name if names.contains(&joined(&segments(module), name)) => [segments(module), vec![name]].concat(),
            _ => continue,
        };
        if is_first {
            paths(&code[at + 2..], &base, names, &mut found);
        }
    }
    found.remove(module);
    found
}

fn segments(module: &str) -> Vec<&str> {
    module.split("::").filter(|segment| !segment.is_empty()).collect()
}

fn parent(module: &str) -> Vec<&str> {
    let mut segments = segments(module);
    segments.pop();
    segments
}

fn joined(base: &[&str], name: &str) -> String {
    [base, &[name]].concat().join("::")
}

/// Reads a path, or a tree of paths in braces, and adds the module of each path to `found`. Returns the rest of the
/// text.
fn paths<'a>(text: &'a str, base: &[&str], names: &BTreeSet<String>, found: &mut BTreeSet<String>) -> &'a str {
    let text = text.trim_start();
    if let Some(mut tree) = text.strip_prefix('{') {
        loop {
            tree = paths(tree, base, names, found).trim_start();
            tree = match (tree.strip_prefix(','), tree.strip_prefix('}')) {
                (Some(rest), _) => rest.trim_start(),
                (None, Some(rest)) => return rest,
                (None, None) => return tree,
            };
            if let Some(rest) = tree.strip_prefix('}') {
                return rest;
            }
        }
    }
    let rest = text.trim_start_matches(|c: char| c.is_alphanumeric() || c == '_');
    let name = &text[..text.len() - rest.len()];
    let own = joined(base, name);
    match (name, rest.strip_prefix("::")) {
        ("super", Some(rest)) => return paths(rest, &base[..base.len().saturating_sub(1)], names, found),
        (_, Some(rest)) if names.contains(&own) => {
            return paths(rest, &segments(&own), names, found);
        }
        _ if names.contains(&own) => found.insert(own),
        _ => found.insert(base.join("::")),
    };
    // The rest of the path, after a name that is not a module, is skipped.
    let end = |rest: &str| {
        let mut depth = 0_usize;
        rest.find(|c| {
            depth += usize::from(c == '{');
            let ends = depth == 0 && matches!(c, ',' | '}' | ';');
            depth -= usize::from(c == '}' && depth > 0);
            ends
        })
    };
    end(rest).map_or("", |at| &rest[at..])
}
