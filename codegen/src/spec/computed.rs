//! Computed values: computed from credentials, parts of a request or a callback, and the time.

use super::{Duration, Map};
use schemars::JsonSchema;
use serde::Deserialize;

/// Computed value. Headers and fields of requests, and proofs of callbacks, refer to the value by its name. Exactly one
/// of the keys for the computation is given.
///
/// The parts of a list are joined without a separator. `secret_key` is a credential or another computed value.
/// `path.x`, `query.x`, `body.x` and `header.x` are values of the message. `method`, `path`, `query` and `raw_body` are
/// whole parts of the message as sent; `path` includes the path of the base URL. A text in single quotes is constant,
/// and so is any text that is not a name, such as `":"`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Computation {
    /// The parts, joined.
    pub text: Option<Vec<String>>,
    /// The parts, joined and in base64.
    pub base64: Option<Vec<String>>,
    /// MD5 of the parts, for services that require it. MD5 alone does not protect a value, because two texts with the
    /// same MD5 are easy to find. HMAC with MD5 is not available.
    pub md5: Option<Vec<String>>,
    /// SHA-256 of the parts.
    pub sha256: Option<Vec<String>>,
    /// SHA-512 of the parts.
    pub sha512: Option<Vec<String>>,
    /// HMAC with SHA-256: `{ key: secret_key, over: [timestamp, raw_body] }`.
    pub hmac_sha256: Option<Hmac>,
    /// HMAC with SHA-512: `{ key: secret_key, over: [timestamp, raw_body] }`.
    pub hmac_sha512: Option<Hmac>,
    /// The time at which an attempt is made, in a notation as under `times:`: `unix_seconds`, `unix_milliseconds`, or a
    /// pattern such as `yyyyMMddHHmmss` or `yyyy-MM-dd'T'HH:mm:ss.SSSXXX`. In a body it is the time of the first
    /// attempt.
    pub now: Option<String>,
    /// A nonce: a random text that differs on each attempt. In a body it is the text of the first attempt. An
    /// idempotency key must not differ between attempts; use a scalar with `generated: uuid`.
    pub random: Option<RandomText>,
    /// A token that an operation issues.
    pub token: Option<TokenSource>,
    /// Notation of a hash. Default: lower-case hexadecimal.
    #[serde(rename = "as")]
    pub written: Option<WrittenAs>,
    /// Time zone of a pattern under `now`, such as `Asia/Seoul`. A pattern with an offset is in UTC by default. Any
    /// other pattern needs this key.
    pub zone: Option<String>,
    /// Purpose of the value.
    pub doc: Option<String>,
}

/// A keyed hash.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Hmac {
    /// The part that is the key, such as `secret_key`.
    pub key: String,
    /// Encoding of the key's bytes. Default: the bytes of the text itself.
    pub key_as: Option<KeyAs>,
    /// Text before a key in base64, such as `whsec_`, that is not part of the key. A key without it is accepted too.
    pub key_after: Option<String>,
    /// The parts that are hashed: `[timestamp, ".", raw_body]`.
    pub over: Vec<String>,
}

/// Encoding of a key's bytes.
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
    /// Returns the keyword in a spec.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Uuid => "uuid",
            Self::Hex => "hex",
        }
    }
}

/// Notation of a hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WrittenAs {
    /// In lower-case hexadecimal.
    Hex,
    /// In base64, with padding.
    Base64,
}

/// A token that an operation issues. The client fetches the token when a call needs it, and keeps it until shortly
/// before it expires. Concurrent calls share one fetch.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TokenSource {
    /// The operation that issues the token. The client supplies all its fields.
    pub from: String,
    /// The dotted path of the token in the reply's body.
    pub member: String,
    /// The dotted path of the time at which the token expires: seconds since 1970, or a date with time and offset.
    pub expires_at: Option<String>,
    /// The dotted path of the service's current time. The difference to `expires_at` is the validity. Default: the time
    /// of this machine.
    pub now: Option<String>,
    /// The dotted path of the number of seconds for which the token is valid, such as `expires_in`.
    pub expires_in: Option<String>,
    /// Validity of the token if the reply does not state it, such as `30 min`.
    pub valid_for: Option<Duration>,
    /// Error codes of other operations and HTTP statuses that mean that the token is no longer valid, such as `[401,
    /// TOKEN_EXPIRED]`. A number is a status. The client then fetches the token again, and sends the rejected request
    /// once more. A code needs the advice `check_key`. If an operation gives a code another advice, the code does not
    /// concern the token in replies of that operation.
    #[serde(default)]
    pub expired: Vec<Expired>,
}

/// Sign that a token is no longer valid.
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
    /// A header that the caller passes, or a header of a received message.
    Header(String),
    /// The method in capitals.
    Method,
    /// The path as sent, including the path of the base URL.
    WholePath,
    /// The query as sent.
    WholeQuery,
    /// The body as sent.
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
    /// Returns the lists of parts, with their keys.
    pub fn lists(&self) -> Vec<(&'static str, &[String])> {
        let plain = [
            ("text", &self.text),
            ("base64", &self.base64),
            ("md5", &self.md5),
            ("sha256", &self.sha256),
            ("sha512", &self.sha512),
        ];
        let keyed = [("hmac_sha256", &self.hmac_sha256), ("hmac_sha512", &self.hmac_sha512)];
        let plain = plain.into_iter().filter_map(|(key, list)| Some((key, list.as_deref()?)));
        let keyed = keyed.into_iter().filter_map(|(key, hmac)| Some((key, hmac.as_ref()?.over.as_slice())));
        plain.chain(keyed).collect()
    }

    /// Returns the keyed hash, if the value is one.
    pub fn hmac(&self) -> Option<(&'static str, &Hmac)> {
        let sha256 = self.hmac_sha256.as_ref().map(|hmac| ("hmac_sha256", hmac));
        sha256.or_else(|| self.hmac_sha512.as_ref().map(|hmac| ("hmac_sha512", hmac)))
    }

    /// Returns every part, including the key of an HMAC.
    pub fn parts(&self) -> Vec<Part> {
        let key = self.hmac().map(|(_, hmac)| Part::read(&hmac.key));
        let lists = self.lists();
        let over = lists.iter().flat_map(|(_, list)| list.iter().map(|part| Part::read(part)));
        key.into_iter().chain(over).collect()
    }

    /// Returns the computation on one line: `sha512(key, body.data)`.
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
