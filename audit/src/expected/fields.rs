//! Expected rows of the fields of operations, callbacks, headers and the envelope.
//!
//! Nested objects are flattened into one list of rows, as on most pages. Each field keeps its path, because some pages
//! print paths.

use super::{ExpectedValue, Field, printed, value, words};
use crate::page::Part;
use crate::words::Shape;
use codegen::resolved::{self, Api, Callback, Kind, Named, Operation, TypeRef};
use codegen::source::Place;
use codegen::spec::{self, Coding, Literal, Source};

/// Location of a list of fields in the spec.
#[derive(Clone)]
struct Scope<'a> {
    owner: &'a str,
    /// Name of the list in the `at:` of a quirk, such as `request` or `header`.
    name: &'static str,
    part: Part,
    /// Path of the object that contains the fields, with a dot at its end. Empty if no object contains them.
    prefix: String,
    /// Named type that contains the fields.
    group: Option<&'a str>,
    /// Set if the page need not have rows for the fields.
    optional: bool,
    /// Set if the limit of a named type also limits the fields that have this type. This is the case in requests,
    /// because a request is checked against the limits of its types.
    limits_of_types: bool,
}

/// Returns the expected rows of an operation.
pub(crate) fn operation(api: &Api, op: &Operation) -> Vec<Field> {
    let scope = |name, part| Scope {
        owner: &op.id,
        name,
        part,
        prefix: String::new(),
        group: None,
        optional: false,
        limits_of_types: part == Part::Request,
    };
    let mut out = Vec::new();
    // The path template already names its parameters, so the page need not have rows for them.
    lay_out(api, &op.path, &Scope { optional: true, ..scope("path", Part::Request) }, &mut out);
    lay_out(api, &op.query, &scope("query", Part::Request), &mut out);
    lay_out(api, &op.request, &scope("request", Part::Request), &mut out);
    lay_out(api, &op.reply, &scope("reply", Part::Reply), &mut out);
    for (name, spec) in &api.spec.headers {
        out.push(Field { needed: false, ..header(api, name, spec) });
    }
    let envelope = op.spec.envelope.as_ref().unwrap_or(&api.spec.envelope);
    // If the envelope has no member for the payload, the table of a reply also lists the members of the envelope.
    if envelope.payload.is_none() {
        for field in out.iter_mut().filter(|field| field.part == Part::Reply) {
            let success = &envelope.success;
            if success.member.as_deref() == Some(&field.dotted) && !success.fails_otherwise() {
                let of =
                    |literal: &Literal| value(&printed(literal), Place::top(api.file).at("envelope").at("success"));
                field.values = Some(success.equals.0.iter().chain(success.failures()).map(of).collect());
                field.values_at = Place::top(api.file).at("envelope").at("success").key();
            }
            if field.dotted == envelope.code {
                let listed = api.codes.iter().filter(|c| c.operation.as_ref() == Some(&op.id));
                let on_page = listed.filter(|code| code.spec.source == Source::Page);
                field.values = Some(on_page.map(|code| value(&code.code, code.place.clone().key())).collect());
                field.values_at = Place::top(op.file).at("errors").key();
                field.codes = true;
            }
        }
    }
    out
}

/// Returns the expected rows of a callback.
pub(crate) fn callback(api: &Api, callback: &Callback) -> Vec<Field> {
    let scope = |name, part| Scope {
        owner: &callback.id,
        name,
        part,
        prefix: String::new(),
        group: None,
        optional: false,
        limits_of_types: false,
    };
    let mut out = Vec::new();
    lay_out(api, &callback.headers, &scope("header", Part::Header), &mut out);
    lay_out(api, &callback.body, &scope("body", Part::Request), &mut out);
    out
}

/// Returns the expected rows of the envelope.
pub(crate) fn envelope(api: &Api) -> Vec<Field> {
    let scope = Scope {
        owner: &api.name,
        name: "envelope",
        part: Part::Reply,
        prefix: String::new(),
        group: None,
        optional: false,
        limits_of_types: false,
    };
    let mut out = Vec::new();
    lay_out(api, &api.envelope, &scope, &mut out);
    out
}

/// Returns the expected row of a header that every request has. A header with a constant value needs no row.
pub(crate) fn header(api: &Api, name: &str, spec: &spec::Header) -> Field {
    let place = Place::top(api.file).at("headers").at(name).key();
    Field {
        part: Part::Header,
        path: format!("{}.header.{name}", api.name),
        names: vec![name.to_owned()],
        dotted: name.to_owned(),
        values_at: place.clone(),
        place,
        shape: Shape::Text,
        mandatory: false,
        always: true,
        max: None,
        max_of_type: None,
        default: None,
        values: None,
        codes: false,
        needed: spec.constant.is_none(),
        page_words: Vec::new(),
        anchors: vec![format!("header.{name}")],
    }
}

/// Returns an enumeration's values whose `source:` is `page`.
pub(crate) fn values(of: &Named<spec::Enum>) -> Vec<ExpectedValue> {
    let on_page = of.spec.values.iter().filter(|(_, value)| value.source == Source::Page);
    on_page
        .map(|(text, value)| ExpectedValue {
            text: text.clone(),
            names: [&value.name, &value.label, &Some(value.means.clone())].into_iter().flatten().cloned().collect(),
            place: of.place.at("values").at(text).key(),
            page_words: words(&value.page_words, text, &of.place.at("values").at(text)),
        })
        .collect()
}

fn lay_out(api: &Api, fields: &[resolved::Field], scope: &Scope<'_>, out: &mut Vec<Field>) {
    for field in fields {
        if field.spec.source != Source::Page {
            continue;
        }
        match &field.kind {
            Kind::Include(n) => group(api, *n, field, scope.clone(), out),
            Kind::OneOf(choices) => out.push(one_of(api, field, choices, scope)),
            Kind::One(of) => {
                out.push(leaf(api, field, *of, false, scope));
                if let TypeRef::Object(n) = of {
                    let prefix = format!("{}{}.", scope.prefix, field.wire);
                    group(api, *n, field, Scope { prefix, ..scope.clone() }, out);
                }
            }
            Kind::List(of) => {
                let root = field.wire == "[]";
                if !root {
                    out.push(leaf(api, field, *of, true, scope));
                }
                if let TypeRef::Object(n) = of {
                    let name = if root { "[]".to_owned() } else { format!("{}[]", field.wire) };
                    group(api, *n, field, Scope { prefix: format!("{}{name}.", scope.prefix), ..scope.clone() }, out);
                }
            }
            Kind::Broken => {}
        }
    }
}

fn group(api: &Api, n: usize, field: &resolved::Field, scope: Scope<'_>, out: &mut Vec<Field>) {
    let object = &api.objects[n];
    let scope = Scope { group: Some(&object.name), ..scope };
    let listed =
        |inner: &&resolved::Field| field.spec.fields.as_ref().is_none_or(|listed| listed.contains(&inner.wire));
    for inner in object.fields.iter().filter(listed) {
        lay_out(api, std::slice::from_ref(inner), &scope, out);
    }
}

fn leaf(api: &Api, field: &resolved::Field, of: TypeRef, list: bool, scope: &Scope<'_>) -> Field {
    let spec = &field.spec;
    let dotted = format!("{}{}", scope.prefix, field.wire);
    let own = match of {
        TypeRef::Scalar(n) => Some((&api.scalars[n].name, api.scalars[n].spec.max)),
        TypeRef::Enum(n) => Some((&api.enums[n].name, None)),
        TypeRef::Object(n) => Some((&api.objects[n].name, None)),
        _ => None,
    };
    let of_type = own.and_then(|(_, max)| max).filter(|_| scope.limits_of_types);
    let mut anchors = vec![format!("{}.{dotted}", scope.name)];
    if let Some(group) = scope.group {
        anchors.extend([format!("type.{group}.{}", field.wire), format!("type.{group}")]);
    }
    anchors.extend(own.map(|(name, _)| format!("type.{name}")));
    let values_of = match of {
        TypeRef::Enum(n) => Some((values(&api.enums[n]), api.enums[n].place.at("values").key())),
        _ => None,
    };
    Field {
        part: scope.part,
        path: format!("{}.{}.{dotted}", scope.owner, scope.name),
        names: vec![field.wire.clone()],
        shape: match list {
            // A list in a query is a repeated parameter, so the page prints the type of one item.
            true if scope.name != "query" => Shape::List,
            _ => shape(api, of),
        },
        mandatory: spec.mandatory,
        always: spec.always || scope.part == Part::Reply && spec.mandatory,
        max: spec.max.or(of_type).map(|limit| limit.count),
        max_of_type: own.and_then(|(_, max)| max).map(|limit| limit.count),
        default: spec.default.as_ref().map(printed),
        values_at: values_of.as_ref().map_or(field.place.clone(), |(_, at)| at.clone()),
        values: values_of.map(|(values, _)| values),
        codes: false,
        needed: !scope.optional,
        page_words: words(&field.spec.page_words, &dotted, &field.place),
        place: field.place.clone().key(),
        dotted,
        anchors,
    }
}

fn one_of(api: &Api, field: &resolved::Field, choices: &[resolved::Field], scope: &Scope<'_>) -> Field {
    let all: Vec<Field> = choices
        .iter()
        .filter_map(|choice| match choice.kind {
            Kind::One(of) => Some(leaf(api, choice, of, false, scope)),
            _ => None,
        })
        .collect();
    Field {
        part: scope.part,
        path: format!("{}.{}.{}", scope.owner, scope.name, field.wire),
        names: choices.iter().map(|choice| choice.wire.clone()).collect(),
        dotted: field.wire.clone(),
        place: field.place.clone().key(),
        shape: all.first().map_or(Shape::Text, |choice| choice.shape),
        mandatory: field.spec.mandatory,
        always: false,
        // The page has one row for the alternatives, with the largest of their limits.
        max: all.iter().filter_map(|choice| choice.max).max(),
        max_of_type: None,
        default: None,
        values: None,
        values_at: field.place.clone(),
        codes: false,
        needed: true,
        page_words: words(&field.spec.page_words, &field.wire, &field.place),
        anchors: vec![format!("{}.{}", scope.name, field.wire)],
    }
}

fn shape(api: &Api, of: TypeRef) -> Shape {
    match of {
        TypeRef::String | TypeRef::Scalar(_) => Shape::Text,
        TypeRef::Instant => Shape::IsoTime,
        TypeRef::Date => Shape::Text,
        TypeRef::Time(n) if api.times[n].spec.written.starts_with("unix_") => Shape::Number,
        TypeRef::Time(n) if api.times[n].spec.written.contains("'T'") => Shape::IsoTime,
        TypeRef::Time(_) => Shape::Text,
        TypeRef::Union(_) | TypeRef::Composite(_) => Shape::Object,
        TypeRef::Integer | TypeRef::Amount(_) | TypeRef::Decimal => Shape::Number,
        TypeRef::Boolean => Shape::Boolean,
        TypeRef::Json | TypeRef::Object(_) => Shape::Object,
        TypeRef::Enum(n) if api.enums[n].spec.coded_as == Coding::Integer => Shape::Number,
        TypeRef::Enum(_) => Shape::Text,
    }
}
