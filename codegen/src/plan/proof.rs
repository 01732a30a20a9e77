//! Proofs of callbacks: names become numbers, and what the generated functions take.

use super::fields;
use crate::analysis::{ProofParts, field_of_part, proof_parts, signed_notation};
use crate::model::{
    KeyForm, MakeModel, ParameterSource, PieceModel, Proof, ProofParameter, ProofPlace, ProofTime, SignNeeds,
};
use crate::names::{camel, snake};
use crate::resolved::{Api, Callback, Kind, TypeRef};
use crate::spec::Part;

/// The proof of a callback, if it has one.
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
    let values = super::computed::values(api);
    let key_in_base64 = |index: &usize| match values.get(*index).map(|value| &value.make) {
        Some(MakeModel::Hmac { key_form, .. }) => !matches!(key_form, KeyForm::Text),
        _ => false,
    };
    let sign = SignNeeds {
        body: parts.raw_body || !parts.members.is_empty(),
        headers: !parts.signed_headers.is_empty(),
        fallible_key: reached(&values, equals).iter().any(key_in_base64),
    };
    Some(Proof {
        method: callback.spec.method.as_str().to_uppercase(),
        covers: covers(&parts, time.as_ref()),
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

/// The numbers of a value and of those it is made of.
fn reached(values: &[crate::model::ComputedModel], index: usize) -> Vec<usize> {
    let pieces: Vec<&PieceModel> = match values.get(index).map(|value| &value.make) {
        Some(MakeModel::Text(over) | MakeModel::Base64(over) | MakeModel::Hash { over, .. }) => over.iter().collect(),
        Some(MakeModel::Hmac { key, over, .. }) => std::iter::once(key).chain(over).collect(),
        _ => Vec::new(),
    };
    let inner = pieces.into_iter().filter_map(|piece| match piece {
        PieceModel::Computed(inner) => Some(*inner),
        _ => None,
    });
    std::iter::once(index).chain(inner.flat_map(|inner| reached(values, inner))).collect()
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

/// Returns the string newtype of a path parameter.
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

/// What a proof covers, as sentences.
fn covers(parts: &ProofParts, time: Option<&ProofTime>) -> Vec<String> {
    let list = |names: &[String]| names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let mut sentences = Vec::new();
    sentences.push(match (parts.raw_body, parts.members.is_empty(), time) {
        (true, ..) => "The proof covers the whole body, byte by byte.".to_owned(),
        (false, false, _) => {
            format!("The proof covers {} of the body, and nothing else of it.", list(&parts.members))
        }
        (false, true, None) => {
            "The proof covers neither the body nor the time: it authenticates the sender, but not the content.".into()
        }
        (false, true, Some(_)) => {
            "The proof does not cover the body: it authenticates the sender, but not the content.".into()
        }
    });
    if let Some(time) = time {
        sentences.push(format!(
            "A message whose `{}` is more than {} s away from this machine's clock, before or after, is refused. Within \
             that time the same message may come again.",
            time.at.name(),
            time.within
        ));
    }
    sentences
}
