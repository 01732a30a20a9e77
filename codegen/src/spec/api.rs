//! `api.yaml`: what holds for every operation of an API.

use super::{
    Addresses, Coding, Computations, Duration, Encoding, FieldSpec, Language, Literal, Literals, Map, Note, Page,
    Quirk, Sensitivity,
};
use schemars::JsonSchema;
use serde::Deserialize;

/// `api.yaml`: what holds for every operation of one API.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ApiFile {
    /// The API's name: its folder under `spec/` and its module in the generated crate.
    pub api: String,
    /// The name people use.
    pub title: String,
    /// What the API is for, in a sentence or two.
    pub summary: String,
    /// The order in which a caller meets operations and callbacks, each by its id, with what happens in that step. It opens
    /// the documentation of the generated module.
    #[serde(default)]
    pub flow: Map<String>,
    /// The section of the page this file transcribes.
    pub page: Page,
    /// The language of the page that the spec transcribes: of its headings, and of page words without a language.
    #[serde(default)]
    pub page_language: Language,
    /// The page's own list of versions.
    #[serde(default)]
    pub history: Vec<Revision>,
    /// Base URLs by stage.
    pub base_urls: Map<BaseUrl>,
    /// The stage a client uses unless told otherwise.
    pub default_stage: String,
    /// What the caller is given by the provider and hands to the client once.
    pub credentials: Map<Credential>,
    /// Values that the client makes by itself.
    #[serde(default)]
    pub computed: Computations,
    /// Headers sent with every request.
    #[serde(default)]
    pub headers: Map<Header>,
    /// Body encodings the service accepts.
    pub bodies: Vec<Encoding>,
    /// How a reply says that it succeeded, and where its parts stand.
    pub envelope: Envelope,
    /// Documented HTTP statuses: `200`, or a class such as `50x`.
    pub http_statuses: Map<HttpStatus>,
    /// IPv4 addresses that callbacks come from: `192.0.2.1`, or `192.0.2.1-192.0.2.9`.
    #[serde(default)]
    pub callback_sources: Vec<Addresses>,
    /// How long to wait.
    pub timeouts: Timeouts,
    /// Sections that the page has withdrawn. Nothing is generated for them.
    #[serde(default)]
    pub withdrawn: Vec<Withdrawn>,
    /// Facts of the page that concern no single field: environments, restrictions, contacts.
    #[serde(default)]
    pub notes: Vec<Note>,
    /// Places where the page contradicts itself, and how we read them.
    #[serde(default)]
    pub quirks: Vec<Quirk>,
    /// Changes of the spec that correct the transcription: the service was like this before. `diff` lists them apart: `[{ at: create_order.request.amount, because: The limit of another row was copied. }]`.
    #[serde(default)]
    pub corrections: Vec<Correction>,
}

/// A correction of the transcription. It counts for `diff` in the change that adds it, and is history afterwards.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Correction {
    /// The place as `diff` prints it, without the API: `create_order.request.amount`. Everything below it is corrected too.
    pub at: String,
    /// What the spec had wrong, and what shows it: `The limit of another row was copied.`
    pub because: String,
}

/// One line of the page's version history.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Revision {
    /// The version as printed.
    pub version: String,
    /// The date as printed.
    pub date: String,
    /// What changed, in our words.
    pub change: String,
}

/// The base URL of a stage.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BaseUrl {
    /// The URL, without a trailing slash.
    pub url: String,
    /// What the stage is for.
    pub means: String,
}

/// Something the provider issues to the caller and the client holds.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Credential {
    /// The scalar that describes it.
    #[serde(rename = "type")]
    pub of: String,
    /// What it is for.
    pub doc: String,
}

/// A header of every request: exactly one of the value keys is given.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// A fixed value.
    pub constant: Option<String>,
    /// The credential that is the value.
    pub credential: Option<String>,
    /// Text before the credential, or before the computed value.
    pub prefix: Option<String>,
    /// Lower-case hex SHA-256 over these, without a separator: credentials, and path parameters in braces.
    pub sha256: Option<Vec<String>>,
    /// The computed value that is the value.
    pub computed: Option<String>,
    /// What it is for.
    pub doc: String,
    /// Whether its value may be shown.
    pub sensitivity: Option<Sensitivity>,
}

/// How a reply says that it succeeded, and where its parts stand. Members are named by dotted path.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Envelope {
    /// What tells success from failure.
    pub success: EnvelopeSuccess,
    /// The member with the error code.
    pub code: String,
    /// Whether error codes are texts or integers on the wire. Both are read; servers and documents write this one.
    #[serde(default)]
    pub coded_as: Coding,
    /// The member with the explanation.
    pub message: String,
    /// The member with the payload; absent when the payload's members stand beside the envelope's.
    pub payload: Option<String>,
    /// HTTP statuses whose bodies have code and message elsewhere. The first that fits counts.
    #[serde(default)]
    pub errors: Vec<ErrorShape>,
    /// The envelope's own rows on the page, where it documents them apart from the operations.
    #[serde(default)]
    pub fields: Map<FieldSpec>,
}

/// What tells success from failure: a `member` and its values, an HTTP `status`, or a member that a success `has`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EnvelopeSuccess {
    /// The dotted path of the member that tells them apart.
    pub member: Option<String>,
    /// The value that means success, or a list of such values.
    #[serde(default)]
    pub equals: Literals,
    /// The documented values that mean failure, or `other` for every value that does not mean success.
    #[serde(default)]
    pub failure: Literals,
    /// The HTTP status of a success: `200`, or a class such as `2xx`. Any other status with an error code is a failure.
    pub status: Option<String>,
    /// The dotted path of a member that only a success has. A reply without it that has an error code is a failure.
    pub has: Option<String>,
}

impl EnvelopeSuccess {
    /// The dotted path of the member that shows success, if one does.
    pub fn path(&self) -> Option<&str> {
        self.member.as_deref().or(self.has.as_deref())
    }

    /// Whether every value that does not mean success means failure.
    pub fn fails_otherwise(&self) -> bool {
        matches!(self.failure.0.as_slice(), [Literal::Text(word)] if word == "other")
    }

    /// The documented values that mean failure.
    pub fn failures(&self) -> &[Literal] {
        if self.fails_otherwise() { &[] } else { &self.failure.0 }
    }
}

/// Where the bodies of some HTTP statuses have their code and message.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ErrorShape {
    /// The status: `401`, or a class such as `4xx`.
    pub status: String,
    /// The member with the error code.
    pub code: String,
    /// The member with the explanation.
    pub message: String,
}

/// The first and the last status of `404`, `50x` or `4xx`. `None` for what is no number, such as `xxx`.
pub fn status_range(status: &str) -> Option<(u16, u16)> {
    let from: u16 = status.replace('x', "0").parse().ok()?;
    let to: u16 = status.replace('x', "9").parse().ok()?;
    (from >= 100).then_some((from, to))
}

/// What an HTTP status means.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HttpStatus {
    /// What the page says about it, in our words.
    pub means: String,
    /// Whether the request may have taken effect. Absent: a success, the envelope decides.
    pub outcome: Option<StatusOutcome>,
}

/// Whether a request may have taken effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StatusOutcome {
    /// It certainly did not.
    Rejected,
    /// It may have.
    Unknown,
}

/// How long to wait.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Timeouts {
    /// For a connection: `3 s`.
    pub connect: Duration,
    /// For one attempt as a whole: `15 s`.
    pub attempt: Duration,
    /// For a call with all its attempts: `45 s`. Three times `attempt` when absent.
    pub total: Option<Duration>,
    /// An attempt's timeout below this is worth a warning.
    pub warn_below: Duration,
    /// How long after its last byte was sent a request can still be accepted: `60 s`. 60 s when absent.
    pub accepted_within: Option<Duration>,
    /// How long after it was accepted a request shows in the answers to queries: `15 s`. 15 s when absent.
    pub shown_within: Option<Duration>,
    /// Where the numbers come from.
    pub doc: String,
}

/// A section the page has withdrawn.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Withdrawn {
    /// The section.
    pub section: String,
    /// Why, or since when.
    pub note: String,
}
