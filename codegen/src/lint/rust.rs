//! Names must be names in Rust, too, and stay apart from each other there.

use super::fields::is_integer_coded;
use super::{Part, each_field, field_lists};
use crate::diagnostic::{Diagnostics, Where};
use crate::names::{camel, is_identifier, snake};
use crate::plan::Directions;
use crate::resolve::{Api, Field, TypeRef};
use crate::source::Place;
use std::collections::{HashMap, HashSet};

/// Names the generated module has already, or takes from the standard library.
const TAKEN: [&str; 22] = [
    "Client",
    "ClientBuilder",
    "Credentials",
    "Error",
    "ErrorCode",
    "Stage",
    "API",
    "Option",
    "Result",
    "Box",
    "Vec",
    "String",
    "Some",
    "None",
    "Ok",
    "Err",
    "From",
    "Into",
    "Default",
    "Clone",
    "Send",
    "Sync",
];

pub fn lint(api: &Api, diagnostics: &mut Diagnostics) {
    let mut types: HashMap<String, Place> = HashMap::new();
    let mut claim = |rust: String, place: Place, what: &str, diagnostics: &mut Diagnostics| {
        let place = if what == "operation" || what == "callback" { place } else { place.key() };
        if !is_identifier(&rust) {
            diagnostics.report("identifier", place, format!("Rust cannot spell the name of this {what}")).hint =
                Some("a name begins with a Latin letter and goes on with letters, digits and `_`".into());
            return;
        }
        if TAKEN.contains(&rust.as_str()) {
            diagnostics.report("identifier", place, format!("the generated crate needs the name `{rust}` itself"));
        } else if let Some(first) = types.get(&rust) {
            // The same name twice is a `duplicate-type`, and reported as that.
            if what == "type" && first.path.last() == place.path.last() {
                return;
            }
            let diagnostic =
                diagnostics.report("identifier", place, format!("two things would be called `{rust}` in Rust"));
            diagnostic.also = Some((Where::Place(first.clone()), "the first".into()));
        } else {
            types.insert(rust, place);
        }
    };
    for scalar in &api.scalars {
        claim(camel(&scalar.name), scalar.place.clone(), "type", diagnostics);
    }
    for definition in &api.enums {
        claim(camel(&definition.name), definition.place.clone(), "type", diagnostics);
        let variants = definition
            .spec
            .values
            .iter()
            // An integer without a name is reported as `enum-coding`.
            .filter(|(_, v)| v.name.is_some() || !is_integer_coded(&definition.spec))
            .map(|(wire, v)| (camel(v.name.as_deref().unwrap_or(wire)), definition.place.at("values").at(wire)));
        apart(variants, diagnostics);
    }
    let directions = Directions::of(api);
    for (n, object) in api.objects.iter().enumerate() {
        claim(camel(&object.name), object.place.clone(), "type", diagnostics);
        if directions.both(TypeRef::Object(n)) {
            claim(format!("{}Reply", camel(&object.name)), object.place.clone(), "type", diagnostics);
        }
    }
    // An id or a code that stands twice is reported as a duplicate; only different ones can clash here.
    let mut ids = HashSet::new();
    for op in api.operations.iter().filter(|op| ids.insert(&op.id)) {
        let place = Place::top(op.file).at("operation");
        if op.id != snake(&op.id) {
            diagnostics.report("identifier", place.clone(), "an operation's id is in snake case");
        }
        claim(camel(&op.id), place.clone(), "operation", diagnostics);
        claim(format!("{}Reply", camel(&op.id)), place, "operation", diagnostics);
        let all = [&op.path, &op.query, &op.request];
        apart(all.into_iter().flat_map(|fields| fields.iter()).map(named), diagnostics);
    }
    for callback in api.callbacks.iter().filter(|callback| ids.insert(&callback.id)) {
        let place = Place::top(callback.file).at("callback");
        if callback.id != snake(&callback.id) {
            diagnostics.report("identifier", place.clone(), "a callback's id is in snake case");
        }
        claim(camel(&callback.id), place, "callback", diagnostics);
    }
    let mut codes = HashSet::new();
    let codes =
        api.codes.iter().filter(|code| codes.insert(&code.code)).map(|code| (camel(&code.code), code.place.clone()));
    apart(codes, diagnostics);
    for (part, fields) in field_lists(api) {
        if !matches!(part, Part::Path | Part::Query | Part::Request | Part::Header | Part::Envelope) {
            apart(fields.iter().map(named), diagnostics);
        }
        each_field(fields, &mut |field| {
            for (name, _) in &field.spec.choices {
                if !is_identifier(&snake(name)) {
                    unspeakable(field.place.at("choices").at(name), diagnostics);
                }
            }
        });
    }
}

fn named(field: &Field) -> (String, Place) {
    (snake(field.spec.name.as_deref().unwrap_or(&field.wire)), field.place.clone())
}

/// Names of one scope: spelt, and different.
fn apart(names: impl Iterator<Item = (String, Place)>, diagnostics: &mut Diagnostics) {
    let mut seen: HashMap<String, Place> = HashMap::new();
    for (rust, place) in names {
        if !is_identifier(&rust) {
            unspeakable(place, diagnostics);
        } else if let Some(first) = seen.get(&rust) {
            let diagnostic =
                diagnostics.report("identifier", place.key(), format!("two things would be called `{rust}` in Rust"));
            diagnostic.also = Some((Where::Place(first.clone().key()), "the first".into()));
        } else {
            seen.insert(rust, place);
        }
    }
}

fn unspeakable(place: Place, diagnostics: &mut Diagnostics) {
    diagnostics.report("identifier", place.key(), "Rust cannot spell this name").hint =
        Some("add `name:` with a name of Latin letters, digits and `_`".into());
}
