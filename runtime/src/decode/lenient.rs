//! Lenient reading of single values. A value of another JSON type is converted if its meaning is unambiguous, and
//! skipped otherwise. The only errors are invalid JSON, a number that would lose digits, and a repeated member.
//! [`object`](crate::decode::object) reads objects and lists.
//!
//! Most types convert from the small type `Scalar`, so that the parser is compiled once, and not once per type.

use crate::decode::scalar::{Scalar, has_exact_text};
use crate::decode::target::{TakeNotation, TakeNumber, TakeRaw, TakeScalar, TakeText, Target, Unkept};
use crate::secret::SecretText;
use rules::{CalendarDate, Decimal, OffsetDateTime, ParseDecimalError};
use std::borrow::Cow;

/// Type that is read leniently.
pub trait Lenient: Sized {
    /// Set for lists and maps. A JSON value of another type, such as a number, is then skipped, and not read as an
    /// empty list or map.
    const IS_CONTAINER: bool = false;

    /// Returns the target that reads into `value`. For null and for values that cannot be converted, `value` stays
    /// `None`, unless `IS_CONTAINER` is set.
    fn target(value: &mut Option<Self>) -> Target<'_>;
}

/// Type that is a text on the wire. Implementations are generated.
pub trait Text {
    /// Creates the value from any text.
    fn from_text(text: &str) -> Self;

    /// Returns the text.
    fn as_text(&self) -> &str;
}

/// Type that is an integer on the wire. Implementations are generated, except that of `i64`.
pub trait Number {
    /// Creates the value from any integer.
    fn from_number(number: i64) -> Self;

    /// Returns the integer.
    fn as_number(&self) -> i64;
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

/// Reads a JSON number with all its digits, or a text that contains a number.
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

/// Type with its own notation, such as a time that is written `yyyyMMddHHmmss`. Implementations are generated.
pub trait Notation: Sized {
    /// Parses a text or the digits of a number. Returns `None` for any other notation.
    fn from_notation(text: &str) -> Option<Self>;
}

impl<T: Notation> TakeNotation for Option<T> {
    fn take_notation(&mut self, text: &str) {
        *self = T::from_notation(text);
    }
}

/// Returns the target that reads a text in the notation of the type into `value`.
pub fn notation_target<T: Notation>(value: &mut Option<T>) -> Target<'_> {
    Target::Notation(value)
}

impl Lenient for serde_json::Value {
    fn target(value: &mut Option<Self>) -> Target<'_> {
        Target::Json(value)
    }
}
