//! Sandbox in another process, which a test may kill: the test program itself, run for one ignored test.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use toss_sandbox::{Sandbox, Settings};

const FILE: &str = "TEST_SANDBOX_DATA";

/// Returns settings with all data in this file.
pub fn with(path: &Path) -> Settings {
    Settings { data: Some(path.to_owned()), ..Settings::default() }
}

/// Body of the ignored test: runs a sandbox on the file that [`start`] names, and prints its URL.
///
/// # Panics
///
/// Panics if it cannot be started.
pub fn run() {
    let Some(path) = std::env::var_os(FILE) else { return };
    let sandbox = Sandbox::with(with(Path::new(&path))).expect("it starts");
    // On a separate line, regardless of earlier output.
    println!("\nat {}", sandbox.base_url());
    std::io::stdout().flush().expect("somebody reads it");
    loop {
        std::thread::park();
    }
}

/// Starts this program for its ignored test of this name, through a shell that may run a command before. Returns its
/// base URL.
///
/// # Panics
///
/// Panics if it does not print its URL.
pub fn start(test: &str, path: &Path, before: &str) -> (Child, String) {
    let mut child = Command::new("sh")
        .args(["-c", &format!("{before} exec \"$0\" --ignored --exact {test} --nocapture")])
        .arg(std::env::current_exe().expect("it has a name"))
        .env(FILE, path)
        .stdout(Stdio::piped())
        .spawn()
        .expect("there is a shell");
    let lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
    let said = lines.map_while(Result::ok).find_map(|line| Some(line.strip_prefix("at ")?.to_owned()));
    (child, said.expect("the sandbox says where it is"))
}
