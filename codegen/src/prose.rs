//! Sentences for rustdoc.

use crate::spec;

/// Trimmed, white space folded, with a full stop; safe for rustdoc's Markdown.
pub(crate) fn sentence(text: &str) -> String {
    let folded = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let ended = match folded.chars().last() {
        None => folded,
        Some('.' | '!' | '?' | ':' | ';') => folded,
        Some(_) => folded + ".",
    };
    escape(&ended)
}

/// Keeps rustdoc from reading brackets, angles and bare URLs as links or HTML. What stands between two backticks is code.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::new();
    let mut code = false;
    // The last one of an odd number, and all of a run, mean nothing: they are letters like any other.
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

/// Quirks as a list under a heading.
pub(crate) fn quirks<'a>(docs: &mut Vec<String>, quirks: impl Iterator<Item = &'a spec::Quirk>) {
    let mut lines: Vec<String> = quirks
        .map(|q| {
            let observed = if q.source == spec::Source::Observed { " (observed of the service)" } else { "" };
            let because = q.because.as_deref().map(|b| format!(" ({})", sentence(b).trim_end_matches('.')));
            format!(
                "- `{}`: the page says: {} We read: {}{observed}{}",
                q.at,
                sentence(&q.page_says),
                sentence(&q.we_read).trim_end_matches('.'),
                because.unwrap_or_default() + "."
            )
        })
        .collect();
    if !lines.is_empty() {
        docs.push("# Readings".into());
        docs.append(&mut lines);
    }
}
