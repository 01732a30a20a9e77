//! Lints of limits: units and ranges.

use crate::analysis::{is_integer_coded, scalar_rules};
use crate::constraints::{TextFormat, TextRules};
use crate::diagnostic::Diagnostics;
use crate::lint_registry::Lint;
use crate::resolved::{Api, Field, Kind, TypeRef};
use crate::source::Place;
use crate::spec::{Generated, Limit, Scalar, Unit};

/// Largest plausible number of characters, bytes or entries. Generated tests create values as large as the limit.
const MOST: i64 = 1_000_000;

/// Largest limit of a number. It has 18 digits, so that a larger number for a generated test still fits into `i64`.
const GREATEST: i64 = 999_999_999_999_999_999;

/// Length of a UUID in characters.
const UUID: i64 = 36;

pub(super) fn field(api: &Api, field: &Field, diagnostics: &mut Diagnostics) {
    let spec = &field.spec;
    for (key, limit) in [("min", spec.min), ("max", spec.max)] {
        let Some(limit) = limit else { continue };
        let place = field.place.at(key);
        match field.kind {
            Kind::Broken => {}
            Kind::List(of) => list(&place, of, limit, diagnostics),
            Kind::One(of @ (TypeRef::Integer | TypeRef::Amount(_))) => number(api, &place, key, of, limit, diagnostics),
            Kind::One(TypeRef::Decimal) => match limit.unit {
                Some(Unit::Digits | Unit::Value) => number(api, &place, key, TypeRef::Integer, limit, diagnostics),
                _ if key == "min" => lower_limit(&place, &format!("value {}", limit.count), diagnostics),
                _ => wrong_unit(&place, limit, "the limit of a decimal number counts digits", "digits", diagnostics),
            },
            Kind::One(TypeRef::Enum(n)) if is_integer_coded(&api.enums[n].spec) => match limit.unit {
                _ if key == "min" => {
                    diagnostics
                        .report(Lint::LimitUnit, place, "an enumeration of integers has no lower limit")
                        .help("remove `min:`, because the values are listed");
                }
                Some(Unit::Digits) => digits(&place, key, limit, diagnostics),
                _ => wrong_unit(&place, limit, "the limit of this enumeration counts digits", "digits", diagnostics),
            },
            Kind::One(of) if is_text(of) => text(&place, limit, diagnostics),
            Kind::One(TypeRef::Time(_) | TypeRef::Enum(_)) => {
                text(&place, limit, diagnostics);
            }
            _ => {
                diagnostics.report(Lint::MisplacedKey, place, format!("`{}` cannot have a limit", field.wire));
            }
        }
    }
    order(&field.place, spec.min, spec.max, diagnostics);
    // If the field has neither key, the limit and the format are those of its type, which `scalar` checks.
    let key = if spec.max.is_some() { "max" } else { "format" };
    if let Some(rules) = field.rules.text.as_ref().filter(|_| spec.max.is_some() || spec.format.is_some()) {
        url(field.place.at(key), rules, diagnostics);
    }
    if let Some(bound) = spec.more_than {
        more_than(&field.place.at("more_than"), bound, spec.max, diagnostics);
    }
}

/// Checks `more_than:`, the exclusive lower limit of a decimal number.
fn more_than(place: &Place, bound: i64, max: Option<Limit>, diagnostics: &mut Diagnostics) {
    if !(-GREATEST..=GREATEST).contains(&bound) {
        diagnostics.report(Lint::LimitRange, place.clone(), "a number has at most 18 digits");
    }
    if let Some(max) = max.filter(|max| max.unit == Some(Unit::Value) && max.count <= bound) {
        let message = format!("no number is more than {bound} and at most {}", max.count);
        diagnostics.report(Lint::LimitRange, place.clone(), message);
    }
}

pub(super) fn scalar(place: &Place, spec: &Scalar, diagnostics: &mut Diagnostics) {
    for (key, limit) in [("min", spec.min), ("max", spec.max)] {
        if let Some(limit) = limit {
            text(&place.at(key), limit, diagnostics);
        }
    }
    order(place, spec.min, spec.max, diagnostics);
    url(place.at("max"), &scalar_rules(spec), diagnostics);
    if spec.generated == Some(Generated::Uuid) {
        let too_short = spec.max.filter(|max| max.count < UUID).map(|_| "max");
        let too_long = spec.min.filter(|min| min.count > UUID).map(|_| "min");
        for key in too_short.into_iter().chain(too_long) {
            diagnostics.report(Lint::LimitRange, place.at(key), format!("a UUID has {UUID} characters"));
        }
    }
}

/// Checks that the limit of a URL allows a URL.
fn url(place: Place, rules: &TextRules, diagnostics: &mut Diagnostics) {
    const SHORTEST: usize = TextRules::SHORTEST_URL;
    // Another lint reports limits that are not positive.
    if let Some(most) = rules.most_ascii().filter(|most| (1..SHORTEST).contains(most))
        && rules.format == Some(TextFormat::HttpUrl)
    {
        let unit = if rules.max == Some(most) { "character" } else { "byte" };
        let plural = if most == 1 { "" } else { "s" };
        diagnostics
            .report(Lint::LimitRange, place, format!("a limit of {most} {unit}{plural} is too small for a URL"))
            .help(format!("write a limit of at least {SHORTEST}, which is the length of `http://a/`"));
    }
}

fn is_text(of: TypeRef) -> bool {
    matches!(of, TypeRef::String | TypeRef::Scalar(_))
}

fn list(place: &Place, of: TypeRef, limit: Limit, diagnostics: &mut Diagnostics) {
    match limit.unit {
        Some(Unit::Characters | Unit::Bytes(_)) if !is_text(of) => {
            wrong_unit(
                place,
                limit,
                "the limit of a list whose entries are not texts counts entries",
                "items",
                diagnostics,
            );
        }
        Some(Unit::Items | Unit::Characters | Unit::Bytes(_)) => positive(place, limit, diagnostics),
        _ => wrong_unit(place, limit, "the limit of a list counts entries", "items", diagnostics),
    }
}

fn number(api: &Api, place: &Place, key: &str, of: TypeRef, limit: Limit, diagnostics: &mut Diagnostics) {
    let count = limit.count;
    let itself = || api.unit_of(of).map_or_else(|| format!("value {count}"), |unit| format!("{count} {unit}"));
    match limit.unit {
        Some(Unit::Digits) => digits(place, key, limit, diagnostics),
        Some(Unit::Amount(unit)) if !api.unit_of(of).is_some_and(|own| unit.is(own)) => {
            if key == "min" && api.unit_of(of).is_none() {
                return lower_limit(place, &itself(), diagnostics);
            }
            let (why, own) = match api.unit_of(of) {
                Some(own) => ("this is not the unit of the amount", own),
                None => ("this number is not an amount", "digits"),
            };
            wrong_unit(place, limit, why, own, diagnostics);
        }
        Some(Unit::Amount(_) | Unit::Value) => {
            if key == "max" && count == 0 {
                diagnostics.report(Lint::LimitRange, place.clone(), "a maximum of 0 allows no positive number");
            } else if !(-GREATEST..=GREATEST).contains(&count) {
                diagnostics.report(Lint::LimitRange, place.clone(), "a number has at most 18 digits");
            }
        }
        None => {
            diagnostics
                .report(Lint::LimitUnit, place.clone(), format!("the unit of the limit {count} is missing"))
                .help(match key {
                    "min" => format!("write `{}` for the smallest value", itself()),
                    _ => format!("write `{count} digits`, or `{}` for the largest value", itself()),
                });
        }
        Some(_) if key == "min" => lower_limit(place, &itself(), diagnostics),
        Some(_) => wrong_unit(place, limit, "the limit of a number counts digits", "digits", diagnostics),
    }
}

fn lower_limit(place: &Place, value: &str, diagnostics: &mut Diagnostics) {
    diagnostics
        .report(Lint::LimitUnit, place.clone(), "the lower limit of a number is a value")
        .help(format!("write `{value}` for the smallest value"));
}

fn digits(place: &Place, key: &str, limit: Limit, diagnostics: &mut Diagnostics) {
    if key == "min" {
        diagnostics
            .report(Lint::LimitUnit, place.clone(), "the lower limit of a number cannot be a number of digits")
            .help("write the smallest value: `value 100`, or with the unit of an amount, such as `100 won`");
        return;
    }
    positive(place, limit, diagnostics);
    if limit.count > 18 {
        diagnostics.report(Lint::LimitRange, place.clone(), "a number has at most 18 digits");
    }
}

fn text(place: &Place, limit: Limit, diagnostics: &mut Diagnostics) {
    match limit.unit {
        Some(Unit::Bytes(_)) if place.path.last() == Some(&crate::source::Step::Key("min".into())) => {
            wrong_unit(place, limit, "the lower limit of a text counts characters", "characters", diagnostics);
        }
        Some(Unit::Characters | Unit::Bytes(_)) => positive(place, limit, diagnostics),
        None => {
            diagnostics
                .report(Lint::LimitUnit, place.clone(), format!("the unit of the limit {} is missing", limit.count))
                .help(format!("write `{} characters`, because the limit of a text counts characters", limit.count));
        }
        Some(_) => wrong_unit(place, limit, "the limit of a text counts characters", "characters", diagnostics),
    }
}

fn positive(place: &Place, limit: Limit, diagnostics: &mut Diagnostics) {
    if limit.count <= 0 {
        diagnostics.report(Lint::LimitRange, place.clone(), format!("a limit of {} is too small", limit.count));
    } else if limit.count > MOST {
        diagnostics
            .report(Lint::LimitRange, place.clone(), format!("a limit of {} is implausible", limit.count))
            .help(format!("write a limit of at most {MOST}, or remove the limit"));
    }
}

fn wrong_unit(place: &Place, limit: Limit, why: &str, unit: &str, diagnostics: &mut Diagnostics) {
    diagnostics
        .report(Lint::LimitUnit, place.clone(), format!("{why}; the unit can be `{unit}`"))
        .help(format!("write `{} {unit}`", limit.count));
}

fn order(place: &Place, min: Option<Limit>, max: Option<Limit>, diagnostics: &mut Diagnostics) {
    let (Some(min), Some(max)) = (min, max) else { return };
    let value = |limit: &Limit| matches!(limit.unit, Some(Unit::Amount(_) | Unit::Value));
    let most = match max.unit {
        // A limit of more than 18 digits is already reported.
        Some(Unit::Digits) if value(&min) => 10_i64.saturating_pow(u32::try_from(max.count).unwrap_or(0)) - 1,
        _ if max.unit == min.unit || (value(&min) && value(&max)) => max.count,
        _ => return,
    };
    if min.count > most {
        diagnostics.report(
            Lint::LimitRange,
            place.at("min"),
            format!("the minimum {min} is larger than the maximum {max}"),
        );
    }
}
