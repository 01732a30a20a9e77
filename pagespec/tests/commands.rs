//! Tests of the program `pagespec` in temporary folders: the project that it finds, the files that it writes, and its
//! exit code.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tests::temp_project::{TempProject, files_below, repository};

struct Run {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Run {
    fn of(command: &mut Command) -> Self {
        let output = command.output().expect("the program starts");
        let text = |bytes| String::from_utf8(bytes).expect("it prints text");
        Run { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }

    fn ended_with(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}{}", self.out, self.err);
        self
    }
}

fn pagespec(folder: &Path, arguments: &[&str]) -> Run {
    Run::of(Command::new(env!("CARGO_BIN_EXE_pagespec")).args(arguments).current_dir(folder))
}

/// Creates a project with `init`. The project uses the runtime of this workspace. Returns the temporary folder and the
/// root of the project.
fn initialized() -> (TempProject, PathBuf) {
    let scratch = TempProject::empty();
    let runtime = repository().join("runtime").display().to_string();
    pagespec(&scratch.path(""), &["init", "shop", "--runtime-path", &runtime]).ended_with(0);
    let root = scratch.path("shop");
    (scratch, root)
}

/// Returns the commands in the console blocks of `docs/generator.md`, each with its output.
fn console() -> Vec<(String, String)> {
    let page = fs::read_to_string(repository().join("docs/generator.md")).expect("the page is there");
    let blocks = page.split("```console\n").skip(1).filter_map(|rest| rest.split_once("```").map(|(block, _)| block));
    let mut commands: Vec<(String, String)> = Vec::new();
    for line in blocks.flat_map(str::lines) {
        match (line.strip_prefix("$ "), commands.last_mut()) {
            (Some(command), _) => commands.push((command.to_owned(), String::new())),
            (None, Some((_, output))) => {
                output.push_str(line);
                output.push('\n');
            }
            (None, None) => panic!("a block of the page does not begin with a command: {line}"),
        }
    }
    commands
}

/// Returns the output that the page shows for a command.
fn documented(command: &str) -> String {
    let found = console().into_iter().find(|(documented, _)| documented == command);
    found.unwrap_or_else(|| panic!("docs/generator.md does not show `{command}`")).1
}

/// Replaces each number in a text with `N`, because the numbers change with every change of the generator.
fn without_numbers(text: &str) -> String {
    text.split(|c: char| c.is_ascii_digit()).filter(|part| !part.is_empty()).collect::<Vec<_>>().join("N")
}

#[test]
fn a_missing_settings_file_is_an_error_with_the_searched_folders_and_a_remedy() {
    let scratch = TempProject::empty();
    scratch.put("deep/down/note.txt", "");
    for arguments in
        [&["lint"][..], &["regen"], &["diff"], &["openapi", "--api", "shop"], &["audit", "--doc", "page.html"]]
    {
        let done = pagespec(&scratch.path("deep/down"), arguments).ended_with(2);
        assert_eq!(done.out, "", "{arguments:?}");
        assert!(done.err.starts_with("error: there is no settings file `pagespec.yaml`; looked in\n"), "{}", done.err);
        assert!(done.err.contains("deep/down\n") && done.err.contains("pagespec init"), "{}", done.err);
    }
    let root = scratch.path("deep").display().to_string();
    let named = pagespec(&scratch.path(""), &["lint", "--root", &root]).ended_with(2);
    assert!(
        named.err.contains("there is no settings file `pagespec.yaml` in ") && named.err.contains("deep"),
        "{}",
        named.err
    );
    scratch.put("pagespec.yml", "crates: {}\n");
    let misnamed = pagespec(&scratch.path("deep/down"), &["lint"]).ended_with(2);
    assert!(misnamed.err.contains("pagespec.yml` to `pagespec.yaml`"), "{}", misnamed.err);
}

#[test]
fn the_root_is_found_from_any_folder_below_it() {
    let (_scratch, root) = initialized();
    let done = pagespec(&root.join("spec/shop"), &["lint"]).ended_with(0);
    assert_eq!(done.out, "spec: no findings in 1 API\n");
}

#[test]
fn init_writes_the_documented_files_and_overwrites_nothing() {
    let scratch = TempProject::empty();
    let done = pagespec(&scratch.path(""), &["init", "shop"]).ended_with(0);
    assert_eq!(done.out, documented("pagespec init shop"));
    let again = pagespec(&scratch.path("shop/spec"), &["init"]).ended_with(2);
    assert!(again.err.contains("the folder already belongs to a project: "), "{}", again.err);
    scratch.put("other/Cargo.toml", "# by hand\n");
    let beside = pagespec(&scratch.path("other"), &["init"]).ended_with(2);
    assert!(beside.err.contains("these files already exist:"), "{}", beside.err);
    assert_eq!(files_below(&scratch.path("other")), ["Cargo.toml"]);
    for name in ["fn", "9shop", "shop sdk", "std"] {
        let refused = pagespec(&scratch.path("other"), &["init", "new", "--name", name]).ended_with(2);
        assert!(refused.err.contains("cannot be the name of a crate"), "{}", refused.err);
    }
}

#[test]
fn one_run_reports_every_mistake_in_the_settings() {
    let (scratch, root) = initialized();
    scratch.put(
        "shop/pagespec.yaml",
        "crates:\n  shop-sdk:\n    spec: spce\n    uot: generated\n  9lives:\n    spec: spec\n    out: ../generated\n    \
         apis: [shpo]\n  other-sdk:\n    out: spec/generated\n",
    );
    let done = pagespec(&root, &["regen"]).ended_with(1);
    assert_eq!(done.out, "");
    for expected in [
        "error[unknown-key]: `uot` is not a valid key here\n --> pagespec.yaml:4:5",
        "Did you mean `out`?",
        "There is no folder `spce`",
        "Did you mean `spec`?",
        "`9lives` cannot be the name of a crate",
        "`../generated` is not a path below the folder of `pagespec.yaml`",
        "There is no API `shpo` in `spec`",
        "Did you mean `shop`?",
        "The folder `spec/generated` overlaps with the spec in `spec`",
        "6 problems",
    ] {
        assert!(done.err.contains(expected), "`{expected}` is not in\n{}", done.err);
    }
}

#[test]
fn settings_that_would_delete_or_mix_files_are_rejected() {
    let (scratch, root) = initialized();
    let reference = |folder: &str| format!("language_reference: {{ folder: {folder}, examples: [spec] }}\n");
    let other = "  shop_sdk: { out: other }\n";
    for (text, expected) in [
        ("crates:\n  shop-sdk: { apis: [] }\n".to_owned(), "`apis` is empty"),
        (format!("crates:\n  shop-sdk: {{}}\n{other}"), "`shop-sdk` and `shop_sdk` have the same name in Rust"),
        (
            format!("crates:\n  shop-sdk: {{}}\n{}", reference("generated")),
            "The folder `generated` is in the folder of `shop-sdk`",
        ),
        (
            format!("crates:\n  shop-sdk: {{}}\n{}", reference("generated/src")),
            "The folder `generated/src` is in the folder of `shop-sdk`",
        ),
    ] {
        scratch.put("shop/pagespec.yaml", text);
        std::fs::create_dir_all(root.join("generated/src")).expect("a folder");
        let done = pagespec(&root, &["regen"]).ended_with(1);
        assert!(done.err.contains(expected) && done.err.contains("1 problem\n"), "{}", done.err);
    }
    let kept = format!("crates:\n  shop-sdk: {{ keep: [Cargo.toml, docs] }}\n{}", reference("generated/docs"));
    scratch.put("shop/pagespec.yaml", kept);
    std::fs::create_dir_all(root.join("generated/docs")).expect("a folder");
    pagespec(&root, &["regen"]).ended_with(0);
    pagespec(&root, &["regen", "--check"]).ended_with(0);
}

#[test]
fn each_crate_of_a_shared_spec_has_only_the_apis_in_its_settings() {
    let (scratch, root) = initialized();
    for file in ["api", "types", "create_order", "get_order"] {
        let text = scratch.text(&format!("shop/spec/shop/{file}.yaml"));
        scratch.put(&format!("shop/spec/store/{file}.yaml"), text.replace("api: shop", "api: store"));
    }
    scratch.put(
        "shop/pagespec.yaml",
        "crates:\n  shop-sdk: { apis: [shop], front_matter: Orders. }\n  store-sdk: { apis: [store], out: store, keep: [] }\n",
    );
    scratch.put("shop/store/old.txt", "");
    let done = pagespec(&root, &["regen"]).ended_with(0);
    assert!(done.out.contains("generated: ") && done.out.contains("\nstore: "), "{}", done.out);
    assert!(root.join("generated/src/shop/client.rs").exists() && !root.join("generated/src/store").exists());
    assert!(root.join("store/src/store/client.rs").exists() && !root.join("store/old.txt").exists());
    assert!(scratch.text("shop/generated/src/lib.rs").contains("//! Orders.\n"));
    scratch.put("shop/store/src/lib.rs", "");
    let stale = pagespec(&root, &["regen", "--check"]).ended_with(1);
    assert!(stale.out.contains("changed  store/src/lib.rs"), "{}", stale.out);
    pagespec(&root, &["regen", "--check", "--crate", "shop-sdk"]).ended_with(0);
    let unknown = pagespec(&root, &["regen", "--crate", "shop"]).ended_with(2);
    assert!(unknown.err.contains("crates in the settings: shop-sdk, store-sdk"), "{}", unknown.err);
    let found = pagespec(&root, &["openapi", "--api", "store"]).ended_with(0);
    assert!(found.out.contains("\"openapi\": \"3.1.0\""));
    let older = pagespec(&root, &["openapi", "--api", "store", "--version", "3.0"]).ended_with(0);
    assert!(older.out.contains("\"openapi\": \"3.0.3\""));
}

#[test]
fn files_in_the_keep_list_are_not_deleted() {
    let (scratch, root) = initialized();
    scratch.put("shop/pagespec.yaml", "crates:\n  shop-sdk: { keep: [Cargo.toml, README.md, examples] }\n");
    scratch.put("shop/generated/README.md", "By hand.\n");
    scratch.put("shop/generated/examples/deep/one.rs", "fn main() {}\n");
    pagespec(&root, &["regen"]).ended_with(0);
    assert!(root.join("generated/README.md").exists() && root.join("generated/examples/deep/one.rs").exists());
    scratch.put("shop/pagespec.yaml", "crates:\n  shop-sdk: { keep: [README.md] }\n");
    let done = pagespec(&root, &["regen"]).ended_with(1);
    assert!(done.err.contains("is missing from `keep` and would be deleted"), "{}", done.err);
    scratch.put("shop/pagespec.yaml", "crates:\n  shop-sdk: { keep: [Cargo.toml, src] }\n");
    let done = pagespec(&root, &["regen"]).ended_with(2);
    assert!(done.err.contains("this file is in the keep list, but it is generated"), "{}", done.err);
}

#[test]
fn a_new_project_generates_compiles_passes_its_tests_and_makes_a_call() {
    let (scratch, root) = initialized();
    let generated = pagespec(&root, &["regen"]).ended_with(0);
    assert_eq!(without_numbers(&generated.out), without_numbers(&documented("pagespec regen")));
    let again = pagespec(&root, &["regen", "--check"]).ended_with(0);
    assert!(again.out.contains("up to date"), "{}", again.out);
    for file in files_below(&root.join("generated")) {
        // Until the runtime is published, `Cargo.toml` has the path of this repository.
        let text = scratch.text(&format!("shop/generated/{file}")).replace(&repository().display().to_string(), "");
        assert!(!text.to_lowercase().contains("toss"), "{file}");
    }
    // With the lock file of this workspace, Cargo needs no network, because these versions are already downloaded.
    fs::copy(repository().join("Cargo.lock"), root.join("Cargo.lock")).expect("the lock file can be copied");
    let target =
        Path::new(env!("CARGO_BIN_EXE_pagespec")).ancestors().nth(2).expect("programs are in the target folder");
    let target = target.display().to_string();
    let cargo = |arguments: &[&str]| {
        let mut command = Command::new(option_env!("CARGO").unwrap_or("cargo"));
        command.args(arguments).current_dir(&root).env("CARGO_TARGET_DIR", &target).env("CARGO_NET_OFFLINE", "true");
        // The same settings as in this workspace, so that its build artifacts are reused.
        command.env("CARGO_INCREMENTAL", "0").args(["--config", "profile.dev.debug='line-tables-only'"]);
        command.args(["--config", "profile.dev.package.'*'.debug=false"]);
        Run::of(&mut command)
    };
    let tested = cargo(&["test", "--tests"]).ended_with(0);
    assert!(tested.out.contains("test result: ok. 9 passed"), "{}", tested.out);
    let built = cargo(&["build", "-p", "first-call"]).ended_with(0);
    // The generated crate must also compile in projects that deny warnings.
    for run in [&tested, &built] {
        assert!(!run.err.contains("warning"), "{}", run.err);
    }
    let called = first_call(&target);
    assert_eq!(called, documented("SHOP_URL=http://127.0.0.1:8080 SHOP_KEY=test-key cargo run -q -p first-call"));
}

/// Runs the program of the new project against a server that sends the example reply of its spec.
fn first_call(target: &str) -> String {
    use std::io::{Read as _, Write as _};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let url = format!("http://{}", listener.local_addr().expect("it has an address"));
    let answering = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("the program connects");
        let mut request = String::new();
        let mut bytes = [0; 4096];
        while !request.contains("\"amount\":1000") {
            let read = stream.read(&mut bytes).expect("the request can be read");
            assert!(read > 0, "the request ends early: {request}");
            request += &String::from_utf8_lossy(&bytes[..read]);
        }
        let body = r#"{"ok":true,"orderNo":"order-1"}"#;
        let head =
            format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n", body.len());
        stream.write_all((head + body).as_bytes()).expect("the reply can be written");
        request.to_lowercase()
    });
    let mut command = Command::new(Path::new(target).join("debug/first-call"));
    let output = command.env("SHOP_URL", url).env("SHOP_KEY", "test-key").output().expect("the program starts");
    let request = answering.join().expect("the server answers");
    assert!(request.starts_with("post /orders http/1.1\r\n"), "{request}");
    assert!(request.contains("\r\nuser-agent: shop-sdk/0.1.0"), "{request}");
    assert!(request.contains("\r\nauthorization: bearer test-key\r\n"), "{request}");
    String::from_utf8(output.stdout).expect("it prints text")
}
