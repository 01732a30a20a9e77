//! The real payment APIs. Their specs are in `examples/apis/spec`, their crate in `examples/apis/generated`. The
//! settings file of the workspace names both.

use crate::temp_project::project_of_this_workspace;
use codegen::project::Project;

/// The project.
pub fn project() -> Project {
    project_of_this_workspace("payment-apis")
}
