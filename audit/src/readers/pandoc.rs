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

/// Converts a table to HTML, if line `n` is the line of dashes above the table or below its column heads.
fn table(lines: &mut [String], n: usize) {
    let Some(columns) = columns(&lines[n]) else { return };
    let headed = n > 0 && !lines[n - 1].trim().is_empty() && !lines[n - 1].starts_with('<');
    let rule = lines[n].trim().to_owned();
    let below = (n + 1..lines.len()).take(LONGEST_TABLE);
    let closed = below.clone().find(|at| lines[*at].trim() == rule);
    let blank = || below.clone().find(|at| lines[*at].trim().is_empty()).unwrap_or(lines.len());
    let end = match closed {
        Some(end) => end,
        None if headed => blank(),
        None => return,
    };
    if headed {
        lines[n - 1] = row(&columns, &[lines[n - 1].as_str()], "th");
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
    match headed {
        true => {
            lines[n - 1].insert_str(0, "<table>");
            lines[n].clear();
        }
        false => lines[n] = "<table>".to_owned(),
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
