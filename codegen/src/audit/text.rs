//! Running text to blocks: rows of tables that are broken over several lines are joined up to their closing bar.

use super::block::{Block, BlockKind, tidy};

/// A row is never broken over more lines than this; beyond it, a stray bar is taken for text.
const LONGEST_ROW: usize = 40;

/// The blocks of a page saved as text.
pub fn read(text: &str) -> Vec<Block> {
    let lines: Vec<String> = text.lines().map(tidy).collect();
    let mut blocks = Vec::new();
    let mut table = 0;
    let mut columns = 0;
    let mut n = 0;
    while n < lines.len() {
        let line = &lines[n];
        if line.is_empty() {
            n += 1;
            continue;
        }
        if let Some((cells, used)) = row(&lines[n..], columns) {
            if columns == 0 {
                table += 1;
                columns = cells.len();
            }
            blocks.push(Block { line: n + 1, kind: BlockKind::Row(table, cells) });
            n += used;
            continue;
        }
        columns = 0;
        let blank = |at: Option<&String>| at.is_none_or(String::is_empty);
        let alone = blank(n.checked_sub(1).map(|before| &lines[before])) && blank(lines.get(n + 1));
        blocks.push(Block { line: n + 1, kind: BlockKind::Text(line.clone(), alone) });
        n += 1;
    }
    blocks
}

/// The cells of the row that begins here, and how many lines it takes.
fn row(lines: &[String], columns: usize) -> Option<(Vec<String>, usize)> {
    let first = lines.first()?;
    let closed = first.contains(" |") && first.ends_with('|');
    let is_row = closed || first.contains(" | ") || first.starts_with('|');
    if !is_row {
        return None;
    }
    let mut text = first.clone();
    let mut used = 1;
    while !text.ends_with('|') {
        let next = lines.get(used).filter(|_| used < LONGEST_ROW)?;
        // A row that lacks its closing bar ends where the next one begins.
        if cells(&text).len() >= columns.max(2) && next.trim_end_matches('|').contains(" | ") {
            break;
        }
        text.push('\n');
        text.push_str(next);
        used += 1;
    }
    Some((cells(&text), used))
}

fn cells(text: &str) -> Vec<String> {
    let text = text.strip_prefix('|').unwrap_or(text);
    let text = text.strip_suffix('|').unwrap_or(text);
    text.split('|').map(|cell| cell.trim().to_owned()).collect()
}
