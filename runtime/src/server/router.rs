//! Routing on the server side of an API: finds the operation of a request, and reads and checks the request. The
//! content of a body decides whether it is read as JSON or as a form. `response` writes the answers.

use crate::compute::compare::is_same;
use crate::compute::evaluate::{ValueSource, Values};
use crate::compute::{Make, Piece, RandomForm};
use crate::json::Json;
use crate::operation::{Api, Header, HeaderValue, Operation, Segment};
use crate::request::Request;
use crate::secret::{Redacted, SecretText};
use crate::server::from_request::{FromRequest, members_of_pairs, read};
use crate::server::received::Received;
use crate::server::unreadable;
use crate::violation::Violations;
use percent_encoding::{percent_decode, percent_decode_str};
use rules::TimeFormat;
use std::borrow::Cow;
use std::fmt;
use std::sync::OnceLock;
use std::time::SystemTime;

/// Request as received by an HTTP server.
#[derive(Clone, Copy)]
pub struct Incoming<'a> {
    /// HTTP method.
    pub method: &'a str,
    /// Path as received, percent-encoded.
    pub path: &'a str,
    /// Query as received, without the `?`.
    pub query: &'a str,
    /// Names and values of the headers.
    pub headers: &'a [(&'a str, &'a str)],
    /// Body.
    pub body: &'a [u8],
    /// Current time, with which times in the request are compared. `None` means this machine's clock.
    pub now: Option<SystemTime>,
}

impl fmt::Debug for Incoming<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Incoming").field("method", &self.method).field("path", &self.path).finish_non_exhaustive()
    }
}

/// Caller of a request, as shown by the credentials in the request.
pub struct Caller {
    api: &'static Api,
    operation: &'static Operation,
    credentials: Vec<Option<SecretText>>,
    parameters: Received<'static>,
    query: String,
    path: String,
    whole: Vec<u8>,
    /// Headers of the request. Empty if the operation needs no signed values.
    headers: Vec<(String, SecretText)>,
    signed: Vec<SignedValue>,
    body: Option<Received<'static>>,
    ignored: OnceLock<Vec<String>>,
}

impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Caller(..)")
    }
}

impl Caller {
    /// Returns the credential with this index in the API's list, if the request contains it.
    pub fn credential(&self, index: usize) -> Option<&SecretText> {
        self.credentials.get(index)?.as_ref()
    }

    /// Adds a prefix, such as `/gw`, that the server has removed from the path of the request. A signature over the
    /// path covers this prefix too.
    #[must_use]
    pub fn below(mut self, base_path: &str) -> Self {
        self.path.insert_str(0, base_path.trim_end_matches('/'));
        self
    }

    /// Returns `true` if the request's body has a value other than null for this member. Use this to distinguish a
    /// value in the request from the default of the member.
    pub fn brings(&self, member: &str) -> bool {
        self.body.as_ref().and_then(|body| body.get(member)).is_some_and(|value| *value != Json::Null)
    }

    /// Returns the paths of body members that the operation does not read. Empty until the request is read.
    pub fn ignored(&self) -> &[String] {
        self.ignored.get().map(Vec::as_slice).unwrap_or_default()
    }

    /// Returns `true` if these credentials produce the signed values in the request, or if the operation needs no
    /// signed values. `credentials` are in the order of [`Api::credentials`]. Tokens are not checked, because only the
    /// service knows which caller it issued them to.
    pub fn is_signed_by(&self, credentials: &[&str]) -> bool {
        let source = Signing { caller: self, credentials };
        self.signed.iter().all(|signed| {
            let mut values = Values::new(self.api.computed, &source);
            let made = values.value(signed.index);
            let given = signed.given.strip_prefix(signed.prefix);
            match (self.api.computed.get(signed.index), made, given) {
                (Some(of), Some(made), Some(given)) => is_same(of, made.expose(), given),
                _ => false,
            }
        })
    }

    fn member(&self, name: &str) -> Option<Cow<'_, str>> {
        match self.body.as_ref()?.get(name)? {
            Json::Text(text) => Some(Cow::Borrowed(text)),
            Json::Null => None,
            other => Some(Cow::Owned(other.to_string())),
        }
    }
}

/// A received value that the caller must be able to compute.
struct SignedValue {
    index: usize,
    prefix: &'static str,
    given: String,
}

/// Inputs of computed values: the request as received, and the credentials of a possible caller.
struct Signing<'a> {
    caller: &'a Caller,
    credentials: &'a [&'a str],
}

impl ValueSource for Signing<'_> {
    fn credential(&self, index: usize) -> Option<&str> {
        self.credentials.get(index).copied()
    }

    fn part(&self, piece: Piece) -> Option<Cow<'_, [u8]>> {
        let bytes = |text: Cow<'_, str>| Cow::Owned(text.into_owned().into_bytes());
        Some(match piece {
            Piece::Path(name) => self.caller.parameters.get(name).and_then(Json::as_str)?.as_bytes().into(),
            Piece::Query(name) => {
                let mut pairs = form_urlencoded::parse(self.caller.query.as_bytes());
                bytes(pairs.find(|(own, _)| own == name).map(|(_, value)| value).unwrap_or_default())
            }
            Piece::Member(name) => bytes(self.caller.member(name).unwrap_or_default()),
            Piece::Header(name) => {
                let mut headers = self.caller.headers.iter();
                headers.find(|(own, _)| own.eq_ignore_ascii_case(name))?.1.expose().as_bytes().into()
            }
            Piece::Method => self.caller.operation.method.as_str().as_bytes().into(),
            Piece::WholePath => self.caller.path.as_bytes().into(),
            Piece::WholeQuery => self.caller.query.as_bytes().into(),
            Piece::Body => self.caller.whole.as_slice().into(),
            Piece::Text(_) | Piece::Credential(_) | Piece::Computed(_) => return None,
        })
    }

    /// Returns the time in the request, because the request was signed with it.
    fn now(&self, index: usize, _: TimeFormat<'static>) -> Option<String> {
        self.brought(index)
    }

    /// Returns the random text in the request, because the request was signed with it.
    fn random(&self, index: usize, _: RandomForm) -> Option<String> {
        self.brought(index)
    }

    fn token(&self, _: usize) -> Option<&str> {
        None
    }
}

impl Signing<'_> {
    /// Returns the computed value with this index, as the request contains it.
    fn brought(&self, index: usize) -> Option<String> {
        let is_it = |(_, own): &&(&'static str, usize)| *own == index;
        let operation = self.caller.operation;
        if let Some((name, _)) = operation.body_values.iter().find(is_it) {
            return self.caller.member(name).map(Cow::into_owned);
        }
        if let Some((name, _)) = operation.query_values.iter().find(is_it) {
            let mut pairs = form_urlencoded::parse(self.caller.query.as_bytes());
            return pairs.find(|(own, _)| own == name).map(|(_, value)| value.into_owned());
        }
        let headers = operation.headers.iter().chain(self.caller.api.headers);
        let (name, prefix) = headers.into_iter().find_map(|header| match header.value {
            HeaderValue::Computed { index: own, prefix } if own == index => Some((header.name, prefix)),
            _ => None,
        })?;
        let mut given = self.caller.headers.iter();
        let (_, value) = given.find(|(own, _)| own.eq_ignore_ascii_case(name))?;
        value.expose().strip_prefix(prefix).map(str::to_owned)
    }
}

/// Returns `true` if a value consists only of constant texts, times, random texts and tokens. Such a value cannot be
/// checked with the caller's credentials.
fn proves_nothing(api: &Api, index: usize) -> bool {
    match api.computed.get(index).map(|of| of.make) {
        Some(Make::Text(pieces)) => pieces.iter().all(|piece| match piece {
            Piece::Computed(inner) => proves_nothing(api, *inner),
            Piece::Text(_) => true,
            Piece::Credential(_)
            | Piece::Path(_)
            | Piece::Query(_)
            | Piece::Member(_)
            | Piece::Header(_)
            | Piece::Method
            | Piece::WholePath
            | Piece::WholeQuery
            | Piece::Body => false,
        }),
        Some(Make::Now(_) | Make::Random(_) | Make::Token(_)) | None => true,
        Some(Make::Base64(_) | Make::Md5 { .. } | Make::Hash { .. } | Make::Hmac { .. }) => false,
    }
}

/// Reason why a request is not passed to the service's operation.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Malformed {
    /// No operation has this path.
    NoSuchPath,
    /// No operation of this path has this method.
    WrongMethod,
    /// The body is empty, is not in a format that the operation accepts, or is JSON that repeats a member.
    NotReadable {
        /// Detected format of the body, or the position of the error. The text contains no values of the body.
        why: String,
    },
    /// The request has a body, but the operation takes none.
    Unread,
    /// A mandatory header is absent or does not have the required value.
    Header {
        /// Name of the header.
        name: &'static str,
        /// Required value. It is `[redacted]` if the header is sensitive.
        value: &'static str,
    },
    /// Members are missing, have the wrong type, or break a rule.
    Invalid(Violations),
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSuchPath => f.write_str("no operation has this path"),
            Self::WrongMethod => f.write_str("this path does not accept this method"),
            Self::NotReadable { why } => f.write_str(why),
            Self::Unread => f.write_str("the operation has no body; send the request without one"),
            Self::Header { name, value } => write!(f, "the request needs the header {name}: {value}"),
            Self::Invalid(violations) => violations.fmt(f),
        }
    }
}

impl std::error::Error for Malformed {}

/// Request whose operation was found.
pub struct Routed {
    /// Operation of the request.
    pub operation: &'static Operation,
    /// Caller of the request.
    pub caller: Caller,
    query: Received<'static>,
    /// Headers that the caller provides. Their names are spelled as in the description of the operation.
    headers: Received<'static>,
    now: Option<SystemTime>,
    /// Problem of the request that does not concern its members.
    wrong: Option<Malformed>,
    /// Set if the operation has a body but the request has none. The value is `true` if the operation also accepts a
    /// form.
    empty: Option<bool>,
}

impl fmt::Debug for Routed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Routed").field("operation", &self.operation.id).finish_non_exhaustive()
    }
}

/// Finds the operation of a request.
///
/// # Errors
///
/// Returns an error if no operation has this path and method.
pub fn route(api: &'static Api, incoming: &Incoming<'_>) -> Result<Routed, Malformed> {
    let mut is_path = false;
    for operation in api.operations {
        let Some((parameters, secrets)) = parameters(operation.path, incoming.path) else { continue };
        is_path = true;
        if incoming.method.eq_ignore_ascii_case(operation.method.as_str()) {
            return Ok(routed(api, operation, (parameters, secrets), incoming));
        }
    }
    Err(if is_path { Malformed::WrongMethod } else { Malformed::NoSuchPath })
}

/// Parameters in a path, and the credentials in the path with their indexes in [`Api::credentials`].
type InPath = (Received<'static>, Vec<(usize, SecretText)>);

/// Returns the decoded parameters and credentials of a path. Returns `None` if the path does not match the segments.
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
                    Segment::Parameter(name) => found.add((*name).to_owned(), Json::Text(value)),
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
    let mut wrong = (!operation.body.is_some() && says_something(incoming.body)).then_some(Malformed::Unread);
    let reads_forms = operation.body.reads_forms();
    let body = if operation.body.is_some() {
        members(incoming, reads_forms).map_err(|why| wrong = Some(Malformed::NotReadable { why })).ok()
    } else {
        Some(Received::default())
    };
    let mut credentials: Vec<Option<SecretText>> = api.credentials.iter().map(|_| None).collect();
    for (index, secret) in secrets {
        credentials[index] = Some(secret);
    }
    let mut signed = signed_members(api, operation, body.as_ref(), incoming);
    for (name, index) in operation.body_credentials {
        let value = body.as_ref().and_then(|body| body.get(name)).and_then(Json::as_str);
        credentials[*index] = value.map(SecretText::from);
    }
    for (name, index) in operation.query_credentials {
        credentials[*index] = in_query(incoming, name).map(SecretText::from);
    }
    let replaced = |header: &&Header| operation.headers.iter().any(|own| own.name.eq_ignore_ascii_case(header.name));
    for header in api.headers.iter().filter(|header| !replaced(header)).chain(operation.headers) {
        let given = incoming.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(header.name));
        let given = given.map(|(_, value)| *value);
        match header.value {
            // If the operation accepts forms, the content type is not checked, because it is not reliable. If the API's
            // headers require the content type of forms, this requirement is meant for the operations that accept
            // forms.
            HeaderValue::Constant(value)
                if header.name.eq_ignore_ascii_case("content-type") && (reads_forms || is_same_type(value, FORM)) => {}
            HeaderValue::Constant(value) if given.is_some_and(|given| is_constant(header.name, given, value)) => {}
            HeaderValue::Constant(value) => {
                // The caller has not shown that it knows the value.
                let value = if api.is_sensitive(header.name) { Redacted::TEXT } else { value };
                wrong = Some(Malformed::Header { name: header.name, value });
            }
            HeaderValue::Credential { index, prefix } => {
                credentials[index] = given.and_then(|given| given.strip_prefix(prefix)).map(SecretText::from);
            }
            HeaderValue::Computed { index, prefix } if !proves_nothing(api, index) => {
                signed.push(SignedValue { index, prefix, given: given.unwrap_or_default().trim().to_owned() });
            }
            HeaderValue::Computed { .. } => {}
        }
    }
    let query = members_of_pairs(incoming.query.as_bytes());
    let is_empty = operation.body.is_some() && incoming.body.trim_ascii().is_empty();
    let is_signed = !signed.is_empty();
    let caller = Caller {
        api,
        operation,
        credentials,
        parameters,
        query: incoming.query.to_owned(),
        path: incoming.path.to_owned(),
        // The body is stored only if a value may have been computed from it.
        whole: if is_signed { incoming.body.to_vec() } else { Vec::new() },
        headers: if is_signed { headers(incoming) } else { Vec::new() },
        signed,
        body,
        ignored: OnceLock::new(),
    };
    Routed {
        operation,
        caller,
        query,
        headers: given_headers(operation, incoming),
        now: incoming.now,
        wrong,
        empty: is_empty.then_some(reads_forms),
    }
}

/// Returns the computed values in the body and the query, as received.
fn signed_members(
    api: &Api,
    operation: &Operation,
    body: Option<&Received<'static>>,
    incoming: &Incoming<'_>,
) -> Vec<SignedValue> {
    let mut signed = Vec::new();
    let mut sign = |index: usize, given: Option<String>| {
        if !proves_nothing(api, index) {
            signed.push(SignedValue { index, prefix: "", given: given.unwrap_or_default() });
        }
    };
    let text = |value: &Json| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    for (name, index) in operation.body_values {
        sign(*index, body.and_then(|body| body.get(name)).map(text));
    }
    for (name, index) in operation.query_values {
        sign(*index, in_query(incoming, name));
    }
    signed
}

/// Returns a parameter of the query. Returns `None` if the parameter is absent or repeated.
fn in_query(incoming: &Incoming<'_>, name: &str) -> Option<String> {
    let mut values = form_urlencoded::parse(incoming.query.as_bytes()).filter(|(own, _)| own == name);
    let (_, value) = values.next()?;
    values.next().is_none().then(|| value.into_owned())
}

/// Returns the headers that the caller of this operation provides.
fn given_headers(operation: &Operation, incoming: &Incoming<'_>) -> Received<'static> {
    let mut given = Received::default();
    for name in operation.given_headers {
        if let Some((_, value)) = incoming.headers.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)) {
            given.add((*name).to_owned(), Json::Text((*value).to_owned()));
        }
    }
    given
}

fn headers(incoming: &Incoming<'_>) -> Vec<(String, SecretText)> {
    incoming.headers.iter().map(|(name, value)| ((*name).to_owned(), SecretText::from(*value))).collect()
}

const FORM: &str = "application/x-www-form-urlencoded";

/// Returns `true` if a constant header has its value. Only a content type may have parameters or differ in case.
fn is_constant(name: &str, given: &str, value: &str) -> bool {
    given.trim() == value || (name.eq_ignore_ascii_case("content-type") && is_same_type(given, value))
}

/// Returns `true` if a content type has this value, regardless of case and of parameters such as `charset`.
fn is_same_type(given: &str, value: &str) -> bool {
    let bare = given.split(';').next().unwrap_or_default();
    bare.trim().eq_ignore_ascii_case(value)
}

/// Returns `true` if a body has content. An empty object and null do not count, because some clients send them with
/// every request.
fn says_something(body: &[u8]) -> bool {
    !matches!(body.trim_ascii(), b"" | b"{}" | b"null")
}

/// Returns the members of a body. The format is detected from the content, because some clients label forms as JSON.
///
/// # Errors
///
/// Returns the reason if the body cannot be read.
fn members(incoming: &Incoming<'_>, reads_forms: bool) -> Result<Received<'static>, String> {
    let body = incoming.body;
    // Some programs write a byte order mark before every text.
    let text = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body).trim_ascii();
    let read = match text.first() {
        None => Ok(Received::default()),
        Some(b'{') => match Json::unique(text) {
            Ok(Json::Object(members)) => Ok(members.into()),
            // A text that begins with a brace is an object or invalid.
            Ok(_) => Err(None),
            Err(error) => Err(Some(error)),
        },
        Some(b'[' | b'"') => Err(None),
        // Boundary of a multipart form.
        Some(b'-') if text.starts_with(b"--") => Err(None),
        Some(_) if reads_forms && text.contains(&b'=') => {
            // If the form is in another encoding than UTF-8, decoding would replace letters silently.
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
    /// Reads the request and checks it.
    ///
    /// # Errors
    ///
    /// Returns the problems of the request.
    pub fn read<R: Request + FromRequest>(&self) -> Result<R, Malformed> {
        if let Some(wrong) = &self.wrong {
            return Err(wrong.clone());
        }
        // Without a body, reading reports the missing members.
        let none = Received::default();
        let body = self.caller.body.as_ref().unwrap_or(&none);
        let mut ignored = Vec::new();
        let parts = [body, &self.caller.parameters, &self.query, &self.headers];
        let operation = self.operation;
        let of_body = operation.body_credentials.iter().map(|(name, _)| *name);
        let of_body: Vec<&str> = of_body.chain(operation.body_values.iter().map(|(name, _)| *name)).collect();
        let of_query = operation.query_credentials.iter().chain(operation.query_values);
        let of_query: Vec<&str> = of_query.map(|(name, _)| *name).collect();
        let read = read(parts, self.now, [&of_body, &of_query], &mut ignored);
        if !ignored.is_empty() {
            // If the request is read again, the same value is already set.
            let _ = self.caller.ignored.set(ignored);
        }
        read.map_err(|violations| match self.empty {
            Some(reads_forms) => Malformed::NotReadable { why: unreadable::reason(b"", ("", ""), reads_forms, None) },
            None => Malformed::Invalid(violations),
        })
    }
}
