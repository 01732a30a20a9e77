//! Markdown to blocks.

use super::block::{Block, BlockKind, Lines, tidy};
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

/// The blocks of a page saved as Markdown.
pub fn read(text: &str) -> Vec<Block> {
    let mut reader = Reader {
        lines: Lines::new(text),
        blocks: Vec::new(),
        line: 1,
        text: String::new(),
        table: 0,
        row: None,
        code: false,
    };
    for (event, span) in Parser::new_ext(text, Options::ENABLE_TABLES).into_offset_iter() {
        reader.event(event, span.start);
    }
    reader.flush();
    reader.blocks
}

struct Reader {
    lines: Lines,
    blocks: Vec<Block>,
    line: usize,
    text: String,
    table: usize,
    row: Option<(usize, Vec<String>)>,
    code: bool,
}

impl Reader {
    fn event(&mut self, event: Event<'_>, at: usize) {
        let line = self.lines.of(at);
        match event {
            Event::Start(Tag::Table(_)) => self.table += 1,
            Event::Start(Tag::TableHead | Tag::TableRow) => self.row = Some((line, Vec::new())),
            Event::Start(Tag::TableCell) => self.text.clear(),
            Event::End(TagEnd::TableCell) => {
                let cell = tidy(&std::mem::take(&mut self.text));
                if let Some((_, cells)) = &mut self.row {
                    cells.push(cell);
                }
            }
            Event::End(TagEnd::TableHead | TagEnd::TableRow) => {
                if let Some((line, cells)) = self.row.take() {
                    self.blocks.push(Block { line, kind: BlockKind::Row(self.table, cells) });
                }
            }
            Event::Start(Tag::CodeBlock(_)) => {
                self.flush();
                (self.line, self.code) = (line, true);
            }
            Event::End(TagEnd::CodeBlock) => {
                self.code = false;
                let code = std::mem::take(&mut self.text);
                self.blocks.push(Block { line: self.line, kind: BlockKind::Code(code) });
            }
            Event::End(TagEnd::Heading(level)) => {
                let text = tidy(&std::mem::take(&mut self.text));
                self.blocks.push(Block { line: self.line, kind: BlockKind::Heading(level as u8, text) });
            }
            Event::Start(Tag::Item) => {
                self.flush();
                self.push("- ", line);
            }
            // A paragraph within an item goes on behind the item's bullet.
            Event::Start(Tag::Paragraph | Tag::Heading { .. } | Tag::List(_))
            | Event::End(TagEnd::Paragraph | TagEnd::Item)
                if self.text != "- " =>
            {
                self.flush();
            }
            Event::SoftBreak | Event::HardBreak => match self.row {
                Some(_) => self.text.push('\n'),
                None => self.flush(),
            },
            Event::InlineHtml(tag) | Event::Html(tag) => match tag.trim_start_matches(['<', '/']).get(..2) {
                Some("br") if self.row.is_some() => self.text.push('\n'),
                _ => self.text.push(' '),
            },
            Event::Text(text) | Event::Code(text) => self.push(&text, line),
            _ => {}
        }
    }

    fn push(&mut self, text: &str, line: usize) {
        if self.text.is_empty() && !self.code {
            self.line = line;
        }
        self.text.push_str(text);
    }

    fn flush(&mut self) {
        if self.row.is_none() {
            let text = std::mem::take(&mut self.text);
            if !text.trim().is_empty() {
                self.blocks.push(Block::text(self.line, &text));
            }
        }
    }
}
