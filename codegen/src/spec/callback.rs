//! Callbacks: messages to the caller.

use super::{Duration, Encoding, FieldSpec, HttpStatus, Map, Method, Note, Page, Quirk, Source};
use schemars::JsonSchema;
use serde::Deserialize;

/// File that describes a message from the service, or from the purchaser's browser, to the caller.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CallbackFile {
    /// Section of the page that this file transcribes.
    pub page: Page,
    /// Id of the callback, in snake case.
    pub callback: String,
    /// Purpose of the message, in one sentence.
    pub summary: String,
    /// Further description.
    pub doc: Option<String>,
    /// Sender.
    pub from: Sender,
    /// Request field with the URL of the receiver, such as `create_payment.resultCallback`. `registered` means that the
    /// URL is registered with the provider.
    pub to: String,
    /// The HTTP method.
    pub method: Method,
    /// Headers of the message.
    #[serde(default)]
    pub headers: Map<FieldSpec>,
    /// Encodings of the message, by version. A callback without versions has the one entry `any`.
    pub encodings: Map<Encoding>,
    /// Members of the message, in page order.
    #[serde(default)]
    pub body: Map<FieldSpec>,
    /// Part of the message that one of its members selects.
    pub select: Option<Select>,
    /// Set if the body of the message is not documented. Any body is then accepted and kept.
    #[serde(default)]
    pub opaque_body: bool,
    /// Proof of the sender.
    pub verify: Verify,
    /// Operation that confirms the claim.
    pub confirm: Option<Confirm>,
    /// Answer that acknowledges the message: an HTTP status, or a status with a body.
    pub answer: Option<Answer>,
    /// HTTP statuses in the section.
    #[serde(default)]
    pub http_statuses: Map<HttpStatus>,
    /// Repetitions of a message that was not acknowledged.
    pub resend: Option<Resend>,
    /// Example messages, as values.
    #[serde(default)]
    pub examples: Vec<MessageExample>,
    /// Facts of the section that are not about a single field.
    #[serde(default)]
    pub notes: Vec<Note>,
    /// Contradictions of the page, and our readings.
    #[serde(default)]
    pub quirks: Vec<Quirk>,
}

/// An example message.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MessageExample {
    /// Short title, which becomes the name of a test.
    pub title: String,
    /// Source of the example.
    #[serde(default)]
    pub source: Source,
    /// Callback version of the example.
    pub version: Option<String>,
    /// The message.
    #[schemars(with = "serde_json::Value")]
    pub body: serde_yaml::Value,
}

/// Members of a message that depend on the value of another member. They are in the same object as the selecting
/// member.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Select {
    /// Discriminator: the member of the message that selects the part.
    pub by: String,
    /// Group of members for each value of the discriminator. A message with another value is kept as received.
    pub cases: Map<String>,
}

/// Answer of the receiver to a message.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Answer {
    /// An HTTP status with any body.
    Status(u16),
    /// A status and a body.
    Full(FullAnswer),
}

/// A status and a body.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FullAnswer {
    /// The HTTP status, such as `200`.
    pub status: u16,
    /// The body, as plain text, such as `OK`.
    pub body: String,
}

impl Answer {
    /// The HTTP status.
    pub fn status(&self) -> u16 {
        match self {
            Answer::Status(status) => *status,
            Answer::Full(full) => full.status,
        }
    }

    /// The body, if the spec requires one.
    pub fn body(&self) -> Option<&str> {
        match self {
            Answer::Status(_) => None,
            Answer::Full(full) => Some(&full.body),
        }
    }
}

/// Value of `to:` for a URL that is registered with the provider and not part of a request.
pub const REGISTERED: &str = "registered";

impl CallbackFile {
    /// Returns the destination of the message, in words.
    pub fn sent_to(&self) -> String {
        match self.to.as_str() {
            REGISTERED => "to the URL that is registered with the provider".to_owned(),
            field => format!("to the URL given as `{field}`"),
        }
    }

    /// Returns the comparison of the confirming operation's answer with the claim. `None` if only the operation is
    /// named.
    pub fn procedure(&self) -> Option<&Confirm> {
        self.confirm.as_ref().filter(|confirm| confirm.compares())
    }
}

/// Proof that authenticates the sender of a callback.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Verify {
    /// Header with the proof. It has to be listed under `headers:`.
    pub header: Option<String>,
    /// Member of the body with the proof.
    pub member: Option<String>,
    /// Text before the proof, such as `v1=`. The text is not part of the proof.
    pub prefix: Option<String>,
    /// Text between several proofs, such as `","` or `" "`. One valid proof suffices. Proofs with another `prefix` are
    /// ignored.
    pub separator: Option<String>,
    /// Computed value that the proof equals. Its parts may be credentials, `raw_body`, `body.x`, `header.x`, `method`
    /// and `path.x`. `path.x` is the member `x` of the body, or otherwise an argument that the receiver passes.
    pub equals: Option<String>,
    /// Time at which the message was signed: `header.X-Timestamp` or `body.sentAt`. Its type defines the notation.
    pub time: Option<String>,
    /// Largest difference between that time and the receiver's clock, in either direction, such as `5 min`.
    pub within: Option<Duration>,
    /// Description of the proof.
    pub doc: String,
}

impl Verify {
    /// Returns the proof on one line: `header X-Signature equals v1=<signature>`. `None` if there is none.
    pub fn in_short(&self) -> Option<String> {
        let place = match (&self.header, &self.member) {
            (Some(header), _) => format!("header {header}"),
            (None, Some(member)) => format!("member {member}"),
            (None, None) => return None,
        };
        let (prefix, equals) = (self.prefix.as_deref().unwrap_or_default(), self.equals.as_deref().unwrap_or_default());
        let several = self.separator.as_ref().map(|text| format!(", several between `{text}`")).unwrap_or_default();
        let time = match (&self.time, self.within) {
            (Some(time), Some(within)) => format!(", {time} within {within}"),
            _ => String::new(),
        };
        Some(format!("{place} equals {prefix}<{equals}>{several}{time}"))
    }
}

/// Operation that confirms the claim of a message, and the comparison of its answer with the claim. The call of this
/// operation is the question. An absent or unreadable value proves nothing. Only a different value for the same subject
/// refutes the claim.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Confirm {
    /// Operation to ask.
    pub with: String,
    /// Fields of the question, each with the member of the message that fills it. If the answer has members of these
    /// names, they have to repeat the values.
    #[serde(default)]
    pub ask: Map<String>,
    /// Members of the answer, each with the member of the message that it has to equal, if the message has it.
    #[serde(default)]
    pub equal: Map<String>,
    /// List in the answer that must have an entry that matches the message.
    pub list: Option<String>,
    /// With `list`: members that identify the entry, each with the member of the message that it has to equal.
    #[serde(default)]
    pub entry: Map<String>,
    /// With `list`: members of that entry, each with the member of the message that it has to equal.
    #[serde(default)]
    pub entry_equal: Map<String>,
    /// Members of the answer whose values the caller passes.
    #[serde(default)]
    pub expect: Vec<String>,
    /// Fields of the question whose values the caller may have stored. Senders of forged messages do not know these
    /// values, so a message with the stored values is processed before others. If a message lacks these values, the
    /// stored values fill the question.
    #[serde(default)]
    pub known: Vec<String>,
    /// Member of the answer with the state.
    pub by: Option<String>,
    /// States that confirm the claim although nothing is paid yet.
    #[serde(default)]
    pub confirming_values: Vec<String>,
    /// States that confirm the claim, with the whole amount paid.
    pub paid: Option<Paid>,
    /// States after a refund: they confirm the claim if part of the amount is left, and refute it if nothing is left.
    pub reversed: Option<Left>,
    /// States that refute the claim. They must be final.
    #[serde(default)]
    pub refuting_values: Vec<String>,
    /// Member of the message with the claimed state. The state of the answer must be the same or a later state.
    pub not_before: Option<String>,
    /// Member of the answer with the environment of the caller's credentials. Credentials whose prefix names no
    /// environment count as `live`.
    pub environment: Option<String>,
}

impl Confirm {
    /// Returns `true` if the comparison has keys besides the operation to ask.
    fn compares(&self) -> bool {
        let pairs = [&self.ask, &self.equal, &self.entry, &self.entry_equal];
        let lists = [&self.expect, &self.known, &self.confirming_values, &self.refuting_values];
        let names = [&self.list, &self.by, &self.not_before, &self.environment];
        pairs.iter().any(|pairs| !pairs.is_empty())
            || lists.iter().any(|list| !list.is_empty())
            || names.iter().any(|name| name.is_some())
            || self.paid.is_some()
            || self.reversed.is_some()
    }
}

/// States in which the whole amount is paid.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Paid {
    /// The states.
    pub values: Vec<String>,
    /// Member with the amount.
    pub amount: String,
    /// States in which `reversed.remaining` equals the amount. A smaller value means a partial refund.
    #[serde(default)]
    pub in_full: Vec<String>,
}

/// States in which money was refunded.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Left {
    /// The states.
    pub values: Vec<String>,
    /// Member with the remaining amount. A value above zero and below the whole amount confirms the claim.
    pub remaining: String,
    /// Member with the whole amount.
    pub of: String,
    /// States that refute the claim if nothing is left. In the other states the service is asked again.
    #[serde(default)]
    pub refuting_values: Vec<String>,
}

/// Repetitions of a callback.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Resend {
    /// Number of repetitions.
    pub times: u32,
    /// Period of all repetitions.
    pub within: Duration,
    /// Source of the numbers.
    #[serde(default)]
    pub source: Source,
}

/// Sender of a callback.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Sender {
    /// The service.
    Service,
    /// The purchaser's browser.
    Browser,
}
