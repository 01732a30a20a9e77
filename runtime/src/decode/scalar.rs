//! Scalar JSON values, and their conversions to other types. A conversion succeeds only if it is unambiguous.

use rules::{Decimal, ParseDecimalError};
use std::borrow::Cow;

/// JSON value that is neither an object nor a list.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Scalar<'a> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Boolean(bool),
    /// Integer in the range of `i64`.
    Integer(i64),
    /// Integer above the range of `i64`.
    Unsigned(u64),
    /// Other number.
    Float(f64),
    /// A text.
    Text(&'a str),
}

impl<'a> Scalar<'a> {
    /// Parses digits as a number. Returns null if they are not a number.
    pub(crate) fn of_digits(digits: &str) -> Self {
        if let Ok(value) = digits.parse() {
            Self::Integer(value)
        } else if let Ok(value) = digits.parse() {
            Self::Unsigned(value)
        } else {
            digits.parse().map_or(Self::Null, Self::Float)
        }
    }

    /// Returns the value as text. Returns `None` for null, and for a whole number that may have been rounded, because a
    /// rounded identifier would be another identifier.
    pub(crate) fn text(self) -> Option<Cow<'a, str>> {
        Some(match self {
            Self::Null => return None,
            Self::Boolean(true) => "true".into(),
            Self::Boolean(false) => "false".into(),
            Self::Integer(value) => value.to_string().into(),
            Self::Unsigned(value) => value.to_string().into(),
            Self::Float(value) if value.fract() != 0.0 || whole(value).is_some() => value.to_string().into(),
            Self::Float(_) => return None,
            Self::Text(text) => text.into(),
        })
    }

    /// Returns the integer that a number or a text contains.
    pub(crate) fn integer(self) -> Option<i64> {
        match self {
            Self::Text(text) => whole_text(text.trim()),
            _ => self.number(),
        }
    }

    /// Returns the integer that a number equals. Returns `None` for a text.
    pub(crate) fn number(self) -> Option<i64> {
        match self {
            Self::Integer(value) => Some(value),
            Self::Unsigned(value) => value.try_into().ok(),
            Self::Float(value) => whole(value),
            _ => None,
        }
    }

    pub(crate) fn boolean(self) -> Option<bool> {
        match self {
            Self::Boolean(value) => Some(value),
            Self::Text(text) => {
                let text = text.trim();
                let is = |word: &&str| text.eq_ignore_ascii_case(word);
                if ["true", "Y", "1"].iter().any(is) {
                    Some(true)
                } else {
                    ["false", "N", "0"].iter().any(is).then_some(false)
                }
            }
            _ => match self.number() {
                Some(0) => Some(false),
                Some(1) => Some(true),
                _ => None,
            },
        }
    }
}

/// Parses a text as an integer. Only zeros may follow a decimal point.
fn whole_text(text: &str) -> Option<i64> {
    let digits = match text.split_once('.') {
        Some((digits, zeros)) if !zeros.is_empty() && zeros.bytes().all(|byte| byte == b'0') => digits,
        Some(_) => return None,
        None => text,
    };
    digits.parse().ok()
}

/// Returns the integer that a float equals. Returns `None` from 2^53 on, because several integers are then rounded to
/// the same float.
fn whole(value: f64) -> Option<i64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    (value.fract() == 0.0 && value.abs() < EXACT).then_some(value as i64)
}

/// Returns `true` for an integer, or for a value that is not a number. Other numbers would lose digits in an integer.
pub(crate) fn is_whole_or_no_number(scalar: Scalar<'_>) -> bool {
    match scalar {
        Scalar::Text(text) => {
            let text = text.trim();
            whole_text(text).is_some() || Decimal::parse(text) == Err(ParseDecimalError::NotANumber)
        }
        Scalar::Unsigned(_) | Scalar::Float(_) => scalar.integer().is_some(),
        Scalar::Null | Scalar::Boolean(_) | Scalar::Integer(_) => true,
    }
}

/// Returns `false` for a whole number that may have been rounded while reading, because its text could be another
/// number.
pub(crate) fn has_exact_text(scalar: Scalar<'_>) -> bool {
    !matches!(scalar, Scalar::Float(_)) || scalar.text().is_some()
}
