//! Reads limits from types, rules and sentences, and from texts that contain only a limit.

use crate::page::Fact;

/// Returns the limit in a printed type, such as `string(32)`, `VARCHAR 40`, `String (max 40)` or `AN20`.
pub(crate) fn limit_in_type(printed: &str) -> Option<String> {
    let lower = printed.to_lowercase();
    if let Some((_, note)) = lower.split_once('(') {
        let note = note.split(')').next().unwrap_or_default().trim();
        let digits = note.split(',').next().unwrap_or_default().trim();
        if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) && !note.contains(", ") {
            return Some(digits.to_owned());
        }
        return limit(note);
    }
    let bare = lower.trim_end_matches(|c: char| c.is_ascii_digit());
    let digits = &lower[bare.len()..];
    let sized =
        matches!(bare.trim(), "varchar" | "varchar2" | "char" | "an" | "ans" | "string" | "문자" | "숫자" | "n" | "a");
    (!digits.is_empty() && sized).then(|| digits.to_owned())
}

const UNITS: [&str; 25] = [
    "characters",
    "character",
    "chars",
    "char",
    "digits",
    "digit",
    "letters",
    "letter",
    "bytes",
    "byte",
    "items",
    "entries",
    "자리",
    "자",
    "글자",
    "바이트",
    "문자",
    "개",
    "건",
    "bytes(utf-8)",
    "byte(utf-8)",
    "자 이내",
    "자 이하",
    "자리 이내",
    "자리 이하",
];

/// Words before a limit. Of two phrases with the same beginning, the longer one comes first, so that it is tried first.
#[rustfmt::skip]
const STARTS: [&str; 32] = [
    "max length", "maximum length", "max. length", "maxlength", "max_length", "max size", "maximum size", "maximum",
    "max.", "max", "up to", "at most", "no more than", "no longer than", "not exceeding", "within", "length", "len",
    "size", "<=", "≤", "~", "최대 길이", "최대길이", "최대 글자수", "최대글자수", "최대 크기", "최대", "길이", "크기",
    "자릿수", "글자수",
];

/// Words after a limit.
#[rustfmt::skip]
const ENDS: [&str; 12] = [
    "이내", "이하", "까지", "max", "maximum", "제한", "or less", "or fewer", "이내의", "입니다", "이하의", "at most",
];

/// Signs and words between the two ends of a range: `1~30`, `1 - 30자`, `1 to 30`.
const RANGES: [&str; 9] = ["~", "-", "–", "to ", "자 ~", "자~", "자 이상", "자 to", "characters to "];

/// Returns the number in a text that contains only a limit, such as `Max Length: 30`, `최대 30자`, `≤ 30` or `1~30`.
pub(crate) fn limit(text: &str) -> Option<String> {
    if text.len() > 60 {
        return None;
    }
    let lower = text.trim().trim_matches(['(', ')', '.', ' ']).to_lowercase();
    let rest = without_start(&lower);
    let (digits, after, is_range) = upper_end(rest)?;
    let (unit, has_end) = without_ends(after);
    let digits: String = digits.chars().filter(char::is_ascii_digit).collect();
    // A number without a unit is a limit only if a word or a range marks it as a limit.
    let is_stated = rest.len() < lower.len() || is_range || has_end;
    let is_limit = (unit.is_empty() && is_stated) || UNITS.contains(&unit);
    (!digits.is_empty() && digits.len() < 10 && is_limit).then_some(digits)
}

/// Returns the text after the words that introduce a limit. There may be two such phrases, as in `length: max 30`.
fn without_start(text: &str) -> &str {
    let Some(rest) = STARTS.iter().find_map(|start| text.strip_prefix(start)) else { return text };
    let rest = rest.trim_start_matches([' ', ':', '=', '.', '(', '-', '은', '는']);
    match STARTS.iter().find_map(|start| rest.strip_prefix(start)) {
        Some(rest) => rest.trim_start_matches([' ', ':', '=', '.', '(', '-']),
        None => rest,
    }
}

/// Returns the number at the start of a text, or the upper end of a range such as `1~30`. Also returns the rest of the
/// text, and `true` for a range.
fn upper_end(text: &str) -> Option<(&str, &str, bool)> {
    let split = |text: &'_ str| text.find(|c: char| !c.is_ascii_digit() && c != ',').unwrap_or(text.len());
    let (digits, after) = text.split_at(split(text));
    let after = after.trim_start();
    let second = RANGES.iter().find_map(|sign| after.strip_prefix(sign)).filter(|_| !digits.is_empty());
    let Some(second) = second.map(str::trim_start) else { return Some((digits, after, false)) };
    let (digits, after) = second.split_at(split(second));
    (!digits.is_empty()).then(|| (digits, after.trim_start(), true))
}

/// Returns a unit without the words that end a limit, and `true` if there was such a word.
fn without_ends(text: &str) -> (&str, bool) {
    let mut unit = text.trim_end_matches([')', '.', ' ']);
    let mut found = false;
    for end in ENDS.into_iter().chain(["(한글 포함)"]) {
        if let Some(before) = unit.strip_suffix(end) {
            unit = before.trim_end_matches([' ', '(']);
            found = true;
        }
    }
    (unit, found)
}

/// Returns the number of a limit that a sentence states with a unit, such as `최대 길이는 200자입니다` or `up to 30 characters`.
pub(crate) fn limit_in_prose(text: &str, line: usize) -> Option<Fact> {
    if !text.contains(|c: char| c.is_ascii_digit()) {
        return None;
    }
    // Punctuation may separate a limit from the other text, as in `가맹점 코드, 10자`.
    let by_itself = |part: &&str| part.contains(['자', '리']) && part.chars().count() < 8;
    if let Some(digits) = text.split([',', '(', ')', '·']).map(str::trim).filter(by_itself).find_map(limit) {
        return Some(Fact { line, text: digits });
    }
    let lower = text.to_lowercase();
    let korean = ["자", "글자", "자리", "바이트", "byte", "bytes"];
    let english = ["characters", "chars", "bytes", "digits", "letters"];
    let tokens: Vec<&str> =
        lower.split(|c: char| c.is_whitespace() || "():,;~-".contains(c)).filter(|t| !t.is_empty()).collect();
    for (n, token) in tokens.iter().enumerate() {
        let end = token.find(|c: char| !c.is_ascii_digit()).unwrap_or(token.len());
        let (digits, unit) = token.split_at(end);
        if digits.is_empty() || digits.len() > 6 {
            continue;
        }
        let unit = if unit.is_empty() { tokens.get(n + 1).copied().unwrap_or_default() } else { unit };
        let after = |skip: usize| tokens.get(n + skip).copied().unwrap_or_default();
        let before: Vec<&str> = tokens[n.saturating_sub(3)..n].to_vec();
        let unit_of = |units: &[&str]| units.iter().any(|known| unit.trim_end_matches(['.', '\'']).starts_with(known));
        let ends = ["이내", "이하", "까지", "제한"];
        let korean_limit = unit_of(&korean)
            && (before.iter().any(|word| word.starts_with("최대"))
                || ends.iter().any(|end| unit.contains(end) || after(1).starts_with(end) || after(2).starts_with(end)));
        let preceding = before.join(" ");
        let starts = [
            "max",
            "maximum",
            "up to",
            "at most",
            "no more than",
            "no longer than",
            "within",
            "limited to",
            "maximum of",
        ];
        let english_limit = unit_of(&english)
            && starts.iter().any(|start| {
                preceding.ends_with(start)
                    || preceding.ends_with("maximum length of")
                    || preceding.ends_with("maximum length")
            });
        if korean_limit || english_limit {
            return Some(Fact { line, text: digits.to_owned() });
        }
    }
    None
}

/// Returns the limit in the text of a rule, such as `Up to 200 characters`.
pub(crate) fn limit_of_rule(rule: &str, line: usize) -> Option<Fact> {
    let fact = |text: String| Fact { line, text };
    let parts = rule.split(['\n', ';']).map(str::trim).filter(|part| !part.is_empty());
    if let Some(digits) = parts.clone().find_map(limit) {
        return Some(fact(digits));
    }
    let lower = rule.to_lowercase();
    let starts = ["up to ", "max ", "maximum ", "at most ", "no more than ", "max. ", "max length", "최대 ", "최대"];
    if let Some((_, rest)) = starts.iter().find_map(|start| lower.split_once(start)) {
        let digits: String =
            rest.chars().skip_while(|c| " :".contains(*c)).take_while(|c| c.is_ascii_digit() || *c == ',').collect();
        let digits: String = digits.chars().filter(char::is_ascii_digit).collect();
        if !digits.is_empty() {
            return Some(fact(digits));
        }
    }
    None
}
