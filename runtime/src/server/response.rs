//! Writes the responses of a service, in the API's envelope.

use crate::decode::envelope::{ENTRY, Envelope, FailureRule, Payload, SuccessRule};
use crate::decode::object::Members;
use crate::encode::AsObject;
use crate::operation::{Api, Operation};
use crate::outcome::ErrorCode;
use serde::ser::SerializeMap;
use serde_json::{Map, Value};
use std::fmt;

/// Rejection by a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// HTTP status; 200 if the envelope alone shows the failure.
    pub status: u16,
    /// Error code.
    pub code: String,
    /// Message for people.
    pub message: String,
}

impl Refusal {
    /// Creates a rejection with HTTP status 200.
    pub fn new(code: &impl ErrorCode, message: impl Into<String>) -> Self {
        Self { status: 200, code: code.as_text().to_owned(), message: message.into() }
    }

    /// Returns the rejection with another HTTP status.
    #[must_use]
    pub fn with_status(self, status: u16) -> Self {
        Self { status, ..self }
    }
}

/// Response of a service.
#[derive(Clone, PartialEq, Eq)]
pub struct Response {
    /// Id of the operation, if one was found.
    pub operation: Option<&'static str>,
    /// HTTP status.
    pub status: u16,
    /// Body, in JSON.
    pub body: Vec<u8>,
    /// Error code of a rejection.
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

/// Writes a reply or a rejection in the envelope of the operation, or in the API's envelope without an operation.
pub fn answer<M: Members>(api: &Api, operation: Option<&Operation>, said: Result<M, Refusal>) -> Response {
    let envelope = operation.map_or(&api.envelope, |operation| operation.envelope(api));
    let (status, refused, body) = match said {
        Ok(reply) => (success_status(envelope), None, success(envelope, &reply)),
        Err(refusal) => {
            let status = refusal_status(envelope, refusal.status);
            let body = refused(envelope, status, &refusal);
            (status, Some(refusal.code), body)
        }
    };
    Response { operation: operation.map(|operation| operation.id), status, body, refused }
}

/// Writes the rejection of a request for which no operation was found.
pub fn refuse(api: &Api, refusal: Refusal) -> Response {
    answer::<Nothing>(api, None, Err(refusal))
}

enum Nothing {}

impl Members for Nothing {
    fn members<M: serde::ser::SerializeMap>(&self, _: &mut M) -> Result<(), M::Error> {
        match *self {}
    }
}

/// Reply whose members are siblings of the envelope's members. If the reply and the envelope have a member of the same
/// name, only the envelope's member is written.
struct Inline<'a, T> {
    success: &'a str,
    equals: Value,
    reply: &'a T,
}

/// Serializer that skips the member `name`, so that no member is written twice.
struct Except<'a, M> {
    map: &'a mut M,
    /// Name of the skipped member, as written in JSON, including the quotes.
    name: Vec<u8>,
    /// Name of the latest member, in the same notation.
    latest: Vec<u8>,
}

impl<M> Except<'_, M> {
    fn is_taken<T: serde::Serialize + ?Sized>(&mut self, name: &T) -> bool {
        self.latest.clear();
        // A name that cannot be serialized fails when it is written.
        serde_json::to_writer(&mut self.latest, name).is_ok() && self.latest == self.name
    }
}

impl<M: SerializeMap> SerializeMap for Except<'_, M> {
    type Ok = ();
    type Error = M::Error;

    fn serialize_key<T: serde::Serialize + ?Sized>(&mut self, key: &T) -> Result<(), M::Error> {
        if self.is_taken(key) { Ok(()) } else { self.map.serialize_key(key) }
    }

    fn serialize_value<T: serde::Serialize + ?Sized>(&mut self, value: &T) -> Result<(), M::Error> {
        if self.latest == self.name { Ok(()) } else { self.map.serialize_value(value) }
    }

    fn serialize_entry<K, V>(&mut self, key: &K, value: &V) -> Result<(), M::Error>
    where
        K: serde::Serialize + ?Sized,
        V: serde::Serialize + ?Sized,
    {
        if self.is_taken(key) { Ok(()) } else { self.map.serialize_entry(key, value) }
    }

    fn end(self) -> Result<(), M::Error> {
        Ok(())
    }
}

impl<T: Members> serde::Serialize for Inline<'_, T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry(self.success, &self.equals)?;
        let name = serde_json::to_vec(self.success).unwrap_or_default();
        self.reply.members(&mut Except { map: &mut map, name, latest: Vec::new() })?;
        map.end()
    }
}

/// Returns the HTTP status of a success.
fn success_status(envelope: &Envelope) -> u16 {
    match envelope.success {
        SuccessRule::Status { from, to } if !(from..=to).contains(&200) => from,
        SuccessRule::Status { .. } | SuccessRule::Member { .. } | SuccessRule::Present(_) => 200,
    }
}

/// Returns the HTTP status of a rejection. If the API shows success by the status alone, a status of success is
/// replaced by 400.
fn refusal_status(envelope: &Envelope, status: u16) -> u16 {
    if envelope.success.is_shown_by(status) { 400 } else { status }
}

fn success(envelope: &Envelope, reply: &impl Members) -> Vec<u8> {
    let said = match envelope.success {
        // If several values mean success, and the reply contains one of them, that value is kept.
        SuccessRule::Member { path, values } if values.len() > 1 && says_one(reply, path, values) => None,
        SuccessRule::Member { path, values } => Some((path, word(values.first().copied().unwrap_or_default()))),
        // The status alone shows success, or the reply itself has the success member.
        SuccessRule::Status { .. } | SuccessRule::Present(_) => None,
    };
    // The most common envelope is written in one pass.
    if let (Payload::Inline, Some(([success], equals))) = (&envelope.payload, &said) {
        let whole = Inline { success, equals: equals.clone(), reply };
        let mut body = Vec::with_capacity(512);
        if serde_json::to_writer(&mut body, &whole).is_ok() {
            return body;
        }
    }
    // Members have text names and JSON values, so this cannot fail.
    let written = serde_json::to_value(AsObject(reply)).unwrap_or_default();
    let mut members = match written {
        Value::Object(members) => members,
        _ => Map::new(),
    };
    let mut whole = Value::Object(Map::new());
    if let Payload::Member(_) = envelope.payload {
        // A success has no list of errors, so a path into such a list is left out.
        for path in [envelope.code, envelope.message].into_iter().filter(|path| !path.contains(&ENTRY)) {
            put(&mut whole, path, Value::Null);
        }
    }
    // The success value is written after the code. If the code and the success value are in the same member, the
    // success value therefore stays.
    if let Some((path, equals)) = said {
        put(&mut whole, path, equals);
    }
    // The name `[]` marks a payload that is a list.
    let list = members.remove("[]");
    match (envelope.payload, list) {
        (Payload::Inline, Some(list)) => whole = list,
        (Payload::Inline, None) => add(&mut whole, members),
        (Payload::Member(path), list) => put(&mut whole, path, list.unwrap_or(Value::Object(members))),
    }
    whole.to_string().into_bytes()
}

fn refused(envelope: &Envelope, status: u16, refusal: &Refusal) -> Vec<u8> {
    let mut whole = Value::Object(Map::new());
    if let SuccessRule::Member { path, values } = envelope.success {
        put(&mut whole, path, failure(envelope.failure, values));
    }
    let shape = envelope.shapes(status).next();
    let (code, message) = shape.map_or((envelope.code, envelope.message), |shape| (shape.code, shape.message));
    let text = || Value::String(refusal.code.clone());
    put(&mut whole, code, if envelope.integer_codes { word(&refusal.code) } else { text() });
    put(&mut whole, message, Value::String(refusal.message.clone()));
    if let Payload::Member(path) = envelope.payload {
        put(&mut whole, path, Value::Null);
    }
    whole.to_string().into_bytes()
}

/// Returns `true` if a reply has the success member with one of the success values.
fn says_one(reply: &impl Members, path: &[&str], values: &[&str]) -> bool {
    // Members have text names and JSON values, so this cannot fail.
    let written = serde_json::to_value(AsObject(reply)).unwrap_or_default();
    let said = path.iter().try_fold(&written, |value, name| value.get(name));
    said.is_some_and(|said| values.iter().any(|value| *said == word(value) || said.as_str() == Some(value)))
}

/// Returns a value of the success member that means failure.
fn failure(rule: FailureRule, success: &[&str]) -> Value {
    match (rule, success) {
        (FailureRule::Values([first, ..]), _) => word(first),
        (FailureRule::Values([]), _) => Value::Null,
        (FailureRule::Other | FailureRule::Coded, ["true", ..]) => Value::Bool(false),
        (FailureRule::Other | FailureRule::Coded, ["false", ..]) => Value::Bool(true),
        (FailureRule::Other | FailureRule::Coded, _) => Value::String("failed".into()),
    }
}

/// Converts a value in the envelope's description to a number or boolean, if the value is written like a number or
/// boolean. `0000` stays a text.
fn word(text: &str) -> Value {
    match text {
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        _ => match text.parse::<i64>() {
            Ok(number) if number.to_string() == text => Value::from(number),
            _ => Value::String(text.to_owned()),
        },
    }
}

/// Writes a value at a path. A list on the path gets one entry.
fn put(at: &mut Value, path: &[&str], value: Value) {
    match path {
        [] => *at = value,
        [ENTRY, rest @ ..] => {
            if !at.is_array() {
                *at = Value::Array(vec![Value::Null]);
            }
            put(&mut at[0], rest, value);
        }
        [name, rest @ ..] => {
            if !at.is_object() {
                *at = Value::Object(Map::new());
            }
            put(&mut at[*name], rest, value);
        }
    }
}

/// Adds the members that are not present yet, also inside nested objects.
fn add(whole: &mut Value, members: Map<String, Value>) {
    let Value::Object(whole) = whole else { return };
    for (name, value) in members {
        match (whole.get_mut(&name), value) {
            (None, value) => drop(whole.insert(name, value)),
            (Some(own), Value::Object(inner)) => add(own, inner),
            (Some(_), _) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reply whose members have names that the envelope has too.
    struct Named;

    impl Members for Named {
        fn members<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
            map.serialize_entry("code", &7)?;
            map.serialize_entry("msg", "hello")?;
            map.serialize_entry("state", &serde_json::json!({ "code": 7, "since": "today" }))?;
            map.serialize_entry("amount", &1_000)
        }
    }

    fn envelope(success: &'static [&'static str]) -> Envelope {
        Envelope {
            success: SuccessRule::Member { path: success, values: &["0"] },
            failure: FailureRule::Values(&["-1"]),
            code: &["errorCode"],
            message: &["msg"],
            integer_codes: false,
            payload: Payload::Inline,
            errors: &[],
        }
    }

    #[test]
    fn a_reply_keeps_its_own_value_if_several_values_mean_success() {
        let several = Envelope {
            success: SuccessRule::Member { path: &["code"], values: &["0000", "7"] },
            ..envelope(&["code"])
        };
        let body = success(&several, &Named);
        let expected = r#"{"code":7,"msg":"hello","state":{"code":7,"since":"today"},"amount":1000}"#;
        assert_eq!(serde_json::from_slice::<Value>(&body).ok(), serde_json::from_str(expected).ok());
        // A value that does not mean success is replaced.
        let other = Envelope { success: SuccessRule::Member { path: &["code"], values: &["0000", "1"] }, ..several };
        assert!(String::from_utf8_lossy(&success(&other, &Named)).starts_with(r#"{"code":"0000","msg""#));
    }

    #[test]
    fn of_two_members_with_one_name_only_that_of_the_envelope_is_written() {
        let body = success(&envelope(&["code"]), &Named);
        let expected = r#"{"code":0,"msg":"hello","state":{"code":7,"since":"today"},"amount":1000}"#;
        assert_eq!(String::from_utf8_lossy(&body), expected);
        let body = success(&envelope(&["state", "code"]), &Named);
        let expected = r#"{"amount":1000,"code":7,"msg":"hello","state":{"code":0,"since":"today"}}"#;
        assert_eq!(serde_json::from_slice::<Value>(&body).ok(), serde_json::from_str(expected).ok());
        assert_eq!(String::from_utf8_lossy(&body).matches("\"since\"").count(), 1);
    }
}
