//! Toss Pay: what a payment is, what may be done with it when, and how it is told.

pub(crate) mod arithmetic;
pub(crate) mod clerk;
mod index;
pub(crate) mod kept;
pub(crate) mod ledger;
pub(crate) mod obstacle;
mod past;
pub(crate) mod payment;
mod refunds;
pub(crate) mod replies;
pub(crate) mod service;
