//! `init`: writes a small project to start from. The crate that is generated in it compiles and passes its tests.

use crate::{misuse, put};
use codegen::settings::{FILE, find_root, is_crate_name};
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Files of the project, each with its path and its template. Placeholders are in double braces.
const FILES: [(&str, &str); 10] = [
    (FILE, include_str!("../../template/pagespec.yaml")),
    (".gitignore", include_str!("../../template/gitignore")),
    ("Cargo.toml", include_str!("../../template/workspace.toml")),
    ("first-call/Cargo.toml", include_str!("../../template/first-call.toml")),
    ("first-call/src/main.rs", include_str!("../../template/first-call.rs")),
    ("generated/Cargo.toml", include_str!("../../template/generated.toml")),
    ("spec/shop/api.yaml", include_str!("../../template/spec/api.yaml")),
    ("spec/shop/create_order.yaml", include_str!("../../template/spec/create_order.yaml")),
    ("spec/shop/get_order.yaml", include_str!("../../template/spec/get_order.yaml")),
    ("spec/shop/types.yaml", include_str!("../../template/spec/types.yaml")),
];

/// Writes the project, unless a project or one of the files already exists.
pub(crate) fn run(tool: &str, folder: Option<&Path>, name: &str, runtime: Option<&Path>) -> io::Result<ExitCode> {
    let rust = name.replace('-', "_");
    if !is_crate_name(&rust) {
        let rule = "begin with a letter, use letters, digits, `-` and `_`, and avoid names such as `match` or `client`";
        return Err(misuse(format!("`{name}` cannot be the name of a crate: {rule}")));
    }
    let current = std::env::current_dir()?;
    let root = folder.map_or_else(|| current.clone(), |folder| current.join(folder));
    if let Ok(above) = find_root(&root) {
        let message = format!("the folder already belongs to a project: {}", above.join(FILE).display());
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, message));
    }
    let present: Vec<String> = FILES
        .iter()
        .map(|(path, _)| root.join(path))
        .filter(|path| path.symlink_metadata().is_ok())
        .map(|path| format!("\n  {}", path.display()))
        .collect();
    if !present.is_empty() {
        let message = format!("nothing was written, because these files already exist:{}", present.concat());
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, message));
    }
    let runtime = dependency(runtime)?;
    for (path, text) in FILES {
        let text = text.replace("{{name}}", name).replace("{{rust}}", &rust).replace("{{runtime}}", &runtime);
        write(&root.join(path), &text)?;
        put(&format!(" created  {path}\n"))?;
    }
    let enter = folder.map(|folder| format!("  cd {}\n", argument(folder))).unwrap_or_default();
    // A tool with another name, such as `cargo xtask`, runs only in its own workspace, so it needs `--root`.
    let begin = match tool {
        "pagespec" => format!("{enter}  pagespec regen              writes the crate `{name}` into generated/\n"),
        tool => format!(
            "  {tool} --root {} regen\n                              writes the crate `{name}` into generated/\n{enter}",
            argument(&root)
        ),
    };
    put(&format!(
        "\nA project with an example API, `shop`. Next:\n\n{begin}  \
         cargo test                  runs the tests that are generated from the spec\n  \
         cargo run -p first-call     makes a call; SHOP_URL and SHOP_KEY set the base URL and the API key\n\n\
         Then describe your own API in a folder beside spec/shop, with one file for each section of its page.\n\
         To remove the example, delete spec/shop and first-call, and take `first-call` out of Cargo.toml.\n"
    ))?;
    Ok(ExitCode::SUCCESS)
}

/// Returns a path as one argument of a command, in quotes if a shell would change it otherwise.
fn argument(path: &Path) -> String {
    let text = path.display().to_string();
    let is_plain = |c: char| c.is_alphanumeric() || "/\\:._-+@".contains(c);
    match text.chars().all(is_plain) && (cfg!(windows) || !text.contains('\\')) {
        true => text,
        false if cfg!(windows) => format!("\"{text}\""),
        false => format!("'{}'", text.replace('\'', "'\\''")),
    }
}

/// Returns the dependency on the runtime as a TOML value: a version, and the path of a local package if one is given.
fn dependency(path: Option<&Path>) -> io::Result<String> {
    let version = env!("CARGO_PKG_VERSION");
    let Some(path) = path else { return Ok(format!("\"{version}\"")) };
    let manifest = path.join("Cargo.toml");
    let folder: PathBuf = match manifest.is_file() {
        true => path.canonicalize()?,
        false => {
            return Err(misuse(format!("{}: expected a folder with a package, found no Cargo.toml", path.display())));
        }
    };
    let folder = serde_json::Value::from(folder.to_string_lossy().as_ref());
    Ok(format!("{{ version = \"{version}\", path = {folder} }}"))
}

#[expect(clippy::disallowed_methods, reason = "`init` creates files that the caller owns, and overwrites none")]
fn write(path: &Path, text: &str) -> io::Result<()> {
    let named = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", path.display()));
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(named)?;
    }
    std::fs::write(path, text).map_err(named)
}
