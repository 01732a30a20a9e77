//! Rules for texts: length, characters and format.

use crate::encoding::TextEncoding;
use crate::url::is_http_url;
use crate::visible::{composed_length, looks_empty};

/// Set of allowed characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CharacterSet {
    /// ASCII characters: bit `n` represents the character with code point `n`.
    pub ascii: u128,
    /// `true` if the set contains all Korean letters: syllables, and the Jamo of which they are composed.
    pub hangul: bool,
    /// `true` if the set contains all other characters beyond ASCII.
    pub others: bool,
}

impl CharacterSet {
    /// Set of all characters.
    pub const ANY: Self = Self { ascii: u128::MAX, hangul: true, others: true };

    /// Returns `true` if the set contains the character.
    #[inline]
    pub const fn allows(&self, c: char) -> bool {
        match c as u32 {
            code @ 0..=0x7F => self.ascii >> code & 1 == 1,
            0xAC00..=0xD7A3 | 0x1100..=0x11FF | 0x3130..=0x318F => self.hangul,
            _ => self.others,
        }
    }

    /// Returns `true` if the set contains every character, so that no character needs a check.
    #[inline]
    const fn is_any(&self) -> bool {
        self.ascii == u128::MAX && self.hangul && self.others
    }

    /// Returns the first character that is not allowed, and its position. The first character has position 1.
    #[inline]
    fn first_disallowed(&self, value: &str) -> Option<(usize, char)> {
        let (low, high) = (self.ascii as u64, (self.ascii >> 64) as u64);
        // Checks bytes first, because that is faster. If the bytes do not show that every character is allowed, each
        // character is checked.
        let beyond = self.hangul && self.others;
        let plain = value.bytes().all(|byte| match byte {
            0..64 => low >> byte & 1 == 1,
            64..128 => high >> (byte - 64) & 1 == 1,
            _ => beyond,
        });
        if plain {
            return None;
        }
        value.chars().zip(1..).find(|(c, _)| !self.allows(*c)).map(|(c, position)| (position, c))
    }
}

/// Format of a text as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// An absolute URL with the scheme `http` or `https` and a host. It may have characters beyond ASCII.
    HttpUrl,
    /// One segment of a URL's path: not empty, and neither `.` nor `..`, which would name another resource.
    PathSegment,
}

impl Format {
    /// Returns `true` if the text has this format.
    #[inline]
    pub fn is_kept(self, value: &str) -> bool {
        match self {
            Self::HttpUrl => is_http_url(value),
            Self::PathSegment => !matches!(value, "" | "." | ".."),
        }
    }

    /// Returns the description of the format for a message.
    pub const fn expected(self) -> &'static str {
        match self {
            Self::HttpUrl => "a URL that begins with http:// or https:// and names a host",
            Self::PathSegment => "a path segment other than \".\" and \"..\"",
        }
    }
}

/// Rules for a text, as constant data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextRules<'a> {
    /// Smallest number of characters.
    pub min: usize,
    /// Largest number of characters. Counts characters, not bytes: a Korean letter counts as one.
    pub max: Option<usize>,
    /// Largest number of bytes in an encoding. A character that the encoding lacks is rejected.
    pub max_bytes: Option<(usize, TextEncoding)>,
    /// Allowed characters.
    pub characters: CharacterSet,
    /// Description of the allowed characters for messages; empty if every character is allowed.
    pub characters_doc: &'a str,
    /// Set if a text without a visible character is rejected.
    pub not_blank: bool,
    /// Format of the text as a whole.
    pub format: Option<Format>,
    /// Prefixes of values of another kind that are often passed by mistake. Each prefix has a text that describes such
    /// a value and the remedy.
    pub mistaken: &'a [(&'a str, &'a str)],
    /// Set if messages must not contain any part of the value.
    pub sensitive: bool,
}

impl TextRules<'_> {
    /// Rules that accept every text.
    pub const NONE: Self = Self {
        min: 0,
        max: None,
        max_bytes: None,
        characters: CharacterSet::ANY,
        characters_doc: "",
        not_blank: false,
        format: None,
        mistaken: &[],
        sensitive: false,
    };
}

/// Broken rule of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextProblem<'a> {
    /// The value is of another kind and was passed by mistake. No other problem is reported, because the value has to
    /// be replaced.
    Mistaken {
        /// Prefix of the value.
        prefix: &'a str,
        /// Description of the value and a remedy.
        what: &'a str,
    },
    /// The text has too few characters.
    TooShort {
        /// Smallest number of characters.
        min: usize,
        /// Number of characters in the text.
        actual: usize,
    },
    /// The text has too many characters.
    TooLong {
        /// Largest number of characters.
        max: usize,
        /// Number of characters in the text.
        actual: usize,
        /// Number of characters in Unicode's composed form (NFC), if the text is decomposed (NFD).
        composed: Option<usize>,
    },
    /// The text has more bytes than allowed.
    TooManyBytes {
        /// Largest allowed number of bytes.
        max: usize,
        /// Number of bytes in the text.
        actual: usize,
        /// Encoding in which the bytes are counted.
        encoding: TextEncoding,
    },
    /// The text has a character that the encoding lacks. Only the first such character is reported.
    Unencodable {
        /// The character.
        character: char,
        /// Position of the character. The first character of the text has position 1.
        position: usize,
        /// The encoding.
        encoding: TextEncoding,
    },
    /// The text has a character that is not allowed. Only the first such character is reported.
    Character {
        /// The character.
        character: char,
        /// Position of the character. The first character of the text has position 1.
        position: usize,
    },
    /// The text has no visible character.
    Blank,
    /// The text does not have the format.
    Format(Format),
}

impl<'a> TextRules<'a> {
    /// Checks a text and reports each broken rule. If the value begins with a prefix in `mistaken`, or is empty and too
    /// short, no further problem is reported.
    #[inline]
    pub fn check(&self, value: &str, mut report: impl FnMut(TextProblem<'a>)) {
        if let Some((prefix, what)) = self.mistaken.iter().find(|(prefix, _)| value.starts_with(prefix)) {
            return report(TextProblem::Mistaken { prefix, what });
        }
        // A character has one to four bytes, so the number of bytes often shows that the length is allowed. The
        // characters are then not counted.
        if value.len() < self.min.saturating_mul(4) {
            let actual = value.chars().count();
            if actual < self.min {
                report(TextProblem::TooShort { min: self.min, actual });
                if actual == 0 {
                    return;
                }
            }
        }
        if let Some(max) = self.max
            && value.len() > max
        {
            let actual = value.chars().count();
            if actual > max {
                report(TextProblem::TooLong { max, actual, composed: composed_length(value) });
            }
        }
        if let Some((max, encoding)) = self.max_bytes {
            match encoding.length(value) {
                Ok(actual) if actual > max => report(TextProblem::TooManyBytes { max, actual, encoding }),
                Ok(_) => {}
                Err((position, character)) => report(TextProblem::Unencodable { character, position, encoding }),
            }
        }
        if !self.characters.is_any()
            && let Some((position, character)) = self.characters.first_disallowed(value)
        {
            report(TextProblem::Character { character, position });
        }
        if self.not_blank && looks_empty(value) {
            report(TextProblem::Blank);
        }
        if let Some(format) = self.format.filter(|format| !format.is_kept(value)) {
            report(TextProblem::Format(format));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_distinguishes_ascii_hangul_and_others() {
        let set = CharacterSet { ascii: 1 << b'a', hangul: true, others: false };
        for (c, allowed) in [
            ('a', true),
            ('b', false),
            ('\u{7f}', false),
            ('가', true),
            ('힣', true),
            ('\u{d7a4}', false),
            ('ㄱ', true),
            ('\u{1100}', true),
            ('é', false),
            ('😀', false),
        ] {
            assert_eq!(set.allows(c), allowed, "{c:?}");
        }
        assert!(CharacterSet::ANY.is_any() && CharacterSet::ANY.allows('\0') && CharacterSet::ANY.allows('😀'));
    }

    #[test]
    fn the_fast_path_finds_the_same_character_as_a_check_of_each_character() {
        let set = |letters: &str, hangul, others| {
            let ascii = letters.bytes().fold(0, |set, letter| set | 1_u128 << letter);
            CharacterSet { ascii, hangul, others }
        };
        let sets = [
            CharacterSet::ANY,
            set("abcXYZ019-_ ", false, false),
            set("09@", true, false),
            set("az", false, true),
            set("~!?", true, true),
            CharacterSet { hangul: false, ..CharacterSet::ANY },
            CharacterSet { others: false, ..CharacterSet::ANY },
        ];
        let letters: Vec<char> = (0..=0x7F).map(char::from).chain(['가', 'é', '😀']).collect();
        for characters in sets {
            for first in &letters {
                for second in &letters {
                    let text: String = [*first, *second].iter().collect();
                    let slow = text.chars().zip(1..).find(|(c, _)| !characters.allows(*c)).map(|(c, n)| (n, c));
                    assert_eq!(characters.first_disallowed(&text), slow, "{text:?}");
                }
            }
            let allows_all = letters.iter().all(|c| characters.allows(*c));
            assert_eq!(characters.is_any(), allows_all);
        }
    }
}
