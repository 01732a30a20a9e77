//! What follows from how a value is computed.

use crate::resolved::Api;
use crate::spec::{Part, Sensitivity};

/// Returns `true` if a computed value must never be shown, because it authorizes its holder.
pub(crate) fn is_secret(api: &Api, name: &str) -> bool {
    // A circle is reported elsewhere, and ends here.
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
            // A hash proves knowledge of what went into it, public or not.
            Some(credential) => hashes || is_secret_type(api, &credential.of),
            None => secret(api, name, depth),
        },
        _ => false,
    })
}

fn is_secret_type(api: &Api, of: &str) -> bool {
    let scalar = api.scalars.iter().find(|scalar| scalar.name == of);
    scalar.is_none_or(|scalar| scalar.spec.sensitivity.is_some_and(|s| s != Sensitivity::Public))
}
