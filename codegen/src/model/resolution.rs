//! Binding of a reply to its request, and resolution of a request with an unknown outcome.

use super::{ConditionValue, PagesModel, Ty};
use crate::spec::Verdict;

/// Binding of a success to its request.
#[derive(Debug, Default)]
pub struct BindingModel {
    /// Members that must repeat values of the request.
    pub binds: Vec<Bound>,
    /// Amounts of the request that members add up to.
    pub sums: Vec<SumBound>,
    /// The member with the environment.
    pub environment: Option<Found>,
}

/// Member of a success, and the field of the request to compare it with.
#[derive(Debug)]
pub struct Bound {
    /// The member.
    pub found: Found,
    /// Set if the member must be present.
    pub strict: bool,
    /// Set if the sign of the member is ignored.
    pub magnitude: bool,
    /// Characters that only group digits.
    pub separators: Option<String>,
    /// The field of the request.
    pub own: Own,
}

/// Amount of the request, and the members of a success that add up to it.
#[derive(Debug)]
pub struct SumBound {
    /// Name of the amount.
    pub wire: String,
    /// The members, each with `true` if the member is written as a negative number.
    pub members: Vec<(Found, bool)>,
    /// Set if the members must be present.
    pub strict: bool,
    /// The field of the request.
    pub own: Own,
}

/// A member of an answer.
#[derive(Debug, Clone)]
pub struct Found {
    /// The name in the spec: on the wire, or a dotted path through objects.
    pub wire: String,
    /// Lists on the path to the member, from the outside, each inside an entry of the preceding list. If there are any,
    /// each entry of the last list has the member.
    pub lists: Vec<Found>,
    /// Names on the wire, from the outside. `[]` stands for the entries of a list.
    pub path: Vec<String>,
    /// Groups on the path to it, from the outside, or from the entry of the last list. They include flat groups, which
    /// have no name on the wire.
    pub groups: Vec<PathStep>,
    /// The Rust name.
    pub rust: String,
    /// Set if the member is always present in its group.
    pub always: bool,
}

/// A member on the path to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathStep {
    /// The Rust name.
    pub rust: String,
    /// Set if the member is always present.
    pub always: bool,
}

/// Field of a question, and the source of its value.
#[derive(Debug)]
pub enum Asked {
    /// A field of this request.
    Own {
        /// The setter.
        setter: String,
        /// The field, in mandatory groups.
        own: Found,
    },
    /// An object.
    Group {
        /// The setter.
        setter: String,
        /// The object.
        of: String,
        /// Its fields.
        ask: Vec<Asked>,
    },
}

/// Resolution of a request.
#[derive(Debug)]
pub struct ResolutionPlan {
    /// Request that asks for the status.
    pub question: String,
    /// Its reply.
    pub answer: String,
    /// Fields of the question.
    pub ask: Vec<Asked>,
    /// Members of the answer that repeat the question.
    pub identity: Vec<String>,
    /// Location of the state in the answer.
    pub state: ShownState,
    /// Members of the answer that must equal fields of the request.
    pub binds: Vec<Compare>,
    /// Amounts of the request that members of the answer add up to.
    pub sums: Vec<SumBound>,
    /// Amounts of the request that members of the list's entry add up to.
    pub entry_sums: Vec<SumBound>,
    /// Members of the answer, or of an entry of its list, whose values the caller passes.
    pub expect: Vec<Expect>,
    /// Members of the operation's own reply that correspond to entries of `expect`, each with the index of its entry.
    pub reply_expect: Vec<(usize, Found)>,
    /// The member with the environment.
    pub environment: Option<Found>,
    /// The member with the time of creation.
    pub not_before: Option<Found>,
    /// Member with the remaining amount.
    pub remaining: Option<Found>,
    /// Condition under which `remaining` shows that a part was reversed.
    pub in_full: Option<InFullModel>,
    /// Pairs of members that must be equal for `not_done`.
    pub unchanged: Vec<(Found, Found)>,
    /// Set if the request is sent again before the question.
    pub repeat_first: bool,
    /// Verdicts by state that are valid at any time.
    pub immediately: Vec<(String, Verdict)>,
    /// Verdicts by state that are valid only if it is certain that no attempt was answered.
    pub unanswered: Vec<(String, Verdict)>,
    /// Verdicts by state that are valid only when no attempt can be accepted any more.
    pub after_acceptance: Vec<(String, Verdict)>,
    /// Error codes of the question that mean "not found".
    pub absent: Vec<String>,
    /// Largest number of repetitions after asking.
    pub repeats: u32,
    /// Time after the first attempt in which a repetition is recognized, in seconds.
    pub repeatable_for: Option<u64>,
    /// Optional own fields that a repetition needs.
    pub repeat_needs: Vec<String>,
    /// Members that a person has to check.
    pub look_at: Vec<String>,
    /// Time limit, in seconds.
    pub within: u64,
}

/// Condition under which no part of the effect has been reversed.
#[derive(Debug)]
pub struct InFullModel {
    /// States in which the condition is checked.
    pub values: Vec<String>,
    /// Member with the remaining amount.
    pub remaining: Found,
    /// The member with the whole amount.
    pub whole: Found,
}

/// Location of the state in an answer.
#[derive(Debug)]
pub enum ShownState {
    /// The existence of an answer.
    Found,
    /// The value of a member.
    Value(Found),
    /// The entries of a list.
    List(ListState),
}

/// List whose entries show the state.
#[derive(Debug)]
pub struct ListState {
    /// The list.
    pub found: Found,
    /// Path of the list in the body.
    pub path: Vec<String>,
    /// Members that identify the entry.
    pub entry: Vec<Compare>,
    /// Members of that entry that must be equal.
    pub equal: Vec<Compare>,
    /// Members that identify an entry that reverses the effect.
    pub reversed: Vec<Compare>,
    /// Pagination of the question: the answer may be one page of several.
    pub pages: Option<Box<PagesModel>>,
}

/// Member of an answer, and the field of the request to compare it with.
#[derive(Debug)]
pub struct Compare {
    /// The member.
    pub found: Found,
    /// Characters that only group digits.
    pub separators: Option<String>,
    /// The field of the request.
    pub own: Own,
}

/// Field of the request, by its Rust type.
#[derive(Debug)]
pub enum Own {
    /// A field that always has a value.
    Plain(String),
    /// A field that always has a value, in mandatory groups.
    Inside(Found),
    /// A field whose `None` means null.
    Null(String),
    /// A field that is not compared if it is `None`.
    Optional(String),
    /// One of the values of a list; with `true`, an absent list means all values.
    AnyOf(String, bool),
    /// A value that is the same for every request.
    Fixed {
        /// The possible values.
        values: Vec<ConditionValue>,
        /// Enumeration and variant for values that the spec does not list. Such a value may mean the same as a listed
        /// value.
        unknown: Option<(String, &'static str)>,
    },
    /// One of several alternatives.
    Choice {
        /// The field.
        field: String,
        /// The enumeration.
        of: String,
        /// The variant.
        variant: String,
    },
}

/// Member of an answer whose value the caller passes.
#[derive(Debug)]
pub struct Expect {
    /// The member.
    pub found: Found,
    /// Name of the parameter.
    pub rust: String,
    /// The type.
    pub of: Ty,
    /// Set if this is a member of the list's entry.
    pub in_entry: bool,
}
