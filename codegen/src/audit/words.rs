//! The words documentation is written in: types, requirements, limits, methods, labels of parts, column heads.
//!
//! All notations share them. None belongs to an API.

use super::page::{Fact, Part};

/// A type as printed, by what it means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Text.
    Text,
    /// Text that is a time in ISO 8601.
    IsoTime,
    /// A whole number, or a number of any kind.
    Number,
    /// A truth value.
    Boolean,
    /// An object, or any JSON.
    Object,
    /// A list.
    List,
}

/// What a printed type means, if it is one.
pub fn shape(printed: &str) -> Option<Shape> {
    let lower = printed.to_lowercase();
    let (word, note) = match lower.split_once('(') {
        // `Query Parameter (String)`: the place, then the type.
        Some((before, note)) if before.contains("parameter") => (note.trim_end_matches(')').trim(), ""),
        Some((before, note)) => (before.trim(), note),
        None => (lower.trim(), ""),
    };
    Some(match word {
        "string" | "text" | "str" | "varchar" | "char" if note.contains("8601") => Shape::IsoTime,
        "string" | "text" | "str" | "varchar" | "char" | "enum" | "url" | "uuid" => Shape::Text,
        "date" | "datetime" | "date-time" | "timestamp" => Shape::IsoTime,
        "integer" | "int" | "long" | "number" | "int32" | "int64" | "decimal" | "double" | "float" | "bigdecimal" => {
            Shape::Number
        }
        "boolean" | "bool" => Shape::Boolean,
        "object" | "json" | "json object" | "map" => Shape::Object,
        "list" | "array" | "json array" => Shape::List,
        _ if word.ends_with("[]") || word.starts_with("list<") || word.starts_with("array<") => Shape::List,
        _ => return None,
    })
}

/// `mandatory`, `Y` and their like.
pub fn requirement(word: &str) -> Option<bool> {
    match word.to_lowercase().trim_matches(|c: char| !c.is_alphanumeric()) {
        "mandatory" | "required" | "y" | "yes" | "o" => Some(true),
        "optional" | "n" | "no" | "x" => Some(false),
        _ => None,
    }
}

/// An HTTP method in capitals, in lower case.
pub fn method(word: &str) -> Option<String> {
    let known = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];
    let word = word.trim_matches(|c| c == '(' || c == ')' || c == '[' || c == ']');
    known.contains(&word).then(|| word.to_lowercase())
}

/// No row of running text is longer.
const LONGEST_ROW: usize = 160;

/// The limit at the end of a row: `Max Length: 30`. Gives what stands before it and the number.
pub fn limit_at_end(line: &str) -> Option<(&str, &str)> {
    // Nearly all lines are prose.
    if line.len() > LONGEST_ROW || !line.ends_with(|c: char| c.is_ascii_alphanumeric() || c == ')' || c == '.') {
        return None;
    }
    let lower = line.to_ascii_lowercase();
    let at = lower.rfind(" max")? + 1;
    let rest = lower[at..].trim_start_matches(|c: char| c.is_ascii_alphabetic() || " .:=(-".contains(c));
    let digits: String = rest.chars().take_while(|c| c.is_ascii_digit() || *c == ',').collect();
    let after = rest[digits.len()..].trim_matches([')', ' ', '.']);
    let unit = ["", "characters", "chars", "digits", "letters", "bytes"];
    let start = line.len() - rest.len();
    (!digits.is_empty() && unit.contains(&after)).then(|| (&line[..at - 1], &line[start..start + digits.len()]))
}

/// The limit of a rule: `Up to 200 characters`.
pub fn limit_of_rule(rule: &str, line: usize) -> Option<Fact> {
    let lower = rule.to_lowercase();
    let starts = ["up to ", "max ", "maximum ", "at most ", "no more than ", "max. ", "max length"];
    let rest = starts.iter().find_map(|start| lower.split_once(start))?.1;
    let digits: String = rest.chars().skip_while(|c| " :".contains(*c)).take_while(char::is_ascii_digit).collect();
    (!digits.is_empty()).then_some(Fact { line, text: digits })
}

/// What begins with this line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Label {
    /// Rows of a part.
    Part(Part),
    /// Method and URL.
    Endpoint,
    /// Method and URL, and then samples.
    Definition,
    /// Sample code.
    Sample,
    /// HTTP statuses.
    Statuses,
}

/// No label is longer.
const LONGEST_LABEL: usize = 40;

/// The label a line is, if it is one.
pub fn label(line: &str) -> Option<Label> {
    if line.len() > LONGEST_LABEL {
        return None;
    }
    let lower = line.to_lowercase();
    let text = lower.trim_start_matches(|c: char| c.is_ascii_digit() || "().#- ".contains(c));
    let text = text.trim_end_matches([':', ' ']).trim_start_matches("api ").trim();
    Some(match text {
        "endpoint" | "endpoints" | "url" | "request url" => Label::Endpoint,
        "definition" => Label::Definition,
        "request header" | "request headers" | "header" | "headers" => Label::Part(Part::Header),
        "parameters" | "parameter" | "request" | "request parameters" | "request parameter" | "request body"
        | "body" | "query parameters" | "query parameter" | "request fields" => Label::Part(Part::Request),
        "response" | "response body" | "responses" | "reply" | "response parameters" | "response fields" => {
            Label::Part(Part::Reply)
        }
        "sample code" | "example" | "examples" | "sample" | "example request" | "example response"
        | "request example" | "response example" | "example callback" | "sample request" | "sample response" => {
            Label::Sample
        }
        _ if text.starts_with("http response code") || text.starts_with("http status") => {
            // A sentence may begin with these words too.
            if text.split(' ').count() > 4 {
                return None;
            }
            Label::Statuses
        }
        _ => return None,
    })
}

/// What a column of a table holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    /// A field's name.
    Name,
    /// A field's type.
    Type,
    /// Whether a field is mandatory.
    Required,
    /// A field's limit, in a table of its own or beside the rest.
    Rules,
    /// Text about a field or value.
    Description,
    /// Values of a field.
    Values,
    /// A value.
    Code,
    /// A value's name.
    CodeName,
    /// A version.
    Version,
    /// A date.
    Date,
    /// What changed.
    Change,
    /// A stage.
    Stage,
    /// A URL.
    Url,
    /// An HTTP status.
    Status,
    /// A default.
    Default,
}

/// What a column is, by its head.
pub fn column(head: &str) -> Option<Column> {
    let lower = head.to_lowercase();
    Some(match lower.trim() {
        "name" | "field" | "parameter" | "key" | "member" | "header" => Column::Name,
        "type" | "data type" => Column::Type,
        "required" | "mandatory" | "requirement" | "required?" => Column::Required,
        "rules" | "rule" | "max length" | "length" | "limit" | "max" => Column::Rules,
        "description" | "explanation" | "meaning" | "remarks" | "note" | "notes" => Column::Description,
        "values" | "value" | "allowed values" => Column::Values,
        "code name" | "label" => Column::CodeName,
        "version" => Column::Version,
        "date" => Column::Date,
        "key changes" | "changes" | "change" => Column::Change,
        "stage" | "environment" => Column::Stage,
        "url" | "base url" | "host" => Column::Url,
        "http status" | "status" | "status code" | "http response code" => Column::Status,
        "default" => Column::Default,
        text if text.ends_with("name") && text.len() > 4 => Column::CodeName,
        text if text.ends_with("code") => Column::Code,
        _ => return None,
    })
}

/// An HTTP status, or a class of them: `200`, `50x`, `xxx`.
pub fn is_status(word: &str) -> bool {
    let [a, b, c] = word.as_bytes() else { return false };
    let digit = |c: &u8| c.is_ascii_digit() || *c == b'x' || *c == b'X';
    (matches!(a, b'1'..=b'5') || a.eq_ignore_ascii_case(&b'x')) && digit(b) && digit(c)
}

/// A name such as `orderNo`, `order_no` or `descriptions[].mid`.
pub fn is_name(word: &str) -> bool {
    let mut characters = word.chars();
    characters.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '[' || c == '_')
        && characters.all(|c| c.is_ascii_alphanumeric() || "_-.[]".contains(c))
}
