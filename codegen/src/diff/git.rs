//! Reads the spec of another revision with the installed `git`.

use crate::project::Project;
use crate::source::{Sources, Tree, UNNAMED, is_spec_file};
use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

/// Reads the files of the spec in a revision, without changing the work tree. Symbolic links are followed, as on disk,
/// if their targets are in the revision.
pub fn read(root: &Path, project: &Project, revision: &str) -> io::Result<Sources> {
    let commit = commit(root, revision)?;
    let folder = format!("{}/", project.spec_label);
    let mut past = Past { root, commit, folder, tree: Tree::default(), blobs: BTreeMap::new() };
    for entry in listed(root, &["-r", &past.commit, "--", &past.folder])? {
        past.add(entry)?;
    }
    let Past { folder, tree, blobs, .. } = past;
    let label = format!("{revision}:{}", project.spec_label);
    let mut sources =
        Sources::of(tree, &label, |folder, name| match blobs.get(&(folder.to_owned(), name.to_owned())) {
            Some(object) => git(root, &["cat-file", "blob", object]),
            None => {
                Err(io::Error::new(io::ErrorKind::NotFound, format!("{label}/{folder}/{name}: not in the revision")))
            }
        })?;
    sources.retain(project.apis.as_deref());
    if sources.0.is_empty() && sources.1.is_empty() {
        return Err(io::Error::new(io::ErrorKind::NotFound, format!("{revision}: no spec in `{folder}`")));
    }
    Ok(sources)
}

/// Entry of a Git tree.
struct TreeEntry {
    mode: String,
    object: String,
    path: Vec<u8>,
}

const LINK: &str = "120000";
const SUBMODULE: &str = "160000";
const FOLDER: &str = "040000";

/// Target of a path in a revision after all links are followed.
enum Target {
    Blob(String),
    Tree(String),
    Nowhere,
}

/// Files found in a revision.
struct Past<'a> {
    root: &'a Path,
    commit: String,
    /// Path of the spec's folder, with a trailing slash.
    folder: String,
    tree: Tree,
    /// Hashes of the files' Git objects, by folder and file name.
    blobs: BTreeMap<(String, String), String>,
}

impl Past<'_> {
    fn add(&mut self, entry: TreeEntry) -> io::Result<()> {
        let Some(below) = entry.path.strip_prefix(self.folder.as_bytes()) else { return Ok(()) };
        let Ok(below) = std::str::from_utf8(below).map(str::to_owned) else {
            let lossy = String::from_utf8_lossy(below).into_owned();
            let (folder, name) = lossy.split_once('/').unwrap_or(("", &lossy));
            self.tree.note(folder, name, UNNAMED);
            return Ok(());
        };
        match below.split_once('/') {
            Some((folder, name)) => self.add_to(folder, name, &entry),
            None if entry.mode == SUBMODULE => {
                self.tree.note("", &below, "this is a submodule, and its files are not in the revision");
                Ok(())
            }
            None if entry.mode == LINK => self.add_link(&below),
            None => {
                self.tree.files.push(below);
                Ok(())
            }
        }
    }

    /// Adds a link in the folder of the spec. If its target is a folder, adds the entries of that folder.
    fn add_link(&mut self, name: &str) -> io::Result<()> {
        match self.follow(name)? {
            Target::Nowhere => self.tree.note("", name, OUTSIDE),
            Target::Blob(_) => self.tree.files.push(name.to_owned()),
            Target::Tree(object) => {
                self.tree.folders.entry(name.to_owned()).or_default();
                for entry in listed(self.root, &[&object])? {
                    match std::str::from_utf8(&entry.path) {
                        Ok(inner) => self.add_to(name, inner, &entry)?,
                        Err(_) => self.tree.note(name, &String::from_utf8_lossy(&entry.path), UNNAMED),
                    }
                }
            }
        }
        Ok(())
    }

    /// Adds an entry of `folder`, which is a folder in the folder of the spec. `name` is relative to `folder`. If the
    /// entry is a folder or is in one, only the name of this inner folder is added, with a trailing slash.
    fn add_to(&mut self, folder: &str, name: &str, entry: &TreeEntry) -> io::Result<()> {
        let mut object = entry.object.clone();
        let mut shown = name.to_owned();
        if let Some((inner, _)) = name.split_once('/') {
            shown = format!("{inner}/");
        } else if [SUBMODULE, FOLDER].contains(&entry.mode.as_str()) {
            shown = format!("{name}/");
        } else if entry.mode == LINK && is_spec_file(name) {
            match self.follow(&format!("{folder}/{name}"))? {
                Target::Blob(of) => object = of,
                Target::Tree(_) => shown = format!("{name}/"),
                Target::Nowhere => {
                    self.tree.note(folder, name, OUTSIDE);
                    return Ok(());
                }
            }
        }
        self.tree.folders.entry(folder.to_owned()).or_default().push(shown.clone());
        self.blobs.insert((folder.to_owned(), shown), object);
        Ok(())
    }

    /// Returns the target of a path that is relative to the folder of the spec.
    fn follow(&self, below: &str) -> io::Result<Target> {
        let path = format!("{}:./{}{below}\n", self.commit, self.folder);
        let output = git_with(self.root, &["cat-file", "--batch-check", "--follow-symlinks"], path.as_bytes())?;
        let output = String::from_utf8_lossy(&output);
        let mut words = output.lines().next().unwrap_or_default().split(' ');
        Ok(match (words.next(), words.next()) {
            (Some(object), Some("blob")) => Target::Blob(object.to_owned()),
            (Some(object), Some("tree")) => Target::Tree(object.to_owned()),
            _ => Target::Nowhere,
        })
    }
}

const OUTSIDE: &str = "the target of this link is not in the revision";

/// Returns the entries that `git ls-tree` lists for these arguments.
fn listed(root: &Path, arguments: &[&str]) -> io::Result<Vec<TreeEntry>> {
    let listed = git(root, &[&["ls-tree", "-z"], arguments].concat())?;
    let entries = listed.split(|byte| *byte == 0).filter_map(|line| {
        let tab = line.iter().position(|byte| *byte == b'\t')?;
        let head = String::from_utf8_lossy(&line[..tab]).into_owned();
        let mut words = head.split(' ');
        let (mode, object) = (words.next()?.to_owned(), words.nth(1)?.to_owned());
        Some(TreeEntry { mode, object, path: line[tab + 1..].to_vec() })
    });
    Ok(entries.collect())
}

/// Returns the hash of a revision's commit.
fn commit(root: &Path, revision: &str) -> io::Result<String> {
    let resolved = |name: &str| {
        text(root, &["rev-parse", "--verify", "--quiet", "--end-of-options", &format!("{name}^{{commit}}")])
            .map(|commit| commit.trim().to_owned())
    };
    resolved(revision).map_err(|error| {
        // If Git itself does not work here, its error is reported, because the name of the revision may be correct.
        if let Err(error) = text(root, &["rev-parse", "--git-dir"]) {
            let why = format!("the spec of `{revision}` cannot be read: {error}");
            return io::Error::new(error.kind(), why);
        }
        let why = advice(root, revision, resolved);
        io::Error::new(error.kind(), format!("there is no revision `{revision}` here{why}"))
    })
}

/// Returns advice about an unknown revision, as the end of an error message. The revision may have another name, or may
/// not have been fetched.
fn advice(root: &Path, revision: &str, resolved: impl Fn(&str) -> io::Result<String>) -> String {
    let remotes = text(root, &["remote"]).unwrap_or_default();
    let is_hash = revision.len() >= 7 && revision.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_name = !is_hash && !revision.contains(['^', '~', ':', '@', '{', ' ']);
    if let Some(remote) = remotes.lines().find(|remote| is_name && resolved(&format!("{remote}/{revision}")).is_ok()) {
        return format!(
            ", only `{remote}/{revision}`: compare with that revision (`diff {remote}/{revision}`), or create the \
             branch (`git branch {revision} {remote}/{revision}`)"
        );
    }
    let is_shallow = text(root, &["rev-parse", "--is-shallow-repository"]).is_ok_and(|output| output.trim() == "true");
    let remote = remotes.lines().find(|remote| *remote == "origin").or(remotes.lines().next());
    match (is_shallow, remote) {
        (true, Some(remote)) if is_name => {
            // A revision such as `origin/main` means the branch `main` of the remote `origin`.
            let branch = revision.strip_prefix(&format!("{remote}/")).unwrap_or(revision);
            format!(
                ", because this is a shallow clone: fetch the branch \
                 (`git fetch --depth=1 {remote} {branch}:refs/remotes/{remote}/{branch}`) and compare with \
                 `{remote}/{branch}`, or fetch everything \
                 (`git fetch --unshallow {remote} +refs/heads/*:refs/remotes/{remote}/*`; in CI: `fetch-depth: 0`)"
            )
        }
        (true, _) => {
            ", because this is a shallow clone: fetch the rest with `git fetch --unshallow` (in CI: `fetch-depth: 0`)"
                .into()
        }
        (false, Some(remote)) if is_name => {
            // A clone of a single branch fetches other branches only if the command names them.
            let branch = revision.strip_prefix(&format!("{remote}/")).unwrap_or(revision);
            format!(
                ": if `{remote}` has this branch, fetch it with \
                 `git fetch {remote} {branch}:refs/remotes/{remote}/{branch}` and compare with `{remote}/{branch}`; \
                 `git branch --all` lists the branches"
            )
        }
        (false, Some(remote)) => {
            format!(": `git fetch {remote}` fetches new commits, and `git branch --all` lists the branches")
        }
        (false, None) if resolved("HEAD").is_err() => ": nothing has been committed yet".into(),
        (false, None) => ": `git branch --all` and `git tag` list the revisions".into(),
    }
}

fn text(root: &Path, arguments: &[&str]) -> io::Result<String> {
    String::from_utf8(git(root, arguments)?).map_err(|_| io::Error::other("the output of git is not UTF-8"))
}

fn git(root: &Path, arguments: &[&str]) -> io::Result<Vec<u8>> {
    git_with(root, arguments, &[])
}

/// Runs Git with this input, and returns its output.
fn git_with(root: &Path, arguments: &[&str], input: &[u8]) -> io::Result<Vec<u8>> {
    let mut command = Command::new("git");
    command.arg("-C").arg(root).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|error| {
        let why = format!("git cannot be started, but is needed to read the spec of another revision: {error}");
        io::Error::new(error.kind(), why)
    })?;
    if let Some(mut stdin) = child.stdin.take() {
        // Writing fails if the command ends without reading its input. The exit status shows whether the command
        // failed.
        let _ = stdin.write_all(input);
    }
    let output = child.wait_with_output()?;
    if !output.status.success() {
        let message = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        let message = if message.is_empty() { format!("git {} failed", arguments[0]) } else { message };
        return Err(io::Error::other(message));
    }
    Ok(output.stdout)
}
