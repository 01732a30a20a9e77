//! The spec's files as text, and places in them.
//!
//! A place is a file and the path of keys that leads to a value. It costs nothing to make; `span` finds out
//! where it stands in the text, and only when there is something to report.

use crate::decode::{Undecoded, decode};
use std::collections::BTreeMap;
use std::path::Path;
use std::{fs, io};

/// A spec file's number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub usize);

/// A spec file.
#[derive(Debug)]
pub struct SourceFile {
    /// The folder below the spec root: the API's name.
    pub folder: String,
    /// The path shown to people, with forward slashes.
    pub path: String,
    /// The text, without a byte order mark.
    pub text: String,
    /// Why the text is not what the file says: it is in another encoding than UTF-8.
    pub undecoded: Option<Undecoded>,
}

/// All spec files, sorted by path, so that nothing depends on the file system's order.
#[derive(Debug, Default)]
pub struct Sources(pub Vec<SourceFile>, pub Vec<Unread>);

/// What looks like a part of the spec and stands where nothing is read.
#[derive(Debug)]
pub struct Unread {
    /// The path shown to people.
    pub path: String,
    /// Why it is not read.
    pub why: &'static str,
}

/// Whether a file of the spec's folders is a spec file, by its name. This is the only place that decides it, so that
/// every command reads the same files, of the disk as of a revision: `*.yaml` and `*.yml` in any case, but for what editors
/// and systems leave beside them (`._api.yaml`, `.draft.yaml`, `~api.yaml`, `#api.yaml#`, `@eaDir`).
pub fn is_spec_file(name: &str) -> bool {
    let extension = Path::new(name).extension().and_then(|extension| extension.to_str());
    !is_left_over(name)
        && extension.is_some_and(|extension| ["yaml", "yml"].iter().any(|yaml| extension.eq_ignore_ascii_case(yaml)))
}

/// Whether a file or folder is no part of the spec whatever is in it: hidden, or made by an editor or a system.
fn is_left_over(name: &str) -> bool {
    name.starts_with(['.', '~', '#', '@', '$']) || name == "__MACOSX"
}

/// What stands in the spec's folder: its files, and the folders with what is in them. A name with a trailing slash is a
/// folder's. Sorted, so that nothing depends on the order in which they were found.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    /// Files beside the folders.
    pub(crate) files: Vec<String>,
    /// The folders.
    pub(crate) folders: BTreeMap<String, Vec<String>>,
    /// What cannot be read although it stands where something is: its path below the spec's folder, and why.
    pub(crate) odd: Vec<(String, &'static str)>,
}

impl Tree {
    /// Notes something that cannot be read: beside the folders anything, because it may be one; in a folder what is named
    /// like a spec file. The rest are notes, and nobody reads them.
    pub(crate) fn note(&mut self, folder: &str, name: &str, why: &'static str) {
        if folder.is_empty() && !is_left_over(name) {
            self.odd.push((name.to_owned(), why));
        } else if !folder.is_empty() && !is_left_over(folder) && is_spec_file(name) {
            self.odd.push((format!("{folder}/{name}"), why));
        }
    }
}

/// A link without anything behind it.
pub(crate) const NOWHERE: &str = "this link leads nowhere";
/// A name in another encoding.
pub(crate) const UNNAMED: &str = "its name is not UTF-8";

impl Sources {
    /// Reads every [spec file](is_spec_file) one folder below `root`. Paths are shown as `label/folder/file`. Other files
    /// are notes.
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

    /// The spec files of a tree. `read` gets a folder's and a file's name.
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
            sources.leave(format!("{label}/{name}"), "a spec file stands in the folder of its API");
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

    /// Leaves out the files of all other APIs. `None` keeps all of them. Only before anything refers to a file.
    pub(crate) fn retain(&mut self, apis: Option<&[String]>) {
        if let Some(apis) = apis {
            self.0.retain(|source| apis.contains(&source.folder));
        }
    }

    fn leave(&mut self, path: String, why: &'static str) {
        self.1.push(Unread { path, why });
    }

    /// The file with this number.
    pub fn get(&self, id: FileId) -> &SourceFile {
        &self.0[id.0]
    }

    /// All files with their numbers.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        self.0.iter().enumerate().map(|(n, s)| (FileId(n), s))
    }
}

/// The names in a folder; those of folders with a slash at their end. What is neither, and what has no name in UTF-8, is
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
            // Nobody writes into a pipe that is read here.
            Ok(_) => tree.note(folder, text, "this is neither a file nor a folder"),
            Err(_) if entry.file_type().is_ok_and(|of| of.is_symlink()) => tree.note(folder, text, NOWHERE),
            // Told when it is read.
            Err(_) => names.push(text.to_owned()),
        }
    }
    Ok(names)
}

/// One step into a YAML document.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Step {
    /// The value under this key.
    Key(String),
    /// The entry with this number.
    Index(usize),
}

/// A value in a spec file, or the key it stands under.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// The file.
    pub file: FileId,
    /// The way to the value.
    pub path: Vec<Step>,
    /// The key is meant, not the value.
    pub key: bool,
}

impl Place {
    /// The whole document.
    pub fn top(file: FileId) -> Self {
        Place { file, path: Vec::new(), key: false }
    }

    /// The value under `key`.
    pub fn at(&self, key: &str) -> Self {
        let mut place = self.clone();
        place.key = false;
        place.path.push(Step::Key(key.to_owned()));
        place
    }

    /// Whether `other` is this place or stands below it.
    pub fn holds(&self, other: &Place) -> bool {
        self.file == other.file && other.path.starts_with(&self.path)
    }

    /// The entry with number `index`.
    pub fn item(&self, index: usize) -> Self {
        let mut place = self.clone();
        place.key = false;
        place.path.push(Step::Index(index));
        place
    }

    /// The key this value stands under.
    pub fn key(mut self) -> Self {
        self.key = true;
        self
    }
}
