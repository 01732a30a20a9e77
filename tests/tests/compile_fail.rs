//! What must not compile, with the compiler's words about it.
//!
//! The words are those of one compiler version; with another, only the documentation tests of `tests/src/refused.rs`
//! show that the mistakes do not compile.

use std::process::Command;

/// The compiler whose messages were recorded. To record others: `TRYBUILD=overwrite cargo test -p tests --test
/// compile_fail`.
const RECORDED: &str = "rustc 1.95.";

#[test]
fn mistakes_with_money_do_not_compile_and_the_message_names_the_field() {
    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".into());
    let version = Command::new(rustc).arg("--version").output().expect("the compiler runs");
    let version = String::from_utf8_lossy(&version.stdout).into_owned();
    if !version.starts_with(RECORDED) {
        eprintln!("skipped: the messages were recorded with {RECORDED}x, this is {version}");
        return;
    }
    trybuild::TestCases::new().compile_fail("tests/compile_fail/*.rs");
}
