//! Misleading characters in a spec file: invisible characters, non-ASCII blanks, decomposed letters, and characters
//! that look like YAML syntax. Most of them come from web pages and input methods. Bidirectional controls can also hide
//! the real content from a reviewer, and rustc rejects them in generated documentation.

use crate::diagnostic::{Diagnostics, Where};
use crate::lint_registry::Lint;
use crate::source::{FileId, SourceFile};
use crate::span::SpanTable;
use std::ops::Range;

/// Reports invisible characters, blanks that are not white space in YAML, and decomposed letters. No spec needs them,
/// so they are rejected everywhere, including in comments. On each line, a repeated character is reported only once,
/// and of several decomposed letters only the first is reported.
pub(crate) fn check(id: FileId, source: &SourceFile, diagnostics: &mut Diagnostics) {
    let text = &source.text;
    // Fast path for a text without any of the bytes with which these characters begin.
    if !text.bytes().any(|byte| byte == b'\r' || (byte < 0x20 && !matches!(byte, b'\n' | b'\t')) || byte >= 0x7F) {
        return;
    }
    let mut line = Vec::new();
    let mut before = None;
    for (at, c) in text.char_indices() {
        let after = text[at + c.len_utf8()..].chars().next();
        if c == '\n' {
            line.clear();
        } else if !line.contains(&c)
            && let Some(name) = hidden(c, before, after)
        {
            line.push(c);
            let span = Where::Span(id, at..at + c.len_utf8());
            let found = format!("the invisible character {}", named(c, name));
            diagnostics.push(Lint::HiddenCharacter, span, found).help(match c {
                '\r' => "lines end in LF or CRLF; save the file with one of them",
                _ => "delete it: it is never needed, and changes the displayed text or the end of a line",
            });
        } else if !line.contains(&c) && c.is_whitespace() && !c.is_ascii() {
            line.push(c);
            let span = Where::Span(id, at..at + c.len_utf8());
            let found = format!("{} is not a space in YAML", named(c, blank(c)));
            diagnostics.push(Lint::LookalikeCharacter, span, found).help("replace it by a space (U+0020)");
        } else if !line.contains(&DECOMPOSED)
            && let Some(first) = before.filter(|first| is_decomposed(*first, c))
        {
            line.push(DECOMPOSED);
            let span = Where::Span(id, at - first.len_utf8()..at + c.len_utf8());
            let found = format!("a decomposed letter, {} and {} (Unicode NFD)", code(first), code(c));
            diagnostics
                .push(Lint::LookalikeCharacter, span, found)
                .help("it looks like the composed letter of the page but is not equal to it; save the file in NFC");
        }
        before = Some(c);
    }
}

/// `check` keeps a list of the characters that it has reported on a line. In this list, U+0301 represents all
/// decomposed letters.
const DECOMPOSED: char = '\u{301}';

fn code(c: char) -> String {
    format!("U+{:04X}", u32::from(c))
}

/// Returns `true` if two characters begin a letter in decomposed form (Unicode NFD), which macOS produces. The
/// characters are the first two parts of a Korean syllable, a Japanese letter and its voicing mark, or any other letter
/// and its accent.
fn is_decomposed(first: char, second: char) -> bool {
    match second {
        '\u{1161}'..='\u{1175}' => matches!(first, '\u{1100}'..='\u{1112}'),
        '\u{300}'..='\u{36f}' => first.is_alphabetic(),
        '\u{3099}' | '\u{309a}' => matches!(first, '\u{3040}'..='\u{30ff}'),
        _ => false,
    }
}

/// Reports invisible characters that are written as an escape, such as `"\u202E"`, because the generated documentation
/// would contain the character itself. At most one character is reported for each text.
pub(crate) fn check_escapes(id: FileId, source: &SourceFile, table: &SpanTable, diagnostics: &mut Diagnostics) {
    for (text, span) in table.texts() {
        let written = &source.text[span.clone()];
        let mut around = std::iter::once(None).chain(text.chars().map(Some)).chain([None]);
        let (mut before, mut this) = (around.next().flatten(), around.next().flatten());
        while let Some(c) = this {
            let after = around.next().flatten();
            if let Some(name) = hidden(c, before, after)
                && !written.contains(c)
            {
                let found = format!("this text contains the invisible character {}, as an escape", named(c, name));
                diagnostics
                    .push(Lint::HiddenCharacter, Where::Span(id, span), found)
                    .help("describe the character in words: it is invisible in the documentation");
                break;
            }
            (before, this) = (this, after);
        }
    }
}

/// Returns `true` if a text may contain invisible characters as escapes.
pub(crate) fn has_escapes(text: &str) -> bool {
    text.split('\\')
        .skip(1)
        .any(|after| after.starts_with(['x', 'u', 'U', 'N', 'L', 'P', 'e', '0', 'a', 'b', 'v', 'f', 'r']))
}

/// Returns a text without invisible characters, and with a space for each non-ASCII blank, so that the other checks can
/// run.
pub(crate) fn cleaned(text: &str) -> String {
    // Old Macs ended lines with CR alone, so a CR is taken as a line end if the text has no LF.
    let has_old_ends = !text.contains('\n');
    let mut cleaned = String::with_capacity(text.len());
    let mut before = None;
    for (at, c) in text.char_indices() {
        let after = text[at + c.len_utf8()..].chars().next();
        if c == '\r' && has_old_ends {
            cleaned.push('\n');
        } else if hidden(c, before, after).is_none() {
            cleaned.push(if c.is_whitespace() && !c.is_ascii() { ' ' } else { c });
        }
        before = Some(c);
    }
    cleaned
}

/// Returns the code point of a character, followed by `name`, so that readers can search for either of them.
pub(crate) fn named(c: char, name: &str) -> String {
    format!("U+{:04X} {name}", u32::from(c))
}

/// Returns the name of an invisible or formatting character. `before` and `after` are its neighbors. `None` for any
/// other character, for a joiner between two non-ASCII characters that are not blanks, and for the CR of a CRLF line
/// end.
pub(crate) fn hidden(c: char, before: Option<char>, after: Option<char>) -> Option<&'static str> {
    // Emoji and some scripts need joiners.
    let joins = |c: Option<char>| c.is_some_and(|c| !c.is_ascii() && !c.is_whitespace());
    Some(match c {
        '\n' | '\t' => return None,
        '\r' if after == Some('\n') => return None,
        '\r' => "CARRIAGE RETURN",
        '\u{200c}' | '\u{200d}' if joins(before) && joins(after) => return None,
        '\u{0}' => "NULL",
        '\u{1b}' => "ESCAPE",
        '\u{7f}' => "DELETE",
        '\u{85}' => "NEXT LINE",
        '\u{ad}' => "SOFT HYPHEN",
        '\u{34f}' => "COMBINING GRAPHEME JOINER",
        '\u{61c}' => "ARABIC LETTER MARK",
        '\u{115f}' => "HANGUL CHOSEONG FILLER",
        '\u{1160}' => "HANGUL JUNGSEONG FILLER",
        '\u{180e}' => "MONGOLIAN VOWEL SEPARATOR",
        '\u{200b}' => "ZERO WIDTH SPACE",
        '\u{200c}' => "ZERO WIDTH NON-JOINER",
        '\u{200d}' => "ZERO WIDTH JOINER",
        '\u{200e}' => "LEFT-TO-RIGHT MARK",
        '\u{200f}' => "RIGHT-TO-LEFT MARK",
        '\u{2028}' => "LINE SEPARATOR",
        '\u{2029}' => "PARAGRAPH SEPARATOR",
        '\u{202a}' => "LEFT-TO-RIGHT EMBEDDING",
        '\u{202b}' => "RIGHT-TO-LEFT EMBEDDING",
        '\u{202c}' => "POP DIRECTIONAL FORMATTING",
        '\u{202d}' => "LEFT-TO-RIGHT OVERRIDE",
        '\u{202e}' => "RIGHT-TO-LEFT OVERRIDE",
        '\u{2060}' => "WORD JOINER",
        '\u{2061}' => "FUNCTION APPLICATION",
        '\u{2062}' => "INVISIBLE TIMES",
        '\u{2063}' => "INVISIBLE SEPARATOR",
        '\u{2064}' => "INVISIBLE PLUS",
        '\u{2066}' => "LEFT-TO-RIGHT ISOLATE",
        '\u{2067}' => "RIGHT-TO-LEFT ISOLATE",
        '\u{2068}' => "FIRST STRONG ISOLATE",
        '\u{2069}' => "POP DIRECTIONAL ISOLATE",
        '\u{206a}'..='\u{206f}' => "DEPRECATED FORMATTING CHARACTER",
        '\u{2800}' => "BRAILLE PATTERN BLANK",
        '\u{3164}' => "HANGUL FILLER",
        '\u{feff}' => "ZERO WIDTH NO-BREAK SPACE",
        '\u{ffa0}' => "HALFWIDTH HANGUL FILLER",
        '\u{fff9}'..='\u{fffb}' => "INTERLINEAR ANNOTATION CHARACTER",
        '\u{e000}'..='\u{f8ff}' => "PRIVATE USE CHARACTER",
        '\u{e0000}'..='\u{e007f}' => "TAG",
        _ if c.is_control() => "CONTROL CHARACTER",
        _ => return None,
    })
}

fn blank(c: char) -> &'static str {
    match c {
        '\u{a0}' => "NO-BREAK SPACE",
        '\u{3000}' => "IDEOGRAPHIC SPACE",
        '\u{202f}' => "NARROW NO-BREAK SPACE",
        '\u{2002}' => "EN SPACE",
        '\u{2003}' => "EM SPACE",
        '\u{2009}' => "THIN SPACE",
        '\u{2007}' => "FIGURE SPACE",
        _ => "SPACE OF ANOTHER WIDTH",
    }
}

/// Characters that look like YAML syntax. Each entry has the character, its name, and the YAML character that it
/// resembles.
const LOOKALIKES: [(char, &str, char); 20] = [
    ('：', "FULLWIDTH COLON", ':'),
    ('﹕', "SMALL COLON", ':'),
    ('꞉', "MODIFIER LETTER COLON", ':'),
    ('∶', "RATIO", ':'),
    ('，', "FULLWIDTH COMMA", ','),
    ('、', "IDEOGRAPHIC COMMA", ','),
    ('｛', "FULLWIDTH LEFT CURLY BRACKET", '{'),
    ('｝', "FULLWIDTH RIGHT CURLY BRACKET", '}'),
    ('［', "FULLWIDTH LEFT SQUARE BRACKET", '['),
    ('］', "FULLWIDTH RIGHT SQUARE BRACKET", ']'),
    ('＃', "FULLWIDTH NUMBER SIGN", '#'),
    ('－', "FULLWIDTH HYPHEN-MINUS", '-'),
    ('–', "EN DASH", '-'),
    ('—', "EM DASH", '-'),
    ('“', "LEFT DOUBLE QUOTATION MARK", '"'),
    ('”', "RIGHT DOUBLE QUOTATION MARK", '"'),
    ('‘', "LEFT SINGLE QUOTATION MARK", '\''),
    ('’', "RIGHT SINGLE QUOTATION MARK", '\''),
    ('＂', "FULLWIDTH QUOTATION MARK", '"'),
    ('＇', "FULLWIDTH APOSTROPHE", '\''),
];

/// Character that looks like YAML syntax, at a position where YAML syntax is expected.
pub(crate) struct Lookalike {
    at: Range<usize>,
    pub(crate) found: char,
    name: &'static str,
    meant: char,
}

impl Lookalike {
    pub(crate) fn report(self, id: FileId, diagnostics: &mut Diagnostics) {
        let Self { at, found, name, meant } = self;
        let message = format!("{} is not `{meant}` in YAML", named(found, name));
        diagnostics
            .push(Lint::LookalikeCharacter, Where::Span(id, at), message)
            .help(format!("replace it by `{meant}`"));
    }
}

/// Searches the range `part` of a text for look-alikes, and returns the first one that is where YAML syntax is
/// expected. Syntax is expected after a key, at the start or end of an entry, and around a quoted text. In prose, the
/// same characters are correct.
pub(crate) fn lookalike(text: &str, part: Range<usize>) -> Option<Lookalike> {
    let begin = part.start;
    text[part].char_indices().find_map(|(at, c)| {
        let (found, name, meant) = *LOOKALIKES.iter().find(|(found, ..)| *found == c)?;
        let at = begin + at;
        let line = text[..at].rfind('\n').map_or(0, |n| n + 1);
        let before = &text[line..at];
        let in_braces = before.matches(['{', '[', '｛', '［']).count() > before.matches(['}', ']']).count();
        // Text of the entry before the character. The entry begins at the start of the line, or after a brace, bracket
        // or comma.
        let entry = before.rsplit(['{', '[', ',', '，', '、', '｛', '［']).next().unwrap_or(before);
        let entry = entry.trim_start().trim_start_matches("- ").trim();
        let fits = match meant {
            ':' => {
                let key = entry.trim_matches(['"', '\'']);
                !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.-$[]".contains(&b))
            }
            ',' | '}' | ']' => in_braces,
            '{' | '[' => entry.ends_with([':', '：']) || entry.is_empty(),
            '#' => entry.is_empty(),
            '-' => before.trim().is_empty(),
            _ => entry.ends_with([':', '：', '-']) || entry.is_empty(),
        };
        fits.then_some(Lookalike { at: at..at + c.len_utf8(), found, name, meant })
    })
}
