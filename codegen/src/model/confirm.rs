//! Confirmation of a callback's message by an operation. The call of the operation is the *status query*, and its reply
//! is the *answer*. [`Confirm`](crate::spec::Confirm) defines the other terms.

use super::{Expect, Found, PathStep, Ty};

/// Member of a message that states a claim, such as the claim that an order is paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// Rust name of the field that contains the member. If the member is nested, name of the method that returns the
    /// member.
    pub rust: String,
    /// Set if the member is in a group, so that a method returns the member.
    pub nested: bool,
}

/// Path to a member that states a claim: the groups on the path, followed by the member. If a variant of a union
/// contains the member, the names of the union and the variant come first.
pub type ClaimWay = (Option<(String, String)>, Vec<PathStep>);

/// Method that returns a member that is nested in a group.
#[derive(Debug)]
pub struct ClaimRoute {
    /// Name of the method.
    pub method: String,
    /// Type of the member.
    pub of: Ty,
    /// Paths to the member. If variants of a union contain the member, there is one path for each of these variants.
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
    /// Fields of the status query that are filled from members of the message.
    pub ask: Vec<Ask>,
    /// Members of the answer that have to equal members of the message.
    pub equal: Vec<Pair>,
    /// List in the answer. At least one entry of the list must match the message.
    pub list: Option<ConfirmingList>,
    /// Members of the answer whose values the caller passes. Each member is followed by the member of the message with
    /// the same name and type, if the message has such a member.
    pub expect: Vec<(Expect, Option<Claimed>)>,
    /// Fields of the status query whose values the caller may have stored.
    pub known: Vec<Known>,
    /// Member of the answer that contains the state.
    pub by: Option<Found>,
    /// States that confirm the claim. The confirmation then reports no paid amount.
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

/// States in which money was refunded, and the members that show how much is left.
#[derive(Debug)]
pub struct LeftModel {
    /// States that refute the claim if the remaining amount is zero.
    pub refuting: Vec<String>,
    /// States in which the answer proves nothing if the remaining amount is zero.
    pub open: Vec<String>,
    /// Member of the answer that contains the remaining amount.
    pub remaining: Found,
    /// Member of the answer that contains the whole amount.
    pub whole: Found,
}

/// Condition that the answer's state is the claimed state or a later state.
#[derive(Debug)]
pub struct NotBefore {
    /// Member of the message that contains the claimed state.
    pub claimed: Claimed,
    /// Possible claimed states, each followed by the states that the answer must then have: the claimed state or a
    /// later one.
    pub reached: Vec<(String, Vec<String>)>,
}

/// Field of the status query that is filled from a member of the message.
#[derive(Debug)]
pub struct Ask {
    /// Name of the setter in the builder of the status query.
    pub setter: String,
    /// Member of the message that contains the value of the field.
    pub member: Claimed,
    /// Type of the member of the message.
    pub of: Ty,
    /// Wire name of the member of the message, or the dotted path to it.
    pub wire: String,
    /// Index of the member in [`Confirming::known`]. `None` if the caller cannot pass a stored value for the member.
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
    /// Rust name of the member of the answer that has the same wire name as the field.
    pub rust: String,
    /// Name of the parameter for the stored value, such as `known_order_no`.
    pub parameter: String,
    /// Type of the stored value.
    pub of: Ty,
    /// Set if the message has a member with the same wire name.
    pub in_message: bool,
    /// Name of the setter in the builder of the status query.
    pub setter: String,
    /// Member of the answer that has the same name as the field. The member must repeat the value of the field. `None`
    /// if the answer has no such member.
    pub answer: Option<Found>,
}

/// List in the answer. At least one entry of the list must match the message.
#[derive(Debug)]
pub struct ConfirmingList {
    /// The list.
    pub found: Found,
    /// Members by which the entry that belongs to the message is recognized.
    pub entry: Vec<Pair>,
    /// Members of that entry that have to equal members of the message.
    pub equal: Vec<Pair>,
}

/// Member of the answer, or of an entry of a list in the answer, and the member of the message that it must equal.
#[derive(Debug)]
pub struct Pair {
    /// The member of the answer or the entry.
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
    /// Member of the answer that contains the paid amount.
    pub amount: Found,
    /// States in which a refund is possible. If the remaining amount is above zero and smaller than the paid amount,
    /// the message is confirmed with the remaining amount.
    pub in_full: Vec<String>,
}
