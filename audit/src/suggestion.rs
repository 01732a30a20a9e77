//! YAML suggestions for facts that the spec lacks.
//!
//! The suggestions are valid YAML, and contain no sentences of the page. Their descriptions are derived from names, and
//! have to be rewritten by the maintainer.

use super::page::{Part, Row, Section, Value};
use super::words::{self, Shape};
use std::fmt::Write as _;

/// Largest length of a suggested heading, in characters.
const MAX_HEADING: usize = 60;

/// Returns the YAML of a field from its row on the page.
pub(crate) fn field(row: &Row) -> String {
    let names: Vec<&str> = row.name.split([' ', '/']).filter(|name| !name.is_empty() && *name != "or").collect();
    let attributes = attributes(row);
    let demand = match row.part {
        _ if row.mandatory != Some(true) => "",
        // Only strings and lists can have `always:`.
        Part::Reply if attributes.starts_with("type: string") || attributes.starts_with("list:") => ", always: true",
        Part::Reply => "",
        Part::Header | Part::Request => ", mandatory: true",
    };
    if let [_, _, ..] = names.as_slice() {
        let choices: Vec<String> = names.iter().map(|name| format!("{}: {{ {attributes} }}", key(name))).collect();
        let name = names.join("_or_");
        return format!("{}: {{ one_of: {{ {} }}{demand}, doc: {} }}", key(&name), choices.join(", "), sentence(&name));
    }
    let name = row.name.rsplit('.').next().unwrap_or(&row.name).trim_end_matches("[]");
    format!("{}: {{ {attributes}{demand}, doc: {} }}", key(name), sentence(name))
}

fn attributes(row: &Row) -> String {
    let (of, unit) = match row.types.first().and_then(|of| words::shape(&of.text)) {
        Some(Shape::Number) => ("type: integer", "digits"),
        Some(Shape::Boolean) => ("type: boolean", ""),
        Some(Shape::IsoTime) => ("type: instant", ""),
        Some(Shape::Object) => ("type: json", ""),
        Some(Shape::List) => ("list: json", "items"),
        Some(Shape::Text) | None => ("type: string", "characters"),
    };
    let mut out = of.to_owned();
    if let Some(max) = row.limits.first().filter(|max| !unit.is_empty() && max.text != "0") {
        let unit = if max.text == "1" { unit.trim_end_matches('s') } else { unit };
        let _ = write!(out, ", max: {} {unit}", max.text);
    }
    let default = row.default.as_ref().map(|default| default.text.as_str());
    let fits = |text: &&str| match of {
        "type: string" => {
            row.limits.first().and_then(|max| max.text.parse().ok()).is_none_or(|max| text.chars().count() <= max)
        }
        "type: integer" => text.parse::<i64>().is_ok(),
        "type: boolean" => matches!(*text, "true" | "false"),
        _ => false,
    };
    if let Some(default) = default.filter(fits) {
        let _ = write!(out, ", default: {}", if of == "type: string" { quoted(default) } else { default.to_owned() });
    }
    out
}

/// Returns the YAML of an enumeration's value.
pub(crate) fn value(value: &Value) -> String {
    if value.text.bytes().any(|b| b.is_ascii_alphabetic()) {
        return format!("{}: {{ means: {} }}", key(&value.text), sentence(&value.text));
    }
    // A numeric value needs a name. The name is the page's label if it is a valid name, otherwise `Code` and the
    // number.
    let label: String = value.label.chars().filter(char::is_ascii_alphanumeric).collect();
    let named = label.len() < 30 && label.starts_with(|c: char| c.is_ascii_alphabetic());
    let name = if named { label } else { format!("Code{}", value.text.trim_start_matches('-')) };
    let label = if value.named { format!(", label: {}", quoted(&value.label)) } else { String::new() };
    format!("{}: {{ means: {}, name: {name}{label} }}", key(&value.text), sentence(&name))
}

/// Returns the YAML of an error code. The advice is `ask_status`, because it is always safe, and pages state no
/// advice.
pub(crate) fn code(value: &Value) -> String {
    format!("{}: {{ means: {}, advice: ask_status }}", key(&value.text), sentence(&value.text))
}

/// Returns the YAML of an HTTP status.
pub(crate) fn status(status: &str) -> String {
    let outcome = match status.as_bytes().first() {
        Some(b'2') => "",
        Some(b'4') => ", outcome: rejected",
        _ => ", outcome: unknown",
    };
    format!("\"{status}\": {{ means: HTTP {status}.{outcome} }}")
}

/// Returns the YAML of an entry in the version history.
pub(crate) fn revision(version: &str, date: &str) -> String {
    format!("- {{ version: {}, date: {}, change: Describe the change. }}", quoted(version), quoted(date))
}

/// Returns the YAML of a stage.
pub(crate) fn stage(name: &str, url: &str) -> String {
    format!("{}: {{ url: {}, means: {} }}", key(name), quoted(url.trim_end_matches('/')), sentence(name))
}

/// Returns the YAML file of an operation. `path_types` are the named types of path parameters in the spec.
pub(crate) fn operation(section: &Section, path_types: &[(String, String)]) -> String {
    let (method, target) = match section.endpoints.first() {
        Some(endpoint) => (endpoint.method.as_str(), endpoint.target.as_str()),
        None => ("post", "/"),
    };
    let target = target.split(['?', '#']).next().unwrap_or(target);
    let version =
        |part: &&str| !(part.starts_with('v') && part[1..].bytes().all(|b| b.is_ascii_digit()) || *part == "api");
    let parameters: Vec<&str> = target.split('/').filter(|part| part.starts_with('{') && part.ends_with('}')).collect();
    let parts = target.split('/').filter(|part| !part.is_empty() && !part.contains('{')).filter(version);
    let parts: Vec<&str> = parts.collect();
    let last = identifier(&parts[parts.len().saturating_sub(2)..].join("/"));
    // Of a path such as `/{orderNo}`, only the parameters have names.
    let id = match (last.is_empty(), identifier(&parameters.join("/"))) {
        (false, _) => format!("{method}_{last}"),
        (true, names) if !names.is_empty() => format!("{method}_by_{names}"),
        (true, _) => format!("{method}_root"),
    };
    let mut out = format!("page: {{ section: {} }}\noperation: {id}\n{method}: {target}\n", text(&section.heading));
    let _ = writeln!(out, "summary: {}", sentence(&id));
    let _ = writeln!(out, "recovery: {{ class: never, doc: Describe the effect of a repetition. }}");
    if !parameters.is_empty() {
        let _ = writeln!(out, "path:");
        for parameter in &parameters {
            let name = parameter.trim_matches(['{', '}']);
            let known = path_types.iter().find(|(known, _)| known == name).map(|(_, of)| of.clone());
            // Path parameters are identifiers, and each kind of identifier has its own type. A new parameter therefore
            // needs a new type.
            let of = known.unwrap_or_else(|| {
                name.chars().take(1).flat_map(char::to_uppercase).chain(name.chars().skip(1)).collect()
            });
            let _ = writeln!(out, "  {}: {{ type: {of}, mandatory: true }}", key(name));
        }
    }
    let mut example: Vec<String> = Vec::new();
    for (name, part) in [("request", Part::Request), ("reply", Part::Reply)] {
        let in_path = |row: &&Row| !parameters.iter().any(|parameter| parameter.trim_matches(['{', '}']) == row.name);
        // Members of nested objects belong to types of their own, which the page does not name.
        let rows = section.rows.iter().filter(|row| row.part == part && !row.name.contains('.')).filter(in_path);
        let mut rows = rows.peekable();
        let name = if name == "request" && matches!(method, "get" | "delete") { "query" } else { name };
        if rows.peek().is_some() {
            let _ = writeln!(out, "{name}:");
        }
        let mut seen: Vec<&str> = Vec::new();
        for row in rows {
            if !seen.contains(&row.name.as_str()) {
                let _ = writeln!(out, "  {}", field(row));
                seen.push(&row.name);
                if part == Part::Request && row.mandatory == Some(true) {
                    example.push(format!("{}: {}", key(&row.name), sample(row)));
                }
            }
        }
    }
    let _ = writeln!(out, "examples:\n  - title: made up");
    let _ = writeln!(out, "    source: ours");
    let in_path: Vec<String> = parameters.iter().map(|p| format!("{}: x1", key(p.trim_matches(['{', '}'])))).collect();
    let of_query = matches!(method, "get" | "delete");
    for (name, members) in [("path", in_path), (if of_query { "query" } else { "request" }, example)] {
        if !members.is_empty() {
            let _ = writeln!(out, "    {name}: {{ {} }}", members.join(", "));
        }
    }
    out.trim_end().to_owned()
}

/// Returns the words of a text as an identifier: `{orderNo}/refund` becomes `order_no_refund`.
fn identifier(text: &str) -> String {
    let mut out = String::new();
    let mut before = ' ';
    for c in text.chars() {
        let ends_word = !c.is_ascii_alphanumeric() || c.is_ascii_uppercase() && before.is_ascii_lowercase();
        if ends_word && !out.is_empty() && !out.ends_with('_') {
            out.push('_');
        }
        if c.is_ascii_alphanumeric() {
            out.push(c.to_ascii_lowercase());
        }
        before = c;
    }
    out.trim_end_matches('_').to_owned()
}

/// Returns a made-up value of a field, for an example.
fn sample(row: &Row) -> &'static str {
    match row.types.first().and_then(|of| words::shape(&of.text)) {
        Some(Shape::Number) => "1",
        Some(Shape::Boolean) => "true",
        Some(Shape::IsoTime) => "2030-01-02T03:04:05Z",
        Some(Shape::Object) => "{}",
        Some(Shape::List) => "[{}]",
        Some(Shape::Text) | None => "x",
    }
}

/// Returns the YAML of a named type with these fields, for a file of types.
pub(crate) fn group(heading: &str, rows: &[&Row]) -> String {
    let words: Vec<String> = heading
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| word.starts_with(|c: char| c.is_ascii_alphabetic()))
        .map(|word| word[..1].to_ascii_uppercase() + &word[1..])
        .collect();
    let name = if words.is_empty() { "NewGroup".to_owned() } else { words.concat() };
    let mut out = format!("{name}:\n  doc: {}\n  fields:\n", sentence(&name));
    let mut seen: Vec<&str> = Vec::new();
    for row in rows.iter().filter(|row| !row.name.contains('.')) {
        if !seen.contains(&row.name.as_str()) {
            let _ = writeln!(out, "    {}", field(row));
            seen.push(&row.name);
        }
    }
    out.trim_end().to_owned()
}

/// Returns a sentence with the words of a name: `refundMemo` becomes `The refund memo.`
fn sentence(name: &str) -> String {
    let mut out = String::from("The ");
    let mut before = ' ';
    for c in name.chars() {
        if c.is_ascii_alphanumeric() {
            if c.is_ascii_uppercase() && before.is_ascii_lowercase() {
                out.push(' ');
            }
            out.push(c.to_ascii_lowercase());
        } else if !out.ends_with(' ') {
            out.push(' ');
        }
        before = c;
    }
    let out = out.trim_end();
    if out == "The" { "Describe it.".to_owned() } else { format!("{out}.") }
}

fn key(text: &str) -> String {
    let plain = words::is_name(text) && text.starts_with(|c: char| c.is_ascii_alphabetic());
    if plain { text.to_owned() } else { format!("\"{text}\"") }
}

/// Returns a text as one line, in quotes.
pub(crate) fn quoted(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    format!("\"{}\"", line.replace('\\', "\\\\").replace('"', "\\\""))
}

/// Returns the first line of a text, shortened, and in quotes if YAML requires them.
pub(crate) fn text(text: &str) -> String {
    let line = text.split('\n').next().unwrap_or_default().trim();
    let mut short: String = line.chars().take(MAX_HEADING).collect();
    if short.len() < line.len() {
        short.truncate(short.rfind(' ').unwrap_or(short.len()));
    }
    let plain = short.starts_with(|c: char| c.is_alphabetic())
        && short.chars().all(|c| c.is_alphanumeric() || " -_()./".contains(c))
        && !matches!(short.as_str(), "true" | "false" | "null" | "yes" | "no");
    if plain { short } else { format!("\"{}\"", short.replace('\\', "\\\\").replace('"', "\\\"")) }
}
