//! Texts that are never shown: keys, secrets, tokens.

use std::fmt;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// Secret text. It does not implement `Display`, and its `Debug` shows no content. The duration of a comparison does
/// not depend on the position of a difference. Dropping the text overwrites its memory.
#[derive(Clone, Default)]
pub struct SecretText(Zeroizing<String>);

impl SecretText {
    /// Returns the text. Call this only where the text is needed.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for SecretText {
    fn from(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

impl From<&str> for SecretText {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl PartialEq for SecretText {
    fn eq(&self, other: &Self) -> bool {
        self.expose().as_bytes().ct_eq(other.expose().as_bytes()).into()
    }
}

impl Eq for SecretText {}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Redacted.fmt(f)
    }
}

/// Replacement in `Debug` output for a value that must not be shown.
#[derive(Clone, Copy)]
pub struct Redacted;

impl Redacted {
    /// Text of the replacement.
    pub(crate) const TEXT: &'static str = "[redacted]";
}

impl fmt::Debug for Redacted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(Self::TEXT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_not_shown() {
        let secret = SecretText::from("canary");
        assert_eq!(
            format!("{secret:?} {:#?} {:?}", Some(&secret), Redacted),
            "[redacted] Some(\n    [redacted],\n) [redacted]"
        );
        assert_eq!(secret.expose(), "canary");
    }

    #[test]
    fn secrets_compare_by_content() {
        assert_eq!(SecretText::from("a"), SecretText::from(String::from("a")));
        assert_ne!(SecretText::from("a"), SecretText::from("b"));
        assert_ne!(SecretText::from("a"), SecretText::from("aa"));
    }
}
