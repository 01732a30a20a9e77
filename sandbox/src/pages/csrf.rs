//! Tokens in forms, so that no other page can send these forms.

use crate::state::State;
use toss_sdk::runtime::__private::{hex_equal, sha256_hex};

/// Returns the token of the form about `subject`.
pub(super) fn csrf_token(state: &State, subject: &str) -> String {
    sha256_hex(&[&state.csrf_secret, subject])
}

/// Returns `true` if this is the token of the form about `subject`.
pub(super) fn is_csrf_token(state: &State, subject: &str, token: &str) -> bool {
    hex_equal(&csrf_token(state, subject), token)
}
