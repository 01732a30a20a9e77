//! What a spec must keep beyond its shape. Every rule reports everything it finds.
//!
//! One file a subject. A rule has a name in kebab case, which diagnostics show, and a failing and a passing
//! fixture in the tests.

mod apis;
mod conclusions;
mod conditions;
mod confirm;
mod examples;
mod fields;
mod limits;
mod members;
mod operations;
mod page;
mod resolution;
mod rust;
mod sources;
mod statuses;
mod types;
mod values;
mod wire;

use crate::diagnostic::Diagnostics;
use crate::resolve::{Api, Field, Kind};

/// Applies every rule to every API.
pub fn lint(apis: &[Api], diagnostics: &mut Diagnostics) {
    rust::modules(apis, diagnostics);
    for api in apis {
        apis::lint(api, diagnostics);
        wire::lint(api, diagnostics);
        operations::lint(api, diagnostics);
        resolution::lint(api, diagnostics);
        confirm::lint(api, diagnostics);
        conclusions::lint(api, diagnostics);
        fields::lint(api, diagnostics);
        conditions::lint(api, diagnostics);
        types::lint(api, diagnostics);
        statuses::lint(api, diagnostics);
        rust::lint(api, diagnostics);
        members::lint(api, diagnostics);
        sources::lint(api, diagnostics);
        page::lint(api, diagnostics);
        examples::lint(api, diagnostics);
    }
}

/// What a list of fields belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Path,
    Query,
    Request,
    Reply,
    Callback,
    Header,
    Object,
    Envelope,
}

/// Every list of fields of an API.
fn field_lists(api: &Api) -> Vec<(Part, &[Field])> {
    let mut lists: Vec<(Part, &[Field])> = vec![(Part::Envelope, &api.envelope)];
    for op in &api.operations {
        lists.push((Part::Path, &op.path));
        lists.push((Part::Query, &op.query));
        lists.push((Part::Request, &op.request));
        lists.push((Part::Reply, &op.reply));
    }
    for callback in &api.callbacks {
        lists.push((Part::Header, &callback.headers));
        lists.push((Part::Callback, &callback.body));
    }
    lists.extend(api.objects.iter().map(|object| (Part::Object, object.fields.as_slice())));
    lists
}

/// Calls `visit` with every field of a list, alternatives included.
fn each_field<'a>(fields: &'a [Field], visit: &mut dyn FnMut(&'a Field)) {
    for field in fields {
        visit(field);
        if let Kind::OneOf(choices) = &field.kind {
            each_field(choices, visit);
        }
    }
}
