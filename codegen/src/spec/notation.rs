//! Notations of values in the spec language: limits with units, durations, and literal values.

use rules::TextEncoding;
use serde::{Deserialize, Deserializer, de};
use std::fmt;

/// Limit with its unit, such as `50 characters`, `7 digits` or `10 items`. A limit of the value of a number is written
/// `1 won` or `value 30000`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// Number in the limit: 50 in `50 characters`.
    pub count: i64,
    /// Unit. `None` if the unit is missing, which `lint` reports.
    pub unit: Option<Unit>,
}

/// Unit of a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Characters of a text, counted as Unicode scalar values.
    Characters,
    /// Bytes of a text in this encoding.
    Bytes(TextEncoding),
    /// Digits of a number. For a decimal number, only the digits before the decimal point count.
    Digits,
    /// Entries of a list.
    Items,
    /// Value of an amount, in the unit of its type, such as `won`.
    Amount(UnitName),
    /// Value of a number.
    Value,
}

/// Name of an amount's unit, in lower-case Latin letters. The letters are stored inline, so that limits are `Copy`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnitName([u8; Self::MOST]);

impl UnitName {
    const MOST: usize = 16;

    /// Creates a name from a word of 1 to 16 lower-case Latin letters. Returns `None` for any other text.
    pub fn new(text: &str) -> Option<Self> {
        let mut name = [0; Self::MOST];
        name.get_mut(..text.len())?.copy_from_slice(text.as_bytes());
        (!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase())).then_some(Self(name))
    }

    /// Returns `true` if this is the name of `unit` or its singular. Both `cents` and `cent` are names of the unit
    /// `cents`.
    pub fn is(&self, unit: &str) -> bool {
        self.as_str() == unit || unit.strip_suffix('s') == Some(self.as_str())
    }

    /// Returns the name.
    pub fn as_str(&self) -> &str {
        let end = self.0.iter().position(|byte| *byte == 0).unwrap_or(Self::MOST);
        // The bytes are ASCII letters, so they are valid UTF-8.
        std::str::from_utf8(&self.0[..end]).unwrap_or_default()
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.unit {
            Some(Unit::Value) => write!(f, "value {}", self.count),
            Some(unit @ Unit::Bytes(_)) => write!(f, "{} {unit}", self.count),
            Some(unit) if self.count == 1 => write!(f, "1 {}", unit.to_string().trim_end_matches('s')),
            Some(unit) => write!(f, "{} {unit}", self.count),
            None => write!(f, "{}", self.count),
        }
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Unit::Characters => "characters",
            Unit::Bytes(TextEncoding::Utf8) => "bytes of utf-8",
            Unit::Bytes(TextEncoding::EucKr) => "bytes of euc-kr",
            Unit::Digits => "digits",
            Unit::Items => "items",
            Unit::Amount(unit) => unit.as_str(),
            Unit::Value => "value",
        })
    }
}

impl<'de> Deserialize<'de> for Limit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Limit;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a limit such as `50 characters`, `7 digits`, `10 items`, `1 won` or `value 5`")
            }

            fn visit_i64<E: de::Error>(self, count: i64) -> Result<Limit, E> {
                Ok(Limit { count, unit: None })
            }

            fn visit_u64<E: de::Error>(self, count: u64) -> Result<Limit, E> {
                let count = i64::try_from(count).map_err(|_| E::custom(format!("the limit {count} is too large")))?;
                self.visit_i64(count)
            }

            fn visit_f64<E: de::Error>(self, count: f64) -> Result<Limit, E> {
                Err(E::custom(format!("{count} is not a whole number")))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Limit, E> {
                if let Some(count) = text.strip_prefix("value ") {
                    let count = count.parse().map_err(|_| E::invalid_value(de::Unexpected::Str(text), &self))?;
                    return Ok(Limit { count, unit: Some(Unit::Value) });
                }
                let (count, unit) = text.split_once(' ').unwrap_or((text, ""));
                if let Some(letter) = count.find(char::is_alphabetic).filter(|at| *at > 0) {
                    let (number, unit) = count.split_at(letter);
                    return Err(E::custom(format!("`{text}` has no blank before the unit: write `{number} {unit}`")));
                }
                let unit = match unit.trim() {
                    "characters" | "character" => Some(Unit::Characters),
                    "bytes of utf-8" => Some(Unit::Bytes(TextEncoding::Utf8)),
                    "bytes of euc-kr" => Some(Unit::Bytes(TextEncoding::EucKr)),
                    "bytes" | "byte" => {
                        return Err(E::custom(
                            "a limit in bytes needs an encoding: write `bytes of utf-8` or `bytes of euc-kr`",
                        ));
                    }
                    other if other.starts_with("bytes of ") => {
                        return Err(E::custom(format!(
                            "`{other}` is not a supported encoding: write `bytes of utf-8` or `bytes of euc-kr`"
                        )));
                    }
                    "digits" | "digit" => Some(Unit::Digits),
                    "items" | "item" => Some(Unit::Items),
                    "" => None,
                    other => Some(Unit::Amount(UnitName::new(other).ok_or_else(|| {
                        E::custom(format!(
                            "`{other}` is not a unit; a limit counts `characters`, `digits`, `items` or the unit of an \
                             amount, such as `won`"
                        ))
                    })?)),
                };
                let count = count.parse().map_err(|_| E::invalid_value(de::Unexpected::Str(text), &self))?;
                Ok(Limit { count, unit })
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

/// Duration, such as `3 s`, `60 min` or `1 h`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Duration {
    /// Whole seconds.
    pub seconds: u64,
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.seconds {
            s if s > 0 && s % 3600 == 0 => write!(f, "{} h", s / 3600),
            s if s > 0 && s % 60 == 0 => write!(f, "{} min", s / 60),
            s => write!(f, "{s} s"),
        }
    }
}

impl<'de> Deserialize<'de> for Duration {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let wrong = || de::Error::custom(format!("`{text}` is not a duration; write `3 s`, `60 min` or `1 h`"));
        let (count, unit) = text.split_once(' ').ok_or_else(wrong)?;
        let count: u64 = count.parse().map_err(|_| wrong())?;
        let scale = match unit {
            "s" => 1,
            "min" => 60,
            "h" => 3600,
            _ => return Err(wrong()),
        };
        let seconds = count.checked_mul(scale).ok_or_else(wrong)?;
        Ok(Duration { seconds })
    }
}

/// Value of a field: a boolean, an integer or a text.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Literal {
    /// `true` or `false`.
    Bool(bool),
    /// An integer.
    Integer(i64),
    /// A text.
    Text(String),
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Literal::Bool(value) => write!(f, "{value}"),
            Literal::Integer(value) => write!(f, "{value}"),
            Literal::Text(value) => f.write_str(value),
        }
    }
}

impl<'de> Deserialize<'de> for Literal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Literal;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("true, false, an integer or a text")
            }

            fn visit_bool<E>(self, value: bool) -> Result<Literal, E> {
                Ok(Literal::Bool(value))
            }

            fn visit_i64<E>(self, value: i64) -> Result<Literal, E> {
                Ok(Literal::Integer(value))
            }

            fn visit_u64<E: de::Error>(self, value: u64) -> Result<Literal, E> {
                let value = i64::try_from(value).map_err(|_| E::custom(format!("{value} is too large")))?;
                Ok(Literal::Integer(value))
            }

            fn visit_str<E>(self, value: &str) -> Result<Literal, E> {
                Ok(Literal::Text(value.to_owned()))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

/// One value, or a list of values.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Literals(pub Vec<Literal>);

impl Literals {
    /// Returns the values, with `or` between them.
    pub fn in_words(&self) -> String {
        self.0.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or ")
    }
}

impl<'de> Deserialize<'de> for Literals {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> de::Visitor<'de> for Visitor {
            type Value = Literals;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("true, false, an integer, a text, or a list of them")
            }

            fn visit_bool<E>(self, value: bool) -> Result<Literals, E> {
                Ok(Literals(vec![Literal::Bool(value)]))
            }

            fn visit_i64<E>(self, value: i64) -> Result<Literals, E> {
                Ok(Literals(vec![Literal::Integer(value)]))
            }

            fn visit_u64<E: de::Error>(self, value: u64) -> Result<Literals, E> {
                let value = i64::try_from(value).map_err(|_| E::custom(format!("{value} is too large")))?;
                Ok(Literals(vec![Literal::Integer(value)]))
            }

            fn visit_str<E>(self, value: &str) -> Result<Literals, E> {
                Ok(Literals(vec![Literal::Text(value.to_owned())]))
            }

            fn visit_seq<A: de::SeqAccess<'de>>(self, mut list: A) -> Result<Literals, A::Error> {
                let mut values = Vec::new();
                while let Some(value) = list.next_element()? {
                    values.push(value);
                }
                Ok(Literals(values))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

/// Value that a named choice sends for its field: `absent`, `null`, `true` or `false`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sends {
    /// The field is omitted.
    Absent,
    /// The field is null.
    Null,
    /// The field has this boolean.
    Bool(bool),
}

impl<'de> Deserialize<'de> for Sends {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Sends;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("`absent`, `null`, `true` or `false`")
            }

            fn visit_bool<E>(self, value: bool) -> Result<Sends, E> {
                Ok(Sends::Bool(value))
            }

            fn visit_unit<E>(self) -> Result<Sends, E> {
                Ok(Sends::Null)
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Sends, E> {
                match text {
                    "absent" => Ok(Sends::Absent),
                    "null" => Ok(Sends::Null),
                    _ => Err(E::invalid_value(de::Unexpected::Str(text), &self)),
                }
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

mod schema {
    //! JSON Schema of the notations, for editors.

    use super::{Duration, Limit, Literal, Sends};
    use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
    use std::borrow::Cow;

    impl JsonSchema for Limit {
        fn schema_name() -> Cow<'static, str> {
            "Limit".into()
        }

        fn json_schema(_: &mut SchemaGenerator) -> Schema {
            json_schema!({
                "description": "Limit with its unit: `50 characters`, `40 bytes of euc-kr`, `7 digits`, `10 items`, `1 won` or `value 5`.",
                "type": "string",
                "pattern": "^([0-9]+ (characters?|bytes of (utf-8|euc-kr)|digits?|items?)|-?[0-9]+ [a-z]+|value -?[0-9]+)$"
            })
        }
    }

    impl JsonSchema for Duration {
        fn schema_name() -> Cow<'static, str> {
            "Duration".into()
        }

        fn json_schema(_: &mut SchemaGenerator) -> Schema {
            json_schema!({
                "description": "A duration, such as `3 s`, `60 min` or `1 h`.",
                "type": "string",
                "pattern": "^[0-9]+ (s|min|h)$"
            })
        }
    }

    impl JsonSchema for Literal {
        fn schema_name() -> Cow<'static, str> {
            "Literal".into()
        }

        fn json_schema(_: &mut SchemaGenerator) -> Schema {
            json_schema!({
                "description": "A value of a field.",
                "type": ["boolean", "integer", "string"]
            })
        }
    }

    impl JsonSchema for super::Literals {
        fn schema_name() -> Cow<'static, str> {
            "Literals".into()
        }

        fn json_schema(_: &mut SchemaGenerator) -> Schema {
            json_schema!({
                "description": "A value of a field, or a list of such values.",
                "type": ["boolean", "integer", "string", "array"],
                "items": { "type": ["boolean", "integer", "string"] }
            })
        }
    }

    impl JsonSchema for Sends {
        fn schema_name() -> Cow<'static, str> {
            "Sends".into()
        }

        fn json_schema(_: &mut SchemaGenerator) -> Schema {
            json_schema!({
                "description": "Value that the choice sends: `absent` omits the field.",
                "enum": ["absent", null, true, false]
            })
        }
    }
}
