//! One file per API, and the scripted server that all of them use.

mod inicis;
mod kakaopay;
mod naverpay;
mod nicepay;
mod portone;
mod server;
mod tosspayments;
