//! APIs that nobody has, one a module: what the generator writes for each passing fixture of a lint, and for what is left
//! of a larger API when parts of it are taken away and renamed. Which they are is made up by `build.rs`.
//!
//! Code for any sound spec compiles without a warning, `clippy` has nothing to say about it, and its own tests pass. So
//! warnings are errors here.

#![deny(warnings)]

include!(concat!(env!("OUT_DIR"), "/shapes.rs"));
