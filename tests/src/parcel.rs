//! The invented third API. Its spec is in `parcel-spec/`, its crate in `parcel/`, beside this package's tests. The
//! settings file of the workspace names both.

use crate::temp_project::project_of_this_workspace;
use codegen::project::Project;

/// The project.
pub fn project() -> Project {
    project_of_this_workspace("parcel-sdk")
}
