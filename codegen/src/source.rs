//! The spec's files as text, and places in them.
//!
//! A place is a file and the path of keys that leads to a value. It costs nothing to make; `span` finds out
//! where it stands in the text, and only when there is something to report.

use std::path::{Path, PathBuf};
use std::{fs, io};

/// A spec file's number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub usize);

/// A spec file.
#[derive(Debug)]
pub struct Source {
    /// The folder below the spec root: the API's name.
    pub folder: String,
    /// The path shown to people, with forward slashes.
    pub path: String,
    /// The text.
    pub text: String,
}

/// All spec files, sorted by path, so that nothing depends on the file system's order.
#[derive(Debug, Default)]
pub struct Sources(pub Vec<Source>, pub Vec<Unread>);

/// What looks like a part of the spec and stands where nothing is read.
#[derive(Debug)]
pub struct Unread {
    /// The path shown to people.
    pub path: String,
    /// Why it is not read.
    pub why: &'static str,
}

impl Sources {
    /// Reads every `*.yaml` and `*.yml`, in any case, one folder below `root`. Paths are shown as
    /// `label/folder/file`. Hidden files are nobody's, and other files are notes.
    pub fn read(root: &Path, label: &str) -> io::Result<Self> {
        let mut sources = Vec::new();
        let mut unread = Vec::new();
        let mut leave = |path: String, why| unread.push(Unread { path, why });
        for folder in sorted_entries(root)? {
            let folder_name = name_of(&folder);
            if !folder.is_dir() {
                if is_yaml(&folder) {
                    leave(format!("{label}/{folder_name}"), "a spec file stands in the folder of its API");
                }
                continue;
            }
            let before = sources.len();
            for file in sorted_entries(&folder)? {
                let path = format!("{label}/{folder_name}/{}", name_of(&file));
                if file.is_dir() {
                    leave(path, "an API is one folder; folders in it are not read");
                    continue;
                }
                if !is_yaml(&file) {
                    continue;
                }
                let text = fs::read_to_string(&file)
                    .map_err(|e| io::Error::new(e.kind(), format!("{}: {e}", file.display())))?;
                sources.push(Source {
                    folder: folder_name.clone(),
                    path,
                    // A byte order mark is not part of the text.
                    text: text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text),
                });
            }
            if sources.len() == before {
                leave(format!("{label}/{folder_name}"), "this folder has no spec files");
            }
        }
        Ok(Sources(sources, unread))
    }

    /// The file with this number.
    pub fn get(&self, id: FileId) -> &Source {
        &self.0[id.0]
    }

    /// All files with their numbers.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &Source)> {
        self.0.iter().enumerate().map(|(n, s)| (FileId(n), s))
    }
}

fn sorted_entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder)
        .map_err(|e| io::Error::new(e.kind(), format!("{}: {e}", folder.display())))?
        .map(|entry| entry.map(|e| e.path()))
        .collect::<io::Result<_>>()?;
    entries.retain(|path| !name_of(path).starts_with('.'));
    entries.sort();
    Ok(entries)
}

fn is_yaml(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    extension.is_some_and(|extension| ["yaml", "yml"].iter().any(|yaml| extension.eq_ignore_ascii_case(yaml)))
}

fn name_of(path: &Path) -> String {
    path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default()
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
