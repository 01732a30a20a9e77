//! Sandbox in another process, which a test can kill. The process is the test program itself, which runs one ignored
//! test.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use toss_sandbox::{Sandbox, Settings};

const FILE: &str = "TEST_SANDBOX_DATA";

/// Returns the settings of a sandbox that stores all its data in the file `path`.
pub fn with(path: &Path) -> Settings {
    Settings { data: Some(path.to_owned()), ..Settings::default() }
}

/// Body of the ignored test: runs a sandbox, and prints its URL. The sandbox uses the data file whose path [`start`]
/// passes in an environment variable. Without this variable, the function does nothing.
///
/// # Panics
///
/// Panics if the sandbox cannot be started.
pub fn run() {
    let Some(path) = std::env::var_os(FILE) else { return };
    let sandbox = Sandbox::with(with(Path::new(&path))).expect("it starts");
    // The test harness may have printed the beginning of a line, so the URL gets a new one.
    println!("\nat {}", sandbox.base_url());
    std::io::stdout().flush().expect("the output can be written");
    loop {
        std::thread::park();
    }
}

/// Starts this program again, with only the ignored test of this name. A shell runs the command `before` first. Unless
/// it is empty, `before` must end with a semicolon. Returns the process and the sandbox's base URL.
///
/// # Panics
///
/// Panics if the process does not print a URL.
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
    (child, said.expect("the sandbox prints its URL"))
}
