//! Saved pages, which are not part of the project.

use crate::temp_project::repository;
use std::fs;
use std::path::PathBuf;

/// Returns a saved page from the folder in `AUDIT_PAGES`, or from the folder beside the checkout.
pub fn page(name: &str) -> Option<String> {
    bytes(name).and_then(|bytes| String::from_utf8(bytes).ok())
}

/// Returns the bytes of a saved page.
pub fn bytes(name: &str) -> Option<Vec<u8>> {
    let folder = std::env::var_os("AUDIT_PAGES").map_or_else(|| repository().join("../shared/docs"), PathBuf::from);
    let bytes = fs::read(folder.join(name)).ok();
    if bytes.is_none() {
        eprintln!("skipped: the page {name} is not here");
    }
    bytes
}
