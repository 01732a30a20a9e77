//! Wire form of a request: path, query, headers and body. The request types are generated.

use crate::check::Validate;
use crate::decode::object::Members;
use crate::evidence::{Comparison, Mismatch};
use crate::operation::{Operation, Recovery, Segment};
use crate::parameters::{Headers, Query, path_segment};
use crate::reply::Reply;
use crate::secret::SecretText;
use serde::ser::{Serialize, SerializeMap, Serializer};
use std::borrow::Cow;

/// Request of an operation. Implementations are generated.
pub trait Request: Validate + Members + Send + Sync {
    /// Reply of the operation.
    type Reply: Reply;

    /// Description of the operation.
    const OPERATION: &'static Operation;

    /// Returns what to do if the reply is lost. By default, this is the recovery of the operation. A single request may
    /// need another recovery.
    fn recovery(&self) -> Recovery {
        Self::OPERATION.recovery
    }

    /// Returns a path parameter by its name.
    fn parameter(&self, _name: &str) -> &str {
        ""
    }

    /// Adds the parameters of the query.
    fn query(&self, _query: &mut Query) {}

    /// Adds the headers that the caller provides.
    fn headers(&self, _headers: &mut Headers) {}

    /// Checks that a reply is about this request.
    ///
    /// # Errors
    ///
    /// Returns the mismatch of the first member that does not prove this.
    fn bind(&self, _compare: &Comparison<'_>, _reply: &Self::Reply) -> Result<(), Mismatch> {
        Ok(())
    }
}

/// Returns the path of an operation with the request's parameters and the caller's credentials. Each of these is
/// encoded, so that it stays one segment.
pub fn encode_path(operation: &Operation, request: &impl Request, credentials: &[SecretText]) -> String {
    path_with(operation, &|name| request.parameter(name).into(), credentials)
}

/// Returns the path of an operation. `parameter` returns the value of the parameter with a name.
pub(crate) fn path_with<'a>(
    operation: &Operation,
    parameter: &dyn Fn(&str) -> Cow<'a, str>,
    credentials: &[SecretText],
) -> String {
    let mut path = String::new();
    for segment in operation.path {
        match segment {
            Segment::Literal(text) => path.push_str(text),
            Segment::Parameter(name) => path.extend(path_segment(&parameter(name))),
            Segment::Credential(index) => {
                let credential = credentials.get(*index).map_or("", SecretText::expose);
                path.extend(path_segment(credential));
            }
        }
    }
    path
}

/// Returns the JSON body of a request: the credentials that the client supplies, then the request's own members.
/// Computed members are left out.
///
/// # Errors
///
/// Returns an error if `credentials` lacks a credential of the body, or if a member cannot be serialized. All generated
/// types can be serialized.
pub fn encode_body<R: Request>(request: &R, credentials: &[SecretText]) -> Result<Vec<u8>, serde_json::Error> {
    encode_body_with(request, credentials, &[])
}

/// Returns the JSON body like [`encode_body`], with computed members. `values` are in the order of
/// [`Operation::body_values`].
pub(crate) fn encode_body_with<R: Request>(
    request: &R,
    credentials: &[SecretText],
    values: &[SecretText],
) -> Result<Vec<u8>, serde_json::Error> {
    // The capacity fits most requests. Growing the buffer would leave copies of its secrets in memory.
    let mut body = Vec::with_capacity(1024);
    Body { request, credentials, values }.serialize(&mut serde_json::Serializer::new(&mut body))?;
    Ok(body)
}

/// Request as the client sends it, independent of its type.
#[cfg(feature = "client")]
pub(crate) trait Outbound {
    fn operation(&self) -> &'static Operation;
    fn parameter(&self, name: &str) -> &str;
    fn query(&self, query: &mut Query);
    fn headers(&self, headers: &mut Headers);
    /// Returns the JSON body, as [`encode_body_with`] writes it.
    fn body(&self, credentials: &[SecretText], values: &[SecretText]) -> Result<Vec<u8>, serde_json::Error>;
}

/// A request of a generated type.
#[cfg(feature = "client")]
pub(crate) struct Typed<'a, R>(pub(crate) &'a R);

#[cfg(feature = "client")]
impl<R: Request> Outbound for Typed<'_, R> {
    fn operation(&self) -> &'static Operation {
        R::OPERATION
    }

    fn parameter(&self, name: &str) -> &str {
        self.0.parameter(name)
    }

    fn query(&self, query: &mut Query) {
        self.0.query(query);
    }

    fn headers(&self, headers: &mut Headers) {
        self.0.headers(headers);
    }

    fn body(&self, credentials: &[SecretText], values: &[SecretText]) -> Result<Vec<u8>, serde_json::Error> {
        encode_body_with(self.0, credentials, values)
    }
}

/// A request without members from the caller.
#[cfg(feature = "client")]
pub(crate) struct Bare(pub(crate) &'static Operation);

#[cfg(feature = "client")]
impl Outbound for Bare {
    fn operation(&self) -> &'static Operation {
        self.0
    }

    fn parameter(&self, _: &str) -> &str {
        ""
    }

    fn query(&self, query: &mut Query) {
        for (name, value) in self.0.query_fixed {
            query.push(name, value);
        }
    }

    fn headers(&self, _: &mut Headers) {}

    fn body(&self, credentials: &[SecretText], values: &[SecretText]) -> Result<Vec<u8>, serde_json::Error> {
        let mut body = Vec::with_capacity(256);
        let mut serializer = serde_json::Serializer::new(&mut body);
        let mut map = serializer.serialize_map(None)?;
        supplied_members(self.0, credentials, values, &mut map)?;
        for (name, json) in self.0.body_fixed {
            map.serialize_entry(name, &serde_json::from_str::<&serde_json::value::RawValue>(json)?)?;
        }
        map.end()?;
        Ok(body)
    }
}

#[cfg(feature = "client")]
pub(crate) fn path_of(request: &dyn Outbound, credentials: &[SecretText]) -> String {
    path_with(request.operation(), &|name| request.parameter(name).into(), credentials)
}

struct Body<'a, R> {
    request: &'a R,
    credentials: &'a [SecretText],
    values: &'a [SecretText],
}

/// Writes the members that the client supplies.
fn supplied_members<M: SerializeMap>(
    operation: &Operation,
    credentials: &[SecretText],
    values: &[SecretText],
    map: &mut M,
) -> Result<(), M::Error> {
    for (name, index) in operation.body_credentials {
        let credential = credentials
            .get(*index)
            .ok_or_else(|| serde::ser::Error::custom(format_args!("there is no credential for `{name}`")))?;
        map.serialize_entry(name, credential.expose())?;
    }
    // `values` is empty until the values are computed, and if the request is only compared with others.
    for ((name, _), value) in operation.body_values.iter().zip(values) {
        map.serialize_entry(name, value.expose())?;
    }
    Ok(())
}

impl<R: Request> Serialize for Body<'_, R> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        supplied_members(R::OPERATION, self.credentials, self.values, &mut map)?;
        self.request.members(&mut map)?;
        map.end()
    }
}
