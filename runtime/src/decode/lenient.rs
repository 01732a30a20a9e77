//! Lenient reading of single values: a value of another JSON type is converted if its meaning is unambiguous, and
//! skipped otherwise. Only invalid JSON is an error. [`object`](crate::decode::object) reads objects and lists;
//! [`source`](crate::decode::source) takes values from a stream.
//!
//! Every type converts from a small scalar value, so that the parser is compiled once, and not once per type.

use crate::decode::source::{TakeRaw, Target, Unkept};
use crate::secret::SecretText;
use rules::{CalendarDate, Decimal, OffsetDateTime, ParseDecimalError};
use std::borrow::Cow;

/// Type that is read leniently.
pub trait Lenient: Sized {
    /// Set if every value of the type is a list or an object. No other JSON value then counts as an empty one.
    const IS_CONTAINER: bool = false;

    /// Returns the target for the value. It stays `None` for null and for values that cannot be converted.
    fn target(value: &mut Option<Self>) -> Target<'_>;
}

/// Type that is a text on the wire. Generated.
pub trait Text {
    /// Creates the value from any text.
    fn from_text(text: &str) -> Self;

    /// Returns the text.
    fn as_text(&self) -> &str;
}

/// Type that is an integer on the wire. Generated.
pub trait Number {
    /// Creates the value from any integer.
    fn from_number(number: i64) -> Self;

    /// Returns the integer.
    fn as_number(&self) -> i64;
}

/// JSON value that is not a container.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Scalar<'a> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Boolean(bool),
    /// Integer in the range of `i64`.
    Integer(i64),
    /// Integer beyond the range of `i64`.
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

    /// Returns the value as text. A rounded number has none, because a rounded identifier would be another identifier.
    fn text(self) -> Option<Cow<'a, str>> {
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

    /// Returns the value as an integer.
    fn integer(self) -> Option<i64> {
        match self {
            Self::Text(text) => whole_text(text.trim()),
            _ => self.number(),
        }
    }

    /// Returns the integer that a number equals.
    fn number(self) -> Option<i64> {
        match self {
            Self::Integer(value) => Some(value),
            Self::Unsigned(value) => value.try_into().ok(),
            Self::Float(value) => whole(value),
            _ => None,
        }
    }

    fn boolean(self) -> Option<bool> {
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

/// Parses a text as an integer; a decimal point may be followed by zeros only.
fn whole_text(text: &str) -> Option<i64> {
    let digits = match text.split_once('.') {
        Some((digits, zeros)) if !zeros.is_empty() && zeros.bytes().all(|byte| byte == b'0') => digits,
        Some(_) => return None,
        None => text,
    };
    digits.parse().ok()
}

/// Returns the integer that a float equals. Returns `None` beyond 2^53, where a float stands for several integers.
fn whole(value: f64) -> Option<i64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    (value.fract() == 0.0 && value.abs() < EXACT).then_some(value as i64)
}

/// Target of a scalar.
pub trait TakeScalar {
    /// Stores the scalar, or nothing if it cannot be converted.
    fn take(&mut self, scalar: Scalar<'_>);

    /// Returns `true` if a number can be stored without loss. Other values are skipped, which loses nothing.
    fn keeps(&self, _scalar: Scalar<'_>) -> bool {
        true
    }
}

/// Target of a text.
pub trait TakeText {
    /// Stores the text.
    fn take_text(&mut self, text: &str);
}

/// Target of an integer.
pub trait TakeNumber {
    /// Stores the integer.
    fn take_number(&mut self, number: i64);
}

impl<T: Text> TakeText for Option<T> {
    fn take_text(&mut self, text: &str) {
        *self = Some(T::from_text(text));
    }
}

impl<T: Number> TakeNumber for Option<T> {
    fn take_number(&mut self, number: i64) {
        *self = Some(T::from_number(number));
    }
}

/// Stores a scalar in the target of a text.
pub(crate) fn give_text(to: &mut dyn TakeText, scalar: Scalar<'_>) {
    if let Some(text) = scalar.text() {
        to.take_text(&text);
    }
}

/// Stores a scalar in a target with its own notation.
pub(crate) fn give_notation(to: &mut dyn TakeNotation, scalar: Scalar<'_>) {
    if let Some(text) = scalar.text() {
        to.take_notation(text.trim());
    }
}

/// Stores a scalar in the target of a number.
pub(crate) fn give_number(to: &mut dyn TakeNumber, scalar: Scalar<'_>) {
    if let Some(number) = scalar.integer() {
        to.take_number(number);
    }
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

/// Returns `true` if a value has an exact text form. A number that was rounded while reading has none.
pub(crate) fn has_exact_text(scalar: Scalar<'_>) -> bool {
    !matches!(scalar, Scalar::Float(_)) || scalar.text().is_some()
}

impl TakeScalar for Option<String> {
    fn take(&mut self, scalar: Scalar<'_>) {
        *self = scalar.text().map(Cow::into_owned);
    }

    fn keeps(&self, scalar: Scalar<'_>) -> bool {
        has_exact_text(scalar)
    }
}

impl Lenient for String {
    fn target(value: &mut Option<Self>) -> Target<'_> {
        Target::Scalar(value)
    }
}

impl Number for i64 {
    fn from_number(number: i64) -> Self {
        number
    }

    fn as_number(&self) -> i64 {
        *self
    }
}

impl Lenient for i64 {
    fn target(value: &mut Option<Self>) -> Target<'_> {
        Target::Number(value)
    }
}

/// A number with all its digits, or a text that contains one.
impl TakeRaw for Option<Decimal> {
    fn take_raw(&mut self, json: &str) -> Result<(), Unkept> {
        let text = serde_json::from_str::<Cow<'_, str>>(json).unwrap_or(Cow::Borrowed(json));
        match Decimal::parse(text.trim()) {
            Ok(number) => *self = Some(number),
            Err(ParseDecimalError::NotANumber) => *self = None,
            Err(ParseDecimalError::TooManyDigits) => return Err(Unkept::Inexact),
        }
        Ok(())
    }
}

impl Lenient for Decimal {
    fn target(value: &mut Option<Self>) -> Target<'_> {
        Target::Raw(value)
    }
}

macro_rules! lenient_scalar {
    ($($name:ty: |$scalar:ident| $read:expr;)*) => {
        $(
            impl TakeScalar for Option<$name> {
                fn take(&mut self, $scalar: Scalar<'_>) {
                    *self = $read;
                }
            }

            impl Lenient for $name {
                fn target(value: &mut Option<Self>) -> Target<'_> {
                    Target::Scalar(value)
                }
            }
        )*
    };
}

lenient_scalar! {
    bool: |scalar| scalar.boolean();
    OffsetDateTime: |scalar| match scalar {
        Scalar::Text(text) => text.parse().ok(),
        _ => None,
    };
    CalendarDate: |scalar| match scalar {
        Scalar::Text(text) => text.parse().ok(),
        _ => None,
    };
    SecretText: |scalar| match scalar {
        Scalar::Text(text) => Some(text.into()),
        Scalar::Unsigned(value) => Some(value.to_string().into()),
        _ => scalar.number().map(|value| value.to_string().into()),
    };
}

/// Type with its own notation. Generated.
pub trait Notation: Sized {
    /// Parses a text or the digits of a number. Returns `None` for any other notation.
    fn from_notation(text: &str) -> Option<Self>;
}

impl<T: Notation> TakeNotation for Option<T> {
    fn take_notation(&mut self, text: &str) {
        *self = T::from_notation(text);
    }
}

/// Target of a text with its own notation.
pub trait TakeNotation {
    /// Stores the text, or nothing if the notation differs.
    fn take_notation(&mut self, text: &str);
}

/// Returns the target of a value with its own notation.
pub fn notation_target<T: Notation>(value: &mut Option<T>) -> Target<'_> {
    Target::Notation(value)
}

/// Opaque JSON.
impl Lenient for serde_json::Value {
    fn target(value: &mut Option<Self>) -> Target<'_> {
        Target::Json(value)
    }
}
