//! Regeneration at every save: waits until a spec file is saved, runs, tells what came of it, and waits again.
//!
//! The folders are looked at a few times a second. They are small, and looking works where notices of the system do
//! not: in containers, on network drives, and with editors that put a new file in the place of the old one. What is
//! told goes to the caller, who prints it.

use crate::diagnostic::Diagnostics;
use crate::regen::{Outcome, Project, regen};
use crate::source::{Sources, is_spec_file};
use crate::write::{Report, with_line_feeds};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};
use std::{fs, io, thread};

/// How often the files are looked at. Two looks that see the same are one save.
const PAUSE: Duration = Duration::from_millis(100);

/// A file that is written again and again is read at last after this many looks.
const PATIENCE: usize = 5;

/// What came of a save.
#[derive(Debug)]
pub enum News {
    /// The spec has findings; nothing was written.
    Findings(Sources, Diagnostics),
    /// The crate is what the spec says.
    Regenerated {
        /// What was written.
        report: Report,
        /// A unified diff of the surfaces since the spec was last sound; empty when they say the same.
        surface: String,
        /// When the run began.
        start: Instant,
    },
    /// The spec or the crate cannot be read or written now. It may be the next time.
    Trouble(io::Error),
}

/// Runs each project now and at every save of its spec, until what is told is answered with an error.
pub fn watch(projects: &[Project], mut tell: impl FnMut(&Project, News) -> io::Result<()>) -> io::Result<()> {
    let mut seen: Vec<Option<Look>> = projects.iter().map(|_| None).collect();
    loop {
        for (project, seen) in projects.iter().zip(&mut seen) {
            // Looked at before reading, so that a save in the middle of a run leads to another.
            let now = look(&project.spec);
            if seen.as_ref() != Some(&now) {
                *seen = Some(now);
                tell(project, run(project))?;
            }
        }
        wait(projects, &seen);
    }
}

/// One run. The surfaces of the last sound spec are those in the crate's folder: nothing else is ever written there.
fn run(project: &Project) -> News {
    #[expect(clippy::disallowed_methods, reason = "how long a run takes is told, not generated")]
    let start = Instant::now();
    let before = surfaces(&project.out);
    match regen(project, false) {
        Err(error) => News::Trouble(error),
        Ok(Outcome::Findings(sources, diagnostics)) => News::Findings(sources, diagnostics),
        Ok(Outcome::Done(report)) => {
            let surface = difference(&before, &surfaces(&project.out));
            News::Regenerated { report, surface, start }
        }
    }
}

/// What tells a saved file from the one before: when it was written, and how long it is.
type Look = BTreeMap<PathBuf, (Option<SystemTime>, u64)>;

/// The files of the spec's folders. What cannot be read is not there; the run that follows says why.
fn look(spec: &Path) -> Look {
    let mut seen = Look::new();
    for folder in entries(spec) {
        for path in entries(&folder).chain([folder.clone()]) {
            // Editors keep their own files beside the one that is edited.
            let is_spec = path.file_name().is_some_and(|name| is_spec_file(&name.to_string_lossy()));
            if is_spec
                && let Ok(data) = fs::metadata(&path)
                && data.is_file()
            {
                seen.insert(path, (data.modified().ok(), data.len()));
            }
        }
    }
    seen
}

fn entries(folder: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path())
}

/// Returns when the files are others than `seen`, and nobody is writing them any more.
fn wait(projects: &[Project], seen: &[Option<Look>]) {
    let look_at_all = || projects.iter().map(|project| Some(look(&project.spec))).collect::<Vec<_>>();
    let mut last = loop {
        thread::sleep(PAUSE);
        let now = look_at_all();
        if now != seen {
            break now;
        }
    };
    for _ in 0..PATIENCE {
        thread::sleep(PAUSE);
        let now = look_at_all();
        if now == last {
            return;
        }
        last = now;
    }
}

/// The surface summaries in the crate's folder, by name.
fn surfaces(out: &Path) -> BTreeMap<String, String> {
    entries(&out.join("surface"))
        .filter_map(|path| {
            let name = path.file_name()?.to_string_lossy().into_owned();
            // Whatever line ends the checkout has: those that are written now are line feeds.
            Some((name, String::from_utf8(with_line_feeds(fs::read(&path).ok()?)).ok()?))
        })
        .collect()
}

fn difference(before: &BTreeMap<String, String>, after: &BTreeMap<String, String>) -> String {
    let mut names: Vec<&String> = before.keys().chain(after.keys()).collect();
    names.sort();
    names.dedup();
    let text = |of: &BTreeMap<String, String>, name| of.get(name).cloned().unwrap_or_default();
    let mut out = String::new();
    for name in names {
        let (old, new) = (text(before, name), text(after, name));
        let diff = similar::TextDiff::from_lines(&old, &new);
        let path = format!("surface/{name}");
        out += &diff.unified_diff().context_radius(1).header(&path, &path).to_string();
    }
    out
}
