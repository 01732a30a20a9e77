//! Files of a spec, their texts, and places in them.
//!
//! A place consists of a file, and of the path of keys and indexes that leads to a value in the file. A place is cheap
//! to create, because `span` looks up its position in the text only when the problems are shown.

use crate::decode::{Undecoded, decode};
use std::collections::BTreeMap;
use std::path::Path;
use std::{fs, io};

/// Index of a spec file in [`Sources`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub usize);

/// A spec file.
#[derive(Debug)]
pub struct SourceFile {
    /// Name of the folder that contains the file, which is the name of the API.
    pub folder: String,
    /// Path of the file in messages, with forward slashes.
    pub path: String,
    /// Text of the file, without a byte order mark.
    pub text: String,
    /// Problem of the file's encoding. `None` if the file is UTF-8.
    pub undecoded: Option<Undecoded>,
}

/// Spec files, sorted by folder and file name, and the files and folders that are not read. Neither list depends on the
/// order of the file system.
#[derive(Debug, Default)]
pub struct Sources(pub Vec<SourceFile>, pub Vec<Unread>);

/// File or folder that looks like part of the spec, but that the generator does not read.
#[derive(Debug)]
pub struct Unread {
    /// Path of the file or folder in messages.
    pub path: String,
    /// Reason why the generator does not read the file or folder.
    pub why: &'static str,
}

/// Returns `true` if a file with this name is a spec file. The name of a spec file ends in `.yaml` or `.yml`, in lower
/// or upper case. Hidden files are not spec files, and neither are files of editors and operating systems, such as
/// `._api.yaml` and `~api.yaml`. All commands use this function, so that they read the same files on disk and in a Git
/// revision.
pub fn is_spec_file(name: &str) -> bool {
    let extension = Path::new(name).extension().and_then(|extension| extension.to_str());
    !is_left_over(name)
        && extension.is_some_and(|extension| ["yaml", "yml"].iter().any(|yaml| extension.eq_ignore_ascii_case(yaml)))
}

/// Returns `true` if a file or folder with this name is hidden, or belongs to an editor or an operating system.
fn is_left_over(name: &str) -> bool {
    name.starts_with(['.', '~', '#', '@', '$']) || name == "__MACOSX"
}

/// Content of the spec's folder, and of the folders directly in it. A name with a trailing slash is the name of a
/// folder.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    /// Names of the files in the spec's folder itself.
    pub(crate) files: Vec<String>,
    /// Folders in the spec's folder, each with the names of its entries.
    pub(crate) folders: BTreeMap<String, Vec<String>>,
    /// Entries that cannot be read: the path relative to the spec's folder, and the reason.
    pub(crate) odd: Vec<(String, &'static str)>,
}

impl Tree {
    /// Adds an entry to the entries that cannot be read. With an empty `folder`, the entry is in the spec's folder
    /// itself, and may be the folder of an API. In any other folder, only an entry with the name of a spec file is
    /// added. Hidden entries and entries of editors are ignored.
    pub(crate) fn note(&mut self, folder: &str, name: &str, why: &'static str) {
        if folder.is_empty() && !is_left_over(name) {
            self.odd.push((name.to_owned(), why));
        } else if !folder.is_empty() && !is_left_over(folder) && is_spec_file(name) {
            self.odd.push((format!("{folder}/{name}"), why));
        }
    }
}

pub(crate) const NOWHERE: &str = "the target of this link does not exist";
pub(crate) const UNNAMED: &str = "its name is not UTF-8";

impl Sources {
    /// Reads every [spec file](is_spec_file) in the folders directly below `root`. Files that are not spec files are
    /// ignored. Paths in messages have the form `label/folder/file`.
    pub fn read(root: &Path, label: &str) -> io::Result<Self> {
        let mut tree = Tree::default();
        for name in names(root, "", &mut tree)? {
            match name.strip_suffix('/') {
                Some(folder) if !is_left_over(folder) => {
                    let inside = names(&root.join(folder), folder, &mut tree)?;
                    tree.folders.insert(folder.to_owned(), inside);
                }
                Some(_) => {}
                None => tree.files.push(name),
            }
        }
        Self::of(tree, label, |folder, name| {
            let path = root.join(folder).join(name);
            fs::read(&path).map_err(|e| io::Error::new(e.kind(), format!("{}: {e}", path.display())))
        })
    }

    /// Reads the spec files of a tree. `read` is called with the names of a folder and of a file in that folder, and
    /// returns the content of the file.
    pub(crate) fn of(
        tree: Tree,
        label: &str,
        mut read: impl FnMut(&str, &str) -> io::Result<Vec<u8>>,
    ) -> io::Result<Self> {
        let Tree { mut files, folders, mut odd } = tree;
        let mut sources = Sources::default();
        files.sort();
        odd.sort();
        for (path, why) in odd {
            sources.leave(format!("{label}/{path}"), why);
        }
        for name in files.iter().filter(|name| is_spec_file(name)) {
            sources.leave(format!("{label}/{name}"), "a spec file belongs in the folder of its API");
        }
        for (folder, mut names) in folders {
            if is_left_over(&folder) {
                continue;
            }
            let before = sources.0.len();
            names.sort();
            names.dedup();
            for name in &names {
                let path = format!("{label}/{folder}/{}", name.trim_end_matches('/'));
                match name.strip_suffix('/') {
                    Some(inner) if !is_left_over(inner) => {
                        sources.leave(path, "an API is one folder; folders in it are not read");
                    }
                    None if is_spec_file(name) => {
                        let (text, undecoded) = decode(read(&folder, name)?);
                        sources.0.push(SourceFile { folder: folder.clone(), path, text, undecoded });
                    }
                    _ => {}
                }
            }
            if sources.0.len() == before {
                sources.leave(format!("{label}/{folder}"), "this folder has no spec files");
            }
        }
        Ok(sources)
    }

    /// Removes the files of all APIs that are not in `apis`. `None` keeps all files. Call this function before files
    /// are referred to by index, because it changes the indexes.
    pub(crate) fn retain(&mut self, apis: Option<&[String]>) {
        if let Some(apis) = apis {
            self.0.retain(|source| apis.contains(&source.folder));
        }
    }

    fn leave(&mut self, path: String, why: &'static str) {
        self.1.push(Unread { path, why });
    }

    /// Returns the file with this index.
    pub fn get(&self, id: FileId) -> &SourceFile {
        &self.0[id.0]
    }

    /// Returns an iterator over all files with their indexes.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        self.0.iter().enumerate().map(|(n, s)| (FileId(n), s))
    }
}

/// Returns the names of the files and folders in a folder. Names of folders end with a slash. Entries of other kinds,
/// and names that are not UTF-8, are added to the entries of `tree` that cannot be read.
fn names(path: &Path, folder: &str, tree: &mut Tree) -> io::Result<Vec<String>> {
    let with_path = |e: io::Error| io::Error::new(e.kind(), format!("{}: {e}", path.display()));
    let mut names = Vec::new();
    for entry in fs::read_dir(path).map_err(with_path)? {
        let entry = entry.map_err(with_path)?;
        let name = entry.file_name();
        let Some(text) = name.to_str() else {
            tree.note(folder, &name.to_string_lossy(), UNNAMED);
            continue;
        };
        match fs::metadata(entry.path()) {
            Ok(of) if of.is_dir() => names.push(format!("{text}/")),
            Ok(of) if of.is_file() => names.push(text.to_owned()),
            // Such an entry is not read, because reading a pipe would block.
            Ok(_) => tree.note(folder, text, "this is neither a file nor a folder"),
            Err(_) if entry.file_type().is_ok_and(|of| of.is_symlink()) => tree.note(folder, text, NOWHERE),
            // The error is reported when the file is read.
            Err(_) => names.push(text.to_owned()),
        }
    }
    Ok(names)
}

/// Step on a path in a YAML document.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Step {
    /// The value under this key.
    Key(String),
    /// The entry with this index.
    Index(usize),
}

/// Place of a value in a spec file, or of its key.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// File that contains the value.
    pub file: FileId,
    /// Path from the top of the document to the value.
    pub path: Vec<Step>,
    /// Set if this is the place of the key, and not of the value.
    pub key: bool,
}

impl Place {
    /// Returns the place of the whole document.
    pub fn top(file: FileId) -> Self {
        Place { file, path: Vec::new(), key: false }
    }

    /// Returns the place of the value under `key`.
    pub fn at(&self, key: &str) -> Self {
        let mut place = self.clone();
        place.key = false;
        place.path.push(Step::Key(key.to_owned()));
        place
    }

    /// Returns `true` if `other` is this place, or a place inside it.
    pub fn holds(&self, other: &Place) -> bool {
        self.file == other.file && other.path.starts_with(&self.path)
    }

    /// Returns the place of the entry with this index.
    pub fn item(&self, index: usize) -> Self {
        let mut place = self.clone();
        place.key = false;
        place.path.push(Step::Index(index));
        place
    }

    /// Returns the place of the key of this value.
    pub fn key(mut self) -> Self {
        self.key = true;
        self
    }
}
