//! Programs with mistakes about money do not compile, and the compiler's message names the field.
//!
//! The test compiles each program in `compile_fail/` with the libraries that the test itself is linked with, so that
//! they are not built again. The recorded messages are those of one compiler version. With another version, only the
//! documentation tests of `tests/src/compile_fail.rs` check that the programs do not compile.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::SystemTime;

/// Prefix of the compiler version whose messages were recorded.
const RECORDED: &str = "rustc 1.95.";

#[test]
fn mistakes_with_money_do_not_compile_and_the_message_names_the_field() {
    let version = rustc().arg("--version").output().expect("the compiler runs");
    let version = String::from_utf8_lossy(&version.stdout).into_owned();
    if !version.starts_with(RECORDED) {
        eprintln!("skipped: the messages were recorded with {RECORDED}x, this is {version}");
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let good = folder.path().join("good.rs");
    std::fs::write(&good, "fn main() {\n    let _ = toss_sdk::pay::PayToken::new(\"t\");\n}\n")
        .expect("it can be written");
    // There may be several builds of the library. The test uses a build with which a valid program compiles.
    let library = libraries().into_iter().find(|library| compile(&good, library, folder.path()).status.success());
    let library = library.expect("this test was linked with the library");
    let programs = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/compile_fail");
    let mut programs: Vec<PathBuf> =
        std::fs::read_dir(programs).expect("the folder is there").map(|entry| entry.expect("a file").path()).collect();
    programs.sort();
    assert!(programs.len() >= 6, "{programs:?}");
    for program in programs {
        let output = compile(&program, &library, folder.path());
        assert!(!output.status.success(), "{} compiles", program.display());
        let name = program.file_stem().expect("a name").to_string_lossy().into_owned();
        insta::assert_snapshot!(name, first_error(&String::from_utf8_lossy(&output.stderr), &program));
    }
}

fn rustc() -> Command {
    Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()))
}

/// Returns the builds of `toss-sdk` in the folder of this program, newest first.
fn libraries() -> Vec<PathBuf> {
    let built = |path: &Path| path.metadata().and_then(|data| data.modified()).unwrap_or(SystemTime::UNIX_EPOCH);
    let mut found: Vec<PathBuf> = std::fs::read_dir(dependencies())
        .expect("the folder of this program")
        .map(|entry| entry.expect("a file").path())
        .filter(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            name.starts_with("libtoss_sdk-") && name.ends_with(".rlib")
        })
        .collect();
    found.sort_by_key(|path| std::cmp::Reverse(built(path)));
    found
}

/// Returns the folder of this program, which also contains the libraries.
fn dependencies() -> PathBuf {
    std::env::current_exe().expect("it has a path").parent().expect("and a folder").to_owned()
}

fn compile(program: &Path, library: &Path, out: &Path) -> Output {
    let mut rustc = rustc();
    rustc.args(["--edition", "2024", "--emit", "metadata", "--color", "never", "--crate-name", "program"]);
    rustc.arg("--extern").arg([std::ffi::OsStr::new("toss_sdk="), library.as_os_str()].join(std::ffi::OsStr::new("")));
    rustc.arg("-L").arg(format!("dependency={}", dependencies().display())).arg("--out-dir").arg(out).arg(program);
    rustc.output().expect("the compiler runs")
}

/// Returns the first error without its notes about other files, whose line numbers change often.
fn first_error(text: &str, program: &Path) -> String {
    let name = program.file_name().expect("a name").to_string_lossy().into_owned();
    let text = text.replace(&program.display().to_string(), &name);
    let is_elsewhere = |line: &&str| {
        !line.starts_with("help: the trait `")
            && !line.starts_with("note: required by")
            && !line.starts_with("For more")
    };
    let lines: Vec<&str> = text.lines().take_while(is_elsewhere).collect();
    lines.join("\n").trim_end().to_owned()
}
