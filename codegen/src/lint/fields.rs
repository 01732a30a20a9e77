//! Lints of fields: repeated names, character sets, defaults, sensitivity, misplaced keys, choices, alternatives and
//! path parameters.

use super::comparison::is_text_enum;
use super::limits;
use super::values::{Way, problems, value_of};
use crate::analysis::{FieldsOf, each_field, field_lists, moment_notation};
use crate::diagnostic::Diagnostics;
use crate::lint_registry::Lint;
use crate::resolved::{Api, Field, Kind, TypeRef};
use crate::source::Place;
use crate::spec::{self, Characters, Literal};
use std::collections::HashMap;

pub(super) fn lint(api: &Api, diagnostics: &mut Diagnostics) {
    for (part, fields) in field_lists(api) {
        duplicates(api, fields, diagnostics);
        each_field(fields, &mut |field| {
            limits::field(api, field, diagnostics);
            characters(&field.place, field.spec.characters.as_ref(), diagnostics);
            default(api, field, part, diagnostics);
            sensitivity(api, field, diagnostics);
            misplaced(api, field, part, diagnostics);
            if let Some(time) = field.spec.within {
                super::wire::within(time, &field.place.at("within"), diagnostics);
            }
            choices(field, diagnostics);
            alternatives(field, diagnostics);
            path_parameter(api, field, part, diagnostics);
        });
    }
    for scalar in &api.scalars {
        let spec = &scalar.spec;
        limits::scalar(&scalar.place, spec, diagnostics);
        characters(&scalar.place, spec.characters.as_ref(), diagnostics);
        let unread = diagnostics.is_silent(&scalar.place.at("sensitivity"));
        if spec.sensitivity.is_none() && !unread && is_suspicious(&scalar.name) {
            suspicious(&scalar.place, &scalar.name, diagnostics);
        }
    }
}

/// Reports wire names that one message has twice, including the names of alternatives and of the members of included
/// groups.
fn duplicates(api: &Api, fields: &[Field], diagnostics: &mut Diagnostics) {
    let mut seen: HashMap<&str, Place> = HashMap::new();
    for field in fields {
        let names: Vec<(&str, Place)> = match &field.kind {
            Kind::OneOf(choices) => choices.iter().map(|c| (c.wire.as_str(), c.place.clone())).collect(),
            Kind::Include(n) => api.objects[*n].fields.iter().map(|f| (f.wire.as_str(), field.place.clone())).collect(),
            _ => vec![(field.wire.as_str(), field.place.clone())],
        };
        for (name, place) in names {
            if let Some(first) = seen.get(name) {
                diagnostics
                    .report(Lint::DuplicateField, place.clone().key(), format!("`{name}` is in this message twice"))
                    .also(first.clone().key(), "the first");
            }
            seen.entry(name).or_insert(place);
        }
    }
}

fn characters(place: &Place, characters: Option<&Characters>, diagnostics: &mut Diagnostics) {
    let Some(characters) = characters else { return };
    if characters.allow.is_some() == characters.forbid.is_some() {
        diagnostics.report(Lint::Characters, place.at("characters").key(), "write either `allow:` or `forbid:`");
    }
    for (n, word) in characters.allow.iter().flatten().enumerate() {
        let named = ["digits", "latin", "hangul", "blank"];
        if !named.contains(&word.as_str()) && word.len() > 3 && word.chars().all(|c| c.is_ascii_alphabetic()) {
            diagnostics
                .report(
                    Lint::Characters,
                    place.at("characters").at("allow").item(n),
                    format!("`{word}` is not the name of a set of characters"),
                )
                .suggest(word, named);
        }
    }
    let listed = characters.allow.iter().flatten().filter(|w| w.len() > 1 || !w.is_ascii());
    for text in listed.map(String::as_str).chain(characters.forbid.as_deref()) {
        if let Some(c) = text.chars().find(|c| !c.is_ascii()) {
            diagnostics.report(
                Lint::Characters,
                place.at("characters").key(),
                format!("`{c}` is not ASCII; sets beyond ASCII have names, such as `hangul`"),
            );
        }
    }
}

fn default(api: &Api, field: &Field, part: FieldsOf, diagnostics: &mut Diagnostics) {
    let Some(default) = &field.spec.default else { return };
    let place = field.place.at("default");
    let misplaced = match &field.kind {
        Kind::Broken => return,
        _ if !matches!(part, FieldsOf::Query | FieldsOf::Request | FieldsOf::Object) => {
            Some("only an optional field in the query or the body of a request can have a default")
        }
        _ if field.spec.mandatory => Some("a mandatory field is never absent, so it cannot have a default"),
        Kind::One(of) if !matches!(of, TypeRef::Object(_)) => None,
        _ => Some("only a single value can have a default"),
    };
    if let Some(message) = misplaced {
        diagnostics.report(Lint::Default, place.key(), message);
        return;
    }
    if let Some(problem) = literal_problem(api, field, default) {
        let diagnostic = diagnostics.report(Lint::Default, place, problem);
        if let Kind::One(TypeRef::Enum(n)) = field.kind {
            let values = &api.enums[n].spec.values;
            diagnostic.suggest(&default.to_string(), values.keys().map(String::as_str));
        }
        return;
    }
    for problem in problems(api, field, &value_of(default), Way::Sent) {
        diagnostics.report(Lint::Default, place.clone(), problem.message).help_if(problem.hint);
    }
}

/// Returns the reason why a literal cannot be a value of a field. `None` if it can.
pub(super) fn literal_problem(api: &Api, field: &Field, value: &Literal) -> Option<String> {
    let Kind::One(of) = field.kind else { return None };
    if let TypeRef::Enum(n) = of {
        let definition = &api.enums[n];
        let known = definition.spec.values.contains_key(&value.to_string());
        // Another lint reports an enumeration without values.
        let known = known || definition.spec.values.is_empty();
        return (!known).then(|| format!("`{value}` is not a value of `{}`", definition.name));
    }
    problems(api, field, &value_of(value), Way::Read).into_iter().next().map(|problem| problem.message)
}

/// Parts of a name that indicate a sensitive value.
const SUSPICIOUS: [&str; 15] = [
    "key",
    "secret",
    "token",
    "card",
    "account",
    "phone",
    "email",
    "mail",
    "hash",
    "password",
    "passwd",
    "passcode",
    "passphrase",
    "pwd",
    "birth",
];

/// Words that indicate a sensitive value only as a whole word of a name. `pin` is one of them, so that `shipping` is
/// not suspicious.
const SUSPICIOUS_WORDS: [&str; 8] = ["pin", "cvc", "cvv", "otp", "ssn", "rrn", "iban", "pan"];

/// Returns `true` if a name indicates a sensitive value.
pub(super) fn is_suspicious(name: &str) -> bool {
    let folded: String = name.to_lowercase().chars().filter(char::is_ascii_alphanumeric).collect();
    let words = crate::names::snake(name);
    SUSPICIOUS.iter().any(|part| folded.contains(part))
        || words.split('_').any(|word| SUSPICIOUS_WORDS.contains(&word.trim_end_matches(|c: char| c.is_ascii_digit())))
}

fn sensitivity(api: &Api, field: &Field, diagnostics: &mut Diagnostics) {
    let decided = field.spec.sensitivity.is_some()
        || match &field.kind {
            Kind::One(TypeRef::Scalar(n)) | Kind::List(TypeRef::Scalar(n)) => {
                api.scalars[*n].spec.sensitivity.is_some()
            }
            // Members of groups and alternatives are checked separately. A boolean or an enumeration reveals nothing
            // about a person.
            Kind::One(TypeRef::Object(_) | TypeRef::Union(_) | TypeRef::Boolean | TypeRef::Enum(_))
            | Kind::List(TypeRef::Object(_) | TypeRef::Union(_) | TypeRef::Enum(_))
            | Kind::Include(_)
            | Kind::OneOf(_)
            | Kind::Broken => true,
            _ => false,
        };
    let of = match field.kind {
        Kind::One(TypeRef::Scalar(n)) | Kind::List(TypeRef::Scalar(n)) => Some(&api.scalars[n].place),
        _ => None,
    };
    // The `sensitivity:` may be in a part of the spec that could not be read.
    let unread =
        [Some(&field.place), of].into_iter().flatten().any(|place| diagnostics.is_silent(&place.at("sensitivity")));
    if !decided && !unread && is_suspicious(&field.wire) {
        suspicious(&field.place, &field.wire, diagnostics);
    }
}

fn suspicious(place: &Place, name: &str, diagnostics: &mut Diagnostics) {
    diagnostics
        .report(
            Lint::Sensitivity,
            place.clone().key(),
            format!("`{name}` looks like a secret or personal data, but has no `sensitivity:`"),
        )
        .help("add `sensitivity: public`, `personal` or `secret`");
}

/// Reports keys that have no meaning for their field.
fn misplaced(api: &Api, field: &Field, part: FieldsOf, diagnostics: &mut Diagnostics) {
    let spec = &field.spec;
    for (key, wrong, why) in
        presence(api, field, part).into_iter().chain(notation(api, field, part)).chain(shape(field, part))
    {
        if wrong {
            let place = if spec_has(spec, key) { field.place.at(key).key() } else { field.place.clone().key() };
            diagnostics.report(Lint::MisplacedKey, place, why);
        }
    }
}

/// Check of a key: the key, `true` if it is misplaced, and the reason.
type KeyCheck = (&'static str, bool, &'static str);

fn is_of_request(part: FieldsOf) -> bool {
    matches!(part, FieldsOf::Path | FieldsOf::Query | FieldsOf::OwnHeader | FieldsOf::Request | FieldsOf::Object)
}

/// Returns the checks of the keys that concern the presence of a value.
fn presence(api: &Api, field: &Field, part: FieldsOf) -> Vec<KeyCheck> {
    let spec = &field.spec;
    let (request, reply) = (is_of_request(part), part == FieldsOf::Reply);
    let always_text = is_text_enum(api, field)
        || matches!(field.kind, Kind::One(TypeRef::String | TypeRef::Scalar(_)) | Kind::List(_) | Kind::Broken);
    vec![
        ("mandatory", spec.mandatory && !request, "only requests have mandatory fields; see `always:`"),
        ("mandatory_when", spec.mandatory_when.is_some() && !request, "only requests have mandatory fields"),
        ("always", spec.always && !reply, "only an operation's reply has `always:`; a request has `mandatory:`"),
        (
            "always",
            spec.always && reply && !always_text,
            "only a text, an enumeration of texts or a list can have `always:`",
        ),
        ("always", spec.always && spec.nullable, "a field that may be null cannot have `always:`"),
        ("choices", !spec.choices.is_empty() && !request, "only requests have choices"),
        ("choices_only", spec.choices_only && spec.choices.is_empty(), "there are no choices"),
        ("only_in", spec.only_in.is_some() && part != FieldsOf::Callback, "only callbacks have versions"),
        (
            "supplied_by",
            spec.supplied_by.is_some()
                && !matches!(part, FieldsOf::Request | FieldsOf::Query | FieldsOf::OwnHeader | FieldsOf::Path),
            "the client fills only the path, the query, the headers and the body of a request",
        ),
        (
            "mandatory",
            part == FieldsOf::Path && !spec.mandatory,
            "a path parameter is always mandatory; write `mandatory: true`",
        ),
    ]
}

/// Returns the checks of the keys that concern the notation of a value.
fn notation(api: &Api, field: &Field, part: FieldsOf) -> Vec<KeyCheck> {
    let spec = &field.spec;
    let request = is_of_request(part);
    let of = match field.kind {
        Kind::One(of) | Kind::List(of) => Some(of),
        _ => None,
    };
    let number = matches!(field.kind, Kind::One(TypeRef::Integer | TypeRef::Amount(_)));
    let text = matches!(of, Some(TypeRef::String | TypeRef::Scalar(_) | TypeRef::Enum(_)) | None);
    let one_text = matches!(field.kind, Kind::One(TypeRef::String | TypeRef::Scalar(_)) | Kind::Broken);
    let received = matches!(part, FieldsOf::Reply | FieldsOf::Callback | FieldsOf::Object);
    vec![
        (
            "negative",
            spec.negative && !number,
            "only an `integer` or an amount such as `won` can be `negative`; a `decimal` keeps its sign",
        ),
        (
            "more_than",
            spec.more_than.is_some() && !matches!(field.kind, Kind::One(TypeRef::Decimal) | Kind::Broken),
            "only a `decimal` has values between two whole numbers: write `min:`",
        ),
        ("more_than", spec.more_than.is_some() && spec.min.is_some(), "a number has one lower bound: remove `min:`"),
        ("negative", spec.negative && !received, "only a received number can have `negative:`"),
        ("characters", spec.characters.is_some() && !text, "only a text can have a set of characters"),
        ("not_blank", spec.not_blank && !text, "only a text can be blank"),
        ("format", spec.format.is_some() && !text, "only a text can have a format"),
        ("expected_port", spec.expected_port.is_some() && !(request && one_text), "only a URL in a request has a port"),
        ("expected_port", spec.expected_port == Some(0), "there is no port 0"),
        (
            "within",
            spec.within.is_some() && !matches!(field.kind, Kind::One(of) if moment_notation(api, of).is_some()),
            "only a time can have `within:`",
        ),
    ]
}

/// Returns the checks of the keys that concern groups, alternatives and null.
fn shape(field: &Field, part: FieldsOf) -> Vec<KeyCheck> {
    let nullable = field.spec.nullable;
    vec![
        (
            "include",
            part != FieldsOf::Reply && part != FieldsOf::Callback && matches!(field.kind, Kind::Include(_)),
            "only replies and callbacks can include a group; write `type:` instead of `include:`",
        ),
        (
            "nullable",
            nullable && matches!(field.kind, Kind::OneOf(_) | Kind::Include(_)),
            "alternatives and included groups are not on the wire, so they cannot be null",
        ),
        (
            "nullable",
            nullable && matches!(part, FieldsOf::Path | FieldsOf::Header | FieldsOf::OwnHeader),
            "a path or header has only texts and cannot be null",
        ),
        (
            "one_of",
            !matches!(part, FieldsOf::Request) && matches!(field.kind, Kind::OneOf(_)),
            "only a request body can have alternatives",
        ),
    ]
}

/// Checks that the field can have the value of each choice.
fn choices(field: &Field, diagnostics: &mut Diagnostics) {
    let spec = &field.spec;
    for (name, choice) in &spec.choices {
        let boolean = matches!(field.kind, Kind::One(TypeRef::Boolean));
        let wrong = match choice.sends {
            spec::Sends::Bool(_) => !boolean,
            spec::Sends::Null => !(spec.nullable && spec.mandatory),
            spec::Sends::Absent => !spec.mandatory,
        };
        if wrong {
            diagnostics
                .report(
                    Lint::Choice,
                    field.place.at("choices").at(name).at("sends"),
                    "the field cannot have this value",
                )
                .help(
                    "`true` and `false` need a boolean, `null` a mandatory nullable field, `absent` a mandatory field",
                );
        }
    }
}

/// Checks that the types of alternatives are different named scalars.
fn alternatives(field: &Field, diagnostics: &mut Diagnostics) {
    let Kind::OneOf(choices) = &field.kind else { return };
    for (n, choice) in choices.iter().enumerate() {
        // Each alternative becomes a conversion from its type. Two conversions from the same type would not compile.
        let same = |other: &&Field| matches!((&other.kind, &choice.kind), (Kind::One(a), Kind::One(b)) if a == b);
        if let Some(first) = choices[..n].iter().find(same) {
            let message = format!("`{}` has the type of `{}`", choice.wire, first.wire);
            diagnostics
                .report(Lint::OneOf, choice.place.clone().key(), message)
                .also(first.place.clone().key(), "the first")
                .help("alternatives are distinguished by their types; define another scalar under `scalars:`");
        }
        if !choice.spec.choices.is_empty() {
            let place = choice.place.at("choices").key();
            diagnostics.report(Lint::MisplacedKey, place, "an alternative cannot have choices");
        }
        if !matches!(choice.kind, Kind::One(TypeRef::Scalar(_)) | Kind::Broken) {
            diagnostics
                .report(Lint::OneOf, choice.place.clone().key(), format!("`{}` needs a named scalar", choice.wire))
                .help("alternatives are distinguished by their types; define a scalar under `scalars:`");
        }
    }
}

/// Checks that the type of a path parameter is a named scalar or an enumeration of texts.
fn path_parameter(api: &Api, field: &Field, part: FieldsOf, diagnostics: &mut Diagnostics) {
    let is_text_enum = |n: usize| api.enums[n].spec.coded_as == spec::Coding::Text;
    let is_named = match field.kind {
        Kind::One(TypeRef::Enum(n)) => is_text_enum(n),
        Kind::One(TypeRef::Scalar(_)) | Kind::Broken => true,
        _ => false,
    };
    if part == FieldsOf::Path && !is_named {
        diagnostics
            .report(
                Lint::PathParameter,
                field.place.clone().key(),
                "a path parameter needs a named scalar, or an enumeration of texts",
            )
            .help("identifiers are distinguished by their types; define a scalar under `scalars:`");
    }
}

fn spec_has(spec: &spec::FieldSpec, key: &str) -> bool {
    match key {
        "include" => spec.include.is_some(),
        "one_of" => spec.one_of.is_some(),
        "mandatory" => spec.mandatory,
        "always" => spec.always,
        _ => true,
    }
}
