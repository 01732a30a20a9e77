//! Has no code: its dependencies select the features that the workspace as a whole selects. `Cargo.toml` says why.
