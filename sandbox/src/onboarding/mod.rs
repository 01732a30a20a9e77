//! Instant Onboarding: stores, the operations on them, and the replies and callbacks about them.

pub(crate) mod error;
pub(crate) mod registry;
pub(crate) mod replies;
pub(crate) mod review;
pub(crate) mod store;
pub(crate) mod stored;
