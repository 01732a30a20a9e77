//! Tests of the generator's own structure. What crosses crates is tested in `tests/`.

#![allow(clippy::disallowed_methods, reason = "tests write specs for themselves")]

mod language;
mod layers;
mod lints;
mod names;
mod overlay;
