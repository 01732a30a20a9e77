//! One file for each API, and the server that all of them script.

mod nicepay;
mod server;
