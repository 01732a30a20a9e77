//! Lints of the keys that `audit` reads. Each entry of `page_words:` must have a word to search for. Each `as_printed:`
//! must explain a difference between page and spec.

use crate::analysis::{each_field, field_lists};
use crate::diagnostic::Diagnostics;
use crate::lint_registry::Lint;
use crate::resolved::{Api, Field, PlacedQuirk};
use crate::source::Place;
use crate::spec::{AsPrinted, Literal, PageWords, Source};

pub(super) fn lint(api: &Api, diagnostics: &mut Diagnostics) {
    let mut looked_for = |words: &PageWords, source: Source, at: &Place| page_words(words, source, at, diagnostics);
    for (_, fields) in field_lists(api) {
        each_field(fields, &mut |field| looked_for(&field.spec.page_words, field.spec.source, &field.place));
    }
    for definition in &api.enums {
        for (wire, value) in &definition.spec.values {
            looked_for(&value.page_words, value.source, &definition.place.at("values").at(wire));
        }
    }
    for note in &api.notes {
        looked_for(&note.spec.page_words, note.spec.source, &note.place);
    }
    for quirk in &api.quirks {
        if let Some(prints) = &quirk.spec.as_printed {
            printed(api, quirk, prints, diagnostics);
        }
    }
}

/// Checks that each entry has a word, and that facts with the source `public` or `observed` have no page words.
fn page_words(words: &PageWords, source: Source, at: &Place, diagnostics: &mut Diagnostics) {
    let place = at.at("page_words");
    for (of, list) in &words.lists {
        let place = of.key().map_or(place.clone(), |language| place.at(language));
        for (n, text) in list.iter().enumerate() {
            if text.trim().trim_end_matches('…').is_empty() {
                diagnostics
                    .report(Lint::PageWords, place.item(n), "the entry has no word to search for")
                    .help("write the words or the number that state the rule, such as `60 minutes`");
            }
        }
    }
    if matches!(source, Source::Public | Source::Observed) && !words.is_empty() {
        diagnostics
            .report(
                Lint::PageWords,
                place.key(),
                "the source of this fact is not the page, so the page has no words for it",
            )
            .help("remove `page_words:`, or correct `source:`");
    }
}

/// Reports an `as_printed:` that has no keys, that has `row: none` beside other keys, or whose `max` or `mandatory` is
/// the same as in the spec.
fn printed(api: &Api, quirk: &PlacedQuirk, prints: &AsPrinted, diagnostics: &mut Diagnostics) {
    let place = quirk.place.at("as_printed");
    let AsPrinted { row, of, max, mandatory, default, values } = prints;
    let others = of.is_some() || max.is_some() || mandatory.is_some() || default.is_some() || values.is_some();
    if row.is_some() && others {
        diagnostics
            .report(Lint::AsPrinted, place, "`row: none` excludes all other keys")
            .help("keep either `row: none` or the other keys");
        return;
    }
    if row.is_none() && !others {
        diagnostics
            .report(Lint::AsPrinted, place, "`as_printed:` is empty")
            .help("write the printed text, such as `{ max: 20 }`, or remove `as_printed:`");
        return;
    }
    let Some(field) = field_of(api, quirk) else { return };
    // In a table of a request, a column marks mandatory fields. In a table of a reply, the same column marks fields
    // that are always present.
    let demanded = field.spec.mandatory || field.spec.always;
    let limit = field.spec.max.map(|max| Literal::Integer(max.count));
    // Each key explains differences in its own attribute, so a key that repeats the spec could hide a later difference.
    let repeated = [
        ("max", max.is_some() && *max == limit),
        ("mandatory", mandatory.is_some_and(|mandatory| mandatory == demanded)),
    ];
    for (key, _) in repeated.into_iter().filter(|(_, is_repeated)| *is_repeated) {
        diagnostics
            .report(Lint::AsPrinted, place.at(key), format!("`{key}` repeats the spec"))
            .help("write the printed text that differs, or remove the key; without other keys, remove `as_printed:`");
    }
}

/// Returns the field that a quirk is about. `None` if the quirk is about a field inside a group, about a header, or not
/// about a field.
fn field_of<'a>(api: &'a Api, quirk: &PlacedQuirk) -> Option<&'a Field> {
    let (part, name) = quirk.spec.at.split_once('.')?;
    let owner = quirk.owner.as_deref()?;
    let op = api.operations.iter().find(|op| op.id == owner);
    let callback = api.callbacks.iter().find(|callback| callback.id == owner);
    let fields = match (part, op, callback) {
        ("path", Some(op), _) => &op.path,
        ("query", Some(op), _) => &op.query,
        ("request", Some(op), _) => &op.request,
        ("reply", Some(op), _) => &op.reply,
        ("body", _, Some(callback)) => &callback.body,
        _ => return None,
    };
    fields.iter().find(|field| field.wire == name)
}
