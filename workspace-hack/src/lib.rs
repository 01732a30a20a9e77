//! This crate has no code. Its dependencies select the features that the whole workspace selects. `Cargo.toml` states
//! the reason.
