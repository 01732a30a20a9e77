//! Lints of Rust names, which must be valid, distinct, and different from the names that the generated crate uses
//! itself. This module checks modules, types, methods and variants. The module [`members`](super::members) checks
//! fields.

use crate::analysis::{Directions, announced, code_name, is_integer_coded, received_union};
use crate::diagnostic::Diagnostics;
use crate::lint_registry::Lint;
use crate::names::{camel, is_identifier, snake};
use crate::reserved;
use crate::resolved::{Api, Kind, TypeRef};
use crate::source::Place;
use std::collections::{HashMap, HashSet};

/// Scope in which Rust names must be distinct.
pub(super) struct Scope {
    /// Names that the generated crate uses itself.
    pub reserved: &'static [&'static str],
    /// Hint for a name that is not available.
    pub hint: &'static str,
}

/// Hint for a wire name, which can have another name in Rust.
pub(super) const NAMED: &str = "add `name:` with a name of Latin letters, digits and `_`";

/// Checks the names of APIs, which become modules.
pub(super) fn modules(apis: &[Api], diagnostics: &mut Diagnostics) {
    let names = apis.iter().map(|api| (snake(&api.name), Place::top(api.file).at("api")));
    let hint = "choose another name in snake case for the folder: it becomes a module";
    apart(&Scope { reserved: &reserved::ROOT, hint }, names, diagnostics);
}

/// Checks all names of an API except the names of fields.
pub(super) fn lint(api: &Api, diagnostics: &mut Diagnostics) {
    types(api, diagnostics);
    ids(api, diagnostics);
    variants(api, diagnostics);
    let credentials = api.spec.credentials.keys();
    let credentials = credentials.map(|name| (snake(name), Place::top(api.file).at("credentials").at(name)));
    let hint = "a credential becomes a parameter: use Latin letters, digits and `_`";
    apart(&Scope { reserved: &[], hint }, credentials, diagnostics);
}

/// Type names that are in use, each with the place in the spec from which the name comes.
struct Types<'a> {
    claimed: HashMap<String, Place>,
    diagnostics: &'a mut Diagnostics,
}

impl Types<'_> {
    /// Reserves a name and returns `true` if the name is available. Otherwise reports the reason and returns `false`.
    fn claim(&mut self, rust: String, place: Place) -> bool {
        let (lint, message) = if !is_identifier(&rust) {
            (Lint::Identifier, "this is not a valid name in Rust".to_owned())
        } else if reserved::TYPES.contains(&rust.as_str()) {
            (Lint::ReservedName, format!("the generated crate uses the name `{rust}` itself"))
        } else if let Some(first) = self.claimed.get(&rust) {
            // If the spec has the same name twice, `duplicate-type` or `duplicate-operation` reports it.
            if first.path.last() == place.path.last() && first.key == place.key {
                return false;
            }
            let message = format!("two items would have the name `{rust}` in Rust");
            self.diagnostics
                .report(Lint::NameClash, place, message)
                .also(first.clone(), "the first")
                .help("rename one of them");
            return false;
        } else {
            self.claimed.insert(rust, place);
            return true;
        };
        self.diagnostics
            .report(lint, place, message)
            .help("choose a name of Latin letters, digits and `_` that begins with a letter");
        false
    }
}

fn types(api: &Api, diagnostics: &mut Diagnostics) {
    let mut types = Types { claimed: HashMap::new(), diagnostics };
    for scalar in &api.scalars {
        types.claim(camel(&scalar.name), scalar.place.clone().key());
    }
    for definition in &api.enums {
        types.claim(camel(&definition.name), definition.place.clone().key());
    }
    for time in &api.times {
        types.claim(camel(&time.name), time.place.clone().key());
    }
    for union in &api.unions {
        types.claim(camel(&union.name), union.place.clone().key());
    }
    let directions = Directions::of(api);
    for (n, union) in api.unions.iter().enumerate().filter(|(n, _)| directions.both(TypeRef::Union(*n))) {
        types.claim(received_union(api, &directions, n), union.place.clone().key());
    }
    for (n, object) in api.objects.iter().enumerate() {
        let (name, place) = (camel(&object.name), object.place.clone().key());
        types.claim(name.clone(), place.clone());
        if directions.sent(TypeRef::Object(n)) {
            types.claim(format!("{name}Builder"), place.clone());
        }
        if directions.both(TypeRef::Object(n)) {
            types.claim(format!("{name}Reply"), place);
        }
    }
    for announced in announced(api) {
        // One problem is reported for all groups, at the first of them.
        if let Some((n, _)) = announced.groups.first() {
            types.claim(format!("{}Details", camel(&announced.of.name)), api.objects[*n].place.at("when").key());
        }
    }
    let mut seen = HashSet::new();
    for op in api.operations.iter().filter(|op| seen.insert(&op.id)) {
        let place = Place::top(op.file).at("operation");
        // If the id itself is not available, the names that are derived from it are not reported too.
        if !is_reserved(&op.id, true) && types.claim(camel(&op.id), place.clone()) {
            for suffix in ["Builder", "Reply"] {
                types.claim(format!("{}{suffix}", camel(&op.id)), place.clone());
            }
        }
        for field in op.request.iter().filter(|field| matches!(field.kind, Kind::OneOf(_))) {
            let name = camel(field.spec.name.as_deref().unwrap_or(&field.wire));
            types.claim(format!("{name}By"), field.place.clone());
        }
    }
    for callback in api.callbacks.iter().filter(|callback| seen.insert(&callback.id)) {
        let free = !is_reserved(&callback.id, false);
        free.then(|| types.claim(camel(&callback.id), Place::top(callback.file).at("callback")));
        if let Some(select) = &callback.select {
            types.claim(camel(&select.name), select.place.clone().key());
        }
    }
    states(api, &mut types);
}

/// Checks the type parameters that builders have for mandatory fields, such as `HasAmount`. Several builders may use
/// the same name, so only clashes with other types are reported.
fn states(api: &Api, types: &mut Types<'_>) {
    let operations = api.operations.iter().flat_map(|op| [&op.path, &op.query, &op.headers, &op.request]);
    let lists = operations.chain(api.objects.iter().map(|object| &object.fields));
    for field in lists.flatten().filter(|field| field.spec.mandatory) {
        let name = format!("Has{}", camel(field.spec.name.as_deref().unwrap_or(&field.wire)));
        if types.claimed.contains_key(&name) {
            types.claim(name, field.place.clone().key());
        }
    }
}

fn is_reserved(id: &str, operation: bool) -> bool {
    reserved::FILES.contains(&id)
        || reserved::MODULES.contains(&id)
        || (operation && (reserved::CLIENT.contains(&id) || reserved::SERVER.contains(&id)))
}

/// Checks ids, which become modules and methods.
fn ids(api: &Api, diagnostics: &mut Diagnostics) {
    let operations = api.operations.iter().map(|op| (&op.id, Place::top(op.file).at("operation"), true));
    let callbacks = api.callbacks.iter().map(|c| (&c.id, Place::top(c.file).at("callback"), false));
    let resolves = |id: &str| api.operations.iter().any(|op| op.id == id && op.spec.recovery.resolve.is_some());
    let mut seen = HashSet::new();
    for (id, place, operation) in operations.chain(callbacks) {
        if !seen.insert(id) || !is_identifier(&camel(id)) {
            continue;
        }
        let name = id.as_str();
        let resolving = reserved::RESOLVING.iter().any(|begin| name.strip_prefix(begin).is_some_and(resolves));
        let confirms = |rest: &str| api.callbacks.iter().any(|callback| callback.id == rest);
        let confirming = name.strip_prefix(reserved::CONFIRMING).is_some_and(confirms);
        let lists = |first: &str| api.operations.iter().any(|op| op.id == first && op.spec.pages.is_some());
        let listing = name.strip_suffix(reserved::PAGES).is_some_and(lists);
        if is_reserved(name, operation) || (operation && (resolving || confirming || listing)) {
            diagnostics
                .report(Lint::ReservedName, place, format!("the generated crate uses the name `{id}` itself"))
                .help("choose a more specific id: it becomes a module and a method");
        } else if name == snake(&api.name) || camel(id) == id.to_uppercase() {
            // In the first case, the module of the id would have the name of its parent module. In the second case, the
            // type of the id would have the name of the constant that describes the operation.
            let what = if name == snake(&api.name) {
                "the API's own name"
            } else {
                "too short: its type would have the name of a constant"
            };
            diagnostics
                .report(Lint::Identifier, place, format!("`{id}` is {what}"))
                .help("choose a more specific id: it becomes a module, a type and a method");
        } else if snake(id).trim_end_matches('_') == name && snake(id) != name {
            diagnostics
                .report(Lint::Identifier, place, format!("`{id}` is a keyword of Rust"))
                .help("choose a more specific id: it becomes a module and a method");
        } else if snake(id) != name {
            let what = if operation { "an operation's id" } else { "a callback's id" };
            diagnostics
                .report(Lint::Identifier, place, format!("{what} must be in snake case"))
                .help(format!("write `{}`", snake(id)));
        }
    }
}

/// Checks stages, values of enumerations, cases of unions and error codes, which become variants.
fn variants(api: &Api, diagnostics: &mut Diagnostics) {
    let directions = Directions::of(api);
    for (n, definition) in api.enums.iter().enumerate() {
        let names = definition
            .spec
            .values
            .iter()
            // The lint `enum-coding` reports an integer without a name.
            .filter(|(_, v)| v.name.is_some() || !is_integer_coded(&definition.spec))
            .map(|(wire, v)| (camel(v.name.as_deref().unwrap_or(wire)), definition.place.at("values").at(wire)));
        let reserved_names: &[&str] = match directions.is_closed(TypeRef::Enum(n), &definition.spec) {
            true => &[],
            false if definition.spec.accepts_others => &[reserved::OTHER, reserved::UNKNOWN],
            false => &[reserved::UNKNOWN],
        };
        apart(&Scope { reserved: reserved_names, hint: NAMED }, names, diagnostics);
    }
    let selected = api.callbacks.iter().filter_map(|callback| callback.select.as_ref());
    for union in api.unions.iter().chain(selected) {
        let names = union.spec.cases.keys().map(|value| (camel(value), union.place.at("cases").at(value)));
        let hint = "a case becomes a variant: use Latin letters, digits and `_`";
        apart(&Scope { reserved: &[reserved::UNKNOWN], hint }, names, diagnostics);
    }
    let mut seen = HashSet::new();
    // All entries of a code become one variant.
    let codes = api.codes.iter().filter(|code| seen.insert(&code.code));
    let codes = codes.map(|code| (code_name(api, &code.code), code.place.clone()));
    apart(&Scope { reserved: &[reserved::UNKNOWN], hint: NAMED }, codes, diagnostics);
    let stages = api.spec.base_urls.keys();
    let stages = stages.map(|stage| (camel(stage), Place::top(api.file).at("base_urls").at(stage)));
    let hint = "a stage becomes a variant: use Latin letters, digits and `_`";
    apart(&Scope { reserved: &[], hint }, stages, diagnostics);
}

/// Checks that the names of a scope are valid, available and distinct.
pub(super) fn apart(scope: &Scope, names: impl Iterator<Item = (String, Place)>, diagnostics: &mut Diagnostics) {
    let mut seen: HashMap<String, Place> = HashMap::new();
    for (rust, place) in names {
        if !is_identifier(&rust) {
            diagnostics.report(Lint::Identifier, place.key(), "this is not a valid name in Rust").help(scope.hint);
        } else if scope.reserved.contains(&rust.as_str()) {
            let message = format!("the generated crate uses the name `{rust}` itself");
            diagnostics.report(Lint::ReservedName, place.key(), message).help(scope.hint);
        } else if let Some(first) = seen.get(&rust) {
            diagnostics
                .report(Lint::NameClash, place.key(), format!("two items would have the name `{rust}` in Rust"))
                .also(first.clone().key(), "the first")
                .help(scope.hint);
        } else {
            seen.insert(rust, place);
        }
    }
}
