//! Encryption of stored requests, because they contain tokens, names and phone numbers.

use crate::unreadable::Unreadable;
use chacha20poly1305::aead::{Aead, Generate, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use std::fmt;
use zeroize::Zeroizing;

/// How requests are stored.
#[derive(Clone, Debug)]
pub enum Storage {
    /// Encrypted with the current key.
    Sealed(SealingKeys),
    /// As plain text. The table, its backups and its replicas then contain readable tokens and personal data.
    SensitiveMembersInPlainText,
}

/// A key for sealing requests with XChaCha20-Poly1305. Its `Debug` does not show the key.
#[derive(Clone)]
pub struct SealingKey {
    id: String,
    key: Zeroizing<[u8; 32]>,
}

impl SealingKey {
    /// Creates a key with the name `id`. The name is stored in plain text with each request. The key must be 32 random
    /// bytes from a secret store. A password is not suitable.
    pub fn new(id: impl Into<String>, key: [u8; 32]) -> Self {
        Self { id: id.into(), key: Zeroizing::new(key) }
    }
}

impl fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SealingKey").field("id", &self.id).finish_non_exhaustive()
    }
}

/// The keys of an outbox: the current key, which seals requests, and older keys, which only open them.
///
/// To rotate keys, first add the new key as an older key to all programs. Then make it the current key, and keep the
/// former key as an older key. Remove the former key when no open or dead intent names it in
/// [`Record::sealed_with`](crate::Record::sealed_with). If the request of a closed intent is enqueued again, the outbox
/// needs the key of the stored request too, to compare the two requests.
#[derive(Clone, Debug)]
pub struct SealingKeys {
    current: SealingKey,
    older: Vec<SealingKey>,
    reads_plain_text: bool,
}

impl SealingKeys {
    /// Creates keys with a current key, which seals and opens requests.
    pub fn new(current: SealingKey) -> Self {
        Self { current, older: Vec::new(), reads_plain_text: false }
    }

    /// Adds an older key, which only opens requests.
    #[must_use]
    pub fn and_older(mut self, key: SealingKey) -> Self {
        self.older.push(key);
        self
    }

    /// Allows reading requests that were stored in plain text, before the outbox had a key. Without this setting,
    /// reading such a request is an error.
    #[must_use]
    pub fn and_plain_text(mut self) -> Self {
        self.reads_plain_text = true;
        self
    }
}

/// Context of a stored request. It is authenticated together with the request, so a request that was moved to another
/// row cannot be opened.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Label<'a> {
    pub(crate) key: &'a str,
    pub(crate) api: &'a str,
    pub(crate) operation: &'a str,
    pub(crate) ordering: Option<&'a str>,
    pub(crate) enqueued_at: i64,
}

impl Label<'_> {
    fn bytes(&self) -> Vec<u8> {
        let mut bytes = b"outbox 1".to_vec();
        for part in [Some(self.key), Some(self.api), Some(self.operation), self.ordering] {
            bytes.push(u8::from(part.is_some()));
            let part = part.unwrap_or_default();
            bytes.extend((part.len() as u64).to_be_bytes());
            bytes.extend(part.as_bytes());
        }
        bytes.extend(self.enqueued_at.to_be_bytes());
        bytes
    }
}

const NONCE: usize = 24;
const DIGEST: usize = 32;

impl Storage {
    /// Returns the stored form of a request, and the name of the key that sealed the request (`None` for plain text).
    /// Returns `None` if the system provides no random numbers.
    pub(crate) fn seal(&self, label: &Label<'_>, text: &[u8]) -> Option<(Vec<u8>, Option<String>)> {
        let label = label.bytes();
        let keys = match self {
            Self::SensitiveMembersInPlainText => {
                let mut stored = digest(&label, text).to_vec();
                stored.extend(text);
                return Some((stored, None));
            }
            Self::Sealed(keys) => keys,
        };
        let nonce = XNonce::try_generate().ok()?;
        let sealed = cipher(&keys.current).encrypt(&nonce, Payload { msg: text, aad: &label }).ok()?;
        let mut stored = nonce.to_vec();
        stored.extend(sealed);
        Some((stored, Some(keys.current.id.clone())))
    }

    /// Returns the text of a stored request.
    pub(crate) fn open(
        &self,
        label: &Label<'_>,
        stored: &[u8],
        sealed_with: Option<&str>,
    ) -> Result<Zeroizing<Vec<u8>>, Unreadable> {
        let label = label.bytes();
        let Some(id) = sealed_with else {
            if matches!(self, Self::Sealed(keys) if !keys.reads_plain_text) {
                return Err(Unreadable::NotSealed);
            }
            let (own, text) = stored.split_at_checked(DIGEST).ok_or(Unreadable::Changed)?;
            return if digest(&label, text) == own {
                Ok(Zeroizing::new(text.to_vec()))
            } else {
                Err(Unreadable::Changed)
            };
        };
        let no_key = || Unreadable::NoKey { id: id.to_owned() };
        let Self::Sealed(keys) = self else { return Err(no_key()) };
        let mut all = std::iter::once(&keys.current).chain(&keys.older);
        let key = all.find(|key| key.id == id).ok_or_else(no_key)?;
        let (nonce, sealed) = stored.split_at_checked(NONCE).ok_or(Unreadable::Changed)?;
        let nonce = XNonce::try_from(nonce).map_err(|_| Unreadable::Changed)?;
        let opened = cipher(key).decrypt(&nonce, Payload { msg: sealed, aad: &label });
        opened.map(Zeroizing::new).map_err(|_| Unreadable::WrongKeyOrChanged { id: id.to_owned() })
    }
}

fn cipher(key: &SealingKey) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(&Key::from(*key.key))
}

/// Computes a digest that detects rows changed by mistake. The digest does not protect against attackers, because they
/// can compute it too.
fn digest(label: &[u8], text: &[u8]) -> [u8; DIGEST] {
    let mut hash = hmac_sha256::Hash::new();
    hash.update(label);
    hash.update(text);
    hash.finalize()
}
