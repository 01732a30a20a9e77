//! Reads the tables of a section. A table contains fields, values, HTTP statuses, stages, versions or a request.

use super::table_columns::Table;
use super::{Outline, State};
use crate::block::{Block, BlockKind, Cell, Mark, TableRow};
use crate::page::{Fact, Part, Row, Value};
use crate::words::{self, Column};
use crate::{request, row, values};
use std::collections::HashMap;

impl Outline<'_> {
    pub(super) fn table(&mut self, rows: &[TableRow]) {
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
            // A table in the description of a row is read as a list of the field's values.
            row.values.extend(values::of_nested_table(rows));
            for of in rows {
                let text = of.cells.iter().map(Cell::line).collect::<Vec<_>>().join(" ");
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

    /// Reads a table with only one column, if at least two thirds of its cells contain the row of a field as running
    /// text. Returns `false` for any other table.
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
            // A cell that spans all columns is a heading within the table.
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
            // In Markdown, a table without column heads has a header row of empty cells.
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

    /// Reads a table that states the method and the URL of a request, in two columns or in two rows. Returns `false`
    /// for any other table.
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
}
