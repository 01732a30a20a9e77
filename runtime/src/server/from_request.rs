//! Reads the values of a request's members on the server side. Generated code lists the members of each request, as in
//! the client. `router` detects the format of the body.
//!
//! Reading is lenient only where the samples of the providers require it, for example for numbers that are written as
//! texts. All problems are collected. The rules are checked after all values are read.

use crate::check::Validate;
use crate::json::Json;
use crate::operation::RequestPart;
use crate::server::received::{Positions, Received};
use crate::typestate::Unset;
use crate::violation::{Rule, Violation, Violations};
use rules::{CalendarDate, Decimal, OffsetDateTime};
use std::collections::BTreeMap;
use std::time::SystemTime;

/// Request, or group of members, that can be read on the server side. Implementations are generated.
pub trait FromRequest: Sized {
    /// Reads the members, and reports those that are missing or of the wrong type.
    fn from_request(members: &mut RequestMembers<'_>) -> Self;
}

/// Type that can be read from a member of a request.
pub trait FromMember: Sized {
    /// `true` if any text can be a value of this type, even a text that begins with `[`.
    const IS_ANY_TEXT: bool = false;

    /// Reads the value. If the value is of the wrong type, reports this and returns `None`.
    fn from_value(value: &Json, place: &mut Place<'_>) -> Option<Self>;
}

/// Location of a value, with the lists of violations and of ignored members.
#[derive(Debug)]
pub struct Place<'a> {
    /// Path of the enclosing object. It is joined with `name` only for a report.
    inside: &'a str,
    name: &'a str,
    /// Indexes in lists and maps, such as `[2]`.
    entry: String,
    found: &'a mut Vec<Violation>,
    ignored: &'a mut Vec<String>,
}

impl<'a> Place<'a> {
    /// Creates the location of a single value.
    #[cfg(feature = "outbox")]
    pub(crate) fn new(name: &'a str, found: &'a mut Vec<Violation>, ignored: &'a mut Vec<String>) -> Self {
        Self { inside: "", name, entry: String::new(), found, ignored }
    }
}

impl Place<'_> {
    fn path(&self) -> String {
        format!("{}{}{}", self.inside, self.name, self.entry)
    }

    /// Reports that the value must be something else, such as `a list`. Always returns `None`.
    pub fn refuse<T>(&mut self, expected: &'static str) -> Option<T> {
        self.report(expected);
        None
    }

    /// This function is separate from `refuse`, so that it is compiled only once, and not for each type.
    fn report(&mut self, expected: &'static str) {
        self.found.push(Violation::new(self.path(), Rule::Format { expected }));
    }
}

/// Members of a received request or group.
#[derive(Debug)]
pub struct RequestMembers<'a> {
    parts: [&'a Received<'a>; 4],
    prefix: String,
    found: &'a mut Vec<Violation>,
    /// Query parameters that have not been read so far. Those that remain at the end are reported, because ignoring a
    /// misspelled filter could turn a deletion of one item into a deletion of all.
    unread: Vec<String>,
    /// Body members that were read.
    read: Positions,
    /// Paths of body members that the operation does not read.
    ignored: &'a mut Vec<String>,
}

impl<'a> RequestMembers<'a> {
    fn new(
        parts: [&'a Received<'a>; 4],
        prefix: String,
        found: &'a mut Vec<Violation>,
        ignored: &'a mut Vec<String>,
    ) -> Self {
        let unread = parts[RequestPart::Query as usize].names();
        Self { parts, prefix, found, unread, read: Positions::default(), ignored }
    }

    fn get(&mut self, part: RequestPart, name: &str) -> Option<&'a Json> {
        self.given(part, name).filter(|value| **value != Json::Null)
    }

    /// Returns a member, even if it is null, and notes that it was read.
    fn given(&mut self, part: RequestPart, name: &str) -> Option<&'a Json> {
        if part == RequestPart::Query {
            self.unread.retain(|unread| unread != name);
        }
        let (position, value) = self.parts[part as usize].find(name)?;
        if part == RequestPart::Body {
            self.read.add(position);
        }
        Some(value)
    }

    /// Adds the body members that were not read to `ignored`.
    fn end(&mut self) {
        let others = self.parts[RequestPart::Body as usize].others(&self.read);
        self.ignored.extend(others.into_iter().map(|name| format!("{}{name}", self.prefix)));
    }

    fn missing(&mut self, name: &str) {
        self.found.push(Violation::new(format!("{}{name}", self.prefix), Rule::Missing { because: String::new() }));
    }

    /// Reads a member that may be absent. Null counts as absent.
    pub fn optional<T: FromMember>(&mut self, part: RequestPart, name: &str) -> Option<T> {
        self.get(part, name).and_then(|value| self.value(name, value))
    }

    fn value<T: FromMember>(&mut self, name: &str, value: &Json) -> Option<T> {
        let (found, ignored) = (&mut *self.found, &mut *self.ignored);
        T::from_value(value, &mut Place { inside: &self.prefix, name, entry: String::new(), found, ignored })
    }

    /// Reads a member whose absence has a meaning of its own. Null is rejected, because a program often sends null when
    /// it has lost a value. `expected` describes what to send.
    pub fn chosen<T: FromMember>(&mut self, part: RequestPart, name: &str, expected: &'static str) -> Option<T> {
        if self.given(part, name) == Some(&Json::Null) {
            self.found.push(Violation::new(format!("{}{name}", self.prefix), Rule::Format { expected }));
        }
        self.optional(part, name)
    }

    /// Reads a member that must be present. If it is absent or cannot be read, reports this and returns `None`.
    pub fn demanded<T: FromMember>(&mut self, part: RequestPart, name: &str) -> Option<T> {
        match self.get(part, name) {
            Some(value) => self.value(name, value),
            None => {
                self.missing(name);
                None
            }
        }
    }

    /// Reads a member that must be present. If it is absent or cannot be read, reports this and returns a placeholder.
    pub fn mandatory<T: FromMember + Unset>(&mut self, part: RequestPart, name: &str) -> T {
        self.demanded(part, name).unwrap_or_else(T::unset)
    }

    /// Reads a member that has a default.
    pub fn or_else<T: FromMember>(&mut self, part: RequestPart, name: &str, otherwise: impl FnOnce() -> T) -> T {
        self.optional(part, name).unwrap_or_else(otherwise)
    }

    /// Reads a member that must be present and may be null.
    pub fn nullable<T: FromMember>(&mut self, part: RequestPart, name: &str) -> Option<T> {
        if self.given(part, name).is_none() {
            self.missing(name);
        }
        self.optional(part, name)
    }

    /// Checks a member that must have a constant value. `expected` is that value in JSON.
    pub fn fixed(&mut self, part: RequestPart, name: &str, expected: &'static str) {
        let wanted = Json::parse(expected).unwrap_or(Json::Null);
        let is_same = |value: &Json| *value == wanted || value.as_str() == Some(expected);
        match self.get(part, name) {
            Some(value) if is_same(value) => {}
            Some(_) => {
                self.found.push(Violation::new(format!("{}{name}", self.prefix), Rule::NotFixed { expected }));
            }
            None => self.missing(name),
        }
    }

    /// Reads a list that is written as one text, with a separator between its entries.
    pub fn joined<T: FromMember>(&mut self, part: RequestPart, name: &str, separator: &str) -> Option<Vec<T>> {
        let entries = match self.get(part, name)? {
            Json::Text(text) if text.is_empty() => Vec::new(),
            Json::Text(text) => text.split(separator).map(|entry| Json::Text(entry.to_owned())).collect(),
            other => vec![other.clone()],
        };
        self.value(name, &Json::List(entries))
    }

    /// Reads a joined list like [`joined`](Self::joined), and reports its absence.
    pub fn mandatory_joined<T: FromMember>(&mut self, part: RequestPart, name: &str, separator: &str) -> Vec<T> {
        if self.get(part, name).is_none() {
            self.missing(name);
        }
        self.joined(part, name, separator).unwrap_or_default()
    }

    /// Reads a member for which null and absence have different meanings. Returns `None` if the member is absent, and
    /// `Some(None)` if it is null.
    pub fn clearable<T: FromMember>(&mut self, part: RequestPart, name: &str) -> Option<Option<T>> {
        let is_there = self.given(part, name).is_some();
        is_there.then(|| self.optional(part, name))
    }

    /// Returns the index, in `names`, of the member that is present. If several are present, reports a conflict and
    /// returns the first. If none is present and `mandatory` is set, reports that one of them is missing.
    pub fn one_of(&mut self, part: RequestPart, names: &[&'static str], mandatory: bool) -> Option<usize> {
        let given: Vec<usize> = (0..names.len()).filter(|n| self.get(part, names[*n]).is_some()).collect();
        let (first, second) = (given.first().copied(), given.get(1).copied());
        match (first, second) {
            (Some(first), Some(second)) => {
                let path = format!("{}{}", self.prefix, names[second]);
                self.found.push(Violation::new(path, Rule::Conflict { with: names[first] }));
            }
            (None, _) if mandatory => self.missing(&names.join(" or ")),
            _ => {}
        }
        first
    }
}

/// Reads a group of members, like [`FromMember::from_value`]. The value is an object, or a text that contains an object
/// in JSON. Forms contain such texts.
pub fn group<T: FromRequest>(value: &Json, place: &mut Place<'_>) -> Option<T> {
    let parsed;
    let members = match value {
        Json::Object(members) => members,
        Json::Text(text) => match Json::unique(text.as_bytes()) {
            Ok(Json::Object(members)) => {
                parsed = members;
                &parsed
            }
            _ => return place.refuse("an object"),
        },
        _ => return place.refuse("an object"),
    };
    let (members, none) = (Received::from(members.as_slice()), Received::default());
    let prefix = format!("{}.", place.path());
    let mut reader = RequestMembers::new([&members, &none, &none, &none], prefix, place.found, place.ignored);
    let group = T::from_request(&mut reader);
    reader.end();
    Some(group)
}

/// Returns the discriminator of an object as text. Returns `None` if the discriminator is absent, null, a list or an
/// object.
pub fn case(value: &Json, by: &str) -> Option<String> {
    match value {
        Json::Object(members) => match members.iter().find(|(name, _)| name == by).map(|(_, value)| value)? {
            Json::Text(text) | Json::Number(text) => Some(text.clone()),
            Json::Boolean(value) => Some(value.to_string()),
            Json::Null | Json::List(_) | Json::Object(_) => None,
        },
        // A form contains an object as a text in JSON.
        Json::Text(text) => match Json::unique(text.as_bytes()) {
            Ok(inner @ Json::Object(_)) => case(&inner, by),
            _ => None,
        },
        _ => None,
    }
}

impl<T: FromMember> FromMember for Vec<T> {
    fn from_value(value: &Json, place: &mut Place<'_>) -> Option<Self> {
        let parsed;
        let entries = match value {
            Json::List(entries) => entries.as_slice(),
            // Some clients put a list in JSON into a form. If the entries are texts, such a value may also be a single
            // text, so it is not parsed.
            Json::Text(text) if text.starts_with('[') && !T::IS_ANY_TEXT => match Json::unique(text.as_bytes()) {
                Ok(Json::List(entries)) => {
                    parsed = entries;
                    parsed.as_slice()
                }
                _ => return place.refuse("a list"),
            },
            // In a form or query, a list of one entry is a name that occurs once.
            Json::Text(_) => std::slice::from_ref(value),
            _ => return place.refuse("a list"),
        };
        let length = place.entry.len();
        let mut list = Vec::with_capacity(entries.len());
        for (n, entry) in entries.iter().enumerate() {
            place.entry.push_str(&format!("[{n}]"));
            list.extend(T::from_value(entry, place));
            place.entry.truncate(length);
        }
        Some(list)
    }
}

/// Entry that may be null. In a query, null is written as the text `null`.
impl<T: FromMember> FromMember for Option<T> {
    const IS_ANY_TEXT: bool = T::IS_ANY_TEXT;

    fn from_value(value: &Json, place: &mut Place<'_>) -> Option<Self> {
        match value {
            Json::Null => Some(None),
            Json::Text(text) if text == "null" => Some(None),
            _ => T::from_value(value, place).map(Some),
        }
    }
}

impl FromMember for String {
    const IS_ANY_TEXT: bool = true;

    fn from_value(value: &Json, place: &mut Place<'_>) -> Option<Self> {
        match value {
            Json::Text(text) => Some(text.clone()),
            Json::List(_) => place.refuse("one text, not several"),
            _ => place.refuse("a text"),
        }
    }
}

impl FromMember for i64 {
    fn from_value(value: &Json, place: &mut Place<'_>) -> Option<Self> {
        let number = match value {
            Json::Number(digits) => digits.parse().ok(),
            // A plus sign before the digits is not part of the documented notation.
            Json::Text(text) if !text.starts_with('+') => text.parse().ok(),
            Json::List(_) => return place.refuse("one whole number, not several"),
            _ => None,
        };
        number.or_else(|| place.refuse("a whole number"))
    }
}

impl FromMember for bool {
    fn from_value(value: &Json, place: &mut Place<'_>) -> Option<Self> {
        match value {
            Json::Boolean(value) => Some(*value),
            Json::Text(text) if text.eq_ignore_ascii_case("true") => Some(true),
            Json::Text(text) if text.eq_ignore_ascii_case("false") => Some(false),
            _ => place.refuse("true or false"),
        }
    }
}

impl FromMember for serde_json::Value {
    fn from_value(value: &Json, _: &mut Place<'_>) -> Option<Self> {
        serde_json::from_str(&value.to_string()).ok()
    }
}

impl FromMember for Decimal {
    fn from_value(value: &Json, place: &mut Place<'_>) -> Option<Self> {
        let decimal = match value {
            Json::Number(text) | Json::Text(text) => Decimal::parse(text).ok(),
            _ => None,
        };
        decimal.or_else(|| place.refuse("a decimal number, such as 10.50"))
    }
}

impl FromMember for OffsetDateTime {
    fn from_value(value: &Json, place: &mut Place<'_>) -> Option<Self> {
        let time = value.as_str().and_then(|text| text.parse().ok());
        time.or_else(|| place.refuse("a date and a time with an offset, such as 2024-01-31T12:00:00+09:00"))
    }
}

impl FromMember for CalendarDate {
    fn from_value(value: &Json, place: &mut Place<'_>) -> Option<Self> {
        let date = value.as_str().and_then(|text| text.parse().ok());
        date.or_else(|| place.refuse("a date, such as 2024-01-31"))
    }
}

impl<T: FromMember> FromMember for BTreeMap<String, T> {
    fn from_value(value: &Json, place: &mut Place<'_>) -> Option<Self> {
        let parsed;
        let members = match value {
            Json::Object(members) => members,
            Json::Text(text) => match Json::unique(text.as_bytes()) {
                Ok(Json::Object(members)) => {
                    parsed = members;
                    &parsed
                }
                _ => return place.refuse("an object"),
            },
            _ => return place.refuse("an object"),
        };
        let length = place.entry.len();
        let mut map = BTreeMap::new();
        for (n, (name, value)) in members.iter().enumerate() {
            // The names of these members are data and may be sensitive, so the report has only the index.
            place.entry.push_str(&format!("[{n}]"));
            map.extend(T::from_value(value, place).map(|value| (name.clone(), value)));
            place.entry.truncate(length);
        }
        Some(map)
    }
}

/// Reads a request and checks it. `supplied` has the names of body members and query parameters that are read
/// elsewhere, such as credentials. `ignored` receives the body members that were not read, even if this function fails.
///
/// # Errors
///
/// Returns a violation for each member that is missing, has the wrong type, or breaks a rule. Also returns a violation
/// for each unknown query parameter.
pub(crate) fn read<R: FromRequest + Validate>(
    parts: [&Received<'_>; 4],
    now: Option<SystemTime>,
    supplied: [&[&str]; 2],
    ignored: &mut Vec<String>,
) -> Result<R, Violations> {
    let mut found = Vec::new();
    let mut reader = RequestMembers::new(parts, String::new(), &mut found, ignored);
    for (part, names) in [RequestPart::Body, RequestPart::Query].into_iter().zip(supplied) {
        for name in names {
            reader.given(part, name);
        }
    }
    let request = R::from_request(&mut reader);
    reader.end();
    let unread = std::mem::take(&mut reader.unread);
    found.extend(unread.into_iter().map(|name| Violation::new(name, Rule::Unknown)));
    let checked = match now {
        Some(now) => request.validate_at(now),
        None => request.validate(),
    };
    if let Err(violations) = checked {
        // An unreadable value was replaced by a placeholder, so violations of the placeholder are dropped.
        let unread: Vec<String> = found.iter().map(|violation| violation.path().to_owned()).collect();
        found.extend(violations.into_iter().filter(|violation| !unread.iter().any(|path| path == violation.path())));
    }
    if found.is_empty() { Ok(request) } else { Err(Violations::new(found)) }
}

/// Returns the parameters of a form or query as members. A repeated name becomes one member with a list of its values.
pub(crate) fn members_of_pairs(text: &[u8]) -> Received<'static> {
    let mut members = Received::default();
    for (name, value) in form_urlencoded::parse(text) {
        let value = Json::Text(value.into_owned());
        match members.get_mut(&name) {
            Some(Json::List(list)) => list.push(value),
            Some(first) => *first = Json::List(vec![std::mem::replace(first, Json::Null), value]),
            None => members.add(name.into_owned(), value),
        }
    }
    members
}
