//! Tests of the package `pagespec-codegen` alone. The package `tests` contains the tests that need several packages.

#![allow(clippy::disallowed_methods, reason = "tests write their own specs")]

mod language;
mod layers;
mod lints;
mod names;
mod overlay;
