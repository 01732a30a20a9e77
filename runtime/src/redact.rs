//! Redaction of texts from the service. Replaces known secrets and sensitive members, escapes line breaks, and limits
//! the length of each text. A text that cannot be checked is not shown. [`Raw`](crate::Raw) gives access to the
//! original.

#[cfg(feature = "client")]
use crate::decode::object::{Members, serialize_members};
use crate::json::{Json, is_same_number};
use crate::operation::{Api, HeaderValue};
use crate::parameters::path_segment;
use crate::secret::{Redacted, SecretText};
use std::borrow::Cow;
#[cfg(feature = "client")]
use zeroize::Zeroizing;

/// Largest size of an excerpt in bytes.
const EXCERPT: usize = 1024;
/// Largest number of characters of an excerpt that is not JSON.
const PLAIN: usize = 200;
/// Largest number of characters of a message.
const MESSAGE: usize = 500;
/// Largest depth at which JSON inside JSON strings is redacted.
const DEPTH: u8 = 4;

/// Redactor of texts from the service.
#[derive(Clone, Debug, Default)]
pub struct Redactor {
    names: Vec<&'static str>,
    secrets: Vec<SecretText>,
}

impl Redactor {
    /// Creates a redactor. It replaces the values of members whose name is in `names`, regardless of case. It replaces
    /// each text in `secrets` wherever the text occurs.
    pub fn new(names: &'static [&'static str], secrets: Vec<SecretText>) -> Self {
        let mut all = Self { names: names.to_vec(), secrets };
        all.longest_first();
        all
    }

    /// Sorts the secrets, longest first. If one secret is a prefix of another secret, the rest of the longer secret
    /// would otherwise stay visible.
    fn longest_first(&mut self) {
        self.secrets.sort_by_key(|secret| std::cmp::Reverse(secret.expose().len()));
    }

    /// Creates a redactor for an API's sensitive members, the headers that authenticate the caller, the constant values
    /// of sensitive headers, and these secrets.
    pub(crate) fn of(api: &Api, secrets: Vec<SecretText>) -> Self {
        let mut all = Self::new(api.sensitive, secrets);
        let proving = api.headers.iter().filter(|header| !matches!(header.value, HeaderValue::Constant(_)));
        all.names.extend(proving.map(|header| header.name));
        let own = api.operations.iter().flat_map(|operation| operation.headers);
        for header in api.headers.iter().chain(own) {
            // A single character may occur in any message, so it cannot be replaced.
            if let HeaderValue::Constant(value) = header.value
                && value.chars().nth(1).is_some()
                && api.is_sensitive(header.name)
            {
                all.secrets.push(value.into());
            }
        }
        all.longest_first();
        all
    }

    #[cfg(feature = "client")]
    pub(crate) fn with(&self, secrets: impl Iterator<Item = SecretText>) -> Self {
        let mut more = self.clone();
        more.secrets.extend(secrets);
        more.longest_first();
        more
    }

    /// Returns the values of a request's sensitive members, because a service may repeat them in its message.
    #[cfg(feature = "client")]
    pub(crate) fn values_of(&self, request: &impl Members) -> Vec<SecretText> {
        let mut json = Zeroizing::new(Vec::with_capacity(2048));
        let written = serialize_members(request, &mut serde_json::Serializer::new(&mut *json)).ok();
        let text = written.and_then(|()| std::str::from_utf8(&json).ok()).unwrap_or_default();
        // A member with JSON of the caller can have a form that `Json::parse` refuses, such as a great depth.
        let tree = || serialize_members(request, serde_json::value::Serializer).map(Json::from);
        let mut values = Vec::new();
        if let Ok(request) = Json::parse(text).or_else(|_| tree()) {
            self.collect(&request, false, &mut values);
        }
        values
    }

    /// Returns the values of a query's sensitive parameters.
    #[cfg(feature = "client")]
    pub(crate) fn values_in(&self, query: &str) -> Vec<SecretText> {
        let pairs = form_urlencoded::parse(query.as_bytes());
        pairs.filter(|(name, _)| self.is_sensitive(name)).map(|(_, value)| SecretText::from(&*value)).collect()
    }

    /// Returns the values of headers with sensitive names.
    #[cfg(feature = "client")]
    pub(crate) fn values_in_headers(&self, headers: &crate::parameters::Headers) -> Vec<SecretText> {
        headers.iter().filter(|(name, _)| self.is_sensitive(name)).map(|(_, value)| value.into()).collect()
    }

    #[cfg(feature = "client")]
    fn collect(&self, value: &Json, sensitive: bool, values: &mut Vec<SecretText>) {
        // A single character may occur in any message, so it cannot be replaced.
        let mut add = |text: &str| {
            if sensitive && text.chars().nth(1).is_some() {
                values.push(text.into());
            }
        };
        match value {
            Json::Text(text) | Json::Number(text) => add(text),
            Json::List(entries) => entries.iter().for_each(|entry| self.collect(entry, sensitive, values)),
            Json::Object(members) => {
                for (name, value) in members {
                    self.collect(value, sensitive || self.is_sensitive(name), values);
                }
            }
            Json::Null | Json::Boolean(_) => {}
        }
    }

    /// Returns a redacted message, on one line and limited in length.
    pub fn message(&self, text: &str) -> String {
        one_line(&self.without_secrets(text), MESSAGE)
    }

    /// Returns a redacted excerpt of a body, on one line and of at most 1 KiB.
    pub fn excerpt(&self, body: &[u8]) -> String {
        let Ok(text) = std::str::from_utf8(body) else { return format!("[{} bytes, not text]", body.len()) };
        let text = text.trim_start_matches('\u{feff}').trim();
        if text.is_empty() {
            return "[empty]".to_owned();
        }
        let shown = match Json::parse(text) {
            Ok(mut value) => {
                self.clean(&mut value, DEPTH);
                value.to_string()
            }
            Err(_) if text.starts_with(['{', '[', '"']) => {
                return format!("[{} bytes of unreadable JSON, not shown]", body.len());
            }
            Err(_) => match self.named_in(text) {
                // The text may be, for example, an error page that quotes the request.
                Some(name) => return format!("[{} bytes of text that mentions {name}, not shown]", body.len()),
                None => one_line(&self.without_secrets(text), PLAIN),
            },
        };
        bounded(shown)
    }

    fn is_sensitive(&self, name: &str) -> bool {
        self.names.iter().any(|own| own.eq_ignore_ascii_case(name))
    }

    fn named_in(&self, text: &str) -> Option<&'static str> {
        let text = text.to_ascii_lowercase();
        self.names.iter().find(|name| !name.is_empty() && text.contains(&name.to_ascii_lowercase())).copied()
    }

    fn clean(&self, value: &mut Json, depth: u8) {
        match value {
            Json::Object(members) => {
                for (name, value) in members {
                    if self.is_sensitive(name) {
                        *value = Json::Text(Redacted::TEXT.to_owned());
                    } else {
                        self.clean(value, depth);
                    }
                    // Names of members are texts from the service too.
                    if let Cow::Owned(clean) = self.without_secrets(name) {
                        *name = clean;
                    }
                }
            }
            Json::List(entries) => entries.iter_mut().for_each(|entry| self.clean(entry, depth)),
            Json::Text(text) => {
                let inner = text.trim_start();
                if !inner.starts_with(['{', '[']) {
                    if let Cow::Owned(clean) = self.without_secrets(text) {
                        *text = clean;
                    }
                    return;
                }
                // JSON inside a JSON string can have sensitive members too.
                *text = match Json::parse(inner) {
                    Ok(mut inner) if depth > 0 => {
                        self.clean(&mut inner, depth - 1);
                        inner.to_string()
                    }
                    _ => format!("[{} bytes of unreadable JSON, not shown]", text.len()),
                };
            }
            Json::Number(digits) if self.is_secret_number(digits) => {
                *value = Json::Text(Redacted::TEXT.to_owned());
            }
            Json::Number(_) | Json::Boolean(_) | Json::Null => {}
        }
    }

    /// Returns `true` for a number that contains the digits of a secret, or equals a secret in another notation.
    fn is_secret_number(&self, digits: &str) -> bool {
        matches!(self.without_secrets(digits), Cow::Owned(_))
            || self.secrets.iter().any(|secret| is_same_number(secret.expose(), digits))
    }

    /// Returns the text with every known secret replaced, also in the encodings of forms and paths.
    pub(crate) fn without_secrets<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut clean = Cow::Borrowed(text);
        for secret in self.secrets.iter().map(SecretText::expose).filter(|secret| !secret.is_empty()) {
            let in_form: String = form_urlencoded::byte_serialize(secret.as_bytes()).collect();
            let in_path = path_segment(secret).to_string();
            for form in [secret, &in_form, &in_path] {
                if clean.contains(form) {
                    clean = clean.replace(form, Redacted::TEXT).into();
                }
            }
        }
        clean
    }
}

/// Escapes line breaks and control characters, and limits the number of characters.
fn one_line(text: &str, most: usize) -> String {
    let mut line = String::new();
    for (n, c) in text.chars().enumerate() {
        if n == most {
            line.push('…');
            break;
        }
        // Characters that reorder a line on a terminal are escaped too.
        if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}') {
            line.extend(c.escape_default());
        } else {
            line.push(c);
        }
    }
    line
}

fn bounded(text: String) -> String {
    let text = one_line(&text, EXCERPT);
    if text.len() <= EXCERPT {
        return text;
    }
    let mut end = EXCERPT - '…'.len_utf8();
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}…", text.get(..end).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redactor() -> Redactor {
        Redactor::new(&["apiKey", "token"], vec!["canary/1 key".into(), "".into()])
    }

    #[test]
    fn sensitive_members_are_replaced_at_any_depth() {
        let body =
            r#"{"msg":"no","token":"canary","list":[{"APIKEY":{"x":"canary"}}],"text":"{\"token\":\"canary\"}"}"#;
        let shown = redactor().excerpt(body.as_bytes());
        assert!(!shown.contains("canary"), "{shown}");
        assert!(shown.contains(r#""msg":"no""#) && shown.contains(r#""token":"[redacted]""#), "{shown}");
    }

    #[cfg(feature = "client")]
    #[test]
    fn sensitive_values_of_a_request_are_found_at_any_depth() {
        let request = r#"{"a":{"b":[{"c":{"d":{"token":["canary",19900101,"x",true,10.50]}}}]},"e":5}"#;
        let mut values = Vec::new();
        redactor().collect(&Json::parse(request).unwrap(), false, &mut values);
        assert_eq!(values.iter().map(SecretText::expose).collect::<Vec<_>>(), ["canary", "19900101", "10.50"]);
    }

    #[test]
    fn known_secrets_are_replaced_wherever_they_stand() {
        for body in [
            r#"{"msg":"the key canary/1 key is wrong"}"#,
            r#"{"msg":"the key canary\/1 key is wrong"}"#,
            r#"{"canary/1 key":1}"#,
            r#"{"deep":[["canary/1 key"]]}"#,
            "the key canary/1 key is wrong",
            "?a=canary%2F1+key&b",
            "/pay/canary%2F1%20key/b",
            r#""canary/1 key""#,
        ] {
            let shown = redactor().excerpt(body.as_bytes());
            assert!(!shown.contains("canary") && shown.contains("[redacted]"), "{shown}");
        }
        assert_eq!(redactor().message("canary/1 key\n?"), "[redacted]\\n?");
    }

    #[test]
    fn a_secret_number_is_replaced_in_any_notation_and_other_numbers_keep_their_digits() {
        let redactor = Redactor::new(&[], vec!["10.50".into(), "123456789012345.678".into()]);
        let shown =
            redactor.excerpt(br#"{"b":[10.50,10.5,1.05e1,123456789012345.678,"10.50"],"a":123456789012345.679}"#);
        let hidden = r#""[redacted]","[redacted]","[redacted]","[redacted]","[redacted]""#;
        assert_eq!(shown, format!(r#"{{"b":[{hidden}],"a":123456789012345.679}}"#));
    }

    #[test]
    fn text_that_cannot_be_checked_is_not_shown() {
        for (body, shown) in [
            (&br#"{"token":"canary"#[..], "[16 bytes of unreadable JSON, not shown]"),
            (b"<b>token: canary</b>", "[20 bytes of text that mentions token, not shown]"),
            (b"\xff\xfe", "[2 bytes, not text]"),
            (b" ", "[empty]"),
            (br#"{"a":"{\"token\":\"canary"}"#, r#"{"a":"[16 bytes of unreadable JSON, not shown]"}"#),
        ] {
            assert_eq!(redactor().excerpt(body), shown);
        }
    }

    #[test]
    fn an_excerpt_is_bounded_and_on_one_line() {
        let html = format!("<html>\n{}\u{1b}[31m\u{202e}</html>", "가".repeat(5000));
        let shown = redactor().excerpt(html.as_bytes());
        assert!(shown.starts_with("<html>\\n가") && shown.chars().count() == 202 && shown.ends_with('…'), "{shown}");
        let json = format!(r#"{{"a":"{}\n"}}"#, "가".repeat(5000));
        let shown = redactor().excerpt(json.as_bytes());
        assert!(shown.len() <= 1024 && shown.ends_with('…'), "{}", shown.len());
        assert!(!redactor().message("a\r\nb\u{202e}").contains(['\r', '\n', '\u{202e}']));
    }
}
