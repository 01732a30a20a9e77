//! The spec of another revision, by way of the `git` that is installed.

use crate::regen::Project;
use crate::source::{Source, Sources};
use std::io;
use std::path::Path;
use std::process::Command;

/// The spec's files as they were in a revision, without touching the work tree.
pub fn read(root: &Path, project: &Project, revision: &str) -> io::Result<Sources> {
    let wanted = format!("{revision}^{{commit}}");
    let commit = git(root, &["rev-parse", "--verify", "--end-of-options", &wanted])
        .map_err(|error| io::Error::new(error.kind(), format!("`{revision}` is no revision: {error}")))?;
    let commit = commit.trim();
    let folder = format!("{}/", project.spec_label);
    let listed = git(root, &["ls-tree", "-r", "-z", "--name-only", commit, "--", &folder])?;
    let mut paths: Vec<&str> = listed.split('\0').filter(|path| !path.is_empty()).collect();
    // As files are sorted when they are read from the disk: by folder, then by name.
    paths.sort_by_key(|path| path.rsplit_once('/'));
    let mut sources = Sources::default();
    for path in paths {
        let Some((folder, name)) = path.strip_prefix(&folder).and_then(|below| below.split_once('/')) else { continue };
        if name.contains('/') || !(name.ends_with(".yaml") || name.ends_with(".yml")) {
            continue;
        }
        let text = git(root, &["show", &format!("{commit}:./{path}")])?;
        sources.0.push(Source {
            folder: folder.to_owned(),
            path: format!("{revision}:{path}"),
            text: text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text),
        });
    }
    if sources.0.is_empty() {
        return Err(io::Error::new(io::ErrorKind::NotFound, format!("{revision}: there is no spec in `{folder}`")));
    }
    Ok(sources)
}

fn git(root: &Path, arguments: &[&str]) -> io::Result<String> {
    let output = Command::new("git")
        .arg("-C")
        .arg(root)
        .args(arguments)
        .output()
        .map_err(|error| io::Error::new(error.kind(), format!("git cannot be started: {error}")))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        let said = if said.is_empty() { format!("git {} failed", arguments[0]) } else { said };
        return Err(io::Error::other(said));
    }
    String::from_utf8(output.stdout).map_err(|_| io::Error::other("git gave something that is not UTF-8"))
}
