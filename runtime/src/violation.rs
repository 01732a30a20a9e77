//! Violations of rules, as data and as text. No message contains any part of a sensitive value.

use std::fmt;

/// Broken rule, with the allowed values and the given value.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rule {
    /// The value has too many characters, bytes or entries.
    TooLong {
        /// Largest allowed number.
        max: usize,
        /// Number that was given.
        actual: usize,
        /// Counted unit, such as `characters`, `entries` or `bytes of UTF-8`.
        unit: &'static str,
        /// Number of characters in Unicode's composed form (NFC), if the text is decomposed (NFD).
        composed: Option<usize>,
    },
    /// The value has too few characters.
    TooShort {
        /// Smallest allowed number.
        min: usize,
        /// Number that was given.
        actual: usize,
    },
    /// The text has no visible character: only white space, or invisible characters such as U+200B and U+3164.
    Blank,
    /// The text has a character that is not allowed. Only the first one is reported.
    Character {
        /// The character; absent if the value is sensitive.
        character: Option<char>,
        /// Position of the character, starting at 1.
        position: usize,
        /// Description of the allowed characters.
        allowed: &'static str,
    },
    /// The value is less than allowed.
    TooSmall {
        /// Smallest allowed value.
        min: i64,
        /// Given value; absent if it is sensitive or a decimal number.
        actual: Option<i64>,
    },
    /// The decimal number is not greater than its exclusive lower bound.
    NotMore {
        /// The exclusive lower bound.
        than: i64,
    },
    /// The value is more than allowed.
    TooLarge {
        /// Largest allowed value.
        max: i64,
        /// Largest number of digits, if the documentation states the limit as a number of digits.
        digits: Option<u32>,
        /// Given value; absent if it is sensitive or a decimal number.
        actual: Option<i64>,
    },
    /// The value does not have the required type or format.
    Format {
        /// Description of the required type or format.
        expected: &'static str,
    },
    /// The text has a prefix of another kind of value, so it was probably given by mistake.
    Mistaken {
        /// Which kind of value has this prefix, and what to do.
        what: &'static str,
    },
    /// A mandatory field is absent.
    Missing {
        /// Condition that makes the field mandatory, for example `notify is true`; empty if the field is always
        /// mandatory.
        because: String,
    },
    /// The list has too few entries.
    TooFew {
        /// Smallest allowed number.
        min: usize,
        /// Number that was given.
        actual: usize,
    },
    /// The sum of the parts exceeds the total, or differs from a total that it must equal.
    Sum {
        /// Name of the total.
        total: &'static str,
        /// Value of the total.
        expected: i64,
        /// Sum of the parts.
        actual: i64,
        /// Set if the sum must equal the total. Otherwise the sum must not exceed the total.
        exact: bool,
    },
    /// The time is too far ahead.
    TooLate {
        /// Largest number of minutes ahead.
        limit_minutes: u32,
    },
    /// The time is in the past.
    InThePast,
    /// The field is present together with another field that excludes it.
    Conflict {
        /// Name of the other field.
        with: &'static str,
    },
    /// The number has too many digits.
    TooManyDigits {
        /// Largest allowed number of digits.
        most: u32,
        /// Side of the decimal point: `before` or `after`.
        side: &'static str,
    },
    /// An entry is empty, or contains the separator that joins the list. The joined text would be read as a different
    /// list.
    Separator {
        /// The separator.
        separator: &'static str,
    },
    /// The value differs from the only documented value.
    NotFixed {
        /// The documented value.
        expected: &'static str,
    },
    /// The operation does not have this parameter.
    Unknown,
    /// A part of a total is present and not 0, but the total is absent.
    Alone {
        /// Name of the total.
        without: &'static str,
    },
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong { max, actual, unit, composed } => {
                write!(f, "at most {max} {unit} are allowed, {actual} were given")?;
                match composed {
                    Some(composed) => write!(
                        f,
                        "; the text is decomposed (Unicode NFD, as macOS writes it): normalized to NFC it has {composed}"
                    ),
                    None => Ok(()),
                }
            }
            Self::TooShort { min, actual } => {
                write!(f, "at least {min} {} needed, {actual} were given", are(*min, "character", "characters"))
            }
            Self::Blank => f.write_str("at least one visible character is needed"),
            Self::Character { character: Some(c), position, allowed } => {
                write!(f, "{c:?} at position {position} is not allowed")?;
                allowed_are(f, allowed)
            }
            Self::Character { character: None, position, allowed } => {
                write!(f, "the character at position {position} is not allowed")?;
                allowed_are(f, allowed)
            }
            Self::TooSmall { min, actual } => {
                write!(f, "at least {min} is needed")?;
                given(f, *actual)
            }
            Self::NotMore { than } => write!(f, "more than {than} is needed"),
            Self::TooLarge { max, digits, actual } => {
                write!(f, "at most {max}")?;
                if let Some(digits) = digits {
                    write!(f, " ({digits} digits)")?;
                }
                f.write_str(" is allowed")?;
                given(f, *actual)
            }
            Self::Format { expected } => write!(f, "this must be {expected}"),
            Self::Mistaken { what } => f.write_str(what),
            Self::Missing { because } if because.is_empty() => f.write_str("this must be given"),
            Self::Missing { because } => write!(f, "this must be given, because {because}"),
            Self::TooFew { min, actual } => {
                write!(f, "at least {min} {} needed, {actual} were given", are(*min, "entry", "entries"))
            }
            Self::Sum { total, expected, actual, exact: true } => {
                write!(f, "the parts of {total} add up to {actual}, but must add up to {expected}")
            }
            Self::Sum { total, expected, actual, exact: false } => {
                write!(f, "the parts of {total} add up to {actual}, which is more than {expected}")
            }
            Self::TooLate { limit_minutes } => write!(f, "this must be at most {limit_minutes} minutes ahead"),
            Self::InThePast => f.write_str("this time has passed"),
            Self::Alone { without } => {
                write!(f, "this is a part of {without}, which is not given: give {without} too, or leave this out")
            }
            Self::TooManyDigits { most, side } => {
                write!(f, "at most {most} digits are allowed {side} the decimal point")
            }
            Self::Separator { separator } => {
                write!(f, "an entry must not be empty or contain `{separator}`, which separates the entries")
            }
            Self::NotFixed { expected } => write!(f, "this must be {expected}"),
            Self::Unknown => f.write_str("there is no such parameter here"),
            Self::Conflict { with } => write!(f, "this cannot be given together with {with}"),
        }
    }
}

fn are(count: usize, one: &'static str, many: &'static str) -> String {
    if count == 1 { format!("{one} is") } else { format!("{many} are") }
}

fn allowed_are(f: &mut fmt::Formatter<'_>, allowed: &str) -> fmt::Result {
    if allowed.is_empty() { Ok(()) } else { write!(f, "; allowed: {allowed}") }
}

fn given(f: &mut fmt::Formatter<'_>, actual: Option<i64>) -> fmt::Result {
    match actual {
        Some(actual) => write!(f, ", {actual} was given"),
        None => Ok(()),
    }
}

/// Broken rule with its location.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    path: String,
    rule: Rule,
}

impl Violation {
    pub(crate) fn new(path: String, rule: Rule) -> Self {
        Self { path, rule }
    }

    /// Returns the path of the field on the wire, for example `items[2].name`.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns the rule.
    pub fn rule(&self) -> &Rule {
        &self.rule
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.rule)
    }
}

/// All violations of a request, at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violations(Vec<Violation>);

impl Violations {
    pub(crate) fn new(found: Vec<Violation>) -> Self {
        Self(found)
    }

    /// Returns an iterator over the violations.
    pub fn iter(&self) -> std::slice::Iter<'_, Violation> {
        self.0.iter()
    }

    /// Returns the number of violations.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns `true` if there are no violations. Never `true` for a value that a check returned.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Violations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, violation) in self.0.iter().enumerate() {
            if n > 0 {
                f.write_str("; ")?;
            }
            violation.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for Violations {}

impl IntoIterator for Violations {
    type Item = Violation;
    type IntoIter = std::vec::IntoIter<Violation>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a Violations {
    type Item = &'a Violation;
    type IntoIter = std::slice::Iter<'a, Violation>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}
