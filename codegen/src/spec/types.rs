//! Named types and error codes.

use super::{Characters, FieldSpec, Format, Limit, Literal, Map, Note, Page, PageWords, Quirk, Sensitivity, Source};
use schemars::JsonSchema;
use serde::Deserialize;

/// File of named types and error codes. An API's folder may have any number of such files.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TypesFile {
    /// Short description of the file's content.
    pub types: String,
    /// Section of the page that this file transcribes.
    pub page: Page,
    /// Named scalars: order numbers, tokens, keys.
    #[serde(default)]
    pub scalars: Map<Scalar>,
    /// Enumerations.
    #[serde(default)]
    pub enums: Map<Enum>,
    /// Amounts of money in one currency. `won` is predefined.
    #[serde(default)]
    pub amounts: Map<AmountSpec>,
    /// Times and days with a notation of their own.
    #[serde(default)]
    pub times: Map<TimeSpec>,
    /// Named groups of fields, used as a nested object or included flat.
    #[serde(default)]
    pub objects: Map<ObjectSpec>,
    /// Unions: objects whose members depend on a discriminator.
    #[serde(default)]
    pub unions: Map<UnionSpec>,
    /// Error codes that are not listed with an operation.
    #[serde(default)]
    pub codes: Map<Code>,
    /// Facts of the page that are not about a single field.
    #[serde(default)]
    pub notes: Vec<Note>,
    /// Contradictions of the page, and our readings.
    #[serde(default)]
    pub quirks: Vec<Quirk>,
}

/// Named string type.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scalar {
    /// Description of the type.
    pub doc: String,
    /// Upper limit, with its unit: `50 characters`.
    pub max: Option<Limit>,
    /// Lower limit, with its unit: `1 character`.
    pub min: Option<Limit>,
    /// Allowed characters.
    pub characters: Option<Characters>,
    /// Characters that only group digits: values that differ only in these characters are the same.
    pub separators: Option<String>,
    /// Set if a text of white space only is rejected.
    #[serde(default)]
    pub not_blank: bool,
    /// Format of its text.
    pub format: Option<Format>,
    /// Prefixes of valid values, and the environment of each.
    #[serde(default)]
    pub prefixes: Map<String>,
    /// Prefixes of values of another kind that are often given by mistake, and the message for each.
    #[serde(default)]
    pub mistaken: Map<String>,
    /// Generation of a value by the caller.
    pub generated: Option<Generated>,
    /// Sensitivity.
    pub sensitivity: Option<Sensitivity>,
}

/// Generation of an identifier by the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Generated {
    /// A random UUID: 36 characters.
    Uuid,
}

/// An enumeration.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Enum {
    /// Description of the enumeration.
    pub doc: String,
    /// Type of the values on the wire: texts or integers.
    #[serde(default)]
    pub coded_as: Coding,
    /// In requests: set if texts that are not listed are accepted too.
    #[serde(default)]
    pub accepts_others: bool,
    /// Set if upper and lower case are not distinguished.
    #[serde(default)]
    pub any_case: bool,
    /// The values, by their text on the wire.
    pub values: Map<EnumValue>,
}

/// Type of an enumeration's values on the wire.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, serde::Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Coding {
    /// Texts.
    #[default]
    Text,
    /// Integers.
    Integer,
}

/// One value of an enumeration.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EnumValue {
    /// Meaning of the value.
    pub means: String,
    /// Rust name, if the wire text is not suitable.
    pub name: Option<String>,
    /// Name that the service uses in texts for people.
    pub label: Option<String>,
    /// For statuses: the statuses that can follow.
    pub next: Option<Vec<String>>,
    /// For statuses: actions that are allowed in it (`execute`, `refund`).
    pub allows: Option<Vec<String>>,
    /// For statuses: set for the initial status.
    #[serde(default)]
    pub initial: bool,
    /// Words and numbers that state a rule in the page's description of the value, as for a field.
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
    /// The fields.
    pub fields: Map<FieldSpec>,
    /// For a group that is included flat: the discriminating field and the value that selects this group.
    pub when: Option<Map<Literal>>,
}

/// An amount of money: a whole number of units of one currency.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AmountSpec {
    /// Meaning of the amounts.
    pub doc: String,
    /// Currency, as three capitals. The amount counts minor units of the currency: cents of `EUR`, won of `KRW`.
    pub currency: String,
    /// Name of the unit in limits: `cents`.
    pub unit: String,
}

/// A time or a day with a notation of its own.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TimeSpec {
    /// Meaning of the time.
    pub doc: String,
    /// Notation: `yyyyMMddHHmmss`, `yyyy-MM-dd'T'HH:mm:ssXXX`, `unix_seconds` or `unix_milliseconds`.
    pub written: String,
    /// Time zone of a notation without an offset: `Asia/Seoul`, `UTC`, `+09:00`.
    pub zone: Option<String>,
}

/// Union: an object whose members depend on a discriminator.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UnionSpec {
    /// Meaning of the union.
    pub doc: String,
    /// Discriminator: the member that identifies the case.
    pub by: String,
    /// Object for each value of the discriminator. An object with another value is kept as received.
    pub cases: Map<String>,
}

/// An error code.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Code {
    /// Meaning of the code.
    pub means: String,
    /// Rust name, if the code is not suitable: `OutOfStock`.
    pub name: Option<String>,
    /// Advice to the caller.
    pub advice: Advice,
    /// Source of the code.
    #[serde(default)]
    pub source: Source,
}

/// Advice to the caller for an error code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Advice {
    /// Change the request.
    FixRequest,
    /// Check the credentials.
    CheckKey,
    /// Try again later.
    TryLater,
    /// The request may have taken effect: ask for the status.
    AskStatus,
    /// The effect already exists.
    AlreadyDone,
    /// Show the message to the purchaser.
    TellPurchaser,
}
