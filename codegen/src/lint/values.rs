//! Checks of values in examples, defaults, conditions and fixed values. The type is always checked. The rules of the
//! field are checked only for sent values, because generated code does not enforce them on received values.
//!
//! The checks are meant to find the values that generated code rejects, so that no generated test fails because of its
//! example.

use crate::analysis::{in_notation, scalar_rules, time_notation, to_json};
use crate::diagnostic::suggestion;
use crate::resolved::{Api, Composite, Field, Kind, TypeRef};
use crate::spec::{Coding, Literal};
use rules::{NumberProblem, Written};
use serde_yaml::Value;

pub(super) struct Problem {
    pub message: String,
    pub hint: Option<String>,
}

impl Problem {
    fn new(message: String) -> Self {
        Problem { message, hint: None }
    }

    fn hint(message: String, hint: &str) -> Self {
        Problem { message, hint: Some(hint.to_owned()) }
    }
}

/// Direction of a value. A sent value must follow every rule. A received value needs only the right type.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    Read,
    Sent,
}

/// Returns the problems of a single value, or of one entry of a list.
pub(super) fn problems(api: &Api, field: &Field, value: &Value, way: Way) -> Vec<Problem> {
    let (Kind::One(of) | Kind::List(of)) = field.kind else { return Vec::new() };
    if let Some(problem) = type_problem(api, field, of, value, way) {
        return vec![problem];
    }
    if way == Way::Read {
        return Vec::new();
    }
    let rules = field.rules.clone();
    match (of, value) {
        (TypeRef::Enum(n), Value::String(text)) if api.enums[n].spec.values.contains_key(text) => Vec::new(),
        (TypeRef::String | TypeRef::Scalar(_) | TypeRef::Enum(_), Value::String(text)) => {
            let rules = match (rules.text, of) {
                (Some(own), _) => own,
                (None, TypeRef::Scalar(n)) => scalar_rules(&api.scalars[n].spec),
                (None, _) => return Vec::new(),
            };
            rules.problems(text).into_iter().map(|p| Problem::new(format!("`{}` {p}", field.wire))).collect()
        }
        (TypeRef::Decimal, value) => decimal_problems(field, value),
        (_, value) => {
            let (Some(rules), Some(number)) = (rules.integer, value.as_i64()) else { return Vec::new() };
            let mut problems = Vec::new();
            rules.check(number, |problem| {
                let problem = match problem {
                    NumberProblem::TooSmall { min } => format!("is below {min}"),
                    NumberProblem::TooLarge { max } => format!("is above {max}"),
                };
                problems.push(Problem::new(format!("`{}` {problem}", field.wire)));
            });
            problems
        }
    }
}

/// Returns the decimal number that a number or a text contains.
pub(super) fn decimal(value: &Value) -> Option<rules::Decimal> {
    let text = value.as_str().map_or_else(|| to_json(value).to_string(), str::to_owned);
    rules::Decimal::parse(&text).ok()
}

fn decimal_problems(field: &Field, value: &Value) -> Vec<Problem> {
    let (Some(rules), Some(number)) = (&field.rules.decimal, decimal(value)) else { return Vec::new() };
    let checks = [
        (rules.whole_digits.is_some_and(|most| number.whole_digits() > most), "has too many digits before the point"),
        (
            rules.fraction_digits.is_some_and(|most| number.fraction_digits() > most),
            "has too many digits after the point",
        ),
        (rules.min.is_some_and(|min| number < min.into()), "is too small"),
        (rules.more_than.is_some_and(|bound| number <= bound.into()), "is too small"),
        (rules.max.is_some_and(|max| number > max.into()), "is too large"),
    ];
    checks
        .iter()
        .filter(|(broken, _)| *broken)
        .map(|(_, what)| Problem::new(format!("`{}` {what}", field.wire)))
        .collect()
}

fn type_problem(api: &Api, field: &Field, of: TypeRef, value: &Value, way: Way) -> Option<Problem> {
    let shown = serde_json::to_string(&to_json(value)).unwrap_or_default();
    let shown = shown.trim_matches('"');
    let wrong = || Problem::new(format!("`{shown}` does not have the type of `{}`", field.wire));
    match (of, value) {
        (TypeRef::Enum(n), value) => enum_problem(api, field, n, value, way, wrong()),
        (TypeRef::Integer | TypeRef::Amount(_), Value::Number(number)) => number.as_i64().is_none().then(|| {
            Problem::hint(format!("`{shown}` is not a whole number that fits `{}`", field.wire), "write digits only")
        }),
        (TypeRef::Decimal, Value::Number(_)) if !field.spec.quoted || way == Way::Read => None,
        (TypeRef::Decimal, Value::String(text)) if field.spec.quoted || way == Way::Read => {
            rules::Decimal::parse(text).err().map(|error| Problem::new(format!("`{text}`: {error}")))
        }
        (TypeRef::Instant, Value::String(text)) => match text.parse::<rules::OffsetDateTime>() {
            Ok(time) if way == Way::Sent && time.to_string() != *text => Some(Problem::hint(
                format!("`{}` is sent in another notation than `{text}`", field.wire),
                &format!("write `{time}`"),
            )),
            Ok(_) => None,
            Err(_) => Some(Problem::hint(
                format!("`{text}` is not a time with an offset"),
                "write it like `2026-11-23T14:05:00+09:00`",
            )),
        },
        (TypeRef::Date, Value::String(text)) => text
            .parse::<rules::CalendarDate>()
            .is_err()
            .then(|| Problem::hint(format!("`{text}` is not a day"), "write it like `2026-11-23`")),
        (TypeRef::Time(n), Value::String(_) | Value::Number(_)) => time_problem(api, field, n, value, way),
        (TypeRef::Composite(n), value) => match (api.composites[n], value) {
            (Composite::List(of), Value::Sequence(items)) => {
                items.iter().find_map(|item| inner_problem(api, field, of, item, way))
            }
            (Composite::Map(of), Value::Mapping(members)) => {
                members.iter().find_map(|(_, value)| inner_problem(api, field, of, value, way))
            }
            _ => Some(wrong()),
        },
        (TypeRef::Union(_), Value::Mapping(_)) => None,
        (TypeRef::Boolean, Value::Bool(_))
        | (TypeRef::String | TypeRef::Scalar(_), Value::String(_))
        | (TypeRef::Json | TypeRef::Object(_), _) => None,
        _ => Some(wrong()),
    }
}

/// Returns the problem of an entry of a list or a map.
fn inner_problem(api: &Api, field: &Field, of: TypeRef, value: &Value, way: Way) -> Option<Problem> {
    match of {
        TypeRef::Object(_) => {
            (!value.is_mapping()).then(|| Problem::new(format!("an entry of `{}` is not an object", field.wire)))
        }
        of if value.is_null() && way == Way::Read => {
            let _ = of;
            None
        }
        of => type_problem(api, field, of, value, way),
    }
}

/// Checks a time or a day. A sent value must be in the notation that generated code writes. A received value may be in
/// any notation that generated code can read.
fn time_problem(api: &Api, field: &Field, n: usize, value: &Value, way: Way) -> Option<Problem> {
    // Another lint reports an invalid notation.
    let notation = time_notation(&api.times[n].spec).ok()?;
    let is_number = notation.written == Written::Number;
    let text = value.as_str().map_or_else(|| to_json(value).to_string(), str::to_owned);
    match in_notation(&notation, &text) {
        Some(_) if way == Way::Read => None,
        Some(written) if is_number && value.is_number() || !is_number && written == text => None,
        Some(written) => Some(Problem::hint(
            format!("`{}` is sent in another notation than `{text}`", field.wire),
            &format!("write `{written}`"),
        )),
        None => Some(Problem::hint(
            format!("`{text}` is not in the notation of `{}`", field.wire),
            &format!("write it in the notation `{}`", notation.pattern),
        )),
    }
}

fn enum_problem(api: &Api, field: &Field, n: usize, value: &Value, way: Way, wrong: Problem) -> Option<Problem> {
    let spec = &api.enums[n].spec;
    let text = match (value, spec.coded_as) {
        (Value::String(text), Coding::Text) => text.clone(),
        (Value::Number(number), Coding::Integer) if number.is_i64() => number.to_string(),
        _ => return Some(wrong),
    };
    // Another lint reports an enumeration without values.
    let known = spec.values.is_empty() || spec.values.contains_key(&text);
    let refused = way == Way::Sent && !spec.accepts_others && !known;
    refused.then(|| Problem {
        message: format!("`{text}` is not a value of `{}`", field.wire),
        hint: suggestion(&text, spec.values.keys().map(String::as_str)),
    })
}

/// Converts a literal to a YAML value, which can be checked like a value of an example.
pub(super) fn value_of(literal: &Literal) -> Value {
    match literal {
        Literal::Bool(value) => Value::Bool(*value),
        Literal::Integer(value) => Value::from(*value),
        Literal::Text(value) => Value::String(value.clone()),
    }
}
