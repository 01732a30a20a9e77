//! What a service says, written in the API's envelope.

use crate::decode::envelope::{Envelope, Payload};
use crate::decode::object::{Members, serialize_members};
use crate::operation::{Api, Operation};
use crate::outcome::ErrorCode;
use serde::ser::SerializeMap;
use serde_json::{Map, Value};
use std::fmt;

/// A service's no.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status; 200 where the envelope alone says no.
    pub status: u16,
    /// The error code.
    pub code: String,
    /// The message for people.
    pub message: String,
}

impl Refusal {
    /// A refusal with HTTP status 200.
    pub fn new(code: &impl ErrorCode, message: impl Into<String>) -> Self {
        Self { status: 200, code: code.as_text().to_owned(), message: message.into() }
    }

    /// The same with another HTTP status.
    #[must_use]
    pub fn with_status(self, status: u16) -> Self {
        Self { status, ..self }
    }
}

/// What is answered.
#[derive(Clone, PartialEq, Eq)]
pub struct Response {
    /// The operation, if there was one.
    pub operation: Option<&'static str>,
    /// The HTTP status.
    pub status: u16,
    /// The body, in JSON.
    pub body: Vec<u8>,
    /// The error code, of a refusal.
    pub refused: Option<String>,
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("operation", &self.operation)
            .field("status", &self.status)
            .field("refused", &self.refused)
            .finish_non_exhaustive()
    }
}
/// Writes what a service says in the API's envelope.
pub fn answer<M: Members>(api: &Api, operation: Option<&Operation>, said: Result<M, Refusal>) -> Response {
    let (status, refused, body) = match said {
        Ok(reply) => (200, None, success(&api.envelope, &reply)),
        Err(refusal) => {
            let body = refused(&api.envelope, &refusal);
            (refusal.status, Some(refusal.code), body)
        }
    };
    Response { operation: operation.map(|operation| operation.id), status, body, refused }
}

/// [`answer`] to a request that no operation got.
pub fn refuse(api: &Api, refusal: Refusal) -> Response {
    answer::<Nothing>(api, None, Err(refusal))
}

enum Nothing {}

impl Members for Nothing {
    fn members<M: serde::ser::SerializeMap>(&self, _: &mut M) -> Result<(), M::Error> {
        match *self {}
    }
}

struct Written<'a, T>(&'a T);

impl<T: Members> serde::Serialize for Written<'_, T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serialize_members(self.0, serializer)
    }
}

/// A reply with its members beside the envelope's.
struct Inline<'a, T> {
    success: &'a str,
    equals: Value,
    reply: &'a T,
}

impl<T: Members> serde::Serialize for Inline<'_, T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry(self.success, &self.equals)?;
        self.reply.members(&mut map)?;
        map.end()
    }
}

fn success(envelope: &Envelope, reply: &impl Members) -> Vec<u8> {
    // The plain case is written in one go.
    if let (Payload::Inline, [success]) = (&envelope.payload, envelope.success) {
        let whole = Inline { success, equals: word(envelope.equals), reply };
        let mut body = Vec::with_capacity(512);
        if serde_json::to_writer(&mut body, &whole).is_ok() {
            return body;
        }
    }
    // Members have text names, and values that JSON has.
    let written = serde_json::to_value(Written(reply)).unwrap_or_default();
    let mut members = match written {
        Value::Object(members) => members,
        _ => Map::new(),
    };
    let mut whole = Value::Object(Map::new());
    match envelope.payload {
        Payload::Inline => {
            put(&mut whole, envelope.success, word(envelope.equals));
            if let Value::Object(whole) = &mut whole {
                whole.append(&mut members);
            }
        }
        Payload::Member(path) => {
            put(&mut whole, envelope.success, word(envelope.equals));
            put(&mut whole, envelope.code, Value::Null);
            put(&mut whole, envelope.message, Value::Null);
            // A payload that is a list has this name.
            let payload = members.remove("[]").unwrap_or(Value::Object(members));
            put(&mut whole, path, payload);
        }
    }
    whole.to_string().into_bytes()
}

fn refused(envelope: &Envelope, refusal: &Refusal) -> Vec<u8> {
    let mut whole = Value::Object(Map::new());
    put(&mut whole, envelope.success, envelope.failure.map_or(Value::Null, word));
    put(&mut whole, envelope.code, Value::String(refusal.code.clone()));
    put(&mut whole, envelope.message, Value::String(refusal.message.clone()));
    if let Payload::Member(path) = envelope.payload {
        put(&mut whole, path, Value::Null);
    }
    whole.to_string().into_bytes()
}

/// A value that the description has as a text: a number or a truth value, where it is one.
fn word(text: &str) -> Value {
    match text {
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        _ => text.parse::<i64>().map_or_else(|_| Value::String(text.to_owned()), Value::from),
    }
}

fn put(whole: &mut Value, path: &[&str], value: Value) {
    let Some((last, parents)) = path.split_last() else { return };
    let mut at = whole;
    for name in parents {
        if !at[*name].is_object() {
            at[*name] = Value::Object(Map::new());
        }
        at = &mut at[*name];
    }
    at[*last] = value;
}
