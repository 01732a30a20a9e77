//! Tokens in forms, so that pages of other sites cannot send these forms.

use crate::state::State;
use toss_sdk::runtime::SecretText;

/// Returns the token of the form about `subject`.
pub(super) fn csrf_token(state: &State, subject: &str) -> String {
    hmac_sha256::HMAC::mac(subject, state.csrf_secret.as_str()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Returns `true` if `token` is the token of the form about `subject`.
pub(super) fn is_csrf_token(state: &State, subject: &str, token: &str) -> bool {
    // Texts of this type are compared in constant time.
    SecretText::from(csrf_token(state, subject)) == SecretText::from(token)
}
