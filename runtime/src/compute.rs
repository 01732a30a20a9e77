//! Description of computed values, as static data: encoded credentials, hashes, times, tokens. [`evaluate`] computes them.

pub(crate) mod compare;
pub(crate) mod evaluate;

use rules::TimeFormat;
use std::time::Duration;

/// A value that the client makes, or that proves the sender of a message.
#[derive(Clone, Copy, Debug)]
pub struct Computed {
    /// Name in the spec.
    pub name: &'static str,
    /// Computation.
    pub make: Make,
    /// `true` if the value must never be shown.
    pub secret: bool,
}

/// Computation of a value.
#[derive(Clone, Copy, Debug)]
pub enum Make {
    /// The parts one after another.
    Text(&'static [Piece]),
    /// The parts one after another, in base64.
    Base64(&'static [Piece]),
    /// A hash over the parts one after another.
    Hash {
        /// Which hash.
        hash: Hash,
        /// The parts.
        over: &'static [Piece],
        /// Encoding of the hash.
        written: Written,
    },
    /// A keyed hash over the parts one after another.
    Hmac {
        /// Which hash.
        hash: Hash,
        /// The key.
        key: Piece,
        /// How the bytes of the key are written.
        key_form: KeyForm,
        /// The parts.
        over: &'static [Piece],
        /// Encoding of the hash.
        written: Written,
    },
    /// The time at which an attempt is made. In a body, the time of the first attempt.
    Now(TimeFormat<'static>),
    /// A random text, another one for each attempt. In a body, that of the first attempt.
    Random(RandomForm),
    /// A token that an operation hands out.
    Token(&'static TokenRule),
}

/// A hash function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hash {
    /// SHA-256
    Sha256,
    /// SHA-512
    Sha512,
}

/// Encoding of a hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// In lower-case hexadecimal.
    Hex,
    /// In base64 with padding.
    Base64,
}

/// How the key of a keyed hash is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyForm {
    /// The key is the text.
    Text,
    /// The key is the bytes that the text writes in base64.
    Base64 {
        /// Text before the key that is no part of it, if it is there: `whsec_`.
        after: &'static str,
    },
}

/// A part of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Always the same text.
    Text(&'static str),
    /// A credential, by its number.
    Credential(usize),
    /// Another computed value, by its number.
    Computed(usize),
    /// A path parameter as it was given, not encoded.
    Path(&'static str),
    /// A query parameter as it was given, not encoded.
    Query(&'static str),
    /// A member of the body: a text without its quotes, anything else as its JSON is written. Empty when absent.
    Member(&'static str),
    /// A header.
    Header(&'static str),
    /// The method in capitals.
    Method,
    /// The path as it goes out.
    WholePath,
    /// The query as it goes out, without the `?`.
    WholeQuery,
    /// The body as it goes out.
    Body,
}

/// Notation of a random text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RandomForm {
    /// A UUID: 36 characters, in lower case, with hyphens.
    Uuid,
    /// The same in 32 hexadecimal digits, without hyphens.
    Hex,
}

/// A token that an operation hands out.
#[derive(Clone, Copy, Debug)]
pub struct TokenRule {
    /// The operation, by its place in the API.
    pub operation: usize,
    /// The member of its reply with the token.
    pub member: &'static [&'static str],
    /// Lifetime.
    pub expiry: Expiry,
    /// The member of its reply with the service's own time, which `Expiry::At` is measured from.
    pub now: &'static [&'static str],
    /// Error codes of other operations that say that the token is not valid any more.
    pub expired: &'static [&'static str],
    /// HTTP statuses of other operations that say so.
    pub expired_statuses: &'static [u16],
}

/// Lifetime of a token.
#[derive(Clone, Copy, Debug)]
pub enum Expiry {
    /// Until the time in this member: seconds since 1970, or a date with time and offset.
    At(&'static [&'static str]),
    /// For the seconds in this member.
    In(&'static [&'static str]),
    /// For this time.
    For(Duration),
}
