//! Describes why a body cannot be read, by its detected format and the position of the error. Called only after reading
//! has failed.

/// Values of `Content-Encoding` that mean no compression.
const PLAIN: [&str; 2] = ["", "identity"];
/// Descriptions of the accepted formats, for messages.
const JSON_ALONE: &str = "a JSON object in UTF-8";
const JSON_OR_FORM: &str = "a JSON object or a form, in UTF-8";

/// Returns the reason why a body cannot be read. The reason quotes no values of the body, because they may be secret.
pub(crate) fn reason(
    body: &[u8],
    (label, encoding): (&str, &str),
    reads_forms: bool,
    error: Option<&serde_json::Error>,
) -> String {
    let expected = if reads_forms { JSON_OR_FORM } else { JSON_ALONE };
    let encoding = encoding.trim().to_ascii_lowercase();
    // Some clients declare a compression that they do not apply.
    let is_compressed = !PLAIN.contains(&encoding.as_str()) && !seems_text(body);
    if body.starts_with(b"\x1f\x8b") || is_compressed {
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
    let error = error.map(|error| not_json(body, text, error));
    match (text.first(), error) {
        (None, _) => format!("the body is empty; expected {expected}"),
        (Some(b'{'), Some(why)) => why,
        (Some(b'['), _) => format!("the body is a list; expected {expected}"),
        (Some(b'"'), _) => format!("the body is a text in quotes; expected {expected}"),
        (Some(b'<'), _) => format!("the body is XML or HTML; expected {expected}"),
        (Some(_), _) if text.contains(&b'=') && !reads_forms => format!("the body is a form; expected {expected}"),
        (Some(_), _) if text.contains(&b'=') => {
            format!("a percent-encoded character of the form is not UTF-8; expected {expected}")
        }
        (Some(_), _) => format!("the body is a bare value or plain text; expected {expected}"),
    }
}

/// Returns `true` if a body can be read as text. A compressed body almost never can.
fn seems_text(body: &[u8]) -> bool {
    std::str::from_utf8(body).is_ok_and(|text| !text.contains(|c: char| c.is_control() && !c.is_whitespace()))
}

/// Literals of other languages that are not JSON. JSON writes some of them in another way (`True`), and has no
/// equivalent for the others (`NaN`).
const FOREIGN_WORDS: [&str; 7] = ["True", "False", "None", "NaN", "undefined", "Infinity", "nil"];

/// Returns the parser's error with its position in the body, as a line and a column in characters. `text` is the part
/// of the body that was parsed.
fn not_json(body: &[u8], text: &[u8], error: &serde_json::Error) -> String {
    let message = error.to_string();
    let message = message.rsplit_once(" at line ").map_or(message.as_str(), |(message, _)| message);
    let message = if message.starts_with("control character") { "a control character in a text" } else { message };
    // The parser counts bytes from the start of `text`, and counts the end of a line as the start of the next line.
    let before = body.len() - text.len() - trailing_blanks(body);
    let lines = text.split_inclusive(|byte| *byte == b'\n').take(error.line().saturating_sub(1));
    let place = before + lines.map(<[u8]>::len).sum::<usize>() + error.column();
    let place = place.saturating_sub(1).min(body.len());
    let (line, column) = position(body, place);
    let found = body.get(place..).unwrap_or_default();
    if error.is_data() {
        return format!("the body cannot be used: {message} (line {line}, column {column})");
    }
    let starts = |words: &[&str]| words.iter().any(|word| found.starts_with(word.as_bytes()));
    let hint = match found.first() {
        Some(b'\'') => "; names and texts need double quotes",
        _ if starts(&["\u{201c}", "\u{201d}", "\u{2018}", "\u{2019}", "\u{ff02}"]) => {
            "; typographic quotes are not JSON; use plain quotes"
        }
        _ if starts(&["\u{ff1a}", "\u{ff0c}", "\u{a0}", "\u{3000}"]) => {
            "; full-width punctuation or a no-break space is not JSON"
        }
        _ if starts(&FOREIGN_WORDS) => "; JSON has only true, false and null",
        Some(b'/' | b'#') => "; JSON has no comments",
        Some(b'\n' | b'\r') if message.starts_with("a control character") => "; a line break in a text is written \\n",
        Some(byte) if message.starts_with("key must be") && (byte.is_ascii_alphabetic() || *byte == b'_') => {
            "; names and texts need double quotes"
        }
        _ => "",
    };
    format!("the body is not JSON: {message} at line {line} column {column}{hint}")
}

fn trailing_blanks(body: &[u8]) -> usize {
    body.len() - body.trim_ascii_end().len()
}

/// Returns the line and column of a position, starting at 1, in characters. A byte order mark does not count.
fn position(body: &[u8], place: usize) -> (usize, usize) {
    let before = body.get(..place).unwrap_or(body);
    let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
    let begin = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |n| n + 1);
    let own = &before[begin..];
    let own = own.strip_prefix(b"\xef\xbb\xbf").unwrap_or(own);
    (line, 1 + String::from_utf8_lossy(own).chars().count())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_names_the_detected_format_and_the_position() {
        let why = |body: &[u8]| {
            let text = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body).trim_ascii();
            let error = serde_json::from_slice::<serde_json::Value>(text).err();
            reason(body, ("application/json", ""), true, error.as_ref())
        };
        for (body, words) in [
            (&b"{\"a\":1,}"[..], "trailing comma at line 1 column 8"),
            (b"{'a':1}", "at line 1 column 2; names and texts need double quotes"),
            (b"{\n  \"a\": 1 // note\n}", "at line 2 column 10; JSON has no comments"),
            (b"{\"a\":1", "EOF while parsing an object at line 1 column 6"),
            (b"\n\n  {\"a\":1,}\n", "trailing comma at line 3 column 10"),
            (b"\xef\xbb\xbf{\"a\":1,}", "trailing comma at line 1 column 8"),
            ("{\"a\":\"코트\",}".as_bytes(), "trailing comma at line 1 column 11"),
            ("{\u{201c}a\u{201d}:1}".as_bytes(), "at line 1 column 2; typographic quotes"),
            ("{\"a\":\u{201c}b\u{201d}}".as_bytes(), "at line 1 column 6; typographic quotes"),
            ("{\"a\"\u{ff1a}1}".as_bytes(), "at line 1 column 5; full-width punctuation"),
            (b"{a:1}", "at line 1 column 2; names and texts need double quotes"),
            (b"{\"a\":True}", "at line 1 column 6; JSON has only true, false and null"),
            (b"{\"a\":NaN}", "at line 1 column 6; JSON has only true"),
            (b"{\"a\":\"x\ny\"}", "at line 1 column 8; a line break in a text is written \\n"),
            (b"\xff\xfe{\0", "UTF-16"),
            (b"{\0\"\0", "UTF-16"),
            (b"{\"a\":\"\xb0\xa1\"}", "not UTF-8: byte 6 is 0xb0"),
            (b"\x1f\x8b\x08", "compressed (gzip)"),
            (b"--x\r\ncontent-disposition: form-data", "multipart"),
            (b"  ", "empty"),
            (b"[1]", "a list"),
            (b"\"{}\"", "a text in quotes"),
            (b"<a/>", "XML"),
            (b"a=%b0%a1", "percent-encoded character"),
            (b"hello", "plain text"),
        ] {
            assert!(why(body).contains(words), "{}", why(body));
            assert!(why(body).chars().count() <= 120, "{}", why(body));
        }
        assert!(reason(b"\x1b\x03\xf8", ("", "br"), true, None).contains("compressed (br)"));
        // A declared encoding alone does not mean that the body is compressed.
        let error = serde_json::from_str::<serde_json::Value>("{\"a\":1,}").err();
        assert!(reason(b"{\"a\":1,}", ("", "gzip"), true, error.as_ref()).contains("trailing comma"));
        assert!(reason(b"x", ("multipart/form-data; boundary=x", ""), false, None).contains("multipart"));
        assert!(reason(b"a=1", ("", ""), false, None).contains("the body is a form; expected a JSON object in UTF-8"));
    }
}
