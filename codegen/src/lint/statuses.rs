//! Enumerations that are state machines: transitions lead somewhere, and every status can be reached.

use crate::diagnostic::{Diagnostics, suggestion};
use crate::names::{is_identifier, snake};
use crate::resolve::{Api, Named};
use crate::spec::Enum;
use std::collections::HashSet;

pub fn lint(api: &Api, diagnostics: &mut Diagnostics) {
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
            diagnostics.report("status-transition", place.clone().key(), format!("what can follow `{wire}`?")).hint =
                Some("add `next: [...]`, empty where nothing follows".into());
        }
        // An action becomes a method: `can_refund`.
        for (n, action) in value.allows.iter().flatten().enumerate() {
            if !is_identifier(action) || snake(action) != *action {
                diagnostics.report("identifier", place.at("allows").item(n), "Rust cannot spell this action").hint =
                    Some("an action is a word in snake case, such as `refund`".into());
            }
        }
        for (n, next) in value.next.iter().flatten().enumerate() {
            if !values.contains_key(next) {
                diagnostics
                    .report("status-transition", place.at("next").item(n), format!("there is no status `{next}`"))
                    .hint = suggestion(next, values.keys().map(String::as_str));
            }
        }
    }
    let mut open: Vec<&String> = values.iter().filter(|(_, v)| v.initial).map(|(wire, _)| wire).collect();
    if open.is_empty() {
        diagnostics
            .report("status-transition", definition.place.clone().key(), "no status is where everything begins")
            .hint = Some("mark one with `initial: true`".into());
        return;
    }
    let mut reached: HashSet<&String> = HashSet::new();
    while let Some(wire) = open.pop() {
        if reached.insert(wire) {
            open.extend(values.get(wire).and_then(|v| v.next.as_ref()).into_iter().flatten());
        }
    }
    for wire in values.keys().filter(|wire| !reached.contains(wire)) {
        diagnostics.report(
            "unreachable-status",
            definition.place.at("values").at(wire).key(),
            format!("no transition leads to `{wire}`"),
        );
    }
}
