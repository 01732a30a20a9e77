//! Tests of the generator's own structure. Tests across crates are in `tests/`.

#![allow(clippy::disallowed_methods, reason = "tests write their own specs")]

mod language;
mod layers;
mod lints;
mod names;
mod overlay;
