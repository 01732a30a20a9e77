//! Rows of fields: which field a row is about, and what of it differs.

use super::explain::Printed;
use super::{Audit, Outcome, joined};
use crate::audit::expected::{Field, Section as ExpectedSection};
use crate::audit::page::{Fact, Part, Row, Section};
use crate::audit::words::{self, Shape};
use crate::audit::{paste, states};
use crate::source::{Place, Step};

impl Audit<'_> {
    pub(super) fn rows(&mut self, section: &Section, wanted: &ExpectedSection) {
        let fields: Vec<(&str, &Field)> = wanted
            .owners
            .iter()
            .flat_map(|owner| owner.fields.iter().map(|field| (owner.id.as_str(), field)))
            .collect();
        let only: Vec<&Field> = fields.iter().map(|(_, field)| *field).collect();
        let matched = assign(&section.rows, &only);
        for (row, field) in section.rows.iter().zip(&matched) {
            match field {
                Some(n) => self.row(row, fields[*n].1, Some(fields[*n].0)),
                None => {
                    let at = place_for(row, &only, &wanted.owners[0].place);
                    let renamed =
                        only.iter().enumerate().find(|(n, field)| !matched.contains(&Some(*n)) && alike(row, field));
                    let mut about = wanted.owners[0].id.clone();
                    about.push_str(&format!(".{}.{}", part_name(row.part), row.name));
                    self.new_row(row, &about, &at, renamed.map(|(_, field)| field.path.clone()));
                }
            }
        }
        for (n, (owner, field)) in fields.iter().enumerate() {
            if field.needed && !matched.contains(&Some(n)) {
                self.absent_row(field, Some(owner), section.line);
            }
        }
    }

    /// Rows of a section that belongs to no operation: headers of every request, and the envelope.
    pub(super) fn common_rows(&mut self, section: &Section) {
        let expected = self.expected;
        for row in &section.rows {
            let fields = if row.part == Part::Header { &expected.headers } else { &expected.envelope };
            match fields.iter().find(|field| field.names.contains(&row.name)) {
                Some(field) => self.row(row, field, None),
                None => {
                    let about = format!("{}.{}", part_name(row.part), row.name);
                    let at = fields.first().map_or(expected.statuses_at.clone(), |field| field.place.clone());
                    self.new_row(row, &about, &at, None);
                }
            }
        }
    }

    fn new_row(&mut self, row: &Row, about: &str, at: &Place, renamed: Option<String>) {
        let of = row.types.first().map_or("no type", |of| of.text.as_str());
        let mut found = self.page_only(about, "row", of, row.line, at);
        found.paste = Some(paste::field(row));
        found.hint = renamed.map(|name| format!("`{name}` has no row any more; this may be its new name"));
        let outcome = self.report(found);
        self.count("fields", outcome);
    }

    pub(super) fn absent_row(&mut self, field: &Field, owner: Option<&str>, line: usize) {
        let mut found = self.spec_only(&field.path, "row", &field.dotted, Some(line), &field.place);
        found.explained = self.explain(owner, &field.anchors, "row", &Printed::default());
        self.report(found);
    }

    fn row(&mut self, row: &Row, field: &Field, owner: Option<&str>) {
        let values = self.values_of(row, field);
        let printed = Printed::of(row, values.iter().map(|value| value.text.clone()).collect());
        let mut worst = Outcome::Matched;
        let mut tell = |audit: &mut Self, what, key, sides: (&str, &str), line, paste: Option<String>| {
            let mut found = audit.differs(&field.path, what, sides, line, &field.place);
            found.explained = audit.explain(owner, &field.anchors, key, &printed);
            found.paste = paste;
            worst = worst.max(audit.report(found));
        };
        for of in types(row) {
            if words::shape(&of.text) != Some(field.shape) {
                let paste = words::shape(&of.text).map(|shape| format!("type: {}", shape_name(shape)));
                tell(self, "type", "type", (&of.text, shape_name(field.shape)), of.line, paste);
            }
        }
        if let Some(mandatory) =
            row.mandatory.filter(|mandatory| *mandatory != field.mandatory && !(field.always && !field.mandatory))
        {
            if row.part != Part::Reply || mandatory {
                let say = |mandatory| if mandatory { "mandatory" } else { "optional" };
                let paste = Some(format!("mandatory: {mandatory}"));
                tell(self, "requirement", "mandatory", (say(mandatory), say(field.mandatory)), row.line, paste);
            }
        }
        let spec = field.max.map_or("none".to_owned(), |max| max.to_string());
        for max in limits(row) {
            if max.text != spec {
                let paste = (max.text != "none").then(|| format!("max: {}", with_unit(&max.text, field.shape)));
                tell(self, "limit", "max", (&max.text, &spec), max.line, paste);
            }
        }
        let fold = |text: Option<&str>| text.map(str::to_lowercase);
        let default = row.default.as_ref();
        if fold(default.map(|d| d.text.as_str())) != fold(field.default.as_deref()) {
            let page = default.map_or("none", |default| &default.text);
            let paste = default.map(|default| format!("default: {}", default.text));
            let line = default.map_or(row.line, |default| default.line);
            tell(self, "default", "default", (page, field.default.as_deref().unwrap_or("none")), line, paste);
        }
        let text = format!("{}\n{}", row.name, joined(&row.text));
        worst = worst.max(self.states(&field.path, &field.states, &text, row.line));
        worst = worst.max(self.values(row, &values, field, owner, &printed));
        self.count("fields", worst);
    }
}

/// Which field each row is about. The same name may stand in a part more than once, in groups that are laid flat.
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

/// Whether type, limit and requirement are the same.
fn alike(row: &Row, field: &Field) -> bool {
    row.part == field.part
        && types(row).iter().all(|of| words::shape(&of.text) == Some(field.shape))
        && limits(row).iter().all(|max| Some(&max.text) == field.max.map(|max| max.to_string()).as_ref())
        && row.mandatory.is_none_or(|mandatory| mandatory == field.mandatory || field.part == Part::Reply)
}

fn types(row: &Row) -> Vec<Fact> {
    if row.types.is_empty() && row.typed { vec![none(row)] } else { row.types.clone() }
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
        Shape::IsoTime => "civil_date_time",
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
        _ => format!("{max} characters"),
    }
}

fn part_name(part: Part) -> &'static str {
    match part {
        Part::Header => "header",
        Part::Request => "request",
        Part::Reply => "reply",
    }
}

/// Where a new row goes: behind the others of its part.
fn place_for(row: &Row, fields: &[&Field], top: &Place) -> Place {
    let in_file = |field: &&&Field| {
        field.part == row.part
            && field.place.file == top.file
            && matches!(field.place.path.first(), Some(Step::Key(key)) if key != "path")
    };
    fields.iter().rev().find(in_file).map_or(top.clone(), |field| field.place.clone())
}

/// The words of a value's explanation.
pub(super) fn lacks(wanted: &[String], text: &str) -> Vec<String> {
    let missing = states::missing(wanted.iter().map(String::as_str), text);
    missing.into_iter().map(|n| wanted[n].clone()).collect()
}
