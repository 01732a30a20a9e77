//! The part of [`Procedure`](crate::model::procedure::Procedure) that differs between requests: the request, and the
//! service that carries it out.

use crate::model::wire::Body;
use pagespec_runtime::__private::Resolve;
use serde_json::Value;
use std::fmt::Debug;
use std::hash::Hash;
use toss_sdk::pay::PaymentStatus;

/// A request, and the service that carries it out.
pub trait Subject {
    type Request: Resolve<Question = PaymentStatus>;
    type Service: Copy + Eq + Hash + Debug;

    /// Set if the request creates a payment. Then the model compares the payment's creation time, and counts the
    /// checkout pages that the purchaser receives.
    const IS_CREATION: bool = false;
    /// Members of a successful reply whose values must match the request, such as `payToken`.
    const BINDING: &'static [&'static str];
    /// Set if the request moves money. Then a rejection with an undocumented error code proves nothing.
    const MOVES_MONEY: bool = true;

    /// Number of times that one request may arrive. It is more than 1 only if a second copy can change something.
    /// A copy of a completed refund or execution changes nothing, and a copy of a rejected request is rejected again.
    const COPIES: u8 = 1;

    fn request(&self) -> Self::Request;
    /// Returns the values that the caller expects in an answer, such as the amount.
    fn expected(&self) -> <Self::Request as Resolve>::Expected;
    fn starts(&self) -> Vec<(&'static str, Self::Service)>;
    /// Returns the state after the service has carried out one copy of the request, or the error code of the rejection.
    /// `era` is the time of day, as an age.
    fn accept(&self, service: &Self::Service, era: u8) -> Result<Self::Service, &'static str>;
    /// Adds the states after each possible action of a purchaser, a clerk or a bank, and after events such as expiry.
    fn events(&self, service: &Self::Service, out: &mut Vec<(&'static str, Self::Service)>);
    /// Returns the state after the service has accepted one copy of the request that it will complete later. `None`
    /// means that the service does not accept requests in this way.
    fn accept_slowly(&self, _service: &Self::Service) -> Option<Self::Service> {
        None
    }
    /// Returns `true` if the service has accepted the request but not completed it.
    fn is_under_way(&self, _service: &Self::Service) -> bool {
        false
    }
    fn success(&self) -> Value;
    fn answers(&self, service: &Self::Service) -> Vec<Body>;
    /// Returns the number of times that the request took effect.
    fn applied(&self, service: &Self::Service) -> u8;
    /// Returns `true` if the effect exists, regardless of its origin.
    fn is_in_effect(&self, service: &Self::Service) -> bool;
    /// Returns `true` if the whole effect was reversed.
    fn is_reversed(&self, _service: &Self::Service) -> bool {
        false
    }
    /// Returns `true` if no copy of the request can change anything any more.
    fn is_final(&self, service: &Self::Service) -> bool {
        self.is_refused_for_good(service)
    }
    /// Returns `true` if the service rejects the request permanently.
    fn is_refused_for_good(&self, service: &Self::Service) -> bool;
    /// Returns `true` if the request breaks a rule now, so that the client does not send it.
    fn is_invalid(&self, _service: &Self::Service) -> bool {
        false
    }
    /// Returns `true` if a resolution must conclude in this state, provided that no further event occurs.
    fn must_conclude(&self, _service: &Self::Service) -> bool {
        false
    }
}
