//! What binds a reply to its request, and how a request whose outcome is unknown is resolved.

use super::Ty;
use crate::spec::Verdict;

/// What shows that a success is about the request.
#[derive(Debug, Default)]
pub struct BindingModel {
    /// Members that have to say the same as the request.
    pub binds: Vec<Bound>,
    /// The member with the environment.
    pub environment: Option<Found>,
}

/// A member of a success beside a field of the request.
#[derive(Debug)]
pub struct Bound {
    /// The member.
    pub found: Found,
    /// It has to be there.
    pub strict: bool,
    /// Its sign is passed over.
    pub magnitude: bool,
    /// Characters that only group its digits.
    pub separators: Option<String>,
    /// The field of the request.
    pub own: Own,
}

/// A member of an answer.
#[derive(Debug, Clone)]
pub struct Found {
    /// The name on the wire.
    pub wire: String,
    /// The Rust name.
    pub rust: String,
    /// It is always there.
    pub always: bool,
}

/// How a request is resolved.
#[derive(Debug)]
pub struct ResolutionPlan {
    /// The request that asks.
    pub question: String,
    /// Its reply.
    pub answer: String,
    /// The question's setters, each with the own field that fills it.
    pub ask: Vec<(String, String)>,
    /// Members of the answer that repeat the question.
    pub identity: Vec<String>,
    /// Where the answer shows its state.
    pub state: ShownState,
    /// Members of the answer that must be as in the request.
    pub binds: Vec<Compare>,
    /// Members of the answer whose values the caller states.
    pub expect: Vec<Expect>,
    /// Those of them that the operation's own reply has too, with their place in `expect`.
    pub reply_expect: Vec<(usize, Found)>,
    /// The member with the environment.
    pub environment: Option<Found>,
    /// The member with the time of creation.
    pub not_before: Option<Found>,
    /// The member that says how much is left.
    pub remaining: Option<Found>,
    /// When `remaining` shows that part of it was taken back.
    pub in_full: Option<InFullModel>,
    /// Members that have to be equal for `not_done`.
    pub unchanged: Vec<(Found, Found)>,
    /// The request is sent again before anything is asked.
    pub repeat_first: bool,
    /// What words prove at any time.
    pub immediately: Vec<(String, Verdict)>,
    /// What they prove while no attempt was answered.
    pub unanswered: Vec<(String, Verdict)>,
    /// What they prove once no attempt can be accepted any more.
    pub after_acceptance: Vec<(String, Verdict)>,
    /// Codes of the question that say that there is nothing.
    pub absent: Vec<String>,
    /// How often the request may be sent again after asking.
    pub repeats: u32,
    /// Optional own fields that a repetition needs.
    pub repeat_needs: Vec<String>,
    /// Members that a person looks at.
    pub look_at: Vec<String>,
    /// The longest it may take, in seconds.
    pub within: u64,
}

/// What is in force while nothing has been taken back.
#[derive(Debug)]
pub struct InFullModel {
    /// The states in which it is compared.
    pub values: Vec<String>,
    /// The member that says how much is left.
    pub remaining: Found,
    /// The member with the whole amount.
    pub whole: Found,
}

/// Where an answer shows its state.
#[derive(Debug)]
pub enum ShownState {
    /// There is an answer.
    Found,
    /// The value of a member.
    Value {
        /// The member.
        rust: String,
        /// It is always there.
        always: bool,
    },
    /// Whether a list has an entry.
    List {
        /// The list.
        rust: String,
        /// Where it stands in the body.
        path: Vec<String>,
        /// What the entry has to equal.
        entry: Vec<Compare>,
    },
}

/// A member of an answer beside a field of the request.
#[derive(Debug)]
pub struct Compare {
    /// The member's name on the wire.
    pub wire: String,
    /// The member.
    pub rust: String,
    /// It is always there.
    pub always: bool,
    /// Characters that only group its digits.
    pub separators: Option<String>,
    /// The field of the request.
    pub own: Own,
}

/// A field of the request, by how it is kept.
#[derive(Debug)]
pub enum Own {
    /// There is always a value.
    Plain(String),
    /// None stands for null.
    Null(String),
    /// None stands for nothing to compare.
    Optional(String),
    /// One of the values of a list; with `true`, the list may be absent, which stands for all values.
    AnyOf(String, bool),
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

/// A member of an answer whose value the caller states.
#[derive(Debug)]
pub struct Expect {
    /// The name on the wire.
    pub wire: String,
    /// The member, and the parameter.
    pub rust: String,
    /// The type.
    pub of: Ty,
    /// It is always there.
    pub always: bool,
}
