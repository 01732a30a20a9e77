//! A PostgreSQL server for one test, which can be killed and restarted.

use super::sql::try_texts;
use std::os::unix::fs::{MetadataExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

pub struct Server {
    folder: tempfile::TempDir,
    binaries: PathBuf,
    settings: &'static [&'static str],
    process: Option<Child>,
}

/// Settings without durability, for tests that do not kill the server.
pub const FAST: &[&str] = &["-c", "fsync=off", "-c", "full_page_writes=off", "-c", "synchronous_commit=off"];
/// Settings with durability, as in a real shop.
pub const DURABLE: &[&str] = &[];

fn binaries() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = versions.map(|version| version.path().join("bin")).collect();
    folders.sort();
    folders.extend(["/usr/local/bin".into(), "/usr/bin".into()]);
    folders.into_iter().rev().find(|folder| folder.join("initdb").exists() && folder.join("postgres").exists())
}

/// Returns a command that runs as a user other than root, because PostgreSQL refuses to run as root.
fn command(program: &Path) -> Command {
    let is_root = std::fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0);
    let mut command = if is_root {
        let mut command = Command::new("setpriv");
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]).arg(program);
        command
    } else {
        Command::new(program)
    };
    command.env("LC_ALL", "C").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

impl Server {
    /// Starts a server. Prints a message and returns `None` if PostgreSQL is not installed or cannot be started.
    pub fn start(settings: &'static [&'static str]) -> Option<Self> {
        let started = Self::make(settings);
        if started.is_none() {
            eprintln!("skipped: PostgreSQL is not installed, or cannot be started");
        }
        started
    }

    fn make(settings: &'static [&'static str]) -> Option<Self> {
        let binaries = binaries()?;
        let folder = tempfile::Builder::new().prefix("shop-tests-").tempdir().ok()?;
        // Only root can change the owner, and only root needs to. Any other user already owns the folder.
        let _ = chown(folder.path(), Some(65534), Some(65534));
        let data = folder.path().join("data");
        let mut initdb = command(&binaries.join("initdb"));
        initdb.arg("-D").arg(&data).args(["-U", "shop", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]);
        if !initdb.current_dir(folder.path()).status().ok()?.success() {
            return None;
        }
        let mut server = Self { folder, binaries, settings, process: None };
        server.run().then_some(server)
    }

    /// Starts the server on the existing data. Returns `true` as soon as it accepts connections, and `false` if it
    /// cannot be started.
    pub fn run(&mut self) -> bool {
        for _ in 0..60 {
            let mut postgres = command(&self.binaries.join("postgres"));
            postgres.arg("-D").arg(self.folder.path().join("data")).arg("-k").arg(self.folder.path());
            postgres.args(["-c", "listen_addresses=", "-c", "max_connections=200"]).args(self.settings);
            let Ok(mut process) = postgres.current_dir(self.folder.path()).spawn() else { return false };
            for _ in 0..600 {
                // After a kill, the server may refuse to start while processes of the old server are still running.
                if !matches!(process.try_wait(), Ok(None)) {
                    break;
                }
                if try_texts(&self.url("postgres"), "SELECT 'ready'").is_ok() {
                    self.process = Some(process);
                    return true;
                }
                std::thread::sleep(Duration::from_millis(100));
            }
            let _ = process.kill();
            let _ = process.wait();
            std::thread::sleep(Duration::from_millis(500));
        }
        false
    }

    /// Stops the server with the signal `KILL` or `QUIT`. After `QUIT`, the server ends all its processes at once,
    /// without writing data.
    pub fn end(&mut self, signal: &str) {
        let Some(mut process) = self.process.take() else { return };
        let _ = Command::new("kill").arg(format!("-{signal}")).arg(process.id().to_string()).status();
        let _ = process.wait();
    }

    pub fn url(&self, database: &str) -> String {
        format!("postgres://shop@localhost/{database}?host={}", self.folder.path().display())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end("QUIT");
    }
}
