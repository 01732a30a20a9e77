//! Compares rows of fields.

use super::explain::{self, Key, Printed};
use super::{Audit, Outcome, joined};
use crate::expected::{ExpectedSection, ExpectedValue, Field, Quirk};
use crate::page::{Fact, Part, Row, Section};
use crate::suggestion;
use crate::words::{self, Shape};
use codegen::source::{Place, Step};

/// A row, its field in the spec, and what the page prints about the field.
pub(super) struct AboutRow<'a> {
    pub(super) row: &'a Row,
    pub(super) field: &'a Field,
    pub(super) owner: Option<&'a str>,
    pub(super) printed: &'a Printed,
}

impl Audit<'_> {
    pub(super) fn rows(&mut self, section: &Section, wanted: &ExpectedSection) {
        let fields: Vec<(&str, &Field)> = wanted
            .owners
            .iter()
            .flat_map(|owner| owner.fields.iter().map(|field| (owner.id.as_str(), field)))
            .collect();
        let only: Vec<&Field> = fields.iter().map(|(_, field)| *field).collect();
        let matched = assign(&section.rows, &only);
        let mut has_row = vec![false; only.len()];
        matched.iter().flatten().for_each(|n| has_row[*n] = true);
        for (row, field) in section.rows.iter().zip(&matched) {
            match field {
                Some(n) => self.row(row, fields[*n].1, Some(fields[*n].0), section),
                None => {
                    let at = place_for(row, &only, &wanted.owners[0].place);
                    let renamed = only.iter().enumerate().find(|(n, field)| !has_row[*n] && alike(row, field));
                    let owner = &wanted.owners[0];
                    let about = format!("{}.{}.{}", owner.id, part_name(row.part, owner.callback), row.name);
                    self.new_row(row, &about, &at, renamed.map(|(_, field)| field.path.clone()));
                }
            }
        }
        let absent: Vec<(&str, &Field)> = (fields.iter().enumerate())
            .filter(|(n, (_, field))| field.needed && !has_row[*n])
            .map(|(_, field)| *field)
            .collect();
        let mut whole: Vec<Part> = Vec::new();
        for (owner, field) in &absent {
            // A missing table is reported as one difference, not as one for each row.
            let of_part = |other: &Field| other.part == field.part;
            let rows = absent.iter().filter(|(_, other)| of_part(other)).count();
            let gone = rows >= LEAST_TABLE && !section.rows.iter().any(|row| row.part == field.part);
            if !gone {
                self.absent_row(field, Some(owner), section.line);
            } else if !whole.contains(&field.part) {
                whole.push(field.part);
                let names: Vec<&str> =
                    absent.iter().filter(|(_, other)| of_part(other)).map(|(_, other)| other.dotted.as_str()).collect();
                let of_message = wanted.owners.iter().any(|of| of.callback && of.id == *owner);
                let about = format!("{owner}.{}", part_name(field.part, of_message));
                let mut found =
                    self.spec_only(&about, "table of fields", &names.join(", "), Some(section.line), &field.place);
                found.hint = Some("the table was removed, or moved to another section or page".into());
                self.report(found);
            }
        }
    }

    /// Compares the rows of a section that belongs to no operation. The rows are about headers of every request, or
    /// about the envelope.
    pub(super) fn common_rows(&mut self, section: &Section) {
        let expected = self.expected;
        let of = |row: &Row| if row.part == Part::Header { &expected.headers } else { &expected.envelope };
        let known = |row: &&Row| of(row).iter().any(|field| field.names.contains(&row.name));
        let new: Vec<&Row> = section.rows.iter().filter(|row| !known(row)).collect();
        // An unknown table of at least `LEAST_TABLE` rows is reported as one difference, not as one for each row.
        if new.len() >= LEAST_TABLE && new.len() == section.rows.len() {
            let names: Vec<&str> = new.iter().map(|row| row.name.as_str()).collect();
            let at = expected.statuses_at.clone();
            let mut found = self.page_only(&section.heading, "table of fields", &names.join(", "), new[0].line, &at);
            found.hint = Some("a group of fields: add it to a file of types, or to its operation".into());
            found.suggestion = Some(suggestion::group(&section.heading, &new));
            let outcome = self.report(found);
            return new.iter().for_each(|_| self.count("fields", outcome));
        }
        for row in &section.rows {
            let fields = of(row);
            match fields.iter().find(|field| field.names.contains(&row.name)) {
                Some(field) => self.row(row, field, None, section),
                None => {
                    let about = format!("{}.{}", part_name(row.part, false), row.name);
                    let at = fields.first().map_or(expected.statuses_at.clone(), |field| field.place.clone());
                    self.new_row(row, &about, &at, None);
                }
            }
        }
    }

    fn new_row(&mut self, row: &Row, about: &str, at: &Place, renamed: Option<String>) {
        let of = row.types.first().map_or("no type", |of| of.text.as_str());
        let mut found = self.page_only(about, "row", of, row.line, at);
        // There is no suggestion for a header, because it may be a credential, a hash or a constant.
        found.suggestion = (row.part != Part::Header).then(|| suggestion::field(row));
        found.hint = renamed.map(|name| format!("`{name}` no longer has a row; this may be its new name"));
        let outcome = self.report(found);
        self.count("fields", outcome);
    }

    pub(super) fn absent_row(&mut self, field: &Field, owner: Option<&str>, line: usize) {
        let mut found = self.spec_only(&field.path, "row", &field.dotted, Some(line), &field.place);
        found.explained = self.explain(owner, &field.anchors, Key::Row, &Printed::default());
        self.report(found);
    }

    fn row(&mut self, row: &Row, field: &Field, owner: Option<&str>, section: &Section) {
        let values = self.values_of(row, field);
        let printed = Printed::of(row, field, values.iter().map(|value| value.text.clone()).collect());
        let about = AboutRow { row, field, owner, printed: &printed };
        let mut worst = self.row_type(&about);
        worst = worst.max(self.requirement(&about));
        worst = worst.max(self.limit(&about));
        worst = worst.max(self.default_value(&about));
        if let Some((quirk, _)) =
            explain::outdated(&self.expected.quirks, self.language, owner, field, Key::Row, "a row")
        {
            worst = worst.max(self.outdated(&about, "row", "a row", quirk, "none"));
        }
        if row.partial {
            let mut found = self.differs(&field.path, "row", ("only a rule", "a row"), row.line, &field.place);
            found.hint = Some("the main table of fields no longer has a row for this field".into());
            worst = worst.max(self.report(found));
        }
        // A partial row has only rules, so its page words would all be missing.
        if !row.partial {
            let text = format!("{}\n{}\n{}", row.name, joined(&row.types), joined(&row.text));
            worst = worst.max(self.page_words(&field.path, &field.page_words, &text, row.line));
        }
        // The values may be in a table of their own, which is compared as a list.
        let apart = |wanted: &[ExpectedValue]| {
            let mut listed = section.lists.iter().flat_map(|list| &list.values);
            listed.any(|value| wanted.iter().any(|wanted| wanted.text == value.text))
        };
        if !(values.is_empty() && field.values.as_deref().is_some_and(apart)) {
            worst = worst.max(self.values(&about, &values));
        }
        // A field with rows in two tables counts twice.
        (0..row.types.len().max(1)).for_each(|_| self.count("fields", worst));
    }

    fn row_type(&mut self, about: &AboutRow<'_>) -> Outcome {
        let name = shape_name(about.field.shape);
        let mut worst = Outcome::Matched;
        for of in types(about.row) {
            let shape = words::shape(&of.text);
            let suggestion = shape.map(|shape| format!("type: {}", shape_name(shape)));
            let sides = if shape == Some(about.field.shape) { (name, name) } else { (of.text.as_str(), name) };
            worst = worst.max(self.attribute(about, ("type", Key::Type), sides, of.line, suggestion));
        }
        worst
    }

    fn requirement(&mut self, about: &AboutRow<'_>) -> Outcome {
        let Some(mandatory) = about.row.mandatory.filter(|_| about.row.part != Part::Header) else {
            return Outcome::Matched;
        };
        // In a reply, mandatory means that every successful reply has the field.
        let spec = if about.row.part == Part::Reply { about.field.always } else { about.field.mandatory };
        let key = if about.row.part == Part::Reply { "always" } else { "mandatory" };
        let (page, spec) = (mandatory.to_string(), spec.to_string());
        let suggestion = Some(format!("{key}: {mandatory}"));
        self.attribute(about, ("requirement", Key::Mandatory), (&page, &spec), about.row.line, suggestion)
    }

    fn limit(&mut self, about: &AboutRow<'_>) -> Outcome {
        let spec = about.field.max.map_or("none".to_owned(), |max| max.to_string());
        let of_type = about.field.max_of_type.map(|max| max.to_string());
        let mut worst = Outcome::Matched;
        for max in limits(about.row) {
            // If the field has no limit of its own, the page may print the limit of the field's type.
            let spec = if about.field.max.is_none() && Some(&max.text) == of_type.as_ref() {
                max.text.clone()
            } else {
                spec.clone()
            };
            let suggestion = (max.text != "none").then(|| format!("max: {}", with_unit(&max.text, about.field.shape)));
            worst = worst.max(self.attribute(about, ("limit", Key::Max), (&max.text, &spec), max.line, suggestion));
        }
        worst
    }

    fn default_value(&mut self, about: &AboutRow<'_>) -> Outcome {
        let default = about.row.default.as_ref();
        let page = default.map_or("none", |default| &default.text);
        let spec = about.field.default.as_deref().unwrap_or("none");
        let suggestion = default.map(|default| format!("default: {}", default.text));
        let line = default.map_or(about.row.line, |default| default.line);
        let page = if page.eq_ignore_ascii_case(spec) { spec } else { page };
        self.attribute(about, ("default", Key::Default), (page, spec), line, suggestion)
    }

    /// Compares one attribute of a row. Reports a difference, or a quirk that is out of date.
    pub(super) fn attribute(
        &mut self,
        about: &AboutRow<'_>,
        (what, key): (&'static str, Key),
        (page, spec): (&str, &str),
        line: usize,
        suggestion: Option<String>,
    ) -> Outcome {
        if page == spec {
            return match explain::outdated(&self.expected.quirks, self.language, about.owner, about.field, key, page) {
                Some((quirk, expected)) => self.outdated(about, what, page, quirk, &expected),
                None => Outcome::Matched,
            };
        }
        let mut found = self.differs(&about.field.path, what, (page, spec), line, &about.field.place);
        if key == Key::Mandatory {
            let say = |side: Option<String>| side.map(|side| requirement(&side).to_owned());
            (found.page, found.spec) = (say(found.page), say(found.spec));
        }
        found.explained = self.explain(about.owner, &about.field.anchors, key, about.printed);
        found.suggestion = suggestion;
        self.report(found)
    }

    /// Reports a quirk whose `as_printed:` no longer matches the page.
    fn outdated(
        &mut self,
        about: &AboutRow<'_>,
        what: &'static str,
        page: &str,
        quirk: &Quirk,
        expected: &str,
    ) -> Outcome {
        let sides = if what == "requirement" { (requirement(page), requirement(expected)) } else { (page, expected) };
        let mut found = self.differs(&about.field.path, what, sides, about.row.line, &quirk.place);
        found.hint = Some("the page no longer matches `as_printed:` of a quirk; correct the quirk".into());
        self.report(found)
    }
}

/// Returns the name of a requirement in reports.
fn requirement(mandatory: &str) -> &'static str {
    if mandatory == "true" { "mandatory" } else { "optional" }
}

/// Smallest number of rows of a table that is reported as one difference.
const LEAST_TABLE: usize = 3;

/// Moves rows from the request to the reply, or from the reply to the request. This is needed if the label between the
/// two tables has changed or is unknown, so that all body rows of the section have the same part. The rows are split at
/// the position that fits the spec best, and all rows on one side move. Returns the changed section, or `None` if too
/// few of the moved rows fit the other part.
pub(super) fn relabeled(section: &Section, wanted: &ExpectedSection) -> Option<Section> {
    let names = |part: Part| -> Vec<&str> {
        let fields =
            wanted.owners.iter().flat_map(|owner| &owner.fields).filter(|field| field.part == part && field.needed);
        fields.flat_map(|field| &field.names).map(String::as_str).collect()
    };
    let has = |names: &[&str], row: &Row| names.contains(&row.name.rsplit('.').next().unwrap_or(&row.name));
    let (request, reply) = (names(Part::Request), names(Part::Reply));
    let rows = |part: Part| section.rows.iter().filter(move |row| row.part == part);
    let (lost, kept, to) = match (rows(Part::Request).count(), rows(Part::Reply).count()) {
        (1.., 0) => (&reply, &request, Part::Reply),
        (0, 1..) => (&request, &reply, Part::Request),
        _ => return None,
    };
    let body: Vec<usize> = (0..section.rows.len()).filter(|n| section.rows[*n].part != Part::Header).collect();
    // A request comes before its reply, so the rows are split at one position.
    let fits = |at: usize| {
        let (before, after) = body.split_at(at);
        let (first, last) = if to == Part::Reply { (kept, lost) } else { (lost, kept) };
        let count = |rows: &[usize], names: &[&str]| rows.iter().filter(|n| has(names, &section.rows[**n])).count();
        (count(before, first) + count(after, last), at)
    };
    let (_, at) = (0..=body.len()).map(fits).max_by_key(|(found, _)| *found)?;
    let moved = if to == Part::Reply { &body[at..] } else { &body[..at] };
    let found = moved.iter().filter(|n| has(lost, &section.rows[**n])).count();
    if lost.len() < 2 || moved.is_empty() || found * 5 < lost.len() * 3 {
        return None;
    }
    let mut relabeled = section.clone();
    moved.iter().for_each(|n| relabeled.rows[*n].part = to);
    Some(relabeled)
}

/// Returns the index of the field that each row describes. A name may occur several times in a request or reply,
/// because nested objects are flattened. Fields with the same attributes as the row are preferred.
fn assign(rows: &[Row], fields: &[&Field]) -> Vec<Option<usize>> {
    let mut taken = vec![false; fields.len()];
    let mut found = vec![None; rows.len()];
    for demanding in [true, false] {
        for (n, row) in rows.iter().enumerate().filter(|(_, row)| !row.name.is_empty()) {
            if found[n].is_some() {
                continue;
            }
            let fits = |m: &usize| {
                let field = fields[*m];
                !taken[*m] && field.part == row.part && named(row, field) && (!demanding || alike(row, field))
            };
            if let Some(m) = (0..fields.len()).find(fits) {
                taken[m] = true;
                found[n] = Some(m);
            }
        }
    }
    found
}

fn named(row: &Row, field: &Field) -> bool {
    if row.name.contains(['.', '[']) {
        return row.name.trim_end_matches("[]") == field.dotted || row.name == field.dotted;
    }
    let names: Vec<&str> = row.name.split([' ', '/']).filter(|word| !word.is_empty() && *word != "or").collect();
    names.len() == field.names.len() && names.iter().all(|name| field.names.iter().any(|of| of == name))
}

/// Returns `true` if a row and a field have the same part, type and limit. The requirement must be the same too, except
/// in a reply.
fn alike(row: &Row, field: &Field) -> bool {
    row.part == field.part
        && types(row).iter().all(|of| words::shape(&of.text) == Some(field.shape))
        && has_limit(row, field.max)
        && row.mandatory.is_none_or(|mandatory| mandatory == field.mandatory || field.part == Part::Reply)
}

fn types(row: &Row) -> Vec<Fact> {
    if row.types.is_empty() && row.typed { vec![none(row)] } else { row.types.clone() }
}

/// Returns `true` if the row states limits, and all of them are `max`. If `max` is `None`, the row must state no limit.
fn has_limit(row: &Row, max: Option<i64>) -> bool {
    match max {
        None => row.limits.is_empty(),
        Some(max) => !row.limits.is_empty() && row.limits.iter().all(|limit| limit.text == max.to_string()),
    }
}

fn limits(row: &Row) -> Vec<Fact> {
    if row.limits.is_empty() { vec![none(row)] } else { row.limits.clone() }
}

fn none(row: &Row) -> Fact {
    Fact { line: row.line, text: "none".into() }
}

fn shape_name(shape: Shape) -> &'static str {
    match shape {
        Shape::Text => "string",
        Shape::IsoTime => "instant",
        Shape::Number => "integer",
        Shape::Boolean => "boolean",
        Shape::Object => "object",
        Shape::List => "list",
    }
}

fn with_unit(max: &str, shape: Shape) -> String {
    match shape {
        Shape::Number => format!("{max} digits"),
        Shape::List => format!("{max} items"),
        Shape::Text | Shape::IsoTime | Shape::Boolean | Shape::Object => format!("{max} characters"),
    }
}

/// Returns the name of a part in reports. A callback has a body instead of a request.
pub(crate) fn part_name(part: Part, of_message: bool) -> &'static str {
    match part {
        Part::Header => "header",
        Part::Request if of_message => "body",
        Part::Request => "request",
        Part::Reply => "reply",
    }
}

/// Returns the place for a new row: the last field of the same part in the file of `top`, or else `top`.
fn place_for(row: &Row, fields: &[&Field], top: &Place) -> Place {
    let in_file = |field: &&&Field| {
        field.part == row.part
            && field.place.file == top.file
            && matches!(field.place.path.first(), Some(Step::Key(key)) if key != "path")
    };
    fields.iter().rev().find(in_file).map_or(top.clone(), |field| field.place.clone())
}
