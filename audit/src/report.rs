//! Report of a comparison, and its rendering as text, JSON or Markdown.

use serde::Serialize;
use std::fmt::Write as _;

/// Report of comparing a page with the spec, or with an older copy of the page.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Name of the API. Empty if two copies of a page were compared and the API is not known.
    pub api: String,
    /// Name of the page, which is its file name.
    pub page: String,
    /// Name of the older copy, if the page was compared with one. `None` if the page was compared with the spec.
    pub against: Option<String>,
    /// Code of the page's language, such as `ko`.
    pub language: &'static str,
    /// Notes about the page, such as the operations of other APIs that the page documents.
    pub notes: Vec<String>,
    /// Numbers of facts, by kind.
    pub counts: Vec<Count>,
    /// Differences in the order of their lines on the page, followed by differences without a line.
    pub differences: Vec<Difference>,
}

/// Numbers of facts of one kind, by result.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub struct Count {
    /// Kind of the facts, such as `fields`.
    pub kind: &'static str,
    /// Number of facts on the page.
    pub read: usize,
    /// Number of facts that match the spec.
    pub matched: usize,
    /// Number of facts whose differences from the spec are all explained by quirks.
    pub explained: usize,
    /// Number of facts with a difference that no quirk explains.
    pub unexplained: usize,
    /// Number of facts that were not compared, because the spec has no words for them in the page's language.
    pub not_judged: usize,
}

/// Side of a comparison that has a fact. The two sides are the page and the spec. If two copies of a page are compared,
/// the older copy takes the place of the spec.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Only the page has the fact.
    Page,
    /// Only the spec has the fact.
    Spec,
    /// Both sides have the fact, with different values.
    Both,
}

/// Difference between a page and the spec, or between two copies of a page.
#[derive(Debug, Clone, Serialize)]
pub struct Difference {
    /// Which sides have the fact.
    pub side: Side,
    /// Subject of the difference, such as a field, an operation or a section.
    pub about: String,
    /// Attribute of the subject, such as `limit` or `type`.
    pub what: &'static str,
    /// Value on the page.
    pub page: Option<String>,
    /// Value in the spec, or in the older copy.
    pub spec: Option<String>,
    /// Line on the page, starting at 1.
    pub line: Option<usize>,
    /// File and line in the spec, or line in the older copy.
    pub at: Option<String>,
    /// YAML that is suggested for the file and line in `at`.
    pub suggestion: Option<String>,
    /// Possible reason for the difference, or advice on what to do.
    pub hint: Option<String>,
    /// Quirk that explains the difference: the file and line of the quirk, and the reading that the quirk states.
    pub explained: Option<(String, String)>,
}

impl Report {
    /// Returns the differences that no quirk explains.
    pub fn unexplained(&self) -> impl Iterator<Item = &Difference> {
        self.differences.iter().filter(|difference| difference.explained.is_none())
    }

    fn shown(&self, all: bool) -> impl Iterator<Item = &Difference> {
        self.differences.iter().filter(move |difference| all || difference.explained.is_none())
    }

    /// Returns a summary in one line.
    pub fn summary(&self) -> String {
        let sum = |of: fn(&Count) -> usize| self.counts.iter().map(of).sum::<usize>();
        if let Some(before) = &self.against {
            let name = if self.api.is_empty() { String::new() } else { format!("{}: ", self.api) };
            let (read, changes) = (sum(|count| count.read), self.differences.len());
            return format!("{name}{read} facts read from {}, {changes} changes since {before}", self.page);
        }
        let not_judged = match sum(|count| count.not_judged) {
            0 => String::new(),
            n => format!(", {n} not judged"),
        };
        let notes: String = self.notes.iter().map(|note| format!(" ({note})")).collect();
        format!(
            "{}: {} facts read from {}: {} matched, {} explained{not_judged}; {} unexplained differences{notes}",
            self.api,
            sum(|count| count.read),
            self.page,
            sum(|count| count.matched),
            sum(|count| count.explained),
            self.unexplained().count()
        )
    }

    /// Renders text for a terminal. With `all`, also lists explained differences.
    pub fn text(&self, all: bool) -> String {
        let mut out = String::new();
        for found in self.shown(all) {
            found.write_text(&self.page, self.against.as_deref(), &mut out);
        }
        if self.against.is_some() {
            let _ = writeln!(out, "{}", self.summary());
            return out;
        }
        let width = self.counts.iter().map(|count| count.kind.len()).max().unwrap_or(0);
        let not_judged = self.counts.iter().any(|count| count.not_judged > 0);
        // Writing to a `String` cannot fail, here and below.
        let _ = write!(out, "{:width$}  read  matched  explained  unexplained", "");
        out.push_str(if not_judged { "  not judged\n" } else { "\n" });
        for count in &self.counts {
            let Count { kind, read, matched, explained, unexplained, .. } = count;
            let _ = write!(out, "{kind:width$}  {read:4}  {matched:7}  {explained:9}  {unexplained:11}");
            match not_judged {
                true => writeln!(out, "  {:10}", count.not_judged),
                false => writeln!(out),
            }
            .unwrap_or_default();
        }
        let _ = writeln!(out, "\n{}", self.summary());
        out
    }

    /// Renders JSON for machines.
    pub fn json(&self, all: bool) -> String {
        let differences: Vec<&Difference> = self.shown(all).collect();
        let value = serde_json::json!({
            "api": self.api,
            "page": self.page,
            "against": self.against,
            "language": self.language,
            "notes": self.notes,
            "unexplained": self.unexplained().count(),
            "counts": self.counts,
            "differences": differences,
        });
        format!("{value:#}\n")
    }

    /// Renders Markdown for a pull request.
    pub fn markdown(&self, all: bool) -> String {
        let against = match &self.against {
            Some(before) => format!("`{before}`"),
            None => format!("`{}`", self.api),
        };
        let mut out = match self.against {
            Some(_) => format!("## Changes of `{}` since {against}\n\n{}.\n", self.page, self.summary()),
            None => format!("## Audit of {against} against `{}`\n\n{}.\n", self.page, self.summary()),
        };
        if self.against.is_none() {
            let head = "| kind | read | matched | explained | unexplained | not judged |\n| --- | --: | --: | --: | --: | --: |";
            let _ = writeln!(out, "\n{head}");
            for Count { kind, read, matched, explained, unexplained, not_judged } in &self.counts {
                let _ = writeln!(out, "| {kind} | {read} | {matched} | {explained} | {unexplained} | {not_judged} |");
            }
        }
        if self.shown(all).next().is_some() {
            let other = if self.against.is_some() { "before" } else { "spec" };
            let _ = writeln!(out, "\n| where | what | page | {other} |\n| --- | --- | --- | --- |");
        }
        for found in self.shown(all) {
            let cell = |text: &Option<String>| {
                text.as_ref().map_or("-".into(), |text| format!("`{}`", text.replace('|', "\\|")))
            };
            let line = found.line.map(|line| format!(" (line {line})")).unwrap_or_default();
            let at = found.at.as_ref().map(|at| format!(" ({at})")).unwrap_or_default();
            let what = found.summary(self.against.is_some());
            let _ = writeln!(
                out,
                "| `{}` | {what} | {}{line} | {}{at} |",
                found.about,
                cell(&found.page),
                cell(&found.spec)
            );
        }
        for found in self.shown(all).filter(|found| found.explained.is_none()) {
            if let (Some(suggestion), Some(at)) = (&found.suggestion, &found.at) {
                let _ = write!(
                    out,
                    "\n`{}`, {} ({at}):\n\n```yaml\n{suggestion}\n```\n",
                    found.about,
                    found.summary(false)
                );
            }
        }
        out
    }
}

impl Difference {
    fn summary(&self, of_pages: bool) -> String {
        let side = match self.side {
            Side::Page if of_pages => " is new",
            Side::Spec if of_pages => " is gone",
            Side::Both if of_pages => " has changed",
            Side::Page => " is not in the spec",
            Side::Spec => " is not on the page",
            Side::Both => " differs",
        };
        let explained = if self.explained.is_some() { " (explained)" } else { "" };
        format!("{}{side}{explained}", self.what)
    }

    fn write_text(&self, page: &str, before: Option<&str>, out: &mut String) {
        let _ = writeln!(out, "{}: {}", self.about, self.summary(before.is_some()));
        let line = self.line.map(|line| format!("{page}:{line}")).unwrap_or_default();
        let at = self.at.clone().unwrap_or_default();
        if self.page.is_some() || self.line.is_some() {
            let _ = writeln!(out, "  page  {}", join(self.page.as_deref(), &line));
        }
        if self.spec.is_some() || self.at.is_some() {
            let other = if before.is_some() { "was" } else { "spec" };
            let _ = writeln!(out, "  {other:4}  {}", join(self.spec.as_deref(), &at));
        }
        if let Some(hint) = &self.hint {
            let _ = writeln!(out, "  hint  {hint}");
        }
        if let Some((at, reading)) = &self.explained {
            let _ = writeln!(out, "  read  {}", join(Some(reading), at));
        }
        if let Some(suggestion) = self.suggestion.as_ref().filter(|_| self.explained.is_none()) {
            let _ = writeln!(out, "  suggestion");
            for line in suggestion.lines() {
                let _ = writeln!(out, "      {line}");
            }
        }
        out.push('\n');
    }
}

fn join(text: Option<&str>, place: &str) -> String {
    match text {
        Some(text) if place.is_empty() => text.to_owned(),
        Some(text) => format!("{text}  ({place})"),
        None => place.to_owned(),
    }
}
