//! The generated tests of each API pass, and their code has no warnings.

#![deny(warnings)]

include!(concat!(env!("OUT_DIR"), "/cases.rs"));

#[test]
fn there_are_many_shapes() {
    const { assert!(SHAPES >= 90) };
}
