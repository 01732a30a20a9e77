//! Tests of the generator's own structure. What crosses crates is tested in `tests/`.

mod lints;
mod overlay;
