//! Blocks to sections, rows and lists: what the parts of a page are for.
//!
//! Headings that the spec names are known. Others open a section when they are marked as headings, or when what
//! follows them can only be a new section.

use super::block::{Block, BlockKind, tidy};
use super::page::{Endpoint, Fact, List, Page, Part, Row, Section, Value};
use super::words::{self, Column, Label};
use super::{row, values};

/// Reads a page. `known` are the headings the spec names, with whether a request or message belongs to each.
pub fn read(blocks: &[Block], known: &[(String, bool)]) -> Page {
    let mut outline = Outline {
        known,
        page: Page { sections: vec![Section::default()] },
        state: State::Prose,
        table: 0,
        columns: Vec::new(),
        second: false,
        row: None,
        list: false,
        method: None,
        status: false,
    };
    let mut n = 0;
    while n < blocks.len() {
        n += outline.block(&blocks[n..]);
    }
    outline.end_row();
    outline.page
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Prose,
    Part(Part),
    Statuses,
    Definition,
    Sample,
}

struct Outline<'a> {
    known: &'a [(String, bool)],
    page: Page,
    state: State,
    table: usize,
    columns: Vec<Option<Column>>,
    /// This table says more about the rows of the one before it.
    second: bool,
    row: Option<(row::LineRow, bool)>,
    list: bool,
    method: Option<(usize, String)>,
    status: bool,
}

impl Outline<'_> {
    /// Takes the first block, and gives how many were taken.
    fn block(&mut self, blocks: &[Block]) -> usize {
        let Some(block) = blocks.first() else { return 1 };
        match &block.kind {
            BlockKind::Code(code) => self.code(block.line, code),
            BlockKind::Row(table, cells) => self.cells(*table, cells, block.line),
            BlockKind::Heading(level, text) => return self.text(blocks, text, Some(*level), false),
            BlockKind::Text(text, alone) => return self.text(blocks, text, None, *alone),
        }
        1
    }

    fn section(&mut self) -> &mut Section {
        let last = self.page.sections.len() - 1;
        &mut self.page.sections[last]
    }

    fn text(&mut self, blocks: &[Block], text: &str, level: Option<u8>, alone: bool) -> usize {
        let line = blocks[0].line;
        if let Some(level) = self.heading(blocks, text, level, alone) {
            self.open(line, text, level);
            return 1;
        }
        let label = words::label(text);
        if let Some(label) = label {
            self.label(label);
            self.keep(line, text);
            return 1;
        }
        if self.state == State::Sample {
            return 1;
        }
        self.keep(line, text);
        if self.endpoint(line, text) {
            return 1;
        }
        if let State::Part(part) = self.state {
            let next = blocks.get(1).and_then(|block| match &block.kind {
                BlockKind::Text(text, _) | BlockKind::Heading(_, text) => Some(text.as_str()),
                _ => None,
            });
            if let Some(found) = row::from_line(text, line, part, next) {
                self.end_row();
                let took = 1 + usize::from(found.took_next);
                self.row = Some((found, false));
                return took;
            }
        }
        self.prose(line, text);
        1
    }

    /// The level of the section this opens, if it is a heading that opens one.
    fn heading(&self, blocks: &[Block], text: &str, marked: Option<u8>, alone: bool) -> Option<u8> {
        // Among rows, words that are a heading elsewhere may be an explanation.
        let among_rows = marked.is_none() && matches!(self.state, State::Part(_)) && self.row.is_some();
        if self.is_known(text, among_rows) && (marked.is_some() || words::label(text).is_none()) {
            return Some(marked.unwrap_or(1));
        }
        let current = self.page.sections.last()?;
        if let Some((number, title)) = numbered(text) {
            let depth = number.split('.').filter(|part| !part.is_empty()).count();
            let own = numbered(&current.heading).map(|(number, _)| number);
            let below = own.is_some_and(|own| number.starts_with(own.trim_end_matches('.')));
            if marked.is_none() && depth == 1 && !title.starts_with(char::is_uppercase) {
                return None;
            }
            // Numbers below the second level only divide a section.
            return (depth <= 2 || !below).then_some(depth as u8);
        }
        if let Some(level) = marked {
            let in_part = words::label(text).is_some()
                || matches!(self.state, State::Part(part) if self.is_row(blocks, text, part));
            let inside = self.owned(current) && level > current.level;
            return (!in_part && !inside).then_some(level);
        }
        if !alone || !looks_like_heading(text) {
            return None;
        }
        // Within a section that awaits its rows, a line by itself is text.
        let awaits = current.rows.is_empty() && current.endpoints.is_empty() && self.owned(current);
        (!awaits && begins_a_section(&blocks[1..])).then_some(1)
    }

    fn is_row(&self, blocks: &[Block], text: &str, part: Part) -> bool {
        let next = blocks.get(1).and_then(|block| match &block.kind {
            BlockKind::Text(text, _) => Some(text.as_str()),
            _ => None,
        });
        row::from_line(text, blocks[0].line, part, next).is_some()
    }

    fn is_known(&self, text: &str, only_owned: bool) -> bool {
        self.known.iter().any(|(heading, owned)| (*owned || !only_owned) && same_heading(heading, text))
    }

    fn owned(&self, section: &Section) -> bool {
        self.known.iter().any(|(heading, owned)| *owned && same_heading(heading, &section.heading))
    }

    fn open(&mut self, line: usize, text: &str, level: u8) {
        self.end_row();
        self.page.sections.push(Section { line, heading: text.to_owned(), level, ..Section::default() });
        self.state = match words::label(text) {
            Some(Label::Part(part)) => State::Part(part),
            Some(Label::Statuses) => State::Statuses,
            _ => State::Prose,
        };
        (self.list, self.second, self.method, self.status) = (false, false, None, false);
    }

    fn label(&mut self, label: Label) {
        self.end_row();
        (self.list, self.second, self.status) = (false, false, false);
        self.state = match label {
            Label::Part(part) => State::Part(part),
            Label::Endpoint => State::Prose,
            Label::Definition => State::Definition,
            Label::Sample => State::Sample,
            Label::Statuses => State::Statuses,
        };
    }

    fn keep(&mut self, line: usize, text: &str) {
        self.section().text.push(Fact { line, text: text.to_owned() });
    }

    fn code(&mut self, line: usize, code: &str) {
        let mut lines = code.lines().map(tidy).filter(|line| !line.is_empty());
        let first = lines.next().unwrap_or_default();
        // A block of one request line is no sample.
        if lines.next().is_none() && words::method(first.split(' ').next().unwrap_or_default()).is_some() {
            self.keep(line, &first);
            self.endpoint(line, &first);
        } else if first.contains(": ") && !first.contains(['{', '(', ';']) && first.split(' ').count() <= 3 {
            self.keep(line, &first);
        }
    }

    fn endpoint(&mut self, line: usize, text: &str) -> bool {
        let mut parts = text.split_whitespace();
        let first = parts.next().unwrap_or_default();
        if let Some(method) = words::method(first) {
            match parts.next() {
                None => self.method = Some((line, method)),
                Some(target) => return self.add_endpoint(line, method, target),
            }
            return true;
        }
        if let Some((line, method)) = self.method.take() {
            return self.add_endpoint(line, method, first);
        }
        false
    }

    fn add_endpoint(&mut self, line: usize, method: String, target: &str) -> bool {
        let target = target.trim_matches(|c| c == '\'' || c == ',');
        let (base, target) = match target.split_once("://") {
            Some((scheme, rest)) => {
                let (host, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
                (Some(format!("{scheme}://{host}")), path.to_owned())
            }
            None => (None, target.to_owned()),
        };
        // `POST` may begin a sentence too.
        if base.is_none() && !target.starts_with('/') && !words::is_name(&target) {
            return false;
        }
        self.end_row();
        self.section().endpoints.push(Endpoint { line, method, base, target });
        true
    }

    fn prose(&mut self, line: usize, text: &str) {
        if let Some((row, in_table)) = &mut self.row
            && !*in_table
        {
            row.row.text.push(Fact { line, text: text.to_owned() });
            return;
        }
        if let Some(at) = text.to_lowercase().find("http status ")
            && let Some(word) =
                text.get(at + "http status ".len()..).and_then(|rest| rest.split([' ', '.', ',']).next())
            && words::is_status(word)
        {
            self.section().statuses.push(Fact { line, text: word.to_owned() });
            return;
        }
        let first = text.split([' ', ':']).next().unwrap_or_default();
        if (self.state == State::Statuses || text.len() == 3) && words::is_status(first) {
            self.status = true;
            self.section().statuses.push(Fact { line, text: first.to_owned() });
            return;
        }
        if values::is_capital(text) && text.len() > 2 {
            let value =
                Value { line, text: text.to_owned(), label: String::new(), named: false, sure: true, more: Vec::new() };
            self.listed(value);
        } else if self.list
            && let Some(value) = self.section().lists.last_mut().and_then(|list| list.values.last_mut())
        {
            value.more.push(Fact { line, text: text.to_owned() });
        }
    }

    fn listed(&mut self, value: Value) {
        if !std::mem::replace(&mut self.list, true) {
            self.section().lists.push(List::default());
        }
        if let Some(list) = self.section().lists.last_mut() {
            list.values.push(value);
        }
    }

    fn cells(&mut self, table: usize, cells: &[String], line: usize) {
        if self.state == State::Sample {
            self.state = State::Prose;
        }
        self.keep(line, &cells.join(" | "));
        if table != self.table {
            self.table = table;
            let heads: Vec<_> = cells.iter().map(|cell| words::column(cell)).collect();
            let is_head = heads.iter().flatten().count() >= 2;
            self.begin_table(if is_head { heads } else { Vec::new() });
            if is_head {
                return;
            }
        }
        // Markdown has no tables without heads, but empty ones.
        if cells.iter().all(String::is_empty) {
            return;
        }
        self.table_row(cells, line);
    }

    fn begin_table(&mut self, columns: Vec<Option<Column>>) {
        let has = |of| columns.contains(&Some(of));
        let fields = has(Column::Name) && (has(Column::Type) || has(Column::Description));
        // A table within the description of a row lists the row's values.
        let of_row = has(Column::Code) && matches!(self.row, Some((_, false)));
        if !of_row {
            self.end_row();
        }
        let part = self.part();
        let first = !self.section().rows.iter().any(|row| row.part == part);
        self.second = fields && has(Column::Rules) && !has(Column::Description) && !has(Column::Required) && !first;
        self.list = false;
        self.columns = columns;
    }

    fn table_row(&mut self, cells: &[String], line: usize) {
        let at = |of: Column| {
            let n = self.columns.iter().position(|column| *column == Some(of))?;
            Some(Fact { line, text: cells.get(n)?.split_whitespace().collect::<Vec<_>>().join(" ") })
        };
        if let (Some(stage), Some(url)) = (at(Column::Stage), at(Column::Url)) {
            return self.section().stages.push((stage, url));
        }
        if let (Some(version), Some(date)) = (at(Column::Version), at(Column::Date)) {
            let change = at(Column::Change).map(|fact| fact.text).unwrap_or_default();
            return self.section().history.push((version, date, change));
        }
        if let Some(code) = at(Column::Code).filter(|_| at(Column::Name).is_none()) {
            let label =
                at(Column::CodeName).or_else(|| at(Column::Description)).map(|fact| fact.text).unwrap_or_default();
            let named = at(Column::CodeName).is_some();
            let value = Value { line, text: code.text, label, named, sure: true, more: Vec::new() };
            if let Some((row, false)) = &mut self.row {
                return row.row.values.push(value);
            }
            return self.listed(value);
        }
        let first = cells.first().map(|cell| Fact { line, text: cell.clone() });
        if let Some(status) = at(Column::Status).or(first.clone()).filter(|fact| words::is_status(&fact.text)) {
            return self.section().statuses.push(status);
        }
        match row::from_cells(cells, &self.columns, line, self.part()) {
            Some(found) => self.add_row(found, true),
            None => {
                let cells = Fact { line, text: cells.join(" | ") };
                self.section().others.push(cells);
            }
        }
    }

    /// The part the rows of a table belong to.
    fn part(&self) -> Part {
        match self.state {
            State::Part(part) => part,
            _ => Part::Request,
        }
    }

    fn end_row(&mut self) {
        if let Some((found, in_table)) = self.row.take() {
            self.add_row(found.row, in_table);
        }
    }

    fn add_row(&mut self, mut found: Row, in_table: bool) {
        let tabled = std::mem::take(&mut found.values);
        row::finish(&mut found, in_table);
        found.values.extend(tabled);
        let second = self.second;
        let rows = &mut self.section().rows;
        let before = rows.iter_mut().rev().find(|row| second && row.name == found.name && row.part == found.part);
        match before {
            Some(row) => {
                row.types.extend(found.types);
                row.limits.extend(found.limits);
                row.text.extend(found.text);
            }
            None => rows.push(Row { partial: second, ..found }),
        }
    }
}

/// Whether a heading on the page is the one the spec names. The page's may go on.
pub fn same_heading(spec: &str, page: &str) -> bool {
    // Nearly all lines differ in their first letters, and every line is asked about every heading.
    let start = |text| str::chars(text).take(4).flat_map(char::to_lowercase);
    if !start(spec).eq(start(page)) {
        return false;
    }
    let fold = |text: &str| tidy(text).to_lowercase();
    let (spec, page) = (fold(spec), fold(page));
    match page.strip_prefix(&spec) {
        Some("") => true,
        // Only what is numbered, or in brackets, is the same heading with something behind it.
        Some(rest) => numbered(&page).is_some() && !rest.starts_with(char::is_alphanumeric) || rest.starts_with(" ("),
        None => false,
    }
}

/// `3.1. Title`: the number and the title.
pub fn numbered(text: &str) -> Option<(&str, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.')?;
    let (number, title) = text.split_at(end);
    let title = title.strip_prefix(' ')?.trim();
    let fits = number.starts_with(|c: char| c.is_ascii_digit())
        && number.contains('.')
        && number.len() <= 9
        && text.len() < 120
        && title.starts_with(|c: char| c.is_uppercase() || c == '[' || c == '/')
        && number.split('.').all(|part| part.len() <= 2);
    fits.then(|| (number.trim_end_matches('.'), title))
}

fn looks_like_heading(text: &str) -> bool {
    let words = text.split(' ').count();
    text.starts_with(|c: char| c.is_ascii_uppercase())
        && (2..=9).contains(&words)
        && text.chars().all(|c| c.is_alphanumeric() || " ()-/&'".contains(c))
        && text.ends_with(|c: char| c.is_alphanumeric() || c == ')')
        && words::label(text).is_none()
}

/// Whether method and URL, or the parameters of a request, come before anything else that has a label.
fn begins_a_section(blocks: &[Block]) -> bool {
    for block in blocks.iter().take(60) {
        let BlockKind::Text(text, _) = &block.kind else { return false };
        match words::label(text) {
            Some(Label::Endpoint | Label::Part(Part::Request | Part::Header)) => return true,
            Some(_) => return false,
            None if row::from_line(text, block.line, Part::Request, None).is_some() => return false,
            None => {}
        }
    }
    false
}
