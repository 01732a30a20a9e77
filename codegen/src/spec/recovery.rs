//! Recovery after a lost reply, and the evidence that a reply belongs to its request.

use super::{Duration, Literals, Map};
use schemars::JsonSchema;
use serde::Deserialize;

/// What the client does if the reply of an operation is lost.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Recovery {
    /// Whether the request may be sent again.
    pub class: RecoveryClass,
    /// Operation whose answer shows the outcome.
    pub with: Option<String>,
    /// Set if the service may carry out part of a request and then reject the request. A rejection then leaves the
    /// outcome unknown.
    #[serde(default)]
    pub partial: bool,
    /// How the client resolves a request whose outcome is unknown.
    pub resolve: Option<Resolve>,
    /// Reasons for the class, and for the conclusions of the resolution.
    pub doc: Option<String>,
}

/// Evidence that a reply belongs to its request. A success is a reply that reports success as the envelope defines it.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// Set if the operation moves money. The outcome is then unknown if a success lacks a member under `binds` or
    /// `sums`, or if a rejection has an undocumented error code.
    #[serde(default)]
    pub moves_money: bool,
    /// Members of a success, each with the field of the request that it must equal. Instead of a field, the value can
    /// be `{ magnitude_of: FIELD }`, which ignores the sign, or a fixed value such as `{ is: SUCCESS }`. A pair is not
    /// compared if the request lacks the field. If the operation moves money, all compared members must be present.
    /// Otherwise, only compared members with `magnitude_of` must be present. `cards[].state` is the member `state` of
    /// each entry of the list `cards`. If the list is empty, the member counts as absent.
    #[serde(default)]
    pub binds: Map<Binding>,
    /// Amounts of the request, each with members of a success. The sum of these members must equal the amount. If the
    /// operation moves money, all of these members must be present. Otherwise, the sum is not compared if one of them
    /// is absent. A member that is `negative` counts by its magnitude. `cards[].amount` adds the member `amount` of
    /// each entry of the list `cards`.
    #[serde(default)]
    pub sums: Map<Vec<String>>,
    /// Set if a success repeats no value of its request, so that no member can be bound. The client then accepts any
    /// success that it receives as the reply to the request. `doc` must give the reason.
    #[serde(default)]
    pub repeats_nothing: bool,
    /// Member of a success that names the environment. Its value must be the environment of the caller's credentials.
    /// Credentials whose prefix names no environment count as `live`.
    pub environment: Option<String>,
    /// Fields of the path, the headers and the body that identify the effect of a request. A header is written
    /// `header.Idempotency-Key`, and a field of an object as its dotted path. Requests with the same path and query and
    /// with equal values of these fields are attempts at the same request, even if other fields differ. Default: the
    /// whole request.
    #[serde(default)]
    pub identity: Vec<String>,
    /// Reasons for the evidence. With `repeats_nothing`, the reason why a reply nevertheless belongs to its request.
    pub doc: Option<String>,
}

impl Evidence {
    /// Returns the fields of the path and the body that identify the effect of a request.
    pub fn identity_members(&self) -> impl Iterator<Item = &str> {
        self.identity.iter().map(String::as_str).filter(|name| name.strip_prefix("header.").is_none())
    }

    /// Returns the names of the headers that identify the effect of a request, without the prefix `header.`.
    pub fn identity_headers(&self) -> impl Iterator<Item = &str> {
        self.identity.iter().filter_map(|name| name.strip_prefix("header."))
    }
}

/// Value that a member of a reply must equal.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Binding {
    /// The value of this field of the request.
    Field(String),
    /// The value of a field of the request. The sign of the member is ignored.
    Magnitude(MagnitudeOf),
    /// A value that is the same for every request.
    Fixed(FixedValue),
}

/// Field of the request whose amount a member repeats, with either sign.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MagnitudeOf {
    /// The field of the request.
    pub magnitude_of: String,
}

impl Binding {
    /// Returns the field of the request. `None` for a value that is the same for every request.
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

/// Whether a request may be sent again after its reply was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RecoveryClass {
    // The variants are in the order of strictness, because classes are compared.
    /// Yes, because sending it twice has the same effect as sending it once.
    Resend,
    /// Only after the answer of the operation `with` has shown that the request did not take effect.
    AskFirst,
    /// No.
    Never,
}

/// Resolution of a request whose outcome is unknown. The client calls the operation `with`. This call is a status
/// query, and its reply is the answer. The client derives a state from the answer. With `by`, the state is the value of
/// that member. With `list`, the state is `match` if an entry of the list belongs to this request. If the list also has
/// an entry that reverses the effect, the state is `reversed` instead. The state is `others` if all entries belong to
/// other requests, and `empty` if the list has no entries. Without `by` and `list`, the state is `found`. If the
/// service rejects the status query with an error code under `absent`, the state is `absent`.
///
/// The tables `immediately`, `unanswered` and `after_acceptance` map states to verdicts. A state in none of the tables
/// proves nothing, and the client queries the status again.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Resolve {
    /// Fields of the status query, each with the field of this request that fills it. Under all keys of `resolve:`, a
    /// field or member inside an object is written as its dotted path, such as `amount.total`.
    pub ask: Map<String>,
    /// Set if the client sends the request again before each status query for which enough time is left. If the reply
    /// is a success that belongs to the request, the resolution ends. After a rejection that is not temporary, the
    /// client only queries the status. It sends the request again if the state or the remaining amount changes. It also
    /// sends the request again, but only once, if the state still proves nothing when verdicts under `after_acceptance`
    /// are valid. Only for the class `resend`.
    #[serde(default)]
    pub repeat_first: bool,
    /// Members of the answer, each with the field of this request that it must equal. A pair is not compared if the
    /// request lacks the field. An answer that lacks a compared member proves nothing. `cards[].number` is the member
    /// `number` of each entry of the list `cards`.
    #[serde(default)]
    pub binds: Map<String>,
    /// Amounts of this request, each with members of the answer, in the notation of `sums:` under `evidence:`. The sum
    /// of these members must equal the amount. An answer with another sum proves nothing.
    #[serde(default)]
    pub sums: Map<Vec<String>>,
    /// Members of the answer that must equal values passed by the caller. For a member such as `cards[].number`, each
    /// entry of the list must have the value. If the member is a number or an amount, such as `cards[].amount`, the sum
    /// of all entries must equal the value instead.
    #[serde(default)]
    pub expect: Vec<String>,
    /// Member of the answer that names the environment. Its value must be the environment of the caller's credentials.
    /// Credentials whose prefix names no environment count as `live`.
    pub environment: Option<String>,
    /// Member of the answer that contains the time at which the service created the payment or other object that the
    /// answer describes. If this request cannot have been carried out at that time, the answer is about another
    /// request.
    pub not_before: Option<String>,
    /// Member of the answer that contains the state. For a member such as `cards[].state`, all entries of the list must
    /// have the same state. If their states differ, the answer proves nothing.
    pub by: Option<String>,
    /// List in the answer. Its entries determine the state. `list` and `by` exclude each other.
    pub list: Option<String>,
    /// With `list`: members of an entry, each with the field of this request that it must equal, or with one or more
    /// fixed values such as `{ is: CANCEL }`. An entry belongs to this request if all of these members have the
    /// required values.
    #[serde(default)]
    pub entry: Map<EntryValue>,
    /// With `list`: further members of the entry that belongs to this request, each with the field of this request that
    /// it must equal. If such a member has another value, the answer proves nothing.
    #[serde(default)]
    pub entry_equal: Map<String>,
    /// With `list`: amounts of this request, each with members of the entry that belongs to this request, in the
    /// notation of `sums`. The sum of these members must equal the amount.
    #[serde(default)]
    pub entry_sums: Map<Vec<String>>,
    /// With `list`: members of the entry that belongs to this request. These members must equal values passed by the
    /// caller.
    #[serde(default)]
    pub entry_expect: Vec<String>,
    /// With `list`: values by which an entry that reverses the effect is recognized, in the notation of `entry`. If the
    /// list has such an entry besides the entry of this request, the state is `reversed` instead of `match`.
    #[serde(default)]
    pub entry_reversed: Map<EntryValue>,
    /// Verdict for each state, valid at any time.
    #[serde(default)]
    pub immediately: Map<Verdict>,
    /// Verdict for each state, valid only while no attempt received a success, as far as the client knows. The verdict
    /// is not valid if another process may have made an attempt.
    #[serde(default)]
    pub unanswered: Map<Verdict>,
    /// Verdict for each state, valid only when `accepted_within` and `shown_within` have passed since the last attempt.
    /// The service can then no longer accept an earlier attempt, and answers show every accepted attempt.
    #[serde(default)]
    pub after_acceptance: Map<Verdict>,
    /// Member of the answer that contains the remaining amount. The verdict `reversed` reports this amount. With
    /// `repeat_first`, the client sends a rejected request again if the amount changes.
    pub remaining: Option<String>,
    /// States whose verdict `done` becomes `reversed` if the remaining amount is less than the whole amount. If the
    /// answer lacks the member that `remaining` names, the whole amount counts as left, and the verdict stays `done`.
    pub in_full: Option<InFull>,
    /// Pairs of members of the answer. Under `after_acceptance`, the verdicts `not_done` and `repeat` of a state other
    /// than `absent` are valid only if the members of each pair are present and equal. With `entry_reversed`, an answer
    /// in the state `match` proves nothing unless it meets the same condition.
    #[serde(default)]
    pub unchanged: Map<String>,
    /// Error codes that mean "not found" when the service rejects the status query.
    #[serde(default)]
    pub absent: Vec<String>,
    /// Largest number of repetitions that the verdict `repeat` causes, over all resolutions of a request.
    /// `repeats` and `repeat_first` exclude each other.
    #[serde(default)]
    pub repeats: u32,
    /// Time after the first attempt in which the service recognizes a repetition, such as the lifetime of an
    /// idempotency key. A resolution does not send the request again if the service may receive a repetition after this
    /// time, or if the time of the first attempt is unknown. Default: no limit.
    pub repeatable_for: Option<Duration>,
    /// Optional fields of the request. A resolution does not send the request again if the request lacks one of these
    /// fields.
    #[serde(default)]
    pub repeat_needs: Vec<String>,
    /// Members of the answer that a person must check if the outcome stays unknown.
    pub look_at: Vec<String>,
    /// Time limit of the resolution.
    pub within: Duration,
}

/// Value that a member of an entry must equal.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum EntryValue {
    /// The value of this field of the request.
    Field(String),
    /// A value that is the same for every request.
    Fixed(FixedValue),
}

/// A value that is the same for every request.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FixedValue {
    /// Value of an enumeration, a boolean or an integer. With a list of such values, the member must equal one of them.
    pub is: Literals,
}

/// States and an amount that show whether part of the effect was reversed.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InFull {
    /// States with the verdict `done`.
    pub values: Vec<String>,
    /// Member of the answer that contains the whole amount. If the remaining amount is less than the whole amount, part
    /// of the effect was reversed. If the answer lacks the remaining amount, the whole amount counts as left.
    pub amount: String,
}

/// Conclusion from a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The request took effect, and no part of the effect was reversed.
    Done,
    /// The request took effect, and all or part of its effect was reversed later.
    Reversed,
    /// The request did not take effect, and can no longer take effect.
    NotDone,
    /// The request has not taken effect so far, and sending it again is safe.
    Repeat,
}
