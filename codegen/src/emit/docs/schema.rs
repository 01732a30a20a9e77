//! JSON Schemas of the spec language, for editors.

use crate::settings::SettingsFile;
use crate::spec::{ApiFile, CallbackFile, OperationFile, TypesFile};
use schemars::schema_for;

type Emit = fn() -> String;

/// Name of each kind of file, and the function that returns the JSON Schema for files of this kind.
pub(crate) const KINDS: [(&str, Emit); 5] = [
    ("api", || super::json(schema_for!(ApiFile).as_value())),
    ("types", || super::json(schema_for!(TypesFile).as_value())),
    ("operation", || super::json(schema_for!(OperationFile).as_value())),
    ("callback", || super::json(schema_for!(CallbackFile).as_value())),
    ("settings", || super::json(schema_for!(SettingsFile).as_value())),
];
