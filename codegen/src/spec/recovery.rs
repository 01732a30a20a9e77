//! What to do when an answer is lost, and what proves what.

use super::{Duration, Map};
use schemars::JsonSchema;
use serde::Deserialize;

/// What to do when an operation's answer is lost.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Recovery {
    /// Whether the request may be sent again.
    pub class: RecoveryClass,
    /// The operation that tells what became of it.
    pub with: Option<String>,
    /// A refusal may come after part of it was done, and leaves the outcome unknown.
    #[serde(default)]
    pub partial: bool,
    /// How a request whose outcome is unknown is resolved: what the client does when it is asked to find out.
    pub resolve: Option<Resolve>,
    /// Why.
    pub doc: Option<String>,
}

/// What shows that a reply is about the request that it answers.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// Money moves when the operation is carried out. Then a success without its binding members is unknown, and so is
    /// a refusal with a code that is not documented.
    #[serde(default)]
    pub moves_money: bool,
    /// Members of a success, each with the field of the request that it has to equal. Where money moves they have to be
    /// there; elsewhere they have to be equal if they are there.
    #[serde(default)]
    pub binds: Map<Binding>,
    /// The member of a success that names the environment that the caller's credentials belong to.
    pub environment: Option<String>,
    /// Fields of the path and the body that name what is done. Requests that agree in them are attempts at the same thing, whatever
    /// their other fields are. Absent: the whole request names it.
    #[serde(default)]
    pub identity: Vec<String>,
    /// In words: what binds a reply that repeats nothing of its request, and other reasons.
    pub doc: Option<String>,
}

/// What a member of a reply has to equal.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Binding {
    /// A field of the request.
    Field(String),
    /// A field of the request, whatever the sign of the member.
    Magnitude(MagnitudeOf),
}

/// A field whose magnitude counts.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MagnitudeOf {
    /// The field of the request.
    pub magnitude_of: String,
}

impl Binding {
    /// The field of the request.
    pub fn field(&self) -> &str {
        match self {
            Self::Field(name) => name,
            Self::Magnitude(of) => &of.magnitude_of,
        }
    }

    /// Whether the sign of the member is passed over.
    pub fn is_magnitude(&self) -> bool {
        matches!(self, Self::Magnitude(_))
    }
}

/// Whether a request may be sent again after its answer was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RecoveryClass {
    /// Yes: sending it twice is the same as sending it once.
    Resend,
    /// Only after the operation named `with` has told that it did not take effect.
    AskFirst,
    /// No.
    Never,
}

/// How a request whose outcome is unknown is resolved. The answer of the operation `with` is reduced to one word: the
/// value of the member `by`; with `list`, whether it has the entry (`match`), only others (`others`) or none (`empty`);
/// else `found`. A question that is refused with one of the codes under `absent` has the word `absent`.
///
/// What a word proves stands in three tables: `immediately`, `unanswered` and `after_acceptance`. A word that stands in
/// none of them proves nothing, and is asked about again.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Resolve {
    /// The question's fields, each with the field of this request that fills it.
    pub ask: Map<String>,
    /// The same request is sent again before anything is asked. Only for class `resend`.
    #[serde(default)]
    pub repeat_first: bool,
    /// Members of the answer, each with the field of this request it has to equal, where that is given. An answer
    /// without them proves nothing.
    #[serde(default)]
    pub binds: Map<String>,
    /// Members of the answer whose values the caller states.
    #[serde(default)]
    pub expect: Vec<String>,
    /// The member of the answer that names the environment that the caller's credentials belong to.
    pub environment: Option<String>,
    /// The member of the answer with the time of creation. An answer from before the first attempt is about something
    /// else.
    pub not_before: Option<String>,
    /// The member of the answer that tells.
    pub by: Option<String>,
    /// Instead: the list in the answer that tells.
    pub list: Option<String>,
    /// With `list`: members of its entries, each with the field of this request it has to equal.
    #[serde(default)]
    pub entry: Map<String>,
    /// What a word proves at any time.
    #[serde(default)]
    pub immediately: Map<Verdict>,
    /// What a word proves while the client knows that no attempt was answered.
    #[serde(default)]
    pub unanswered: Map<Verdict>,
    /// What a word proves once no earlier attempt can be accepted any more, and what was accepted shows.
    #[serde(default)]
    pub after_acceptance: Map<Verdict>,
    /// The member of the answer that says how much is left: what a verdict `reversed` reports, and what shows that
    /// something has changed since a repetition was refused.
    pub remaining: Option<String>,
    /// States in which the request is in force in full if `remaining` is not less than another member: with less, the
    /// verdict `done` is `reversed`.
    pub in_full: Option<InFull>,
    /// Members of the answer that have to be there and equal, pair by pair, for `not_done` under `after_acceptance`.
    #[serde(default)]
    pub unchanged: Map<String>,
    /// Codes of the question that say that there is nothing.
    #[serde(default)]
    pub absent: Vec<String>,
    /// How often the request may be sent again after asking. Absent: not at all.
    #[serde(default)]
    pub repeats: u32,
    /// Optional fields of the request without which it is not sent again.
    #[serde(default)]
    pub repeat_needs: Vec<String>,
    /// Members of the answer that a person looks at when the outcome stays unknown.
    pub look_at: Vec<String>,
    /// The longest that resolving may take.
    pub within: Duration,
}

/// What is in force while nothing has been taken back.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InFull {
    /// The states.
    pub values: Vec<String>,
    /// The member of the answer with the whole amount.
    pub amount: String,
}

/// What a word of an answer proves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The request took effect, and all of it is in force.
    Done,
    /// It took effect, and all or part of it has been taken back since.
    Reversed,
    /// It did not take effect, and cannot any more.
    NotDone,
    /// It did not take effect so far; sending it again is safe.
    Repeat,
}
