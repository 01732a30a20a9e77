//! Compares headings, reads their numbers, and detects the sections that they open.

use crate::block::{Block, BlockKind, tidy};
use crate::page::Part;
use crate::words::{self, Label};
use crate::{request, row};

/// Returns `true` if a heading on the page matches a heading in the spec. The heading on the page may be longer.
pub(crate) fn same_heading(spec: &str, page: &str) -> bool {
    same_title(spec, page)
        // The numbers are ignored if only one of the headings is numbered.
        || match (number_and_title(spec), number_and_title(page)) {
            (None, Some(page)) => same_title(spec, page),
            (Some(spec), None) => same_title(spec, page),
            _ => false,
        }
}

/// Returns the title of a heading that begins with a number or a sign: `4. Refund`, `4) Refund`, `§ 4 Refund`.
fn number_and_title(text: &str) -> Option<&str> {
    let title = text.trim_start_matches(|c: char| c.is_ascii_digit() || ".)(# -■●▶◆□○※§".contains(c));
    (title.len() < text.len() && !title.is_empty()).then_some(title)
}

fn same_title(spec: &str, page: &str) -> bool {
    // This shortcut saves time, because every line is compared with every heading.
    let start = |text| str::chars(text).take(4).flat_map(char::to_lowercase);
    if !start(spec).eq(start(page)) {
        return false;
    }
    let printed = tidy(page);
    let (spec, page) = (tidy(spec).to_lowercase(), printed.to_lowercase());
    match page.strip_prefix(&spec) {
        Some("") => true,
        // On the page, any text may follow the title of a numbered heading. Only text in parentheses may follow the
        // title of a heading without a number.
        Some(rest) => {
            numbered(&printed).is_some() && !rest.starts_with(char::is_alphanumeric) || rest.starts_with(" (")
        }
        None => false,
    }
}

/// Splits `3.1. Title` into number and title.
pub(crate) fn numbered(text: &str) -> Option<(&str, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.')?;
    let (number, title) = text.split_at(end);
    let title = title.strip_prefix(' ')?.trim();
    let fits = number.starts_with(|c: char| c.is_ascii_digit())
        && number.contains('.')
        && number.len() <= 9
        && text.len() < 120
        && title.starts_with(|c: char| c.is_uppercase() || is_korean(c) || c == '[' || c == '/')
        && number.split('.').all(|part| part.len() <= 2);
    fits.then(|| (number.trim_end_matches('.'), title))
}

pub(crate) fn is_korean(c: char) -> bool {
    ('가'..='힣').contains(&c)
}

pub(crate) fn looks_like_heading(text: &str) -> bool {
    let words = text.split(' ').count();
    let korean = text.starts_with(is_korean) && text.chars().count() <= 30;
    (text.starts_with(|c: char| c.is_ascii_uppercase()) && words >= 2 || korean)
        && words <= 9
        && text.chars().all(|c| c.is_alphanumeric() || " ()-/&'".contains(c))
        && text.ends_with(|c: char| c.is_alphanumeric() || c == ')')
        && !text.ends_with(['다', '요'])
        && words::label(text).is_none()
}

/// Returns `true` if the blocks begin with a request, or with the label of a request or of its headers. Only text may
/// come before: no other label, no row of a field, and no heading, table or code.
pub(crate) fn begins_a_section(blocks: &[Block]) -> bool {
    for (n, block) in blocks.iter().take(60).enumerate() {
        let BlockKind::Text(text, _) = &block.kind else { return false };
        match words::label(text) {
            Some(Label::Endpoint | Label::Part(Part::Request | Part::Header)) => return true,
            Some(_) => return false,
            None if request::in_line(text).is_some() => return true,
            None if row::from_line(&blocks[n..=n], Part::Request).is_some() => return false,
            None => {}
        }
    }
    false
}

/// Returns the label that the next heading contains, if any.
pub(crate) fn first_label(blocks: &[Block]) -> Option<Label> {
    let heading = blocks.iter().take(40).find_map(|block| match &block.kind {
        BlockKind::Heading(_, text) => Some(text),
        _ => None,
    });
    heading.and_then(|text| words::label(text))
}

/// Returns `true` if a request comes before the next heading of the same or a higher level. A definition, a sample or
/// another block of code ends the search.
pub(crate) fn has_own_request(blocks: &[Block], level: u8) -> bool {
    let mut endpoint = false;
    for block in blocks.iter().take(40) {
        match &block.kind {
            BlockKind::Heading(next, text) => match words::label(text) {
                Some(Label::Endpoint) => endpoint = true,
                Some(Label::Definition | Label::Sample) => return false,
                Some(_) => {}
                None if request::in_heading(text).is_some() => return true,
                None if *next <= level => return false,
                None => {}
            },
            BlockKind::Text(text, _) => {
                if request::in_line(text).is_some() || endpoint && words::method(text).is_some() {
                    return true;
                }
            }
            BlockKind::Code(text) if endpoint => {
                return request::in_line(&tidy(text.lines().next().unwrap_or_default())).is_some();
            }
            BlockKind::Code(_) => return false,
            BlockKind::Table(_) => {}
        }
    }
    false
}
