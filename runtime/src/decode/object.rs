//! Reads objects and lists from the wire into fields, and writes objects member by member. The types and the names of
//! their members are generated.

use crate::decode::lenient::Lenient;
use crate::decode::source::Given;
use crate::decode::target::{Object, Source, TakeList, TakeMap, TakeObject, Target};
use serde::Serializer;
use serde::ser::SerializeMap;
use serde_json::Value;
use std::collections::BTreeMap;

impl<T: Object + Default> TakeObject for Option<T> {
    fn begin(&mut self) -> &mut dyn Object {
        self.insert(T::default())
    }
}

impl<T: Lenient> TakeList for Vec<T> {
    fn entry(&mut self, from: &mut dyn Source) -> bool {
        let mut entry = None;
        if !from.read(T::target(&mut entry)) && T::IS_CONTAINER {
            entry = None;
        }
        let taken = entry.is_some();
        self.extend(entry);
        taken
    }
}

impl<T: Lenient> Lenient for Vec<T> {
    const IS_CONTAINER: bool = true;

    fn target(value: &mut Option<Self>) -> Target<'_> {
        Target::List(value.insert(Vec::new()))
    }
}

/// An object whose member names are data, and not fixed by the spec. Values that cannot be converted are omitted.
impl<T: Lenient> TakeMap for BTreeMap<String, T> {
    fn member(&mut self, name: &str, from: &mut dyn Source) -> bool {
        let mut value = None;
        if !from.read(T::target(&mut value)) && T::IS_CONTAINER {
            value = None;
        }
        match value {
            Some(value) => self.insert(name.to_owned(), value).is_none(),
            None => !self.contains_key(name),
        }
    }
}

impl<T: Lenient> Lenient for BTreeMap<String, T> {
    const IS_CONTAINER: bool = true;

    fn target(value: &mut Option<Self>) -> Target<'_> {
        Target::Map(value.insert(BTreeMap::new()))
    }
}

/// Field that is read leniently. `Option` and `Vec` of [`Lenient`] types implement this trait.
pub trait Slot {
    /// Reads the value into the field.
    fn set(&mut self, from: &mut dyn Source);
}

impl<T: Lenient> Slot for Option<T> {
    fn set(&mut self, from: &mut dyn Source) {
        *self = None;
        if !from.read(T::target(self)) && T::IS_CONTAINER {
            *self = None;
        }
    }
}

impl<T: Lenient> Slot for Vec<T> {
    fn set(&mut self, from: &mut dyn Source) {
        self.clear();
        from.read(Target::List(self));
    }
}

/// Reads the value of a member into an optional field or a list.
pub fn fill(target: &mut impl Slot, from: &mut dyn Source) {
    target.set(from);
}

/// Reads a list that is written as one text, with `separator` between its entries. A JSON list or a number is accepted
/// too. Empty entries are skipped.
pub fn fill_joined<T: Lenient>(target: &mut Vec<T>, separator: &str, from: &mut dyn Source) {
    target.clear();
    let mut joined: Option<Value> = None;
    from.read(Target::Json(&mut joined));
    let texts: Vec<String> = match joined {
        Some(Value::String(text)) => text.split(separator).map(str::to_owned).collect(),
        Some(Value::Array(entries)) => entries.iter().map(text_of).collect(),
        Some(Value::Number(number)) => vec![number.to_string()],
        _ => Vec::new(),
    };
    for text in texts.iter().map(|text| text.trim()).filter(|text| !text.is_empty()) {
        target.entry(&mut Given::new(text));
    }
}

fn text_of(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A list that is written as one text, with a separator between its entries.
#[derive(Debug)]
pub struct Joined<'a, T>(pub &'a [T], pub &'static str);

impl<T: serde::Serialize> Joined<'_, T> {
    /// Returns the joined text.
    pub fn text(&self) -> String {
        let text = |entry: &T| serde_json::to_value(entry).map(|value| text_of(&value)).unwrap_or_default();
        self.0.iter().map(text).collect::<Vec<_>>().join(self.1)
    }
}

impl<T: serde::Serialize> serde::Serialize for Joined<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text())
    }
}

/// A number that is written as a text.
#[derive(Debug)]
pub struct Quoted<T>(pub T);

impl<T: std::fmt::Display> serde::Serialize for Quoted<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// Reads the value of a member into a mandatory field. Null and values that cannot be converted change nothing.
pub fn fill_always<T: Lenient>(target: &mut T, from: &mut dyn Source) {
    let mut value = None;
    from.read(T::target(&mut value));
    if let Some(value) = value {
        *target = value;
    }
}

/// Reads the value of a member into a mandatory list. Null counts as an empty list, and a single object as a list of
/// one. Sets `came` to `true` if the value can be read in one of these ways, and to `false` otherwise.
pub fn fill_list<T: Lenient>(target: &mut Vec<T>, came: &mut bool, from: &mut dyn Source) {
    target.clear();
    *came = from.read(Target::List(target));
}

/// Value that is written as an object. Implementations are generated.
pub trait Members {
    /// Writes the members.
    ///
    /// # Errors
    ///
    /// Returns the errors of the serializer.
    fn members<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error>;
}

/// Serializes a value with its [`Members`]. Generated types call this function in `Serialize::serialize`.
///
/// # Errors
///
/// Returns the errors of the serializer.
pub fn serialize_members<S: Serializer>(value: &impl Members, serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(None)?;
    value.members(&mut map)?;
    map.end()
}
