//! Messages that a service, or a purchaser's browser, sends to the caller. What is parsed is a claim: anybody can
//! send one. Which messages there are, and how one is proven, is generated; asking the service about a claim is the
//! subject of [`confirm`](crate::Confirm).

use crate::envelope::{Undecodable, as_text, not_json};
use crate::object::{Object, ObjectVisitor, object_from_pairs};
use crate::raw::Raw;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

/// The most bytes of a message. The longest documented one is a twentieth of this.
pub const LONGEST_MESSAGE: usize = 64 * 1024;

/// A message. Generated.
pub trait Message: Object {
    /// Keeps the message as it came.
    fn set_raw(&mut self, raw: Raw);
}

/// What a message says, which need not be true. Confirm it with the service before acting on it. Its `Debug` shows
/// nothing of it.
#[derive(Clone)]
#[must_use]
pub struct Claim<T>(T);

impl<T> fmt::Debug for Claim<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Claim(unproven)")
    }
}

impl<T> Claim<T> {
    /// What is claimed.
    pub fn unproven(&self) -> &T {
        &self.0
    }

    /// What is claimed.
    pub fn into_unproven(self) -> T {
        self.0
    }
}

/// Why a message is not taken. Nothing of its content is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallbackError(Reason);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Reason {
    Unreadable(Undecodable),
    Empty,
    TooLong,
    #[cfg_attr(not(feature = "axum"), allow(dead_code, reason = "bodies are read elsewhere then"))]
    Interrupted,
    Unrelated,
    Repeated,
    Missing(&'static str),
    NotGenuine,
}

impl CallbackError {
    /// A member that is needed for the proof is not there.
    #[doc(hidden)]
    pub fn missing(name: &'static str) -> Self {
        Self(Reason::Missing(name))
    }

    /// The proof is wrong.
    #[doc(hidden)]
    pub fn not_genuine() -> Self {
        Self(Reason::NotGenuine)
    }

    #[cfg(feature = "axum")]
    pub(crate) fn too_long() -> Self {
        Self(Reason::TooLong)
    }

    #[cfg(feature = "axum")]
    pub(crate) fn interrupted() -> Self {
        Self(Reason::Interrupted)
    }

    /// Whether the message's proof is wrong: somebody else may have sent it.
    pub fn is_not_genuine(&self) -> bool {
        self.0 == Reason::NotGenuine
    }

    /// Whether it is longer than any message.
    pub fn is_too_long(&self) -> bool {
        self.0 == Reason::TooLong
    }

    /// The HTTP status to answer with: 401 for a wrong proof, 413 for too long a message, else 400.
    pub fn http_status(&self) -> u16 {
        match self.0 {
            Reason::NotGenuine => 401,
            Reason::TooLong => 413,
            _ => 400,
        }
    }
}

impl fmt::Display for CallbackError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Reason::Unreadable(Undecodable::NotJson { line, column, what }) => {
                let what = what.replace("the reply", "the message");
                write!(f, "{what} (line {line}, column {column})")
            }
            Reason::Unreadable(_) => f.write_str("the message is no JSON object"),
            Reason::Empty => f.write_str("the message is empty"),
            Reason::TooLong => write!(f, "the message is longer than {LONGEST_MESSAGE} bytes"),
            Reason::Interrupted => f.write_str("the message broke off"),
            Reason::Unrelated => f.write_str("the message has none of the members that are documented"),
            Reason::Repeated => f.write_str("the message has a member twice, with different values"),
            Reason::Missing(name) => write!(f, "the message has no `{name}`"),
            Reason::NotGenuine => f.write_str("the message is not proven to come from the service"),
        }
    }
}

impl std::error::Error for CallbackError {}

/// Reads a message in JSON.
///
/// # Errors
///
/// When it is too long, no JSON object, has no documented member, or one of them twice.
pub fn claim_from_json<T: Message>(body: &[u8]) -> Result<Claim<T>, CallbackError> {
    let text = text_of(body)?;
    check_members(text, MemberNames::<T>::default())?;
    let unreadable = |error: serde_json::Error| CallbackError(Reason::Unreadable(not_json(&error)));
    let mut message = T::default();
    let mut json = serde_json::Deserializer::from_str(text);
    ObjectVisitor::payload(&mut message).deserialize(&mut json).map_err(unreadable)?;
    Ok(claim(message, body))
}

/// Reads a message in the form of a form, or of a query.
///
/// # Errors
///
/// When it is too long, empty, not UTF-8, has no documented parameter, or one of them with two values.
pub fn claim_from_form<T: Message>(body: &[u8]) -> Result<Claim<T>, CallbackError> {
    let text = text_of(body)?.trim();
    let mut seen: BTreeMap<u16, Cow<'_, str>> = BTreeMap::new();
    for (name, value) in form_urlencoded::parse(text.as_bytes()) {
        let Some(slot) = T::slot(&name) else { continue };
        if seen.get(&slot).is_some_and(|first| *first != value) {
            return Err(CallbackError(Reason::Repeated));
        }
        seen.insert(slot, value);
    }
    if seen.is_empty() {
        return Err(CallbackError(Reason::Unrelated));
    }
    Ok(claim(object_from_pairs(form_urlencoded::parse(text.as_bytes())), body))
}

/// Reads a message from the query of a URL: the query with or without its `?`, the path with it, or the whole URL.
///
/// # Errors
///
/// As [`claim_from_form`].
pub fn claim_from_query<T: Message>(url: &str) -> Result<Claim<T>, CallbackError> {
    let url = url.trim();
    let url = url.split_once('#').map_or(url, |(before, _)| before);
    let query = match url.split_once('?') {
        // What stands before the mark is no pair, so it is where the query belongs to.
        Some((before, query)) if !before.contains(['=', '&']) => query,
        None if !url.contains('=') => "",
        _ => url,
    };
    claim_from_form(query.as_bytes())
}

/// Reads a message of which nothing is known: its members if it is a JSON object, and its bytes in any case.
///
/// # Errors
///
/// When it is too long.
pub fn claim_from_anything<T: Message>(body: &[u8]) -> Result<Claim<T>, CallbackError> {
    match claim_from_json(body) {
        Err(error) if !error.is_too_long() => Ok(claim(T::default(), body)),
        read => read,
    }
}

fn text_of(body: &[u8]) -> Result<&str, CallbackError> {
    if body.len() > LONGEST_MESSAGE {
        return Err(CallbackError(Reason::TooLong));
    }
    let text = as_text(body).map_err(|why| CallbackError(Reason::Unreadable(why)))?;
    if text.trim().is_empty() { Err(CallbackError(Reason::Empty)) } else { Ok(text) }
}

/// Whether a JSON text is one object that has documented members, each once.
fn check_members<T: Message>(text: &str, names: MemberNames<T>) -> Result<(), CallbackError> {
    let mut json = serde_json::Deserializer::from_str(text);
    let read = json.deserialize_any(names).and_then(|seen| json.end().map(|()| seen));
    let reason = match read {
        Ok(Some(Seen { repeated: true, .. })) => Reason::Repeated,
        Ok(Some(Seen { known: 0, .. })) if T::HAS_MEMBERS => Reason::Unrelated,
        Ok(Some(_)) => return Ok(()),
        Ok(None) => Reason::Unreadable(Undecodable::NotAnObject),
        Err(error) => Reason::Unreadable(not_json(&error)),
    };
    Err(CallbackError(reason))
}

/// The documented members of an object.
struct MemberNames<T> {
    slots: BTreeMap<u16, ()>,
    message: PhantomData<T>,
}

impl<T> Default for MemberNames<T> {
    fn default() -> Self {
        Self { slots: BTreeMap::new(), message: PhantomData }
    }
}

#[derive(Default)]
struct Seen {
    known: usize,
    repeated: bool,
}

impl<'de, T: Message> Visitor<'de> for MemberNames<T> {
    type Value = Option<Seen>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Option<Seen>, A::Error> {
        let mut seen = Seen::default();
        while let Some(name) = map.next_key::<Cow<'_, str>>()? {
            if let Some(slot) = T::slot(&name) {
                seen.known += 1;
                seen.repeated |= self.slots.insert(slot, ()).is_some();
            }
            map.next_value::<IgnoredAny>()?;
        }
        Ok(Some(seen))
    }

    crate::lenient::drained!(unit scalars seq);
}

/// Whether a body is meant to be JSON, by its first character.
pub fn looks_like_json(body: &[u8]) -> bool {
    let body = body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(body);
    matches!(body.trim_ascii_start().first(), Some(b'{' | b'['))
}

fn claim<T: Message>(mut message: T, body: &[u8]) -> Claim<T> {
    message.set_raw(Raw::new(0, Vec::new(), body.to_vec()));
    Claim(message)
}
