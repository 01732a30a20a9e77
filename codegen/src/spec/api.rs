//! `api.yaml`: description of an API as a whole.

use super::{
    Addresses, Coding, Computations, Duration, Encoding, FieldSpec, Language, Literal, Literals, Map, Note, Page,
    Quirk, Sensitivity,
};
use schemars::JsonSchema;
use serde::Deserialize;

/// `api.yaml`: description of an API as a whole.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ApiFile {
    /// Name of the API. Its folder below the spec folder and its module in the generated crate have the same name.
    pub api: String,
    /// Title of the API for people.
    pub title: String,
    /// Purpose of the API, in one or two sentences.
    pub summary: String,
    /// Operations and callbacks in the order in which a caller uses them. Each entry is one step: the key is the id of
    /// an operation or a callback, and the value describes the step. The documentation of the generated module contains
    /// this list.
    #[serde(default)]
    pub flow: Map<String>,
    /// Section of the page that this file transcribes.
    pub page: Page,
    /// Language of the page that the spec transcribes. The headings under `section:` are in this language. So are the
    /// page words that the spec lists without a language.
    #[serde(default)]
    pub page_language: Language,
    /// Version history of the page.
    #[serde(default)]
    pub history: Vec<Revision>,
    /// Base URL of each stage, such as the test stage and the live stage.
    pub base_urls: Map<BaseUrl>,
    /// Stage that a client calls by default.
    pub default_stage: String,
    /// Credentials that the provider issues to the caller. The caller passes them when it creates a client.
    pub credentials: Map<Credential>,
    /// Values that the client computes and adds to requests.
    #[serde(default)]
    pub computed: Computations,
    /// Headers that the client sends with requests. An operation can replace them by its own headers of the same names.
    #[serde(default)]
    pub headers: Map<Header>,
    /// Encodings that the service accepts for request bodies. The client sends JSON if `json` is listed, and forms
    /// otherwise. An operation can have other encodings under its own `bodies:`.
    pub bodies: Vec<Encoding>,
    /// Envelope of the replies: the members and statuses that show whether a request succeeded.
    pub envelope: Envelope,
    /// HTTP statuses that the page documents. A key is a status such as `200`, or a class such as `50x`.
    pub http_statuses: Map<HttpStatus>,
    /// IPv4 addresses from which the service sends callbacks: `192.0.2.1`, or a range such as `192.0.2.1-192.0.2.9`.
    #[serde(default)]
    pub callback_sources: Vec<Addresses>,
    /// Time limits of calls, and times within which the service processes a request.
    pub timeouts: Timeouts,
    /// Sections that the page has withdrawn. No code is generated for them.
    #[serde(default)]
    pub withdrawn: Vec<Withdrawn>,
    /// Facts of the page that are not about a single field, such as environments, restrictions and contacts.
    #[serde(default)]
    pub notes: Vec<Note>,
    /// Contradictions of the page, and our readings of them.
    #[serde(default)]
    pub quirks: Vec<Quirk>,
    /// Corrections of mistakes in the transcription, such as
    /// `[{ at: create_order.request.amount, because: The limit of another row was copied. }]`. The service itself has
    /// not changed. In a separate section, `diff` lists the changes that a correction covers.
    #[serde(default)]
    pub corrections: Vec<Correction>,
}

/// Correction of a mistake in the transcription. `diff` applies the correction only if the new version of the spec has
/// it and the old version does not.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Correction {
    /// Path of the corrected item, such as `create_order.request.amount`. It is the path that `diff` prints, without
    /// the name of the API. The correction also covers all items below this path. If `diff` prints only the name of the
    /// API, the property that follows the name, such as `attempt timeout`.
    pub at: String,
    /// Description of the mistake in the spec, such as `The limit of another row was copied.`
    pub because: String,
}

/// Entry of the page's version history.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Revision {
    /// Version, as the page prints it.
    pub version: String,
    /// Date, as the page prints it.
    pub date: String,
    /// The change, in our words.
    pub change: String,
}

/// Base URL of a stage.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BaseUrl {
    /// URL without a trailing slash.
    pub url: String,
    /// Purpose of the stage.
    pub means: String,
}

/// Credential that the provider issues to the caller.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Credential {
    /// Named scalar that is the type of the credential.
    #[serde(rename = "type")]
    pub of: String,
    /// Purpose of the credential.
    pub doc: String,
}

/// Header of requests. Exactly one of the keys `constant`, `credential` and `computed` is given.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// Constant value of the header.
    pub constant: Option<String>,
    /// Name of the credential that the header contains.
    pub credential: Option<String>,
    /// Text before the credential or the computed value, such as `"Bearer "`.
    pub prefix: Option<String>,
    /// Name of the computed value that the header contains.
    pub computed: Option<String>,
    /// Purpose of the header.
    pub doc: String,
    /// Sensitivity of a constant value. Default: `public`. A credential and a computed value are never printed.
    pub sensitivity: Option<Sensitivity>,
}

impl Header {
    /// Returns the constant value of the header, unless documents must not show it.
    pub fn shown_constant(&self) -> Option<&str> {
        let is_shown = self.sensitivity.is_none_or(|of| of == Sensitivity::Public);
        self.constant.as_deref().filter(|_| is_shown)
    }
}

/// Envelope of a reply: the members and statuses that show whether the request succeeded. Members are named by dotted
/// paths. In the paths under `code` and `message`, `details[].issue` is the member `issue` of each entry of the list
/// `details`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Envelope {
    /// Rule that distinguishes success from failure.
    pub success: EnvelopeSuccess,
    /// Path of the member that contains the error code.
    pub code: String,
    /// Whether error codes are texts or integers on the wire. The client reads both types. The generated server and the
    /// OpenAPI document use only the type that this key states.
    #[serde(default)]
    pub coded_as: Coding,
    /// Path of the member that contains the error message.
    pub message: String,
    /// Path of the member that contains the payload. Default: the members of the payload are siblings of the members of
    /// the envelope.
    pub payload: Option<String>,
    /// Paths of the error code and the error message in replies with certain HTTP statuses, if these paths differ from
    /// `code` and `message`: `[{ status: 4xx, code: error.code, message: error.reason }]`. If several entries match the
    /// status, the first entry whose error code is in the body applies. At the paths of the other matching entries, the
    /// client reads only error codes that the spec lists.
    #[serde(default)]
    pub errors: Vec<ErrorShape>,
    /// Members of the envelope, if the page describes them in a separate table.
    #[serde(default)]
    pub fields: Map<FieldSpec>,
}

/// Criterion by which a success is recognized. Exactly one of the keys `member`, `status` and `has` is given.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EnvelopeSuccess {
    /// Path of the member whose value shows whether the request succeeded.
    pub member: Option<String>,
    /// With `member`: the value that means success, or a list of such values. If there are several values, also
    /// describe the member under `reply:`, so that the type of the reply contains the value.
    #[serde(default)]
    pub equals: Literals,
    /// With `member`: the documented values that mean failure, or `other` for every value that does not mean success.
    #[serde(default)]
    pub failure: Literals,
    /// HTTP status of a success: `200`, or a class such as `2xx`. A reply with another status is a failure if the reply
    /// has an error code.
    pub status: Option<String>,
    /// Path of a member that only a success has, such as `tid`. A reply without this member but with an error code is a
    /// failure.
    pub has: Option<String>,
}

impl EnvelopeSuccess {
    /// Returns the path of the member that shows success by its value or its presence. `None` if the HTTP status shows
    /// success.
    pub fn path(&self) -> Option<&str> {
        self.member.as_deref().or(self.has.as_deref())
    }

    /// Returns `true` if every value that does not mean success means failure.
    pub fn fails_otherwise(&self) -> bool {
        matches!(self.failure.0.as_slice(), [Literal::Text(word)] if word == "other")
    }

    /// Returns the documented values that mean failure.
    pub fn failures(&self) -> &[Literal] {
        if self.fails_otherwise() { &[] } else { &self.failure.0 }
    }
}

/// Paths of the error code and the error message in replies with certain HTTP statuses.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ErrorShape {
    /// HTTP status: `401`, or a class such as `4xx`.
    pub status: String,
    /// Path of the error code, such as `error.code`.
    pub code: String,
    /// Path of the error message, such as `error.reason`.
    pub message: String,
}

/// Returns the first and the last HTTP status that match a text such as `50x` or `4xx`, in which each `x` can be any
/// digit. For a status such as `404`, both are equal. Returns `None` if the text is not a number, or if the first
/// status is below 100 (as for `xxx`).
pub fn status_range(status: &str) -> Option<(u16, u16)> {
    let from: u16 = status.replace('x', "0").parse().ok()?;
    let to: u16 = status.replace('x', "9").parse().ok()?;
    (100..600).contains(&from).then_some((from, to))
}

/// HTTP statuses that a gateway may send although the service carries out the request. After such a status, the outcome
/// of an operation with `recovery.with` is therefore unknown. The module `reply` of the runtime has the same rule.
pub const PATIENCE: [u16; 3] = [408, 425, 429];

/// Meaning of an HTTP status for the outcome of a request.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HttpStatus {
    /// Meaning of the status, in our words.
    pub means: String,
    /// Outcome of a request whose reply has this status. Default: the envelope decides for 2xx, 4xx is `rejected`, and
    /// any other status is `unknown`. Only a status of 2xx can be a success. For an operation with `recovery.with`, the
    /// outcome after 408, 425 and 429 is always unknown.
    pub outcome: Option<StatusOutcome>,
}

impl HttpStatus {
    /// Returns the outcome of a request whose reply has this status. `None` if the envelope decides.
    pub fn outcome_at(&self, status: &str) -> Option<StatusOutcome> {
        self.outcome.or(Self::outcome_of_class(status))
    }

    /// Returns the default outcome of a status. Only the first digit of the status matters. Returns `None` if the
    /// envelope decides.
    pub fn outcome_of_class(status: &str) -> Option<StatusOutcome> {
        match status.chars().next() {
            Some('4') => Some(StatusOutcome::Rejected),
            Some('1' | '3' | '5') => Some(StatusOutcome::Unknown),
            _ => None,
        }
    }
}

/// Outcome that an HTTP status indicates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StatusOutcome {
    /// The request did not take effect, if the reply has the documented body of a failure. Otherwise the outcome is
    /// unknown.
    Rejected,
    /// The request may have taken effect, regardless of the body.
    Unknown,
}

/// Time limits of calls, and times within which the service processes a request.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Timeouts {
    /// Time limit for connecting: `3 s`.
    pub connect: Duration,
    /// Time limit of one attempt, from connecting to the end of the reply: `15 s`.
    pub attempt: Duration,
    /// Time limit of a call, including all of its attempts: `45 s`. Default: three times `attempt`.
    pub total: Option<Duration>,
    /// Longest time that the service may take to reply. If the time limit of an attempt is shorter, the client's method
    /// `warnings` returns a warning.
    pub warn_below: Duration,
    /// Longest time between the last byte of a request and the acceptance of the request by the service. Default:
    /// `60 s`.
    pub accepted_within: Option<Duration>,
    /// Longest time between the acceptance of a request and its appearance in the answers to status queries. Default:
    /// `15 s`.
    pub shown_within: Option<Duration>,
    /// Source of these times.
    pub doc: String,
}

/// Section that the page has withdrawn.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Withdrawn {
    /// Heading or number of the section.
    pub section: String,
    /// Reason for the withdrawal, or its date.
    pub note: String,
}
