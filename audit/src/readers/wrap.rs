//! Detects wrapped lines, as written by text browsers, converters and mail programs.
//!
//! A program wraps a line only if the next word does not fit. This distinguishes wrapped lines from line breaks of the
//! page.

use crate::block::{Block, tidy};
use crate::page::Part;
use crate::{row, values, words};

/// Widths at which lines may be wrapped, in columns.
const WIDTHS: std::ops::RangeInclusive<usize> = 60..=132;

/// Smallest number of lines that must look wrapped, because fewer may be a coincidence.
const LEAST: usize = 8;

/// Lines of a page, and the width at which the lines were wrapped, if they were wrapped.
pub(crate) struct Wrapped<'a> {
    lines: &'a [&'a str],
    width: Option<usize>,
}

impl<'a> Wrapped<'a> {
    /// Finds the width at which the lines of a page were wrapped, if they were wrapped.
    pub(crate) fn new(lines: &'a [&'a str]) -> Self {
        let sizes: Vec<(usize, usize)> = lines.iter().map(|line| (size(line.trim_end()), first_word(line))).collect();
        let several = |n: usize| lines[n].trim().contains(' ') && !lines[n].contains(['\t', '|']);
        let mut best = (0, None);
        for width in WIDTHS {
            // Counts the lines that end where the next word did not fit, the lines that end earlier, and the lines that
            // are longer.
            let (mut broken, mut shorter, mut longer) = (0_usize, 0_usize, 0_usize);
            for n in (0..lines.len()).filter(|n| several(*n)) {
                let Some((_, next)) = sizes.get(n + 1).filter(|(size, _)| *size > 0) else { continue };
                match sizes[n].0 {
                    size if size > width => longer += 1,
                    size if size + 1 + next > width => broken += 1,
                    size if size * 2 > width => shorter += 1,
                    _ => {}
                }
            }
            // Some lines may be longer, because code is not wrapped.
            if broken >= LEAST && broken > shorter && broken > 3 * longer && broken > best.0 {
                best = (broken, Some(width));
            }
        }
        Wrapped { lines, width: best.1 }
    }

    /// Returns `true` if the next line continues line `n`, counted from 0.
    pub(crate) fn goes_on(&self, n: usize) -> bool {
        let (Some(width), Some(next)) = (self.width, self.lines.get(n + 1)) else { return false };
        let line = self.lines[n];
        let text = next.trim();
        let apart = |line: &str| line.contains(['\t', '|']) || line.trim().contains("  ");
        if line.trim().is_empty() || text.is_empty() || apart(line) || apart(next) {
            return false;
        }
        size(line.trim_end()) <= width && size(line.trim_end()) + 1 + first_word(next) > width && !begins(text)
    }
}

/// Returns `true` if a line begins an item, a heading, a field, a value or a label.
fn begins(line: &str) -> bool {
    let text = tidy(line);
    let first = text.split_whitespace().next().unwrap_or_default();
    matches!(first, "*" | "-" | "+" | "•" | "◦" | "·" | "o")
        || text.starts_with(['#', '>', '~', '•', '※'])
        || values::looks_like_value(first.trim_end_matches(':')) && first.len() > 1
        || words::label(&text).is_some()
        || row::from_line(&[Block::text(1, &text)], Part::Request).is_some()
}

/// Returns the width of a text in columns. East Asian characters are two columns wide.
pub(crate) fn size(text: &str) -> usize {
    text.chars().map(|c| if matches!(c, '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ff60}') { 2 } else { 1 }).sum()
}

fn first_word(line: &str) -> usize {
    line.split_whitespace().next().map_or(0, size)
}
