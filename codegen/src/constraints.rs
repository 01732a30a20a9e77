//! Constraints that are the same in a spec and in Rust, as plain data: rules for values, the handling of unknown
//! enumeration values, notations of times, and segments of paths.
//!
//! `analysis` and `resolve` create them. The emitters of documents read them from the resolved spec, and the emitters
//! of Rust read them from the model.

use rules::TextProblem;
pub use rules::{Format as TextFormat, IntegerRules, TextEncoding};

/// Rules for the values of a field.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    /// Rules of a text. `None` means that the rules of the text's type suffice.
    pub text: Option<TextRules>,
    /// Rules of an integer.
    pub integer: Option<IntegerRules>,
    /// Rules of a decimal number.
    pub decimal: Option<DecimalRules>,
    /// Smallest number of entries of a list.
    pub min_items: usize,
    /// Largest number of entries of a list.
    pub max_items: Option<usize>,
}

/// Rules of a decimal number.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DecimalRules {
    /// Largest number of digits before the decimal point.
    pub whole_digits: Option<u32>,
    /// Largest number of digits after the decimal point.
    pub fraction_digits: Option<u8>,
    /// Smallest value.
    pub min: Option<i64>,
    /// Exclusive lower bound.
    pub more_than: Option<i64>,
    /// Largest value.
    pub max: Option<i64>,
}

/// Rules for a text.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TextRules {
    /// Smallest number of characters.
    pub min: usize,
    /// Largest number of characters.
    pub max: Option<usize>,
    /// Largest number of bytes, and the encoding in which they are counted.
    pub max_bytes: Option<(usize, TextEncoding)>,
    /// Allowed characters. `None` allows all characters.
    pub characters: Option<CharacterSet>,
    /// Set if a text without a visible character is rejected.
    pub not_blank: bool,
    /// Format that the text must have.
    pub format: Option<TextFormat>,
    /// Prefixes that show that a value is of another kind, each with the message for such a value.
    pub mistaken: Vec<(String, String)>,
    /// Set if the value must not appear in the report of a violation.
    pub sensitive: bool,
}

impl TextRules {
    /// Length of the shortest text that [`beginning`](Self::beginning) returns for a URL.
    pub(crate) const SHORTEST_URL: usize = "http://a/".len();

    /// Returns the beginning of generated texts: a URL if the text must be one, and otherwise the empty text. If the
    /// limit is at least [`SHORTEST_URL`](Self::SHORTEST_URL), the URL keeps to the limit.
    pub(crate) fn beginning(&self) -> &'static str {
        const URL: &str = "https://shop.example/";
        let most = self.most_ascii();
        match self.format {
            Some(TextFormat::HttpUrl) if most.is_some_and(|most| most < URL.len()) => "http://a/",
            Some(TextFormat::HttpUrl) => URL,
            Some(TextFormat::PathSegment) | None => "",
        }
    }

    /// Returns the largest number of ASCII characters of a text, each of which takes one byte.
    pub(crate) fn most_ascii(&self) -> Option<usize> {
        [self.max, self.max_bytes.map(|(bytes, _)| bytes)].into_iter().flatten().min()
    }

    /// Returns a text of `length` characters with the required format and allowed characters. If Korean letters are
    /// allowed, the text is in Korean, unless there is a limit in bytes and ASCII characters are allowed too. With
    /// [`TextFormat::HttpUrl`], the text begins with a fixed URL and is at least as long as that URL.
    pub fn text_of_length(&self, length: usize) -> String {
        let prefix = self.beginning();
        // With a limit in bytes, the text has ASCII characters if the set contains any, because each of them takes one
        // byte.
        let in_korean = self.max_bytes.is_none();
        let filler = match &self.characters {
            None if in_korean => '가',
            None => 'z',
            Some(set) if set.hangul && (in_korean || set.ascii == 0) => '가',
            Some(set) => {
                (0x21..0x7f_u8).rev().map(char::from).find(|c| set.ascii >> (*c as u32) & 1 == 1).unwrap_or('0')
            }
        };
        let used = prefix.chars().count();
        prefix.chars().chain(std::iter::repeat_n(filler, length.saturating_sub(used))).take(length.max(used)).collect()
    }
}

/// A set of characters.
#[derive(Debug, Clone, PartialEq)]
pub struct CharacterSet {
    /// ASCII characters: bit `n` is 1 if the set contains the character with code point `n`.
    pub ascii: u128,
    /// `true` if the set contains all Korean letters.
    pub hangul: bool,
    /// `true` if the set contains all characters that are neither ASCII nor Korean letters.
    pub others: bool,
    /// Description of the set for documentation.
    pub doc: String,
}

impl CharacterSet {
    /// Returns the set without its description.
    pub fn set(&self) -> rules::CharacterSet {
        rules::CharacterSet { ascii: self.ascii, hangul: self.hangul, others: self.others }
    }
}

impl TextRules {
    /// Returns the reasons for which generated code would reject a text.
    pub fn problems(&self, text: &str) -> Vec<String> {
        let mistaken: Vec<_> = self.mistaken.iter().map(|(prefix, what)| (prefix.as_str(), what.as_str())).collect();
        let rules = rules::TextRules {
            min: self.min,
            max: self.max,
            max_bytes: self.max_bytes,
            characters: self.characters.as_ref().map_or(rules::CharacterSet::ANY, CharacterSet::set),
            characters_doc: "",
            not_blank: self.not_blank,
            format: self.format,
            mistaken: &mistaken,
            sensitive: self.sensitive,
        };
        let mut problems = Vec::new();
        rules.check(text, |problem| {
            problems.push(match problem {
                TextProblem::Mistaken { prefix, what } => format!("begins with `{prefix}`: {what}"),
                TextProblem::TooShort { min, actual } => format!("has {actual} characters, but needs at least {min}"),
                TextProblem::TooLong { max, actual, .. } => {
                    format!("has {actual} characters, but may have at most {max}")
                }
                TextProblem::Character { character, .. } => {
                    format!("has the character `{}`, which is not allowed", character.escape_debug())
                }
                TextProblem::TooManyBytes { max, actual, encoding } => {
                    format!("has {actual} bytes of {}, but may have at most {max}", encoding.name())
                }
                TextProblem::Unencodable { character, encoding, .. } => {
                    format!("has the character `{}`, which {} does not have", character.escape_debug(), encoding.name())
                }
                TextProblem::Blank => "is blank".into(),
                TextProblem::Format(TextFormat::PathSegment) => {
                    "is empty, `.` or `..`, so the URL would lead to another resource".into()
                }
                TextProblem::Format(_) => "is not an http or https URL".into(),
            });
        });
        problems
    }
}

/// Handling of unknown values in an enumeration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Openness {
    /// There are no unknown values, because only requests contain the enumeration.
    Closed,
    /// Unknown values in replies and callbacks are kept in a variant that callers cannot construct.
    Open,
    /// Callers can also send values that the spec does not list, in a variant that they can construct.
    Other,
}

/// Notation of a time or a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimeNotation {
    /// The pattern.
    pub pattern: String,
    /// Offset from UTC, in seconds, of a text that contains no offset.
    pub offset: i32,
    /// Kind of value that the pattern describes, such as a date or a date-time with its offset.
    pub written: rules::Written,
}

impl TimeNotation {
    /// Returns the format that reads and writes times in this notation.
    pub fn format(&self) -> rules::TimeFormat<'_> {
        rules::TimeFormat { pattern: &self.pattern, offset: self.offset }
    }
}

/// Piece of a path template: a parameter, or constant text before or after a parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PathSegment {
    /// Constant text, which may contain slashes.
    Literal(String),
    /// Name of a parameter.
    Parameter(String),
    /// Index of the credential that fills a parameter. Only the model has this variant.
    Credential(usize),
}
