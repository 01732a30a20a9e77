//! Converts pandoc's extensions of Markdown to CommonMark and HTML: fenced divisions, spans with attributes, and tables
//! drawn with dashes.
//!
//! The conversion does not change the line number of any text.

use super::wrap::size;
use std::borrow::Cow;
use std::fmt::Write as _;
use std::ops::Range;

/// Largest number of lines of a table.
const LONGEST_TABLE: usize = 500;

/// Largest length of a span's attributes, in bytes.
const LONGEST_ATTRIBUTES: usize = 300;

/// Returns the Markdown with pandoc's extensions converted or removed.
pub(crate) fn without_additions(text: &str) -> Cow<'_, str> {
    let division = |line: &str| line.trim_start().starts_with(":::");
    let spans = ["]{.", "]{#", "]{style", "]{color"].iter().any(|sign| text.contains(sign));
    let drawn = text.lines().any(|line| columns(line).is_some());
    if !spans && !drawn && !text.lines().any(division) {
        return Cow::Borrowed(text);
    }
    let text = if spans { without_spans(text) } else { text.to_owned() };
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let mut fence: Option<String> = None;
    for n in 0..lines.len() {
        let trimmed = lines[n].trim_start();
        let marks: String = trimmed.chars().take_while(|c| matches!(c, '`' | '~')).collect();
        match &fence {
            Some(open) if marks.len() >= open.len() && marks.starts_with(open.as_str()) => fence = None,
            Some(_) => {}
            None if marks.len() >= 3 => fence = Some(marks),
            None if division(trimmed) => {
                lines[n].clear();
                // A backslash at the end of a line is a hard line break, which has no effect before the end of a
                // division.
                if let Some(before) = n.checked_sub(1).filter(|before| lines[*before].ends_with('\\')) {
                    lines[before].pop();
                }
            }
            None if trimmed.starts_with('#') => {
                let end = trimmed.rfind(" {#").filter(|_| trimmed.trim_end().ends_with('}'));
                if let Some(end) = end {
                    lines[n] = trimmed[..end].to_owned();
                }
            }
            None => table(&mut lines, n),
        }
    }
    Cow::Owned(lines.join("\n"))
}

/// Returns the columns that a line of dashes marks, if there are at least two.
fn columns(line: &str) -> Option<Vec<Range<usize>>> {
    let line = line.trim_end();
    if !line.trim_start().starts_with("--") || !line.contains(' ') || !line.bytes().all(|b| matches!(b, b'-' | b' ')) {
        return None;
    }
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut at = 0;
    for piece in line.split(' ') {
        if !piece.is_empty() {
            found.push(at..at + piece.len());
        }
        at += piece.len() + 1;
    }
    (found.len() >= 2 && found.iter().all(|column| column.len() >= 2)).then_some(found)
}

/// Returns `true` for a line of dashes without gaps, such as the lines above and below a table with heads and with rows
/// of several lines.
fn is_solid(line: &str) -> bool {
    let line = line.trim();
    line.len() >= 3 && line.bytes().all(|b| b == b'-')
}

/// Returns the first line of the column heads above line `n`. The heads have several lines only below a solid line of
/// dashes. `None` if there are no heads.
fn heads(lines: &[String], n: usize) -> Option<usize> {
    let is_text = |line: &String| !line.trim().is_empty() && !line.starts_with('<') && !is_solid(line);
    let first = lines[..n].iter().rposition(|line| !is_text(line)).map_or(0, |before| before + 1);
    match first {
        _ if first == n => None,
        _ if first > 0 && is_solid(&lines[first - 1]) => Some(first),
        _ => Some(n - 1),
    }
}

/// Converts a table to HTML, if line `n` is the line of dashes above the table or below its column heads.
fn table(lines: &mut [String], n: usize) {
    let Some(columns) = columns(&lines[n]) else { return };
    let heads = heads(lines, n);
    let top = heads.and_then(|first| first.checked_sub(1)).filter(|top| is_solid(&lines[*top]));
    let rule = lines[top.unwrap_or(n)].trim().to_owned();
    let below = (n + 1..lines.len()).take(LONGEST_TABLE);
    // A table with heads may also end at a blank line. An equal line of dashes then belongs to the next table, where
    // rows follow it.
    let is_last = |at: &usize| {
        let after = lines.get(at + 1).map_or("", |line| line.trim());
        heads.is_none() || after.is_empty() || after.starts_with(":::")
    };
    let closed = below.clone().find(|at| lines[*at].trim() == rule).filter(is_last);
    let blank = || below.clone().find(|at| lines[*at].trim().is_empty()).unwrap_or(lines.len());
    let end = match closed {
        Some(end) => end,
        None if heads.is_some() => blank(),
        None => return,
    };
    if let Some(first) = heads {
        let whole: Vec<&str> = lines[first..n].iter().map(String::as_str).collect();
        lines[first] = row(&columns, &whole, "th");
        lines[first].insert_str(0, "<table>");
        lines[first + 1..=n].iter_mut().for_each(String::clear);
    } else {
        lines[n] = "<table>".to_owned();
    }
    if let Some(top) = top {
        lines[top].clear();
    }
    // If blank lines separate the rows, a row may have several lines.
    let parted = lines[n + 1..end].iter().any(|line| line.trim().is_empty());
    let mut at = n + 1;
    while at < end {
        if lines[at].trim().is_empty() {
            at += 1;
            continue;
        }
        let mut last = at + 1;
        while parted && last < end && !lines[last].trim().is_empty() {
            last += 1;
        }
        let whole: Vec<&str> = lines[at..last].iter().map(String::as_str).collect();
        lines[at] = row(&columns, &whole, "td");
        lines[at + 1..last].iter_mut().for_each(String::clear);
        at = last;
    }
    if end < lines.len() {
        lines[end] = "</table>".to_owned();
    }
}

/// Returns the HTML of a row whose cells may continue over several lines.
fn row(columns: &[Range<usize>], lines: &[&str], tag: &str) -> String {
    let mut out = String::from("<tr>");
    for (n, column) in columns.iter().enumerate() {
        let end = if n + 1 == columns.len() { usize::MAX } else { columns[n + 1].start };
        let start = if n == 0 { 0 } else { column.start };
        let pieces: Vec<&str> = lines.iter().map(|line| piece(line, start..end).trim()).collect();
        let text = pieces.join(" ");
        let text = unescaped(text.trim()).replace('&', "&amp;").replace('<', "&lt;");
        let _ = write!(out, "<{tag}>{text}</{tag}>");
    }
    out + "</tr>"
}

/// Returns the text of a line between two display columns.
fn piece(line: &str, room: Range<usize>) -> &str {
    let place = |wanted: usize| {
        let mut at = 0;
        for (n, c) in line.char_indices() {
            if at >= wanted {
                return n;
            }
            at += size(c.encode_utf8(&mut [0; 4]));
        }
        line.len()
    };
    let (start, end) = (place(room.start), place(room.end));
    line.get(start..end.max(start)).unwrap_or_default()
}

fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut escaped = false;
    for c in text.chars() {
        if c == '\\' && !escaped {
            escaped = true;
            continue;
        }
        if escaped && !c.is_ascii_punctuation() {
            out.push('\\');
        }
        escaped = false;
        out.push(c);
    }
    out
}

/// Returns the text in braces at the start of a text, or `None` if the closing brace is missing or far away.
fn attributes(text: &str) -> Option<&str> {
    let rest = text.strip_prefix('{')?;
    let end = rest.bytes().take(LONGEST_ATTRIBUTES).position(|b| b == b'}')?;
    rest.get(..end)
}

/// Removes the brackets and attributes of spans: `[string [32]{.max}]{.type}` becomes `string 32`.
fn without_spans(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut open: Vec<usize> = Vec::new();
    let mut gone: Vec<Range<usize>> = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 1,
            b'\n' if bytes.get(at + 1) == Some(&b'\n') => open.clear(),
            b'[' => open.push(at),
            b']' => {
                let start = open.pop();
                let attributes = attributes(&text[at + 1..]);
                let are = |text: &&str| text.starts_with(['.', '#']) || text.contains('=');
                if let (Some(start), Some(attributes)) = (start, attributes.filter(are)) {
                    gone.push(start..start + 1);
                    gone.push(at..at + attributes.len() + 3);
                    at += attributes.len() + 2;
                }
            }
            _ => {}
        }
        at += 1;
    }
    gone.sort_by_key(|range| range.start);
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for range in gone {
        out.push_str(text.get(from..range.start).unwrap_or_default());
        from = range.end;
    }
    out.push_str(&text[from..]);
    out
}
