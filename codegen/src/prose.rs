//! Conversion of a spec's prose to Markdown for rustdoc.

/// Converts a text to a sentence for rustdoc. White space is folded to single blanks, and Markdown is escaped. A full
/// stop is added unless the text is empty or ends with `.`, `!`, `?`, `:` or `;`.
pub(crate) fn sentence(text: &str) -> String {
    let folded = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let ended = match folded.chars().last() {
        None => folded,
        Some('.' | '!' | '?' | ':' | ';') => folded,
        Some(_) => folded + ".",
    };
    escape(&ended)
}

/// Escapes characters that have a meaning in Markdown, except in text between two backticks, which is code. A bare URL
/// is put between backticks.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::new();
    let mut code = false;
    // If the number of backticks is odd, the last backtick is a plain character. If the text has adjacent backticks,
    // all backticks are plain characters.
    let pairs = !text.contains("``");
    let mut ticks = if pairs { text.matches('`').count() / 2 * 2 } else { 0 };
    for (n, word) in text.split(' ').enumerate() {
        if n > 0 {
            out.push(' ');
        }
        let bare = word.trim_start_matches('(');
        let is_url = bare.starts_with("https://") || bare.starts_with("http://");
        if !code && is_url && !bare.contains('`') {
            let open = &word[..word.len() - bare.len()];
            let url = bare.trim_end_matches(['.', ',', ')', ';', ':']);
            out.push_str(open);
            out.push('`');
            out.push_str(url);
            out.push('`');
            out.push_str(&bare[url.len()..]);
            continue;
        }
        for c in word.chars() {
            match c {
                '`' if ticks > 0 => {
                    ticks -= 1;
                    code = !code;
                    out.push(c);
                }
                '`' => out.push_str("\\`"),
                '[' | ']' | '<' | '>' | '*' | '_' | '\\' | '#' if !code => {
                    out.push('\\');
                    out.push(c);
                }
                _ => out.push(c),
            }
        }
    }
    out
}

/// Returns a sentence with a link to the readings of an operation or a callback in the reference. `None` if there are
/// no readings.
pub(crate) fn readings(id: &str, count: usize) -> Option<String> {
    let readings = match count {
        0 => return None,
        1 => "1 reading".to_owned(),
        count => format!("{count} readings"),
    };
    Some(format!("The page leaves questions open here: [{readings}](super::reference#{id})."))
}
