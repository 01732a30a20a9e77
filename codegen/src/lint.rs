//! What a spec must keep beyond its shape. Every rule reports everything it finds.
//!
//! One file a subject. A rule has a name in kebab case, which diagnostics show, and a failing and a passing
//! fixture in the tests.

mod apis;
mod computed;
mod conclusions;
mod conditions;
mod confirm;
mod envelope;
mod examples;
mod fields;
mod limits;
mod members;
mod notation;
mod operations;
mod page;
mod pages;
mod resolution;
mod rust;
mod sources;
mod statuses;
mod types;
mod values;
mod wire;

use crate::diagnostic::Diagnostics;
use crate::resolved::Api;

/// Applies every rule to every API.
pub fn lint(apis: &[Api], diagnostics: &mut Diagnostics) {
    rust::modules(apis, diagnostics);
    for api in apis {
        apis::lint(api, diagnostics);
        wire::lint(api, diagnostics);
        envelope::lint(api, diagnostics);
        computed::lint(api, diagnostics);
        operations::lint(api, diagnostics);
        resolution::lint(api, diagnostics);
        confirm::lint(api, diagnostics);
        conclusions::lint(api, diagnostics);
        fields::lint(api, diagnostics);
        conditions::lint(api, diagnostics);
        notation::lint(api, diagnostics);
        types::lint(api, diagnostics);
        statuses::lint(api, diagnostics);
        rust::lint(api, diagnostics);
        members::lint(api, diagnostics);
        sources::lint(api, diagnostics);
        page::lint(api, diagnostics);
        pages::lint(api, diagnostics);
        examples::lint(api, diagnostics);
    }
}
