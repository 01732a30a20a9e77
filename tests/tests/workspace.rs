//! The command line and the tests share one build of the generator. Cargo compiles a crate once for each set of
//! features. Therefore all crates of the workspace select the same features for the generator and its dependencies.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::process::Command;
use tests::temp_project::repository;

/// Returns the feature sets that cargo selects for `arguments`, by the name and version of the package.
fn feature_sets(arguments: &[&str]) -> BTreeMap<String, BTreeSet<String>> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["tree", "--locked", "--offline", "--prefix", "none", "--format", "{p}|{f}"]);
    let output = cargo.args(arguments).current_dir(repository()).output().expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut sets: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for line in String::from_utf8(output.stdout).expect("UTF-8").lines().filter(|line| !line.is_empty()) {
        let (package, features) = line.trim_end_matches(" (*)").split_once('|').expect("the format has one");
        let package = package.split(' ').take(2).collect::<Vec<_>>().join(" ");
        sets.entry(package).or_default().insert(features.to_owned());
    }
    sets
}

#[test]
fn the_command_line_and_the_tests_share_one_build_of_the_generator() {
    let tests = feature_sets(&["--workspace", "--edges", "normal,build,dev"]);
    let command_line = feature_sets(&["--package", "xtask", "--edges", "normal,build"]);
    assert!(command_line.keys().any(|package| package.starts_with("pagespec-codegen ")));
    for (package, sets) in command_line {
        let all: BTreeSet<_> = sets.union(&tests[&package]).collect();
        assert!(
            all.len() == 1,
            "{package} has several sets of features; add the missing features to workspace-hack: {all:#?}"
        );
    }
}
