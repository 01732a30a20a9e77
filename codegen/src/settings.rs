//! Settings of a project. The file `pagespec.yaml` lists the crates to generate, and its folder is the root of the
//! project.
//!
//! The file is read like a spec file, so every mistake is reported in one run, with its line and a hint.

use crate::diagnostic::{Diagnostics, suggestion};
use crate::lint_registry::Lint;
use crate::parse;
use crate::project::{Options, Project};
use crate::reserved;
use crate::source::{FileId, Place, SourceFile, Sources};
use crate::spec::Map;
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};
use std::{fs, io};

/// Name of the settings file.
pub const FILE: &str = "pagespec.yaml";

/// Settings file `pagespec.yaml`, which lists the crates of a project. The file is in the project's root, and all paths
/// in it lead to places below the root.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SettingsFile {
    /// Command that calls the tool in this project, such as `cargo xtask`. Generated Rust files and references of APIs
    /// name it in their first line. Default: `pagespec`.
    pub tool: Option<String>,
    /// Generated crates, by package name, such as `shop-sdk`.
    pub crates: Map<CrateSettings>,
    /// Location of a copy of the spec language's reference.
    pub language_reference: Option<LanguageReference>,
}

/// Generated crate.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CrateSettings {
    /// Folder that contains one folder for each API, such as `shop/spec`. Default: `spec`.
    pub spec: Option<String>,
    /// Folder of the crate, such as `shop/generated`. The generator deletes every file in it that it did not generate,
    /// except the files under `keep`. Default: `generated`.
    pub out: Option<String>,
    /// APIs in the spec's folder that this crate includes, such as `[orders, refunds]`. Default: all of them.
    pub apis: Option<Vec<String>>,
    /// Hand-written files and folders of the crate, such as `[Cargo.toml, README.md, examples]`. Default:
    /// `[Cargo.toml]`.
    pub keep: Option<Vec<String>>,
    /// Beginning of the crate's documentation, in Markdown, such as `Clients for the APIs of Example Shop.`
    pub front_matter: Option<String>,
    /// Set if the crate is used only within the project. `diff` ignores it.
    #[serde(default)]
    pub internal: bool,
}

/// Copy of the spec language's reference.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LanguageReference {
    /// Folder for `spec-reference.md` and `lints.md`, such as `docs`.
    pub folder: String,
    /// Spec folders whose values the reference shows as examples, such as `[spec]`.
    pub examples: Vec<String>,
}

impl LanguageReference {
    /// Names of the files in the folder.
    pub(crate) const FILES: [&str; 2] = ["lints.md", "spec-reference.md"];
}

/// Settings of a project, after they were checked.
#[derive(Debug)]
pub struct Settings {
    /// Folder of the settings file.
    pub root: PathBuf,
    /// Command that calls the tool, such as `pagespec`.
    pub tool: String,
    /// Crates of the project, in the order of the file.
    pub projects: Vec<Project>,
    /// Location of a copy of the spec language's reference.
    pub language_reference: Option<LanguageReference>,
}

impl Settings {
    /// Returns the files whose values the spec language's reference shows as examples: spec files and the settings
    /// file.
    ///
    /// # Errors
    ///
    /// Returns an error if a file cannot be read.
    pub fn examples(&self) -> io::Result<Sources> {
        let mut examples = Sources::default();
        for folder in self.language_reference.iter().flat_map(|reference| &reference.examples) {
            examples.0.extend(Sources::read(&self.root.join(folder), folder)?.0);
        }
        let path = self.root.join(FILE);
        let bytes =
            fs::read(&path).map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))?;
        let (text, undecoded) = crate::decode::decode(bytes);
        examples.0.push(SourceFile { folder: String::new(), path: FILE.into(), text, undecoded });
        Ok(examples)
    }
}

/// Result of reading the settings.
#[derive(Debug)]
pub enum SettingsRead {
    /// The settings are valid.
    Sound(Settings),
    /// The settings have findings.
    Findings(Sources, Diagnostics),
}

/// Finds the root of the project that contains a folder. The root is the nearest folder with a settings file, starting
/// at the folder itself.
///
/// # Errors
///
/// Returns an error that lists the searched folders if none of them has a settings file.
pub fn find_root(from: &Path) -> io::Result<PathBuf> {
    let folders: Vec<&Path> = from.ancestors().filter(|folder| !folder.as_os_str().is_empty()).collect();
    if let Some(root) = folders.iter().find(|folder| folder.join(FILE).is_file()) {
        return Ok(root.to_path_buf());
    }
    let near = folders.iter().find_map(|folder| misnamed(folder));
    let hint = near.map_or_else(
        || "run `pagespec init` to start a project, or pass the folder of a project with `--root`".to_owned(),
        |near| format!("rename `{}` to `{FILE}`", near.display()),
    );
    let looked: Vec<String> = folders.iter().map(|folder| format!("\n  {}", folder.display())).collect();
    let message = format!("there is no settings file `{FILE}`; looked in{}\n{hint}", looked.concat());
    Err(io::Error::new(io::ErrorKind::NotFound, message))
}

/// Returns the path of a file in the folder that is probably a misnamed settings file.
fn misnamed(folder: &Path) -> Option<PathBuf> {
    ["pagespec.yml", ".pagespec.yaml", "pagespec.yaml.txt"]
        .iter()
        .map(|name| folder.join(name))
        .find(|path| path.is_file())
}

/// Reads and checks the settings file in the folder `root`.
///
/// # Errors
///
/// Returns an error if the folder has no settings file, or if the file cannot be read.
pub fn read(root: &Path) -> io::Result<SettingsRead> {
    let path = root.join(FILE);
    let bytes = fs::read(&path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => {
            let hint = misnamed(root).map_or_else(
                || "run `pagespec init` to start a project".to_owned(),
                |near| format!("rename `{}` to `{FILE}`", near.display()),
            );
            let message = format!("there is no settings file `{FILE}` in {}\n{hint}", root.display());
            io::Error::new(io::ErrorKind::NotFound, message)
        }
        kind => io::Error::new(kind, format!("{}: {error}", path.display())),
    })?;
    let (text, undecoded) = crate::decode::decode(bytes);
    let sources = Sources(vec![SourceFile { folder: String::new(), path: FILE.into(), text, undecoded }], Vec::new());
    let mut diagnostics = Diagnostics::default();
    let id = FileId(0);
    let file = parse::settings(id, sources.get(id), &mut diagnostics);
    let settings =
        file.map(|file| SettingsCheck { root, place: Place::top(id), diagnostics: &mut diagnostics }.settings(file));
    Ok(match settings {
        Some(settings) if diagnostics.is_empty() => SettingsRead::Sound(settings),
        _ => SettingsRead::Findings(sources, diagnostics),
    })
}

/// Check of the parsed settings, which collects the findings.
struct SettingsCheck<'a> {
    root: &'a Path,
    place: Place,
    diagnostics: &'a mut Diagnostics,
}

impl SettingsCheck<'_> {
    fn settings(&mut self, file: SettingsFile) -> Settings {
        let tool = file.tool.unwrap_or_else(|| "pagespec".into());
        let crates = self.place.at("crates");
        if file.crates.is_empty() {
            self.wrong(crates.clone().key(), "`crates` is empty", "add a crate, such as `crates: { shop-sdk: {} }`");
        }
        let mut projects = Vec::new();
        for (name, settings) in &file.crates {
            projects.push(self.project(name, settings, &tool, &crates.at(name)));
        }
        self.names(&projects, &crates);
        self.outputs(&projects, &crates);
        if let Some(reference) = &file.language_reference {
            let place = self.place.at("language_reference");
            self.existing(&reference.folder, &place.at("folder"));
            for (n, examples) in reference.examples.iter().enumerate() {
                self.existing(examples, &place.at("examples").item(n));
            }
            self.reference(&reference.folder, &projects, &place.at("folder"));
        }
        Settings { root: self.root.to_owned(), tool, projects, language_reference: file.language_reference }
    }

    fn project(&mut self, name: &str, settings: &CrateSettings, tool: &str, place: &Place) -> Project {
        let rust = name.replace('-', "_");
        if !is_crate_name(&rust) {
            self.wrong(
                place.clone().key(),
                &format!("`{name}` cannot be the name of a crate"),
                "begin with a letter, use letters, digits, `-` and `_`, and avoid names such as `match` or `client`",
            );
        }
        let spec_label = settings.spec.clone().unwrap_or_else(|| "spec".into());
        let out_label = settings.out.clone().unwrap_or_else(|| "generated".into());
        let at = |key: &str, given: bool| if given { place.at(key) } else { place.clone().key() };
        if self.existing(&spec_label, &at("spec", settings.spec.is_some())) {
            self.apis(&spec_label, settings.apis.as_deref(), &place.at("apis"));
        }
        self.below(&out_label, &at("out", settings.out.is_some()));
        let keep = settings.keep.clone().unwrap_or_else(|| vec!["Cargo.toml".to_owned()]);
        if settings.keep.is_some() {
            for (n, kept) in keep.iter().enumerate() {
                self.below(kept, &place.at("keep").item(n));
            }
            let manifest = Path::new(&out_label).join("Cargo.toml");
            if !keep.iter().any(|kept| kept == "Cargo.toml") && self.root.join(&manifest).exists() {
                let message = format!("`{}` is missing from `keep` and would be deleted", manifest.display());
                self.wrong(place.at("keep").key(), &message, "add `Cargo.toml` to the list");
            }
        }
        Project {
            root: self.root.to_owned(),
            name: name.to_owned(),
            spec: self.root.join(&spec_label),
            spec_label,
            apis: settings.apis.clone(),
            out: self.root.join(&out_label),
            out_label,
            keep,
            is_internal: settings.internal,
            options: Options {
                crate_name: rust,
                command: format!("{tool} regen"),
                front_matter: settings.front_matter.clone(),
            },
        }
    }

    /// Checks that the crates have different names in Rust, because Rust does not distinguish names that differ only in
    /// `-` and `_`.
    fn names(&mut self, projects: &[Project], crates: &Place) {
        for (n, project) in projects.iter().enumerate() {
            let same = |before: &&Project| before.options.crate_name == project.options.crate_name;
            if let Some(before) = projects[..n].iter().find(same) {
                let message = format!("`{}` and `{}` have the same name in Rust", before.name, project.name);
                self.wrong(crates.at(&project.name).key(), &message, "rename one of them");
            }
        }
    }

    /// Checks that the folder of a crate does not overlap with the folder of another crate or of a spec. Otherwise the
    /// generator would delete the files of the other folder.
    fn outputs(&mut self, projects: &[Project], crates: &Place) {
        for (n, project) in projects.iter().enumerate() {
            let place = crates.at(&project.name).at("out");
            for before in &projects[..n] {
                if overlap(&before.out_label, &project.out_label) {
                    let message =
                        format!("the folder `{}` overlaps with the folder of `{}`", project.out_label, before.name);
                    self.wrong(
                        place.clone(),
                        &message,
                        "the generator deletes other files in the folder of a crate; give each crate its own folder",
                    );
                }
            }
            for other in projects {
                if overlap(&other.spec_label, &project.out_label) {
                    let message =
                        format!("the folder `{}` overlaps with the spec in `{}`", project.out_label, other.spec_label);
                    self.wrong(
                        place.clone(),
                        &message,
                        "the generator deletes other files in the folder of a crate; move the spec to another folder",
                    );
                    break;
                }
            }
        }
    }

    /// Checks that the generator of a crate does not delete the reference.
    fn reference(&mut self, folder: &str, projects: &[Project], place: &Place) {
        for project in projects {
            let is_deleted = |file: &str| {
                let path = Path::new(folder).join(file);
                let inside = path.strip_prefix(&project.out_label);
                inside.is_ok_and(|inside| !project.keep.iter().any(|kept| inside.starts_with(kept)))
            };
            if LanguageReference::FILES.iter().any(|file| is_deleted(file)) {
                let message = format!("the folder `{folder}` is in the folder of `{}`", project.name);
                let hint = "the generator deletes other files in the folder of a crate; choose another folder, or list \
                            the reference under `keep`";
                self.wrong(place.clone(), &message, hint);
            }
        }
    }

    fn apis(&mut self, spec: &str, apis: Option<&[String]>, place: &Place) {
        let Some(apis) = apis else { return };
        if apis.is_empty() {
            let hint = "list at least one API, or remove `apis` to include all of them";
            self.wrong(place.clone().key(), "`apis` is empty", hint);
        }
        let Ok(entries) = fs::read_dir(self.root.join(spec)) else { return };
        let folders: BTreeSet<String> = entries
            .flatten()
            .filter(|entry| entry.path().is_dir())
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .collect();
        for (n, api) in apis.iter().enumerate().filter(|(_, api)| !folders.contains(*api)) {
            let hint = suggestion(api, folders.iter().map(String::as_str));
            let message = format!("there is no API `{api}` in `{spec}`");
            self.diagnostics.report(Lint::WrongValue, place.item(n), message).help_if(hint);
        }
    }

    /// Returns `true` if a path is below the root and leads to a folder. Reports any other path.
    fn existing(&mut self, path: &str, place: &Place) -> bool {
        if !self.below(path, place) {
            return false;
        }
        if self.root.join(path).is_dir() {
            return true;
        }
        let parent = Path::new(path).parent().unwrap_or(Path::new(""));
        let beside: Vec<String> = fs::read_dir(self.root.join(parent))
            .into_iter()
            .flatten()
            .flatten()
            .filter(|entry| entry.path().is_dir())
            .map(|entry| parent.join(entry.file_name()).to_string_lossy().into_owned())
            .filter(|name| !name.starts_with('.'))
            .collect();
        let hint = suggestion(path, beside.iter().map(String::as_str));
        let message = format!("there is no folder `{path}` in {}", self.root.display());
        self.diagnostics.report(Lint::WrongValue, place.clone(), message).help_if(hint);
        false
    }

    /// Returns `true` if a path is below the root, and is not the root itself. Reports any other path.
    fn below(&mut self, path: &str, place: &Place) -> bool {
        let mut parts = Path::new(path).components().peekable();
        let is_below = parts.peek().is_some() && parts.all(|part| matches!(part, Component::Normal(_)));
        if !is_below || path.contains('\\') {
            let message = format!("`{path}` is not a path below the folder of `{FILE}`");
            self.wrong(place.clone(), &message, "write a relative path with forward slashes, without `.` and `..`");
            return false;
        }
        true
    }

    fn wrong(&mut self, place: Place, message: &str, hint: &str) {
        self.diagnostics.report(Lint::WrongValue, place, message).help(hint);
    }
}

/// Returns `true` if this can be the name of a generated library in Rust, with `_` in place of `-`. Generated tests and
/// examples import the library by this name, so it must not be the name of a module in generated code.
pub fn is_crate_name(rust: &str) -> bool {
    rust.is_ascii() && syn::parse_str::<syn::Ident>(rust).is_ok() && !reserved::MODULES.contains(&rust)
}

/// Returns `true` if two paths are equal, or if one of them is below the other.
fn overlap(one: &str, other: &str) -> bool {
    let (one, other) = (Path::new(one), Path::new(other));
    one.starts_with(other) || other.starts_with(one)
}
