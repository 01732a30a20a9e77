//! Tests of the program as a process of its own, in temporary projects.

mod commands;
mod watch;
