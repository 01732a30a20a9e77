//! State machines: final states, reachable states, and the states in the tables of a resolution.

use crate::resolved::{Api, Field, Kind, TypeRef};
use crate::spec::{Enum, EnumValue, Resolve};
use std::collections::HashSet;

/// Returns the state with this name. `None` if the field has no such state, or is not an enumeration.
pub(crate) fn state<'a>(api: &'a Api, field: Option<&Field>, name: &str) -> Option<&'a EnumValue> {
    let Kind::One(TypeRef::Enum(n)) = field?.kind else { return None };
    api.enums[n].spec.values.get(name)
}

/// Returns `true` if a state is final, which means that no other state can follow. `None` if the field has no state
/// with the name `word`.
pub(crate) fn is_final(api: &Api, field: Option<&Field>, word: &str) -> Option<bool> {
    Some(state(api, field, word)?.next.as_ref().is_some_and(Vec::is_empty))
}

/// Returns `true` if the service changes the state without a request: other states can follow, but `allows:` is an
/// empty list.
pub(crate) fn moves_on(state: &EnumValue) -> bool {
    let is_final = state.next.as_ref().is_none_or(Vec::is_empty);
    !is_final && state.allows.as_ref().is_some_and(Vec::is_empty)
}

/// Returns the initial states and all states that can follow them. Empty if no state is initial.
pub(crate) fn reached(machine: &Enum) -> HashSet<&str> {
    let values = &machine.values;
    let mut open: Vec<&str> = values.iter().filter(|(_, value)| value.initial).map(|(name, _)| name.as_str()).collect();
    let mut reached = HashSet::new();
    while let Some(name) = open.pop() {
        if reached.insert(name) {
            let next = values.get(name).and_then(|value| value.next.as_ref());
            open.extend(next.into_iter().flatten().map(String::as_str));
        }
    }
    reached
}

/// State that a resolution derives from the answer to the status query. [`Resolve`] defines these terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reduced<'a> {
    /// Value of the member that `by:` names.
    Value(&'a str),
    /// The list under `list:` contains the entry of the request.
    Match,
    /// The list contains the entry of the request, and an entry that reverses the effect of the request.
    Reversed,
    /// The list contains only entries of other requests.
    Others,
    /// The list is empty.
    Empty,
    /// The service sent an answer. Its content does not matter.
    Found,
    /// The service rejected the status query with an error code that means "not found".
    Absent,
}

impl<'a> Reduced<'a> {
    /// Returns the state that a key in the tables of a resolution denotes. An example of a key is `absent` in
    /// `immediately:`.
    pub(crate) fn of(word: &'a str, resolve: &Resolve) -> Self {
        match word {
            "absent" => Self::Absent,
            word if resolve.by.is_some() => Self::Value(word),
            "match" => Self::Match,
            "reversed" if resolve.list.is_some() => Self::Reversed,
            "others" => Self::Others,
            "empty" => Self::Empty,
            "found" => Self::Found,
            word => Self::Value(word),
        }
    }
}
