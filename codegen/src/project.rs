//! A project: where a spec and its generated crate are, and how the crate is written.

use crate::source::Sources;
use std::io;
use std::path::{Path, PathBuf};

/// Locations of a spec and of its generated crate: an entry of the [settings](crate::settings).
#[derive(Debug, Clone)]
pub struct Project {
    /// Folder that contains both.
    pub root: PathBuf,
    /// Package name of the crate.
    pub name: String,
    /// Folder of the spec.
    pub spec: PathBuf,
    /// Name of the spec's folder in messages.
    pub spec_label: String,
    /// APIs of the spec's folder that the crate includes. `None` includes all of them.
    pub apis: Option<Vec<String>>,
    /// Folder of the generated crate.
    pub out: PathBuf,
    /// Name of the generated crate's folder in messages.
    pub out_label: String,
    /// Hand-written files and folders in the generated crate.
    pub keep: Vec<String>,
    /// Set if the crate is used only within the project.
    pub is_internal: bool,
    /// Settings of the emitters.
    pub options: Options,
}

impl Project {
    /// Returns the project of a folder without a settings file: the crate `generated`, made from `spec/`.
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

    /// Returns the spec's files.
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

/// Settings of the emitters that are not in a spec.
#[derive(Debug, Clone)]
pub struct Options {
    /// Name of the generated crate in Rust paths.
    pub crate_name: String,
    /// Command that generates, named in the first line of every file.
    pub command: String,
    /// Start of the crate's documentation, in Markdown.
    pub front_matter: Option<String>,
}
