//! Tables of fields with the rules of each field, and the rules of scalars.

use super::{MarkdownPage, code, source};
use crate::analysis::Directions;
use crate::prose::sentence;
use crate::resolved::{Api, Composite, Field, Kind, TypeRef};
use crate::spec::{Characters, Format, Generated, Limit, Scalar, Sends, Sensitivity, Unit};

/// Appends a table of the fields that a caller sends.
pub(super) fn sent(api: &Api, page: &mut MarkdownPage, title: &str, fields: &[Field]) {
    table(api, page, title, fields, "optional", true);
}

/// Appends a table of the fields that the service sends.
pub(super) fn received(api: &Api, page: &mut MarkdownPage, title: &str, fields: &[Field]) {
    table(api, page, title, fields, "", false);
}

/// Appends a table of the fields of the group with the index `n`.
pub(super) fn group(api: &Api, page: &mut MarkdownPage, n: usize) {
    let is_sent = Directions::of(api).sent(TypeRef::Object(n));
    table(api, page, "", &api.objects[n].fields, "", is_sent);
}

/// Appends a table of fields. `optional` is the word for a field that is not mandatory.
fn table(api: &Api, page: &mut MarkdownPage, title: &str, fields: &[Field], optional: &str, is_sent: bool) {
    let mut rows = Vec::new();
    for field in fields {
        match &field.kind {
            Kind::OneOf(choices) => {
                let word = if field.spec.mandatory { "exactly one of these" } else { "at most one of these" };
                rows.extend(choices.iter().map(|choice| row(api, choice, format!("{word} ({})", code(&field.wire)))));
            }
            Kind::Include(n) => {
                let group = &api.objects[*n];
                let listed = |f: &&Field| field.spec.fields.as_ref().is_none_or(|names| names.contains(&f.wire));
                let of = format!("of {}", link(&group.name));
                rows.extend(group.fields.iter().filter(listed).map(|inner| row(api, inner, of.clone())));
            }
            _ => rows.push(row(api, field, requirement(field, optional, is_sent))),
        }
    }
    if !rows.is_empty() && !title.is_empty() {
        page.paragraph(&format!("**{title}**"));
    }
    page.table(&["name", "type", "", "limits", "default", "meaning", "source"], &rows);
}

fn row(api: &Api, field: &Field, requirement: String) -> Vec<String> {
    let spec = &field.spec;
    vec![
        code(&field.wire),
        type_of(api, field),
        requirement,
        limits(field).join("; "),
        spec.default.as_ref().map(|value| code(&value.to_string())).unwrap_or_default(),
        meaning(api, field),
        source(spec.source),
    ]
}

fn requirement(field: &Field, optional: &str, is_sent: bool) -> String {
    let spec = &field.spec;
    let mut words = vec![if spec.mandatory { "mandatory" } else { optional }.to_owned()];
    for (other, value) in spec.mandatory_when.iter().flatten() {
        words.push(format!("mandatory when {} is {}", code(other), code(&value.to_string())));
    }
    if spec.always {
        words.push("always".into());
    }
    if spec.nullable {
        let in_list = is_sent && matches!(field.kind, Kind::List(_));
        words.push(if in_list { "its entries may be null" } else { "may be null" }.into());
    }
    match spec.supplied_by.as_deref() {
        Some("client") => words.push("supplied by the client".into()),
        Some(value) => words.push(format!("computed: {}", code(value))),
        None => {}
    }

    words.extend(spec.only_in.as_ref().map(|version| format!("only in {}", code(version))));
    words.retain(|word| !word.is_empty());
    words.join(", ")
}

fn type_of(api: &Api, field: &Field) -> String {
    match &field.kind {
        Kind::One(of) => type_name(api, *of),
        Kind::List(of) => format!("list of {}", type_name(api, *of)),
        Kind::Include(n) => link(&api.objects[*n].name),
        Kind::OneOf(_) | Kind::Broken => String::new(),
    }
}

fn type_name(api: &Api, of: TypeRef) -> String {
    match of {
        TypeRef::Scalar(n) => link(&api.scalars[n].name),
        TypeRef::Enum(n) => link(&api.enums[n].name),
        TypeRef::Object(n) => link(&api.objects[n].name),
        TypeRef::Amount(n) if api.amounts[n].place.is_some() => link(&api.amounts[n].name),
        TypeRef::Time(n) => link(&api.times[n].name),
        TypeRef::Union(n) => link(&api.unions[n].name),
        TypeRef::Composite(n) => match api.composites[n] {
            Composite::List(of) => format!("list of {}", type_name(api, of)),
            Composite::Map(of) => format!("map of {}", type_name(api, of)),
        },
        other => api.type_name(other).replace('_', " "),
    }
}

/// Returns the name of a type as a link to the section about the type.
pub(super) fn link(name: &str) -> String {
    format!("[{name}](#{})", name.to_lowercase())
}

fn limits(field: &Field) -> Vec<String> {
    let spec = &field.spec;
    let mut words = Vec::new();
    words.extend(spec.min.map(|limit| format!("at least {}", amount(limit))));
    words.extend(spec.more_than.map(|bound| format!("more than {bound}")));
    words.extend(spec.max.map(|limit| format!("at most {}", amount(limit))));
    words.extend(spec.fixed.as_ref().map(|_| match field.shown_fixed() {
        Some(value) => format!("always {}", code(&value.to_string())),
        None => "always the same value".into(),
    }));
    words.extend(spec.joined.as_ref().map(|separator| format!("one text, joined with {}", code(separator))));
    if spec.quoted {
        words.push("written as a text".into());
    }
    words.extend(spec.fraction.map(|digits| format!("at most {digits} digits after the decimal point")));
    words.extend(spec.currency.as_ref().map(|currency| match rules::Currency::new(currency) {
        Some(currency) => format!("in {currency}"),
        None => format!("in the currency that {} names", code(currency)),
    }));
    words.extend(spec.characters.as_ref().map(characters));
    if spec.not_blank {
        words.push("not blank".into());
    }
    words.extend(spec.format.map(format_of));
    words.extend(spec.within.map(|within| format!("at most {within} ahead")));
    words.extend(spec.expected_port.map(|port| format!("expected port {port}")));
    if spec.negative {
        words.push("negative".into());
    }
    words
}

/// Formats the limit that follows `at least` or `at most`. A limit for the value of a number is written without a unit.
fn amount(limit: Limit) -> String {
    match limit.unit {
        Some(Unit::Value) => limit.count.to_string(),
        _ => limit.to_string(),
    }
}

fn meaning(api: &Api, field: &Field) -> String {
    let about = field.spec.doc.as_deref().or(match &field.kind {
        Kind::One(of) | Kind::List(of) => api.type_doc(*of),
        _ => None,
    });
    let mut words: Vec<String> = about.map(sentence).into_iter().collect();
    for (name, choice) in &field.spec.choices {
        let sends = match choice.sends {
            Sends::Absent => "absent",
            Sends::Null => "null",
            Sends::Bool(true) => "true",
            Sends::Bool(false) => "false",
        };
        words.push(format!("{} ({sends}): {}", code(name), sentence(&choice.doc)));
    }
    match field.sensitivity {
        Sensitivity::Public => {}
        Sensitivity::Personal => words.push("Personal.".into()),
        Sensitivity::Secret => words.push("Secret.".into()),
    }
    words.join(" ")
}

/// Returns one line for each rule of a scalar.
pub(super) fn scalar_rules(scalar: &Scalar) -> Vec<String> {
    let mut lines = Vec::new();
    lines.extend(scalar.min.map(|limit| format!("At least {limit}.")));
    lines.extend(scalar.max.map(|limit| format!("At most {limit}.")));
    lines.extend(scalar.characters.as_ref().map(|set| format!("{}.", characters(set))));
    if let Some(separators) = &scalar.separators {
        lines.push(format!("{} only groups digits. The number is the same without it.", code(separators)));
    }
    if scalar.not_blank {
        lines.push("Not blank.".into());
    }
    lines.extend(scalar.format.map(|format| format!("{}.", format_of(format))));
    lines.extend(scalar.prefixes.iter().map(|(p, of)| format!("Begins with {}: {}", code(p), sentence(of))));
    lines.extend(scalar.mistaken.iter().map(|(p, of)| format!("Never begins with {}: {}", code(p), sentence(of))));
    if scalar.generated == Some(Generated::Uuid) {
        lines.push("The caller generates the value, for example as a random UUID.".into());
    }
    match scalar.sensitivity {
        None | Some(Sensitivity::Public) => {}
        Some(Sensitivity::Personal) => lines.push("Personal.".into()),
        Some(Sensitivity::Secret) => lines.push("Secret.".into()),
    }
    lines
}

fn characters(set: &Characters) -> String {
    if let Some(forbidden) = &set.forbid {
        return format!("no {}", code(&forbidden.chars().map(String::from).collect::<Vec<_>>().join(" ")));
    }
    let words: Vec<String> = set
        .allow
        .iter()
        .flatten()
        .map(|word| match word.as_str() {
            "digits" => "digits".to_owned(),
            "latin" => "Latin letters".into(),
            "hangul" => "Korean letters".into(),
            "blank" => "the blank".into(),
            other => code(&other.chars().map(String::from).collect::<Vec<_>>().join(" ")),
        })
        .collect();
    format!("only {}", words.join(", "))
}

fn format_of(format: Format) -> String {
    match format {
        Format::HttpUrl => "an absolute http or https URL",
        Format::PathSegment => "a segment of a URL path: not empty, not `.` or `..`",
    }
    .to_owned()
}
