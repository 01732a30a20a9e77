//! Fields of messages, and the rules for the values of a field.

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

/// Format of a whole text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// An absolute http or https URL.
    HttpUrl,
    /// One segment of a URL path: any text except an empty one, `.` and `..`.
    PathSegment,
}

/// Allowed characters of a text. Exactly one of the keys `allow` and `forbid` is given.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Characters {
    /// Allowed characters. Each entry is the name of a set (`digits`, `latin`, `hangul`, `blank`), or a text of allowed
    /// ASCII characters such as `-_`.
    pub allow: Option<Vec<String>>,
    /// Characters that are not allowed. All other characters are allowed.
    pub forbid: Option<String>,
}

/// Field of a path, a query, headers, a request body, a reply, a callback or a group. Exactly one of the keys `type`,
/// `list`, `map`, `one_of` and `include` is given.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FieldSpec {
    /// Type of the value: a built-in type (`string`, `integer`, `decimal`, `boolean`, `won`, `instant`, `date` or
    /// `json`), a named type, or `list of` or `map of` such a type.
    #[serde(rename = "type")]
    pub of: Option<String>,
    /// Type of the entries, if the field is a list.
    pub list: Option<String>,
    /// Type of the values, if the field is an object whose member names are data, such as product numbers.
    pub map: Option<String>,
    /// For a list of texts or integers that is written as one text: the separator between its entries. Not allowed in
    /// paths and headers, and not with `nullable` or `always`.
    pub joined: Option<String>,
    /// For a decimal number: set if the number is written as a text.
    #[serde(default)]
    pub quoted: bool,
    /// For a decimal number: the largest number of digits after the decimal point.
    pub fraction: Option<u8>,
    /// For an amount of the type `decimal` or `integer`: its currency as three capital letters (`KRW`), or the sibling
    /// field that names the currency. A decimal number is then in major units, and an integer in minor units.
    pub currency: Option<String>,
    /// Alternatives. A request has at most one of them, or exactly one if `mandatory` is set. The type of each
    /// alternative must be a different named scalar. The name of this field is not on the wire. Allowed only in the
    /// body of a request, not in a group.
    pub one_of: Option<Map<FieldSpec>>,
    /// Named group whose fields are on the same level as this field. The name of this field is not on the wire. Allowed
    /// only in replies and callbacks.
    pub include: Option<String>,
    /// For a group: those of the group's fields that the page lists here, in the order of the page. Default: all fields
    /// of the group.
    pub fields: Option<Vec<String>>,
    /// Description of the field.
    pub doc: Option<String>,
    /// Rust name, if the wire name does not make a suitable one.
    pub name: Option<String>,
    /// Set if the caller must pass the field.
    #[serde(default)]
    pub mandatory: bool,
    /// Conditions, each of which alone makes the field mandatory. An entry `other: value` holds if the field `other`
    /// has the value, or is absent and has the value as its `default`.
    pub mandatory_when: Option<Map<Literal>>,
    /// In a reply: set if every success has the field. A success without it is unreadable, so the outcome is unknown.
    /// Allowed only for a text, an enumeration of texts or a list in the reply of an operation, not in a group, and not with
    /// `nullable`.
    #[serde(default)]
    pub always: bool,
    /// Set if null is one of the values of the field. A request can then contain null, which differs from an absent
    /// field. For a list in a request, only the entries can be null, not the list itself. Not allowed for path
    /// parameters, headers, alternatives and included groups.
    #[serde(default)]
    pub nullable: bool,
    /// Upper limit, with its unit: `50 characters`, `40 bytes of euc-kr`, `7 digits`, `10 items`, `500 won`, `value 5`.
    /// For a decimal number, `digits` counts only the digits before the decimal point.
    pub max: Option<Limit>,
    /// Lower limit, with its unit: `1 character`, `1 item`, `1 won`, `value 1`.
    pub min: Option<Limit>,
    /// For a decimal number: a whole number that the value must exceed. `more_than: 0` allows 0.01, but not 0.
    pub more_than: Option<i64>,
    /// Allowed characters.
    pub characters: Option<Characters>,
    /// Set if a text without a visible character is rejected.
    #[serde(default)]
    pub not_blank: bool,
    /// Format of the whole text.
    pub format: Option<Format>,
    /// Value that the service assumes if the field is absent.
    pub default: Option<Literal>,
    /// For a time in a request: how far the time may be in the future, in whole minutes. A time in the past is
    /// rejected.
    pub within: Option<Duration>,
    /// For a URL in a request: the only port that the service calls. A URL with another port causes a warning.
    pub expected_port: Option<u16>,
    /// Source of the value: `client` for the credential that has the type of the field, or the name of a computed
    /// value. Default: the caller passes the value with each request. Allowed only in requests, not in a group. In a
    /// path, only `client` is allowed.
    pub supplied_by: Option<String>,
    /// Value that is always sent, so that the caller does not pass it. Allowed only in the query and the body of a
    /// request and in a group, for a text, an enumeration, an integer, an amount such as `won`, or a boolean.
    pub fixed: Option<Literal>,
    /// For an amount in a reply, a callback or a group: set if the amount is written as a negative number. A method
    /// then returns the magnitude of the amount. Allowed only for `integer` and amounts such as `won`, because a
    /// `decimal` keeps its sign.
    #[serde(default)]
    pub negative: bool,
    /// Named choices, each of which becomes a method that sends its value:
    /// `everything_left: { sends: absent, doc: The rest. }`. Only in requests.
    #[serde(default)]
    pub choices: Map<Choice>,
    /// Set if callers can use only the named choices, and cannot pass any other value.
    #[serde(default)]
    pub choices_only: bool,
    /// In a callback: the version of the message that has the field. Default: all versions.
    pub only_in: Option<String>,
    /// Sensitivity of the value. Default: the sensitivity of the type, or `public` if the type has none.
    pub sensitivity: Option<Sensitivity>,
    /// Words and numbers that state a rule in the page's description of the field, such as `60 minutes` or `_-:.^@`.
    /// `audit` reports words that are no longer on the page. A `…` at the end of a word matches any rest of the word. A
    /// separate `…` between two words matches up to 11 other words.
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
    /// Recovery class of a request with this choice, which cannot be less strict than the class of the operation. If
    /// a request has several choices with a class, the strictest class applies. Not allowed in groups. Default: the
    /// class of the operation.
    pub recovery: Option<super::RecoveryClass>,
    /// Meaning of the choice.
    pub doc: String,
}

/// A rule for the sum of several fields of a request.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Fields whose sum must not exceed the total.
    pub parts: Vec<String>,
    /// Field with the total. If the caller does not pass it, each part must be absent or 0.
    pub total: String,
    /// Parts that make the sum exact. If the caller passes all of these fields, the service adds no further amount, so
    /// the sum must equal the total.
    #[serde(default)]
    pub exact_when: Vec<String>,
    /// Description of the rule.
    pub doc: String,
    /// Source of the rule.
    #[serde(default)]
    pub source: Source,
}
