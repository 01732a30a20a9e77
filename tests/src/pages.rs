//! Saved pages of documentation, which are not in the repository.

use crate::temp_project::repository;
use std::fs;
use std::path::PathBuf;

/// Returns the text of a saved page. Returns `None` if the page is missing or is not UTF-8.
pub fn page(name: &str) -> Option<String> {
    bytes(name).and_then(|bytes| String::from_utf8(bytes).ok())
}

/// Returns the bytes of a saved page, from the folder in the variable `AUDIT_PAGES` or from a folder beside the
/// checkout. Prints a message and returns `None` if the page is missing.
pub fn bytes(name: &str) -> Option<Vec<u8>> {
    let folder = std::env::var_os("AUDIT_PAGES").map_or_else(|| repository().join("../shared/docs"), PathBuf::from);
    let bytes = fs::read(folder.join(name)).ok();
    if bytes.is_none() {
        eprintln!("skipped: the saved page {name} is missing");
    }
    bytes
}
