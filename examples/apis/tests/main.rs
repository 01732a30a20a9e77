//! Tests of the generated crate over real sockets. Each API has a scripted server that answers according to the
//! provider's documentation. Tests of the specs' examples and limits are generated with the crate.

mod play;

/// Tests generated from the specs' examples and limits.
#[path = "../generated/tests"]
mod generated {
    mod inicis;
    mod kakaopay;
    mod linepay;
    mod naverpay;
    mod nicepay;
    mod paypal;
    mod portone;
    mod tosspayments;
}
