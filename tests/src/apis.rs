//! The payment APIs of real providers. Their specs are in `examples/apis/spec`, and their generated crate is in
//! `examples/apis/generated`. The settings file of the workspace names both folders.

use crate::temp_project::project_of_this_workspace;
use codegen::project::Project;

/// Returns the project that contains these APIs.
pub fn project() -> Project {
    project_of_this_workspace("payment-apis")
}
