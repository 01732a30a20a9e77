//! What to do when an answer is lost.

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
    /// How a doubt is settled: what the client does by itself when it is asked to find out.
    pub settle: Option<Settle>,
    /// Why.
    pub doc: Option<String>,
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

/// How a doubt about a request is settled. The answer of the operation `with` is reduced to one word: the value of the
/// member `by`; with `list`, whether it has the entry (`match`), only others (`others`) or none (`empty`); else `found`.
/// A question that is refused with one of the codes under `absent` has the word `absent`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Settle {
    /// The question's fields, each with the field of this request that fills it.
    pub ask: Map<String>,
    /// The same request is sent again before anything is asked. Only for class `resend`.
    #[serde(default)]
    pub resend_first: bool,
    /// The member of the answer that tells.
    pub by: Option<String>,
    /// Instead: the list in the answer that tells.
    pub list: Option<String>,
    /// With `list`: members of its entries, each with the field of this request it has to equal.
    #[serde(default)]
    pub entry: Map<String>,
    /// Members of the answer, each with the field of this request it has to equal, where that is given.
    #[serde(default)]
    pub equal: Map<String>,
    /// Members of the answer whose values the caller states.
    #[serde(default)]
    pub expect: Vec<String>,
    /// What a word means at once.
    #[serde(default)]
    pub at_once: Map<Verdict>,
    /// For how long the word has to stay the same before `then` holds.
    pub quiet: Option<Duration>,
    /// What a word means after that time.
    #[serde(default)]
    pub then: Map<Verdict>,
    /// Codes of the question that prove that there is nothing.
    #[serde(default)]
    pub absent: Vec<String>,
    /// Codes of a repeated request that prove that an earlier one took effect.
    #[serde(default)]
    pub landed: Vec<String>,
    /// How often the request may be sent again after asking. Absent: not at all.
    #[serde(default)]
    pub resends: u32,
    /// Optional fields of the request without which it is not sent again.
    #[serde(default)]
    pub resend_needs: Vec<String>,
    /// The longest that settling may take.
    pub within: Duration,
}

/// What an answer means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The request took effect.
    Done,
    /// It did not, and will not.
    NotDone,
    /// It did not; sending it again is safe.
    Resend,
}
