//! A page as a flat list of blocks: what the readers of text, Markdown and HTML have in common.
//!
//! A reader knows one notation and nothing of APIs; what the blocks mean is for `outline` to say.

/// A piece of a page, with the line it begins on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// The line in the file, from 1.
    pub line: usize,
    /// What it is.
    pub kind: BlockKind,
}

/// What a block is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BlockKind {
    /// A heading that is marked as one, with its level.
    Heading(u8, String),
    /// A line of running text. With `true`, it stands alone: headings of plain text are not marked otherwise.
    Text(String, bool),
    /// A row of a table, with the number of the table. A cell keeps its line breaks.
    Row(usize, Vec<String>),
    /// Code.
    Code(String),
}

impl Block {
    /// A line of running text that cannot be a heading.
    pub fn text(line: usize, text: &str) -> Self {
        Block { line, kind: BlockKind::Text(tidy(text), false) }
    }
}

/// One kind of quotation mark and one kind of blank, and none of either at the ends.
pub fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\u{2018}' | '\u{2019}' | '\u{201c}' | '\u{201d}' | '"' | '`' | '\u{ff07}' | '\u{ff02}' => out.push('\''),
            '\u{200b}' | '\u{feff}' => {}
            '\u{2010}' | '\u{2011}' => out.push('-'),
            c if c.is_whitespace() && c != '\n' => {
                if !out.is_empty() && !out.ends_with([' ', '\n']) {
                    out.push(' ');
                }
            }
            '\n' => {
                out.truncate(out.trim_end_matches(' ').len());
                out.push('\n');
            }
            c => out.push(c),
        }
    }
    out.trim().to_owned()
}

/// The line numbers of byte offsets.
pub struct Lines(Vec<usize>);

impl Lines {
    /// Of this text.
    pub fn new(text: &str) -> Self {
        Lines(text.match_indices('\n').map(|(at, _)| at).collect())
    }

    /// The line of a byte offset, from 1.
    pub fn of(&self, offset: usize) -> usize {
        self.0.partition_point(|end| *end < offset) + 1
    }
}
