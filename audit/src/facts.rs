//! Facts of a page as a flat list, so that two copies of a page can be compared regardless of their layout.

use super::compare::{pair, part_name};
use super::expected::Expected;
use super::page::{Page, Part, Row, Section};
use super::words;
use codegen::spec::Language;

/// Fact that a page states.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stated {
    /// Subject of the fact, such as a field, an operation or a section.
    pub about: String,
    /// Attribute of the subject, such as `limit` or `type`.
    pub what: &'static str,
    /// Value of the attribute.
    pub value: String,
    /// Line in the file, starting at 1.
    pub line: usize,
}

/// Returns the facts of a page, section by section. If the API is known, a section about an operation or a callback is
/// named by the id of the operation or callback.
pub(crate) fn of(page: &Page, known: Option<(&Expected, Language)>) -> Vec<Stated> {
    let pairs = known.map(|(expected, _)| pair(page, expected));
    let mut found = Facts { all: Vec::new(), enums: known.map(|(expected, _)| expected), of_message: false };
    for (n, section) in page.sections.iter().enumerate() {
        let owner = pairs.as_ref().and_then(|pairs| pairs[n]).and_then(|wanted| wanted.owners.first());
        let name = owner.map_or_else(|| name_of(section), |owner| owner.id.clone());
        found.of_message = owner.is_some_and(|owner| owner.callback);
        found.section(&name, section);
    }
    found.all
}

/// Returns the name of a section that belongs to no known operation: its first request, or else its heading.
pub(crate) fn name_of(section: &Section) -> String {
    match section.endpoints.first() {
        Some(request) => format!("{} {}", request.method.to_uppercase(), request.target),
        None => section.heading.clone(),
    }
}

struct Facts<'a> {
    all: Vec<Stated>,
    enums: Option<&'a Expected>,
    /// Set if the current section is about a callback.
    of_message: bool,
}

impl Facts<'_> {
    fn add(&mut self, about: &str, what: &'static str, value: &str, line: usize) {
        self.all.push(Stated { about: about.to_owned(), what, value: value.to_owned(), line });
    }

    fn section(&mut self, name: &str, section: &Section) {
        for request in &section.endpoints {
            let base = request.base.as_deref().unwrap_or_default();
            let value = format!("{} {base}{}", request.method.to_uppercase(), request.target);
            self.add(name, "request", &value, request.line);
        }
        let mut seen: Vec<(Part, String, usize)> = Vec::new();
        for row in &section.rows {
            // A name may occur several times in a part, because nested objects are flattened into one list of rows.
            let n = match seen.iter_mut().find(|(part, of, _)| *part == row.part && *of == row.name) {
                Some((_, _, n)) => {
                    *n += 1;
                    *n
                }
                None => {
                    seen.push((row.part, row.name.clone(), 1));
                    1
                }
            };
            self.row(name, row, n);
        }
        for list in &section.lists {
            // A list belongs to the enumeration with which it shares the most values, regardless of the section.
            let of_enum = |values: &[super::expected::ExpectedValue]| {
                list.values.iter().filter(|value| values.iter().any(|known| known.text == value.text)).count()
            };
            let best = self.enums.and_then(|expected| expected.enums.iter().max_by_key(|of| of_enum(&of.values)));
            let about = match best.filter(|of| of_enum(&of.values) > 0) {
                Some(of) => format!("type.{}", of.name),
                None => name.to_owned(),
            };
            for value in &list.values {
                self.add(&about, "value", &value.text, value.line);
            }
        }
        for status in &section.statuses {
            // Statuses are about the API as a whole, except statuses of callbacks.
            let about = if self.of_message { name } else { "http_statuses" };
            self.add(about, "status", &status.text.to_lowercase(), status.line);
        }
        for (stage, url) in &section.stages {
            self.add(&format!("stage {}", stage.text), "base URL", &url.text, url.line);
        }
        for (version, date, _) in &section.history {
            self.add("history", "version", &format!("{} of {}", version.text, date.text), version.line);
        }
        for row in &section.others {
            self.add(name, "table row", &row.text, row.line);
        }
    }

    fn row(&mut self, section: &str, row: &Row, n: usize) {
        let about = about(section, self.of_message, row, n);
        self.add(&about, "row", &row.name, row.line);
        for of in &row.types {
            self.add(
                &about,
                "type",
                &words::shape(&of.text).map_or_else(|| of.text.clone(), |shape| format!("{shape:?}").to_lowercase()),
                of.line,
            );
        }
        if let Some(mandatory) = row.mandatory {
            self.add(&about, "requirement", if mandatory { "mandatory" } else { "optional" }, row.line);
        }
        for limit in &row.limits {
            self.add(&about, "limit", &limit.text, limit.line);
        }
        if let Some(default) = &row.default {
            self.add(&about, "default", &default.text, default.line);
        }
        for value in row.values.iter().filter(|value| value.sure) {
            self.add(&about, "value", &value.text, value.line);
            if value.named {
                self.add(&format!("{about} {}", value.text), "name", &value.label, value.line);
            }
        }
    }
}

/// Returns the name of a field's row in reports. The row is the `n`th row with this field name in its part of the
/// section, counted from 1.
pub(crate) fn about(section: &str, of_message: bool, row: &Row, n: usize) -> String {
    let part = part_name(row.part, of_message);
    let again = if n > 1 { format!("#{n}") } else { String::new() };
    format!("{section}.{part}.{}{again}", row.name)
}
