//! Requests in the data file. They are encoded as in clients, and decoded as in the service.

use serde::{Deserialize, Serialize};
use std::time::SystemTime;
use toss_sdk::runtime::__private::{
    Api, FromRequest, HeaderValue, Incoming, Malformed, Request, SecretText, encode_body, encode_path, route,
};

/// An encoded request.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct StoredRequest {
    path: String,
    body: String,
    /// Time at which the request was checked. When the stored request is decoded, rules about times are checked as of
    /// this time.
    at: SystemTime,
}

impl StoredRequest {
    /// Encodes a request that arrived at this moment. `credentials` are needed for APIs with credentials in their
    /// bodies.
    pub(crate) fn new<R: Request>(request: &R, credentials: &[SecretText], at: SystemTime) -> Self {
        // This cannot fail, because all members have text names and values that JSON can represent.
        let body = encode_body(request, credentials).unwrap_or_default();
        Self {
            path: encode_path(R::OPERATION, request, credentials),
            body: String::from_utf8_lossy(&body).into_owned(),
            at,
        }
    }

    /// Decodes and checks the request.
    pub(crate) fn read<R: Request + FromRequest>(&self, api: &'static Api) -> Result<R, Malformed> {
        let headers: Vec<(&str, &str)> = api
            .headers
            .iter()
            .filter_map(|header| match header.value {
                HeaderValue::Constant(value) => Some((header.name, value)),
                _ => None,
            })
            .collect();
        let incoming = Incoming {
            method: "POST",
            path: &self.path,
            query: "",
            headers: &headers,
            body: self.body.as_bytes(),
            now: Some(self.at),
        };
        route(api, &incoming)?.read()
    }
}
