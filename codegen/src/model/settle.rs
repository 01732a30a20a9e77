//! How an operation's doubts are settled.

use super::Ty;

/// How an operation's doubts are settled.
#[derive(Debug)]
pub struct Settling {
    /// The request that asks.
    pub question: String,
    /// Its reply.
    pub answer: String,
    /// The question's setters, each with the own field that fills it.
    pub ask: Vec<(String, String)>,
    /// How the answer becomes a word.
    pub word: Word,
    /// Members of the answer that must be as in the request.
    pub equal: Vec<Compare>,
    /// Members of the answer whose values the caller states.
    pub expect: Vec<Expect>,
    /// The request is sent again before anything is asked.
    pub resend_first: bool,
    /// What words mean at once.
    pub at_once: Vec<(String, &'static str)>,
    /// For how many seconds a word has to stay.
    pub quiet: u64,
    /// What words mean then.
    pub then: Vec<(String, &'static str)>,
    /// Codes of the question that prove that there is nothing.
    pub absent: Vec<String>,
    /// Codes of a repetition that prove that an earlier request took effect.
    pub landed: Vec<String>,
    /// How often the request may be sent again after asking.
    pub resends: u32,
    /// Optional own fields that a repetition needs.
    pub resend_needs: Vec<String>,
    /// The longest it may take, in seconds.
    pub within: u64,
}

/// How an answer becomes a word.
#[derive(Debug)]
pub enum Word {
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
