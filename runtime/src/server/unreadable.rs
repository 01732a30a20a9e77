//! Why a body cannot be read: what it seems to be, and where reading ended. Looked for only after reading has failed.

/// Values of `Content-Encoding` that change nothing.
const PLAIN: [&str; 2] = ["", "identity"];
/// How JSON and forms are called in messages.
const JSON_ALONE: &str = "a JSON object in UTF-8";
const JSON_OR_FORM: &str = "a JSON object or a form, in UTF-8";

/// What was found in a body instead of members, in words. Never a part of its text, because there may be keys in it.
pub(crate) fn reason(
    body: &[u8],
    (label, encoding): (&str, &str),
    reads_forms: bool,
    error: Option<&serde_json::Error>,
) -> String {
    let expected = if reads_forms { JSON_OR_FORM } else { JSON_ALONE };
    let encoding = encoding.trim().to_ascii_lowercase();
    if body.starts_with(b"\x1f\x8b") || !PLAIN.contains(&encoding.as_str()) {
        let name = if PLAIN.contains(&encoding.as_str()) { "gzip" } else { &encoding };
        let name: String = name.chars().filter(char::is_ascii_graphic).take(20).collect();
        return format!("the body is compressed ({name}); expected {expected}, not compressed");
    }
    if body.starts_with(b"\xff\xfe") || body.starts_with(b"\xfe\xff") || body.iter().take(4).any(|byte| *byte == 0) {
        return format!("the body is UTF-16 or UTF-32; expected {expected}");
    }
    let text = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body).trim_ascii();
    if label.trim().to_ascii_lowercase().starts_with("multipart/") || text.starts_with(b"--") {
        return format!("the body is a multipart form; expected {expected}");
    }
    if let Err(why) = std::str::from_utf8(body) {
        let place = why.valid_up_to();
        let byte = body.get(place).copied().unwrap_or_default();
        return format!("the body is not UTF-8: byte {place} is 0x{byte:02x}; expected {expected}");
    }
    match (text.first(), error) {
        (None, _) => format!("the body is empty; expected {expected}"),
        (Some(b'{'), Some(error)) => not_json(text, error),
        (Some(b'['), _) => format!("the body is a list; expected {expected}"),
        (Some(b'"'), _) => format!("the body is a text in quotes; expected {expected}"),
        (Some(b'<'), _) => format!("the body is XML or HTML; expected {expected}"),
        (Some(_), _) if text.contains(&b'=') && !reads_forms => format!("the body is a form; expected {expected}"),
        (Some(_), _) if text.contains(&b'=') => {
            format!("an encoded letter of the form is not UTF-8; expected {expected}")
        }
        (Some(_), _) => format!("the body is a bare value or plain text; expected {expected}"),
    }
}

fn not_json(text: &[u8], error: &serde_json::Error) -> String {
    let line = error.line().checked_sub(1).and_then(|line| text.split(|byte| *byte == b'\n').nth(line));
    let found = line.and_then(|line| line.get(error.column().checked_sub(1)?));
    let hint = match found {
        Some(b'\'') => "; names and texts stand in double quotes",
        Some(b'/' | b'#') => "; JSON has no comments",
        _ => "",
    };
    format!("the body is not JSON: {error}{hint}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_body_seems_to_be_is_named_with_the_place_where_reading_ended() {
        let why = |body: &[u8]| {
            let error = serde_json::from_slice::<serde_json::Value>(body).err();
            reason(body, ("application/json", ""), true, error.as_ref())
        };
        for (body, words) in [
            (&b"{\"a\":1,}"[..], "trailing comma at line 1 column 8"),
            (b"{'a':1}", "at line 1 column 2; names and texts stand in double quotes"),
            (b"{\n  \"a\": 1 // note\n}", "at line 2 column 10; JSON has no comments"),
            (b"{\"a\":1", "EOF while parsing an object at line 1 column 6"),
            (b"\xff\xfe{\0", "UTF-16"),
            (b"{\0\"\0", "UTF-16"),
            (b"{\"a\":\"\xb0\xa1\"}", "not UTF-8: byte 6 is 0xb0"),
            (b"\x1f\x8b\x08", "compressed (gzip)"),
            (b"--x\r\ncontent-disposition: form-data", "multipart"),
            (b"  ", "empty"),
            (b"[1]", "a list"),
            (b"\"{}\"", "a text in quotes"),
            (b"<a/>", "XML"),
            (b"a=%b0%a1", "encoded letter"),
            (b"hello", "plain text"),
        ] {
            assert!(why(body).contains(words), "{}", why(body));
            assert!(why(body).chars().count() <= 120, "{}", why(body));
        }
        assert!(reason(b"x", ("", "br"), true, None).contains("compressed (br)"));
        assert!(reason(b"x", ("multipart/form-data; boundary=x", ""), false, None).contains("multipart"));
        assert!(reason(b"a=1", ("", ""), false, None).contains("the body is a form; expected a JSON object in UTF-8"));
    }
}
