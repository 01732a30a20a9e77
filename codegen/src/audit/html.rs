//! HTML to blocks, from the tags that break lines, make tables and mark headings. Everything else is text.

use super::block::{Block, BlockKind, Lines, tidy};
use html5gum::Token;
use html5gum::Tokenizer;
use html5gum::emitters::default::DefaultEmitter;

/// Elements whose text is no part of the page.
const HIDDEN: [&str; 6] = ["script", "style", "head", "noscript", "template", "svg"];

/// Elements that stand on lines of their own.
const BLOCKS: [&str; 27] = [
    "p",
    "div",
    "section",
    "article",
    "header",
    "footer",
    "main",
    "nav",
    "aside",
    "ul",
    "ol",
    "li",
    "dl",
    "dt",
    "dd",
    "br",
    "hr",
    "blockquote",
    "figure",
    "figcaption",
    "form",
    "fieldset",
    "details",
    "summary",
    "table",
    "body",
    "title",
];

/// The blocks of a page saved as HTML.
pub fn read(text: &str) -> Vec<Block> {
    let mut emitter = DefaultEmitter::<usize>::new_with_span();
    emitter.naively_switch_states(true);
    let mut reader = Reader::new(text);
    for token in Tokenizer::new_with_emitter(text, emitter) {
        match token {
            Ok(Token::StartTag(tag)) => {
                let name = String::from_utf8_lossy(&tag.name).into_owned();
                reader.open(&name, tag.span.start, tag.self_closing);
            }
            Ok(Token::EndTag(tag)) => reader.close(&String::from_utf8_lossy(&tag.name)),
            Ok(Token::String(text)) => reader.text(&String::from_utf8_lossy(&text.value), text.span.start),
            _ => {}
        }
    }
    reader.flush();
    reader.blocks
}

/// The line of a row, and its cells so far.
type OpenRow = (usize, Vec<String>);

struct Reader {
    lines: Lines,
    blocks: Vec<Block>,
    line: usize,
    text: String,
    hidden: Vec<String>,
    heading: Option<u8>,
    code: bool,
    tables: usize,
    /// The tables that are open, each with its number and the row that is being read.
    open: Vec<(usize, Option<OpenRow>)>,
    in_cell: bool,
}

impl Reader {
    fn new(text: &str) -> Self {
        Reader {
            lines: Lines::new(text),
            blocks: Vec::new(),
            line: 1,
            text: String::new(),
            hidden: Vec::new(),
            heading: None,
            code: false,
            tables: 0,
            open: Vec::new(),
            in_cell: false,
        }
    }

    fn open(&mut self, name: &str, at: usize, closed: bool) {
        if HIDDEN.contains(&name) {
            if !closed {
                self.hidden.push(name.to_owned());
            }
            return;
        }
        match name {
            "table" => {
                self.flush();
                self.tables += 1;
                self.open.push((self.tables, None));
            }
            "tr" => {
                self.end_row();
                let line = self.lines.of(at);
                if let Some((_, row)) = self.open.last_mut() {
                    *row = Some((line, Vec::new()));
                }
            }
            "td" | "th" => {
                self.end_cell();
                self.in_cell = true;
                self.text.clear();
            }
            "pre" | "textarea" => {
                self.break_line();
                self.code = !self.in_cell;
            }
            "li" => {
                self.break_line();
                self.text.push_str("- ");
                self.line = self.lines.of(at);
            }
            _ if heading(name).is_some() => {
                self.break_line();
                self.heading = heading(name);
            }
            _ if BLOCKS.contains(&name) => self.break_line(),
            // Words of neighbouring elements must not grow together.
            _ => self.space(),
        }
    }

    fn close(&mut self, name: &str) {
        if HIDDEN.contains(&name) {
            if let Some(n) = self.hidden.iter().rposition(|open| open == name) {
                self.hidden.truncate(n);
            }
            return;
        }
        match name {
            "td" | "th" => self.end_cell(),
            "tr" => self.end_row(),
            "table" => {
                self.end_row();
                self.open.pop();
            }
            "pre" | "textarea" if self.code => {
                self.code = false;
                let code = std::mem::take(&mut self.text);
                self.blocks.push(Block { line: self.line, kind: BlockKind::Code(code) });
            }
            _ if heading(name).is_some() => {
                self.flush();
                self.heading = None;
            }
            _ if BLOCKS.contains(&name) => self.break_line(),
            _ => self.space(),
        }
    }

    fn text(&mut self, text: &str, at: usize) {
        if !self.hidden.is_empty() {
            return;
        }
        if self.text.trim().is_empty() {
            let blank = text.len() - text.trim_start().len();
            self.line = self.lines.of(at + blank);
        }
        if self.code {
            return self.text.push_str(text);
        }
        // Outside of code, a line break of the source is a blank.
        for c in text.chars() {
            self.text.push(if c == '\n' { ' ' } else { c });
        }
    }

    fn space(&mut self) {
        if !self.code && !self.text.is_empty() && !self.text.ends_with([' ', '\n']) {
            self.text.push(' ');
        }
    }

    fn break_line(&mut self) {
        if self.in_cell {
            self.text.push('\n');
        } else if !self.code && self.text != "- " {
            self.flush();
        }
    }

    fn end_cell(&mut self) {
        if !std::mem::take(&mut self.in_cell) {
            return;
        }
        let cell = tidy(&std::mem::take(&mut self.text));
        if let Some((_, Some((_, cells)))) = self.open.last_mut() {
            cells.push(cell);
        }
    }

    fn end_row(&mut self) {
        self.end_cell();
        if let Some((table, row)) = self.open.last_mut()
            && let Some((line, cells)) = row.take()
            && !cells.is_empty()
        {
            self.blocks.push(Block { line, kind: BlockKind::Row(*table, cells) });
        }
    }

    fn flush(&mut self) {
        let text = tidy(&std::mem::take(&mut self.text));
        if text.is_empty() || text == "-" {
            return;
        }
        let kind = match self.heading {
            Some(level) => BlockKind::Heading(level, text),
            None => BlockKind::Text(text, false),
        };
        self.blocks.push(Block { line: self.line, kind });
    }
}

fn heading(name: &str) -> Option<u8> {
    let level = name.strip_prefix('h')?.parse().ok()?;
    (1..=6).contains(&level).then_some(level)
}
