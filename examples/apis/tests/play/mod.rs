//! One file for each API, and the server that all of them script.

mod inicis;
mod kakaopay;
mod nicepay;
mod portone;
mod server;
mod tosspayments;
