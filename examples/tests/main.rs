//! Runs the example programs as processes of their own, against the sandbox and, where there is one, PostgreSQL.

mod kill;
mod probe;
mod shop;
mod stories;
mod support;
