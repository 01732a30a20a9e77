//! The rules a value in a request must keep, as constant data. Applying them is [`Check`](crate::Check)'s work.

/// Which characters a text may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CharacterSet {
    /// ASCII: bit n stands for U+00n.
    pub ascii: u128,
    /// Korean letters: the syllables, and the Jamo that they are made of.
    pub hangul: bool,
    /// Every other character beyond ASCII.
    pub others: bool,
}

impl CharacterSet {
    /// Every character.
    pub const ANY: Self = Self { ascii: u128::MAX, hangul: true, others: true };

    /// Whether a text may have this character.
    pub const fn allows(&self, c: char) -> bool {
        match c as u32 {
            code @ 0..=0x7F => self.ascii >> code & 1 == 1,
            0xAC00..=0xD7A3 | 0x1100..=0x11FF | 0x3130..=0x318F => self.hangul,
            _ => self.others,
        }
    }

    /// Whether nothing needs to be looked at.
    pub(crate) const fn is_any(&self) -> bool {
        self.ascii == u128::MAX && self.hangul && self.others
    }
}

/// What a text must be as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// An absolute URL with the scheme `http` or `https` and a host. Characters beyond ASCII may stand in it.
    HttpUrl,
    /// One segment of a URL's path: not empty, and neither `.` nor `..`, which would name another resource.
    PathSegment,
}

impl Format {
    /// The format for a message.
    pub(crate) const fn expected(self) -> &'static str {
        match self {
            Self::HttpUrl => "a URL that begins with http:// or https:// and names a host",
            Self::PathSegment => "a path segment other than \".\" and \"..\"",
        }
    }
}

/// The rules of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextRules {
    /// The fewest characters.
    pub min: usize,
    /// The most characters. Characters, not bytes: a Korean letter is one.
    pub max: Option<usize>,
    /// The characters it may have.
    pub characters: CharacterSet,
    /// These characters in words, for the message; empty where every character is allowed.
    pub characters_doc: &'static str,
    /// Whether a text is refused that shows nothing: white space and invisible characters only.
    pub not_blank: bool,
    /// What it must be as a whole.
    pub format: Option<Format>,
    /// Beginnings that tell that something else was given: the prefix, and what it is and what to do.
    pub mistaken: &'static [(&'static str, &'static str)],
    /// Whether no message may show any part of the value.
    pub sensitive: bool,
}

impl TextRules {
    /// No rule.
    pub const NONE: Self = Self {
        min: 0,
        max: None,
        characters: CharacterSet::ANY,
        characters_doc: "",
        not_blank: false,
        format: None,
        mistaken: &[],
        sensitive: false,
    };
}

/// The rules of an integer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IntegerRules {
    /// The smallest.
    pub min: Option<i64>,
    /// The largest.
    pub max: Option<i64>,
    /// How the largest was documented, where that was a number of digits.
    pub digits: Option<u32>,
    /// Whether no message may show the value.
    pub sensitive: bool,
}

impl IntegerRules {
    /// No rule.
    pub const NONE: Self = Self { min: None, max: None, digits: None, sensitive: false };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_tells_ascii_hangul_and_others_apart() {
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
}
