//! Computed values: made from credentials, parts of a request or a callback, and the time.

use super::{Duration, Map};
use schemars::JsonSchema;
use serde::Deserialize;

/// Value that is computed. Headers and fields of requests, and proofs of callbacks, refer to it by its name. Exactly one
/// of the keys that say how it is made is given.
///
/// The parts of a list follow each other without a separator. A part is the name of a credential or of another computed
/// value; `path.x`, `query.x`, `body.x` or `header.x`, a value of the message; `method`, `path`, `query` or `raw_body`,
/// the whole of it as it is sent, the path with that of the base URL; a text in single quotes; or a text that is no name,
/// such as `":"`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Computation {
    /// The parts one after another.
    pub text: Option<Vec<String>>,
    /// The parts one after another, in base64.
    pub base64: Option<Vec<String>>,
    /// SHA-256 over the parts.
    pub sha256: Option<Vec<String>>,
    /// SHA-512 over the parts.
    pub sha512: Option<Vec<String>>,
    /// HMAC with SHA-256: `{ key: secret_key, over: [timestamp, raw_body] }`.
    pub hmac_sha256: Option<Hmac>,
    /// HMAC with SHA-512: `{ key: secret_key, over: [timestamp, raw_body] }`.
    pub hmac_sha512: Option<Hmac>,
    /// The time at which an attempt is made, in a notation as under `times:`: `unix_seconds`, `unix_milliseconds`, or a
    /// pattern such as `yyyyMMddHHmmss` or `yyyy-MM-dd'T'HH:mm:ss.SSSXXX`. In a body it is the time of the first attempt.
    pub now: Option<String>,
    /// A random text, another one for each attempt: a nonce. In a body it is that of the first attempt. A key for
    /// idempotency is no such value, but a scalar with `generated: uuid`.
    pub random: Option<RandomText>,
    /// A token that an operation hands out.
    pub token: Option<TokenSource>,
    /// How a hash is written. Hexadecimal, in lower case, when absent.
    #[serde(rename = "as")]
    pub written: Option<WrittenAs>,
    /// The zone of a pattern under `now`, such as `Asia/Seoul`. A pattern with an offset is in UTC when it is absent; any
    /// other pattern needs it.
    pub zone: Option<String>,
    /// What it is for.
    pub doc: Option<String>,
}

/// A keyed hash.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Hmac {
    /// The part that is the key, such as `secret_key`.
    pub key: String,
    /// How the bytes of the key are written. The key is its text when absent.
    pub key_as: Option<KeyAs>,
    /// Text before a key in base64 that is no part of it, such as `whsec_`. A key without it is read as well.
    pub key_after: Option<String>,
    /// The parts that are hashed: `[timestamp, ".", raw_body]`.
    pub over: Vec<String>,
}

/// How the bytes of a key are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum KeyAs {
    /// In base64.
    Base64,
}

/// Notation of a random text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RandomText {
    /// A UUID: 36 characters, in lower case, with hyphens.
    Uuid,
    /// 32 hexadecimal digits in lower case.
    Hex,
}

impl RandomText {
    /// Its notation in a spec.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Uuid => "uuid",
            Self::Hex => "hex",
        }
    }
}

/// How a hash is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WrittenAs {
    /// In lower-case hexadecimal.
    Hex,
    /// In base64, with padding.
    Base64,
}

/// A token that an operation hands out. It is fetched when it is needed, kept until shortly before it lapses, and fetched
/// once for all calls that wait for it.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TokenSource {
    /// The operation. The client supplies everything that it sends.
    pub from: String,
    /// The dotted path of the token in the reply's body.
    pub member: String,
    /// The dotted path of the time at which it lapses: seconds since 1970, or a date with time and offset.
    pub expires_at: Option<String>,
    /// The dotted path of the service's own time, from which `expires_at` counts. This machine's time when absent.
    pub now: Option<String>,
    /// The dotted path of the number of seconds for which it is valid, such as `expires_in`.
    pub expires_in: Option<String>,
    /// How long it is valid, where the reply does not say, such as `30 min`.
    pub valid_for: Option<Duration>,
    /// What says that the token is not valid any more: error codes of other operations, and HTTP statuses, such as
    /// `[401, TOKEN_EXPIRED]`. A number is a status. Then the token is fetched again, and a request that was refused for it
    /// is sent once more. A code has the advice `check_key`; an operation that lists it with another advice means something
    /// else by it.
    #[serde(default)]
    pub expired: Vec<Expired>,
}

/// Sign that a token is not valid any more.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Expired {
    /// An HTTP status.
    Status(u16),
    /// An error code.
    Code(String),
}

impl std::fmt::Display for Expired {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Status(status) => write!(f, "HTTP {status}"),
            Self::Code(code) => f.write_str(code),
        }
    }
}

/// A part of a computed value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// A credential or another computed value.
    Name(String),
    /// A text.
    Text(String),
    /// A path parameter, not encoded.
    Path(String),
    /// A query parameter, not encoded.
    Query(String),
    /// A member of the body.
    Body(String),
    /// A header that the caller gives, or that a message came with.
    Header(String),
    /// The method in capitals.
    Method,
    /// The path as it is sent, with that of the base URL.
    WholePath,
    /// The query as it is sent.
    WholeQuery,
    /// The body as it is sent.
    RawBody,
}

impl Part {
    /// Reads the notation of a part.
    pub fn read(text: &str) -> Self {
        if let Some(quoted) = text.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')) {
            return Self::Text(quoted.to_owned());
        }
        match text.split_once('.').filter(|(_, name)| !name.is_empty()) {
            Some(("path", name)) => return Self::Path(name.to_owned()),
            Some(("query", name)) => return Self::Query(name.to_owned()),
            Some(("body", name)) => return Self::Body(name.to_owned()),
            Some(("header", name)) => return Self::Header(name.to_owned()),
            _ => {}
        }
        match text {
            "method" => Self::Method,
            "path" => Self::WholePath,
            "query" => Self::WholeQuery,
            "raw_body" => Self::RawBody,
            _ if is_name(text) => Self::Name(text.to_owned()),
            _ => Self::Text(text.to_owned()),
        }
    }
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

impl Computation {
    /// The lists of parts that the value is made of, with their keys.
    pub fn lists(&self) -> Vec<(&'static str, &[String])> {
        let plain =
            [("text", &self.text), ("base64", &self.base64), ("sha256", &self.sha256), ("sha512", &self.sha512)];
        let keyed = [("hmac_sha256", &self.hmac_sha256), ("hmac_sha512", &self.hmac_sha512)];
        let plain = plain.into_iter().filter_map(|(key, list)| Some((key, list.as_deref()?)));
        let keyed = keyed.into_iter().filter_map(|(key, hmac)| Some((key, hmac.as_ref()?.over.as_slice())));
        plain.chain(keyed).collect()
    }

    /// The keyed hash, if it is one.
    pub fn hmac(&self) -> Option<(&'static str, &Hmac)> {
        let sha256 = self.hmac_sha256.as_ref().map(|hmac| ("hmac_sha256", hmac));
        sha256.or_else(|| self.hmac_sha512.as_ref().map(|hmac| ("hmac_sha512", hmac)))
    }

    /// Every part, a key included.
    pub fn parts(&self) -> Vec<Part> {
        let key = self.hmac().map(|(_, hmac)| Part::read(&hmac.key));
        let lists = self.lists();
        let over = lists.iter().flat_map(|(_, list)| list.iter().map(|part| Part::read(part)));
        key.into_iter().chain(over).collect()
    }

    /// How it is made, on one line: `sha512(key, body.data)`.
    pub fn in_short(&self) -> String {
        if let Some(token) = &self.token {
            return format!("token({}.{})", token.from, token.member);
        }
        if let Some(now) = &self.now {
            let zone = self.zone.as_ref().map(|zone| format!(" {zone}")).unwrap_or_default();
            return format!("now({now}{zone})");
        }
        if let Some(random) = self.random {
            return format!("random({})", random.as_str());
        }
        let written = match self.written {
            Some(WrittenAs::Base64) => " as base64",
            Some(WrittenAs::Hex) | None => "",
        };
        let key_as = |hmac: &Hmac| hmac.key_as.map_or("", |KeyAs::Base64| " in base64");
        let key = self.hmac().map(|(_, hmac)| format!("{}{}; ", hmac.key, key_as(hmac))).unwrap_or_default();
        let lists = self
            .lists()
            .into_iter()
            .map(|(of, list)| format!("{of}({key}{}){written}", list.join(", ").replace('\n', "\\n")));
        lists.collect::<Vec<_>>().join(" ")
    }
}

/// Computed values by name.
pub type Computations = Map<Computation>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_a_name_a_place_or_a_text() {
        assert_eq!(Part::read("secret_key"), Part::Name("secret_key".into()));
        assert_eq!(Part::read("'refund'"), Part::Text("refund".into()));
        for text in [":", "Basic ", ".", "|", ""] {
            assert_eq!(Part::read(text), Part::Text(text.into()));
        }
        assert_eq!(Part::read("path.shopId"), Part::Path("shopId".into()));
        assert_eq!(Part::read("body.data"), Part::Body("data".into()));
        assert_eq!(Part::read("raw_body"), Part::RawBody);
    }
}
