//! Replies and callbacks as received. Use them to access members that the spec does not describe, and values that
//! `Debug` and `Display` hide.

use std::fmt;
use std::sync::Arc;

/// Reply or callback as received. Cheap to clone. Its `Debug` shows no content.
#[derive(Clone, Default)]
pub struct Raw(Option<Arc<Content>>);

struct Content {
    status: u16,
    /// Headers as `name: value` lines. Names and values cannot contain line breaks.
    headers: String,
    body: Vec<u8>,
}

impl Raw {
    /// Creates a reply, for generated code and for tests.
    #[doc(hidden)]
    pub fn new(status: u16, headers: Vec<(String, String)>, body: Vec<u8>) -> Self {
        let headers = headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
        Self::from_parts(status, headers, body)
    }

    pub(crate) fn from_parts<'a>(
        status: u16,
        headers: impl Iterator<Item = (&'a str, &'a [u8])>,
        body: Vec<u8>,
    ) -> Self {
        let mut lines = String::new();
        for (name, value) in headers {
            let value = String::from_utf8_lossy(value);
            for piece in [name, ": ", &value, "\n"] {
                lines.push_str(piece);
            }
        }
        Self(Some(Arc::new(Content { status, headers: lines, body })))
    }

    /// Returns the HTTP status, or 0 if this is not a reply.
    pub fn status(&self) -> u16 {
        self.0.as_ref().map_or(0, |content| content.status)
    }

    /// Returns the body.
    pub fn body(&self) -> &[u8] {
        self.0.as_ref().map_or(&[], |content| &content.body)
    }

    /// Returns the value of the first header with this name, regardless of case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// Returns the names and values of the headers.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        let lines = self.0.as_ref().map_or("", |content| &content.headers);
        lines.split('\n').filter_map(|line| line.split_once(": "))
    }

    /// Returns a member of a JSON body by its name, or by a path such as `transactions.0.amount`. Parses the body each
    /// time.
    pub fn member(&self, path: &str) -> Option<serde_json::Value> {
        let mut body: serde_json::Value = serde_json::from_slice(self.body()).ok()?;
        if let Some(value) = body.get_mut(path) {
            return Some(value.take());
        }
        let place = path.split('.').try_fold(&mut body, |value, name| match value {
            serde_json::Value::Array(list) => list.get_mut(name.parse::<usize>().ok()?),
            value => value.get_mut(name),
        })?;
        Some(place.take())
    }
}

impl fmt::Debug for Raw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Raw").field("status", &self.status()).field("bytes", &self.body().len()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn raw() -> Raw {
        let headers = vec![("Content-Type".into(), "application/json".into()), ("X-Id".into(), "a: b".into())];
        Raw::new(200, headers, br#"{"code":0,"a.b":1,"a":{"b":2},"list":[{"x":"canary"}]}"#.to_vec())
    }

    #[test]
    fn headers_are_found_in_either_case() {
        assert_eq!(raw().header("content-type"), Some("application/json"));
        assert_eq!(raw().header("X-ID"), Some("a: b"));
        assert_eq!(raw().header("x"), None);
        assert_eq!(raw().headers().count(), 2);
    }

    #[test]
    fn members_are_found_by_name_and_by_path() {
        assert_eq!(raw().member("code"), Some(json!(0)));
        assert_eq!(raw().member("a.b"), Some(json!(1)), "a name with a dot takes precedence over a path");
        assert_eq!(raw().member("list.0.x"), Some(json!("canary")));
        assert_eq!(raw().member("list.1"), None);
        assert_eq!(raw().member("code.x"), None);
        assert_eq!(Raw::default().member("code"), None);
    }

    #[test]
    fn debug_shows_no_content() {
        let text = format!("{:?}", raw());
        assert_eq!(text, "Raw { status: 200, bytes: 54 }");
        assert_eq!((Raw::default().status(), Raw::default().body()), (0, &[][..]));
    }
}
