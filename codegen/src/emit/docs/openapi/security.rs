//! Authentication. A header or a query parameter with a credential becomes a security scheme. OpenAPI has no scheme for
//! a credential in the body or the path, so such a credential is a property or a parameter with a description.

use super::{JsonObject, vocabulary};
use crate::resolved::{Api, Field, Operation};
use crate::spec::Header;
use serde_json::{Value, json};

/// Returns `components.securitySchemes`.
pub(super) fn schemes(api: &Api) -> JsonObject {
    let of_api = proving(api).map(|(name, header)| (scheme_name(name), scheme(api, name, header)));
    let own = api.operations.iter().flat_map(|op| supplied_parameters(op).map(move |own| (op, own)));
    let own = own.map(|(op, (place, field))| (own_name(op, place, field), own_scheme(api, place, field)));
    of_api.chain(own).collect()
}

/// Returns the security requirement of an operation, or `None` if the operation has the same requirement as the whole
/// API. An operation has another requirement if it replaces headers of the API, or has further headers or a query that
/// the client supplies. An operation that issues a token does not require the header that contains this token.
pub(super) fn own_requirement(api: &Api, op: &Operation) -> Option<Value> {
    let fetches = |header: &Header| {
        let value = header.computed.as_ref().and_then(|name| api.spec.computed.get(name));
        value.and_then(|value| value.token.as_ref()).is_some_and(|token| token.from == op.id)
    };
    let kept = proving(api).filter(|(name, header)| !replaces(op, name) && !fetches(header));
    let mut all: JsonObject = kept.map(|(name, _)| (scheme_name(name), json!([]))).collect();
    all.extend(supplied_parameters(op).map(|(place, field)| (own_name(op, place, field), json!([]))));
    let usual = requirement(api);
    let own = if all.is_empty() { json!([]) } else { json!([all]) };
    (own != usual).then_some(own)
}

/// Returns `true` if the operation has a header of its own with this name, which replaces the header of the API.
fn replaces(op: &Operation, name: &str) -> bool {
    op.headers.iter().any(|field| field.wire.eq_ignore_ascii_case(name))
}

/// Returns the headers and the query parameters of an operation that the client supplies, each with its place.
fn supplied_parameters(op: &Operation) -> impl Iterator<Item = (&'static str, &Field)> {
    let headers = op.headers.iter().map(|field| ("header", field));
    let parameters = headers.chain(op.query.iter().map(|field| ("query", field)));
    parameters.filter(|(_, field)| field.spec.supplied_by.is_some())
}

fn own_name(op: &Operation, place: &str, field: &Field) -> String {
    // A query parameter may have the name of a header.
    let infix = if place == "header" { String::new() } else { format!("{place}.") };
    scheme_name(&format!("{}.{infix}{}", op.id, field.wire))
}

fn own_scheme(api: &Api, place: &str, field: &Field) -> Value {
    let mut words: Vec<String> = field.spec.doc.as_deref().map(vocabulary::plain).into_iter().collect();
    words.extend(field.spec.supplied_by.as_ref().and_then(|name| computed(api, name)));
    json!({ "type": "apiKey", "in": place, "name": field.wire, "description": words.join(" ") })
}

/// Returns a sentence about the computation of a value, or `None` if no computed value has this name.
fn computed(api: &Api, name: &str) -> Option<String> {
    let value = api.spec.computed.get(name)?;
    Some(format!("Computed: `{}`.", value.in_short()))
}

/// Returns the members of `x-computed`. For each computed value, the member has the computation and the description.
pub(super) fn computed_values(api: &Api) -> JsonObject {
    let values = api.spec.computed.iter().map(|(name, value)| {
        let mut entry = json!({ "made-of": value.in_short() });
        if let Some(doc) = &value.doc {
            entry["description"] = vocabulary::plain(doc).into();
        }
        (name.clone(), entry)
    });
    values.collect()
}

/// Returns the security requirement of the API: a request has to satisfy the security schemes of all headers without a
/// constant value.
pub(super) fn requirement(api: &Api) -> Value {
    let all: JsonObject = proving(api).map(|(name, _)| (scheme_name(name), json!([]))).collect();
    if all.is_empty() { json!([]) } else { json!([all]) }
}

/// Returns the headers with a constant value as parameters, except for those that the operation replaces, and for three
/// names that OpenAPI reserves.
pub(super) fn constant_headers(api: &Api, op: &Operation) -> Vec<Value> {
    const RESERVED: [&str; 3] = ["accept", "content-type", "authorization"];
    api.spec
        .headers
        .iter()
        .filter(|(name, _)| !RESERVED.contains(&name.to_lowercase().as_str()) && !replaces(op, name))
        .filter_map(|(name, header)| {
            header.constant.as_ref()?;
            let schema = match header.shown_constant() {
                Some(value) => json!({ "type": "string", "enum": [value], "default": value }),
                None => json!({ "type": "string" }),
            };
            Some(json!({
                "name": name,
                "in": "header",
                "required": true,
                "description": vocabulary::plain(&header.doc),
                "schema": schema,
            }))
        })
        .collect()
}

/// Describes the constant headers and the credentials in bodies and paths, which security schemes cannot express.
pub(super) fn in_words(api: &Api) -> Option<String> {
    let mut lines = Vec::new();
    for (name, header) in &api.spec.headers {
        match (header.shown_constant(), &header.constant) {
            (Some(value), _) => lines.push(format!("- Requests have the header `{name}: {value}`.")),
            (None, Some(_)) => lines.push(format!(
                "- Requests have the header `{name}` with a constant value, which this document does not contain."
            )),
            (None, None) => {}
        }
    }
    let mut listed = Vec::new();
    let fields = api.operations.iter().flat_map(|op| {
        let in_body = op.request.iter().map(|field| ("body", field));
        in_body.chain(op.path.iter().map(|field| ("path", field)))
    });
    for (place, field) in fields {
        if let Some(credential) = supplied(api, field)
            && !listed.contains(&(place, &field.wire))
        {
            listed.push((place, &field.wire));
            let doc = vocabulary::plain(credential);
            lines.push(format!("- `{}` in the {place} is a credential: {doc}", field.wire));
        }
    }
    (!lines.is_empty()).then(|| lines.join("\n"))
}

fn supplied<'a>(api: &'a Api, field: &Field) -> Option<&'a str> {
    let credential = crate::analysis::supplied_by_client(api, field)?;
    api.spec.credentials.get_index(credential).map(|(_, c)| c.doc.as_str())
}

fn proving(api: &Api) -> impl Iterator<Item = (&String, &Header)> {
    api.spec.headers.iter().filter(|(_, header)| header.constant.is_none())
}

fn scheme(api: &Api, name: &str, header: &Header) -> Value {
    let mut scheme = described_scheme(api, name, header);
    if let Some(value) = &header.computed {
        scheme["x-computed"] = value.as_str().into();
    }
    scheme
}

fn described_scheme(api: &Api, name: &str, header: &Header) -> Value {
    let mut doc = vocabulary::plain(&header.doc);
    if let Some(how) = header.computed.as_ref().and_then(|value| computed(api, value)) {
        doc = format!("{doc} {how}");
    }
    let prefix = header.prefix.as_deref().unwrap_or("");
    if name.eq_ignore_ascii_case("authorization") && prefix.eq_ignore_ascii_case("bearer ") {
        return json!({ "type": "http", "scheme": "bearer", "description": doc });
    }
    if name.eq_ignore_ascii_case("authorization") && prefix.eq_ignore_ascii_case("basic ") {
        return json!({ "type": "http", "scheme": "basic", "description": doc });
    }
    let description = if prefix.is_empty() { doc } else { format!("{doc} The value begins with `{prefix}`.") };
    json!({ "type": "apiKey", "in": "header", "name": name, "description": description })
}

/// Returns the name of the scheme for a header. Each character that is not allowed in the name of a component is
/// replaced by `_`.
fn scheme_name(header: &str) -> String {
    header.chars().map(|c| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_') { c } else { '_' }).collect()
}
