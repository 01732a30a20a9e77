//! Binding of a reply to its request, and resolution of a request with an unknown outcome. A resolution calls another
//! operation of the API. This call is the *status query*, and its reply is the *answer*.
//! [`Evidence`](crate::spec::Evidence) and [`Resolve`](crate::spec::Resolve) define the other terms.

use super::{ConditionValue, PagesModel, Ty};
use crate::spec::Verdict;

/// Members that show that a successful reply belongs to its request.
#[derive(Debug, Default)]
pub struct BindingModel {
    /// Members of the success that must repeat values of the request.
    pub binds: Vec<Bound>,
    /// Amounts of the request, each with the members of the success whose sum must equal the amount.
    pub sums: Vec<SumBound>,
    /// Member of the success that names the environment. Its value must be the environment of the caller's credentials.
    pub environment: Option<Found>,
}

/// Member of a success, and the value that the member must equal.
#[derive(Debug)]
pub struct Bound {
    /// Member of the success.
    pub found: Found,
    /// Set if the member must be present.
    pub strict: bool,
    /// Set if the sign of the member is ignored.
    pub magnitude: bool,
    /// Characters that only group digits, and are ignored in the comparison.
    pub separators: Option<String>,
    /// Field of the request, or fixed value, that the member must equal.
    pub own: Own,
}

/// Amount of the request, and the members of a reply whose sum must equal the amount.
#[derive(Debug)]
pub struct SumBound {
    /// Wire name of the amount in the request, or the dotted path to it.
    pub wire: String,
    /// Members of the reply. `true` marks a member that is written as a negative number.
    pub members: Vec<(Found, bool)>,
    /// Set if the members must be present.
    pub strict: bool,
    /// Field of the request that contains the amount.
    pub own: Own,
}

/// Member of a reply or field of a request, with the path to it.
#[derive(Debug, Clone)]
pub struct Found {
    /// Path of the member as the spec writes it, such as `amount.total` or `cards[].amount`.
    pub wire: String,
    /// Lists on the path to the member, outermost first. Each list is inside an entry of the preceding list, and the
    /// member is inside an entry of the last list.
    pub lists: Vec<Found>,
    /// Wire names on the path, outermost first, and the wire name of the member. `[]` denotes the entries of a list.
    pub path: Vec<String>,
    /// Groups on the path to the member, outermost first. If `lists` is not empty, these are only the groups inside an
    /// entry of the last list. Included groups are listed too, although they have no wire name.
    pub groups: Vec<PathStep>,
    /// Rust name of the member.
    pub rust: String,
    /// Set if the member is always present in its group.
    pub always: bool,
}

/// Group on the path to a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathStep {
    /// Rust name of the field that contains the group.
    pub rust: String,
    /// Set if the group is always present and is not an `Option`.
    pub always: bool,
}

/// Field of the status query, and the source of its value.
#[derive(Debug)]
pub enum Asked {
    /// A field that is filled from a field of the request whose outcome is unknown.
    Own {
        /// Name of the setter in the builder of the status query.
        setter: String,
        /// Field of the request. All groups on the path to it are mandatory.
        own: Found,
    },
    /// An object, which is built from several fields of the request.
    Group {
        /// Name of the setter in the builder of the status query.
        setter: String,
        /// Rust name of the object.
        of: String,
        /// Fields of the object.
        ask: Vec<Asked>,
    },
}

/// Resolution of a request with an unknown outcome.
#[derive(Debug)]
pub struct ResolutionPlan {
    /// Request type of the status query.
    pub question: String,
    /// Reply type of the status query, which is the type of the answer.
    pub answer: String,
    /// Fields of the status query that are filled from the request.
    pub ask: Vec<Asked>,
    /// Members of the answer that identify the request that the answer is about. If one of these members differs from
    /// the corresponding value of this request, the answer is about another request.
    pub identity: Vec<String>,
    /// Source of the state in the answer.
    pub state: ShownState,
    /// Members of the answer that must equal fields of the request.
    pub binds: Vec<Compare>,
    /// Amounts of the request, each with the members of the answer whose sum must equal the amount.
    pub sums: Vec<SumBound>,
    /// Amounts of the request, each with the members of the list's entry whose sum must equal the amount.
    pub entry_sums: Vec<SumBound>,
    /// Members of the answer, or of the list's entry, whose values the caller passes.
    pub expect: Vec<Expect>,
    /// Members in `expect` that the reply of the operation itself also has. Each is preceded by its index in `expect`.
    pub reply_expect: Vec<(usize, Found)>,
    /// Member of the answer that names the environment. Its value must be the environment of the caller's credentials.
    pub environment: Option<Found>,
    /// Member of the answer that contains the time at which the described object, such as the payment, was created.
    /// This time shows whether the answer is about an older request.
    pub not_before: Option<Found>,
    /// Member of the answer that contains the remaining amount.
    pub remaining: Option<Found>,
    /// States and members that show whether part of the effect was reversed.
    pub in_full: Option<InFullModel>,
    /// Pairs of members of the answer. The verdicts `not_done` and `repeat` in `after_acceptance` are valid only if the
    /// members of each pair are present and equal.
    pub unchanged: Vec<(Found, Found)>,
    /// Set if the request is sent again before each status query.
    pub repeat_first: bool,
    /// Verdicts for states, valid at any time.
    pub immediately: Vec<(String, Verdict)>,
    /// Verdicts for states, valid only while no attempt is known to have received a success. These verdicts are not
    /// valid if another process may have made an attempt.
    pub unanswered: Vec<(String, Verdict)>,
    /// Verdicts for states, valid only when the service can no longer accept an earlier attempt.
    pub after_acceptance: Vec<(String, Verdict)>,
    /// Error codes of the status query that mean "not found".
    pub absent: Vec<String>,
    /// Largest number of repetitions that the verdict `repeat` causes.
    pub repeats: u32,
    /// Time after the first attempt in which the service recognizes a repetition, in seconds. `None` means no limit.
    pub repeatable_for: Option<u64>,
    /// Rust names of optional fields of the request that a repetition needs.
    pub repeat_needs: Vec<String>,
    /// Members of the answer that a person has to check if the outcome stays unknown.
    pub look_at: Vec<String>,
    /// Time limit of the resolution, in seconds.
    pub within: u64,
}

/// Condition under which no part of the effect has been reversed: `remaining` is at least `whole`.
#[derive(Debug)]
pub struct InFullModel {
    /// States in which the condition is checked.
    pub values: Vec<String>,
    /// Member of the answer that contains the remaining amount.
    pub remaining: Found,
    /// Member of the answer that contains the whole amount.
    pub whole: Found,
}

/// Source of the state in an answer.
#[derive(Debug)]
pub enum ShownState {
    /// The state is `found` for any answer.
    Found,
    /// The state is the value of this member.
    Value(Found),
    /// The entries of this list determine the state.
    List(ListState),
}

/// List whose entries determine the state.
#[derive(Debug)]
pub struct ListState {
    /// Member of the answer that contains the list.
    pub found: Found,
    /// Wire names on the path to the list in the body, including the path of the payload.
    pub path: Vec<String>,
    /// Members that identify the entry that belongs to the request.
    pub entry: Vec<Compare>,
    /// Members of that entry that must equal fields of the request.
    pub equal: Vec<Compare>,
    /// Members that identify an entry that reverses the effect.
    pub reversed: Vec<Compare>,
    /// Pagination of the status query, if the answer is one page of a list.
    pub pages: Option<Box<PagesModel>>,
}

/// Member of the answer, or of an entry of a list in the answer, and the value with which the member is compared.
#[derive(Debug)]
pub struct Compare {
    /// Member of the answer or the entry.
    pub found: Found,
    /// Characters that only group digits, and are ignored in the comparison.
    pub separators: Option<String>,
    /// Field of the request, or fixed value, that the member must equal.
    pub own: Own,
}

/// Value that a member must equal. The variants differ in how generated code reads the value.
#[derive(Debug)]
pub enum Own {
    /// A field that always has a value.
    Plain(String),
    /// A nested field that always has a value. All groups on the path to it are mandatory.
    Inside(Found),
    /// A field whose `None` means null.
    Null(String),
    /// A field that is not compared if it is `None`.
    Optional(String),
    /// A list of the request. The member must equal one of the entries of the list. `true` means that the list is
    /// optional. If the list is absent, the member may have any value.
    AnyOf(String, bool),
    /// A value that is the same for every request.
    Fixed {
        /// The possible values.
        values: Vec<ConditionValue>,
        /// Enumeration and variant for values that the spec does not list. The comparison with such a value proves
        /// nothing, because the value may mean the same as a listed value.
        unknown: Option<(String, &'static str)>,
    },
    /// An alternative of a [`OneOf`](super::OneOf). The alternative is not compared if the request has another
    /// alternative.
    Choice {
        /// Rust name of the field.
        field: String,
        /// Rust name of the enumeration.
        of: String,
        /// Variant of the alternative.
        variant: String,
    },
}

/// Member of an answer whose value the caller passes.
#[derive(Debug)]
pub struct Expect {
    /// Member of the answer.
    pub found: Found,
    /// Name of the parameter by which the caller passes the value.
    pub rust: String,
    /// Type of the value.
    pub of: Ty,
    /// Set if the member is in an entry of the list.
    pub in_entry: bool,
}
