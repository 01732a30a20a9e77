//! Fields, and properties of their values.

use super::{Duration, Limit, Literal, Map, PageWords, Sends, Source};
use schemars::JsonSchema;
use serde::Deserialize;

/// Sensitivity of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Sensitivity {
    /// The value may be shown.
    Public,
    /// Personal data: never in logs or error texts.
    Personal,
    /// A secret that authorizes its holder: never in logs or error texts.
    Secret,
}

/// Format of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// An absolute http or https URL.
    HttpUrl,
    /// One segment of a URL path: not empty, not `.` or `..`.
    PathSegment,
}

/// Allowed characters of a text: `allow` or `forbid`, not both.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Characters {
    /// Only these: `digits`, `latin`, `hangul`, `blank`, or the characters themselves.
    pub allow: Option<Vec<String>>,
    /// All characters except these.
    pub forbid: Option<String>,
}

/// Field of a request, a reply, a callback, a group, a path or a query.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FieldSpec {
    /// Built-in type (`string`, `integer`, `decimal`, `boolean`, `won`, `instant`, `date`, `json`), a named type, or
    /// `list of` or `map of` such a type.
    #[serde(rename = "type")]
    pub of: Option<String>,
    /// Type of the entries, if the field is a list.
    pub list: Option<String>,
    /// Type of the values, if the field is an object whose names are data.
    pub map: Option<String>,
    /// For a list of texts or integers that is written as one text: the separator between its entries. Not allowed in
    /// paths and headers.
    pub joined: Option<String>,
    /// For a decimal number: set if the value is written as a text.
    #[serde(default)]
    pub quoted: bool,
    /// For a decimal number: largest number of digits after the decimal point.
    pub fraction: Option<u8>,
    /// For an amount: its currency as three capitals (`KRW`), or the sibling field that names the currency. A decimal
    /// number is then in major units, and an integer in minor units.
    pub currency: Option<String>,
    /// Alternatives, of which exactly one is given. The field's own name is not on the wire. Allowed only in the body
    /// of a request, not in a group. Each alternative needs a different named scalar.
    pub one_of: Option<Map<FieldSpec>>,
    /// Named group whose fields are included flat. The field's own name is not on the wire. Allowed only in replies and
    /// callbacks.
    pub include: Option<String>,
    /// Fields of an included or nested group in this place, in page order. Default: all.
    pub fields: Option<Vec<String>>,
    /// Description of the field.
    pub doc: Option<String>,
    /// Rust name, if the wire name is not suitable.
    pub name: Option<String>,
    /// Set if the caller must give the field.
    #[serde(default)]
    pub mandatory: bool,
    /// Condition under which the caller must give the field: another field has this value, or is absent and has this
    /// value as its `default`.
    pub mandatory_when: Option<Map<Literal>>,
    /// In a reply: set if every success has the field. A success without it is unreadable. Allowed only for a text, an
    /// enumeration or a list in the reply of an operation, not in a group, and not with `nullable`.
    #[serde(default)]
    pub always: bool,
    /// Set if `null` is a value of its own, and is sent. Not allowed for path parameters, headers, alternatives and
    /// included groups.
    #[serde(default)]
    pub nullable: bool,
    /// Upper limit, with its unit: `50 characters`, `40 bytes of euc-kr`, `7 digits`, `10 items`, `500 won`, `value 5`.
    /// For a decimal number, `digits` counts the digits before the decimal point.
    pub max: Option<Limit>,
    /// Lower limit, with its unit: `1 character`, `1 item`; for a number: `1 won`, `value 1`.
    pub min: Option<Limit>,
    /// For a decimal number: exclusive lower limit, as a whole number. `more_than: 0` allows 0.01, but not 0.
    pub more_than: Option<i64>,
    /// Allowed characters.
    pub characters: Option<Characters>,
    /// Set if a text of white space only is rejected.
    #[serde(default)]
    pub not_blank: bool,
    /// Format of the text.
    pub format: Option<Format>,
    /// Value that the service assumes if the field is absent.
    pub default: Option<Literal>,
    /// For a time: largest distance into the future. The time must not be in the past.
    pub within: Option<Duration>,
    /// For a URL in a request: the only port that the service calls. Another port causes a warning.
    pub expected_port: Option<u16>,
    /// Source of the value: `client` for the credential of the field's type, or the name of a computed value. Default:
    /// the caller passes the value with each request. Allowed only in queries, headers and bodies of requests; `client`
    /// also in paths.
    pub supplied_by: Option<String>,
    /// Value that is always sent, so that the caller does not pass it. Allowed only for a text, a number or a boolean
    /// in a request, not in its path.
    pub fixed: Option<Literal>,
    /// For an amount in a reply, a callback or a group: set if it is written as a negative number. Allowed only for
    /// `integer` and amounts such as `won`, because a `decimal` keeps its sign.
    #[serde(default)]
    pub negative: bool,
    /// Named choices instead of a plain value: `everything_left: absent`. Only in requests.
    #[serde(default)]
    pub choices: Map<Choice>,
    /// Set if there are only the named choices, and no plain setter.
    #[serde(default)]
    pub choices_only: bool,
    /// In a callback: the version that has the field. Default: all.
    pub only_in: Option<String>,
    /// Sensitivity. Default: the sensitivity of its type, otherwise `public`.
    pub sensitivity: Option<Sensitivity>,
    /// Words and numbers that state a rule in the page's description of the field: `60 minutes`, `_-:.^@`. `audit`
    /// reports a word that disappears from the page. `…` at the end stands for the rest of a word. `…` alone stands for
    /// any text between words in this order.
    #[serde(default)]
    pub page_words: PageWords,
    /// Source of the field.
    #[serde(default)]
    pub source: Source,
}

/// Named choice for a field.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// Value to send: `absent`, `null`, `true` or `false`.
    pub sends: Sends,
    /// Recovery class of a request with this choice. Default: the class of the operation.
    pub recovery: Option<super::RecoveryClass>,
    /// Meaning of the choice.
    pub doc: String,
}

/// A rule that spans several fields.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Fields whose sum must not exceed the total, and must equal it if all of `exact_when` are given.
    pub parts: Vec<String>,
    /// Field with the total.
    pub total: String,
    /// Parts that make the sum exact: if all of them are given, the service computes no other part.
    #[serde(default)]
    pub exact_when: Vec<String>,
    /// Description of the rule.
    pub doc: String,
    /// Source of the rule.
    #[serde(default)]
    pub source: Source,
}
