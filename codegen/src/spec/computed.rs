//! Computed values. A value is computed from credentials, parts of a message, the time or a random text, or it is a
//! token that an operation issues.

use super::{Duration, Map};
use schemars::JsonSchema;
use serde::Deserialize;

/// Computed value. Headers and fields of requests, and proofs of callbacks, refer to it by its name. Exactly one of the
/// keys from `text` to `token` is given. This key defines the computation.
///
/// The parts of a list are joined without a separator. A name such as `secret_key` refers to a credential or to another
/// computed value. `path.x`, `query.x`, `body.x` and `header.x` are the value of `x` in the path, the query, the body
/// or the headers of the message. `method`, `path`, `query` and `raw_body` are the HTTP method, the whole path, the
/// whole query and the whole body, as sent. The whole path includes the path of the base URL. A text in single quotes
/// is a constant. A text in none of these notations, such as `":"`, is a constant too.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Computation {
    /// The joined parts, unchanged.
    pub text: Option<Vec<String>>,
    /// The joined parts, encoded in base64.
    pub base64: Option<Vec<String>>,
    /// MD5 hash of the joined parts, for services that require it. MD5 alone does not protect a value, because two
    /// texts with the same hash are easy to find. HMAC with MD5 is not available.
    pub md5: Option<Vec<String>>,
    /// SHA-256 hash of the joined parts.
    pub sha256: Option<Vec<String>>,
    /// SHA-512 hash of the joined parts.
    pub sha512: Option<Vec<String>>,
    /// HMAC with SHA-256: `{ key: secret_key, over: [timestamp, raw_body] }`.
    pub hmac_sha256: Option<Hmac>,
    /// HMAC with SHA-512: `{ key: secret_key, over: [timestamp, raw_body] }`.
    pub hmac_sha512: Option<Hmac>,
    /// Time of the attempt, in one of the notations that `times:` supports: `unix_seconds`, `unix_milliseconds`, or a
    /// pattern such as `yyyyMMddHHmmss` or `yyyy-MM-dd'T'HH:mm:ss.SSSXXX`. In a body, each attempt has the time of the
    /// first attempt.
    pub now: Option<String>,
    /// A nonce: a random text that differs in each attempt. In a body, each attempt has the text of the first attempt.
    /// An idempotency key must be the same in each attempt, so use a scalar with `generated: uuid` for it.
    pub random: Option<RandomText>,
    /// A token that an operation issues.
    pub token: Option<TokenSource>,
    /// Notation of the hash. Default: lower-case hexadecimal.
    #[serde(rename = "as")]
    pub written: Option<WrittenAs>,
    /// Time zone of a pattern under `now`, such as `Asia/Seoul`. A pattern with an offset is in UTC by default. Any
    /// other pattern needs this key.
    pub zone: Option<String>,
    /// Purpose of the value.
    pub doc: Option<String>,
}

/// Key and content of an HMAC.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Hmac {
    /// Part that contains the key of the HMAC, such as `secret_key`.
    pub key: String,
    /// Encoding in which the part contains the key of the HMAC. Default: the bytes of the text are the key.
    pub key_as: Option<KeyAs>,
    /// Prefix before a key in base64, such as `whsec_`. The prefix is not part of the key. A text without the prefix is
    /// accepted too.
    pub key_after: Option<String>,
    /// Parts that are joined and hashed: `[timestamp, ".", raw_body]`.
    pub over: Vec<String>,
}

/// Encoding in which a text contains the key of an HMAC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum KeyAs {
    /// The text is the key in base64.
    Base64,
}

/// Notation of a random text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RandomText {
    /// A UUID of 36 characters, in lower case, with hyphens.
    Uuid,
    /// 32 hexadecimal digits in lower case.
    Hex,
}

impl RandomText {
    /// Returns the keyword of this value in a spec file.
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
    /// Lower-case hexadecimal.
    Hex,
    /// Base64 with padding.
    Base64,
}

/// Token that an operation issues. The client fetches the token when a call needs it, and keeps it until shortly before
/// it expires. Concurrent calls share one fetch. Exactly one of the keys `expires_at`, `expires_in` and `valid_for` is
/// given.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TokenSource {
    /// Operation that issues the token. The client must be able to fill all mandatory fields of its request.
    pub from: String,
    /// Dotted path of the token in the body of the reply.
    pub member: String,
    /// Dotted path of the time at which the token expires. The time is a number of seconds since 1970, or a date and
    /// time with an offset.
    pub expires_at: Option<String>,
    /// Dotted path of the service's current time, in a notation that `expires_at` allows. The token is valid from this
    /// time until `expires_at`. Default: the time of the machine that runs the client.
    pub now: Option<String>,
    /// Dotted path of the number of seconds for which the token is valid, such as `expires_in`.
    pub expires_in: Option<String>,
    /// Time for which a token is valid, such as `30 min`. Use this key if the reply does not state how long the token
    /// is valid.
    pub valid_for: Option<Duration>,
    /// HTTP statuses and error codes with which the service rejects a token that is no longer valid, such as
    /// `[401, TOKEN_EXPIRED]`. After a reply with one of them, the client fetches another token. It then sends the
    /// request once more, unless the service may have carried out the request. An error code listed here must have the
    /// advice `check_key`. If an operation gives the error code other advice, the error code is an ordinary failure in
    /// replies of that operation.
    #[serde(default)]
    pub expired: Vec<Expired>,
}

impl TokenSource {
    /// Returns the rule for the validity of a token, such as `valid for 30 min`.
    fn validity(&self) -> String {
        let now = self.now.as_ref().map(|now| format!(" by the time {now}")).unwrap_or_default();
        match (&self.expires_at, &self.expires_in, self.valid_for) {
            (Some(at), _, _) => format!("valid until {at}{now}"),
            (None, Some(within), _) => format!("valid for {within} seconds"),
            (None, None, Some(time)) => format!("valid for {time}"),
            (None, None, None) => String::new(),
        }
    }
}

/// HTTP status or error code by which a reply shows that a token is no longer valid.
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

/// Part of a computed value: a constant, a credential, another computed value, or a value from a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Credential or computed value with this name.
    Name(String),
    /// Constant text.
    Text(String),
    /// Value of the path parameter with this name, before percent-encoding.
    Path(String),
    /// Value of the query parameter with this name, before percent-encoding.
    Query(String),
    /// Value of the member with this name in the body.
    Body(String),
    /// Value of the header with this name. The caller passes the header, or the received message contains it.
    Header(String),
    /// HTTP method, in capital letters.
    Method,
    /// Path as sent, including the path of the base URL.
    WholePath,
    /// Query as sent.
    WholeQuery,
    /// Body as sent or received.
    RawBody,
}

impl Part {
    /// Parses the notation of a part. A text in none of the other notations, such as `:`, is a constant.
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
    /// Returns the lists of parts, each with its YAML key, such as `sha256`. For an HMAC, the list contains the parts
    /// under `over:`, but not the part for the HMAC key.
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

    /// Returns the HMAC and its YAML key, such as `hmac_sha256`. `None` if the value is not an HMAC.
    pub fn hmac(&self) -> Option<(&'static str, &Hmac)> {
        let sha256 = self.hmac_sha256.as_ref().map(|hmac| ("hmac_sha256", hmac));
        sha256.or_else(|| self.hmac_sha512.as_ref().map(|hmac| ("hmac_sha512", hmac)))
    }

    /// Returns every part, including the part for the key of an HMAC.
    pub fn parts(&self) -> Vec<Part> {
        let key = self.hmac().map(|(_, hmac)| Part::read(&hmac.key));
        let lists = self.lists();
        let over = lists.iter().flat_map(|(_, list)| list.iter().map(|part| Part::read(part)));
        key.into_iter().chain(over).collect()
    }

    /// Returns the computation on one line, such as `sha512(key, body.data)`.
    pub fn in_short(&self) -> String {
        if let Some(token) = &self.token {
            return format!("token({}.{}, {})", token.from, token.member, token.validity());
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
        let key_as = |hmac: &Hmac| {
            let after = hmac.key_after.as_ref().map(|prefix| format!(" after '{prefix}'")).unwrap_or_default();
            hmac.key_as.map(|KeyAs::Base64| format!(" in base64{after}")).unwrap_or_default()
        };
        let key = self.hmac().map(|(_, hmac)| format!("{}{}; ", hmac.key, key_as(hmac))).unwrap_or_default();
        let lists = self
            .lists()
            .into_iter()
            .map(|(of, list)| format!("{of}({key}{}){written}", list.join(", ").replace('\n', "\\n")));
        lists.collect::<Vec<_>>().join(" ")
    }
}

/// Computed values. Each key is the name of a value.
pub type Computations = Map<Computation>;
