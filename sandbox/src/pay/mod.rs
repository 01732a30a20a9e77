//! Toss Pay: payments, the operations on them, and the replies and callbacks about them.

pub(crate) mod arithmetic;
pub(crate) mod clerk;
pub(crate) mod error;
mod index;
pub(crate) mod ledger;
pub(crate) mod payment;
mod refunds;
mod replica;
pub(crate) mod replies;
pub(crate) mod stored;
