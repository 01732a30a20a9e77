//! An API that was invented for this: its crate comes from the same generator and runtime as the real ones, and
//! nothing in either was written for it.

mod current;
mod messages;
mod notations;
mod requests;
mod server;
mod wire;
