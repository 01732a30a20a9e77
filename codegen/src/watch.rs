//! Regeneration whenever a spec file is saved. Watching ends when the settings file is saved, because the settings
//! define the watched folders.
//!
//! The folders are polled ten times a second, which is cheap because they are small. Polling also works where file
//! notifications do not: in containers, on network drives, and with editors that replace the file.

use crate::diagnostic::Diagnostics;
use crate::project::Project;
use crate::regen::{Outcome, regen};
use crate::source::{Sources, is_spec_file};
use crate::write::{Report, with_line_feeds};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};
use std::{fs, io, thread};

/// Interval between two polls. A save counts as complete when two successive polls see the same state.
const PAUSE: Duration = Duration::from_millis(100);

/// Largest number of polls after a change. If the files still change then, they are read anyway.
const MAX_POLLS: usize = 5;

/// Result of a run.
#[derive(Debug)]
pub enum News {
    /// The spec has findings, and nothing was written.
    Findings(Sources, Diagnostics),
    /// The crate was generated and matches the spec, unless the report has failures.
    Regenerated {
        /// Report of the files that differed.
        report: Report,
        /// Unified diff of the summaries of the public API (`surface/*.txt`) since the last run without findings. Empty
        /// if the summaries are the same.
        surface: String,
        /// Start of the run.
        start: Instant,
    },
    /// The spec or the crate cannot be read or written at present. A later run may succeed.
    Trouble(io::Error),
}

/// State of the settings file at a point in time: the time of its last change, and its length.
#[derive(Debug, PartialEq, Eq)]
pub struct SettingsState(Option<(Option<SystemTime>, u64)>);

impl SettingsState {
    /// Returns the present state of the file. An absent file has a state too.
    pub fn of(settings: &Path) -> Self {
        Self(state(settings))
    }

    /// Waits until the state of the file differs from this state and no longer changes.
    pub fn until_changed(&self, settings: &Path) {
        let look = || Self::of(settings);
        wait_for_stable_change(look, |now| now != self);
    }
}

/// Regenerates each project now, and whenever a file of its spec is saved. `report` is called with each result. The
/// function returns when the settings differ from `read`, or when `report` returns an error.
pub fn watch(
    settings: &Path,
    read: &SettingsState,
    projects: &[Project],
    mut report: impl FnMut(&Project, News) -> io::Result<()>,
) -> io::Result<()> {
    let mut seen: Vec<Option<Look>> = projects.iter().map(|_| None).collect();
    loop {
        for (project, seen) in projects.iter().zip(&mut seen) {
            // The state is determined before the files are read, so that a save during a run starts another run.
            let now = look(&project.spec);
            if seen.as_ref() != Some(&now) {
                *seen = Some(now);
                report(project, run(project))?;
            }
        }
        let looked = || {
            let specs = projects.iter().map(|project| Some(look(&project.spec))).collect::<Vec<_>>();
            (specs, SettingsState::of(settings))
        };
        wait_for_stable_change(looked, |(specs, settings)| *specs != seen || settings != read);
        if SettingsState::of(settings) != *read {
            return Ok(());
        }
    }
}

/// Regenerates a project once. Before the run, the crate's folder still contains the summaries of the public API that
/// the last run without findings wrote.
fn run(project: &Project) -> News {
    #[expect(clippy::disallowed_methods, reason = "the duration of a run is reported, not generated")]
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

/// State of a spec's files: the time of the last change and the length of each file.
type Look = BTreeMap<PathBuf, (Option<SystemTime>, u64)>;

/// Returns the state of a spec's files. A file that cannot be accessed is left out, because the next run reports the
/// reason.
fn look(spec: &Path) -> Look {
    let mut seen = Look::new();
    for folder in entries(spec) {
        for path in entries(&folder).chain([folder.clone()]) {
            // Editors keep files of their own beside the edited file.
            let is_spec = path.file_name().is_some_and(|name| is_spec_file(&name.to_string_lossy()));
            if is_spec && let Some(state) = state(&path) {
                seen.insert(path, state);
            }
        }
    }
    seen
}

fn state(file: &Path) -> Option<(Option<SystemTime>, u64)> {
    let data = fs::metadata(file).ok().filter(fs::Metadata::is_file)?;
    Some((data.modified().ok(), data.len()))
}

fn entries(folder: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path())
}

/// Waits until `has_changed` is true for the result of `look`. Then waits until the result no longer changes, but for
/// at most [`MAX_POLLS`] polls.
fn wait_for_stable_change<T: PartialEq>(look: impl Fn() -> T, has_changed: impl Fn(&T) -> bool) {
    let mut last = loop {
        thread::sleep(PAUSE);
        let now = look();
        if has_changed(&now) {
            break now;
        }
    };
    for _ in 0..MAX_POLLS {
        thread::sleep(PAUSE);
        let now = look();
        if now == last {
            return;
        }
        last = now;
    }
}

/// Returns the summaries of the public API in the folder of a crate, by file name.
fn surfaces(out: &Path) -> BTreeMap<String, String> {
    entries(&out.join("surface"))
        .filter_map(|path| {
            let name = path.file_name()?.to_string_lossy().into_owned();
            // Line ends are normalized, because the checkout may have changed them.
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
