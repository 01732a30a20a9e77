//! In which direction each type travels, and what follows from it.

use crate::model::Openness;
use crate::names::camel;
use crate::resolved::{Api, Composite, Field, Kind, TypeRef};
use crate::spec;
use std::collections::HashSet;

/// In which direction a type travels.
#[derive(Debug, Default)]
pub(crate) struct Directions {
    sent: HashSet<TypeRef>,
    received: HashSet<TypeRef>,
}

impl Directions {
    /// Follows every field of every operation and callback.
    pub(crate) fn of(api: &Api) -> Self {
        let mut directions = Directions::default();
        for op in &api.operations {
            for fields in [&op.path, &op.query, &op.headers, &op.request] {
                follow(api, fields, &mut directions.sent);
            }
            follow(api, &op.reply, &mut directions.received);
        }
        for callback in &api.callbacks {
            follow(api, &callback.body, &mut directions.received);
            let selected = callback.select.iter().flat_map(|select| &select.cases);
            selected.for_each(|(_, n)| follow_type(api, TypeRef::Object(*n), &mut directions.received));
        }
        directions
    }

    /// Whether requests have it.
    pub(crate) fn sent(&self, of: TypeRef) -> bool {
        self.sent.contains(&of)
    }

    /// Whether replies or callbacks have it.
    pub(crate) fn received(&self, of: TypeRef) -> bool {
        self.received.contains(&of)
    }

    /// Whether an enumeration has the values that are listed and no others.
    pub(crate) fn is_closed(&self, of: TypeRef, spec: &spec::Enum) -> bool {
        openness(self, of, spec) == Openness::Closed
    }

    /// Whether requests and replies have it.
    pub(crate) fn both(&self, of: TypeRef) -> bool {
        self.sent(of) && self.received(of)
    }
}

/// Adds every type the fields lead to.
pub(crate) fn follow(api: &Api, fields: &[Field], found: &mut HashSet<TypeRef>) {
    for field in fields {
        match &field.kind {
            Kind::One(of) | Kind::List(of) => follow_type(api, *of, found),
            Kind::Include(n) => {
                if found.insert(TypeRef::Object(*n)) {
                    follow(api, &api.objects[*n].fields, found);
                }
            }
            Kind::OneOf(choices) => follow(api, choices, found),
            Kind::Broken => {}
        }
    }
}

/// Adds a type and every type that it leads to.
pub(crate) fn follow_type(api: &Api, of: TypeRef, found: &mut HashSet<TypeRef>) {
    if !found.insert(of) {
        return;
    }
    match of {
        TypeRef::Object(n) => follow(api, &api.objects[n].fields, found),
        TypeRef::Union(n) => api.unions[n].cases.iter().for_each(|(_, n)| follow_type(api, TypeRef::Object(*n), found)),
        TypeRef::Composite(n) => match api.composites[n] {
            Composite::List(of) | Composite::Map(of) => follow_type(api, of, found),
        },
        _ => {}
    }
}

/// How an enumeration treats values it does not know.
pub(crate) fn openness(directions: &Directions, of: TypeRef, spec: &spec::Enum) -> Openness {
    match (directions.sent(of), directions.received(of), spec.accepts_others) {
        (true, _, true) => Openness::Other,
        (true, false, false) => Openness::Closed,
        _ => Openness::Open,
    }
}

/// What the group is called in replies: one that requests have too is two structs, for the caller fills one within
/// the rules and reads the other whatever is in it.
pub(crate) fn received_group(api: &Api, directions: &Directions, n: usize) -> String {
    let name = camel(&api.objects[n].name);
    if directions.both(TypeRef::Object(n)) { format!("{name}Reply") } else { name }
}
