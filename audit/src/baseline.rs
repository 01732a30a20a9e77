//! Compares a page with an older copy of the page. The spec only helps to name sections and lists of values.
//!
//! Facts are compared one by one. In prose, only words such as numbers, signs and identifiers are compared, so that a
//! reworded sentence is not reported.

use super::ReadPage;
use super::block::tidy;
use super::expected::Expected;
use super::facts::{self, Stated};
use super::page::{Fact, Page};
use super::report::{Count, Difference, Report, Side};
use std::collections::BTreeMap;

/// Compares a page with an older copy. `old` and `new` are the names of the two copies in the report.
pub(crate) fn compare(before: &ReadPage, after: &ReadPage, known: Option<&Expected>, old: &str, new: &str) -> Report {
    let of = |read: &ReadPage| facts::of(&read.page, known.map(|expected| (expected, read.language)));
    let (was, is) = (of(before), of(after));
    let mut differences = changes(&was, &is);
    differences.extend(changed_prose(&before.page, &after.page, known, &was, &is));
    differences.sort_by_key(|found| found.line.unwrap_or(usize::MAX));
    let mut counts: Vec<Count> = Vec::new();
    for fact in &is {
        match counts.iter_mut().find(|count| count.kind == fact.what) {
            Some(count) => count.read += 1,
            None => counts.push(Count { kind: fact.what, read: 1, ..Count::default() }),
        }
    }
    Report {
        api: known.map(|expected| expected.api.clone()).unwrap_or_default(),
        page: new.to_owned(),
        against: Some(old.to_owned()),
        language: after.language.code(),
        notes: Vec::new(),
        counts,
        differences,
    }
}

fn difference(side: Side, about: &str, what: &'static str) -> Difference {
    Difference {
        side,
        about: about.to_owned(),
        what,
        page: None,
        spec: None,
        line: None,
        at: None,
        suggestion: None,
        hint: None,
        explained: None,
    }
}

type FactKey<'a> = (&'a str, &'static str);

fn by_key(facts: &[Stated]) -> BTreeMap<FactKey<'_>, Vec<&Stated>> {
    let mut found: BTreeMap<FactKey<'_>, Vec<&Stated>> = BTreeMap::new();
    for fact in facts {
        found.entry((&fact.about, fact.what)).or_default().push(fact);
    }
    found
}

fn changes(was: &[Stated], is: &[Stated]) -> Vec<Difference> {
    let (old, new) = (by_key(was), by_key(is));
    let has_row = |of: &BTreeMap<FactKey<'_>, Vec<&Stated>>, about: &str| of.contains_key(&(about, "row"));
    // Facts of an added or removed row are not reported separately.
    let whole = |about: &str, what: &str| {
        // The name of a row may contain blanks. In the subject of a value's name, the value follows after a blank. The
        // longest name of a row counts, because the row `cardNo or billNo` is no part of the row `cardNo`.
        let ends = [about.len()].into_iter().chain(about.rmatch_indices(' ').map(|(end, _)| end));
        let mut rows = ends.map(|end| &about[..end]).map(|row| (has_row(&old, row), has_row(&new, row)));
        what != "row" && rows.find(|(old, new)| *old || *new).is_some_and(|(old, new)| old != new)
    };
    let mut found = Vec::new();
    for ((about, what), now) in &new {
        if whole(about, what) {
            continue;
        }
        let before = old.get(&(*about, *what)).map(Vec::as_slice).unwrap_or_default();
        pair_up(about, what, before, now, &mut found);
    }
    for ((about, what), before) in &old {
        if !new.contains_key(&(*about, *what)) && !whole(about, what) {
            pair_up(about, what, before, &[], &mut found);
        }
    }
    merge_rows(found, &old, &new)
}

/// Compares the old and the new facts of one kind about one subject. A fact that only one of the lists contains was
/// added, removed or changed.
fn pair_up(about: &str, what: &'static str, before: &[&Stated], now: &[&Stated], found: &mut Vec<Difference>) {
    let mut removed: Vec<&&Stated> = before.iter().collect();
    let mut added: Vec<&&Stated> = Vec::new();
    for fact in now {
        match removed.iter().position(|old| old.value == fact.value) {
            Some(n) => drop(removed.remove(n)),
            None => added.push(fact),
        }
    }
    let several = matches!(what, "value" | "status" | "table row" | "version" | "request");
    let mut added = added.into_iter();
    let mut removed = removed.into_iter();
    loop {
        match (added.next(), removed.next()) {
            (Some(new), Some(old)) if !several => {
                let mut changed = difference(Side::Both, about, what);
                (changed.page, changed.spec) = (Some(new.value.clone()), Some(old.value.clone()));
                (changed.line, changed.at) = (Some(new.line), Some(format!("line {}", old.line)));
                found.push(changed);
            }
            (new, old) => {
                if new.is_none() && old.is_none() {
                    return;
                }
                if let Some(new) = new {
                    let mut changed = difference(Side::Page, about, what);
                    (changed.page, changed.line) = (Some(new.value.clone()), Some(new.line));
                    found.push(changed);
                }
                if let Some(old) = old {
                    let mut changed = difference(Side::Spec, about, what);
                    (changed.spec, changed.at) = (Some(old.value.clone()), Some(format!("line {}", old.line)));
                    found.push(changed);
                }
            }
        }
    }
}

/// Describes each added or removed row by the type and limit of the row, and by the word `mandatory` if the row is
/// mandatory. A row without any of these is described by its name.
fn merge_rows(
    found: Vec<Difference>,
    old: &BTreeMap<FactKey<'_>, Vec<&Stated>>,
    new: &BTreeMap<FactKey<'_>, Vec<&Stated>>,
) -> Vec<Difference> {
    let summary = |of: &BTreeMap<FactKey<'_>, Vec<&Stated>>, about: &str| {
        let part =
            |what: &'static str| of.get(&(about, what)).and_then(|facts| facts.first()).map(|fact| fact.value.clone());
        let limit = part("limit").map(|limit| format!("max {limit}"));
        let requirement = part("requirement").filter(|requirement| requirement == "mandatory");
        let parts: Vec<String> = [part("type"), requirement, limit].into_iter().flatten().collect();
        if parts.is_empty() { part("row").unwrap_or_default() } else { parts.join(", ") }
    };
    found
        .into_iter()
        .map(|mut found| {
            if found.what == "row" {
                match found.side {
                    Side::Page => found.page = Some(summary(new, &found.about)),
                    _ => found.spec = Some(summary(old, &found.about)),
                }
            }
            found
        })
        .collect()
}

/// Maps each subject to the words that are compared in the prose about the subject. Each word has its line number.
type Prose = BTreeMap<String, Vec<(String, usize)>>;

fn prose(page: &Page, known: Option<&Expected>) -> Prose {
    let pairs = known.map(|expected| super::compare::pair(page, expected));
    let mut found = Prose::new();
    for (n, section) in page.sections.iter().enumerate() {
        let owner = pairs.as_ref().and_then(|pairs| pairs[n]).and_then(|wanted| wanted.owners.first());
        let name = owner.map_or_else(|| facts::name_of(section), |owner| owner.id.clone());
        let of_message = owner.is_some_and(|owner| owner.callback);
        let mut of_rows: Vec<usize> = Vec::new();
        for row in &section.rows {
            of_rows.push(row.line);
            of_rows.extend(row.text.iter().map(|fact| fact.line));
            add(found.entry(facts::about(&name, of_message, row, 1)).or_default(), &row.text);
        }
        let rest: Vec<Fact> = section.text.iter().filter(|fact| !of_rows.contains(&fact.line)).cloned().collect();
        add(found.entry(name).or_default(), &rest);
    }
    found
}

fn add(found: &mut Vec<(String, usize)>, text: &[Fact]) {
    for fact in text {
        let words = tidy(&fact.text);
        let words: Vec<&str> = words.split_whitespace().collect();
        for (n, word) in words.iter().enumerate() {
            let bare = word.trim_matches(|c: char| "'.,;:()[]!?*".contains(c));
            if !is_compared(bare) {
                continue;
            }
            // A number is reported with the preceding word, as in `Safari 7`.
            let number = bare.bytes().all(|b| b.is_ascii_digit() || b == b'.' || b == b',');
            let before = n.checked_sub(1).map(|n| words[n].trim_matches(|c: char| "'.,;:()[]!?*".contains(c)));
            match before.filter(|before| number && !before.is_empty()) {
                Some(before) => found.push((format!("{before} {bare}"), fact.line)),
                None => found.push((bare.to_owned(), fact.line)),
            }
        }
    }
}

/// Returns `true` if a word of prose is compared. Such a word has a digit, is an identifier such as `order_no` or
/// `orderNo`, is a literal such as `true`, or consists of at least three ASCII signs.
fn is_compared(word: &str) -> bool {
    if word.is_empty() {
        return false;
    }
    let ascii: String = word.chars().take_while(char::is_ascii).collect();
    let mixed = ascii.chars().any(|c| c.is_ascii_lowercase()) && ascii.chars().skip(1).any(|c| c.is_ascii_uppercase());
    let signs = word.chars().count() > 2 && word.chars().all(|c| !c.is_alphanumeric() && c.is_ascii());
    word.chars().any(|c| c.is_ascii_digit())
        || ascii.contains('_')
        || mixed && ascii.len() > 3
        || matches!(ascii.as_str(), "true" | "false" | "null")
        || signs
}

fn changed_prose(old: &Page, new: &Page, known: Option<&Expected>, was: &[Stated], is: &[Stated]) -> Vec<Difference> {
    let (before, after) = (prose(old, known), prose(new, known));
    let mut found = Vec::new();
    for (about, now) in &after {
        let Some(then) = before.get(about) else { continue };
        // A word that is also the value of a fact is already compared as a fact.
        let fact = |word: &str, facts: &[Stated]| {
            let last = word.rsplit(' ').next().unwrap_or(word);
            // The fields of a section follow after a point. Further rows with the name of a row have a number, and
            // the values of a row follow after a blank.
            let is_row = facts.iter().any(|fact| fact.about == *about && fact.what == "row");
            let inside: &[char] = if is_row { &['#', ' '] } else { &['.'] };
            let is_inside = |subject: &str| {
                subject.strip_prefix(about.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with(inside))
            };
            facts.iter().any(|fact| is_inside(&fact.about) && (fact.value == word || fact.value == last))
        };
        let count = |of: &[(String, usize)], word: &str| of.iter().filter(|(known, _)| known == word).count();
        let added: Vec<&(String, usize)> =
            now.iter().filter(|(word, _)| count(now, word) > count(then, word) && !fact(word, is)).collect();
        let removed: Vec<&(String, usize)> =
            then.iter().filter(|(word, _)| count(then, word) > count(now, word) && !fact(word, was)).collect();
        if added.is_empty() && removed.is_empty() {
            continue;
        }
        let listed = |of: &[&(String, usize)]| {
            let mut words: Vec<&str> = Vec::new();
            for (word, _) in of {
                if !words.contains(&word.as_str()) {
                    words.push(word);
                }
            }
            (!words.is_empty()).then(|| words.join(", "))
        };
        let mut changed = difference(Side::Both, about, "statement");
        (changed.page, changed.spec) = (listed(&added), listed(&removed));
        changed.line = added.first().map(|(_, line)| *line);
        changed.at = removed.first().map(|(_, line)| format!("line {line}"));
        changed.hint = Some("numbers or identifiers in the text changed; read the page at this line".into());
        changed.side = match (&changed.page, &changed.spec) {
            (Some(_), None) => Side::Page,
            (None, Some(_)) => Side::Spec,
            _ => Side::Both,
        };
        found.push(changed);
    }
    found
}
