//! Parts of a callback's message that are needed to verify the proof in the message. The proof authenticates the
//! sender.

use super::computed::{all_parts, made_of};
use super::times::moment_notation;
use crate::constraints::TimeNotation;
use crate::resolved::{Api, Callback, Field, Kind};
use crate::spec::Part;

/// Parts of a callback's message that are needed to verify the proof in the message. No list contains a name twice.
#[derive(Debug, Default)]
pub(crate) struct ProofParts {
    /// All needed headers. If the proof is in a header, that header is the first.
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

pub(crate) fn proof_parts(api: &Api, callback: &Callback) -> ProofParts {
    let verify = &callback.spec.verify;
    let mut parts = ProofParts::default();
    for part in verify.equals.iter().flat_map(|value| all_parts(api, value)) {
        match part {
            Part::Header(name) => header(&mut parts.signed_headers, &name),
            Part::Body(name) => once(&mut parts.members, name),
            Part::Path(name) => once(&mut parts.parameters, name),
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
        header(&mut parts.headers, name);
    }
    parts
}

/// Returns the runs of two or more adjacent parts that are signed without a separator between them. If characters move
/// from the end of one part of a run to the beginning of the next part, the proof stays the same.
pub(crate) fn unseparated(api: &Api, callback: &Callback) -> Vec<Vec<String>> {
    let Some(equals) = &callback.spec.verify.equals else { return Vec::new() };
    let values = made_of(api, equals).into_iter().filter_map(|name| api.spec.computed.get(name));
    let mut runs = Vec::new();
    for (_, list) in values.flat_map(|value| value.lists()) {
        let mut run = Vec::new();
        for part in list.iter().flat_map(|part| in_line(api, Part::read(part), 0)) {
            match part {
                Part::Text(text) if text.is_empty() => {}
                Part::Header(name) | Part::Body(name) | Part::Path(name) => run.push(name),
                Part::RawBody => run.push("the body".to_owned()),
                // A credential, a hash or a constant text ends the run, because the sender of a message cannot choose
                // the characters of such a part.
                _ => runs.push(std::mem::take(&mut run)),
            }
        }
        runs.push(run);
    }
    runs.retain(|run| run.len() > 1);
    runs.dedup();
    runs
}

/// If `part` is the name of a computed text, returns the parts of that text, expanded in the same way. Otherwise,
/// returns only `part` itself. The depth is limited, because a computed text may contain itself, which `lint` reports.
fn in_line(api: &Api, part: Part, depth: usize) -> Vec<Part> {
    let text = match &part {
        Part::Name(name) => api.spec.computed.get(name).and_then(|value| value.text.as_ref()),
        _ => None,
    };
    match text {
        Some(list) if depth < api.spec.computed.len() => {
            list.iter().flat_map(|part| in_line(api, Part::read(part), depth + 1)).collect()
        }
        _ => vec![part],
    }
}

fn once(names: &mut Vec<String>, name: String) {
    if !names.contains(&name) {
        names.push(name);
    }
}

/// Adds a header, unless the list has it. Names of headers are not case-sensitive.
fn header(names: &mut Vec<String>, name: &str) {
    if !names.iter().any(|known| known.eq_ignore_ascii_case(name)) {
        names.push(name.to_owned());
    }
}

/// Returns the field of the message that a part of a proof refers to. `None` if the part is neither a header nor a
/// member of the body.
pub(crate) fn field_of_part<'a>(callback: &'a Callback, part: &Part) -> Option<&'a Field> {
    match part {
        Part::Header(name) => callback.headers.iter().find(|field| field.wire.eq_ignore_ascii_case(name)),
        Part::Body(name) => callback.body.iter().find(|field| field.wire == *name),
        _ => None,
    }
}

/// Returns the notation of a field whose values are moments in time. `None` for any other field.
pub(crate) fn signed_notation(api: &Api, field: &Field) -> Option<TimeNotation> {
    let Kind::One(of) = field.kind else { return None };
    moment_notation(api, of)
}
