//! An invented API, in addition to the two APIs of Toss. Its spec is in `parcel-spec/`, and its generated crate is in
//! `parcel/`. The settings file of the workspace names both folders.

use crate::temp_project::project_of_this_workspace;
use codegen::project::Project;

/// Returns the project that contains this API.
pub fn project() -> Project {
    project_of_this_workspace("parcel-sdk")
}
