//! The generated crate, over real sockets: each API has a scripted server that answers as the provider's documentation says.
//! What the specs themselves prove, examples and limits, stands beside the generated crate.

mod play;

/// Generated from the specs' examples and limits.
#[path = "../generated/tests"]
mod generated {
    mod inicis;
    mod kakaopay;
    mod nicepay;
    mod portone;
    mod tosspayments;
}
