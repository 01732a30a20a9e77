//! Rules for a text as JSON Schema. Character sets become patterns without look-around, because not every dialect of
//! regular expressions supports look-around.

use crate::constraints::{CharacterSet, TextFormat, TextRules};
use serde_json::{Value, json};

pub(super) fn schema(rules: &TextRules) -> Value {
    let mut schema = json!({ "type": "string" });
    add(&mut schema, rules);
    schema
}

pub(super) fn add(schema: &mut Value, rules: &TextRules) {
    let path_segment = rules.format == Some(TextFormat::PathSegment);
    let min = rules.min.max(usize::from(path_segment));
    if min > 0 {
        schema["minLength"] = min.into();
    }
    if let Some(max) = rules.max {
        schema["maxLength"] = max.into();
    }
    let pattern = match (&rules.characters, rules.not_blank, rules.format) {
        (Some(set), true, _) => {
            let visible = CharacterSet { ascii: set.ascii & !white_space(), ..set.clone() };
            Some(format!("^{0}*{1}{0}*$", class(set), class(&visible)))
        }
        (Some(set), false, _) => Some(format!("^{}*$", class(set))),
        (None, _, Some(TextFormat::HttpUrl)) => Some("^https?://.".into()),
        (None, true, _) => Some("\\S".into()),
        (None, false, _) => None,
    };
    if let Some(pattern) = pattern {
        schema["pattern"] = pattern.into();
    }
    if rules.format == Some(TextFormat::HttpUrl) {
        schema["format"] = "uri".into();
    }
    if path_segment {
        schema["not"] = json!({ "enum": [".", ".."] });
    }
}

fn white_space() -> u128 {
    [' ', '\t', '\n', '\r', '\u{b}', '\u{c}'].iter().fold(0, |bits, c| bits | 1 << (*c as u32))
}

/// Returns a set of characters as a bracket expression. The expression is negated if the set contains characters that
/// are neither ASCII characters nor Korean letters.
fn class(set: &CharacterSet) -> String {
    let bits = if set.others { !set.ascii } else { set.ascii };
    let mut inner = String::new();
    let mut next = 0_u32;
    while next < 128 {
        if bits >> next & 1 == 0 {
            next += 1;
            continue;
        }
        let first = next;
        while next < 128 && bits >> next & 1 == 1 {
            next += 1;
        }
        range(&mut inner, first, next - 1);
    }
    if set.hangul && !set.others {
        inner.push_str("\u{1100}-\u{11ff}\u{3130}-\u{318f}\u{ac00}-\u{d7a3}");
    }
    match (set.others, inner.is_empty()) {
        (true, true) => "[\\s\\S]".into(),
        (true, false) => format!("[^{inner}]"),
        // The set is empty, so the pattern matches no character.
        (false, true) => "[^\\s\\S]".into(),
        (false, false) => format!("[{inner}]"),
    }
}

fn range(to: &mut String, first: u32, last: u32) {
    one(to, first);
    if last > first + 1 {
        to.push('-');
    }
    if last > first {
        one(to, last);
    }
}

fn one(to: &mut String, code: u32) {
    match char::from_u32(code) {
        Some(c) if c.is_ascii_alphanumeric() => to.push(c),
        Some(' ') => to.push(' '),
        // These characters have a meaning in brackets. Some dialects reject the escape of any other character.
        Some(c @ ('\\' | ']' | '[' | '^' | '-' | '/')) => {
            to.push('\\');
            to.push(c);
        }
        Some(c) if c.is_ascii_graphic() => to.push(c),
        _ => to.push_str(&format!("\\x{code:02x}")),
    }
}
