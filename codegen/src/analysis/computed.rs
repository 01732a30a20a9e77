//! Facts about computed values and credentials: which computed values are secret, which parts they have, and which
//! credentials the client needs.

use super::fields::field_lists;
use crate::resolved::{Api, Field};
use crate::spec::{self, Part, Sensitivity};

/// Returns `true` if a computed value must never be shown, because it authorizes its holder.
pub(crate) fn is_secret(api: &Api, name: &str) -> bool {
    // The depth is limited, because computed values may form a cycle, which `lint` reports.
    secret(api, name, api.spec.computed.len())
}

fn secret(api: &Api, name: &str, depth: usize) -> bool {
    let (Some(value), Some(depth)) = (api.spec.computed.get(name), depth.checked_sub(1)) else { return false };
    if value.token.is_some() {
        return true;
    }
    let hashes = value.text.is_none() && value.base64.is_none();
    value.parts().iter().any(|part| match part {
        Part::Name(name) => match api.spec.credentials.get(name) {
            // A hash of a credential may authorize its holder, even if the credential itself is public.
            Some(credential) => hashes || is_secret_type(api, &credential.of),
            None => secret(api, name, depth),
        },
        _ => false,
    })
}

/// Returns `true` if values of the scalar `of` are personal or secret. A scalar that does not exist counts as secret.
fn is_secret_type(api: &Api, of: &str) -> bool {
    let scalar = api.scalars.iter().find(|scalar| scalar.name == of);
    scalar.is_none_or(|scalar| scalar.spec.sensitivity.is_some_and(|s| s != Sensitivity::Public))
}

/// Returns the name of a computed value and the names of all computed values that it contains.
pub(crate) fn made_of<'a>(api: &'a Api, name: &str) -> Vec<&'a str> {
    let mut names = Vec::new();
    collect(api, name, &mut names);
    names
}

fn collect<'a>(api: &'a Api, name: &str, names: &mut Vec<&'a str>) {
    let Some((name, value)) = api.spec.computed.get_key_value(name) else { return };
    // Computed values may form a cycle, which `lint` reports.
    if names.contains(&name.as_str()) {
        return;
    }
    names.push(name);
    for part in value.parts() {
        if let Part::Name(inner) = part {
            collect(api, &inner, names);
        }
    }
}

/// Returns the parts of a computed value, including the parts of other computed values that it contains. The names of
/// those values are left out.
pub(crate) fn all_parts(api: &Api, name: &str) -> Vec<Part> {
    let values = made_of(api, name).into_iter().filter_map(|name| api.spec.computed.get(name));
    let parts = values.flat_map(spec::Computation::parts);
    parts.filter(|part| !matches!(part, Part::Name(name) if api.spec.computed.contains_key(name))).collect()
}

/// Returns `true` if the client needs a credential. If a credential is used only in the proof of callbacks, the
/// receiver of the callbacks needs it, but the client does not.
pub(crate) fn is_of_client(api: &Api, credential: &str) -> bool {
    let named = |value: &str| all_parts(api, value).contains(&Part::Name(credential.to_owned()));
    let is_proving = api.callbacks.iter().any(|callback| callback.spec.verify.equals.as_deref().is_some_and(named));
    let of = api.spec.credentials.get(credential).map(|credential| credential.of.as_str());
    let is_sent = api.spec.headers.values().any(|header| {
        header.credential.as_deref() == Some(credential) || header.computed.as_deref().is_some_and(named)
    });
    let fills = |field: &Field| match field.spec.supplied_by.as_deref() {
        Some("client") => field.spec.of.as_deref() == of,
        Some(value) => named(value),
        None => false,
    };
    !is_proving || is_sent || field_lists(api).into_iter().flat_map(|(_, fields)| fields).any(fills)
}
