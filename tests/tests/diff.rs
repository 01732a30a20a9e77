//! Tests of `diff`, which compares two revisions of a spec. They check the impact of each change, the detection of
//! renames, the suggested next version, and the reports.

use codegen::diff::{
    Change, ChangeKind, Impact, ReportFormat, compare, next_version, read_revision, render, unused_corrections,
};
use codegen::plan::plan;
use codegen::project::Project;
use codegen::regen::{Loaded, check, load};
use codegen::resolved::Api;
use codegen::source::{SourceFile, Sources};
use serde_yaml::Value as Yaml;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;
use tests::temp_project::TempProject;

use Impact::{Additive, Behavior, Breaking, Documentation};

/// Line of the spec of the invented parcel API that defines a field. Tests can remove this field, because no example
/// contains it.
const PICK_UP: &str = "  pickUpBy: { type: KstDateTime, within: 12 h, mandatory_when: { priority: 3 }, doc: Latest time of the pickup. }\n";

fn parcel() -> TempProject {
    let scratch = TempProject::empty();
    scratch.copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("parcel-spec"), "spec");
    scratch
}

fn apis(scratch: &TempProject) -> Vec<Api> {
    match load(&scratch.project()).expect("a spec") {
        Loaded::Sound(apis) => apis,
        Loaded::Findings(sources, diagnostics) => panic!("{}", diagnostics.render(&sources, false)),
    }
}

fn edit(scratch: &TempProject, file: &str, old: &str, new: &str) {
    let path = format!("spec/parcel/{file}.yaml");
    let text = scratch.text(&path);
    assert!(text.contains(old), "{file} has no `{old}`");
    scratch.put(&path, text.replacen(old, new, 1));
}

fn changes(file: &str, old: &str, new: &str) -> Vec<Change> {
    let scratch = parcel();
    let before = apis(&scratch);
    edit(&scratch, file, old, new);
    compare(&before, &apis(&scratch))
}

fn assert_reported(cases: &[(Impact, &str, &str, &str, &str, &str)]) {
    for (impact, file, old, new, at, what) in cases {
        let found = changes(file, old, new);
        let told: Vec<(Impact, &str, &str)> =
            found.iter().map(|c| (c.impact, c.at.as_str(), c.what.as_str())).collect();
        assert_eq!(told, [(*impact, *at, *what)], "{old} -> {new}");
    }
}

#[test]
fn an_unchanged_spec_has_no_changes() {
    let scratch = parcel();
    assert_eq!(compare(&apis(&scratch), &apis(&scratch)), []);
}

/// Both credentials are texts, so callers who pass them in the old order would compile.
#[test]
fn another_order_of_the_parameters_of_a_client_is_breaking() {
    let pin = "  depot_pin:\n    type: DepotPin\n    doc: PIN of the depot. Requests that the depot carries out contain it.\n";
    let token = "  access_token:\n    type: AccessToken\n    doc: The bearer token of the shipper's server.\n";
    let what = "order of the credentials";
    assert_reported(&[(Breaking, "api", &format!("{token}{pin}"), &format!("{pin}{token}"), "parcel", what)]);
}

#[test]
fn a_stricter_rule_of_a_request_is_breaking_and_a_looser_one_is_additive() {
    let remark = "parcel: create_label.request.remark";
    assert_reported(&[
        (
            Breaking,
            "create_label",
            "max: 200 characters\n    mandatory",
            "max: 199 characters\n    mandatory",
            remark,
            "max",
        ),
        (
            Additive,
            "create_label",
            "max: 200 characters\n    mandatory",
            "max: 201 characters\n    mandatory",
            remark,
            "max",
        ),
        (Additive, "create_label", "    max: 200 characters\n    mandatory", "    mandatory", remark, "max"),
        (
            Breaking,
            "create_label",
            "min: value -3, ",
            "min: value -2, ",
            "parcel: create_label.request.priority",
            "min",
        ),
        (
            Additive,
            "create_label",
            "min: value -3, ",
            "min: value -4, ",
            "parcel: create_label.request.priority",
            "min",
        ),
        (Breaking, "create_label", "within: 12 h", "within: 6 h", "parcel: create_label.request.pickUpBy", "within"),
        (Breaking, "types", "digits, blank, \"+-()\"", "digits, blank, \"+-\"", "parcel: PhoneNumber", "characters"),
        (Additive, "types", "digits, blank, \"+-()\"", "digits, blank, \"+-()/\"", "parcel: PhoneNumber", "characters"),
    ]);
}

#[test]
fn a_limit_of_a_reply_is_documentation() {
    assert_reported(&[(
        Documentation,
        "create_label",
        "pdfUrl: { type: string, ",
        "pdfUrl: { type: string, max: 10 characters, ",
        "parcel: create_label.reply.pdfUrl",
        "max",
    )]);
}

#[test]
fn removed_and_newly_mandatory_fields_of_a_request_are_breaking() {
    assert_reported(&[
        (Breaking, "create_label", PICK_UP, "", "parcel: create_label.request.pickUpBy", "field"),
        (
            Breaking,
            "create_label",
            "  tags:",
            "  color: { type: string, mandatory_when: { priority: 3 }, doc: It. }\n  tags:",
            "parcel: create_label.request.color",
            "field",
        ),
        (
            Additive,
            "create_label",
            "  tags:",
            "  color: { type: string, doc: It. }\n  tags:",
            "parcel: create_label.request.color",
            "field",
        ),
        (
            Breaking,
            "create_label",
            "floors: { type: integer,",
            "floors: { type: won,",
            "parcel: create_label.request.floors",
            "type",
        ),
        (
            Breaking,
            "create_label",
            "totalFee: { type: won, mandatory: true,",
            "totalFee: { type: won,",
            "parcel: create_label.request.totalFee",
            "mandatory",
        ),
        (
            Breaking,
            "create_label",
            "quoteNo: { type: QuoteNo }, ",
            "quoteNo: { type: QuoteNo }, dealNo: { type: LabelNo }, ",
            "parcel: create_label.request.price.dealNo",
            "field",
        ),
    ]);
}

#[test]
fn a_reply_may_gain_members_and_must_keep_those_it_has() {
    assert_reported(&[
        (
            Additive,
            "create_label",
            "  hub: { type: Hub }\n  pdfUrl",
            "  hub: { type: Hub }\n  van: { type: string, doc: Which. }\n  pdfUrl",
            "parcel: create_label.reply.van",
            "field",
        ),
        (
            Breaking,
            "create_label",
            "  hub: { type: Hub }\n  pdfUrl",
            "  pdfUrl",
            "parcel: create_label.reply.hub",
            "field",
        ),
        (
            Breaking,
            "create_label",
            "state: { type: LabelState, always: true }",
            "state: { type: LabelState }",
            "parcel: create_label.reply.state",
            "always present",
        ),
    ]);
}

#[test]
fn new_values_and_codes_are_additive_if_the_type_is_open() {
    assert_reported(&[
        (
            Additive,
            "types",
            "      LOST: {",
            "      ASLEEP: { means: Waits., initial: true, next: [] }\n      LOST: {",
            "parcel: LabelState.ASLEEP",
            "value",
        ),
        (
            Breaking,
            "types",
            "      F1: { means: Forms. }\n",
            "      F1: { means: Forms. }\n      X1: { means: Else. }\n",
            "parcel: NoticeVersion.X1",
            "value",
        ),
        (Behavior, "types", "label: 착불", "label: 후불", "parcel: Payer.recipient", "label"),
        (Behavior, "types", "allows: [claim]", "allows: []", "parcel: LabelState.LOST", "allows"),
        (
            Additive,
            "create_label",
            "errors:\n",
            "errors:\n  NO_VAN: { means: There is none., advice: try_later }\n",
            "parcel: code NO_VAN",
            "code",
        ),
        (
            Breaking,
            "create_label",
            "REF_KNOWN: { means",
            "REF_KNOWN: { name: RefSeen, means",
            "parcel: code REF_KNOWN",
            "Rust name",
        ),
        (
            Behavior,
            "create_label",
            "was used before., advice: already_done",
            "was used before., advice: fix_request",
            "parcel: code REF_KNOWN",
            "advice",
        ),
    ]);
}

#[test]
fn changes_of_urls_repetition_and_defaults_are_behavior() {
    assert_reported(&[
        (Behavior, "api", "https://parcel.example/api", "https://parcel.example/v7", "parcel: stage live", "URL"),
        (Behavior, "api", "attempt: 2 min", "attempt: 3 min", "parcel", "attempt timeout"),
        (Behavior, "api", "attempt: 2 min", "attempt: 2 min\n  total: 10 min", "parcel", "total timeout"),
        (Behavior, "cancel_label", "class: never", "class: resend", "parcel: cancel_label", "recovery"),
        (Behavior, "get_label", "get: /v7/", "get: /v8/", "parcel: get_label", "path"),
        (Behavior, "create_label", "default: A6", "default: A4", "parcel: create_label.request.paper", "default"),
        (Behavior, "label_event", "answer: 204", "answer: 200", "parcel: label_event", "answer"),
        (Behavior, "api", "key_after: whsec_", "key_after: sec_", "parcel: computed notice_proof", "value"),
        (
            Behavior,
            "create_label",
            "leave_at_the_door: { sends: false,",
            "leave_at_the_door: { sends: false, recovery: never,",
            "parcel: create_label.request.signature",
            "recovery of choices",
        ),
        (Behavior, "customs_notice", "within: 5 min", "within: 10 min", "parcel: customs_notice", "proof"),
        (
            Behavior,
            "api",
            "notice-timestamp, \".\"",
            "notice-timestamp, \":\"",
            "parcel: computed notice_proof",
            "value",
        ),
        (
            Breaking,
            "api",
            "  depot_pin:",
            "  spare_pin: { type: DepotPin, doc: Another. }\n  depot_pin:",
            "parcel: credential spare_pin",
            "credential",
        ),
    ]);
}

/// Returns the changes after a replacement in the spec of one of the APIs in `shapes/specs`.
fn changes_of_shape(shape: &str, file: &str, old: &str, new: &str) -> Vec<Change> {
    let scratch = TempProject::base();
    scratch.copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("shapes/specs").join(shape), "spec/shop");
    let before = apis(&scratch);
    let path = format!("spec/shop/{file}.yaml");
    let text = scratch.text(&path);
    assert!(text.contains(old), "{file} has no `{old}`");
    scratch.put(&path, text.replacen(old, new, 1));
    compare(&before, &apis(&scratch))
}

#[test]
fn another_validity_of_a_token_is_behavior() {
    for validity in ["valid_for: 20 min", "expires_in: success.left", "expires_at: success.end"] {
        let found = changes_of_shape("fetched", "api", "valid_for: 30 min", validity);
        let told: Vec<_> = found.iter().map(|change| (change.impact, change.at.as_str())).collect();
        assert_eq!(told, [(Behavior, "shop: computed token")], "{validity}");
    }
}

#[test]
fn another_value_that_the_caller_of_a_resolution_passes_is_breaking() {
    let (old, new) = ("entry_expect: [step, amount]", "entry_expect: [amount]");
    let found = changes_of_shape("fixed_values", "create_order", old, new);
    let is_it = |change: &Change| change.impact == Breaking && change.what == "expected values of the resolution";
    assert!(found.iter().any(is_it), "{found:?}");
}

#[test]
fn changes_of_descriptions_are_documentation() {
    assert_reported(&[
        (
            Documentation,
            "get_label",
            "Returns a label and the location of its parcel.",
            "Says where it is.",
            "parcel: get_label",
            "summary",
        ),
        (
            Documentation,
            "create_label",
            "we_read: The caller has to pass a text or null.",
            "we_read: So it is.",
            "parcel: create_label",
            "readings",
        ),
    ]);
}

#[test]
fn a_rename_is_one_change() {
    for (file, old, new, at, from, impact) in [
        ("create_label", "  shelf: {", "  shelfNo: {", "parcel: create_label.request.shelfNo", "shelf", Breaking),
        (
            "create_label",
            "  shelf: {",
            "  board: { name: shelf, ",
            "parcel: create_label.request.board",
            "shelf",
            Behavior,
        ),
        ("create_label", "  REF_KNOWN: {", "  REF_SEEN: {", "parcel: code REF_SEEN", "REF_KNOWN", Breaking),
        ("api", "  rehearsal:", "  practice:", "parcel: stage practice", "rehearsal", Breaking),
    ] {
        let scratch = parcel();
        let before = apis(&scratch);
        edit(&scratch, file, old, new);
        if old.contains("shelf") {
            // An example contains the name too.
            let name = new.trim().trim_end_matches(|c: char| c != ':').split(':').next().unwrap_or_default().to_owned();
            edit(&scratch, file, "      shelf: A-1", &format!("      {name}: A-1"));
        }
        let found = compare(&before, &apis(&scratch));
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(
            (found[0].kind, found[0].at.as_str(), found[0].old.as_deref()),
            (ChangeKind::Renamed, at, Some(from))
        );
        assert_eq!(found[0].impact, impact, "{at}");
    }
}

#[test]
fn a_renamed_type_is_reported_once_and_not_with_each_field() {
    let scratch = parcel();
    let before = apis(&scratch);
    for file in ["types", "create_label"] {
        let path = format!("spec/parcel/{file}.yaml");
        scratch.put(&path, scratch.text(&path).replace("QuoteNo", "QuoteNumber"));
    }
    let found = compare(&before, &apis(&scratch));
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!((found[0].kind, found[0].at.as_str()), (ChangeKind::Renamed, "parcel: QuoteNumber"));
}

#[test]
fn a_removal_and_an_unrelated_addition_are_no_rename() {
    let scratch = parcel();
    let before = apis(&scratch);
    edit(&scratch, "create_label", PICK_UP, "");
    edit(&scratch, "create_label", "  tags:", "  color: { type: string, doc: It. }\n  tags:");
    let kinds: Vec<ChangeKind> = compare(&before, &apis(&scratch)).iter().map(|change| change.kind).collect();
    assert_eq!(kinds, [ChangeKind::Removed, ChangeKind::Added]);
}

#[test]
fn the_most_severe_change_determines_the_next_version() {
    let change = |impact| Change {
        impact,
        kind: ChangeKind::Changed,
        at: "shop".into(),
        what: "doc".into(),
        old: None,
        new: None,
        correction: None,
    };
    let next = |version, impact| next_version(version, &[change(Documentation), change(impact)]).map(|(_, next)| next);
    assert_eq!(next("0.3.4", Breaking).as_deref(), Some("0.4.0"));
    assert_eq!(next("0.3.4", Behavior).as_deref(), Some("0.4.0"));
    assert_eq!(next("0.3.4", Additive).as_deref(), Some("0.3.5"));
    assert_eq!(next("1.3.4", Breaking).as_deref(), Some("2.0.0"));
    assert_eq!(next("1.3.4", Additive).as_deref(), Some("1.4.0"));
    assert_eq!(next("1.3.4", Documentation).as_deref(), Some("1.3.5"));
    assert_eq!(next_version("1.3.4", &[]), None);
}

/// Returns changes that include every kind of impact.
fn several() -> Vec<Change> {
    let scratch = parcel();
    let before = apis(&scratch);
    edit(&scratch, "create_label", "    max: 200 characters\n    mandatory", "    max: 100 characters\n    mandatory");
    edit(&scratch, "create_label", "  REF_KNOWN: {", "  REF_SEEN: {");
    edit(&scratch, "create_label", "default: A6", "default: A4");
    edit(&scratch, "create_label", "  tags:", "  color: { type: string, doc: It. }\n  tags:");
    edit(&scratch, "get_label", "Returns a label and the location of its parcel.", "Says where a parcel is | was.");
    compare(&before, &apis(&scratch))
}

#[test]
fn the_text_report_looks_as_reviewed() {
    insta::assert_snapshot!(render(&several(), "v0.1.0", "0.1.0", ReportFormat::Text));
}

#[test]
fn the_json_report_looks_as_reviewed() {
    insta::assert_snapshot!(render(&several(), "v0.1.0", "0.1.0", ReportFormat::Json));
}

#[test]
fn the_markdown_report_looks_as_reviewed() {
    insta::assert_snapshot!(render(&several(), "v0.1.0", "0.1.0", ReportFormat::Markdown));
}

fn git(scratch: &TempProject, arguments: &[&str]) {
    let output = Command::new("git")
        .arg("-C")
        .arg(scratch.path("."))
        .args(["-c", "user.name=somebody", "-c", "user.email=somebody@shop.example", "-c", "commit.gpgsign=false"])
        .args(arguments)
        .output()
        .expect("git is installed");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_revision_is_read_from_git_without_changing_the_work_tree() {
    let scratch = parcel();
    git(&scratch, &["init", "-q"]);
    git(&scratch, &["add", "."]);
    git(&scratch, &["commit", "-qm", "First"]);
    edit(&scratch, "create_label", "default: A6", "default: A4");
    let project = scratch.project();
    let sources = read_revision(&scratch.path("."), &project, "HEAD").expect("the revision is there");
    let Loaded::Sound(before) = check(sources, &project).expect("a spec") else { panic!("the old spec has findings") };
    let found = compare(&before, &apis(&scratch));
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].what, "default");
    assert!(scratch.text("spec/parcel/create_label.yaml").contains("default: A4"));
}

fn revision_error(scratch: &TempProject, folder: &str, revision: &str) -> String {
    let root = scratch.path(folder);
    read_revision(&root, &Project::at(&root), revision).expect_err("no such revision").to_string()
}

fn published() -> TempProject {
    let scratch = parcel();
    git(&scratch, &["init", "-q", "--initial-branch=main"]);
    git(&scratch, &["add", "spec"]);
    git(&scratch, &["commit", "-qm", "First"]);
    git(&scratch, &["commit", "-q", "--allow-empty", "-m", "Second"]);
    scratch
}

#[test]
fn a_missing_revision_is_an_error_with_its_name() {
    let scratch = parcel();
    git(&scratch, &["init", "-q"]);
    let said = revision_error(&scratch, ".", "--output=x");
    assert!(said.starts_with("there is no revision `--output=x` here"), "{said}");
    assert!(revision_error(&scratch, ".", "HEAD").ends_with("nothing has been committed yet"));
    let said = revision_error(&published(), ".", "mian");
    assert!(said.contains("`mian`") && said.contains("`git branch --all`"), "{said}");
}

#[test]
fn a_branch_that_exists_only_on_the_remote_is_an_error_with_a_suggestion() {
    let scratch = published();
    git(&scratch, &["clone", "-q", ".", "clone"]);
    git(&scratch, &["-C", "clone", "checkout", "-q", "-b", "mine"]);
    git(&scratch, &["-C", "clone", "branch", "-q", "-D", "main"]);
    let said = revision_error(&scratch, "clone", "main");
    assert!(said.contains("only `origin/main`") && said.contains("`diff origin/main`"), "{said}");
    let root = scratch.path("clone");
    read_revision(&root, &Project::at(&root), "origin/main").expect("the suggested command works");
    let said = revision_error(&scratch, "clone", "release");
    assert!(said.contains("`git fetch origin release:refs/remotes/origin/release`"), "{said}");
}

/// Runs a git command that a message suggests, in the folder `clone`. `beginning` is the beginning of the command.
fn follow(scratch: &TempProject, said: &str, beginning: &str) {
    let advised = said.split('`').find(|part| part.starts_with(beginning)).unwrap_or_else(|| panic!("{said}"));
    let arguments: Vec<&str> = advised.split(' ').skip(1).collect();
    git(scratch, &[&["-C", "clone"], arguments.as_slice()].concat());
}

#[test]
fn the_suggested_command_works_in_a_clone_of_a_single_branch() {
    for (depth, beginning) in
        [("", "git fetch origin main"), ("--depth=1", "git fetch --depth=1"), ("--depth=1", "git fetch --unshallow")]
    {
        let scratch = published();
        git(&scratch, &["branch", "-q", "topic"]);
        let url = format!("file://{}", scratch.path(".").display());
        let mut clone = vec!["clone", "-q", "--single-branch", "--branch=topic", &url, "clone"];
        clone.extend([depth].iter().filter(|depth| !depth.is_empty()));
        git(&scratch, &clone);
        let said = revision_error(&scratch, "clone", "main");
        follow(&scratch, &said, beginning);
        let root = scratch.path("clone");
        read_revision(&root, &Project::at(&root), "origin/main").unwrap_or_else(|error| panic!("{said}: {error}"));
    }
}

#[cfg(unix)]
mod links {
    use super::*;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::symlink;

    fn committed(scratch: &TempProject) -> (Sources, Sources) {
        git(scratch, &["init", "-q"]);
        git(scratch, &["add", "-A", "."]);
        git(scratch, &["commit", "-qm", "First"]);
        let project = scratch.project();
        let then = read_revision(&scratch.path("."), &project, "HEAD").expect("the revision can be read");
        (then, Sources::read(&project.spec, &project.spec_label).expect("the spec can be read"))
    }

    fn texts(sources: &Sources) -> Vec<(&str, &str)> {
        sources.0.iter().map(|source| (source.path.trim_start_matches("HEAD:"), source.text.as_str())).collect()
    }

    #[test]
    fn links_in_a_revision_are_followed_as_on_the_disk() {
        let scratch = parcel();
        std::fs::create_dir(scratch.path("shared")).unwrap();
        std::fs::rename(scratch.path("spec/parcel/types.yaml"), scratch.path("shared/types.yaml")).unwrap();
        symlink("../../shared/types.yaml", scratch.path("spec/parcel/types.yaml")).unwrap();
        std::fs::rename(scratch.path("spec/parcel"), scratch.path("shared/parcel")).unwrap();
        symlink("../shared/parcel", scratch.path("spec/parcel")).unwrap();
        std::fs::remove_file(scratch.path("shared/parcel/types.yaml")).unwrap();
        symlink("../types.yaml", scratch.path("shared/parcel/types.yaml")).unwrap();
        let (then, now) = committed(&scratch);
        assert!(now.0.iter().any(|source| source.path.ends_with("types.yaml")));
        assert_eq!(texts(&then), texts(&now));
        assert_eq!((then.1.len(), now.1.len()), (0, 0));
    }

    #[test]
    fn dangling_links_and_names_that_are_not_utf_8_are_findings_on_the_disk_and_in_a_revision() {
        let scratch = parcel();
        symlink("../nowhere", scratch.path("spec/other")).unwrap();
        symlink("nowhere.yaml", scratch.path("spec/parcel/more.yaml")).unwrap();
        symlink("somebody@host.1234", scratch.path("spec/parcel/.#types.yaml")).unwrap();
        for name in [&b"\xb9\xe8\xbc\xdb.yaml"[..], b"\xb9\xe8\xbc\xdb.txt"] {
            std::fs::write(scratch.path("spec/parcel").join(std::ffi::OsStr::from_bytes(name)), "types: x\n").unwrap();
        }
        let (then, now) = committed(&scratch);
        assert_eq!(texts(&then), texts(&now));
        for sources in [then, now] {
            let left: Vec<&str> = sources.1.iter().map(|left| left.why).collect();
            assert_eq!(left.len(), 3, "{:?}", sources.1);
            assert_eq!(left.iter().filter(|why| why.contains("this link")).count(), 2, "{left:?}");
            assert!(left.contains(&"its name is not UTF-8"), "{left:?}");
        }
    }

    #[test]
    fn a_pipe_instead_of_a_spec_file_is_a_finding_and_does_not_block() {
        let scratch = parcel();
        let made = Command::new("mkfifo").arg(scratch.path("spec/parcel/more.yaml")).status().expect("mkfifo is there");
        assert!(made.success());
        let (lints, text) = scratch.findings();
        assert_eq!(lints, ["stray-file"]);
        assert!(text.contains("neither a file nor a folder"), "{text}");
    }
}

#[test]
fn in_a_shallow_clone_the_error_suggests_what_to_fetch() {
    let scratch = published();
    git(&scratch, &["branch", "-q", "topic"]);
    let url = format!("file://{}", scratch.path(".").display());
    git(&scratch, &["clone", "-q", "--depth=1", "--branch=topic", &url, "clone"]);
    for revision in ["main", "origin/main"] {
        let said = revision_error(&scratch, "clone", revision);
        assert!(said.contains(&format!("`{revision}`")) && said.contains("shallow clone"), "{said}");
        assert!(said.contains("`git fetch --depth=1 origin main:refs/remotes/origin/main`"), "{said}");
    }
    for revision in ["HEAD~1", "0123456789abcdef0123456789abcdef01234567"] {
        let said = revision_error(&scratch, "clone", revision);
        assert!(said.contains("`git fetch --unshallow`"), "{said}");
    }
    git(&scratch, &["-C", "clone", "fetch", "-q", "--depth=1", "origin", "main:refs/remotes/origin/main"]);
    let root = scratch.path("clone");
    read_revision(&root, &Project::at(&root), "origin/main").expect("the suggested command works");
}

#[test]
fn outside_of_a_repository_the_error_says_that_there_is_none() {
    let scratch = parcel();
    let said = revision_error(&scratch, ".", "main");
    assert!(said.contains("not a git repository"), "{said}");
}

#[test]
fn a_revision_has_the_same_spec_files_as_the_disk() {
    let scratch = parcel();
    let types = scratch.text("spec/parcel/types.yaml");
    std::fs::remove_file(scratch.path("spec/parcel/types.yaml")).expect("it can be deleted");
    scratch.put("spec/parcel/types.YAML", types);
    for left in ["._api.yaml", ".draft.yaml", "~api.yaml", ".idea/api.yaml"] {
        scratch.put(&format!("spec/parcel/{left}"), b"\0\x05\x16\x07 no spec");
    }
    for left in ["spec/__MACOSX/parcel/._api.yaml", "spec/.draft.yaml", "spec/._parcel", "spec/notes.md"] {
        scratch.put(left, "no spec");
    }
    git(&scratch, &["init", "-q"]);
    git(&scratch, &["add", "."]);
    git(&scratch, &["commit", "-qm", "First"]);
    let project = scratch.project();
    let paths = |sources: Sources, prefix: &str| {
        let paths =
            sources.0.into_iter().map(|source| (source.path.strip_prefix(prefix).map(str::to_owned), source.text));
        (paths.collect::<Vec<_>>(), sources.1.len())
    };
    let then = read_revision(&scratch.path("."), &project, "HEAD").expect("the revision is there");
    let now = Sources::read(&project.spec, &project.spec_label).expect("the spec can be read");
    assert_eq!(paths(then, "HEAD:"), paths(now, ""));
    // Misplaced files are found in the revision and on the disk.
    scratch.put("spec/parcel/more/extra.yaml", "types: more\n");
    scratch.put("spec/stray.yml", "types: more\n");
    git(&scratch, &["add", "."]);
    git(&scratch, &["commit", "-qm", "Second"]);
    let then = read_revision(&scratch.path("."), &project, "HEAD").expect("the revision is there");
    let now = Sources::read(&project.spec, &project.spec_label).expect("the spec can be read");
    assert_eq!((then.1.len(), now.1.len()), (2, 2));
}

#[test]
fn a_file_of_a_revision_in_another_encoding_is_a_finding() {
    let scratch = parcel();
    let text = scratch.text("spec/parcel/types.yaml");
    scratch.put("spec/parcel/types.yaml", [text.as_bytes(), b"# \xb9\xe8\xbc\xdb\n"].concat());
    git(&scratch, &["init", "-q"]);
    git(&scratch, &["add", "."]);
    git(&scratch, &["commit", "-qm", "First"]);
    let project = scratch.project();
    let sources = read_revision(&scratch.path("."), &project, "HEAD").expect("the revision is there");
    let Loaded::Findings(sources, diagnostics) = check(sources, &project).expect("a spec") else {
        panic!("the file in EUC-KR causes no finding")
    };
    let text = diagnostics.render(&sources, false);
    assert!(text.contains("EUC-KR"), "{text}");
}

const CORRECTIONS: &str = "
corrections:
  - { at: create_label.request.shelf, because: The limit of another row was copied. }
";

#[test]
fn a_correction_of_the_transcription_is_reported_separately_and_only_once() {
    let scratch = parcel();
    let before = apis(&scratch);
    edit(&scratch, "create_label", "max: 5 characters", "max: 4 characters");
    edit(&scratch, "create_label", "max: 6 digits", "max: 5 digits");
    let api = "spec/parcel/api.yaml";
    scratch.put(api, scratch.text(api) + CORRECTIONS);
    let now = apis(&scratch);
    let found = compare(&before, &now);
    let corrected: Vec<&Change> = found.iter().filter(|change| change.correction.is_some()).collect();
    assert_eq!(corrected.len(), 1, "{found:?}");
    assert_eq!(corrected[0].at, "parcel: create_label.request.shelf");
    assert_eq!(corrected[0].impact, Breaking, "a correction must not change the impact on callers");
    assert!(found.iter().any(|change| change.impact == Breaking && change.correction.is_none()), "{found:?}");
    assert_eq!(unused_corrections(&before, &now, &found), [""; 0]);
    let text = render(&found, "main", "0.1.0", ReportFormat::Text);
    assert!(
        text.contains("corrections of the transcription (1)\n  parcel: create_label.request.shelf  max: "),
        "{text}"
    );
    assert!(text.contains("    The limit of another row was copied.\n"), "{text}");
    assert!(text.contains("- Corrected: `parcel: create_label.request.shelf`"), "{text}");
    // A later change of the same limit counts as a change of the service, although `corrections:` still lists the
    // field.
    edit(&scratch, "create_label", "max: 4 characters", "max: 3 characters");
    let later = compare(&now, &apis(&scratch));
    assert!(later.iter().any(|change| change.impact == Breaking), "{later:?}");
    assert!(later.iter().all(|change| change.correction.is_none()), "{later:?}");
}

/// The change of a property of the API has no path, so the correction names the property.
#[test]
fn a_correction_can_cover_a_change_of_the_api_as_a_whole() {
    let scratch = parcel();
    let before = apis(&scratch);
    edit(&scratch, "api", "attempt: 2 min", "attempt: 3 min");
    edit(&scratch, "api", "warn_below: 40 s", "warn_below: 50 s");
    let api = "spec/parcel/api.yaml";
    let corrections = CORRECTIONS.replace("create_label.request.shelf", "attempt timeout");
    scratch.put(api, scratch.text(api) + &corrections);
    let now = apis(&scratch);
    let found = compare(&before, &now);
    let corrected: Vec<(&str, bool)> =
        found.iter().map(|change| (change.what.as_str(), change.correction.is_some())).collect();
    assert_eq!(corrected, [("attempt timeout", true), ("timeout that causes a warning", false)]);
    assert_eq!(unused_corrections(&before, &now, &found), [""; 0]);
}

#[test]
fn a_correction_that_matches_no_change_is_reported() {
    let scratch = parcel();
    let before = apis(&scratch);
    let api = "spec/parcel/api.yaml";
    scratch.put(api, scratch.text(api) + CORRECTIONS);
    let now = apis(&scratch);
    let found = compare(&before, &now);
    assert_eq!(unused_corrections(&before, &now, &found), ["parcel: create_label.request.shelf"]);
}

/// Returns the model from which the Rust code is generated. Examples are left out, because they become only tests.
fn model(apis: &[Api]) -> String {
    let mut model = plan(apis);
    for api in &mut model.apis {
        for op in &mut api.operations {
            op.examples.clear();
            op.sample = None;
        }
        for callback in &mut api.callbacks {
            callback.examples.clear();
        }
    }
    format!("{model:?}")
}

/// Change of a YAML document in one place.
struct Mutant {
    /// Keys and indexes that lead to the place, followed by the change.
    path: Vec<String>,
    document: Yaml,
}

/// Returns documents that differ from `value` in one place: an entry is removed, two entries are swapped, or a number, a
/// boolean or a text has another value. The other value of a text is another text that the spec has under the same key.
fn mutants(value: &Yaml, key: &str, texts: &BTreeMap<String, BTreeSet<String>>) -> Vec<Mutant> {
    let change = |what: &str, document: Yaml| Mutant { path: vec![what.to_owned()], document };
    let inside = |step: &str, inner: &Yaml, key: &str, whole: &dyn Fn(Yaml) -> Yaml| {
        let mutants = mutants(inner, key, texts).into_iter();
        let around = mutants.map(|Mutant { mut path, document }| {
            path.insert(0, step.to_owned());
            Mutant { path, document: whole(document) }
        });
        around.collect::<Vec<_>>()
    };
    match value {
        Yaml::Mapping(map) => {
            let mut found = Vec::new();
            for (name, inner) in map {
                let step = name.as_str().unwrap_or_default();
                let mut without = map.clone();
                without.shift_remove(name);
                found.push(Mutant { path: vec![step.into(), "removed".into()], document: Yaml::Mapping(without) });
                let whole = |inner| {
                    let mut map = map.clone();
                    map.insert(name.clone(), inner);
                    Yaml::Mapping(map)
                };
                found.extend(inside(step, inner, step, &whole));
            }
            found
        }
        Yaml::Sequence(entries) => {
            let mut found = Vec::new();
            for (n, inner) in entries.iter().enumerate() {
                let (before, after) = (&entries[..n], &entries[n + 1..]);
                found.push(change("entry removed", Yaml::Sequence([before, after].concat())));
                let whole = |inner| Yaml::Sequence([before, &[inner], after].concat());
                found.extend(inside("entry", inner, key, &whole));
            }
            if let [first, second, rest @ ..] = entries.as_slice() {
                let swapped = [&[second.clone(), first.clone()], rest].concat();
                found.push(change("swapped", Yaml::Sequence(swapped)));
            }
            found
        }
        Yaml::Bool(value) => vec![change("changed", Yaml::Bool(!value))],
        Yaml::Number(number) => {
            number.as_i64().map(|number| change("changed", Yaml::from(number + 1))).into_iter().collect()
        }
        Yaml::String(text) => {
            let others = texts.get(key).into_iter().flatten().filter(|other| *other != text).take(2);
            others.map(|other| change("changed", Yaml::from(other.as_str()))).collect()
        }
        _ => Vec::new(),
    }
}

/// Collects the texts that the spec has under each key.
fn collect_texts(value: &Yaml, key: &str, texts: &mut BTreeMap<String, BTreeSet<String>>) {
    match value {
        Yaml::Mapping(map) => {
            map.iter().for_each(|(name, inner)| collect_texts(inner, name.as_str().unwrap_or_default(), texts));
        }
        Yaml::Sequence(entries) => entries.iter().for_each(|inner| collect_texts(inner, key, texts)),
        Yaml::String(text) => {
            texts.entry(key.to_owned()).or_default().insert(text.clone());
        }
        _ => {}
    }
}

/// Keys below which a spec has prose, or words that only the audit of a page uses.
const PROSE: [&str; 9] = ["examples", "quirks", "notes", "page_words", "doc", "page", "history", "means", "summary"];

/// Keys whose value is a mapping with names of the API as its keys.
const NAMES: [&str; 24] = [
    "base_urls",
    "binds",
    "body",
    "cases",
    "choices",
    "codes",
    "computed",
    "credentials",
    "encodings",
    "enums",
    "errors",
    "fields",
    "headers",
    "http_statuses",
    "objects",
    "one_of",
    "path",
    "query",
    "reply",
    "request",
    "scalars",
    "times",
    "unions",
    "values",
];

/// Returns projects whose specs use different keys: the parcel spec, the spec with all procedures, and the specs of the
/// crate `shapes`, each added to the small valid spec.
fn projects_with_many_keys() -> Vec<TempProject> {
    let mut projects = vec![parcel(), TempProject::procedures()];
    let shapes = Path::new(env!("CARGO_MANIFEST_DIR")).join("shapes/specs");
    let folders = std::fs::read_dir(shapes).expect("the folder can be read");
    let mut folders: Vec<_> = folders.map(|folder| folder.expect("it can be read").path()).collect();
    folders.sort();
    for folder in folders {
        let project = TempProject::base();
        project.copy(&folder, "spec/shop");
        for file in std::fs::read_dir(project.path("spec/shop")).expect("the folder can be read") {
            let path = file.expect("it can be read").path();
            // As in the crate `shapes`, an empty file removes a file of the small spec.
            if std::fs::read_to_string(&path).expect("it can be read").trim().is_empty() {
                std::fs::remove_file(path).expect("it can be deleted");
            }
        }
        projects.push(project);
    }
    projects
}

/// Changes specs in one place at a time. If the generated code changes, the comparison of the two specs must report a
/// change. The changes cover the keys that these specs have. A key that none of them has is not covered.
#[test]
fn every_key_that_changes_generated_code_is_compared() {
    let (mut tried, mut compared) = (BTreeMap::new(), 0);
    for scratch in projects_with_many_keys() {
        compared += compare_mutants(&scratch, &mut tried);
    }
    assert!(compared > 400, "only {compared} changes were compared");
}

/// Compares a spec with its mutants. Returns the number of mutants with other generated code. `tried` contains the
/// number of such mutants at each sequence of keys. At most three of them are compared.
fn compare_mutants(scratch: &TempProject, tried: &mut BTreeMap<Vec<String>, usize>) -> usize {
    let (before, project) = (apis(scratch), scratch.project());
    let sources = project.sources().expect("the spec can be read").0;
    let trees: Vec<Yaml> =
        sources.iter().map(|source| serde_yaml::from_str(&source.text).expect("the spec is YAML")).collect();
    let mut texts = BTreeMap::new();
    trees.iter().for_each(|tree| collect_texts(tree, "", &mut texts));
    let own = model(&before);
    let mut compared = 0;
    for (n, tree) in trees.iter().enumerate() {
        for Mutant { path, document } in mutants(tree, "", &texts) {
            let is_name = |n: usize| n > 0 && NAMES.contains(&path[n - 1].as_str()) && n + 1 < path.len();
            let keys: Vec<String> = (0..path.len()).filter(|n| !is_name(*n)).map(|n| path[n].clone()).collect();
            // The order of the rules is only the order in which broken rules are reported.
            let is_order_of_rules = keys.ends_with(&["rules".into(), "swapped".into()]);
            let times = tried.entry(keys).or_default();
            if *times == 3 || is_order_of_rules || path.iter().any(|step| PROSE.contains(&step.as_str())) {
                continue;
            }
            let text = serde_yaml::to_string(&document).expect("a document can be written");
            let source = |(k, source): (usize, &SourceFile)| SourceFile {
                folder: source.folder.clone(),
                path: source.path.clone(),
                text: if k == n { text.clone() } else { source.text.clone() },
                undecoded: None,
            };
            let changed = Sources(sources.iter().enumerate().map(source).collect(), Vec::new());
            // Most changes make the spec invalid.
            let Ok(Loaded::Sound(now)) = check(changed, &project) else { continue };
            if model(&now) != own {
                *times += 1;
                compared += 1;
                assert_ne!(compare(&before, &now), [], "{}: {}", sources[n].path, path.join("."));
            }
        }
    }
    compared
}
