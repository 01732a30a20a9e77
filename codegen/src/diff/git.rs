//! The spec of another revision, by way of the `git` that is installed.

use crate::regen::Project;
use crate::source::{Sources, Tree};
use std::io;
use std::path::Path;
use std::process::Command;

/// The spec's files as they were in a revision, without touching the work tree.
pub fn read(root: &Path, project: &Project, revision: &str) -> io::Result<Sources> {
    let commit = commit(root, revision)?;
    let folder = format!("{}/", project.spec_label);
    let listed = text(root, &["ls-tree", "-r", "-z", "--name-only", &commit, "--", &folder])?;
    let mut tree = Tree::default();
    for below in listed.split('\0').filter_map(|path| path.strip_prefix(&folder)) {
        let Some((folder, name)) = below.split_once('/') else {
            tree.files.push(below.to_owned());
            continue;
        };
        let name = match name.split_once('/') {
            Some((inner, _)) => format!("{inner}/"),
            None => name.to_owned(),
        };
        tree.folders.entry(folder.to_owned()).or_default().push(name);
    }
    let label = format!("{revision}:{}", project.spec_label);
    let sources = Sources::of(tree, &label, |folder, name| {
        git(root, &["show", &format!("{commit}:./{}/{folder}/{name}", project.spec_label)])
    })?;
    if sources.0.is_empty() {
        return Err(io::Error::new(io::ErrorKind::NotFound, format!("{revision}: there is no spec in `{folder}`")));
    }
    Ok(sources)
}

/// The commit that a revision names.
fn commit(root: &Path, revision: &str) -> io::Result<String> {
    let resolved = |name: &str| {
        text(root, &["rev-parse", "--verify", "--quiet", "--end-of-options", &format!("{name}^{{commit}}")])
            .map(|commit| commit.trim().to_owned())
    };
    resolved(revision).map_err(|error| {
        // The reason why nothing can be asked at all comes before any about the name.
        if let Err(error) = text(root, &["rev-parse", "--git-dir"]) {
            let why = format!("the spec of `{revision}` cannot be read: {error}");
            return io::Error::new(error.kind(), why);
        }
        let why = advice(root, revision, resolved);
        io::Error::new(error.kind(), format!("there is no revision `{revision}` here{why}"))
    })
}

/// What to do about a revision that Git does not know: it may have it under another name, or not have fetched it.
fn advice(root: &Path, revision: &str, resolved: impl Fn(&str) -> io::Result<String>) -> String {
    let remotes = text(root, &["remote"]).unwrap_or_default();
    let is_hash = revision.len() >= 7 && revision.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_name = !is_hash && !revision.contains(['^', '~', ':', '@', '{', ' ']);
    if let Some(remote) = remotes.lines().find(|remote| is_name && resolved(&format!("{remote}/{revision}")).is_ok()) {
        return format!(
            ", only `{remote}/{revision}`: compare with that, `diff {remote}/{revision}`, or make a branch of it, \
             `git branch {revision} {remote}/{revision}`"
        );
    }
    let is_shallow = text(root, &["rev-parse", "--is-shallow-repository"]).is_ok_and(|said| said.trim() == "true");
    let remote = remotes.lines().find(|remote| *remote == "origin").or(remotes.lines().next());
    match (is_shallow, remote) {
        (true, Some(remote)) if is_name => {
            // `origin/main` is meant as `main` of `origin`.
            let branch = revision.strip_prefix(&format!("{remote}/")).unwrap_or(revision);
            format!(
                ", because this is a shallow clone: fetch it, \
                 `git fetch --depth=1 {remote} {branch}:refs/remotes/{remote}/{branch}`, and compare with \
                 `{remote}/{branch}`; or fetch everything, `git fetch --unshallow` (in CI: `fetch-depth: 0`)"
            )
        }
        (true, _) => {
            ", because this is a shallow clone: fetch the rest, `git fetch --unshallow` (in CI: `fetch-depth: 0`)"
                .into()
        }
        (false, Some(remote)) => {
            format!(": `git fetch {remote}` fetches what is new, `git branch --all` shows what there is")
        }
        (false, None) if resolved("HEAD").is_err() => ": nothing has been committed yet".into(),
        (false, None) => ": `git branch --all` and `git tag` show what there is".into(),
    }
}

fn text(root: &Path, arguments: &[&str]) -> io::Result<String> {
    String::from_utf8(git(root, arguments)?).map_err(|_| io::Error::other("git gave something that is not UTF-8"))
}

fn git(root: &Path, arguments: &[&str]) -> io::Result<Vec<u8>> {
    let output = Command::new("git").arg("-C").arg(root).args(arguments).output().map_err(|error| {
        let why = format!("git cannot be started, and the spec of another revision comes from it: {error}");
        io::Error::new(error.kind(), why)
    })?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        let said = if said.is_empty() { format!("git {} failed", arguments[0]) } else { said };
        return Err(io::Error::other(said));
    }
    Ok(output.stdout)
}
