//! Searches a text for page words. These are words of a rule on the page, and the spec lists them under `page_words:`.
//! The wording around them may change.

use super::block::tidy;

/// Number of words of the text among which the word after a `…` is searched for.
const WIDEST_GAP: usize = 12;

/// Returns the indexes of the entries of `wanted` that the text does not contain. An entry that is listed twice must
/// occur twice. In an entry, a separate `…` matches a few other words, or none.
pub(crate) fn missing<'a>(wanted: impl IntoIterator<Item = &'a str>, text: &str) -> Vec<usize> {
    let mut wanted = wanted.into_iter().peekable();
    if wanted.peek().is_none() {
        return Vec::new();
    }
    let text = tidy(text);
    let tokens: Vec<PageToken> = tokens(&text).collect();
    let mut taken = vec![false; tokens.len()];
    let mut missing = Vec::new();
    for (n, words) in wanted.enumerate() {
        let words = tidy(words);
        let key: Vec<PageToken> = self::tokens(&words).collect();
        match (0..tokens.len()).find_map(|at| fit(&key, &tokens, &taken, at)) {
            Some(found) => found.into_iter().for_each(|at| taken[at] = true),
            None => missing.push(n),
        }
    }
    missing
}

/// Returns the positions of all words of the entry `key` if the entry begins at the position `at`.
fn fit(key: &[PageToken<'_>], tokens: &[PageToken<'_>], taken: &[bool], at: usize) -> Option<Vec<usize>> {
    let mut found = Vec::new();
    let mut at = at;
    let mut gap = false;
    for word in key {
        if word.raw == "…" && key.len() > 1 {
            gap = true;
            continue;
        }
        let last =
            if std::mem::take(&mut gap) { (at + WIDEST_GAP).min(tokens.len()) } else { (at + 1).min(tokens.len()) };
        let place = (at..last).find(|at| !taken[*at] && word.is(&tokens[*at]))?;
        found.push(place);
        at = place + 1;
    }
    (!found.is_empty()).then_some(found)
}

/// A word in several forms, so that comparisons can ignore quotation marks, punctuation, case and plural.
struct PageToken<'a> {
    raw: &'a str,
    unquoted: &'a str,
    /// The word without punctuation at its end and without quotation marks. Punctuation inside the quotation marks
    /// stays.
    ended: &'a str,
    /// The word in lower case, without surrounding punctuation and without the `s` of an English plural.
    bare: String,
    /// Set if the word has neither letters nor digits.
    signs: bool,
}

impl PageToken<'_> {
    /// Returns `true` if a word on the page matches this word.
    fn is(&self, page: &PageToken<'_>) -> bool {
        if let Some(start) = self.raw.strip_suffix('…') {
            return page.raw.starts_with(start) || page.unquoted.starts_with(start);
        }
        // A particle may follow a Korean word without a blank.
        if self.bare.starts_with(is_eastern) {
            return page.bare.starts_with(&self.bare);
        }
        // A word that consists only of signs must match exactly.
        let same_signs = || [page.raw, page.unquoted, page.ended].contains(&self.raw);
        if self.signs { same_signs() } else { self.bare == page.bare || same_signs() }
    }
}

fn tokens(text: &str) -> impl Iterator<Item = PageToken<'_>> {
    text.split_whitespace().flat_map(split_unit).flat_map(split_scripts).map(|raw| {
        let unquoted = raw.trim_matches('\'');
        let ended = raw.trim_end_matches(['.', ',', ';']).trim_matches('\'');
        let bare = raw.trim_matches(|c: char| "'.,;:()[]!?*".contains(c)).to_lowercase();
        let plural = bare.len() > 3 && bare.ends_with('s') && !bare.ends_with("ss") && bare.is_ascii();
        let bare = if plural { bare[..bare.len() - 1].to_owned() } else { bare };
        PageToken { raw, unquoted, ended, signs: !raw.contains(char::is_alphanumeric), bare }
    })
}

/// Returns `true` for Korean, Japanese and Chinese characters. In these languages, words or particles follow each other
/// without a blank.
fn is_eastern(c: char) -> bool {
    matches!(c, '가'..='힣' | '\u{3041}'..='\u{30ff}' | '\u{4e00}'..='\u{9fff}')
}

/// Splits a word where its script changes: `50자` and `true로` become two words each.
fn split_scripts(word: &str) -> Vec<&str> {
    if word.is_ascii() {
        return vec![word];
    }
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut before = None;
    for (at, c) in word.char_indices() {
        if before.is_some_and(|before| before != is_eastern(c)) {
            pieces.push(&word[start..at]);
            start = at;
        }
        before = Some(is_eastern(c));
    }
    pieces.push(&word[start..]);
    pieces
}

/// Splits a number from its unit: `60-minute` becomes two words.
fn split_unit(word: &str) -> Vec<&str> {
    match word.split_once('-') {
        Some((number, unit))
            if !number.is_empty()
                && number.bytes().all(|b| b.is_ascii_digit())
                && unit.starts_with(|c: char| c.is_ascii_alphabetic()) =>
        {
            vec![number, unit]
        }
        _ => vec![word],
    }
}
