//! Enumerations that are state machines: what follows a state, and which states are reached.

use crate::resolved::{Api, Field, Kind, TypeRef};
use crate::spec::{Enum, EnumValue};
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
