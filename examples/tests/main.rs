//! Runs the example programs as separate processes against the sandbox. The shop is tested on SQLite and, where it is
//! installed, on PostgreSQL.

mod kill;
mod probe;
mod shop;
mod stories;
mod support;
