//! Whether a value can be a field's: its type, always; its rules, where they are enforced.
//!
//! What generated code refuses is refused here, so that no test is made of an example that cannot pass.

use crate::analysis::{scalar_rules, to_json};
use crate::diagnostic::suggestion;
use crate::model::{TextFormat, TextRules};
use crate::resolved::{Api, Field, Kind, TypeRef};
use crate::spec::{Coding, Literal};
use crate::times;
use serde_yaml::Value;

/// What is wrong with a value.
pub(super) struct Problem {
    pub message: String,
    pub hint: Option<String>,
}

impl Problem {
    fn new(message: String) -> Self {
        Problem { message, hint: None }
    }

    fn hint(message: String, hint: &str) -> Self {
        Problem { message, hint: Some(hint.to_owned()) }
    }
}

/// Whether a value is only read, as in replies, or sent, and so held to every rule.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    Read,
    Sent,
}

/// What is wrong with a single value, which is no object and not null.
pub(super) fn problems(api: &Api, field: &Field, value: &Value, way: Way) -> Vec<Problem> {
    let (Kind::One(of) | Kind::List(of)) = field.kind else { return Vec::new() };
    if let Some(problem) = type_problem(api, field, of, value, way) {
        return vec![problem];
    }
    if way == Way::Read {
        return Vec::new();
    }
    let rules = field.rules.clone();
    match (of, value) {
        (TypeRef::Enum(n), Value::String(text)) if api.enums[n].spec.values.contains_key(text) => Vec::new(),
        (TypeRef::String | TypeRef::Scalar(_) | TypeRef::Enum(_), Value::String(text)) => {
            let rules = match (rules.text, of) {
                (Some(own), _) => own,
                (None, TypeRef::Scalar(n)) => scalar_rules(&api.scalars[n].spec),
                (None, _) => return Vec::new(),
            };
            text_problems(&rules, text).into_iter().map(|p| Problem::new(format!("`{}` {p}", field.wire))).collect()
        }
        (_, value) => {
            let (Some(rules), Some(number)) = (rules.integer, value.as_i64()) else { return Vec::new() };
            let below = rules.min.filter(|min| number < *min).map(|min| format!("is below {min}"));
            let above = rules.max.filter(|max| number > *max).map(|max| format!("is above {max}"));
            below.into_iter().chain(above).map(|p| Problem::new(format!("`{}` {p}", field.wire))).collect()
        }
    }
}

fn type_problem(api: &Api, field: &Field, of: TypeRef, value: &Value, way: Way) -> Option<Problem> {
    let shown = serde_json::to_string(&to_json(value)).unwrap_or_default();
    let shown = shown.trim_matches('"');
    let wrong = || Problem::new(format!("`{shown}` is not of the type of `{}`", field.wire));
    match (of, value) {
        (TypeRef::Enum(n), value) => enum_problem(api, field, n, value, way, wrong()),
        (TypeRef::Integer | TypeRef::Won, Value::Number(number)) => number.as_i64().is_none().then(|| {
            Problem::hint(format!("`{shown}` is not a whole number that fits `{}`", field.wire), "write digits only")
        }),
        (TypeRef::KstDateTime | TypeRef::CivilDateTime, Value::String(text)) => time_problem(field, of, text, way),
        (TypeRef::Boolean, Value::Bool(_))
        | (TypeRef::String | TypeRef::Scalar(_), Value::String(_))
        | (TypeRef::Json | TypeRef::Object(_), _) => None,
        _ => Some(wrong()),
    }
}

/// What is read may be documented in another form than it is written in; what is sent is what the example says.
fn time_problem(field: &Field, of: TypeRef, text: &str, way: Way) -> Option<Problem> {
    let Some(written) = times::as_written(text, of) else {
        let form = if of == TypeRef::KstDateTime { "2026-11-23 14:05:00" } else { "2026-11-23T14:05:00.5" };
        let zoned = text.get(19..).is_some_and(|rest| rest.contains(['Z', 'z', '+', '-']));
        return Some(if zoned {
            Problem::hint(
                format!("`{text}` has a zone, which `{}` has not", field.wire),
                "write the time of Korea, without a zone",
            )
        } else {
            let message = format!("`{text}` is not a time as `{}` has it", field.wire);
            Problem::hint(message, &format!("write it like `{form}`"))
        });
    };
    (way == Way::Sent && written != text).then(|| {
        Problem::hint(format!("`{}` is sent in another form than `{text}`", field.wire), &format!("write `{written}`"))
    })
}

fn enum_problem(api: &Api, field: &Field, n: usize, value: &Value, way: Way, wrong: Problem) -> Option<Problem> {
    let spec = &api.enums[n].spec;
    let text = match (value, spec.coded_as) {
        (Value::String(text), Coding::Text) => text.clone(),
        (Value::Number(number), Coding::Integer) if number.is_i64() => number.to_string(),
        _ => return Some(wrong),
    };
    // Where there are no values, that is the mistake.
    let known = spec.values.is_empty() || spec.values.contains_key(&text);
    let refused = way == Way::Sent && !spec.accepts_others && !known;
    refused.then(|| Problem {
        message: format!("`{text}` is not a value of `{}`", field.wire),
        hint: suggestion(&text, spec.values.keys().map(String::as_str)),
    })
}

/// A literal as the value it would be in an example.
pub(super) fn value_of(literal: &Literal) -> Value {
    match literal {
        Literal::Bool(value) => Value::Bool(*value),
        Literal::Integer(value) => Value::from(*value),
        Literal::Text(value) => Value::String(value.clone()),
    }
}

/// Whether a text begins with `http://` or `https://`, names a host and has no blank in it.
pub(super) fn is_http_url(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once("://") else { return false };
    let known = ["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known));
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) if !port.contains(']') => (name, port),
        _ => (host, ""),
    };
    let port_fits = port.is_empty() || port.parse::<u16>().is_ok_and(|port| port > 0);
    let shown = !text.chars().any(|c| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '"' | '\\'));
    known && name.chars().any(char::is_alphanumeric) && port_fits && shown
}

fn text_problems(rules: &TextRules, text: &str) -> Vec<String> {
    if let Some((prefix, what)) = rules.mistaken.iter().find(|(prefix, _)| text.starts_with(prefix.as_str())) {
        return vec![format!("begins with `{prefix}`: {what}")];
    }
    let mut problems = Vec::new();
    let length = text.chars().count();
    if length < rules.min {
        problems.push(format!("has {length} characters, at least {} are needed", rules.min));
    }
    if let Some(max) = rules.max.filter(|max| length > *max) {
        problems.push(format!("has {length} characters, at most {max} are allowed"));
    }
    if rules.not_blank && text.trim().is_empty() {
        problems.push("is blank".into());
    }
    if let Some(set) = &rules.characters
        && let Some(c) = text.chars().find(|c| !set.allows(*c))
    {
        problems.push(format!("has the character `{}`, which is not allowed", c.escape_debug()));
    }
    match rules.format {
        Some(TextFormat::HttpUrl) if !is_http_url(text) => problems.push("is not an http or https URL".into()),
        Some(TextFormat::PathSegment) if matches!(text, "" | "." | "..") => {
            problems.push("stands in a path, where it would name another resource".into());
        }
        _ => {}
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::is_http_url;

    #[test]
    fn a_url_names_a_host() {
        for url in
            ["https://shop.example", "http://shop.example:8443/x?y#z", "https://[::1]/x", "https://상점.example/완료"]
        {
            assert!(is_http_url(url), "{url}");
        }
        for url in [
            "https://",
            "https:///x",
            "https://?x",
            "ftp://shop.example",
            "https://shop .example",
            "https://:443/",
            "https://shop.example:0",
            "https://shop.example:99999",
            "shop.example",
            "https://.",
            "//shop.example",
        ] {
            assert!(!is_http_url(url), "{url}");
        }
    }
}
