//! Finds the quirks that explain a difference.
//!
//! A quirk explains a difference if the quirk is about the field, the type of the field or the whole page, and if the
//! quirk's `as_printed:` matches the page. If the page changes, `as_printed:` no longer matches, so the difference is
//! reported. If the page matches the spec, the quirk is reported as out of date.

use crate::expected::{Field, Quirk};
use crate::page::Row;
use crate::words::{self, Shape};
use codegen::spec::{Absent, AsPrinted, Language, Literal};

/// What a page prints about a field, or about a list of values.
#[derive(Debug, Default)]
pub(crate) struct Printed {
    /// Set if the page has the row or the list.
    pub row: bool,
    /// Type that the page prints, in lower case.
    pub of: Option<String>,
    /// Type of the field in the spec.
    pub shape: Option<Shape>,
    pub max: Option<String>,
    pub mandatory: Option<bool>,
    pub default: Option<String>,
    pub values: Vec<String>,
}

impl Printed {
    pub(crate) fn of(row: &Row, field: &Field, values: Vec<String>) -> Self {
        Printed {
            row: true,
            shape: Some(field.shape),
            of: row.types.first().map(|of| of.text.to_lowercase()),
            max: row.limits.first().map(|max| max.text.clone()),
            mandatory: row.mandatory,
            default: row.default.as_ref().map(|default| default.text.clone()),
            values,
        }
    }

    pub(crate) fn list(values: Vec<String>) -> Self {
        Printed { row: true, values, ..Printed::default() }
    }
}

/// Attribute of a row that a quirk can be about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Key {
    /// Existence of the row on the page.
    Row,
    Type,
    Max,
    Mandatory,
    Default,
    Values,
}

/// Returns the quirk that explains a difference in the attribute `key`.
pub(crate) fn explain<'a>(
    quirks: &'a [Quirk],
    language: Language,
    owner: Option<&str>,
    anchors: &[String],
    key: Key,
    printed: &Printed,
) -> Option<&'a Quirk> {
    at(quirks, language, owner, anchors).find(|quirk| {
        let states = quirk.spec.as_printed.as_ref().is_some_and(|prints| value(prints, key).is_some());
        states && fits(quirk, key, printed)
    })
}

/// Returns a quirk that is out of date because the attribute `key` on the page matches the spec. Also returns the
/// quirk's `as_printed:` for this attribute.
pub(crate) fn outdated<'a>(
    quirks: &'a [Quirk],
    language: Language,
    owner: Option<&str>,
    field: &Field,
    key: Key,
    printed: &str,
) -> Option<(&'a Quirk, String)> {
    at(quirks, language, owner, &field.anchors).find_map(|quirk| {
        let prints = quirk.spec.as_printed.as_ref()?;
        // A quirk about the whole page may apply only to fields of one type.
        let general = quirk.spec.at == "page";
        if general && prints.of.as_ref().is_some_and(|of| words::shape(of) != Some(field.shape)) {
            return None;
        }
        // A quirk about a named type may be needed by only one field of this type. The quirk is not out of date just
        // because another field of the type matches the spec.
        if !general
            && !field.names.iter().any(|name| quirk.spec.at.ends_with(&format!(".{name}")))
            && !quirk.spec.at.ends_with(&field.dotted)
        {
            return None;
        }
        let expected = value(prints, key)?;
        let same = match key {
            Key::Type => words::shape(&expected) == words::shape(printed),
            Key::Row | Key::Max | Key::Mandatory | Key::Default | Key::Values => expected == printed,
        };
        (!same).then_some((quirk, expected))
    })
}

fn at<'a>(
    quirks: &'a [Quirk],
    language: Language,
    owner: Option<&str>,
    anchors: &[String],
) -> impl Iterator<Item = &'a Quirk> {
    let of_language = move |quirk: &&Quirk| quirk.spec.language.is_none_or(|of| of == language);
    quirks.iter().filter(of_language).filter(move |quirk| {
        let ours = quirk.owner.is_none() || quirk.owner.as_deref() == owner;
        ours && (quirk.spec.at == "page" || anchors.contains(&quirk.spec.at))
    })
}

/// Returns what a quirk's `as_printed:` states for an attribute, as text. Returns `None` if `as_printed:` does not
/// state the attribute.
fn value(prints: &AsPrinted, key: Key) -> Option<String> {
    match key {
        Key::Row => prints.row.map(|Absent::None| "none".to_owned()),
        Key::Type => prints.of.clone(),
        Key::Max => prints.max.as_ref().map(Literal::to_string),
        Key::Mandatory => prints.mandatory.map(|mandatory| mandatory.to_string()),
        Key::Default => prints.default.as_ref().map(Literal::to_string),
        Key::Values => prints.values.as_ref().map(|values| {
            let values: Vec<String> = values.iter().map(Literal::to_string).collect();
            values.join(", ")
        }),
    }
}

/// Returns `true` if the quirk's `as_printed:` matches the page in the attribute `key`. Other attributes need not
/// match, so that a change of one attribute is reported alone. A quirk about the whole page applies only to fields for
/// which all attributes match.
fn fits(quirk: &Quirk, key: Key, printed: &Printed) -> bool {
    let Some(prints) = &quirk.spec.as_printed else { return false };
    let same = |of: Key| match of {
        Key::Row => true,
        Key::Type => same_type(&prints.of, &printed.of),
        Key::Max => same_text(prints, Key::Max, &printed.max),
        Key::Mandatory => prints.mandatory.is_none() || prints.mandatory == printed.mandatory,
        Key::Default => same_text(prints, Key::Default, &printed.default),
        Key::Values => prints.values.as_ref().is_none_or(|given| same_values(given, &printed.values)),
    };
    // A quirk about the whole page selects fields by their type in the spec, even if the page prints another type.
    let of_type =
        prints.of.as_deref().and_then(words::shape).filter(|of| key != Key::Type && printed.shape == Some(*of));
    let general = quirk.spec.at == "page";
    let others = [Key::Max, Key::Mandatory, Key::Default, Key::Values].into_iter().all(same);
    let concerns = !general || others && (of_type.is_some() || same(Key::Type));
    prints.row.is_some() != printed.row && concerns && same(key)
}

fn same_text(prints: &AsPrinted, key: Key, found: &Option<String>) -> bool {
    value(prints, key).is_none_or(|given| given == found.clone().unwrap_or_else(|| "none".into()))
}

fn same_values(given: &[Literal], found: &[String]) -> bool {
    let given: Vec<String> = given.iter().map(Literal::to_string).collect();
    given.len() == found.len() && given.iter().all(|value| found.contains(value))
}

/// Returns `true` if the page prints the type `given`, or a type with the same meaning. The type `none` means that the
/// page prints no type. If `given` is absent, every type matches.
fn same_type(given: &Option<String>, found: &Option<String>) -> bool {
    let Some(given) = given else { return true };
    match found {
        None => given == "none",
        Some(found) => given == found || words::shape(given).is_some_and(|of| words::shape(found) == Some(of)),
    }
}
