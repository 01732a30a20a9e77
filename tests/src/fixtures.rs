//! Programs that use the sandbox as users of the crate do.

pub mod agency;
pub mod merchant;
