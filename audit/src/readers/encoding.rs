//! Decodes a file. Tries the encoding of the byte order mark first, then UTF-16, UTF-8, the declared encoding and
//! EUC-KR.

use encoding_rs::{EUC_KR, Encoding, UTF_8, UTF_16BE, UTF_16LE};

/// Number of bytes at the start of a file in which a declaration is searched for.
const DECLARED_WITHIN: usize = 4 * 1024;

/// Decodes the text of a file. `header` is the encoding that a header outside of the text declares. The error message
/// states what was expected and what was found.
pub(crate) fn decode(bytes: &[u8], header: Option<&str>) -> Result<String, String> {
    if bytes.starts_with(&[0xff, 0xfe, 0, 0]) || bytes.starts_with(&[0, 0, 0xfe, 0xff]) {
        return Err("expected text in UTF-8 or UTF-16, found UTF-32; save the page in UTF-8".into());
    }
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        return strictly(&bytes[mark..], encoding, "the byte order mark");
    }
    if let Some(encoding) = utf_16(bytes) {
        return strictly(bytes, encoding, "the zero bytes of the text");
    }
    // UTF-8 is tried before the declaration, because a browser saves a page in UTF-8, but may keep the original
    // declaration of the page.
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Ok(text.to_owned());
    }
    let declared = header.map(str::to_owned).or_else(|| declared(bytes));
    match declared {
        Some(label) => match Encoding::for_label_no_replacement(label.as_bytes()) {
            // A wrong declaration of UTF-8 is ignored.
            Some(encoding) if encoding == UTF_8 => undeclared(bytes, "the page declares UTF-8"),
            Some(encoding) => strictly(bytes, encoding, "the declared encoding"),
            None => Err(format!("expected a known encoding, found the declaration `{label}`; save the page in UTF-8")),
        },
        None => undeclared(bytes, "the page declares no encoding"),
    }
}

fn strictly(bytes: &[u8], encoding: &'static Encoding, by: &str) -> Result<String, String> {
    match encoding.decode_without_bom_handling_and_without_replacement(bytes) {
        Some(text) => Ok(text.into_owned()),
        None => Err(format!(
            "expected text in {}, according to {by}, found invalid bytes; save the page in UTF-8",
            encoding.name()
        )),
    }
}

/// Decodes a file without a usable declaration as EUC-KR, including the additional characters of CP949. At least half
/// of the characters outside of ASCII must then be Korean.
fn undeclared(bytes: &[u8], why: &str) -> Result<String, String> {
    let korean = |text: &str| {
        let hangul = text.chars().filter(|c| ('가'..='힣').contains(c)).count();
        let foreign = text.chars().filter(|c| !c.is_ascii() && !('가'..='힣').contains(c)).count();
        hangul > 0 && hangul >= foreign
    };
    if let Some(text) = EUC_KR.decode_without_bom_handling_and_without_replacement(bytes)
        && korean(&text)
    {
        return Ok(text.into_owned());
    }
    let at = std::str::from_utf8(bytes).err().map_or(0, |error| error.valid_up_to());
    Err(format!(
        "expected text in UTF-8 or EUC-KR, found byte 0x{:02x} at offset {at} ({why}); save the page in UTF-8",
        bytes.get(at).copied().unwrap_or_default()
    ))
}

/// Detects UTF-16 without a byte order mark. Markup is mostly ASCII, so most of its characters have a zero byte in
/// UTF-16.
fn utf_16(bytes: &[u8]) -> Option<&'static Encoding> {
    let start = bytes.get(..64.min(bytes.len()) & !1).filter(|start| start.len() >= 8)?;
    let zeros = |offset: usize| start.iter().skip(offset).step_by(2).filter(|byte| **byte == 0).count();
    let most = start.len() / 2 * 3 / 4;
    match (zeros(0), zeros(1)) {
        (0, odd) if odd >= most => Some(UTF_16LE),
        (even, 0) if even >= most => Some(UTF_16BE),
        _ => None,
    }
}

/// Returns the declared encoding: `<meta charset="euc-kr">`, `<?xml encoding="…"?>`, `@charset`.
fn declared(bytes: &[u8]) -> Option<String> {
    let start = String::from_utf8_lossy(&bytes[..bytes.len().min(DECLARED_WITHIN)]).to_ascii_lowercase();
    let mut rest = start.as_str();
    while let Some(at) = rest.find("charset").or_else(|| rest.find("encoding")) {
        let word = if rest[at..].starts_with("charset") { "charset" } else { "encoding" };
        rest = &rest[at + word.len()..];
        let value = rest.trim_start().strip_prefix('=').map(|value| value.trim_start().trim_start_matches(['"', '\'']));
        if let Some(value) = value {
            let end = value.find(|c: char| !c.is_ascii_alphanumeric() && !"-_:.".contains(c)).unwrap_or(value.len());
            if end > 0 {
                return Some(value[..end].to_owned());
            }
        }
    }
    None
}
