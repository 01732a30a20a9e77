//! Constraints that are the same in a spec and in Rust, as plain data. They are the rules of values, values of
//! enumerations, notations of times, and segments of paths.
//!
//! `analysis` and `resolve` create them. Document emitters read them from the resolved spec, Rust emitters from the
//! model.

use rules::TextProblem;
pub use rules::{Format as TextFormat, IntegerRules, TextEncoding};

/// Rules of a field.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    /// Rules of a text. `None` means that the rules of its string newtype apply.
    pub text: Option<TextRules>,
    /// Of a number.
    pub integer: Option<IntegerRules>,
    /// Rules of a decimal number.
    pub decimal: Option<DecimalRules>,
    /// Fewest entries.
    pub min_items: usize,
    /// Most entries.
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
    /// Largest number of bytes in an encoding.
    pub max_bytes: Option<(usize, TextEncoding)>,
    /// Characters allowed.
    pub characters: Option<CharacterSet>,
    /// Set if a text of white space only is rejected.
    pub not_blank: bool,
    /// Format.
    pub format: Option<TextFormat>,
    /// Prefixes of values of another kind, and the message for each.
    pub mistaken: Vec<(String, String)>,
    /// Set if violations must not show the value.
    pub sensitive: bool,
}

impl TextRules {
    /// Returns a text of exactly `length` characters that follows the other rules, in Korean if that is allowed.
    pub fn text_of_length(&self, length: usize) -> String {
        let prefix = match self.format {
            Some(TextFormat::HttpUrl) => "https://shop.example/",
            Some(TextFormat::PathSegment) | None => "",
        };
        let filler = match &self.characters {
            None => '가',
            Some(set) if set.hangul => '가',
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
    /// ASCII characters, one bit each.
    pub ascii: u128,
    /// Korean letters.
    pub hangul: bool,
    /// Everything else.
    pub others: bool,
    /// Description.
    pub doc: String,
}

impl CharacterSet {
    /// Returns the characters, without the description.
    pub fn set(&self) -> rules::CharacterSet {
        rules::CharacterSet { ascii: self.ascii, hangul: self.hangul, others: self.others }
    }
}

impl TextRules {
    /// Returns the problems for which generated code would reject a text.
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
                    "is a path segment, and would lead to another resource".into()
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
    /// There are no unknown values, because the enumeration is in requests only.
    Closed,
    /// Unknown values are kept in a variant that callers cannot construct.
    Open,
    /// Callers can send unknown values, in a variant that they can construct.
    Other,
}

/// Notation of a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimeNotation {
    /// The pattern.
    pub pattern: String,
    /// The offset of a text that has none, in seconds.
    pub offset: i32,
    /// Kind of value in this notation: a time or a day.
    pub written: rules::Written,
}

impl TimeNotation {
    /// The notation for reading and writing.
    pub fn format(&self) -> rules::TimeFormat<'_> {
        rules::TimeFormat { pattern: &self.pattern, offset: self.offset }
    }
}

/// A piece of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PathSegment {
    /// Text.
    Literal(String),
    /// A parameter's name.
    Parameter(String),
    /// A credential's number.
    Credential(usize),
}
