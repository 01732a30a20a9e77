//! Lints of notations: amounts, times, unions, forms, joined lists, fixed values, decimals and currencies.

use super::comparison::is_text_enum;
use super::fields::literal_problem;
use super::values::{Way, problems, value_of};
use crate::analysis::{Directions, FieldsOf, field_lists, sends_form, time_notation};
use crate::diagnostic::Diagnostics;
use crate::lint_registry::Lint;
use crate::resolved::{Api, Composite, Field, Kind, TypeRef, Union};
use crate::spec::{Limit, Sends, Unit};
use rules::Currency;

pub(super) fn lint(api: &Api, diagnostics: &mut Diagnostics) {
    amounts(api, diagnostics);
    times(api, diagnostics);
    unions(api, diagnostics);
    in_a_form(api, diagnostics);
    for (part, fields) in field_lists(api) {
        for field in fields {
            joined(api, field, part, diagnostics);
            in_a_body(api, field, part, diagnostics);
            fixed(api, field, part, diagnostics);
            decimal(field, diagnostics);
            currency(api, field, fields, diagnostics);
        }
    }
}

fn amounts(api: &Api, diagnostics: &mut Diagnostics) {
    for amount in &api.amounts {
        // A predefined amount is not in a file, and needs no check.
        let Some(place) = &amount.place else { continue };
        let (currency, unit) = (&amount.spec.currency, &amount.spec.unit);
        if !is_currency_code(currency) {
            diagnostics
                .report(Lint::Currency, place.at("currency"), format!("`{currency}` is not a currency"))
                .help(Currency::new(currency).map_or_else(|| THREE.to_owned(), |code| format!("write `{code}`")));
        }
        let limit: Option<Limit> = serde_yaml::from_str(&format!("1 {unit}")).ok();
        if !matches!(limit, Some(Limit { unit: Some(Unit::Amount(_)), .. })) {
            diagnostics
                .report(Lint::Currency, place.at("unit"), format!("`{unit}` cannot be the unit of an amount"))
                .help("write up to 16 lower-case letters, such as `cents`; `digits` and similar units are reserved");
        }
    }
}

const THREE: &str = "write three capitals such as `KRW`";

fn is_currency_code(text: &str) -> bool {
    text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase())
}

fn times(api: &Api, diagnostics: &mut Diagnostics) {
    for time in &api.times {
        if let Err((key, message, help)) = time_notation(&time.spec) {
            diagnostics.report(Lint::TimeNotation, time.place.at(key), message).help(help);
        }
    }
}

fn unions(api: &Api, diagnostics: &mut Diagnostics) {
    let directions = Directions::of(api);
    for (n, union) in api.unions.iter().enumerate() {
        if union.spec.cases.is_empty() {
            diagnostics
                .report(Lint::Union, union.place.at("cases").key(), format!("`{}` has no cases", union.name))
                .help("write `cases: { VALUE: Object }`");
        }
        for (value, n) in &union.cases {
            let object = &api.objects[*n];
            let discriminator = object.fields.iter().find(|field| field.wire == union.spec.by);
            let is_text =
                |of: TypeRef| matches!(of, TypeRef::String | TypeRef::Scalar(_) | TypeRef::Enum(_) | TypeRef::Boolean);
            if let Some(discriminator) = discriminator
                && !matches!(discriminator.kind, Kind::One(of) if is_text(of))
                && !matches!(discriminator.kind, Kind::One(TypeRef::Integer) | Kind::Broken)
            {
                let message =
                    format!("the discriminator `{}` has an unsuitable type in `{}`", union.spec.by, object.name);
                diagnostics
                    .report(Lint::Union, union.place.at("cases").at(value), message)
                    .also(discriminator.place.clone().key(), "here")
                    .help("make it a text, an enumeration, an integer or a boolean");
            }
        }
        if directions.sent(TypeRef::Union(n)) {
            sent_union(api, union, diagnostics);
        }
    }
}

/// Checks that each case of a sent union fixes the discriminator to the value of the case.
fn sent_union(api: &Api, union: &Union, diagnostics: &mut Diagnostics) {
    let by = &union.spec.by;
    for (value, n) in &union.cases {
        let object = &api.objects[*n];
        let field = object.fields.iter().find(|field| field.wire == *by);
        let fixed = field.and_then(|field| field.spec.fixed.as_ref());
        if fixed.is_some_and(|fixed| fixed.to_string() == *value) {
            continue;
        }
        let message = format!(
            "`{}` is sent as a case of `{}`, but does not have the value `{by}: {value}`",
            object.name, union.name
        );
        let place = match (field, fixed) {
            (Some(field), Some(_)) => field.place.at("fixed"),
            (Some(field), None) => field.place.clone().key(),
            (None, _) => object.place.clone().key(),
        };
        diagnostics
            .report(Lint::Union, place, message)
            .help(format!("write `{by}: {{ type: string, fixed: {value} }}` among its fields"));
    }
}

/// Checks that the fields of a form have only values that a form can express. Also checks lists in a query.
fn in_a_form(api: &Api, diagnostics: &mut Diagnostics) {
    for op in api.operations.iter().filter(|op| sends_form(api, op)) {
        for field in flat(api, &op.request) {
            if let Kind::One(of) | Kind::List(of) = field.kind
                && let TypeRef::Union(n) = api.innermost(of)
            {
                let message = format!("a form cannot have the union `{}`", api.unions[n].name);
                diagnostics
                    .report(Lint::Union, field.place.clone().key(), message)
                    .help("only JSON has unions; describe a field for each case, with an object as its type");
            } else if let Some(value) = unwritable(api, field) {
                let message = format!("`{}` can have {value}, which a form cannot express", field.wire);
                diagnostics
                    .report(Lint::Encoding, field.place.clone().key(), message)
                    .help("describe the text that the service reads from the form");
            }
            empty_list(field, "form", diagnostics);
        }
    }
    for op in &api.operations {
        op.query.iter().for_each(|field| empty_list(field, "query", diagnostics));
    }
}

/// Checks that a list in a form or a query needs at least one entry, because neither can express an empty list. The
/// service could read an absent list, or the empty text of a joined list, as "all entries".
fn empty_list(field: &Field, place: &str, diagnostics: &mut Diagnostics) {
    let is_list = matches!(field.kind, Kind::List(_));
    if is_list && field.spec.min.is_none_or(|min| min.unit != Some(Unit::Items) || min.count == 0) {
        let message = format!("`{}` may be empty, but a {place} cannot express an empty list", field.wire);
        diagnostics
            .report(Lint::Encoding, field.place.clone().key(), message)
            .help("add `min: 1 item`, because a request without an entry would lack the list");
    }
}

/// Returns the fields of a body as they are on the wire. Included groups are replaced by their fields, and each
/// alternative is a field.
fn flat<'a>(api: &'a Api, fields: &'a [Field]) -> Vec<&'a Field> {
    let inside = |field: &'a Field| match &field.kind {
        Kind::OneOf(choices) => flat(api, choices),
        Kind::Include(n) => flat(api, &api.objects[*n].fields),
        _ => vec![field],
    };
    fields.iter().flat_map(inside).collect()
}

/// Describes a value that the field can have but a form cannot express. An object is not such a value, because a form
/// contains it as JSON.
fn unwritable(api: &Api, field: &Field) -> Option<&'static str> {
    let is_list = |of: TypeRef| matches!(of, TypeRef::Composite(n) if matches!(api.composites[n], Composite::List(_)));
    match field.kind {
        Kind::List(of) if is_list(of) => Some("a list inside a list"),
        Kind::One(TypeRef::Json) | Kind::List(TypeRef::Json) => Some("any JSON"),
        _ if field.spec.nullable || field.spec.choices.values().any(|choice| choice.sends == Sends::Null) => {
            Some("null")
        }
        _ => None,
    }
}

/// Checks that a union is in a body, because paths, queries and headers have no notation for it.
fn in_a_body(api: &Api, field: &Field, part: FieldsOf, diagnostics: &mut Diagnostics) {
    if let Kind::One(of) | Kind::List(of) = field.kind
        && let TypeRef::Union(n) = api.innermost(of)
        && matches!(part, FieldsOf::Path | FieldsOf::Query | FieldsOf::OwnHeader | FieldsOf::Header)
    {
        let message = format!("the union `{}` is used outside of a body", api.unions[n].name);
        diagnostics.report(Lint::Union, field.place.clone().key(), message).help("move the field to the body");
    }
}

fn is_request(part: FieldsOf) -> bool {
    matches!(part, FieldsOf::Path | FieldsOf::Query | FieldsOf::Request | FieldsOf::Object)
}

fn joined(api: &Api, field: &Field, part: FieldsOf, diagnostics: &mut Diagnostics) {
    let Some(separator) = &field.spec.joined else { return };
    let place = field.place.at("joined");
    let is_word = |of: TypeRef| {
        matches!(of, TypeRef::String | TypeRef::Scalar(_) | TypeRef::Enum(_) | TypeRef::Integer | TypeRef::Amount(_))
    };
    match field.kind {
        Kind::Broken => {}
        Kind::List(of) if is_word(of) && !field.spec.nullable && !field.spec.always => {
            if separator.is_empty() {
                diagnostics.report(Lint::JoinedList, place, "the separator is empty").help("write `joined: \",\"`");
            } else if let TypeRef::Enum(n) = of
                && let Some(value) = api.enums[n].spec.values.keys().find(|value| value.contains(separator.as_str()))
            {
                diagnostics
                    .report(Lint::JoinedList, place, format!("the value `{value}` contains the separator"))
                    .help("choose another separator, because this value would be read as two entries");
            } else if matches!(part, FieldsOf::Path | FieldsOf::Header) {
                diagnostics.report(Lint::MisplacedKey, place.key(), "only a body or a query can have a joined list");
            }
        }
        _ => {
            diagnostics.report(
                Lint::MisplacedKey,
                place.key(),
                "only a list of texts or integers can be joined, without `nullable:` or `always:`",
            );
        }
    }
}

fn fixed(api: &Api, field: &Field, part: FieldsOf, diagnostics: &mut Diagnostics) {
    let spec = &field.spec;
    let Some(value) = &spec.fixed else { return };
    let place = field.place.at("fixed");
    if !is_request(part) || part == FieldsOf::Path {
        diagnostics.report(
            Lint::MisplacedKey,
            place.key(),
            "only the body and the query of a request can have fixed values",
        );
        return;
    }
    let is_single = matches!(
        field.kind,
        Kind::One(
            TypeRef::String
                | TypeRef::Scalar(_)
                | TypeRef::Enum(_)
                | TypeRef::Integer
                | TypeRef::Amount(_)
                | TypeRef::Boolean
        )
    );
    if matches!(field.kind, Kind::Broken) {
        return;
    }
    let callers = [
        ("mandatory", spec.mandatory),
        ("mandatory_when", spec.mandatory_when.is_some()),
        ("default", spec.default.is_some()),
        ("choices", !spec.choices.is_empty()),
        ("nullable", spec.nullable),
        ("supplied_by", spec.supplied_by.is_some()),
    ];
    if !is_single {
        diagnostics.report(
            Lint::FixedValue,
            place,
            "only a text, an enumeration, an integer, an amount such as `won` or a boolean can be fixed",
        );
    } else if let Some((key, _)) = callers.iter().find(|(_, given)| *given) {
        let message = format!("`{key}` describes a caller's value, but this value is fixed");
        diagnostics.report(Lint::FixedValue, field.place.at(key).key(), message).help("remove it");
    } else if let Some(problem) = literal_problem(api, field, value) {
        diagnostics.report(Lint::FixedValue, place, problem);
    } else {
        for problem in problems(api, field, &value_of(value), Way::Sent) {
            diagnostics.report(Lint::FixedValue, place.clone(), problem.message).help_if(problem.hint);
        }
    }
}

fn decimal(field: &Field, diagnostics: &mut Diagnostics) {
    let is_decimal = matches!(field.kind, Kind::One(TypeRef::Decimal) | Kind::Broken);
    for (key, given) in [("quoted", field.spec.quoted), ("fraction", field.spec.fraction.is_some())] {
        if given && !is_decimal {
            diagnostics.report(Lint::MisplacedKey, field.place.at(key).key(), format!("only a `decimal` has `{key}:`"));
        }
    }
    if field.spec.fraction.is_some_and(|digits| digits > 38) {
        diagnostics.report(Lint::LimitRange, field.place.at("fraction"), "a decimal number has at most 38 digits");
    }
}

fn currency(api: &Api, field: &Field, siblings: &[Field], diagnostics: &mut Diagnostics) {
    let Some(currency) = &field.spec.currency else { return };
    let place = field.place.at("currency");
    match field.kind {
        Kind::Broken => return,
        Kind::One(TypeRef::Decimal | TypeRef::Integer) => {}
        _ => {
            diagnostics
                .report(Lint::Currency, place.key(), format!("`{}` is not an amount", field.wire))
                .help("an amount is a `decimal` in major units, or an `integer` in minor units");
            return;
        }
    }
    match siblings.iter().find(|other| other.wire == *currency) {
        Some(other) => {
            let is_text = is_text_enum(api, other)
                || matches!(other.kind, Kind::One(TypeRef::String | TypeRef::Scalar(_)) | Kind::Broken);
            if !is_text || (other.spec.nullable && other.spec.fixed.is_none()) {
                diagnostics
                    .report(Lint::Currency, place, format!("`{currency}` is not a text that names a currency"))
                    .help("use a text or an enumeration of texts that is never null");
            } else if other.spec.fixed.is_some() {
                let message = format!("`{currency}` always has the same value");
                diagnostics.report(Lint::Currency, place, message).help("write that value here");
            }
        }
        None if is_currency_code(currency) => {}
        None => {
            let hint = match Currency::new(currency) {
                Some(code) => format!("write `{code}`"),
                None => format!("{THREE}, or the name of a sibling field"),
            };
            diagnostics
                .report(Lint::Currency, place, format!("`{currency}` is neither a currency nor a sibling field"))
                .help(hint);
        }
    }
}
