//! The saved pages, which are not part of the project.

use crate::scratch::repository;
use std::fs;
use std::path::PathBuf;

/// A saved page, where it lies beside the checkout or in the folder that `AUDIT_PAGES` names.
pub fn page(name: &str) -> Option<String> {
    let folder = std::env::var_os("AUDIT_PAGES").map_or_else(|| repository().join("../shared/docs"), PathBuf::from);
    let text = fs::read_to_string(folder.join(name)).ok();
    if text.is_none() {
        eprintln!("skipped: the page {name} is not here");
    }
    text
}
