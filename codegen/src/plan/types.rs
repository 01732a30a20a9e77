//! Named types: string newtypes, enumerations, groups, and enumerations over groups.

use super::fields;
use super::text::{escape, sentence};
use crate::model::{
    CharacterSet, Details, DetailsAccess, EnumType, EnumValue, MessagePart, Openness, Struct, TextFormat, TextRules,
    TextType,
};
use crate::names::{camel, snake};
use crate::resolve::{Api, Field, Kind, TypeRef};
use crate::spec::{self, Sensitivity};
use std::collections::{BTreeSet, HashSet};

/// In which direction a type travels.
#[derive(Debug, Default)]
pub struct Directions {
    sent: HashSet<TypeRef>,
    received: HashSet<TypeRef>,
}

impl Directions {
    /// Follows every field of every operation and callback.
    pub fn of(api: &Api) -> Self {
        let mut directions = Directions::default();
        for op in &api.operations {
            for fields in [&op.path, &op.query, &op.request] {
                follow(api, fields, &mut directions.sent);
            }
            follow(api, &op.reply, &mut directions.received);
        }
        for callback in &api.callbacks {
            follow(api, &callback.body, &mut directions.received);
        }
        directions
    }

    /// Whether requests have it.
    pub fn sent(&self, of: TypeRef) -> bool {
        self.sent.contains(&of)
    }

    /// Whether replies or callbacks have it.
    pub fn received(&self, of: TypeRef) -> bool {
        self.received.contains(&of)
    }

    /// Whether an enumeration has the values that are listed and no others.
    pub fn is_closed(&self, of: TypeRef, spec: &spec::Enum) -> bool {
        openness(self, of, spec) == Openness::Closed
    }

    /// Whether requests and replies have it.
    pub fn both(&self, of: TypeRef) -> bool {
        self.sent(of) && self.received(of)
    }
}

/// Adds every type the fields lead to.
pub(crate) fn follow(api: &Api, fields: &[Field], found: &mut HashSet<TypeRef>) {
    for field in fields {
        match &field.kind {
            Kind::One(of) | Kind::List(of) => {
                if found.insert(*of)
                    && let TypeRef::Object(n) = of
                {
                    follow(api, &api.objects[*n].fields, found);
                }
            }
            Kind::Include(n) => {
                if found.insert(TypeRef::Object(*n)) {
                    follow(api, &api.objects[*n].fields, found);
                }
            }
            Kind::OneOf(choices) => follow(api, choices, found),
            Kind::Broken => {}
        }
    }
}

/// String newtypes.
pub fn texts(api: &Api, of_fields: &BTreeSet<usize>) -> Vec<TextType> {
    api.scalars
        .iter()
        .enumerate()
        .map(|(number, scalar)| {
            let sensitivity = scalar.spec.sensitivity.unwrap_or(Sensitivity::Public);
            let rules = scalar_rules(&scalar.spec);
            let mut docs = vec![sentence(&scalar.spec.doc)];
            docs.extend(fields::text_rule_docs(&rules));
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

/// The rules of a scalar.
pub fn scalar_rules(scalar: &spec::Scalar) -> TextRules {
    TextRules {
        min: scalar.min.map_or(0, |l| usize::try_from(l.count).unwrap_or(0)),
        max: scalar.max.and_then(|l| usize::try_from(l.count).ok()),
        characters: scalar.characters.as_ref().map(character_set),
        not_blank: scalar.not_blank,
        format: scalar.format.map(text_format),
        mistaken: scalar.mistaken.iter().map(|(p, w)| (p.clone(), w.clone())).collect(),
        sensitive: scalar.sensitivity.is_some_and(|s| s != Sensitivity::Public),
    }
}

/// A format's counterpart in the model.
pub fn text_format(format: spec::Format) -> TextFormat {
    match format {
        spec::Format::HttpUrl => TextFormat::HttpUrl,
        spec::Format::PathSegment => TextFormat::PathSegment,
    }
}

/// The words of the spec as bits.
pub fn character_set(characters: &spec::Characters) -> CharacterSet {
    let bits = |text: &str| text.chars().filter(char::is_ascii).fold(0u128, |bits, c| bits | 1 << (c as u32));
    if let Some(forbidden) = &characters.forbid {
        let doc = format!("any character but {}", spelled(forbidden));
        return CharacterSet { ascii: !bits(forbidden), hangul: true, others: true, doc };
    }
    let mut set = CharacterSet { ascii: 0, hangul: false, others: false, doc: String::new() };
    let mut doc = Vec::new();
    for word in characters.allow.iter().flatten() {
        match word.as_str() {
            "digits" => {
                set.ascii |= bits("0123456789");
                doc.push("digits".to_owned());
            }
            "latin" => {
                set.ascii |= ('a'..='z').chain('A'..='Z').fold(0, |b: u128, c| b | 1 << (c as u32));
                doc.push("Latin letters".to_owned());
            }
            "hangul" => {
                set.hangul = true;
                doc.push("Korean letters".to_owned());
            }
            "blank" => {
                set.ascii |= bits(" ");
                doc.push("the blank".to_owned());
            }
            other => {
                set.ascii |= bits(other);
                doc.push(spelled(other));
            }
        }
    }
    set.doc = doc.join(", ");
    set
}

fn spelled(characters: &str) -> String {
    characters.chars().map(String::from).collect::<Vec<_>>().join(" ")
}

/// Enumerations.
pub fn enums(api: &Api, directions: &Directions) -> Vec<EnumType> {
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
                Openness::Open => docs.push("Values the spec does not know yet are kept as `Unknown`.".into()),
                Openness::Other => docs.push("The service accepts other values too: `Other`.".into()),
            }
            if spec.any_case {
                docs.push(
                    "Recognised in either case: `as_str` gives the page's spelling, the reply's `raw` what came."
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
                    .map(|(wire, value)| EnumValue {
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

/// How an enumeration treats values it does not know.
pub fn openness(directions: &Directions, of: TypeRef, spec: &spec::Enum) -> Openness {
    match (directions.sent(of), directions.received(of), spec.accepts_others) {
        (true, _, true) => Openness::Other,
        (true, false, false) => Openness::Closed,
        _ => Openness::Open,
    }
}

/// What the group is called in replies: one that requests have too is two structs, for the caller fills one within
/// the rules and reads the other whatever is in it.
pub fn received_group(api: &Api, directions: &Directions, n: usize) -> String {
    let name = camel(&api.objects[n].name);
    if directions.both(TypeRef::Object(n)) { format!("{name}Reply") } else { name }
}

/// Groups.
pub fn objects(api: &Api, directions: &Directions) -> Vec<Struct> {
    api.objects
        .iter()
        .enumerate()
        .flat_map(|(n, object)| {
            let of = TypeRef::Object(n);
            let docs = vec![sentence(&object.spec.doc), format!("Page section \"{}\".", escape(&object.section))];
            let sent = directions.sent(of).then(|| Struct {
                rust: camel(&object.name),
                docs: docs.clone(),
                members: object
                    .fields
                    .iter()
                    .map(|field| fields::request_member(api, directions, &object.fields, field, MessagePart::Body))
                    .collect(),
                sums: Vec::new(),
                details: None,
                sent_only: true,
            });
            let read = (sent.is_none() || directions.received(of)).then(|| {
                let mut docs = docs;
                if sent.is_some() {
                    docs.push(format!("As replies have it; requests have [`{}`].", camel(&object.name)));
                }
                Struct {
                    rust: received_group(api, directions, n),
                    docs,
                    members: fields::reply_members(api, directions, &object.fields, &[]),
                    sums: Vec::new(),
                    details: None,
                    sent_only: false,
                }
            });
            [sent, read]
        })
        .flatten()
        .collect()
}

/// The discriminating field and its value, of a group that has one.
fn discriminator(object: &spec::Object) -> Option<(&String, String)> {
    let (field, value) = object.when.as_ref()?.iter().next()?;
    Some((field, value.to_string()))
}

/// The enumeration of a discriminating field: the first field of that name with an enumeration.
pub(crate) fn discriminating_enum<'a>(api: &'a Api, wire: &str) -> Option<&'a crate::resolve::Named<spec::Enum>> {
    let fields = api.operations.iter().flat_map(|op| &op.reply).chain(api.callbacks.iter().flat_map(|c| &c.body));
    fields.filter(|f| f.wire == wire).find_map(|f| match f.kind {
        Kind::One(TypeRef::Enum(n)) => Some(&api.enums[n]),
        _ => None,
    })
}

/// Enumerations over groups: one a discriminating field.
pub fn details(api: &Api, directions: &Directions) -> Vec<Details> {
    let mut wires: Vec<&String> = Vec::new();
    for object in &api.objects {
        if let Some((wire, _)) = discriminator(&object.spec)
            && !wires.contains(&wire)
        {
            wires.push(wire);
        }
    }
    wires
        .into_iter()
        .filter_map(|wire| {
            let of = discriminating_enum(api, wire)?;
            let cases = api
                .objects
                .iter()
                .enumerate()
                .filter_map(|(n, object)| {
                    let (field, value) = discriminator(&object.spec)?;
                    let definition = of.spec.values.get(&value)?;
                    (field == wire).then(|| {
                        (
                            camel(definition.name.as_deref().unwrap_or(&value)),
                            received_group(api, directions, n),
                            sentence(&object.spec.doc),
                        )
                    })
                })
                .collect();
            Some(Details {
                rust: format!("{}Details", camel(&of.name)),
                docs: vec![format!("What comes with each [`{}`]: something to match on.", camel(&of.name))],
                cases,
            })
        })
        .collect()
}

/// How a reply's groups are matched on.
pub fn details_access(api: &Api, reply: &[Field]) -> Option<DetailsAccess> {
    let mut wire: Option<&String> = None;
    let mut cases = Vec::new();
    for field in reply {
        let (Kind::Include(n) | Kind::One(TypeRef::Object(n))) = &field.kind else { continue };
        let Some((tells, value)) = discriminator(&api.objects[*n].spec) else { continue };
        let of = discriminating_enum(api, tells)?;
        let definition = of.spec.values.get(&value)?;
        wire = Some(tells);
        cases.push((camel(definition.name.as_deref().unwrap_or(&value)), fields::rust_name(field)));
    }
    let wire = wire?;
    let of = discriminating_enum(api, wire)?;
    let tells = reply.iter().find(|f| f.wire == *wire);
    Some(DetailsAccess {
        method: format!("{}_details", snake(wire)),
        details: format!("{}Details", camel(&of.name)),
        discriminator: tells.map(|field| (fields::rust_name(field), camel(&of.name), field.spec.always)),
        cases,
    })
}
