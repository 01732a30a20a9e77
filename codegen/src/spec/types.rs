//! Named types and error codes.

use super::{Characters, FieldSpec, Format, Limit, Literal, Map, Note, Page, PageWords, Quirk, Sensitivity, Source};
use schemars::JsonSchema;
use serde::Deserialize;

/// A file of named types and error codes. Any number of them may stand in an API's folder.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TypesFile {
    /// What the file holds, in a few words.
    pub types: String,
    /// The section of the page this file transcribes.
    pub page: Page,
    /// Named scalars: order numbers, tokens, keys.
    #[serde(default)]
    pub scalars: Map<Scalar>,
    /// Enumerations.
    #[serde(default)]
    pub enums: Map<Enum>,
    /// Times and days in a notation of their own.
    #[serde(default)]
    pub times: Map<TimeSpec>,
    /// Named groups of fields, used as a nested object or included flat.
    #[serde(default)]
    pub objects: Map<ObjectSpec>,
    /// Objects of several kinds, told apart by a member.
    #[serde(default)]
    pub unions: Map<UnionSpec>,
    /// Error codes that are not listed with an operation.
    #[serde(default)]
    pub codes: Map<Code>,
    /// Facts of the page that concern no single field.
    #[serde(default)]
    pub notes: Vec<Note>,
    /// Places where the page contradicts itself, and how we read them.
    #[serde(default)]
    pub quirks: Vec<Quirk>,
}

/// A named string type.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scalar {
    /// What it is.
    pub doc: String,
    /// Upper bound, with its unit: `50 characters`.
    pub max: Option<Limit>,
    /// Lower bound, with its unit: `1 character`.
    pub min: Option<Limit>,
    /// Which characters it may have.
    pub characters: Option<Characters>,
    /// Characters that only group its digits: two values that differ in nothing else name the same.
    pub separators: Option<String>,
    /// Not only white space.
    #[serde(default)]
    pub not_blank: bool,
    /// The notation its text must follow.
    pub format: Option<Format>,
    /// Beginnings of a proper value, and the environment each stands for.
    #[serde(default)]
    pub prefixes: Map<String>,
    /// Beginnings of a value people mistake for this one, and what to tell them.
    #[serde(default)]
    pub mistaken: Map<String>,
    /// How the caller's side makes one.
    pub generated: Option<Generated>,
    /// Whether it may be shown.
    pub sensitivity: Option<Sensitivity>,
}

/// How the caller's side makes an identifier.
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
    /// What it tells apart.
    pub doc: String,
    /// Whether values are texts or integers on the wire.
    #[serde(default)]
    pub coded_as: Coding,
    /// In requests, other texts than the listed ones are accepted too.
    #[serde(default)]
    pub accepts_others: bool,
    /// Values are recognized in either case.
    #[serde(default)]
    pub any_case: bool,
    /// The values, by their text on the wire.
    pub values: Map<EnumValue>,
}

/// How an enumeration's values are written.
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
    /// What it means.
    pub means: String,
    /// The Rust name, where the wire text is no use.
    pub name: Option<String>,
    /// What the service calls it in texts for people.
    pub label: Option<String>,
    /// Statuses only: the statuses that can follow.
    pub next: Option<Vec<String>>,
    /// Statuses only: what the caller may ask for while it lasts (`execute`, `refund`).
    pub allows: Option<Vec<String>>,
    /// Statuses only: where everything begins.
    #[serde(default)]
    pub initial: bool,
    /// Words and numbers of its explanation on the page that carry a rule, as those of a field.
    #[serde(default)]
    pub page_words: PageWords,
    /// Where it comes from.
    #[serde(default)]
    pub source: Source,
}

/// A named group of fields.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ObjectSpec {
    /// What the fields describe together.
    pub doc: String,
    /// The fields.
    pub fields: Map<FieldSpec>,
    /// Included flat: the value of the operation's discriminating field that says these fields are there.
    pub when: Option<Map<Literal>>,
}

/// A time or a day in a notation of its own.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TimeSpec {
    /// What it tells.
    pub doc: String,
    /// How it is written: `yyyyMMddHHmmss`, `yyyy-MM-dd'T'HH:mm:ssXXX`, `unix_seconds` or `unix_milliseconds`.
    pub written: String,
    /// The zone of a notation without an offset: `Asia/Seoul`, `UTC`, `+09:00`.
    pub zone: Option<String>,
}

/// An object of one of several kinds, told apart by a member of it.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UnionSpec {
    /// What the kinds have in common.
    pub doc: String,
    /// The member that tells which it is.
    pub by: String,
    /// The object for each value of that member. An object of another value is kept as it came.
    pub cases: Map<String>,
}

/// An error code.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Code {
    /// What it means.
    pub means: String,
    /// The Rust name, where the code is no use: `OutOfStock`.
    pub name: Option<String>,
    /// What the caller should do.
    pub advice: Advice,
    /// Where it comes from.
    #[serde(default)]
    pub source: Source,
}

/// What a caller should do about an error code.
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
    /// The effect is there already.
    AlreadyDone,
    /// Tell the purchaser.
    TellPurchaser,
}
