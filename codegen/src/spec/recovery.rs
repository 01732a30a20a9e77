//! Recovery after a lost answer, and evidence.

use super::{Duration, Literals, Map};
use schemars::JsonSchema;
use serde::Deserialize;

/// What to do if the answer of an operation is lost.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Recovery {
    /// Whether the request may be sent again.
    pub class: RecoveryClass,
    /// Operation that shows the outcome.
    pub with: Option<String>,
    /// Set if a rejection may come after part of the request was carried out. The outcome is then unknown.
    #[serde(default)]
    pub partial: bool,
    /// Resolution of a request with an unknown outcome: the steps of the client.
    pub resolve: Option<Resolve>,
    /// Reason.
    pub doc: Option<String>,
}

/// Binding of a reply to its request.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// Set if the operation moves money. The outcome is then unknown if a success lacks its binding members, or if a
    /// rejection has an undocumented code.
    #[serde(default)]
    pub moves_money: bool,
    /// Members of a success, each with the field of the request that it has to equal. If the operation moves money,
    /// these members must be present; otherwise they are compared only if they are present. `cards[].state` names the
    /// member of each entry of a list. Such a list must not be empty.
    #[serde(default)]
    pub binds: Map<Binding>,
    /// Amounts of the request, each with the members of a success whose sum equals it. All of them must be present. A
    /// member that is `negative` counts by its magnitude. `cards[].amount` adds the member of each entry of a list.
    #[serde(default)]
    pub sums: Map<Vec<String>>,
    /// Set if a success repeats no value of its request, so that no member can be bound. The client then accepts a
    /// success only because it is the reply to this request. `doc` must give the reason.
    #[serde(default)]
    pub repeats_nothing: bool,
    /// Member of a success with the environment of the caller's credentials.
    pub environment: Option<String>,
    /// Fields of the path and the body that identify the effect, and headers as `header.Idempotency-Key`. A field of an
    /// object is named by its dotted path. Requests with equal values of these fields are attempts at the same request,
    /// regardless of other fields. Default: the whole request.
    #[serde(default)]
    pub identity: Vec<String>,
    /// Reasons, such as the reason why a reply that repeats no value of its request belongs to the request.
    pub doc: Option<String>,
}

impl Evidence {
    /// Fields of the path and the body that identify the effect.
    pub fn identity_members(&self) -> impl Iterator<Item = &str> {
        self.identity.iter().map(String::as_str).filter(|name| name.strip_prefix("header.").is_none())
    }

    /// Headers that identify the effect.
    pub fn identity_headers(&self) -> impl Iterator<Item = &str> {
        self.identity.iter().filter_map(|name| name.strip_prefix("header."))
    }
}

/// Value that a member of a reply has to equal.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Binding {
    /// A field of the request.
    Field(String),
    /// A field of the request, regardless of the sign of the member.
    Magnitude(MagnitudeOf),
    /// A value that is the same for every request.
    Fixed(FixedValue),
}

/// Field whose magnitude is compared.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MagnitudeOf {
    /// Field of the request.
    pub magnitude_of: String,
}

impl Binding {
    /// Returns the field of the request, unless the value is the same for every request.
    pub fn field(&self) -> Option<&str> {
        match self {
            Self::Field(name) => Some(name),
            Self::Magnitude(of) => Some(&of.magnitude_of),
            Self::Fixed(_) => None,
        }
    }

    /// Returns `true` if the sign of the member is ignored.
    pub fn is_magnitude(&self) -> bool {
        matches!(self, Self::Magnitude(_))
    }
}

/// Whether a request may be sent again after a lost answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RecoveryClass {
    /// Yes: sending it twice has the same effect as sending it once.
    Resend,
    /// Only after the operation `with` has shown that the request did not take effect.
    AskFirst,
    /// No.
    Never,
}

/// Resolution of a request with an unknown outcome. The client calls the operation `with`: this call is the question,
/// and its reply is the answer. The answer is reduced to a state. With `by`, the state is the value of that member.
/// With `list`, the state is `match` if the list has an entry of this request, and `reversed` if another entry reverses
/// its effect. It is `others` if the list has only other entries, and `empty` if the list is empty. Without `by` and
/// `list`, the state is `found`. If the service rejects the question with one of the codes under `absent`, the state is
/// `absent`.
///
/// Three tables contain the verdict for each state: `immediately`, `unanswered` and `after_acceptance`. A state in none
/// of these tables proves nothing, and the client asks the service again.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Resolve {
    /// Fields of the question, each with the field of this request that fills it. Fields and members inside objects are
    /// named by dotted paths, here and in all other keys: `amount.total`.
    pub ask: Map<String>,
    /// Sends the same request again before each question, until a bound success or a rejection arrives. Only for class
    /// `resend`.
    #[serde(default)]
    pub repeat_first: bool,
    /// Members of the answer, each with the field of this request that it has to equal, if the request has the field.
    /// An answer without these members proves nothing. `cards[].number` names the member of each entry of a list.
    #[serde(default)]
    pub binds: Map<String>,
    /// Amounts of this request, each with the members of the answer whose sum equals it, in the notation of `sums:`
    /// under `evidence:`. An answer with another sum proves nothing.
    #[serde(default)]
    pub sums: Map<Vec<String>>,
    /// Members of the answer whose values the caller passes. With `cards[].number`, each entry must have that value.
    /// Amounts, as in `cards[].amount`, must add up to it.
    #[serde(default)]
    pub expect: Vec<String>,
    /// Member of the answer with the environment of the caller's credentials.
    pub environment: Option<String>,
    /// Member of the answer with the time of creation. An answer with a time before the first attempt belongs to
    /// another request.
    pub not_before: Option<String>,
    /// Member of the answer with the state. `cards[].state` is the state that all entries of a list have. If the states
    /// differ, the answer proves nothing.
    pub by: Option<String>,
    /// List in the answer that determines the state, instead of `by`.
    pub list: Option<String>,
    /// With `list`: members that identify this request's entry, each with the field of this request that it has to
    /// equal, or with one or more fixed values: `{ is: CANCEL }`.
    #[serde(default)]
    pub entry: Map<EntryValue>,
    /// With `list`: members of that entry, each with the field of this request that it has to equal. An entry of this
    /// request with another value proves nothing.
    #[serde(default)]
    pub entry_equal: Map<String>,
    /// With `list`: amounts of this request, each with the members of that entry whose sum equals it, in the notation
    /// of `sums`.
    #[serde(default)]
    pub entry_sums: Map<Vec<String>>,
    /// With `list`: members of that entry whose values the caller passes.
    #[serde(default)]
    pub entry_expect: Vec<String>,
    /// With `list`: members of an entry that reverses the effect, in the notation of `entry`. With such an entry, the
    /// state is `reversed` instead of `match`.
    #[serde(default)]
    pub entry_reversed: Map<EntryValue>,
    /// Verdicts by state that are valid at any time.
    #[serde(default)]
    pub immediately: Map<Verdict>,
    /// Verdicts by state that are valid only if it is certain that no attempt was answered.
    #[serde(default)]
    pub unanswered: Map<Verdict>,
    /// Verdicts by state that are valid only when no earlier attempt can be accepted any more, and every accepted
    /// attempt appears in answers.
    #[serde(default)]
    pub after_acceptance: Map<Verdict>,
    /// Member of the answer with the remaining amount. The verdict `reversed` reports this amount. If the amount
    /// changes after a rejected repetition, another request took effect.
    pub remaining: Option<String>,
    /// States in which the whole effect is in force only if `remaining` is at least the value of another member.
    /// Otherwise the verdict `done` becomes `reversed`.
    pub in_full: Option<InFull>,
    /// Pairs of members of the answer that must be present and equal for `not_done` under `after_acceptance`.
    #[serde(default)]
    pub unchanged: Map<String>,
    /// Error codes of the question that mean "not found".
    #[serde(default)]
    pub absent: Vec<String>,
    /// Largest number of repetitions that the verdict `repeat` causes, over all resolutions of a request. Repetitions
    /// that `repeat_first` causes do not count. Default: none.
    #[serde(default)]
    pub repeats: u32,
    /// Time after the first attempt in which the service recognizes a repetition, such as the lifetime of an
    /// idempotency key. After this time, or if the time of the first attempt is unknown, the client does not send the
    /// request again. Default: no limit.
    pub repeatable_for: Option<Duration>,
    /// Optional fields of the request that a repetition needs.
    #[serde(default)]
    pub repeat_needs: Vec<String>,
    /// Members of the answer that a person has to check if the outcome stays unknown.
    pub look_at: Vec<String>,
    /// Time limit of the resolution.
    pub within: Duration,
}

/// Value that a member of a list's entry has to equal.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum EntryValue {
    /// A field of the request.
    Field(String),
    /// A value that is the same for every request.
    Fixed(FixedValue),
}

/// A value that is the same for every request.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FixedValue {
    /// Value of an enumeration, a boolean or an integer. For a list's entry, it may also be a list of values.
    pub is: Literals,
}

/// Condition under which no part of the effect has been reversed.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InFull {
    /// The states.
    pub values: Vec<String>,
    /// Member of the answer with the whole amount.
    pub amount: String,
}

/// Verdict for a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The request took effect, and its whole effect is in force.
    Done,
    /// The request took effect, and all or part of its effect was reversed later.
    Reversed,
    /// The request did not take effect, and cannot take effect any more.
    NotDone,
    /// The request has not taken effect so far; sending it again is safe.
    Repeat,
}
