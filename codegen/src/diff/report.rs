//! Rendering of changes as text, Markdown or JSON.

use super::{Change, ChangeKind, Impact, next_version};
use serde_json::json;
use std::fmt::Write as _;

/// Format of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportFormat {
    /// Text for a terminal.
    Text,
    /// JSON for other programs.
    Json,
    /// Markdown for a pull request.
    Markdown,
}

const IMPACTS: [(Impact, &str, &str); 4] = [
    (Impact::Breaking, "breaking", "Breaking"),
    (Impact::Behavior, "behavior", "Changed behavior"),
    (Impact::Additive, "additive", "Added"),
    (Impact::Documentation, "documentation only", "Documentation"),
];

/// Renders the changes since a revision, the next version of the crate, and a draft for the changelog. `version` is the
/// present version.
///
/// If `version` is absent, the report does not propose a new version.
pub fn render<'a>(
    changes: &[Change],
    since: &str,
    version: impl Into<Option<&'a str>>,
    format: ReportFormat,
) -> String {
    let version = version.into();
    match format {
        ReportFormat::Text => text(changes, since, version),
        ReportFormat::Json => format!("{:#}\n", machine(changes, since, version)),
        ReportFormat::Markdown => markdown(changes, since, version),
    }
}

fn of(changes: &[Change], impact: Impact) -> impl Iterator<Item = &Change> {
    changes.iter().filter(move |change| change.impact == impact && change.correction.is_none())
}

/// Returns the changes that correct the transcription of a page, each with its reason.
fn corrections(changes: &[Change]) -> impl Iterator<Item = (&Change, &str)> {
    changes.iter().filter_map(|change| Some((change, change.correction.as_deref()?)))
}

fn name(of: Impact) -> &'static str {
    IMPACTS.iter().find(|(impact, ..)| *impact == of).map_or("", |(_, name, _)| name)
}

/// Describes a change without its location.
fn description(change: &Change) -> String {
    let what = &change.what;
    match (change.kind, &change.old, &change.new) {
        (ChangeKind::Added, ..) => format!("{what} added"),
        (ChangeKind::Removed, ..) => format!("{what} removed"),
        (ChangeKind::Renamed, old, _) => format!("{what} renamed, was `{}`", old.as_deref().unwrap_or("")),
        (ChangeKind::Changed, ..) if change.impact == Impact::Documentation && long(change) => {
            format!("{what} changed")
        }
        (ChangeKind::Changed, Some(old), Some(new)) => format!("{what}: `{old}` is now `{new}`"),
        (ChangeKind::Changed, None, Some(new)) => format!("{what}: now `{new}`"),
        (ChangeKind::Changed, Some(old), None) => format!("{what}: no longer `{old}`"),
        (ChangeKind::Changed, None, None) => format!("{what} changed"),
    }
}

/// Returns `true` if the old or new value has more than 40 characters. Such a value counts as prose, which is easier to
/// read in the diff of the spec.
fn long(change: &Change) -> bool {
    [&change.old, &change.new].into_iter().flatten().any(|text| text.chars().count() > 40)
}

/// Returns a sentence that proposes the next version. Corrections count too, because they affect callers like any other
/// change.
fn verdict(changes: &[Change], version: Option<&str>) -> String {
    let Some(version) = version else {
        return "The version of the crate cannot be read from its Cargo.toml, so no new version is proposed.".into();
    };
    match next_version(version, changes) {
        None => "No new version is needed.".into(),
        Some((part, next)) => format!("Raise the {} version: {version} to {next}.", part.as_str()),
    }
}

fn text(changes: &[Change], since: &str, version: Option<&str>) -> String {
    if changes.is_empty() {
        return format!("nothing changed since {since}\n");
    }
    let mut out = String::new();
    // Writing to a `String` cannot fail.
    for (impact, name, _) in IMPACTS {
        let count = of(changes, impact).count();
        if count == 0 {
            continue;
        }
        let _ = writeln!(out, "{name} ({count})");
        for change in of(changes, impact) {
            let _ = writeln!(out, "  {}  {}", change.at, description(change));
        }
        out.push('\n');
    }
    let count = corrections(changes).count();
    if count > 0 {
        let _ = writeln!(out, "corrections of the transcription ({count})");
        for (change, because) in corrections(changes) {
            let _ = writeln!(out, "  {}  {} ({})\n    {because}", change.at, description(change), name(change.impact));
        }
        out.push('\n');
    }
    let _ = writeln!(out, "{}\n\nFor the changelog:\n\n{}", verdict(changes, version), changelog(changes));
    out.truncate(out.trim_end().len());
    out + "\n"
}

fn markdown(changes: &[Change], since: &str, version: Option<&str>) -> String {
    if changes.is_empty() {
        return format!("Nothing changed since `{since}`.\n");
    }
    let mut out = format!("## Effect of the spec change since `{since}` on callers\n\n");
    let _ = writeln!(out, "{}\n\n| impact | where | what |\n| --- | --- | --- |", verdict(changes, version));
    for (impact, name, _) in IMPACTS {
        for change in of(changes, impact) {
            let _ = writeln!(out, "| {name} | `{}` | {} |", change.at, description(change).replace('|', "\\|"));
        }
    }
    for (change, because) in corrections(changes) {
        let what = format!("{}. {because}", description(change)).replace('|', "\\|");
        let _ = writeln!(out, "| correction ({}) | `{}` | {what} |", name(change.impact), change.at);
    }
    let _ = writeln!(out, "\n### Draft for the changelog\n\n{}", changelog(changes));
    out.truncate(out.trim_end().len());
    out + "\n"
}

fn machine(changes: &[Change], since: &str, version: Option<&str>) -> serde_json::Value {
    let counts: serde_json::Map<String, serde_json::Value> = IMPACTS
        .iter()
        .map(|(impact, name, _)| {
            (name.split(' ').next().unwrap_or(name).to_owned(), of(changes, *impact).count().into())
        })
        .collect();
    let mut counts = counts;
    counts.insert("corrections".into(), corrections(changes).count().into());
    let next = version.and_then(|version| next_version(version, changes));
    json!({
        "since": since,
        "counts": counts,
        "version": version,
        "raise": next.as_ref().map(|(part, _)| part),
        "next": next.as_ref().map(|(_, next)| next),
        "changes": changes,
        "changelog": changelog(changes),
    })
}

/// Returns a draft for the changelog. It has one line for each correction and for each other change that callers
/// notice. All other changes of documentation share one line.
fn changelog(changes: &[Change]) -> String {
    let mut out = String::new();
    for (impact, _, title) in IMPACTS {
        let mut these = of(changes, impact).peekable();
        if these.peek().is_none() {
            continue;
        }
        if impact == Impact::Documentation {
            let count = these.count();
            let _ = writeln!(out, "- {title}: {count} {} reworded.", if count == 1 { "place" } else { "places" });
            continue;
        }
        for change in these {
            let _ = writeln!(out, "- {title}: `{}`: {}.", change.at, description(change));
        }
    }
    for (change, because) in corrections(changes) {
        let _ = writeln!(out, "- Corrected: `{}`: {}. {because}", change.at, description(change));
    }
    out
}
