//! Blocks to sections, rows and lists: what the parts of a page are for.
//!
//! Headings that the spec names are known. Others open a section when they are marked as headings, or when what
//! follows them can only be a new section.

use super::block::{Block, BlockKind, Cell, Mark, TableRow, tidy};
use super::page::{Endpoint, Fact, List, Page, Part, Row, Section, Value};
use super::words::{self, Column, Label};
use super::{request, row, values};
use std::collections::HashMap;

/// A heading that the spec names.
#[derive(Debug, Clone)]
pub struct Known {
    /// The heading.
    pub heading: String,
    /// A request or message belongs to it.
    pub owned: bool,
}

/// Reads a page. `known` are the headings the spec names.
pub fn read(blocks: &[Block], known: &[Known]) -> Page {
    let mut outline = Outline {
        known,
        page: Page { sections: vec![Section::default()] },
        state: State::Prose,
        before_sample: State::Prose,
        row: None,
        list: false,
        request: request::Pending::default(),
        signs: signs(blocks),
        items: None,
    };
    let mut n = 0;
    while n < blocks.len() {
        n += outline.block(&blocks[n..]);
    }
    outline.end_row();
    outline.page.sections.iter_mut().for_each(limits_of_prose);
    outline.page
}

/// The signs of requirements in columns for them, on the page as a whole.
fn signs(blocks: &[Block]) -> words::Signs {
    let tables = blocks.iter().filter_map(|block| match &block.kind {
        BlockKind::Table(rows) => Some(rows),
        _ => None,
    });
    words::Signs::of(tables.flat_map(|rows| {
        let required = |cell: &Cell| words::column(&cell.text) == Some(Column::Required);
        let at = rows.first().and_then(|heads| heads.cells.iter().position(required));
        rows.iter().filter_map(move |row| Some(row.cells.get(at?)?.text.as_str()))
    }))
}

/// Where the rows of a part have no place for limits, their descriptions state them.
fn limits_of_prose(section: &mut Section) {
    for part in [Part::Request, Part::Reply] {
        if section.rows.iter().any(|row| row.part == part && !row.limits.is_empty()) {
            continue;
        }
        for row in section.rows.iter_mut().filter(|row| row.part == part) {
            row.limits.extend(row.text.iter().find_map(|fact| words::limit_in_prose(&fact.text, fact.line)));
        }
    }
}

/// A line of this many bytes may have been broken to fit a width.
const LONG_LINE: usize = 55;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Prose,
    Part(Part),
    Endpoint,
    Statuses,
    Codes,
    Definition,
    Sample,
}

struct Outline<'a> {
    known: &'a [Known],
    page: Page,
    state: State,
    /// What samples interrupt.
    before_sample: State,
    /// The row of running text that is being read.
    row: Option<Row>,
    list: bool,
    request: request::Pending,
    /// The signs of requirements on the page.
    signs: words::Signs,
    /// The fields of this part are items of a list, this deep.
    items: Option<Items>,
}

/// Fields that are items of a list.
#[derive(Debug, Clone, Copy)]
struct Items {
    depth: u8,
    /// Some of them state their types.
    typed: bool,
}

impl Outline<'_> {
    /// Takes the first block, and gives how many were taken.
    fn block(&mut self, blocks: &[Block]) -> usize {
        let Some(block) = blocks.first() else { return 1 };
        match &block.kind {
            BlockKind::Code(code) => self.code(block.line, code),
            BlockKind::Table(rows) => self.table(rows),
            BlockKind::Heading(level, text) => return self.text(blocks, text, Some(*level), Mark::Plain),
            BlockKind::Text(text, mark) => return self.text(blocks, text, None, *mark),
        }
        1
    }

    fn section(&mut self) -> &mut Section {
        let last = self.page.sections.len() - 1;
        &mut self.page.sections[last]
    }

    fn text(&mut self, blocks: &[Block], text: &str, level: Option<u8>, mark: Mark) -> usize {
        let line = blocks[0].line;
        if let Some(level) = self.heading(blocks, text, level, mark == Mark::Alone) {
            self.open(line, text, level);
            if let Some(found) = request::in_heading(text) {
                self.add_endpoint(line, found);
            }
            return 1;
        }
        if let Some(label) = self.label_of(text, level.is_some(), mark) {
            self.label(label, level);
            self.keep(line, text);
            return 1;
        }
        if self.state == State::Sample {
            return 1;
        }
        self.keep(line, text);
        if let Some(found) = level.and_then(|_| request::in_heading(text)) {
            self.add_endpoint(line, found);
            return 1;
        }
        if self.row.is_none() || !matches!(self.state, State::Part(_)) {
            let awaited = self.state == State::Endpoint;
            match self.request.read(line, text, awaited) {
                request::Read::Nothing => {}
                request::Read::Part => return 1,
                request::Read::Request(line, found) => {
                    self.add_endpoint(line, found);
                    return 1;
                }
            }
        } else if let Some(found) = request::in_line(text) {
            self.end_row();
            self.add_endpoint(line, found);
            return 1;
        }
        if let Some(part) = self.part_of_line(mark)
            && let Some(found) = row::from_line(blocks, part)
            && (matches!(self.state, State::Part(_)) || is_sure(&found.row, mark))
            && !(mark == Mark::Plain && self.ends_sentence(&found.row))
        {
            self.state = State::Part(part);
            self.end_row();
            for block in &blocks[1..found.took.min(blocks.len())] {
                let text = block.line_of_text().unwrap_or_default().to_owned();
                self.keep(block.line, &text);
            }
            if let Mark::Item(depth) = mark {
                let typed = self.items.is_some_and(|items| items.typed) || !found.row.types.is_empty();
                self.items = Some(Items { depth, typed });
            }
            self.row = Some(found.row);
            return found.took;
        }
        if let Some(row) = self.item(blocks, text, mark) {
            self.end_row();
            self.row = Some(row);
            return 1;
        }
        self.prose(line, text, mark);
        1
    }

    /// Whether a lone word that looks like a field is the end of a sentence that was broken before it.
    fn ends_sentence(&self, found: &Row) -> bool {
        let states = !found.types.is_empty() || !found.limits.is_empty() || found.mandatory == Some(true);
        if states || row::is_made_of_words(&found.name) {
            return false;
        }
        let before = self.row.as_ref().and_then(|row| row.text.last()).map_or("", |fact| fact.text.as_str());
        before.len() > LONG_LINE && before.ends_with(|c: char| c.is_ascii_lowercase() || c == ',')
    }

    /// The field of an item that states nothing but its name, among others that are fields.
    fn item(&mut self, blocks: &[Block], text: &str, mark: Mark) -> Option<Row> {
        let (State::Part(part), Mark::Item(depth)) = (self.state, mark) else { return None };
        let found = row::from_item(text, blocks[0].line, part)?;
        if let Some(items) = self.items {
            let typed = items.typed;
            let mandatory = if typed { Some(found.mandatory == Some(true)) } else { found.mandatory };
            return (items.depth == depth).then_some(Row { typed, mandatory, ..found });
        }
        if self.row.is_some() || !row::is_made_of_words(&found.name) {
            return None;
        }
        let siblings = blocks.iter().skip(1).filter_map(|block| match &block.kind {
            BlockKind::Text(text, Mark::Item(of)) if *of == depth => Some(text),
            _ => None,
        });
        let named = siblings.take(1).all(|text| row::from_item(text, 0, part).is_some());
        self.items = named.then_some(Items { depth, typed: false });
        named.then_some(found)
    }

    /// The part that a line may be a row of. What follows a request without a label is the request's.
    fn part_of_line(&self, mark: Mark) -> Option<Part> {
        let requested = self.page.sections.last().is_some_and(|section| !section.endpoints.is_empty());
        match self.state {
            State::Part(part) => Some(part),
            State::Prose | State::Endpoint if requested && mark != Mark::Alone => Some(Part::Request),
            _ => None,
        }
    }

    /// The label a line is. Within a row, words that are a label elsewhere may be an explanation.
    fn label_of(&self, text: &str, marked: bool, mark: Mark) -> Option<Label> {
        let label = words::label(text)?;
        if marked || self.row.is_none() {
            return Some(label);
        }
        let single = text.split_whitespace().count() == 1 && !text.is_ascii();
        let weak = match label {
            Label::Codes | Label::Other => true,
            Label::Endpoint => mark != Mark::Alone && !matches!(text.to_lowercase().as_str(), "endpoint" | "endpoints"),
            Label::Sample | Label::Part(_) => single,
            Label::Definition | Label::Statuses => false,
        };
        (!weak).then_some(label)
    }

    /// The level of the section this opens, if it is a heading that opens one.
    fn heading(&self, blocks: &[Block], text: &str, marked: Option<u8>, alone: bool) -> Option<u8> {
        // Among rows, words that are a heading elsewhere may be an explanation.
        let among_rows = marked.is_none() && matches!(self.state, State::Part(_)) && self.row.is_some();
        if self.is_known(text, among_rows) && (marked.is_some() || words::label(text).is_none()) {
            return Some(marked.unwrap_or(1));
        }
        let current = self.page.sections.last()?;
        if let Some(level) = marked {
            return self.marked_heading(blocks, text, level, current);
        }
        if let Some((number, title)) = numbered(text) {
            let depth = number.split('.').filter(|part| !part.is_empty()).count();
            let own = numbered(&current.heading).map(|(number, _)| number);
            let below = own.is_some_and(|own| number.starts_with(own.trim_end_matches('.')));
            if depth == 1 && !title.starts_with(|c: char| c.is_uppercase() || is_korean(c)) {
                return None;
            }
            // Numbers below the second level only divide a section, and so do those of its request and reply.
            let divides = below && (depth > 2 || words::label(title).is_some());
            return (!divides).then_some(depth as u8);
        }
        if !alone || !looks_like_heading(text) {
            return None;
        }
        // Within a section that awaits its rows, a line by itself is text.
        let awaits = current.rows.is_empty() && current.endpoints.is_empty() && self.owned(current);
        (!awaits && begins_a_section(&blocks[1..])).then_some(1)
    }

    fn marked_heading(&self, blocks: &[Block], text: &str, level: u8, current: &Section) -> Option<u8> {
        let request = request::in_heading(text);
        let has_own = !current.endpoints.is_empty() || !current.rows.is_empty();
        if request.is_some() {
            // The request of the section that a heading above has opened.
            let of_current = !has_own && current.level > 0 && current.level < level;
            return (!of_current).then_some(level);
        }
        if words::label(text).is_some() {
            return None;
        }
        if let Some((number, _)) = numbered(text) {
            let depth = number.split('.').filter(|part| !part.is_empty()).count();
            let own = numbered(&current.heading).map(|(number, _)| number);
            let below = own.is_some_and(|own| number.starts_with(own.trim_end_matches('.')));
            return (depth <= 2 || !below).then_some(depth as u8);
        }
        if matches!(self.state, State::Part(part) if row::from_line(blocks, part).is_some()) {
            return None;
        }
        let below = level > current.level && (self.owned(current) || has_own);
        // Behind a request and its reply, the fields of another request or message begin.
        let has = |part: Part| current.rows.iter().any(|row| row.part == part);
        let restarts =
            has(Part::Request) && has(Part::Reply) && first_label(&blocks[1..]) == Some(Label::Part(Part::Request));
        (!below || restarts || begins_its_own(&blocks[1..], level) || words::is_callback(text)).then_some(level)
    }

    fn is_known(&self, text: &str, only_owned: bool) -> bool {
        self.known.iter().any(|known| (known.owned || !only_owned) && same_heading(&known.heading, text))
    }

    fn owned(&self, section: &Section) -> bool {
        self.known.iter().any(|known| known.owned && same_heading(&known.heading, &section.heading))
    }

    fn open(&mut self, line: usize, text: &str, level: u8) {
        self.end_row();
        self.page.sections.push(Section { line, heading: text.to_owned(), level, ..Section::default() });
        self.state = match words::label(text) {
            Some(Label::Part(part)) => State::Part(part),
            Some(Label::Statuses) => State::Statuses,
            Some(Label::Codes) => State::Codes,
            _ => State::Prose,
        };
        self.list = false;
        self.items = None;
        self.request = request::Pending::default();
    }

    fn label(&mut self, label: Label, level: Option<u8>) {
        self.end_row();
        self.list = false;
        self.items = None;
        if label == Label::Endpoint {
            self.rejoin(level);
        }
        if label == Label::Sample && self.state != State::Sample {
            self.before_sample = self.state;
        }
        self.request = request::Pending::default();
        self.state = match label {
            Label::Part(part) => State::Part(part),
            Label::Endpoint => State::Endpoint,
            Label::Definition => State::Definition,
            Label::Sample => State::Sample,
            Label::Statuses => State::Statuses,
            Label::Codes => State::Codes,
            Label::Other => State::Prose,
        };
    }

    /// A heading for the request, no deeper than one that only had prose, belongs to the section above that one.
    fn rejoin(&mut self, level: Option<u8>) {
        let [.., above, last] = self.page.sections.as_slice() else { return };
        let empty =
            |section: &Section| section.rows.is_empty() && section.endpoints.is_empty() && section.lists.is_empty();
        let below = above.level > 0 && above.level < last.level && level.is_some_and(|level| level <= last.level);
        if below
            && empty(above)
            && empty(last)
            && !self.owned(last)
            && last.statuses.is_empty()
            && let Some(last) = self.page.sections.pop()
        {
            self.section().text.push(Fact { line: last.line, text: last.heading });
            self.section().text.extend(last.text);
        }
    }

    fn keep(&mut self, line: usize, text: &str) {
        self.section().text.push(Fact { line, text: text.to_owned() });
    }

    fn code(&mut self, line: usize, code: &str) {
        let lines: Vec<(usize, String)> = (code.lines().enumerate())
            .map(|(n, text)| (line + n, tidy(text)))
            .filter(|(_, text)| !text.is_empty())
            .collect();
        if self.state == State::Sample {
            self.state = self.before_sample;
            return;
        }
        let Some((number, first)) = lines.first() else { return };
        let is_json = code.contains(['{', ';']) && !code.contains("charset");
        if let Some(found) = request::in_line(first) {
            self.keep(*number, first);
            self.end_row();
            self.add_endpoint(*number, found);
            if !code.contains('{') {
                lines.iter().skip(1).for_each(|(number, text)| self.keep(*number, text));
            }
        } else if !is_json && lines.len() <= 6 {
            // Headers, or a request that is split over lines.
            for (number, text) in &lines {
                self.keep(*number, text);
                if let request::Read::Request(line, found) =
                    self.request.read(*number, text, self.state == State::Endpoint)
                {
                    self.end_row();
                    self.add_endpoint(line, found);
                }
            }
        } else if let Some(row) = &mut self.row {
            row.text.push(Fact { line, text: tidy(code.lines().next().unwrap_or_default()) });
        }
        if self.state == State::Definition {
            self.state = State::Prose;
        }
    }

    fn add_endpoint(&mut self, line: usize, found: request::Request) {
        self.end_row();
        let request::Request { method, base, target } = found;
        self.section().endpoints.push(Endpoint { line, method, base, target });
    }

    fn prose(&mut self, line: usize, text: &str, mark: Mark) {
        if let Some(row) = &mut self.row {
            let text = if matches!(mark, Mark::Item(_)) { format!("- {text}") } else { text.to_owned() };
            row.text.push(Fact { line, text });
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
            self.section().statuses.push(Fact { line, text: first.to_owned() });
            return;
        }
        if values::is_capital(text) && text.len() > 2 {
            let value =
                Value { line, text: text.to_owned(), label: String::new(), named: false, sure: true, more: Vec::new() };
            self.listed(value);
        } else if matches!(mark, Mark::Item(_))
            && let Some(value) = values::of_item(text, line).filter(|value| value.text.contains('_'))
        {
            self.listed(value);
        } else if self.list
            && let Some(value) = self.section().lists.last_mut().and_then(|list| list.values.last_mut())
        {
            value.more.push(Fact { line, text: text.to_owned() });
        }
    }

    fn listed(&mut self, value: Value) {
        let codes = self.state == State::Codes;
        if !std::mem::replace(&mut self.list, true) {
            self.section().lists.push(List { codes, ..List::default() });
        }
        if let Some(list) = self.section().lists.last_mut() {
            list.values.push(value);
        }
    }

    fn table(&mut self, rows: &[TableRow]) {
        if self.state == State::Sample {
            self.state = self.before_sample;
        }
        for row in rows {
            let cells: Vec<&str> = row.cells.iter().map(|cell| cell.text.as_str()).collect();
            self.keep(row.line, &cells.join(" | "));
            let words = |rows: &[TableRow]| -> Vec<String> {
                rows.iter().map(|row| row.cells.iter().map(|c| c.line()).collect::<Vec<_>>().join(" ")).collect()
            };
            for table in row.cells.iter().flat_map(|cell| &cell.tables) {
                words(table).iter().for_each(|text| self.keep(row.line, text));
            }
        }
        self.list = false;
        let table = Table::of(rows);
        let of_headers = self.state == State::Part(Part::Header) && table.position(Column::Values).is_some();
        let of_fields = table.is_of_fields() || of_headers && table.position(Column::Name).is_some();
        if let Some(row) = &mut self.row
            && !of_fields
        {
            // A table within the description of a row lists the row's values.
            row.values.extend(values::of_nested_table(rows));
            for of in rows {
                let text = of.cells.iter().map(super::block::Cell::line).collect::<Vec<_>>().join(" ");
                row.tabled.push(Fact { line: of.line, text: text.trim().to_owned() });
            }
            return;
        }
        self.end_row();
        if !of_fields && self.lines_of_table(rows) {
            return;
        }
        if of_fields { self.fields(&table) } else { self.other_table(&table) }
    }

    /// A table of one column, whose cells are fields as in running text.
    fn lines_of_table(&mut self, rows: &[TableRow]) -> bool {
        let State::Part(part) = self.state else { return false };
        let first =
            |row: &TableRow| row.cells.first().map(|cell| cell.text.lines().next().unwrap_or_default().to_owned());
        let is_field = |row: &&TableRow| {
            let text = first(row).unwrap_or_default();
            let block = [Block { line: row.line, kind: BlockKind::Text(text.clone(), Mark::Item(0)) }];
            row::from_line(&block, part).is_some() || row::from_item(&text, row.line, part).is_some()
        };
        let narrow =
            rows.iter().all(|row| row.cells.iter().skip(1).all(|cell| cell.text.is_empty() && cell.tables.is_empty()));
        let heads = usize::from(rows.first().is_some_and(|row| !is_field(&row)));
        let rows = &rows[heads..];
        if !narrow || rows.is_empty() || rows.iter().filter(is_field).count() * 3 < rows.len() * 2 {
            return false;
        }
        let mut blocks = Vec::new();
        for row in rows {
            let Some(cell) = row.cells.first() else { continue };
            for (n, text) in cell.text.lines().enumerate() {
                let mark = if n == 0 { Mark::Item(0) } else { Mark::Plain };
                blocks.push(Block { line: row.line, kind: BlockKind::Text(text.to_owned(), mark) });
            }
            blocks
                .extend(cell.tables.iter().map(|rows| Block { line: row.line, kind: BlockKind::Table(rows.clone()) }));
        }
        let mut n = 0;
        while n < blocks.len() {
            n += self.block(&blocks[n..]);
        }
        self.end_row();
        self.items = None;
        true
    }

    fn fields(&mut self, table: &Table<'_>) {
        let part = self.part();
        let has = |of| table.columns.contains(&Some(of));
        let first = !self.section().rows.iter().any(|row| row.part == part);
        let second = has(Column::Rules) && !has(Column::Description) && !has(Column::Required) && !first;
        let required: Vec<Option<bool>> = match table.position(Column::Required) {
            Some(at) => {
                let cells: Vec<String> = table
                    .rows
                    .iter()
                    .map(|row| row.cells.get(at).map(|cell| cell.line()).unwrap_or_default())
                    .collect();
                words::requirements(&cells.iter().map(String::as_str).collect::<Vec<_>>(), self.signs)
            }
            None => match table.position(Column::Optional) {
                Some(at) => {
                    let cell = |row: &TableRow| row.cells.get(at).map(|cell| cell.line()).unwrap_or_default();
                    table.rows.iter().map(|row| Some(words::requirement(&cell(row)) != Some(true))).collect()
                }
                None => Vec::new(),
            },
        };
        let fields = row::Fields { columns: &table.columns, required };
        let name_at = table.position(Column::Name).unwrap_or(0);
        let mut open: Option<Row> = None;
        for (n, of) in table.rows.iter().enumerate() {
            let Some(name) = of.cells.get(name_at) else { continue };
            if (name.continued || name.text.is_empty()) && open.is_some() {
                if let Some(open) = &mut open {
                    fields.continue_row(of, open);
                }
                continue;
            }
            if of.cells.iter().filter(|cell| !cell.text.is_empty()).count() == 0 {
                continue;
            }
            if let Some(done) = open.take() {
                self.add_row(done, true, second);
            }
            // A cell that spans the table is a heading within it.
            let alone = of.cells.iter().skip(1).all(|cell| cell.text.is_empty());
            if alone && (name.columns >= of.cells.len().max(2) || row::name_of(&name.text).is_none()) {
                continue;
            }
            match fields.row(n, of, part) {
                Some(found) => {
                    open = Some(found);
                    for nested in of.cells.iter().flat_map(|cell| &cell.tables) {
                        let nested = Table::of(nested);
                        if nested.is_of_fields()
                            && let Some(done) = open.take()
                        {
                            self.add_row(done, true, second);
                            self.fields(&nested);
                        }
                    }
                }
                None => self.other(of),
            }
        }
        if let Some(done) = open {
            self.add_row(done, true, second);
        }
    }

    fn other(&mut self, row: &TableRow) {
        let text = row.cells.iter().map(|cell| cell.text.as_str()).collect::<Vec<_>>().join(" | ");
        self.section().others.push(Fact { line: row.line, text });
    }

    fn other_table(&mut self, table: &Table<'_>) {
        let at = |row: &TableRow, of: Column| {
            let cell = row.cells.get(table.position(of)?)?;
            Some(Fact { line: row.line, text: cell.line() })
        };
        if self.request_table(table) {
            return;
        }
        let codes = self.state == State::Codes;
        let coded = table.position(Column::Code).is_some() || table.position(Column::Values).is_some();
        let whole = |listed: &Vec<Value>| coded || listed.len() == table.rows.len();
        let all = values::of_table(table.all).filter(whole).unwrap_or_default();
        let listed: HashMap<usize, &Value> = all.iter().map(|value| (value.line, value)).collect();
        for row in table.rows {
            // Markdown has no tables without heads, but empty ones.
            if row.cells.iter().all(|cell| cell.text.is_empty()) {
                continue;
            }
            if let (Some(stage), Some(url)) = (at(row, Column::Stage), at(row, Column::Url)) {
                self.section().stages.push((stage, url));
                continue;
            }
            if let (Some(version), Some(date)) = (at(row, Column::Version), at(row, Column::Date)) {
                let change = at(row, Column::Change).or_else(|| at(row, Column::Description));
                self.section().history.push((version, date, change.map(|fact| fact.text).unwrap_or_default()));
                continue;
            }
            let first = row.cells.first().map(|cell| Fact { line: row.line, text: cell.line() });
            let code = at(row, Column::Code).is_some();
            let status = at(row, Column::Status).or(first.clone().filter(|_| !code || !codes));
            if let Some(status) = status.filter(|fact| words::is_status(&fact.text)) {
                self.section().statuses.push(status);
                continue;
            }
            let value = listed.get(&row.line).copied();
            match value {
                Some(value) => {
                    let value = value.clone();
                    self.listed(value);
                }
                None => self.other(row),
            }
        }
        self.list = false;
    }

    /// A table that states method and URL, a row each or a column each.
    fn request_table(&mut self, table: &Table<'_>) -> bool {
        if let (Some(method), Some(url)) = (table.position(Column::Method), table.position(Column::Url)) {
            let mut found = false;
            for row in table.rows {
                let cell = |at: usize| row.cells.get(at).map(|cell| cell.line()).unwrap_or_default();
                if let Some(request) = request::of(&cell(method), &cell(url)) {
                    self.add_endpoint(row.line, request);
                    found = true;
                }
            }
            return found;
        }
        let mut pending = request::Pending::default();
        let mut found = false;
        for row in table.all.iter().filter(|row| row.cells.len() >= 2) {
            let text = format!("{}: {}", row.cells[0].line(), row.cells[1].line());
            match pending.read(row.line, &text, false) {
                request::Read::Request(line, request) => {
                    self.add_endpoint(line, request);
                    return true;
                }
                request::Read::Part => found = true,
                request::Read::Nothing => {
                    let text = row.cells.iter().map(|cell| cell.line()).collect::<Vec<_>>().join(" ");
                    if let Some(request) = request::in_line(&text) {
                        self.add_endpoint(row.line, request);
                        return true;
                    }
                }
            }
        }
        found
    }

    /// The part the rows of a table belong to.
    fn part(&self) -> Part {
        match self.state {
            State::Part(part) => part,
            _ => Part::Request,
        }
    }

    fn end_row(&mut self) {
        if let Some(found) = self.row.take() {
            self.add_row(found, false, false);
        }
    }

    fn add_row(&mut self, mut found: Row, in_table: bool, second: bool) {
        let tabled = std::mem::take(&mut found.values);
        row::finish(&mut found, in_table);
        found.values.extend(tabled);
        // What is said of a header is how it is made, and no list.
        if found.part == Part::Header {
            found.values.clear();
        }
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

/// A table with what its columns hold.
struct Table<'a> {
    columns: Vec<Option<Column>>,
    all: &'a [TableRow],
    /// The rows below the heads.
    rows: &'a [TableRow],
}

impl<'a> Table<'a> {
    fn of(all: &'a [TableRow]) -> Self {
        let mut used = 0;
        let mut columns: Vec<Option<Column>> = Vec::new();
        for (n, row) in all.iter().enumerate().take(3) {
            // A head may take several rows, which are marked then.
            if n > 0 && !(row.head && all[n - 1].head) {
                break;
            }
            let cells: Vec<String> = row.cells.iter().map(|cell| cell.text.clone()).collect();
            // Where all rows are marked as heads, none is.
            let marked = row.head && !all.iter().all(|row| row.head);
            let Some(found) = words::heads(&cells, marked) else { break };
            used = n + 1;
            columns.resize(columns.len().max(found.len()), None);
            for (column, found) in columns.iter_mut().zip(found) {
                *column = found.or(*column);
            }
        }
        let rows = &all[used..];
        Self::settle(&mut columns, rows);
        Table { columns, all, rows }
    }

    /// Of several columns that may hold names, those that hold them do; what has no head is known by its cells.
    fn settle(columns: &mut Vec<Option<Column>>, rows: &[TableRow]) {
        let width = rows.iter().map(|row| row.cells.len()).max().unwrap_or(0);
        columns.resize(columns.len().max(width), None);
        let names: Vec<usize> = (0..columns.len()).filter(|n| columns[*n] == Some(Column::Name)).collect();
        if names.len() > 1 {
            let kept = names.iter().copied().find(|n| row::are_names(rows, *n)).unwrap_or(names[0]);
            for n in names.into_iter().filter(|n| *n != kept) {
                columns[n] = Some(Column::Description);
            }
        }
        let cells = |n: usize| {
            rows.iter().filter_map(move |row| Some(row.cells.get(n)?.line())).filter(|cell| !cell.is_empty())
        };
        let most = |n: usize, fits: &dyn Fn(&str) -> bool| {
            let all = cells(n).count();
            all > 0 && cells(n).filter(|cell| fits(cell)).count() * 3 >= all * 2
        };
        let shape = |cell: &str| words::shape(cell).is_some();
        if !columns.contains(&Some(Column::Name)) {
            // A table of fields without heads has names first and a type beside them.
            let typed = (1..columns.len()).find(|n| columns[*n].is_none_or(|c| c == Column::Type) && most(*n, &shape));
            let camel = |cell: &str| {
                row::name_of(cell).is_some_and(|(name, _)| name.starts_with(|c: char| c.is_ascii_lowercase()))
            };
            if let Some(typed) = typed.filter(|_| columns[0].is_none() && most(0, &camel)) {
                columns[0] = Some(Column::Name);
                columns[typed] = Some(Column::Type);
            }
        }
        if columns.contains(&Some(Column::Name)) {
            for n in 0..columns.len() {
                if columns[n].is_some() {
                    continue;
                }
                let lacks = |of: Column, columns: &[Option<Column>]| !columns.contains(&Some(of));
                let digits = |cell: &str| {
                    cell.bytes().all(|b| b.is_ascii_digit()) || words::limit(cell).is_some() || cell == "-"
                };
                columns[n] = Some(if lacks(Column::Type, columns) && most(n, &shape) {
                    Column::Type
                } else if lacks(Column::Required, columns)
                    && most(n, &|cell| words::requirement(cell).is_some())
                    && cells(n).count() * 2 >= rows.len()
                {
                    Column::Required
                } else if lacks(Column::Rules, columns) && most(n, &digits) {
                    Column::Rules
                } else {
                    Column::Description
                });
            }
        }
    }

    fn position(&self, of: Column) -> Option<usize> {
        self.columns.iter().position(|column| *column == Some(of))
    }

    /// Whether the rows are about fields.
    fn is_of_fields(&self) -> bool {
        let has = |of| self.columns.contains(&Some(of));
        let name = self.position(Column::Name);
        let other = has(Column::Type) || has(Column::Description) || has(Column::Required) || has(Column::Rules);
        name.is_some_and(|name| other && row::are_names(self.rows, name))
    }
}

/// Whether a heading on the page is the one the spec names. The page's may go on.
pub fn same_heading(spec: &str, page: &str) -> bool {
    same_title(spec, page)
        // Where the spec gives no number, the page may have got one, and the other way round.
        || match (number_and_title(spec), number_and_title(page)) {
            (None, Some(page)) => same_title(spec, page),
            (Some(spec), None) => same_title(spec, page),
            _ => false,
        }
}

/// The title of a heading that has a number or a sign before it: `4. Refund`, `4) Refund`, `§ 4 Refund`.
fn number_and_title(text: &str) -> Option<&str> {
    let title = text.trim_start_matches(|c: char| c.is_ascii_digit() || ".)(# -■●▶◆□○※§".contains(c));
    (title.len() < text.len() && !title.is_empty()).then_some(title)
}

fn same_title(spec: &str, page: &str) -> bool {
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
        && title.starts_with(|c: char| c.is_uppercase() || is_korean(c) || c == '[' || c == '/')
        && number.split('.').all(|part| part.len() <= 2);
    fits.then(|| (number.trim_end_matches('.'), title))
}

fn is_korean(c: char) -> bool {
    ('가'..='힣').contains(&c)
}

/// Whether a row that no label announces leaves no doubt that it is one.
fn is_sure(row: &Row, mark: Mark) -> bool {
    let typed = row.types.first().is_some_and(|of| words::shape(&of.text).is_some());
    typed && (matches!(mark, Mark::Item(_) | Mark::Term) || !row.limits.is_empty() || row.mandatory == Some(true))
}

fn looks_like_heading(text: &str) -> bool {
    let words = text.split(' ').count();
    let korean = text.starts_with(is_korean) && text.chars().count() <= 30;
    (text.starts_with(|c: char| c.is_ascii_uppercase()) && words >= 2 || korean)
        && words <= 9
        && text.chars().all(|c| c.is_alphanumeric() || " ()-/&'".contains(c))
        && text.ends_with(|c: char| c.is_alphanumeric() || c == ')')
        && !text.ends_with(['다', '요'])
        && words::label(text).is_none()
}

/// Whether method and URL, or the parameters of a request, come before anything else that has a label.
fn begins_a_section(blocks: &[Block]) -> bool {
    for (n, block) in blocks.iter().take(60).enumerate() {
        let BlockKind::Text(text, _) = &block.kind else { return false };
        match words::label(text) {
            Some(Label::Endpoint | Label::Part(Part::Request | Part::Header)) => return true,
            Some(_) => return false,
            None if request::in_line(text).is_some() => return true,
            None if row::from_line(&blocks[n..=n], Part::Request).is_some() => return false,
            None => {}
        }
    }
    false
}

/// The first heading that is a label, if no other heading comes before it.
fn first_label(blocks: &[Block]) -> Option<Label> {
    let heading = blocks.iter().take(40).find_map(|block| match &block.kind {
        BlockKind::Heading(_, text) => Some(text),
        _ => None,
    });
    heading.and_then(|text| words::label(text))
}

/// Whether a request of its own comes before the next heading that is no deeper.
fn begins_its_own(blocks: &[Block], level: u8) -> bool {
    let mut endpoint = false;
    for block in blocks.iter().take(40) {
        match &block.kind {
            BlockKind::Heading(next, text) => match words::label(text) {
                Some(Label::Endpoint) => endpoint = true,
                Some(Label::Definition | Label::Sample) => return false,
                Some(_) => {}
                None if request::in_heading(text).is_some() => return true,
                None if *next <= level => return false,
                None => {}
            },
            BlockKind::Text(text, _) => {
                if request::in_line(text).is_some() || endpoint && words::method(text).is_some() {
                    return true;
                }
            }
            BlockKind::Code(text) if endpoint => {
                return request::in_line(&tidy(text.lines().next().unwrap_or_default())).is_some();
            }
            BlockKind::Code(_) => return false,
            BlockKind::Table(_) => {}
        }
    }
    false
}
