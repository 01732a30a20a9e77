//! Broken rules, as data and in words. No message has any part of a value that is sensitive.

use std::fmt;

/// A rule that was broken, with what is allowed and what was given.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rule {
    /// More characters, or entries, than allowed.
    TooLong {
        /// The most that are allowed.
        max: usize,
        /// How many there were.
        actual: usize,
        /// What is counted: `characters` or `entries`.
        unit: &'static str,
        /// How many characters the text has in Unicode's composed form (NFC), if it was given in the decomposed one
        /// (NFD).
        composed: Option<usize>,
    },
    /// Fewer characters than needed.
    TooShort {
        /// The fewest that are needed.
        min: usize,
        /// How many there were.
        actual: usize,
    },
    /// Nothing that can be seen: white space, or invisible characters such as U+200B and U+3164.
    Blank,
    /// A character that is not allowed; the first one.
    Character {
        /// The character; absent where the value is sensitive.
        character: Option<char>,
        /// Where it stands, counted in characters from 1.
        position: usize,
        /// What is allowed.
        allowed: &'static str,
    },
    /// Less than allowed.
    TooSmall {
        /// The smallest allowed.
        min: i64,
        /// What was given; absent where the value is sensitive.
        actual: Option<i64>,
    },
    /// More than allowed.
    TooLarge {
        /// The largest allowed.
        max: i64,
        /// The number of digits, where the limit was documented as one.
        digits: Option<u32>,
        /// What was given; absent where the value is sensitive.
        actual: Option<i64>,
    },
    /// Not what it must be as a whole.
    Format {
        /// What it must be.
        expected: &'static str,
    },
    /// Something else was given by mistake.
    Mistaken {
        /// What it is, and what to do.
        what: &'static str,
    },
    /// Not given, although it must be.
    Missing {
        /// Why it must be, for example `notify is true`; empty where it always must.
        because: String,
    },
    /// Fewer entries than needed.
    TooFew {
        /// The fewest that are needed.
        min: usize,
        /// How many there were.
        actual: usize,
    },
    /// The parts do not add up to the total.
    Sum {
        /// The total's name.
        total: &'static str,
        /// The total.
        expected: i64,
        /// What the parts add up to.
        actual: i64,
        /// Whether they must equal the total; otherwise they must not exceed it.
        exact: bool,
    },
    /// A time too far ahead.
    TooLate {
        /// How many minutes ahead it may be.
        limit_minutes: u32,
    },
    /// A time that has passed.
    InThePast,
    /// Given beside something that excludes it.
    Conflict {
        /// The other field.
        with: &'static str,
    },
    /// More digits than a decimal number may have.
    TooManyDigits {
        /// The most that are allowed.
        most: u32,
        /// On which side of the point: `before` or `behind`.
        side: &'static str,
    },
    /// An entry that has the separator its list is joined with, or is empty: it would be read as another list.
    Separator {
        /// The separator.
        separator: &'static str,
    },
    /// Not the one value that is documented.
    NotFixed {
        /// The value.
        expected: &'static str,
    },
    /// Given where nothing reads it.
    Unknown,
    /// Given without the total that it is a part of.
    Alone {
        /// The total.
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
            Self::Blank => f.write_str("something other than white space and invisible characters is needed"),
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
                write!(f, "the parts of {total} add up to {actual}, they must add up to {expected}")
            }
            Self::Sum { total, expected, actual, exact: false } => {
                write!(f, "the parts of {total} add up to {actual}, which is more than {expected}")
            }
            Self::TooLate { limit_minutes } => write!(f, "this must be at most {limit_minutes} minutes ahead"),
            Self::InThePast => f.write_str("this time has passed"),
            Self::Alone { without } => {
                write!(f, "this is a part of {without}, which is not given: give {without} too, or leave this out")
            }
            Self::TooManyDigits { most, side } => write!(f, "at most {most} digits are allowed {side} the point"),
            Self::Separator { separator } => {
                write!(f, "an entry must not be empty and must not have `{separator}`, which stands between entries")
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

/// A broken rule and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    path: String,
    rule: Rule,
}

impl Violation {
    pub(crate) fn new(path: String, rule: Rule) -> Self {
        Self { path, rule }
    }

    /// The field as it is called on the wire, for example `items[2].name`.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The rule.
    pub fn rule(&self) -> &Rule {
        &self.rule
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.rule)
    }
}

/// Every rule that a request breaks, at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violations(Vec<Violation>);

impl Violations {
    pub(crate) fn new(found: Vec<Violation>) -> Self {
        Self(found)
    }

    /// Each of them.
    pub fn iter(&self) -> std::slice::Iter<'_, Violation> {
        self.0.iter()
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none, which is never so for a value that a check returned.
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
