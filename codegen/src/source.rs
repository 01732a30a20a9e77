//! Texts of the spec's files, and places in them.
//!
//! A place is a file and the path of keys to a value. A place is cheap to create; `span` looks up its position only for
//! a report.

use crate::decode::{Undecoded, decode};
use std::collections::BTreeMap;
use std::path::Path;
use std::{fs, io};

/// Index of a spec file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub usize);

/// A spec file.
#[derive(Debug)]
pub struct SourceFile {
    /// Folder below the spec root: the API's name.
    pub folder: String,
    /// Path for messages, with forward slashes.
    pub path: String,
    /// Text, without a byte order mark.
    pub text: String,
    /// Problem of the encoding, if the file is not UTF-8.
    pub undecoded: Option<Undecoded>,
}

/// Spec files, sorted by path, so that the order of the file system does not matter, and misplaced files.
#[derive(Debug, Default)]
pub struct Sources(pub Vec<SourceFile>, pub Vec<Unread>);

/// File or folder that looks like part of the spec, but is in a place that the generator does not read.
#[derive(Debug)]
pub struct Unread {
    /// Path for messages.
    pub path: String,
    /// Reason why it is not read.
    pub why: &'static str,
}

/// Returns `true` for the name of a spec file. All commands use this function, so that they read the same files on disk
/// and in a revision: `*.yaml` and `*.yml` in any case, except files of editors and systems (`._api.yaml`,
/// `.draft.yaml`, `~api.yaml`, `#api.yaml#`, `@eaDir`).
pub fn is_spec_file(name: &str) -> bool {
    let extension = Path::new(name).extension().and_then(|extension| extension.to_str());
    !is_left_over(name)
        && extension.is_some_and(|extension| ["yaml", "yml"].iter().any(|yaml| extension.eq_ignore_ascii_case(yaml)))
}

/// Returns `true` for a file or folder that is hidden or belongs to an editor or a system.
fn is_left_over(name: &str) -> bool {
    name.starts_with(['.', '~', '#', '@', '$']) || name == "__MACOSX"
}

/// Content of the spec's folder: its files, and its folders with their content. A name with a trailing slash is a
/// folder. Sorted, so that the order of the file system does not matter.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    /// Files beside the folders.
    pub(crate) files: Vec<String>,
    /// The folders.
    pub(crate) folders: BTreeMap<String, Vec<String>>,
    /// Entries that cannot be read: the path below the spec's folder, and the reason.
    pub(crate) odd: Vec<(String, &'static str)>,
}

impl Tree {
    /// Notes an entry that cannot be read. Notes every entry of the top level, because it may be a folder. In a folder,
    /// notes only an entry with the name of a spec file.
    pub(crate) fn note(&mut self, folder: &str, name: &str, why: &'static str) {
        if folder.is_empty() && !is_left_over(name) {
            self.odd.push((name.to_owned(), why));
        } else if !folder.is_empty() && !is_left_over(folder) && is_spec_file(name) {
            self.odd.push((format!("{folder}/{name}"), why));
        }
    }
}

/// Problem of a link without a target.
pub(crate) const NOWHERE: &str = "the target of this link does not exist";
/// Problem of a name in another encoding.
pub(crate) const UNNAMED: &str = "its name is not UTF-8";

impl Sources {
    /// Reads every [spec file](is_spec_file) one folder below `root`. Paths in messages are `label/folder/file`. Other
    /// files are ignored.
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

    /// Reads the spec files of a tree. `read` takes the names of a folder and a file.
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

    /// Removes the files of all other APIs. `None` keeps all files. Call this before any file is referred to by its
    /// index.
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

/// Returns the names in a folder; names of folders end with a slash. Other entries, and names that are not UTF-8, are
/// noted.
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
            // A pipe would block the reading.
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

/// Value in a spec file, or its key.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// The file.
    pub file: FileId,
    /// Path to the value.
    pub path: Vec<Step>,
    /// Set if the place is the key, and not the value.
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

    /// Returns `true` if `other` is this place or below it.
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
