//! Documents for people and other tools: the surface, the reference, OpenAPI, and the schema of the spec language.

pub(super) mod language;
pub(super) mod openapi;
pub(super) mod reference;
pub(super) mod schema;
pub(super) mod surface;

/// A tree of JSON as text that people read.
fn json(tree: &serde_json::Value) -> String {
    match serde_json::to_string_pretty(tree) {
        Ok(text) => text + "\n",
        // Only keys that are no texts, and writers that fail, make it fail: a tree and a `String` are neither.
        Err(error) => unreachable!("a tree of JSON is always written: {error}"),
    }
}
