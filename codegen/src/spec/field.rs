//! Fields, wherever they stand, and what can be said about their values.

use super::{Duration, Limit, Literal, Map, PageWords, Sends, Source};
use schemars::JsonSchema;
use serde::Deserialize;

/// Whether a value may be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Sensitivity {
    /// It may.
    Public,
    /// It concerns a person: never in logs or error texts.
    Personal,
    /// Who holds it can act: never in logs or error texts.
    Secret,
}

/// The notation a text must follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// An absolute http or https URL.
    HttpUrl,
    /// One segment of a URL path: not empty, not `.` or `..`.
    PathSegment,
}

/// Which characters a text may have: `allow` or `forbid`, not both.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Characters {
    /// Only these: `digits`, `latin`, `hangul`, `blank`, or the characters themselves.
    pub allow: Option<Vec<String>>,
    /// Any but these characters.
    pub forbid: Option<String>,
}

/// A field: of a request, a reply, a callback, a group, a path or a query.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FieldSpec {
    /// A built-in type (`string`, `integer`, `decimal`, `boolean`, `won`, `instant`, `date`, `kst_date_time`,
    /// `civil_date_time`, `json`), a named one, or `list of` or `map of` one.
    #[serde(rename = "type")]
    pub of: Option<String>,
    /// The field is a list of this type.
    pub list: Option<String>,
    /// The field is an object whose names are data, with values of this type.
    pub map: Option<String>,
    /// The request always has this value; the caller does not give it.
    pub fixed: Option<Literal>,
    /// Of a list: written as one text, with this separator between its entries.
    pub joined: Option<String>,
    /// Of a decimal number: written as a text.
    #[serde(default)]
    pub quoted: bool,
    /// Of a decimal number: the most digits behind the point.
    pub fraction: Option<u8>,
    /// Of an amount: its currency, as three capitals (`KRW`), or the field beside it that names the currency. A decimal
    /// number is in units then, and an integer in minor units.
    pub currency: Option<String>,
    /// Exactly one of these is given. The field's own name is not on the wire.
    pub one_of: Option<Map<FieldSpec>>,
    /// The named group's fields stand here, flat. The field's own name is not on the wire.
    pub include: Option<String>,
    /// Of an included or nested group: the fields this place lists, in page order. Absent: all.
    pub fields: Option<Vec<String>>,
    /// What it is.
    pub doc: Option<String>,
    /// The Rust name, where the wire name is no use.
    pub name: Option<String>,
    /// The caller must give it.
    #[serde(default)]
    pub mandatory: bool,
    /// The caller must give it when another field has this value.
    pub mandatory_when: Option<Map<Literal>>,
    /// Of a reply: a success always carries it; one without it cannot be understood.
    #[serde(default)]
    pub always: bool,
    /// `null` is a value of its own, and is sent.
    #[serde(default)]
    pub nullable: bool,
    /// Upper bound, with its unit: `50 characters`, `40 bytes of euc-kr`, `7 digits`, `10 items`, `500 won`, `value 5`. Of a
    /// decimal number, digits are those before the point.
    pub max: Option<Limit>,
    /// Lower bound, with its unit: `1 character`, `1 item`; of a number itself: `1 won`, `value 1`.
    pub min: Option<Limit>,
    /// Which characters it may have.
    pub characters: Option<Characters>,
    /// Not only white space.
    #[serde(default)]
    pub not_blank: bool,
    /// The notation its text must follow.
    pub format: Option<Format>,
    /// What the service assumes when it is absent.
    pub default: Option<Literal>,
    /// Of a time: at most this far ahead, and not past.
    pub within: Option<Duration>,
    /// Of a URL: ports other than this one are worth a warning.
    pub expected_port: Option<u16>,
    /// Who provides the value: `client`, from the credential of the field's type, or the name of a computed value. Absent:
    /// the caller, with each request.
    pub supplied_by: Option<String>,
    /// Of an amount in a reply: it is written as a negative number.
    #[serde(default)]
    pub negative: bool,
    /// Deliberate choices with a name of their own, instead of a plain value: `everything_left: absent`.
    #[serde(default)]
    pub choices: Map<Choice>,
    /// There is no plain setter, only the choices.
    #[serde(default)]
    pub choices_only: bool,
    /// Of a callback: the version that has it. Absent: all.
    pub only_in: Option<String>,
    /// Whether it may be shown. Absent: as its type says, else it may.
    pub sensitivity: Option<Sensitivity>,
    /// Words and numbers of its description on the page that carry a rule: `60 minutes`, `_-:.^@`. `audit` reports
    /// one that is no longer there. `…` at the end stands for the rest of a word, and by itself for what stands between
    /// words that have to come in this order.
    #[serde(default)]
    pub page_words: PageWords,
    /// Where it comes from.
    #[serde(default)]
    pub source: Source,
}

/// A deliberate choice for a field.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// What is sent: `absent`, `null`, `true` or `false`.
    pub sends: Sends,
    /// Whether the request may still be sent again when its answer is lost. Absent: as the operation says.
    pub recovery: Option<super::RecoveryClass>,
    /// What choosing it means.
    pub doc: String,
}

/// A rule that spans several fields.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// The parts may not exceed the total, and must equal it when `exact_when` are all given.
    pub parts: Vec<String>,
    /// The field that holds the total.
    pub total: String,
    /// The parts that, given together, leave nothing for the service to work out.
    #[serde(default)]
    pub exact_when: Vec<String>,
    /// The rule in words.
    pub doc: String,
    /// Where it comes from.
    #[serde(default)]
    pub source: Source,
}
