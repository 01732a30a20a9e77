//! Directions of each type: whether requests contain it, and whether replies or callbacks contain it.

use crate::constraints::Openness;
use crate::names::camel;
use crate::resolved::{Api, Composite, Field, Kind, TypeRef};
use crate::spec;
use std::collections::HashSet;

/// Types that requests contain, and types that replies or callbacks contain.
#[derive(Debug, Default)]
pub(crate) struct Directions {
    sent: HashSet<TypeRef>,
    received: HashSet<TypeRef>,
}

impl Directions {
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

    /// Returns `true` if requests contain the type.
    pub(crate) fn sent(&self, of: TypeRef) -> bool {
        self.sent.contains(&of)
    }

    /// Returns `true` if replies or callbacks contain the type.
    pub(crate) fn received(&self, of: TypeRef) -> bool {
        self.received.contains(&of)
    }

    /// Returns `true` if the generated enumeration has only the listed values, and no variant for other values.
    pub(crate) fn is_closed(&self, of: TypeRef, spec: &spec::Enum) -> bool {
        openness(self, of, spec) == Openness::Closed
    }

    pub(crate) fn both(&self, of: TypeRef) -> bool {
        self.sent(of) && self.received(of)
    }
}

/// Adds every type that the fields contain, directly or inside another type, to `found`.
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

/// Adds a type and every type inside it to `found`.
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
        TypeRef::String
        | TypeRef::Integer
        | TypeRef::Decimal
        | TypeRef::Boolean
        | TypeRef::Instant
        | TypeRef::Date
        | TypeRef::Json
        | TypeRef::Amount(_)
        | TypeRef::Scalar(_)
        | TypeRef::Enum(_)
        | TypeRef::Time(_) => {}
    }
}

pub(crate) fn openness(directions: &Directions, of: TypeRef, spec: &spec::Enum) -> Openness {
    match (directions.sent(of), directions.received(of), spec.accepts_others) {
        (true, _, true) => Openness::Other,
        (true, false, false) => Openness::Closed,
        _ => Openness::Open,
    }
}

/// Returns the name of the struct for a group in replies and callbacks. If requests contain the group too, requests use
/// another struct, because they must follow the rules of the group, and replies may break these rules.
pub(crate) fn received_group(api: &Api, directions: &Directions, n: usize) -> String {
    let name = camel(&api.objects[n].name);
    if directions.both(TypeRef::Object(n)) { format!("{name}Reply") } else { name }
}

/// Returns the name of the enum for a union in replies and callbacks. If requests contain the union too, requests use
/// another enum, because the groups of the union have other structs in requests.
pub(crate) fn received_union(api: &Api, directions: &Directions, n: usize) -> String {
    let name = camel(&api.unions[n].name);
    if directions.both(TypeRef::Union(n)) { format!("{name}Reply") } else { name }
}
