//! Repairs a body that a strict parser rejects because of invalid values, so that one invalid character does not hide a
//! success. The structure of the body is not changed: a truncated body stays truncated.

/// Returns the body with its invalid parts replaced, or `None` if nothing is invalid. Invalid UTF-8 and unpaired
/// surrogates become U+FFFD. Control characters in texts become escapes, and numbers out of range become null.
pub(crate) fn repaired(body: &[u8]) -> Option<String> {
    repaired_text(body, &String::from_utf8_lossy(body), false)
}

/// Like `repaired`, but each invalid byte and each unpaired surrogate becomes a distinct private-use character, so that
/// different texts stay different. Used only for comparisons.
pub(crate) fn marked(body: &[u8]) -> Option<String> {
    let mut text = String::with_capacity(body.len());
    for chunk in body.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|byte| private(u32::from(*byte))));
    }
    repaired_text(body, &text, true)
}

/// Returns the private-use character (in plane 15) for an invalid byte or a surrogate.
fn private(code: u32) -> char {
    char::from_u32(0xF_0000 + code).unwrap_or(char::REPLACEMENT_CHARACTER)
}

fn repaired_text(body: &[u8], text: &str, is_marked: bool) -> Option<String> {
    let mut repaired = String::with_capacity(text.len());
    let mut rest = text;
    let mut in_text = false;
    while let Some(first) = rest.chars().next() {
        let (taken, written) = if in_text { in_a_text(rest, first, is_marked) } else { outside(rest, first) };
        if first == '"' {
            in_text = !in_text;
        }
        match written {
            Some(written) => repaired.push_str(&written),
            None => repaired.push_str(&rest[..taken]),
        }
        rest = &rest[taken..];
    }
    (repaired.as_bytes() != body).then_some(repaired)
}

/// Returns the length in bytes of the next character or escape, and its replacement if it is invalid. `rest` begins
/// inside a text in quotes.
fn in_a_text(rest: &str, first: char, is_marked: bool) -> (usize, Option<String>) {
    let half = |unit: u16| {
        let mark = || private(u32::from(unit)).to_string();
        (6, Some(if is_marked { mark() } else { "\\ufffd".to_owned() }))
    };
    match first {
        '\\' => match unit(rest) {
            Some(high @ 0xd800..=0xdbff) => match rest.get(6..).and_then(unit) {
                Some(0xdc00..=0xdfff) => (12, None),
                _ => half(high),
            },
            Some(low @ 0xdc00..=0xdfff) => half(low),
            Some(_) => (6, None),
            None => (1 + rest.chars().nth(1).map_or(0, char::len_utf8), None),
        },
        control if control.is_ascii_control() && control != '\u{7f}' => {
            (1, Some(format!("\\u{:04x}", u32::from(control))))
        }
        other => (other.len_utf8(), None),
    }
}

fn outside(rest: &str, first: char) -> (usize, Option<String>) {
    if first != '-' && !first.is_ascii_digit() {
        return (first.len_utf8(), None);
    }
    let is_part = |c: char| matches!(c, '0'..='9' | '+' | '-' | '.' | 'e' | 'E');
    let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
    let beyond = rest[..end].parse::<f64>().is_ok_and(f64::is_infinite);
    (end, beyond.then(|| "null".to_owned()))
}

/// Parses an escape `\uXXXX` at the start of the text.
fn unit(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    // `from_str_radix` accepts a sign too.
    digits.bytes().all(|digit| digit.is_ascii_hexdigit()).then(|| u16::from_str_radix(digits, 16).ok())?
}

#[cfg(test)]
mod tests {
    use super::{marked, repaired};

    #[test]
    fn different_bodies_stay_different_when_marked() {
        let pairs: [(&[u8], &[u8]); 3] = [
            (b"[\"\xb0\xa1\"]", b"[\"\xb0\xa2\"]"),
            (br#"["\ud83d"]"#, br#"["\ude00"]"#),
            (b"[\"\xff\"]", br#"["\ud8ff"]"#),
        ];
        for (first, second) in pairs {
            assert_ne!(marked(first), marked(second));
            assert_eq!(marked(first), marked(first));
            assert!(serde_json::from_str::<serde_json::Value>(&marked(first).unwrap_or_default()).is_ok());
        }
    }

    #[test]
    fn values_that_a_strict_parser_accepts_are_unchanged() {
        for good in [r#"{"a":"\ud83d\ude00\\ud83d \" 1e999","b":-1.5e3,"c":[1e9999999"#, "", "가", r#"{"a":"\u00"#] {
            let expected = good.contains("1e9999999").then(|| good.replace("1e9999999", "null"));
            assert_eq!(repaired(good.as_bytes()), expected, "{good}");
        }
    }

    #[test]
    fn only_the_bad_value_is_replaced() {
        for (bad, good) in [
            (&br#"{"a":"x\ud83d y","b":1}"#[..], r#"{"a":"x\ufffd y","b":1}"#),
            (br#"["\ude00\ud83d\ud83d\ude00"]"#, r#"["\ufffd\ufffd\ud83d\ude00"]"#),
            (b"[\"\xbd\xc5\"]", "[\"\u{fffd}\u{fffd}\"]"),
            (b"[\"a\nb\"]\n", "[\"a\\u000ab\"]\n"),
            (br#"{"a":1e999,"b":-1E+999}"#, r#"{"a":null,"b":null}"#),
            (br#"{"a":"\ud83d"#, r#"{"a":"\ufffd"#),
        ] {
            assert_eq!(repaired(bad).as_deref(), Some(good));
        }
    }
}
