//! Programs that use the sandbox the way users of the crate do.

pub mod agency;
pub mod merchant;
