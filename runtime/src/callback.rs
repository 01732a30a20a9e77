//! Messages that a service, or a purchaser's browser, sends to the caller. What is parsed is a claim: anybody can
//! send one. Which messages there are, and how one is proven, is generated.

use crate::envelope::{Undecodable, as_text, not_json};
use crate::object::{Object, ObjectVisitor, object_from_pairs};
use crate::raw::Raw;
use serde::de::DeserializeSeed;
use std::fmt;

/// A message. Generated.
pub trait Message: Object {
    /// Keeps the message as it came.
    fn set_raw(&mut self, raw: Raw);
}

/// What a message says, which need not be true. Confirm it with the service before acting on it.
#[derive(Clone, Debug)]
#[must_use]
pub struct Claim<T>(T);

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

    /// Whether the message's proof is wrong: somebody else may have sent it.
    pub fn is_not_genuine(&self) -> bool {
        self.0 == Reason::NotGenuine
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
/// When it is no JSON object.
pub fn claim_from_json<T: Message>(body: &[u8]) -> Result<Claim<T>, CallbackError> {
    let unreadable = |why| CallbackError(Reason::Unreadable(why));
    let text = as_text(body).map_err(unreadable)?;
    if text.trim().is_empty() {
        return Err(CallbackError(Reason::Empty));
    }
    let mut message = T::default();
    let mut json = serde_json::Deserializer::from_str(text);
    let read = ObjectVisitor::payload(&mut message).deserialize(&mut json);
    let is_object = read.and_then(|is_object| json.end().map(|()| is_object));
    match is_object {
        Ok(true) => Ok(claim(message, body)),
        Ok(false) => Err(unreadable(Undecodable::NotAnObject)),
        Err(error) => Err(unreadable(not_json(&error))),
    }
}

/// Reads a message in the form of a form, or of a query.
///
/// # Errors
///
/// When it is empty or not UTF-8.
pub fn claim_from_form<T: Message>(body: &[u8]) -> Result<Claim<T>, CallbackError> {
    let text = as_text(body).map_err(|why| CallbackError(Reason::Unreadable(why)))?.trim();
    if text.is_empty() {
        return Err(CallbackError(Reason::Empty));
    }
    Ok(claim(object_from_pairs(form_urlencoded::parse(text.as_bytes())), body))
}

/// Reads a message of which nothing is known: its members if it is a JSON object, and its bytes in any case.
///
/// # Errors
///
/// None.
pub fn claim_from_anything<T: Message>(body: &[u8]) -> Result<Claim<T>, CallbackError> {
    Ok(claim_from_json(body).unwrap_or_else(|_| claim(T::default(), body)))
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
