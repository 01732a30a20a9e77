//! Tests of the command line: output, streams and exit codes.

use std::fs;
use std::path::Path;
use std::process::Command;
use tests::temp_project::{TempProject, fixtures, repository};

struct Run {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Run {
    fn of(command: &mut Command) -> Self {
        let output = command.output().expect("the program starts");
        Run {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).expect("it prints text"),
            err: String::from_utf8(output.stderr).expect("it prints text"),
        }
    }

    fn ended_with(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}{}", self.out, self.err);
        self
    }
}

fn program(root: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command.arg("--root").arg(root);
    command
}

fn run(root: &Path, arguments: &[&str]) -> Run {
    Run::of(program(root).args(arguments))
}

/// Creates a project with a generated crate, and commits all of its files to a Git repository.
fn committed() -> TempProject {
    let scratch = TempProject::base();
    scratch.put("pagespec.yaml", "tool: cargo xtask\ncrates:\n  generated: {}\n");
    scratch.put("generated/Cargo.toml", "[package]\nname = \"generated\"\nversion = \"0.1.0\"\nedition = \"2024\"\n");
    run(&scratch.path(""), &["regen"]).ended_with(0);
    for arguments in [&["init", "-q"][..], &["add", "."], &["commit", "-q", "-m", "All of it"]] {
        let done = Command::new("git")
            .args(["-c", "user.name=A", "-c", "user.email=a@shop.example", "-c", "commit.gpgsign=false"])
            .args(arguments)
            .current_dir(scratch.path(""))
            .status();
        assert!(done.expect("git starts").success());
    }
    scratch
}

fn edit(scratch: &TempProject, old: &str, new: &str) {
    let path = "spec/shop/create_order.yaml";
    let text = scratch.text(path);
    assert!(text.contains(old), "there is no `{old}`");
    scratch.put(path, text.replace(old, new));
}

/// Returns the folder of a project with invented pages, and the path of one of the pages.
fn pages() -> (std::path::PathBuf, String) {
    let folder = fixtures().join("audit");
    let page = folder.join("pages/kiosk.txt").display().to_string();
    (folder, page)
}

#[test]
fn regen_prints_a_summary_and_check_passes_until_the_spec_changes() {
    let scratch = committed();
    let done = run(&scratch.path(""), &["regen"]).ended_with(0);
    assert!(done.out.starts_with("generated: ") && done.out.contains("up to date, in "), "{}", done.out);
    run(&scratch.path(""), &["regen", "--check"]).ended_with(0);
    edit(&scratch, "max: 7 digits", "max: 6 digits");
    let stale = run(&scratch.path(""), &["regen", "--check"]).ended_with(1);
    assert!(stale.out.contains("changed  generated/surface/shop.txt  +1 -1"), "{}", stale.out);
    assert!(stale.out.contains("Run `cargo xtask regen` and commit the result."), "{}", stale.out);
}

#[test]
fn findings_are_printed_to_stderr_and_exit_with_1() {
    let scratch = committed();
    edit(&scratch, "type: Delivery", "type: Delivry");
    for command in ["lint", "regen"] {
        let done = run(&scratch.path(""), &[command]).ended_with(1);
        assert_eq!(done.out, "", "{command}");
        assert!(done.err.contains("error[unknown-type]"), "{}", done.err);
    }
}

#[test]
fn lint_reports_a_spec_without_findings() {
    let done = run(&committed().path(""), &["lint"]).ended_with(0);
    assert_eq!((done.out.as_str(), done.err.as_str()), ("spec: no findings in 1 API\n", ""));
}

#[test]
fn a_breaking_change_is_reported_and_can_be_denied() {
    let scratch = committed();
    edit(&scratch, "max: 7 digits", "max: 6 digits");
    let told = run(&scratch.path(""), &["diff"]).ended_with(0);
    let denied = run(&scratch.path(""), &["diff", "--deny", "breaking"]).ended_with(1);
    assert_eq!(told.out, denied.out, "`--deny` changes the output");
    assert!(denied.out.starts_with("breaking (1)\n  shop: create_order.request.amount  max: "), "{}", denied.out);
    assert!(denied.out.contains("Raise the minor version: "), "{}", denied.out);
}

#[test]
fn a_change_below_the_denied_impact_passes() {
    let scratch = committed();
    edit(&scratch, "max: 7 digits", "max: 8 digits");
    for deny in ["breaking", "behavior"] {
        let done = run(&scratch.path(""), &["diff", "HEAD", "--deny", deny]).ended_with(0);
        assert!(done.out.starts_with("additive (1)\n"), "{}", done.out);
    }
    edit(&scratch, "post: /orders", "post: /v2/orders");
    run(&scratch.path(""), &["diff", "--deny", "breaking"]).ended_with(0);
    run(&scratch.path(""), &["diff", "--deny", "behavior"]).ended_with(1);
}

#[test]
fn diff_prints_json_and_markdown() {
    let scratch = committed();
    edit(&scratch, "max: 7 digits", "max: 6 digits");
    let json = run(&scratch.path(""), &["diff", "--format", "json"]).ended_with(0);
    let json: serde_json::Value = serde_json::from_str(&json.out).expect("it is JSON");
    assert_eq!(json["counts"]["breaking"], 1);
    assert_eq!(json["changes"][0]["at"], "shop: create_order.request.amount");
    let markdown = run(&scratch.path(""), &["diff", "--format", "markdown"]).ended_with(0);
    assert!(markdown.out.contains("| breaking | `shop: create_order.request.amount` | max: "), "{}", markdown.out);
}

#[test]
fn an_unknown_revision_is_misuse() {
    let done = run(&committed().path(""), &["diff", "yesterday"]).ended_with(2);
    assert_eq!(done.out, "");
    assert!(done.err.starts_with("error: there is no revision `yesterday` here"), "{}", done.err);
}

#[test]
fn a_diff_outside_of_a_repository_is_misuse() {
    let scratch = TempProject::base();
    // The temporary folder may itself be in a repository, which is unrelated to this project.
    let done = Run::of(program(&scratch.path("")).arg("diff").env("GIT_CEILING_DIRECTORIES", std::env::temp_dir()));
    assert_eq!(done.ended_with(2).out, "");
}

#[test]
fn the_printed_and_the_written_openapi_document_are_the_same() {
    let scratch = committed();
    let printed = run(&scratch.path(""), &["openapi", "--api", "shop"]).ended_with(0);
    let file = scratch.path("shop.json");
    let written = run(&scratch.path(""), &["openapi", "--api", "shop", "--out", &file.display().to_string()]);
    assert_eq!(written.ended_with(0).out, "");
    assert_eq!(scratch.text("shop.json"), printed.out);
    assert_eq!(scratch.text("generated/openapi/shop.json"), printed.out);
    let document: serde_json::Value = serde_json::from_str(&printed.out).expect("it is JSON");
    assert_eq!(document["openapi"], "3.1.0");
}

#[test]
fn the_error_names_a_file_that_cannot_be_written() {
    let scratch = committed();
    let file = scratch.path("nowhere/shop.json").display().to_string();
    let done = run(&scratch.path(""), &["openapi", "--api", "shop", "--out", &file]).ended_with(2);
    assert!(done.err.starts_with(&format!("error: {file}: ")), "{}", done.err);
}

#[test]
fn an_unknown_api_is_misuse_and_the_error_names_the_known_apis() {
    let scratch = committed();
    let page = pages().1;
    for arguments in [&["openapi", "--api", "shpo"][..], &["audit", "--api", "shpo", "--doc", &page]] {
        let done = run(&scratch.path(""), arguments).ended_with(2);
        assert!(done.err.contains("unknown API `shpo`") && done.err.contains("shop"), "{}", done.err);
    }
}

#[test]
fn an_audit_without_differences_exits_with_0_in_every_format() {
    let (root, page) = pages();
    for format in ["text", "json", "markdown"] {
        let done = run(&root, &["audit", "--api", "kiosk", "--doc", &page, "--format", format]).ended_with(0);
        assert_eq!(done.err, "", "{format}");
    }
}

#[test]
fn an_audit_with_a_difference_exits_with_1_in_every_format() {
    let (root, page) = pages();
    let text = fs::read_to_string(&page).expect("the page is there");
    let scratch = TempProject::empty();
    scratch.put(
        "kiosk.txt",
        text.replace("ticketNo string mandatory Max Length: 20", "ticketNo string mandatory Max Length: 24"),
    );
    let page = scratch.path("kiosk.txt").display().to_string();
    let of = |format| run(&root, &["audit", "--api", "kiosk", "--doc", &page, "--format", format]).ended_with(1).out;
    assert!(of("text").contains("ticketNo"));
    let json: serde_json::Value = serde_json::from_str(&of("json")).expect("it is JSON");
    assert!(json.to_string().contains("ticketNo"), "{json}");
    let markdown = of("markdown");
    assert!(markdown.starts_with('#') && markdown.contains("ticketNo"), "{markdown}");
}

#[test]
fn an_audit_of_an_unreadable_page_is_an_error() {
    let (root, page) = pages();
    let text = fs::read(&page).expect("the page is there");
    let scratch = TempProject::empty();
    scratch.put("empty.txt", "");
    scratch.put("login.html", "<!doctype html><title>Sign in</title><form><input name=user></form>");
    scratch.put("picture.png", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\xff\xfe");
    scratch.put("other.txt", fs::read(root.join("pages/depot.txt")).expect("the page is there"));
    scratch.put("utf16.txt", text.iter().flat_map(|byte| [*byte, 0]).chain([0xff]).collect::<Vec<u8>>());
    for name in ["empty.txt", "login.html", "picture.png", "other.txt", "utf16.txt", "missing.txt"] {
        let page = scratch.path(name).display().to_string();
        let done = run(&root, &["audit", "--api", "kiosk", "--doc", &page]).ended_with(2);
        assert_eq!(done.out, "", "{name}");
        assert!(done.err.starts_with("error: ") && done.err.contains(name), "{name}: {}", done.err);
        let is_explained = name == "missing.txt"
            || (["looked for", "expected"].iter().any(|word| done.err.contains(word)) && done.err.contains("found"));
        assert!(is_explained, "{name}: the error lacks the expected or the actual content: {}", done.err);
    }
    scratch.put("folder/page.txt", "");
    let folder = scratch.path("folder").display().to_string();
    run(&root, &["audit", "--api", "kiosk", "--doc", &folder]).ended_with(2);
}

#[test]
fn misuse_exits_with_2() {
    let root = repository();
    for arguments in [
        &[][..],
        &["regenerate"],
        &["regen", "--chekc"],
        &["audit", "--api", "pay"],
        &["openapi"],
        &["diff", "--deny", "additive"],
        &["diff", "--format", "html"],
        &["lint", "--root"],
    ] {
        let done = run(&root, arguments).ended_with(2);
        assert_eq!(done.out, "", "{arguments:?}");
        let is_explained = done.err.contains("Usage: ") || done.err.starts_with("error: ");
        assert!(is_explained, "{arguments:?}: {}", done.err);
    }
}

#[test]
fn a_folder_without_a_project_is_misuse() {
    for command in ["regen", "lint", "diff"] {
        let done = run(TempProject::empty().path("").as_path(), &[command]).ended_with(2);
        assert!(done.err.starts_with("error: ") && done.err.contains("spec"), "{}", done.err);
    }
}

#[test]
fn help_exits_with_0() {
    let done = run(&repository(), &["--help"]).ended_with(0);
    for command in ["regen", "lint", "audit", "openapi", "diff"] {
        assert!(done.out.contains(command), "{}", done.out);
    }
}

#[test]
fn output_to_a_pipe_has_no_color() {
    let scratch = committed();
    edit(&scratch, "type: Delivery", "type: Delivry");
    let done = run(&scratch.path(""), &["lint"]).ended_with(1);
    assert!(!done.err.contains('\u{1b}'), "{}", done.err);
}

/// Returns the output of `lint` on a terminal, which the program `script` simulates. Returns `None` if `script` cannot
/// be started.
#[cfg(target_os = "linux")]
fn on_a_terminal(scratch: &TempProject, no_color: Option<&str>) -> Option<String> {
    let line = format!("{} --root {} lint", env!("CARGO_BIN_EXE_xtask"), scratch.path("").display());
    let mut script = Command::new("script");
    script.args(["-qec", &line, "/dev/null"]).env("TERM", "xterm").env_remove("NO_COLOR");
    if let Some(value) = no_color {
        script.env("NO_COLOR", value);
    }
    let output = script.output().ok()?;
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
#[cfg(target_os = "linux")]
fn output_to_a_terminal_has_color_unless_no_color_is_set() {
    let scratch = committed();
    edit(&scratch, "type: Delivery", "type: Delivry");
    let (Some(plain), Some(empty), Some(forbidden)) =
        (on_a_terminal(&scratch, None), on_a_terminal(&scratch, Some("")), on_a_terminal(&scratch, Some("1")))
    else {
        eprintln!("skipped: the program `script`, which simulates a terminal, is not installed");
        return;
    };
    assert!(plain.contains("\u{1b}[") && plain.contains("unknown-type"), "{plain}");
    assert!(empty.contains("\u{1b}["), "an empty NO_COLOR disables colors: {empty}");
    assert!(!forbidden.contains('\u{1b}') && forbidden.contains("unknown-type"), "{forbidden}");
}

#[test]
#[cfg(unix)]
fn a_closed_output_is_not_an_error() {
    let line = format!("{} openapi --api pay | head -1", env!("CARGO_BIN_EXE_xtask"));
    let done = Run::of(Command::new("bash").args(["-o", "pipefail", "-c", &line])).ended_with(0);
    assert_eq!((done.out.as_str(), done.err.as_str()), ("{\n", ""));
}

#[test]
fn explain_prints_a_lint_and_suggests_the_closest_name_for_an_unknown_lint() {
    let scratch = TempProject::empty();
    let run = |arguments: &[&str]| run(&scratch.path("."), &[&["lint", "--explain"], arguments].concat());
    let known = run(&["unbound-answer"]).ended_with(0);
    assert!(known.out.starts_with("unbound-answer\n\n"), "{}", known.out);
    assert!(known.out.contains("```yaml\n# shop/create_order.yaml\nevidence:\n  binds: {}\n```"), "{}", known.out);
    let unknown = run(&["unbound-answr"]).ended_with(2);
    assert!(
        unknown.err.contains("no lint has the name `unbound-answr`; did you mean `unbound-answer`?"),
        "{}",
        unknown.err
    );
    assert!(run(&["zzz"]).ended_with(2).err.contains("lists all lints"));
    let all = run(&[]).ended_with(0);
    let names: Vec<&str> = all.out.lines().filter_map(|line| line.split(' ').next()).collect();
    assert!(names.contains(&"api-name") && names.contains(&"yaml-syntax") && names.is_sorted(), "{}", all.out);
}

#[test]
#[cfg(unix)]
fn init_prints_commands_that_work_for_a_project_outside_of_this_workspace() {
    for folder in ["shop", "our shop's $HOME"] {
        let scratch = TempProject::empty();
        let xtask = env!("CARGO_BIN_EXE_xtask");
        let done = Run::of(Command::new(xtask).args(["init", folder, "--name", "shop"]).current_dir(scratch.path("")));
        let done = done.ended_with(0);
        let line = |start: &str| done.out.lines().find_map(|line| line.strip_prefix(start)).expect("it is printed");
        let script = format!("\"$XTASK\" {} && cd {} && ls spec", line("  cargo xtask "), line("  cd "));
        let mut shell = Command::new("sh");
        let run = Run::of(shell.args(["-c", &script]).env("XTASK", xtask).current_dir(scratch.path("")));
        let run = run.ended_with(0);
        assert!(run.out.contains("generated: ") && run.out.ends_with("\nshop\n"), "{script}: {}", run.out);
    }
}
