//! The two services: routes requests to operations and returns the responses. The generated servers decode requests and
//! encode replies. [`onboarding`] and [`pay`] implement the operations.

mod onboarding;
mod pay;
mod view;

use crate::lag::Lag;
use crate::state::State;
use hyper::http::request::Parts;
use toss_sdk::runtime as rt;
use view::View;

/// One of the two services.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Service {
    Pay,
    Onboarding,
}

impl Service {
    /// Returns the service that a path belongs to, or `None` if the path is the sandbox's own.
    pub(crate) fn of(path: &str) -> Option<Self> {
        let services = [("/api", Self::Pay), ("/instant-onboarding", Self::Onboarding)];
        let is_below =
            |start: &str| path.strip_prefix(start).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        services.into_iter().find(|(start, _)| is_below(start)).map(|(_, service)| service)
    }

    /// Returns the error code for a request that cannot be decoded.
    pub(crate) fn invalid_code(self) -> &'static str {
        match self {
            Self::Pay => toss_sdk::pay::ErrorCode::CommonInvalidParameter.as_str(),
            Self::Onboarding => onboarding::INVALID,
        }
    }

    pub(crate) fn api(self) -> &'static rt::Api {
        match self {
            Self::Pay => &toss_sdk::pay::API,
            Self::Onboarding => &toss_sdk::onboarding::API,
        }
    }

    /// Answers a request. If `lag` is set, a replica with this lag answers queries. Also returns the members of the
    /// request that the operation did not read.
    pub(crate) async fn serve(
        self,
        state: &State,
        lag: Option<Lag>,
        head: &Parts,
        body: &[u8],
    ) -> (rt::Response, Vec<String>) {
        let headers: Vec<(&str, &str)> =
            head.headers.iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?))).collect();
        let incoming = rt::Incoming { headers: &headers, ..incoming(state, head, body) };
        let view = View::new(state, lag);
        let response = match self {
            Self::Pay => toss_sdk::pay::server::serve(&view, &incoming).await,
            Self::Onboarding => toss_sdk::onboarding::server::serve(&view, &incoming).await,
        };
        (response, view.into_ignored())
    }

    /// Returns the id of a request's operation, or `None` if the request belongs to no operation.
    pub(crate) fn operation(self, state: &State, head: &Parts, body: &[u8]) -> Option<&'static str> {
        Some(rt::route(self.api(), &incoming(state, head, body)).ok()?.operation.id)
    }
}

/// A request, without its headers.
fn incoming<'a>(state: &State, head: &'a Parts, body: &'a [u8]) -> rt::Incoming<'a> {
    rt::Incoming {
        method: head.method.as_str(),
        path: head.uri.path(),
        query: head.uri.query().unwrap_or_default(),
        headers: &[],
        body,
        now: Some(state.clock.now()),
    }
}
