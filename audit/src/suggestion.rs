//! YAML for what a page has and the spec has not. Texts are the page's first words: to be said anew before they stay.

use super::page::{Row, Section, Value};
use super::words::{self, Shape};
use std::fmt::Write as _;

/// Longer than this, the page's words are cut.
const WORDS: usize = 60;

/// A field.
pub fn field(row: &Row) -> String {
    let (of, unit) = match row.types.first().and_then(|of| words::shape(&of.text)) {
        Some(Shape::Number) => ("type: integer", "digits"),
        Some(Shape::Boolean) => ("type: boolean", ""),
        Some(Shape::IsoTime) => ("type: civil_date_time", "characters"),
        Some(Shape::Object) => ("type: json", ""),
        Some(Shape::List) => ("list: json", "items"),
        Some(Shape::Text) | None => ("type: string", "characters"),
    };
    let mut out = format!("{}: {{ {of}", key(row.name.rsplit('.').next().unwrap_or(&row.name)));
    if row.mandatory == Some(true) {
        out.push_str(", mandatory: true");
    }
    if let Some(max) = row.limits.first().filter(|_| !unit.is_empty()) {
        let _ = write!(out, ", max: {} {unit}", max.text);
    }
    if let Some(default) = &row.default {
        let _ = write!(out, ", default: {}", scalar(&default.text));
    }
    if !row.title.is_empty() {
        let _ = write!(out, ", doc: {}", text(&row.title));
    }
    out.push_str(" }");
    out
}

/// A value of an enumeration.
pub fn value(value: &Value) -> String {
    format!("{}: {{ means: {} }}", key(&value.text), text(&label(value)))
}

/// An error code. What a caller should do about it is not on the page; asking for the status is never wrong.
pub fn code(value: &Value) -> String {
    format!("{}: {{ means: {}, advice: ask_status }}", key(&value.text), text(&label(value)))
}

/// An HTTP status.
pub fn status(status: &str) -> String {
    let outcome = match status.as_bytes().first() {
        Some(b'2') => "",
        Some(b'4') => ", outcome: rejected",
        _ => ", outcome: unknown",
    };
    format!("\"{status}\": {{ means: HTTP {status}.{outcome} }}")
}

/// A line of the version history.
pub fn revision(version: &str, date: &str, change: &str) -> String {
    format!("- {{ version: {}, date: \"{date}\", change: {} }}", scalar(version), text(change))
}

/// A stage.
pub fn stage(name: &str, url: &str) -> String {
    format!("{}: {{ url: \"{url}\", means: {} }}", key(name), text(name))
}

/// A file for an operation.
pub fn operation(section: &Section) -> String {
    use super::page::Part;
    let mut out = format!("page: {{ section: {} }}\n", text(&section.heading));
    let id: String =
        section.heading.to_lowercase().chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect();
    let is_word = |word: &&str| word.starts_with(|c: char| c.is_ascii_lowercase());
    let id: Vec<&str> = id.split_whitespace().filter(is_word).take(4).collect();
    let _ = writeln!(out, "operation: {}", id.join("_"));
    if let Some(endpoint) = section.endpoints.first() {
        let _ = writeln!(out, "{}: {}", endpoint.method, endpoint.target);
    }
    let _ = writeln!(out, "summary: {}", text(&section.heading));
    let _ = writeln!(out, "recovery: {{ class: never }}");
    for (name, part) in [("request", Part::Request), ("reply", Part::Reply)] {
        let mut rows = section.rows.iter().filter(|row| row.part == part).peekable();
        if rows.peek().is_some() {
            let _ = writeln!(out, "{name}:");
        }
        for row in rows {
            let _ = writeln!(out, "  {}", field(row));
        }
    }
    out.trim_end().to_owned()
}

fn label(value: &Value) -> String {
    match (value.label.as_str(), value.more.first()) {
        ("", Some(more)) => more.text.clone(),
        ("", None) => value.text.clone(),
        (label, _) => label.to_owned(),
    }
}

fn key(text: &str) -> String {
    let plain = words::is_name(text) && text.starts_with(|c: char| c.is_ascii_alphabetic());
    if plain { text.to_owned() } else { format!("\"{text}\"") }
}

fn scalar(text: &str) -> String {
    key(text)
}

/// A text in quotes.
pub fn quoted(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    format!("\"{}\"", line.replace('\\', "\\\\").replace('"', "\\\""))
}

/// The beginning of a text, quoted where YAML would read something else.
pub fn text(text: &str) -> String {
    let mut short: String = text.split('\n').next().unwrap_or_default().trim().chars().take(WORDS).collect();
    if text.chars().count() > WORDS {
        short.truncate(short.rfind(' ').unwrap_or(short.len()));
    }
    let plain = short.starts_with(|c: char| c.is_alphabetic())
        && short.chars().all(|c| c.is_alphanumeric() || " -_()./".contains(c))
        && !matches!(short.as_str(), "true" | "false" | "null" | "yes" | "no");
    if plain { short } else { format!("\"{}\"", short.replace('\\', "\\\\").replace('"', "\\\"")) }
}
