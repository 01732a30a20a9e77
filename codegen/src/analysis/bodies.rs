//! Encodings of request bodies.

use crate::resolved::{Api, Operation};
use crate::spec::{Encoding, Method};

/// Returns the accepted encodings of an operation's body: the operation's own encodings, or the encodings of the API.
pub(crate) fn bodies_of<'a>(api: &'a Api, op: &'a Operation) -> &'a [Encoding] {
    op.spec.bodies.as_ref().unwrap_or(&api.spec.bodies)
}

/// Returns `true` if requests of an operation have a body.
pub(crate) fn has_body(op: &Operation) -> bool {
    !matches!(op.method, Method::Get | Method::Delete) || !op.request.is_empty()
}

/// Returns `true` if the client sends the body of an operation as a form.
pub(crate) fn sends_form(api: &Api, op: &Operation) -> bool {
    has_body(op) && !bodies_of(api, op).contains(&Encoding::Json)
}
