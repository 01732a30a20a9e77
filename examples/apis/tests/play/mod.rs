//! One file per API, and the scripted server that all of them use.

mod nicepay;
mod server;
