//! Lints of conditions and rules that refer to other fields.

use super::fields::literal_problem;
use super::values::{Way, problems, value_of};
use crate::analysis::{discriminating_enum, field_lists, is_supplied};
use crate::diagnostic::Diagnostics;
use crate::lint_registry::Lint;
use crate::resolved::{Api, Field, Kind, Object, Operation, TypeRef};
use crate::source::Place;
use crate::spec::{Choice, Literal, Rule, Sends};

pub(super) fn lint(api: &Api, diagnostics: &mut Diagnostics) {
    for (_, fields) in field_lists(api) {
        fields.iter().for_each(|field| conditions(api, fields, field, diagnostics));
    }
    sums(api, diagnostics);
    groups(api, diagnostics);
}

/// Checks that the conditions under `mandatory_when:` of a field have an effect.
fn conditions(api: &Api, fields: &[Field], field: &Field, diagnostics: &mut Diagnostics) {
    for (wire, value) in field.spec.mandatory_when.iter().flatten() {
        condition(api, fields, field, (wire, value), diagnostics);
    }
    if field.spec.mandatory_when.as_ref().is_some_and(|when| when.is_empty()) {
        diagnostics
            .report(Lint::Condition, field.place.at("mandatory_when").key(), "the condition is empty")
            .help("write `mandatory_when: { otherField: value }`");
    }
    if field.spec.mandatory && field.spec.mandatory_when.is_some() {
        diagnostics.report(
            Lint::Condition,
            field.place.at("mandatory_when").key(),
            "the field is always mandatory, so the condition has no effect",
        );
    }
}

fn condition(
    api: &Api,
    fields: &[Field],
    field: &Field,
    (wire, value): (&str, &Literal),
    diagnostics: &mut Diagnostics,
) {
    let place = field.place.at("mandatory_when").at(wire);
    let Some(other) = fields.iter().find(|f| f.wire == wire) else {
        dangling(wire, fields, place.key(), diagnostics);
        return;
    };
    if let Some(problem) = never(api, field, other, value) {
        diagnostics.report(Lint::Condition, place.key(), problem);
        return;
    }
    let comparable = matches!(
        other.kind,
        Kind::One(
            TypeRef::Boolean
                | TypeRef::Integer
                | TypeRef::Amount(_)
                | TypeRef::String
                | TypeRef::Scalar(_)
                | TypeRef::Enum(_)
        ) | Kind::Broken
    );
    if !comparable {
        diagnostics.report(Lint::Condition, place.key(), format!("`{wire}` has no values that can be compared"));
    } else if let Some(problem) = literal_problem(api, other, value) {
        let diagnostic = diagnostics.report(Lint::ConditionValue, place, problem);
        if let Kind::One(TypeRef::Enum(n)) = other.kind {
            let known = api.enums[n].spec.values.keys().map(String::as_str);
            diagnostic.suggest(&value.to_string(), known);
        }
    } else if let Some(problem) = problems(api, other, &value_of(value), Way::Sent).into_iter().next() {
        diagnostics.report(Lint::ConditionValue, place, problem.message).help_if(problem.hint);
    }
}

/// Checks that the fields under `rules:` exist and are whole numbers, and that the rules have an effect.
fn sums(api: &Api, diagnostics: &mut Diagnostics) {
    for op in &api.operations {
        for (n, rule) in op.spec.rules.iter().enumerate() {
            let place = Place::top(op.file).at("rules").item(n);
            let entries = rule.parts.iter().enumerate().map(|(n, part)| (part, place.at("parts").item(n)));
            let exact = rule.exact_when.iter().enumerate().map(|(n, part)| (part, place.at("exact_when").item(n)));
            let total = std::iter::once((&rule.total, place.at("total")));
            for (wire, place) in entries.chain(exact).chain(total) {
                match op.request.iter().find(|f| f.wire == *wire) {
                    None => dangling(wire, &op.request, place, diagnostics),
                    Some(field) if !matches!(field.kind, Kind::One(TypeRef::Amount(_) | TypeRef::Integer)) => {
                        let message = match field.kind {
                            Kind::One(TypeRef::Decimal) => {
                                format!("`{wire}` is a `decimal`, and only integers are added")
                            }
                            _ => format!("`{wire}` is not a number and cannot be added"),
                        };
                        diagnostics.report(Lint::MemberType, place, message);
                    }
                    Some(_) => {}
                }
            }
            rule_fields(op, rule, &place, diagnostics);
            satisfiable(op, rule, &place, diagnostics);
        }
    }
}

/// Checks that a rule adds each field once, and that its condition refers to the added fields.
fn rule_fields(op: &Operation, rule: &Rule, place: &Place, diagnostics: &mut Diagnostics) {
    if rule.parts.is_empty() {
        diagnostics
            .report(Lint::Condition, place.at("parts"), "the rule has no parts, so it has no effect")
            .help("list the fields that are added");
    }
    for (n, part) in rule.parts.iter().enumerate() {
        if rule.parts[..n].contains(part) {
            diagnostics.report(Lint::Condition, place.at("parts").item(n), format!("`{part}` is listed twice"));
        } else if *part == rule.total {
            diagnostics.report(Lint::Condition, place.at("total"), format!("`{part}` is also one of the parts"));
        }
    }
    for (n, field) in rule.exact_when.iter().enumerate() {
        let is_number = |own: &&Field| matches!(own.kind, Kind::One(TypeRef::Amount(_) | TypeRef::Integer));
        let own = op.request.iter().filter(is_number).find(|own| own.wire == *field);
        if own.is_some() && !rule.parts.contains(field) {
            diagnostics
                .report(
                    Lint::Condition,
                    place.at("exact_when").item(n),
                    format!("`{field}` is not one of the parts, so the sum would never have to be exact"),
                )
                .suggest(field, rule.parts.iter().map(String::as_str));
        }
    }
}

/// Checks that fixed values and limits do not break a rule in every request.
fn satisfiable(op: &Operation, rule: &Rule, place: &Place, diagnostics: &mut Diagnostics) {
    let field = |wire: &String| op.request.iter().find(|field| field.wire == *wire);
    let (Some(total), Some(parts)) = (field(&rule.total), rule.parts.iter().map(field).collect::<Option<Vec<_>>>())
    else {
        return;
    };
    if !is_always_given(total) {
        let fixed = parts.iter().enumerate().find_map(|(n, part)| Some((n, part, fixed_number(part)?)));
        if let Some((n, part, value)) = fixed.filter(|(.., value)| *value != 0) {
            let message = format!(
                "`{}` is always {value}, so every request without `{}` would break the rule",
                part.wire, rule.total
            );
            diagnostics
                .report(Lint::Condition, place.at("parts").item(n), message)
                .help(format!("add `mandatory: true` to `{}`, or remove the part", rule.total));
        }
        return;
    }
    // Without any part, there is no sum.
    if !parts.iter().any(|part| is_always_given(part)) {
        return;
    }
    let sum = |bounds: &dyn Fn(&Field) -> Option<i128>| parts.iter().map(|part| bounds(part)).sum::<Option<i128>>();
    let is_exact = !rule.exact_when.is_empty() && rule.exact_when.iter().filter_map(field).all(is_always_given);
    let (least, most) = (sum(&|part| bounds(part).0), sum(&|part| bounds(part).1));
    let (least_total, most_total) = bounds(total);
    let message = if let (Some(least), Some(total)) = (least, most_total)
        && least > total
    {
        format!("the sum of the parts is always larger than `{}`: it is at least {least}", rule.total)
    } else if let (Some(most), Some(total)) = (most, least_total)
        && is_exact
        && most < total
    {
        format!("the sum of the parts is always smaller than `{}`: it is at most {most}", rule.total)
    } else {
        return;
    };
    diagnostics
        .report(Lint::Condition, place.at("total"), message)
        .help("correct the fixed values and the limits of these fields");
}

/// Returns `true` if each request has a value for a field.
fn is_always_given(field: &Field) -> bool {
    let is_omitted = |choice: &Choice| matches!(choice.sends, Sends::Absent | Sends::Null);
    let spec = &field.spec;
    spec.fixed.is_some() || (spec.mandatory && !spec.nullable && !spec.choices.values().any(is_omitted))
}

fn fixed_number(field: &Field) -> Option<i64> {
    match field.spec.fixed {
        Some(Literal::Integer(value)) => Some(value),
        _ => None,
    }
}

/// Returns the smallest and the largest amount that a field contributes to a sum. An absent field contributes 0.
fn bounds(field: &Field) -> (Option<i128>, Option<i128>) {
    if let Some(value) = fixed_number(field) {
        return (Some(value.into()), Some(value.into()));
    }
    let limits = field.rules.integer.as_ref();
    let (min, max) = (limits.and_then(|limits| limits.min), limits.and_then(|limits| limits.max));
    let (min, max) = (min.map(i128::from), max.map(i128::from));
    match is_always_given(field) {
        true => (min, max),
        false => (min.map(|min| min.min(0)), max.map(|max| max.max(0))),
    }
}

/// Checks groups that are selected by the value of a field outside of the group.
fn groups(api: &Api, diagnostics: &mut Diagnostics) {
    for (n, object) in api.objects.iter().enumerate() {
        let same = |other: &&Object| other.spec.when.is_some() && other.spec.when == object.spec.when;
        if let Some(first) = api.objects[..n].iter().find(same) {
            let message = format!("the same value selects both `{}` and `{}`", first.name, object.name);
            diagnostics
                .report(Lint::Discriminator, object.place.at("when").key(), message)
                .also(first.place.at("when").key(), "the first")
                .help("combine them into one group");
        }
        if object.spec.when.as_ref().is_some_and(|when| when.len() != 1) {
            diagnostics
                .report(
                    Lint::Discriminator,
                    object.place.at("when").key(),
                    "a group must be selected by exactly one value of one field",
                )
                .help("write `when: { field: VALUE }`");
        }
        for (wire, value) in object.spec.when.iter().flatten() {
            let place = object.place.at("when").at(wire);
            let lists = api
                .operations
                .iter()
                .map(|op| op.reply.as_slice())
                .chain(api.callbacks.iter().map(|c| c.body.as_slice()));
            let found = lists.flatten().find(|field| field.wire == *wire);
            match found {
                None if api.lost => {}
                None => {
                    diagnostics.report(
                        Lint::DanglingField,
                        place.key(),
                        format!("no reply or callback has a field `{wire}`"),
                    );
                }
                Some(field) if !matches!(field.kind, Kind::One(TypeRef::Enum(_))) => {
                    diagnostics.report(Lint::Discriminator, place.key(), format!("`{wire}` is not an enumeration"));
                }
                Some(field) => {
                    if let Some(problem) = literal_problem(api, field, value) {
                        diagnostics.report(Lint::ConditionValue, place, problem);
                    }
                }
            }
        }
    }
    let operations = api.operations.iter().map(|op| op.reply.as_slice());
    for message in operations.chain(api.callbacks.iter().map(|callback| callback.body.as_slice())) {
        selected_by_one_field(api, message, diagnostics);
    }
}

/// Checks that a single field selects all groups of a message, because the groups become one enumeration. The field
/// must have the same type in all messages.
fn selected_by_one_field(api: &Api, message: &[Field], diagnostics: &mut Diagnostics) {
    let mut first: Option<(&str, &Field)> = None;
    for field in message {
        let (Kind::Include(n) | Kind::One(TypeRef::Object(n))) = field.kind else { continue };
        let Some((wire, _)) = api.objects[n].spec.when.as_ref().and_then(|when| when.first()) else { continue };
        match first {
            Some((other, before)) if other != wire => {
                let message =
                    format!("`{wire}` selects this group, but `{other}` selects another group of the message");
                diagnostics
                    .report(Lint::Discriminator, field.place.clone().key(), message)
                    .also(before.place.clone().key(), "the other")
                    .help("let one field select all groups of a message");
            }
            Some(_) => {}
            None => first = Some((wire, field)),
        }
        let selecting = discriminating_enum(api, wire);
        let here = message.iter().find(|other| other.wire == *wire);
        if let (Some(of), Some(here)) = (selecting, here)
            && !matches!(here.kind, Kind::One(TypeRef::Enum(n)) if api.enums[n].name == of.name)
        {
            let message = format!("`{wire}` selects groups, but has the type `{}` in another message", of.name);
            diagnostics
                .report(Lint::Discriminator, here.place.clone().key(), message)
                .help(format!("give it the type `{}`", of.name));
        }
    }
}

/// Returns the reason why a condition is never true. `None` if it can be true.
fn never(api: &Api, field: &Field, other: &Field, value: &Literal) -> Option<String> {
    if other.wire == field.wire {
        return Some(format!("the condition of `{}` refers to the field itself", field.wire));
    }
    if is_supplied(api, other) {
        return Some(format!("the client fills `{}`, so the caller's request has no value for it", other.wire));
    }
    let sends = |choice: &Choice| match (choice.sends, value) {
        (Sends::Bool(sent), Literal::Bool(value)) => sent == *value,
        _ => false,
    };
    let only = other.spec.choices_only && !other.spec.choices.is_empty() && !other.spec.choices.values().any(sends);
    only.then(|| format!("no choice sets `{}` to `{value}`", other.wire))
}

fn dangling(wire: &str, fields: &[Field], place: Place, diagnostics: &mut Diagnostics) {
    diagnostics
        .report(Lint::DanglingField, place, format!("there is no field `{wire}` here"))
        .suggest(wire, fields.iter().map(|f| f.wire.as_str()));
}
