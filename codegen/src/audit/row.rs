//! Rows about fields: a line of running text, or a row of a table.

use super::page::{Fact, Part, Row};
use super::values;
use super::words::{self, Column};

/// `name type mandatory Max Length: N`, the three last of them optional. `next` is the line behind it: types may
/// have slipped onto a line of their own, and a name without anything needs an explanation to be a row.
pub struct LineRow {
    /// The row.
    pub row: Row,
    /// It took the next line too.
    pub took_next: bool,
}

/// Reads a row from a line of running text.
pub fn from_line(line: &str, number: usize, part: Part, next: Option<&str>) -> Option<LineRow> {
    let line = line.trim_start_matches(['-', '•', '*', ' ']);
    if let Some(row) = attributes(line, number, part) {
        return Some(LineRow { row, took_next: false });
    }
    let next = next?;
    if !is_field_name(line) {
        return None;
    }
    if let Some(row) = attributes(&format!("{line} {next}"), number, part) {
        return Some(LineRow { row, took_next: true });
    }
    // A bare name with an explanation below it. Labels and lone values are no names.
    let explained = next.starts_with(|c: char| c.is_uppercase()) && next.contains(' ') && words::label(line).is_none();
    let bare = explained && line.len() > 2 && !words::is_status(line);
    bare.then(|| LineRow { row: empty(line, number, part), took_next: false })
}

fn empty(name: &str, line: usize, part: Part) -> Row {
    Row {
        line,
        part,
        name: name.to_owned(),
        partial: false,
        typed: true,
        types: Vec::new(),
        mandatory: Some(false),
        limits: Vec::new(),
        title: String::new(),
        text: Vec::new(),
        values: Vec::new(),
        default: None,
    }
}

/// A name in lower camel or snake case.
fn is_field_name(text: &str) -> bool {
    words::is_name(text) && text.starts_with(|c: char| c.is_ascii_lowercase() || c == '[')
}

fn attributes(line: &str, number: usize, part: Part) -> Option<Row> {
    let (before, limit) = match words::limit_at_end(line) {
        Some((before, digits)) => (before, Some(digits.replace(',', ""))),
        None => (line, None),
    };
    let mut parts: Vec<&str> = before.split_whitespace().collect();
    let mut mandatory = None;
    if let Some(last) = parts.last().filter(|_| parts.len() > 1)
        && last.len() > 1
        && let Some(required) = words::requirement(last)
    {
        mandatory = Some(required);
        parts.pop();
    }
    // `payToken or orderNo`: one of several names.
    let mut names = 1;
    while parts.get(names).is_some_and(|word| matches!(*word, "or" | "/")) && parts.len() > names + 1 {
        names += 2;
    }
    let (name, of) = parts.split_at_checked(names)?;
    if !name.iter().step_by(2).all(|name| is_field_name(name)) {
        return None;
    }
    let printed = of.join(" ");
    let known = words::shape(&printed).is_some();
    // A type nobody has heard of is a type when the rest of the row leaves no doubt.
    let sure = limit.is_some() || mandatory.is_some();
    if !(known || of.is_empty() && sure || of.len() == 1 && sure && !printed.contains(',')) {
        return None;
    }
    let mut row = empty(&name.join(" "), number, part);
    if !printed.is_empty() {
        row.types.push(Fact { line: number, text: printed });
    }
    // In running text, what is not marked as mandatory is not.
    row.mandatory = Some(mandatory == Some(true));
    row.limits.extend(limit.map(|text| Fact { line: number, text }));
    Some(row)
}

/// Reads a row of a table, whose columns hold these.
pub fn from_cells(cells: &[String], columns: &[Option<Column>], line: usize, part: Part) -> Option<Row> {
    let cell = |of: Column| {
        let at = columns.iter().position(|column| *column == Some(of))?;
        cells.get(at).map(String::as_str).filter(|cell| !cell.is_empty())
    };
    let name = cell(Column::Name)?.split_whitespace().collect::<Vec<_>>().join(" ");
    if !name.split([' ', '/']).all(|word| word.is_empty() || word == "or" || words::is_name(word)) {
        return None;
    }
    let mut row = empty(&name, line, part);
    let fact = |text: &str| Fact { line, text: text.split_whitespace().collect::<Vec<_>>().join(" ") };
    row.typed = columns.contains(&Some(Column::Type));
    row.types.extend(cell(Column::Type).map(fact));
    row.mandatory = None;
    if columns.contains(&Some(Column::Required)) {
        row.mandatory = Some(cell(Column::Required).and_then(words::requirement).unwrap_or(false));
    }
    if let Some(rule) = cell(Column::Rules) {
        let bare = rule.bytes().all(|b| b.is_ascii_digit()).then(|| fact(rule));
        row.limits.extend(bare.or_else(|| words::limit_of_rule(rule, line)));
        row.text.push(fact(rule));
    }
    row.default = cell(Column::Default).filter(|text| *text != "-").map(fact);
    for of in [Column::Description, Column::Values] {
        let Some(text) = cell(of) else { continue };
        row.values.extend(values::in_cell(text, line));
        row.text.extend(text.lines().map(fact));
    }
    Some(row)
}

/// Settles what follows from the description as a whole.
pub fn finish(row: &mut Row, in_table: bool) {
    if !in_table {
        row.values = values::in_lines(&row.text);
    }
    row.title = row.text.first().map(|fact| fact.text.clone()).unwrap_or_default();
    if row.default.is_none() {
        row.default = values::default_of(&row.text);
    }
}
