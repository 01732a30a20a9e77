//! Converts blocks to sections, rows and lists.
//!
//! A line that is a heading in the spec opens a section. Another line may open a section if it is marked as a heading
//! or numbered, or if it looks like a heading and the content of a section follows it.

mod headings;
mod read_table;
mod table_columns;

pub(crate) use headings::{numbered, same_heading};

use super::block::{Block, BlockKind, Cell, Mark, tidy};
use super::page::{Endpoint, Fact, List, Page, Part, Row, Section, Value};
use super::words::{self, Column, Label};
use super::{request, row, values};
use headings::{begins_a_section, first_label, has_own_request, is_korean, looks_like_heading};

/// Heading in the spec.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    pub heading: String,
    /// Set if this is the heading of an operation or a callback.
    pub owned: bool,
}

/// Reads the content of a page. `known` are the headings in the spec.
pub(crate) fn read(blocks: &[Block], known: &[Known]) -> Page {
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

/// Collects the signs, such as `M` or `X`, that stand in the page's columns of requirements.
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

/// Reads limits from the descriptions of the request's rows, unless a row of the request states a limit in another way.
/// Does the same for the rows of the reply.
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

/// Number of bytes that a line must exceed to count as wrapped.
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
    /// State before the current sample. It is restored after the sample.
    before_sample: State,
    /// Row of running text that is being read.
    row: Option<Row>,
    /// Set if the next value belongs to the current list.
    list: bool,
    request: request::Pending,
    /// Signs of requirements on the page.
    signs: words::Signs,
    /// Present if the fields of the current part are items of a list.
    items: Option<Items>,
}

/// Fields that are items of a list.
#[derive(Debug, Clone, Copy)]
struct Items {
    depth: u8,
    /// Set if some of the fields have types.
    typed: bool,
}

impl Outline<'_> {
    /// Reads the content that begins with the first block. Returns the number of blocks that were read.
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
            for block in &blocks[1..found.blocks_read.min(blocks.len())] {
                let text = block.line_of_text().unwrap_or_default().to_owned();
                self.keep(block.line, &text);
            }
            if let Mark::Item(depth) = mark {
                let typed = self.items.is_some_and(|items| items.typed) || !found.row.types.is_empty();
                self.items = Some(Items { depth, typed });
            }
            self.row = Some(found.row);
            return found.blocks_read;
        }
        if let Some(row) = self.item(blocks, text, mark) {
            self.end_row();
            self.row = Some(row);
            return 1;
        }
        self.prose(line, text, mark);
        1
    }

    /// Returns `true` if a line that was read as a row is probably only the end of a wrapped sentence.
    fn ends_sentence(&self, found: &Row) -> bool {
        let states = !found.types.is_empty() || !found.limits.is_empty() || found.mandatory == Some(true);
        if states || row::is_made_of_words(&found.name) {
            return false;
        }
        let before = self.row.as_ref().and_then(|row| row.text.last()).map_or("", |fact| fact.text.as_str());
        before.len() > LONG_LINE && before.ends_with(|c: char| c.is_ascii_lowercase() || c == ',')
    }

    /// Reads a list item that consists of the name and the explanation of a field. The first such item of a list does
    /// not count as a field if the next item is not about a field.
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
        // The search for the next sibling is limited, because an item may have many lines.
        let siblings = blocks.iter().skip(1).take(100).filter_map(|block| match &block.kind {
            BlockKind::Text(text, Mark::Item(of)) if *of == depth => Some(text),
            _ => None,
        });
        let named = siblings.take(1).all(|text| row::from_item(text, 0, part).is_some());
        self.items = named.then_some(Items { depth, typed: false });
        named.then_some(found)
    }

    /// Returns the part of the operation, such as the request, to which a row at the current line would belong. Rows
    /// after a line such as `POST /v1/payments` belong to the request, unless a label comes before the rows.
    fn part_of_line(&self, mark: Mark) -> Option<Part> {
        let requested = self.page.sections.last().is_some_and(|section| !section.endpoints.is_empty());
        match self.state {
            State::Part(part) => Some(part),
            State::Prose | State::Endpoint if requested && mark != Mark::Alone => Some(Part::Request),
            _ => None,
        }
    }

    /// Returns the label in a line. In the description of a row, some labels do not count, because their words may be
    /// part of the explanation.
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

    /// Returns the level of the section that a line opens, or `None` if the line opens no section.
    fn heading(&self, blocks: &[Block], text: &str, marked: Option<u8>, alone: bool) -> Option<u8> {
        // Among rows, the words of a heading may be an explanation, so only headings of operations and callbacks count.
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
            // A heading below the second level, or a label such as `Request`, only divides the current section.
            let divides = below && (depth > 2 || words::label(title).is_some());
            return (!divides).then_some(depth as u8);
        }
        if !alone || !looks_like_heading(text) {
            return None;
        }
        // If the current section is about an operation or a callback of the spec, the line counts as text until the
        // section has a row or a request.
        let awaits = current.rows.is_empty() && current.endpoints.is_empty() && self.owned(current);
        (!awaits && begins_a_section(&blocks[1..])).then_some(1)
    }

    fn marked_heading(&self, blocks: &[Block], text: &str, level: u8, current: &Section) -> Option<u8> {
        let request = request::in_heading(text);
        let has_own = !current.endpoints.is_empty() || !current.rows.is_empty();
        if request.is_some() {
            // The request may belong to the section that was opened by a heading of a higher level.
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
        // After rows of a request and of its reply, a heading that precedes another label for request fields begins a
        // new section.
        let has = |part: Part| current.rows.iter().any(|row| row.part == part);
        let restarts =
            has(Part::Request) && has(Part::Reply) && first_label(&blocks[1..]) == Some(Label::Part(Part::Request));
        (!below || restarts || has_own_request(&blocks[1..], level) || words::is_callback(text)).then_some(level)
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
            self.merge_into_parent(level);
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

    /// Merges the last section into the section above it, if both sections contain only prose so far. The request that
    /// follows belongs to both headings.
    fn merge_into_parent(&mut self, level: Option<u8>) {
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
            // Short code that is not JSON may contain headers, or a request over several lines.
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

    /// Returns the part to which the rows of a table belong.
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
        // The description of a header may explain how the header is computed. Words in this description that look like
        // values are therefore not read as values of the header.
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

/// Returns `true` if a row without a preceding label is certainly about a field.
fn is_sure(row: &Row, mark: Mark) -> bool {
    let typed = row.types.first().is_some_and(|of| words::shape(&of.text).is_some());
    typed && (matches!(mark, Mark::Item(_) | Mark::Term) || !row.limits.is_empty() || row.mandatory == Some(true))
}
