//! Planning of the proofs that authenticate the senders of callbacks. Names of computed values become indexes, and
//! parts of messages become parameters of generated functions.

use super::fields;
use crate::analysis::{ProofParts, field_of_part, made_of, proof_parts, signed_notation, unseparated};
use crate::model::{ParameterSource, Proof, ProofParameter, ProofPlace, ProofTime, SignNeeds};
use crate::names::{camel, snake};
use crate::resolved::{Api, Callback, Kind, TypeRef};
use crate::spec::{Computation, Part};

/// Plans the proof of a callback. `None` if the spec describes no proof that generated code can verify.
pub(super) fn plan(api: &Api, callback: &Callback) -> Option<Proof> {
    let verify = &callback.spec.verify;
    let at = match (&verify.header, &verify.member) {
        (Some(header), _) => ProofPlace::Header(header.clone()),
        (None, Some(member)) => ProofPlace::Member(member.clone()),
        (None, None) => return None,
    };
    let equals = api.spec.computed.get_index_of(verify.equals.as_ref()?)?;
    let parts = proof_parts(api, callback);
    let time = time(api, callback);
    let has_encoded_key = |name: &str| {
        let hmac = api.spec.computed.get(name).and_then(Computation::hmac);
        hmac.is_some_and(|(_, hmac)| hmac.key_as.is_some())
    };
    let made_of = verify.equals.as_deref().map(|value| made_of(api, value)).unwrap_or_default();
    let sign = SignNeeds {
        body: parts.raw_body || !parts.members.is_empty(),
        headers: !parts.signed_headers.is_empty(),
        fallible_key: made_of.into_iter().any(has_encoded_key),
    };
    Some(Proof {
        method: callback.spec.method.as_str().to_uppercase(),
        covers: covers(&parts, &unseparated(api, callback), time.as_ref()),
        at,
        prefix: verify.prefix.clone().unwrap_or_default(),
        separator: verify.separator.clone().unwrap_or_default(),
        equals,
        time,
        parameters: parts.parameters.iter().map(|name| parameter(api, callback, name)).collect(),
        headers: parts.headers,
        sign,
    })
}

fn time(api: &Api, callback: &Callback) -> Option<ProofTime> {
    let verify = &callback.spec.verify;
    let part = Part::read(verify.time.as_ref()?);
    let field = field_of_part(callback, &part)?;
    let at = match part {
        Part::Header(name) => ProofPlace::Header(name),
        Part::Body(name) => ProofPlace::Member(name),
        _ => return None,
    };
    Some(ProofTime { at, notation: signed_notation(api, field)?, within: verify.within?.seconds })
}

fn parameter(api: &Api, callback: &Callback, name: &str) -> ProofParameter {
    let (rust, from) = match callback.body.iter().find(|field| field.wire == name) {
        Some(field) => (fields::rust_name(field), ParameterSource::Member),
        None => (snake(name), ParameterSource::Receiver(path_parameter_type(api, name))),
    };
    ProofParameter { wire: name.to_owned(), rust, from }
}

/// Returns the string newtype that operations use for a path parameter with this name, or else `String`.
fn path_parameter_type(api: &Api, name: &str) -> String {
    api.operations
        .iter()
        .flat_map(|op| &op.path)
        .find(|field| field.wire == name)
        .and_then(|field| match field.kind {
            Kind::One(TypeRef::Scalar(n)) => Some(camel(&api.scalars[n].name)),
            _ => None,
        })
        .unwrap_or_else(|| "String".into())
}

/// Describes which parts of a message a proof covers, in sentences.
fn covers(parts: &ProofParts, unseparated: &[Vec<String>], time: Option<&ProofTime>) -> Vec<String> {
    let list = |names: &[String]| names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let mut sentences = Vec::new();
    sentences.push(match (parts.raw_body, parts.members.is_empty(), time) {
        (true, ..) => "The proof covers the whole body, byte by byte.".to_owned(),
        (false, false, _) => {
            format!("The proof covers only {} of the body.", list(&parts.members))
        }
        (false, true, None) => {
            "The proof does not cover the body, and no time is checked: it authenticates the sender, but not the \
             content."
                .into()
        }
        (false, true, Some(_)) => {
            "The proof does not cover the body: it authenticates the sender, but not the content.".into()
        }
    });
    sentences.extend(unseparated.iter().map(|run| {
        format!(
            "Nothing separates {} in the proof, so the proof stays the same if characters move from one to the next. \
             Compare each of them with the answer to a status query.",
            list(run).replace("`the body`", "the body")
        )
    }));
    if let Some(time) = time {
        sentences.push(format!(
            "A message is refused if its `{}` is more than {} s before or after the time of this machine's clock. \
             A copy of the message that arrives within that time is accepted too.",
            time.at.name(),
            time.within
        ));
    }
    sentences
}
