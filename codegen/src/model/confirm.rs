//! Confirmation of a message.

use super::{Expect, Found, PathStep, Ty};

/// A member of a message, and the access to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// Name of the field, or of the method that returns the member.
    pub rust: String,
    /// Set if the member is in a group, so that a method returns it.
    pub nested: bool,
}

/// Path to a claim: the union and variant that contain it, if any, and the steps to it.
pub type ClaimWay = (Option<(String, String)>, Vec<PathStep>);

/// Method that returns a member in a group.
#[derive(Debug)]
pub struct ClaimRoute {
    /// Name of the method.
    pub method: String,
    /// Type of the member.
    pub of: Ty,
    /// Alternative paths to the member, one for each variant that has it.
    pub ways: Vec<ClaimWay>,
}

/// Confirmation of a message.
#[derive(Debug)]
pub struct Confirming {
    /// Methods that return members in groups.
    pub routes: Vec<ClaimRoute>,
    /// Request that asks the service.
    pub question: String,
    /// Its reply.
    pub answer: String,
    /// Fields of the question.
    pub ask: Vec<Ask>,
    /// Members that have to be equal.
    pub equal: Vec<Pair>,
    /// List that must have an entry.
    pub list: Option<ConfirmingList>,
    /// Members whose values the caller passes, each with the message's member of the same name.
    pub expect: Vec<(Expect, Option<Claimed>)>,
    /// Values that the caller may have stored.
    pub known: Vec<Known>,
    /// Member with the state.
    pub by: Option<Found>,
    /// States that confirm although nothing is paid yet.
    pub confirming_values: Vec<String>,
    /// States that confirm that the whole amount is paid, and the amount.
    pub paid: Option<PaidModel>,
    /// States in which money was refunded.
    pub reversed: Option<LeftModel>,
    /// States that refute.
    pub refuting_values: Vec<String>,
    /// Member with the claimed state, and for each claimed state the states that the answer may have.
    pub not_before: Option<NotBefore>,
    /// Member with the environment, and its enumeration.
    pub environment: Option<(Found, String)>,
}

/// Remaining amount after a refund.
#[derive(Debug)]
pub struct LeftModel {
    /// States that refute if nothing is left.
    pub refuting: Vec<String>,
    /// Other states.
    pub open: Vec<String>,
    /// Remaining amount.
    pub remaining: Found,
    /// Whole amount.
    pub whole: Found,
}

/// Condition that the answer's state is not before the claimed state.
#[derive(Debug)]
pub struct NotBefore {
    /// Member of the message with the claimed state.
    pub claimed: Claimed,
    /// For each claimed state, the states that the answer may have.
    pub reached: Vec<(String, Vec<String>)>,
}

/// A field of the question.
#[derive(Debug)]
pub struct Ask {
    /// The setter.
    pub setter: String,
    /// Member of the message that fills it.
    pub member: Claimed,
    /// Type of that member.
    pub of: Ty,
    /// Wire name of that member.
    pub wire: String,
    /// Index among the values that the caller may have stored.
    pub known: Option<usize>,
    /// Member of the answer that repeats the value.
    pub answer: Option<Found>,
}

/// Value that the caller may have stored.
#[derive(Debug)]
pub struct Known {
    /// The name on the wire.
    pub wire: String,
    /// Name of the parameter, and of the message's member if it has one.
    pub rust: String,
    /// The type.
    pub of: Ty,
    /// Set if the message has it too.
    pub in_message: bool,
    /// The question's setter.
    pub setter: String,
    /// Member of the answer that repeats the value.
    pub answer: Option<Found>,
}

/// List that must have an entry that matches the message.
#[derive(Debug)]
pub struct ConfirmingList {
    /// The list.
    pub found: Found,
    /// Members that identify the entry.
    pub entry: Vec<Pair>,
    /// Members of the entry that must be equal.
    pub equal: Vec<Pair>,
}

/// Member of the answer, and the member of the message to compare it with.
#[derive(Debug)]
pub struct Pair {
    /// The member of the answer.
    pub found: Found,
    /// The member of the message.
    pub claimed: Claimed,
    /// Characters that only group digits.
    pub separators: Option<String>,
}

/// States that confirm that the whole amount is paid.
#[derive(Debug)]
pub struct PaidModel {
    /// The values.
    pub values: Vec<String>,
    /// The member with the amount.
    pub amount: Found,
    /// States in which the remaining amount is compared with the whole amount.
    pub in_full: Vec<String>,
}
