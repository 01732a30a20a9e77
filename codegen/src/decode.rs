//! Decoding of spec files. If a file is not UTF-8, the error names its probable encoding, which is hard to guess from
//! garbled letters.

use std::ops::Range;

/// Problem of a file that is not UTF-8.
#[derive(Debug, Clone)]
pub struct Undecoded {
    /// Description of the problem. If the encoding can be guessed, the description names it.
    pub what: String,
    /// Position in the decoded text: the replacement character U+FFFD of the first invalid byte, or the start of the
    /// text if the file is UTF-16 or UTF-32.
    pub at: Range<usize>,
    /// Hint that describes the correction.
    pub hint: String,
}

/// Returns the hint for a file. `iconv` is the name of the file's encoding for the program `iconv`, if the encoding is
/// known.
fn hint(iconv: Option<&str>) -> String {
    match iconv {
        Some(name) => format!("save the file as UTF-8; `iconv -f {name} -t UTF-8` does that"),
        None => "save the file as UTF-8 in an editor that displays its letters correctly".into(),
    }
}

/// Decodes a file, and removes a byte order mark. If the file is not UTF-8, the text has U+FFFD in place of invalid
/// bytes, and the problem is returned too.
pub(crate) fn decode(bytes: Vec<u8>) -> (String, Option<Undecoded>) {
    if let Some((name, unit)) = wide(&bytes) {
        // An approximate text suffices, because diagnostics show only its start.
        let text: String =
            bytes.chunks(unit).map(|unit| unit.iter().find(|b| **b != 0 && **b < 0x80)).map(letter).collect();
        let what = format!("this file is {name}, not UTF-8");
        return (text, Some(Undecoded { what, at: 0..0, hint: hint(Some(name)) }));
    }
    let error = match String::from_utf8(bytes) {
        Ok(text) => return (text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text), None),
        Err(error) => error,
    };
    let from = error.utf8_error().valid_up_to();
    let (undecodable, is_mixed) = undecodable_lines(error.as_bytes());
    let legacy = legacy(&undecodable);
    let guess = legacy.map_or(String::new(), |(name, _)| format!("; the encoding may be {name}"));
    let byte = error.as_bytes().get(from).copied().unwrap_or_default();
    let what = format!("this file is not UTF-8: invalid byte 0x{byte:02X}{guess}");
    let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
    // A byte order mark is not part of the text.
    let (text, from) = match text.strip_prefix('\u{feff}') {
        Some(rest) => (rest.to_owned(), from.saturating_sub(3)),
        None => (text, from),
    };
    let at = from..from + char::REPLACEMENT_CHARACTER.len_utf8();
    let hint = if is_mixed {
        "other lines of the file are UTF-8 and a conversion would damage them; retype the text of this line".into()
    } else {
        hint(legacy.map(|(_, iconv)| iconv))
    };
    (text, Some(Undecoded { what, at, hint }))
}

fn letter(byte: Option<&u8>) -> char {
    byte.map_or(char::REPLACEMENT_CHARACTER, |byte| char::from(*byte))
}

/// Returns `UTF-16` or `UTF-32` and the number of bytes of a code unit, if the file has this encoding. A byte order
/// mark shows the encoding. Without a mark, the file counts as UTF-16 if every second byte among its first 64 bytes is
/// zero. In UTF-16, every second byte of a text in Latin letters is zero.
fn wide(bytes: &[u8]) -> Option<(&'static str, usize)> {
    let zeros = |from: usize| {
        let mut some = bytes.iter().take(64).skip(from).step_by(2).peekable();
        some.peek().is_some() && some.all(|byte| *byte == 0)
    };
    match bytes {
        [0xFF, 0xFE, 0, 0, ..] | [0, 0, 0xFE, 0xFF, ..] => Some(("UTF-32", 4)),
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => Some(("UTF-16", 2)),
        [_, _, ..] if zeros(0) || zeros(1) => Some(("UTF-16", 2)),
        _ => None,
    }
}

/// Returns the lines that are not UTF-8, and whether other lines contain non-ASCII characters in UTF-8. Only the
/// invalid lines are used to guess the other encoding, because text from an old file may have been pasted into a UTF-8
/// file.
fn undecodable_lines(bytes: &[u8]) -> (Vec<u8>, bool) {
    let lines = bytes.split_inclusive(|byte| *byte == b'\n');
    let (good, bad): (Vec<&[u8]>, Vec<&[u8]>) = lines.partition(|line| std::str::from_utf8(line).is_ok());
    (bad.concat(), good.iter().any(|line| !line.is_ascii()))
}

/// Returns the most probable encoding with one or two bytes per character, and its name for the program `iconv`. `None`
/// if no encoding is probable.
fn legacy(bytes: &[u8]) -> Option<(&'static str, &'static str)> {
    let (mut pairs, mut hangul, mut at) = (0, 0, 0);
    while let Some(lead) = bytes.get(at) {
        at += 1;
        if *lead < 0x80 {
            continue;
        }
        match bytes.get(at) {
            Some(0x41..=0x5A | 0x61..=0x7A | 0x81..=0xFE) if (0x81..=0xFE).contains(lead) => {
                pairs += 1;
                // Bytes of the 2,350 common Korean syllables.
                hangul += usize::from((0xB0..=0xC8).contains(lead) && bytes[at] >= 0xA1);
                at += 1;
            }
            _ => return Some(("Latin-1 (Windows-1252)", "WINDOWS-1252")),
        }
    }
    match () {
        () if pairs > 0 && hangul * 2 >= pairs => Some(("EUC-KR (CP949)", "CP949")),
        () => None,
    }
}
