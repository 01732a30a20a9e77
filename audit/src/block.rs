//! Blocks: the common representation of text, Markdown and HTML pages.
//!
//! Each reader converts one notation, independently of any API. `outline` interprets the blocks.

/// Part of a page, and the line at which the part begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Block {
    /// Line in the file, starting at 1.
    pub line: usize,
    pub kind: BlockKind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum BlockKind {
    /// A heading that the notation marks. Contains the level and the text of the heading.
    Heading(u8, String),
    /// A line of running text.
    Text(String, Mark),
    Table(Vec<TableRow>),
    Code(String),
}

/// Mark that the notation gives to a line of running text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    Plain,
    /// The line stands between blank lines. In plain text, this is the only mark of a heading.
    Alone,
    /// The line is an item of a list. Contains the depth of the list.
    Item(u8),
    /// The line is a term of a definition list. The lines after it define the term.
    Term,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TableRow {
    /// Line in the file, starting at 1.
    pub line: usize,
    /// Set if the notation marks the row as a header row.
    pub head: bool,
    /// Cells, one for each column.
    pub cells: Vec<Cell>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Cell {
    /// Text of the cell. Line breaks are kept.
    pub text: String,
    /// Tables inside the cell, each as a list of rows.
    pub tables: Vec<Vec<TableRow>>,
    /// Number of columns that the cell spans, or 0 if it spans only one.
    pub columns: usize,
    /// Set if the cell above spans this row too.
    pub continued: bool,
}

impl Cell {
    /// Creates a cell without nested tables.
    pub(crate) fn text(text: &str) -> Self {
        Cell { text: tidy(text), ..Cell::default() }
    }

    /// Returns the text as one line.
    pub(crate) fn line(&self) -> String {
        self.text.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

impl Block {
    pub(crate) fn text(line: usize, text: &str) -> Self {
        Block { line, kind: BlockKind::Text(tidy(text), Mark::Plain) }
    }

    /// Returns the text of a heading or of a line of running text.
    pub(crate) fn line_of_text(&self) -> Option<&str> {
        match &self.kind {
            BlockKind::Heading(_, text) | BlockKind::Text(text, _) => Some(text),
            BlockKind::Table(_) | BlockKind::Code(_) => None,
        }
    }
}

/// Normalizes quotation marks, hyphens, blanks, full-width forms and Korean letters. Removes invisible characters, and
/// trims the text.
pub(crate) fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            // These characters stay the same. They are checked first, because most characters are among them.
            'a'..='z' | 'A'..='Z' | '0'..='9' | '가'..='힣' => out.push(c),
            '\u{2018}' | '\u{2019}' | '\u{201c}' | '\u{201d}' | '"' | '`' | '\u{ff07}' | '\u{ff02}' => out.push('\''),
            c if is_invisible(c) => {}
            '\u{2010}' | '\u{2011}' | '\u{2212}' => out.push('-'),
            '\n' => {
                out.truncate(out.trim_end_matches(' ').len());
                out.push('\n');
            }
            c if c.is_whitespace() => {
                if !out.is_empty() && !out.ends_with([' ', '\n']) {
                    out.push(' ');
                }
            }
            // Full-width forms become ASCII characters.
            '\u{ff01}'..='\u{ff5e}' => out.extend(char::from_u32(c as u32 - 0xfee0)),
            '\u{1161}'..='\u{1175}' | '\u{11a8}'..='\u{11c2}' => compose(&mut out, c),
            c => out.push(c),
        }
    }
    out.truncate(out.trim_end().len());
    let start = out.len() - out.trim_start().len();
    out.drain(..start);
    out
}

/// Returns `true` for invisible characters, such as soft hyphens, joiners, direction marks and byte order marks.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{0}')
}

/// Appends a combining Korean vowel or final consonant. It is composed with the preceding character if Unicode has the
/// composed syllable.
fn compose(out: &mut String, c: char) {
    let joined = out.chars().next_back().and_then(|last| {
        let (last, letter) = (last as u32, c as u32);
        match (last, letter) {
            (0x1100..=0x1112, 0x1161..=0x1175) => {
                char::from_u32(0xac00 + ((last - 0x1100) * 21 + letter - 0x1161) * 28)
            }
            (0xac00..=0xd7a3, 0x11a8..=0x11c2) if (last - 0xac00) % 28 == 0 => char::from_u32(last + letter - 0x11a7),
            _ => None,
        }
    });
    match joined {
        Some(joined) => {
            out.pop();
            out.push(joined);
        }
        None => out.push(c),
    }
}

/// Index for finding the line of a byte offset.
pub(crate) struct Lines(Vec<usize>);

impl Lines {
    pub(crate) fn new(text: &str) -> Self {
        Lines(text.match_indices('\n').map(|(at, _)| at).collect())
    }

    /// Returns the line of a byte offset, starting at 1.
    pub(crate) fn of(&self, offset: usize) -> usize {
        self.0.partition_point(|end| *end < offset) + 1
    }
}
