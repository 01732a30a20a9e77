//! Unions. A union is one of several objects (the cases). One member of the object itself, the discriminator, selects
//! the case. The cases are generated. A case that the spec does not have is stored as received.

use crate::decode::object::Members;
use crate::decode::repeated;
use crate::decode::target::{Object, TakeRaw, Target, Unkept};
use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserializer, Serializer};
use serde_json::Value;
use serde_json::value::RawValue;
use std::fmt;

/// One of several objects. Implementations are generated.
pub trait Union: Sized {
    /// Name of the discriminator, which is the member that selects the case.
    const BY: &'static str;

    /// Creates the empty case for a value of the discriminator. Returns `None` if there is no such case.
    fn begin(value: &str) -> Option<Self>;

    /// Returns the object of a known case. Returns `None` for an unknown case.
    fn object(&mut self) -> Option<&mut dyn Object>;

    /// Creates the value for an unknown case.
    fn unknown(case: UnknownCase) -> Self;
}

/// A value of a case that the spec does not have, or without a case, as received. Only this crate can create one with
/// content, because a later version of the generated crate may have the case. Its `Debug` shows the case but no
/// content.
#[derive(Clone, Default)]
pub struct UnknownCase {
    case: Option<String>,
    json: Option<Box<RawValue>>,
}

impl UnknownCase {
    /// Returns the value that selects the case, if there is one.
    pub fn case(&self) -> Option<&str> {
        self.case.as_deref()
    }

    /// Returns the JSON text as received, or `null` if there is none. It may contain sensitive members.
    pub fn json(&self) -> &str {
        self.json.as_deref().map_or("null", RawValue::get)
    }
}

impl fmt::Debug for UnknownCase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The discriminator may be any text, so it is shown only if it looks like a name.
        let is_name = |case: &&str| {
            case.len() <= 64 && case.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
        };
        f.debug_struct("UnknownCase").field("case", &self.case().filter(is_name)).finish_non_exhaustive()
    }
}

impl serde::Serialize for UnknownCase {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.json.serialize(serializer)
    }
}

/// Reads the discriminator of an object. The result is the value of the discriminator as text, or `None` if the
/// discriminator is absent, null, a list or an object. A repeated discriminator is an error, even if no field of the
/// case contains it.
struct Discriminator(&'static str);

impl<'de> DeserializeSeed<'de> for Discriminator {
    type Value = Option<String>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Discriminator {
    type Value = Option<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        // The JSON text of the value, because a number that is too large for a float is a value too.
        let mut found: Option<Box<RawValue>> = None;
        while let Some(name) = map.next_key::<String>()? {
            if name != self.0 {
                map.next_value::<IgnoredAny>()?;
            } else if found.replace(map.next_value()?).is_some() {
                return Err(Unkept::Repeated.error());
            }
        }
        Ok(found.and_then(|json| serde_json::from_str(json.get()).ok()).as_ref().and_then(case_of))
    }
}

/// Returns the case that a value of the discriminator selects. `None` if the value is null, a list or an object.
fn case_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(value) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Returns the value of the discriminator as [`Discriminator`] reads it, or an error if the discriminator is repeated.
/// Returns `None` if the JSON text is not an object.
fn selected(json: &str, by: &'static str) -> Result<Option<String>, Unkept> {
    match Discriminator(by).deserialize(&mut serde_json::Deserializer::from_str(json)) {
        Ok(selected) => Ok(selected),
        Err(error) if Unkept::of(&error) == Some(Unkept::Repeated) => Err(Unkept::Repeated),
        Err(_) => Ok(None),
    }
}

/// Reads a union from its JSON text. Returns `None` for null.
///
/// # Errors
///
/// Returns an error if a number would lose digits, or if a documented member is repeated. The error states whether the
/// values of the repeated member are different.
pub fn read_union<T: Union>(json: &str) -> Result<Option<T>, Unkept> {
    match read_case(json) {
        Err(Unkept::Repeated) => Err(contradiction::<T>(json).map_or(Unkept::Repeated, Unkept::Contradictory)),
        read => read,
    }
}

/// Returns the name of a documented member that is repeated with a different value. The reader of the whole text would
/// not find this member. Its probes contain no discriminator, so that no member of a case counts as documented.
fn contradiction<T: Union>(json: &str) -> Option<String> {
    let last: Value = serde_json::from_str(json).ok()?;
    let case = last.get(T::BY).and_then(case_of);
    let mut is_documented = |probe: &str| {
        let mut known = case.as_deref().and_then(T::begin);
        let object = known.as_mut().and_then(T::object);
        let read = |object| Target::Members(object).deserialize(&mut serde_json::Deserializer::from_str(probe));
        selected(probe, T::BY).is_err() || object.is_some_and(|object| read(object).is_err())
    };
    repeated::unrepeated(json, &mut is_documented).err()
}

/// Reads a union as [`read_union`] does, but does not compare the values of a repeated member.
fn read_case<T: Union>(json: &str) -> Result<Option<T>, Unkept> {
    if json == "null" {
        return Ok(None);
    }
    let case = selected(json, T::BY)?;
    if let Some(mut known) = case.as_deref().and_then(T::begin)
        && let Some(object) = known.object()
    {
        let mut reader = serde_json::Deserializer::from_str(json);
        return match Target::Members(object).deserialize(&mut reader) {
            Ok(_) => Ok(Some(known)),
            Err(error) => Err(Unkept::of(&error).unwrap_or(Unkept::Repeated)),
        };
    }
    let json = serde_json::from_str::<Box<RawValue>>(json).ok();
    Ok(Some(T::unknown(UnknownCase { case, json })))
}

impl<T: Union> TakeRaw for Option<T> {
    fn take_raw(&mut self, json: &str) -> Result<(), Unkept> {
        *self = read_union(json)?;
        Ok(())
    }
}

/// Writes an object together with its discriminator, which is not one of the object's own members.
///
/// # Errors
///
/// Returns the errors of the serializer.
pub fn serialize_tagged<S: Serializer>(
    by: &'static str,
    value: &'static str,
    object: &impl Members,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(None)?;
    map.serialize_entry(by, value)?;
    object.members(&mut map)?;
    map.end()
}

/// Returns the target that reads a union into `value`.
pub fn union_target<T: Union>(value: &mut Option<T>) -> Target<'_> {
    Target::Raw(value)
}

/// Implements [`Lenient`] and `Default` for a union in the crate that defines it.
#[doc(hidden)]
#[macro_export]
macro_rules! impl_union {
    ($name:ident) => {
        impl $crate::__private::Lenient for $name {
            fn target(value: &mut ::std::option::Option<Self>) -> $crate::__private::Target<'_> {
                $crate::__private::union_target(value)
            }
        }

        impl ::std::default::Default for $name {
            fn default() -> Self {
                Self::Unknown($crate::__private::UnknownCase::default())
            }
        }
    };
}
