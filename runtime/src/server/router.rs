//! The other end of an API: finds the operation that a request is for, reads and checks it. Independent of any HTTP
//! server. What a service does is its own; which operations it has is generated; how it answers stands in `answering`.

use crate::hash::{hex_equal, sha256_hex};
use crate::operation::{Api, HeaderValue, Method, Operation, Part, Segment};
use crate::request::Request;
use crate::secret::SecretText;
use crate::server::from_request::{FromRequest, members_of_pairs, read};
use crate::server::received::Received;
use crate::server::unreadable;
use crate::violation::Violations;
use percent_encoding::{percent_decode, percent_decode_str};
use rules::KstDateTime;
use serde_json::Value;
use std::fmt;
use std::sync::OnceLock;

/// A request as an HTTP server has it.
#[derive(Clone, Copy)]
pub struct Incoming<'a> {
    /// The method.
    pub method: &'a str,
    /// The path as it came, percent-encoded.
    pub path: &'a str,
    /// The query as it came, without the `?`.
    pub query: &'a str,
    /// Names and values of the headers.
    pub headers: &'a [(&'a str, &'a str)],
    /// The body.
    pub body: &'a [u8],
    /// The time of day that times are judged by; `None` for this machine's.
    pub now: Option<KstDateTime>,
}

impl fmt::Debug for Incoming<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Incoming").field("method", &self.method).field("path", &self.path).finish_non_exhaustive()
    }
}

/// Who calls, by what the request brings.
pub struct Caller {
    credentials: Vec<Option<SecretText>>,
    parameters: Received<'static>,
    hashes: Vec<(&'static [Part], String)>,
    body: Option<Received<'static>>,
    ignored: OnceLock<Vec<String>>,
}

impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Caller(..)")
    }
}

impl Caller {
    /// The credential of this number, in the order of the API's credentials, if the request brings it.
    pub fn credential(&self, index: usize) -> Option<&SecretText> {
        self.credentials.get(index)?.as_ref()
    }

    /// Whether the request's body has a value for this member. One that is absent, or null, may have been given one
    /// while reading.
    pub fn brings(&self, member: &str) -> bool {
        self.body.as_ref().and_then(|body| body.get(member)).is_some_and(|value| !value.is_null())
    }

    /// The members of the request's body that nothing reads, with their paths. Known once the request was read.
    pub fn ignored(&self) -> &[String] {
        self.ignored.get().map(Vec::as_slice).unwrap_or_default()
    }

    /// Whether the request's hashes, if the API has any, are those that these credentials make; in their order.
    pub fn is_signed_by(&self, credentials: &[&str]) -> bool {
        self.hashes.iter().all(|(parts, given)| {
            let texts: Option<Vec<&str>> = parts
                .iter()
                .map(|part| match part {
                    Part::Credential(index) => credentials.get(*index).copied(),
                    Part::Path(name) => self.parameters.get(name).and_then(Value::as_str),
                })
                .collect();
            texts.is_some_and(|texts| hex_equal(&sha256_hex(&texts), given))
        })
    }
}

/// Why a request was not given to the service's operation.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Malformed {
    /// No operation has this path.
    NoSuchPath,
    /// The path has no operation with this method.
    WrongMethod,
    /// The body is neither a JSON object nor a form, or has a member twice.
    NotReadable {
        /// What it seems to be, and where reading ended. No part of its text.
        why: String,
    },
    /// A body where the operation has none.
    Unread,
    /// A header that goes with every request is absent, or has another value.
    Header {
        /// Its name.
        name: &'static str,
        /// The value it must have.
        value: &'static str,
    },
    /// What is missing, of the wrong kind, or against a rule.
    Invalid(Violations),
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSuchPath => f.write_str("there is no such path"),
            Self::WrongMethod => f.write_str("this path is called with another method"),
            Self::NotReadable { why } => f.write_str(why),
            Self::Unread => f.write_str("there is a body, and nothing reads it; the operation has none"),
            Self::Header { name, value } => write!(f, "the header {name}: {value} must go with every request"),
            Self::Invalid(violations) => violations.fmt(f),
        }
    }
}

impl std::error::Error for Malformed {}
/// A request that was found its operation.
pub struct Routed {
    /// The operation.
    pub operation: &'static Operation,
    /// Who calls.
    pub caller: Caller,
    query: Received<'static>,
    now: Option<KstDateTime>,
    /// What is wrong with it besides its members.
    wrong: Option<Malformed>,
    /// There is no body where the operation has one; whether it may be a form.
    empty: Option<bool>,
}

impl fmt::Debug for Routed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Routed").field("operation", &self.operation.id).finish_non_exhaustive()
    }
}

/// Finds the operation that a request is for.
///
/// # Errors
///
/// Returns an error if there is none.
pub fn route(api: &'static Api, incoming: &Incoming<'_>) -> Result<Routed, Malformed> {
    let mut is_path = false;
    for operation in api.operations {
        let Some((parameters, secrets)) = parameters(operation.path, incoming.path) else { continue };
        is_path = true;
        if incoming.method.eq_ignore_ascii_case(method(operation.method)) {
            return Ok(routed(api, operation, (parameters, secrets), incoming));
        }
    }
    Err(if is_path { Malformed::WrongMethod } else { Malformed::NoSuchPath })
}

fn method(method: Method) -> &'static str {
    match method {
        Method::Get => "GET",
        Method::Post => "POST",
        Method::Put => "PUT",
        Method::Patch => "PATCH",
        Method::Delete => "DELETE",
    }
}

/// The parameters in a path, and the credentials in it with their numbers.
type InPath = (Received<'static>, Vec<(usize, SecretText)>);

/// What stands in a path, decoded, if it is this one.
fn parameters(segments: &[Segment], path: &str) -> Option<InPath> {
    let mut rest = path;
    let (mut found, mut secrets) = (Received::default(), Vec::new());
    for segment in segments {
        match segment {
            Segment::Literal(text) => rest = rest.strip_prefix(text)?,
            Segment::Parameter(_) | Segment::Credential(_) => {
                let end = rest.find('/').unwrap_or(rest.len());
                let value = percent_decode_str(&rest[..end]).decode_utf8().ok()?.into_owned();
                match segment {
                    Segment::Parameter(name) => found.add((*name).to_owned(), Value::String(value)),
                    Segment::Credential(index) => secrets.push((*index, value.into())),
                    Segment::Literal(_) => {}
                }
                rest = &rest[end..];
            }
        }
    }
    rest.is_empty().then_some((found, secrets))
}

fn routed(
    api: &'static Api,
    operation: &'static Operation,
    (parameters, secrets): InPath,
    incoming: &Incoming<'_>,
) -> Routed {
    let mut wrong = (!operation.body && says_something(incoming.body)).then_some(Malformed::Unread);
    let body = if operation.body {
        members(incoming, api.reads_forms).map_err(|why| wrong = Some(Malformed::NotReadable { why })).ok()
    } else {
        Some(Received::default())
    };
    let mut credentials: Vec<Option<SecretText>> = api.credentials.iter().map(|_| None).collect();
    for (index, secret) in secrets {
        credentials[index] = Some(secret);
    }
    let mut hashes = Vec::new();
    for (name, index) in operation.body_credentials {
        let value = body.as_ref().and_then(|body| body.get(name)).and_then(Value::as_str);
        credentials[*index] = value.map(SecretText::from);
    }
    for header in api.headers {
        let given = incoming.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(header.name));
        let given = given.map(|(_, value)| *value);
        match header.value {
            // Where forms are read, too, the label says little.
            HeaderValue::Constant(_) if api.reads_forms && header.name.eq_ignore_ascii_case("content-type") => {}
            HeaderValue::Constant(value) if given.is_some_and(|given| is_same_type(given, value)) => {}
            HeaderValue::Constant(value) => wrong = Some(Malformed::Header { name: header.name, value }),
            HeaderValue::Credential { index, prefix } => {
                credentials[index] = given.and_then(|given| given.strip_prefix(prefix)).map(SecretText::from);
            }
            HeaderValue::Sha256(parts) => hashes.push((parts, given.unwrap_or_default().trim().to_owned())),
        }
    }
    let query = members_of_pairs(incoming.query.as_bytes());
    let is_empty = operation.body && incoming.body.trim_ascii().is_empty();
    let caller = Caller { credentials, parameters, hashes, body, ignored: OnceLock::new() };
    Routed { operation, caller, query, now: incoming.now, wrong, empty: is_empty.then_some(api.reads_forms) }
}

/// Whether a header has this value: parameters behind it, such as an encoding, and the case of letters do not matter.
fn is_same_type(given: &str, value: &str) -> bool {
    let bare = given.split(';').next().unwrap_or_default();
    bare.trim().eq_ignore_ascii_case(value)
}

/// Whether a body says anything; some clients send an empty object with every request.
fn says_something(body: &[u8]) -> bool {
    !matches!(body.trim_ascii(), b"" | b"{}" | b"null")
}

/// The members of a body, by what it is and not by what its label says: forms come labeled as JSON.
///
/// # Errors
///
/// Returns the reason if there are none to be read.
fn members(incoming: &Incoming<'_>, reads_forms: bool) -> Result<Received<'static>, String> {
    let body = incoming.body;
    // Some languages begin every text with this mark.
    let text = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body).trim_ascii();
    let read = match text.first() {
        None => Ok(Received::default()),
        Some(b'{') => serde_json::from_slice(text).map_err(Some),
        Some(b'[' | b'"') => Err(None),
        // A boundary of multipart.
        Some(b'-') if text.starts_with(b"--") => Err(None),
        Some(_) if reads_forms && text.contains(&b'=') => {
            // Other encodings would arrive with their letters replaced.
            let is_text = percent_decode(text).decode_utf8().is_ok();
            if is_text { Ok(members_of_pairs(text)) } else { Err(None) }
        }
        Some(_) => Err(None),
    };
    read.map_err(|error| {
        let header = |name: &str| {
            let mut headers = incoming.headers.iter();
            headers.find(|(own, _)| own.eq_ignore_ascii_case(name)).map_or("", |(_, value)| *value)
        };
        unreadable::reason(body, (header("content-type"), header("content-encoding")), reads_forms, error.as_ref())
    })
}

impl Routed {
    /// The request, read and checked.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub fn read<R: Request + FromRequest>(&self) -> Result<R, Malformed> {
        if let Some(wrong) = &self.wrong {
            return Err(wrong.clone());
        }
        // A body that cannot be read is wrong already.
        let none = Received::default();
        let body = self.caller.body.as_ref().unwrap_or(&none);
        let mut ignored = Vec::new();
        let sides = [body, &self.caller.parameters, &self.query];
        let read = read(sides, self.now, self.operation.body_credentials, &mut ignored);
        if !ignored.is_empty() {
            // Read again, it is the same.
            let _ = self.caller.ignored.set(ignored);
        }
        read.map_err(|violations| match self.empty {
            Some(reads_forms) => Malformed::NotReadable { why: unreadable::reason(b"", ("", ""), reads_forms, None) },
            None => Malformed::Invalid(violations),
        })
    }
}
