//! Reads rows about fields, from running text or from the rows of a table.

use super::attributes::{self, Attributes};
use super::block::{Block, BlockKind, Mark, TableRow, tidy};
use super::page::{Fact, Part, Row, Value};
use super::values;
use super::words::{self, Column};

/// Row read from running text. Its attributes may be on separate lines.
pub(crate) struct LineRow {
    pub row: Row,
    /// Number of blocks that were read.
    pub blocks_read: usize,
}

/// Largest number of lines with attributes that may follow a field's name.
const MOST_LINES: usize = 6;

/// Reads a row of running text that begins with the first block.
pub(crate) fn from_line(blocks: &[Block], part: Part) -> Option<LineRow> {
    let block = blocks.first()?;
    let (line, mark) = match &block.kind {
        BlockKind::Text(line, mark) => (line.as_str(), *mark),
        BlockKind::Heading(_, line) => (line.as_str(), Mark::Plain),
        _ => return None,
    };
    let item = matches!(mark, Mark::Item(_)) || line.starts_with(['-', '•', '*', '◦', '▪']);
    let line = line.trim_start_matches(['-', '•', '◦', '▪', ' ']);
    let marked = item || mark == Mark::Term;
    if let Some(row) = whole(line, block.line, part, marked) {
        return Some(LineRow { row, blocks_read: 1 });
    }
    let (name, star) = starred(line);
    let either = name.split(' ').filter(|word| !matches!(*word, "or" | "/" | "또는" | "혹은"));
    let names: Vec<&str> = if name.contains(' ') { either.collect() } else { vec![name] };
    if !names.iter().all(|name| is_field_name(name)) || names.len() * 2 - 1 != name.split(' ').count() {
        return None;
    }
    let joined = names.join(" or ");
    let name = joined.as_str();
    // The attributes may follow the name, one per line.
    let mut text = line.to_owned();
    let mut found = None;
    for (n, next) in blocks.iter().enumerate().skip(1).take(MOST_LINES) {
        let BlockKind::Text(next, _) = &next.kind else { break };
        let only = attributes::read(next, true);
        let alone = only.count() > 0 && only.rest.is_empty() || n == 1 && only.of.is_some() && only.separated;
        let number = n > 1 && next.bytes().all(|b| b.is_ascii_digit()) && found.is_some();
        if !alone && !number {
            break;
        }
        text.push_str(if number { " " } else { " | " });
        text.push_str(next);
        let behind = &text[line.len()..];
        let row = below(name, behind, block.line, part, star);
        if row.is_none() {
            break;
        }
        found = row.map(|row| LineRow { row, blocks_read: n + 1 });
    }
    if found.is_some() {
        return found;
    }
    // Otherwise, the line may contain only a name, with an explanation below it. Labels and HTTP statuses are not
    // names.
    let next = match blocks.get(1).map(|block| &block.kind) {
        Some(BlockKind::Text(next, _)) => next.as_str(),
        _ if mark == Mark::Term => "",
        _ => return None,
    };
    let begins = |c: char| c.is_uppercase() || is_eastern(c);
    let explained = next.starts_with(begins) && next.contains(' ') && words::label(line).is_none();
    let bare = explained && names.len() == 1 && name.len() > 2 && !words::is_status(name);
    let bare = bare || mark == Mark::Term && words::label(line).is_none();
    bare.then(|| {
        let mut row = empty(name, block.line, part);
        row.mandatory = Some(star);
        LineRow { row, blocks_read: 1 }
    })
}

/// Reads a list item that contains only the name and the explanation of a field: `orderNo: The number of the order`.
pub(crate) fn from_item(line: &str, number: usize, part: Part) -> Option<Row> {
    let line = line.trim_start_matches(['-', '•', '*', '◦', '▪', ' ']);
    let signs = [" : ", ": ", " - ", " – ", " — "];
    let (head, text) = signs.iter().filter_map(|sign| line.split_once(sign)).min_by_key(|(head, _)| head.len())?;
    let (name, star) = starred(head.trim());
    if !is_field_name(name) || name.len() < 2 || text.trim().is_empty() {
        return None;
    }
    let mut row = empty(name, number, part);
    row.typed = false;
    row.mandatory = star.then_some(true);
    row.text.push(Fact { line: number, text: text.trim().to_owned() });
    Some(row)
}

/// Returns `true` if a name cannot be a word of a sentence: `orderNo`, `order_no`.
pub(crate) fn is_made_of_words(name: &str) -> bool {
    name.contains('_') || name.chars().any(|c| c.is_ascii_uppercase())
}

fn is_eastern(c: char) -> bool {
    matches!(c, '가'..='힣' | '\u{3041}'..='\u{30ff}' | '\u{4e00}'..='\u{9fff}')
}

/// Returns a row that has only a name.
pub(crate) fn empty(name: &str, line: usize, part: Part) -> Row {
    Row {
        line,
        part,
        name: name.to_owned(),
        partial: false,
        typed: true,
        types: Vec::new(),
        mandatory: Some(false),
        limits: Vec::new(),
        text: Vec::new(),
        tabled: Vec::new(),
        values: Vec::new(),
        default: None,
    }
}

/// Returns `true` for a name that begins with a lower-case letter, as fields do, or with a bracket.
fn is_field_name(text: &str) -> bool {
    words::is_name(text)
        && text.starts_with(|c: char| c.is_ascii_lowercase() || c == '[')
        && !text.ends_with(['.', '-'])
}

/// Returns the name without surrounding marks, and `true` if it has a mark that means mandatory, such as `*` or `✓`.
fn starred(name: &str) -> (&str, bool) {
    let bare = name.trim_matches(|c: char| "*'✓✔●: ".contains(c));
    (bare, name.contains(['*', '✓', '✔', '●']))
}

/// Reads a row in one line: `name type mandatory Max Length: 30`, `name (string, required): The name.`
fn whole(line: &str, number: usize, part: Part, marked: bool) -> Option<Row> {
    // In `[필수] name` and `* name`, the requirement comes before the name.
    let mut line = line;
    let mut first = None;
    if let Some((mark, rest)) = line.split_once(' ')
        && (matches!(mark, "*" | "✓" | "✔" | "●") || mark.starts_with(['[', '(']) && words::is_clear_requirement(mark))
    {
        (first, line) = (words::requirement(mark), rest.trim_start());
    }
    let end = line.find(|c: char| c.is_whitespace() || "(|:,".contains(c)).unwrap_or(line.len());
    let (head, mut behind) = line.split_at(end);
    let (name, star) = starred(head);
    // In `payToken or orderNo`, the names are alternatives, of which a request has one.
    let mut names = vec![name];
    loop {
        let rest = behind.trim_start();
        let Some(rest) = ["or ", "/ ", "또는 ", "혹은 "].iter().find_map(|or| rest.strip_prefix(or)) else { break };
        let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
        if !is_field_name(&rest[..end]) || end == rest.len() {
            break;
        }
        names.push(&rest[..end]);
        behind = &rest[end..];
    }
    let known = |name: &&str| is_field_name(name) || marked && words::is_name(name) && name.len() > 1;
    if !names.iter().all(known) {
        return None;
    }
    let mut found = attributes::read(behind, false);
    // A star may stand between the name and its attributes.
    let mut star = star || first == Some(true);
    if let Some(rest) = behind.trim_start().strip_prefix('*').filter(|rest| rest.is_empty() || rest.starts_with(' ')) {
        star = true;
        found = attributes::read(rest, false);
    }
    if star || first.is_some() {
        found.mandatory = found.mandatory.or(Some(star));
    }
    row_of(&names.join(" or "), found, behind, number, part, marked, star)
}

fn below(name: &str, behind: &str, number: usize, part: Part, star: bool) -> Option<Row> {
    let mut found = attributes::read(behind, true);
    if star {
        found.mandatory = Some(true);
    }
    (found.of.is_some() || found.limit.is_some() || found.mandatory.is_some()).then(|| fill(name, found, number, part))
}

fn row_of(
    name: &str,
    found: Attributes,
    behind: &str,
    number: usize,
    part: Part,
    marked: bool,
    star: bool,
) -> Option<Row> {
    // `string mandatory` states the type of a field. It is not a field with the name `string`.
    if found.of.is_none() && !star && found.count() > 0 && words::shape(name).is_some() {
        return None;
    }
    let structured = found.of.is_some() || found.limit.is_some() || found.mandatory.is_some() && !star;
    if found.rest.is_empty() {
        if structured || star {
            return Some(fill(name, found, number, part));
        }
    } else {
        let several = found.count() > 1 && found.of.is_some();
        if structured && (found.separated || several && found.rest.len() < 200 && marked || found.barred) {
            return Some(fill(name, found, number, part));
        }
        // An unknown type is accepted if only a limit or a requirement follows it.
        let words: Vec<&str> = behind.split_whitespace().collect();
        if let [of, rest @ ..] = words.as_slice()
            && !of.contains([',', ':', '.', '\'', '|', '('])
            && of.is_ascii()
            && !rest.is_empty()
        {
            let mut later = attributes::read(&rest.join(" "), false);
            if later.rest.is_empty() && later.of.is_none() && (later.limit.is_some() || later.mandatory.is_some()) {
                later.of = Some((*of).to_owned());
                return Some(fill(name, later, number, part));
            }
        }
        // In `- **name***: The name.`, only the star marks the list item as a field.
        if marked && star && !behind.is_empty() {
            return Some(fill(name, found, number, part));
        }
    }
    None
}

fn fill(name: &str, found: Attributes, line: usize, part: Part) -> Row {
    let mut row = empty(name, line, part);
    row.types.extend(found.of.map(|text| Fact { line, text }));
    // In running text, a field without a mark is optional.
    row.mandatory = Some(found.mandatory == Some(true));
    row.limits.extend(found.limit.map(|text| Fact { line, text }));
    row.default = found.default.map(|text| Fact { line, text });
    row.text.extend(found.title.map(|text| Fact { line, text }));
    if !found.rest.is_empty() {
        row.text.push(Fact { line, text: found.rest });
    }
    row
}

/// Returns `true` if at least half of a column's cells, not counting empty cells, are names of fields.
pub(crate) fn are_names(rows: &[TableRow], column: usize) -> bool {
    let cells: Vec<String> =
        rows.iter().filter_map(|row| Some(row.cells.get(column)?.line())).filter(|c| !c.is_empty()).collect();
    let names = cells.iter().filter(|cell| name_of(cell).is_some()).count();
    names > 0 && names * 2 >= cells.len()
}

/// Returns the field's name in a cell, without marks of requirement and depth. Also returns the requirement that these
/// marks or words in the cell state.
pub(crate) fn name_of(cell: &str) -> Option<(String, Option<bool>)> {
    let mut mandatory = None;
    let mut names: Vec<&str> = Vec::new();
    let cell = cell.trim_start_matches(['-', '└', '├', '─', '│', '↳', '>', '·', '•', 'ㄴ', 'L', ' ']);
    // `list[].member` is one name, regardless of other words in the cell.
    let (whole, star) = starred(cell.split_whitespace().next()?);
    if whole.contains("[]") && words::is_name(whole) {
        return Some((whole.to_owned(), star.then_some(true)));
    }
    let mut depth = 0_usize;
    for word in cell.split([' ', '\n', '(', ')', '[', ']', ',']).filter(|word| !word.is_empty()) {
        let (bare, star) = starred(word);
        if star {
            mandatory = Some(true);
        }
        if bare.is_empty() {
            continue;
        }
        if words::is_clear_requirement(bare) {
            mandatory = words::requirement(bare);
        } else if matches!(bare, "or" | "/" | "또는" | "혹은") {
            names.push("or");
        } else if depth == 0
            && (words::is_name(bare) || bare.split('/').all(words::is_name))
            && (names.is_empty() || names.last() == Some(&"or"))
        {
            names.push(bare);
        } else if words::shape(bare).is_some() || !bare.is_ascii() {
            // A type or a display name beside the name.
            depth = 1;
        } else {
            return None;
        }
    }
    let name = names.join(" ");
    (!name.is_empty() && name != "or" && name.len() < 120).then_some((name, mandatory))
}

/// Columns of a table of fields, and the requirement in each of its rows.
pub(crate) struct Fields<'a> {
    pub columns: &'a [Option<Column>],
    /// Requirement in each row, or an empty list if no column states requirements.
    pub required: Vec<Option<bool>>,
}

impl Fields<'_> {
    pub(crate) fn row(&self, n: usize, row: &TableRow, part: Part) -> Option<Row> {
        let line = row.line;
        let at = |of: Column| self.columns.iter().position(|column| *column == Some(of));
        let cell = |of: Column| {
            let text = row.cells.get(at(of)?)?.text.as_str();
            // A dash means that the cell is empty.
            let nothing = matches!(of, Column::Type | Column::Rules | Column::Default)
                && matches!(text, "-" | "–" | "—" | "N/A" | "n/a");
            (!text.is_empty() && !nothing).then_some(text)
        };
        let (name, mark) = name_of(cell(Column::Name)?)?;
        let part = cell(Column::Place).and_then(words::place).unwrap_or(part);
        let mut found = empty(&name, line, part);
        let fact = |text: &str| Fact { line, text: text.split_whitespace().collect::<Vec<_>>().join(" ") };
        found.typed = at(Column::Type).is_some();
        if let Some(of) = cell(Column::Type) {
            self.type_cell(of, &mut found, &fact);
        }
        found.mandatory = mark.filter(|_| at(Column::Required).is_none()).or(found.mandatory.filter(|m| *m));
        if at(Column::Required).is_some() || at(Column::Optional).is_some() {
            let cell = cell(Column::Required).or(cell(Column::Optional));
            // If the cell in the column of requirements is empty, a star beside the name is the requirement.
            let starred = mark.filter(|mark| *mark && cell.is_none());
            found.mandatory = starred.or(self.required.get(n).copied().flatten()).or(Some(false));
        }
        if let Some(rule) = cell(Column::Rules) {
            let bare = rule.replace(',', "");
            let bare = (!bare.is_empty() && bare.bytes().all(|b| b.is_ascii_digit())).then(|| fact(&bare));
            let limit = bare.or_else(|| words::limit_of_rule(rule, line));
            if limit.is_some() {
                found.limits.clear();
            }
            found.limits.extend(limit);
            found.text.push(fact(rule));
        }
        found.default = cell(Column::Default).filter(|text| !matches!(*text, "없음" | "none")).map(|text| {
            let mut fact = fact(text);
            fact.text = fact.text.trim_matches('\'').to_owned();
            fact
        });
        for of in [Column::Description, Column::Values] {
            self.describe(of, row, &mut found);
        }
        Some(found)
    }

    /// Adds a table row that has no field name to `found`, which is the row of the field above.
    pub(crate) fn continue_row(&self, row: &TableRow, found: &mut Row) {
        // A row such as `CARD | A card` has a value and its explanation in separate columns, in either order.
        let fresh: Vec<String> = row
            .cells
            .iter()
            .filter(|cell| !cell.continued && !cell.text.is_empty())
            .map(super::block::Cell::line)
            .collect();
        let value = |text: &str| values::looks_like_value(text) || values::is_integer(text);
        let pair = match fresh.as_slice() {
            [first, rest @ ..] if value(first) && !rest.is_empty() => Some((first, rest.join(" "))),
            [first, second] if value(second) => Some((second, first.clone())),
            _ => None,
        };
        if let Some((value, label)) = pair {
            found.values.extend(values::of_pair(value, &label, row.line));
            found.tabled.push(Fact { line: row.line, text: fresh.join(" ") });
            return;
        }
        for of in [Column::Description, Column::Values, Column::Code] {
            self.describe(of, row, found);
        }
    }

    fn describe(&self, of: Column, row: &TableRow, found: &mut Row) {
        let line = row.line;
        for (n, column) in self.columns.iter().enumerate() {
            let Some(cell) = row.cells.get(n).filter(|cell| *column == Some(of) && !cell.continued) else { continue };
            found.values.extend(values::in_cell(&cell.text, line));
            found.text.extend(cell.text.lines().map(|text| Fact { line, text: tidy(text) }));
            for table in &cell.tables {
                found.values.extend(values::of_nested_table(table));
                for row in table {
                    let text = row.cells.iter().map(super::block::Cell::line).collect::<Vec<_>>().join(" ");
                    found.tabled.push(Fact { line: row.line, text });
                }
            }
        }
    }

    /// Reads a cell in a column of types: `string(32)`, `String, 필수, 최대 30자`.
    fn type_cell(&self, of: &str, found: &mut Row, fact: &dyn Fn(&str) -> Fact) {
        let one = fact(of);
        if words::shape(&one.text).is_some() {
            found.limits.extend(words::limit_in_type(&one.text).map(|text| Fact { line: one.line, text }));
            found.types.push(one);
            return;
        }
        let read = attributes::read(&one.text, true);
        match read.of {
            Some(of) => {
                found.types.push(fact(&of));
                found.limits.extend(read.limit.map(|text| Fact { line: one.line, text }));
                found.mandatory = read.mandatory;
                found.default = read.default.map(|text| Fact { line: one.line, text });
            }
            // Letters for types, such as `AN` or `N(8)`, have a meaning only in a column of types.
            None => match letter(&one.text) {
                Some((of, limit)) => {
                    found.types.push(fact(of));
                    found.limits.extend(limit.map(|text| Fact { line: one.line, text }));
                }
                None => found.types.push(one),
            },
        }
    }
}

fn letter(text: &str) -> Option<(&'static str, Option<String>)> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let letters: String = text.chars().filter(|c| c.is_alphabetic()).collect();
    let of = match letters.as_str() {
        "A" | "AN" | "ANS" | "H" | "AH" | "ANH" | "S" => "string",
        "N" | "NUM" => "number",
        _ => return None,
    };
    Some((of, (!digits.is_empty()).then_some(digits)))
}

/// Completes a row after the last line of its description: derives its values and default.
pub(crate) fn finish(row: &mut Row, in_table: bool) {
    if !in_table {
        let values: Vec<Value> = values::in_lines(&row.text);
        row.values = values;
    }
    row.text.append(&mut row.tabled);
    if row.default.is_none() {
        row.default = values::default_of(&row.text);
    }
}
