//! Wire form of a request: path, query, body. The request types are generated; the client sends them.

use crate::check::Validate;
use crate::decode::object::Members;
use crate::evidence::{Comparison, Mismatch};
use crate::operation::{Operation, Recovery, Segment};
use crate::reply::Reply;
use crate::secret::SecretText;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::ser::{Serialize, SerializeMap, Serializer};
use std::fmt;

/// Request of an operation. Generated.
pub trait Request: Validate + Members + Send + Sync {
    /// Reply of the operation.
    type Reply: Reply;

    /// Description of the operation.
    const OPERATION: &'static Operation;

    /// Returns what to do if the answer is lost. The default is that of the operation; a request may differ.
    fn recovery(&self) -> Recovery {
        Self::OPERATION.recovery
    }

    /// Returns a path parameter by its name.
    fn parameter(&self, _name: &str) -> &str {
        ""
    }

    /// Adds the parameters of the query.
    fn query(&self, _query: &mut Query) {}

    /// Checks that a reply is about this request.
    ///
    /// # Errors
    ///
    /// Returns the first member that is absent or differs.
    fn bind(&self, _compare: &Comparison<'_>, _reply: &Self::Reply) -> Result<(), Mismatch> {
        Ok(())
    }
}

/// Query of a URL, without the `?`. Its `Debug` shows no content.
#[derive(Default)]
pub struct Query(String);

impl Query {
    /// Adds a parameter.
    pub fn push(&mut self, name: &str, value: &str) {
        if !self.0.is_empty() {
            self.0.push('&');
        }
        self.0.extend(form_urlencoded::byte_serialize(name.as_bytes()));
        self.0.push('=');
        self.0.extend(form_urlencoded::byte_serialize(value.as_bytes()));
    }

    /// Returns the encoded query.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Query({} bytes)", self.0.len())
    }
}

/// Characters to encode: all except the unreserved ones of RFC 3986.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Returns the path of an operation with the request's parameters and the caller's credentials, each encoded as one segment.
pub fn encode_path(operation: &Operation, request: &impl Request, credentials: &[SecretText]) -> String {
    let mut path = String::new();
    for segment in operation.path {
        match segment {
            Segment::Literal(text) => path.push_str(text),
            Segment::Parameter(name) => path.extend(utf8_percent_encode(request.parameter(name), SEGMENT)),
            Segment::Credential(index) => {
                let credential = credentials.get(*index).map_or("", SecretText::expose);
                path.extend(utf8_percent_encode(credential, SEGMENT));
            }
        }
    }
    path
}

/// Returns the JSON body of a request: the members that the client supplies, then the request's own.
///
/// # Errors
///
/// Returns an error if a member cannot be serialized, which no generated type causes.
pub fn encode_body<R: Request>(request: &R, credentials: &[SecretText]) -> Result<Vec<u8>, serde_json::Error> {
    // Large enough for most requests, so that the buffer with its secrets is not copied when it grows.
    let mut body = Vec::with_capacity(1024);
    Body { request, credentials }.serialize(&mut serde_json::Serializer::new(&mut body))?;
    Ok(body)
}

struct Body<'a, R> {
    request: &'a R,
    credentials: &'a [SecretText],
}

impl<R: Request> Serialize for Body<'_, R> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (name, index) in R::OPERATION.body_credentials {
            let credential = self
                .credentials
                .get(*index)
                .ok_or_else(|| serde::ser::Error::custom(format_args!("there is no credential for `{name}`")))?;
            map.serialize_entry(name, credential.expose())?;
        }
        self.request.members(&mut map)?;
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_encoded() {
        let mut query = Query::default();
        query.push("a", "1&b=2");
        query.push("name", "가 나");
        assert_eq!(query.as_str(), "a=1%26b%3D2&name=%EA%B0%80+%EB%82%98");
        assert_eq!(format!("{query:?}"), "Query(36 bytes)");
    }
}
