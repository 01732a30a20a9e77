//! Sources, which supply values in JSON or from a form. A source reads each value directly into its target, usually
//! without an intermediate tree.

use crate::decode::scalar::Scalar;
use crate::decode::target::{Object, Source, TakeMap, TakeRaw, Target, Unkept};
use crate::json::NUMBER_KEY;
use serde::Deserialize;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::BTreeSet;
use std::fmt;

impl<'de> DeserializeSeed<'de> for Target<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        match self {
            Self::Json(value) => json(value, deserializer),
            Self::Raw(to) => raw(to, deserializer),
            _ => deserializer.deserialize_any(self),
        }
    }
}

fn json<'de, D: Deserializer<'de>>(into: &mut Option<Value>, deserializer: D) -> Result<bool, D::Error> {
    *into = Some(Value::deserialize(deserializer)?).filter(|value| !value.is_null());
    Ok(false)
}

fn raw<'de, D: Deserializer<'de>>(to: &mut dyn TakeRaw, deserializer: D) -> Result<bool, D::Error> {
    let text = <&RawValue>::deserialize(deserializer)?.get();
    to.take_raw(text).map_err(Unkept::error)?;
    Ok(text.starts_with('{'))
}

impl<'de> Visitor<'de> for Target<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_unit<E: de::Error>(self) -> Result<bool, E> {
        Ok(self.put(Scalar::Null))
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<bool, E> {
        Ok(self.put(Scalar::Boolean(value)))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<bool, E> {
        // Most members are texts and integers, which need no conversion.
        if let Self::Number(to) = self {
            to.take_number(value);
            return Ok(false);
        }
        Ok(self.put(Scalar::Integer(value)))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<bool, E> {
        match i64::try_from(value) {
            // Every target stores such an integer without loss, or skips it.
            Ok(value) => self.visit_i64(value),
            Err(_) => self.put_exactly(Scalar::Unsigned(value)),
        }
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<bool, E> {
        self.put_exactly(Scalar::Float(value))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<bool, E> {
        if let Self::Text(to) = self {
            to.take_text(text);
            return Ok(false);
        }
        self.put_exactly(Scalar::Text(text))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<bool, A::Error> {
        self.map(&mut map)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<bool, A::Error> {
        self.seq(&mut seq)
    }
}

impl Target<'_> {
    fn map<'de, A: MapAccess<'de>>(self, map: &mut A) -> Result<bool, A::Error> {
        match self {
            Self::Text(_) | Self::Number(_) | Self::Scalar(_) | Self::Notation(_) => match number_or_drain(map)? {
                Some(digits) => self.put_exactly(Scalar::of_digits(&digits)),
                None => Ok(false),
            },
            Self::Object(to) => members(to.begin(), map).map(|()| true),
            Self::Members(object) => members(object, map).map(|()| true),
            Self::List(list) => {
                let mut entry = OpenMap { map, result: Ok(false) };
                let taken = list.entry(&mut entry);
                entry.result.map(|_| taken)
            }
            Self::Map(to) => named_values(to, map).map(|()| true),
            Self::Json(to) => json(to, MapAccessDeserializer::new(map)),
            // Reached only if a list of such values is expected and an object arrives, because an object counts as a
            // list of one. The parser has already begun to read the object, so its JSON text is rebuilt.
            Self::Raw(to) => {
                let value = Value::deserialize(MapAccessDeserializer::new(map))?;
                to.take_raw(&value.to_string()).map(|()| true).map_err(Unkept::error)
            }
        }
    }

    fn seq<'de, A: SeqAccess<'de>>(self, seq: &mut A) -> Result<bool, A::Error> {
        match self {
            Self::Object(to) => {
                while let Some(is_object) = seq.next_element_seed(Target::Object(&mut *to))? {
                    if is_object {
                        return drain(seq).map(|()| true);
                    }
                }
                Ok(false)
            }
            Self::Members(object) => match object.slot("[]") {
                Some(slot) => {
                    let mut list = OpenSeq { seq, result: Ok(false) };
                    object.fill(slot, &mut list);
                    list.result.map(|_| true)
                }
                None => drain(seq).map(|()| false),
            },
            Self::List(list) => loop {
                let mut entry = ListEntry { seq, result: Ok(None) };
                list.entry(&mut entry);
                if entry.result?.is_none() {
                    return Ok(true);
                }
            },
            Self::Json(to) => json(to, SeqAccessDeserializer::new(seq)),
            Self::Text(_) | Self::Number(_) | Self::Scalar(_) | Self::Notation(_) | Self::Map(_) | Self::Raw(_) => {
                drain(seq).map(|()| false)
            }
        }
    }
}

/// Reads the members of an object. A documented member must occur only once.
fn members<'de, A: MapAccess<'de>>(object: &mut dyn Object, map: &mut A) -> Result<(), A::Error> {
    let mut seen = SeenSlots::default();
    while let Some(slot) = map.next_key_seed(SlotKey(&*object))? {
        match slot {
            Some(slot) => {
                seen.add(slot)?;
                member(object, slot, map)?;
            }
            None => skip(map)?,
        }
    }
    Ok(())
}

/// Reads an object whose member names are data, and not fixed by the spec.
fn named_values<'de, A: MapAccess<'de>>(to: &mut dyn TakeMap, map: &mut A) -> Result<(), A::Error> {
    while let Some(name) = map.next_key::<String>()? {
        let mut value = Member { map, result: None };
        let is_new = to.member(&name, &mut value);
        match value.result {
            Some(result) => drop(result?),
            None => skip(map)?,
        }
        if !is_new {
            return Err(more_than_once());
        }
    }
    Ok(())
}

/// Members of one object that have occurred so far.
#[derive(Default)]
pub(crate) struct SeenSlots {
    /// One bit for each slot below 128, so that objects with fewer members need no allocation. Few objects have more.
    low: u128,
    high: BTreeSet<u16>,
}

impl SeenSlots {
    /// Notes a member. Returns an error if it is repeated. The text is then read again with
    /// [`unrepeated`](crate::decode::repeated::unrepeated), which accepts a member that is repeated with an equal
    /// value.
    pub(crate) fn add<E: de::Error>(&mut self, slot: u16) -> Result<(), E> {
        let is_new = match 1_u128.checked_shl(slot.into()) {
            Some(bit) => {
                let is_new = self.low & bit == 0;
                self.low |= bit;
                is_new
            }
            None => self.high.insert(slot),
        };
        if is_new { Ok(()) } else { Err(more_than_once()) }
    }
}

pub(crate) fn more_than_once<E: de::Error>() -> E {
    Unkept::Repeated.error()
}

/// Reads the value of a member into its slot.
pub(crate) fn member<'de, A: MapAccess<'de>>(object: &mut dyn Object, slot: u16, map: &mut A) -> Result<(), A::Error> {
    let mut value = Member { map, result: None };
    object.fill(slot, &mut value);
    match value.result {
        Some(result) => result.map(drop),
        None => skip(map),
    }
}

/// Value of the current member of a map.
struct Member<'a, A, E> {
    map: &'a mut A,
    result: Option<Result<bool, E>>,
}

impl<'de, A: MapAccess<'de>> Source for Member<'_, A, A::Error> {
    fn read(&mut self, into: Target<'_>) -> bool {
        let result = self.map.next_value_seed(into);
        let read = matches!(result, Ok(true));
        self.result = Some(result);
        read
    }
}

struct ListEntry<'a, A, E> {
    seq: &'a mut A,
    result: Result<Option<bool>, E>,
}

impl<'de, A: SeqAccess<'de>> Source for ListEntry<'_, A, A::Error> {
    fn read(&mut self, into: Target<'_>) -> bool {
        self.result = self.seq.next_element_seed(into);
        matches!(self.result, Ok(Some(true)))
    }
}

/// Object that the parser has begun to read.
struct OpenMap<'a, A, E> {
    map: &'a mut A,
    result: Result<bool, E>,
}

impl<'de, A: MapAccess<'de>> Source for OpenMap<'_, A, A::Error> {
    fn read(&mut self, into: Target<'_>) -> bool {
        self.result = into.map(self.map);
        matches!(self.result, Ok(true))
    }
}

/// List that the parser has begun to read.
struct OpenSeq<'a, A, E> {
    seq: &'a mut A,
    result: Result<bool, E>,
}

impl<'de, A: SeqAccess<'de>> Source for OpenSeq<'_, A, A::Error> {
    fn read(&mut self, into: Target<'_>) -> bool {
        self.result = into.seq(self.seq);
        matches!(self.result, Ok(true))
    }
}

/// Value that is given as a text, such as a parameter of a form.
pub(crate) struct Given<'a> {
    text: &'a str,
    /// Set if the text is a number that the target's type cannot hold exactly.
    pub(crate) is_inexact: bool,
}

impl<'a> Given<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, is_inexact: false }
    }
}

impl Source for Given<'_> {
    fn read(&mut self, into: Target<'_>) -> bool {
        let scalar = Scalar::Text(self.text);
        if let Target::Raw(to) = into {
            let json = serde_json::to_string(self.text).unwrap_or_default();
            self.is_inexact |= to.take_raw(&json) == Err(Unkept::Inexact);
            return false;
        }
        self.is_inexact |= !into.keeps(scalar);
        into.put(scalar)
    }
}

/// Value that is given as JSON text.
pub(crate) struct JsonText<'a> {
    json: &'a str,
    result: Result<bool, serde_json::Error>,
}

impl<'a> JsonText<'a> {
    pub(crate) fn new(json: &'a str) -> Self {
        Self { json, result: Ok(false) }
    }

    /// Returns an error if the value could not be read, for example because a number would lose digits.
    pub(crate) fn finish<E: de::Error>(self) -> Result<(), E> {
        self.result.map(drop).map_err(of_text)
    }
}

impl Source for JsonText<'_> {
    fn read(&mut self, into: Target<'_>) -> bool {
        self.result = into.deserialize(&mut serde_json::Deserializer::from_str(self.json));
        matches!(self.result, Ok(true))
    }
}

/// Converts an error from reading a part of a text to an error that the reader of the whole text can return. The reason
/// stays the same.
pub(crate) fn of_text<E: de::Error>(error: serde_json::Error) -> E {
    Unkept::of(&error).map_or_else(|| E::custom("a value cannot be read"), Unkept::error)
}

/// Reads the name of a member and returns its slot. Returns `None` if the object does not have the member.
struct SlotKey<'a>(&'a dyn Object);

impl<'de> DeserializeSeed<'de> for SlotKey<'_> {
    type Value = Option<u16>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<u16>, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl Visitor<'_> for SlotKey<'_> {
    type Value = Option<u16>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a member's name")
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<Option<u16>, E> {
        Ok(self.0.slot(name))
    }
}

pub(crate) fn skip<'de, A: MapAccess<'de>>(map: &mut A) -> Result<(), A::Error> {
    map.next_value::<IgnoredAny>()?;
    Ok(())
}

pub(crate) fn drain<'de, A: SeqAccess<'de>>(seq: &mut A) -> Result<(), A::Error> {
    while seq.next_element::<IgnoredAny>()?.is_some() {}
    Ok(())
}

/// Reads an object to its end. Returns the digits if the object is a number in `arbitrary_precision` form.
fn number_or_drain<'de, A: MapAccess<'de>>(map: &mut A) -> Result<Option<String>, A::Error> {
    let mut digits = None;
    while let Some(is_number) = map.next_key_seed(IsNumberKey)? {
        if is_number {
            map.next_value_seed(Target::Scalar(&mut digits))?;
        } else {
            skip(map)?;
        }
    }
    Ok(digits)
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
