//! Requests as they are kept in a file: written as clients write them, and read as the service reads them.

use serde::{Deserialize, Serialize};
use std::time::SystemTime;
use toss_sdk::runtime::__private::{
    Api, FromRequest, HeaderValue, Incoming, Malformed, Request, SecretText, encode_body, encode_path, route,
};

/// A request.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Written {
    path: String,
    body: String,
    /// What its times were judged by.
    at: SystemTime,
}

impl Written {
    /// A request that came at this moment. Credentials stand in the bodies of some APIs.
    pub(crate) fn new<R: Request>(request: &R, credentials: &[SecretText], at: SystemTime) -> Self {
        // Every member has a text name and a value that JSON has.
        let body = encode_body(request, credentials).unwrap_or_default();
        Self { path: encode_path(R::OPERATION, request), body: String::from_utf8_lossy(&body).into_owned(), at }
    }

    /// The request, checked again.
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
            now: Some(crate::clock::kst(self.at)),
        };
        route(api, &incoming)?.read()
    }
}
