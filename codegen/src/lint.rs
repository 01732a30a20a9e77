//! Lints: rules for a spec beyond its syntax. Every lint reports all its findings.
//!
//! Each file of this module has one subject. [`Lint`](crate::lint_registry::Lint) documents the lints. Diagnostics show
//! the name of a lint in kebab case. The tests have a failing and a passing fixture for each lint.

mod apis;
mod comparison;
mod computed;
mod conclusions;
mod conditions;
mod confirm;
mod envelope;
mod evidence;
mod examples;
mod fields;
mod limits;
mod members;
mod notation;
mod operations;
mod page_words;
mod pagination;
mod proof;
mod resolution;
mod rust;
mod sources;
mod state_machines;
mod types;
mod values;
mod wire;

use crate::diagnostic::Diagnostics;
use crate::resolved::Api;

/// Runs all lints on all APIs.
pub fn lint(apis: &[Api], diagnostics: &mut Diagnostics) {
    rust::modules(apis, diagnostics);
    for api in apis {
        apis::lint(api, diagnostics);
        wire::lint(api, diagnostics);
        envelope::lint(api, diagnostics);
        computed::lint(api, diagnostics);
        proof::lint(api, diagnostics);
        operations::lint(api, diagnostics);
        evidence::lint(api, diagnostics);
        resolution::lint(api, diagnostics);
        confirm::lint(api, diagnostics);
        conclusions::lint(api, diagnostics);
        fields::lint(api, diagnostics);
        conditions::lint(api, diagnostics);
        notation::lint(api, diagnostics);
        types::lint(api, diagnostics);
        state_machines::lint(api, diagnostics);
        rust::lint(api, diagnostics);
        members::lint(api, diagnostics);
        sources::lint(api, diagnostics);
        page_words::lint(api, diagnostics);
        pagination::lint(api, diagnostics);
        examples::lint(api, diagnostics);
    }
}
