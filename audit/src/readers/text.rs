//! Converts running text to blocks. Wrapped rows of tables with bars or tabs are joined.

use super::wrap::Wrapped;
use crate::block::{Block, BlockKind, Cell, Mark, TableRow, tidy};
use crate::{row, words};

/// Largest number of lines of a table row. A line with bars counts as text if its row would have more lines.
const LONGEST_ROW: usize = 40;

pub(crate) fn read(text: &str) -> Vec<Block> {
    let raw: Vec<&str> = text.lines().collect();
    let wrapped = Wrapped::new(&raw);
    let lines: Vec<String> = raw.iter().map(|line| tidy(line)).collect();
    let mut blocks = Vec::new();
    let mut table: Vec<TableRow> = Vec::new();
    let mut n = 0;
    while n < lines.len() {
        let line = &lines[n];
        let columns = table.first().map_or(0, |row| row.cells.len());
        let headed = table.first().is_some_and(has_heads);
        if line.is_empty() {
            n += 1;
            continue;
        }
        if let Some((cells, used)) =
            row_of_tabs(&raw[n..], &lines[n..], columns, headed).or_else(|| row_of_bars(&lines[n..], columns))
        {
            // The line of dashes below the header row of a Markdown table is not a row.
            if !cells.iter().all(|cell| !cell.is_empty() && cell.bytes().all(|b| b"-: ".contains(&b))) {
                let cells = cells.iter().map(|cell| Cell::text(cell)).collect();
                table.push(TableRow { line: n + 1, head: false, cells });
            }
            n += used;
            continue;
        }
        finish(&mut table, &mut blocks);
        if let Some((rows, used)) = by_heads(&lines[n..], n) {
            blocks.push(Block { line: n + 1, kind: BlockKind::Table(rows) });
            n += used;
            continue;
        }
        let blank = |at: Option<&String>| at.is_none_or(String::is_empty);
        let alone = blank(n.checked_sub(1).map(|before| &lines[before])) && blank(lines.get(n + 1));
        let mark = if alone { Mark::Alone } else { Mark::Plain };
        let mut text = line.clone();
        let first = n;
        while wrapped.goes_on(n) {
            n += 1;
            text.push(' ');
            text.push_str(&lines[n]);
        }
        blocks.push(Block { line: first + 1, kind: BlockKind::Text(text, mark) });
        n += 1;
    }
    finish(&mut table, &mut blocks);
    blocks
}

fn finish(table: &mut Vec<TableRow>, blocks: &mut Vec<Block>) {
    if let Some(first) = table.first() {
        blocks.push(Block { line: first.line, kind: BlockKind::Table(std::mem::take(table)) });
    }
}

/// Returns `true` if a row has at least two column heads.
fn has_heads(row: &TableRow) -> bool {
    row.cells.iter().filter(|cell| words::column(&cell.text).is_some()).count() >= 2
}

/// Returns the cells of a row with tabs, and its number of lines. The row continues in the following lines until it has
/// as many cells as the first row of the table. In a table with heads, the last cell of a row may continue in further
/// lines.
fn row_of_tabs(raw: &[&str], lines: &[String], columns: usize, headed: bool) -> Option<(Vec<String>, usize)> {
    let tabs = |line: &str| line.trim().matches('\t').count();
    let first = raw.first()?.trim_matches([' ', '\r', '\n']);
    let first = if columns == 0 { first.trim_matches('\t') } else { first };
    if tabs(first) == 0 {
        return None;
    }
    // A table begins with column heads, or with two lines that have the same number of tabs. Other tabs are text.
    let cells: Vec<String> = first.split('\t').map(str::to_owned).collect();
    if columns == 0 {
        let heads = cells.iter().filter(|cell| words::column(cell).is_some()).count();
        let more = raw.get(1).is_some_and(|next| tabs(next) == tabs(first));
        if !(heads >= 2 || more && cells.iter().all(|cell| !cell.trim().is_empty()) && cells.len() >= 2) {
            return None;
        }
    }
    let mut cells = cells;
    let mut used = 1;
    while used < LONGEST_ROW && columns > 0 {
        let Some(next) = raw.get(used) else { break };
        let text = &lines[used];
        let complete = cells.len() >= columns;
        let begins_row = tabs(next) > 0 && complete;
        if text.is_empty() || begins_row || complete && !headed || ends_table(text) {
            break;
        }
        let mut pieces = next.trim_matches(['\r', '\n']).split('\t');
        if let (Some(last), Some(piece)) = (cells.last_mut(), pieces.next()) {
            last.push('\n');
            last.push_str(piece);
        }
        cells.extend(pieces.map(str::to_owned));
        used += 1;
    }
    Some((cells, used))
}

/// Returns `true` if a line without separators ends the table above it. Such a line is a label, a heading, a request,
/// or a field with its type.
fn ends_table(line: &str) -> bool {
    words::label(line).is_some()
        || crate::outline::numbered(line).is_some()
        || crate::request::in_line(line).is_some()
        || row::from_line(&[Block::text(1, line)], crate::page::Part::Request).is_some()
}

/// Returns the cells of a row with bars, and its number of lines.
fn row_of_bars(lines: &[String], columns: usize) -> Option<(Vec<String>, usize)> {
    let first = lines.first()?;
    let closed = first.contains(" |") && first.ends_with('|');
    let is_row = closed || first.contains(" | ") || first.starts_with('|');
    if !is_row {
        return None;
    }
    // A line such as `name | string(32) | 필수` is a row of running text, and not of a table.
    if columns == 0 && !closed && is_lone_row(lines) {
        return None;
    }
    let mut text = first.clone();
    let mut used = 1;
    while !text.ends_with('|') {
        let next = lines.get(used).filter(|_| used < LONGEST_ROW)?;
        // A row without a closing bar ends where the next row begins.
        if cells(&text).len() >= columns.max(2) && next.trim_end_matches('|').contains(" | ") {
            break;
        }
        text.push('\n');
        text.push_str(next);
        used += 1;
    }
    Some((cells(&text), used))
}

/// Returns `true` if a line with bars is a row of running text, and not the header row of a table.
fn is_lone_row(lines: &[String]) -> bool {
    let block = Block::text(1, &lines[0]);
    let heads = cells(&lines[0]).iter().filter(|cell| words::column(cell).is_some()).count();
    heads < 2 && !lines[0].starts_with('|') && row::from_line(&[block], crate::page::Part::Request).is_some()
}

fn cells(text: &str) -> Vec<String> {
    let text = text.strip_prefix('|').unwrap_or(text);
    let text = text.strip_suffix('|').unwrap_or(text);
    text.split('|').map(|cell| cell.trim().to_owned()).collect()
}

/// Reads a table whose cells are separated by blanks, as copied from a PDF. The table begins with a line of column
/// heads.
fn by_heads(lines: &[String], offset: usize) -> Option<(Vec<TableRow>, usize)> {
    let heads = heads(lines.first()?)?;
    let columns: Vec<_> = heads.iter().map(|head| words::column(head)).collect();
    let mut rows =
        vec![TableRow { line: offset + 1, head: true, cells: heads.iter().map(|head| Cell::text(head)).collect() }];
    let mut used = 1;
    while let Some(line) = lines.get(used) {
        if line.is_empty() {
            let more = lines.get(used + 1).is_some_and(|next| cells_by_kind(next, &columns).is_some());
            if !more {
                break;
            }
            used += 1;
            continue;
        }
        match cells_by_kind(line, &columns) {
            Some(cells) => rows.push(TableRow { line: offset + used + 1, head: false, cells }),
            None => {
                let Some(last) = rows.last_mut().filter(|_| !ends_table(line)) else { break };
                // Heads that are repeated at the top of the next page are skipped.
                if self::heads(line).as_ref() != Some(&heads) {
                    let cell = last.cells.last_mut().filter(|_| !last.head)?;
                    cell.text.push('\n');
                    cell.text.push_str(line);
                }
            }
        }
        used += 1;
    }
    (rows.len() > 1).then_some((rows, used))
}

/// Returns the column heads in a line, or `None` if the line contains other words or has no columns for names and
/// types.
fn heads(line: &str) -> Option<Vec<String>> {
    use words::Column;
    let words: Vec<&str> = line.split_whitespace().collect();
    if !(3..=12).contains(&words.len()) {
        return None;
    }
    let mut found = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let fits = |n: &usize| {
            let column = words::column(&words[at..at + n].join(" "));
            if at == 0 { column == Some(Column::Name) } else { column.is_some() }
        };
        let n = (1..=3.min(words.len() - at)).rev().find(fits)?;
        found.push(words[at..at + n].join(" "));
        at += n;
    }
    let columns: Vec<_> = found.iter().filter_map(|head| words::column(head)).collect();
    let fields = columns.first() == Some(&Column::Name) && columns.contains(&Column::Type) && columns.len() >= 3;
    fields.then_some(found)
}

/// Returns the cells of a row that has no separators. The row begins with a name. Each further cell is the text that
/// fits the meaning of its column.
fn cells_by_kind(line: &str, columns: &[Option<words::Column>]) -> Option<Vec<Cell>> {
    use words::Column;
    let mut rest = line.trim();
    let mut cells = Vec::new();
    for (n, column) in columns.iter().enumerate() {
        let last = n + 1 == columns.len();
        let take = |words: usize| -> Option<(&str, &str)> {
            let mut end = 0;
            let mut seen = 0;
            for piece in rest.split_inclusive(' ') {
                end += piece.len();
                seen += 1;
                if seen == words {
                    break;
                }
            }
            (seen == words).then(|| (rest[..end].trim(), rest[end..].trim_start()))
        };
        let longest = |fits: &dyn Fn(&str) -> bool| (1..=4).rev().filter_map(take).find(|(text, _)| fits(text));
        let found = match column {
            Some(Column::Name) => {
                let (name, after) = take(1)?;
                row::name_of(name)
                    .filter(|_| name.starts_with(|c: char| c.is_ascii_alphabetic() || "*'[".contains(c)))?;
                Some((name, after))
            }
            Some(Column::Type) => Some(longest(&|text| words::shape(text).is_some())?),
            Some(Column::Required | Column::Optional) => longest(&|text| words::requirement(text).is_some()),
            Some(Column::Rules) => {
                longest(&|text| words::limit(text).is_some() || text == "-" || text.bytes().all(|b| b.is_ascii_digit()))
            }
            _ if last => Some((rest, "")),
            _ => take(1),
        };
        let (text, after) = found.unwrap_or(("", rest));
        cells.push(Cell::text(text));
        rest = after;
    }
    if let Some(cell) = cells.last_mut().filter(|_| !rest.is_empty()) {
        cell.text.push(' ');
        cell.text.push_str(rest);
    }
    Some(cells)
}
