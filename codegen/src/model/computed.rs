//! Computed values: encoded credentials, hashes, times, random texts and tokens.

use super::TimeNotation;

/// A value that the client makes.
#[derive(Debug)]
pub struct ComputedModel {
    /// Its name.
    pub name: String,
    /// How it is made.
    pub make: MakeModel,
    /// It must never be shown.
    pub secret: bool,
}

/// How a value is made.
#[derive(Debug)]
pub enum MakeModel {
    /// Parts one after another.
    Text(Vec<PieceModel>),
    /// The same in base64.
    Base64(Vec<PieceModel>),
    /// Hash with this number of bits.
    Hash {
        /// 256 or 512.
        bits: u16,
        /// The parts.
        over: Vec<PieceModel>,
        /// Written in base64.
        base64: bool,
    },
    /// A keyed hash.
    Hmac {
        /// 256 or 512.
        bits: u16,
        /// The key.
        key: PieceModel,
        /// How the bytes of the key are written.
        key_form: KeyForm,
        /// The parts.
        over: Vec<PieceModel>,
        /// Written in base64.
        base64: bool,
    },
    /// The time, in this notation.
    Now(TimeNotation),
    /// A random text; the runtime's word for its notation.
    Random(&'static str),
    /// A token.
    Token(TokenModel),
}

/// How the bytes of a key are written.
#[derive(Debug)]
pub enum KeyForm {
    /// The key is its text.
    Text,
    /// In base64, after this text.
    Base64(String),
}

/// A token that an operation hands out.
#[derive(Debug)]
pub struct TokenModel {
    /// The operation's number.
    pub operation: usize,
    /// The path of the token.
    pub member: Vec<String>,
    /// How long it is valid.
    pub expiry: ExpiryModel,
    /// The path of the service's time.
    pub now: Vec<String>,
    /// Codes that say that it is not valid any more.
    pub expired: Vec<String>,
    /// HTTP statuses that say so.
    pub expired_statuses: Vec<u16>,
}

/// How long a token is valid.
#[derive(Debug)]
pub enum ExpiryModel {
    /// Until the time at this path.
    At(Vec<String>),
    /// For the seconds at this path.
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
    /// Another value's number.
    Computed(usize),
    /// A named part of the request: the runtime's word, and the name.
    Named(&'static str, String),
    /// A whole part of the request: the runtime's word.
    Whole(&'static str),
}
