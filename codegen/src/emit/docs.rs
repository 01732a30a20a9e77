//! Emits documents for people and tools: the surface summary, the reference and the OpenAPI document of an API, and the
//! reference and the JSON Schemas of the spec language.

pub(super) mod language;
pub(super) mod openapi;
pub(super) mod reference;
pub(super) mod schema;
pub(super) mod surface;

/// Formats a JSON tree with line breaks and indentation.
fn json(tree: &serde_json::Value) -> String {
    match serde_json::to_string_pretty(tree) {
        Ok(text) => text + "\n",
        // Serialization fails only for keys that are not texts and for failing writers, and neither occurs here.
        Err(error) => unreachable!("a JSON tree is always serializable: {error}"),
    }
}
