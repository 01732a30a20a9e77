//! Converts Markdown to blocks by way of HTML, because Markdown may contain HTML.

use super::tree::{LINE_MARK, Tree};
use super::wrap::Wrapped;
use super::{html, pandoc};
use crate::block::{Block, Lines};
use pulldown_cmark::{Event, Options, Parser, Tag, html::push_html};

/// Returns the blocks of a Markdown page. The error names the limit that the page exceeds.
pub(crate) fn read(text: &str) -> Result<Vec<Block>, String> {
    let text = &*pandoc::without_additions(text);
    let lines = Lines::new(text);
    let raw: Vec<&str> = text.lines().collect();
    let wrapped = Wrapped::new(&raw);
    let options = Options::ENABLE_TABLES | Options::ENABLE_DEFINITION_LIST | Options::ENABLE_STRIKETHROUGH;
    let events = Parser::new_ext(text, options).into_offset_iter().flat_map(|(event, span)| {
        let marked = matches!(
            &event,
            Event::Start(
                Tag::Paragraph
                    | Tag::Heading { .. }
                    | Tag::CodeBlock(_)
                    | Tag::HtmlBlock
                    | Tag::Item
                    | Tag::TableHead
                    | Tag::TableRow
                    | Tag::DefinitionListTitle
                    | Tag::DefinitionListDefinition
            )
        );
        // The lines of a paragraph are read as separate lines, as in running text, unless they were wrapped.
        let broken = event == Event::SoftBreak && wrapped.goes_on(lines.of(span.start).saturating_sub(1));
        let event = if event == Event::SoftBreak && !broken { Event::HardBreak } else { event };
        let mark = marked.then(|| Event::Html(format!("<!--{LINE_MARK}{}-->", lines.of(span.start)).into()));
        mark.into_iter().chain([event])
    });
    let mut page = String::with_capacity(text.len() * 2);
    push_html(&mut page, events);
    Tree::parse(&page).map(|tree| html::read(&tree))
}
