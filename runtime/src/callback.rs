//! Messages that a service or a purchaser's browser sends to the caller. A parsed message is a [`Claim`], because it
//! may come from any sender. The message types and their proofs are generated. [`confirm`](self::confirm) asks the
//! service about a claim.

#[cfg(feature = "client")]
pub(crate) mod confirm;
#[cfg(feature = "axum")]
pub(crate) mod extract;
pub(crate) mod proof;

use crate::decode::envelope::{Undecodable, as_text, not_json};
use crate::decode::repair::{marked, repaired};
use crate::decode::repeated;
use crate::decode::source::{Given, drain};
use crate::decode::target::{Object, TakeObject, Target, Unkept};
use crate::raw::Raw;
use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

/// Largest accepted size of a message, in bytes. The messages of the known APIs are much shorter.
pub const LONGEST_MESSAGE: usize = 64 * 1024;

/// Type of a message. Implementations are generated.
pub trait Message: Object + Default {
    /// Stores the message as received.
    fn set_raw(&mut self, raw: Raw);

    /// Reads the members that only some messages of this type have, from the JSON text of the whole message. The value
    /// of one member, such as `eventType`, decides which members those are.
    ///
    /// # Errors
    ///
    /// Returns an error if a number would lose digits, or if a documented member is repeated.
    fn select(&mut self, _json: &str) -> Result<(), Unkept> {
        Ok(())
    }
}

/// Answer with which a receiver acknowledges a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallbackAnswer {
    /// The HTTP status.
    pub status: u16,
    /// The body, as plain text.
    pub body: &'static str,
}

/// Content of a message that the service has not confirmed. Confirm it before acting on it, unless its proof was
/// verified. Its `Debug` shows none of the content.
#[derive(Clone)]
#[must_use]
pub struct Claim<T>(T);

impl<T> fmt::Debug for Claim<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Claim(unproven)")
    }
}

impl<T> Claim<T> {
    /// Returns the claimed content.
    pub fn unproven(&self) -> &T {
        &self.0
    }

    /// Returns the claimed content, and consumes the claim.
    pub fn into_unproven(self) -> T {
        self.0
    }
}

/// Error of a message that cannot be accepted. It contains no values of the message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallbackError(Reason);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Reason {
    Unreadable(Undecodable),
    /// The message is compressed, or has an encoding or format that is not supported.
    Foreign(&'static str),
    Empty,
    TooLong,
    #[cfg_attr(not(feature = "axum"), allow(dead_code, reason = "only the axum extractors read bodies"))]
    Interrupted,
    Unrelated,
    /// A documented member occurs more than once, although a JSON message with a proof must not repeat its members.
    Repeated(String),
    /// A documented member occurs more than once with different values.
    Contradictory(String),
    Missing(&'static str),
    /// The number in this parameter has digits that its type cannot hold.
    Inexact(String),
    /// `Message::select` found a number that would lose digits, or a repeated documented member.
    Selected(Unkept),
    /// Nothing proves that the message comes from the service; see [`CallbackError::is_not_genuine`]. If a member that
    /// the proof covers is absent, the reason is `Missing` instead.
    Unproven(proof::Unproven),
    /// The signed time is not in the documented notation.
    UnreadableTime(&'static str),
    /// The signed time is too far from the receiver's clock.
    Untimely(proof::Untimely),
}

impl CallbackError {
    /// Creates the error for a missing member that the proof needs.
    #[doc(hidden)]
    pub fn missing(name: &'static str) -> Self {
        Self(Reason::Missing(name))
    }

    #[cfg(feature = "axum")]
    pub(crate) fn too_long() -> Self {
        Self(Reason::TooLong)
    }

    #[cfg(feature = "axum")]
    pub(crate) fn interrupted() -> Self {
        Self(Reason::Interrupted)
    }

    /// Returns `true` if nothing proves that the message comes from the service, because:
    ///
    /// - the proof is missing or wrong,
    /// - a header that the proof needs is missing or unreadable,
    /// - a value that the proof covers is empty, or
    /// - the receiver gave no usable credential.
    ///
    /// Returns `false` if a member that the proof covers is absent.
    pub fn is_not_genuine(&self) -> bool {
        matches!(self.0, Reason::Unproven(_))
    }

    /// Returns `true` if the message is proven, but its signed time is too far from the receiver's clock. Either an old
    /// message was sent again, or one of the two clocks is wrong.
    pub fn is_untimely(&self) -> bool {
        matches!(self.0, Reason::Untimely(_))
    }

    /// Returns `true` if the message is longer than [`LONGEST_MESSAGE`].
    pub fn is_too_long(&self) -> bool {
        self.0 == Reason::TooLong
    }

    /// Returns the HTTP status to answer with. It is 401 if [`is_not_genuine`](Self::is_not_genuine) or
    /// [`is_untimely`](Self::is_untimely) returns `true`, 413 for a message that is too long, and 400 otherwise.
    pub fn answer_status(&self) -> u16 {
        match self.0 {
            Reason::Unproven(_) | Reason::Untimely(_) => 401,
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
            Reason::Unreadable(Undecodable::Inexact { line, column }) => {
                write!(f, "a number of the message cannot be kept exactly (line {line}, column {column})")
            }
            Reason::Unreadable(_) => f.write_str("the message is not a JSON object"),
            Reason::Foreign(what) => write!(f, "the message is {what}, which is not supported"),
            Reason::Empty => f.write_str("the message is empty"),
            Reason::TooLong => write!(f, "the message is longer than {LONGEST_MESSAGE} bytes"),
            Reason::Interrupted => f.write_str("the message ended before it was complete"),
            Reason::Unrelated => f.write_str("the message has none of the documented members"),
            Reason::Repeated(name) => write!(f, "the message has `{name}` more than once"),
            Reason::Contradictory(name) => write!(f, "the message has `{name}` more than once, with different values"),
            Reason::Missing(name) => write!(f, "the message has no `{name}`"),
            Reason::Inexact(name) => write!(f, "the number in `{name}` cannot be kept exactly"),
            Reason::Selected(Unkept::Inexact) => f.write_str("a number of the message cannot be kept exactly"),
            Reason::Selected(Unkept::Repeated) => f.write_str("a member of the message is repeated"),
            Reason::Selected(Unkept::Contradictory(name)) => {
                write!(f, "the message has `{name}` more than once, with different values")
            }
            Reason::Unproven(why) => write!(f, "the message is not proven to come from the service: {why}"),
            Reason::UnreadableTime(name) => write!(f, "the time in `{name}` is not in the documented notation"),
            Reason::Untimely(why) => why.fmt(f),
        }
    }
}

impl std::error::Error for CallbackError {}

/// Reads an unproven message in JSON. Reading is as lenient as for a reply, because callers confirm the message before
/// they act on it. Invalid UTF-8, unpaired surrogates and control characters are replaced by U+FFFD or escapes. A
/// documented member may be repeated if its values are equal.
///
/// # Errors
///
/// Returns an error if the message is too long, is not a JSON object, has no documented member, or repeats one with
/// different values. Also returns an error if a number would lose digits.
pub fn claim_from_json<T: Message>(body: &[u8]) -> Result<Claim<T>, CallbackError> {
    let read = checked_text(body).and_then(|text| claim_from_text(text, body, Repetition::WithEqualValues));
    let Err(CallbackError(Reason::Unreadable(Undecodable::NotJson { .. }))) = &read else { return read };
    let (Some(text), Some(distinct)) = (repaired(body), marked(body)) else { return read };
    let without_mark = |text: &str| text.strip_prefix('\u{feff}').unwrap_or(text).to_owned();
    // The repair can make two different values equal. The members are therefore first compared in a text in which
    // different values stay different.
    let compared = check_members(&without_mark(&distinct), &T::default(), Repetition::WithEqualValues);
    match compared.and_then(|()| claim_from_text(&without_mark(&text), body, Repetition::WithEqualValues)) {
        // The first error is returned, because a position in the repaired text can differ from the position in the
        // message.
        Err(CallbackError(Reason::Unreadable(_))) => read,
        claim => claim,
    }
}

/// Reads a message that has a proof, in JSON. Nothing is repaired, and no documented member of the message itself may
/// be repeated.
///
/// # Errors
///
/// Returns an error if the message is too long, is not a JSON object in UTF-8, has no documented member, or repeats
/// one. Also returns an error if a number would lose digits.
pub fn strict_claim_from_json<T: Message>(body: &[u8]) -> Result<Claim<T>, CallbackError> {
    claim_from_text(checked_text(body)?, body, Repetition::Never)
}

/// Reads a message that has a proof, in JSON or as a form. The first character decides whether the message is read as
/// JSON or as a form, because some senders set a wrong content type.
///
/// # Errors
///
/// Returns the errors of [`strict_claim_from_json`] and [`claim_from_form`].
pub fn strict_claim<T: Message>(body: &[u8]) -> Result<Claim<T>, CallbackError> {
    if looks_like_json(body) { strict_claim_from_json(body) } else { claim_from_form(body) }
}

fn claim_from_text<T: Message>(text: &str, body: &[u8], repetition: Repetition) -> Result<Claim<T>, CallbackError> {
    let mut message = None::<T>;
    read_members(text, &mut message, repetition)?;
    let mut message = message.unwrap_or_default();
    let selected = match message.select(text) {
        // A member of the union is repeated with an equal value.
        Err(Unkept::Repeated) if repetition == Repetition::WithEqualValues => {
            match repeated::unrepeated(text, &mut |_| false) {
                Ok(Some(text)) => message.select(&text),
                _ => Err(Unkept::Repeated),
            }
        }
        selected => selected,
    };
    selected.map_err(|why| CallbackError(Reason::Selected(why)))?;
    Ok(claim(message, body))
}

/// Reads a message from a form or a query. Invalid UTF-8 is replaced by U+FFFD.
///
/// # Errors
///
/// Returns an error if the message is too long or empty, has no documented parameter, or repeats one with different
/// values. Also returns an error if a number would lose digits.
pub fn claim_from_form<T: Message>(body: &[u8]) -> Result<Claim<T>, CallbackError> {
    check_bytes(body)?;
    let text = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body).trim_ascii();
    if text.is_empty() {
        return Err(CallbackError(Reason::Empty));
    }
    let mut message = T::default();
    read_pairs(text, &mut message)?;
    Ok(claim(message, body))
}

/// Reads a message from a URL's query. Accepts the query with or without its `?`, the path with the query, or the whole
/// URL.
///
/// # Errors
///
/// Returns the errors of [`claim_from_form`].
pub fn claim_from_query<T: Message>(url: &str) -> Result<Claim<T>, CallbackError> {
    let url = url.trim();
    let url = url.split_once('#').map_or(url, |(before, _)| before);
    // A path may contain `=` and `&`, and a value of a query may be a URL.
    let is_address = |text: &str| {
        let first = text.split(['=', '&']).next().unwrap_or_default();
        first.len() == text.len() || first.starts_with('/') || first.contains("://")
    };
    let query = match url.split_once('?') {
        Some((before, query)) if is_address(before) => query,
        None if is_address(url) => "",
        _ => url,
    };
    claim_from_form(query.as_bytes())
}

/// Reads a message whose members are not documented. The body may have any format, and is kept as received.
///
/// # Errors
///
/// Returns an error if the message is too long.
pub fn claim_from_anything<T: Message>(body: &[u8]) -> Result<Claim<T>, CallbackError> {
    match strict_claim_from_json(body) {
        Err(error) if !error.is_too_long() => Ok(claim(T::default(), body)),
        read => read,
    }
}

/// Rejects a body that is too long, compressed with gzip, in UTF-16 or UTF-32, or a multipart form.
fn check_bytes(body: &[u8]) -> Result<(), CallbackError> {
    let foreign = |what| Err(CallbackError(Reason::Foreign(what)));
    match body {
        _ if body.len() > LONGEST_MESSAGE => Err(CallbackError(Reason::TooLong)),
        [0x1F, 0x8B, ..] => foreign("compressed (gzip)"),
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => foreign("UTF-16"),
        [0, _, ..] | [_, 0, ..] => foreign("UTF-16 or UTF-32"),
        [b'-', b'-', ..] => foreign("a multipart form"),
        _ => Ok(()),
    }
}

fn checked_text(body: &[u8]) -> Result<&str, CallbackError> {
    check_bytes(body)?;
    let text = as_text(body).map_err(|why| CallbackError(Reason::Unreadable(why)))?;
    if text.trim().is_empty() { Err(CallbackError(Reason::Empty)) } else { Ok(text) }
}

/// Reads a message from a form. The form must have a documented parameter, and must not repeat such a parameter with
/// different values.
fn read_pairs(text: &[u8], message: &mut dyn Object) -> Result<(), CallbackError> {
    // Bytes are compared, because two different values that are not UTF-8 can be equal as text.
    let mut seen: BTreeMap<u16, Vec<u8>> = BTreeMap::new();
    for pair in text.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
        let Some((name, value)) = form_urlencoded::parse(pair).next() else { continue };
        let Some(slot) = message.slot(&name) else { continue };
        let bytes = pair.iter().position(|byte| *byte == b'=').map_or(&[][..], |at| &pair[at + 1..]);
        let bytes: Vec<u8> = bytes.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
        let bytes: Vec<u8> = percent_encoding::percent_decode(&bytes).collect();
        if seen.get(&slot).is_some_and(|first| *first != bytes) {
            return Err(CallbackError(Reason::Contradictory(name.into_owned())));
        }
        let mut given = Given::new(&value);
        message.fill(slot, &mut given);
        if given.is_inexact {
            return Err(CallbackError(Reason::Inexact(name.into_owned())));
        }
        seen.insert(slot, bytes);
    }
    if seen.is_empty() { Err(CallbackError(Reason::Unrelated)) } else { Ok(()) }
}

/// Rule for the repetition of a documented member.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Repetition {
    Never,
    WithEqualValues,
}

/// Reads a message from a JSON object. If the message type has documented members, the object must have one of them.
/// `repetition` states whether the object may repeat a documented member.
fn read_members(text: &str, into: &mut dyn TakeObject, repetition: Repetition) -> Result<(), CallbackError> {
    check_members(text, &*into.begin(), repetition)?;
    let mut read =
        |text: &str| Target::Members(into.begin()).deserialize(&mut serde_json::Deserializer::from_str(text));
    let error = match read(text) {
        Ok(_) => return Ok(()),
        Err(error) => error,
    };
    match Unkept::of(&error) {
        Some(Unkept::Inexact) => Err(unreadable(&error)),
        Some(Unkept::Contradictory(name)) => Err(CallbackError(Reason::Contradictory(name))),
        // The parser rejects every repetition, but a repetition with an equal value is allowed.
        Some(Unkept::Repeated) | None => match repeated::unrepeated(text, &mut |probe| read(probe).is_err()) {
            Err(name) => Err(CallbackError(Reason::Contradictory(name))),
            Ok(Some(text)) => read(&text).map(drop).map_err(|error| unreadable(&error)),
            Ok(None) => Err(unreadable(&error)),
        },
    }
}

/// Checks that a JSON text is one object, and has a documented member if the message type has any. Also checks that
/// `repetition` allows each repetition of a documented member of this object.
fn check_members(text: &str, message: &dyn Object, repetition: Repetition) -> Result<(), CallbackError> {
    let mut json = serde_json::Deserializer::from_str(text);
    let names = MemberNames { values: BTreeMap::new(), message, repetition };
    let read = json.deserialize_any(names).and_then(|seen| json.end().map(|()| seen));
    match read {
        Ok(Some(Seen { refused: Some(reason), .. })) => Err(CallbackError(reason)),
        Ok(Some(Seen { known: 0, .. })) if message.has_members() => Err(CallbackError(Reason::Unrelated)),
        Ok(Some(_)) => Ok(()),
        Ok(None) => Err(CallbackError(Reason::Unreadable(Undecodable::NotAnObject))),
        Err(error) => Err(unreadable(&error)),
    }
}

fn unreadable(error: &serde_json::Error) -> CallbackError {
    CallbackError(Reason::Unreadable(not_json(error)))
}

/// Reader of the documented members of an object.
struct MemberNames<'a, 'de> {
    /// JSON text of each value, by the slot of its member.
    values: BTreeMap<u16, &'de str>,
    message: &'a dyn Object,
    repetition: Repetition,
}

#[derive(Default)]
struct Seen {
    known: usize,
    refused: Option<Reason>,
}

impl<'de> Visitor<'de> for MemberNames<'_, 'de> {
    type Value = Option<Seen>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Option<Seen>, A::Error> {
        let mut seen = Seen::default();
        while let Some(name) = map.next_key::<Cow<'_, str>>()? {
            let Some(slot) = self.message.slot(&name) else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            let value = map.next_value::<&RawValue>()?.get();
            seen.known += 1;
            let name = || name.clone().into_owned();
            let refused = match self.values.insert(slot, value) {
                Some(_) if self.repetition == Repetition::Never => Some(Reason::Repeated(name())),
                Some(first) if !repeated::is_same_json(first, value) => Some(Reason::Contradictory(name())),
                _ => None,
            };
            seen.refused = seen.refused.or(refused);
        }
        Ok(Some(seen))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Option<Seen>, A::Error> {
        drain(&mut seq).map(|()| None)
    }

    fn visit_unit<E: de::Error>(self) -> Result<Option<Seen>, E> {
        Ok(None)
    }

    fn visit_bool<E: de::Error>(self, _: bool) -> Result<Option<Seen>, E> {
        Ok(None)
    }

    fn visit_i64<E: de::Error>(self, _: i64) -> Result<Option<Seen>, E> {
        Ok(None)
    }

    fn visit_u64<E: de::Error>(self, _: u64) -> Result<Option<Seen>, E> {
        Ok(None)
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<Option<Seen>, E> {
        Ok(None)
    }

    fn visit_str<E: de::Error>(self, _: &str) -> Result<Option<Seen>, E> {
        Ok(None)
    }
}

/// Returns `true` if the first character of a body is that of a JSON object or list.
pub fn looks_like_json(body: &[u8]) -> bool {
    let body = body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(body);
    matches!(body.trim_ascii_start().first(), Some(b'{' | b'['))
}

fn claim<T: Message>(mut message: T, body: &[u8]) -> Claim<T> {
    message.set_raw(Raw::new(0, Vec::new(), body.to_vec()));
    Claim(message)
}
