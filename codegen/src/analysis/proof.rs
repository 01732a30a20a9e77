//! Parts of a message that the proof of a callback needs.

use super::computed::all_parts;
use super::times::moment_notation;
use crate::constraints::TimeNotation;
use crate::resolved::{Api, Callback, Field, Kind};
use crate::spec::Part;

/// Parts of a message that the proof of a callback needs, without repetitions.
#[derive(Debug, Default)]
pub(crate) struct ProofParts {
    /// Headers, beginning with that of the proof.
    pub(crate) headers: Vec<String>,
    /// Headers that are signed.
    pub(crate) signed_headers: Vec<String>,
    /// Members of the body that are signed.
    pub(crate) members: Vec<String>,
    /// Path parameters that are signed.
    pub(crate) parameters: Vec<String>,
    /// Set if the whole body is signed.
    pub(crate) raw_body: bool,
}

/// Returns the parts that the proof of a callback needs.
pub(crate) fn proof_parts(api: &Api, callback: &Callback) -> ProofParts {
    let verify = &callback.spec.verify;
    let mut parts = ProofParts::default();
    for part in verify.equals.iter().flat_map(|value| all_parts(api, value)) {
        match part {
            Part::Header(name) => once(&mut parts.signed_headers, &name),
            Part::Body(name) => once(&mut parts.members, &name),
            Part::Path(name) => once(&mut parts.parameters, &name),
            Part::RawBody => parts.raw_body = true,
            _ => {}
        }
    }
    let time = verify.time.as_deref().map(Part::read);
    let of_time = match &time {
        Some(Part::Header(name)) => Some(name),
        _ => None,
    };
    for name in verify.header.iter().chain(&parts.signed_headers).chain(of_time) {
        once(&mut parts.headers, name);
    }
    parts
}

fn once(names: &mut Vec<String>, name: &str) {
    if !names.iter().any(|known| known.eq_ignore_ascii_case(name)) {
        names.push(name.to_owned());
    }
}

/// Returns the field of a callback that a part names: a header or a member of the body.
pub(crate) fn field_of_part<'a>(callback: &'a Callback, part: &Part) -> Option<&'a Field> {
    match part {
        Part::Header(name) => callback.headers.iter().find(|field| field.wire.eq_ignore_ascii_case(name)),
        Part::Body(name) => callback.body.iter().find(|field| field.wire == *name),
        _ => None,
    }
}

/// Returns the notation of a field that is a moment. `None` for any other field.
pub(crate) fn signed_notation(api: &Api, field: &Field) -> Option<TimeNotation> {
    let Kind::One(of) = field.kind else { return None };
    moment_notation(api, of)
}
