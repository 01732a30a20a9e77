//! Project: a spec, the crate that is generated from it, and the options of the generation.

use crate::source::Sources;
use std::io;
use std::path::{Path, PathBuf};

/// A spec and its generated crate, as an entry of the [settings](crate::settings) describes them.
#[derive(Debug, Clone)]
pub struct Project {
    /// Folder that contains the spec and the crate. If there is a settings file, it is in this folder.
    pub root: PathBuf,
    /// Package name of the crate.
    pub name: String,
    /// Folder of the spec.
    pub spec: PathBuf,
    /// Path of the spec's folder, as messages show it.
    pub spec_label: String,
    /// APIs in the spec's folder that the crate includes. `None` means all of them.
    pub apis: Option<Vec<String>>,
    /// Folder of the generated crate.
    pub out: PathBuf,
    /// Path of the generated crate's folder, as messages show it.
    pub out_label: String,
    /// Hand-written files and folders in the generated crate.
    pub keep: Vec<String>,
    /// Set if the crate is used only within the project, so that `diff` ignores it.
    pub is_internal: bool,
    /// Settings of the emitters.
    pub options: Options,
}

impl Project {
    /// Returns the project of a folder without a settings file. The crate is named `generated`, and is generated from
    /// the folder `spec`.
    pub fn at(root: &Path) -> Self {
        Project {
            root: root.to_owned(),
            name: "generated".into(),
            spec: root.join("spec"),
            spec_label: "spec".into(),
            apis: None,
            out: root.join("generated"),
            out_label: "generated".into(),
            keep: vec!["Cargo.toml".into()],
            is_internal: false,
            options: Options { crate_name: "generated".into(), command: "pagespec regen".into(), front_matter: None },
        }
    }

    /// Reads the files of the spec.
    ///
    /// # Errors
    ///
    /// Returns an error if the spec's folder or a file in it cannot be read.
    pub fn sources(&self) -> io::Result<Sources> {
        let mut sources = Sources::read(&self.spec, &self.spec_label)?;
        sources.retain(self.apis.as_deref());
        Ok(sources)
    }
}

/// Options of the emitters that a spec does not contain.
#[derive(Debug, Clone)]
pub struct Options {
    /// Name of the generated crate in Rust paths.
    pub crate_name: String,
    /// Command that generates the crate, such as `pagespec regen`. Generated Rust files and references of APIs name it
    /// in their first line.
    pub command: String,
    /// Beginning of the crate's documentation, in Markdown.
    pub front_matter: Option<String>,
}
