//! Tests of regeneration. A run makes the crate complete and current, and does not write unchanged files. It writes
//! nothing if the spec has findings, or if the folder of the crate or a file of the keep list is missing. A check
//! reports the changes that a run makes, and writes nothing.

use codegen::project::Project;
use codegen::regen::{Loaded, Outcome, describe, files, load, regen};
use codegen::source::Sources;
use codegen::write::{FileState, Report};
use std::collections::BTreeMap;
use std::fs;
use std::time::{Duration, SystemTime};
use tests::temp_project::{
    TempProject, files_below, lints_with_fixtures, project_of_this_workspace, projects_of_this_workspace, repository,
};

/// Creates a project with the specs of two invented APIs, and a crate with only `Cargo.toml`, which the keep list
/// names. The project does not depend on the real specs.
fn unwritten() -> TempProject {
    let scratch = TempProject::base();
    scratch.copy(&repository().join("tests/parcel-spec"), "spec");
    let manifest = fs::read(repository().join("generated/Cargo.toml")).expect("the kept file is there");
    scratch.put("generated/Cargo.toml", manifest);
    scratch
}

/// Creates a project after a first run. Every file gets a modification time of an hour ago, so that tests notice a
/// write.
fn written() -> TempProject {
    let scratch = unwritten();
    scratch.run(false);
    let past = SystemTime::now() - Duration::from_secs(3600);
    for file in files_below(&scratch.path("generated")) {
        let file = fs::File::options().write(true).open(scratch.path("generated").join(file));
        file.and_then(|file| file.set_modified(past)).expect("the time can be set");
    }
    scratch
}

type State = BTreeMap<String, (SystemTime, Vec<u8>)>;

fn state(scratch: &TempProject) -> State {
    let folder = scratch.path("generated");
    files_below(&folder)
        .into_iter()
        .map(|file| {
            let path = folder.join(&file);
            let time = fs::metadata(&path).and_then(|data| data.modified()).expect("the file has a time");
            (file, (time, fs::read(path).expect("the file can be read")))
        })
        .collect()
}

fn touched(before: &State, after: &State) -> Vec<String> {
    let paths = before.keys().chain(after.keys()).collect::<std::collections::BTreeSet<_>>();
    paths.into_iter().filter(|path| before.get(*path) != after.get(*path)).cloned().collect()
}

fn changes(report: &Report) -> Vec<(FileState, &str)> {
    report.changes.iter().map(|change| (change.kind, change.path.as_str())).collect()
}

fn contents(state: State) -> BTreeMap<String, Vec<u8>> {
    state.into_iter().map(|(path, (_, content))| (path, content)).collect()
}

#[test]
fn a_second_run_writes_nothing() {
    let scratch = written();
    let before = state(&scratch);
    let report = scratch.run(false);
    assert_eq!(changes(&report), []);
    assert_eq!(touched(&before, &state(&scratch)), [""; 0]);
    assert_eq!(describe(&report, &scratch.project(), false), "");
}

#[test]
fn every_run_gives_the_same_bytes() {
    assert_eq!(contents(state(&written())), contents(state(&written())));
}

#[test]
fn the_order_in_which_the_files_are_found_does_not_matter() {
    let project = Project::at(&repository());
    let expected = generated(&project);
    // File systems may list files in the order of creation, or in no particular order. The result is the same for files
    // created in reverse order.
    let scratch = TempProject::empty();
    for file in files_below(&project.spec).iter().rev() {
        scratch.put(&format!("spec/{file}"), fs::read(project.spec.join(file)).expect("the spec can be read"));
    }
    assert_eq!(generated(&scratch.project()), expected);
    let paths: Vec<String> = Sources::read(&scratch.project().spec, "spec")
        .expect("the spec can be read")
        .0
        .into_iter()
        .map(|source| source.path)
        .collect();
    assert!(paths.is_sorted(), "{paths:?}");
}

fn generated(project: &Project) -> Vec<(String, String)> {
    match load(project).expect("the spec can be read") {
        Loaded::Sound(apis) => {
            files(&apis, &project.options).into_iter().map(|file| (file.path, file.content)).collect()
        }
        Loaded::Findings(sources, diagnostics) => panic!("{}", diagnostics.render(&sources, false)),
    }
}

fn disturbed() -> TempProject {
    let scratch = written();
    let edited = scratch.text("generated/surface/shop.txt").replacen('\n', "\nby hand\n", 1);
    scratch.put("generated/surface/shop.txt", edited);
    fs::remove_file(scratch.path("generated/src/shop/enums.rs")).expect("the file can be deleted");
    scratch.put("generated/src/shop/old.rs", "//! Not generated.\n");
    scratch.put("generated/src/gone/deeply/mod.rs", "//! Nor this.\n");
    scratch
}

const DISTURBED: [(FileState, &str); 4] = [
    (FileState::Stray, "src/gone/deeply/mod.rs"),
    (FileState::Missing, "src/shop/enums.rs"),
    (FileState::Stray, "src/shop/old.rs"),
    (FileState::Changed, "surface/shop.txt"),
];

#[test]
fn edited_deleted_and_stray_files_are_corrected() {
    let expected = contents(state(&written()));
    let scratch = disturbed();
    let before = state(&scratch);
    let report = scratch.run(false);
    assert_eq!(changes(&report), DISTURBED);
    let after = state(&scratch);
    assert_eq!(touched(&before, &after), DISTURBED.map(|(_, path)| path));
    assert_eq!(contents(after), expected);
    assert!(!scratch.path("generated/src/gone").exists(), "the empty folder is left");
    assert!(!describe(&report, &scratch.project(), false).contains("@@"), "the report of a run contains a diff");
}

#[test]
fn a_check_lists_differing_files_and_writes_nothing() {
    let scratch = disturbed();
    let before = state(&scratch);
    let report = scratch.run(true);
    assert_eq!(changes(&report), DISTURBED);
    assert_eq!(touched(&before, &state(&scratch)), [""; 0]);
    let lines = report.changes.iter().find(|change| change.kind == FileState::Missing).map(|change| change.lines.1);
    let said = describe(&report, &scratch.project(), true);
    // The length of the deleted file and the lines around the edit depend on the spec, so they are replaced.
    let said = said.replace(&format!("+{} ", lines.unwrap_or_default()), "+N ");
    let said: Vec<&str> = said.lines().filter(|line| !line.starts_with(' ') || line.contains("generated/")).collect();
    let said: Vec<&str> = said.into_iter().map(|line| if line.starts_with("@@") { "@@" } else { line }).collect();
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn a_check_finds_nothing_after_a_run() {
    let scratch = written();
    let report = scratch.run(true);
    assert_eq!(describe(&report, &scratch.project(), true), "");
}

#[test]
fn a_changed_field_rewrites_only_the_files_that_contain_it() {
    let scratch = written();
    let before = state(&scratch);
    let old = scratch.text("spec/shop/create_order.yaml");
    let new = old.replacen("summary: ", "summary: Once more. ", 1);
    assert_ne!(old, new);
    scratch.put("spec/shop/create_order.yaml", new);
    let report = scratch.run(false);
    let touched = touched(&before, &state(&scratch));
    assert_eq!(changes(&report), touched.iter().map(|path| (FileState::Changed, path.as_str())).collect::<Vec<_>>());
    assert!(touched.contains(&"src/shop/create_order.rs".to_owned()), "{touched:?}");
    let saying =
        ["create_order.rs", "client.rs", "blocking.rs", "server.rs"].map(|file| format!("src/shop/{file}")).into_iter();
    let saying: Vec<_> = saying.chain(["openapi/shop.json".into(), "reference/shop.md".into()]).collect();
    let others = touched.iter().filter(|path| !saying.contains(path));
    assert_eq!(
        others.collect::<Vec<_>>(),
        [""; 0],
        "only files of the operation, of the clients and of the documentation may change"
    );
}

#[test]
fn a_new_field_shows_in_its_operation_and_in_the_surface_of_its_api() {
    let scratch = written();
    let before = state(&scratch);
    let old = scratch.text("spec/shop/create_order.yaml");
    let new = old.replacen("reply:\n", "reply:\n  queuedTs: { type: instant, doc: When it was queued. }\n", 1);
    assert_ne!(old, new);
    scratch.put("spec/shop/create_order.yaml", new);
    scratch.run(false);
    let touched = touched(&before, &state(&scratch));
    assert_eq!(touched, ["openapi/shop.json", "reference/shop.md", "src/shop/create_order.rs", "surface/shop.txt"]);
}

#[test]
fn the_file_of_a_removed_operation_is_deleted() {
    let scratch = TempProject::base();
    scratch.put("generated/Cargo.toml", "");
    let base = scratch.text("spec/shop/create_order.yaml");
    let other = base.replace("create_order", "place_order").replace("post: /orders", "put: /orders");
    let other = other.replace("errors:\n  OUT_OF_STOCK: { means: Nothing is left., advice: tell_purchaser }\n", "");
    scratch.put("spec/shop/place_order.yaml", other);
    scratch.run(false);
    assert!(scratch.path("generated/src/shop/place_order.rs").exists());
    fs::remove_file(scratch.path("spec/shop/place_order.yaml")).expect("the file can be deleted");
    let report = scratch.run(false);
    assert!(changes(&report).contains(&(FileState::Stray, "src/shop/place_order.rs")), "{report:?}");
    assert!(!scratch.path("generated/src/shop/place_order.rs").exists());
}

#[test]
fn a_crate_with_only_a_manifest_is_written_completely() {
    let scratch = unwritten();
    let report = scratch.run(true);
    assert_eq!(files_below(&scratch.path("generated")), ["Cargo.toml"]);
    assert!(report.changes.iter().all(|change| change.kind == FileState::Missing));
    assert_eq!(report.changes.len(), report.files);
    scratch.run(false);
    assert_eq!(files_below(&scratch.path("generated")).len(), report.files + 1);
    assert_eq!(changes(&scratch.run(true)), []);
}

#[test]
fn a_missing_kept_file_stops_the_run() {
    let scratch = written();
    fs::remove_file(scratch.path("generated/Cargo.toml")).expect("the file can be deleted");
    scratch.put("generated/src/stray.rs", "");
    let before = state(&scratch);
    for check in [false, true] {
        let error = regen(&scratch.project(), check).expect_err("the kept file is not there");
        assert!(error.to_string().contains("Cargo.toml: this file of the keep list does not exist"), "{error}");
    }
    assert_eq!(touched(&before, &state(&scratch)), [""; 0]);
}

#[test]
fn without_the_folder_of_the_crate_nothing_is_written() {
    let scratch = TempProject::base();
    regen(&scratch.project(), false).expect_err("the kept file is not there");
    assert!(!scratch.path("generated").exists());
}

#[test]
fn a_kept_file_is_never_touched() {
    let scratch = unwritten();
    scratch.put("generated/Cargo.toml", "# by hand\n");
    scratch.run(false);
    assert_eq!(scratch.text("generated/Cargo.toml"), "# by hand\n");
}

fn with_crlf(folder: &std::path::Path) {
    for file in files_below(folder) {
        let text = fs::read_to_string(folder.join(&file)).expect("it is text");
        fs::write(folder.join(&file), text.replace('\n', "\r\n")).expect("it can be written");
    }
}

#[test]
fn a_checkout_with_windows_line_ends_is_up_to_date() {
    let scratch = written();
    let with_line_feeds = contents(state(&scratch));
    with_crlf(&scratch.path("spec"));
    with_crlf(&scratch.path("generated"));
    let before = state(&scratch);
    assert_ne!(contents(state(&scratch)), with_line_feeds);
    assert_eq!(describe(&scratch.run(true), &scratch.project(), true), "");
    assert_eq!(changes(&scratch.run(false)), []);
    assert_eq!(touched(&before, &state(&scratch)), [""; 0]);
    // A changed line is still found. Its diff omits the lines that differ only in their line ends.
    let text = scratch.text("generated/surface/shop.txt");
    scratch.put("generated/surface/shop.txt", text.replacen("\r\n", "\r\nby hand\r\n", 1));
    let report = scratch.run(true);
    assert_eq!(changes(&report), [(FileState::Changed, "surface/shop.txt")]);
    assert_eq!(report.changes[0].lines, (1, 0), "{:?}", report.changes[0].diff);
    scratch.run(false);
    let shop = "surface/shop.txt";
    assert_eq!(contents(state(&scratch))[shop], with_line_feeds[shop], "written files must have line feeds");
}

#[test]
fn a_clone_with_converted_line_ends_is_up_to_date() {
    let scratch = written();
    let git = |arguments: &[&str]| {
        let output = std::process::Command::new("git")
            .current_dir(scratch.path("."))
            .args(["-c", "user.name=somebody", "-c", "user.email=somebody@shop.example", "-c", "commit.gpgsign=false"])
            .args(arguments)
            .output()
            .expect("git is installed");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    git(&["init", "-q"]);
    git(&["add", "spec", "generated"]);
    git(&["commit", "-qm", "First"]);
    git(&["clone", "-q", "--config", "core.autocrlf=true", ".", "clone"]);
    assert!(scratch.text("clone/generated/surface/shop.txt").contains("\r\n"), "git has not converted the line ends");
    match regen(&Project::at(&scratch.path("clone")), true).expect("the project can be read") {
        Outcome::Done(report) => assert_eq!(changes(&report), []),
        Outcome::Findings(sources, diagnostics) => panic!("{}", diagnostics.render(&sources, false)),
    }
}

#[test]
fn line_ends_of_this_repository_do_not_depend_on_the_machine() {
    let attributes = repository().join(".gitattributes");
    let scratch = TempProject::empty();
    scratch.put(".gitattributes", fs::read(attributes).expect("it is there"));
    let git = |arguments: &[&str]| {
        let output = std::process::Command::new("git").current_dir(scratch.path(".")).args(arguments).output();
        String::from_utf8(output.expect("git is installed").stdout).expect("it is text")
    };
    git(&["init", "-q"]);
    for (path, text, eol) in [
        ("generated/src/lib.rs", "auto", "lf"),
        ("generated/openapi/pay.json", "auto", "lf"),
        ("spec/pay/api.yaml", "auto", "lf"),
        ("tests/tests/snapshots/regen.snap", "auto", "lf"),
        (".ci/run", "auto", "lf"),
        ("tests/corpus/callback/odd-00", "unset", "lf"),
        ("tests/fixtures/lints/foreign-encoding/fail/shop/create_order.yaml", "unset", "lf"),
        ("docs/pictures/dashboard.png", "unset", "lf"),
    ] {
        let said = git(&["check-attr", "text", "eol", "--", path]);
        assert_eq!(said, format!("{path}: text: {text}\n{path}: eol: {eol}\n"));
    }
}

#[test]
fn temporary_files_of_editors_and_systems_are_not_read() {
    let scratch = written();
    let types = scratch.text("spec/shop/types.yaml");
    fs::remove_file(scratch.path("spec/shop/types.yaml")).expect("it can be deleted");
    scratch.put("spec/shop/types.YAML", types);
    for left in [
        "spec/shop/._api.yaml",
        "spec/shop/.draft.yaml",
        "spec/shop/~api.yaml",
        "spec/shop/#api.yaml",
        "spec/shop/#api.yaml#",
        "spec/shop/api.yaml~",
        "spec/shop/api.yaml.orig",
        "spec/shop/.api.yaml.swp",
        "spec/shop/notes.md",
        "spec/._shop",
        "spec/.draft.yaml",
        "spec/.git/config.yaml",
        "spec/__MACOSX/shop/._api.yaml",
        "spec/shop/.idea/api.yaml",
    ] {
        scratch.put(left, b"\0\x05\x16\x07 no spec: [");
    }
    assert_eq!(changes(&scratch.run(true)), []);
}

#[test]
fn a_spec_with_findings_writes_nothing() {
    let scratch = disturbed();
    let before = state(&scratch);
    scratch.put("spec/shop/broken.yaml", "operation: broken\n");
    for check in [false, true] {
        match regen(&scratch.project(), check).expect("the project can be read") {
            Outcome::Findings(_, diagnostics) => assert!(!diagnostics.is_empty()),
            Outcome::Done(report) => panic!("{report:?}"),
        }
    }
    assert_eq!(touched(&before, &state(&scratch)), [""; 0]);
}

#[test]
fn a_spec_with_every_single_lint_broken_never_reaches_the_emitters() {
    for (lint, folder) in lints_with_fixtures() {
        let scratch = TempProject::fixture(&folder, "fail");
        scratch.put("generated/Cargo.toml", "");
        let outcome = regen(&scratch.project(), false).expect("the project can be read");
        assert!(matches!(outcome, Outcome::Findings(..)), "{lint}");
        assert_eq!(files_below(&scratch.path("generated")), ["Cargo.toml"]);
    }
}

#[test]
fn every_spec_that_passes_all_lints_can_be_generated() {
    for (lint, folder) in lints_with_fixtures() {
        let scratch = TempProject::fixture(&folder, "pass");
        scratch.put("generated/Cargo.toml", "");
        assert!(!scratch.run(false).changes.is_empty());
        assert_eq!(changes(&scratch.run(true)), [], "{lint}");
    }
}

#[test]
fn the_generated_crates_are_up_to_date_with_the_specs() {
    for project in projects_of_this_workspace() {
        match regen(&project, true).expect("the project can be read") {
            Outcome::Done(report) => assert!(report.changes.is_empty(), "{}", describe(&report, &project, true)),
            Outcome::Findings(sources, diagnostics) => panic!("{}", diagnostics.render(&sources, false)),
        }
    }
}

#[test]
fn an_additional_api_changes_only_the_front_page_of_the_crate() {
    let mut project = project_of_this_workspace("toss-sdk");
    project.apis = Some(vec!["onboarding".into(), "pay".into()]);
    let alone: BTreeMap<String, String> = generated(&project).into_iter().collect();
    let scratch = TempProject::base();
    for file in files_below(&project.spec) {
        scratch.put(&format!("spec/{file}"), fs::read(project.spec.join(&file)).expect("the spec can be read"));
    }
    let apis = Some(vec!["onboarding".into(), "pay".into(), "shop".into()]);
    let further = Project { apis, options: project.options.clone(), ..scratch.project() };
    let beside: BTreeMap<String, String> = generated(&further).into_iter().collect();
    let differing = alone.iter().filter(|(path, text)| beside.get(*path) != Some(*text));
    assert_eq!(differing.map(|(path, _)| path.as_str()).collect::<Vec<_>>(), ["src/lib.rs"]);
}

#[cfg(unix)]
mod obstacles {
    //! Tests of obstacles, which are links and other entries at the path of a generated file or folder.

    use super::*;
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::symlink;

    /// Creates a crate with an obstacle, and runs a check and the generator. Checks that both report the same changes,
    /// and that the run makes the crate complete. Returns the changes and the project.
    fn healed(put_in_the_way: impl Fn(&TempProject)) -> (Vec<(FileState, String)>, TempProject) {
        let expected = contents(state(&written()));
        let scratch = written();
        put_in_the_way(&scratch);
        let checked = scratch.run(true);
        let report = scratch.run(false);
        assert_eq!(changes(&checked), changes(&report), "a check must report the changes that a run makes");
        assert_eq!(report.failures, [""; 0]);
        assert_eq!(contents(state(&scratch)), expected);
        assert_eq!(changes(&scratch.run(true)), []);
        (report.changes.iter().map(|change| (change.kind, change.path.clone())).collect(), scratch)
    }

    fn owned(changes: &[(FileState, &str)]) -> Vec<(FileState, String)> {
        changes.iter().map(|(kind, path)| (*kind, (*path).to_owned())).collect()
    }

    #[test]
    fn a_linked_folder_is_replaced_and_its_target_is_not_touched() {
        let (changes, scratch) = healed(|scratch| {
            fs::rename(scratch.path("generated/surface"), scratch.path("elsewhere")).expect("it can be moved");
            scratch.put("elsewhere/shop.txt", "somebody's\n");
            symlink(scratch.path("elsewhere"), scratch.path("generated/surface")).expect("it can be linked");
        });
        let missing = [
            (FileState::Stray, "surface"),
            (FileState::Missing, "surface/parcel.txt"),
            (FileState::Missing, "surface/shop.txt"),
        ];
        assert_eq!(changes, owned(&missing));
        assert_eq!(scratch.text("elsewhere/shop.txt"), "somebody's\n");
        assert!(scratch.path("elsewhere/parcel.txt").exists());
    }

    #[test]
    fn a_link_to_equal_content_is_replaced_by_a_file() {
        let (changes, scratch) = healed(|scratch| {
            fs::rename(scratch.path("generated/src/lib.rs"), scratch.path("lib.rs")).expect("it can be moved");
            symlink(scratch.path("lib.rs"), scratch.path("generated/src/lib.rs")).expect("it can be linked");
        });
        assert_eq!(changes, owned(&[(FileState::Changed, "src/lib.rs")]));
        assert!(scratch.path("lib.rs").exists());
    }

    #[test]
    fn dangling_links_are_removed() {
        let (changes, _) = healed(|scratch| {
            fs::remove_file(scratch.path("generated/src/lib.rs")).expect("it can be deleted");
            symlink("nowhere", scratch.path("generated/src/lib.rs")).expect("it can be linked");
            symlink("nowhere", scratch.path("generated/src/old.rs")).expect("it can be linked");
        });
        assert_eq!(changes, owned(&[(FileState::Changed, "src/lib.rs"), (FileState::Stray, "src/old.rs")]));
    }

    #[test]
    fn a_folder_at_the_path_of_a_file_is_replaced() {
        let (changes, _) = healed(|scratch| {
            fs::remove_file(scratch.path("generated/src/lib.rs")).expect("it can be deleted");
            scratch.put("generated/src/lib.rs/deep/mod.rs", "//! In the way.\n");
        });
        assert_eq!(changes, owned(&[(FileState::Missing, "src/lib.rs"), (FileState::Stray, "src/lib.rs/deep/mod.rs")]));
    }

    #[test]
    fn a_file_at_the_path_of_a_folder_is_replaced() {
        let (changes, _) = healed(|scratch| {
            fs::remove_dir_all(scratch.path("generated/surface")).expect("it can be deleted");
            scratch.put("generated/surface", "in the way\n");
        });
        let missing = [
            (FileState::Stray, "surface"),
            (FileState::Missing, "surface/parcel.txt"),
            (FileState::Missing, "surface/shop.txt"),
        ];
        assert_eq!(changes, owned(&missing));
    }

    #[test]
    fn an_empty_stray_folder_is_found_and_removed() {
        let (changes, _) = healed(|scratch| {
            fs::create_dir_all(scratch.path("generated/src/gone/deeply")).expect("it can be made");
        });
        assert_eq!(changes, owned(&[(FileState::Stray, "src/gone/deeply/")]));
    }

    #[test]
    fn a_stray_file_whose_name_is_not_utf_8_is_removed() {
        let (changes, _) = healed(|scratch| {
            let name = OsStr::from_bytes(b"old\xff.rs");
            fs::write(scratch.path("generated/src").join(name), "").expect("it can be written");
        });
        assert_eq!(changes, owned(&[(FileState::Stray, "src/old\u{fffd}.rs")]));
    }

    #[test]
    fn failures_are_reported_beside_the_corrected_files() {
        let scratch = written();
        scratch.put("generated/surface/shop.txt", "by hand\n");
        fs::remove_file(scratch.path("generated/src/lib.rs")).expect("it can be deleted");
        // The folder is read-only, so the run fails for one file. Root can write to it, so there is no failure for
        // root.
        let locked = scratch.path("generated/src");
        let mode = <fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode;
        fs::set_permissions(&locked, mode(0o555)).expect("it can be locked");
        let mighty = fs::write(locked.join("probe"), "").is_ok();
        let report = scratch.run(false);
        fs::set_permissions(&locked, mode(0o755)).expect("it can be unlocked");
        let expected = if mighty { 0 } else { 1 };
        assert_eq!(report.failures.len(), expected, "{:?}", report.failures);
        assert!(changes(&report).contains(&(FileState::Changed, "surface/shop.txt")));
    }
}
