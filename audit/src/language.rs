//! Detects the language of a page by its letters.

use super::block::{Block, BlockKind, TableRow};
use codegen::spec::Language;

/// Returns the language of a page. Hangul, kana and Chinese characters are counted separately. The first of these
/// scripts that has more than a tenth of the letters determines the language. Otherwise, the language is English. The
/// threshold is low, because every page has names in Latin letters.
pub(crate) fn of(blocks: &[Block]) -> Language {
    let mut letters = Letters::default();
    for block in blocks {
        match &block.kind {
            BlockKind::Heading(_, text) | BlockKind::Text(text, _) => letters.count(text),
            BlockKind::Table(rows) => letters.count_rows(rows),
            BlockKind::Code(_) => {}
        }
    }
    letters.language()
}

pub(crate) fn of_text(text: &str) -> Language {
    let mut letters = Letters::default();
    letters.count(text);
    letters.language()
}

#[derive(Default)]
struct Letters {
    latin: usize,
    hangul: usize,
    kana: usize,
    han: usize,
}

impl Letters {
    fn count(&mut self, text: &str) {
        for c in text.chars() {
            match c {
                'a'..='z' | 'A'..='Z' => self.latin += 1,
                '가'..='힣' => self.hangul += 1,
                '\u{3041}'..='\u{30ff}' => self.kana += 1,
                '\u{4e00}'..='\u{9fff}' => self.han += 1,
                _ => {}
            }
        }
    }

    fn count_rows(&mut self, rows: &[TableRow]) {
        for cell in rows.iter().flat_map(|row| &row.cells) {
            self.count(&cell.text);
            cell.tables.iter().for_each(|rows| self.count_rows(rows));
        }
    }

    fn language(&self) -> Language {
        let all = self.latin + self.hangul + self.kana + self.han;
        let most = |n: usize| n * 10 > all && n > 0;
        if most(self.hangul) {
            Language::Ko
        } else if most(self.kana) {
            Language::Ja
        } else if most(self.han) {
            Language::Zh
        } else {
            Language::En
        }
    }
}
