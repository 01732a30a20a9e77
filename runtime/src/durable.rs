//! Requests that are stored before they are sent, so that another process can resolve them: how one is written and
//! read, sent and resolved. Where they are stored is the business of an outbox.

use crate::client::Core;
use crate::client::gate::Gate;
use crate::client::options::CallOptions;
use crate::client::resolve::{Answer, Resolution, Resolve};
use crate::decode::object::Members;
use crate::error::Error;
use crate::operation::{Api, Operation, Recovery, Segment};
use crate::outcome::{ErrorCode, Outcome};
use crate::request::{Headers, Query, Request};
use crate::server::from_request::{FromMember, FromRequest, Place, members_of_pairs, read};
use crate::server::received::Received;
use crate::server::unique_keys::UniqueKeys;
use crate::violation::Violations;
use serde::Serialize;
use serde::ser::{SerializeMap, SerializeStruct, Serializer};
use serde_json::{Map, Value};
use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;
use zeroize::Zeroizing;

/// A request that can be stored, sent by any process, and resolved by any other. Generated for each operation, with the
/// feature `outbox`.
pub trait Durable: Request<Reply: Send + Sync + 'static> + FromRequest + fmt::Debug + Sized + 'static {
    /// The client that sends it.
    type Client: Clone + fmt::Debug + Send + Sync + 'static;

    /// The API's error codes.
    type Code: ErrorCode;

    /// The API.
    const API: &'static Api;

    /// What the caller knows in advance about a success. Stored with the request.
    type Expected: Expected;

    /// What the service says when asked about the request.
    type Found: Send + Sync + 'static;

    /// What sends.
    #[doc(hidden)]
    fn core(client: &Self::Client) -> &Core<Self::Code>;

    /// Returns `true` if a reply to the request is the one that the caller expects.
    #[doc(hidden)]
    fn is_expected(&self, _expected: &Self::Expected, _reply: &Self::Reply) -> bool {
        true
    }

    /// Resolves the request by the operation's plan.
    #[doc(hidden)]
    fn resolve_with(
        &self,
        core: Core<Self::Code>,
        expected: &Self::Expected,
    ) -> impl Future<Output = Ending<Self>> + Send;

    /// Sends the request for the first time. `gate` is asked before each attempt.
    ///
    /// # Errors
    ///
    /// Returns an error if there is no success. Its outcome says whether the request may have taken effect.
    fn send(
        &self,
        client: &Self::Client,
        options: CallOptions,
        gate: Arc<dyn Gate>,
    ) -> impl Future<Output = Result<Self::Reply, Error<Self::Code>>> + Send {
        let core = Self::core(client).with(options).gated(gate);
        async move { core.call(self).await }
    }

    /// Resolves the request, which may have been sent. `gate` is asked before each attempt at it, and not before
    /// questions. `options` say what is known of attempts by other processes.
    fn resolve(
        &self,
        client: &Self::Client,
        options: CallOptions,
        expected: &Self::Expected,
        gate: Arc<dyn Gate>,
    ) -> impl Future<Output = Ending<Self>> + Send {
        self.resolve_with(Self::core(client).with(options).gated(gate), expected)
    }
}

/// How a request ended, or why that is not known. Its `Debug` shows nothing of a reply.
pub enum Ending<R: Durable> {
    /// It took effect, once, and all of it is in force. At least one of the two is there.
    Applied {
        /// The reply to the request itself.
        reply: Option<R::Reply>,
        /// What the service says when asked.
        found: Option<R::Found>,
    },
    /// It took effect, and all or part of it has been taken back since.
    Reversed {
        /// What is still in force, in the amount's unit. `None` if the service does not say.
        remaining: Option<i64>,
        /// What the service says when asked.
        found: R::Found,
    },
    /// It did not take effect, and cannot any more.
    NotApplied {
        /// What the service says when asked.
        found: Option<R::Found>,
        /// How it was refused, or why it could not be sent.
        refusal: Option<Error<R::Code>>,
    },
    /// It is not known yet.
    Unknown {
        /// The reason in words, without secrets.
        reason: String,
        /// The members of `found` that a person looks at to decide.
        look_at: &'static [&'static str],
        /// What the service said last when asked.
        found: Option<R::Found>,
        /// The last error on the way.
        error: Option<Error<R::Code>>,
    },
}

impl<R: Durable> fmt::Debug for Ending<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Applied { .. } => f.write_str("Applied(..)"),
            Self::Reversed { remaining, .. } => {
                f.debug_struct("Reversed").field("remaining", remaining).finish_non_exhaustive()
            }
            Self::NotApplied { refusal, .. } => {
                f.debug_struct("NotApplied").field("refusal", refusal).finish_non_exhaustive()
            }
            Self::Unknown { reason, look_at, error, .. } => f
                .debug_struct("Unknown")
                .field("reason", reason)
                .field("look_at", look_at)
                .field("error", error)
                .finish_non_exhaustive(),
        }
    }
}

/// What is found about a request of an operation that cannot be asked about: there is no such value.
#[derive(Clone, Copy, Debug)]
pub enum NothingFound {}

/// Resolves a request of an operation that has a plan. For generated code.
pub async fn resolve_by_plan<R>(request: &R, core: Core<R::Code>, expected: &<R as Resolve>::Expected) -> Ending<R>
where
    R: Resolve + Durable<Found = Answer<R>>,
{
    match core.resolve(request, expected).await {
        Resolution::Done(done) => Ending::Applied { reply: done.reply, found: done.found },
        Resolution::Reversed(reversed) => Ending::Reversed { remaining: reversed.remaining, found: reversed.found },
        Resolution::NotDone(not) => Ending::NotApplied { found: not.found, refusal: not.refusal },
        Resolution::Unknown(open) => {
            Ending::Unknown { reason: open.reason, look_at: open.look_at, found: open.found, error: open.error }
        }
    }
}

/// Resolves a request of an operation that has no plan: what may be sent again is, and nothing else can be found out.
/// For generated code.
pub async fn resolve_without_plan<R>(request: &R, core: Core<R::Code>) -> Ending<R>
where
    R: Durable<Found = NothingFound>,
{
    let unknown = |reason: &str, error| Ending::Unknown { reason: reason.to_owned(), look_at: &[], found: None, error };
    if request.recovery() != Recovery::Resend {
        return unknown("the operation must not be sent again, and nothing can be asked about it", None);
    }
    match core.call(request).await {
        Ok(reply) => Ending::Applied { reply: Some(reply), found: None },
        // What changes nothing, or is recognized, is refused for good by the latest answer.
        Err(error) if error.outcome() == Outcome::Rejected => Ending::NotApplied { found: None, refusal: Some(error) },
        Err(error) => unknown("there was no answer", Some(error)),
    }
}

/// What a caller knows in advance about a success: values that are stored with a request.
pub trait Expected: Serialize + Sized + Send + Sync + 'static {
    /// The values, as they were written; `None` if they are others.
    fn from_stored(values: &[Value]) -> Option<Self>;
}

macro_rules! expected_tuple {
    ($($name:ident $at:tt),*) => {
        impl<$($name: FromMember + Serialize + Send + Sync + 'static),*> Expected for ($($name,)*) {
            fn from_stored(values: &[Value]) -> Option<Self> {
                const COUNT: usize = [$($at),*].len();
                if values.len() != COUNT {
                    return None;
                }
                Some(($(from_stored_value::<$name>(&values[$at])?,)*))
            }
        }
    };
}

impl Expected for () {
    fn from_stored(values: &[Value]) -> Option<Self> {
        values.is_empty().then_some(())
    }
}

expected_tuple!(A 0);
expected_tuple!(A 0, B 1);
expected_tuple!(A 0, B 1, C 2);
expected_tuple!(A 0, B 1, C 2, D 3);

fn from_stored_value<T: FromMember>(value: &Value) -> Option<T> {
    let (mut found, mut ignored) = (Vec::new(), Vec::new());
    let read = T::from_value(value, &mut Place::new("expected", &mut found, &mut ignored));
    read.filter(|_| found.is_empty())
}

/// Why a stored request cannot be read, or a request cannot be stored. Shows no value of it.
#[derive(Debug)]
pub struct StoredError(Why);

#[derive(Debug)]
enum Why {
    Json { line: usize, column: usize },
    Shape(&'static str),
    Invalid(Violations),
    Unstable,
    Unwritable,
}

impl fmt::Display for StoredError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Why::Json { line, column } => write!(f, "the stored request is no JSON (line {line}, column {column})"),
            Why::Shape(what) => write!(f, "the stored request has no {what} that can be read"),
            Why::Invalid(violations) => write!(f, "the stored request breaks a rule: {violations}"),
            Why::Unstable => f.write_str("the stored request is not what this version of the program would write"),
            Why::Unwritable => f.write_str("the request cannot be written"),
        }
    }
}

impl std::error::Error for StoredError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.0 {
            Why::Invalid(violations) => Some(violations),
            _ => None,
        }
    }
}

/// A request as it is stored: path, query, the headers that the caller gives, if any, and body as they are sent, without the members that the client supplies, and
/// what the caller expects.
struct Form<'a, R: Durable> {
    request: &'a R,
    expected: &'a R::Expected,
}

impl<R: Durable> Serialize for Form<'_, R> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut query = Query::default();
        self.request.query(&mut query);
        let mut headers = Headers::default();
        self.request.headers(&mut headers);
        let has_headers = headers.iter().next().is_some();
        let mut form = serializer.serialize_struct("Form", if has_headers { 5 } else { 4 })?;
        form.serialize_field("path", &PathOf(R::OPERATION, self.request))?;
        form.serialize_field("query", query.as_str())?;
        if has_headers {
            form.serialize_field("headers", &HeadersOf(&headers))?;
        }
        form.serialize_field("body", &BodyOf(self.request))?;
        form.serialize_field("expected", self.expected)?;
        form.end()
    }
}

struct PathOf<'a, R>(&'static Operation, &'a R);

impl<R: Request> Serialize for PathOf<'_, R> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for segment in self.0.path {
            if let Segment::Parameter(name) = segment {
                map.serialize_entry(name, self.1.parameter(name))?;
            }
        }
        map.end()
    }
}

struct HeadersOf<'a>(&'a Headers);

impl Serialize for HeadersOf<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter())
    }
}

struct BodyOf<'a, R>(&'a R);

impl<R: Members> Serialize for BodyOf<'_, R> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        self.0.members(&mut map)?;
        map.end()
    }
}

/// Writes a request for storing. No credential is in it; refund numbers and keys of idempotence are.
///
/// # Errors
///
/// Returns an error if the request could not be read back, to the letter.
pub fn store<R: Durable>(
    request: &R,
    expected: &R::Expected,
    at: SystemTime,
) -> Result<Zeroizing<Vec<u8>>, StoredError> {
    let text = write(request, expected)?;
    read_stored::<R>(&text, at)?;
    Ok(text)
}

fn write<R: Durable>(request: &R, expected: &R::Expected) -> Result<Zeroizing<Vec<u8>>, StoredError> {
    // Large enough for most requests, so that the buffer, which has secrets in it, is not copied about.
    let mut text = Zeroizing::new(Vec::with_capacity(2048));
    let form = Form { request, expected };
    form.serialize(&mut serde_json::Serializer::new(&mut *text)).map_err(|_| StoredError(Why::Unwritable))?;
    Ok(text)
}

/// Reads what [`store`] has written, by the rules that a service reads requests by. Rules about times are judged as of
/// `at`, when the request was stored. What the request says of later times is judged again when it is sent.
///
/// # Errors
///
/// Returns an error if the text is not, to the letter, what [`store`] writes for the request that it says.
pub fn read_stored<R: Durable>(text: &[u8], at: SystemTime) -> Result<(R, R::Expected), StoredError> {
    let json = |error: serde_json::Error| StoredError(Why::Json { line: error.line(), column: error.column() });
    let UniqueKeys(form) = serde_json::from_slice(text).map_err(json)?;
    let object = |name: &'static str| -> Result<&Map<String, Value>, StoredError> {
        form.get(name).and_then(Value::as_object).ok_or(StoredError(Why::Shape(name)))
    };
    let (body, path) = (object("body")?, object("path")?);
    let query = form.get("query").and_then(Value::as_str).ok_or(StoredError(Why::Shape("query")))?;
    let expected = match form.get("expected") {
        Some(Value::Null) => R::Expected::from_stored(&[]),
        Some(Value::Array(values)) => R::Expected::from_stored(values),
        _ => None,
    };
    let expected = expected.ok_or(StoredError(Why::Shape("expected")))?;
    let query = members_of_pairs(query.as_bytes());
    let mut ignored = Vec::new();
    let none = Map::new();
    let headers = match form.get("headers") {
        None => &none,
        Some(headers) => headers.as_object().ok_or(StoredError(Why::Shape("headers")))?,
    };
    let sides = [&Received::from(body), &Received::from(path), &query, &Received::from(headers)];
    let request: R =
        read(sides, Some(at), [&[], &[]], &mut ignored).map_err(|violations| StoredError(Why::Invalid(violations)))?;
    // Reading is lenient in places. A request that is sent is exactly the one that was stored.
    if *write(&request, &expected)? != *text {
        return Err(StoredError(Why::Unstable));
    }
    Ok((request, expected))
}
