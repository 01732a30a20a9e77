//! The saved pages, which are not part of the project.

use crate::temp_project::repository;
use std::fs;
use std::path::PathBuf;

/// A saved page, where it lies beside the checkout or in the folder that `AUDIT_PAGES` names.
pub fn page(name: &str) -> Option<String> {
    bytes(name).and_then(|bytes| String::from_utf8(bytes).ok())
}

/// The same, as it lies there.
pub fn bytes(name: &str) -> Option<Vec<u8>> {
    let folder = std::env::var_os("AUDIT_PAGES").map_or_else(|| repository().join("../shared/docs"), PathBuf::from);
    let bytes = fs::read(folder.join(name)).ok();
    if bytes.is_none() {
        eprintln!("skipped: the page {name} is not here");
    }
    bytes
}
