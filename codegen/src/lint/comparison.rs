//! Checks of two fields that are compared with each other. Both fields must exist, and must have the same type. The
//! lints of evidence, resolution and confirmation share these checks.

use super::types::another_type;
use crate::analysis::{at_list, field_at, field_in, field_paths, field_way, fields_in};
use crate::diagnostic::Diagnostics;
use crate::lint_registry::Lint;
use crate::resolved::{Api, Field, Kind, Operation, TypeRef};
use crate::source::Place;
use crate::spec::{Coding, FixedValue, Literal, Map};

/// Checks `sums:` or `entry_sums:`. Each key names a field of the request, which is a number that must equal a sum. The
/// sum adds several members, or one member of each entry of a list.
pub(super) fn sums(
    api: &Api,
    op: &Operation,
    (sums, fields): (&Map<Vec<String>>, Option<&[Field]>),
    place: &Place,
    diagnostics: &mut Diagnostics,
) {
    for (name, members) in sums {
        let place = place.at(name);
        let own = own_field(api, op, name, place.clone().key(), diagnostics);
        if let Some(own) = own.filter(|own| !is_number(own) && !is_broken(own)) {
            diagnostics.report(Lint::MemberType, place.clone().key(), format!("`{}` is not a number", own.wire));
        }
        for (n, member) in members.iter().enumerate() {
            let place = place.item(n);
            let found = fields.and_then(|fields| find_in(api, fields, member, place.clone(), diagnostics));
            compare(found, own, name, member, &place, diagnostics);
            if members[..n].contains(member) {
                diagnostics.report(Lint::KeyCombination, place, format!("`{member}` is added twice"));
            }
        }
        if members.len() < 2 && members.iter().all(|member| at_list(member).is_none()) {
            diagnostics
                .report(Lint::KeyCombination, place, "a sum needs two members or more")
                .help("write a single member under `binds:`, or under `entry_equal:` if it is a member of an entry");
        }
    }
}

/// Checks that a member can have each of the fixed values, and that there is at least one fixed value.
pub(super) fn fixed(
    api: &Api,
    name: &str,
    value: &FixedValue,
    field: Option<&Field>,
    place: &Place,
    diagnostics: &mut Diagnostics,
) {
    let Some(field) = field.filter(|field| !is_broken(field)) else { return };
    for value in &value.is.0 {
        let values = match field.kind {
            Kind::One(TypeRef::Enum(n)) => &api.enums[n].spec.values,
            Kind::One(TypeRef::Boolean) if matches!(value, Literal::Bool(_)) => continue,
            Kind::One(TypeRef::Integer | TypeRef::Amount(_)) if matches!(value, Literal::Integer(_)) => continue,
            _ => {
                let message = format!("`{name}` is never `{value}`, because it has another type");
                diagnostics
                    .report(Lint::MemberType, place.at("is"), message)
                    .help("use a member that is an enumeration, a boolean or an integer");
                continue;
            }
        };
        let value = value.to_string();
        if !values.contains_key(&value) {
            diagnostics
                .report(Lint::DanglingValue, place.at("is"), format!("there is no value `{value}`"))
                .suggest(&value, values.keys().map(String::as_str));
        }
    }
    if value.is.0.is_empty() {
        diagnostics.report(Lint::DanglingValue, place.at("is").key(), format!("`{name}` needs a value"));
    }
}

/// Checks that the member under `environment:` exists and is an enumeration of texts.
pub(super) fn environment(
    api: &Api,
    fields: &[Field],
    name: Option<&String>,
    place: &Place,
    diagnostics: &mut Diagnostics,
) {
    let Some(name) = name else { return };
    let place = place.at("environment");
    let field = find(api, fields, name, place.clone(), diagnostics);
    if field.is_some_and(|field| !is_text_enum(api, field)) {
        diagnostics.report(Lint::MemberType, place, format!("`{name}` is not an enumeration of texts"));
    }
}

/// Reports a field of the request that is a list, if the member of the answer is not a list.
pub(super) fn single(
    found: Option<&Field>,
    own: Option<&Field>,
    from: &str,
    place: &Place,
    diagnostics: &mut Diagnostics,
) {
    let is_list = |field: &Field| matches!(field.kind, Kind::List(_));
    if own.is_some_and(is_list) && found.is_some_and(|found| !is_list(found)) {
        diagnostics
            .report(Lint::ComparisonType, place.clone(), format!("`{from}` is a list, but is compared with one value"))
            .help("compare a single value, or the entries of a list under `entry:`");
    }
}

/// Reports a field of the request that is one of several alternatives, because a request may lack this alternative.
pub(super) fn every(op: &Operation, name: &str, place: &Place, diagnostics: &mut Diagnostics) {
    let is_choice = |field: &Field| matches!(&field.kind, Kind::OneOf(all) if all.iter().any(|own| own.wire == name));
    if op.request.iter().any(is_choice) {
        diagnostics
            .report(Lint::QueryArgument, place.clone(), format!("`{name}` is one of several alternatives"))
            .help("use a field that each request has");
    }
}

/// Checks that the member `found` of an answer can be compared with the field `own` of a request. Both must have the
/// same type, and the member must be neither an object nor a list.
///
/// `from` is the name of `own`, and `name` is the name of `found`.
pub(super) fn compare(
    found: Option<&Field>,
    own: Option<&Field>,
    from: &str,
    name: &str,
    place: &Place,
    diagnostics: &mut Diagnostics,
) {
    if let (Some(found), Some(own)) = (found, own)
        // For a list, the type of its entries is compared, because each entry may be compared with a single value.
        && of(found).map(|(_, of)| of) != of(own).map(|(_, of)| of)
        && !is_broken(found)
        && !is_broken(own)
    {
        diagnostics.report(Lint::ComparisonType, place.clone(), another_type(from, own, name, found));
    } else if found.is_some_and(|found| matches!(found.kind, Kind::One(TypeRef::Object(_) | TypeRef::Union(_)))) {
        diagnostics
            .report(
                Lint::ComparisonType,
                place.clone(),
                format!("`{name}` is an object, which is not compared as a whole"),
            )
            .help("compare its members, each by its dotted path");
    } else if found.is_some_and(|found| matches!(found.kind, Kind::List(_))) {
        diagnostics
            .report(Lint::ComparisonType, place.clone(), format!("`{name}` is a list; it is not compared as a whole"))
            .help(
                "compare a member that has a single value, or a member of each entry, such as `cards[].number`; under \
                 `resolve:`, you can also compare members of the entries of `list:` under `entry:`, `entry_equal:` or \
                 `entry_expect:`",
            );
    }
}

/// Returns a field of an operation's request by its name or its dotted path. The field may be one of several
/// alternatives. Reports a name that no field has, and a dotted path that contains an optional or nullable field.
pub(super) fn own_field<'a>(
    api: &'a Api,
    op: &'a Operation,
    name: &str,
    place: Place,
    diagnostics: &mut Diagnostics,
) -> Option<&'a Field> {
    let fields: Vec<&Field> = [&op.path, &op.query, &op.headers, &op.request].into_iter().flatten().collect();
    let choice = |field: &&'a Field| match &field.kind {
        Kind::OneOf(choices) => choices.iter().find(|choice| choice.wire == name),
        _ => None,
    };
    let found = fields
        .iter()
        .find(|field| field.wire == name && !matches!(field.kind, Kind::OneOf(_)))
        .copied()
        .or_else(|| fields.iter().find_map(choice));
    if found.is_some() {
        return found;
    }
    let Some(way) = field_way(api, &op.request, name) else {
        let names: Vec<String> = op
            .path
            .iter()
            .chain(&op.query)
            .map(|field| field.wire.clone())
            .chain(field_paths(api, &op.request))
            .collect();
        diagnostics
            .report(Lint::DanglingField, place, format!("`{}` has no field `{name}`", op.id))
            .suggest(name, names.iter().map(String::as_str));
        return None;
    };
    if let Some((field, why)) = weak_step(&way) {
        diagnostics
            .report(Lint::WeakIdentity, place, format!("`{name}` may be absent: `{}` {why}", field.wire))
            .help("use a field that each request has");
    }
    way.last().copied()
}

/// Returns the reason why a request may lack the value of a field. `None` if each request has a value.
pub(super) fn weakness(field: &Field) -> Option<&'static str> {
    match (field.spec.mandatory, field.spec.nullable) {
        (false, _) => Some("is optional"),
        (true, true) => Some("may be null"),
        (true, false) => None,
    }
}

/// Returns the first field on the way to a value that a request may lack, and the reason.
pub(super) fn weak_step<'a>(way: &[&'a Field]) -> Option<(&'a Field, &'static str)> {
    way.iter().find_map(|field| Some((*field, weakness(field)?)))
}

/// Returns what [`of`] returns for the field or for one of its alternatives, whichever has this name. Returns `None` if
/// neither the field nor an alternative has the name.
pub(super) fn takes(field: &Field, name: &str) -> Option<(bool, TypeRef)> {
    match &field.kind {
        Kind::OneOf(choices) => choices.iter().find(|choice| choice.wire == name).and_then(of),
        _ if field.wire == name => of(field),
        _ => None,
    }
}

/// Returns the field with this name from the path, the query, the headers or the body of an operation's request. The
/// field may be one of several alternatives. Returns `None` if there is no such field, or if the field is neither a
/// single value nor a list.
pub(super) fn argument<'a>(op: &'a Operation, name: &str) -> Option<&'a Field> {
    let plain = [&op.path, &op.query, &op.headers, &op.request].into_iter().flatten();
    let choices = plain.clone().filter_map(|field| match &field.kind {
        Kind::OneOf(choices) => Some(choices),
        _ => None,
    });
    plain.chain(choices.flatten()).find(|field| field.wire == name && of(field).is_some())
}

pub(super) fn is_text_enum(api: &Api, field: &Field) -> bool {
    matches!(field.kind, Kind::One(TypeRef::Enum(n)) if api.enums[n].spec.coded_as != Coding::Integer)
}

/// Returns whether the field is a list, and the type of its value or of its entries. `None` if the field is neither a
/// single value nor a list.
pub(super) fn of(field: &Field) -> Option<(bool, TypeRef)> {
    match field.kind {
        Kind::One(of) => Some((false, of)),
        Kind::List(of) => Some((true, of)),
        _ => None,
    }
}

/// Returns `true` if the field has a single value, which a caller can pass.
pub(super) fn is_single(field: &Field) -> bool {
    matches!(field.kind, Kind::One(of) if of.is_single())
}

/// Reports a comparison of the whole amount with the amount of each entry of a list.
pub(super) fn whole_amount(found: Option<&Field>, name: &str, place: &Place, diagnostics: &mut Diagnostics) {
    if at_list(name).is_some() && found.is_some_and(is_number) {
        diagnostics
            .report(
                Lint::UncheckedAmount,
                place.clone(),
                "each entry is compared with the whole amount, but two such entries would be twice the amount",
            )
            .help("move the member to `sums:`, which adds all entries");
    }
}

pub(super) fn is_number(field: &Field) -> bool {
    matches!(field.kind, Kind::One(TypeRef::Amount(_) | TypeRef::Integer | TypeRef::Decimal))
}

/// Returns `true` if the type of a field is unknown, which another lint reports.
pub(super) fn is_broken(field: &Field) -> bool {
    matches!(field.kind, Kind::Broken)
}

/// Returns a member of an answer by its name or its dotted path, and reports an unknown name.
pub(super) fn find<'a>(
    api: &'a Api,
    fields: &'a [Field],
    name: &str,
    place: Place,
    diagnostics: &mut Diagnostics,
) -> Option<&'a Field> {
    let found = field_at(api, fields, name);
    if found.is_none() {
        unknown_member(name, &field_paths(api, fields), place, diagnostics);
    }
    found
}

/// Returns a member like [`find`]. The path may also lead into lists.
pub(super) fn find_in<'a>(
    api: &'a Api,
    fields: &'a [Field],
    name: &str,
    place: Place,
    diagnostics: &mut Diagnostics,
) -> Option<&'a Field> {
    let found = field_in(api, fields, name);
    if found.is_none() {
        let paths: Vec<String> = fields_in(api, fields).into_iter().map(|(path, _)| path).collect();
        unknown_member(name, &paths, place, diagnostics);
    }
    found
}

fn unknown_member(name: &str, paths: &[String], place: Place, diagnostics: &mut Diagnostics) {
    diagnostics
        .report(Lint::DanglingField, place, format!("the answer has no member `{name}`"))
        .suggest(name, paths.iter().map(String::as_str));
}
