//! Lints of state machines. Each transition must lead to an existing state, and each state must be reachable.

use crate::analysis::reached;
use crate::diagnostic::Diagnostics;
use crate::lint_registry::Lint;
use crate::names::{is_identifier, snake};
use crate::resolved::{Api, Named};
use crate::spec::Enum;

pub(super) fn lint(api: &Api, diagnostics: &mut Diagnostics) {
    for definition in &api.enums {
        if definition.spec.values.values().any(|v| v.next.is_some() || v.allows.is_some() || v.initial) {
            machine(definition, diagnostics);
        }
    }
}

fn machine(definition: &Named<Enum>, diagnostics: &mut Diagnostics) {
    let values = &definition.spec.values;
    for (wire, value) in values {
        let place = definition.place.at("values").at(wire);
        if value.next.is_none() {
            diagnostics
                .report(
                    Lint::StatusTransition,
                    place.clone().key(),
                    format!("`{wire}` has no list of the states that can follow"),
                )
                .help("add `next: [...]`, empty for a final state");
        }
        // An action becomes a method: `refund` becomes `can_refund`.
        for (n, action) in value.allows.iter().flatten().enumerate() {
            if !is_identifier(action) || snake(action) != *action {
                diagnostics
                    .report(Lint::Identifier, place.at("allows").item(n), "this action is not a valid name in Rust")
                    .help("write an action in snake case, such as `refund`");
            }
        }
        for (n, next) in value.next.iter().flatten().enumerate() {
            if !values.contains_key(next) {
                diagnostics
                    .report(Lint::StatusTransition, place.at("next").item(n), format!("there is no status `{next}`"))
                    .suggest(next, values.keys().map(String::as_str));
            }
        }
    }
    if !values.values().any(|value| value.initial) {
        diagnostics
            .report(Lint::StatusTransition, definition.place.clone().key(), "no state is marked as initial")
            .help("mark one with `initial: true`");
        return;
    }
    let reached = reached(&definition.spec);
    for wire in values.keys().filter(|wire| !reached.contains(wire.as_str())) {
        diagnostics.report(
            Lint::UnreachableStatus,
            definition.place.at("values").at(wire).key(),
            format!("`{wire}` cannot be reached from an initial state"),
        );
    }
}
