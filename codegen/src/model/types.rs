//! Named types.

use rules::TextProblem;
pub use rules::{Format as TextFormat, IntegerRules, TextEncoding};

/// A string newtype.
#[derive(Debug)]
pub struct TextType {
    /// The name.
    pub rust: String,
    /// Documentation.
    pub docs: Vec<String>,
    /// Rules for requests.
    pub rules: TextRules,
    /// Set if its holder is authorized by it: zeroized, compared in constant time, never shown.
    pub secret: bool,
    /// Set if it is never shown.
    pub sensitive: bool,
    /// Set if it has `random()`.
    pub uuid: bool,
    /// Prefixes and their environments.
    pub prefixes: Vec<(String, String)>,
    /// Set if only the client has it: no message contains it.
    pub held_only: bool,
}

/// Rules for a text.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TextRules {
    /// Smallest number of characters.
    pub min: usize,
    /// Largest number of characters.
    pub max: Option<usize>,
    /// Most bytes in an encoding.
    pub max_bytes: Option<(usize, TextEncoding)>,
    /// Characters allowed.
    pub characters: Option<CharacterSet>,
    /// Refuses texts with white space only.
    pub not_blank: bool,
    /// Format.
    pub format: Option<TextFormat>,
    /// Prefixes of values of another kind, and the message for each.
    pub mistaken: Vec<(String, String)>,
    /// Keeps the value out of violations.
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
    /// ASCII characters, a bit each.
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
    /// Returns the problems for which generated code would refuse a text.
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
                TextProblem::TooShort { min, actual } => format!("has {actual} characters, at least {min} are needed"),
                TextProblem::TooLong { max, actual, .. } => {
                    format!("has {actual} characters, at most {max} are allowed")
                }
                TextProblem::Character { character, .. } => {
                    format!("has the character `{}`, which is not allowed", character.escape_debug())
                }
                TextProblem::TooManyBytes { max, actual, encoding } => {
                    format!("has {actual} bytes of {}, at most {max} are allowed", encoding.name())
                }
                TextProblem::Unencodable { character, encoding, .. } => {
                    format!("has the character `{}`, which {} lacks", character.escape_debug(), encoding.name())
                }
                TextProblem::Blank => "is blank".into(),
                TextProblem::Format(TextFormat::PathSegment) => {
                    "stands in a path, where it would name another resource".into()
                }
                TextProblem::Format(_) => "is not an http or https URL".into(),
            });
        });
        problems
    }
}

/// An enumeration.
#[derive(Debug)]
pub struct EnumType {
    /// The name.
    pub rust: String,
    /// Documentation.
    pub docs: Vec<String>,
    /// Handling of unknown values.
    pub openness: Openness,
    /// Set if the values are integers.
    pub integer: bool,
    /// Set if case is ignored.
    pub any_case: bool,
    /// Values.
    pub values: Vec<EnumVariant>,
    /// Actions of a status, each with a method `can_…`.
    pub actions: Vec<String>,
    /// Set if it is a state machine.
    pub states: bool,
}

/// Handling of unknown values in an enumeration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Openness {
    /// There are none: the enumeration is in requests only.
    Closed,
    /// They are kept in a variant that callers cannot construct.
    Open,
    /// Callers can construct them.
    Other,
}

/// A value of an enumeration.
#[derive(Debug)]
pub struct EnumVariant {
    /// The text on the wire.
    pub wire: String,
    /// The variant.
    pub variant: String,
    /// Documentation.
    pub docs: Vec<String>,
    /// Name that the service uses in texts for people.
    pub label: Option<String>,
    /// Variants that can follow.
    pub next: Vec<String>,
    /// Actions allowed.
    pub allows: Vec<String>,
}

/// An enumeration over groups.
#[derive(Debug)]
pub struct Details {
    /// The name.
    pub rust: String,
    /// Documentation.
    pub docs: Vec<String>,
    /// The groups.
    pub cases: Vec<DetailsCase>,
}

/// A group in an enumeration over groups.
#[derive(Debug)]
pub struct DetailsCase {
    /// The variant.
    pub variant: String,
    /// The group.
    pub group: String,
    /// Documentation.
    pub doc: String,
}

/// A time or a day in a notation of its own.
#[derive(Debug)]
pub struct TimeType {
    /// The name.
    pub rust: String,
    /// Documentation.
    pub docs: Vec<String>,
    /// How it is written.
    pub notation: TimeNotation,
    /// The notation in words, for a message: `a time written yyyyMMddHHmmss`.
    pub expected: String,
}

/// How a time is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimeNotation {
    /// The pattern.
    pub pattern: String,
    /// The offset of a text that has none, in seconds.
    pub offset: i32,
    /// Kind of value that it writes.
    pub written: rules::Written,
}

impl TimeNotation {
    /// The notation for reading and writing.
    pub fn format(&self) -> rules::TimeFormat<'_> {
        rules::TimeFormat { pattern: &self.pattern, offset: self.offset }
    }
}

/// An object of several kinds.
#[derive(Debug)]
pub struct UnionType {
    /// The name.
    pub rust: String,
    /// Documentation.
    pub docs: Vec<String>,
    /// Discriminator: the member that identifies the kind.
    pub by: String,
    /// Set if requests contain it, and replies have one of their own.
    pub sent_only: bool,
    /// The kinds.
    pub cases: Vec<UnionCase>,
}

/// A kind of object.
#[derive(Debug)]
pub struct UnionCase {
    /// Value of the discriminator.
    pub value: String,
    /// The variant.
    pub variant: String,
    /// The group.
    pub group: String,
    /// `true` if the group has the discriminator too.
    pub has_member: bool,
    /// Documentation.
    pub docs: Vec<String>,
}
