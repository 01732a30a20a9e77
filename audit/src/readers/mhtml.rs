//! Reads MHTML, the format in which browsers save a whole page as one file. An MHTML file is a message of several
//! parts. Only the first HTML part is read.

use super::encoding;

/// Largest depth of nested multipart messages.
const DEEPEST: usize = 4;

/// Returns `true` if a file is a message rather than a page.
pub(crate) fn is_message(bytes: &[u8]) -> bool {
    let start = String::from_utf8_lossy(&bytes[..bytes.len().min(2048)]).to_ascii_lowercase();
    let head = start.trim_start_matches('\u{feff}').trim_start();
    let first = head.lines().next().unwrap_or_default();
    let named = [
        "from:",
        "mime-version:",
        "subject:",
        "date:",
        "content-type:",
        "snapshot-content-location:",
        "message-id:",
        "x-",
    ];
    named.iter().any(|name| first.starts_with(name))
        && start.contains("mime-version:")
        && start.contains("content-type:")
}

/// Returns the first HTML part of a message.
pub(crate) fn html(bytes: &[u8]) -> Result<String, String> {
    find(bytes, 0)?.ok_or_else(|| "expected a part of the type `text/html`, found MHTML without one".to_owned())
}

struct MessagePart<'a> {
    headers: Vec<(String, String)>,
    body: &'a [u8],
}

impl MessagePart<'_> {
    fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }
}

fn find(bytes: &[u8], depth: usize) -> Result<Option<String>, String> {
    let part = split_head(bytes);
    let kind = part.header("content-type");
    let lower = kind.to_ascii_lowercase();
    if lower.starts_with("multipart/") && depth < DEEPEST {
        let Some(boundary) = parameter(kind, "boundary") else {
            return Err("expected a `boundary` in the header `Content-Type` of the MHTML message, found none".into());
        };
        for body in parts(part.body, boundary.as_bytes()) {
            if let Some(found) = find(body, depth + 1)? {
                return Ok(Some(found));
            }
        }
        return Ok(None);
    }
    if !lower.starts_with("text/html") && !lower.starts_with("application/xhtml") {
        return Ok(None);
    }
    let coding = part.header("content-transfer-encoding").trim().to_ascii_lowercase();
    let body = match coding.as_str() {
        "quoted-printable" => quoted_printable(part.body),
        "base64" => base64(part.body),
        "" | "7bit" | "8bit" | "binary" => part.body.to_vec(),
        other => return Err(format!("expected the transfer encoding quoted-printable or base64, found `{other}`")),
    };
    encoding::decode(&body, parameter(kind, "charset").as_deref()).map(Some)
}

/// Splits a part into its headers and its body. A line that begins with a blank continues a header.
fn split_head(bytes: &[u8]) -> MessagePart<'_> {
    let mut headers: Vec<(String, String)> = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let end = rest.iter().position(|byte| *byte == b'\n').map_or(rest.len(), |at| at + 1);
        let line = String::from_utf8_lossy(&rest[..end]).trim_end().to_owned();
        rest = &rest[end..];
        if line.trim().is_empty() {
            if headers.is_empty() {
                continue;
            }
            break;
        }
        match (line.starts_with([' ', '\t']), headers.last_mut(), line.split_once(':')) {
            (true, Some((_, value)), _) => {
                value.push(' ');
                value.push_str(line.trim());
            }
            (false, _, Some((name, value))) => {
                headers.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
            }
            _ => {}
        }
    }
    MessagePart { headers, body: rest }
}

fn parameter(value: &str, name: &str) -> Option<String> {
    value.split(';').skip(1).find_map(|parameter| {
        let (key, value) = parameter.split_once('=')?;
        key.trim().eq_ignore_ascii_case(name).then(|| value.trim().trim_matches('"').to_owned())
    })
}

fn parts<'a>(body: &'a [u8], boundary: &[u8]) -> Vec<&'a [u8]> {
    let mut found = Vec::new();
    let mut start = None;
    let mut at = 0;
    while at < body.len() {
        let end = body[at..].iter().position(|byte| *byte == b'\n').map_or(body.len(), |n| at + n + 1);
        let line = &body[at..end];
        if line.strip_prefix(b"--").is_some_and(|line| line.starts_with(boundary)) {
            if let Some(start) = start {
                found.push(&body[start..at]);
            }
            start = Some(end);
        }
        at = end;
    }
    if let Some(start) = start.filter(|start| *start < body.len()) {
        found.push(&body[start..]);
    }
    found
}

fn quoted_printable(bytes: &[u8]) -> Vec<u8> {
    let digit = |byte: Option<&u8>| byte.and_then(|byte| (*byte as char).to_digit(16));
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] == b'=' {
            if let (Some(high), Some(low)) = (digit(bytes.get(at + 1)), digit(bytes.get(at + 2))) {
                out.push(u8::try_from(high * 16 + low).unwrap_or(b'?'));
                at += 3;
                continue;
            }
            // A `=` at the end of a line joins it with the next line.
            let end = bytes[at..].iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |n| at + n + 1);
            if bytes[at + 1..end].iter().all(u8::is_ascii_whitespace) {
                at = end;
                continue;
            }
        }
        out.push(bytes[at]);
        at += 1;
    }
    out
}

fn base64(bytes: &[u8]) -> Vec<u8> {
    let value = |byte: u8| match byte {
        b'A'..=b'Z' => Some(u32::from(byte - b'A')),
        b'a'..=b'z' => Some(u32::from(byte - b'a') + 26),
        b'0'..=b'9' => Some(u32::from(byte - b'0') + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    };
    let (mut out, mut bits, mut held) = (Vec::with_capacity(bytes.len() / 4 * 3), 0_u32, 0_u32);
    for sextet in bytes.iter().filter_map(|byte| value(*byte)) {
        bits = bits << 6 | sextet;
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push(u8::try_from(bits >> held & 0xff).unwrap_or_default());
        }
    }
    out
}
