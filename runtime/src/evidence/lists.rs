//! Evidence in lists. Generated code compares a member of every entry, or finds the entries that belong to a request.
//! Decoding skips entries that cannot be read, so the entries of the received reply are counted too.

use super::Mismatch;
use crate::decode::envelope::as_tree;
use crate::raw::Raw;
use serde_json::Value;

/// Returns the values of a member in the entries of a list. If there are no values, returns a single `None`, so
/// that the member counts as absent.
pub fn each<'a, E: 'a, T: 'a>(
    entries: impl Iterator<Item = &'a E>,
    member: impl Fn(&'a E) -> Vec<Option<&'a T>>,
) -> Vec<Option<&'a T>> {
    let found: Vec<_> = entries.flat_map(member).collect();
    if found.is_empty() { vec![None] } else { found }
}

/// Returns the members that [`each`] has found, if no entry was skipped while reading. Without a `tree`, entries are
/// not counted.
///
/// # Errors
///
/// Returns the mismatch if an entry could not be read. `path` is the location of the member in the reply; `[]` means
/// the entries of a list.
pub fn whole<'a, T>(
    name: &'static str,
    tree: impl Into<Option<&'a Value>>,
    path: &[&str],
    found: Vec<T>,
) -> Result<Vec<T>, Mismatch> {
    match tree.into() {
        Some(tree) if received_members(Some(tree), path) != Some(found.len()) => Err(Mismatch::Absent(name)),
        _ => Ok(found),
    }
}

/// Returns the number of members that a reply has at this location, or `None` if decoding did not read all of them. A
/// list without entries counts as one member.
fn received_members(value: Option<&Value>, path: &[&str]) -> Option<usize> {
    let Some((name, inner)) = path.split_first() else { return Some(1) };
    match (*name, value) {
        ("[]", Some(Value::Array(entries))) => {
            let inside = entries.iter().map(|entry| received_members(Some(entry), inner));
            Some(inside.sum::<Option<usize>>()?.max(1))
        }
        ("[]", value @ Some(Value::Object(_))) => received_members(value, inner),
        ("[]", _) => Some(1),
        (_, Some(Value::Array(entries))) => match entries.as_slice() {
            [entry] => received_members(Some(entry), path),
            [] => Some(1),
            // If the reply has several objects where the documentation has one, only the first is read.
            _ => None,
        },
        (name, value) => received_members(value.and_then(|value| value.get(name)), inner),
    }
}

/// Returns the state if all entries have the same state. Otherwise returns an empty text.
pub fn agreed<'a>(mut states: impl Iterator<Item = Option<&'a str>>) -> &'a str {
    let first = states.next().flatten().unwrap_or_default();
    if states.all(|state| state == Some(first)) { first } else { "" }
}

/// Combines the comparisons of one entry. The entry differs if one member differs. It is equal only if all members are
/// equal.
pub fn all_same(members: &[Option<bool>]) -> Option<bool> {
    if members.contains(&Some(false)) {
        Some(false)
    } else if members.contains(&None) {
        None
    } else {
        Some(true)
    }
}

/// Returns the state that a list shows about a request.
///
/// The state is `unreadable` if an entry was skipped while reading. Otherwise it is `match` if an entry belongs to the
/// request. If none does, it is `unreadable` if an entry is unclear, `others` if each entry certainly belongs to
/// another request, and `empty` for an empty list.
///
/// `path` is the location of the list in the body. It is needed to count the received entries.
pub fn entry_state<'a, T: 'a>(
    raw: &Raw,
    path: &[&str],
    entries: impl ExactSizeIterator<Item = &'a T>,
    same: impl Fn(&T, &Value) -> Option<bool>,
) -> &'static str {
    let Some(list) = received(raw, path, entries.len()) else { return "unreadable" };
    let mut word = if list.is_empty() { "empty" } else { "others" };
    for (entry, raw) in entries.zip(&list) {
        match same(entry, raw) {
            Some(true) => return "match",
            Some(false) => {}
            None => word = "unreadable",
        }
    }
    word
}

/// Returns the state that a list shows about a request. `word` is the result of [`entry_state`]. The state is
/// `reversed` instead of `match` if an entry reverses the effect. It is `unreadable` if an entry may reverse the
/// effect, or if an entry reverses it but the request's own entry is not found. Otherwise it is `word`.
pub fn reversed_state<'a, T: 'a>(
    word: &'static str,
    raw: &Raw,
    path: &[&str],
    entries: impl ExactSizeIterator<Item = &'a T>,
    is_reversal: impl Fn(&T, &Value) -> Option<bool>,
) -> &'static str {
    match (entry_state(raw, path, entries, is_reversal), word) {
        ("match", "match") => "reversed",
        ("empty" | "others", word) => word,
        _ => "unreadable",
    }
}

/// Compares members that do not identify an entry. Only the entries that certainly belong to the request are compared.
///
/// # Errors
///
/// Returns the first mismatch of an entry that certainly belongs to the request.
pub fn bind_entries<'a, T: 'a>(
    raw: &Raw,
    path: &[&str],
    entries: impl ExactSizeIterator<Item = &'a T>,
    same: impl Fn(&T, &Value) -> Option<bool>,
    bind: impl Fn(&T, &Value) -> Result<(), Mismatch>,
) -> Result<(), Mismatch> {
    let list = received(raw, path, entries.len()).unwrap_or_default();
    let mut own = entries.zip(&list).filter(|(entry, raw)| same(entry, raw) == Some(true));
    own.try_for_each(|(entry, raw)| bind(entry, raw))
}

/// Returns the entries of a list as received, or `None` if an entry was skipped while reading.
fn received(raw: &Raw, path: &[&str], read: usize) -> Option<Vec<Value>> {
    // `as_tree` parses the same repaired text as the decoder. It may differ from the received bytes.
    let mut body = as_tree(raw.body());
    let list = path.iter().try_fold(&mut body, |value, name| value.get_mut(name))?.take();
    match list {
        Value::Array(list) if list.len() == read => Some(list),
        _ => None,
    }
}
