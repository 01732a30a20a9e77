//! One file per API, and the scripted server that all of them use.

mod hostile;
mod inicis;
mod kakaopay;
mod linepay;
mod naverpay;
mod nicepay;
mod paypal;
mod portone;
mod server;
mod tosspayments;
