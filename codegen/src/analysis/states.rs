//! State machines: the following states, and the reachable states.

use crate::resolved::{Api, Field, Kind, TypeRef};
use crate::spec::{Enum, EnumValue, Resolve};
use std::collections::HashSet;

/// Returns the state with this name, if the field has states.
pub(crate) fn state<'a>(api: &'a Api, field: Option<&Field>, name: &str) -> Option<&'a EnumValue> {
    let Kind::One(TypeRef::Enum(n)) = field?.kind else { return None };
    api.enums[n].spec.values.get(name)
}

/// Returns `true` if a state is final; `None` if there is no such state, which another rule reports.
pub(crate) fn is_final(api: &Api, field: Option<&Field>, word: &str) -> Option<bool> {
    Some(state(api, field, word)?.next.as_ref().is_some_and(Vec::is_empty))
}

/// Returns `true` if the service can change the state without a request.
pub(crate) fn moves_on(state: &EnumValue) -> bool {
    let is_final = state.next.as_ref().is_none_or(Vec::is_empty);
    !is_final && state.allows.as_ref().is_some_and(Vec::is_empty)
}

/// Returns the states that are reachable from an initial state. Empty if no state is initial.
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

/// Result to which the answer to a question is reduced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reduced<'a> {
    /// Value of the deciding member.
    Value(&'a str),
    /// The list contains the request's entry.
    Match,
    /// The list contains the request's entry, and an entry that reverses its effect.
    Reversed,
    /// The list contains only other entries.
    Others,
    /// The list is empty.
    Empty,
    /// There is an answer, with any content.
    Found,
    /// The question was refused with a code that means "not found".
    Absent,
}

impl<'a> Reduced<'a> {
    /// Returns the meaning of a key in the tables of a resolution.
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
