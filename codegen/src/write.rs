//! The only place that touches the disk.
//!
//! The folder belongs to the generator: what it did not write is deleted, but for a keep list. A file is compared
//! before it is written, and replaced in one step, so that a reader never sees half of it. In check mode nothing
//! is written; what would be is reported.

use crate::emit::File;
use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::Path;
use std::{fs, io};

/// What happened to a file, or would.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// It was not there.
    Missing,
    /// It was there with another content.
    Changed,
    /// It was there and nothing generates it.
    Stray,
}

/// A file that is not as it should be, or was not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The path below the folder.
    pub path: String,
    /// What is the matter.
    pub kind: Kind,
    /// A unified diff from what is there to what should be; of changed files only.
    pub diff: Option<String>,
    /// Lines that go and lines that come.
    pub lines: (usize, usize),
}

/// What was found and done.
#[derive(Debug, Default)]
pub struct Report {
    /// Files that were not as they should be, by path.
    pub changes: Vec<Change>,
    /// How many files there are.
    pub files: usize,
    /// How many lines they have.
    pub lines: usize,
}

/// Makes `folder` hold exactly `files` and what `keep` lists; with `check`, only says what that would take.
pub fn write(folder: &Path, keep: &[&str], files: &[File], check: bool) -> io::Result<Report> {
    for kept in keep {
        if !folder.join(kept).exists() {
            return Err(io::Error::new(
                io::ErrorKind::NotFound,
                format!("{}: the keep list names a file that is not there", folder.join(kept).display()),
            ));
        }
    }
    let mut present = BTreeSet::new();
    if folder.exists() {
        list(folder, "", &mut present)?;
    }
    let mut report = Report { files: files.len(), ..Report::default() };
    for file in files {
        report.lines += file.content.lines().count();
        let here = present.remove(&file.path);
        let path = folder.join(&file.path);
        let old = if here { Some(fs::read(&path).map_err(|e| with_path(e, &path))?) } else { None };
        if old.as_deref() == Some(file.content.as_bytes()) {
            continue;
        }
        report.changes.push(change(file, old.as_deref(), check));
        if !check {
            replace(&path, file.content.as_bytes()).map_err(|e| with_path(e, &path))?;
        }
    }
    for stray in present.into_iter().filter(|path| !keep.contains(&path.as_str())) {
        let path = folder.join(&stray);
        if !check {
            fs::remove_file(&path).map_err(|e| with_path(e, &path))?;
            remove_empty_folders(folder, path.parent());
        }
        report.changes.push(Change { path: stray, kind: Kind::Stray, diff: None, lines: (0, 0) });
    }
    report.changes.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(report)
}

fn change(file: &File, old: Option<&[u8]>, check: bool) -> Change {
    let Some(old) = old else {
        let lines = (0, file.content.lines().count());
        return Change { path: file.path.clone(), kind: Kind::Missing, diff: None, lines };
    };
    let old = String::from_utf8_lossy(old);
    let diff = similar::TextDiff::from_lines(old.as_ref(), &file.content);
    let count = |tag| diff.iter_all_changes().filter(|c| c.tag() == tag).count();
    let lines = (count(similar::ChangeTag::Delete), count(similar::ChangeTag::Insert));
    let text = check.then(|| {
        let should_be = format!("{} (from the spec)", file.path);
        diff.unified_diff().context_radius(3).header(&file.path, &should_be).to_string()
    });
    Change { path: file.path.clone(), kind: Kind::Changed, diff: text, lines }
}

fn list(folder: &Path, prefix: &str, found: &mut BTreeSet<String>) -> io::Result<()> {
    for entry in fs::read_dir(folder).map_err(|e| with_path(e, folder))? {
        let entry = entry?;
        let name = entry.file_name();
        let path = format!("{prefix}{}", name.to_string_lossy());
        // A link is a stray like any other file; what it points to is none of our business.
        if entry.file_type()?.is_dir() {
            list(&entry.path(), &format!("{path}/"), found)?;
        } else {
            found.insert(path);
        }
    }
    Ok(())
}

fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(content)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // A temporary file is private to its maker; a source file is not.
        file.as_file().set_permissions(fs::Permissions::from_mode(0o644))?;
    }
    file.persist(path).map_err(|e| e.error)?;
    Ok(())
}

fn remove_empty_folders(root: &Path, mut folder: Option<&Path>) {
    while let Some(path) = folder.filter(|path| *path != root) {
        // Fails where something is left in it, and then it stays.
        if fs::remove_dir(path).is_err() {
            return;
        }
        folder = path.parent();
    }
}

fn with_path(error: io::Error, path: &Path) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}
