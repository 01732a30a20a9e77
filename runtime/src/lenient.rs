//! Reads single values leniently: a value of another JSON type is understood where its meaning is plain, and passed
//! over where it is not. Only text that is not JSON is an error. Objects and lists are the subject of
//! [`object`](crate::Object).
//!
//! Everything here reads a stream once; nothing is parsed into a tree first.

use crate::kst::{CivilDateTime, KstDateTime};
use crate::secret::SecretText;
use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::fmt;
use std::marker::PhantomData;

/// A type that is read leniently.
pub trait Lenient: Sized {
    /// The value; `None` for null, and for what cannot be understood. Fails only where there is no JSON.
    ///
    /// # Errors
    ///
    /// Those of the deserializer.
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error>;
}

/// A type that is a text on the wire. Generated.
pub trait Text {
    /// From any text.
    fn from_text(text: &str) -> Self;

    /// The text.
    fn as_text(&self) -> &str;
}

/// A type that is an integer on the wire. Generated.
pub trait Number {
    /// From any integer.
    fn from_number(number: i64) -> Self;

    /// The integer.
    fn as_number(&self) -> i64;
}

/// [`Lenient::read`] for a [`Text`].
///
/// # Errors
///
/// Those of the deserializer.
pub fn read_text<'de, T: Text, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    Ok(read_scalar(deserializer)?.map(|AsText(value)| value))
}

/// [`Lenient::read`] for a [`Number`].
///
/// # Errors
///
/// Those of the deserializer.
pub fn read_number<'de, T: Number, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    Ok(i64::read(deserializer)?.map(T::from_number))
}

/// Visitor methods for kinds of JSON that mean nothing where they stand: they are read to their end.
macro_rules! drained {
    ($($kind:ident)*) => { $(crate::lenient::drained!(@ $kind);)* };
    (@ unit) => {
        fn visit_unit<E: serde::de::Error>(self) -> Result<Self::Value, E> {
            Ok(Self::Value::default())
        }

        fn visit_none<E: serde::de::Error>(self) -> Result<Self::Value, E> {
            Ok(Self::Value::default())
        }
    };
    (@ scalars) => {
        fn visit_bool<E: serde::de::Error>(self, _: bool) -> Result<Self::Value, E> {
            Ok(Self::Value::default())
        }

        fn visit_i64<E: serde::de::Error>(self, _: i64) -> Result<Self::Value, E> {
            Ok(Self::Value::default())
        }

        fn visit_u64<E: serde::de::Error>(self, _: u64) -> Result<Self::Value, E> {
            Ok(Self::Value::default())
        }

        fn visit_f64<E: serde::de::Error>(self, _: f64) -> Result<Self::Value, E> {
            Ok(Self::Value::default())
        }

        fn visit_str<E: serde::de::Error>(self, _: &str) -> Result<Self::Value, E> {
            Ok(Self::Value::default())
        }
    };
    (@ seq) => {
        fn visit_seq<A: serde::de::SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
            crate::lenient::drain_seq(seq)?;
            Ok(Self::Value::default())
        }
    };
}
pub(crate) use drained;

/// Reads a `T` where a deserializer hands out a value.
pub(crate) struct Reading<T>(PhantomData<T>);

impl<T> Reading<T> {
    pub(crate) fn new() -> Self {
        Self(PhantomData)
    }
}

impl<'de, T: Lenient> DeserializeSeed<'de> for Reading<T> {
    type Value = Option<T>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<T>, D::Error> {
        T::read(deserializer)
    }
}

/// The JSON types that are not containers, each with what it means to a type; by default nothing.
trait Scalar: Sized {
    fn text(text: &str) -> Option<Self>;

    fn owned(text: String) -> Option<Self> {
        Self::text(&text)
    }

    fn boolean(_value: bool) -> Option<Self> {
        None
    }

    fn integer(_value: i64) -> Option<Self> {
        None
    }

    fn unsigned(value: u64) -> Option<Self> {
        Self::integer(i64::try_from(value).ok()?)
    }

    fn float(value: f64) -> Option<Self> {
        Self::integer(whole(value)?)
    }
}

/// A float as the integer that it is. Beyond 2^53 a float stands for several integers, and so for none.
fn whole(value: f64) -> Option<i64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    (value.fract() == 0.0 && value.abs() < EXACT).then_some(value as i64)
}

impl Scalar for String {
    fn text(text: &str) -> Option<Self> {
        Some(text.to_owned())
    }

    fn owned(text: String) -> Option<Self> {
        Some(text)
    }

    fn boolean(value: bool) -> Option<Self> {
        Some(value.to_string())
    }

    fn integer(value: i64) -> Option<Self> {
        Some(value.to_string())
    }

    fn unsigned(value: u64) -> Option<Self> {
        Some(value.to_string())
    }

    fn float(value: f64) -> Option<Self> {
        // An identifier that was rounded would be another identifier.
        (value.fract() != 0.0 || whole(value).is_some()).then(|| value.to_string())
    }
}

impl Scalar for i64 {
    fn text(text: &str) -> Option<Self> {
        text.trim().parse().ok()
    }

    fn integer(value: i64) -> Option<Self> {
        Some(value)
    }
}

impl Scalar for bool {
    fn text(text: &str) -> Option<Self> {
        let text = text.trim();
        let is = |word: &str| text.eq_ignore_ascii_case(word);
        if is("true") || is("Y") || is("1") {
            Some(true)
        } else if is("false") || is("N") || is("0") {
            Some(false)
        } else {
            None
        }
    }

    fn boolean(value: bool) -> Option<Self> {
        Some(value)
    }

    fn integer(value: i64) -> Option<Self> {
        match value {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }
}

impl Scalar for KstDateTime {
    fn text(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

impl Scalar for CivilDateTime {
    fn text(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

impl Scalar for SecretText {
    fn text(text: &str) -> Option<Self> {
        Some(text.into())
    }

    fn owned(text: String) -> Option<Self> {
        Some(text.into())
    }

    fn integer(value: i64) -> Option<Self> {
        Some(value.to_string().into())
    }

    fn unsigned(value: u64) -> Option<Self> {
        Some(value.to_string().into())
    }
}

/// A [`Text`] that is read as a text is. In a type of its own, because a type can be both [`Text`] and [`Scalar`].
struct AsText<T>(T);

impl<T: Text> Scalar for AsText<T> {
    fn text(text: &str) -> Option<Self> {
        Some(Self(T::from_text(text)))
    }

    fn boolean(value: bool) -> Option<Self> {
        Self::text(if value { "true" } else { "false" })
    }

    fn integer(value: i64) -> Option<Self> {
        Self::text(&value.to_string())
    }

    fn unsigned(value: u64) -> Option<Self> {
        Self::text(&value.to_string())
    }

    fn float(value: f64) -> Option<Self> {
        Self::text(&<String as Scalar>::float(value)?)
    }
}

macro_rules! lenient_scalar {
    ($($name:ty),*) => {
        $(impl Lenient for $name {
            fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
                read_scalar(deserializer)
            }
        })*
    };
}

lenient_scalar!(String, i64, bool, KstDateTime, CivilDateTime, SecretText);

/// Opaque JSON.
impl Lenient for serde_json::Value {
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        let value = <Self as serde::Deserialize>::deserialize(deserializer)?;
        Ok((!value.is_null()).then_some(value))
    }
}

fn read_scalar<'de, T: Scalar, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    deserializer.deserialize_any(ScalarVisitor(PhantomData))
}

struct ScalarVisitor<T>(PhantomData<T>);

impl<'de, T: Scalar> Visitor<'de> for ScalarVisitor<T> {
    type Value = Option<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Option<T>, E> {
        Ok(T::text(text))
    }

    fn visit_string<E: de::Error>(self, text: String) -> Result<Option<T>, E> {
        Ok(T::owned(text))
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Option<T>, E> {
        Ok(T::boolean(value))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Option<T>, E> {
        Ok(T::integer(value))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Option<T>, E> {
        Ok(T::unsigned(value))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Option<T>, E> {
        Ok(T::float(value))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Option<T>, A::Error> {
        Ok(number_or_drain(map)?.and_then(|number| number_from_digits(&number)))
    }

    drained!(unit seq);
}

pub(crate) fn drain_seq<'de, A: SeqAccess<'de>>(mut seq: A) -> Result<(), A::Error> {
    while seq.next_element::<IgnoredAny>()?.is_some() {}
    Ok(())
}

/// How serde_json hands out numbers when some crate in the build switches its `arbitrary_precision` on: as an object
/// with this one member, a text. Without this, that crate's wish would make all our amounts unreadable.
pub(crate) const NUMBER_KEY: &str = "$serde_json::private::Number";

/// Reads an object to its end, unless it is a number in disguise: then the number's digits.
fn number_or_drain<'de, A: MapAccess<'de>>(mut map: A) -> Result<Option<String>, A::Error> {
    let mut digits = None;
    while let Some(is_number) = map.next_key_seed(IsNumberKey)? {
        if is_number {
            digits = map.next_value_seed(Reading::<String>::new())?;
        } else {
            map.next_value::<IgnoredAny>()?;
        }
    }
    Ok(digits)
}

fn number_from_digits<T: Scalar>(digits: &str) -> Option<T> {
    if let Ok(value) = digits.parse() {
        T::integer(value)
    } else if let Ok(value) = digits.parse() {
        T::unsigned(value)
    } else {
        T::float(digits.parse().ok()?)
    }
}

struct IsNumberKey;

impl<'de> DeserializeSeed<'de> for IsNumberKey {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl Visitor<'_> for IsNumberKey {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a member's name")
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<bool, E> {
        Ok(name == NUMBER_KEY)
    }
}
