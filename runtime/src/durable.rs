//! Durable requests: storing and reading a request, and sending or resolving it in another process. The outbox decides
//! where requests are stored.

use crate::client::Core;
use crate::client::gate::Gate;
use crate::client::options::CallOptions;
use crate::client::resolve::{Answer, Resolution, Resolve};
use crate::decode::object::Members;
use crate::error::Error;
use crate::json::Json;
use crate::operation::{Api, Operation, Recovery, Segment};
use crate::outcome::{ErrorCode, Outcome};
use crate::parameters::{Headers, Query};
use crate::request::Request;
use crate::server::from_request::{FromMember, FromRequest, Place, members_of_pairs, read};
use crate::server::received::Received;
use crate::violation::Violations;
use serde::Serialize;
use serde::ser::{SerializeMap, SerializeStruct, Serializer};
use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;
use zeroize::Zeroizing;

/// A request that can be stored, and that any process can send and resolve. Generated for each operation, with the
/// feature `outbox`.
pub trait Durable: Request<Reply: Send + Sync + 'static> + FromRequest + fmt::Debug + Sized + 'static {
    /// Client that sends the request.
    type Client: Clone + fmt::Debug + Send + Sync + 'static;

    /// The API's error codes.
    type Code: ErrorCode;

    /// Description of the API.
    const API: &'static Api;

    /// Values that the caller knows in advance and that a success must have, such as an amount. They are stored with
    /// the request, under their names.
    type Expected: Expected;

    /// Names of the members that the values of [`Expected`](Self::Expected) are compared with, in the order of these
    /// values.
    const EXPECTED: &'static [&'static str] = &[];

    /// The service's answer to a status query about the request.
    type Found: Send + Sync + 'static;

    /// Returns the core of the client, which sends requests.
    #[doc(hidden)]
    fn core(client: &Self::Client) -> &Core<Self::Code>;

    /// Returns `true` if a reply to the request has the values that the caller expects.
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

    /// Sends the request for the first time. `gate` is called before each attempt.
    ///
    /// # Errors
    ///
    /// Returns an error if the call does not succeed. The outcome of the error states whether the request may have
    /// taken effect.
    fn send(
        &self,
        client: &Self::Client,
        options: CallOptions,
        gate: Arc<dyn Gate>,
    ) -> impl Future<Output = Result<Self::Reply, Error<Self::Code>>> + Send {
        let core = Self::core(client).with(options).gated(gate);
        async move { core.call(self).await }
    }

    /// Resolves the request, which may have been sent. `gate` is called before each attempt at the request, but not
    /// before status queries about it. `options` contain the known attempts by other processes.
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

/// Outcome of a request, or the reason why the outcome is unknown. `Debug` shows no reply and no answer. It may show an
/// error with the redacted message of the service.
pub enum Ending<R: Durable> {
    /// The request took effect once, and no part of the effect was reversed. At least one field is set.
    Applied {
        /// Reply to the request itself.
        reply: Option<R::Reply>,
        /// Answer of the service to the status query.
        found: Option<R::Found>,
    },
    /// The request took effect, and all or part of the effect was reversed later.
    Reversed {
        /// Amount that has not been reversed, in the unit of the request's amount. `None` if the service does not state
        /// it.
        remaining: Option<i64>,
        /// Answer of the service to the status query.
        found: R::Found,
    },
    /// The request did not take effect, and can no longer take effect.
    NotApplied {
        /// Answer of the service to the status query.
        found: Option<R::Found>,
        /// The rejection, or the last error of a call, if there is one.
        refusal: Option<Error<R::Code>>,
    },
    /// The outcome is still unknown.
    Unknown {
        /// Reason, as text without secrets.
        reason: String,
        /// Members of `found` that a person has to look at.
        look_at: &'static [&'static str],
        /// Last answer of the service to the status query.
        found: Option<R::Found>,
        /// Last rejection of a repetition. If there is none, the last error.
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

/// Type of the answer for operations that have no status query. The type has no values.
#[derive(Clone, Copy, Debug)]
pub enum NothingFound {}

/// Resolves a request of an operation that has a resolution plan. For generated code.
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

/// Resolves a request of an operation that has no resolution plan. No status query shows the outcome of such a request,
/// so the request is sent again if that is safe. For generated code.
pub async fn resolve_without_plan<R>(request: &R, core: Core<R::Code>) -> Ending<R>
where
    R: Durable<Found = NothingFound>,
{
    let unknown = |reason: &str, error| Ending::Unknown { reason: reason.to_owned(), look_at: &[], found: None, error };
    if request.recovery() != Recovery::Resend {
        return unknown("the request must not be sent again, and no status query shows its outcome", None);
    }
    let already_done = core.reports_already_done();
    match core.call(request).await {
        Ok(reply) => Ending::Applied { reply: Some(reply), found: None },
        // The request changes nothing or is recognized by the service, so the latest rejection is final.
        Err(error) if error.outcome() == Outcome::Rejected && !error.may_be_accepted_later() && !already_done => {
            Ending::NotApplied { found: None, refusal: Some(error) }
        }
        Err(error) => unknown("there was no conclusive answer", Some(error)),
    }
}

/// Values that the caller knows in advance and that a success must have. They are stored with a request.
pub trait Expected: Sized + Send + Sync + 'static {
    /// Number of values.
    const COUNT: usize;

    /// Writes each value as a map entry under its name.
    ///
    /// # Errors
    ///
    /// Returns the error of the map.
    fn store<M: SerializeMap>(&self, names: &'static [&'static str], map: &mut M) -> Result<(), M::Error>;

    /// Reads stored values, which are in the order of [`Durable::EXPECTED`]. Returns `None` if their number or types
    /// differ from those of `Self`.
    fn from_stored(values: &[&Json]) -> Option<Self>;
}

macro_rules! expected_tuple {
    ($count:literal: $($name:ident $at:tt),*) => {
        impl<$($name: FromMember + Serialize + Send + Sync + 'static),*> Expected for ($($name,)*) {
            const COUNT: usize = $count;

            fn store<M: SerializeMap>(&self, names: &'static [&'static str], map: &mut M) -> Result<(), M::Error> {
                // Sorted by name, so that the stored text does not depend on the order of the values.
                let mut sorted: Vec<_> = names.iter().enumerate().collect();
                sorted.sort_by_key(|(_, name)| **name);
                for (at, name) in sorted {
                    match at {
                        $($at => map.serialize_entry(name, &self.$at)?,)*
                        // Does not occur, because `ExpectedOf` checks that there are as many names as values.
                        _ => {}
                    }
                }
                Ok(())
            }

            fn from_stored(values: &[&Json]) -> Option<Self> {
                if values.len() != Self::COUNT {
                    return None;
                }
                Some(($(from_stored_value::<$name>(values[$at])?,)*))
            }
        }
    };
}

impl Expected for () {
    const COUNT: usize = 0;

    fn store<M: SerializeMap>(&self, _: &'static [&'static str], _: &mut M) -> Result<(), M::Error> {
        Ok(())
    }

    fn from_stored(values: &[&Json]) -> Option<Self> {
        values.is_empty().then_some(())
    }
}

expected_tuple!(1: A 0);
expected_tuple!(2: A 0, B 1);
expected_tuple!(3: A 0, B 1, C 2);
expected_tuple!(4: A 0, B 1, C 2, D 3);
expected_tuple!(5: A 0, B 1, C 2, D 3, E 4);
expected_tuple!(6: A 0, B 1, C 2, D 3, E 4, F 5);
expected_tuple!(7: A 0, B 1, C 2, D 3, E 4, F 5, G 6);
expected_tuple!(8: A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7);
expected_tuple!(9: A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8);
expected_tuple!(10: A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9);
expected_tuple!(11: A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10);
expected_tuple!(12: A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11);

fn from_stored_value<T: FromMember>(value: &Json) -> Option<T> {
    let (mut found, mut ignored) = (Vec::new(), Vec::new());
    let read = T::from_value(value, &mut Place::new("expected", &mut found, &mut ignored));
    read.filter(|_| found.is_empty())
}

/// Reason why a request cannot be stored, or why a stored request cannot be read. It shows no sensitive values of the
/// request.
#[derive(Debug)]
pub struct StoredError(StoredFailure);

#[derive(Debug)]
enum StoredFailure {
    Unnamed,
    OtherNames { stored: Vec<String>, names: &'static [&'static str] },
    Json { line: usize, column: usize },
    Shape(&'static str),
    Invalid(Violations),
    Unstable,
    Unwritable,
}

impl fmt::Display for StoredError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            StoredFailure::Json { line, column } => {
                write!(f, "the stored request is not JSON (line {line}, column {column})")
            }
            StoredFailure::Shape(what) => write!(f, "the stored request has no readable `{what}`"),
            StoredFailure::Unnamed => f.write_str(
                "the expected values were stored without their names, so they could be compared with the wrong \
                 members: read the request with the version that stored it, or abandon it",
            ),
            StoredFailure::OtherNames { stored, names } => write!(
                f,
                "the request was stored with expected values of [{}], and this version of the program expects [{}]: \
                 read the request with the version that stored it, or abandon it",
                stored.join(", "),
                names.join(", ")
            ),
            StoredFailure::Invalid(violations) => write!(f, "the stored request breaks a rule: {violations}"),
            StoredFailure::Unstable => {
                f.write_str("the stored request differs from what this version of the program writes")
            }
            StoredFailure::Unwritable => f.write_str("the request cannot be serialized"),
        }
    }
}

impl std::error::Error for StoredError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.0 {
            StoredFailure::Invalid(violations) => Some(violations),
            StoredFailure::Json { .. }
            | StoredFailure::Unnamed
            | StoredFailure::OtherNames { .. }
            | StoredFailure::Shape(_)
            | StoredFailure::Unstable
            | StoredFailure::Unwritable => None,
        }
    }
}

/// Stored form of a request: the path parameters, the query, the caller's headers, the body as JSON, and the expected
/// values. Members that the client supplies are left out.
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
        form.serialize_field("expected", &ExpectedOf::<R>(self.expected))?;
        form.end()
    }
}

struct ExpectedOf<'a, R: Durable>(&'a R::Expected);

impl<R: Durable> Serialize for ExpectedOf<'_, R> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        const { assert!(R::EXPECTED.len() == R::Expected::COUNT, "`EXPECTED` must name each value of `Expected`") };
        if R::Expected::COUNT == 0 {
            return serializer.serialize_unit();
        }
        let mut map = serializer.serialize_map(Some(R::Expected::COUNT))?;
        self.0.store(R::EXPECTED, &mut map)?;
        map.end()
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

/// Serializes a request for storage. Credentials are left out. Refund numbers and idempotency keys are included.
///
/// # Errors
///
/// Returns an error if reading the text back would not give exactly the same request.
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
    // The capacity fits most requests. Growing the buffer would leave copies of its secrets in memory.
    let mut text = Zeroizing::new(Vec::with_capacity(2048));
    let form = Form { request, expected };
    form.serialize(&mut serde_json::Serializer::new(&mut *text)).map_err(|_| StoredError(StoredFailure::Unwritable))?;
    Ok(text)
}

/// Reads a request that [`store`] has written, and checks it with the rules for requests that a server receives. `at`
/// is the time at which the request was stored. Rules about times are checked as of this time, and once more when the
/// request is sent.
///
/// # Errors
///
/// Returns an error if the text is not exactly what [`store`] writes for this request.
pub fn read_stored<R: Durable>(text: &[u8], at: SystemTime) -> Result<(R, R::Expected), StoredError> {
    let json =
        |error: serde_json::Error| StoredError(StoredFailure::Json { line: error.line(), column: error.column() });
    let form = Json::unique(text).map_err(json)?;
    let object =
        |name: &'static str| form.get(name).and_then(Json::as_object).ok_or(StoredError(StoredFailure::Shape(name)));
    let (body, path) = (object("body")?, object("path")?);
    let query = form.get("query").and_then(Json::as_str).ok_or(StoredError(StoredFailure::Shape("query")))?;
    let expected = expected_of::<R>(form.get("expected"))?;
    let query = members_of_pairs(query.as_bytes());
    let mut ignored = Vec::new();
    let headers = match form.get("headers") {
        None => &[][..],
        Some(headers) => headers.as_object().ok_or(StoredError(StoredFailure::Shape("headers")))?,
    };
    let parts = [&Received::from(body), &Received::from(path), &query, &Received::from(headers)];
    let request: R = read(parts, Some(at), [&[], &[]], &mut ignored)
        .map_err(|violations| StoredError(StoredFailure::Invalid(violations)))?;
    // Reading accepts variants of the stored text. The request that was read is exactly the stored request only if
    // writing it gives the same text.
    if *write(&request, &expected)? != *text {
        return Err(StoredError(StoredFailure::Unstable));
    }
    Ok((request, expected))
}

/// Reads the expected values. Each value is looked up by its name, because an earlier version of the program may have
/// stored other values.
fn expected_of<R: Durable>(stored: Option<&Json>) -> Result<R::Expected, StoredError> {
    let stored = match stored {
        Some(Json::Null) => &[][..],
        Some(Json::Object(stored)) => stored,
        Some(Json::List(_)) => return Err(StoredError(StoredFailure::Unnamed)),
        _ => return Err(StoredError(StoredFailure::Shape("expected"))),
    };
    let values: Vec<_> = R::EXPECTED
        .iter()
        .filter_map(|name| stored.iter().find(|(own, _)| own == name))
        .map(|(_, value)| value)
        .collect();
    if values.len() != R::EXPECTED.len() || stored.len() != values.len() {
        let stored = stored.iter().map(|(name, _)| name.clone()).collect();
        return Err(StoredError(StoredFailure::OtherNames { stored, names: R::EXPECTED }));
    }
    R::Expected::from_stored(&values).ok_or(StoredError(StoredFailure::Shape("expected")))
}
