//! Tests of the generated crate over real sockets. Each API has a scripted server that answers according to the
//! provider's documentation. The module `generated` has the tests that the generator writes for the examples and limits
//! of each spec.

mod play;

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
