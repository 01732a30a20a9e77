//! Objects and lists on the wire: reading them leniently and in one pass, and writing them member by member. The
//! types themselves, with their members' names, are generated; single values are the subject of
//! [`lenient`](crate::Lenient).

use crate::lenient::{Lenient, Reading, drained};
use serde::Serializer;
use serde::de::value::{CowStrDeserializer, Error as PairError, MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::ser::SerializeMap;
use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

/// An object that replies have. Generated.
pub trait Object: Default {
    /// The number of a member, by its name; `None` for one that the spec does not know. The name `[]` stands for a
    /// payload that is a list instead of an object.
    fn slot(name: &str) -> Option<u16>;

    /// Reads the value of that member, exactly one value.
    ///
    /// # Errors
    ///
    /// Those of the deserializer.
    fn fill<'de, A: MapAccess<'de>>(&mut self, slot: u16, map: &mut A) -> Result<(), A::Error>;

    /// Whether there is anything to read: an operation may answer with its envelope alone.
    const HAS_MEMBERS: bool = true;

    /// A member that always comes and has not come.
    fn missing(&self) -> Option<&'static str> {
        None
    }
}

/// A field that can be filled leniently: `Option` and `Vec` of what is [`Lenient`].
pub trait Slot {
    /// Reads the value into the field.
    ///
    /// # Errors
    ///
    /// Those of the deserializer.
    fn set<'de, D: Deserializer<'de>>(&mut self, deserializer: D) -> Result<(), D::Error>;
}

impl<T: Lenient> Slot for Option<T> {
    fn set<'de, D: Deserializer<'de>>(&mut self, deserializer: D) -> Result<(), D::Error> {
        *self = T::read(deserializer)?;
        Ok(())
    }
}

impl<T: Lenient> Slot for Vec<T> {
    fn set<'de, D: Deserializer<'de>>(&mut self, deserializer: D) -> Result<(), D::Error> {
        *self = deserializer.deserialize_any(ListVisitor(PhantomData))?.unwrap_or_default();
        Ok(())
    }
}

struct Setting<'a, T>(&'a mut T);

impl<'de, T: Slot> DeserializeSeed<'de> for Setting<'_, T> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        self.0.set(deserializer)
    }
}

/// Reads a member's value into a field that may stay empty.
///
/// # Errors
///
/// Those of the deserializer.
pub fn fill<'de, T: Slot, A: MapAccess<'de>>(target: &mut T, map: &mut A) -> Result<(), A::Error> {
    map.next_value_seed(Setting(target))
}

/// Reads a member's value into a field that always has one: null, and what cannot be understood, change nothing.
///
/// # Errors
///
/// Those of the deserializer.
pub fn fill_always<'de, T: Lenient, A: MapAccess<'de>>(target: &mut T, map: &mut A) -> Result<(), A::Error> {
    if let Some(value) = map.next_value_seed(Reading::new())? {
        *target = value;
    }
    Ok(())
}

/// Reads a member's value into a list that always comes; `came` tells whether it was one, or null for an empty one.
///
/// # Errors
///
/// Those of the deserializer.
pub fn fill_list<'de, T: Lenient, A: MapAccess<'de>>(
    target: &mut Vec<T>,
    came: &mut bool,
    map: &mut A,
) -> Result<(), A::Error> {
    let list: Option<Vec<T>> = map.next_value_seed(Listing(PhantomData))?;
    *came = list.is_some();
    *target = list.unwrap_or_default();
    Ok(())
}

struct Listing<T>(PhantomData<T>);

impl<'de, T: Lenient> DeserializeSeed<'de> for Listing<T> {
    type Value = Option<Vec<T>>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(ListVisitor(PhantomData))
    }
}

/// Passes over a member's value.
///
/// # Errors
///
/// Those of the deserializer.
pub fn skip<'de, A: MapAccess<'de>>(map: &mut A) -> Result<(), A::Error> {
    map.next_value::<IgnoredAny>()?;
    Ok(())
}

/// [`Lenient::read`] for an [`Object`].
///
/// # Errors
///
/// Those of the deserializer.
pub fn read_object<'de, T: Object, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    let mut object = T::default();
    let is_object =
        deserializer.deserialize_any(ObjectVisitor { object: &mut object, list: None, first_of_list: true })?;
    Ok(is_object.then_some(object))
}

/// Like [`read_object`], and a list is read into the member `[]`, where the type has it.
///
/// # Errors
///
/// Those of the deserializer.
pub fn read_payload<'de, T: Object, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    let mut object = T::default();
    Ok(deserializer.deserialize_any(ObjectVisitor::payload(&mut object))?.then_some(object))
}

/// Reads an object's members into a value; tells whether there was an object.
pub(crate) struct ObjectVisitor<'a, T> {
    object: &'a mut T,
    /// The member that a list is read into.
    list: Option<u16>,
    /// Else, whether a list's first object counts.
    first_of_list: bool,
}

impl<'a, T: Object> ObjectVisitor<'a, T> {
    pub(crate) fn payload(object: &'a mut T) -> Self {
        Self { object, list: T::slot("[]"), first_of_list: false }
    }
}

impl<T: Object> ObjectVisitor<'_, T> {
    /// A list where an object belongs: a page may say list and mean one. Its first object counts.
    fn first_object<'de, A: SeqAccess<'de>>(self, mut seq: A) -> Result<bool, A::Error> {
        while let Some(is_object) =
            seq.next_element_seed(ObjectVisitor { object: &mut *self.object, list: None, first_of_list: true })?
        {
            if is_object {
                crate::lenient::drain_seq(seq)?;
                return Ok(true);
            }
        }
        Ok(false)
    }
}

impl<'de, T: Object> DeserializeSeed<'de> for ObjectVisitor<'_, T> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, T: Object> Visitor<'de> for ObjectVisitor<'_, T> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<bool, A::Error> {
        while let Some(slot) = map.next_key_seed(SlotKey::<T>(PhantomData))? {
            match slot {
                Some(slot) => self.object.fill(slot, &mut map)?,
                None => skip(&mut map)?,
            }
        }
        Ok(true)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<bool, A::Error> {
        match self.list {
            Some(slot) => self.object.fill(slot, &mut OneValue(Some(SeqAccessDeserializer::new(seq))))?,
            None if self.first_of_list => return self.first_object(seq),
            None => {
                crate::lenient::drain_seq(seq)?;
                return Ok(false);
            }
        }
        Ok(true)
    }

    drained!(unit scalars);
}

/// A member's name as the number of its slot.
struct SlotKey<T>(PhantomData<T>);

impl<'de, T: Object> DeserializeSeed<'de> for SlotKey<T> {
    type Value = Option<u16>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<u16>, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl<T: Object> Visitor<'_> for SlotKey<T> {
    type Value = Option<u16>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a member's name")
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<Option<u16>, E> {
        Ok(T::slot(name))
    }
}

/// A list whose entries are read leniently; those that cannot be understood are left out. Null is an empty list, one
/// object a list of one; what is neither is no list.
struct ListVisitor<T>(PhantomData<T>);

impl<'de, T: Lenient> Visitor<'de> for ListVisitor<T> {
    type Value = Option<Vec<T>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut list = Vec::new();
        while let Some(entry) = seq.next_element_seed(Reading::new())? {
            list.extend(entry);
        }
        Ok(Some(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        Ok(T::read(MapAccessDeserializer::new(map))?.map(|entry| vec![entry]))
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(Some(Vec::new()))
    }

    drained!(scalars);
}

/// A value that stands alone, for code that reads the values of an object's members.
struct OneValue<D>(Option<D>);

impl<'de, D: Deserializer<'de>> MapAccess<'de> for OneValue<D> {
    type Error = D::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, _: K) -> Result<Option<K::Value>, D::Error> {
        Ok(None)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, D::Error> {
        match self.0.take() {
            Some(value) => seed.deserialize(value),
            None => Err(de::Error::custom("a member has one value")),
        }
    }
}

/// An object from the pairs of a form or a query, as lenient as from JSON. Of pairs with the same name, the last counts.
pub fn object_from_pairs<'a, T: Object>(pairs: impl Iterator<Item = (Cow<'a, str>, Cow<'a, str>)>) -> T {
    let mut object = T::default();
    for (name, value) in pairs {
        if let Some(slot) = T::slot(&name) {
            let value: CowStrDeserializer<'_, PairError> = CowStrDeserializer::new(value);
            // A text always can be read, or passed over.
            let _ = object.fill(slot, &mut OneValue(Some(value)));
        }
    }
    object
}

/// A value that is written as an object. Generated.
pub trait Members {
    /// Writes the members.
    ///
    /// # Errors
    ///
    /// Those of the serializer.
    fn members<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error>;
}

/// `Serialize::serialize` for a type with [`Members`].
///
/// # Errors
///
/// Those of the serializer.
pub fn serialize_members<S: Serializer>(value: &impl Members, serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(None)?;
    value.members(&mut map)?;
    map.end()
}
