//! Confirmation of a callback's message by an operation. The call of the operation is the *status query*, and its reply
//! is the *answer*. [`Confirm`](crate::spec::Confirm) defines the other terms.

use super::{Expect, Found, PathStep, Ty};

/// Member of a message that states a claim, and the Rust name by which generated code reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// Name of the field, or of the method that returns the member if it is nested.
    pub rust: String,
    /// Set if the member is in a group, so that a method returns it.
    pub nested: bool,
}

/// Path to a claim. If a variant of a union contains the claim, the union and the variant come first. The groups on the
/// path and the member follow.
pub type ClaimWay = (Option<(String, String)>, Vec<PathStep>);

/// Method that returns a member that is nested in a group.
#[derive(Debug)]
pub struct ClaimRoute {
    /// Name of the method.
    pub method: String,
    /// Type of the member.
    pub of: Ty,
    /// Paths to the member. A member that variants of a union contain has one path for each of these variants.
    pub ways: Vec<ClaimWay>,
}

/// Confirmation of a callback's message.
#[derive(Debug)]
pub struct Confirming {
    /// Methods that return members that are nested in groups.
    pub routes: Vec<ClaimRoute>,
    /// Request type of the status query.
    pub question: String,
    /// Reply type of the status query, which is the type of the answer.
    pub answer: String,
    /// Fields of the status query that members of the message fill.
    pub ask: Vec<Ask>,
    /// Members of the answer that have to equal members of the message.
    pub equal: Vec<Pair>,
    /// List in the answer that must have an entry that matches the message.
    pub list: Option<ConfirmingList>,
    /// Members of the answer whose values the caller passes. Each is followed by the member of the message with the
    /// same name and type, if there is one.
    pub expect: Vec<(Expect, Option<Claimed>)>,
    /// Fields of the status query whose values the caller may have stored.
    pub known: Vec<Known>,
    /// Member of the answer with the state.
    pub by: Option<Found>,
    /// States that confirm the claim, without a paid amount.
    pub confirming_values: Vec<String>,
    /// States that confirm the claim and show that the whole amount is paid.
    pub paid: Option<PaidModel>,
    /// States in which money was refunded.
    pub reversed: Option<LeftModel>,
    /// States that refute the claim.
    pub refuting_values: Vec<String>,
    /// Condition that the answer's state is the claimed state or a later state.
    pub not_before: Option<NotBefore>,
    /// Member of the answer that names the environment, and the Rust name of the member's enumeration.
    pub environment: Option<(Found, String)>,
}

/// States in which money was refunded, and the amounts that show what is left.
#[derive(Debug)]
pub struct LeftModel {
    /// States that refute the claim if nothing is left.
    pub refuting: Vec<String>,
    /// States in which the service is asked again if nothing is left.
    pub open: Vec<String>,
    /// Member with the remaining amount.
    pub remaining: Found,
    /// Member with the whole amount.
    pub whole: Found,
}

/// Condition that the answer's state is the claimed state or a later state.
#[derive(Debug)]
pub struct NotBefore {
    /// Member of the message with the claimed state.
    pub claimed: Claimed,
    /// Claimed states, each followed by the states that the answer may have.
    pub reached: Vec<(String, Vec<String>)>,
}

/// Field of the status query that a member of the message fills.
#[derive(Debug)]
pub struct Ask {
    /// Name of the setter.
    pub setter: String,
    /// Member of the message that fills the field.
    pub member: Claimed,
    /// Type of that member.
    pub of: Ty,
    /// Wire name of that member.
    pub wire: String,
    /// Index in [`Confirming::known`], if the caller may have stored the value.
    pub known: Option<usize>,
    /// Member of the answer that has the same name as the field. The member must repeat the value of the field. `None`
    /// if the answer has no such member.
    pub answer: Option<Found>,
}

/// Field of the status query whose value the caller may have stored.
#[derive(Debug)]
pub struct Known {
    /// Wire name of the field.
    pub wire: String,
    /// Rust name of the member of the answer, and of the member of the message if there is one. The name of the
    /// parameter is this name after `known_`.
    pub rust: String,
    /// Type of the value.
    pub of: Ty,
    /// Set if the message has a member with the same wire name.
    pub in_message: bool,
    /// Name of the setter in the builder of the status query.
    pub setter: String,
    /// Member of the answer that has the same name as the field. The member must repeat the value of the field. `None`
    /// if the answer has no such member.
    pub answer: Option<Found>,
}

/// List in the answer that must have an entry that matches the message.
#[derive(Debug)]
pub struct ConfirmingList {
    /// The list.
    pub found: Found,
    /// Members of the entries that identify the entry of the message.
    pub entry: Vec<Pair>,
    /// Members of that entry that have to equal members of the message.
    pub equal: Vec<Pair>,
}

/// Member of the answer, and the member of the message to compare it with.
#[derive(Debug)]
pub struct Pair {
    /// The member of the answer.
    pub found: Found,
    /// The member of the message.
    pub claimed: Claimed,
    /// Characters that only group digits, and are ignored in the comparison.
    pub separators: Option<String>,
}

/// States that confirm the claim and show that the whole amount is paid.
#[derive(Debug)]
pub struct PaidModel {
    /// The states.
    pub values: Vec<String>,
    /// Member with the amount.
    pub amount: Found,
    /// States in which a remaining amount that is smaller than the amount means a refund. If money is left, the message
    /// is confirmed with the remaining amount.
    pub in_full: Vec<String>,
}
