//! Notation for a range of IPv4 addresses: `192.0.2.1`, or `192.0.2.1-192.0.2.9`.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, de};
use std::borrow::Cow;
use std::fmt;
use std::net::Ipv4Addr;

/// Range of IPv4 addresses that includes both ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Addresses {
    /// First address.
    pub from: Ipv4Addr,
    /// Last address. It equals the first if the range has one address.
    pub to: Ipv4Addr,
}

impl fmt::Display for Addresses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.from)?;
        if self.from == self.to { Ok(()) } else { write!(f, "-{}", self.to) }
    }
}

impl<'de> Deserialize<'de> for Addresses {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let (from, to) = text.split_once('-').unwrap_or((&text, &text));
        match (from.trim().parse(), to.trim().parse()) {
            (Ok(from), Ok(to)) if from <= to => Ok(Self { from, to }),
            _ => Err(de::Error::custom(format!(
                "`{text}` is not a range of addresses such as `192.0.2.1` or `192.0.2.1-192.0.2.9`"
            ))),
        }
    }
}

impl JsonSchema for Addresses {
    fn schema_name() -> Cow<'static, str> {
        "Addresses".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "description": "One IPv4 address such as `192.0.2.1`, or a range such as `192.0.2.1-192.0.2.9`.",
            "pattern": r"^\d{1,3}(\.\d{1,3}){3}(\s*-\s*\d{1,3}(\.\d{1,3}){3})?$"
        })
    }
}
