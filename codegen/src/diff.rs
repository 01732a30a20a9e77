//! Comparison of two specs, which classifies the changes by their impact on callers.
//!
//! `facts` converts a spec to a tree of facts, and each fact defines the impact of its changes. `tree` finds the
//! changes between two trees, and `report` renders them. `git` reads the spec of another revision. The comparison does
//! not read generated code.

mod facts;
mod git;
mod report;
mod tree;

pub use git::read as read_revision;
pub use report::{ReportFormat, render};

use crate::resolved::Api;
use crate::spec::Correction;
use serde::Serialize;

/// Impact of a change on callers. A later variant has a larger impact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Impact {
    /// Only documentation changes.
    Documentation,
    /// Items were added, and existing items are unchanged.
    Additive,
    /// Code compiles as before but behaves differently.
    Behavior,
    /// Code no longer compiles, or a request that was accepted before is now rejected.
    Breaking,
}

/// Kind of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// The fact was added.
    Added,
    /// The fact was removed.
    Removed,
    /// The fact was renamed.
    Renamed,
    /// The value of the fact changed.
    Changed,
}

/// Change of a fact or of one of its properties.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// Impact on callers.
    pub impact: Impact,
    /// Kind of the change.
    pub kind: ChangeKind,
    /// Location of the fact, such as `shop: create_order.request.amount`.
    pub at: String,
    /// Kind of the fact (such as `field`), or name of its changed property (such as `max`).
    pub what: String,
    /// Old value.
    pub old: Option<String>,
    /// New value.
    pub new: Option<String>,
    /// Reason under `corrections:` in the new spec, if the change corrects the transcription of the page. The service
    /// itself did not change then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub correction: Option<String>,
}

/// Compares two specs. Returns the changes in descending order of their impact. Changes with the same impact are in the
/// order of the spec.
pub fn compare(old: &[Api], new: &[Api]) -> Vec<Change> {
    let mut changes = tree::compare(&facts::of(old), &facts::of(new));
    let renamed: Vec<(String, String)> =
        changes.iter().filter(|change| change.kind == ChangeKind::Renamed).filter_map(names_of).collect();
    // The new name of a type is reported once, at the type, and not at every field of this type.
    changes
        .retain(|change| change.kind != ChangeKind::Changed || !renamed.iter().any(|pair| only_renamed(change, pair)));
    for change in &mut changes {
        let found = corrections(old, new).find(|(api, correction)| concerns(correction, api, change));
        change.correction = found.map(|(_, correction)| correction.because.clone());
    }
    changes.sort_by_key(|change| std::cmp::Reverse(change.impact));
    changes
}

/// Returns the corrections that only the new spec has, with the names of their APIs.
fn corrections<'a>(old: &'a [Api], new: &'a [Api]) -> impl Iterator<Item = (&'a str, &'a Correction)> {
    new.iter().flat_map(move |api| {
        let before = old.iter().find(|before| before.name == api.name);
        let before = before.map_or(&[][..], |before| before.spec.corrections.as_slice());
        let fresh = api.spec.corrections.iter().filter(move |correction| !before.contains(correction));
        fresh.map(|correction| (api.name.as_str(), correction))
    })
}

/// Returns `true` if a correction covers a change. A change of the API as a whole has no path below the API, so the
/// correction names the changed property.
fn concerns(correction: &Correction, api: &str, change: &Change) -> bool {
    if change.at == api {
        return correction.at == change.what;
    }
    let Some(at) = change.at.strip_prefix(api).and_then(|at| at.strip_prefix(": ")) else { return false };
    at.strip_prefix(&correction.at).is_some_and(|below| below.is_empty() || below.starts_with(['.', ' ', '[']))
}

/// Returns the locations of new corrections that match no change, for example because of a typing error.
pub fn unused_corrections(old: &[Api], new: &[Api], changes: &[Change]) -> Vec<String> {
    corrections(old, new)
        .filter(|(api, correction)| !changes.iter().any(|change| concerns(correction, api, change)))
        .map(|(api, correction)| format!("{api}: {}", correction.at))
        .collect()
}

fn names_of(change: &Change) -> Option<(String, String)> {
    Some((change.old.clone()?, change.new.clone()?))
}

/// Returns `true` if a change only replaces the old name of a renamed type by its new name. The renamed type may be the
/// type of a field, or of the entries of a list.
fn only_renamed(change: &Change, (old, new): &(String, String)) -> bool {
    let (Some(before), Some(now)) = (&change.old, &change.new) else { return false };
    if change.what != "type" {
        return false;
    }
    let prefix = before.strip_suffix(old.as_str());
    prefix.is_some_and(|prefix| now.strip_suffix(new.as_str()) == Some(prefix))
        && prefix.is_some_and(|prefix| prefix.is_empty() || prefix.ends_with(' '))
}

/// Part of a version number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum VersionPart {
    /// First number.
    Major,
    /// Second number.
    Minor,
    /// Third number.
    Patch,
}

impl VersionPart {
    /// Returns the name of the part.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Major => "major",
            Self::Minor => "minor",
            Self::Patch => "patch",
        }
    }
}

/// Returns the part of the version to raise, and the next version. `None` if there are no changes. From 1.0 on, a
/// breaking change raises the major version, and a change of behavior or an addition raises the minor version. A change
/// of documentation raises the patch version. Before 1.0, breaking changes and changes of behavior raise the minor
/// version, and all other changes raise the patch version.
pub fn next_version(version: &str, changes: &[Change]) -> Option<(VersionPart, String)> {
    let worst = changes.iter().map(|change| change.impact).max()?;
    let mut parts = version.split(['.', '-', '+']).map(|part| part.parse::<u64>().unwrap_or(0));
    let (major, minor, patch) = (parts.next()?, parts.next().unwrap_or(0), parts.next().unwrap_or(0));
    let part = match (major, worst) {
        (0, Impact::Breaking | Impact::Behavior) => VersionPart::Minor,
        (0, _) | (_, Impact::Documentation) => VersionPart::Patch,
        (_, Impact::Breaking) => VersionPart::Major,
        (_, Impact::Behavior | Impact::Additive) => VersionPart::Minor,
    };
    let next = match part {
        VersionPart::Major => format!("{}.0.0", major + 1),
        VersionPart::Minor => format!("{major}.{}.0", minor + 1),
        VersionPart::Patch => format!("{major}.{minor}.{}", patch + 1),
    };
    Some((part, next))
}
