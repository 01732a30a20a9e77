//! Authentication: headers become security schemes. OpenAPI has no scheme for a key in the body; it is a property with
//! a description.

use super::{JsonObject, vocabulary};
use crate::resolved::{Api, Field};
use crate::spec::Header;
use serde_json::{Value, json};

/// `components.securitySchemes`
pub(super) fn schemes(api: &Api) -> JsonObject {
    proving(api).map(|(name, header)| (scheme_name(name), scheme(name, header))).collect()
}

/// Returns the security requirement: all schemes together, for every operation.
pub(super) fn requirement(api: &Api) -> Value {
    let all: JsonObject = proving(api).map(|(name, _)| (scheme_name(name), json!([]))).collect();
    if all.is_empty() { json!([]) } else { json!([all]) }
}

/// Returns headers with a fixed value as parameters. OpenAPI reserves three names, which cannot be parameters.
pub(super) fn constant_headers(api: &Api) -> Vec<Value> {
    const RESERVED: [&str; 3] = ["accept", "content-type", "authorization"];
    api.spec
        .headers
        .iter()
        .filter(|(name, _)| !RESERVED.contains(&name.to_lowercase().as_str()))
        .filter_map(|(name, header)| {
            let value = header.constant.as_ref()?;
            Some(json!({
                "name": name,
                "in": "header",
                "required": true,
                "description": vocabulary::plain(&header.doc),
                "schema": { "type": "string", "enum": [value], "default": value },
            }))
        })
        .collect()
}

/// Returns a description of what the schemes cannot express.
pub(super) fn in_words(api: &Api) -> Option<String> {
    let mut lines = Vec::new();
    for (name, header) in &api.spec.headers {
        if let Some(value) = &header.constant {
            lines.push(format!("- Every request has the header `{name}: {value}`."));
        }
    }
    let mut told = Vec::new();
    for field in api.operations.iter().flat_map(|op| &op.request) {
        if let Some(credential) = supplied(api, field)
            && !told.contains(&&field.wire)
        {
            told.push(&field.wire);
            lines.push(format!("- `{}` in the body is a credential: {}", field.wire, vocabulary::plain(credential)));
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

fn scheme(name: &str, header: &Header) -> Value {
    let doc = vocabulary::plain(&header.doc);
    if let Some(parts) = &header.sha256 {
        let description = format!(
            "{doc} The lower-case hexadecimal SHA-256 of the UTF-8 bytes of {}, without a separator; a name in \
             braces is a path parameter, decoded.",
            parts.iter().map(|part| format!("`{part}`")).collect::<Vec<_>>().join(", ")
        );
        return json!({
            "type": "apiKey", "in": "header", "name": name, "description": description, "x-sha256": parts,
        });
    }
    let prefix = header.prefix.as_deref().unwrap_or("");
    if name.eq_ignore_ascii_case("authorization") && prefix.eq_ignore_ascii_case("bearer ") {
        return json!({ "type": "http", "scheme": "bearer", "description": doc });
    }
    let description = if prefix.is_empty() { doc } else { format!("{doc} The value begins with `{prefix}`.") };
    json!({ "type": "apiKey", "in": "header", "name": name, "description": description })
}

/// Returns the name of a component, which allows fewer characters than a header.
fn scheme_name(header: &str) -> String {
    header.chars().map(|c| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_') { c } else { '_' }).collect()
}
