//! Computed values: encoded credentials, hashes, times, random texts and tokens.

use super::TimeNotation;

/// A value that the client computes.
#[derive(Debug)]
pub struct ComputedModel {
    /// Its name.
    pub name: String,
    /// Computation of the value.
    pub make: MakeModel,
    /// Set if the value must never be shown.
    pub secret: bool,
}

/// Computation of a value.
#[derive(Debug)]
pub enum MakeModel {
    /// Joined parts.
    Text(Vec<PieceModel>),
    /// Joined parts in base64.
    Base64(Vec<PieceModel>),
    /// MD5 of the parts. Separate from [`MakeModel::Hash`], because no keyed hash uses MD5.
    Md5 {
        /// The parts.
        over: Vec<PieceModel>,
        /// Set if the hash is written in base64.
        base64: bool,
    },
    /// SHA-2 of this number of bits.
    Hash {
        /// 256 or 512.
        bits: u16,
        /// The parts.
        over: Vec<PieceModel>,
        /// Set if the hash is written in base64.
        base64: bool,
    },
    /// A keyed hash.
    Hmac {
        /// 256 or 512.
        bits: u16,
        /// The key.
        key: PieceModel,
        /// Encoding of the key's bytes.
        key_form: KeyForm,
        /// The parts.
        over: Vec<PieceModel>,
        /// Set if the hash is written in base64.
        base64: bool,
    },
    /// The time, in this notation.
    Now(TimeNotation),
    /// A random text, with the name of its notation in the runtime.
    Random(&'static str),
    /// A token.
    Token(TokenModel),
}

/// Encoding of a key's bytes.
#[derive(Debug)]
pub enum KeyForm {
    /// The key is its text.
    Text,
    /// In base64, after this text.
    Base64(String),
}

/// A token that an operation issues.
#[derive(Debug)]
pub struct TokenModel {
    /// Index of the operation.
    pub operation: usize,
    /// The path of the token.
    pub member: Vec<String>,
    /// Validity of the token.
    pub expiry: ExpiryModel,
    /// The path of the service's time.
    pub now: Vec<String>,
    /// Error codes that mean that the token is no longer valid.
    pub expired: Vec<String>,
    /// HTTP statuses that mean that the token is no longer valid.
    pub expired_statuses: Vec<u16>,
}

/// Validity of a token.
#[derive(Debug)]
pub enum ExpiryModel {
    /// Until the time at this path.
    At(Vec<String>),
    /// For the number of seconds at this path.
    In(Vec<String>),
    /// Valid for this number of seconds.
    For(u64),
}

/// A part of a value.
#[derive(Debug)]
pub enum PieceModel {
    /// A text.
    Text(String),
    /// A credential's number.
    Credential(usize),
    /// Index of another value.
    Computed(usize),
    /// A named part of the request: the runtime's variant, and the name.
    Named(&'static str, String),
    /// A whole part of the request: the runtime's variant.
    Whole(&'static str),
}
