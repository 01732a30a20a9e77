//! Tests of the generated code of small APIs. `cases` runs the generated tests of each API. Every other module tests
//! one feature of the spec language.

mod cases;
mod choices;
mod cycle;
mod error_lists;
mod expected_entries;
mod forms;
mod lists;
mod lists_of_forms;
mod nested_claims;
mod opaque;
mod pages;
mod refunds;
mod socket;
mod statuses;
mod sums;
mod supplied;
