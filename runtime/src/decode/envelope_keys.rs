//! The names that an envelope has at one depth of a reply, made for asking quickly which of them a member has: that
//! is asked of every member of every reply. Reading the values is the subject of [`envelope`](crate::decode).

use crate::decode::object::Object;
use crate::decode::source::NUMBER_KEY;
use serde::de::{self, DeserializeSeed, Deserializer, Visitor};
use std::fmt;

/// One bit for each thing an envelope has; its number is its place in the paths.
pub(crate) const SUCCESS: u8 = 1;
pub(crate) const CODE: u8 = 2;
pub(crate) const MESSAGE: u8 = 4;
pub(crate) const PAYLOAD: u8 = 8;
pub(crate) const ALL: u8 = 15;

/// Where the things stand: names, outermost first.
pub(crate) type Paths = [&'static [&'static str]; 4];

/// The names that the envelope has at one depth.
pub(crate) struct Names {
    names: [Option<&'static str>; 4],
    /// The things whose path ends at this depth.
    ends: u8,
    /// Bit n: some name has n bytes. Spares most members of a reply the comparison with each name.
    lengths: u64,
    inline: bool,
    may_be_number: bool,
}

impl Names {
    pub(crate) fn new(paths: &Paths, depth: usize, open: u8, leaf: u8, inline: bool) -> Self {
        let mut all = Self { names: [None; 4], ends: 0, lengths: 0, inline, may_be_number: leaf != 0 };
        for (n, path) in paths.iter().enumerate() {
            if open >> n & 1 == 1
                && let Some(name) = path.get(depth)
            {
                all.names[n] = Some(name);
                all.lengths |= 1 << (name.len() & 63);
                all.ends |= u8::from(path.len() == depth + 1) << n;
            }
        }
        all
    }

    fn things(&self, name: &str) -> u8 {
        if self.lengths >> (name.len() & 63) & 1 == 0 {
            return 0;
        }
        let bit = |(n, own): (usize, &Option<&str>)| u8::from(*own == Some(name)) << n;
        self.names.iter().enumerate().map(bit).fold(0, |all, bit| all | bit)
    }

    /// The name of the first of these things.
    pub(crate) fn first(&self, things: u8) -> Option<&'static str> {
        self.names.iter().enumerate().find(|(n, _)| things >> n & 1 == 1).and_then(|(_, name)| *name)
    }

    /// Those of these things whose path ends here.
    pub(crate) fn ending(&self, things: u8) -> u8 {
        things & self.ends
    }
}

/// What a member is.
pub(crate) enum Name {
    /// These things of the envelope.
    Envelope(u8),
    /// This slot of the payload.
    Payload(u16),
    /// The digits of a number in disguise.
    Number,
    /// Nothing that is known.
    Unknown,
}

/// Tells what a member is by its name.
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
        Ok(match self.names.things(name) {
            0 if self.names.inline => self.payload.slot(name).map_or(Name::Unknown, Name::Payload),
            0 if self.names.may_be_number && name == NUMBER_KEY => Name::Number,
            0 => Name::Unknown,
            things => Name::Envelope(things),
        })
    }
}
