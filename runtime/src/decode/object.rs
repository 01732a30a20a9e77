//! Objects and lists on the wire: their members, and writing them member by member. The types and the names of their
//! members are generated. [`source`](crate::decode::source) takes values from a stream.

use crate::decode::lenient::Lenient;
use crate::decode::source::{Source, Target};
use serde::Serializer;
use serde::ser::SerializeMap;

/// Object in a reply. Generated.
pub trait Object {
    /// Returns the slot of a member by its name; `None` for a member that the spec does not have. The name `[]` stands
    /// for a payload that is a list instead of an object.
    fn slot(&self, name: &str) -> Option<u16>;

    /// Reads the value of the member with this slot.
    fn fill(&mut self, slot: u16, from: &mut dyn Source);

    /// Returns `true` if the object has members. An operation may answer with its envelope alone.
    fn has_members(&self) -> bool {
        true
    }

    /// Returns a mandatory member that is absent.
    fn missing(&self) -> Option<&'static str> {
        None
    }
}

/// Target of an object.
pub trait TakeObject {
    /// Creates the empty object and returns it.
    fn begin(&mut self) -> &mut dyn Object;
}

impl<T: Object + Default> TakeObject for Option<T> {
    fn begin(&mut self) -> &mut dyn Object {
        self.insert(T::default())
    }
}

/// Target of a list.
pub trait TakeList {
    /// Reads one more entry. Returns `true` if it could be converted.
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

/// Field that is filled leniently: `Option` and `Vec` of [`Lenient`] types.
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

/// Reads the value of a member into an optional field.
pub fn fill(target: &mut impl Slot, from: &mut dyn Source) {
    target.set(from);
}

/// Reads the value of a member into a mandatory field. Null and values that cannot be converted change nothing.
pub fn fill_always<T: Lenient>(target: &mut T, from: &mut dyn Source) {
    let mut value = None;
    from.read(T::target(&mut value));
    if let Some(value) = value {
        *target = value;
    }
}

/// Reads the value of a member into a mandatory list. Sets `came` if the value is a list, or null for an empty one.
pub fn fill_list<T: Lenient>(target: &mut Vec<T>, came: &mut bool, from: &mut dyn Source) {
    target.clear();
    *came = from.read(Target::List(target));
}

/// Value that is written as an object. Generated.
pub trait Members {
    /// Writes the members.
    ///
    /// # Errors
    ///
    /// Returns the errors of the serializer.
    fn members<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error>;
}

/// `Serialize::serialize` for a type with [`Members`].
///
/// # Errors
///
/// Returns the errors of the serializer.
pub fn serialize_members<S: Serializer>(value: &impl Members, serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(None)?;
    value.members(&mut map)?;
    map.end()
}
