//! Planning of named types: string newtypes, enumerations, groups, times, unions, and enumerations whose variants
//! contain groups.

use super::fields;
use crate::analysis::{
    Announced, Directions, announced, discriminating_enum, discriminator, openness, received_group, received_union,
    scalar_rules, time_notation,
};
use crate::model::{
    AccessCase, Details, DetailsAccess, DetailsCase, Discriminator, EnumType, EnumVariant, MessagePart, Openness,
    Struct, TextType, TimeType, UnionCase, UnionType,
};
use crate::names::{camel, snake};
use crate::prose::{escape, sentence};
use crate::resolved::{Api, Field, Kind, TypeRef};
use crate::spec::{self, Sensitivity};
use std::collections::BTreeSet;

/// Plans the string newtypes. `of_fields` contains the index of a scalar if it is the type of a field that callers pass
/// or read.
pub(super) fn texts(api: &Api, of_fields: &BTreeSet<usize>) -> Vec<TextType> {
    api.scalars
        .iter()
        .enumerate()
        .map(|(number, scalar)| {
            let sensitivity = scalar.spec.sensitivity.unwrap_or(Sensitivity::Public);
            let rules = scalar_rules(&scalar.spec);
            let mut docs = vec![sentence(&scalar.spec.doc)];
            docs.extend(super::field_docs::text_rule_docs(&rules));
            for (prefix, environment) in &scalar.spec.prefixes {
                docs.push(format!("Begins with `{prefix}`: {}.", sentence(environment).trim_end_matches('.')));
            }
            match sensitivity {
                Sensitivity::Public => {}
                Sensitivity::Personal => docs.push("Personal: not shown by `Debug`.".into()),
                Sensitivity::Secret => {
                    docs.push("Secret: not shown by `Debug`, wiped from memory when dropped.".into());
                }
            }
            docs.push(format!("Page section \"{}\".", escape(&scalar.section)));
            TextType {
                rust: camel(&scalar.name),
                docs,
                rules,
                secret: sensitivity == Sensitivity::Secret,
                sensitive: sensitivity != Sensitivity::Public,
                uuid: scalar.spec.generated == Some(spec::Generated::Uuid),
                prefixes: scalar.spec.prefixes.iter().map(|(p, e)| (p.clone(), e.clone())).collect(),
                held_only: !of_fields.contains(&number),
            }
        })
        .collect()
}

pub(super) fn enums(api: &Api, directions: &Directions) -> Vec<EnumType> {
    api.enums
        .iter()
        .enumerate()
        .map(|(n, definition)| {
            let spec = &definition.spec;
            let variant = |wire: &str, value: &spec::EnumValue| camel(value.name.as_deref().unwrap_or(wire));
            let variant_of = |wire: &String| spec.values.get(wire).map(|value| variant(wire, value));
            let states = spec.values.values().any(|v| v.next.is_some());
            let mut actions: Vec<String> =
                spec.values.values().flat_map(|v| v.allows.iter().flatten().cloned()).collect();
            actions.sort();
            actions.dedup();
            let openness = openness(directions, TypeRef::Enum(n), spec);
            let mut docs = vec![sentence(&spec.doc)];
            match openness {
                Openness::Closed => {}
                Openness::Open => docs.push("Unknown values are kept as `Unknown`.".into()),
                Openness::Other => docs.push("The service also accepts other values. Send them as `Other`.".into()),
            }
            if spec.any_case {
                docs.push(
                    "The case of received values is ignored: `as_str` returns the page's spelling of a listed value. \
                     `raw` of the reply has the received text."
                        .into(),
                );
            }
            docs.push(format!("Page section \"{}\".", escape(&definition.section)));
            EnumType {
                rust: camel(&definition.name),
                docs,
                openness,
                integer: spec.coded_as == spec::Coding::Integer,
                any_case: spec.any_case,
                values: spec
                    .values
                    .iter()
                    .map(|(wire, value)| EnumVariant {
                        wire: wire.clone(),
                        variant: variant(wire, value),
                        docs: vec![format!("`{wire}`: {}", sentence(&value.means))],
                        label: value.label.clone(),
                        next: value.next.iter().flatten().filter_map(variant_of).collect(),
                        allows: value.allows.clone().unwrap_or_default(),
                    })
                    .collect(),
                actions,
                states,
            }
        })
        .collect()
}

/// Plans the groups. A group that is in requests and also in replies or callbacks becomes two structs.
pub(super) fn objects(api: &Api, directions: &Directions) -> Vec<Struct> {
    api.objects
        .iter()
        .enumerate()
        .flat_map(|(n, object)| {
            let of = TypeRef::Object(n);
            let docs = vec![sentence(&object.spec.doc), format!("Page section \"{}\".", escape(&object.section))];
            let sent = directions.sent(of).then(|| Struct {
                rust: camel(&object.name),
                docs: docs.clone(),
                fixed: object.fields.iter().filter_map(|field| fields::fixed(field, MessagePart::Body)).collect(),
                members: object
                    .fields
                    .iter()
                    .filter(|field| field.spec.fixed.is_none())
                    .map(|field| fields::request_member(api, directions, &object.fields, field, MessagePart::Body))
                    .collect(),
                sums: Vec::new(),
                details: None,
                sent_only: true,
            });
            let read = (sent.is_none() || directions.received(of)).then(|| {
                let mut docs = docs;
                if sent.is_some() {
                    docs.push(format!("This is the type in replies; requests have [`{}`].", camel(&object.name)));
                }
                Struct {
                    rust: received_group(api, directions, n),
                    docs,
                    members: fields::reply_members(api, directions, &object.fields, None),
                    sums: Vec::new(),
                    details: None,
                    sent_only: false,
                    fixed: Vec::new(),
                }
            });
            [sent, read]
        })
        .flatten()
        .collect()
}

/// Plans the types of times and days with a notation of their own.
pub(super) fn times(api: &Api) -> Vec<TimeType> {
    api.times
        .iter()
        .filter_map(|time| {
            let spec = &time.spec;
            // An invalid notation cannot occur here, because `lint` has reported it.
            let notation = time_notation(spec).ok()?;
            let zone = spec.zone.as_ref().map(|zone| format!(", in the zone `{zone}`")).unwrap_or_default();
            let number = spec.written.strip_prefix("unix_").map(|unit| format!("as {unit} since 1970"));
            let written = number.clone().unwrap_or_else(|| format!("`{}`{zone}", spec.written));
            let of = if notation.written == rules::Written::Date { "day" } else { "time" };
            let expected = format!("a {of} written {}", number.as_ref().unwrap_or(&spec.written));
            Some(TimeType {
                rust: camel(&time.name),
                docs: vec![
                    sentence(&spec.doc),
                    format!("Written {written}."),
                    format!("Page section \"{}\".", escape(&time.section)),
                ],
                notation,
                expected,
            })
        })
        .collect()
}

/// Plans the unions. A union that is in requests and also in replies or callbacks becomes two enums.
pub(super) fn unions(api: &Api, directions: &Directions) -> Vec<UnionType> {
    let plan = |(n, of): (usize, &crate::resolved::Union)| {
        let is_sent = directions.sent(TypeRef::Union(n));
        let sent = is_sent.then(|| sent_union(api, of));
        let received = (!is_sent || directions.received(TypeRef::Union(n))).then(|| {
            let mut received = union(api, directions, of);
            if is_sent {
                received.docs.push(format!("This is the type in replies; requests have [`{}`].", received.rust));
            }
            UnionType { rust: received_union(api, directions, n), ..received }
        });
        [sent, received]
    };
    api.unions.iter().enumerate().flat_map(plan).flatten().collect()
}

fn sent_union(api: &Api, union: &crate::resolved::Union) -> UnionType {
    UnionType {
        rust: camel(&union.name),
        docs: vec![
            sentence(&union.spec.doc),
            format!("The member `{}` identifies the case. The client writes it.", union.spec.by),
            format!("Page section \"{}\".", escape(&union.section)),
        ],
        by: union.spec.by.clone(),
        sent_only: true,
        cases: union_cases(api, union, |n| camel(&api.objects[n].name)),
    }
}

/// Plans the enum of a union in replies or callbacks.
pub(super) fn union(api: &Api, directions: &Directions, union: &crate::resolved::Union) -> UnionType {
    UnionType {
        rust: camel(&union.name),
        docs: vec![
            sentence(&union.spec.doc),
            format!(
                "The member `{}` identifies the case. A case that the spec does not list is kept as `Unknown`.",
                union.spec.by
            ),
            format!("Page section \"{}\".", escape(&union.section)),
        ],
        by: union.spec.by.clone(),
        sent_only: false,
        cases: union_cases(api, union, |n| received_group(api, directions, n)),
    }
}

fn union_cases(api: &Api, union: &crate::resolved::Union, group: impl Fn(usize) -> String) -> Vec<UnionCase> {
    let case = |(value, n): &(String, usize)| UnionCase {
        value: value.clone(),
        variant: camel(value),
        group: group(*n),
        has_member: api.objects[*n].fields.iter().any(|field| field.wire == union.spec.by),
        docs: vec![format!("`{value}`: {}", sentence(&api.objects[*n].spec.doc))],
    };
    union.cases.iter().map(case).collect()
}

fn variant(wire: &str, value: &spec::EnumValue) -> String {
    camel(value.name.as_deref().unwrap_or(wire))
}

/// Plans the enumerations whose variants contain groups. Each field that selects groups has one such enumeration.
pub(super) fn details(api: &Api, directions: &Directions) -> Vec<Details> {
    let case = |announced: &Announced<'_>, (n, value): &(usize, String)| {
        let definition = announced.of.spec.values.get(value)?;
        let doc = sentence(&api.objects[*n].spec.doc);
        Some(DetailsCase { variant: variant(value, definition), group: received_group(api, directions, *n), doc })
    };
    announced(api)
        .iter()
        .map(|announced| Details {
            rust: format!("{}Details", camel(&announced.of.name)),
            docs: vec![format!("The group for each [`{}`], as a variant to match on.", camel(&announced.of.name))],
            cases: announced.groups.iter().filter_map(|group| case(announced, group)).collect(),
        })
        .collect()
}

/// Plans the method that returns the selected group of a reply. `None` if the reply has no groups that a field selects.
pub(super) fn details_access(api: &Api, reply: &[Field]) -> Option<DetailsAccess> {
    let mut wire: Option<&String> = None;
    let mut cases = Vec::new();
    for field in reply {
        let (Kind::Include(n) | Kind::One(TypeRef::Object(n))) = &field.kind else { continue };
        let Some((by, value)) = discriminator(&api.objects[*n].spec) else { continue };
        let of = discriminating_enum(api, by)?;
        let definition = of.spec.values.get(&value)?;
        wire = Some(by);
        cases.push(AccessCase { variant: variant(&value, definition), field: fields::rust_name(field) });
    }
    let wire = wire?;
    let of = discriminating_enum(api, wire)?;
    let selecting = reply.iter().find(|f| f.wire == *wire);
    Some(DetailsAccess {
        method: format!("{}_details", snake(wire)),
        details: format!("{}Details", camel(&of.name)),
        discriminator: selecting.map(|field| Discriminator {
            rust: fields::rust_name(field),
            of: camel(&of.name),
            always: field.spec.always,
        }),
        cases,
    })
}
