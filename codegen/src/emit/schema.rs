//! JSON Schemas of the spec language, for editors.

use crate::spec::{ApiFile, CallbackFile, OperationFile, TypesFile};
use schemars::{Schema, schema_for};

/// A name and a schema for each kind of file.
pub fn emit() -> Vec<(&'static str, String)> {
    [
        ("api", schema_for!(ApiFile)),
        ("types", schema_for!(TypesFile)),
        ("operation", schema_for!(OperationFile)),
        ("callback", schema_for!(CallbackFile)),
    ]
    .into_iter()
    .map(|(name, schema)| (name, text(&schema)))
    .collect()
}

fn text(schema: &Schema) -> String {
    format!("{:#}\n", schema.as_value())
}
