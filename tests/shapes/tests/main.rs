//! Tests of the generated code of small APIs: the generated tests of each API, and tests of single features.

mod cases;
mod error_lists;
mod forms;
mod lists;
mod lists_of_forms;
mod pages;
mod refunds;
mod statuses;
mod sums;
