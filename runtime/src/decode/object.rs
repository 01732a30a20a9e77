//! Objects and lists on the wire: what members they have, and writing them member by member. The types themselves,
//! with their members' names, are generated; taking values from a stream is the subject of
//! [`reading`](crate::decode::source).

use crate::decode::lenient::Lenient;
use crate::decode::source::{Source, Target};
use serde::Serializer;
use serde::ser::SerializeMap;

/// An object that replies have. Generated.
pub trait Object {
    /// The number of a member, by its name; `None` for one that the spec does not know. The name `[]` stands for a
    /// payload that is a list instead of an object.
    fn slot(&self, name: &str) -> Option<u16>;

    /// Reads the value of that member.
    fn fill(&mut self, slot: u16, from: &mut dyn Source);

    /// Whether there is anything to read: an operation may answer with its envelope alone.
    fn has_members(&self) -> bool {
        true
    }

    /// A member that always comes and has not come.
    fn missing(&self) -> Option<&'static str> {
        None
    }
}

/// What takes an object.
pub trait TakeObject {
    /// The object, with nothing in it.
    fn begin(&mut self) -> &mut dyn Object;
}

impl<T: Object + Default> TakeObject for Option<T> {
    fn begin(&mut self) -> &mut dyn Object {
        self.insert(T::default())
    }
}

/// What takes a list.
pub trait TakeList {
    /// Reads one more entry. Returns `true` if it was understood.
    fn entry(&mut self, from: &mut dyn Source) -> bool;
}

impl<T: Lenient> TakeList for Vec<T> {
    fn entry(&mut self, from: &mut dyn Source) -> bool {
        let mut entry = None;
        from.read(T::target(&mut entry));
        let taken = entry.is_some();
        self.extend(entry);
        taken
    }
}

/// A field that can be filled leniently: `Option` and `Vec` of what is [`Lenient`].
pub trait Slot {
    /// Reads the value into the field.
    fn set(&mut self, from: &mut dyn Source);
}

impl<T: Lenient> Slot for Option<T> {
    fn set(&mut self, from: &mut dyn Source) {
        *self = None;
        from.read(T::target(self));
    }
}

impl<T: Lenient> Slot for Vec<T> {
    fn set(&mut self, from: &mut dyn Source) {
        self.clear();
        from.read(Target::List(self));
    }
}

/// Reads a member's value into a field that may stay empty.
pub fn fill(target: &mut impl Slot, from: &mut dyn Source) {
    target.set(from);
}

/// Reads a member's value into a field that always has one: null, and what cannot be understood, change nothing.
pub fn fill_always<T: Lenient>(target: &mut T, from: &mut dyn Source) {
    let mut value = None;
    from.read(T::target(&mut value));
    if let Some(value) = value {
        *target = value;
    }
}

/// Reads a member's value into a list that always comes. `came` is set to whether it was a list, or null for an empty one.
pub fn fill_list<T: Lenient>(target: &mut Vec<T>, came: &mut bool, from: &mut dyn Source) {
    target.clear();
    *came = from.read(Target::List(target));
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
