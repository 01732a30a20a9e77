//! Instant Onboarding: what a store is, how its application and contract go on, and how it is told.

pub(crate) mod kept;
pub(crate) mod registry;
pub(crate) mod replies;
pub(crate) mod review;
pub(crate) mod service;
