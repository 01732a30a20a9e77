//! What the tests share. The tests are in `tests/`, what they read is in `fixtures/`.

pub mod browser;
pub mod child;
pub mod faulty;
pub mod hostile;
pub mod hosting;
pub mod html_mutations;
pub mod kept_alive;
pub mod mutations;
pub mod notations;
pub mod outcome;
pub mod pages;
pub mod parcel;
pub mod refused;
pub mod scratch;
pub mod service;
pub mod shop;
pub mod strict;
pub mod virtual_time;

/// The README's example compiles.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;
