//! Describes computed values as static data. Such a value is, for example, an encoded credential, a hash, a time, a
//! random text or a token. [`evaluate`] computes the values.

pub(crate) mod compare;
pub(crate) mod evaluate;

use rules::TimeFormat;
use std::time::Duration;

/// A value that the client computes, or that proves the sender of a message.
#[derive(Clone, Copy, Debug)]
pub struct Computed {
    /// Name of the value in the spec.
    pub name: &'static str,
    /// How the value is computed.
    pub make: Make,
    /// `true` if the value must never be shown.
    pub secret: bool,
}

/// Computation of a value.
#[derive(Clone, Copy, Debug)]
pub enum Make {
    /// The parts, joined without separators.
    Text(&'static [Piece]),
    /// The joined parts in base64.
    Base64(&'static [Piece]),
    /// The MD5 hash of the joined parts. The enum [`Hash`] does not contain MD5, because no keyed hash uses it.
    Md5 {
        /// The parts.
        over: &'static [Piece],
        /// Encoding of the hash.
        written: Written,
    },
    /// A hash of the joined parts.
    Hash {
        /// The hash function.
        hash: Hash,
        /// The parts.
        over: &'static [Piece],
        /// Encoding of the hash.
        written: Written,
    },
    /// A keyed hash (HMAC) of the joined parts.
    Hmac {
        /// The hash function.
        hash: Hash,
        /// The key.
        key: Piece,
        /// Encoding of the key's bytes.
        key_form: KeyForm,
        /// The parts.
        over: &'static [Piece],
        /// Encoding of the hash.
        written: Written,
    },
    /// The time of an attempt. If the body contains the value, all attempts use the time of the first one.
    Now(TimeFormat<'static>),
    /// A random text, which differs on each attempt. If the body contains the value, all attempts use the text of the
    /// first one.
    Random(RandomForm),
    /// A token that an operation issues.
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

/// Encoding of the key of a keyed hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyForm {
    /// The key is the text.
    Text,
    /// The key is the bytes that the text encodes in base64.
    Base64 {
        /// Prefix that is not part of the key, such as `whsec_`. A text without the prefix is accepted too.
        after: &'static str,
    },
}

/// A part of a computed value, or of the text from which the value is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece {
    /// A constant text.
    Text(&'static str),
    /// A credential, by its index.
    Credential(usize),
    /// Another computed value, by its index.
    Computed(usize),
    /// A path parameter as it was given, not encoded.
    Path(&'static str),
    /// A query parameter as it was given, not encoded.
    Query(&'static str),
    /// A member of the body: a text without its quotes, any other value as JSON. In a request, an absent member counts
    /// as an empty text. In a message with a proof, each member must be present.
    Member(&'static str),
    /// A header, by its name.
    Header(&'static str),
    /// The HTTP method in capitals.
    Method,
    /// The path as sent.
    WholePath,
    /// The query as sent, without the `?`.
    WholeQuery,
    /// The body as sent.
    Body,
}

/// Notation of a random text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RandomForm {
    /// A UUID: 36 characters, in lower case, with hyphens.
    Uuid,
    /// A UUID without hyphens: 32 hexadecimal digits.
    Hex,
}

/// A token that an operation issues.
#[derive(Clone, Copy, Debug)]
pub struct TokenRule {
    /// The operation that issues the token, by its index in the API.
    pub operation: usize,
    /// Path of the member that contains the token, in the reply of the operation.
    pub member: &'static [&'static str],
    /// How long the token is valid.
    pub expiry: Expiry,
    /// Path of the member that contains the service's current time, in the same reply. The lifetime is the difference
    /// between [`Expiry::At`] and this time. If the path is empty, the client's clock is used.
    pub now: &'static [&'static str],
    /// Error codes with which other operations report that the token is no longer valid.
    pub expired: &'static [&'static str],
    /// HTTP statuses with which other operations report that the token is no longer valid.
    pub expired_statuses: &'static [u16],
}

/// Lifetime of a token.
#[derive(Clone, Copy, Debug)]
pub enum Expiry {
    /// Until the time in the member at this path: seconds since 1970, or a date and time with an offset.
    At(&'static [&'static str]),
    /// For the number of seconds in the member at this path.
    In(&'static [&'static str]),
    /// For this duration.
    For(Duration),
}
