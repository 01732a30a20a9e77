//! Parameters of a request outside its body: the segments of the path, the query, and the headers that the caller
//! provides.

use crate::secret::SecretText;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, PercentEncode, utf8_percent_encode};
use std::fmt;

/// Characters that are percent-encoded in a path segment: all except those that RFC 3986 calls unreserved.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Returns a text as one segment of a path.
pub(crate) fn path_segment(text: &str) -> PercentEncode<'_> {
    utf8_percent_encode(text, SEGMENT)
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

/// Headers that the caller provides. Its `Debug` shows no values.
#[derive(Default)]
pub struct Headers(Vec<(&'static str, SecretText)>);

impl Headers {
    /// Adds a header.
    pub fn push(&mut self, name: &'static str, value: &str) {
        self.0.push((name, value.into()));
    }

    #[cfg(any(feature = "client", feature = "outbox"))]
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.0.iter().map(|(name, value)| (*name, value.expose()))
    }
}

impl fmt::Debug for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.iter().map(|(name, _)| name)).finish()
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
