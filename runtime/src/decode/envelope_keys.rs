//! Fast look-up of the names of the envelope's members, because every member of every reply is looked up.
//! [`envelope`](crate::decode::envelope) reads the values.

use crate::decode::target::Object;
use crate::json::NUMBER_KEY;
use serde::de::{self, DeserializeSeed, Deserializer, Visitor};
use std::fmt;

/// One bit for each part of an envelope: success member, code, message and payload. The number of the bit is the index
/// of the part in `Paths`.
pub(crate) const SUCCESS: u8 = 1;
pub(crate) const CODE: u8 = 2;
pub(crate) const MESSAGE: u8 = 4;
pub(crate) const PAYLOAD: u8 = 8;
pub(crate) const ALL: u8 = 15;

/// Paths of the four parts of an envelope. A path consists of member names, outermost first.
pub(crate) type Paths = [&'static [&'static str]; 4];

/// Element of a path that means each entry of a list.
pub(crate) const ENTRY: &str = "[]";

/// Returns the parts in the bit set `open` whose path has [`ENTRY`] at this depth, as two bit sets. The first set has
/// the parts whose path ends there, and the second set has the other parts.
pub(crate) fn of_entries(paths: &Paths, depth: usize, open: u8) -> (u8, u8) {
    let (mut leaf, mut deeper) = (0, 0);
    for (n, path) in paths.iter().enumerate() {
        if open >> n & 1 == 1 && path.get(depth) == Some(&ENTRY) {
            let part = if path.len() == depth + 1 { &mut leaf } else { &mut deeper };
            *part |= 1 << n;
        }
    }
    (leaf, deeper)
}

/// Names of the envelope's members at one depth.
pub(crate) struct Names {
    names: [Option<&'static str>; 4],
    /// Parts whose path ends at this depth.
    ends: u8,
    /// Bit n is set if the length of a name, modulo 64, is n. Most members therefore need no comparison.
    lengths: u64,
    inline: bool,
    may_be_number: bool,
}

impl Names {
    pub(crate) fn new(paths: &Paths, depth: usize, open: u8, leaf: u8, inline: bool) -> Self {
        let mut all = Self { names: [None; 4], ends: 0, lengths: 0, inline, may_be_number: leaf != 0 };
        for (n, path) in paths.iter().enumerate() {
            if open >> n & 1 == 1
                && let Some(name) = path.get(depth).filter(|name| **name != ENTRY)
            {
                all.names[n] = Some(name);
                all.lengths |= 1 << (name.len() & 63);
                all.ends |= u8::from(path.len() == depth + 1) << n;
            }
        }
        all
    }

    fn parts(&self, name: &str) -> u8 {
        if self.lengths >> (name.len() & 63) & 1 == 0 {
            return 0;
        }
        let bit = |(n, own): (usize, &Option<&str>)| u8::from(*own == Some(name)) << n;
        self.names.iter().enumerate().map(bit).fold(0, |all, bit| all | bit)
    }

    /// Returns the name of the first part in `parts`.
    pub(crate) fn first(&self, parts: u8) -> Option<&'static str> {
        self.names.iter().enumerate().find(|(n, _)| parts >> n & 1 == 1).and_then(|(_, name)| *name)
    }

    /// Returns the subset of `parts` whose path ends at this depth.
    pub(crate) fn ending(&self, parts: u8) -> u8 {
        parts & self.ends
    }
}

/// Result of looking up the name of a member.
pub(crate) enum Name {
    /// Parts of the envelope, as bits.
    Envelope(u8),
    /// Member of the payload, by its slot.
    Payload(u16),
    /// Digits of a number in serde_json's `arbitrary_precision` form.
    Number,
    Unknown,
}

/// Look-up of a member by its name.
pub(crate) struct Key<'a> {
    pub(crate) names: &'a Names,
    pub(crate) payload: &'a dyn Object,
}

impl<'de> DeserializeSeed<'de> for Key<'_> {
    type Value = Name;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Name, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl Visitor<'_> for Key<'_> {
    type Value = Name;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a member's name")
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<Name, E> {
        Ok(match self.names.parts(name) {
            0 if self.names.inline => self.payload.slot(name).map_or(Name::Unknown, Name::Payload),
            0 if self.names.may_be_number && name == NUMBER_KEY => Name::Number,
            0 => Name::Unknown,
            parts => Name::Envelope(parts),
        })
    }
}
