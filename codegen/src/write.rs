//! Writing of the generated files. No other module of this crate writes to the disk.
//!
//! The generator owns the folder of a crate. It deletes every file there that is not generated, except the files of a
//! keep list. A file is written only if it differs, and is replaced atomically, so that readers never see a partial
//! file. In check mode nothing is written, and the differences are reported.
//!
//! Links in the folder are never followed. Unless the keep list contains a link, the link is deleted, or replaced by
//! the generated file. The same applies to pipes and sockets. Failures are reported together with the changes.
//!
//! A file that differs only in its line ends (CRLF) counts as up to date, because Git may convert line ends at
//! checkout.

#![expect(clippy::disallowed_methods, reason = "the only module that writes to the disk")]

use crate::emit::{File, Files};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::{fs, io};

/// Difference between a file on disk and the generated file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FileState {
    /// The file is generated, but missing on disk.
    Missing,
    /// The file on disk has other content, or is not a regular file.
    Changed,
    /// The file is on disk, but not generated.
    Stray,
}

/// File whose state on disk differs from the generated files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileChange {
    /// Path relative to the folder of the crate. The path of an empty folder ends with a slash.
    pub path: String,
    /// Kind of the difference.
    pub kind: FileState,
    /// Unified diff from the existing file to the generated file. Present only for changed files in check mode.
    pub diff: Option<String>,
    /// Number of removed lines, and number of added lines. Both are 0 for a stray file, which is deleted.
    pub lines: (usize, usize),
}

/// Result of writing.
#[derive(Debug, Default)]
pub struct Report {
    /// Files that differed, sorted by path.
    pub changes: Vec<FileChange>,
    /// Number of generated files.
    pub files: usize,
    /// Number of lines in all generated files.
    pub lines: usize,
    /// Files and folders that could not be read, written or deleted, with the reasons.
    pub failures: Vec<String>,
}

/// Kind of an entry in a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PathEntry {
    File,
    Folder,
    /// A link, a pipe or a socket, which is never read or followed.
    Other,
}

/// Makes `folder` contain exactly `files` and the entries of `keep`. With `check`, only returns the necessary changes.
/// If `keep` names a folder, its whole content is kept.
pub fn write(folder: &Path, keep: &[String], files: &Files<'_>, check: bool) -> io::Result<Report> {
    for kept in keep {
        if !folder.join(kept).exists() {
            return Err(io::Error::new(
                io::ErrorKind::NotFound,
                format!("{}: this file of the keep list does not exist", folder.join(kept).display()),
            ));
        }
    }
    let mut report = Report::default();
    let mut present = BTreeMap::new();
    list(folder, Path::new(""), &mut present, &mut report)?;
    let wanted: BTreeSet<&Path> = files.paths().map(Path::new).collect();
    if let Some(path) = wanted.iter().find(|path| keep.iter().any(|kept| path.starts_with(kept))) {
        let message = format!("{}: this file is in the keep list, but it is generated", folder.join(path).display());
        return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
    }
    let owned = wanted.iter().copied().chain(keep.iter().map(Path::new));
    let folders: BTreeSet<&Path> = owned.flat_map(|path| path.ancestors().skip(1)).collect();
    let kept = |path: &Path| keep.iter().any(|kept| path.starts_with(kept));
    // The deepest entries come first, so that a folder is empty when it is removed.
    for (path, entry) in present.iter().rev().filter(|(path, _)| !kept(path)) {
        let stray = match entry {
            PathEntry::Folder => !folders.contains(path.as_path()),
            PathEntry::File | PathEntry::Other => !wanted.contains(path.as_path()),
        };
        if stray {
            remove_stray(folder, path, *entry, &present, check, &mut report);
        }
    }
    for (lines, change) in files.each(|file| (file.content.lines().count(), put(folder, &present, &file, check))) {
        report.files += 1;
        report.lines += lines;
        match change {
            Ok(change) => report.changes.extend(change),
            Err(error) => report.failures.push(error.to_string()),
        }
    }
    report.changes.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(report)
}

/// Writes one file into a folder that the generator does not own, and leaves other files there unchanged. With `check`,
/// only reports whether the file differs.
pub fn write_one(folder: &Path, file: &File, check: bool) -> io::Result<Report> {
    let entry = match fs::symlink_metadata(folder.join(&file.path)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(with_path(error, &folder.join(&file.path))),
        Ok(found) if found.is_file() => Some(PathEntry::File),
        Ok(found) if found.is_dir() => Some(PathEntry::Folder),
        Ok(_) => Some(PathEntry::Other),
    };
    let present = entry.map(|entry| (PathBuf::from(&file.path), entry)).into_iter().collect();
    let changes = put(folder, &present, file, check)?.into_iter().collect();
    Ok(Report { changes, files: 1, lines: file.content.lines().count(), failures: Vec::new() })
}

/// Writes a file if it differs from the file on disk and `check` is not set. Returns the difference.
fn put(
    root: &Path,
    present: &BTreeMap<PathBuf, PathEntry>,
    file: &File,
    check: bool,
) -> io::Result<Option<FileChange>> {
    let path = root.join(&file.path);
    let entry = present.get(Path::new(&file.path)).filter(|entry| **entry != PathEntry::Folder);
    let old = match entry {
        Some(PathEntry::File) => Some(fs::read(&path).map_err(|error| with_path(error, &path))?),
        _ => None,
    };
    if old.as_deref() == Some(file.content.as_bytes()) {
        return Ok(None);
    }
    let old = old.map(with_line_feeds);
    if old.as_deref() == Some(file.content.as_bytes()) {
        return Ok(None);
    }
    let mut change = change(file, old.as_deref(), check);
    if entry == Some(&PathEntry::Other) {
        change.kind = FileState::Changed;
    }
    if !check {
        replace(&path, file.content.as_bytes()).map_err(|error| with_path(error, &path))?;
    }
    Ok(Some(change))
}

/// Returns a text with LF in place of CRLF. Git may have converted the line ends (`core.autocrlf`), but generated files
/// never have CRLF.
pub(crate) fn with_line_feeds(text: Vec<u8>) -> Vec<u8> {
    if !text.contains(&b'\r') {
        return text;
    }
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.into_iter().peekable();
    while let Some(byte) = rest.next() {
        if byte != b'\r' || rest.peek() != Some(&b'\n') {
            out.push(byte);
        }
    }
    out
}

/// Removes an entry that is not generated, and reports it. With `check`, only reports it. A folder is reported only if
/// it is empty, because otherwise its content is reported.
fn remove_stray(
    root: &Path,
    path: &Path,
    entry: PathEntry,
    present: &BTreeMap<PathBuf, PathEntry>,
    check: bool,
    report: &mut Report,
) {
    let full = root.join(path);
    let removed = match entry {
        _ if check => Ok(()),
        PathEntry::Folder => fs::remove_dir(&full),
        // On some systems, a link to a folder must be removed as a folder.
        PathEntry::File | PathEntry::Other => {
            fs::remove_file(&full).or_else(|error| fs::remove_dir(&full).or(Err(error)))
        }
    };
    let empty = entry == PathEntry::Folder && !present.keys().any(|other| other != path && other.starts_with(path));
    match removed {
        Err(error) => report.failures.push(with_path(error, &full).to_string()),
        Ok(()) if entry == PathEntry::Folder && !empty => {}
        Ok(()) => {
            let path = shown(path) + if empty { "/" } else { "" };
            report.changes.push(FileChange { path, kind: FileState::Stray, diff: None, lines: (0, 0) });
        }
    }
}

fn change(file: &File, old: Option<&[u8]>, check: bool) -> FileChange {
    let Some(old) = old else {
        let lines = (0, file.content.lines().count());
        return FileChange { path: file.path.clone(), kind: FileState::Missing, diff: None, lines };
    };
    let old = String::from_utf8_lossy(old);
    let diff = similar::TextDiff::from_lines(old.as_ref(), &file.content);
    let count = |tag| diff.iter_all_changes().filter(|c| c.tag() == tag).count();
    let lines = (count(similar::ChangeTag::Delete), count(similar::ChangeTag::Insert));
    let text = check.then(|| {
        let should_be = format!("{} (from the spec)", file.path);
        diff.unified_diff().context_radius(3).header(&file.path, &should_be).to_string()
    });
    FileChange { path: file.path.clone(), kind: FileState::Changed, diff: text, lines }
}

/// Adds every entry below `folder` to `found`. A nested folder that cannot be read is reported as a failure.
fn list(root: &Path, folder: &Path, found: &mut BTreeMap<PathBuf, PathEntry>, report: &mut Report) -> io::Result<()> {
    let full = root.join(folder);
    for entry in fs::read_dir(&full).map_err(|e| with_path(e, &full))? {
        let entry = entry?;
        let path = folder.join(entry.file_name());
        let of = entry.file_type()?;
        let kind = match () {
            () if of.is_dir() => PathEntry::Folder,
            () if of.is_file() => PathEntry::File,
            () => PathEntry::Other,
        };
        if kind == PathEntry::Folder
            && let Err(error) = list(root, &path, found, report)
        {
            report.failures.push(error.to_string());
        }
        found.insert(path, kind);
    }
    Ok(())
}

/// Formats a path for messages, with forward slashes.
fn shown(path: &Path) -> String {
    path.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/")
}

fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    if !folder.is_dir() {
        fs::create_dir_all(folder)?;
    }
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // A temporary file is private to its owner by default, but a source file has the usual permissions.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    let mut file = builder.tempfile_in(folder)?;
    file.write_all(content)?;
    file.persist(path).map_err(|e| e.error)?;
    Ok(())
}

fn with_path(error: io::Error, path: &Path) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}
