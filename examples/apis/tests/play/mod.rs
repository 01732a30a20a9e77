//! Hand-written tests of each API, and the scripted server that they use.

mod inicis;
mod kakaopay;
mod linepay;
mod naverpay;
mod nicepay;
mod paypal;
mod paypal_contradictions;
mod portone;
mod server;
mod tosspayments;
