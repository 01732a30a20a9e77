//! Tests of `regen --watch` with the real program, a temporary project and real saves.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::{Duration, Instant};
use tests::temp_project::TempProject;

const ORDER: &str = "spec/shop/create_order.yaml";

struct Watching {
    program: Child,
    output: Receiver<String>,
}

impl Watching {
    fn over(scratch: &TempProject) -> Self {
        let mut program = Command::new(env!("CARGO_BIN_EXE_xtask"))
            .args(["regen", "--watch", "--root"])
            .arg(scratch.path(""))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let (sender, output) = mpsc::channel();
        forward(program.stdout.take().expect("it is piped"), sender.clone());
        forward(program.stderr.take().expect("it is piped"), sender);
        Watching { program, output }
    }

    /// Returns the output up to the line with the result of the next run.
    fn next_run(&self) -> String {
        let deadline = Instant::now() + Duration::from_secs(60);
        let mut text = String::new();
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let line = self
                .output
                .recv_timeout(left)
                .unwrap_or_else(|_| panic!("no result within 60 s, or the program ended:\n{text}"));
            text += &line;
            text.push('\n');
            if line.contains(" files, ") || line == "nothing was written" || line.starts_with("error: ") {
                return text;
            }
        }
    }

    /// Returns `true` if the program prints no text for 700 ms, which is longer than its polling interval.
    fn is_silent(&self) -> bool {
        thread::sleep(Duration::from_millis(700));
        self.output.try_iter().all(|line| line.is_empty())
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        // The program does not end by itself. If it has ended already, this has no effect.
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}

fn forward(from: impl Read + Send + 'static, to: Sender<String>) {
    thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            if to.send(line).is_err() {
                return;
            }
        }
    });
}

/// Creates a small project whose crate is already generated.
fn shop() -> TempProject {
    let scratch = TempProject::base();
    scratch.put("generated/Cargo.toml", "");
    scratch.run(false);
    scratch
}

/// Saves a file as many editors do: writes a new file and renames it.
fn replace(scratch: &TempProject, path: &str, text: &str) {
    let beside = format!("{path}~");
    scratch.put(&beside, text);
    fs::rename(scratch.path(&beside), scratch.path(path)).expect("the file can be replaced");
}

#[test]
fn a_mistake_its_correction_and_an_addition_are_reported_at_each_save() {
    let scratch = shop();
    let sound = scratch.text(ORDER);
    let watching = Watching::over(&scratch);
    let first = watching.next_run();
    assert!(first.starts_with("watching spec and pagespec.yaml; press Ctrl-C to stop\n"), "{first}");
    assert!(first.contains("up to date"), "{first}");

    scratch.put(ORDER, sound.replace("type: Delivery", "type: Delivry"));
    let mistake = watching.next_run();
    assert!(mistake.contains("error[unknown-type]"), "{mistake}");
    assert!(mistake.contains("spec/shop/create_order.yaml:10:21"), "{mistake}");
    assert!(mistake.contains("Did you mean `Delivery`?"), "{mistake}");
    assert!(mistake.ends_with("nothing was written\n"), "{mistake}");

    replace(&scratch, ORDER, &sound);
    let repair = watching.next_run();
    assert!(repair.contains("up to date") && !repair.contains("@@"), "{repair}");

    replace(&scratch, ORDER, &sound.replace("reply:\n", "  gift: { type: boolean, doc: Wrapped. }\n\nreply:\n"));
    let addition = watching.next_run();
    assert!(addition.contains("--- surface/shop.txt\n+++ surface/shop.txt\n@@"), "{addition}");
    let changed = addition.lines().skip_while(|line| !line.starts_with("@@"));
    let changed: Vec<&str> = changed.filter(|line| line.starts_with(['+', '-'])).collect();
    assert_eq!(changed, ["+create_order.request.gift  boolean"], "{addition}");
    assert!(
        scratch.text("generated/src/shop/create_order.rs").contains("gift"),
        "the reported addition was not written"
    );
}

#[test]
fn a_change_saved_with_a_mistake_is_reported_after_the_correction() {
    let scratch = shop();
    let sound = scratch.text(ORDER);
    let watching = Watching::over(&scratch);
    watching.next_run();
    let tighter = sound.replace("max: 7 digits", "max: 6 digits");
    scratch.put(ORDER, tighter.replace("summary:", "sumary:"));
    assert!(watching.next_run().contains("error[unknown-key]"));
    scratch.put(ORDER, &tighter);
    let repair = watching.next_run();
    assert!(repair.contains("7 digits\n+") && repair.contains("6 digits"), "{repair}");
}

#[test]
fn new_and_deleted_files_are_reported() {
    let scratch = shop();
    let watching = Watching::over(&scratch);
    watching.next_run();
    let other = scratch.text(ORDER).replace("create_order", "place_order").replace("post: /orders", "put: /orders");
    let other = other.replace("errors:\n  OUT_OF_STOCK: { means: Nothing is left., advice: tell_purchaser }\n", "");
    scratch.put("spec/shop/place_order.yaml", other);
    let new = watching.next_run();
    assert!(new.contains("\n+place_order"), "{new}");
    fs::remove_file(scratch.path("spec/shop/place_order.yaml")).expect("the file can be deleted");
    let gone = watching.next_run();
    assert!(gone.contains("\n-place_order"), "{gone}");
}

#[test]
fn a_temporarily_missing_spec_is_reported_and_does_not_end_the_command() {
    let scratch = shop();
    let watching = Watching::over(&scratch);
    watching.next_run();
    fs::rename(scratch.path("spec"), scratch.path("elsewhere")).expect("the folder can be moved");
    let gone = watching.next_run();
    assert!(gone.contains("error: ") && gone.contains("spec"), "{gone}");
    fs::rename(scratch.path("elsewhere"), scratch.path("spec")).expect("the folder can be moved");
    assert!(watching.next_run().contains("up to date"));
}

#[test]
fn saved_settings_are_read_again_and_a_mistake_in_them_does_not_end_the_command() {
    let scratch = shop();
    let watching = Watching::over(&scratch);
    watching.next_run();

    scratch.put("pagespec.yaml", "crates:\n  generated: { uot: elsewhere }\n");
    let mistake = watching.next_run();
    assert!(mistake.contains("error[unknown-key]") && mistake.ends_with("nothing was written\n"), "{mistake}");
    fs::remove_file(scratch.path("pagespec.yaml")).expect("the file can be deleted");
    assert!(watching.next_run().contains("error: "));

    scratch.put("elsewhere/Cargo.toml", "");
    replace(&scratch, "pagespec.yaml", "crates:\n  generated: { out: elsewhere }\n");
    let moved = loop {
        let run = watching.next_run();
        if run.contains("files, ") {
            break run;
        }
    };
    assert!(moved.contains("elsewhere: "), "{moved}");
    assert!(scratch.text("elsewhere/src/shop/create_order.rs").contains("CreateOrder"));
}

#[test]
fn hidden_files_of_editors_are_ignored() {
    let scratch = shop();
    let watching = Watching::over(&scratch);
    watching.next_run();
    scratch.put("spec/shop/.create_order.yaml.swp", "half of it");
    assert!(watching.is_silent());
}

#[test]
fn watching_and_checking_exclude_each_other() {
    let run = Command::new(env!("CARGO_BIN_EXE_xtask")).args(["regen", "--watch", "--check"]).output();
    assert_eq!(run.expect("the program starts").status.code(), Some(2));
}
