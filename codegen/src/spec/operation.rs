//! Operations.

use super::{Code, Envelope, Evidence, FieldSpec, Literal, Map, Note, Page, Quirk, Recovery, Rule, Source};
use schemars::JsonSchema;
use serde::Deserialize;

/// File that describes one operation.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OperationFile {
    /// Section of the page that this file transcribes.
    pub page: Page,
    /// Id of the operation, in snake case.
    pub operation: String,
    /// Path of a GET operation, with `{parameters}`.
    pub get: Option<String>,
    /// Path of a POST operation, with `{parameters}`.
    pub post: Option<String>,
    /// Path of a PUT operation, with `{parameters}`.
    pub put: Option<String>,
    /// Path of a PATCH operation, with `{parameters}`.
    pub patch: Option<String>,
    /// Path of a DELETE operation, with `{parameters}`.
    pub delete: Option<String>,
    /// Description of the operation, in one sentence.
    pub summary: String,
    /// Further description.
    pub doc: Option<String>,
    /// What to do if the answer is lost.
    pub recovery: Recovery,
    /// Evidence that a reply belongs to its request.
    #[serde(default)]
    pub evidence: Evidence,
    /// Envelope of the replies, if it differs from that in `api.yaml`.
    pub envelope: Option<Envelope>,
    /// Accepted encodings of its request body, if they differ from the encodings in `api.yaml`.
    pub bodies: Option<Vec<Encoding>>,
    /// Path parameters, by the names in the path's braces.
    #[serde(default)]
    pub path: Map<FieldSpec>,
    /// Query parameters.
    #[serde(default)]
    pub query: Map<FieldSpec>,
    /// Headers of this operation, which the caller passes or the client supplies. A header of the same name in
    /// `api.yaml` is replaced.
    #[serde(default)]
    pub headers: Map<FieldSpec>,
    /// Members of the request body, in page order.
    #[serde(default)]
    pub request: Map<FieldSpec>,
    /// Rules that span several fields of the request.
    #[serde(default)]
    pub rules: Vec<Rule>,
    /// Members of the reply (of its payload, if the envelope has one), in page order. The name `[]` stands for a
    /// payload that is a list.
    #[serde(default)]
    pub reply: Map<FieldSpec>,
    /// Pagination, if the reply is one page of a list.
    pub pages: Option<PagesSpec>,
    /// Error codes in the section.
    #[serde(default)]
    pub errors: Map<Code>,
    /// Example exchanges, as values.
    #[serde(default)]
    pub examples: Vec<Example>,
    /// Facts of the section that are not about a single field.
    #[serde(default)]
    pub notes: Vec<Note>,
    /// Contradictions of the page, and our readings.
    #[serde(default)]
    pub quirks: Vec<Quirk>,
}

/// Pagination of a list.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PagesSpec {
    /// List in the reply, or `[]` if the payload itself is the list.
    pub items: String,
    /// Field of the request with the position of the page.
    pub send: String,
    /// Position of the next page: a member of the reply, `last.MEMBER` for a member of the page's last entry, or `+1`
    /// for numbered pages. If it is a member of the reply, the list ends when the member is absent, null, empty or 0.
    /// With `last.MEMBER` and `+1`, an empty page ends the list.
    pub next: String,
    /// Member of the reply that marks the last page, and its value there: `{ hasNext: false }`.
    #[serde(default)]
    pub end: Map<Literal>,
}

/// Encoding of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    /// `application/json`
    Json,
    /// `application/x-www-form-urlencoded`
    Form,
    /// Parameters of the URL.
    Query,
}

/// An example exchange.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// Short title, which becomes the name of a test.
    pub title: String,
    /// Source of the example.
    #[serde(default)]
    pub source: Source,
    /// Path parameters.
    #[serde(default)]
    #[schemars(with = "Map<serde_json::Value>")]
    pub path: Map<serde_yaml::Value>,
    /// Query parameters; a list is sent as repeated parameters.
    #[serde(default)]
    #[schemars(with = "Map<serde_json::Value>")]
    pub query: Map<serde_yaml::Value>,
    /// Headers that the caller passes.
    #[serde(default)]
    #[schemars(with = "Map<serde_json::Value>")]
    pub headers: Map<serde_yaml::Value>,
    /// Body of the request, without the fields that the client supplies.
    #[schemars(with = "Option<serde_json::Value>")]
    pub request: Option<serde_yaml::Value>,
    /// HTTP status of the reply. Default: 200.
    pub status: Option<u16>,
    /// Body of the reply, including the envelope.
    #[schemars(with = "Option<serde_json::Value>")]
    pub reply: Option<serde_yaml::Value>,
}

/// An HTTP method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// GET
    Get,
    /// POST
    Post,
    /// PUT
    Put,
    /// PATCH
    Patch,
    /// DELETE
    Delete,
}
