//! Operations: requests of the caller, and the replies of the service.

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
    /// Path of a GET operation, with each parameter in braces: `/v1/orders/{orderNo}`.
    pub get: Option<String>,
    /// Path of a POST operation, with each parameter in braces: `/v1/orders/{orderNo}`.
    pub post: Option<String>,
    /// Path of a PUT operation, with each parameter in braces: `/v1/orders/{orderNo}`.
    pub put: Option<String>,
    /// Path of a PATCH operation, with each parameter in braces: `/v1/orders/{orderNo}`.
    pub patch: Option<String>,
    /// Path of a DELETE operation, with each parameter in braces: `/v1/orders/{orderNo}`.
    pub delete: Option<String>,
    /// Description of the operation, in one sentence.
    pub summary: String,
    /// Further description.
    pub doc: Option<String>,
    /// What the client does if the reply is lost.
    pub recovery: Recovery,
    /// Evidence that a reply belongs to its request.
    #[serde(default)]
    pub evidence: Evidence,
    /// Envelope of the replies, if it differs from the envelope in `api.yaml`.
    pub envelope: Option<Envelope>,
    /// Encodings that the service accepts for the request body, if they differ from the encodings in `api.yaml`.
    pub bodies: Option<Vec<Encoding>>,
    /// Path parameters, by their names in the path.
    #[serde(default)]
    pub path: Map<FieldSpec>,
    /// Query parameters.
    #[serde(default)]
    pub query: Map<FieldSpec>,
    /// Headers of this operation. The caller passes their values, unless the client supplies them. Such a header
    /// replaces the header of the same name in `api.yaml`.
    #[serde(default)]
    pub headers: Map<FieldSpec>,
    /// Members of the request body, in the order of the page.
    #[serde(default)]
    pub request: Map<FieldSpec>,
    /// Rules for sums of several fields of the request.
    #[serde(default)]
    pub rules: Vec<Rule>,
    /// Members of the reply, in the order of the page. If the envelope has a payload, they are the members of the
    /// payload. If the payload is a list, the member with the name `[]` describes that list.
    #[serde(default)]
    pub reply: Map<FieldSpec>,
    /// Pagination, if each reply contains one page of a list.
    pub pages: Option<PagesSpec>,
    /// Error codes that the section of the page lists.
    #[serde(default)]
    pub errors: Map<Code>,
    /// Example requests and replies.
    #[serde(default)]
    pub examples: Vec<Example>,
    /// Facts of the section that are not about a single field.
    #[serde(default)]
    pub notes: Vec<Note>,
    /// Contradictions of the page, and our readings of them.
    #[serde(default)]
    pub quirks: Vec<Quirk>,
}

/// Pagination of a list.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PagesSpec {
    /// Member of the reply that is the list, or `[]` if the payload itself is the list.
    pub items: String,
    /// Field of the request that contains the position of the page.
    pub send: String,
    /// Source of the position of the next page: a member of the reply, `last.MEMBER` for a member of the last entry of
    /// the page, or `+1` for numbered pages. If it is a member of the reply, the list ends when the member is absent,
    /// null, empty or 0. With `last.MEMBER` and `+1`, the list ends with an empty page.
    pub next: String,
    /// Member of the reply that marks the last page, with its value on that page: `{ hasNext: false }`.
    #[serde(default)]
    pub end: Map<Literal>,
}

/// Encoding of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    /// JSON, with the content type `application/json`.
    Json,
    /// A form, with the content type `application/x-www-form-urlencoded`.
    Form,
    /// Parameters in the query of the URL, for a callback.
    Query,
}

/// Example of a request, its reply, or both.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// Short title. It becomes the name of a generated test.
    pub title: String,
    /// Source of the example.
    #[serde(default)]
    pub source: Source,
    /// Values of the path parameters.
    #[serde(default)]
    #[schemars(with = "Map<serde_json::Value>")]
    pub path: Map<serde_yaml::Value>,
    /// Values of the query parameters. A list is sent as one parameter for each entry.
    #[serde(default)]
    #[schemars(with = "Map<serde_json::Value>")]
    pub query: Map<serde_yaml::Value>,
    /// Values of the headers that the caller passes.
    #[serde(default)]
    #[schemars(with = "Map<serde_json::Value>")]
    pub headers: Map<serde_yaml::Value>,
    /// Body of the request, without the fields that the client supplies. Fields with a `fixed` value may be omitted.
    #[schemars(with = "Option<serde_json::Value>")]
    pub request: Option<serde_yaml::Value>,
    /// HTTP status of the reply. Default: the first status of a success if the envelope defines success by the status,
    /// otherwise 200.
    pub status: Option<u16>,
    /// Body of the reply, including the envelope.
    #[schemars(with = "Option<serde_json::Value>")]
    pub reply: Option<serde_yaml::Value>,
}

/// HTTP method.
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
