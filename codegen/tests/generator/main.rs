//! Tests of the generator's own structure. What crosses crates is tested in `tests/`.

mod layers;
mod lints;
mod overlay;
