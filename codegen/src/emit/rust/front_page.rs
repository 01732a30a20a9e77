//! Emits the front pages of the crate and of each API's module: purpose, quick start, links.

use super::client;
use super::tokens;
use crate::model::{ApiModel, Model};
use proc_macro2::TokenStream;

pub(super) fn of_crate(model: &Model, crate_name: &str, front_matter: Option<&str>) -> TokenStream {
    let introduction = "Typed clients for HTTP APIs, generated from a reviewed transcription of the providers' pages.";
    let mut page = vec![
        front_matter.unwrap_or(introduction).trim_end().into(),
        "Each API is a module. It has a `Client`, a request and a reply for every operation, enumerations, error \
         codes, and the callbacks that the service sends. Requests have builders."
            .into(),
        "- A request that breaks a documented rule is not sent. The error names every violation.".into(),
        "- A reply is decoded even if it has values, members or codes that the page does not mention.".into(),
        "- An error states whether the request may have taken effect. See [`Outcome`](runtime::Outcome).".into(),
    ];
    // The quick start uses an API that moves money, if there is one.
    let mut apis: Vec<&ApiModel> = model.apis.iter().collect();
    apis.sort_by_key(|api| !api.operations.iter().any(|op| op.moves_money));
    if let Some(example) = apis.into_iter().find_map(|api| quick_start(api, crate_name)) {
        page.extend(["# Quick start".into(), example]);
    }
    page.extend([
        "# Features".into(),
        "| feature | adds |\n| --- | --- |\n\
         | `client` (default) | HTTP client of each API. Without it: types, validation, encoding and decoding. |\n\
         | `blocking` | `blocking::Client` of each API, for code without an async runtime. |\n\
         | `axum` | Extractors for callbacks in axum handlers. |\n\
         | `server` | `server::Server` of each API, for simulators of the service. |\n\
         | `outbox` | Requests that an outbox stores, sends and resolves. |"
            .into(),
    ]);
    tokens::inner_docs(&page)
}

pub(super) fn of_module(api: &ApiModel, crate_name: &str) -> TokenStream {
    let mut page = api.docs.clone();
    if let Some(example) = quick_start(api, crate_name) {
        page.extend(["# Quick start".into(), example]);
    }
    page.extend_from_slice(&api.map);
    tokens::inner_docs(&page)
}

fn quick_start(api: &ApiModel, crate_name: &str) -> Option<String> {
    client::quick_start(api, api.operations.get(api.first)?, crate_name)
}
