//! Encodings of request bodies.

use crate::resolved::{Api, Operation};
use crate::spec::{Encoding, Method};

/// Returns the encodings that the service accepts for the request body of an operation. An operation without encodings
/// of its own has the encodings of the API.
pub(crate) fn bodies_of<'a>(api: &'a Api, op: &'a Operation) -> &'a [Encoding] {
    op.spec.bodies.as_ref().unwrap_or(&api.spec.bodies)
}

pub(crate) fn has_body(op: &Operation) -> bool {
    !matches!(op.method, Method::Get | Method::Delete) || !op.request.is_empty()
}

/// Returns `true` if the client sends the request body of an operation as a form. If the service also accepts JSON, the
/// client sends JSON instead.
pub(crate) fn sends_form(api: &Api, op: &Operation) -> bool {
    has_body(op) && !bodies_of(api, op).contains(&Encoding::Json)
}
