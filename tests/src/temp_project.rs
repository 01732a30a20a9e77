//! Temporary project on which a test runs the generator. Its folder is deleted after the test.

use codegen::project::Project;
use codegen::regen::{Loaded, Outcome, load, regen};
use codegen::settings::{SettingsRead, read};
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A temporary project.
#[derive(Debug)]
pub struct TempProject {
    folder: TempDir,
}

impl TempProject {
    /// Creates an empty project.
    pub fn empty() -> Self {
        TempProject { folder: tempfile::tempdir().expect("a temporary folder can be made") }
    }

    /// Creates a project with the small valid spec in `fixtures/base`.
    pub fn base() -> Self {
        let scratch = TempProject::empty();
        scratch.put("pagespec.yaml", SETTINGS);
        scratch.copy(&fixtures().join("base"), "spec");
        scratch
    }

    /// Creates a project with the spec of [`base`](Self::base), to which the resolution of a request and the
    /// confirmation of a callback are added.
    pub fn procedures() -> Self {
        let scratch = TempProject::base();
        scratch.copy(&fixtures().join("procedures/base"), "spec");
        scratch
    }

    /// Creates a project with the fixture `kind` (`fail` or `pass`) of a lint. `folder` is the folder of the lint.
    pub fn fixture(folder: &Path, kind: &str) -> Self {
        let is_procedure = folder.starts_with(fixtures().join("procedures"));
        let scratch = if is_procedure { TempProject::procedures() } else { TempProject::base() };
        scratch.copy(&folder.join(kind), "spec");
        scratch
    }

    /// Returns the path of a file or folder of the project.
    pub fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    /// Returns the project as the generator uses it.
    pub fn project(&self) -> Project {
        Project::at(self.folder.path())
    }

    /// Writes a file, and creates missing folders.
    pub fn put(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("a file is in a folder")).expect("the folder can be made");
        fs::write(path, content).expect("the file can be written");
    }

    /// Returns the text of a file.
    pub fn text(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).expect("the file can be read")
    }

    /// Copies the files of the folder `from` into the folder `to` of the project. Files with the same path are
    /// replaced.
    pub fn copy(&self, from: &Path, to: &str) {
        for file in files_below(from) {
            self.put(&format!("{to}/{file}"), fs::read(from.join(&file)).expect("the file can be read"));
        }
    }

    /// Returns the names of the lints that found something in the spec, and all findings as plain text.
    pub fn findings(&self) -> (Vec<&'static str>, String) {
        match load(&self.project()).expect("the spec can be read") {
            Loaded::Sound(_) => (Vec::new(), String::new()),
            Loaded::Findings(sources, diagnostics) => {
                let lints = diagnostics.locate(&sources).iter().map(|found| found.diagnostic.lint.name()).collect();
                (lints, diagnostics.render(&sources, false))
            }
        }
    }

    /// Runs the generator. If `check` is set, the generator writes nothing. Panics if the spec has findings.
    pub fn run(&self, check: bool) -> codegen::write::Report {
        match regen(&self.project(), check).expect("the project can be read and written") {
            Outcome::Done(report) => report,
            Outcome::Findings(sources, diagnostics) => panic!("{}", diagnostics.render(&sources, false)),
        }
    }
}

/// Settings of a temporary project. They are equal to the defaults of a project without a settings file.
const SETTINGS: &str = "crates:\n  generated: {}\n";

/// Returns a project for each crate that the settings file of this workspace names.
pub fn projects_of_this_workspace() -> Vec<Project> {
    match read(&repository()).expect("the settings can be read") {
        SettingsRead::Sound(settings) => settings.projects,
        SettingsRead::Findings(sources, diagnostics) => panic!("{}", diagnostics.render(&sources, false)),
    }
}

/// Returns the project of the crate `name`, which the settings file of this workspace names.
pub fn project_of_this_workspace(name: &str) -> Project {
    let project = projects_of_this_workspace().into_iter().find(|project| project.name == name);
    project.unwrap_or_else(|| panic!("the settings file contains no crate `{name}`"))
}

/// Returns the folder of the fixtures.
pub fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

/// Returns the name and the folder of each lint that has fixtures, sorted.
pub fn lints_with_fixtures() -> Vec<(String, PathBuf)> {
    let roots = [fixtures().join("lints"), fixtures().join("procedures/lints")];
    let folders = roots.into_iter().flat_map(|root| {
        fs::read_dir(&root).expect("the fixtures can be read").map(move |entry| {
            let name = entry.expect("the fixtures can be read").file_name().to_string_lossy().into_owned();
            (name.clone(), root.join(name))
        })
    });
    let mut folders: Vec<_> = folders.collect();
    folders.sort();
    folders
}

/// Returns the root of the repository.
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Returns the paths of all files below a folder, sorted, with forward slashes.
pub fn files_below(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("the folder can be read") {
        let entry = entry.expect("the folder can be read");
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.path().is_dir() {
            found.extend(files_below(&entry.path()).into_iter().map(|path| format!("{name}/{path}")));
        } else {
            found.push(name);
        }
    }
    found.sort();
    found
}
