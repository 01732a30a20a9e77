//! Tests of the outbox with the generated client, the sandbox, and real databases.

#![allow(missing_docs, reason = "tests")]

mod bad_input;
mod crashes;
mod daily;
mod state_machine;
mod support;
mod tokens;
mod workers;
