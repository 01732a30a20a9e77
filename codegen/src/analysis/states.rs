//! Enumerations that are state machines: what follows a state, and which states are reached.

use crate::resolved::{Api, Field, Kind, TypeRef};
use crate::spec::{Enum, EnumValue, Resolve};
use std::collections::HashSet;

/// The state of this name, of a field that has states.
pub(crate) fn state<'a>(api: &'a Api, field: Option<&Field>, name: &str) -> Option<&'a EnumValue> {
    let Kind::One(TypeRef::Enum(n)) = field?.kind else { return None };
    api.enums[n].spec.values.get(name)
}

/// Whether nothing follows a state; `None` where another rule speaks, because there is no such state.
pub(crate) fn is_final(api: &Api, field: Option<&Field>, word: &str) -> Option<bool> {
    Some(state(api, field, word)?.next.as_ref().is_some_and(Vec::is_empty))
}

/// Whether the service takes a state further without being asked.
pub(crate) fn moves_on(state: &EnumValue) -> bool {
    let is_final = state.next.as_ref().is_none_or(Vec::is_empty);
    !is_final && state.allows.as_ref().is_some_and(Vec::is_empty)
}

/// The states that transitions lead to from an initial one. Empty if none is initial.
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

/// What the answer to a question is reduced to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reduced<'a> {
    /// The value of the member that decides.
    Value(&'a str),
    /// The list has the entry.
    Match,
    /// The list has other entries only.
    Others,
    /// The list has no entry.
    Empty,
    /// There is an answer, of which nothing more is asked.
    Found,
    /// The question was refused with a code that says that there is nothing.
    Absent,
}

impl<'a> Reduced<'a> {
    /// What a word in the tables of a procedure stands for.
    pub(crate) fn of(word: &'a str, resolve: &Resolve) -> Self {
        match word {
            "absent" => Self::Absent,
            word if resolve.by.is_some() => Self::Value(word),
            "match" => Self::Match,
            "others" => Self::Others,
            "empty" => Self::Empty,
            "found" => Self::Found,
            word => Self::Value(word),
        }
    }
}
