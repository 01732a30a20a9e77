//! Values that the caller of a resolution passes, and the members with which they are compared.

use crate::spec::{Binding, Evidence, Resolve};

/// Returns `true` if an expected value is also compared with the member of this name in the reply to the request itself.
///
/// A name under `entry_expect:` is a member of an entry. If `evidence:` fixes the member of the same name in the reply to
/// the request, the two members have different meanings, and only the entry is compared.
pub(crate) fn is_expected_of_reply(resolve: &Resolve, evidence: &Evidence, name: &str) -> bool {
    let is_listed = |names: &[String]| names.iter().any(|own| own == name);
    let is_fixed = matches!(evidence.binds.get(name), Some(Binding::Fixed(_)));
    is_listed(&resolve.expect) || (is_listed(&resolve.entry_expect) && !is_fixed)
}
