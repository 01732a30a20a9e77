//! Named types and error codes.

use super::{Characters, FieldSpec, Format, Limit, Literal, Map, Note, Page, PageWords, Quirk, Sensitivity, Source};
use schemars::JsonSchema;
use serde::Deserialize;

/// File of named types and error codes. The folder of an API may have any number of such files.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TypesFile {
    /// Short description of what the file contains.
    pub types: String,
    /// Section of the page that this file transcribes.
    pub page: Page,
    /// Named text types, such as order numbers, tokens and keys.
    #[serde(default)]
    pub scalars: Map<Scalar>,
    /// Enumerations.
    #[serde(default)]
    pub enums: Map<Enum>,
    /// Amounts of money in one currency. The amount `won` is predefined.
    #[serde(default)]
    pub amounts: Map<AmountSpec>,
    /// Times and days whose notation the API defines.
    #[serde(default)]
    pub times: Map<TimeSpec>,
    /// Named groups of fields. A field uses a group as its type, or includes the fields of the group.
    #[serde(default)]
    pub objects: Map<ObjectSpec>,
    /// Unions: objects whose members depend on a discriminator.
    #[serde(default)]
    pub unions: Map<UnionSpec>,
    /// Error codes that are not specific to one operation. Each of them applies to all operations that do not list the
    /// code under `errors:`.
    #[serde(default)]
    pub codes: Map<Code>,
    /// Facts of the page that are not about a single field.
    #[serde(default)]
    pub notes: Vec<Note>,
    /// Contradictions of the page, and our readings of them.
    #[serde(default)]
    pub quirks: Vec<Quirk>,
}

/// Named type of texts.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scalar {
    /// Description of the type.
    pub doc: String,
    /// Upper limit, such as `50 characters` or `40 bytes of euc-kr`.
    pub max: Option<Limit>,
    /// Lower limit, such as `1 character`.
    pub min: Option<Limit>,
    /// Allowed characters.
    pub characters: Option<Characters>,
    /// Characters that only group digits. Two values are equal if they differ only in these characters.
    pub separators: Option<String>,
    /// Set if a text without a visible character is rejected.
    #[serde(default)]
    pub not_blank: bool,
    /// Format of the whole text.
    pub format: Option<Format>,
    /// Prefixes that show the environment of a value, each with the name of the environment. A value without any of
    /// these prefixes is accepted too.
    #[serde(default)]
    pub prefixes: Map<String>,
    /// Prefixes of values of another kind that callers often pass by mistake. Each has the text of the error with which
    /// the client rejects such a value.
    #[serde(default)]
    pub mistaken: Map<String>,
    /// How a caller can generate a value. The Rust type then has the function `random`.
    pub generated: Option<Generated>,
    /// Sensitivity of the values. Default: `public`.
    pub sensitivity: Option<Sensitivity>,
}

/// How a caller generates a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Generated {
    /// A random UUID, which has 36 characters.
    Uuid,
}

/// An enumeration.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Enum {
    /// Description of the enumeration.
    pub doc: String,
    /// Whether the values are texts or integers on the wire.
    #[serde(default)]
    pub coded_as: Coding,
    /// For an enumeration in requests: set if the service also accepts values that are not listed.
    #[serde(default)]
    pub accepts_others: bool,
    /// Set if received values are recognized regardless of upper and lower case.
    #[serde(default)]
    pub any_case: bool,
    /// Values of the enumeration. Each key is the text or the integer on the wire.
    pub values: Map<EnumValue>,
}

/// Type of an enumeration's values on the wire.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, serde::Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Coding {
    /// The values are texts.
    #[default]
    Text,
    /// The values are integers.
    Integer,
}

/// One value of an enumeration.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EnumValue {
    /// Meaning of the value.
    pub means: String,
    /// Rust name, if the value on the wire does not make a suitable one.
    pub name: Option<String>,
    /// Name that the service shows to people for this value, such as the name of a bank.
    pub label: Option<String>,
    /// For a state of a state machine: the states that can follow it. An empty list marks a final state.
    pub next: Option<Vec<String>>,
    /// For a state of a state machine: the actions that are allowed in it, such as `execute` or `refund`.
    pub allows: Option<Vec<String>>,
    /// For a state of a state machine: set if the machine starts in it.
    #[serde(default)]
    pub initial: bool,
    /// Words and numbers that state a rule in the page's description of the value, in the notation of the `page_words`
    /// of a field.
    #[serde(default)]
    pub page_words: PageWords,
    /// Source of the value.
    #[serde(default)]
    pub source: Source,
}

/// A named group of fields.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ObjectSpec {
    /// Description of the group.
    pub doc: String,
    /// Fields of the group.
    pub fields: Map<FieldSpec>,
    /// For a group that only some messages have: the field that selects the group, and its value. A message has the
    /// group if the field has this value.
    pub when: Option<Map<Literal>>,
}

/// An amount of money: a whole number of units of one currency.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AmountSpec {
    /// Description of the amounts.
    pub doc: String,
    /// Currency, as three capital letters. An amount is a number of minor units of the currency: cents of `EUR`, won of
    /// `KRW`.
    pub currency: String,
    /// Name of the unit in limits, such as `cents`.
    pub unit: String,
}

/// A time or a day whose notation the API defines.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TimeSpec {
    /// Description of the time or the day.
    pub doc: String,
    /// Notation of the value: a pattern such as `yyyyMMddHHmmss` or `yyyy-MM-dd'T'HH:mm:ssXXX`, or `unix_seconds` or
    /// `unix_milliseconds`.
    pub written: String,
    /// Time zone, such as `Asia/Seoul`, `UTC` or `+09:00`. Mandatory for a time whose notation has no offset, and not
    /// allowed for any other notation.
    pub zone: Option<String>,
}

/// Union: an object whose members depend on a discriminator.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UnionSpec {
    /// Description of the union.
    pub doc: String,
    /// Discriminator: the member whose value selects the case.
    pub by: String,
    /// Group of fields for each value of the discriminator. An object whose discriminator has another value is kept as
    /// received.
    pub cases: Map<String>,
}

/// An error code.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Code {
    /// Meaning of the code.
    pub means: String,
    /// Rust name, such as `OutOfStock`, if the code does not make a suitable one.
    pub name: Option<String>,
    /// Advice to a caller that receives the code.
    pub advice: Advice,
    /// Source of the code.
    #[serde(default)]
    pub source: Source,
}

/// Advice to a caller that receives an error code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Advice {
    /// Change the request.
    FixRequest,
    /// Check the credentials.
    CheckKey,
    /// Try again later.
    TryLater,
    /// Query the status, because the request may have taken effect.
    AskStatus,
    /// The effect already exists. An earlier attempt at the same request may have caused it.
    AlreadyDone,
    /// Show the error message of the reply to the purchaser.
    TellPurchaser,
}
