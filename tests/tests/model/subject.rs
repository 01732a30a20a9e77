//! What a world needs to know of a request and of the service that carries it out.

use crate::model::wire::Body;
use pagespec_runtime::__private::Resolve;
use serde_json::Value;
use std::fmt::Debug;
use std::hash::Hash;
use toss_sdk::pay::PaymentStatus;

/// A request with the service that carries it out.
pub trait Subject {
    /// The request.
    type Request: Resolve<Question = PaymentStatus>;
    /// The state of the service.
    type Service: Copy + Eq + Hash + Debug;

    /// Whether it creates a payment, whose time of creation matters and whose page is shown.
    const IS_CREATION: bool = false;
    /// Members that bind a reply to its request.
    const BINDING: &'static [&'static str];
    /// Whether unknown codes prove nothing.
    const MOVES_MONEY: bool = true;

    /// How often a request may arrive. More than once is told apart only where a second copy can change something: one of
    /// a refund that was made, or of an execution, changes nothing, and one of a refused request is refused likewise.
    const COPIES: u8 = 1;

    /// The request.
    fn request(&self) -> Self::Request;
    /// What the caller expects.
    fn expected(&self) -> <Self::Request as Resolve>::Expected;
    /// The states that the service may be in at first.
    fn starts(&self) -> Vec<(&'static str, Self::Service)>;
    /// Carries out one copy of the request, or refuses it with a code. `era` is the time of day, as an age.
    fn accept(&self, service: &Self::Service, era: u8) -> Result<Self::Service, &'static str>;
    /// What others do, and what happens by itself.
    fn events(&self, service: &Self::Service, out: &mut Vec<(&'static str, Self::Service)>);
    /// Takes one copy of the request and does not answer yet.
    fn accept_slowly(&self, _service: &Self::Service) -> Option<Self::Service> {
        None
    }
    /// Whether the request is being carried out.
    fn is_under_way(&self, _service: &Self::Service) -> bool {
        false
    }
    /// The body of a success.
    fn success(&self) -> Value;
    /// The answers to a question that a service in this state may give.
    fn answers(&self, service: &Self::Service) -> Vec<Body>;
    /// How often the request took effect.
    fn applied(&self, service: &Self::Service) -> u8;
    /// Whether the effect is there at all, by whomever.
    fn is_in_effect(&self, service: &Self::Service) -> bool;
    /// Whether all of it was taken back.
    fn is_reversed(&self, _service: &Self::Service) -> bool {
        false
    }
    /// Whether no copy of the request can change anything any more.
    fn is_final(&self, service: &Self::Service) -> bool {
        self.is_refused_for_good(service)
    }
    /// Whether the service refuses the request for ever.
    fn is_refused_for_good(&self, service: &Self::Service) -> bool;
    /// Whether the request breaks a rule by now, so that the client does not send it.
    fn is_invalid(&self, _service: &Self::Service) -> bool {
        false
    }
    /// Whether a service that is left alone from now on leaves no room for "unknown".
    fn must_conclude(&self, _service: &Self::Service) -> bool {
        false
    }
}
