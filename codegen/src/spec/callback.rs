//! Messages that come in.

use super::{Duration, Encoding, FieldSpec, HttpStatus, Map, Method, Note, Page, Quirk, Source};
use schemars::JsonSchema;
use serde::Deserialize;

/// A file that describes a message the service, or the purchaser's browser, sends to the caller.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CallbackFile {
    /// The section of the page this file transcribes.
    pub page: Page,
    /// The callback's id, in snake case.
    pub callback: String,
    /// One sentence: what it announces.
    pub summary: String,
    /// More about it.
    pub doc: Option<String>,
    /// Who sends it.
    pub from: Sender,
    /// The request field that holds the URL it goes to, `create_payment.resultCallback`; or `registered`, for a URL that is
    /// registered elsewhere.
    pub to: String,
    /// The HTTP method.
    pub method: Method,
    /// Headers that come with it.
    #[serde(default)]
    pub headers: Map<FieldSpec>,
    /// How the message is encoded, by version. A callback without versions has the one entry `any`.
    pub encodings: Map<Encoding>,
    /// Members of the message, in page order.
    #[serde(default)]
    pub body: Map<FieldSpec>,
    /// The part of the message that one of its members selects.
    pub select: Option<Select>,
    /// The message has no documented body: keep whatever comes.
    #[serde(default)]
    pub opaque_body: bool,
    /// What proves where it comes from.
    pub verify: Verify,
    /// The operation that confirms what it claims.
    pub confirm: Option<Confirm>,
    /// What tells the sender that it was received: an HTTP status, or a status with a body.
    pub answer: Option<Answer>,
    /// HTTP statuses the section lists.
    #[serde(default)]
    pub http_statuses: Map<HttpStatus>,
    /// How often it is sent again when it was not received.
    pub resend: Option<Resend>,
    /// Example messages, as values.
    #[serde(default)]
    pub examples: Vec<MessageExample>,
    /// Facts of the section that concern no single field.
    #[serde(default)]
    pub notes: Vec<Note>,
    /// Places where the page contradicts itself, and how we read them.
    #[serde(default)]
    pub quirks: Vec<Quirk>,
}

/// An example message.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MessageExample {
    /// What it shows, in a few words: becomes a test's name.
    pub title: String,
    /// Where it comes from.
    #[serde(default)]
    pub source: Source,
    /// The callback version it is written in.
    pub version: Option<String>,
    /// The message.
    #[schemars(with = "serde_json::Value")]
    pub body: serde_yaml::Value,
}

/// The members of a message that depend on one of them. They stand beside the others, in the same object.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Select {
    /// The member of the message that tells which they are.
    pub by: String,
    /// The object with the members for each of its values. A message with another value is kept as it came.
    pub cases: Map<String>,
}

/// What the receiver of a message answers.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Answer {
    /// An HTTP status; the body does not matter.
    Status(u16),
    /// A status and a body.
    Full(FullAnswer),
}

/// A status and a body.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FullAnswer {
    /// The HTTP status.
    pub status: u16,
    /// The body, as plain text.
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

    /// The body, if it matters.
    pub fn body(&self) -> Option<&str> {
        match self {
            Answer::Status(_) => None,
            Answer::Full(full) => Some(&full.body),
        }
    }
}

/// What `to:` says of a URL that no request has.
pub const REGISTERED: &str = "registered";

impl CallbackFile {
    /// Where it is sent, in words.
    pub fn sent_to(&self) -> String {
        match self.to.as_str() {
            REGISTERED => "to the URL that is registered with the provider".to_owned(),
            field => format!("to the URL given as `{field}`"),
        }
    }

    /// How the answer of the confirming operation is compared with the claim. `None` if only the operation is named.
    pub fn procedure(&self) -> Option<&Confirm> {
        self.confirm.as_ref().filter(|confirm| confirm.compares())
    }
}

/// What proves where a callback comes from.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Verify {
    /// The header that proves it, equal to the API header of the same name.
    pub header: Option<String>,
    /// In words.
    pub doc: String,
}

/// The operation that confirms a claim, and how its answer is compared with it. A value that is absent or cannot be read
/// proves nothing; only another value for the same thing refutes.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Confirm {
    /// The operation to ask.
    pub with: String,
    /// The question's fields, each with the member of the message that fills it. The answer has to repeat them where it
    /// has members of the same names.
    #[serde(default)]
    pub ask: Map<String>,
    /// Members of the answer, each with the member of the message it has to equal, where the message has it.
    #[serde(default)]
    pub equal: Map<String>,
    /// A list in the answer that has to have an entry like the message.
    pub list: Option<String>,
    /// With `list`: the members that tell which entry is meant, each with the member of the message it has to equal.
    #[serde(default)]
    pub entry: Map<String>,
    /// With `list`: members of that entry, each with the member of the message it has to equal.
    #[serde(default)]
    pub entry_equal: Map<String>,
    /// Members of the answer whose values the caller states.
    #[serde(default)]
    pub expect: Vec<String>,
    /// Fields of the question that the caller may have stored, and that senders of forged messages do not know. A message
    /// that carries them is looked at before others; of a message without them they make the question.
    #[serde(default)]
    pub known: Vec<String>,
    /// The member of the answer that says how things stand.
    pub by: Option<String>,
    /// Its values that confirm the claim although nothing is paid yet.
    #[serde(default)]
    pub confirming_values: Vec<String>,
    /// Its values that confirm the claim, with all of it paid.
    pub paid: Option<Paid>,
    /// Its values that confirm the claim when something is left of what was paid, and refute it when nothing is.
    pub reversed: Option<Left>,
    /// Its values that refute the claim. They have to be final.
    #[serde(default)]
    pub refuting_values: Vec<String>,
    /// The member of the message with the value of `by` that is claimed. The answer has to have come as far.
    pub not_before: Option<String>,
    /// The member of the answer that names the environment the caller's credentials belong to. Credentials whose
    /// beginning tells nothing count as those of the environment `live`.
    pub environment: Option<String>,
}

impl Confirm {
    /// Whether anything is said beside the operation to ask.
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

/// The values with which all is paid.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Paid {
    /// The values.
    pub values: Vec<String>,
    /// The member with the amount.
    pub amount: String,
    /// Those of the values with which `reversed.remaining` is as much as the amount. Less has been given back in part.
    #[serde(default)]
    pub in_full: Vec<String>,
}

/// The values with which something was given back.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Left {
    /// The values.
    pub values: Vec<String>,
    /// The member that says how much is left. More than nothing and less than the whole confirms the claim.
    pub remaining: String,
    /// The member with the whole amount.
    pub of: String,
    /// Those of the values that refute the claim when nothing is left. With the others it is asked about again.
    #[serde(default)]
    pub refuting_values: Vec<String>,
}

/// How often a callback is sent again.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Resend {
    /// How many times.
    pub times: u32,
    /// Within this time.
    pub within: Duration,
    /// Where it comes from.
    #[serde(default)]
    pub source: Source,
}

/// Who sends a callback.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Sender {
    /// The service.
    Service,
    /// The purchaser's browser.
    Browser,
}
