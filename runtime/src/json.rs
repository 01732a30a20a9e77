//! JSON values whose numbers are kept as written, because a float would lose digits.

use rules::Decimal;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::iter::Peekable;

/// Key under which serde_json passes numbers if any crate in the build enables its feature `arbitrary_precision`. A
/// number is then passed as an object with this single member, whose value is the digits as a text. Without support for
/// this form, that feature would make integers unreadable.
pub(crate) const NUMBER_KEY: &str = "$serde_json::private::Number";

/// Largest number of members of an object that are searched one by one. For more members, a map is faster.
pub(crate) const MANY: usize = 64;

/// JSON value. The members of an object keep their order. `Json::parse` keeps each occurrence of a repeated member.
#[derive(Clone, Debug, PartialEq)]
pub enum Json {
    /// `null`.
    Null,
    /// `true` or `false`.
    Boolean(bool),
    /// A number, as written.
    Number(String),
    /// A string.
    Text(String),
    /// An array.
    List(Vec<Json>),
    /// An object.
    Object(Vec<(String, Json)>),
}

impl Json {
    /// Parses a JSON text.
    ///
    /// # Errors
    ///
    /// Returns an error for invalid JSON, for a number too large for a float, and for a value that is too deep.
    pub(crate) fn parse(text: &str) -> serde_json::Result<Self> {
        Self::read(text.as_bytes(), false)
    }

    /// Parses a JSON text in which no member is repeated, at any depth. If a member were repeated, a program would have
    /// to choose, for example, between two amounts.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`parse`](Self::parse), and an error if a member is repeated.
    #[cfg(feature = "server")]
    pub(crate) fn unique(text: &[u8]) -> serde_json::Result<Self> {
        Self::read(text, true)
    }

    fn read(text: &[u8], is_unique: bool) -> serde_json::Result<Self> {
        let (mut json, mut numbers) = (serde_json::Deserializer::from_slice(text), Numbers(text).peekable());
        let value = Reader { numbers: &mut numbers, is_unique }.deserialize(&mut json)?;
        json.end()?;
        if numbers.next().is_some() { Err(Error::custom("a number was not read")) } else { Ok(value) }
    }

    /// Returns the text of a string. Returns `None` for another value.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Returns the members of an object. Returns `None` for another value.
    #[cfg(feature = "outbox")]
    pub(crate) fn as_object(&self) -> Option<&[(String, Json)]> {
        match self {
            Self::Object(members) => Some(members),
            _ => None,
        }
    }

    /// Returns the first member of an object with this name. Returns `None` for another value.
    #[cfg(feature = "outbox")]
    pub(crate) fn get(&self, name: &str) -> Option<&Json> {
        self.as_object()?.iter().find(|(own, _)| own == name).map(|(_, value)| value)
    }

    /// Returns `true` for an array.
    pub fn is_list(&self) -> bool {
        matches!(self, Self::List(_))
    }

    /// Returns `true` if two values in which no member is repeated are equal, regardless of the order of members and
    /// the notation of numbers.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Boolean(first), Self::Boolean(second)) => first == second,
            (Self::Number(first), Self::Number(second)) => is_same_number(first, second),
            (Self::Text(first), Self::Text(second)) => first == second,
            (Self::List(first), Self::List(second)) => {
                first.len() == second.len() && first.iter().zip(second).all(|(first, second)| first.is_same(second))
            }
            (Self::Object(first), Self::Object(second)) => {
                let second: BTreeMap<&str, &Self> = second.iter().map(|(name, value)| (&**name, value)).collect();
                first.len() == second.len()
                    && first.iter().all(|(name, value)| second.get(&**name).is_some_and(|other| value.is_same(other)))
            }
            _ => false,
        }
    }
}

#[cfg(feature = "client")]
impl From<Value> for Json {
    fn from(value: Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Boolean(value),
            Value::Number(number) => Self::Number(number.to_string()),
            Value::String(text) => Self::Text(text),
            Value::Array(entries) => Self::List(entries.into_iter().map(Self::from).collect()),
            Value::Object(members) => {
                Self::Object(members.into_iter().map(|(name, value)| (name, Self::from(value))).collect())
            }
        }
    }
}

/// Compares two numbers by value. Numbers with too many digits for a [`Decimal`] are compared as written, apart from
/// the notation of the exponent.
pub(crate) fn is_same_number(first: &str, second: &str) -> bool {
    let plain = |number: &str| number.to_ascii_lowercase().replace("e+", "e");
    match (Decimal::parse(first), Decimal::parse(second)) {
        (Ok(first), Ok(second)) => first == second,
        _ => plain(first) == plain(second),
    }
}

/// Writes the value as JSON without white space.
impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let quoted = |text: &str| Value::from(text);
        let comma = |n| if n == 0 { "" } else { "," };
        match self {
            Self::Null => f.write_str("null"),
            Self::Boolean(value) => value.fmt(f),
            Self::Number(digits) => f.write_str(digits),
            Self::Text(text) => quoted(text).fmt(f),
            Self::List(entries) => {
                f.write_str("[")?;
                for (n, entry) in entries.iter().enumerate() {
                    write!(f, "{}{entry}", comma(n))?;
                }
                f.write_str("]")
            }
            Self::Object(members) => {
                f.write_str("{")?;
                for (n, (name, value)) in members.iter().enumerate() {
                    write!(f, "{}{}:{value}", comma(n), quoted(name))?;
                }
                f.write_str("}")
            }
        }
    }
}

/// Numbers of a JSON text, in their order in the text. The parser passes a number without its notation, so this
/// iterator supplies the notation.
struct Numbers<'t>(&'t [u8]);

impl<'t> Iterator for Numbers<'t> {
    type Item = &'t str;

    fn next(&mut self) -> Option<&'t str> {
        loop {
            let text = self.0;
            let start = text.iter().position(|byte| matches!(byte, b'"' | b'-' | b'0'..=b'9'))?;
            let rest = &text[start..];
            if rest[0] != b'"' {
                let end = rest.iter().position(|byte| !is_in_number(*byte)).unwrap_or(rest.len());
                let (number, after) = rest.split_at(end);
                self.0 = after;
                return std::str::from_utf8(number).ok();
            }
            let mut is_escaped = false;
            let end = rest.iter().skip(1).position(|byte| {
                let is_end = *byte == b'"' && !is_escaped;
                is_escaped = *byte == b'\\' && !is_escaped;
                is_end
            })?;
            self.0 = &rest[end + 2..];
        }
    }
}

fn is_in_number(byte: u8) -> bool {
    byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.' | b'e' | b'E')
}

/// Reads one value. The numbers before this value have already been taken.
struct Reader<'n, 't> {
    numbers: &'n mut Peekable<Numbers<'t>>,
    /// Set if a repeated member is an error.
    is_unique: bool,
}

impl<'t> Reader<'_, 't> {
    fn inner(&mut self) -> Reader<'_, 't> {
        Reader { numbers: self.numbers, is_unique: self.is_unique }
    }

    fn number<E: Error>(self) -> Result<Json, E> {
        let digits =
            self.numbers.next().ok_or_else(|| E::custom("the text has fewer numbers than its parser found"))?;
        Ok(Json::Number(digits.to_owned()))
    }
}

impl<'de> DeserializeSeed<'de> for Reader<'_, '_> {
    type Value = Json;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Json, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reader<'_, '_> {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Boolean(value))
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Json, E> {
        self.number()
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Json, E> {
        self.number()
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Json, E> {
        self.number()
    }

    fn visit_str<E>(self, value: &str) -> Result<Json, E> {
        Ok(Json::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<Json, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = seq.next_element_seed(self.inner())? {
            entries.push(entry);
        }
        Ok(Json::List(entries))
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Json, A::Error> {
        let mut members: Vec<(String, Json)> = Vec::new();
        let mut names = BTreeSet::new();
        while let Some(name) = map.next_key::<String>()? {
            if self.is_unique && is_repeated(&name, &members, &mut names) {
                return Err(A::Error::custom(repetition(&name)));
            }
            members.push((name, map.next_value_seed(self.inner())?));
        }
        match &*members {
            // If serde_json's feature `arbitrary_precision` is enabled, some numbers are passed as such an object. If
            // the text itself has such an object, the text is refused here or at its end, because a number is missing.
            [(name, Json::Text(digits))] if name == NUMBER_KEY => {
                let number = self.numbers.next_if(|number| is_same_number(number, digits));
                let number = number.ok_or_else(|| A::Error::custom("an object looks like a number"))?;
                Ok(Json::Number(number.to_owned()))
            }
            _ => Ok(Json::Object(members)),
        }
    }
}

/// Returns `true` if `members` has a member with this name. `names` has their names if there are many.
fn is_repeated(name: &str, members: &[(String, Json)], names: &mut BTreeSet<String>) -> bool {
    if members.len() < MANY {
        return members.iter().any(|(own, _)| own == name);
    }
    if names.is_empty() {
        names.extend(members.iter().map(|(own, _)| own.clone()));
    }
    !names.insert(name.to_owned())
}

/// Returns the error message for a repeated member. A name may be any text, so it is shown only if it looks like an
/// identifier.
fn repetition(name: &str) -> String {
    let is_plain = name.len() <= 40 && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if is_plain { format!("`{name}` is repeated") } else { "a member is repeated".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_written_as_it_was_read() {
        for text in [
            r#"{"b":[10.50,-0,1e+3,123456789012345678901234567890],"a":null,"b":true}"#,
            r#"["1","-2\"3","\\",4,"\\\"5",6.0,{"7":8}]"#,
            r#""half \\""#,
            "-1.50e+2",
            "[]",
            "{}",
        ] {
            assert_eq!(Json::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(Json::parse(" [ \"\\u0061\" , 1 ] ").unwrap().to_string(), r#"["a",1]"#);
    }

    #[test]
    fn a_text_that_is_not_json_is_an_error() {
        for text in ["", "[1", "{1:2}", "1 2", "\"a", r#"["a" -]"#, &"[".repeat(200)] {
            assert!(Json::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_object_with_the_key_of_a_number_cannot_change_another_value() {
        for value in ["1", "1.5", "1e400", "1},{"] {
            let text = format!(r#"[{{"$serde_json::private::Number":"{value}"}},1,1.5]"#);
            assert!(Json::parse(&text).is_err(), "{text}");
        }
    }

    #[cfg(feature = "server")]
    #[test]
    fn a_repeated_member_is_rejected_among_few_and_many_members() {
        for count in [1, MANY - 1, MANY, MANY + 1, 3 * MANY] {
            let text = |last: usize| {
                let members: Vec<String> = (0..count).chain([last]).map(|n| format!(r#""m{n}":{{"n":{n}}}"#)).collect();
                format!("{{{}}}", members.join(","))
            };
            assert_eq!(Json::unique(text(count).as_bytes()).unwrap().to_string(), text(count));
            for repeated in [0, count - 1] {
                let error = Json::unique(text(repeated).as_bytes()).unwrap_err().to_string();
                assert!(error.starts_with(&format!("`m{repeated}` is repeated at line 1")), "{error}");
            }
        }
        assert!(Json::unique(br#"{"m0":{"a":[{"b":1,"b":1}]}}"#).is_err());
    }
}
