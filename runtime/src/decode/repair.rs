//! Makes a reply readable that a strict parser refuses for one value: a success must not be lost to half a
//! character in a text. The structure is left as it is; a body that breaks off stays broken off.

/// The body with what no parser takes replaced: bytes that are no UTF-8 and halves of a character by U+FFFD, bare
/// control characters by their escapes, numbers beyond all range by null. `None` when there is nothing of the kind.
pub(crate) fn repaired(body: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(body);
    let mut repaired = String::with_capacity(text.len());
    let mut rest = &*text;
    let mut in_text = false;
    while let Some(first) = rest.chars().next() {
        let (taken, written) = if in_text { in_a_text(rest, first) } else { outside(rest, first) };
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

/// How many bytes belong together at the start of `rest`, which is inside a text, and what to write for them unless
/// they are good as they are.
fn in_a_text(rest: &str, first: char) -> (usize, Option<String>) {
    match first {
        '\\' => match unit(rest) {
            Some(0xd800..=0xdbff) => match rest.get(6..).and_then(unit) {
                Some(0xdc00..=0xdfff) => (12, None),
                _ => (6, Some("\\ufffd".to_owned())),
            },
            Some(0xdc00..=0xdfff) => (6, Some("\\ufffd".to_owned())),
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

/// The number of an escape `\uXXXX` at the start.
fn unit(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    // `from_str_radix` takes a sign too.
    digits.bytes().all(|digit| digit.is_ascii_hexdigit()).then(|| u16::from_str_radix(digits, 16).ok())?
}

#[cfg(test)]
mod tests {
    use super::repaired;

    #[test]
    fn what_a_strict_parser_takes_stays_as_it_is() {
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
