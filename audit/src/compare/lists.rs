//! Compares values, error codes, statuses, stages and the version history.

use super::explain::{Key, Printed};
use super::rows::AboutRow;
use super::{Audit, Outcome, joined, language};
use crate::expected::{ExpectedSection, ExpectedValue, Field};
use crate::page::{Fact, List, Page, Row, Section, Value};
use crate::page_words;
use crate::{suggestion, values};
use codegen::source::Place;

/// Subject of a list of values or error codes.
struct About<'a> {
    /// Name of the list in reports.
    path: &'a str,
    /// Word for an entry in reports, such as `code`.
    what: &'static str,
    /// Kind of [`Count`](crate::report::Count) that counts the entries, such as `codes`.
    kind: &'static str,
    owner: Option<&'a str>,
    anchors: &'a [String],
    /// Place in the spec for a new entry.
    at: &'a Place,
    /// Line of the list.
    line: usize,
}

impl Audit<'_> {
    /// Returns the values in a row. Numbers count only if the values in the spec are numbers. A word that may begin a
    /// sentence counts only if the spec has the same value.
    pub(super) fn values_of(&self, row: &Row, field: &Field) -> Vec<Value> {
        let known =
            |text: &str| field.values.as_ref().is_some_and(|wanted| wanted.iter().any(|value| value.text == text));
        let integers =
            field.values.as_ref().is_some_and(|wanted| wanted.iter().all(|value| value.text.parse::<i64>().is_ok()));
        let fits = |value: &&Value| match value.text.parse::<i64>() {
            Ok(_) => integers,
            Err(_) if matches!(value.text.as_str(), "true" | "false") => false,
            Err(_) => !integers || value.text.contains('_'),
        };
        // If the spec's values are numbers, the number in `BC: 10` is the value.
        let code_as_value =
            |value: &Value| match integers && value.text.parse::<i64>().is_err() && values::is_integer(&value.label) {
                true => Value { text: value.label.clone(), label: value.text.clone(), ..value.clone() },
                false => value.clone(),
            };
        let all = row.values.iter().map(code_as_value);
        all.filter(|value| fits(&value)).filter(|value| value.sure || known(&value.text)).collect()
    }

    pub(super) fn values(&mut self, row: &AboutRow<'_>, listed: &[Value]) -> Outcome {
        let field = row.field;
        let about = About {
            path: &field.path,
            what: if field.codes { "code" } else { "value" },
            kind: if field.codes { "codes" } else { "values" },
            owner: row.owner,
            anchors: &field.anchors,
            at: &field.values_at,
            line: row.row.line,
        };
        match &field.values {
            Some(wanted) => match self.line_up(listed, wanted, &about, row.printed) {
                Outcome::Matched => {
                    let all = row.printed.values.join(", ");
                    self.attribute(row, ("list of values", Key::Values), (&all, &all), row.row.line, None)
                }
                worse => worse,
            },
            // A single word in capitals may be an abbreviation. Several such words, or a word with an underscore, count
            // as values.
            None if listed.len() > 1 || listed.iter().any(|value| value.text.contains('_')) => {
                self.line_up(listed, &[], &about, row.printed)
            }
            None => Outcome::Matched,
        }
    }

    fn line_up(&mut self, listed: &[Value], wanted: &[ExpectedValue], about: &About<'_>, printed: &Printed) -> Outcome {
        let mut worst = Outcome::Matched;
        let explained = self.explain(about.owner, about.anchors, Key::Values, printed);
        for value in listed {
            let mut outcome = Outcome::Matched;
            match wanted.iter().find(|wanted| wanted.text == value.text) {
                None => {
                    let mut found = self.page_only(about.path, about.what, &value.text, value.line, about.at);
                    found.suggestion =
                        Some(if about.kind == "codes" { suggestion::code(value) } else { suggestion::value(value) });
                    found.explained = explained.clone();
                    outcome = outcome.max(self.report(found));
                }
                Some(wanted) => outcome = outcome.max(self.named_value(value, wanted, about)),
            }
            worst = worst.max(outcome);
            self.count(about.kind, outcome);
        }
        if listed.is_empty() && !wanted.is_empty() {
            let all: Vec<&str> = wanted.iter().map(|wanted| wanted.text.as_str()).collect();
            let mut found = self.spec_only(about.path, "list of values", &all.join(", "), Some(about.line), about.at);
            found.explained = explained;
            return worst.max(self.report(found));
        }
        for wanted in wanted.iter().filter(|wanted| !listed.iter().any(|value| value.text == wanted.text)) {
            let mut found = self.spec_only(about.path, about.what, &wanted.text, Some(about.line), &wanted.place);
            found.explained = explained.clone();
            worst = worst.max(self.report(found));
        }
        worst
    }

    /// Compares a value that both the page and the spec have. If the page lists names of values, the name is compared.
    /// An explanation of several lines is searched for page words.
    fn named_value(&mut self, value: &Value, wanted: &ExpectedValue, about: &About<'_>) -> Outcome {
        let mut outcome = Outcome::Matched;
        let fold = |text: &str| text.split('(').next().unwrap_or_default().trim().trim_end_matches('.').to_lowercase();
        if value.named && !wanted.names.iter().any(|name| fold(name) == fold(&value.label)) {
            // The spec may lack a name in the page's language.
            let of_label = language::of_text(&value.label);
            let same = wanted.names.iter().rev().find(|name| language::of_text(name) == of_label);
            match same.or(wanted.names.first().filter(|_| of_label == self.expected.language)) {
                Some(name) => {
                    let sides = (value.label.as_str(), name.as_str());
                    let path = format!("{} {}", about.path, value.text);
                    let found = self.differs(&path, "name", sides, value.line, &wanted.place);
                    outcome = outcome.max(self.report(found));
                }
                None => self.not_judged("names", 1),
            }
        }
        // An explanation of one line counts as a label. Only a longer explanation is searched for page words.
        if !value.more.is_empty() {
            let text = format!("{}\n{}", value.label, joined(&value.more));
            let judged = self.judged(&wanted.page_words);
            let missing = page_words::missing(judged.iter().map(|words| words.text.as_str()), &text);
            (missing.len()..judged.len()).for_each(|_| self.count("statements", Outcome::Matched));
            for n in missing {
                let path = format!("{} {}", about.path, value.text);
                let found = self.spec_only(&path, "statement", &judged[n].text, Some(value.line), &wanted.place);
                outcome = outcome.max(self.report(found));
            }
        }
        outcome
    }

    /// Compares a list of error codes, which belong to the section's operation or to the whole API.
    pub(super) fn code_list(&mut self, list: &List, wanted: Option<&ExpectedSection>) {
        let expected = self.expected;
        let at = wanted.map_or(expected.statuses_at.clone(), |wanted| wanted.owners[0].place.at("errors").key());
        let path = wanted.map_or(expected.api.clone(), |wanted| wanted.owners[0].id.clone());
        for value in &list.values {
            let mut outcome = Outcome::Matched;
            if !expected.known_codes.contains(&value.text) {
                let mut found = self.page_only(&path, "code", &value.text, value.line, &at);
                found.suggestion = Some(suggestion::code(value));
                outcome = self.report(found);
            }
            self.count("codes", outcome);
        }
    }

    /// Compares a list that stands outside of rows with the enumeration that shares the most values with the list.
    pub(super) fn list(&mut self, list: &List, section: &Section) {
        let expected = self.expected;
        let overlap =
            |wanted: &[ExpectedValue]| list.values.iter().filter(|v| wanted.iter().any(|w| w.text == v.text)).count();
        let best = expected
            .enums
            .iter()
            .map(|of| (overlap(&of.values), of))
            .max_by_key(|(n, of)| (*n, of.values.len() == list.values.len()));
        let plausible =
            |value: &Value| value.text.contains('_') || list.values.len() > 1 && values::is_capital(&value.text);
        match best {
            Some((1.., of)) => {
                let path = format!("type.{}", of.name);
                let anchors = [path.clone()];
                let line = list.values.first().map_or(section.line, |value| value.line);
                let about = About {
                    path: &path,
                    what: "value",
                    kind: "values",
                    owner: None,
                    anchors: &anchors,
                    at: &of.place,
                    line,
                };
                let printed = Printed::list(list.values.iter().map(|v| v.text.clone()).collect());
                self.line_up(&list.values, &of.values, &about, &printed);
            }
            _ => {
                // A value is covered if it is among the page words of a note.
                let stated = self.stated_words();
                let (known, new): (Vec<&Value>, Vec<&Value>) =
                    list.values.iter().partition(|value| stated.contains(&value.text.as_str()));
                known.iter().for_each(|_| self.count("other rows", Outcome::Matched));
                for value in new.into_iter().filter(|value| plausible(value)) {
                    let at = expected.statuses_at.clone();
                    let mut found = self.page_only(&section.heading, "value", &value.text, value.line, &at);
                    found.suggestion = Some(suggestion::value(value));
                    let outcome = self.report(found);
                    self.count("values", outcome);
                }
            }
        }
    }

    pub(super) fn statuses(
        &mut self,
        listed: &[Fact],
        wanted: &[ExpectedValue],
        owner: Option<&str>,
        line: usize,
        at: &Place,
    ) {
        let path = format!("{}.http_statuses", owner.unwrap_or(&self.expected.api));
        let printed = Printed::list(listed.iter().map(|fact| fact.text.clone()).collect());
        let explained = self.explain(owner, &["http_statuses".to_owned()], Key::Values, &printed);
        for status in listed {
            let known = wanted.iter().any(|wanted| wanted.text.eq_ignore_ascii_case(&status.text));
            let mut outcome = Outcome::Matched;
            if !known {
                let mut found = self.page_only(&path, "status", &status.text, status.line, at);
                found.suggestion = Some(suggestion::status(&status.text));
                found.explained = explained.clone();
                outcome = self.report(found);
            }
            self.count("statuses", outcome);
        }
        for wanted in wanted {
            if !listed.iter().any(|status| wanted.text.eq_ignore_ascii_case(&status.text)) {
                let line = Some(line).filter(|line| *line > 0);
                let mut found = self.spec_only(&path, "status", &wanted.text, line, &wanted.place);
                found.explained = explained.clone();
                self.report(found);
            }
        }
    }

    pub(super) fn stage(&mut self, stage: &Fact, url: &Fact) {
        let expected = self.expected;
        let path = format!("{}.base_urls.{}", expected.api, stage.text);
        let mut outcome = Outcome::Matched;
        match expected.stages.iter().find(|(name, _, _)| *name == stage.text) {
            Some((_, known, at)) if *known != url.text.trim_end_matches('/') => {
                let mut found = self.differs(&path, "base URL", (&url.text, known), url.line, &at.at("url"));
                found.suggestion = Some(format!("url: {}", suggestion::quoted(url.text.trim_end_matches('/'))));
                outcome = self.report(found);
            }
            Some(_) => {}
            None => {
                let at = expected.stages.last().map_or(expected.statuses_at.clone(), |(_, _, at)| at.clone());
                let mut found = self.page_only(&path, "stage", &url.text, stage.line, &at.key());
                found.suggestion = Some(suggestion::stage(&stage.text, &url.text));
                outcome = self.report(found);
            }
        }
        self.count("stages", outcome);
    }

    pub(super) fn revision(&mut self, version: &Fact, date: &Fact) {
        let expected = self.expected;
        let mut outcome = Outcome::Matched;
        match expected.history.iter().find(|(known, _, _)| *known == version.text) {
            Some((_, known, at)) if *known != date.text => {
                let path = format!("history.{}", version.text);
                let mut found = self.differs(&path, "date", (&date.text, known), date.line, &at.at("date"));
                found.suggestion = Some(format!("date: {}", suggestion::quoted(&date.text)));
                outcome = self.report(found);
            }
            Some(_) => {}
            None => {
                let last = expected.history.last().map_or(expected.statuses_at.clone(), |(_, _, at)| at.clone());
                let mut found = self.page_only("history", "version", &version.text, version.line, &last);
                found.suggestion = Some(suggestion::revision(&version.text, &date.text));
                outcome = self.report(found);
            }
        }
        self.count("versions", outcome);
    }

    /// Reports headers, members of the envelope, stages and versions that the page does not have.
    pub(super) fn absent_common_facts(&mut self, page: &Page) {
        let expected = self.expected;
        let has_row = |field: &Field| {
            page.sections
                .iter()
                .flat_map(|s| &s.rows)
                .any(|row| row.part == field.part && field.names.contains(&row.name))
        };
        for field in expected.headers.iter().chain(&expected.envelope) {
            if field.needed && !has_row(field) {
                self.absent_row(field, None, 1);
            }
        }
        let stages: Vec<&Fact> = page.sections.iter().flat_map(|s| s.stages.iter().map(|(name, _)| name)).collect();
        let bases: Vec<&String> =
            page.sections.iter().flat_map(|s| s.endpoints.iter().filter_map(|e| e.base.as_ref())).collect();
        for (name, url, at) in &expected.stages {
            if !stages.iter().any(|stage| stage.text == *name) && !bases.contains(&url) {
                let found = self.spec_only(&format!("{}.base_urls.{name}", expected.api), "stage", url, None, at);
                self.report(found);
            }
        }
        let versions: Vec<&Fact> =
            page.sections.iter().flat_map(|s| s.history.iter().map(|(version, _, _)| version)).collect();
        for (version, date, at) in &expected.history {
            if !versions.iter().any(|found| found.text == *version) {
                let found = self.spec_only("history", "version", &format!("{version} of {date}"), None, at);
                self.report(found);
            }
        }
    }
}
