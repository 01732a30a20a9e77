//! Whether a quirk explains a difference: it stands at the field or its type, and what it says the page prints is
//! what the page prints. When the page changes again, the quirk no longer fits and the difference is reported.

use crate::audit::expected::Quirk;
use crate::audit::page::Row;
use crate::spec::{Absent, Literal, Prints};

/// What a page prints about a field, or about a list of values.
#[derive(Debug, Default)]
pub struct Printed {
    /// There is a row.
    pub row: bool,
    /// Its type.
    pub of: Option<String>,
    /// Its limit.
    pub max: Option<String>,
    /// Its requirement.
    pub mandatory: Option<bool>,
    /// Its default.
    pub default: Option<String>,
    /// Its values.
    pub values: Vec<String>,
}

impl Printed {
    /// What this row prints.
    pub fn of(row: &Row, values: Vec<String>) -> Self {
        Printed {
            row: true,
            of: row.types.first().map(|of| of.text.to_lowercase()),
            max: row.limits.first().map(|max| max.text.clone()),
            mandatory: row.mandatory,
            default: row.default.as_ref().map(|default| default.text.clone()),
            values,
        }
    }
}

/// The quirk that explains a difference in `key`.
pub fn explain<'a>(
    quirks: &'a [Quirk],
    owner: Option<&str>,
    anchors: &[String],
    key: &str,
    printed: &Printed,
) -> Option<&'a Quirk> {
    quirks.iter().find(|quirk| {
        let ours = quirk.owner.is_none() || quirk.owner.as_deref() == owner;
        let here = quirk.spec.at == "page" || anchors.contains(&quirk.spec.at);
        ours && here && quirk.spec.prints.as_ref().is_some_and(|prints| fits(prints, key, printed))
    })
}

fn fits(prints: &Prints, key: &str, printed: &Printed) -> bool {
    let text = |given: &Option<String>, found: &Option<String>| {
        given.as_ref().is_none_or(|given| *given == found.clone().unwrap_or_else(|| "none".into()))
    };
    let literal = |given: &Option<Literal>| given.as_ref().map(Literal::to_string);
    let has_key = match key {
        "row" => prints.row.is_some(),
        "type" => prints.of.is_some(),
        "max" => prints.max.is_some(),
        "mandatory" => prints.mandatory.is_some(),
        "default" => prints.default.is_some(),
        "values" => prints.values.is_some(),
        _ => false,
    };
    let same_values = |given: &Vec<Literal>| {
        let given: Vec<String> = given.iter().map(Literal::to_string).collect();
        given.len() == printed.values.len() && given.iter().all(|value| printed.values.contains(value))
    };
    has_key
        && (prints.row == Some(Absent::None)) != printed.row
        && text(&prints.of, &printed.of)
        && text(&literal(&prints.max), &printed.max)
        && prints.mandatory.is_none_or(|given| printed.mandatory == Some(given))
        && text(&literal(&prints.default), &printed.default)
        && prints.values.as_ref().is_none_or(same_values)
}
