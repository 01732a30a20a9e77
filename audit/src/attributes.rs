//! Reads the attributes after a field's name in running text: type, requirement, limit and default, in any order and
//! with any separators. The description follows the attributes.

use super::words;

#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Attributes {
    /// Type of the field, as printed.
    pub of: Option<String>,
    pub mandatory: Option<bool>,
    pub limit: Option<String>,
    pub default: Option<String>,
    /// Display name of the field, which the page prints in parentheses after the field's name.
    pub title: Option<String>,
    /// Description of the field, which is the text after the attributes.
    pub rest: String,
    /// Set if a separator, such as a colon, stands between the attributes and the description.
    pub separated: bool,
    /// Set if vertical bars separate the attributes.
    pub barred: bool,
}

impl Attributes {
    /// Returns the number of attributes that were read, not counting the display name.
    pub(crate) fn count(&self) -> usize {
        usize::from(self.of.is_some())
            + usize::from(self.mandatory.is_some())
            + usize::from(self.limit.is_some())
            + usize::from(self.default.is_some())
    }
}

/// Token of a text, and the byte offsets at which the token starts and ends.
struct AttributeToken<'a> {
    text: &'a str,
    end: usize,
    start: usize,
}

/// Largest number of tokens of one attribute, such as `list of objects` or `at most 30 characters`.
const MAX_ATTRIBUTE_TOKENS: usize = 6;

/// Reading stops after more than this number of tokens. Later tokens belong to the description.
const MAX_TOKENS: usize = 40;

/// Reads attributes up to the first token that belongs to no attribute. Single letters and signs, such as `Y` or `✓`,
/// count as requirements only if `letters` is set.
pub(crate) fn read(text: &str, letters: bool) -> Attributes {
    let tokens = tokens(text);
    let mut found = Attributes::default();
    let mut at = 0;
    let mut end = 0;
    while at < tokens.len() {
        let token = &tokens[at];
        if is_separator(token.text) {
            found.separated |= !matches!(token.text, "(" | "[" | "{");
            found.barred |= token.text == "|";
            at += 1;
            continue;
        }
        match attribute(text, &tokens[at..], &mut found, letters) {
            Some(used) => {
                at += used;
                end = tokens[at - 1].end;
                found.separated = false;
                if is_separator(tokens[at - 1].text) {
                    found.separated = true;
                }
            }
            None => {
                // In `orderNo (주문번호) string`, a display name comes between the field's name and its attributes.
                if found.count() == 0
                    && found.title.is_none()
                    && at > 0
                    && tokens[at - 1].text == "("
                    && let Some(close) = tokens[at..].iter().position(|token| token.text == ")")
                    && close <= 5
                {
                    found.title = text.get(token.start..tokens[at + close - 1].end).map(str::to_owned);
                    at += close + 1;
                    continue;
                }
                break;
            }
        }
    }
    let rest = match tokens.get(at) {
        Some(token) => &text[token.start..],
        None => text.get(end..).unwrap_or_default(),
    };
    found.rest = rest.trim_matches(|c: char| c.is_whitespace() || ":-–—|)],".contains(c)).to_owned();
    // If the text has more than `MAX_TOKENS` tokens, the rest of the text is a description.
    if at >= tokens.len() && tokens.len() <= MAX_TOKENS {
        found.rest.clear();
    }
    found
}

fn is_separator(text: &str) -> bool {
    matches!(
        text,
        "(" | ")" | "[" | "]" | "{" | "}" | "|" | "," | ";" | ":" | "·" | "•" | "-" | "–" | "—" | "/" | "'" | "." | "→"
    )
}

fn tokens(text: &str) -> Vec<AttributeToken<'_>> {
    let mut found: Vec<AttributeToken<'_>> = Vec::new();
    let mut start = None;
    let mut characters = text.char_indices().peekable();
    while let Some((at, c)) = characters.next() {
        if found.len() > MAX_TOKENS {
            break;
        }
        let next = characters.peek().map(|(_, c)| *c);
        let before = text[..at].chars().next_back();
        // Inside a word, some separators belong to the word, as in `string[]`, `1,000` and `date-time`.
        let within = match c {
            '[' | ']' => next == Some(']') || before == Some('['),
            ',' => before.is_some_and(|c| c.is_ascii_digit()) && next.is_some_and(|c| c.is_ascii_digit()),
            '-' => start.is_some() && next.is_some_and(char::is_alphanumeric),
            '.' => next.is_some_and(char::is_alphanumeric) || before.is_some_and(|b| b == 'x' || b == 'X'),
            '/' => start.is_some() && next.is_some_and(char::is_alphanumeric),
            _ => false,
        };
        if c.is_whitespace() || !within && "()[]{}|,;:·•-–—/'.→".contains(c) {
            if let Some(start) = start.take() {
                found.push(AttributeToken { text: &text[start..at], start, end: at });
            }
            if !c.is_whitespace() {
                let end = at + c.len_utf8();
                found.push(AttributeToken { text: &text[at..end], start: at, end });
            }
        } else if start.is_none() {
            start = Some(at);
        }
    }
    if let Some(start) = start {
        found.push(AttributeToken { text: &text[start..], start, end: text.len() });
    }
    found
}

/// Reads the longest attribute that begins at the first token, and stores the attribute in `found`. Returns the number
/// of tokens of the attribute, or `None` if no attribute begins at the first token.
fn attribute(text: &str, tokens: &[AttributeToken<'_>], found: &mut Attributes, letters: bool) -> Option<usize> {
    for n in (1..=MAX_ATTRIBUTE_TOKENS.min(tokens.len())).rev() {
        let slice = &text[tokens[0].start..tokens[n - 1].end];
        if let Some(default) = default(slice) {
            found.default.get_or_insert(default);
            return Some(n);
        }
        if found.limit.is_none()
            && let Some(limit) = words::limit(slice)
        {
            found.limit = Some(limit);
            return Some(n);
        }
        if found.of.is_none() && words::shape(slice).is_some() && is_closed(slice) {
            found.limit = found.limit.take().or_else(|| words::limit_in_type(slice));
            found.of = Some(slice.to_owned());
            return Some(n);
        }
        let word = slice.trim();
        let clear = words::is_clear_requirement(word);
        let letter = letters && matches!(word, "Y" | "N" | "O" | "X" | "✓" | "✔" | "●" | "○" | "*" | "M" | "C");
        if found.mandatory.is_none() && (clear || letter) {
            found.mandatory = words::requirement(word);
            return Some(n);
        }
    }
    // A number after a type counts as the field's limit, as in `string 50`.
    let digits = tokens[0].text;
    let bare = !digits.is_empty() && digits.len() < 6 && digits.bytes().all(|b| b.is_ascii_digit());
    let ends = tokens.get(1).is_none_or(|next| is_separator(next.text) || words::is_clear_requirement(next.text));
    if bare && found.of.is_some() && found.limit.is_none() && (ends || letters) {
        found.limit = Some(digits.to_owned());
        return Some(1);
    }
    None
}

/// Returns `true` if the text has as many closing as opening parentheses.
fn is_closed(text: &str) -> bool {
    text.matches('(').count() == text.matches(')').count()
}

/// Reads a default value, such as `default: GENERAL` or `기본값 15분`.
fn default(text: &str) -> Option<String> {
    let lower = text.to_lowercase();
    let starts = [
        "default value:",
        "default:",
        "default =",
        "default=",
        "default value is ",
        "default is ",
        "defaults to ",
        "기본값:",
        "기본값 :",
        "기본값은 ",
        "기본값 ",
        "기본값=",
        "디폴트:",
        "default : ",
    ];
    let start = starts.iter().find(|start| lower.starts_with(**start))?;
    let word = text.get(start.len()..)?.trim().trim_matches('\'');
    let fits = !word.is_empty() && word.chars().all(|c| c.is_alphanumeric() || "_-.".contains(c));
    fits.then(|| word.to_owned())
}
