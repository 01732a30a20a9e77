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
    /// Name of the API: its folder under `spec/` and its module in the generated crate.
    pub api: String,
    /// Title for people.
    pub title: String,
    /// Purpose of the API, in one or two sentences.
    pub summary: String,
    /// Order in which a caller uses operations and callbacks: the id of each, with a description of the step. The
    /// documentation of the generated module begins with it.
    #[serde(default)]
    pub flow: Map<String>,
    /// Section of the page that this file transcribes.
    pub page: Page,
    /// Language of the page that the spec transcribes. Headings and page words without a language are in this language.
    #[serde(default)]
    pub page_language: Language,
    /// Version history of the page.
    #[serde(default)]
    pub history: Vec<Revision>,
    /// Base URLs by stage.
    pub base_urls: Map<BaseUrl>,
    /// Default stage of a client.
    pub default_stage: String,
    /// Credentials that the provider issues to the caller, and that the caller passes to the client once.
    pub credentials: Map<Credential>,
    /// Values that the client computes and adds to requests.
    #[serde(default)]
    pub computed: Computations,
    /// Headers sent with every request.
    #[serde(default)]
    pub headers: Map<Header>,
    /// Accepted encodings of request bodies. The client sends JSON if it is accepted, and forms otherwise. An operation
    /// can replace them with its own `bodies:`.
    pub bodies: Vec<Encoding>,
    /// Description of the envelope: how a reply shows success, and where its parts are.
    pub envelope: Envelope,
    /// Documented HTTP statuses: `200`, or a class such as `50x`.
    pub http_statuses: Map<HttpStatus>,
    /// IPv4 addresses that callbacks come from: `192.0.2.1`, or `192.0.2.1-192.0.2.9`.
    #[serde(default)]
    pub callback_sources: Vec<Addresses>,
    /// Time limits.
    pub timeouts: Timeouts,
    /// Sections that the page has withdrawn. They are not generated.
    #[serde(default)]
    pub withdrawn: Vec<Withdrawn>,
    /// Facts of the page that are not about a single field: environments, restrictions, contacts.
    #[serde(default)]
    pub notes: Vec<Note>,
    /// Contradictions of the page, and our readings.
    #[serde(default)]
    pub quirks: Vec<Quirk>,
    /// Changes of the spec that correct the transcription, although the service behaves as before. `diff` lists them
    /// separately: `[{ at: create_order.request.amount, because: The limit of another row was copied. }]`.
    #[serde(default)]
    pub corrections: Vec<Correction>,
}

/// Correction of the transcription. `diff` reads it only in the change that adds it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Correction {
    /// Place as `diff` prints it, without the API: `create_order.request.amount`. The correction covers all places
    /// below it.
    pub at: String,
    /// The mistake of the spec, and its evidence: `The limit of another row was copied.`
    pub because: String,
}

/// Line of the page's version history.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Revision {
    /// Version, as printed.
    pub version: String,
    /// Date, as printed.
    pub date: String,
    /// Change, in our words.
    pub change: String,
}

/// Base URL of a stage.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BaseUrl {
    /// The URL, without a trailing slash.
    pub url: String,
    /// Purpose of the stage.
    pub means: String,
}

/// Credential that the provider issues to the caller.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Credential {
    /// Scalar that is the type of the credential.
    #[serde(rename = "type")]
    pub of: String,
    /// Purpose of the credential.
    pub doc: String,
}

/// Header of every request. Exactly one of `constant`, `credential` and `computed` is given.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// Constant value.
    pub constant: Option<String>,
    /// Name of the credential that is sent.
    pub credential: Option<String>,
    /// Text before the credential, or before the computed value.
    pub prefix: Option<String>,
    /// Name of the computed value that is sent.
    pub computed: Option<String>,
    /// Purpose of the header.
    pub doc: String,
    /// Sensitivity of the value.
    pub sensitivity: Option<Sensitivity>,
}

/// Description of the envelope: how a reply shows success, and where its parts are. Members are named by dotted path.
/// In the paths of code and message, `details[].issue` is the member `issue` of each entry of the list `details`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Envelope {
    /// Rule that distinguishes success from failure.
    pub success: EnvelopeSuccess,
    /// Member with the error code.
    pub code: String,
    /// Whether error codes are texts or integers on the wire. The client reads both types; servers and documents write
    /// the specified type.
    #[serde(default)]
    pub coded_as: Coding,
    /// Member with the message.
    pub message: String,
    /// Member with the payload; absent if the payload's members are siblings of the envelope's.
    pub payload: Option<String>,
    /// HTTP statuses whose bodies have code and message elsewhere, such as `[{ status: 4xx, code: error.code, message:
    /// error.reason }]`. If several entries match the status, the first entry whose code is in the body applies. Codes
    /// at the places of the other entries count too, if the spec lists them.
    #[serde(default)]
    pub errors: Vec<ErrorShape>,
    /// Rows of the envelope, if the page documents them separately.
    #[serde(default)]
    pub fields: Map<FieldSpec>,
}

/// Rule that distinguishes success from failure: a `member` and its values, an HTTP `status`, or a member that a
/// success `has`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EnvelopeSuccess {
    /// Dotted path of the member that distinguishes success from failure.
    pub member: Option<String>,
    /// Value that means success, or a list of such values. With several values, describe the member as a row of the
    /// reply, so that the reply type contains the value.
    #[serde(default)]
    pub equals: Literals,
    /// Documented values that mean failure, or `other` for every value that does not mean success.
    #[serde(default)]
    pub failure: Literals,
    /// HTTP status of a success: `200`, or a class such as `2xx`. Any other status with an error code is a failure.
    pub status: Option<String>,
    /// Dotted path of a member that only a success has, such as `tid`. A reply with an error code but without this
    /// member is a failure.
    pub has: Option<String>,
}

impl EnvelopeSuccess {
    /// Returns the dotted path of the member that shows success, if any.
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

/// Members with the code and the message in the bodies of some HTTP statuses.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ErrorShape {
    /// Status: `401`, or a class such as `4xx`.
    pub status: String,
    /// Member with the error code, such as `error.code`.
    pub code: String,
    /// Member with the explanation, such as `error.reason`.
    pub message: String,
}

/// Returns the first and the last status of `404`, `50x` or `4xx`. Returns `None` for a text without a digit, such as
/// `xxx`.
pub fn status_range(status: &str) -> Option<(u16, u16)> {
    let from: u16 = status.replace('x', "0").parse().ok()?;
    let to: u16 = status.replace('x', "9").parse().ok()?;
    (from >= 100).then_some((from, to))
}

/// HTTP statuses that a gateway may send although the service carries the request out. With these statuses, the outcome
/// of an operation that can be resolved is unknown. The runtime has the same rule in `reply`.
pub const PATIENCE: [u16; 3] = [408, 425, 429];

/// Meaning of an HTTP status.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HttpStatus {
    /// Meaning, in our words.
    pub means: String,
    /// Outcome of the request. Default: for 2xx, the envelope decides; 4xx is `rejected`, any other status `unknown`.
    /// Only a status of 2xx can be a success. With 408, 425 and 429, the outcome of an operation that can be resolved
    /// is always unknown.
    pub outcome: Option<StatusOutcome>,
}

impl HttpStatus {
    /// Returns the outcome of a request that is answered with this status. `None` if the envelope decides.
    pub fn outcome_at(&self, status: &str) -> Option<StatusOutcome> {
        self.outcome.or(Self::outcome_of_class(status))
    }

    /// Returns the outcome of a status without `outcome:`. `None` if the envelope decides.
    pub fn outcome_of_class(status: &str) -> Option<StatusOutcome> {
        match status.chars().next() {
            Some('4') => Some(StatusOutcome::Rejected),
            Some('1' | '3' | '5') => Some(StatusOutcome::Unknown),
            _ => None,
        }
    }
}

/// Outcome of a request with an HTTP status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StatusOutcome {
    /// A reply with the documented body of a failure is a rejection: the request did not take effect. Without that body
    /// the outcome is unknown.
    Rejected,
    /// The request may have taken effect, regardless of the body.
    Unknown,
}

/// Time limits.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Timeouts {
    /// Time limit of connecting: `3 s`.
    pub connect: Duration,
    /// Time limit of one attempt, from connecting to the end of the reply: `15 s`.
    pub attempt: Duration,
    /// Time limit of a call with all its attempts: `45 s`. Default: three times `attempt`.
    pub total: Option<Duration>,
    /// Shortest time limit of an attempt that does not cause a warning.
    pub warn_below: Duration,
    /// Time after the last byte of a request in which the service may still accept it. Default: `60 s`.
    pub accepted_within: Option<Duration>,
    /// Time after acceptance until a request appears in the answers to queries. Default: `15 s`.
    pub shown_within: Option<Duration>,
    /// Source of the numbers.
    pub doc: String,
}

/// Section that the page has withdrawn.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Withdrawn {
    /// Heading of the section.
    pub section: String,
    /// Reason, or date.
    pub note: String,
}
