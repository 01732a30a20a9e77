//! Callbacks: messages that the service, or the browser of a purchaser, sends to the caller.

use super::{Duration, Encoding, FieldSpec, HttpStatus, Map, Method, Note, Page, Quirk, Source};
use schemars::JsonSchema;
use serde::Deserialize;

/// File that describes one callback: a message that the service, or the purchaser's browser, sends to the caller.
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
    /// Sender of the message.
    pub from: Sender,
    /// Field of a request that contains the URL of the receiver, such as `create_payment.resultCallback`. `registered`
    /// means that the URL is registered with the provider.
    pub to: String,
    /// HTTP method of the message.
    pub method: Method,
    /// Headers of the message.
    #[serde(default)]
    pub headers: Map<FieldSpec>,
    /// Encoding of each version of the message. A callback without versions has only the entry `any`.
    pub encodings: Map<Encoding>,
    /// Members of the message, in the order of the page.
    #[serde(default)]
    pub body: Map<FieldSpec>,
    /// Further members of the message, which depend on the value of one of its members.
    pub select: Option<Select>,
    /// Set if the page does not document the body of the message. Any body is then accepted and kept.
    #[serde(default)]
    pub opaque_body: bool,
    /// Proof that authenticates the sender.
    pub verify: Verify,
    /// Operation that confirms the claim of the message.
    pub confirm: Option<Confirm>,
    /// Answer that acknowledges the message: an HTTP status, or a status with a body.
    pub answer: Option<Answer>,
    /// HTTP statuses with which the receiver can answer, according to the section.
    #[serde(default)]
    pub http_statuses: Map<HttpStatus>,
    /// How often the message is sent again if the receiver does not acknowledge it.
    pub resend: Option<Resend>,
    /// Example messages.
    #[serde(default)]
    pub examples: Vec<MessageExample>,
    /// Facts of the section that are not about a single field.
    #[serde(default)]
    pub notes: Vec<Note>,
    /// Contradictions of the page, and our readings of them.
    #[serde(default)]
    pub quirks: Vec<Quirk>,
}

/// Example of a message.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MessageExample {
    /// Short title. It becomes the name of a generated test.
    pub title: String,
    /// Source of the example.
    #[serde(default)]
    pub source: Source,
    /// Version of the callback that the example shows.
    pub version: Option<String>,
    /// The message, as a value in YAML.
    #[schemars(with = "serde_json::Value")]
    pub body: serde_yaml::Value,
}

/// Members of a message that depend on the value of another member, the discriminator. They are in the same object as
/// the discriminator.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Select {
    /// Discriminator: the member of the message whose value selects the group.
    pub by: String,
    /// Group of members for each value of the discriminator. For any other value, the members are kept as received.
    pub cases: Map<String>,
}

/// Answer with which the receiver acknowledges a message.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Answer {
    /// An HTTP status. The body does not matter.
    Status(u16),
    /// An HTTP status and a body.
    Full(FullAnswer),
}

/// HTTP status and body of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FullAnswer {
    /// HTTP status, such as `200`.
    pub status: u16,
    /// Body as plain text, such as `OK`.
    pub body: String,
}

impl Answer {
    /// Returns the HTTP status.
    pub fn status(&self) -> u16 {
        match self {
            Answer::Status(status) => *status,
            Answer::Full(full) => full.status,
        }
    }

    /// Returns the body. `None` if any body is allowed.
    pub fn body(&self) -> Option<&str> {
        match self {
            Answer::Status(_) => None,
            Answer::Full(full) => Some(&full.body),
        }
    }
}

/// Value of `to:` for a URL that is registered with the provider and is not part of a request.
pub const REGISTERED: &str = "registered";

impl CallbackFile {
    /// Returns the destination of the message in words, such as "to the URL given as `create_payment.resultCallback`".
    pub fn sent_to(&self) -> String {
        match self.to.as_str() {
            REGISTERED => "to the URL that is registered with the provider".to_owned(),
            field => format!("to the URL given as `{field}`"),
        }
    }

    /// Returns `confirm:` if it has a key besides `with:`. Returns `None` if `confirm:` is absent, or if `with:` is its
    /// only key.
    pub fn procedure(&self) -> Option<&Confirm> {
        self.confirm.as_ref().filter(|confirm| confirm.compares())
    }
}

/// Proof that authenticates the sender of a callback.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Verify {
    /// Header that contains the proof. The header must be listed under `headers:`.
    pub header: Option<String>,
    /// Member of the body that contains the proof.
    pub member: Option<String>,
    /// Text before the proof, such as `v1=`. The text is not part of the proof.
    pub prefix: Option<String>,
    /// Text between several proofs in the header or member, such as `","` or `" "`. One valid proof suffices. Proofs
    /// that do not begin with `prefix` are ignored.
    pub separator: Option<String>,
    /// Computed value that the proof must equal. Its parts can be credentials, constant texts, other computed values,
    /// `raw_body`, `body.x`, `header.x`, `method` and `path.x`. `path.x` is the value of the member `x` of the body. If
    /// the body has no such member, the receiver passes the value.
    pub equals: Option<String>,
    /// Time at which the message was signed: `header.X-Timestamp` or `body.sentAt`. The type of this header or member
    /// defines the notation.
    pub time: Option<String>,
    /// Largest difference between the time of signing and the receiver's clock, in either direction, such as `5 min`.
    pub within: Option<Duration>,
    /// Description of the proof, or the reason why the message has none.
    pub doc: String,
}

impl Verify {
    /// Returns the proof on one line, such as `header X-Signature equals v1=<signature>`. `None` if the message has no
    /// proof.
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

/// Operation that confirms the claim of a message, and rules for the comparison of its reply with the claim. The call
/// of the operation is a status query, and the reply is the answer. An answer refutes the claim only if the answer
/// belongs to the status query and has a value that contradicts the claim. An absent or unreadable value proves
/// nothing.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Confirm {
    /// Operation that the client calls.
    pub with: String,
    /// Fields of the status query, each with the member of the message that fills it. If the answer has a member with
    /// the name of such a field, the member must repeat the value of the field.
    #[serde(default)]
    pub ask: Map<String>,
    /// Members of the answer, each with the member of the message that it must equal. A pair is not compared if the
    /// message lacks the member.
    #[serde(default)]
    pub equal: Map<String>,
    /// List in the answer that must have an entry for the message.
    pub list: Option<String>,
    /// With `list`: members of an entry, each with the member of the message that it must equal. An entry belongs to
    /// the message if all of these members are equal.
    #[serde(default)]
    pub entry: Map<String>,
    /// With `list`: further members of the entry that belongs to the message, each with the member of the message that
    /// it must equal. A pair is not compared if the message lacks the member.
    #[serde(default)]
    pub entry_equal: Map<String>,
    /// Members of the answer that must equal values passed by the caller. A message that contradicts such a value is
    /// refuted without a status query.
    #[serde(default)]
    pub expect: Vec<String>,
    /// Fields of the status query whose values the caller may have stored. If the message lacks such a value, the
    /// status query contains the stored value. Most senders of forged messages do not know the stored values. Part of
    /// the rate limit of status queries is therefore reserved for messages for which the caller passes a stored text,
    /// and for messages with a text that equals a value under `expect`. If messages of this callback have text members
    /// with the names of these fields, the reserved part is only for messages in which these members equal the stored
    /// values.
    #[serde(default)]
    pub known: Vec<String>,
    /// Member of the answer that contains the state.
    pub by: Option<String>,
    /// States that confirm the claim. The confirmation then reports no paid amount.
    #[serde(default)]
    pub confirming_values: Vec<String>,
    /// States in which the whole amount is paid. They confirm the claim, with the exception under `in_full`.
    pub paid: Option<Paid>,
    /// States after a refund. They confirm the claim if part of the amount is left.
    pub reversed: Option<Left>,
    /// States that refute the claim. These states must be final.
    #[serde(default)]
    pub refuting_values: Vec<String>,
    /// Member of the message that contains the claimed state. The state in the answer must be the claimed state or a
    /// later one. Otherwise, the answer proves nothing, unless its state is under `refuting_values`.
    pub not_before: Option<String>,
    /// Member of the answer that names the environment. Its value must be the environment of the caller's credentials.
    /// Credentials whose prefix names no environment count as `live`.
    pub environment: Option<String>,
}

impl Confirm {
    /// Returns `true` if a key other than `with` is given.
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

/// States in which the whole amount is paid, and the member that contains the amount.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Paid {
    /// The states.
    pub values: Vec<String>,
    /// Member of the answer that contains the paid amount.
    pub amount: String,
    /// States in which part of the amount may have been refunded. Part of it was refunded if the member that
    /// `reversed.remaining` names is smaller than the amount. If nothing is left, the answer proves nothing. If the
    /// answer lacks this member, the whole amount counts as left.
    #[serde(default)]
    pub in_full: Vec<String>,
}

/// States in which money was refunded, and the members that show how much is left.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Left {
    /// The states.
    pub values: Vec<String>,
    /// Member of the answer that contains the remaining amount. A value above zero and below the whole amount confirms
    /// the claim.
    pub remaining: String,
    /// Member of the answer that contains the whole amount.
    pub of: String,
    /// States that refute the claim if nothing is left. If nothing is left in another state under `values`, the answer
    /// proves nothing.
    #[serde(default)]
    pub refuting_values: Vec<String>,
}

/// How often a callback is sent again.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Resend {
    /// Largest number of repetitions.
    pub times: u32,
    /// Time within which all repetitions are sent.
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
