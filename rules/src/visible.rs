//! Visibility of characters: finds invisible characters, and counts the characters that a decomposed text has after
//! composition.

/// Returns `true` for an invisible character: formatting characters, fillers, and blanks that Unicode does not count as
/// white space. White space and control characters are not included.
#[inline]
pub const fn is_invisible(c: char) -> bool {
    // A fast path for almost every character: none below U+00AD is in the table.
    (c as u32) >= 0xAD && name_of_invisible(c).is_some()
}

/// Returns the Unicode name of an invisible character, or a name for its group. Returns `None` for any other character.
pub const fn name_of_invisible(c: char) -> Option<&'static str> {
    Some(match c {
        '\u{AD}' => "SOFT HYPHEN",
        '\u{34F}' => "COMBINING GRAPHEME JOINER",
        '\u{61C}' => "ARABIC LETTER MARK",
        '\u{115F}' | '\u{1160}' | '\u{3164}' | '\u{FFA0}' => "HANGUL FILLER",
        '\u{17B4}' | '\u{17B5}' => "KHMER VOWEL INHERENT",
        '\u{180B}'..='\u{180F}' => "MONGOLIAN VOWEL SEPARATOR",
        '\u{200B}' => "ZERO WIDTH SPACE",
        '\u{200C}' => "ZERO WIDTH NON-JOINER",
        '\u{200D}' => "ZERO WIDTH JOINER",
        '\u{200E}' => "LEFT-TO-RIGHT MARK",
        '\u{200F}' => "RIGHT-TO-LEFT MARK",
        '\u{202A}'..='\u{202E}' => "BIDIRECTIONAL EMBEDDING OR OVERRIDE",
        '\u{2060}' => "WORD JOINER",
        '\u{2061}'..='\u{2065}' => "INVISIBLE OPERATOR",
        '\u{2066}'..='\u{2069}' => "BIDIRECTIONAL ISOLATE",
        '\u{206A}'..='\u{206F}' => "FORMATTING CHARACTER",
        '\u{2800}' => "BRAILLE PATTERN BLANK",
        '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}' => "VARIATION SELECTOR",
        '\u{FEFF}' => "BYTE ORDER MARK",
        '\u{FFF0}'..='\u{FFFB}' => "FORMATTING CHARACTER",
        '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}' => "FORMATTING CHARACTER",
        '\u{E0000}'..='\u{E007F}' => "TAG",
        _ => return None,
    })
}

/// Returns `true` if the text has no visible character.
#[inline]
pub fn looks_empty(text: &str) -> bool {
    text.chars().all(|c| c.is_whitespace() || c.is_control() || is_invisible(c))
}

/// Returns the number of characters that a decomposed text (NFD) has in Unicode's composed form (NFC). Returns `None`
/// if composition does not shorten the text. File names on macOS are decomposed, for example.
///
/// The number is exact for Korean. For other scripts, the marks U+0300 to U+036F, U+3099 and U+309A count as part of
/// their letter. This is wrong for combinations that have no composed form.
pub fn composed_length(text: &str) -> Option<usize> {
    let (mut length, mut total, mut before) = (0, 0, Jamo::Other);
    for c in text.chars() {
        total += 1;
        let jamo = Jamo::of(c);
        let joins = match (before, jamo) {
            (Jamo::Leading, Jamo::Vowel) | (Jamo::Open, Jamo::Trailing) => true,
            _ => matches!(c, '\u{300}'..='\u{36F}' | '\u{3099}' | '\u{309A}') && total > 1,
        };
        length += usize::from(!joins);
        before = if joins && jamo == Jamo::Vowel { Jamo::Open } else { jamo };
    }
    (length < total).then_some(length)
}

/// Position of a Jamo within a Korean syllable.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Jamo {
    Leading,
    Vowel,
    Trailing,
    /// A syllable that can still take a trailing consonant.
    Open,
    Other,
}

impl Jamo {
    const fn of(c: char) -> Self {
        match c as u32 {
            0x1100..=0x1112 => Self::Leading,
            0x1161..=0x1175 => Self::Vowel,
            0x11A8..=0x11C2 => Self::Trailing,
            code @ 0xAC00..=0xD7A3 if (code - 0xAC00) % 28 == 0 => Self::Open,
            _ => Self::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_without_visible_characters_look_empty() {
        for text in [
            "",
            " ",
            "\u{200b}",
            "\u{feff}",
            "\u{ad}\u{2060}",
            "\u{3164}",
            "\u{3000}\u{a0}",
            "\u{2800}",
            "\u{202e} ",
            "\u{1d173}",
        ] {
            assert!(looks_empty(text), "{text:?}");
        }
        for text in ["a", "\u{200b}.", "가", "ㅤ가", "😀", "\u{1100}"] {
            assert!(!looks_empty(text), "{text:?}");
        }
    }

    #[test]
    fn characters_of_a_decomposed_text_are_counted_as_composed() {
        for (text, length) in [
            ("가", None),
            ("cafe", None),
            ("\u{1100}\u{1161}", Some(1)),
            ("\u{1112}\u{1161}\u{11ab}\u{1100}\u{1173}\u{11af}", Some(2)),
            // A composed syllable followed by a separate trailing consonant, as in mixed texts.
            ("가\u{11ab}", Some(1)),
            ("한\u{11ab}", None),
            ("e\u{301}", Some(1)),
            ("\u{30ab}\u{3099}\u{30b7}\u{3099}", Some(2)),
            // A vowel cannot begin a syllable.
            ("\u{1161}\u{11ab}", None),
            ("\u{301}", None),
        ] {
            assert_eq!(composed_length(text), length, "{text:?}");
        }
    }
}
