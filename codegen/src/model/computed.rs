//! Values that the client computes, such as encoded credentials, hashes, times, random texts and tokens.

use super::TimeNotation;

/// A value that the client computes.
#[derive(Debug)]
pub struct ComputedModel {
    /// Name of the value in the spec.
    pub name: String,
    /// Computation of the value.
    pub make: MakeModel,
    /// Set if the value must never be shown.
    pub secret: bool,
}

/// Computation of a value. Except for times, random texts and tokens, the computation begins by joining
/// [parts](PieceModel).
#[derive(Debug)]
pub enum MakeModel {
    /// The joined parts.
    Text(Vec<PieceModel>),
    /// The joined parts, encoded in base64.
    Base64(Vec<PieceModel>),
    /// MD5 of the joined parts. This variant is separate from [`MakeModel::Hash`], which is always SHA-2.
    Md5 {
        /// The parts.
        over: Vec<PieceModel>,
        /// Set if the hash is written in base64.
        base64: bool,
    },
    /// SHA-2 of the joined parts.
    Hash {
        /// Number of bits of the hash: 256 or 512.
        bits: u16,
        /// The parts.
        over: Vec<PieceModel>,
        /// Set if the hash is written in base64.
        base64: bool,
    },
    /// HMAC with SHA-2: a keyed hash of the joined parts.
    Hmac {
        /// Number of bits of the hash: 256 or 512.
        bits: u16,
        /// The part that contains the key of the HMAC.
        key: PieceModel,
        /// Encoding in which that part contains the key of the HMAC.
        key_form: KeyForm,
        /// The parts.
        over: Vec<PieceModel>,
        /// Set if the hash is written in base64.
        base64: bool,
    },
    /// The present time, in this notation.
    Now(TimeNotation),
    /// A random text. The field is the variant of the runtime's enum `RandomForm` for the notation of the text.
    Random(&'static str),
    /// A token that the client fetches from the service.
    Token(TokenModel),
}

/// Encoding in which a text contains the key of an HMAC.
#[derive(Debug)]
pub enum KeyForm {
    /// The bytes of the text are the key.
    Text,
    /// The text is the key in base64. If the text begins with this prefix, the prefix is not part of the key.
    Base64(String),
}

/// Token that an operation issues.
#[derive(Debug)]
pub struct TokenModel {
    /// Index of the operation that issues the token.
    pub operation: usize,
    /// Path of the token in the reply.
    pub member: Vec<String>,
    /// Period for which the token is valid.
    pub expiry: ExpiryModel,
    /// Path of the service's present time in the reply. Empty if the client uses its own clock.
    pub now: Vec<String>,
    /// Error codes that mean that the token is no longer valid.
    pub expired: Vec<String>,
    /// HTTP statuses that mean that the token is no longer valid.
    pub expired_statuses: Vec<u16>,
}

/// Period for which a token is valid.
#[derive(Debug)]
pub enum ExpiryModel {
    /// Until the time at this path of the reply.
    At(Vec<String>),
    /// For the number of seconds at this path of the reply.
    In(Vec<String>),
    /// For this number of seconds.
    For(u64),
}

/// Part of a computed value.
#[derive(Debug)]
pub enum PieceModel {
    /// A constant text.
    Text(String),
    /// Index of a credential.
    Credential(usize),
    /// Index of another computed value.
    Computed(usize),
    /// A named part of the message, such as a header. The fields are the variant of the runtime's enum for this kind of
    /// part, and the name of the part.
    Named(&'static str, String),
    /// A whole part of the message, such as the body. The field is the variant of the runtime's enum for this part.
    Whole(&'static str),
}
