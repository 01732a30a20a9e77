//! How a message is confirmed.

use super::{Expect, Found, Ty};

/// A member of a message, by the way to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// The member itself, or the method that goes the way to it.
    pub rust: String,
    /// It stands in a group, so that a method goes to it.
    pub nested: bool,
}

/// The method that goes the way to a member in a group.
#[derive(Debug)]
pub struct ClaimRoute {
    /// The method.
    pub method: String,
    /// What it finds.
    pub of: Ty,
    /// The ways, of which one can be gone: the variant of what is selected, and the members on the way.
    pub ways: Vec<(Option<(String, String)>, Vec<ClaimStep>)>,
}

/// A member on the way to another.
#[derive(Debug)]
pub struct ClaimStep {
    /// The member.
    pub rust: String,
    /// It is always there.
    pub always: bool,
}

/// How a message is confirmed.
#[derive(Debug)]
pub struct Confirming {
    /// Methods that go to members in groups.
    pub routes: Vec<ClaimRoute>,
    /// The request that asks.
    pub question: String,
    /// Its reply.
    pub answer: String,
    /// What the question is made of.
    pub ask: Vec<Ask>,
    /// Members that have to be equal.
    pub equal: Vec<Pair>,
    /// The list that has to have an entry.
    pub list: Option<ConfirmingList>,
    /// Members whose values the caller states, each with the message's member of the same name.
    pub expect: Vec<(Expect, Option<Claimed>)>,
    /// What the caller may have stored.
    pub known: Vec<Known>,
    /// The member that says how things stand.
    pub by: Option<Found>,
    /// Its values that confirm although nothing is paid yet.
    pub confirming_values: Vec<String>,
    /// Its values that confirm with all of it paid, and the amount.
    pub paid: Option<PaidModel>,
    /// Its values with which something was given back.
    pub reversed: Option<LeftModel>,
    /// Its values that refute.
    pub refuting_values: Vec<String>,
    /// The member with the claimed value, and for each value those that the answer may have reached.
    pub not_before: Option<NotBefore>,
    /// The member with the environment, and its enumeration.
    pub environment: Option<(Found, String)>,
}

/// What is left after something was given back.
#[derive(Debug)]
pub struct LeftModel {
    /// The values that refute when nothing is left.
    pub refuting: Vec<String>,
    /// The others.
    pub open: Vec<String>,
    /// What is left.
    pub remaining: Found,
    /// The whole amount.
    pub whole: Found,
}

/// The answer has to have come as far as the message claims.
#[derive(Debug)]
pub struct NotBefore {
    /// The message's member with the claimed value.
    pub claimed: Claimed,
    /// For each value that may be claimed, those that the answer may have reached.
    pub reached: Vec<(String, Vec<String>)>,
}

/// A field of the question.
#[derive(Debug)]
pub struct Ask {
    /// The setter.
    pub setter: String,
    /// The message's member that fills it.
    pub member: Claimed,
    /// That member's name on the wire.
    pub wire: String,
    /// Its place among what the caller may have stored.
    pub known: Option<usize>,
    /// The member of the answer that repeats it.
    pub answer: Option<Found>,
}

/// Something that the caller may have stored.
#[derive(Debug)]
pub struct Known {
    /// The name on the wire.
    pub wire: String,
    /// The parameter, and the message's member if it has one.
    pub rust: String,
    /// The type.
    pub of: Ty,
    /// The message has it too.
    pub in_message: bool,
    /// The question's setter.
    pub setter: String,
    /// The member of the answer that repeats it.
    pub answer: Option<Found>,
}

/// A list that has to have an entry like the message.
#[derive(Debug)]
pub struct ConfirmingList {
    /// The Rust name.
    pub rust: String,
    /// What tells which entry is meant.
    pub entry: Vec<Pair>,
    /// What that entry has to equal.
    pub equal: Vec<Pair>,
}

/// A member of the answer beside one of the message.
#[derive(Debug)]
pub struct Pair {
    /// The member of the answer.
    pub found: Found,
    /// The member of the message.
    pub claimed: Claimed,
    /// Characters that only group its digits.
    pub separators: Option<String>,
}

/// The values that confirm with all of it paid.
#[derive(Debug)]
pub struct PaidModel {
    /// The values.
    pub values: Vec<String>,
    /// The member with the amount.
    pub amount: Found,
    /// Those of the values with which what remains is compared with the amount.
    pub in_full: Vec<String>,
}
