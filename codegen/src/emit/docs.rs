//! Documents for people and tools: the surface, the reference, OpenAPI, and the schema of the spec language.

pub(super) mod language;
pub(super) mod openapi;
pub(super) mod reference;
pub(super) mod schema;
pub(super) mod surface;

/// Formats a JSON tree for people.
fn json(tree: &serde_json::Value) -> String {
    match serde_json::to_string_pretty(tree) {
        Ok(text) => text + "\n",
        // Serialization fails only for keys that are not texts and for failing writers, and neither occurs here.
        Err(error) => unreachable!("a JSON tree is always serializable: {error}"),
    }
}
