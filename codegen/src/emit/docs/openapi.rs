//! Emits an API as a document in OpenAPI 3.1 or 3.0, for people and for generators of other programming languages.
//!
//! Schemas of requests are strict. Schemas of replies are tolerant. They state limits only in descriptions. A member
//! may be absent or null unless the spec marks the member as `always` present, or the member shows success.
//! Enumerations list the known values as examples. Facts that OpenAPI cannot express are in extensions (`x-…`), which
//! `docs/openapi.md` lists. This module creates the document itself, and its submodules create the parts of the
//! document.

mod operations;
mod replies;
mod schemas;
mod security;
mod v3_0;
mod vocabulary;
mod webhooks;

use crate::resolved::Api;
use crate::spec::{Quirk, Source};
use schemas::Schemas;
use serde_json::{Map, Value, json};

/// Version of OpenAPI.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OpenApiVersion {
    /// OpenAPI 3.0.3, for tools that do not read OpenAPI 3.1.
    V3_0,
    /// OpenAPI 3.1.0.
    #[default]
    V3_1,
}

/// Emits `openapi/<api>.json`.
pub(crate) fn emit(api: &Api, version: OpenApiVersion) -> String {
    let document = document(api);
    super::json(&match version {
        OpenApiVersion::V3_0 => v3_0::document(document),
        OpenApiVersion::V3_1 => document,
    })
}

/// JSON object that keeps the order of its members.
type JsonObject = Map<String, Value>;

fn document(api: &Api) -> Value {
    let mut schemas = Schemas::new(api);
    let mut paths = JsonObject::new();
    for op in &api.operations {
        let item = paths.entry(op.template.as_str()).or_insert_with(|| json!({}));
        item[vocabulary::method(op.method)] = operations::operation(api, &mut schemas, op);
    }
    let webhooks: JsonObject =
        api.callbacks.iter().map(|c| (c.id.clone(), webhooks::webhook(api, &mut schemas, c))).collect();
    let mut components = json!({ "schemas": schemas.into_components() });
    let schemes = security::schemes(api);
    if !schemes.is_empty() {
        components["securitySchemes"] = Value::Object(schemes);
    }
    let mut document = json!({
        "openapi": "3.1.0",
        "info": info(api),
        "servers": servers(api),
        "tags": [{ "name": api.name, "description": vocabulary::plain(&api.spec.title) }],
        "security": security::requirement(api),
        "paths": paths,
    });
    if !webhooks.is_empty() {
        document["webhooks"] = Value::Object(webhooks);
    }
    document["components"] = components;
    let computed = security::computed_values(api);
    if !computed.is_empty() {
        document["x-computed"] = Value::Object(computed);
    }
    let timeouts = &api.spec.timeouts;
    document["x-timeouts"] = json!({
        "connect-seconds": timeouts.connect.seconds,
        "attempt-seconds": timeouts.attempt.seconds,
        "description": vocabulary::plain(&timeouts.doc),
    });
    add_quirks(&mut document, &api.spec.quirks);
    document
}

fn info(api: &Api) -> Value {
    let spec = &api.spec;
    let mut description = vec![vocabulary::plain(&spec.summary)];
    description.extend(vocabulary::notes(&spec.notes));
    description.extend(security::in_words(api));
    description.push(
        "Replies are described tolerantly: a member may be absent or null unless it is required, limits \
         appear only in descriptions, and enumerations may get new values."
            .into(),
    );
    let version = spec.page.version.as_deref().or(spec.history.last().map(|revision| revision.version.as_str()));
    json!({
        "title": spec.title,
        "description": description.join("\n\n"),
        "version": version.unwrap_or("undated"),
        "contact": { "name": spec.title },
        "license": { "name": env!("CARGO_PKG_LICENSE"), "identifier": env!("CARGO_PKG_LICENSE") },
    })
}

/// Returns the servers, one for each stage. The default stage is first, because tools use the first server.
fn servers(api: &Api) -> Vec<Value> {
    let mut stages: Vec<_> = api.spec.base_urls.iter().collect();
    stages.sort_by_key(|(name, _)| **name != api.spec.default_stage);
    stages
        .into_iter()
        .map(|(name, base)| {
            json!({
                "url": base.url.trim_end_matches('/'),
                "description": vocabulary::plain(&base.means),
                "x-stage": name,
            })
        })
        .collect()
}

/// Adds the quirks: contradictions and gaps of the page, each with our reading.
fn add_quirks(to: &mut Value, quirks: &[Quirk]) {
    if quirks.is_empty() {
        return;
    }
    let list: Vec<Value> = quirks
        .iter()
        .map(|quirk| {
            let mut entry = json!({
                "at": quirk.at,
                "page-says": vocabulary::plain(&quirk.page_says),
                "we-read": vocabulary::plain(&quirk.we_read),
            });
            if let Some(because) = &quirk.because {
                entry["because"] = vocabulary::plain(because).into();
            }
            if quirk.source != Source::Page {
                entry["source"] = quirk.source.as_str().into();
            }
            entry
        })
        .collect();
    to["x-quirks"] = Value::Array(list);
}
