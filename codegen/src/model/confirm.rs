//! How a message is confirmed.

use super::Expect;

/// How a message is confirmed.
#[derive(Debug)]
pub struct Confirming {
    /// The request that asks.
    pub question: String,
    /// Its reply.
    pub answer: String,
    /// The question's setters, each with the message's member that fills it: its Rust name, and that on the wire.
    pub ask: Vec<(String, String, String)>,
    /// Members that have to be equal.
    pub equal: Vec<Pair>,
    /// The list that has to have an entry: its name on the wire, its Rust name, and what the entry has to equal.
    pub list: Option<(String, String, Vec<Pair>)>,
    /// Members whose values the caller states.
    pub expect: Vec<Expect>,
    /// The member that says how things stand: its name on the wire, its Rust name, and whether it is always there.
    pub by: Option<(String, String, bool)>,
    /// Its values that confirm.
    pub states: Vec<String>,
    /// Its values that neither confirm nor leave it open.
    pub others: Vec<String>,
    /// The member with the environment, likewise.
    pub environment: Option<(String, String, bool)>,
}

/// A member of the answer beside one of the message.
#[derive(Debug)]
pub struct Pair {
    /// The member of the answer: its name on the wire.
    pub wire: String,
    /// Its Rust name.
    pub found: String,
    /// It is always there.
    pub always: bool,
    /// The member of the message.
    pub claimed: String,
}
